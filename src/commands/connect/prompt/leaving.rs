//! Why the prompt ends: the goals and the time limit of the command line, or the person.

use std::time::Instant;

use super::{Next, Prompt};
use crate::commands::connect::verdict::{GRACE, State, verdict};
use crate::error::Error;
use crate::exit::Exit;
use crate::net::{End, Sender};
use crate::script::{GoalState, Goals};
use crate::ws::{Close, Data, StatusCode};

/// What decides when the prompt ends, and with which exit code.
#[derive(Debug)]
pub(super) struct Leaving {
    goals: Goals,
    /// What was waited for has come; what comes after it isn't wanted.
    pub(super) goal_reached: bool,
    /// The end of the whole run.
    latest: Option<Instant>,
    /// Of the connection that is open.
    state: State,
    /// Our Close, once everything before it is sent.
    close: Option<Close>,
    /// Without a closing handshake: when we leave at the latest, whatever the peer has yet to take.
    leave_by: Option<Instant>,
    left: bool,
    /// How the last connection ended.
    ended: Option<(End, State)>,
    failure: Option<Error>,
}

impl Leaving {
    pub(super) fn new(goals: Goals, latest: Option<Instant>) -> Self {
        Self {
            goals,
            goal_reached: false,
            latest,
            state: State::Running,
            close: None,
            leave_by: None,
            left: false,
            ended: None,
            failure: None,
        }
    }

    /// A new connection.
    pub(super) fn begin_again(&mut self) {
        self.goals.begin_again();
        self.state = State::Running;
        self.close = None;
        self.leave_by = None;
        self.left = false;
    }

    /// The connection has ended.
    pub(super) fn ended(&mut self, ending: End) {
        self.ended = Some((ending, self.state));
    }

    pub(super) fn is_running(&self) -> bool {
        self.state == State::Running
    }

    /// Whether something is expected that hasn't come.
    pub(super) fn awaits_something(&self) -> bool {
        self.goals.missing().is_some()
    }

    pub(super) fn latest(&self) -> Option<Instant> {
        self.latest
    }

    pub(super) fn is_out_of_time(&self, now: Instant) -> bool {
        self.latest.is_some_and(|latest| now >= latest)
    }

    /// When the connection is to be ended.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let latest = if self.is_running() { self.latest } else { self.hard_end() };
        [latest, self.leave_by].into_iter().flatten().min()
    }

    /// When the connection is given up, whatever the peer is about to do.
    fn hard_end(&self) -> Option<Instant> {
        self.latest.map(|latest| latest + GRACE)
    }

    /// Whether the connection is to be ended without the rest of the closing handshake.
    pub(super) fn has_left(&self) -> bool {
        self.left
    }
}

impl Prompt<'_> {
    /// How the program ends.
    ///
    /// # Errors
    /// What was expected in vain, or came and shouldn't have.
    pub(super) fn verdict(&mut self) -> Result<Exit, Error> {
        if let Some(failure) = self.leaving.failure.take() {
            return Err(failure);
        }
        let Some((ending, state)) = &self.leaving.ended else { return Ok(Exit::Done) };
        verdict(ending, *state, &self.leaving.goals, &self.exchange.ending)
    }

    /// Part of a message that arrived: the goals may be reached by it.
    pub(super) fn judge(&mut self, data: &Data<'_>, sender: &mut Sender<'_>) {
        if !self.leaving.is_running() {
            return;
        }
        match self.leaving.goals.data(data) {
            GoalState::GoOn => {}
            GoalState::Reached => {
                self.leaving.goal_reached = true;
                self.finish(sender);
            }
            GoalState::Rejected(what) => {
                self.leaving.failure = Some(Error::Unmet(what.to_string()));
                self.end(State::GaveUp, Close::new(StatusCode::GOING_AWAY, ""), sender);
            }
        }
    }

    /// Ends when all that was expected has come, or the time is up.
    pub(super) fn end_when_due(&mut self, now: Instant, sender: &mut Sender<'_>) {
        if self.leaving.is_running() {
            let all_sent = self.pace.is_empty() && sender.all_written();
            if all_sent && self.leaving.goals.has_all() {
                self.finish(sender);
            } else if self.leaving.is_out_of_time(now) {
                self.end(State::OutOfTime, Close::new(StatusCode::GOING_AWAY, ""), sender);
            }
        }
        self.close_when_sent(now, sender);
        if self.leaving.hard_end().is_some_and(|end| now >= end) {
            if !matches!(self.next, Some(Next::Interrupted(_))) {
                self.next = Some(Next::Leave);
            }
            self.leaving.left = true;
        } else if let Some(latest) = self.leaving.leave_by {
            self.leaving.left = now >= latest || sender.all_written();
        }
    }

    /// Goes on to something else, once what waits is sent and the connection is closed.
    pub(super) fn then(&mut self, next: Next, sender: Option<&mut Sender<'_>>) {
        let leaves = matches!(next, Next::Leave);
        self.next = Some(next);
        let Some(sender) = sender else { return };
        if leaves && self.leaving.is_running() {
            self.leaving.state = State::Done;
        }
        let close = if leaves { self.exchange.ending.close.clone() } else { Close::new(StatusCode::NORMAL, "") };
        self.leaving.close = Some(close);
        self.close_when_sent(Instant::now(), sender);
    }

    /// A Close was asked for with its code: when the peer answers it, all went as it should.
    pub(super) fn closes(&mut self) {
        if self.leaving.is_running() {
            self.leaving.state = State::Done;
        }
    }

    fn finish(&mut self, sender: &mut Sender<'_>) {
        self.end(State::Done, self.exchange.ending.close.clone(), sender);
    }

    /// Ends the connection and the prompt.
    fn end(&mut self, state: State, close: Close, sender: &mut Sender<'_>) {
        self.leaving.state = state;
        self.leaving.close = Some(close);
        self.next = Some(Next::Leave);
        self.open.repeating = None;
        self.pace.clear();
        self.close_when_sent(Instant::now(), sender);
    }

    fn close_when_sent(&mut self, now: Instant, sender: &mut Sender<'_>) {
        if !self.pace.is_empty() {
            return;
        }
        let Some(close) = self.leaving.close.take() else { return };
        if self.exchange.ending.no_close {
            let latest = now + self.client.settings().timing.close_timeout;
            self.leaving.leave_by.get_or_insert(latest);
        } else {
            // Refused when the connection is closing already.
            let _ = sender.close(close);
        }
    }
}
