//! `/repeat`: the same message, until it has been sent often enough.

use std::time::Instant;

use super::command::Repetition;
use crate::net::{Interval, Schedule};
use crate::view::amount::Count;

/// Messages that are sent before the keyboard and the peer are heard again.
const AT_ONCE: u64 = 64;

/// The same in bytes of content, but for one message that has more.
const BYTES_AT_ONCE: usize = 256 * 1024;

/// A repetition under way.
#[derive(Debug)]
pub(crate) struct Repeating {
    repetition: Repetition,
    schedule: Schedule,
    sent: u64,
    /// When messages were last taken, or when it began.
    taken: Instant,
    /// The peer has taken everything so far.
    ready: bool,
}

impl Repeating {
    /// No faster than `pace`.
    pub(crate) fn new(repetition: Repetition, pace: Option<Interval>, now: Instant) -> Self {
        let every = repetition.every.filter(|every| !every.is_zero());
        let interval = match (pace.filter(|pace| !pace.time().is_zero()), every) {
            (Some(pace), every) => Some(pace.at_least(every.unwrap_or_default())),
            (None, every) => every.map(Interval::Rate),
        };
        Self { repetition, schedule: Schedule::new(interval), sent: 0, taken: now, ready: true }
    }

    pub(crate) fn text(&self) -> &str {
        &self.repetition.text
    }

    /// How often it was sent.
    pub(crate) fn times(&self) -> Count {
        Count(self.sent, "time")
    }

    /// Nothing is due while the peer hasn't taken what was sent.
    pub(crate) fn set_ready(&mut self, ready: bool) {
        self.ready = ready;
    }

    /// When messages are due.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.ready.then(|| self.schedule.next().map_or(self.taken, |next| next.max(self.taken)))
    }

    /// How many are to be sent now.
    pub(crate) fn take_due(&mut self, now: Instant) -> u64 {
        if !self.ready {
            return 0;
        }
        self.taken = now;
        let most = (BYTES_AT_ONCE / self.repetition.text.len().max(1)).max(1) as u64;
        let mut due = 0;
        while due < most.min(AT_ONCE) && self.schedule.is_due(now) {
            self.schedule.begun(now);
            due += 1;
        }
        let due = due.min(self.repetition.times - self.sent);
        self.sent += due;
        due
    }

    pub(crate) fn is_done(&self) -> bool {
        self.sent == self.repetition.times
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn as_many_as_were_asked_for_are_sent_in_time() {
        let start = Instant::now();
        let second = Duration::from_secs(1);
        let slow = Repetition { times: 2, every: Some(second), text: String::new() };
        let mut repeating = Repeating::new(slow, None, start);
        assert_eq!((repeating.take_due(start), repeating.take_due(start)), (1, 0));
        assert_eq!((repeating.take_due(start + second), repeating.is_done()), (1, true));
        let large = Repetition { times: 9, every: None, text: "x".repeat(BYTES_AT_ONCE / 2) };
        assert_eq!(Repeating::new(large, None, start).take_due(start), 2);
        let larger = Repetition { times: 9, every: None, text: "x".repeat(BYTES_AT_ONCE + 1) };
        assert_eq!(Repeating::new(larger, None, start).take_due(start), 1);
        let fast = Repetition { times: AT_ONCE + 1, every: None, text: String::new() };
        let mut repeating = Repeating::new(fast, None, start);
        assert_eq!(repeating.take_due(start), AT_ONCE);
        repeating.set_ready(false);
        assert_eq!((repeating.deadline(), repeating.take_due(start)), (None, 0));
        repeating.set_ready(true);
        assert_eq!((repeating.take_due(start), repeating.is_done()), (1, true));
    }
}
