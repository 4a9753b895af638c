//! Giving way to other threads before a sleep.
//!
//! With many connections on few processors, the peer of this one answers while the others are
//! served. A thread that gives way to them and then looks finds the answer there: it never slept,
//! and nobody had to wake it. With nobody to give way to it looks in vain, and so it tries less and
//! less often.

/// As many turns, at most, pass without another try.
const MOST_SKIPPED: u32 = 64;

/// When it is worth trying.
#[derive(Debug)]
pub(super) struct YieldBackoff {
    /// Turns to pass until the next try.
    to_skip: u32,
    /// Turns that passed before the last try that was in vain.
    skipped: u32,
}

impl Default for YieldBackoff {
    /// A connection's first wait is for a peer that has been sent nothing to answer: no try yet.
    fn default() -> Self {
        Self { to_skip: 1, skipped: 0 }
    }
}

impl YieldBackoff {
    /// Whether to try this time.
    pub(super) fn is_due(&mut self) -> bool {
        let is_due = self.to_skip == 0;
        self.to_skip = self.to_skip.saturating_sub(1);
        is_due
    }

    pub(super) fn paid_off(&mut self) {
        self.skipped = 0;
    }

    pub(super) fn was_in_vain(&mut self) {
        self.skipped = (2 * self.skipped + 1).min(MOST_SKIPPED);
        self.to_skip = self.skipped;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_in_vain_become_rare_and_one_that_pays_off_makes_them_frequent() {
        let mut yield_backoff = YieldBackoff::default();
        let mut tries = 0;
        for _ in 0..1_000 {
            if yield_backoff.is_due() {
                tries += 1;
                yield_backoff.was_in_vain();
            }
        }
        assert_eq!(tries, 20);
        while !yield_backoff.is_due() {}
        yield_backoff.paid_off();
        assert!((0..100).all(|_| yield_backoff.is_due()));
    }
}
