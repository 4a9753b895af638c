//! `inspect --limits`: who ends connections, after how long, and what keeps them open; and how large a message may be.

mod lifetime;
mod message_size;
mod padded_message;
pub(super) mod text;
mod verdict;

use std::panic::resume_unwind;
use std::thread::{self, ScopedJoinHandle};
use std::time::{Duration, Instant};

use serde::Serialize;

use self::lifetime::{EndedBy, KeptBy, Lifetime, LifetimeProbe, Watching};
use self::message_size::{MessageSizeProbe, Reception, SentAs, SizeRefusal};
use self::padded_message::PaddedMessage;
use self::verdict::{LimitsVerdict, verdict};
use crate::client::Client;
use crate::commands::connection_taps::ConnectionTaps;
use crate::error::Error;
use crate::net::{Dialed, Interrupt, Signals, Timing};
use crate::peer_text::PeerText;
use crate::stdio::console::Console;
use crate::view::amount::{Elapsed, Size};
use crate::view::frames::FrameDetail;

/// Messages at once that are tried, each where more were refused.
const BURSTS: [u64; 4] = [1000, 100, 10, 1];

/// The lengths that are tried, each where the one before it was taken, in bytes.
const LENGTHS: [u64; 7] = [16, 16 << 10, 64 << 10, 256 << 10, 1 << 20, 16 << 20, 64 << 20];

/// Of them without what takes long.
const QUICK_LENGTHS: usize = 5;

/// What keeps a connection alive where no message is known.
const KEEPALIVE: &str = "ping";

/// For the last Pongs, where the time is limited.
const LAST_PATIENCE: Duration = Duration::from_millis(250);

/// What is asked of the limits.
#[derive(Debug, Clone)]
pub(crate) struct LimitsConfig {
    /// How long connections are watched at most.
    pub(crate) watched: Duration,
    /// From one thing that is sent to keep a connection alive to the next.
    pub(crate) every: Duration,
    /// What is sent where messages are, if the server knows one.
    pub(crate) message: Option<String>,
    /// Without the largest messages.
    pub(crate) is_quick: bool,
}

/// What was found out.
#[derive(Debug, Serialize)]
pub(crate) struct LimitsReport {
    pub(crate) message_sizes: Vec<SizeLimit>,
    pub(crate) burst: Option<Burst>,
    pub(crate) lifetimes: Vec<Lifetime>,
    pub(crate) verdict: LimitsVerdict,
    /// How long connections were to be watched.
    #[serde(skip)]
    pub(crate) watched: Duration,
    /// What ended it before everything was tried.
    #[serde(skip)]
    pub(super) cut_short: Option<CutShort>,
}

/// What ends an examination early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CutShort {
    Signal,
    MaxTime,
}

/// The largest message that was taken.
#[derive(Debug, Serialize)]
pub(crate) struct SizeLimit {
    pub(crate) sent_as: SentAs,
    /// In bytes; `None` where not even the smallest was.
    pub(crate) taken: Option<u64>,
    /// The smallest that wasn't.
    pub(crate) refused: Option<SizeRefusal>,
}

/// How many of the smallest messages are taken at once.
#[derive(Debug, Serialize)]
pub(crate) struct Burst {
    /// The length of each.
    pub(crate) bytes: u64,
    /// `None` where not even one was.
    pub(crate) taken: Option<u64>,
    /// The fewest that weren't.
    pub(crate) refused: Option<BurstRefusal>,
}

/// How a server refuses many messages at once.
#[derive(Debug, Serialize)]
pub(crate) struct BurstRefusal {
    pub(crate) messages: u64,
    /// Of its Close, if there was one.
    pub(crate) code: Option<u16>,
    /// How the connection ended, in words.
    pub(crate) ending: PeerText,
}

/// What is tried on a connection: messages of these lengths.
#[derive(Clone, Copy)]
struct SizeTrial<'a> {
    sent_as: SentAs,
    message: PaddedMessage<'a>,
    lengths: &'a [u64],
}

/// Opens connections, one after the other, and runs them.
pub(super) struct LimitsProbe<'a> {
    pub(super) client: &'a mut Client,
    pub(super) signals: &'a Signals,
    pub(super) frames: Option<FrameDetail>,
    pub(super) console: &'a Console,
    /// For a Pong.
    pub(super) patience: Duration,
    /// When all of it ends.
    pub(super) latest: Option<Instant>,
}

impl LimitsProbe<'_> {
    /// Finds out what there is to find out. A signal or the end of the time leaves what is known by then.
    ///
    /// # Errors
    /// No descriptors left.
    pub(super) fn run(&mut self, config: &LimitsConfig) -> Result<LimitsReport, Error> {
        let mut report = LimitsReport {
            message_sizes: Vec::new(),
            burst: None,
            lifetimes: Vec::new(),
            verdict: LimitsVerdict::Unknown,
            watched: config.watched,
            cut_short: None,
        };
        match self.find_out(config, &mut report) {
            Err(Error::Interrupted) => {
                report.cut_short = Some(if self.is_late() { CutShort::MaxTime } else { CutShort::Signal });
            }
            tried => tried?,
        }
        report.burst.take_if(|burst| burst.taken.is_none() && burst.refused.is_none());
        report.message_sizes.retain(|size| size.taken.is_some() || size.refused.is_some());
        report.verdict = verdict(&report.lifetimes);
        Ok(report)
    }

    fn find_out(&mut self, config: &LimitsConfig, report: &mut LimitsReport) -> Result<(), Error> {
        self.console.line("trying how large a message may be");
        let message = PaddedMessage::new(config.message.as_deref());
        self.message_sizes(message, config.is_quick, &mut report.message_sizes)?;
        if report.message_sizes.iter().any(|size| size.taken.is_some()) {
            let burst = Burst { bytes: message.least(), taken: None, refused: None };
            self.bursts(message, report.burst.insert(burst))?;
        }
        if let Some(latest) = self.latest {
            report.watched = config.watched.min(latest.saturating_duration_since(Instant::now()));
            self.patience = self.patience.min(LAST_PATIENCE);
        }
        report.lifetimes = self.lifetimes(config, report.watched)?;
        if report.lifetimes.iter().any(|lifetime| lifetime.ended_by == EndedBy::Stopped) {
            return Err(Error::Interrupted);
        }
        Ok(())
    }

    fn is_late(&self) -> bool {
        self.latest.is_some_and(|latest| Instant::now() >= latest)
    }

    /// # Errors
    /// Why there is no connection; the end of the time is an interruption.
    fn dial(&mut self) -> Result<(Dialed, Timing), Error> {
        if self.is_late() {
            return Err(Error::Interrupted);
        }
        let dialed = self.client.connect(Some(Interrupt::by(self.signals)), &mut |_| {});
        let dialed = dialed.map_err(|error| if self.is_late() { Error::Interrupted } else { error })?;
        // What keeps a connection alive here is what is being tried.
        Ok((dialed, Timing { ping_interval: None, idle_timeout: None, ..self.client.settings().timing }))
    }

    /// The same; a server that refuses one connection among many ends what it was for, and nothing else.
    ///
    /// # Errors
    /// A signal, or the end of the time.
    fn dial_if_possible(&mut self) -> Result<Option<(Dialed, Timing)>, Error> {
        match self.dial() {
            Ok(opened) => Ok(Some(opened)),
            Err(Error::Interrupted) => Err(Error::Interrupted),
            Err(error) => {
                self.console.line(format_args!("  no connection: {error}"));
                Ok(None)
            }
        }
    }

    fn taps(&self) -> ConnectionTaps<'static> {
        ConnectionTaps::of_frames(self.frames, self.console)
    }

    /// In every way that there is.
    fn message_sizes(
        &mut self,
        message: PaddedMessage<'_>,
        is_quick: bool,
        found: &mut Vec<SizeLimit>,
    ) -> Result<(), Error> {
        let least = message.least();
        let larger = LENGTHS[..if is_quick { QUICK_LENGTHS } else { LENGTHS.len() }].iter().copied();
        let lengths: Vec<_> = std::iter::once(least).chain(larger.filter(|length| *length > least)).collect();
        let ways = |sent_as| SizeTrial { sent_as, message, lengths: &lengths };
        self.size_limit(ways(SentAs::OneFrame), found)?;
        // Where the limit is the same, it is seen at once.
        let first = found.first().filter(|first| first.taken.is_some());
        let refused = first.and_then(|first| first.refused.as_ref()).map(|refused| refused.bytes);
        let around: Vec<_> = first.and_then(|first| first.taken).into_iter().chain(refused).collect();
        if around.is_empty() {
            return Ok(());
        }
        for sent_as in [SentAs::Fragments, SentAs::Compressed] {
            self.size_limit_around(ways(sent_as), &around, found)?;
        }
        Ok(())
    }

    /// Finds nothing where it can't be tried: compression isn't in use.
    fn size_limit_around(
        &mut self,
        trial: SizeTrial<'_>,
        around: &[u64],
        found: &mut Vec<SizeLimit>,
    ) -> Result<(), Error> {
        let SizeTrial { sent_as, message, lengths } = trial;
        let Some((dialed, timing)) = self.dial_if_possible()? else { return Ok(()) };
        let can_be = sent_as != SentAs::Compressed || dialed.accepted.deflate.is_some();
        let tried = if can_be { around } else { &lengths[..1] };
        let probe = MessageSizeProbe::new(sent_as, message, tried, self.patience);
        let (taken, reception) = self.send(dialed, timing, probe);
        match reception {
            Reception::Stopped => return Err(Error::Interrupted),
            _ if !can_be => {}
            Reception::Refused(refusal) if taken > 0 => {
                found.push(SizeLimit { sent_as, taken: Some(around[taken - 1]), refused: Some(refusal) });
            }
            Reception::Taken if around.len() == 1 => {
                found.push(SizeLimit { sent_as, taken: Some(around[0]), refused: None });
            }
            // Another limit than that of one frame.
            Reception::Refused(_) | Reception::Taken => self.size_limit(trial, found)?,
        }
        Ok(())
    }

    /// By growing, then by halving what is between the last that was taken and the first that wasn't.
    fn size_limit(&mut self, trial: SizeTrial<'_>, found: &mut Vec<SizeLimit>) -> Result<(), Error> {
        found.push(SizeLimit { sent_as: trial.sent_as, taken: None, refused: None });
        let Some(limit) = found.last_mut() else { return Ok(()) };
        self.try_lengths(limit, trial)?;
        while let (Some(taken), Some(refused)) = (limit.taken, &limit.refused)
            && let Some(next) = next_length(taken, refused.bytes)
        {
            if !self.try_lengths(limit, SizeTrial { lengths: &[next], ..trial })? {
                break;
            }
        }
        Ok(())
    }

    /// Returns whether there was a connection to try them on.
    fn try_lengths(&mut self, limit: &mut SizeLimit, trial: SizeTrial<'_>) -> Result<bool, Error> {
        let Some((dialed, timing)) = self.dial_if_possible()? else { return Ok(false) };
        let SizeTrial { sent_as, message, lengths } = trial;
        let probe = MessageSizeProbe::new(sent_as, message, lengths, self.patience);
        let (taken, reception) = self.send(dialed, timing, probe);
        limit.taken = lengths[..taken].last().copied().or(limit.taken);
        match reception {
            Reception::Stopped => return Err(Error::Interrupted),
            Reception::Refused(refusal) => {
                self.console.line(format_args!("  {} refused: {}", Size(refusal.bytes as f64), refusal.ending));
                limit.refused = Some(refusal);
            }
            Reception::Taken => {}
        }
        Ok(true)
    }

    /// How many of the lengths were taken, and what came of the last one.
    fn send(&self, dialed: Dialed, timing: Timing, probe: MessageSizeProbe<'_>) -> (usize, Reception) {
        let mut probe = probe.until(self.latest);
        let end = self.taps().run(dialed, timing, self.signals, &mut probe).ending;
        (probe.taken, probe.reception(&end))
    }

    /// By fewer and fewer, then by halving what is between the most that were taken and the fewest that weren't.
    fn bursts(&mut self, message: PaddedMessage<'_>, burst: &mut Burst) -> Result<(), Error> {
        for messages in BURSTS {
            if burst.taken.is_some() || !self.try_burst(message, burst, messages)? {
                break;
            }
        }
        while let (Some(taken), Some(refused)) = (burst.taken, &burst.refused)
            && let Some(next) = next_length(taken, refused.messages)
        {
            if !self.try_burst(message, burst, next)? {
                break;
            }
        }
        Ok(())
    }

    /// Returns whether there was a connection to try it on.
    fn try_burst(&mut self, message: PaddedMessage<'_>, burst: &mut Burst, messages: u64) -> Result<bool, Error> {
        let Some((dialed, timing)) = self.dial_if_possible()? else { return Ok(false) };
        let length = [burst.bytes];
        match self.send(dialed, timing, MessageSizeProbe::burst(messages, message, &length, self.patience)).1 {
            Reception::Stopped => return Err(Error::Interrupted),
            Reception::Taken => burst.taken = Some(messages),
            Reception::Refused(SizeRefusal { code, ending, .. }) => {
                burst.refused = Some(BurstRefusal { messages, code, ending });
            }
        }
        Ok(true)
    }

    /// Watches a connection for each thing that may keep it alive, side by side.
    fn lifetimes(&mut self, config: &LimitsConfig, watched: Duration) -> Result<Vec<Lifetime>, Error> {
        let mut opened = Vec::new();
        for kept_by in KeptBy::ALL {
            opened.push((kept_by, self.open(kept_by, config.every)?));
        }
        self.console.line(format_args!(
            "watching {} connections for up to {}; Ctrl-C reports what is known by then",
            opened.len(),
            Elapsed(watched),
        ));
        let watching = Watching::new(watched);
        let message = config.message.as_deref().unwrap_or(KEEPALIVE);
        let probe = &*self;
        let watch = |kept_by, connection: WatchedConnection| {
            let WatchedConnection { dialed, timing, opened, signals } = connection;
            let times = (config.every, probe.patience);
            let mut lifetime = LifetimeProbe::new((kept_by, opened), &watching, times, message);
            let end = probe.taps().run(dialed, timing, &signals, &mut lifetime).ending;
            let lifetime = lifetime.lifetime(&end);
            probe.console.line(format_args!("  {}", text::lifetime_line(&lifetime)));
            lifetime
        };
        Ok(thread::scope(|scope| {
            let watch = &watch;
            let start = |(kept_by, connection): (KeptBy, Result<WatchedConnection, String>)| match connection {
                Err(why) => Err(Lifetime::not_opened(kept_by, &why)),
                Ok(connection) => Ok(scope.spawn(move || watch(kept_by, connection))),
            };
            let running: Vec<_> = opened.into_iter().map(start).collect();
            let join = |running: Result<ScopedJoinHandle<'_, Lifetime>, Lifetime>| match running {
                Ok(thread) => thread.join().unwrap_or_else(|panic| resume_unwind(panic)),
                Err(lifetime) => lifetime,
            };
            running.into_iter().map(join).collect()
        }))
    }

    /// A connection to watch, or why there is none.
    ///
    /// # Errors
    /// A signal, the end of the time, no descriptors left.
    fn open(&mut self, kept_by: KeptBy, every: Duration) -> Result<Result<WatchedConnection, String>, Error> {
        let signals = Signals::catch().map_err(|why| Error::System { doing: "catching signals", why })?;
        let (dialed, timing) = match self.dial() {
            Ok(dialed) => dialed,
            Err(Error::Interrupted) => return Err(Error::Interrupted),
            Err(error) => return Ok(Err(error.to_string())),
        };
        if kept_by == KeptBy::TcpKeepalive {
            dialed.websocket.set_tcp_keepalive(every);
        }
        Ok(Ok(WatchedConnection { dialed, timing, opened: Instant::now(), signals }))
    }
}

/// A connection that is open, for a thread of its own.
struct WatchedConnection {
    dialed: Dialed,
    timing: Timing,
    opened: Instant,
    signals: Signals,
}

/// The next length to try between one that was `taken` and one that was `refused`: to a hundredth, and exactly where a
/// round number is the limit.
fn next_length(taken: u64, refused: u64) -> Option<u64> {
    if refused - taken > (taken / 100).max(1) {
        return Some(taken + (refused - taken) / 2);
    }
    let round = round_between(taken, refused)?;
    // The round number is taken, and the one above it isn't; or it is the first that is refused.
    [round, round + 1, round - 1].into_iter().find(|length| (taken + 1..refused).contains(length))
}

/// The roundest number between them: a multiple of the largest power of two, or of ten.
fn round_between(taken: u64, refused: u64) -> Option<u64> {
    // Of smaller ones there are multiples everywhere.
    let smallest = taken / 128;
    let binary = (10..40).map(|power| 1_u64 << power);
    let decimal = (3..12).map(|power| 10_u64.pow(power));
    let multiples =
        binary.chain(decimal).filter(|unit| *unit >= smallest).map(|unit| (unit, taken.next_multiple_of(unit)));
    multiples.filter(|(_, multiple)| *multiple <= refused).max().map(|(_, multiple)| multiple)
}

#[cfg(test)]
mod tests {
    use super::next_length;

    /// What is found where messages of up to `limit` bytes are taken, and in how many tries.
    fn found(limit: u64) -> (u64, u64, u32) {
        let (mut taken, mut refused, mut tries) = (16 << 20, 64 << 20, 0);
        while let Some(next) = next_length(taken, refused) {
            *(if next <= limit { &mut taken } else { &mut refused }) = next;
            tries += 1;
            assert!(tries < 30, "{taken} {refused}");
        }
        (taken, refused, tries)
    }

    #[test]
    fn a_round_limit_is_found_exactly() {
        for limit in [32 << 20, 20 << 20, 33_000_000, 50_000_000, (32 << 20) - 1] {
            let (taken, refused, tries) = found(limit);
            assert!((taken, refused) == (limit, limit + 1) && tries <= 12, "{limit}: {taken} {refused} in {tries}");
        }
    }

    #[test]
    fn any_other_is_found_to_a_hundredth() {
        for limit in [34_567_891, 17_171_717, 66_000_001] {
            let (taken, refused, tries) = found(limit);
            assert!(taken <= limit && limit < refused && refused - taken <= taken / 100 + 1 && tries <= 12, "{limit}");
        }
    }
}
