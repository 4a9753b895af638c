//! Faults of the opening handshake: what a client gets instead of the 101, or in it.

use std::time::Duration;

use super::super::syntax_error::{PieceError, offset};
use super::super::word::{Word, WordArgument, first_word};
use super::FaultKind;
use crate::http::is_token;
use crate::values::duration;
use crate::ws::{FrameHeader, OpCode};

/// What is wrong in the answer to an opening handshake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum HandshakeFault {
    /// Another status, with this line of the head.
    Status(u16, Option<String>),
    /// There is none, and the connection stays.
    NoAnswer,
    /// Its head breaks off in the middle, and the connection stays.
    HalfAnswer,
    LateAnswer(Duration),
    /// Each byte of it is a segment of its own.
    Bytewise,
    Change(AnswerChange),
}

/// What is wrong in the 101.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AnswerChange {
    /// `Sec-WebSocket-Accept` is the answer to another key (RFC 6455 §4.2.2).
    WrongAccept,
    TwoAccepts,
    /// There is no `Upgrade`.
    NoUpgrade,
    /// A subprotocol that the client may not have asked for.
    Subprotocol(String),
    /// An extension likewise.
    Extension(String),
    /// A text message stands behind it, in the same segment. That is no fault, though some take it for one.
    Glue(String),
}

/// An accept of a key that nobody has: base64 of 20 zero bytes.
const WRONG_ACCEPT: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAA=";

const ACCEPT: &str = "sec-websocket-accept";

impl AnswerChange {
    /// The answer with this in it.
    pub(crate) fn applied(&self, answer: &str) -> String {
        let is_named =
            |line: &str, name: &str| line.split_once(':').is_some_and(|(known, _)| known.eq_ignore_ascii_case(name));
        let with = |line: String| answer.replacen("\r\n\r\n", &format!("\r\n{line}\r\n\r\n"), 1);
        let without = |name: &str| {
            let lines = answer.split_inclusive("\r\n").filter(|line| !is_named(line, name));
            lines.collect::<String>()
        };
        match self {
            Self::WrongAccept => {
                without(ACCEPT).replacen("\r\n\r\n", &format!("\r\nSec-WebSocket-Accept: {WRONG_ACCEPT}\r\n\r\n"), 1)
            }
            Self::TwoAccepts => with(format!("Sec-WebSocket-Accept: {WRONG_ACCEPT}")),
            Self::NoUpgrade => without("upgrade"),
            Self::Subprotocol(name) => with(format!("Sec-WebSocket-Protocol: {name}")),
            Self::Extension(name) => with(format!("Sec-WebSocket-Extensions: {name}")),
            Self::Glue(_) => answer.to_owned(),
        }
    }

    /// What stands behind the head.
    pub(crate) fn behind(&self) -> Vec<u8> {
        match self {
            Self::Glue(text) => {
                let text = text.as_bytes();
                [&FrameHeader::new(OpCode::from(1)).bytes(text.len() as u64), text].concat()
            }
            _ => Vec::new(),
        }
    }
}

pub(super) static WORDS: &[Word<FaultKind>] = &[
    Word { name: "status", argument: WordArgument::Required("CODE [HEADER]"), parse: status },
    Word { name: "no-answer", argument: WordArgument::None, parse: |_| of(HandshakeFault::NoAnswer) },
    Word { name: "half-answer", argument: WordArgument::None, parse: |_| of(HandshakeFault::HalfAnswer) },
    Word {
        name: "late-answer",
        argument: WordArgument::Required("DELAY"),
        parse: |text| of(HandshakeFault::LateAnswer(duration(text).map_err(|why| PieceError::at(0, why))?)),
    },
    Word { name: "bytewise", argument: WordArgument::None, parse: |_| of(HandshakeFault::Bytewise) },
    Word { name: "wrong-accept", argument: WordArgument::None, parse: |_| change(AnswerChange::WrongAccept) },
    Word { name: "two-accepts", argument: WordArgument::None, parse: |_| change(AnswerChange::TwoAccepts) },
    Word { name: "no-upgrade", argument: WordArgument::None, parse: |_| change(AnswerChange::NoUpgrade) },
    Word {
        name: "subprotocol",
        argument: WordArgument::Optional("NAME"),
        parse: |text| change(AnswerChange::Subprotocol(token(text)?)),
    },
    Word {
        name: "extension",
        argument: WordArgument::Optional("NAME"),
        parse: |text| change(AnswerChange::Extension(token(text)?)),
    },
    Word {
        name: "glue",
        argument: WordArgument::Optional("TEXT"),
        parse: |text| change(AnswerChange::Glue(if text.is_empty() { "fault" } else { text }.to_owned())),
    },
];

fn of(fault: HandshakeFault) -> Result<FaultKind, PieceError> {
    Ok(FaultKind::Handshake(fault))
}

fn change(change: AnswerChange) -> Result<FaultKind, PieceError> {
    of(HandshakeFault::Change(change))
}

fn status(text: &str) -> Result<FaultKind, PieceError> {
    let (code, header) = first_word(text);
    let code = match code.parse() {
        Ok(code @ 200..=999) => code,
        _ => return Err(PieceError::at(0, format!("{code:?} is not a status from 200 to 999"))),
    };
    if header.is_empty() {
        return of(HandshakeFault::Status(code, None));
    }
    let is_header = header.split_once(':').is_some_and(|(name, _)| is_token(name));
    if !is_header || header.contains(char::is_control) {
        return Err(PieceError::at(offset(text, header), "expected a header, as in: status 503 Retry-After: 5"));
    }
    of(HandshakeFault::Status(code, Some(header.to_owned())))
}

/// A name that no client asks for, unless it is said which.
fn token(text: &str) -> Result<String, PieceError> {
    match text {
        "" => Ok("unoffered".to_owned()),
        text if is_token(text) => Ok(text.to_owned()),
        text => Err(PieceError::at(0, format!("{text:?} is not a header field name"))),
    }
}
