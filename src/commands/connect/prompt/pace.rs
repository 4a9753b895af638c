//! `--rate` and `--delay`: messages go out in the order in which they were asked for, and no faster.

use std::collections::VecDeque;
use std::time::Instant;

use crate::commands::prompt::command::Outgoing;
use crate::net::{Interval, Schedule};
use crate::ws::OwnedItem;

/// What waits to be sent. Without an interval nothing waits for long.
#[derive(Debug, Default)]
pub(super) struct Pace {
    schedule: Schedule,
    waiting: VecDeque<Outgoing>,
    /// What `waiting` holds, in bytes.
    bytes: usize,
}

/// Bytes that may wait. Whatever waits alone may be larger.
const MOST: usize = 64 << 20;

impl Pace {
    pub(super) fn new(interval: Option<Interval>) -> Self {
        Self { schedule: Schedule::new(interval), ..Self::default() }
    }

    pub(super) fn interval(&self) -> Option<Interval> {
        self.schedule.interval()
    }

    pub(super) fn push(&mut self, outgoing: Outgoing) {
        self.bytes += outgoing.size();
        self.waiting.push_back(outgoing);
    }

    /// Whether so many more bytes may wait.
    pub(super) fn has_room_for(&self, size: usize) -> bool {
        self.waiting.is_empty() || self.bytes + size <= MOST
    }

    /// Bytes that wait.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Takes over what waits in `other`.
    pub(super) fn append(&mut self, other: &mut Self) {
        self.waiting.append(&mut other.waiting);
        self.bytes += std::mem::take(&mut other.bytes);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Whether a Close is among what waits: what is before it doesn't wait for the peer any more, which has the time of a closing
    /// handshake for all of it.
    pub(super) fn ends(&self) -> bool {
        self.waiting.iter().any(is_close)
    }

    /// What waits won't be sent any more.
    pub(super) fn clear(&mut self) {
        self.waiting.clear();
        self.bytes = 0;
    }

    /// How much waits.
    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether a message may be sent now.
    pub(super) fn is_open(&self, now: Instant) -> bool {
        self.schedule.is_due(now)
    }

    /// A message is sent now.
    pub(super) fn sent(&mut self, now: Instant) {
        self.schedule.begun(now);
    }

    /// What is to be sent now.
    pub(super) fn take_due(&mut self, now: Instant) -> Option<Outgoing> {
        if !self.is_open(now) {
            return None;
        }
        let outgoing = self.waiting.pop_front()?;
        self.bytes -= outgoing.size();
        if outgoing.is_paced() {
            self.sent(now);
        }
        Some(outgoing)
    }

    /// When what waits is due.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.schedule.next().filter(|_| !self.waiting.is_empty())
    }

    /// `at`, or later where a message may not be sent by then.
    pub(super) fn not_before(&self, at: Instant) -> Instant {
        self.schedule.next().map_or(at, |next| next.max(at))
    }
}

pub(super) fn is_close(outgoing: &Outgoing) -> bool {
    matches!(outgoing, Outgoing::Item(OwnedItem::Close(_)))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::ws::Close;

    fn line(text: &str) -> Outgoing {
        Outgoing::Line(text.into())
    }

    #[test]
    fn messages_wait_for_each_other_and_a_close_for_all_of_them() {
        let start = Instant::now();
        let second = Duration::from_secs(1);
        let mut pace = Pace::new(Some(Interval::Pause(second)));
        [line("one"), line("two"), Outgoing::Item(OwnedItem::Close(Close::default()))]
            .into_iter()
            .for_each(|item| pace.push(item));
        assert!(matches!(pace.take_due(start), Some(Outgoing::Line(text)) if text == "one"));
        assert!(pace.take_due(start).is_none());
        assert_eq!(pace.deadline(), Some(start + second));
        assert!(matches!(pace.take_due(start + second), Some(Outgoing::Line(text)) if text == "two"));
        assert!(matches!(pace.take_due(start + 2 * second), Some(Outgoing::Item(OwnedItem::Close(_)))));
        assert_eq!((pace.deadline(), pace.is_empty()), (None, true));
    }

    #[test]
    fn without_an_interval_nothing_waits() {
        let now = Instant::now();
        let mut pace = Pace::new(None);
        pace.push(line("one"));
        pace.push(line("two"));
        assert!(pace.take_due(now).is_some() && pace.take_due(now).is_some());
    }
}
