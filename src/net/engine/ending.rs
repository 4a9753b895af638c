//! When a connection has ended, and where it was when it broke.

use std::io;
use std::ops::DerefMut;
use std::time::{Duration, Instant};

use super::Engine;
use crate::net::closing::{ClosingProgress, ClosingStep};
use crate::net::end::{Breakage, End};
use crate::net::handler::Handler;
use crate::ws::Role;

/// A peer that goes away so soon after a Ping goes away because of it.
const AT_A_PING: Duration = Duration::from_secs(1);

impl<P: DerefMut<Target: Handler>> Engine<'_, P> {
    /// The end, once there is nothing left to wait for.
    pub(super) fn end(&mut self, now: Instant, progressed: bool, heard: bool) -> Option<End> {
        if self.handler.wants_abort() {
            return Some(self.end_state.take(End::Abandoned));
        }
        if self.far_end.is_gone() && !self.handler.has_room() && !self.handler.outlives_peer() {
            let breakage = self.breakage();
            return Some(self.end_state.take(End::Dropped(breakage)));
        }
        if !self.is_closing() || self.is_half_open() || self.connection.held_failure().is_some() {
            return None;
        }
        let all_written = self.all_written();
        let progress = ClosingProgress {
            is_over: self.connection.close_expected() || self.end_state.has_failed(),
            has_failed: !self.connection.close_received(),
            all_written,
            progressed,
            heard,
            has_room: self.handler.has_room() || !self.handler.outlives_peer(),
        };
        let due = self.closing.due(now, progress, self.stopping);
        if due == ClosingStep::HalfClose {
            self.transport.finish_sending();
        }
        // Behind our half-close only that itself may still be on its way out: the end of TLS, or one that is delayed.
        let has_half_closed = self.closing.has_half_closed();
        let is_over = self.all_written() || !self.outward.works() || (has_half_closed && due == ClosingStep::End);
        if self.connection.eof_received() && is_over {
            let breakage = self.breakage();
            return Some(self.end_state.take(End::Dropped(breakage)));
        }
        if due != ClosingStep::End {
            return None;
        }
        if !all_written && !has_half_closed && self.end_state.is_left_to_peer() {
            return Some(End::NotTaken);
        }
        let ours = self.connection.our_close().cloned().unwrap_or_default();
        Some(self.end_state.take(End::CloseUnanswered(ours)))
    }

    /// Whether the peer has nothing more to say, and still hears us.
    pub(super) fn is_half_open(&self) -> bool {
        self.stays_open && self.connection.eof_received() && !self.connection.close_sent() && self.outward.works()
    }

    /// Ends our direction once all is written. The peer's end is awaited for `linger` from then on, or from the last that it
    /// says.
    pub(super) fn hang_up(&mut self, linger: Duration) {
        self.stays_open = false;
        self.closing.hear_out(linger);
        self.end_state.fail(End::Abandoned);
    }

    /// The end of a connection whose socket can't be waited for.
    pub(super) fn failure(&self, error: &io::Error) -> End {
        let same = error.raw_os_error().map_or_else(|| error.kind().into(), io::Error::from_raw_os_error);
        End::ReadFailed(same, self.breakage())
    }

    /// Where the connection is, in case that it breaks here.
    pub(super) fn breakage(&self) -> Breakage {
        Breakage {
            after_our_close: self.connection.close_sent(),
            quiet_for: self.heard.map(|heard| heard.elapsed()),
            inside: self.connection.unfinished(),
            open_for: self.opened.elapsed(),
            idle_for: if self.connection.role() == Role::Client { self.moved.elapsed() } else { Duration::ZERO },
            unread: self.connection.yields_unread(),
            at_first_ping: self.is_at_first_ping(),
        }
    }

    /// Whether our first Ping has just gone, and no Pong has come. What goes between two peers is theirs.
    fn is_at_first_ping(&self) -> bool {
        let is_ours = !self.keeps_own_pongs && !self.keepalive.is_answered();
        is_ours && self.first_ping.is_some_and(|at| at.elapsed() < AT_A_PING)
    }
}
