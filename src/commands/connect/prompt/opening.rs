//! From one connection to the next: the next is opened first, so that one that can't be leaves the last as it is.

use std::time::{Duration, Instant};

use super::connect_thread::{ConnectOutcome, Manner};
use super::connecting::Connecting;
use super::connection::OpenConnection;
use super::{Next, Prompt};
use crate::advice::Dialect;
use crate::client::attempts::Attempt;
use crate::commands::prompt::command::{ConnectRequest, ReconnectChange};
use crate::error::Error;
use crate::exit::Exit;
use crate::net::{Dialed, Sender, Timing};
use crate::trace::connection_lines::{ConnectionLine, Milestone};
use crate::view::amount::Size;
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

/// How long an attempt that is cancelled may take to say so; nobody waits who doesn't record.
const GIVEN_UP_WITHIN: Duration = Duration::from_millis(500);

/// For how long what was sent on a connection may go out before the next one takes its place.
const GOES_OUT_WITHIN: Duration = Duration::from_secs(30);

/// Bytes that are gone before anybody could read of them.
const SOON_GONE: u64 = 64 * 1024;

impl Prompt<'_> {
    /// Says where the first connection leads, if it takes its time.
    pub(super) fn tell_opening(&mut self, now: Instant) {
        let Connecting { first: Some(first), thread, .. } = &mut self.connecting else { return };
        if first.is_to_be_told(now) && thread.is_wanted() {
            self.screen.note(format_args!("connecting to {}; Ctrl-C, Ctrl-D and /quit give it up", first.url));
        }
    }

    /// `/connect`: what is open stays so until the next connection is.
    pub(super) fn connect(&mut self, request: ConnectRequest) {
        self.connecting.retry = None;
        self.connecting.thread.cancel();
        self.dial(Some(request), None);
    }

    /// `/reconnect`, with or without a word behind it.
    pub(super) fn change_reconnects(&mut self, change: ReconnectChange, sender: Option<&mut Sender<'_>>) {
        let most = match change {
            ReconnectChange::Now => return self.reconnect(sender),
            ReconnectChange::Auto => Some(u32::MAX),
            ReconnectChange::Off => None,
        };
        self.connecting.set_most(most, &self.exchange.ending, self.leaving.latest());
        let is_retrying = self.connecting.is_retrying();
        if most.is_none() {
            if !(is_retrying && self.stop_dialing()) {
                self.screen.note("a lost connection stays lost");
            }
        } else {
            self.screen.note("a lost connection is followed by another; /reconnect off stops that");
            if !self.status.is_connected() && !is_retrying && !self.connecting.thread.is_under_way() {
                self.stay(true);
            }
        }
    }

    /// `/reconnect`: closes what is open, and goes there again.
    pub(super) fn reconnect(&mut self, sender: Option<&mut Sender<'_>>) {
        if sender.is_some() && self.gives_way() {
            return self
                .screen
                .fault("the connection is being closed for another already; Ctrl-C drops what still waits");
        }
        if self.connecting.thread.is_wanted() {
            return self.screen.fault("already connecting; Ctrl-C stops that");
        }
        self.then(Next::Dial, sender);
    }

    /// Begins an attempt, to another URL or to the same again, once the one is over that is under way; with its number where
    /// nobody has asked for it.
    pub(super) fn dial(&mut self, to: Option<ConnectRequest>, attempt: Option<Attempt>) {
        self.connecting.attempt = attempt;
        if self.connecting.thread.is_under_way() {
            self.connecting.wanted = Some(to);
            return;
        }
        let is_announced = to.is_some() || self.connecting.first.is_none();
        if let Err(error) = self.connecting.thread.begin(to, is_announced) {
            self.not_connected(error);
        }
    }

    /// Goes on from the attempt that was under way, once there is an outcome.
    pub(super) fn check_dialing(&mut self, sender: Option<&Sender<'_>>) {
        let Some(outcome) = self.connecting.thread.take_outcome() else { return };
        let was_tried = outcome.was_tried();
        let ConnectOutcome { url, facts, dialed, manner, .. } = outcome;
        if matches!(self.next, Some(Next::Leave)) {
            return;
        }
        match dialed {
            Ok((dialed, timing)) => {
                let secrets = manner.as_ref().map_or(self.secrets, |manner| manner.secrets);
                let connection = OpenConnection::new(self.archive.number, url, facts, &dialed, secrets);
                self.opened(FreshConnection { connection, dialed, timing, manner }, sender);
            }
            Err(Error::Interrupted) => {
                self.turn_back();
                self.drop_held_unless_wanted();
                self.end_unless_opened();
            }
            Err(error) if !was_tried => self.not_connected(error),
            Err(error) => {
                self.turn_back();
                if let Some(recording) = &self.archive.recording {
                    recording.not_opened(&url, facts.recorded_heads(recording), &error);
                }
                let line = facts.failed_line(&url, &error, self.secrets);
                self.archive
                    .line(&ConnectionLine::new(self.archive.number, Milestone::NotOpened(Box::new(line))).line());
                self.connecting.has_failed(url, facts, &error);
                self.not_connected(error);
            }
        }
        if let Some(to) = self.connecting.wanted.take() {
            self.dial(to, self.connecting.attempt);
        }
    }

    fn opened(&mut self, opened: FreshConnection, sender: Option<&Sender<'_>>) {
        self.connecting.failed = None;
        if self.status.is_connected() {
            self.close_for_the_next("opened; ", sender);
        }
        self.next = Some(Next::Talk(Box::new(opened)));
    }

    /// Closes the connection for another one, once what waits has gone out; says so, where there is news or it takes its time.
    pub(super) fn close_for_the_next(&mut self, news: &str, sender: Option<&Sender<'_>>) {
        self.leaving.close_when_sent(Instant::now() + GOES_OUT_WITHIN);
        let url = self.open.url();
        match sender.map(|sender| self.waiting(sender)).filter(|waiting| *waiting > SOON_GONE) {
            Some(waiting) => self.screen.note(format_args!(
                "{news}closing the connection to {url} once the {} that wait have gone out, within {} s; Ctrl-C drops them",
                Size(waiting as f64),
                GOES_OUT_WITHIN.as_secs()
            )),
            None if news.is_empty() => {}
            None => self.screen.note(format_args!("{news}closing the connection to {url}")),
        }
    }

    /// Whether another connection follows the one that is open.
    pub(super) fn gives_way(&self) -> bool {
        self.status.is_connected() && matches!(self.next, Some(Next::Dial | Next::Talk(_)))
    }

    /// Ctrl-C: what waits on a connection that gives way to another isn't sent any more. Returns whether there is one.
    pub(super) fn stop_giving_way(&mut self) -> bool {
        let gives_way = self.gives_way();
        if gives_way {
            self.leaving.leave_at_once();
        }
        gives_way
    }

    /// There is no new connection.
    fn not_connected(&mut self, error: Error) {
        match self.connecting.attempt {
            // Said as it is without a prompt, once the terminal is as it was.
            None if self.connecting.first.is_some() && self.connecting.wanted.is_none() => {
                self.connecting.failure = Some(self.connecting.thread.never_opened(&self.exchange, error));
                self.end_unless_opened();
            }
            Some(attempt) => {
                self.screen.fault(format_args!("attempt {} failed: {error}", attempt.number));
                self.stay(true);
            }
            None => {
                self.screen.fault(&error);
                let mut tell = |line: &str| self.screen.fault(format_args!("  {line}"));
                let dialect = match &error {
                    // Of the flags behind /connect.
                    Error::Usage { .. } => Dialect::CommandLine,
                    _ => Dialect::Prompt { connected: self.status.is_connected() },
                };
                error.excerpt().into_iter().flatten().for_each(|line| tell(line));
                error.hint_in(dialect).iter().for_each(|hint| tell(hint));
                if let Some(answer) = error.answer() {
                    refusal::each_line(answer, true, dialect, &mut tell);
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
            self.connecting.thread.turn_back();
        }
    }

    /// An attempt that is given up by leaving is recorded, as where there is no prompt.
    pub(super) fn record_given_up(&mut self) {
        let Some(recording) = self.archive.recording.clone() else { return };
        if let Some(outcome) = self.connecting.thread.await_cancelled(GIVEN_UP_WITHIN).filter(ConnectOutcome::was_tried)
            && let Err(error) = outcome.dialed
        {
            recording.not_opened(&outcome.url, outcome.facts.recorded_heads(&recording), &error);
        }
    }

    /// A connection that never came to be is no place to stay at.
    fn end_unless_opened(&mut self) {
        if !self.open.was_opened() && self.connecting.wanted.is_none() {
            self.ends_alone = true;
            self.next = Some(Next::Leave);
        }
    }

    fn drop_held_unless_wanted(&mut self) {
        if self.connecting.wanted.is_none() && !self.gives_way() {
            self.drop_held();
        }
    }

    /// Ctrl-C: ends the attempt that is under way, or the wait before the next. Returns whether there was one.
    pub(super) fn stop_dialing(&mut self) -> bool {
        if self.connecting.first.is_some() && self.connecting.thread.is_wanted() {
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
        if self.connecting.thread.is_wanted() || self.connecting.wanted.is_some() {
            self.connecting.thread.cancel();
            self.connecting.attempt = None;
            self.screen.note(format_args!("no longer connecting; {otherwise}"));
        } else if self.connecting.retry.take().is_some() {
            self.connecting.attempt = None;
            self.screen.note(format_args!("no more attempts; {otherwise}"));
            self.drop_held();
        } else {
            return false;
        }
        self.connecting.wanted = None;
        true
    }
}
