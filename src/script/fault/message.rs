//! Faults of messages on their way, and of Pings and Pongs beside them.

use std::time::Duration;

use super::super::counter::number;
use super::super::syntax_error::PieceError;
use super::super::word::{Word, WordArgument};
use super::FaultKind;
use crate::values::{duration, hex, rate};
use crate::ws::MAX_CONTROL_PAYLOAD;

/// What becomes of a message. Of one that is compressed it is what is on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MessageFault {
    Drop,
    Duplicate,
    /// It arrives behind the next one, with which nothing else is done of this kind: the two change places.
    Swap,
    /// One bit of its first frame is another.
    Corrupt,
    /// Its frames have at most so many bytes of payload.
    Fragment(u64),
}

/// What becomes of Pings and Pongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ControlFault {
    /// Pings are answered by nothing.
    NoPong,
    /// Each Pong arrives so much later; what is sent behind it doesn't.
    LatePong(Duration),
    /// Each Pong has this payload.
    WrongPong(Vec<u8>),
    /// A Ping each time when so long is over.
    PingFlood(Duration),
}

impl ControlFault {
    /// Whether it is something that becomes of each Pong, rather than something that begins and stays.
    pub(crate) fn is_of_pongs(&self) -> bool {
        !matches!(self, Self::PingFlood(_))
    }
}

pub(super) static WORDS: &[Word<FaultKind>] = &[
    Word { name: "drop", argument: WordArgument::None, parse: |_| Ok(FaultKind::Message(MessageFault::Drop)) },
    Word {
        name: "duplicate",
        argument: WordArgument::None,
        parse: |_| Ok(FaultKind::Message(MessageFault::Duplicate)),
    },
    Word { name: "swap", argument: WordArgument::None, parse: |_| Ok(FaultKind::Message(MessageFault::Swap)) },
    Word { name: "corrupt", argument: WordArgument::None, parse: |_| Ok(FaultKind::Message(MessageFault::Corrupt)) },
    Word {
        name: "fragment",
        argument: WordArgument::Required("BYTES"),
        parse: |text| number(text).map(MessageFault::Fragment).map(FaultKind::Message),
    },
    Word { name: "no-pong", argument: WordArgument::None, parse: |_| Ok(FaultKind::Control(ControlFault::NoPong)) },
    Word {
        name: "late-pong",
        argument: WordArgument::Required("DELAY"),
        parse: |text| {
            let delay = duration(text).map_err(|why| PieceError::at(0, why))?;
            Ok(FaultKind::Control(ControlFault::LatePong(delay)))
        },
    },
    Word { name: "wrong-pong", argument: WordArgument::Optional("HEX"), parse: wrong_pong },
    Word {
        name: "ping-flood",
        argument: WordArgument::Required("RATE"),
        parse: |text| {
            let interval = rate(text).map_err(|why| PieceError::at(0, why))?;
            Ok(FaultKind::Control(ControlFault::PingFlood(interval)))
        },
    },
];

fn wrong_pong(text: &str) -> Result<FaultKind, PieceError> {
    let payload =
        if text.is_empty() { b"wrong".to_vec() } else { hex(text.as_bytes()).map_err(|why| PieceError::at(0, why))? };
    if payload.len() > MAX_CONTROL_PAYLOAD {
        return Err(PieceError::at(0, "the payload of a Pong has at most 125 bytes; frame long-control has more"));
    }
    Ok(FaultKind::Control(ControlFault::WrongPong(payload)))
}
