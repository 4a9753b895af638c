//! The prompt of whoever listens, for `serve` and `proxy`: the terminal, the clients as they are seen there, and the thread that
//! does what is typed.

pub(super) mod clients;

use std::io::{self, IsTerminal};
use std::os::fd::AsFd;
use std::thread;
use std::time::Instant;

use self::clients::Clients;
use super::prompt::command::{LogChange, Operation};
use super::prompt::command_queue::{CommandReceiver, Input};
use super::prompt::command_table::PromptRole;
use super::prompt::options::PromptOptions;
use super::prompt::screen::Screen;
use super::prompt::settings::{Setting, Settings};
use super::prompt::status::Status;
use super::prompt::terminal::TerminalGuard;
use super::prompt::{CommandWords, ConnectWords, Seat};
use crate::advice;
use crate::http::Secrets;
use crate::net::{Signals, Waker, wait_readable_until};
use crate::stdio::console::Console;
use crate::trace::stats::QueuedMessages;
use crate::view::spans::Style;
use crate::ws::StatusCode;

/// What there is at a terminal.
#[derive(Debug, Clone)]
pub(super) struct Desk {
    pub(super) screen: Screen,
    pub(super) status: Status,
    pub(super) clients: Clients,
}

/// Who does what is typed at a desk.
pub(super) trait Operates: Send + 'static {
    fn perform(&mut self, operation: Operation) -> ReadOn;

    /// Ctrl-C: ends what goes on beside the clients. Returns whether there was anything.
    fn stop_what_is_under_way(&mut self) -> bool;

    /// Says what another Ctrl-C does.
    fn tell_what_ends(&self);

    /// When something is due without being typed.
    fn deadline(&self) -> Option<Instant> {
        None
    }

    /// Does what is due.
    fn go_on(&mut self, _now: Instant) {}
}

/// Whether there is more to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReadOn {
    Line,
    /// The server is to end.
    Stop,
}

impl Desk {
    /// `name` is what saved messages are kept under.
    pub(super) fn new(screen: Screen, settings: &[Setting], secrets: Secrets, name: &str) -> Self {
        let status = Status::new(Settings::default());
        settings.iter().for_each(|setting| status.set(setting.clone()));
        // What is said here is for whoever comes, wherever it listens.
        status.set_target(name);
        let clients = Clients::new(screen.clone(), status.clone(), secrets);
        Self { screen, status, clients }
    }

    /// Takes the terminal, and has `operator` do what is typed at it until `stop` ends the server.
    ///
    /// # Errors
    /// When the terminal can't be used, or there is no thread to be had.
    pub(super) fn begin(
        &self,
        operator: impl Operates,
        role: PromptRole,
        options: &PromptOptions,
        stop: Waker,
    ) -> io::Result<TerminalGuard> {
        let commands = CommandWords { role, url: None, connect: ConnectWords::default() };
        let seat = Seat::take(&self.screen, &self.status, self.clients.transcript(), commands, options)?;
        let Seat { guard, receiver, editor, .. } = seat;
        let what = role.program();
        self.screen.note(format_args!("/help lists the commands, Ctrl-D stops the {what}"));
        editor.start()?;
        read(operator, self.clients.clone(), receiver, stop)?;
        Ok(guard)
    }

    /// What is told last is shown, and nothing is logged or saved any more.
    pub(super) fn end(&self) {
        self.clients.finish();
        self.screen.finish();
    }

    /// Does what is about this terminal and what was seen at it; `addressee` is the client that is talked with, if it is one.
    pub(super) fn perform(&self, operation: Operation, addressee: Option<u64>) {
        match operation {
            Operation::Setting(setting) => self.status.change(setting, &self.screen),
            Operation::Info => self.tell_of_one(addressee, Clients::info),
            // What is queued for a client is known to whoever sends.
            Operation::Stats => self.tell_stats(addressee, |_| QueuedMessages::default()),
            Operation::Headers(_) => self.tell_of_one(addressee, Clients::headers),
            Operation::Save { path, overwrite } => self.clients.save(&path, overwrite),
            Operation::Log(LogChange::To(path)) => self.clients.log(Some(&path)),
            Operation::Log(LogChange::Off) if self.clients.is_logging() => self.clients.log(None),
            Operation::Log(LogChange::Off) => self.screen.fault(self.clients.log_told()),
            Operation::Log(LogChange::Show) => self.screen.note(self.clients.log_told()),
            Operation::Steps(_) => self.screen.fault(advice::STEPS_OF_A_SERVER),
            // Who operates does them, or has no command for them.
            Operation::Send(_)
            | Operation::Clients(_)
            | Operation::RulesChange(_)
            | Operation::Reconnect(_)
            | Operation::Replay(_)
            | Operation::Middle(_)
            | Operation::ReadRules
            | Operation::Request(_)
            | Operation::ShowCredentials
            | Operation::EndConnection(_)
            | Operation::Connect(_)
            | Operation::Quit => {}
        }
    }

    /// What has gone over its connection, and what waits to: `queued` knows what isn't encoded yet.
    pub(super) fn tell_stats(&self, addressee: Option<u64>, queued: impl Fn(u64) -> QueuedMessages) {
        self.tell_of_one(addressee, |clients, number| clients.stats(number, queued(number)));
    }

    /// Of the client that is talked with, or the only one.
    fn tell_of_one(&self, addressee: Option<u64>, lines: impl Fn(&Clients, u64) -> Option<Vec<String>>) {
        let number = match (addressee, &self.clients.numbers()[..]) {
            (Some(number), _) | (None, &[number]) => number,
            (None, []) => return self.screen.fault("no clients"),
            (None, _) => return self.screen.fault("of which client? /use N picks one, /clients lists them"),
        };
        match lines(&self.clients, number) {
            Some(lines) => {
                self.screen.note(format_args!("[{number}]"));
                self.lines(&lines);
            }
            None => self.tell_missing(number, addressee),
        }
    }

    pub(super) fn tell_missing(&self, number: u64, addressee: Option<u64>) {
        self.screen.fault(missing(number, addressee));
    }

    pub(super) fn show_addressee(&self, addressee: Option<u64>) {
        let addressee = addressee.map_or_else(|| "[all]".to_owned(), |number| format!("[{number}]"));
        self.status.set_addressee(addressee);
    }

    pub(super) fn lines(&self, lines: &[String]) {
        lines.iter().for_each(|line| self.screen.say(self.screen.wrapped(Style::Plain, &format!("  {line}"))));
    }
}

/// That there is no client of that number.
pub(super) fn missing(number: u64, addressee: Option<u64>) -> String {
    let or_all = if addressee == Some(number) { ", /all talks with all of them" } else { "" };
    format!("no client [{number}]; /clients lists them{or_all}")
}

/// The same of one that was to be closed: what is no client's number may be meant as a status code.
pub(super) fn missing_to_close(number: u64, addressee: Option<u64>) -> String {
    let missing = missing(number, addressee);
    match u16::try_from(number) {
        Ok(code) if code >= StatusCode::NORMAL.0 => {
            format!("{missing}, and a code stands behind a number: /close N {code}")
        }
        _ => missing,
    }
}

/// Where the log goes: above the prompt, unless it is wanted elsewhere.
pub(super) fn console(screen: Option<&Screen>) -> Console {
    match screen.filter(|_| io::stderr().is_terminal()) {
        Some(screen) => screen.console(|screen, line| screen.wrapped(Style::Note, line)),
        None => Console::stderr(),
    }
}

/// What ends the server: signals do, and whoever has the waker.
pub(super) fn stop_switch(signals: &Signals) -> io::Result<(Waker, impl AsFd + use<>)> {
    let (stop, stopped) = Waker::pair()?;
    signals.wake(&stop)?;
    if signals.have_come() {
        stop.wake();
    }
    Ok((stop, stopped))
}

/// Does what is asked for at the prompt. `stop` ends the server.
///
/// # Errors
/// When there is no thread to be had.
fn read(mut operator: impl Operates, clients: Clients, receiver: CommandReceiver, stop: Waker) -> io::Result<()> {
    let reading = move || {
        let mut warned = false;
        loop {
            let due = [operator.deadline(), clients.pings_overdue_at()];
            wait_readable_until(&receiver, due.into_iter().flatten().min());
            receiver.heed();
            operator.go_on(Instant::now());
            clients.check_pings(Instant::now());
            while let Some(input) = receiver.try_recv() {
                let next = match input {
                    Input::Operation(operation) => {
                        warned = false;
                        operator.perform(*operation)
                    }
                    Input::Interrupt { .. } if operator.stop_what_is_under_way() => ReadOn::Line,
                    Input::Interrupt { again } if warned && again => ReadOn::Stop,
                    Input::Interrupt { .. } => {
                        warned = true;
                        operator.tell_what_ends();
                        ReadOn::Line
                    }
                    Input::Signal | Input::End => ReadOn::Stop,
                };
                if next == ReadOn::Stop {
                    stop.wake();
                }
            }
        }
    };
    thread::Builder::new().name("operator".into()).spawn(reading).map(drop)
}
