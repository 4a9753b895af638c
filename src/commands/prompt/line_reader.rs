//! Reads lines at the terminal: the next one to do something with, and answers to questions.

use std::io;

use rustyline::config::Configurer;
use rustyline::error::ReadlineError;
use rustyline::history::MemHistory;
use rustyline::{ColorMode, Config, GraphemeClusterMode};

use super::CommandWords;
use super::command_queue::{CommandSender, Input};
use super::completion::Assistant;
use super::connections::Connections;
use super::file_reader::FileReader;
use super::keyboard::KeyboardControl;
use super::keys;
use super::line_state::LineState;
use super::options::{EditMode, PromptOptions};
use super::saved_lines::SavedLines;
use super::screen::Screen;
use super::terminal::{self, Original};
use super::vi_keys::ViKeys;
use crate::error::Error;
use crate::stdio::password::Question;

/// What may be answered to a question, and the letter that stands for it.
const WORDS_OF_ANSWERS: [(&str, char); 7] =
    [("y", 'y'), ("yes", 'y'), ("n", 'n'), ("no", 'n'), ("l", 'l'), ("s", 's'), ("send", 's')];

/// The terminal, as far as lines are read from it.
pub(super) struct LineReader {
    lines: rustyline::Editor<Assistant, MemHistory>,
    sender: CommandSender,
    connections: Connections,
    screen: Screen,
    keyboard: KeyboardControl,
    state: LineState,
    terminal: Original,
    /// What the next line begins with, and whether that has what a peer said.
    initial: String,
    quotes_peer: bool,
}

impl LineReader {
    /// Lines whose keys may read files with `files`, and which `saved` messages complete.
    ///
    /// # Errors
    /// When the terminal can't be used.
    pub(super) fn new(
        screen: &Screen,
        sender: &CommandSender,
        connections: &Connections,
        commands: CommandWords,
        (terminal, keyboard): (Original, KeyboardControl),
        (saved, files): (&SavedLines, &FileReader),
    ) -> io::Result<Self> {
        let config = Config::builder().completion_type(rustyline::CompletionType::List);
        let config = config.bell_style(rustyline::config::BellStyle::None);
        // As `line_text.rs` has lines drawn.
        let config = config.grapheme_cluster_mode(GraphemeClusterMode::WcWidth).build();
        // The history is ours: rustyline's is left empty.
        let mut lines = rustyline::Editor::with_history(config, MemHistory::new()).map_err(failed)?;
        // Colours are the assistant's to decide: it hears of redraws by being asked for them.
        lines.set_color_mode(ColorMode::Forced);
        let state = LineState::default();
        let assistant = Assistant::new(screen.clone(), state.clone(), saved.clone(), connections.clone(), commands);
        lines.set_helper(Some(assistant));
        keys::bind(&mut lines, sender, &keyboard, &state, screen, files);
        let renewing = keyboard.clone();
        screen.start(lines.create_external_printer().map_err(failed)?, move || renewing.renew_mark())?;
        let (sender, connections, screen) = (sender.clone(), connections.clone(), screen.clone());
        Ok(Self {
            lines,
            sender,
            connections,
            screen,
            keyboard,
            state,
            terminal,
            initial: String::new(),
            quotes_peer: false,
        })
    }

    /// With which keys lines are edited, from the next one on.
    pub(super) fn set_keys(&mut self, options: &PromptOptions) {
        let is_vi = options.edit_mode == EditMode::Vi;
        // In its mode for text, where it stays, the editor leaves counts as they are given.
        self.lines.set_edit_mode(if is_vi { rustyline::EditMode::Vi } else { rustyline::EditMode::Emacs });
        let mut state = self.state.lock();
        (state.vi, state.bindings) = (is_vi.then(ViKeys::default), options.bindings.clone());
        drop(state);
        self.keyboard.set_vi(is_vi);
    }

    /// What is known of the line beside its text.
    pub(super) fn state(&self) -> &LineState {
        &self.state
    }

    /// The next line, behind a prompt.
    ///
    /// # Errors
    /// Where a key has taken the line away, or the terminal is gone.
    pub(super) fn line(&mut self, mark: impl Fn() -> String) -> rustyline::Result<String> {
        let initial = std::mem::take(&mut self.initial);
        self.state.begin();
        self.state.lock().quotes_peer = std::mem::take(&mut self.quotes_peer);
        self.read(mark, initial)
    }

    /// Has the next line begin with a text, which can be edited.
    pub(super) fn begin_next_with(&mut self, text: String) {
        // It may be the last line, or an earlier one, given back.
        let state = self.state.lock();
        self.quotes_peer |= state.quotes_peer || state.history.is_quoting(&text);
        drop(state);
        self.initial = text;
    }

    /// The same with what a peer has said.
    pub(super) fn begin_next_quoting(&mut self, text: String) {
        (self.initial, self.quotes_peer) = (text, true);
    }

    /// Reads a line, behind another mark where there is one meanwhile.
    fn read(&mut self, mark: impl Fn() -> String, initial: String) -> rustyline::Result<String> {
        let mut text = (initial, String::new());
        self.screen.set_editing(true);
        let read = loop {
            let read = self.lines.readline_with_initial(&mark(), (&text.0, &text.1));
            match self.state.lock().to_go_on_with.take() {
                Some(halves) if read.is_ok() => text = halves,
                _ => break read,
            }
            terminal::send_now(&self.screen.line(|drawn| drawn.take_away_above()));
        };
        self.screen.set_editing(false);
        read
    }

    /// Which of some letters is answered to a question, in lower case: one in upper case is what Enter alone means. What is none of
    /// them was typed before the question came: it is asked again, and Up brings that back. `None` of Ctrl-C.
    pub(super) fn choice(&mut self, question: &str, letters: &str) -> Option<char> {
        loop {
            let answer = self.answer(question).ok()?;
            let given = answer.trim();
            let word = WORDS_OF_ANSWERS.iter().find(|(word, _)| given.eq_ignore_ascii_case(word));
            let letter = match given {
                "" => letters.chars().find(char::is_ascii_uppercase),
                _ => word.map(|(_, letter)| *letter).filter(|letter| letters.to_ascii_lowercase().contains(*letter)),
            };
            if let Some(letter) = letter {
                return Some(letter.to_ascii_lowercase());
            }
            self.state.lock().history.add_new(given, false);
            self.screen.fault("that is not an answer; after the question, Up brings it back");
        }
    }

    /// What is answered to a question. Ctrl-C is an error, and ends nothing but it.
    fn answer(&mut self, question: &str) -> rustyline::Result<String> {
        let current = self.connections.current();
        let quotes_peer = self.state.lock().quotes_peer;
        self.state.begin();
        self.state.lock().answering = true;
        let answer = self.read(|| question.to_owned(), String::new());
        let is_interrupted = {
            let mut state = self.state.lock();
            // The line that is asked about may be given back.
            state.quotes_peer = quotes_peer;
            state.interrupted
        };
        if matches!(answer, Err(ReadlineError::Interrupted)) && !is_interrupted {
            self.sender.send(Input::Signal);
        }
        if answer.is_ok() && (is_interrupted || !self.is_still_for(current)) {
            return Err(ReadlineError::Interrupted);
        }
        answer
    }

    /// Whether what is typed is still for the connection that it was typed for; says so where it isn't.
    pub(super) fn is_still_for(&self, number: u64) -> bool {
        let is_same = self.connections.current() == number;
        if !is_same {
            self.screen.fault(format_args!("connection {number} is gone, and the line is for another one now"));
        }
        is_same
    }

    /// Waits for what Ctrl-C ends.
    pub(super) fn while_waiting<T>(&self, wait: impl FnOnce() -> T) -> T {
        self.keyboard.while_waiting(|| self.sender.send(Input::Interrupt { again: false }), wait)
    }

    /// Asks for a secret, which isn't shown; nothing else is meanwhile.
    pub(super) fn ask(&self, question: &Question<'_>) -> Result<String, Error> {
        self.lend(|terminal| terminal.lend(|| question.ask_on(terminal.device())))
    }

    /// Runs what has the terminal for itself.
    pub(super) fn lend<T>(&self, run: impl FnOnce(&Original) -> T) -> T {
        self.screen.flush();
        self.screen.hold(true);
        let done = self.keyboard.lend(|| run(&self.terminal));
        self.screen.hold(false);
        done
    }

    /// Empties the screen.
    pub(super) fn clear_screen(&mut self) {
        // Where the terminal is gone, the next line says so.
        let _ = self.lines.clear_screen();
    }

    /// Nobody reads lines any more.
    pub(super) fn desert(&self) {
        self.keyboard.desert();
    }
}

fn failed(error: ReadlineError) -> io::Error {
    io::Error::other(error.to_string())
}
