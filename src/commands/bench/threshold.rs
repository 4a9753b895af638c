//! What a report has to say for the run to be a success: `rtt.p99<50ms`.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use super::report::BenchReport;
use crate::values::{duration, nearest};
use crate::view::amount::Latency;

/// One figure of a report, and what it is held against.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Threshold {
    /// As it was given.
    text: String,
    figure: Figure,
    bound: Bound,
    /// Of times in seconds.
    limit: f64,
}

/// Something that a report says in a number.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Figure {
    /// Of several times, one that says how they are distributed.
    Time(TimesOf, Statistic),
    Count(CountOf),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum TimesOf {
    RoundTrips,
    /// The whole way to an open connection.
    Openings,
    SendDelays,
    /// From the drop to each connection that came back.
    Returns,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Statistic {
    Min,
    Mean,
    Max,
    /// Of those that aren't exceeded by so many percent.
    Percentile(f64),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum CountOf {
    Opened,
    Failed,
    Lost,
    Sent,
    Received,
    SentPerSecond,
    ReceivedPerSecond,
    Unanswered,
    Unsent,
    Unsolicited,
    Repeated,
    Reordered,
    /// Not back after a storm.
    Missing,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Bound {
    AtMost,
    AtLeast,
    Below,
    Above,
}

/// The longer first, which the shorter is the beginning of.
const BOUNDS: [(&str, Bound); 4] =
    [("<=", Bound::AtMost), (">=", Bound::AtLeast), ("<", Bound::Below), (">", Bound::Above)];

const TIMES: [(&str, TimesOf); 4] = [
    ("rtt", TimesOf::RoundTrips),
    ("open", TimesOf::Openings),
    ("send_delay", TimesOf::SendDelays),
    ("back", TimesOf::Returns),
];

const STATISTICS: [(&str, Statistic); 3] =
    [("min", Statistic::Min), ("mean", Statistic::Mean), ("max", Statistic::Max)];

const COUNTS: [(&str, CountOf); 13] = [
    ("opened", CountOf::Opened),
    ("failed", CountOf::Failed),
    ("lost", CountOf::Lost),
    ("sent", CountOf::Sent),
    ("received", CountOf::Received),
    ("sent/s", CountOf::SentPerSecond),
    ("received/s", CountOf::ReceivedPerSecond),
    ("unanswered", CountOf::Unanswered),
    ("unsent", CountOf::Unsent),
    ("unsolicited", CountOf::Unsolicited),
    ("repeated", CountOf::Repeated),
    ("reordered", CountOf::Reordered),
    ("missing", CountOf::Missing),
];

/// What became of a threshold.
#[derive(Debug, Serialize)]
struct ThresholdOutcome {
    threshold: String,
    /// Of times in milliseconds; none where there was nothing to be measured.
    value: Option<f64>,
    met: bool,
    #[serde(skip)]
    is_time: bool,
}

impl Threshold {
    /// Reads `FIGURE<VALUE`, with `<`, `<=`, `>` or `>=`.
    ///
    /// # Errors
    /// What it has to be.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let found = BOUNDS.iter().filter_map(|(sign, bound)| Some((text.find(sign)?, *sign, *bound)));
        // At the same place the longer stands first.
        let (at, sign, bound) = found
            .min_by_key(|(at, ..)| *at)
            .ok_or("expected a figure and its limit, such as rtt.p99<50ms or failed<=0")?;
        let figure = Figure::parse(text[..at].trim())?;
        let limit = text[at + sign.len()..].trim();
        let limit = match figure {
            Figure::Time(..) => duration(limit)?.as_secs_f64(),
            Figure::Count(_) => {
                let number = limit.parse().ok().filter(|number: &f64| number.is_finite() && *number >= 0.0);
                number.ok_or_else(|| format!("{limit:?} is not a number"))?
            }
        };
        Ok(Self { text: text.to_owned(), figure, bound, limit })
    }

    /// The metric of k6 that this is about, and what its thresholds say for it; `None` where there is none.
    pub(super) fn for_k6(&self) -> Option<(&'static str, String)> {
        let Figure::Time(times, statistic) = self.figure else { return None };
        let metric = match times {
            TimesOf::RoundTrips => "wscli_rtt",
            TimesOf::Openings => "ws_connecting",
            TimesOf::SendDelays | TimesOf::Returns => return None,
        };
        let statistic = match statistic {
            Statistic::Min => "min".to_owned(),
            Statistic::Mean => "avg".to_owned(),
            Statistic::Max => "max".to_owned(),
            Statistic::Percentile(percent) => format!("p({percent})"),
        };
        let (sign, _) = BOUNDS.iter().find(|(_, bound)| *bound == self.bound)?;
        Some((metric, format!("{statistic}{sign}{}", self.limit * 1000.0)))
    }

    /// Holds the report against it. What wasn't measured meets no threshold.
    fn judge(&self, report: &BenchReport) -> ThresholdOutcome {
        let (value, is_time) = match self.figure {
            Figure::Time(times, statistic) => (statistic.of(times, report).map(|time| time.as_secs_f64()), true),
            Figure::Count(count) => (count.of(report), false),
        };
        let met = value.is_some_and(|value| match self.bound {
            Bound::AtMost => value <= self.limit,
            Bound::AtLeast => value >= self.limit,
            Bound::Below => value < self.limit,
            Bound::Above => value > self.limit,
        });
        let value = if is_time { value.map(|seconds| (seconds * 1e6).round() / 1e3) } else { value };
        ThresholdOutcome { threshold: self.text.clone(), value, met, is_time }
    }
}

impl Figure {
    fn parse(name: &str) -> Result<Self, String> {
        if let Some((_, count)) = COUNTS.iter().find(|(known, _)| *known == name) {
            return Ok(Self::Count(*count));
        }
        let unknown = || {
            let names = TIMES.iter().map(|(name, _)| *name).chain(COUNTS.iter().map(|(name, _)| *name));
            let meant = nearest(names.clone(), name).map(|meant| format!("; did you mean {meant}?"));
            format!(
                "{name:?} is not a figure of the report: rtt, open, send_delay and back with .min, .mean, .max or .pNN, {}{}",
                COUNTS.map(|(name, _)| name).join(", "),
                meant.unwrap_or_default()
            )
        };
        let (times, statistic) = name.split_once('.').ok_or_else(unknown)?;
        let (_, times) = TIMES.iter().find(|(known, _)| *known == times).ok_or_else(unknown)?;
        let named = STATISTICS.iter().find(|(known, _)| *known == statistic).map(|(_, statistic)| *statistic);
        let percentile = || {
            let percent = statistic.strip_prefix('p')?.parse().ok()?;
            (0.0..=100.0).contains(&percent).then_some(Statistic::Percentile(percent))
        };
        Ok(Self::Time(*times, named.or_else(percentile).ok_or_else(unknown)?))
    }
}

impl Statistic {
    fn of(self, times: TimesOf, report: &BenchReport) -> Option<Duration> {
        let latencies = match times {
            TimesOf::RoundTrips => &report.round_trips.as_ref()?.latencies,
            TimesOf::SendDelays => &report.send_delays.as_ref()?.latencies,
            TimesOf::Openings => report.connections.openings()?,
            TimesOf::Returns => &report.storm.as_ref()?.times.as_ref()?.latencies,
        };
        let summary = latencies.summary()?;
        match self {
            Self::Min => Some(summary.min.0),
            Self::Mean => Some(summary.mean.0),
            Self::Max => Some(summary.max.0),
            Self::Percentile(percent) => latencies.percentile(percent),
        }
    }
}

impl CountOf {
    fn of(self, report: &BenchReport) -> Option<f64> {
        let BenchReport { connections, messages, .. } = report;
        let count = match self {
            Self::SentPerSecond => return Some(messages.sent.per_second),
            Self::ReceivedPerSecond => return Some(messages.received.per_second),
            Self::Opened => connections.opened,
            Self::Failed => connections.failed,
            Self::Lost => connections.lost,
            Self::Sent => messages.sent.counters.messages,
            Self::Received => messages.received.counters.messages,
            Self::Unanswered => messages.unanswered,
            Self::Unsent => messages.unsent,
            Self::Unsolicited => messages.unsolicited,
            Self::Repeated => messages.repeated,
            Self::Reordered => messages.reordered,
            Self::Missing => report.storm.as_ref()?.missing()?,
        };
        Some(count as f64)
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Display for ThresholdOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { threshold, value, met, is_time } = self;
        let verdict = if *met { "met" } else { "not met" };
        match value {
            None => write!(f, "{threshold} {verdict}: nothing was measured"),
            Some(millis) if *is_time => {
                write!(f, "{threshold} {verdict}: {}", Latency(Duration::from_secs_f64(millis / 1e3)))
            }
            Some(value) => write!(f, "{threshold} {verdict}: {value}"),
        }
    }
}

/// A report, and what it was held against.
#[derive(Debug, Serialize)]
pub(super) struct JudgedReport {
    #[serde(flatten)]
    report: BenchReport,
    thresholds: Vec<ThresholdOutcome>,
}

impl JudgedReport {
    pub(super) fn new(report: BenchReport, thresholds: &[Threshold]) -> Self {
        let thresholds = thresholds.iter().map(|threshold| threshold.judge(&report)).collect();
        Self { report, thresholds }
    }

    /// What wasn't met, in words; `None` where all was.
    pub(super) fn unmet(&self) -> Option<String> {
        let unmet: Vec<_> = self.thresholds.iter().filter(|outcome| !outcome.met).map(ToString::to_string).collect();
        (!unmet.is_empty()).then(|| unmet.join("; "))
    }
}

impl fmt::Display for JudgedReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { report, thresholds } = self;
        write!(f, "{report}")?;
        if !thresholds.is_empty() {
            f.write_str("\nthresholds\n")?;
        }
        thresholds.iter().try_for_each(|outcome| writeln!(f, "  {outcome}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_are_read() {
        let read =
            |text: &str| Threshold::parse(text).map(|threshold| (threshold.figure, threshold.bound, threshold.limit));
        let p99 = Figure::Time(TimesOf::RoundTrips, Statistic::Percentile(99.0));
        assert_eq!(read("rtt.p99<50ms"), Ok((p99, Bound::Below, 0.05)));
        assert_eq!(read("rtt.p99 <= 2s"), Ok((p99, Bound::AtMost, 2.0)));
        let p99_99 = Figure::Time(TimesOf::Openings, Statistic::Percentile(99.99));
        assert_eq!(read("open.p99.99<1s"), Ok((p99_99, Bound::Below, 1.0)));
        assert_eq!(read("failed<=0"), Ok((Figure::Count(CountOf::Failed), Bound::AtMost, 0.0)));
        assert_eq!(read("sent/s>1000"), Ok((Figure::Count(CountOf::SentPerSecond), Bound::Above, 1000.0)));
        for wrong in
            ["", "rtt.p99", "rtt<5ms", "rtt.p101<5ms", "rtt.median<5ms", "failed<5ms", "rtt.p99<fast", "lots<5"]
        {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        let for_k6 = |text: &str| Threshold::parse(text).unwrap().for_k6();
        assert_eq!(for_k6("rtt.p99.9<=50ms"), Some(("wscli_rtt", "p(99.9)<=50".to_owned())));
        assert_eq!(for_k6("open.mean<1s"), Some(("ws_connecting", "avg<1000".to_owned())));
        assert_eq!((for_k6("send_delay.max<1s"), for_k6("lost<=0")), (None, None));
        assert!(read("fialed<1").unwrap_err().ends_with("did you mean failed?"));
    }
}
