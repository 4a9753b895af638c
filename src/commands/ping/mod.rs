//! `wscli ping`: round trips of Pings, and of messages beside them.

mod handler;
mod report;
mod series;

use std::io;
use std::time::Duration;

use self::handler::{PingOutcome, PingReport, Pinger};
use self::report::PingEvent;
pub(crate) use self::series::SeriesConfig;
use super::connection_taps::ConnectionTaps;
use super::finish::finish;
use super::interrupt::{catch_signals_for_sure, exit_of};
use super::run_end::RunEnd;
use super::run_limit::{self, RunLimit};
use crate::client::{self, Client, ConnectFacts, Destination, PhaseTimes};
use crate::error::Error;
use crate::exit::Exit;
use crate::http::shown_url;
use crate::net::{Interrupt, Signals};
use crate::script::Condition;
use crate::stdio::console::Console;
use crate::stdio::stderr;
use crate::stdio::terminal;
use crate::stdio::writer::Output;
use crate::view::frames::FrameDetail;

/// What `ping` is asked to do.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) destination: Option<Destination>,
    pub(crate) client: client::Config,
    pub(crate) questions: Questions,
    /// What is told is told as JSON.
    pub(crate) json: bool,
    /// Nothing is told of each question.
    pub(crate) quiet: bool,
    /// Of the whole run; `None` and 0 are no limit.
    pub(crate) max_time: Option<Duration>,
    /// What of frames is logged.
    pub(crate) frames: Option<FrameDetail>,
}

/// What is asked, and when.
#[derive(Debug)]
pub(crate) struct Questions {
    pub(crate) series: SeriesConfig,
    /// Bytes of a Ping's payload, at most 125.
    pub(crate) size: usize,
    pub(crate) message: Option<MessageProbe>,
}

/// A message that is sent beside each Ping.
#[derive(Debug)]
pub(crate) struct MessageProbe {
    pub(crate) text: String,
    /// What the answer looks like; without it the answer is the message itself.
    pub(crate) answer: Option<Condition>,
}

/// Opens a connection, asks, and tells on stdout what was answered.
///
/// # Errors
/// A server that can't be reached, a stdout that can't be written to.
pub(crate) fn run(config: Config) -> Result<Exit, Error> {
    let console = Console::stderr();
    let limit = RunLimit::begin(config.max_time, Some("not every ping was answered"), &console)?;
    let signals = catch_signals_for_sure()?;
    match ping(config, &limit, &console, &signals) {
        Err(Error::Interrupted) => Ok(exit_of(&signals)),
        outcome => outcome,
    }
}

fn ping(config: Config, limit: &RunLimit, console: &Console, signals: &Signals) -> Result<Exit, Error> {
    let Config { destination, client, questions, json, quiet, max_time, frames } = config;
    let destination = destination.ok_or_else(|| Error::usage("ping needs the URL of a server"))?;
    let secrets = client.secrets;
    let mut client = Client::build(client, destination, console.clone(), signals)?;
    client.end_by(limit.latest);
    let (mut facts, mut times) = (ConnectFacts::default(), PhaseTimes::default());
    let dialed = client.connect(Some(Interrupt::by(signals)), &mut |step| {
        facts.note(step);
        times.note(step);
    })?;
    limit.opened();
    stderr::flush_briefly();
    let output = Output::to_stdout().map_err(|why| Error::System { doing: "setting up stdout", why })?;
    let mut report = PingReport { output, json, quiet, columns: terminal::columns(io::stdout()) };
    let url = client.last_url();
    report.tell(&PingEvent::Opened { url: &shown_url(&url, secrets), address: facts.address(), times_ms: times });
    let mut pinger = Pinger::new(questions, report, RunEnd::new(limit.latest, signals));
    let taps = ConnectionTaps::of_frames(frames, console);
    let ending = taps.run(dialed, client.settings().timing, signals, &mut pinger).ending;
    let outcome = pinger.finish(&ending);
    let Pinger { mut report, run, was_interrupted, .. } = pinger;
    if run.is_late() {
        run_limit::tell(max_time.unwrap_or_default(), console);
    }
    console.line(&ending);
    match finish(&mut report.output, signals, run.hard_end()) {
        // The reader has what it wanted, as `| head -1` does.
        Some(Err(why)) if why.kind() == io::ErrorKind::BrokenPipe => return Ok(Exit::Done),
        Some(Err(why)) => return Err(Error::Stdout(why)),
        Some(Ok(())) if !was_interrupted => {}
        Some(Ok(())) | None => return Err(Error::Interrupted),
    }
    Ok(match (outcome, ending.exit()) {
        // A peer for which there was no time left has interrupted nothing.
        (_, Exit::Interrupted) if !run.is_late() => Exit::Interrupted,
        (PingOutcome::Lost, _) => Exit::No,
        (PingOutcome::AllAnswered, Exit::Done | Exit::Interrupted) => Exit::Done,
        (PingOutcome::TooFew, Exit::Done | Exit::Interrupted) => Exit::No,
        (_, exit) => exit,
    })
}
