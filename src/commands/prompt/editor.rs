//! The thread that the keyboard's lines come to: each is remembered, asked about where it could mean two things, and carried out.

use std::io;
use std::thread;

use rustyline::error::ReadlineError;
use serde::de::IgnoredAny;

use super::CommandWords;
use super::command::{Operation, Outgoing};
use super::command_queue::{CommandSender, Input};
use super::connections::Connections;
use super::file_reader::FileReader;
use super::history_file::HistoryFile;
use super::interpreter::{Interpreted, Interpreter};
use super::keyboard::KeyboardControl;
use super::line_reader::LineReader;
use super::line_text;
use super::line_values::LineValues;
use super::options::PromptOptions;
use super::performer::Performer;
use super::reading::TranscriptReader;
use super::saved_lines::SavedLines;
use super::saved_messages::SavedMessages;
use super::screen::Screen;
use super::status::Status;
use super::terminal::Original;
use crate::view::amount::{Bytes, Count};
use crate::ws::{Kind, OwnedItem};

/// What other programs take for a command, and which it is here.
const WORDS: [(&str, &str); 7] = [
    ("quit", "/quit"),
    ("exit", "/quit"),
    ("help", "/help"),
    ("?", "/help"),
    ("\\q", "/quit"),
    ("\\?", "/help"),
    ("\\h", "/help"),
];

/// Whoever sits at the prompt, from the program's side.
pub(crate) struct Editor {
    performer: Performer,
    history: Option<HistoryFile>,
    /// Words like commands that are known to be meant as messages.
    sent_words: Vec<&'static str>,
    /// It has been said what becomes of an empty line.
    empty_is_told: bool,
}

/// Whether to go on reading.
enum LineOutcome {
    Line,
    End,
}

impl Editor {
    /// # Errors
    /// When the terminal can't be used.
    pub(super) fn new(
        screen: Screen,
        sender: CommandSender,
        connections: Connections,
        status: Status,
        commands: CommandWords,
        terminal: (Original, KeyboardControl),
        reader: TranscriptReader,
    ) -> io::Result<Self> {
        let messages = SavedMessages::of_user();
        let values = LineValues::new(connections.clone());
        let interpreter = Interpreter::new(commands.role, status.clone(), messages.clone(), values);
        let saved = SavedLines::new(messages, status.clone(), screen.clone());
        let files = FileReader::new(sender.clone(), screen.clone());
        let lines = LineReader::new(&screen, &sender, &connections, commands, terminal, (&saved, &files))?;
        let history = HistoryFile::of_user();
        if let Some(file) = &history {
            file.tidy();
            lines.state().lock().history = file.read();
        }
        let (last, unsent) = (String::new(), String::new());
        let performer =
            Performer { lines, sender, connections, screen, status, interpreter, reader, saved, files, last, unsent };
        Ok(Self { performer, history, sent_words: Vec::new(), empty_is_told: false })
    }

    /// With which keys lines are edited, from the next one on.
    pub(super) fn set_keys(&mut self, options: &PromptOptions) {
        self.performer.lines.set_keys(options);
    }

    /// Starts the thread.
    ///
    /// # Errors
    /// When there is none to be had.
    pub(crate) fn start(mut self) -> io::Result<()> {
        thread::Builder::new()
            .name("prompt".into())
            .spawn(move || {
                let leaving = EndOnDrop(self.performer.sender.clone(), self.performer.screen.clone());
                while let LineOutcome::Line = self.line() {}
                self.performer.lines.desert();
                drop(leaving);
            })
            .map(drop)
    }

    /// Reads a line and does what it says.
    fn line(&mut self) -> LineOutcome {
        let Performer { lines, sender, connections, screen, status, .. } = &mut self.performer;
        if connections.are_several() {
            // Another one may be looked at than before.
            status.tell(screen);
        }
        status.count_others(screen);
        let read = lines.line(|| status.prompt());
        let (begun_for, to_edit) = {
            let mut state = lines.state().lock();
            (state.begun_for, state.to_edit.take())
        };
        match (read, to_edit) {
            (Ok(_), Some(line)) => self.performer.edit_line(line),
            (Ok(typed), None) if begun_for.is_some_and(|number| !lines.is_still_for(number)) => {
                lines.begin_next_with(typed);
            }
            (Ok(typed), None) => self.entered(&typed),
            (Err(ReadlineError::Interrupted), _) => sender.send(Input::Signal),
            (Err(_), _) => return LineOutcome::End,
        }
        LineOutcome::Line
    }

    fn entered(&mut self, typed: &str) {
        let (pasted, line) = {
            let state = self.performer.lines.state().lock();
            // A command is what somebody has typed the name of.
            (state.pasted && !state.pasted_as_argument, state.message(typed))
        };
        if line.is_empty() {
            // Enter makes room on the screen, for many who type it.
            if !std::mem::replace(&mut self.empty_is_told, true) {
                self.performer.screen.note("an empty line is not sent; /text alone sends an empty message");
            }
            return;
        }
        self.remember(&line);
        match String::from_utf8(line_text::bytes(&line)) {
            Err(bytes) => self.ask_about_bytes(&line, bytes.into_bytes()),
            // One document, whatever its lines.
            Ok(text) if pasted && text.contains('\n') && is_whole_json(&text) => {
                self.performer.send(&text, Outgoing::Line(text.clone()));
            }
            Ok(text) if pasted && text.contains('\n') => self.ask_about_lines(&line, text),
            Ok(text) => match self.meant_command(&text).filter(|_| !pasted) {
                Some((word, command)) => self.ask_about_word(&text, word, command),
                // A line that is refused is brought back by Up: what is typed next is no part of it.
                None => drop(self.carry_out(&text)),
            },
        }
    }

    /// The word that other programs take for a command, where it was typed alone and it isn't known that it is a message, and the
    /// command.
    fn meant_command(&self, text: &str) -> Option<(&'static str, &'static str)> {
        let found = WORDS.into_iter().find(|(word, _)| *word == text.trim());
        found.filter(|(word, _)| !self.sent_words.contains(word))
    }

    fn ask_about_word(&mut self, text: &str, word: &'static str, command: &str) {
        if !self.performer.status.is_connected() {
            self.carry_out(command);
            return;
        }
        let does = if command == "/help" { "list the commands" } else { "leave" };
        let question = format!("{does}? [Y]es, [s]end \"{}\" as a message: ", text.trim());
        match self.performer.lines.choice(&question, "Ysn") {
            Some('y') => {
                self.carry_out(command);
            }
            Some('s') => {
                self.sent_words.push(word);
                self.carry_out(text);
            }
            // What was no command and isn't sent is taken back: what is typed next is no part of it.
            _ => {}
        }
    }

    /// Several lines were pasted: as one message, as one each, or not at all?
    fn ask_about_lines(&mut self, line: &str, text: String) {
        let lines = Count(text.lines().count() as u64, "line");
        let commands = text.lines().filter(|line| Self::is_command(line)).count() as u64;
        let each = match commands {
            0 => "[l]ine by line".to_owned(),
            commands => format!("[l]ine by line, which does {}", Count(commands, "command")),
        };
        let question = format!("send {lines}, {}, as one message? [Y]es, {each}, [n]o: ", Bytes(text.len() as u64));
        match self.performer.lines.choice(&question, "Yln") {
            // Whatever it begins with: what is pasted as a message is no command.
            Some('y') => self.performer.send(&text, Outgoing::Line(text.clone())),
            Some('l') => self.carry_out_lines(&text),
            // The text is there to be edited, unless it was taken back altogether.
            _ => self.performer.lines.begin_next_with(line.to_owned()),
        }
    }

    /// Whether a line of what was pasted would be more than sent.
    fn is_command(line: &str) -> bool {
        let rest = line.trim_start_matches(' ').strip_prefix('/');
        rest.is_some_and(|rest| !rest.starts_with('/'))
    }

    /// What is no UTF-8 can't be a text message (RFC 6455 §8.1).
    fn ask_about_bytes(&mut self, line: &str, bytes: Vec<u8>) {
        let question = format!("not UTF-8: send {} as a binary message? [y]es, [N]o: ", Bytes(bytes.len() as u64));
        match self.performer.lines.choice(&question, "yN") {
            Some('y') => {
                self.performer.hand_over(
                    &bytes,
                    Operation::Send(Outgoing::Item(OwnedItem::Message { kind: Kind::Binary, content: bytes.clone() })),
                );
            }
            _ => self.performer.lines.begin_next_with(line.to_owned()),
        }
    }

    fn remember(&mut self, line: &str) {
        let mut state = self.performer.lines.state().lock();
        let is_quoting = state.quotes_peer || state.history.is_quoting(line);
        let is_new = !is_quoting && state.history.add(line.to_owned());
        if is_quoting {
            state.history.add_quoting(line.to_owned());
        }
        drop(state);
        if let Some(file) = self.history.as_ref().filter(|_| is_new) {
            // What can't be kept is no reason to stop.
            let _ = file.append(line);
        }
    }

    /// Up to the first that can't be sent: it is kept with those behind it.
    fn carry_out_lines(&mut self, text: &str) {
        let (mut rest, current) = (text, self.performer.connections.current());
        self.performer.unsent.clear();
        while let Some(line) = rest.lines().next() {
            if !self.performer.lines.is_still_for(current) {
                self.performer.lines.begin_next_with(line_text::literal(rest.as_bytes()));
                return;
            }
            if !self.carry_out(line) {
                self.performer.lines.begin_next_with(line_text::literal(rest.as_bytes()));
                return;
            }
            if !self.performer.unsent.is_empty() {
                self.performer.unsent = line_text::literal(rest.as_bytes());
                return;
            }
            rest = rest.split_once('\n').map_or("", |(_, rest)| rest);
        }
    }

    /// Does what a line says. Returns `false` where its places can't be filled in, which can be mended in the line.
    fn carry_out(&mut self, text: &str) -> bool {
        match text.trim_start().starts_with('/') {
            true => self.performer.screen.await_answer(),
            // Whoever says something to the peer wants to hear it.
            false => self.performer.screen.end_reading(),
        }
        match self.performer.interpreter.interpret(text) {
            Err(why) => {
                self.performer.screen.fault(why);
                !self.performer.interpreter.has_places(text)
            }
            Ok(Interpreted { command, became, advice }) => {
                became.iter().for_each(|line| self.performer.screen.entered(line));
                self.performer.perform(text, command);
                advice.iter().for_each(|advice| self.performer.screen.note(advice));
                true
            }
        }
    }
}

/// Whether a text is one object or array in JSON.
fn is_whole_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '[']) && serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// Tells that nobody reads the keyboard any more, in whatever way that came about.
struct EndOnDrop(CommandSender, Screen);

impl Drop for EndOnDrop {
    fn drop(&mut self) {
        self.1.set_editing(false);
        self.0.send(Input::End);
    }
}
