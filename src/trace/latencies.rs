//! How long answers took.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use crate::view::amount::Latency;

/// What the 99th percentile is taken of, the latest ones.
const SAMPLES: usize = 10_000;

/// How long all of them took, and the latest.
#[derive(Debug, Default)]
pub(crate) struct Latencies {
    count: u32,
    sum: Duration,
    min: Duration,
    max: Duration,
    latest: VecDeque<Duration>,
}

impl Latencies {
    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub(crate) fn add(&mut self, round_trip: Duration) {
        self.min = if self.count == 0 { round_trip } else { self.min.min(round_trip) };
        self.max = self.max.max(round_trip);
        self.sum += round_trip;
        self.count += 1;
        self.latest.push_back(round_trip);
        if self.latest.len() > SAMPLES {
            self.latest.pop_front();
        }
    }

    /// The smallest sample that at least 99 of 100 don't exceed.
    fn p99(&self) -> Duration {
        let mut sorted: Vec<Duration> = self.latest.iter().copied().collect();
        sorted.sort_unstable();
        let rank = (sorted.len() * 99).div_ceil(100);
        sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
    }
}

impl fmt::Display for Latencies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.count == 0 {
            return f.write_str("none answered yet");
        }
        let (min, mean, max) = (Latency(self.min), Latency(self.sum / self.count), Latency(self.max));
        let p99 = Latency(self.p99());
        write!(f, "{} answered: min {min}, mean {mean}, max {max}, p99 {p99}", self.count)
    }
}
