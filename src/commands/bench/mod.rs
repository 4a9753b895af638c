//! `wscli bench`: load on a server by many connections, and what came of it.

mod answer_rule;
mod arrivals;
mod export;
mod fan_out;
mod handler;
mod histogram_log;
mod latency_buckets;
mod latency_chart;
mod latency_table;
mod limits;
mod live_line;
mod load;
mod message;
mod meter;
mod numbered;
mod opening;
mod pacer;
mod reach;
mod report;
mod results;
mod run;
mod storm;
mod subscriber;
mod threshold;
mod watch;
mod workers;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::thread;

pub(crate) use self::answer_rule::AnswerRule;
pub(crate) use self::export::ExportFormat;
use self::export::script;
use self::histogram_log::HistogramLog;
use self::limits::{connections_with_threads, mappings_of, shortages};
use self::live_line::LiveLine;
pub(crate) use self::load::{FanOut, LoadConfig, LoadExtent, Pacing, SendRate};
pub(crate) use self::message::MessageSource;
pub(crate) use self::numbered::KNOWN_AT_ONCE;
use self::opening::open_all;
use self::reach::open_first;
use self::report::{BenchReport, RunFigures};
use self::run::LoadRun;
use self::threshold::JudgedReport;
pub(crate) use self::threshold::Threshold;
use self::watch::{LoadOutcome, watch};

use super::finish::{json_page, print_all};
use super::interrupt::{catch_signals_for_sure, exit_of};
use crate::advice;
use crate::client::{self, Client, Destination};
use crate::error::Error;
use crate::exit::Exit;
use crate::net::{Signals, raise_descriptor_limit};
use crate::stdio::console::Console;
use crate::view::amount::Grouped;
use crate::ws::Kind;

/// What `bench` is asked to do.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) destination: Option<Destination>,
    pub(crate) client: client::Config,
    pub(crate) load: LoadConfig,
    pub(crate) message: MessageSource,
    pub(crate) kind: Kind,
    /// Each message is filled in with its number.
    pub(crate) is_template: bool,
    /// Where round trips go, second by second.
    pub(crate) histogram_log: Option<PathBuf>,
    /// Round trips are drawn, too.
    pub(crate) histogram: bool,
    /// What has to hold for the run to be a success.
    pub(crate) thresholds: Vec<Threshold>,
    /// A server with a public address may be loaded.
    pub(crate) may_load_public: bool,
    /// The report is printed as JSON.
    pub(crate) json: bool,
    /// Nothing is loaded: the load is printed as a script for another generator.
    pub(crate) export: Option<ExportFormat>,
}

/// Opens the connections, loads them, and reports on stdout.
///
/// # Errors
/// A server that the first connection doesn't reach, a stdout that can't be written to.
pub(crate) fn run(config: Config) -> Result<Exit, Error> {
    let console = Console::stderr();
    let signals = catch_signals_for_sure()?;
    if let Some(format) = config.export {
        // A file may be a pipe that says nothing.
        let script = signals.released(|| script(config, format))?;
        return Ok(if print_all(script.as_bytes(), &signals)? { Exit::Done } else { exit_of(&signals) });
    }
    match bench(config, &console, &signals) {
        Err(Error::Interrupted) => Ok(exit_of(&signals)),
        outcome => outcome,
    }
}

fn bench(config: Config, console: &Console, signals: &Signals) -> Result<Exit, Error> {
    let Config { destination, client, load, message, kind, is_template, histogram_log, .. } = config;
    let Config { thresholds, may_load_public, histogram, json, .. } = config;
    let destination = destination.ok_or_else(|| Error::usage("bench needs the URL of a server"))?;
    if let Some(most) = connections_with_threads().filter(|most| load.storm && load.connections as u64 > *most) {
        return Err(advice::more_connections_than_threads(
            Grouped(load.connections as u64),
            Grouped(most),
            mappings_of(load.connections as u64),
        ));
    }
    // A file may be a pipe that says nothing.
    let message = signals.released(|| message.read(kind, is_template.then_some(&load.answers)))?;
    let message = if load.fan_out.is_some() && !is_template { message.into_marked() } else { message };
    let mut log = histogram_log.map(|path| HistogramLog::create(&path)).transpose()?;
    let descriptors = raise_descriptor_limit();
    let mut client = Client::build(client, destination, console.clone(), signals)?;
    client.come_from(load.source(0));
    let first = open_first(&mut client, may_load_public, signals)?;
    let is_tcp = client.last_target().unix_socket.is_none();
    let different: BTreeSet<_> = load.sources.iter().collect();
    let sources = if is_tcp { different.len().max(1) as u64 } else { 0 };
    shortages(load.connections, load.workers(), descriptors, sources)
        .iter()
        .for_each(|shortage| console.line(shortage));
    let run = LoadRun::new(load, message, client.settings().timing);
    let (run, mut control) = run.map_err(|why| Error::System { doing: "setting up the load", why })?;
    let outcome = thread::scope(|scope| {
        let opening = open_all(&run, first, &client, scope);
        if let Err(why) = opening {
            control.stop = None;
            return Err(Error::System { doing: "starting the load", why });
        }
        let outcome = watch(&run, &mut control, signals, LiveLine::of_terminal(), log.as_mut());
        // Connections that came back stay until all have.
        if run.config.storm {
            control.stop = None;
        }
        Ok(outcome)
    })?;
    let logged = log.map_or(Ok(()), |log| log.finish(&run.meter));
    let report = report(client.last_url(), run, &outcome, histogram);
    let judged = JudgedReport::new(report, &thresholds);
    let text = if json { json_page(&judged) } else { judged.to_string() };
    let is_told = print_all(text.as_bytes(), signals)?;
    // The report is worth more than the log, whose disk may be full.
    logged?;
    if !is_told || outcome.interrupted {
        return Err(Error::Interrupted);
    }
    judged.unmet().map_or(Ok(Exit::Done), |unmet| Err(Error::Unmet(unmet)))
}

fn report(url: String, run: LoadRun, outcome: &LoadOutcome, draws: bool) -> BenchReport {
    let figures = RunFigures {
        url,
        asked: run.config.connections,
        pacing: run.config.pacing,
        time: outcome.time,
        measured: run.meter.measured(),
        round_trips: run.meter.round_trips(),
        send_delays: run.meter.send_delays(),
        fan_out: run.config.fan_out.zip(run.deliveries().map(|deliveries| deliveries.spread())),
        cpu: outcome.cpu,
        cpu_within: outcome.cpu_within,
        processors: thread::available_parallelism().map_or(1, usize::from),
        interrupted: outcome.interrupted,
        draws,
        has_storm: run.config.storm,
    };
    BenchReport::new(figures, run.into_results())
}
