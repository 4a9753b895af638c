//! How long answers took.

use std::fmt;
use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

use crate::view::amount::{Latency, Millis};

/// Digits of each that are kept: percentiles are right to 0.1 %.
const DIGITS: u8 = 3;

/// All of them, in memory that depends on how far apart they lie and not on how many there are: 150 KiB from a microsecond to
/// a minute.
#[derive(Debug, Clone, Default)]
pub(crate) struct Latencies {
    /// In nanoseconds; made with the first.
    histogram: Option<Histogram<u32>>,
    min: Duration,
    max: Duration,
    sum: Duration,
}

/// What all of them come to.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct LatencySummary {
    #[serde(rename = "min_ms")]
    pub(crate) min: Millis,
    #[serde(rename = "mean_ms")]
    pub(crate) mean: Millis,
    #[serde(rename = "median_ms")]
    pub(crate) median: Millis,
    #[serde(rename = "p99_ms")]
    pub(crate) p99: Millis,
    #[serde(rename = "max_ms")]
    pub(crate) max: Millis,
    /// The standard deviation, under the name that ping(8) has for it.
    #[serde(rename = "mdev_ms")]
    pub(crate) mdev: Millis,
}

impl Latencies {
    pub(crate) fn is_empty(&self) -> bool {
        self.count() == 0
    }

    pub(crate) fn count(&self) -> u64 {
        self.histogram.as_ref().map_or(0, Histogram::len)
    }

    pub(crate) fn add(&mut self, latency: Duration) {
        self.add_many(latency, 1);
    }

    /// Adds so many that are alike.
    pub(crate) fn add_many(&mut self, latency: Duration, count: u32) {
        if self.histogram.is_none() {
            // It grows with what is added. One of three digits can always be made.
            self.histogram = Histogram::new(DIGITS).ok();
            self.min = latency;
        }
        let Some(histogram) = &mut self.histogram else { return };
        // It has room for any time, unless there is no memory.
        let _ = histogram.record_n(u64::try_from(latency.as_nanos()).unwrap_or(u64::MAX), count);
        self.min = self.min.min(latency);
        self.max = self.max.max(latency);
        self.sum = self.sum.saturating_add(latency.saturating_mul(count));
    }

    /// The smallest that at least so many percent don't exceed, never beyond what there was, whatever it is rounded to. `None`
    /// where there are none.
    pub(crate) fn percentile(&self, percent: f64) -> Option<Duration> {
        let histogram = self.histogram.as_ref()?;
        // 99.9 / 100 * 1000 is a little over 999 in a `f64`, and what is over is the next rank.
        let quantile = percent / 100.0 * (1.0 - 1e-12);
        Some(Duration::from_nanos(histogram.value_at_quantile(quantile)).clamp(self.min, self.max))
    }

    /// Those that differ, from the shortest, and how many there are of each.
    pub(crate) fn recorded(&self) -> impl Iterator<Item = (Duration, u64)> {
        let recorded = self.histogram.iter().flat_map(Histogram::iter_recorded);
        recorded.map(|step| (Duration::from_nanos(step.value_iterated_to()), step.count_at_value().into()))
    }

    /// `None` where there are none.
    pub(crate) fn summary(&self) -> Option<LatencySummary> {
        let histogram = self.histogram.as_ref()?;
        let percentile = |percent| Millis(self.percentile(percent).unwrap_or_default());
        Some(LatencySummary {
            min: Millis(self.min),
            mean: Millis(self.sum.div_f64(histogram.len() as f64)),
            median: percentile(50.0),
            p99: percentile(99.0),
            max: Millis(self.max),
            mdev: Millis(Duration::from_nanos(histogram.stdev() as u64)),
        })
    }
}

impl fmt::Display for Latencies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(LatencySummary { min, mean, p99, max, .. }) = self.summary() else {
            return f.write_str("none answered yet");
        };
        let [min, mean, max, p99] = [min, mean, max, p99].map(|time| Latency(time.0));
        write!(f, "{} answered: min {min}, mean {mean}, max {max}, p99 {p99}", self.count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_all_of_them() {
        let mut latencies = Latencies::default();
        assert!(latencies.summary().is_none() && latencies.is_empty());
        (1..=100_000).for_each(|micros| latencies.add(Duration::from_micros(micros)));
        let summary = latencies.summary().unwrap();
        let millis = |time: Millis| (time.0.as_secs_f64() * 1e3).round();
        let LatencySummary { min, mean, median, p99, max, mdev } = summary;
        assert_eq!([mean, median, p99, max, mdev].map(millis), [50.0, 50.0, 99.0, 100.0, 29.0]);
        assert_eq!((min.0, latencies.count()), (Duration::from_micros(1), 100_000));
    }

    #[test]
    fn a_percentile_is_no_rank_too_high() {
        let mut latencies = Latencies::default();
        (1..=1000).for_each(|millis| latencies.add(Duration::from_millis(millis)));
        let rank = |percent| latencies.percentile(percent).unwrap().as_secs_f64() * 1e3;
        for (percent, expected) in [(0.0, 1.0), (50.0, 500.0), (99.0, 990.0), (99.9, 999.0), (100.0, 1000.0)] {
            assert!((rank(percent) - expected).abs() < 0.6, "{percent} % is {}", rank(percent));
        }
    }

    #[test]
    fn one_is_all_there_is_to_say() {
        let mut latencies = Latencies::default();
        latencies.add(Duration::from_nanos(1_234_567));
        assert_eq!(latencies.to_string(), "1 answered: min 1.23 ms, mean 1.23 ms, max 1.23 ms, p99 1.23 ms");
        let json = serde_json::to_string(&latencies.summary()).unwrap();
        let expected =
            r#"{"min_ms":1.235,"mean_ms":1.235,"median_ms":1.235,"p99_ms":1.235,"max_ms":1.235,"mdev_ms":0.0}"#;
        assert_eq!(json, expected);
    }
}
