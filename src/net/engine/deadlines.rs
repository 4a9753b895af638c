//! What is due by the clock while a connection is open.

use std::ops::DerefMut;
use std::time::Instant;

use super::{CONTROLS_WAIT, Engine, OUTBOX_LIMIT, SOURCE_LIMIT};
use crate::net::end::End;
use crate::net::handler::Handler;
use crate::net::keepalive::KeepaliveStep;
use crate::ws::{Close, Item, StatusCode};

impl<P: DerefMut<Target: Handler>> Engine<'_, P> {
    pub(super) fn check_deadlines(&mut self, now: Instant, progressed: bool) {
        let pending = self.connection.pending().len();
        let is_full = pending >= OUTBOX_LIMIT || (pending >= SOURCE_LIMIT && self.handler.waits_for_source());
        let since = self.stalled_since.filter(|_| !progressed).unwrap_or(now);
        self.stalled_since = is_full.then_some(since);
        // A Pong can't be seen while we don't read, nor before what the peer has yet to take of ours.
        if !self.handler.has_room() || (progressed && !self.all_written()) {
            self.keepalive.postpone(now);
        }
        self.release_controls(now);
        // A Ping has no place inside a frame.
        if self.connection.send_half().is_inside_frame() {
            self.keepalive.postpone(now);
        }
        if self.asks_again() {
            self.keepalive.ask_again(now);
        }
        if !self.is_closing() {
            self.ping_when_due(now);
        }
        if !self.is_closing() {
            self.close_when_idle(now, progressed);
        }
        self.flush();
    }

    /// Lets Pings and Pongs wait for the end of a message for as long as that is reasonable.
    fn release_controls(&mut self, now: Instant) {
        if !self.connection.send_half().holds_controls() {
            self.controls_wait_since = None;
            return;
        }
        // The peer can't answer what it hasn't got.
        self.keepalive.postpone(now);
        if now >= *self.controls_wait_since.get_or_insert(now) + CONTROLS_WAIT {
            self.connection.send_half().release_controls();
            self.controls_wait_since = None;
        }
    }

    /// Whether the peer is to be pinged again though the last Ping may have been answered: as long as we don't read, a
    /// reset is all that tells that it is gone.
    pub(super) fn asks_again(&self) -> bool {
        !self.handler.has_room() && self.all_written()
    }

    fn ping_when_due(&mut self, now: Instant) {
        match self.keepalive.due(now, self.received) {
            KeepaliveStep::Nothing => {}
            // Refused only after a Close, and there was none.
            KeepaliveStep::Ping(payload) => drop(self.connection.send(Item::Ping(&payload))),
            KeepaliveStep::Notice(ping) => self.handler.kept_without_pong(&ping),
            KeepaliveStep::Failure(ping) => {
                let close = Close::new(StatusCode::INTERNAL_ERROR, "a Ping went unanswered");
                let _ = self.connection.send(Item::Close(close));
                self.end_state.fail_by_us(End::KeepaliveFailed(ping));
            }
        }
    }

    /// A peer whose messages wait for our own end, or that takes what it is sent little by little, isn't idle.
    fn close_when_idle(&mut self, now: Instant, progressed: bool) {
        let is_busy = self.asks_again() || (progressed && !self.all_written());
        let Some(idle) = &mut self.idle_timeout else { return };
        if is_busy {
            idle.postpone(now);
        } else if idle.is_over(now, self.received, self.connection.send_half().sent()) {
            let close = Close::new(StatusCode::GOING_AWAY, "idle");
            if self.connection.send(Item::Close(close)).is_err() {
                // Inside a frame there is no place for it.
                self.end_state.fail_by_us(End::Abandoned);
            }
        }
    }
}
