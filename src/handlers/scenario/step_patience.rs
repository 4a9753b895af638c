//! How long a step waits.

use std::fmt;
use std::time::{Duration, Instant};

use crate::view::amount::{Elapsed, GivenTime};

/// For as long as it says, or as the file's time lets it.
#[derive(Debug, Clone, Copy)]
pub(super) struct StepPatience {
    pub(super) ends: Instant,
    asked: Duration,
    /// Less than was asked for, where the file has no more.
    given: Duration,
}

impl StepPatience {
    /// From now on, to the `deadline` at the latest.
    pub(super) fn new(asked: Duration, deadline: Option<Instant>) -> Self {
        let now = Instant::now();
        let left = deadline.map_or(asked, |deadline| deadline.saturating_duration_since(now));
        let given = asked.min(left);
        Self { ends: now + given, asked, given }
    }
}

impl fmt::Display for StepPatience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { asked, given, .. } = self;
        match given == asked {
            true => GivenTime(*asked).fmt(f),
            false => write!(f, "{}, all that the file had left", Elapsed(*given)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_file_has_no_time_for_is_not_waited_for() {
        let second = Duration::from_secs(1);
        assert_eq!(StepPatience::new(Duration::ZERO, None).to_string(), "0s");
        assert_eq!(StepPatience::new(second, None).to_string(), "1s");
        assert_eq!(StepPatience::new(second, Some(Instant::now() + 2 * second)).to_string(), "1s");
        assert_eq!(StepPatience::new(second, Some(Instant::now())).to_string(), "0s, all that the file had left");
    }
}
