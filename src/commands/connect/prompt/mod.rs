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
mod connect_thread;
mod connection;
mod display;
mod end_line;
mod handler;
mod information;
mod keeping;
mod next_request;
mod opening;
mod pace;
mod replaying;
mod sending;
mod several;
mod stall;

use std::sync::Arc;
use std::time::Instant;

use super::config::Exchange;
use super::leaving::Leaving;
use super::lines::CommandLines;
use super::reconnect::{Reconnects, is_lost};
use super::request;
use super::rules;
use crate::client::Client;
use crate::client::attempts::Attempt;
use crate::commands::connection_taps::ConnectionTaps;
use crate::commands::interrupt::exit_of;
use crate::commands::prompt::command::{ConnectRequest, Operation};
use crate::commands::prompt::command_queue::{CommandReceiver, Input};
use crate::commands::prompt::event_file::EventFile;
use crate::commands::prompt::message_display::MessageDisplay;
use crate::commands::prompt::rule_texts::RuleTexts;
use crate::commands::prompt::saving::Saving;
use crate::commands::prompt::screen::Screen;
use crate::commands::prompt::settings::{Settings, Timestamps};
use crate::commands::prompt::status::Status;
pub(crate) use crate::commands::prompt::terminal::{incapable_terminal, is_at_a_terminal, is_capable};
use crate::commands::prompt::transcript::Transcript;
use crate::commands::prompt::{CommandWords, Seat};
use crate::commands::run_limit::RunLimit;
use crate::error::Error;
use crate::exit::Exit;
use crate::handlers::player::Player;
use crate::http::Secrets;
use crate::net::{Dialed, End, Sender, Signals, Timing, wait_either};
use crate::script::{Dice, Rules};
use crate::stdio::console::Console;
use crate::stdio::decode::Decoder;
use crate::stdio::output::Stamp;
use crate::stdio::recording::Recording;
use crate::view::spans::Style;
use crate::ws::{Close, Kind, Role};

use self::connect_thread::{ConnectThread, Manner};
use self::connection::OpenConnection;
use self::end_line::EndLine;
use self::opening::{FailedAttempt, FirstOpening, FreshConnection};
use self::pace::Pace;
use self::replaying::Replaying;
use self::several::{ConnectionPlace, SharedSetup};

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
    let commands = CommandWords { role: Role::Client, url: Some(url), connect: lines.words() };
    let seat = Seat::take(&screen, &status, &transcript, commands, &exchange.prompt);
    let Seat { guard: _guard, receiver, editor, connections } = seat.map_err(failed)?;
    let (secrets, timing) = (client.secrets(), client.settings().timing);
    let shared = SharedSetup {
        screen: screen.clone(),
        lines: Arc::clone(&lines),
        answers: client.answers(),
        latest: limit.latest,
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
    let opening = FirstOpening::new(client.url(), limit);
    let Prepared { data, rule_texts, rules, .. } = prepared;
    let mut prompt = Prompt::new(first, Some(client), leaving, signals);
    prompt.data = data;
    prompt.rule_texts = rule_texts;
    prompt.player = rules.map(|rules| Player::new(rules, Dice::of_seed(rand::random())));
    prompt.opening = Some(opening);
    editor.start().map_err(failed)?;
    let exit = several::run(&shared, &connections, prompt);
    screen.finish();
    exit
}

/// The screen and its settings, which begin as the flags say.
fn display(exchange: &Exchange) -> (Screen, Status) {
    let screen = Screen::new(exchange.writing.paint);
    let status = Status::new(Settings {
        frames: exchange.show_frames,
        pings: exchange.writing.show_pings,
        timestamps: match exchange.writing.timestamps {
            None => Timestamps::Off,
            Some(Stamp::Delta) => Timestamps::Delta,
            Some(_) => Timestamps::On,
        },
        ..Settings::default()
    });
    status.set_connected(false);
    exchange.prompt.settings.iter().for_each(|setting| status.set(setting.clone()));
    screen.times(|times| {
        times.set_stamp(exchange.writing.timestamps.clone());
        times.set(status.settings(|settings| settings.timestamps));
    });
    (screen, status)
}

/// The connection's side of the prompt.
struct Prompt<'a> {
    exchange: Arc<Exchange>,
    /// The messages of `-d`.
    data: Vec<(Kind, Vec<u8>)>,
    rule_texts: RuleTexts,
    /// They were changed at the keyboard.
    rules_are_typed: bool,
    /// Answers what arrives by the rules.
    player: Option<Player>,
    replaying: Option<Replaying>,
    signals: &'a Signals,
    screen: Screen,
    status: Status,
    receiver: CommandReceiver,
    transcript: Transcript,
    messages: MessageDisplay,
    decoder: Option<Decoder>,
    log: EventFile,
    /// Of `--record`.
    recording: Option<Arc<Recording>>,
    saving: Saving,
    /// In what is written: `None` of the first.
    number: Option<u64>,
    /// The connection that is open, or the last one that was.
    open: OpenConnection,
    /// What waits to be sent.
    pace: Pace,
    leaving: Leaving<'a>,
    /// How the last connection ended.
    ended: Option<End>,
    /// What was said of that.
    told_end: Option<String>,
    reconnects: Reconnects,
    /// How many there are to be at most, where that was said at the keyboard.
    typed_reconnects: Option<Option<u32>>,
    /// The attempt to reconnect that is due next, and when.
    retry: Option<(Attempt, Instant)>,
    /// The one that is under way, where nobody has asked for it.
    attempt: Option<Attempt>,
    dialing: ConnectThread,
    /// Where to go once the attempt is over that is under way.
    wanted: Option<Option<ConnectRequest>>,
    failed: Option<FailedAttempt>,
    /// What is to be sent on the next connection.
    held: Pace,
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
    /// Until that is open.
    opening: Option<FirstOpening>,
    /// Why it never was.
    failure: Option<Error>,
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
        let ConnectionPlace { number, exchange, screen, status, receiver, transcript, recording, setup, secrets } =
            place;
        let (screen_of_messages, status_of_messages) = (screen.clone(), status.clone());
        Self {
            data: Vec::new(),
            rule_texts: RuleTexts::default(),
            rules_are_typed: false,
            player: None,
            replaying: None,
            signals,
            screen,
            status,
            messages: MessageDisplay::new(screen_of_messages, status_of_messages, transcript.clone()),
            transcript,
            decoder: exchange.writing.decoder(),
            log: EventFile::default(),
            recording,
            saving: Saving::default(),
            open: OpenConnection::unopened(),
            number,
            pace: Pace::new(exchange.sending.options.interval),
            reconnects: Reconnects::new(exchange.ending.reconnect, exchange.ending.reconnect_delay, leaving.latest()),
            typed_reconnects: None,
            leaving,
            ended: None,
            told_end: None,
            retry: None,
            attempt: None,
            dialing: ConnectThread::new(setup, client, receiver.waker()),
            wanted: None,
            failed: None,
            held: Pace::new(None),
            secrets,
            exchange,
            receiver,
            warned: false,
            settings_applied: None,
            ends_alone: false,
            is_first: number.is_none(),
            opening: None,
            failure: None,
            next: None,
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
            self.greet();
            self.converse(dialed, timing);
        }
        // Nobody waits for an attempt any more.
        self.dialing.cancel();
        self.record_given_up();
        self.log(None);
        self.saving.finish();
        match self.failure.take() {
            Some(failure) => Err(failure),
            None => self.leaving.outcome(self.ended.as_ref()),
        }
    }

    /// Talks as a line has it from now on.
    fn adopt(&mut self, manner: Manner) {
        let Manner { exchange, prepared: Prepared { data, rule_texts, rules, .. }, secrets } = manner;
        self.data = data;
        if !self.rules_are_typed {
            self.rule_texts = rule_texts;
            self.player = rules.map(|rules| Player::new(rules, Dice::of_seed(rand::random())));
        }
        self.decoder = exchange.writing.decoder();
        self.pace = Pace::new(exchange.sending.options.interval);
        let most = self.typed_reconnects.unwrap_or(exchange.ending.reconnect);
        self.reconnects = Reconnects::new(most, exchange.ending.reconnect_delay, self.leaving.latest());
        self.leaving.end_as(exchange.ending.clone());
        self.secrets = secrets;
        self.exchange = Arc::new(exchange);
    }

    /// Runs a connection until it ends, and tells how it did.
    fn converse(&mut self, dialed: Dialed, timing: Timing) {
        let begun = Instant::now();
        if let Some(opening) = self.opening.take() {
            opening.limit.opened();
        }
        self.told_end = None;
        self.leaving.begin_again();
        self.messages.begin_again();
        if let Some(decoder) = &mut self.decoder {
            decoder.begin_again();
        }
        if let Some(player) = &mut self.player {
            player.begin_again();
        }
        self.status.set_connected(true);
        self.status.set_target(self.open.raw_url());
        self.status.set_url(self.open.url().0.to_owned());
        self.status.tell(&self.screen);
        let opened = self.open.opened_line().to_owned();
        self.keep_line(&opened);
        let url = self.open.url().to_string();
        let recorded = self.recording.as_ref().map(|recording| self.open.facts.record(recording, &dialed, &url));
        let taps = ConnectionTaps { recorded, ..ConnectionTaps::default() };
        let summary = taps.run(dialed, timing, self.signals, self);
        let closed = self.open.closed_line(&summary);
        let ending = summary.ending;
        self.open.end(Instant::now());
        self.tell_end(&ending);
        self.keep_line(&closed);
        self.tell_violating_frame(&ending);
        let lost = self.leaving.is_running() && is_lost(&ending);
        self.ended = Some(ending);
        self.reconnects.lost_after(begun.elapsed());
        if self.next.is_none() && !self.dialing.is_under_way() {
            self.stay(lost);
        }
        if !matches!(self.next, Some(Next::Leave | Next::Talk(_))) {
            self.status.tell(&self.screen);
        }
    }

    /// Says how the connection ended, as soon as that is known, and once.
    fn tell_end(&mut self, ending: &End) {
        let line = EndLine(ending).to_string();
        if self.told_end.as_ref() == Some(&line) {
            return;
        }
        self.status.set_connected(false);
        self.drop_unsent();
        self.end_replaying();
        if let Some(line) = self.open.unfinished_frame() {
            self.tell_frame(line);
        }
        self.screen.note(&line);
        self.told_end = Some(line);
    }

    /// What follows when nobody has said it.
    fn stay(&mut self, reconnects: bool) {
        if reconnects && let Some(attempt) = self.reconnects.next_attempt() {
            self.screen.note(attempt);
            self.retry = Some((attempt, Instant::now() + attempt.delay));
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
                false => self.screen.note("/reconnect to connect again, Ctrl-D to exit"),
            }
        }
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
                Some(Next::Dial) if self.dialing.is_wanted() => {}
                Some(Next::Dial) => {
                    self.retry = None;
                    self.dial(None, None);
                }
                Some(next) => return next,
                None => {}
            }
            wait_either(&self.receiver, self.signals, self.due_without_connection());
            if self.signals.take() {
                return self.interrupted(exit_of(self.signals));
            }
            self.check_dialing();
            self.perform_operations();
            let now = Instant::now();
            if self.next.is_some() {
                continue;
            }
            if self.leaving.is_out_of_time(now) && self.opening.is_none() {
                self.leaving.tell_time();
                return Next::Leave;
            }
            self.tell_opening(now);
            if let Some((attempt, _)) = self.retry.take_if(|(_, at)| now >= *at) {
                self.dial(None, Some(attempt));
            }
        }
    }

    /// When something is due without a connection. The first attempt ends in time by itself, and says how.
    fn due_without_connection(&self) -> Option<Instant> {
        let latest = self.leaving.latest().filter(|_| self.opening.is_none());
        let told = self.opening.as_ref().and_then(|opening| opening.told_at);
        [self.retry.map(|(_, at)| at), latest, told].into_iter().flatten().min()
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
            Operation::Info => self.say_lines(self.info()),
            Operation::Headers => self.say_lines(self.headers()),
            Operation::Stats => self.say_lines(self.stats()),
            Operation::Save { path, overwrite } => self.saving.save(&self.transcript, &path, overwrite, &self.screen),
            Operation::Log(path) => self.log(path.as_deref()),
            Operation::Reconnect(change) => self.change_reconnects(change, sender),
            Operation::Request(change) => self.change_request(change),
            Operation::Connect(request) => self.connect(request),
            Operation::EndConnection(close) => self.end_alone(close, sender),
            Operation::Quit => self.then(Next::Leave, sender),
            // A client's prompt has no command for it.
            Operation::Clients(_) => {}
            Operation::Replay(recorded) => self.replay(recorded, sender),
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
        self.screen.stop_listing() || self.stop_repeating() || self.stop_replaying() || self.stop_dialing()
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
                Next::Dial | Next::Talk(_) => self.leaving.close_when_sent(),
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
