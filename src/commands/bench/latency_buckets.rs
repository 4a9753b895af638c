//! Latencies that many threads record at once without waiting for each other.
//!
//! An HDR histogram a connection would take 150 KiB of each, and a lock around a common one would be taken with every
//! message. This has the same buckets as counters that are added to atomically; several connections share one, and at the end
//! all become [`Latencies`].

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::trace::latencies::Latencies;

/// Of a latency in nanoseconds so many leading bits count: a bucket is as wide as a 1024th of what is in it.
const BITS: u32 = 11;

/// Latencies are kept up to 2^42 ns, an hour and a quarter; longer ones count as that.
pub(super) const LARGEST: u64 = (1 << 42) - 1;

/// Below 2^11 ns each nanosecond has its own bucket, from there on each power of two has 2^10.
pub(super) const BUCKETS: usize = index_of(LARGEST) + 1;

#[derive(Debug)]
pub(super) struct LatencyBuckets(Box<[AtomicU32]>);

impl Default for LatencyBuckets {
    fn default() -> Self {
        Self(std::iter::repeat_with(AtomicU32::default).take(BUCKETS).collect())
    }
}

impl LatencyBuckets {
    pub(super) fn add(&self, latency: Duration) {
        self.add_many(latency, 1);
    }

    /// Adds so many that are alike.
    pub(super) fn add_many(&self, latency: Duration, count: u32) {
        let nanos = u64::try_from(latency.as_nanos()).unwrap_or(LARGEST).min(LARGEST);
        // The order in which they were added is of no interest to anybody.
        self.0[index_of(nanos)].fetch_add(count, Ordering::Relaxed);
    }

    /// Adds how many are in each bucket to `counts`, which has one for each.
    pub(super) fn add_counts(&self, counts: &mut [u32]) {
        for (sum, count) in counts.iter_mut().zip(self.0.iter()) {
            *sum = sum.saturating_add(count.load(Ordering::Relaxed));
        }
    }

    /// The largest of those that are counted so.
    pub(super) fn largest_of(counts: &[u32]) -> Duration {
        Duration::from_nanos(counts.iter().rposition(|count| *count > 0).map_or(0, middle_of))
    }

    /// Adds all of them to `latencies`, each as the middle of its bucket.
    pub(super) fn add_to(&self, latencies: &mut Latencies) {
        for (index, count) in self.0.iter().enumerate() {
            match count.load(Ordering::Relaxed) {
                0 => {}
                count => latencies.add_many(Duration::from_nanos(middle_of(index)), count),
            }
        }
    }
}

const fn index_of(nanos: u64) -> usize {
    // How many of the last bits don't count.
    let shift = (u64::BITS - nanos.leading_zeros()).saturating_sub(BITS);
    // Of what is left the highest bit is set wherever something is shifted out: a power of two has half the buckets.
    ((shift as usize) << (BITS - 1)) + (nanos >> shift) as usize
}

const fn middle_of(index: usize) -> u64 {
    let half = 1 << (BITS - 1);
    let shift = (index / half).saturating_sub(1);
    let leading = (index - shift * half) as u64;
    (leading << shift) + ((1 << shift) >> 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_latency_is_kept_to_a_thousandth() {
        let mut last = 0;
        for nanos in (0..5000).chain((12..42).flat_map(|power| [-1, 0, 1, 777].map(|more| (1_i64 << power) + more))) {
            let nanos = nanos as u64;
            let index = index_of(nanos);
            assert!(index < BUCKETS && (index >= last || nanos < 1 << 13), "{nanos}");
            assert!(middle_of(index).abs_diff(nanos) * 1000 <= nanos, "{nanos} became {}", middle_of(index));
            last = index;
        }
        assert_eq!((index_of(0), index_of(LARGEST) + 1), (0, BUCKETS));
    }

    #[test]
    fn all_that_was_added_is_there() {
        let (one, other) = (LatencyBuckets::default(), LatencyBuckets::default());
        (1..=60).for_each(|millis| one.add(Duration::from_millis(millis)));
        (61..=98).for_each(|millis| other.add(Duration::from_millis(millis)));
        other.add_many(Duration::from_millis(99), 1);
        other.add(Duration::from_secs(1_000_000));
        let mut all = Latencies::default();
        [one, other].iter().for_each(|buckets| buckets.add_to(&mut all));
        assert_eq!(all.count(), 100);
        for (percent, millis) in [(50.0, 50), (99.0, 99)] {
            let found = all.percentile(percent).unwrap().as_secs_f64() * 1000.0;
            assert!((found - f64::from(millis)).abs() * 1000.0 < f64::from(millis), "{found} ms");
        }
        // The middle of the last bucket.
        assert_eq!(all.percentile(100.0).unwrap().as_secs(), 4396);
    }
}
