//! When the connections of a thread are due. A value, with the clock as an argument.

use std::collections::BTreeSet;
use std::time::Instant;

/// The next time of each. One that has moved to later stays where it is until then: most deadlines move with every message, and
/// none of them costs anything then.
#[derive(Debug, Default)]
pub(super) struct Timers {
    order: BTreeSet<(Instant, usize)>,
    /// By what each is known by.
    next: Vec<Option<Instant>>,
}

impl Timers {
    /// Has `key` due by `deadline`, or sooner.
    pub(super) fn set(&mut self, key: usize, deadline: Option<Instant>) {
        if key >= self.next.len() {
            self.next.resize(key + 1, None);
        }
        let Some(deadline) = deadline else { return };
        let next = &mut self.next[key];
        if next.is_some_and(|next| next <= deadline) {
            return;
        }
        if let Some(next) = next.replace(deadline) {
            self.order.remove(&(next, key));
        }
        self.order.insert((deadline, key));
    }

    /// It isn't due any more, whatever was said.
    pub(super) fn forget(&mut self, key: usize) {
        if let Some(next) = self.next.get_mut(key).and_then(Option::take) {
            self.order.remove(&(next, key));
        }
    }

    /// When the first of all is due.
    pub(super) fn first(&self) -> Option<Instant> {
        self.order.first().map(|(next, _)| *next)
    }

    /// Takes the first that is due by now.
    pub(super) fn take_due(&mut self, now: Instant) -> Option<usize> {
        let (_, key) = self.order.first().copied().filter(|(next, _)| *next <= now)?;
        self.forget(key);
        Some(key)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn each_is_due_once_and_by_the_first_of_its_times() {
        let begin = Instant::now();
        let at = |millis| begin + Duration::from_millis(millis);
        let mut timers = Timers::default();
        for (key, millis) in [(3, 20), (0, 30), (3, 10), (3, 40), (1, 20)] {
            timers.set(key, Some(at(millis)));
        }
        timers.set(0, None);
        assert_eq!((timers.first(), timers.take_due(at(9))), (Some(at(10)), None));
        assert_eq!([(); 3].map(|()| timers.take_due(at(29))), [Some(3), Some(1), None]);
        timers.set(3, Some(at(35)));
        timers.forget(0);
        assert_eq!([(); 2].map(|()| timers.take_due(at(50))), [Some(3), None]);
        assert_eq!(timers.first(), None);
    }
}
