//! What a run came to: text for people, and the same as JSON; docs/bench.md describes that.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::Serialize;

use super::fan_out::Spread;
use super::latency_chart::LatencyChart;
use super::latency_table::LatencyTable;
use super::load::{FanOut, Pacing};
use super::meter::{Measured, USUAL_SEND_DELAY};
use super::results::{ConnectionResults, IN_ALL};
use super::storm::StormReport;
use crate::peer_text::Escaped;
use crate::trace::latencies::Latencies;
use crate::view::amount::{Bytes, Count, Grouped, Latency};
use crate::ws::Counters;

/// Of the phases of the way to a connection, fewer.
const OPENING_PERCENTILES: [f64; 3] = [50.0, 90.0, 99.0];

/// All that a run came to.
#[derive(Debug, Serialize)]
pub(super) struct BenchReport {
    pub(super) url: String,
    pub(super) model: LoadModel,
    /// How long it was measured.
    #[serde(rename = "seconds", serialize_with = "seconds")]
    pub(super) time: Duration,
    pub(super) connections: ConnectionReport,
    pub(super) messages: MessageReport,
    /// Of what was published, the way to each subscriber.
    pub(super) round_trips: Option<LatencyTable>,
    /// How long the first and the last subscriber waited for each message, where messages are published.
    pub(super) fan_out: Option<FanOutReport>,
    /// How connections came back that were dropped at once.
    pub(super) storm: Option<StormReport>,
    /// How late planned messages went out.
    pub(super) send_delays: Option<LatencyTable>,
    pub(super) generator: GeneratorReport,
    /// The run was interrupted.
    pub(super) interrupted: bool,
    /// Round trips are drawn, too.
    #[serde(skip)]
    draws: bool,
}

/// How messages were paced, which says what a round trip is.
#[derive(Debug, Serialize)]
#[serde(tag = "loop", rename_all = "snake_case")]
pub(super) enum LoadModel {
    Closed { in_flight: u32 },
    Open { rate: f64, of_each: bool },
    ConnectOnly,
}

#[derive(Debug, Serialize)]
pub(super) struct FanOutReport {
    publishers: usize,
    subscribers: usize,
    first: Option<LatencyTable>,
    last: Option<LatencyTable>,
}

#[derive(Debug, Serialize)]
pub(super) struct ConnectionReport {
    asked: usize,
    pub(super) opened: u64,
    pub(super) failed: u64,
    pub(super) lost: u64,
    /// By phase.
    opening: BTreeMap<String, LatencyTable>,
    #[serde(skip)]
    phases: Vec<(&'static str, LatencyTable)>,
    failures: BTreeMap<String, u64>,
    endings: BTreeMap<String, u64>,
}

#[derive(Debug, Serialize)]
pub(super) struct MessageReport {
    pub(super) sent: MessageTraffic,
    pub(super) received: MessageTraffic,
    pub(super) unanswered: u64,
    pub(super) unsent: u64,
    pub(super) unsolicited: u64,
    pub(super) repeated: u64,
    pub(super) reordered: u64,
    /// What is wrong with messages that had no answer, or didn't reach a subscriber.
    #[serde(skip)]
    unanswered_is: &'static str,
}

/// One direction.
#[derive(Debug, Serialize)]
pub(super) struct MessageTraffic {
    #[serde(flatten)]
    pub(super) counters: Counters,
    pub(super) per_second: f64,
    /// Of frames, from the opening of the connections to their end.
    wire_bytes: u64,
}

/// A generator that takes less of one processor, in percent, has had time to send: it was not let.
const BUSY: f64 = 50.0;

/// What the load took of this machine.
#[derive(Debug, Serialize)]
pub(super) struct GeneratorReport {
    #[serde(rename = "cpu_seconds", serialize_with = "seconds")]
    cpu: Duration,
    /// Of all processors together.
    cpu_percent: f64,
    processors: usize,
    /// Both directions' messages.
    cpu_us_per_message: Option<f64>,
    /// Planned messages went out late, by no fault of the server's: it had too much to do, or the machine had.
    saturated: bool,
}

/// What was measured of a run.
pub(super) struct RunFigures {
    pub(super) url: String,
    pub(super) asked: usize,
    pub(super) pacing: Pacing,
    pub(super) time: Duration,
    pub(super) measured: Measured,
    pub(super) round_trips: Latencies,
    pub(super) send_delays: Latencies,
    pub(super) fan_out: Option<(FanOut, Spread)>,
    pub(super) cpu: Duration,
    pub(super) cpu_within: Duration,
    pub(super) processors: usize,
    pub(super) interrupted: bool,
    pub(super) draws: bool,
    pub(super) has_storm: bool,
}

fn seconds<S: serde::Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64((time.as_secs_f64() * 1e6).round() / 1e6)
}

impl BenchReport {
    pub(super) fn new(figures: RunFigures, mut results: ConnectionResults) -> Self {
        let storm = std::mem::take(&mut results.storm);
        let RunFigures { url, asked, pacing, time, measured, round_trips, send_delays, fan_out, .. } = figures;
        let RunFigures { cpu, cpu_within, processors, interrupted, draws, has_storm, .. } = figures;
        let traffic = |counters: Counters, wire_bytes| MessageTraffic {
            counters,
            per_second: round(counters.messages as f64 / time.as_secs_f64().max(1e-9), 1),
            wire_bytes,
        };
        let model = match pacing {
            Pacing::Closed { in_flight } => LoadModel::Closed { in_flight },
            Pacing::Open(rate) => LoadModel::Open { rate: rate.per_second, of_each: rate.of_each },
            Pacing::ConnectOnly => LoadModel::ConnectOnly,
        };
        let send_delays = LatencyTable::of(send_delays).filter(|_| matches!(model, LoadModel::Open { .. }));
        // Of fewer the 99th percentile is the longest of all, which any machine has now and then.
        let is_late = |send_delays: &LatencyTable| {
            send_delays.count >= 100
                && send_delays.latencies.percentile(99.0).is_some_and(|delay| delay > USUAL_SEND_DELAY)
        };
        let messages = measured.sent.messages + measured.received.messages;
        let generator = GeneratorReport {
            cpu,
            cpu_percent: percent_of(cpu, cpu_within, processors),
            processors,
            cpu_us_per_message: (messages > 0).then(|| round(cpu.as_secs_f64() * 1e6 / messages as f64, 3)),
            saturated: send_delays.as_ref().is_some_and(is_late),
        };
        let messages = MessageReport {
            sent: traffic(measured.sent, results.wire.sent),
            received: traffic(measured.received, results.wire.received),
            unanswered: results.unanswered,
            unsent: results.unsent,
            unsolicited: measured.unsolicited,
            repeated: measured.repeated,
            reordered: measured.reordered,
            unanswered_is: if fan_out.is_some() { "undelivered" } else { "unanswered" },
        };
        let connections = ConnectionReport::new(asked, results);
        let round_trips = LatencyTable::of(round_trips);
        let fan_out = fan_out.map(|(FanOut { publishers, subscribers }, Spread { first, last })| {
            let (first, last) = (LatencyTable::of(first), LatencyTable::of(last));
            FanOutReport { publishers, subscribers, first, last }
        });
        let storm = has_storm.then(|| StormReport::new(storm));
        Self {
            url,
            model,
            time,
            connections,
            messages,
            round_trips,
            fan_out,
            storm,
            send_delays,
            generator,
            interrupted,
            draws,
        }
    }
}

/// How much of so many processors that is, meanwhile.
fn percent_of(cpu: Duration, time: Duration, processors: usize) -> f64 {
    if time.is_zero() { 0.0 } else { round(100.0 * cpu.as_secs_f64() / time.as_secs_f64() / processors as f64, 1) }
}

/// To so many decimals.
fn round(number: f64, decimals: i32) -> f64 {
    let factor = 10_f64.powi(decimals);
    (number * factor).round() / factor
}

impl ConnectionReport {
    fn new(asked: usize, results: ConnectionResults) -> Self {
        let ConnectionResults { opened, failed, lost, phases, failures, endings, .. } = results;
        let table =
            |(phase, latencies): &(&'static str, Latencies)| Some((*phase, LatencyTable::of(latencies.clone())?));
        let key = |phase: &str| phase.replace(' ', "_").to_lowercase();
        let opening = phases.iter().filter_map(table).map(|(phase, table)| (key(phase), table)).collect();
        let phases = phases.iter().filter_map(table).collect();
        Self { asked, opened, failed, lost, opening, phases, failures, endings }
    }
}

impl ConnectionReport {
    /// How long the whole way took, to those that were opened.
    pub(super) fn openings(&self) -> Option<&Latencies> {
        self.phases.iter().find(|(phase, _)| *phase == IN_ALL).map(|(_, table)| &table.latencies)
    }
}

impl fmt::Display for LoadModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed { in_flight } => write!(
                f,
                "closed loop: service time, with {} in flight per connection (while the server stalls, nothing is sent)",
                Count(u64::from(*in_flight), "message")
            ),
            Self::Open { rate, of_each } => {
                let whose = if *of_each { "on each connection" } else { "in all" };
                write!(f, "open loop: {rate} messages/s {whose}, timed from when they were to be sent")
            }
            Self::ConnectOnly => f.write_str("connections only: nothing is sent on them"),
        }
    }
}

impl fmt::Display for BenchReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            url,
            model,
            time,
            connections,
            messages,
            round_trips,
            fan_out,
            storm,
            send_delays,
            generator,
            interrupted,
            draws,
        } = self;
        writeln!(f, "{}", Escaped(url))?;
        writeln!(f, "{model}")?;
        let end = if *interrupted { ", then interrupted" } else { "" };
        writeln!(f, "measured for {:.1} s{end}\n", time.as_secs_f64())?;
        write!(f, "{connections}")?;
        if !matches!(model, LoadModel::ConnectOnly) {
            write!(f, "\n{messages}")?;
        }
        if let Some(round_trips) = round_trips {
            let what = match (model, fan_out) {
                (_, Some(_)) => "deliveries   from the planned time to each subscriber",
                (LoadModel::Open { .. }, _) => "round trips  from the planned time",
                _ => "round trips  service time",
            };
            write!(f, "\n{what}\n{round_trips}")?;
        }
        if let Some(fan_out) = fan_out {
            write!(f, "{fan_out}")?;
        }
        if let Some(round_trips) = round_trips.as_ref().filter(|_| *draws) {
            write!(f, "\n{}", LatencyChart(&round_trips.latencies))?;
        }
        if let Some(storm) = storm {
            write!(f, "\n{storm}")?;
        }
        if let Some(send_delays) = send_delays {
            let [half, most, max] =
                [send_delays.percentile(50.0), send_delays.percentile(99.0), Latency(send_delays.max.0)];
            writeln!(f, "\nsent late    p50 {half}, p99 {most}, max {max}")?;
        }
        write!(f, "\n{generator}")
    }
}

impl fmt::Display for FanOutReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (which, table) in [("first", &self.first), ("last", &self.last)] {
            let Some(table) = table else { continue };
            let [half, nearly_all, max] = [table.percentile(50.0), table.percentile(99.0), Latency(table.max.0)];
            writeln!(
                f,
                "  {which:<6} of {}: p50 {half}, p99 {nearly_all}, max {max}",
                Grouped(self.subscribers as u64)
            )?;
        }
        Ok(())
    }
}

impl fmt::Display for ConnectionReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { asked, opened, failed, lost, phases, failures, endings, .. } = self;
        write!(f, "connections  {} opened", Grouped(*opened))?;
        if *opened + *failed < *asked as u64 {
            write!(f, " of {}", Grouped(*asked as u64))?;
        }
        writeln!(f, ", {} failed, {} lost", Grouped(*failed), Grouped(*lost))?;
        for (phase, table) in phases {
            let [half, most, nearly_all] = OPENING_PERCENTILES.map(|percent| table.percentile(percent));
            let max = Latency(table.max.0);
            writeln!(f, "  {phase:<18} p50 {half}, p90 {most}, p99 {nearly_all}, max {max}")?;
        }
        for (why, count) in failures.iter().chain(endings) {
            writeln!(f, "  {:>6} × {}", Grouped(*count), Escaped(why))?;
        }
        Ok(())
    }
}

impl fmt::Display for MessageReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sent, received, unanswered, unsent, unsolicited, repeated, reordered, unanswered_is } = self;
        writeln!(f, "messages     {} {unanswered_is}", Grouped(*unanswered))?;
        writeln!(f, "  sent       {sent}")?;
        writeln!(f, "  received   {received}")?;
        for (count, what) in [
            (unsent, "not sent before the time was up, or their connection ended"),
            (unsolicited, "unsolicited: they answer none of ours"),
            (repeated, "repeated"),
            (reordered, "out of order, behind a later one"),
        ] {
            if *count > 0 {
                writeln!(f, "  {} {what}", Grouped(*count))?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for MessageTraffic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { counters: Counters { messages, bytes }, per_second, wire_bytes } = self;
        let (per_second, wire_bytes) = (Grouped(per_second.round() as u64), Bytes(*wire_bytes));
        write!(f, "{}", Grouped(*messages))?;
        // One message has no rate.
        if *messages > 1 {
            write!(f, " ({per_second}/s)")?;
        }
        write!(f, ", {}, {wire_bytes} in frames", Bytes(*bytes))
    }
}

impl fmt::Display for GeneratorReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cpu, cpu_percent, processors, cpu_us_per_message, saturated } = self;
        let of_one = cpu_percent * *processors as f64;
        let processors = Count(*processors as u64, "processor");
        write!(f, "generator    {:.2} s of CPU, {cpu_percent} % of {processors}", cpu.as_secs_f64())?;
        if let Some(micros) = cpu_us_per_message {
            write!(f, ", {micros} µs a message")?;
        }
        f.write_str("\n")?;
        if *saturated && of_one < BUSY {
            f.write_str("  messages went out later than planned: the machine was busy with something else\n")?;
        } else if *saturated {
            f.write_str("  it was saturated: messages went out later than planned, which is not the server's fault\n")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_had_too_much_to_do_depends_on_what_the_load_took() {
        let told = |cpu_percent| {
            let cpu = Duration::from_millis(30);
            let report = GeneratorReport { cpu, cpu_percent, processors: 2, cpu_us_per_message: None, saturated: true };
            report.to_string().lines().nth(1).unwrap().to_owned()
        };
        assert_eq!(told(0.6), "  messages went out later than planned: the machine was busy with something else");
        assert!(told(30.0).starts_with("  it was saturated: "));
    }
}
