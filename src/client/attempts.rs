//! Attempts that follow a failure: how many are left, and how long to wait before each.

use std::time::{Duration, Instant};

use super::backoff::Backoff;
use crate::error::Error;
use crate::net::{Interrupt, pause};

/// Those that are left.
#[derive(Debug)]
pub(crate) struct Attempts {
    most: u32,
    done: u32,
    /// Of those, how many there were since delays began.
    in_a_row: u32,
    delay: Option<Duration>,
    backoff: Backoff,
    latest: Option<Instant>,
}

/// One attempt.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attempt {
    /// From 1, since delays began.
    pub(crate) number: u32,
    /// How long to wait before it.
    pub(crate) delay: Duration,
}

impl Attempts {
    /// With the same `delay` before each, or else delays that double. None begins after `latest`.
    pub(crate) fn new(most: u32, delay: Option<Duration>, latest: Option<Instant>) -> Self {
        Self { most, done: 0, in_a_row: 0, delay, backoff: Backoff::new(delay), latest }
    }

    pub(crate) fn are_left(&self) -> bool {
        self.done < self.most
    }

    /// Delays begin anew, and so do the numbers; no more attempts are left for that.
    pub(crate) fn begin_again(&mut self) {
        self.in_a_row = 0;
        self.backoff = Backoff::new(self.delay);
    }

    /// Whether the next one is kept from beginning by the time alone.
    pub(crate) fn are_out_of_time(&self) -> bool {
        self.are_left() && self.latest.is_some()
    }

    /// The next one; `None` when there is none left, or no time. `delay` is one that the server has asked for.
    pub(crate) fn next(&mut self, delay: Option<Duration>) -> Option<Attempt> {
        if !self.are_left() {
            return None;
        }
        // A server may have clients wait longer than they would, and never makes them come sooner.
        let delay = self.backoff.delay().max(delay.unwrap_or_default());
        if self.latest.is_some_and(|latest| Instant::now() + delay > latest) {
            return None;
        }
        self.done += 1;
        self.in_a_row += 1;
        Some(Attempt { number: self.in_a_row, delay })
    }
}

impl Attempt {
    /// Lets the time before it pass.
    ///
    /// # Errors
    /// [`Error::Interrupted`], [`Error::Unread`].
    pub(crate) fn wait(self, interrupt: Option<Interrupt<'_>>) -> Result<(), Error> {
        pause(self.delay, interrupt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_makes_nobody_come_sooner() {
        let own = Duration::from_secs(5);
        let mut attempts = Attempts::new(9, Some(own), None);
        for (asked, delay) in [(None, 5), (Some(0), 5), (Some(7), 7)] {
            let attempt = attempts.next(asked.map(Duration::from_secs)).unwrap();
            assert_eq!(attempt.delay, Duration::from_secs(delay));
        }
    }

    #[test]
    fn numbers_begin_again_and_what_is_left_does_not() {
        let mut attempts = Attempts::new(3, Some(Duration::ZERO), None);
        let mut number = || attempts.next(None).map(|attempt| attempt.number);
        assert_eq!((number(), number()), (Some(1), Some(2)));
        attempts.begin_again();
        let mut number = || attempts.next(None).map(|attempt| attempt.number);
        assert_eq!((number(), number()), (Some(1), None));
    }
}
