//! Messages that carry a number, and the answers that have it, in whatever order they come.

use std::collections::VecDeque;
use std::time::Instant;

/// Messages between the oldest that is unanswered and the latest, at the most: older ones are given up for newer ones.
pub(crate) const KNOWN_AT_ONCE: usize = 65_536;

/// Those that were sent and may still be answered, by their numbers.
#[derive(Debug, Default)]
pub(super) struct NumberedMessages {
    /// The number of the first in the window.
    first: u64,
    /// The time for which each was planned, while it is unanswered.
    planned: VecDeque<Option<Instant>>,
    /// Below this number there are some that were given up unanswered.
    given_up: u64,
    /// The highest number that was answered.
    highest: Option<u64>,
}

/// What an answer with a number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NumberedAnswer {
    To {
        planned: Instant,
        /// One that was sent later was answered before.
        is_late: bool,
    },
    /// The message has its answer already.
    Again,
    /// There was none of that number, or so many were sent since that it isn't known whether that has its answer.
    Unknown,
}

impl NumberedMessages {
    /// The number of the message that goes out next.
    pub(super) fn next(&self) -> u64 {
        self.first + self.planned.len() as u64
    }

    pub(super) fn sent(&mut self, planned: Instant) {
        if self.planned.len() == KNOWN_AT_ONCE {
            self.planned.pop_front();
            self.first += 1;
            self.given_up = self.first;
        }
        self.planned.push_back(Some(planned));
    }

    pub(super) fn answered(&mut self, number: u64) -> NumberedAnswer {
        if number >= self.next() || number < self.given_up {
            return NumberedAnswer::Unknown;
        }
        let place = number.checked_sub(self.first).and_then(|place| usize::try_from(place).ok());
        let Some(place) = place else { return NumberedAnswer::Again };
        let Some(planned) = self.planned.get_mut(place).and_then(Option::take) else { return NumberedAnswer::Again };
        while self.planned.front() == Some(&None) {
            self.planned.pop_front();
            self.first += 1;
        }
        let is_late = self.highest.is_some_and(|highest| number < highest);
        self.highest = self.highest.max(Some(number));
        NumberedAnswer::To { planned, is_late }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn answers_come_in_any_order() {
        let at = |begin: Instant, number: u64| begin + Duration::from_secs(number);
        let (begin, mut messages) = (Instant::now(), NumberedMessages::default());
        for number in 0..4 {
            assert_eq!(messages.next(), number);
            messages.sent(at(begin, number));
        }
        let to = |number, is_late| NumberedAnswer::To { planned: at(begin, number), is_late };
        assert_eq!(messages.answered(2), to(2, false));
        assert_eq!((messages.answered(0), messages.answered(0)), (to(0, true), NumberedAnswer::Again));
        assert_eq!((messages.answered(4), messages.answered(3)), (NumberedAnswer::Unknown, to(3, false)));
        assert_eq!((messages.answered(1), messages.next()), (to(1, true), 4));
        assert!(messages.planned.is_empty());
    }

    #[test]
    fn memory_is_bounded_where_one_is_never_answered() {
        let (begin, mut messages) = (Instant::now(), NumberedMessages::default());
        for number in 0..KNOWN_AT_ONCE as u64 + 10 {
            messages.sent(begin);
            if number > 0 {
                assert!(matches!(messages.answered(number), NumberedAnswer::To { .. }));
            }
        }
        assert!(messages.planned.len() <= KNOWN_AT_ONCE && messages.answered(0) == NumberedAnswer::Unknown);
        assert_eq!(messages.answered(KNOWN_AT_ONCE as u64), NumberedAnswer::Again);
    }
}
