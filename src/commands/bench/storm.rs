//! A reconnect storm: all connections are dropped at once and come back, and how long that takes.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::latency_table::LatencyTable;
use super::results::StormResults;
use crate::peer_text::Escaped;
use crate::trace::latencies::Latencies;
use crate::view::amount::{Grouped, Latency, Millis};

/// Shares of the dropped connections, in percent, and how they are written.
const SHARES: [(&str, u64); 3] = [("50", 50), ("90", 90), ("100", 100)];

/// What has become of the connections that were dropped.
#[derive(Debug, Serialize)]
pub(super) struct StormReport {
    dropped: u64,
    pub(super) back: u64,
    /// From the drop until so many percent were back; null where it never came to that.
    back_within_ms: BTreeMap<&'static str, Option<Millis>>,
    /// From the drop to each connection that came back.
    pub(super) times: Option<LatencyTable>,
    failures: BTreeMap<String, u64>,
}

impl StormReport {
    pub(super) fn new(results: StormResults) -> Self {
        let StormResults { dropped, back, failures } = results;
        let within = |(name, percent): (&'static str, u64)| (name, time_until(&back, dropped, percent));
        let back_within_ms = SHARES.into_iter().map(within).collect();
        Self { dropped, back: back.count(), back_within_ms, times: LatencyTable::of(back), failures }
    }

    /// Those that had not come back when they were given up; `None` where none was dropped.
    pub(super) fn missing(&self) -> Option<u64> {
        (self.dropped > 0).then(|| self.dropped - self.back)
    }
}

/// From the drop of so many until that many percent of them were back.
fn time_until(back: &Latencies, dropped: u64, percent: u64) -> Option<Millis> {
    let wanted = (dropped * percent).div_ceil(100);
    if wanted == 0 || wanted > back.count() {
        return None;
    }
    back.percentile(100.0 * wanted as f64 / back.count() as f64).map(Millis)
}

impl fmt::Display for StormReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { dropped, back, back_within_ms, failures, .. } = self;
        let missing = Grouped(self.dropped - self.back);
        writeln!(f, "storm        {} dropped at once, {} back, {missing} missing", Grouped(*dropped), Grouped(*back))?;
        for (share, _) in SHARES {
            if let Some(Some(time)) = back_within_ms.get(share) {
                writeln!(f, "  {share:>5} % back after {}", Latency(time.0))?;
            }
        }
        for (why, count) in failures {
            writeln!(f, "  {:>6} × {}", Grouped(*count), Escaped(why))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn shares_are_of_those_that_were_dropped() {
        let mut results = StormResults { dropped: 10, ..StormResults::default() };
        (1..=9).for_each(|millis| results.back.add(Duration::from_millis(millis)));
        let report = StormReport::new(results);
        let within = |share| report.back_within_ms[share].map(|time| time.0.as_secs_f64().mul_add(1e3, 0.5) as u64);
        assert_eq!([within("50"), within("90"), within("100"), report.missing()], [Some(5), Some(9), None, Some(1)]);
        let none = StormReport::new(StormResults::default());
        assert_eq!((none.back_within_ms["100"], none.missing()), (None, None));
        // A rank is a whole number, whatever a `f64` makes of its share.
        let mut results = StormResults { dropped: 7, ..StormResults::default() };
        (1..=7).for_each(|seconds| results.back.add(Duration::from_secs(seconds)));
        let half = StormReport::new(results).back_within_ms["50"].map(|time| time.0.as_secs());
        assert_eq!(half, Some(4));
    }
}
