//! How a connection of `connect` ends because of us, in a pipe, at the prompt and with `--echo`: why, with which Close or
//! without one, how long the peer has then, and what the exit code is.
//!
//! What the peer says until it has answered our Close counts like what it said before: goals go on to be looked for, and
//! what must not come must not come then either.

use std::time::{Duration, Instant};

use super::config::{Ending, Exchange};
use super::verdict::{RunState, verdict, without_a_reader};
use crate::advice;
use crate::commands::interrupt::exit_of;
use crate::commands::run_end::RunEnd;
use crate::commands::run_limit;
use crate::error::Error;
use crate::exit::Exit;
use crate::net::{End, Sender, Signals, UnansweredPing};
use crate::script::{GoalConfig, GoalState, Goals};
use crate::stdio::console::Console;
use crate::ws::{Close, Data, StatusCode};

/// What decides when a run ends, and with which exit code.
#[derive(Debug)]
pub(super) struct Leaving<'a> {
    config: Ending,
    run: RunEnd<'a>,
    console: Console,
    goals: Goals,
    /// For what the peer has yet to take, where we leave without a closing handshake.
    close_timeout: Duration,
    /// Of the connection that is open.
    state: RunState,
    /// What was waited for has come.
    goal_reached: bool,
    /// Our Close, once everything before it is sent.
    close: Option<Close>,
    /// When what waits to be sent before the Close is given up.
    sent_by: Option<Instant>,
    /// Without a closing handshake: when we leave at the latest, whatever the peer has yet to take.
    leave_by: Option<Instant>,
    left: bool,
    /// How the program ends because of it.
    interrupted: Option<Exit>,
    failure: Option<Error>,
}

impl<'a> Leaving<'a> {
    /// Nothing of the run is left after `latest`.
    pub(super) fn new(
        exchange: &Exchange,
        latest: Option<Instant>,
        close_timeout: Duration,
        signals: &'a Signals,
        console: Console,
    ) -> Self {
        Self {
            config: exchange.ending.clone(),
            run: RunEnd::new(latest, signals),
            console,
            goals: Goals::new(exchange.goals.clone()),
            close_timeout,
            state: RunState::Running,
            goal_reached: false,
            close: None,
            sent_by: None,
            leave_by: None,
            left: false,
            interrupted: None,
            failure: None,
        }
    }

    /// Looks for nothing.
    pub(super) fn without_goals(self) -> Self {
        Self { goals: Goals::new(GoalConfig::default()), ..self }
    }

    /// Ends connections so from now on.
    pub(super) fn end_as(&mut self, config: Ending) {
        self.config = Ending { max_time: self.config.max_time, ..config };
    }

    /// A new connection.
    pub(super) fn begin_again(&mut self) {
        self.goals.begin_again();
        self.state = RunState::Running;
        self.close = None;
        (self.sent_by, self.leave_by) = (None, None);
        self.left = false;
    }

    /// Whether nothing has ended the connection for us.
    pub(super) fn is_running(&self) -> bool {
        self.state == RunState::Running
    }

    /// Whether what was waited for has come: what comes after it isn't wanted.
    pub(super) fn has_reached_goal(&self) -> bool {
        self.goal_reached
    }

    /// Whether something is expected that hasn't come.
    pub(super) fn awaits_something(&self) -> bool {
        self.goals.missing().is_some()
    }

    pub(super) fn was_interrupted(&self) -> bool {
        self.interrupted.is_some()
    }

    /// Whether something has failed that the exit code tells before all else.
    pub(super) fn has_failed(&self) -> bool {
        self.failure.is_some()
    }

    /// The end of the whole run.
    pub(super) fn latest(&self) -> Option<Instant> {
        self.run.latest()
    }

    pub(super) fn is_out_of_time(&self, now: Instant) -> bool {
        self.run.is_out_of_time(now)
    }

    /// When everything is given up, whatever the peer and a reader are about to do.
    pub(super) fn hard_end(&self) -> Option<Instant> {
        self.run.hard_end()
    }

    /// When [`after_turn`](Self::after_turn) has something to do.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let latest = if self.is_running() && !self.run.is_late() { self.run.latest() } else { self.hard_end() };
        [latest, self.sent_by, self.leave_by].into_iter().flatten().min()
    }

    /// Whether the connection is to be ended without the rest of the closing handshake.
    pub(super) fn wants_abort(&self) -> bool {
        self.run.wants_abort() || self.left
    }

    /// Part of a message that arrived: a goal may be reached by it. Returns whether the run ends here: then nothing more
    /// is to be sent.
    #[must_use]
    #[inline]
    pub(super) fn judge(&mut self, data: &Data<'_>, sender: &mut Sender<'_>) -> bool {
        match self.goals.data(data) {
            GoalState::GoOn => return false,
            GoalState::Reached => {
                self.goal_reached = true;
                self.finish(sender);
            }
            GoalState::Rejected(what) => self.give_up(Some(Error::Unmet(what.to_string())), sender),
        }
        true
    }

    /// Does what is due by now; `all_sent` says that nothing waits to be sent any more. Returns as [`judge`](Self::judge)
    /// does.
    #[must_use]
    pub(super) fn after_turn(&mut self, now: Instant, all_sent: bool, sender: &mut Sender<'_>) -> bool {
        self.run.check_time(now);
        let ends = self.is_running() && self.end_when_due(all_sent, sender);
        if all_sent {
            self.close_now(now, sender);
        }
        self.left |= self.leave_by.is_some_and(|latest| now >= latest || sender.all_written());
        // What is paced waits before the Close, and the socket may be empty meanwhile.
        let is_sent = self.close.is_none() && sender.all_written();
        if self.sent_by.is_some_and(|latest| now >= latest || is_sent) {
            self.sent_by = None;
            self.left |= !is_sent;
        }
        let is_over = self.run.is_over(now);
        if is_over {
            self.tell_time();
            // How it ended may be decided, and only the end of the transport be missing.
            if !sender.has_ended() && self.state != RunState::GaveUp {
                self.state = RunState::OutOfTime;
            }
            self.left = true;
        }
        ends || is_over
    }

    fn end_when_due(&mut self, all_sent: bool, sender: &mut Sender<'_>) -> bool {
        if all_sent && sender.all_written() && self.goals.has_all() {
            self.finish(sender);
        } else if self.run.is_late() && !sender.has_ended() {
            self.tell_time();
            self.leave(RunState::OutOfTime, self.close_with(StatusCode::GOING_AWAY), sender);
        } else {
            return false;
        }
        true
    }

    /// Says that the connection is kept, and how to do without the Pings.
    pub(super) fn tell_unanswered(&self, ping: &UnansweredPing) {
        let advice = advice::NO_PINGS;
        self.console.line(format_args!("{ping}, but the peer goes on sending, and the connection is kept; {advice}"));
    }

    /// Says, once, that the time is up.
    pub(super) fn tell_time(&self) {
        if let Some(time) = self.config.max_time {
            run_limit::tell(time, &self.console);
        }
    }

    /// Everything is done: ends the connection as was asked for.
    pub(super) fn finish(&mut self, sender: &mut Sender<'_>) {
        self.leave(RunState::Done, self.close_with(StatusCode::NORMAL), sender);
    }

    /// There is no going on.
    pub(super) fn give_up(&mut self, failure: Option<Error>, sender: &mut Sender<'_>) {
        self.failure = self.failure.take().or(failure);
        self.leave(RunState::GaveUp, self.close_with(StatusCode::GOING_AWAY), sender);
    }

    /// A Close has been sent as it was given: when the peer answers it, all went as it should.
    pub(super) fn has_closed(&mut self) {
        self.set_state(RunState::Done);
    }

    /// The person leaves, once everything that waits is sent.
    pub(super) fn finish_when_sent(&mut self) {
        self.set_state(RunState::Done);
        self.close = Some(self.close_with(StatusCode::NORMAL));
    }

    /// The same with a Close of its own.
    pub(super) fn close_as_given(&mut self, close: Close) {
        self.set_state(RunState::Done);
        self.close = Some(close);
    }

    /// This connection isn't wanted any more, once everything that waits is sent, or at `latest`.
    pub(super) fn close_when_sent(&mut self, latest: Instant) {
        self.close = Some(Close::new(StatusCode::NORMAL, ""));
        self.sent_by = Some(latest);
    }

    /// Nor is what waits.
    pub(super) fn leave_at_once(&mut self) {
        self.left = true;
    }

    /// A signal may have come.
    pub(super) fn check_signals(&mut self, sender: &mut Sender<'_>) {
        if self.run.take_signal() {
            self.interrupt(exit_of(self.run.signals()), sender);
        }
    }

    /// The first interruption begins the closing handshake, the second leaves.
    pub(super) fn interrupt(&mut self, exit: Exit, sender: &mut Sender<'_>) {
        self.run.interrupt();
        self.interrupted_by(exit);
        // Refused when the connection is closing already.
        let _ = sender.close(self.close_with(StatusCode::GOING_AWAY));
    }

    /// An interruption for which there is no connection to close.
    pub(super) fn interrupted_by(&mut self, exit: Exit) {
        self.interrupted = Some(exit);
    }

    /// How the program ends, after its last connection has ended so; `None` where there was none.
    ///
    /// # Errors
    /// What was expected in vain, or came and shouldn't have, and what else has failed.
    pub(super) fn outcome(&mut self, ending: Option<&End>) -> Result<Exit, Error> {
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        match (self.interrupted, ending) {
            (Some(exit), _) => Ok(exit),
            (None, None) => Ok(Exit::Done),
            (None, Some(ending)) => {
                let exit = verdict(ending, self.state, &self.goals, &self.config)?;
                // The exit code is the failure's; what is missing because of it is told all the same.
                if let Some(missing) = self.goals.missing().filter(|_| exit != Exit::Done) {
                    self.console.line(missing);
                }
                Ok(exit)
            }
        }
    }

    /// How the program ends where nobody reads what arrives any more.
    ///
    /// # Errors
    /// What was expected in vain.
    pub(super) fn without_a_reader(&self) -> Result<Exit, Error> {
        without_a_reader(&self.goals)
    }

    /// What an interruption closes with, and what the end of the input does.
    pub(super) fn close_codes(&self) -> [u16; 2] {
        [StatusCode::GOING_AWAY, StatusCode::NORMAL].map(|code| self.close_with(code).code.unwrap_or(code).0)
    }

    /// What was asked for, or the code that says how it ended.
    fn close_with(&self, code: StatusCode) -> Close {
        self.config.close.clone().unwrap_or_else(|| Close::new(code, ""))
    }

    fn leave(&mut self, state: RunState, close: Close, sender: &mut Sender<'_>) {
        self.set_state(state);
        self.close = Some(close);
        self.close_now(Instant::now(), sender);
    }

    /// The first reason counts.
    fn set_state(&mut self, state: RunState) {
        if self.is_running() {
            self.state = state;
        }
    }

    fn close_now(&mut self, now: Instant, sender: &mut Sender<'_>) {
        let Some(close) = self.close.take() else { return };
        if self.config.no_close {
            self.leave_by.get_or_insert(now + self.close_timeout);
            self.left |= sender.all_written();
        } else {
            // Refused when the connection is closing already.
            let _ = sender.close(close);
        }
    }
}
