//! `connect` on a terminal.
//!
//! ```text
//!  Editor (a thread) ─▶ Operation ─▶ Prompt (the connection's thread) ─▶ Sender
//!             Screen (a thread) ◀── Prompt ◀─ Event
//! ```
//!
//! The connection's thread never waits for the terminal, and the editor's never for the connection.
//!
//! What a line asks for (`commands/prompt/command.rs`) is performed here in two exhaustive `match`es: [`Prompt::perform`]
//! (`Operation`) and [`Prompt::send`] (`Outgoing`).

mod answering;
mod connect_facts;
mod connection;
mod display;
mod end_line;
mod handler;
mod log;
mod pace;
mod repeat;
mod save;
mod sending;

use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::Instant;

use super::config::Exchange;
use super::leaving::Leaving;
use super::reconnect::{Reconnects, is_lost};
use super::request;
use super::rules::RuleTexts;
use crate::client::Client;
use crate::client::attempts::Attempt;
use crate::commands::interrupt::exit_of;
use crate::commands::prompt::Seat;
use crate::commands::prompt::command::Operation;
use crate::commands::prompt::command_queue::{CommandReceiver, Input};
use crate::commands::prompt::screen::Screen;
use crate::commands::prompt::settings::{Settings, Timestamps};
use crate::commands::prompt::status::Status;
pub(crate) use crate::commands::prompt::terminal::is_capable;
use crate::commands::prompt::transcript::Transcript;
use crate::error::Error;
use crate::exit::Exit;
use crate::handlers::player::Player;
use crate::net::{Dialed, End, Engine, Interrupt, Sender, Signals, wait_either};
use crate::script::Rules;
use crate::stdio::console::{Console, ConsoleLine};
use crate::stdio::decode::Decoder;
use crate::view::refusal;
use crate::view::spans::Style;
use crate::ws::{Kind, Role};

pub(crate) use self::connect_facts::Facts;
use self::connection::OpenConnection;
use self::end_line::EndLine;
use self::log::Log;
use self::pace::Pace;
use self::save::Saving;

/// What the prompt sends first and answers.
///
/// # Errors
/// For `-d` what can't be sent, and what is no rule.
pub(crate) fn prepare(exchange: &Exchange, console: &Console) -> Result<Prepared, Error> {
    let (rule_texts, rules) = RuleTexts::read(&exchange.sending.answering)?;
    Ok(Prepared { data: request::messages(&exchange.sending, console)?, rule_texts, rules })
}

/// What is sent without anybody typing it.
#[derive(Debug)]
pub(crate) struct Prepared {
    data: Vec<(Kind, Vec<u8>)>,
    rule_texts: RuleTexts,
    rules: Option<Arc<Rules>>,
}

/// Talks with a peer, and stays when it is gone, until the person or `leaving` ends it.
/// What is prepared is sent on every connection.
///
/// # Errors
/// When the terminal can't be used, and what was expected in vain.
pub(crate) fn run(
    exchange: &Exchange,
    mut client: Client,
    dialed: Dialed,
    facts: Facts,
    prepared: Prepared,
    mut leaving: Leaving<'_>,
    signals: &Signals,
) -> Result<Exit, Error> {
    let failed = |why| Error::System { doing: "setting up the terminal", why };
    let screen = Screen::new(exchange.writing.paint);
    let status = Status::new(Settings {
        frames: exchange.show_frames.is_some(),
        pings: exchange.writing.show_pings,
        timestamps: exchange.writing.timestamps.as_ref().map_or(Timestamps::Off, |_| Timestamps::On),
        ..Settings::default()
    });
    screen.times(|times| {
        times.set_stamp(exchange.writing.timestamps.clone());
        times.set(status.settings(|settings| settings.timestamps));
    });
    let (transcript, url) = (Transcript::default(), client.last_target().url());
    let seat = Seat::take(&screen, &status, &transcript, (Role::Client, Some(url)), exchange.edit_mode, signals);
    let Seat { guard: _guard, receiver, editor } = seat.map_err(failed)?;
    let printed = screen.clone();
    let console = Console::through(move |line| match line {
        ConsoleLine::Ours(line) => printed.note(line),
        ConsoleLine::Log(line) => printed.offer(|| printed.wrapped(Style::Note, &format!("* {line}"))),
        ConsoleLine::Head(line) => printed.say(printed.wrapped(Style::Plain, &line)),
    });
    client.speak_through(console.clone());
    leaving.speak_through(console);
    let detail = exchange.show_frames.unwrap_or_default();
    let open = OpenConnection::new(client.last_url(), facts, &dialed, detail);
    let Prepared { data, rule_texts, rules } = prepared;
    let mut prompt = Prompt {
        exchange,
        data,
        rule_texts,
        player: rules.map(Player::new),
        client,
        signals,
        screen: screen.clone(),
        status,
        receiver,
        transcript,
        decoder: exchange.writing.decoder(),
        log: None,
        saving: Saving::default(),
        open,
        pace: Pace::new(exchange.sending.options.interval),
        reconnects: Reconnects::new(exchange.ending.reconnect, leaving.latest()),
        leaving,
        ended: None,
        attempt: None,
        warned: false,
        next: None,
    };
    prompt.greet();
    prompt.status.tell(&prompt.screen);
    editor.start().map_err(failed)?;
    let exit = prompt.run(dialed);
    prompt.log(None);
    prompt.saving.finish();
    screen.finish();
    exit
}

/// The connection's side of the prompt.
struct Prompt<'a> {
    exchange: &'a Exchange,
    /// The messages of `-d`.
    data: Vec<(Kind, Vec<u8>)>,
    rule_texts: RuleTexts,
    /// Answers what arrives by the rules.
    player: Option<Player>,
    client: Client,
    signals: &'a Signals,
    screen: Screen,
    status: Status,
    receiver: CommandReceiver,
    transcript: Transcript,
    decoder: Option<Decoder>,
    log: Option<Log>,
    saving: Saving,
    /// The connection that is open, or the last one that was.
    open: OpenConnection,
    /// What waits to be sent.
    pace: Pace,
    leaving: Leaving<'a>,
    /// How the last connection ended.
    ended: Option<End>,
    reconnects: Reconnects,
    /// The attempt to reconnect that is due next, and when.
    attempt: Option<(Attempt, Instant)>,
    /// What another Ctrl-C does has been said.
    warned: bool,
    /// What is to be done once the connection is gone.
    next: Option<Next>,
}

/// What follows a connection.
#[derive(Debug)]
enum Next {
    /// To another URL, or to the same again.
    Dial(Option<String>),
    /// An attempt of `--reconnect`.
    Retry(Attempt),
    Leave,
}

impl Prompt<'_> {
    fn run(&mut self, dialed: Dialed) -> Result<Exit, Error> {
        let mut dialed = Some(dialed);
        loop {
            if let Some(dialed) = dialed.take() {
                self.converse(dialed);
            }
            match self.next() {
                Next::Leave => return self.leaving.outcome(self.ended.as_ref()),
                Next::Dial(url) => dialed = self.dial(url),
                Next::Retry(attempt) => dialed = self.retry(attempt),
            }
        }
    }

    /// Runs a connection until it ends, and tells how it did.
    fn converse(&mut self, dialed: Dialed) {
        let begun = Instant::now();
        self.leaving.begin_again();
        if let Some(decoder) = &mut self.decoder {
            decoder.begin_again();
        }
        if let Some(player) = &mut self.player {
            player.begin_again();
        }
        let timing = self.client.settings().timing;
        let stop = self.signals.as_fd();
        let ending = Engine::new(dialed.websocket, timing, Some(stop), self).run();
        self.status.set_connected(false);
        self.open.end(Instant::now());
        self.pace.clear();
        if let Some(line) = self.open.unfinished_frame() {
            self.tell_frame(line);
        }
        self.screen.note(EndLine(&ending));
        self.tell_violating_frame(&ending);
        let lost = self.leaving.is_running() && is_lost(&ending);
        self.ended = Some(ending);
        self.reconnects.lost_after(begun.elapsed());
        if self.next.is_none() {
            self.stay(lost);
        }
        if self.next.is_none() {
            self.status.tell(&self.screen);
        }
    }

    /// What follows when nobody has said it.
    fn stay(&mut self, reconnects: bool) {
        if reconnects && let Some(attempt) = self.reconnects.next_attempt() {
            self.screen.note(attempt);
            self.attempt = Some((attempt, Instant::now() + attempt.delay));
        } else if self.leaving.awaits_something() {
            // As in a pipe: what is expected can't come any more.
            self.next = Some(Next::Leave);
        } else {
            self.screen.note("/reconnect to connect again, Ctrl-D to exit");
        }
    }

    /// Connects again, or to another URL.
    fn dial(&mut self, url: Option<String>) -> Option<Dialed> {
        match self.try_dial(url) {
            Ok(dialed) => return Some(dialed),
            Err(Error::Interrupted) => self.cancelled(),
            Err(error) => {
                self.screen.fault(&error);
                let answer = error.answer().map_or_else(Vec::new, |answer| refusal::lines(answer, true));
                for line in error.hint().iter().chain(&answer).flat_map(|lines| lines.lines()) {
                    self.screen.fault(format_args!("  {line}"));
                }
            }
        }
        None
    }

    /// Connects again without being asked at the keyboard.
    fn retry(&mut self, attempt: Attempt) -> Option<Dialed> {
        match self.try_dial(None) {
            Ok(dialed) => return Some(dialed),
            Err(Error::Interrupted) => self.cancelled(),
            Err(error) => {
                self.screen.fault(format_args!("attempt {} failed: {error}", attempt.number));
                self.stay(true);
            }
        }
        None
    }

    fn try_dial(&mut self, url: Option<String>) -> Result<Dialed, Error> {
        if let Some(url) = url {
            self.client.retarget(&url)?;
        }
        self.screen.note(format_args!("connecting to {}", self.client.url()));
        let mut facts = Facts::default();
        let stop = Interrupt::from(self.receiver.cancellation(self.signals));
        let dialed = self.client.connect(Some(stop), &mut |step| facts.note(step))?;
        self.open =
            OpenConnection::new(self.client.last_url(), facts, &dialed, self.exchange.show_frames.unwrap_or_default());
        self.greet();
        self.status.set_connected(true);
        self.status.tell(&self.screen);
        Ok(dialed)
    }

    /// An attempt to connect was ended by a signal, or at the keyboard.
    fn cancelled(&mut self) {
        if self.signals.take() {
            self.next = Some(self.interrupted(exit_of(self.signals)));
            return;
        }
        while let Some(typed) = self.receiver.try_recv() {
            match typed {
                Input::Interrupt { .. } => {
                    self.screen.note("no longer connecting; /reconnect to connect again, Ctrl-D to exit");
                }
                Input::Operation(operation) => self.perform(*operation, None),
                Input::Signal => self.next = Some(self.interrupted(Exit::Interrupted)),
                Input::End => self.next = Some(Next::Leave),
            }
        }
    }

    fn greet(&self) {
        self.screen
            .note(format_args!("connected to {}; /help lists the commands, Ctrl-D closes", self.open.headline()));
    }

    /// What has been decided already, or will be at the keyboard or by the clock.
    fn next(&mut self) -> Next {
        loop {
            if let Some(next) = self.next.take() {
                self.attempt = None;
                return next;
            }
            let attempt = self.attempt.map(|(_, at)| at);
            wait_either(&self.receiver, self.signals, [attempt, self.leaving.latest()].into_iter().flatten().min());
            if self.signals.take() {
                return self.interrupted(exit_of(self.signals));
            }
            self.perform_operations();
            let now = Instant::now();
            if self.next.is_some() {
                continue;
            }
            if self.leaving.is_out_of_time(now) {
                self.leaving.tell_time();
                return Next::Leave;
            }
            if let Some((attempt, _)) = self.attempt.take_if(|(_, at)| now >= *at) {
                return Next::Retry(attempt);
            }
        }
    }

    /// Does what was asked for at the keyboard, without a connection.
    fn perform_operations(&mut self) {
        while self.next.is_none()
            && let Some(typed) = self.receiver.try_recv()
        {
            match typed {
                Input::Operation(operation) => self.perform(*operation, None),
                Input::Interrupt { .. } if self.attempt.take().is_some() => {
                    self.screen.note("no more attempts; /reconnect to connect again, Ctrl-D to exit");
                }
                Input::Interrupt { again } if self.is_meant(again) => {
                    self.next = Some(self.interrupted(Exit::Interrupted));
                }
                Input::Interrupt { .. } => self.screen.note("Ctrl-C again exits"),
                Input::Signal => self.next = Some(self.interrupted(Exit::Interrupted)),
                Input::End => self.next = Some(Next::Leave),
            }
        }
    }

    fn perform(&mut self, operation: Operation, sender: Option<&mut Sender<'_>>) {
        self.warned = false;
        match operation {
            Operation::Setting(setting) => self.set(setting, sender),
            Operation::RulesChange(change) => self.answer_by(change),
            Operation::Info => self.say_lines(self.open.info()),
            Operation::Headers => self.say_lines(self.open.facts.heads(self.client.shows_secrets())),
            Operation::Stats => self.say_lines(self.open.stats.lines(Instant::now())),
            Operation::Save(path) => self.save(&path),
            Operation::Log(path) => self.log(path.as_deref()),
            Operation::Reconnect => self.then(Next::Dial(None), sender),
            Operation::Connect(url) => self.then(Next::Dial(Some(url)), sender),
            Operation::Quit => self.then(Next::Leave, sender),
            // A client's prompt has no command for it.
            Operation::Clients(_) => {}
            Operation::Send(outgoing) => match sender {
                Some(sender) => self.submit(outgoing, sender),
                None => self.screen.fault("not connected; /reconnect to connect again"),
            },
        }
    }

    /// Whether Ctrl-C has been said before to end what is ended by it now.
    fn is_meant(&mut self, again: bool) -> bool {
        std::mem::replace(&mut self.warned, true) && again
    }

    /// Ctrl-C or a signal, without a connection.
    fn interrupted(&mut self, exit: Exit) -> Next {
        self.leaving.interrupted_by(exit);
        Next::Leave
    }

    /// Goes on to something else, once what waits is sent and the connection is closed.
    fn then(&mut self, next: Next, sender: Option<&mut Sender<'_>>) {
        if sender.is_some() {
            match next {
                Next::Leave => self.leaving.finish_when_sent(),
                Next::Dial(_) | Next::Retry(_) => self.leaving.close_when_sent(),
            }
        }
        self.next = Some(next);
    }

    fn say_lines(&self, lines: Vec<String>) {
        let mut lines = lines.into_iter();
        if let Some(first) = lines.next() {
            self.screen.note(first);
        }
        lines.for_each(|line| self.screen.say(self.screen.wrapped(Style::Plain, &format!("  {line}"))));
    }
}
