//! A replay that signals and the end of the time stop.

use std::time::Instant;

use crate::commands::run_end::RunEnd;
use crate::handlers::replay::Replay;
use crate::net::{Handler, Sender, Signals};
use crate::ws::{Close, Event, StatusCode};

pub(super) struct TimedReplay<'a> {
    pub(super) replay: Replay,
    run: RunEnd<'a>,
    /// The time was up.
    pub(super) is_late: bool,
    pub(super) was_interrupted: bool,
    left: bool,
}

impl<'a> TimedReplay<'a> {
    pub(super) fn new(replay: Replay, latest: Option<Instant>, signals: &'a Signals) -> Self {
        let run = RunEnd::new(latest, signals);
        Self { replay, run, is_late: false, was_interrupted: false, left: false }
    }
}

impl Handler for TimedReplay<'_> {
    fn event(&mut self, event: Event<'_>, sender: &mut Sender<'_>) {
        self.replay.event(event, sender);
    }

    fn after_turn(&mut self, now: Instant, sender: &mut Sender<'_>) {
        let ends = self.run.check_time(now) && !sender.has_ended();
        if ends && !std::mem::replace(&mut self.is_late, true) {
            self.replay.end_early(Close::new(StatusCode::GOING_AWAY, ""), sender);
        }
        self.left |= self.run.is_over(now);
        self.replay.after_turn(now, sender);
    }

    fn has_more(&self) -> bool {
        self.replay.has_more()
    }

    fn deadline(&self) -> Option<Instant> {
        let latest = if self.run.is_late() { self.run.hard_end() } else { self.run.latest() };
        [self.replay.deadline(), latest].into_iter().flatten().min()
    }

    /// The first signal begins the closing handshake, the second leaves.
    fn stop(&mut self, sender: &mut Sender<'_>) -> bool {
        if self.run.take_signal() {
            self.was_interrupted = true;
            self.run.interrupt();
            self.replay.end_early(Close::new(StatusCode::GOING_AWAY, ""), sender);
        }
        true
    }

    fn wants_abort(&self) -> bool {
        self.run.wants_abort() || self.left
    }
}
