//! The messages of `-d`, which every connection gets first: held once, and sent as the peer takes them.

use std::time::Instant;

use super::sending::Sending;
use crate::net::Schedule;
use crate::ws::Kind;

#[derive(Debug)]
pub(super) struct RequestFeed {
    messages: Vec<(Kind, Vec<u8>)>,
    /// So many of them has this connection seen, …
    seen: usize,
    /// … and so many bytes of the next.
    offset: usize,
}

impl RequestFeed {
    pub(super) fn new(messages: Vec<(Kind, Vec<u8>)>) -> Self {
        Self { messages, seen: 0, offset: 0 }
    }

    /// A new connection.
    pub(super) fn begin_again(&mut self) {
        (self.seen, self.offset) = (0, 0);
    }

    /// Nothing of it is sent any more.
    pub(super) fn stop(&mut self) {
        (self.seen, self.offset) = (self.messages.len(), 0);
    }

    pub(super) fn is_finished(&self) -> bool {
        self.seen == self.messages.len()
    }

    /// Sends as much as there is room and time for. Returns whether that is all, and what follows may be sent.
    pub(super) fn send(&mut self, now: Instant, schedule: &mut Schedule, sending: &mut Sending<'_, '_>) -> bool {
        while let Some((kind, content)) = self.messages.get(self.seen) {
            if !sending.goes_on_or_is_due(now, schedule) || !sending.has_room() {
                return false;
            }
            if self.offset == 0 {
                schedule.begun(now);
            }
            let end = content.len().min(self.offset + sending.options.part());
            let last = end == content.len();
            sending.request(*kind, &content[self.offset..end], last, content.len());
            (self.seen, self.offset) = if last { (self.seen + 1, 0) } else { (self.seen, end) };
        }
        schedule.is_due(now)
    }
}
