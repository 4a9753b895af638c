//! Faults of the stream of bytes, whatever is in it: what networks do, and what stands in them.

use std::time::Duration;

use super::super::counter::number;
use super::super::syntax_error::{PieceError, offset};
use super::super::word::{Word, WordArgument, first_word};
use super::FaultKind;
use crate::values::{duration, limit, size};

/// What becomes of the bytes on a way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StreamFault {
    /// Each byte arrives so much later, give or take the jitter. Their order stays.
    Latency { delay: Duration, jitter: Duration },
    /// At most so many bytes a second.
    Bandwidth(u64),
    /// In pieces of at most so many bytes, with a pause behind each.
    Slice { size: usize, pause: Duration },
    /// After so many bytes both directions end.
    Limit(u64),
    /// The end of a direction arrives so much later.
    SlowClose(Duration),
    /// The TCP connection is reset.
    Reset,
    /// Nothing arrives any more on either way, and the TCP connection stays.
    BlackHole,
    /// Nothing arrives any more on one way.
    HalfOpen,
    /// A connection on which nothing goes for so long is cut.
    Idle { after: Duration, cut: Cut },
}

/// How a connection is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// Both directions end.
    Fin,
    Reset,
    /// Nothing arrives any more.
    Silence,
}

const CUTS: [(&str, Cut); 3] = [("fin", Cut::Fin), ("rst", Cut::Reset), ("silence", Cut::Silence)];

pub(super) static WORDS: &[Word<FaultKind>] = &[
    Word { name: "latency", argument: WordArgument::Required("DELAY [JITTER]"), parse: latency },
    Word { name: "bandwidth", argument: WordArgument::Required("BYTES"), parse: bandwidth },
    Word { name: "slice", argument: WordArgument::Required("BYTES [PAUSE]"), parse: slice },
    Word {
        name: "limit",
        argument: WordArgument::Required("BYTES"),
        parse: |text| bytes(text).map(StreamFault::Limit).map(FaultKind::Stream),
    },
    Word {
        name: "slow-close",
        argument: WordArgument::Required("DELAY"),
        parse: |text| time(text).map(StreamFault::SlowClose).map(FaultKind::Stream),
    },
    Word { name: "reset", argument: WordArgument::None, parse: |_| Ok(FaultKind::Stream(StreamFault::Reset)) },
    Word { name: "black-hole", argument: WordArgument::None, parse: |_| Ok(FaultKind::Stream(StreamFault::BlackHole)) },
    Word { name: "half-open", argument: WordArgument::None, parse: |_| Ok(FaultKind::Stream(StreamFault::HalfOpen)) },
    Word { name: "idle", argument: WordArgument::Required("DURATION [fin|rst|silence]"), parse: idle },
    Word {
        name: "refuse",
        argument: WordArgument::Optional("N"),
        parse: |text| match text {
            "" => Ok(FaultKind::Refuse(u64::MAX)),
            text => number(text).map(FaultKind::Refuse),
        },
    },
];

fn latency(text: &str) -> Result<FaultKind, PieceError> {
    let (delay, rest) = first_word(text);
    let (jitter, more) = first_word(rest);
    if !more.is_empty() {
        return Err(PieceError::at(0, "latency takes a delay and a jitter: latency DELAY [JITTER]"));
    }
    let delay = time(delay)?;
    let jitter = if jitter.is_empty() { Duration::ZERO } else { time_at(text, jitter)? };
    Ok(FaultKind::Stream(StreamFault::Latency { delay, jitter }))
}

fn bandwidth(text: &str) -> Result<FaultKind, PieceError> {
    match bytes(text.trim_end_matches("/s"))? {
        0 => Err(PieceError::at(0, "a rate is at least 1 byte a second")),
        rate => Ok(FaultKind::Stream(StreamFault::Bandwidth(rate))),
    }
}

fn slice(text: &str) -> Result<FaultKind, PieceError> {
    let (bytes, pause) = first_word(text);
    let size = size(bytes).map_err(|why| PieceError::at(0, why))?;
    let pause = if pause.is_empty() { Duration::ZERO } else { time_at(text, pause)? };
    Ok(FaultKind::Stream(StreamFault::Slice { size, pause }))
}

fn idle(text: &str) -> Result<FaultKind, PieceError> {
    let (after, cut) = first_word(text);
    let cut = match CUTS.iter().find(|(name, _)| *name == cut) {
        Some((_, cut)) => *cut,
        None if cut.is_empty() => Cut::Fin,
        None => return Err(PieceError::at(0, format!("{cut:?} is none of fin, rst and silence"))),
    };
    Ok(FaultKind::Stream(StreamFault::Idle { after: time(after)?, cut }))
}

fn time(text: &str) -> Result<Duration, PieceError> {
    duration(text).map_err(|why| PieceError::at(0, why))
}

fn time_at(whole: &str, text: &str) -> Result<Duration, PieceError> {
    time(text).map_err(|error| error.behind(offset(whole, text)))
}

fn bytes(text: &str) -> Result<u64, PieceError> {
    let wrong = || PieceError::at(0, format!("{text:?} is not a number of bytes such as 4096, 64KiB or 16MiB"));
    limit(text).ok().and_then(|limit| limit.0).ok_or_else(wrong)
}
