//! The thread that reads the keyboard: lines become commands, and what concerns only the person
//! is done here.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use rustyline::config::Configurer;
use rustyline::error::ReadlineError;
use rustyline::history::MemHistory;
use rustyline::{ColorMode, Config};

use super::child_command::{ChildOutput, Running};
use super::command::{
    Command, ConnectRequest, ConnectionsCommand, GivenCredentials, Operation, Outgoing, Query, ReconnectChange,
};
use super::command_queue::{CommandSender, Input};
use super::completion::Assistant;
use super::connections::Connections;
use super::edit_mode::EditMode;
use super::file_reader::FileReader;
use super::history_file::HistoryFile;
use super::interpreter::{Interpreted, Interpreter};
use super::keyboard::KeyboardControl;
use super::line_state::LineState;
use super::line_values::LineValues;
use super::options::PromptOptions;
use super::questions::QuestionReceiver;
use super::reading::{QueryResult, TranscriptReader};
use super::recording_to_play::NamedRecording;
use super::run_file::FileRunner;
use super::saved_lines::SavedLines;
use super::saved_messages::SavedMessages;
use super::screen::Screen;
use super::status::Status;
use super::terminal::Original;
use super::vi_keys::ViKeys;
use super::{CommandWords, external_editor, keys, line_text, manual, pager, playing, questions, terminal};
use crate::client::RequestChange;
use crate::error::{Error, system_words};
use crate::http::UserPassword;
use crate::peer_text::Escaped;
use crate::stdio::password::Question;
use crate::trace::record::Record;
use crate::view::amount::{Bytes, Count};
use crate::view::spans::{Painted, Style};
use crate::ws::{Kind, OwnedItem};

/// Lines that are printed at once.
const AT_ONCE: usize = 100;

/// Lines that are shown of what a command prints.
const PRINTED_LINES: usize = 1000;

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

/// What may be answered to a question, and the letter that stands for it.
const WORDS_OF_ANSWERS: [(&str, char); 7] =
    [("y", 'y'), ("yes", 'y'), ("n", 'n'), ("no", 'n'), ("l", 'l'), ("s", 's'), ("send", 's')];

pub(crate) struct Editor {
    lines: rustyline::Editor<Assistant, MemHistory>,
    history: Option<HistoryFile>,
    sender: CommandSender,
    connections: Connections,
    screen: Screen,
    status: Status,
    keyboard: KeyboardControl,
    state: LineState,
    reader: TranscriptReader,
    interpreter: Interpreter,
    saved: SavedLines,
    files: FileReader,
    /// The last message that was sent from here, as it was typed.
    last: String,
    /// What the next line begins with.
    initial: String,
    /// Words like commands that are known to be meant as messages.
    sent_words: Vec<&'static str>,
    /// A line that couldn't be sent without a connection.
    unsent: String,
    terminal: Original,
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
        (terminal, keyboard): (Original, KeyboardControl),
        reader: TranscriptReader,
    ) -> io::Result<Self> {
        let config = Config::builder().completion_type(rustyline::CompletionType::List);
        let config = config.bell_style(rustyline::config::BellStyle::None).build();
        // The history is ours: the editor's is left empty.
        let mut lines = rustyline::Editor::with_history(config, MemHistory::new()).map_err(failed)?;
        // Colours are the assistant's to decide: it hears of redraws by being asked for them.
        lines.set_color_mode(ColorMode::Forced);
        let state = LineState::default();
        let role = commands.role;
        let saved = SavedMessages::of_user();
        let values = LineValues::new(connections.clone());
        let interpreter = Interpreter::new(role, status.clone(), saved.clone(), values);
        let saved = SavedLines::new(saved, status.clone(), screen.clone());
        let assistant = Assistant::new(screen.clone(), state.clone(), saved.clone(), connections.clone(), commands);
        lines.set_helper(Some(assistant));
        let history = HistoryFile::of_user();
        if let Some(file) = &history {
            file.tidy();
            state.lock().history = file.read();
        }
        let files = FileReader::new(sender.clone(), screen.clone());
        keys::bind(&mut lines, &sender, &keyboard, &state, &screen, &files);
        screen.start(lines.create_external_printer().map_err(failed)?)?;
        Ok(Self {
            lines,
            history,
            sender,
            connections,
            screen,
            status,
            keyboard,
            state,
            reader,
            interpreter,
            saved,
            files,
            last: String::new(),
            initial: String::new(),
            sent_words: Vec::new(),
            unsent: String::new(),
            terminal,
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

    /// Starts the thread.
    ///
    /// # Errors
    /// When there is none to be had.
    pub(crate) fn start(mut self) -> io::Result<()> {
        thread::Builder::new()
            .name("prompt".into())
            .spawn(move || {
                let leaving = EndOnDrop(self.sender.clone(), self.screen.clone());
                while let LineOutcome::Line = self.line() {}
                self.keyboard.desert();
                drop(leaving);
            })
            .map(drop)
    }

    /// Reads a line and does what it says.
    fn line(&mut self) -> LineOutcome {
        if self.connections.are_several() {
            // Another one may be looked at than before.
            self.status.tell(&self.screen);
        }
        self.status.count_others(&self.screen);
        let prompt = self.status.prompt();
        let initial = std::mem::take(&mut self.initial);
        self.state.begin();
        let read = self.read(&prompt, &initial);
        let begun_for = self.state.lock().begun_for;
        match read {
            Ok(typed) if begun_for.is_some_and(|number| !self.is_still_for(number)) => self.initial = typed,
            Ok(typed) => self.entered(&typed),
            Err(ReadlineError::Interrupted) => {
                let to_edit = self.state.lock().to_edit.take();
                match to_edit {
                    Some(line) => self.edit_line(line),
                    None => self.sender.send(Input::Signal),
                }
            }
            Err(_) => return LineOutcome::End,
        }
        LineOutcome::Line
    }

    fn read(&mut self, prompt: &str, initial: &str) -> rustyline::Result<String> {
        self.screen.set_editing(true);
        let read = self.lines.readline_with_initial(prompt, (initial, ""));
        self.screen.set_editing(false);
        read
    }

    /// Which of some letters is answered to a question, in lower case: one in upper case is what Enter alone means. What is none of
    /// them was typed before the question came: it is asked again, and Up brings that back. `None` of Ctrl-C.
    fn choice(&mut self, question: &str, letters: &str) -> Option<char> {
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
            self.state.lock().history.add_new(given);
            self.screen.fault("that is no answer; behind the question Up brings it back");
        }
    }

    /// What is answered to a question. Ctrl-C is an error, and ends nothing but it.
    fn answer(&mut self, question: &str) -> rustyline::Result<String> {
        let current = self.connections.current();
        self.state.begin();
        self.state.lock().answering = true;
        let answer = self.read(question, "");
        if matches!(answer, Err(ReadlineError::Interrupted)) && !self.state.lock().interrupted {
            self.sender.send(Input::Signal);
        }
        if answer.is_ok() && !self.is_still_for(current) {
            return Err(ReadlineError::Interrupted);
        }
        answer
    }

    /// Whether what is typed is still for the connection that it was typed for; says so where it isn't.
    fn is_still_for(&self, number: u64) -> bool {
        let is_same = self.connections.current() == number;
        if !is_same {
            self.screen.fault(format_args!("connection {number} is gone, and the line is for another one now"));
        }
        is_same
    }

    fn entered(&mut self, typed: &str) {
        let (pasted, line) = {
            let state = self.state.lock();
            (state.pasted, state.message(typed))
        };
        self.remember(&line);
        match String::from_utf8(line_text::bytes(&line)) {
            Err(bytes) => self.ask_about_bytes(&line, bytes.into_bytes()),
            Ok(text) if pasted && text.contains('\n') => self.ask_about_lines(&line, text),
            Ok(text) => match self.meant_command(&text).filter(|_| !pasted) {
                Some((word, command)) => self.ask_about_word(&text, word, command),
                None if self.carry_out(&text) => {}
                None => self.initial = line,
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
        if !self.status.is_connected() {
            self.carry_out(command);
            return;
        }
        let does = if command == "/help" { "list the commands" } else { "leave" };
        let question = format!("{does}? [Y]es, [s]end \"{}\" as a message: ", text.trim());
        match self.choice(&question, "Ysn") {
            Some('y') => {
                self.carry_out(command);
            }
            Some('s') => {
                self.sent_words.push(word);
                self.carry_out(text);
            }
            _ => text.clone_into(&mut self.initial),
        }
    }

    /// Several lines were pasted: as one message, as one each, or not at all?
    fn ask_about_lines(&mut self, line: &str, text: String) {
        let lines = Count(text.lines().count() as u64, "line");
        let question =
            format!("send {lines}, {}, as one message? [Y]es, [l]ine by line, [n]o: ", Bytes(text.len() as u64));
        match self.choice(&question, "Yln") {
            // Whatever it begins with: what is pasted as a message is no command.
            Some('y') => self.send(&text, Outgoing::Line(text.clone())),
            Some('l') => self.carry_out_lines(&text),
            // The text is there to be edited, unless it was taken back altogether.
            _ => self.initial = line.to_owned(),
        }
    }

    /// What is no UTF-8 can't be a text message (RFC 6455 §8.1).
    fn ask_about_bytes(&mut self, line: &str, bytes: Vec<u8>) {
        let question = format!("not UTF-8: send {} as a binary message? [y]es, [N]o: ", Bytes(bytes.len() as u64));
        match self.choice(&question, "yN") {
            Some('y') => {
                self.hand_over(
                    &bytes,
                    Operation::Send(Outgoing::Item(OwnedItem::Message { kind: Kind::Binary, content: bytes.clone() })),
                );
            }
            _ => self.initial = line.to_owned(),
        }
    }

    fn remember(&mut self, line: &str) {
        let is_new = self.state.lock().history.add(line.to_owned());
        if let Some(file) = self.history.as_ref().filter(|_| is_new) {
            // What can't be kept is no reason to stop.
            let _ = file.append(line);
        }
    }

    /// Up to the first that can't be sent: it is kept with those behind it.
    fn carry_out_lines(&mut self, text: &str) {
        let (mut rest, current) = (text, self.connections.current());
        self.unsent.clear();
        while let Some(line) = rest.lines().next() {
            if !self.is_still_for(current) {
                self.initial = line_text::literal(rest.as_bytes());
                return;
            }
            if !self.carry_out(line) {
                self.initial = line_text::literal(rest.as_bytes());
                return;
            }
            if !self.unsent.is_empty() {
                self.unsent = line_text::literal(rest.as_bytes());
                return;
            }
            rest = rest.split_once('\n').map_or("", |(_, rest)| rest);
        }
    }

    /// Does what a line says. Returns `false` where its places can't be filled in, which can be mended in the line.
    fn carry_out(&mut self, text: &str) -> bool {
        match self.interpreter.interpret(text) {
            Err(why) => {
                self.screen.fault(why);
                !self.interpreter.has_places(text)
            }
            Ok(Interpreted { command, became }) => {
                became.iter().for_each(|line| self.screen.entered(line));
                self.perform(text, command);
                true
            }
        }
    }

    fn perform(&mut self, text: &str, command: Command) {
        match command {
            Command::Help(name) => self.help(name.as_deref()),
            Command::Last => self.initial = line_text::literal(self.last.as_bytes()),
            Command::Edit => self.edit(&self.last.clone()),
            Command::Clear => drop(self.lines.clear_screen()),
            Command::Query(query) => self.look_at(query),
            Command::Authenticate(credentials) => self.authenticate(text, credentials),
            Command::Connections(command) => self.change_connections(text, command),
            Command::File(path, kind) => self.tell_fault(self.files.send(&path, kind)),
            Command::Saved(change) => self.tell_fault(self.saved.change(change)),
            Command::Replay(NamedRecording { path, number }) => {
                self.tell_fault(playing::begin(&self.files, (&self.sender, &self.screen), &path, number));
            }
            Command::Run(path) => self.tell_fault(self.runner().begin(&self.files, path)),
            Command::Operation(operation) => match operation {
                Operation::Send(outgoing) => self.send(text, outgoing),
                Operation::Save { path, .. } if path.is_file() => self.save_over(text, path),
                operation => self.hand_over(text.as_bytes(), operation),
            },
        }
    }

    fn tell_fault(&self, done: Result<(), String>) {
        if let Err(why) = done {
            self.screen.fault(why);
        }
    }

    fn runner(&self) -> FileRunner {
        FileRunner {
            interpreter: self.interpreter.clone(),
            saved: self.saved.clone(),
            sender: self.sender.clone(),
            screen: self.screen.clone(),
            reader: self.reader.clone(),
        }
    }

    /// Sends what `text` says.
    fn send(&mut self, text: &str, outgoing: Outgoing) {
        if outgoing.is_message() {
            text.clone_into(&mut self.last);
        }
        self.hand_over(text.as_bytes(), Operation::Send(outgoing));
    }

    /// Has it carried out. Where it can't be without a connection, the line is kept for the next one.
    fn hand_over(&mut self, line: &[u8], mut request: Operation) {
        let connects = matches!(request, Operation::Reconnect(ReconnectChange::Now) | Operation::Connect(_));
        let questions = self.give_questions(&mut request);
        self.sender.send(Input::Operation(Box::new(request)));
        questions.iter().for_each(|questions| self.answer_questions(questions));
        if self.sender.wait() {
            self.unsent = line_text::literal(line);
        } else if connects {
            self.initial = std::mem::take(&mut self.unsent);
        }
    }

    fn change_connections(&mut self, line: &str, command: ConnectionsCommand) {
        match command {
            ConnectionsCommand::New(mut request) => {
                let questions = give_questions(&mut request);
                match self.connections.open(request) {
                    Ok(()) => self.answer_questions(&questions),
                    Err(why) => self.screen.fault(why),
                }
            }
            ConnectionsCommand::Switch(None) => {
                let lines = self.status.list();
                lines.iter().for_each(|line| self.screen.say(self.screen.wrapped(Style::Plain, &format!("  {line}"))));
            }
            ConnectionsCommand::Switch(Some(number)) if self.connections.has(number) => {
                let unseen = self.status.unseen(number);
                self.connections.switch(number);
                self.status.tell(&self.screen);
                if unseen > 0 {
                    let told = format!("  {} came meanwhile: /list", Count(unseen, "message"));
                    self.screen.say(self.screen.wrapped(Style::Faint, &told));
                }
            }
            ConnectionsCommand::Close { number, close, .. }
                if self.connections.has(number) && self.connections.are_several() =>
            {
                self.connections.send(number, Input::Operation(Box::new(Operation::EndConnection(close))));
            }
            ConnectionsCommand::Close { otherwise: Some(close), .. } if !self.connections.are_several() => {
                self.send(line, Outgoing::Item(OwnedItem::Close(close)))
            }
            ConnectionsCommand::Switch(Some(number)) | ConnectionsCommand::Close { number, .. } => {
                self.screen.fault(format_args!("no connection {number}; /switch lists them"));
            }
        }
    }

    /// Where a connection is asked for, passwords may be asked for.
    fn give_questions(&self, request: &mut Operation) -> Option<QuestionReceiver> {
        match request {
            Operation::Connect(request) => Some(give_questions(request)),
            _ => None,
        }
    }

    /// Asks until it is known that there are no more questions.
    fn answer_questions(&self, questions: &QuestionReceiver) {
        while let Some(question) = questions.next() {
            question.answer(|question| self.ask(question));
        }
    }

    /// Has the next request say who we are; what is secret of it is asked for where it is missing.
    fn authenticate(&mut self, line: &str, credentials: GivenCredentials) {
        let current = self.connections.current();
        let asked = |given: Option<String>, words: &str| match given {
            Some(secret) => Ok(secret),
            None => self.ask(&Question { words, about: words, otherwise: "" }),
        };
        let change = match credentials {
            GivenCredentials::None => Ok(RequestChange::no_credentials()),
            GivenCredentials::Bearer(token) => asked(token, "token").map(RequestChange::Bearer),
            GivenCredentials::User(user, password) => asked(password, &format!("password for {user}"))
                .map(|password| RequestChange::User(UserPassword { user, password })),
        };
        match change {
            Ok(_) if !self.is_still_for(current) => {}
            Ok(change) => self.hand_over(line.as_bytes(), Operation::Request(Some(change))),
            Err(Error::Interrupted) => self.screen.note("what is sent stays as it is"),
            Err(why) => self.screen.fault(why),
        }
    }

    /// Asks for a secret, which isn't shown; nothing else is meanwhile.
    fn ask(&self, question: &Question<'_>) -> Result<String, Error> {
        self.lend(|terminal| terminal.lend(|| question.ask_on(terminal.device())))
    }

    /// A file that is there already is overwritten only if that is what is wanted.
    fn save_over(&mut self, line: &str, path: PathBuf) {
        let question = format!("{} exists: overwrite it? [y]es, [N]o: ", Escaped(&path.display().to_string()));
        match self.choice(&question, "yN") {
            Some('y') => self.hand_over(line.as_bytes(), Operation::Save { path, overwrite: true }),
            _ => self.screen.note("nothing is saved"),
        }
    }

    fn help(&mut self, name: Option<&str>) {
        match manual::help(self.interpreter.role, name, terminal::columns()) {
            Ok(lines) => self.page(lines.iter().map(|line| self.screen.plain(std::slice::from_ref(line))).collect()),
            Err(why) => self.screen.fault(why),
        }
    }

    /// Does something with messages that are kept.
    fn look_at(&mut self, query: Query) {
        match self.reader.find(query) {
            Ok(QueryResult::Lines(lines)) => self.page(lines),
            Ok(QueryResult::Copy { content, told }) => self.screen.say(self.screen.noted(told).copying(&content)),
            Ok(QueryResult::Pipe { message, command, told }) => {
                told.iter().for_each(|told| self.screen.note(told));
                self.pipe(message, &command);
            }
            Err(why) => self.screen.fault(why),
        }
    }

    /// Shows lines, through the pager where they are more than the screen has.
    fn page(&mut self, lines: Vec<Painted>) {
        let paged = lines.iter().map(Painted::rows).sum::<usize>() >= terminal::rows() && {
            let shown = self.lend(|terminal| terminal.lend_every_byte(|| pager::show(&lines, terminal.terminal())));
            shown.unwrap_or_else(|why| {
                self.screen.fault(why);
                false
            })
        };
        if !paged {
            self.screen.list(lines.chunks(AT_ONCE).map(|lines| Painted::lines(lines.iter().cloned(), 0)));
        }
    }

    fn pipe(&mut self, message: Arc<Record<'static>>, command: &str) {
        let (screen, name) = (self.screen.clone(), command.to_owned());
        let started = Running::start(command, MessageContent(message), move |outcome| tell(&screen, &name, &outcome));
        match started {
            Ok(running) => self.state.lock().running.push(running),
            Err(why) => self.screen.fault(format_args!("can't start {command}: {}", system_words(&why))),
        }
    }

    /// Runs what has the terminal for itself.
    fn lend<T>(&self, run: impl FnOnce(&Original) -> T) -> T {
        self.screen.flush();
        self.screen.hold(true);
        let done = self.keyboard.lend(|| run(&self.terminal));
        self.screen.hold(false);
        done
    }

    /// The line at hand, in the person's own editor; as it was, where nothing comes of that.
    fn edit_line(&mut self, line: String) {
        let message = self.state.lock().message(&line);
        self.initial = line;
        match String::from_utf8(line_text::bytes(&message)) {
            Ok(text) => self.edit(&text),
            Err(_) => self.screen.fault("the line is not UTF-8, and can't be edited as text"),
        }
    }

    /// Has a text written on in the person's own editor; what comes of it is the next line.
    fn edit(&mut self, text: &str) {
        let written = self.lend(|terminal| terminal.lend(|| external_editor::write(text, terminal.terminal())));
        match written {
            Ok(text) => {
                if text.is_empty() {
                    self.screen.note("nothing was written, and nothing is sent");
                }
                self.initial = line_text::literal(text.as_bytes());
            }
            Err(why) => self.screen.fault(why),
        }
    }
}

/// The content of a message, for a command's stdin.
struct MessageContent(Arc<Record<'static>>);

impl AsRef<[u8]> for MessageContent {
    fn as_ref(&self) -> &[u8] {
        self.0.content()
    }
}

/// Has a request ask for passwords here.
fn give_questions(request: &mut ConnectRequest) -> QuestionReceiver {
    let (asks, questions) = questions::pair();
    request.asks = Some(asks);
    questions
}

/// Shows what a command has printed, and how it ended.
fn tell(screen: &Screen, command: &str, outcome: &ChildOutput) {
    let printed = String::from_utf8_lossy(&outcome.printed);
    for line in printed.lines().take(PRINTED_LINES) {
        screen.say(screen.wrapped(Style::Plain, &format!("  {line}")));
    }
    let left = printed.lines().count().saturating_sub(PRINTED_LINES);
    if outcome.is_cut || left > 0 {
        screen.note(format_args!("{command} has printed more than is shown"));
    } else if outcome.is_stopped {
        screen.note(format_args!("{command} was stopped"));
    } else if let Some(status) = outcome.status.filter(|status| !status.success()) {
        screen.note(format_args!("{command}: {status}"));
    }
}

/// Tells that nobody reads the keyboard any more, in whatever way that came about.
struct EndOnDrop(CommandSender, Screen);

impl Drop for EndOnDrop {
    fn drop(&mut self) {
        self.1.set_editing(false);
        self.0.send(Input::End);
    }
}

fn failed(error: ReadlineError) -> io::Error {
    io::Error::other(error.to_string())
}
