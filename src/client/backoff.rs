//! How long to wait before trying again.

use std::time::Duration;

use rand::RngExt;

/// The first delay and the longest.
const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(60);

/// Delays that double, each with jitter so that many clients don't come back at once; or always
/// the same one, where that is asked for.
#[derive(Debug)]
pub(super) struct Backoff {
    fixed: Option<Duration>,
    next: Duration,
}

impl Backoff {
    pub(super) fn new(fixed: Option<Duration>) -> Self {
        Self { fixed, next: FIRST }
    }

    /// The next delay: between half of its full length and all of it.
    pub(super) fn delay(&mut self) -> Duration {
        if let Some(fixed) = self.fixed {
            return fixed;
        }
        let full = self.next;
        self.next = (full * 2).min(LONGEST);
        full.mul_f64(rand::rng().random_range(0.5..=1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_a_minute_with_jitter() {
        let mut backoff = Backoff::new(None);
        for full in [1, 2, 4, 8, 16, 32, 60, 60] {
            let delay = backoff.delay();
            assert!((full * 500..=full * 1000).contains(&(delay.as_millis() as u64)), "{delay:?} of {full} s");
        }
        let mut fixed = Backoff::new(Some(Duration::from_millis(7)));
        assert_eq!((fixed.delay(), fixed.delay()), (Duration::from_millis(7), Duration::from_millis(7)));
    }
}
