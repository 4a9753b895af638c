//! `/repeat`: the same message, until it has been sent often enough.

use std::time::{Duration, Instant};

use super::command::Repetition;

/// Messages that are sent before the keyboard and the peer are heard again.
const AT_ONCE: u64 = 64;

/// A repetition under way.
#[derive(Debug)]
pub(super) struct Repeating {
    repetition: Repetition,
    sent: u64,
    next: Instant,
    /// The peer has taken everything so far.
    ready: bool,
}

impl Repeating {
    pub(super) fn new(repetition: Repetition, now: Instant) -> Self {
        Self { repetition, sent: 0, next: now, ready: true }
    }

    pub(super) fn text(&self) -> &str {
        &self.repetition.text
    }

    pub(super) fn sent(&self) -> u64 {
        self.sent
    }

    /// Nothing is due while the peer hasn't taken what was sent.
    pub(super) fn set_ready(&mut self, ready: bool) {
        self.ready = ready;
    }

    /// When messages are due.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.ready.then_some(self.next)
    }

    /// How many are to be sent now.
    pub(super) fn take_due(&mut self, now: Instant) -> u64 {
        if now < self.next || !self.ready {
            return 0;
        }
        let due = match self.repetition.every {
            None | Some(Duration::ZERO) => {
                self.next = now;
                AT_ONCE
            }
            Some(every) => {
                self.next = now.max(self.next + every);
                1
            }
        };
        let due = due.min(self.repetition.times - self.sent);
        self.sent += due;
        due
    }

    pub(super) fn is_done(&self) -> bool {
        self.sent == self.repetition.times
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_as_were_asked_for_are_sent_in_time() {
        let start = Instant::now();
        let second = Duration::from_secs(1);
        let slow = Repetition { times: 2, every: Some(second), text: String::new() };
        let mut repeating = Repeating::new(slow, start);
        assert_eq!((repeating.take_due(start), repeating.take_due(start)), (1, 0));
        assert_eq!((repeating.take_due(start + second), repeating.is_done()), (1, true));
        let fast = Repetition { times: AT_ONCE + 1, every: None, text: String::new() };
        let mut repeating = Repeating::new(fast, start);
        assert_eq!(repeating.take_due(start), AT_ONCE);
        repeating.set_ready(false);
        assert_eq!((repeating.deadline(), repeating.take_due(start)), (None, 0));
        repeating.set_ready(true);
        assert_eq!((repeating.take_due(start), repeating.is_done()), (1, true));
    }
}
