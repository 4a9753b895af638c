//! From one connection to the next: the next is opened first, so that one that can't be leaves the last as it is.

use std::time::{Duration, Instant};

use super::connect_thread::{ConnectOutcome, Manner};
use super::connection::OpenConnection;
use super::{Next, Prompt};
use crate::client::ConnectFacts;
use crate::client::attempts::Attempt;
use crate::commands::connect::reconnect::Reconnects;
use crate::commands::prompt::command::{ConnectRequest, ReconnectChange};
use crate::commands::run_limit::RunLimit;
use crate::error::Error;
use crate::exit::Exit;
use crate::net::{Dialed, Sender, Timing};
use crate::trace::connection_lines::{ConnectionLine, Milestone};
use crate::view::refusal;

/// A connection that nobody talks on yet.
#[derive(Debug)]
pub(super) struct FreshConnection {
    pub(super) connection: OpenConnection,
    pub(super) dialed: Dialed,
    pub(super) timing: Timing,
    /// How it is talked on, where not as the last one was.
    pub(super) manner: Option<Box<Manner>>,
}

/// The last attempt, where it has failed.
#[derive(Debug)]
pub(super) struct FailedAttempt {
    pub(super) url: String,
    pub(super) facts: ConnectFacts,
    pub(super) why: String,
    pub(super) at: Instant,
    /// Those that have failed since a connection was opened.
    pub(super) count: u64,
}

/// When it is said that the first connection isn't open yet: most are before anybody could read it.
const TOLD_AFTER: Duration = Duration::from_millis(500);

/// How long an attempt that is cancelled may take to say so; nobody waits who doesn't record.
const GIVEN_UP_WITHIN: Duration = Duration::from_millis(500);

/// The first connection of the prompt, until it is open.
#[derive(Debug)]
pub(super) struct FirstOpening {
    /// As it may be shown.
    url: String,
    /// `None` once it has been told.
    pub(super) told_at: Option<Instant>,
    pub(super) limit: RunLimit,
}

impl FirstOpening {
    pub(super) fn new(url: String, limit: RunLimit) -> Self {
        Self { url, told_at: Some(Instant::now() + TOLD_AFTER), limit }
    }
}

impl Prompt<'_> {
    /// Says where the first connection leads, if it takes its time.
    pub(super) fn tell_opening(&mut self, now: Instant) {
        let Some(opening) = self.opening.as_mut().filter(|opening| opening.told_at.is_some_and(|at| now >= at)) else {
            return;
        };
        opening.told_at = None;
        if self.dialing.is_wanted() {
            self.screen.note(format_args!("connecting to {}; Ctrl-C, Ctrl-D and /quit give it up", opening.url));
        }
    }

    /// `/connect`: what is open stays so until the next connection is.
    pub(super) fn connect(&mut self, request: ConnectRequest) {
        self.retry = None;
        self.dialing.cancel();
        self.dial(Some(request), None);
    }

    /// `/reconnect`, with or without a word behind it.
    pub(super) fn change_reconnects(&mut self, change: ReconnectChange, sender: Option<&mut Sender<'_>>) {
        let most = match change {
            ReconnectChange::Now => return self.reconnect(sender),
            ReconnectChange::Auto => Some(u32::MAX),
            ReconnectChange::Off => None,
        };
        self.typed_reconnects = Some(most);
        self.reconnects = Reconnects::new(most, self.exchange.ending.reconnect_delay, self.leaving.latest());
        let is_retrying = self.retry.is_some() || self.attempt.is_some();
        if most.is_none() {
            if !(is_retrying && self.stop_dialing()) {
                self.screen.note("a lost connection stays lost");
            }
        } else {
            self.screen.note("a lost connection is followed by another; /reconnect off stops that");
            if !self.status.is_connected() && !is_retrying && !self.dialing.is_under_way() {
                self.stay(true);
            }
        }
    }

    /// `/reconnect`: closes what is open, and goes there again.
    pub(super) fn reconnect(&mut self, sender: Option<&mut Sender<'_>>) {
        if self.dialing.is_wanted() {
            return self.screen.fault("already connecting; Ctrl-C stops that");
        }
        self.then(Next::Dial, sender);
    }

    /// Begins an attempt, to another URL or to the same again, once the one is over that is under way; with its number where
    /// nobody has asked for it.
    pub(super) fn dial(&mut self, to: Option<ConnectRequest>, attempt: Option<Attempt>) {
        self.attempt = attempt;
        if self.dialing.is_under_way() {
            self.wanted = Some(to);
            return;
        }
        let is_announced = to.is_some() || self.opening.is_none();
        if let Err(error) = self.dialing.begin(to, is_announced) {
            self.not_connected(error);
        }
    }

    /// Goes on from the attempt that was under way, once there is an outcome.
    pub(super) fn check_dialing(&mut self) {
        let Some(outcome) = self.dialing.take_outcome() else { return };
        let was_tried = outcome.was_tried();
        let ConnectOutcome { url, facts, dialed, manner, .. } = outcome;
        if matches!(self.next, Some(Next::Leave)) {
            return;
        }
        match dialed {
            Ok((dialed, timing)) => {
                let secrets = manner.as_ref().map_or(self.secrets, |manner| manner.secrets);
                let connection = OpenConnection::new(self.number, url, facts, &dialed, secrets);
                self.opened(FreshConnection { connection, dialed, timing, manner });
            }
            Err(Error::Interrupted) => {
                self.turn_back();
                self.drop_held_unless_wanted();
                self.end_unless_opened();
            }
            Err(error) if !was_tried => self.not_connected(error),
            Err(error) => {
                self.turn_back();
                let count = self.failed.as_ref().map_or(0, |failed| failed.count) + 1;
                if let Some(recording) = &self.recording {
                    recording.not_opened(&url, facts.recorded_heads(recording), &error);
                }
                let line = facts.failed_line(&url, &error, self.secrets);
                self.keep_line(&ConnectionLine::new(self.number, Milestone::NotOpened(Box::new(line))).line());
                self.failed = Some(FailedAttempt { url, facts, why: error.to_string(), at: Instant::now(), count });
                self.not_connected(error);
            }
        }
        if let Some(to) = self.wanted.take() {
            self.dial(to, self.attempt);
        }
    }

    fn opened(&mut self, opened: FreshConnection) {
        self.failed = None;
        if self.status.is_connected() {
            self.screen.note(format_args!("opened; closing the connection to {}", self.open.url()));
            self.leaving.close_when_sent();
        }
        self.next = Some(Next::Talk(Box::new(opened)));
    }

    /// There is no new connection.
    fn not_connected(&mut self, error: Error) {
        match self.attempt {
            // Said as it is without a prompt, once the terminal is as it was.
            None if self.opening.is_some() && self.wanted.is_none() => {
                self.failure = Some(self.dialing.never_opened(&self.exchange, error));
                self.end_unless_opened();
            }
            Some(attempt) => {
                self.screen.fault(format_args!("attempt {} failed: {error}", attempt.number));
                self.stay(true);
            }
            None => {
                self.screen.fault(&error);
                let mut tell = |line: &str| self.screen.fault(format_args!("  {line}"));
                error.hint().iter().flat_map(|hint| hint.lines()).for_each(&mut tell);
                if let Some(answer) = error.answer() {
                    refusal::each_line(answer, true, &mut tell);
                }
                self.drop_held_unless_wanted();
                match self.status.is_connected() {
                    true => self.screen.note(format_args!("still connected to {}", self.open.url())),
                    false if self.open.was_opened() => self.stay(false),
                    false => self.end_unless_opened(),
                }
            }
        }
    }

    /// Where a connection is open, what follows it leads there again.
    fn turn_back(&mut self) {
        if self.status.is_connected() {
            self.dialing.turn_back();
        }
    }

    /// An attempt that is given up by leaving is recorded, as where there is no prompt.
    pub(super) fn record_given_up(&mut self) {
        let Some(recording) = self.recording.clone() else { return };
        if let Some(outcome) = self.dialing.await_cancelled(GIVEN_UP_WITHIN).filter(ConnectOutcome::was_tried)
            && let Err(error) = outcome.dialed
        {
            recording.not_opened(&outcome.url, outcome.facts.recorded_heads(&recording), &error);
        }
    }

    /// A connection that never came to be is no place to stay at.
    fn end_unless_opened(&mut self) {
        if !self.open.was_opened() && self.wanted.is_none() {
            self.ends_alone = true;
            self.next = Some(Next::Leave);
        }
    }

    fn drop_held_unless_wanted(&mut self) {
        if self.wanted.is_none() {
            self.drop_held();
        }
    }

    /// Ctrl-C: ends the attempt that is under way, or the wait before the next. Returns whether there was one.
    pub(super) fn stop_dialing(&mut self) -> bool {
        if self.opening.is_some() && self.dialing.is_wanted() {
            // As where there is no prompt: without a connection there is nothing else to stay for.
            self.ends_alone = true;
            self.next = Some(self.interrupted(Exit::Interrupted));
            return true;
        }
        let otherwise = match self.status.is_connected() {
            false if !self.open.was_opened() => "the connection is given up".to_owned(),
            true => format!("still connected to {}", self.open.url()),
            false => "/reconnect to connect again, Ctrl-D to exit".to_owned(),
        };
        if self.dialing.is_wanted() || self.wanted.is_some() {
            self.dialing.cancel();
            self.attempt = None;
            self.screen.note(format_args!("no longer connecting; {otherwise}"));
        } else if self.retry.take().is_some() {
            self.attempt = None;
            self.screen.note(format_args!("no more attempts; {otherwise}"));
            self.drop_held();
        } else {
            return false;
        }
        self.wanted = None;
        true
    }
}
