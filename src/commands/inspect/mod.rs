//! `wscli inspect`.

mod echo_probe;
mod expect_probe;
mod limits;
mod metrics;
pub(crate) mod report;
pub(crate) mod text;
use std::io;
use std::time::{Duration, Instant};

use self::echo_probe::{EchoDifference, EchoProbe, Echoed};
pub(crate) use self::expect_probe::ExpectConfig;
use self::expect_probe::{ExpectProbe, ExpectReport};
pub(crate) use self::limits::LimitsConfig;
use self::limits::{CutShort, LimitsProbe};
use self::report::{CloseReport, Outcome, Ping, Probes, Report};
use super::connection_taps::ConnectionTaps;
use super::finish::{json_page, print_all};
use super::interrupt::{catch_signals_for_sure, exit_of};
use super::run_end::GRACE;
use super::run_limit::{self, RunLimit};
use crate::client::{self, Client, Destination};
use crate::error::Error;
use crate::exit::Exit;
use crate::handlers::ping::PingProbe;
use crate::http::{Header, Response};
use crate::net::{ConnectEvent, Dialed, End, Handler, Interrupt, Signals, Timing};
use crate::peer_text::PeerText;
use crate::stdio::console::Console;
use crate::stdio::terminal;
use crate::view::amount::Millis;
use crate::view::frames::FrameDetail;
use crate::ws::extension;
use crate::ws::negotiation::NAME;

/// What is left of the time where limits have been looked for: for the last Pongs, and for the report.
const ASIDE: Duration = Duration::from_millis(500);

/// What `inspect` is asked to do.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) destination: Option<Destination>,
    pub(crate) client: client::Config,
    pub(crate) format: ReportFormat,
    /// A message is sent too, which a server that echoes sends back.
    pub(crate) echo_probe: bool,
    /// Messages are waited for.
    pub(crate) expects: Option<ExpectConfig>,
    /// It is found out what the server's limits are.
    pub(crate) limits: Option<LimitsConfig>,
    /// Of the whole run; `None` and 0 are no limit.
    pub(crate) max_time: Option<Duration>,
    /// What of frames is logged.
    pub(crate) frames: Option<FrameDetail>,
}

/// What the report is printed as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReportFormat {
    Text,
    Json,
    Metrics,
}

/// Reaches the server, examines it, prints the report.
///
/// # Errors
/// What makes no sense. A server that can't be reached is in the report, and in the exit code.
pub(crate) fn run(config: Config) -> Result<Exit, Error> {
    let Config { destination, client, max_time, frames, format, .. } = config;
    let tries = Tries {
        probes: format != ReportFormat::Metrics,
        echo: config.echo_probe,
        expects: config.expects,
        limits: config.limits,
    };
    let limit = RunLimit::begin(max_time, Some("the report was still being made"), &Console::stderr())?;
    let destination = destination.ok_or_else(|| Error::usage("inspect needs the URL of a server"))?;
    let signals = catch_signals_for_sure()?;
    let mut client = match Client::build(client, destination, Console::stderr(), &signals) {
        Err(Error::Interrupted) => return Ok(exit_of(&signals)),
        built => built?,
    };
    client.end_by(limit.latest);
    let report = Report::new(client.url());
    let mut inspection = Inspection { signals: &signals, frames, limit, report, is_cut_short: false };
    let failure = inspection.examine(&mut client, tries).err();
    if let Some(error) = &failure {
        inspection.report.failed(error);
    }
    let interrupted = matches!(failure, Some(Error::Interrupted));
    if interrupted {
        // What there is of the report is printed all the same; another signal ends that.
        signals.take();
    }
    if !print(&inspection.report, format, &signals)? || interrupted {
        return Ok(exit_of(&signals));
    }
    if inspection.is_cut_short || inspection.left().is_some_and(|left| left.is_zero()) {
        run_limit::tell(max_time.unwrap_or_default(), &Console::stderr());
    }
    // A report for people has told it; in JSON the line on stderr is for whoever watches.
    let unmet = inspection.report.expectation.and_then(|expectation| expectation.missing).map(Error::Unmet);
    failure.or(unmet).map_or(Ok(Exit::Done), Err)
}

/// Returns whether no signal came in between.
fn print(report: &Report, format: ReportFormat, signals: &Signals) -> Result<bool, Error> {
    let columns = terminal::columns(io::stdout());
    let text = match format {
        ReportFormat::Json => json_page(report),
        ReportFormat::Metrics => {
            let page = metrics::page(report);
            columns.map_or(page.clone(), |columns| text::folded(&page, columns))
        }
        ReportFormat::Text => text::lines(report, columns),
    };
    print_all(text.as_bytes(), signals)
}

/// What is tried behind the first connection, each on connections of its own.
struct Tries {
    /// What the server makes of offers of permessage-deflate, of which metrics say nothing.
    probes: bool,
    echo: bool,
    expects: Option<ExpectConfig>,
    limits: Option<LimitsConfig>,
}

struct Inspection<'a> {
    signals: &'a Signals,
    frames: Option<FrameDetail>,
    limit: RunLimit,
    report: Report,
    /// The time was up before everything was tried.
    is_cut_short: bool,
}

impl Inspection<'_> {
    fn examine(&mut self, client: &mut Client, tries: Tries) -> Result<(), Error> {
        // Whoever watches over it is told so, too, where it never comes to that.
        self.report.expectation = tries.expects.as_ref().map(|expects| ExpectReport::unopened(&expects.goals));
        let outcome = client.connect(Some(Interrupt::by(self.signals)), &mut |step| self.report.step(step));
        self.report.url = client.last_url();
        // Every other connection examines the server that the report is about.
        client.stay_there();
        let patience = ping_patience(client.settings().timing);
        let dialed = outcome?;
        self.limit.opened();
        let mut probe = PingProbe::new(self.left().map_or(patience, |left| left.min(patience)));
        self.report.fault(&dialed.faults);
        let ending = self.converse(dialed, client.settings().timing, &mut probe);
        let round_trip_ms = probe.round_trip.map(Millis);
        self.report.ping = Some(Ping { answered: round_trip_ms.is_some(), round_trip_ms });
        self.report.close = Some(closing(&ending));
        if let Some(expects) = tries.expects {
            self.expect(client, expects)?;
        }
        if tries.probes {
            self.report.probes = Some(self.probe(client)?);
        }
        if tries.echo {
            let (echoed, difference) = self.ask_for_echo(client)?;
            self.report.ping_between_fragments = Some(echoed);
            self.report.echo_difference = difference;
        }
        if let Some(limits) = tries.limits {
            // With the offer that every connection begins with.
            client.remove_header("Sec-WebSocket-Extensions");
            let (signals, frames) = (self.signals, self.frames);
            let latest = self.left().map(|left| Instant::now() + left.saturating_sub(ASIDE));
            let mut probe = LimitsProbe { client, signals, frames, console: &Console::stderr(), patience, latest };
            let limits = probe.run(&limits)?;
            let cut_short = limits.cut_short;
            self.report.limits = Some(limits);
            match cut_short {
                Some(CutShort::Signal) => return Err(Error::Interrupted),
                Some(CutShort::MaxTime) => self.is_cut_short = true,
                None => {}
            }
        }
        Ok(())
    }

    /// What is left of the time, where that is limited.
    fn left(&self) -> Option<Duration> {
        self.limit.latest.map(|latest| latest.saturating_duration_since(Instant::now()))
    }

    fn converse(&self, dialed: Dialed, timing: Timing, probe: &mut impl Handler) -> End {
        let longest = ping_patience(timing) + timing.close_timeout;
        let is_short = self.left().is_some_and(|left| left < longest);
        let close_timeout = if is_short { timing.close_timeout.min(GRACE) } else { timing.close_timeout };
        let timing = Timing { close_timeout, ..timing };
        ConnectionTaps::of_frames(self.frames, &Console::stderr()).run(dialed, timing, self.signals, probe).ending
    }

    fn probe(&self, client: &mut Client) -> Result<Probes, Error> {
        let mut ask = |parameter: &str| self.offer(client, parameter);
        Ok(Probes {
            permessage_deflate: ask("")?,
            server_no_context_takeover: ask("server_no_context_takeover")?,
            client_no_context_takeover: ask("client_no_context_takeover")?,
            server_max_window_bits: ask("server_max_window_bits=10")?,
            client_max_window_bits: ask("client_max_window_bits=10")?,
        })
    }

    /// Whether the messages come that are expected.
    fn expect(&mut self, client: &mut Client, mut config: ExpectConfig) -> Result<(), Error> {
        let dialed = client.connect(Some(Interrupt::by(self.signals)), &mut |_| {})?;
        let opened = Instant::now();
        config.timeout = self.left().map_or(config.timeout, |left| config.timeout.min(left));
        let mut probe = ExpectProbe::new(config, opened);
        let ending = self.converse(dialed, client.settings().timing, &mut probe);
        if matches!(ending, End::Abandoned) {
            return Err(Error::Interrupted);
        }
        self.report.expectation = Some(probe.report(&ending));
        Ok(())
    }

    /// What comes back of a compressed message with a Ping in it, on a connection of its own.
    fn ask_for_echo(&self, client: &mut Client) -> Result<(Echoed, Option<EchoDifference>), Error> {
        client.replace_header(Header::new("Sec-WebSocket-Extensions", NAME));
        match client.connect(Some(Interrupt::by(self.signals)), &mut |_| {}) {
            Ok(dialed) if dialed.accepted.deflate.is_some() => {
                let mut probe = EchoProbe::default();
                self.converse(dialed, client.settings().timing, &mut probe);
                Ok(probe.answer())
            }
            Err(Error::Interrupted) => Err(Error::Interrupted),
            Ok(_) | Err(_) => Ok((Echoed::NotTried, None)),
        }
    }

    /// What the server answers to one offer, on a connection of its own.
    fn offer(&self, client: &mut Client, parameter: &str) -> Result<Outcome, Error> {
        let separator = if parameter.is_empty() { "" } else { "; " };
        client.replace_header(Header::new("Sec-WebSocket-Extensions", format!("{NAME}{separator}{parameter}")));
        let mut answer = None;
        let reached = client.connect(Some(Interrupt::by(self.signals)), &mut |step| {
            if let ConnectEvent::Answered { response, .. } = step {
                answer = Response::parse(response).ok().flatten();
            }
        });
        match reached {
            Ok(dialed) => drop(self.converse(dialed, client.settings().timing, &mut PingProbe::of_close_only())),
            Err(Error::Interrupted) => return Err(Error::Interrupted),
            Err(_) => return Ok(Outcome::Failed),
        }
        Ok(answer.map_or(Outcome::Failed, |answer| outcome(&answer, parameter)))
    }
}

/// How long the Pong is waited for.
fn ping_patience(timing: Timing) -> Duration {
    timing.handshake_timeout.min(timing.ping_timeout)
}

fn outcome(answer: &Response, parameter: &str) -> Outcome {
    let name = parameter.split('=').next().unwrap_or_default();
    match extension::named_in(&answer.headers).0.iter().find(|extension| extension.name == NAME) {
        None => Outcome::Declined,
        Some(extension) if name.is_empty() || extension.parameters.iter().any(|one| one.name == name) => {
            Outcome::Agreed
        }
        Some(_) => Outcome::Ignored,
    }
}

fn closing(ending: &End) -> CloseReport {
    let (finished, code, reason) = match ending {
        End::Closed { close, .. } => (true, close.code.map(|code| code.0), PeerText::new(close.reason.as_str())),
        _ => (false, None, PeerText::default()),
    };
    CloseReport { finished, code, reason, ending: ending.to_string() }
}
