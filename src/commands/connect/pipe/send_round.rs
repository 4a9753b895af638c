//! Parts of messages on their way from the feed to the connection.

use std::time::Instant;

use super::gate::Gate;
use super::resend_buffer::{ResendBuffer, SentPart};
use crate::commands::connect::config::SendOptions;
use crate::net::{Schedule, Sender};
use crate::ws::{Counters, Kind};

/// Bytes that may wait for the peer before more is encoded: as much as a source that is read may leave there.
const ROOM: usize = 256 * 1024;

/// One round of sending.
pub(super) struct SendRound<'a, 'b> {
    pub(super) sender: &'a mut Sender<'b>,
    pub(super) options: &'a SendOptions,
    pub(super) resend_buffer: &'a mut Option<ResendBuffer>,
    /// A message has begun and not ended.
    pub(super) inside: &'a mut bool,
    pub(super) sent: &'a mut Counters,
    pub(super) now: Instant,
    pub(super) schedule: &'a mut Schedule,
    pub(super) gate: &'a mut Gate,
}

impl SendRound<'_, '_> {
    /// Whether the peer has taken enough of what was sent for more to be encoded.
    pub(super) fn has_room(&self) -> bool {
        self.sender.backlog() < ROOM
    }

    /// Whether it is time for another message.
    pub(super) fn is_due(&self) -> bool {
        self.schedule.is_due(self.now)
    }

    /// Whether the next part may go: a message that has begun goes on, another one waits for its time.
    pub(super) fn goes_on_or_is_due(&self) -> bool {
        *self.inside || self.is_due()
    }

    /// A message of the source, or what was left over of one, has been sent to its end.
    pub(super) fn ended(&mut self) {
        self.gate.sent();
    }

    /// The next part of a message of `-d`, which has this `size` in all. It is sent again on every connection anyway, so
    /// nobody keeps it.
    pub(super) fn request(&mut self, kind: Kind, bytes: &[u8], last: bool, size: usize) {
        if !*self.inside {
            self.begin(size >= self.options.compress_from);
        }
        self.frame(kind, bytes, last);
    }

    /// What was read of a message: all of it, or as much as is read at once of one that is longer.
    #[inline]
    pub(super) fn piece(&mut self, kind: Kind, bytes: &[u8], last: bool) {
        if !*self.inside {
            self.begin(!last || bytes.len() >= self.options.compress_from);
        }
        if bytes.len() <= self.options.part() {
            return self.kept(kind, bytes, last);
        }
        for (part, is_end) in self.options.parts(bytes) {
            self.kept(kind, part, last && is_end);
        }
    }

    /// What another connection didn't take.
    pub(super) fn again(&mut self, part: &SentPart) {
        if !*self.inside {
            self.begin(part.compresses);
        }
        self.kept(part.kind, &part.bytes, part.last);
    }

    /// A message begins. Where nobody has set a limit, what was negotiated or set by the person holds.
    #[inline]
    fn begin(&mut self, compress: bool) {
        self.schedule.begun(self.now);
        self.sender.set_largest_frame(self.options.part());
        if self.options.compress_from > 0 {
            self.sender.set_compress(compress);
        }
    }

    #[inline]
    fn kept(&mut self, kind: Kind, bytes: &[u8], last: bool) {
        self.frame(kind, bytes, last);
        if self.resend_buffer.is_some() {
            self.keep(kind, bytes, last);
        }
    }

    #[inline(never)]
    fn keep(&mut self, kind: Kind, bytes: &[u8], last: bool) {
        let Some(resend_buffer) = self.resend_buffer else { return };
        let compresses = self.sender.compresses();
        resend_buffer.sent(SentPart { kind, bytes: bytes.to_vec(), last, compresses }, self.sender);
    }

    #[inline]
    fn frame(&mut self, kind: Kind, bytes: &[u8], last: bool) {
        *self.inside = !last;
        // Refused after our Close; nobody asks for more by then.
        let _ = self.sender.data(kind, bytes, last);
        self.sent.add(bytes.len(), last);
    }
}
