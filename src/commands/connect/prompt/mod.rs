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
mod archive;
mod connect_thread;
mod connecting;
mod connection;
mod display;
mod end_line;
mod handler;
mod information;
mod next_request;
mod opening;
mod pace;
mod replaying;
mod sending;
mod several;
mod stall;
mod stepping;

use std::sync::Arc;
use std::time::Instant;

use super::config::Exchange;
use super::leaving::Leaving;
use super::lines::CommandLines;
use super::reconnect::is_lost;
use super::request;
use super::rules;
use crate::client::Client;
use crate::commands::connection_taps::ConnectionTaps;
use crate::commands::interrupt::exit_of;
use crate::commands::prompt::command::{ConnectRequest, LogChange, Operation};
use crate::commands::prompt::command_queue::{CommandReceiver, Input};
use crate::commands::prompt::command_table::PromptRole;
use crate::commands::prompt::event_file::LogFiles;
use crate::commands::prompt::message_display::MessageDisplay;
use crate::commands::prompt::rule_texts::RuleTexts;
use crate::commands::prompt::screen::Screen;
use crate::commands::prompt::settings::{Settings, Timestamps};
use crate::commands::prompt::status::{ConnectionMark, Status};
pub(crate) use crate::commands::prompt::terminal::{incapable_terminal, is_at_a_terminal, is_capable};
use crate::commands::prompt::transcript::Transcript;
use crate::commands::prompt::{CommandWords, Seat};
use crate::commands::run_limit::RunLimit;
use crate::error::Error;
use crate::exit::Exit;
use crate::http::Secrets;
use crate::net::{Dialed, End, Sender, Signals, Timing, wait_either};
use crate::script::Rules;
use crate::stdio::console::Console;
use crate::stdio::decode::Decoder;
use crate::stdio::output::Stamp;
use crate::stdio::recording::Recording;
use crate::view::spans::Style;
use crate::ws::{Close, Kind};

use self::answering::RuleAnswering;
use self::archive::Archive;
use self::connect_thread::{ConnectThread, Manner};
use self::connecting::{AttemptProgress, Connecting, FirstOpening};
use self::connection::OpenConnection;
use self::end_line::EndLine;
use self::opening::FreshConnection;
use self::pace::Pace;
use self::replaying::Replaying;
use self::several::{ConnectionPlace, SharedSetup};
use self::stepping::Stepping;

/// What the prompt sends first and answers.
///
/// # Errors
/// For `-d` what can't be sent, and what is no rule.
pub(crate) fn prepare(exchange: &Exchange, console: &Console) -> Result<Prepared, Error> {
    let (rule_texts, rules) = rules::read(&exchange.sending.answering)?;
    Ok(Prepared { data: request::messages(&exchange.sending, console)?, rule_texts, rules, recording: None })
}

/// What is sent without anybody typing it.
#[derive(Debug)]
pub(crate) struct Prepared {
    data: Vec<(Kind, Vec<u8>)>,
    rule_texts: RuleTexts,
    rules: Option<Arc<Rules>>,
    pub(super) recording: Option<Arc<Recording>>,
}

/// Connects and talks with a peer, and stays when it is gone, until the person or the end of the run ends it.
/// What is prepared is sent on every connection.
///
/// # Errors
/// When the terminal can't be used, why the first connection could not be opened, and what was expected in vain.
pub(crate) fn run(
    (exchange, lines): (Arc<Exchange>, Arc<dyn CommandLines>),
    mut client: Client,
    prepared: Prepared,
    limit: RunLimit,
    signals: &Signals,
) -> Result<Exit, Error> {
    let failed = |why| Error::System { doing: "setting up the terminal", why };
    let (screen, status) = display(&exchange);
    let (transcript, url) = (Transcript::default(), client.last_target().url());
    let commands = CommandWords { role: PromptRole::Client, url: Some(url), connect: lines.words() };
    let seat = Seat::take(&screen, &status, &transcript, commands, &exchange.prompt);
    let Seat { guard: _guard, receiver, editor, connections } = seat.map_err(failed)?;
    let (secrets, timing) = (client.secrets(), client.settings().timing);
    let shared = SharedSetup {
        screen: screen.clone(),
        lines: Arc::clone(&lines),
        answers: client.answers(),
        latest: limit.latest,
        logs: LogFiles::default(),
        recording: prepared.recording.clone(),
        exchange: Arc::clone(&exchange),
        timing,
        secrets,
    };
    let first = shared.place(1, receiver, transcript, status.of(1));
    let console = first.setup.console.clone();
    client.speak_through(console.clone());
    if let Some(recording) = &prepared.recording {
        recording.speak_through(screen.console(|screen, line| screen.noted(line)));
    }
    lines.set_origin(client.destination());
    let leaving = Leaving::new(&exchange, limit.latest, timing.close_timeout, signals, console);
    let first_opening = FirstOpening::new(client.url(), limit);
    let Prepared { data, rule_texts, rules, .. } = prepared;
    let mut prompt = Prompt::new(first, Some(client), leaving, signals);
    prompt.data = data;
    prompt.answering.adopt(rule_texts, rules);
    prompt.connecting.first = Some(first_opening);
    editor.start().map_err(failed)?;
    let exit = several::run(&shared, &connections, prompt);
    screen.finish();
    exit
}

/// The screen and its settings, which begin as the flags say.
fn display(exchange: &Exchange) -> (Screen, Status) {
    let screen = Screen::new(exchange.writing.paint);
    let mut settings = Settings {
        frames: exchange.show_frames,
        pings: exchange.writing.show_pings,
        timestamps: match exchange.writing.timestamps {
            None => Timestamps::Off,
            Some(Stamp::Delta) => Timestamps::Delta,
            Some(_) => Timestamps::On,
        },
        ..Settings::default()
    };
    // Every connection begins so.
    exchange.prompt.settings.iter().for_each(|setting| settings.set(setting.clone()));
    let status = Status::new(settings);
    status.set_connected(false);
    screen.times(|times| {
        times.set_stamp(exchange.writing.timestamps.clone());
        times.set(status.settings(|settings| settings.timestamps));
    });
    (screen, status)
}

/// The connection's side of the prompt.
struct Prompt<'a> {
    exchange: Arc<Exchange>,
    signals: &'a Signals,
    receiver: CommandReceiver,
    screen: Screen,
    status: Status,
    messages: MessageDisplay,
    decoder: Option<Decoder>,
    archive: Archive,
    /// The connection that is open, or the last one that was.
    open: OpenConnection,
    connecting: Connecting,
    /// The messages of `-d`.
    data: Vec<(Kind, Vec<u8>)>,
    answering: RuleAnswering,
    replaying: Option<Replaying>,
    stepping: Option<Stepping>,
    /// What waits to be sent.
    pace: Pace,
    /// What is to be sent on the next connection.
    held: Pace,
    leaving: Leaving<'a>,
    /// What becomes of passwords, tokens and cookies where they would be shown.
    secrets: Secrets,
    /// What another Ctrl-C does has been said.
    warned: bool,
    /// Which changes of the settings the connection has seen.
    settings_applied: Option<u64>,
    /// The prompt goes on with others, if there are any.
    ends_alone: bool,
    /// It is the first connection of the prompt.
    is_first: bool,
    /// What is to be done once the connection is gone.
    next: Option<Next>,
}

/// What follows a connection.
#[derive(Debug)]
enum Next {
    /// To the same URL again.
    Dial,
    /// The next one, which is open.
    Talk(Box<FreshConnection>),
    Leave,
}

impl<'a> Prompt<'a> {
    /// Without a connection, and with nothing to send.
    fn new(place: ConnectionPlace, client: Option<Client>, leaving: Leaving<'a>, signals: &'a Signals) -> Self {
        let ConnectionPlace { number, exchange, screen, status, receiver, transcript, logs, recording, setup, secrets } =
            place;
        let thread = ConnectThread::new(setup, client, receiver.waker());
        Self {
            messages: MessageDisplay::new(screen.clone(), status.clone(), transcript.clone()),
            decoder: exchange.writing.decoder(),
            archive: Archive::new(number, transcript, logs, recording),
            open: OpenConnection::unopened(),
            connecting: Connecting::new(thread, &exchange.ending, leaving.latest()),
            data: Vec::new(),
            answering: RuleAnswering::default(),
            replaying: None,
            stepping: None,
            pace: Pace::new(exchange.sending.options.interval),
            held: Pace::new(None),
            leaving,
            secrets,
            warned: false,
            settings_applied: None,
            ends_alone: false,
            is_first: number.is_none(),
            next: None,
            exchange,
            signals,
            receiver,
            screen,
            status,
        }
    }

    /// Connects by a line, or as the program was told to.
    fn run(&mut self, to: Option<ConnectRequest>) -> Result<Exit, Error> {
        self.dial(to, None);
        while let Next::Talk(opened) = self.next() {
            let FreshConnection { connection, dialed, timing, manner } = *opened;
            self.open = connection;
            if let Some(manner) = manner {
                self.adopt(*manner);
            }
            self.converse(dialed, timing);
        }
        // Nobody waits for an attempt any more.
        self.connecting.thread.cancel();
        self.record_given_up();
        self.tell_unsent();
        self.archive.finish(&self.screen);
        match self.connecting.failure.take() {
            Some(failure) => Err(failure),
            None => {
                let exit = self.leaving.outcome(self.open.ended.as_ref())?;
                let is_lost = !self.held.is_empty() && !self.open.was_opened();
                Ok(if is_lost && exit == Exit::Done { Exit::NotReached } else { exit })
            }
        }
    }

    /// Talks as a line has it from now on.
    fn adopt(&mut self, manner: Manner) {
        let Manner { exchange, prepared: Prepared { data, rule_texts, rules, .. }, secrets } = manner;
        self.data = data;
        self.answering.adopt(rule_texts, rules);
        self.decoder = exchange.writing.decoder();
        self.pace = Pace::new(exchange.sending.options.interval);
        self.connecting.adopt(&exchange.ending, self.leaving.latest());
        self.leaving.end_as(exchange.ending.clone());
        self.secrets = secrets;
        self.exchange = Arc::new(exchange);
    }

    /// Runs a connection until it ends, and tells how it did.
    fn converse(&mut self, dialed: Dialed, timing: Timing) {
        let begun = Instant::now();
        if let Some(first) = self.connecting.first.take() {
            first.limit.opened();
        }
        self.connecting.has_opened();
        self.leaving.begin_again();
        self.messages.begin_again();
        if let Some(decoder) = &mut self.decoder {
            decoder.begin_again();
        }
        self.answering.begin_again();
        self.status.set_connected(true);
        self.status.set_target(self.open.raw_url());
        self.status.set_url(self.open.url().0.to_owned());
        self.status.show_connection(&self.screen);
        // Only now: what is typed as soon as it is read there is for this connection and no other.
        self.greet();
        self.status.tell(&self.screen);
        let opened = self.open.opened_line().to_owned();
        self.archive.line(&opened);
        let url = self.open.url().to_string();
        let recorded =
            self.archive.recording.as_ref().map(|recording| self.open.facts.record(recording, &dialed, &url));
        let taps = ConnectionTaps { recorded, ..ConnectionTaps::default() };
        let summary = taps.run(dialed, timing, self.signals, self);
        let closed = self.open.closed_line(&summary);
        let (ending, taken) = (summary.ending, summary.wire.sent);
        self.open.end(Instant::now());
        self.tell_end(&ending);
        self.archive.line(&closed);
        std::mem::take(&mut self.open.behind_last_line).into_iter().for_each(|operation| self.perform(operation, None));
        self.tell_never_taken(taken);
        self.tell_violating_frame(&ending);
        let lost = self.leaving.is_running() && is_lost(&ending);
        self.open.ended = Some(ending);
        self.connecting.reconnects.lost_after(begun.elapsed());
        if self.next.is_none() && !self.connecting.thread.is_under_way() {
            self.stay(lost);
        }
        if !matches!(self.next, Some(Next::Leave | Next::Talk(_))) {
            self.status.tell(&self.screen);
        }
    }

    /// Says how the connection ended, as soon as that is known, and once.
    fn tell_end(&mut self, ending: &End) {
        let line = EndLine(ending).to_string();
        if self.open.told_end.as_ref() == Some(&line) {
            return;
        }
        self.status.set_connected(false);
        if self.leaving.is_running() && is_lost(ending) && self.connecting.reconnects.are_left() {
            self.connecting.will_reconnect(Instant::now());
        } else {
            self.show_connection();
        }
        self.drop_unsent();
        self.end_replaying();
        self.end_steps();
        if let Some(line) = self.open.unfinished_frame() {
            self.tell_frame(line);
        }
        // On the way out all of them end.
        let mark = self.status.mark_among_several().filter(|_| !self.status.is_in_background());
        self.screen.note(format_args!("{}{line}", mark.unwrap_or_default()));
        self.open.told_end = Some(line);
    }

    /// What follows when nobody has said it.
    fn stay(&mut self, reconnects: bool) {
        if reconnects && let Some(attempt) = self.connecting.reconnects.next_attempt() {
            self.screen.note(attempt);
            self.connecting.retry = Some((attempt, Instant::now() + attempt.delay));
        } else if self.leaving.awaits_something() {
            // As in a pipe: what is expected can't come any more.
            self.next = Some(Next::Leave);
        } else {
            self.drop_held();
            match self.status.is_in_background() {
                true => self.screen.note(format_args!(
                    "/switch {0} and /reconnect to connect again, /close {0} to end it",
                    self.status.number()
                )),
                // Whoever asked for the next one may wait for it.
                false if self.connecting.reconnects.are_left() && self.open.is_closed_as_done() => self
                    .screen
                    .note("no other connection follows a close with 1000: /reconnect to connect again, Ctrl-D to exit"),
                false => self.screen.note("/reconnect to connect again, Ctrl-D to exit"),
            }
        }
    }

    /// Has the line that is typed say whether there is a connection. It goes on to say what it did while the next one may be there
    /// at once.
    fn show_connection(&mut self) {
        match self.connecting.progress(Instant::now()) {
            AttemptProgress::None => self.status.set_mark(ConnectionMark::NotConnected),
            AttemptProgress::Begun(_) => {}
            AttemptProgress::Shown => self.status.set_mark(ConnectionMark::Connecting),
        }
        self.status.show_connection(&self.screen);
    }

    /// What helps is said once.
    fn greet(&mut self) {
        let help = if self.is_first { "; /help lists the commands, Ctrl-D closes" } else { "" };
        self.is_first = false;
        self.screen.note(format_args!("connected to {}{help}", self.open.headline()));
    }

    /// What has been decided already, or will be at the keyboard, by an attempt or by the clock.
    fn next(&mut self) -> Next {
        loop {
            match self.next.take() {
                // Somebody may have asked for another already.
                Some(Next::Dial) if self.connecting.thread.is_wanted() => {}
                Some(Next::Dial) => {
                    self.connecting.retry = None;
                    self.dial(None, None);
                }
                Some(next) => return next,
                None => {}
            }
            self.show_connection();
            wait_either(&self.receiver, self.signals, self.due_without_connection());
            if self.signals.take() {
                return self.interrupted(exit_of(self.signals));
            }
            self.receiver.heed();
            self.check_dialing(None);
            self.perform_operations();
            let now = Instant::now();
            if self.next.is_some() {
                continue;
            }
            if self.leaving.is_out_of_time(now) && self.connecting.first.is_none() {
                self.leaving.tell_time();
                return Next::Leave;
            }
            self.tell_opening(now);
            if let Some(attempt) = self.connecting.take_due(now) {
                self.dial(None, Some(attempt));
            }
        }
    }

    /// When something is due without a connection. The first attempt ends in time by itself, and says how.
    fn due_without_connection(&self) -> Option<Instant> {
        let latest = self.leaving.latest().filter(|_| self.connecting.first.is_none());
        self.connecting.due().into_iter().chain(latest).min()
    }

    /// Does what was asked for at the keyboard, without a connection.
    fn perform_operations(&mut self) {
        while self.next.is_none()
            && let Some(typed) = self.receiver.try_recv()
        {
            match typed {
                Input::Operation(request) => self.perform(*request, None),
                Input::Interrupt { .. } if self.stop_what_is_under_way() => {}
                Input::Interrupt { again } if self.is_meant(again) => {
                    self.next = Some(self.interrupted(Exit::Interrupted));
                }
                Input::Interrupt { .. } => self.warn_of_interrupt(),
                Input::Signal => self.next = Some(self.interrupted(Exit::Interrupted)),
                Input::End => self.next = Some(Next::Leave),
            }
        }
    }

    fn perform(&mut self, operation: Operation, sender: Option<&mut Sender<'_>>) {
        self.warned = false;
        match operation {
            // What is kept is to have the connection's last line, which is written once its transport has ended too.
            operation @ (Operation::Save { .. } | Operation::Log(_)) if sender.is_some() && self.open.has_ended() => {
                self.open.behind_last_line.push(operation);
            }
            Operation::Setting(setting) => self.set(setting, sender),
            Operation::RulesChange(change) => self.answer_by(change),
            Operation::Info => self.say_lines(self.info()),
            Operation::Headers(secrets) => self.say_lines(self.headers(secrets)),
            Operation::Stats => self.say_lines(self.stats()),
            Operation::Save { path, overwrite } => self.archive.save(&path, overwrite, &self.screen),
            Operation::Log(change) => self.change_log(&change),
            Operation::Reconnect(change) => self.change_reconnects(change, sender),
            Operation::Request(change) => self.change_request(change),
            Operation::ShowCredentials => self.show_credentials(),
            Operation::Connect(request) => self.connect(request),
            Operation::EndConnection(close) => self.end_alone(close, sender),
            Operation::Quit => self.then(Next::Leave, sender),
            // A client's prompt has no command for them.
            Operation::Clients(_) | Operation::Middle(_) | Operation::ReadRules => {}
            Operation::Replay(recorded) => self.replay(recorded, sender),
            Operation::Steps(steps) => self.begin_steps(steps, sender),
            Operation::Send(outgoing) => self.send_on_next(outgoing, sender),
        }
    }

    /// Closes the connection, and ends this part of the prompt, not the whole.
    fn end_alone(&mut self, close: Close, sender: Option<&mut Sender<'_>>) {
        self.ends_alone = true;
        if sender.is_some() {
            self.leaving.close_as_given(close);
        }
        self.next = Some(Next::Leave);
    }

    /// Ctrl-C: one thing at a time, the nearest first. Returns whether there was any.
    fn stop_what_is_under_way(&mut self) -> bool {
        self.screen.stop_printing()
            || self.stop_repeating()
            || self.stop_replaying()
            || self.stop_steps()
            || self.stop_dialing()
            || self.stop_giving_way()
    }

    /// Whether Ctrl-C has been said before to end what is ended by it now.
    fn is_meant(&mut self, again: bool) -> bool {
        std::mem::replace(&mut self.warned, true) && again
    }

    /// What another Ctrl-C ends: the other connections too, whatever has become of this one.
    fn warn_of_interrupt(&self) {
        let [signal, end] = self.leaving.close_codes();
        let closed = match *self.status.connected() {
            [] => return self.screen.note("Ctrl-C again exits"),
            [only] if only == self.status.number() => "the connection".to_owned(),
            [only] => format!("connection {only}"),
            ref all => format!("the {} connections", all.len()),
        };
        self.screen.note(format_args!("Ctrl-C again closes {closed} with {signal} and exits, Ctrl-D with {end}"));
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
                Next::Dial | Next::Talk(_) => self.close_for_the_next("", sender.as_deref()),
            }
        }
        self.next = Some(next);
    }

    /// Begins a log, ends the one there is, or says whether there is one.
    fn change_log(&mut self, change: &LogChange) {
        let opened = Some(self.open.opened_line()).filter(|_| self.status.is_connected());
        let whose = self.status.mark_among_several().unwrap_or_default();
        match change {
            LogChange::To(path) => self.archive.log(Some(path), opened, (&whose, &self.screen)),
            LogChange::Off if self.archive.log.is_open() => self.archive.log(None, opened, (&whose, &self.screen)),
            LogChange::Off => self.screen.fault(self.archive.log_told(&whose)),
            LogChange::Show => self.screen.note(self.archive.log_told(&whose)),
        }
    }

    fn say_lines(&self, lines: Vec<String>) {
        let mut lines = lines.into_iter();
        if let Some(first) = lines.next() {
            self.screen.note(first);
        }
        lines.for_each(|line| self.screen.say(self.screen.wrapped(Style::Plain, &format!("  {line}"))));
    }
}
