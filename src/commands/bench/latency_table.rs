//! Latencies by their percentiles, as text and JSON.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::trace::latencies::Latencies;
use crate::view::amount::{Grouped, Latency, Millis};

/// Percentiles that are told, as they are written.
const PERCENTILES: [(&str, f64); 7] =
    [("50", 50.0), ("75", 75.0), ("90", 90.0), ("95", 95.0), ("99", 99.0), ("99.9", 99.9), ("99.99", 99.99)];

/// Latencies by their percentiles.
#[derive(Debug, Serialize)]
pub(super) struct LatencyTable {
    pub(super) count: u64,
    #[serde(rename = "min_ms")]
    min: Millis,
    #[serde(rename = "mean_ms")]
    mean: Millis,
    /// By the percent that don't exceed it.
    percentiles_ms: BTreeMap<&'static str, Millis>,
    #[serde(rename = "max_ms")]
    pub(super) max: Millis,
    #[serde(skip)]
    pub(super) latencies: Latencies,
}

impl LatencyTable {
    /// `None` where there are none.
    pub(super) fn of(latencies: Latencies) -> Option<Self> {
        let summary = latencies.summary()?;
        let percentile = |(name, percent): (&'static str, f64)| Some((name, Millis(latencies.percentile(percent)?)));
        Some(Self {
            count: latencies.count(),
            min: summary.min,
            mean: summary.mean,
            percentiles_ms: PERCENTILES.into_iter().filter_map(percentile).collect(),
            max: summary.max,
            latencies,
        })
    }

    pub(super) fn percentile(&self, percent: f64) -> Latency {
        Latency(self.latencies.percentile(percent).unwrap_or_default())
    }
}

impl fmt::Display for LatencyTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, percent) in PERCENTILES {
            writeln!(f, "  {name:>5} %    {}", self.percentile(percent))?;
        }
        writeln!(f, "    max      {}", Latency(self.max.0))?;
        writeln!(f, "    mean     {} of {}", Latency(self.mean.0), Grouped(self.count))
    }
}
