//! What commands do: at the terminal itself here, and else by handing them to who can (`Operation`).

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{TryRecvError, channel};

use super::child_command::{ChildOutput, Running};
use super::command::{
    Command, ConnectRequest, ConnectionsCommand, GivenCredentials, MiddleCommand, NamedRecording, Operation, Outgoing,
    Query, ReconnectChange, Which,
};
use super::command_queue::{CommandSender, Input};
use super::connections::Connections;
use super::file_reader::FileReader;
use super::interpreter::Interpreter;
use super::line_reader::LineReader;
use super::listing::Listing;
use super::questions::QuestionReceiver;
use super::reading::{QueryResult, TranscriptReader};
use super::run_file::FileRunner;
use super::saved_lines::SavedLines;
use super::screen::Screen;
use super::settings::Setting;
use super::status::Status;
use super::{external_editor, line_text, manual, pager, playing, questions, terminal};
use crate::client::RequestChange;
use crate::error::{Error, system_words};
use crate::http::UserPassword;
use crate::peer_text::Escaped;
use crate::stdio::password::Question;
use crate::trace::record::Record;
use crate::view::amount::Count;
use crate::view::spans::Style;
use crate::ws::OwnedItem;

/// Lines that are shown of what a command prints.
const PRINTED_LINES: usize = 1000;

/// Carries commands out, at a terminal that lines are read from.
pub(super) struct Performer {
    pub(super) lines: LineReader,
    pub(super) sender: CommandSender,
    pub(super) connections: Connections,
    pub(super) screen: Screen,
    pub(super) status: Status,
    pub(super) interpreter: Interpreter,
    pub(super) reader: TranscriptReader,
    pub(super) saved: SavedLines,
    pub(super) files: FileReader,
    /// The last message that was sent from here, as it was typed.
    pub(super) last: String,
    /// A line that couldn't be sent without a connection.
    pub(super) unsent: String,
}

impl Performer {
    /// Does what a command says, which a line of `text` gave.
    pub(super) fn perform(&mut self, text: &str, command: Command) {
        match command {
            Command::Help(name) => self.help(name.as_deref()),
            Command::Last(which) => self.send_again(which),
            Command::Edit(which) => self.edit_again(which),
            Command::EditHeld(which) => self.edit_held(which),
            Command::Clear => self.lines.clear_screen(),
            Command::Query(query) => self.look_at(query),
            Command::ShowSetting(name) => self.runner().show_setting(name),
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
                Operation::Setting(setting) => self.set(text, setting),
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
    pub(super) fn send(&mut self, text: &str, outgoing: Outgoing) {
        if outgoing.is_message() {
            text.clone_into(&mut self.last);
        }
        self.hand_over(text.as_bytes(), Operation::Send(outgoing));
    }

    /// Has it carried out. Where it can't be without a connection, the line is kept for the next one.
    pub(super) fn hand_over(&mut self, line: &[u8], mut request: Operation) {
        let connects = match request {
            Operation::Reconnect(ReconnectChange::Now) | Operation::Connect(_) => true,
            Operation::Reconnect(ReconnectChange::Auto) => !self.status.is_connected(),
            _ => false,
        };
        let is_sent = matches!(request, Operation::Send(_));
        let questions = match &mut request {
            Operation::Connect(request) => Some(give_questions(request)),
            _ => None,
        };
        self.sender.send(Input::Operation(Box::new(request)));
        questions.iter().for_each(|questions| self.answer_questions(questions));
        if self.sender.wait() {
            self.unsent = line_text::literal(line);
        } else if connects {
            self.lines.begin_next_with(std::mem::take(&mut self.unsent));
        } else if is_sent && self.status.is_connected() {
            // What goes on without the other line doesn't wait for it.
            self.unsent.clear();
        }
    }

    fn set(&mut self, line: &str, setting: Setting) {
        let told = self.reader.never_seen(&setting);
        self.hand_over(line.as_bytes(), Operation::Setting(setting));
        told.iter().for_each(|told| self.screen.note(told));
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
            ConnectionsCommand::Close { number, close }
                if self.connections.has(number) && self.connections.are_several() =>
            {
                self.connections.send(number, Input::Operation(Box::new(Operation::EndConnection(close))));
            }
            // The only one stays, closed.
            ConnectionsCommand::Close { number, close } if self.connections.has(number) => {
                self.send(line, Outgoing::Item(OwnedItem::Close(close)));
            }
            ConnectionsCommand::Switch(Some(number)) | ConnectionsCommand::Close { number, .. } => {
                self.screen.fault(format_args!("no connection {number}; /switch lists them"));
            }
        }
    }

    /// Asks until it is known that there are no more questions.
    fn answer_questions(&self, questions: &QuestionReceiver) {
        while let Some(question) = self.lines.while_waiting(|| questions.next()) {
            question.answer(|question| self.lines.ask(question));
        }
    }

    /// Has the next request say who we are; what is secret of it is asked for where it is missing.
    fn authenticate(&mut self, line: &str, credentials: GivenCredentials) {
        let current = self.connections.current();
        let asked = |given: Option<String>, words: &str| match given {
            Some(secret) => Ok(secret),
            None => self.lines.ask(&Question { words, about: words, otherwise: "" }),
        };
        let change = match credentials {
            GivenCredentials::None => Ok(RequestChange::no_credentials()),
            GivenCredentials::Bearer(token) => asked(token, "token").map(RequestChange::Bearer),
            GivenCredentials::User(user, password) => asked(password, &format!("password for {user}"))
                .map(|password| RequestChange::User(UserPassword { user, password })),
        };
        match change {
            Ok(_) if !self.lines.is_still_for(current) => {}
            Ok(change) => self.hand_over(line.as_bytes(), Operation::Request(Some(change))),
            Err(Error::Interrupted) => self.screen.note("what is sent stays as it is"),
            Err(why) => self.screen.fault(why),
        }
    }

    /// A file that is there already is overwritten only if that is what is wanted.
    fn save_over(&mut self, line: &str, path: PathBuf) {
        let question = format!("{} exists: overwrite it? [y]es, [N]o: ", Escaped(&path.display().to_string()));
        match self.lines.choice(&question, "yN") {
            Some('y') => self.hand_over(line.as_bytes(), Operation::Save { path, overwrite: true }),
            _ => self.screen.note("nothing is saved"),
        }
    }

    fn help(&mut self, name: Option<&str>) {
        match manual::help(self.interpreter.role, name, terminal::columns()) {
            Ok(lines) => {
                let lines = lines.iter().map(|line| self.screen.plain(std::slice::from_ref(line)));
                self.page(lines.collect::<Vec<_>>().into());
            }
            Err(why) => self.screen.fault(why),
        }
    }

    /// Does something with messages that are kept.
    fn look_at(&mut self, query: Query) {
        self.screen.begin_query();
        let found = self.reader.find(query);
        if !self.screen.end_query() {
            return;
        }
        match found {
            Ok(QueryResult::Listing(listing)) => self.page(listing),
            Ok(QueryResult::Copy { content, told }) => self.screen.say(self.screen.noted(told).copying(&content)),
            Ok(QueryResult::Pipe { message, command, told }) => {
                told.iter().for_each(|told| self.screen.note(told));
                self.pipe(message, &command);
            }
            Err(why) => self.screen.fault(why),
        }
    }

    /// Shows what was asked for, through the pager where it is more than the screen has.
    fn page(&mut self, listing: Listing) {
        let is_paged = !listing.fits(terminal::columns(), terminal::rows()) && {
            let shown =
                self.lines.lend(|terminal| terminal.lend_every_byte(|| pager::show(&listing, terminal.terminal())));
            shown.unwrap_or_else(|why| {
                self.screen.fault(why);
                false
            })
        };
        if !is_paged {
            self.screen.list(listing);
        }
    }

    fn pipe(&mut self, message: Arc<Record<'static>>, command: &str) {
        let (screen, name) = (self.screen.clone(), command.to_owned());
        let started = Running::start(command, MessageContent(message), move |outcome| tell(&screen, &name, &outcome));
        match started {
            Ok(running) => self.lines.state().lock().running.push(running),
            Err(why) => self.screen.fault(format_args!("can't start {command}: {}", system_words(&why))),
        }
    }

    /// The line that sends a message once more: the last one from here, as it was typed, or whichever is meant.
    fn line_of(&self, which: Option<Which>) -> Result<String, String> {
        which.map_or_else(|| Ok(self.last.clone()), |which| self.reader.line(which))
    }

    /// The next line begins with a message that is to be sent again.
    fn send_again(&mut self, which: Option<Which>) {
        match self.line_of(which) {
            Ok(line) => self.begin_next_with(&line, which.is_some()),
            Err(why) => self.screen.fault(why),
        }
    }

    /// The same, once it has been written on in the person's own editor.
    fn edit_again(&mut self, which: Option<Which>) {
        match self.line_of(which) {
            Ok(line) => {
                let quotes_peer = which.is_some() || self.lines.state().lock().history.is_quoting(&line);
                self.edit(&line, quotes_peer);
            }
            Err(why) => self.screen.fault(why),
        }
    }

    /// The next line begins so, perhaps with what a peer has said.
    fn begin_next_with(&mut self, text: &str, quotes_peer: bool) {
        let line = line_text::literal(text.as_bytes());
        match quotes_peer {
            true => self.lines.begin_next_quoting(line),
            false => self.lines.begin_next_with(line),
        }
    }

    /// The next line begins with a message that is held, so that what is written takes its place. Who holds it says why not.
    fn edit_held(&mut self, which: Option<Which>) {
        let (found, number) = channel();
        self.sender.send(Input::Operation(Box::new(Operation::Middle(MiddleCommand::FindHeld(which, found)))));
        self.sender.wait();
        let number = match number.try_recv() {
            Ok(number) => number,
            // That there is none was told where it was looked for.
            Err(TryRecvError::Disconnected) => return,
            Err(TryRecvError::Empty) => return self.screen.fault("the connection is busy; try /edit again"),
        };
        match self.reader.line(Which::Number(number)) {
            Ok(line) => self.begin_next_with(&format!("/replace {number} {line}"), true),
            Err(why) => self.screen.fault(why),
        }
    }

    /// The line at hand, in the person's own editor; as it was, where nothing comes of that.
    pub(super) fn edit_line(&mut self, line: String) {
        let (message, quotes_peer) = {
            let state = self.lines.state().lock();
            (state.message(&line), state.quotes_peer)
        };
        self.lines.begin_next_with(line);
        match String::from_utf8(line_text::bytes(&message)) {
            Ok(text) => self.edit(&text, quotes_peer),
            Err(_) => self.screen.fault("the line is not UTF-8, and can't be edited as text"),
        }
    }

    /// Has a text written on in the person's own editor; what comes of it is the next line.
    fn edit(&mut self, text: &str, quotes_peer: bool) {
        let written = self.lines.lend(|terminal| terminal.lend(|| external_editor::write(text, terminal.terminal())));
        match written {
            Ok(text) => {
                if text.is_empty() {
                    self.screen.note("nothing was written, and nothing is sent");
                }
                self.begin_next_with(&text, quotes_peer);
            }
            Err(why) => self.screen.fault(why),
        }
    }
}

/// Has a request ask for passwords here.
fn give_questions(request: &mut ConnectRequest) -> QuestionReceiver {
    let (asks, questions) = questions::pair();
    request.asks = Some(asks);
    questions
}

/// The content of a message, for a command's stdin.
struct MessageContent(Arc<Record<'static>>);

impl AsRef<[u8]> for MessageContent {
    fn as_ref(&self) -> &[u8] {
        self.0.content()
    }
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
