//! When a connection has ended, and what its end comes to.

use std::time::Instant;

use super::Engine;
use crate::net::closing::{ClosingProgress, ClosingStep};
use crate::net::end::{Breakage, End};
use crate::net::handler::Handler;

impl<H: Handler + ?Sized> Engine<'_, H> {
    /// The end, once there is nothing left to wait for.
    pub(super) fn end(&mut self, now: Instant, progressed: bool) -> Option<End> {
        if self.handler.wants_abort() {
            return Some(self.ended_by(End::Abandoned));
        }
        if self.far_end.is_gone() && !self.handler.has_room() && !self.handler.outlives_peer() {
            let breakage = self.breakage();
            return Some(self.ended_by(End::Dropped(breakage)));
        }
        if !self.is_closing() {
            return None;
        }
        let all_written = self.all_written();
        let progress = ClosingProgress {
            is_over: self.connection.close_expected() || self.ending.is_some(),
            has_failed: !self.connection.close_received(),
            all_written,
            progressed,
            has_room: self.handler.has_room() || !self.handler.outlives_peer(),
        };
        let due = self.closing.due(now, progress, self.stopping);
        if due == ClosingStep::HalfClose {
            self.transport.finish_sending();
        }
        if self.connection.eof_received() && (all_written || !self.outward.works()) {
            let breakage = self.breakage();
            return Some(self.ended_by(End::Dropped(breakage)));
        }
        if due != ClosingStep::End {
            return None;
        }
        if !all_written && matches!(self.ending, None | Some(End::Dropped(_))) {
            return Some(End::NotTaken);
        }
        let ours = self.connection.our_close().cloned().unwrap_or_default();
        Some(self.ended_by(End::CloseUnanswered(ours)))
    }

    /// Where the connection is, in case that it breaks here.
    pub(super) fn breakage(&self) -> Breakage {
        Breakage {
            after_our_close: self.connection.close_sent(),
            quiet_for: self.heard.map(|heard| heard.elapsed()),
            inside: self.connection.unfinished(),
        }
    }

    /// The ending that counts: what was decided before, or a finished closing handshake, or `otherwise`.
    pub(super) fn ended_by(&mut self, otherwise: End) -> End {
        match (self.ending.take(), self.peer_close.take()) {
            (Some(End::WriteFailed(..) | End::Dropped(_)) | None, Some((close, ours))) => End::Closed { close, ours },
            (Some(ending), _) => ending,
            (None, None) => otherwise,
        }
    }
}
