//! What went over one connection of a prompt, and what hasn't yet: for `/stats`, and for the marks of messages that wait. Every
//! prompt has it from here.

use std::time::{Duration, Instant};

use super::on_the_wire::OnTheWire;
use crate::trace::stats::{QueuedMessages, Stats, Untaken};
use crate::ws::Event;

#[derive(Debug)]
pub(crate) struct ConnectionCounts {
    stats: Stats,
    on_the_wire: OnTheWire,
}

impl ConnectionCounts {
    pub(crate) fn new(now: Instant) -> Self {
        Self { stats: Stats::new(now), on_the_wire: OnTheWire::default() }
    }

    pub(crate) fn event(&mut self, event: &Event<'_>, now: Instant) {
        self.stats.event(event, now);
    }

    /// A Ping of ours was answered.
    pub(crate) fn answered(&mut self, round_trip: Duration) {
        self.stats.answered(round_trip);
    }

    /// A message of ours was encoded, which has this number; none where nobody asks for it.
    pub(crate) fn sent_message(&mut self, number: Option<u64>) {
        self.on_the_wire.add(number, self.stats.sent());
    }

    /// The system has taken so many bytes, of all that were encoded.
    pub(crate) fn taken(&mut self, bytes: u64, all: u64) {
        self.on_the_wire.taken(bytes, all);
    }

    /// The number of the first message that isn't taken.
    pub(crate) fn first_untaken(&self) -> Option<u64> {
        self.on_the_wire.first()
    }

    /// The connection has ended: it gets no older.
    pub(crate) fn end(&mut self, now: Instant) {
        self.stats.end(now);
    }

    /// No more than so many bytes are ever taken: the numbers of what is left, and that in words.
    pub(crate) fn end_taking(&mut self, bytes: u64) -> Option<(Vec<u64>, String)> {
        self.on_the_wire.end(bytes)
    }

    /// What isn't on the wire yet, or never got there, with what is queued behind it.
    pub(crate) fn untaken(&self, queued: QueuedMessages) -> Option<Untaken> {
        let sent = self.stats.sent();
        let untaken = self.on_the_wire.untaken(sent);
        if queued == QueuedMessages::default() {
            return untaken;
        }
        let Untaken { messages, bytes, sent } = untaken.unwrap_or(Untaken { messages: 0, bytes: 0, sent });
        Some(Untaken { messages: messages + queued.messages, bytes: bytes + queued.bytes, sent })
    }

    /// As lines for a person.
    pub(crate) fn lines(&self, now: Instant, queued: QueuedMessages) -> Vec<String> {
        self.stats.lines(now, self.untaken(queued))
    }
}
