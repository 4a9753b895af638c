//! A replay that signals and the end of the time stop.

use std::time::{Duration, Instant};

use crate::handlers::replay::Replay;
use crate::net::{Handler, Sender, Signals, process_end};
use crate::ws::{Close, Event, StatusCode};

/// After the end of the time, for the peer to answer our Close.
const GRACE: Duration = Duration::from_millis(100);

pub(super) struct TimedReplay<'a> {
    pub(super) replay: Replay,
    latest: Option<Instant>,
    signals: &'a Signals,
    /// The time was up.
    pub(super) is_late: bool,
    pub(super) was_interrupted: bool,
    interruptions: u32,
    left: bool,
}

impl<'a> TimedReplay<'a> {
    pub(super) fn new(replay: Replay, latest: Option<Instant>, signals: &'a Signals) -> Self {
        Self { replay, latest, signals, is_late: false, was_interrupted: false, interruptions: 0, left: false }
    }
}

impl Handler for TimedReplay<'_> {
    fn event(&mut self, event: Event<'_>, sender: &mut Sender<'_>) {
        self.replay.event(event, sender);
    }

    fn after_turn(&mut self, now: Instant, sender: &mut Sender<'_>) {
        if self.latest.is_some_and(|latest| now >= latest) && !sender.has_ended() {
            // Whoever would end the process unheeded is to know that it is about to end.
            process_end();
            if !std::mem::replace(&mut self.is_late, true) {
                self.replay.end_early(Close::new(StatusCode::GOING_AWAY, ""), sender);
            }
        }
        self.left |= self.latest.is_some_and(|latest| now >= latest + GRACE);
        self.replay.after_turn(now, sender);
    }

    fn has_more(&self) -> bool {
        self.replay.has_more()
    }

    fn deadline(&self) -> Option<Instant> {
        let latest = self.latest.map(|latest| if self.is_late { latest + GRACE } else { latest });
        [self.replay.deadline(), latest].into_iter().flatten().min()
    }

    /// The first signal begins the closing handshake, the second leaves.
    fn stop(&mut self, sender: &mut Sender<'_>) -> bool {
        if self.signals.take() {
            self.was_interrupted = true;
            self.interruptions += 1;
            self.replay.end_early(Close::new(StatusCode::GOING_AWAY, ""), sender);
        }
        true
    }

    fn wants_abort(&self) -> bool {
        self.interruptions > 1 || self.left
    }
}
