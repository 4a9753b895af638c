//! Frames that are injected: a Close with any code, and frames that the protocol forbids, each as the bytes that it is on the wire.

use super::super::syntax_error::{PieceError, offset};
use super::super::word::{Word, WordArgument, find, first_word, names};
use super::FaultKind;
use crate::values::{any_close, hex, limit, nearest};
use crate::ws::{Deflater, FrameHeader, OpCode, apply_mask};

/// The payload of what needs one.
const PAYLOAD: &[u8] = b"fault";

/// FIN, and RSV1 to RSV3 (RFC 6455 §5.2).
const FIN: u8 = 0x80;
const RSV: [u8; 3] = [0x40, 0x20, 0x10];

/// Opcodes of a text message, a Close and a Ping (§5.2).
const TEXT: u8 = 0x1;
const BINARY: u8 = 0x2;
const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;

/// A control frame has at most 125 bytes of payload (§5.5).
const TOO_LONG_FOR_CONTROL: usize = 126;

/// Zeros that a piece of a bomb becomes, and the most that a bomb becomes, in bytes.
const BOMB_PIECE: u64 = 1 << 20;
const LARGEST_BOMB: u64 = 1 << 30;

/// What the last block of a message that is compressed leaves out (RFC 7692 §7.2.1).
const TAIL: usize = 4;

/// What is injected between two frames.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FrameFault {
    frames: Vec<Injected>,
    /// Nothing is sent behind it.
    pub(crate) is_last: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Injected {
    Frame {
        /// FIN, RSV1 to RSV3 and the opcode.
        first: u8,
        length: Length,
        payload: Vec<u8>,
        /// Masked by a server, or not masked by a client.
        is_masked_wrongly: bool,
    },
    Bomb(u64),
    Raw(Vec<u8>),
}

/// How the length of a payload is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Length {
    Fitting,
    /// In 16 bits, whatever it needs.
    In16Bits,
    /// This one, in 64 bits.
    Claimed(u64),
}

impl FrameFault {
    fn of(first: u8, payload: &[u8]) -> Self {
        Self { frames: vec![frame(first, payload)], is_last: false }
    }

    fn close(payload: &[u8]) -> Self {
        Self { is_last: true, ..Self::of(FIN | CLOSE, payload) }
    }

    /// The bytes on the wire. A client masks them with `key` (§5.3), a server doesn't.
    pub(crate) fn bytes(&self, key: Option<[u8; 4]>) -> Vec<u8> {
        self.frames.iter().flat_map(|frame| frame.bytes(key)).collect()
    }
}

fn frame(first: u8, payload: &[u8]) -> Injected {
    Injected::Frame { first, length: Length::Fitting, payload: payload.to_vec(), is_masked_wrongly: false }
}

impl Injected {
    fn bytes(&self, key: Option<[u8; 4]>) -> Vec<u8> {
        match self {
            Self::Frame { first, length, payload, is_masked_wrongly } => {
                // The key of the example in §5.7, where none is expected.
                let wrong = if key.is_none() { Some([0x37, 0xfa, 0x21, 0x3d]) } else { None };
                written(*first, *length, payload, if *is_masked_wrongly { wrong } else { key })
            }
            Self::Bomb(bytes) => written(FIN | RSV[0] | BINARY, Length::Fitting, &bomb(*bytes), key),
            Self::Raw(bytes) => bytes.clone(),
        }
    }
}

fn written(first: u8, length: Length, payload: &[u8], key: Option<[u8; 4]>) -> Vec<u8> {
    let header = FrameHeader { mask: key, ..FrameHeader::new(OpCode::from(0)) };
    let masked = if key.is_some() { 0x80 } else { 0 };
    let mut bytes = match length {
        Length::Fitting => header.bytes(payload.len() as u64),
        Length::In16Bits => {
            [&[0, masked | 126][..], &(payload.len() as u16).to_be_bytes(), &key.unwrap_or_default()].concat()
        }
        Length::Claimed(length) => [&[0, masked | 127][..], &length.to_be_bytes(), &key.unwrap_or_default()].concat(),
    };
    if key.is_none() && length != Length::Fitting {
        bytes.truncate(bytes.len() - 4);
    }
    bytes[0] = first;
    let begins = bytes.len();
    bytes.extend_from_slice(payload);
    if let Some(key) = key {
        apply_mask(&mut bytes[begins..], key, 0);
    }
    bytes
}

/// The payload of a compressed message of so many zeros. A piece of it inflates to the same wherever it stands.
fn bomb(zeros: u64) -> Vec<u8> {
    let mut deflater = Deflater::new(9, 15, false);
    let piece = deflater.flush(&vec![0; BOMB_PIECE.min(zeros) as usize]).to_vec();
    let mut payload = piece.repeat(zeros.div_ceil(BOMB_PIECE) as usize);
    payload.truncate(payload.len() - TAIL);
    payload
}

pub(super) static WORDS: &[Word<FaultKind>] = &[
    Word { name: "close", argument: WordArgument::Optional("CODE [REASON]"), parse: close },
    Word { name: "frame", argument: WordArgument::Required("KIND"), parse: kind },
];

/// The frames that `frame` injects.
pub(super) static FRAMES: &[Word<FrameFault>] = &[
    Word {
        name: "mask",
        argument: WordArgument::None,
        parse: |_| {
            let mut fault = FrameFault::of(FIN | TEXT, PAYLOAD);
            fault.frames.iter_mut().for_each(|frame| {
                if let Injected::Frame { is_masked_wrongly, .. } = frame {
                    *is_masked_wrongly = true;
                }
            });
            Ok(fault)
        },
    },
    Word {
        name: "rsv",
        argument: WordArgument::Required("1|2|3"),
        parse: |text| match text.parse::<usize>() {
            Ok(bit @ 1..=3) => Ok(FrameFault::of(FIN | RSV[bit - 1] | TEXT, PAYLOAD)),
            _ => Err(PieceError::at(0, "the reserved bits are 1, 2 and 3")),
        },
    },
    Word {
        name: "opcode",
        argument: WordArgument::Required("N"),
        parse: |text| match text.parse::<u8>() {
            Ok(opcode @ (3..=7 | 11..=15)) => Ok(FrameFault::of(FIN | opcode, PAYLOAD)),
            _ => Err(PieceError::at(0, "the reserved opcodes are 3 to 7 and 11 to 15")),
        },
    },
    Word {
        name: "long-control",
        argument: WordArgument::None,
        parse: |_| Ok(FrameFault::of(FIN | PING, &[b'x'; TOO_LONG_FOR_CONTROL])),
    },
    Word { name: "fragmented-control", argument: WordArgument::None, parse: |_| Ok(FrameFault::of(PING, PAYLOAD)) },
    Word { name: "continuation", argument: WordArgument::None, parse: |_| Ok(FrameFault::of(FIN, PAYLOAD)) },
    Word {
        name: "interleaved",
        argument: WordArgument::None,
        parse: |_| {
            let frames = vec![frame(TEXT, PAYLOAD), frame(FIN | TEXT, PAYLOAD)];
            Ok(FrameFault { frames, is_last: false })
        },
    },
    // A two-byte sequence without its second byte, unless it is said which.
    Word {
        name: "utf8",
        argument: WordArgument::Optional("HEX"),
        parse: |text| Ok(FrameFault::of(FIN | TEXT, &payload(text, b"\xc3\x28")?)),
    },
    Word { name: "long-length", argument: WordArgument::None, parse: |_| Ok(with_length(Length::In16Bits)) },
    Word {
        name: "huge-length",
        argument: WordArgument::None,
        parse: |_| Ok(FrameFault { is_last: true, ..with_length(Length::Claimed(1 << 63 | PAYLOAD.len() as u64)) }),
    },
    Word {
        name: "claim",
        argument: WordArgument::Required("BYTES"),
        parse: |text| {
            let claimed = bytes(text)?;
            Ok(FrameFault { is_last: true, ..with_length(Length::Claimed(claimed)) })
        },
    },
    // A block of the type that is reserved (RFC 1951 §3.2.3), unless it is said which.
    Word {
        name: "deflate",
        argument: WordArgument::Optional("HEX"),
        parse: |text| Ok(FrameFault::of(FIN | RSV[0] | TEXT, &payload(text, b"\xff\xff\xff\xff")?)),
    },
    Word {
        name: "bomb",
        argument: WordArgument::Required("BYTES"),
        parse: |text| match bytes(text)? {
            zeros @ 1..=LARGEST_BOMB => Ok(FrameFault { frames: vec![Injected::Bomb(zeros)], is_last: false }),
            _ => Err(PieceError::at(0, "a bomb becomes from 1 to 1GiB")),
        },
    },
    Word { name: "close-byte", argument: WordArgument::None, parse: |_| Ok(FrameFault::close(b"\x03")) },
    Word { name: "close-utf8", argument: WordArgument::None, parse: |_| Ok(FrameFault::close(b"\x03\xe8\xc3\x28")) },
    Word {
        name: "long-close",
        argument: WordArgument::None,
        parse: |_| Ok(FrameFault::close(&[&b"\x03\xe8"[..], &[b'x'; TOO_LONG_FOR_CONTROL - 2]].concat())),
    },
    Word {
        name: "raw",
        argument: WordArgument::Required("HEX"),
        parse: |text| {
            let bytes = hex(text.as_bytes()).map_err(|why| PieceError::at(0, why))?;
            Ok(FrameFault { frames: vec![Injected::Raw(bytes)], is_last: false })
        },
    },
];

fn with_length(length: Length) -> FrameFault {
    let payload = PAYLOAD.to_vec();
    let frame = Injected::Frame { first: FIN | BINARY, length, payload, is_masked_wrongly: false };
    FrameFault { frames: vec![frame], is_last: false }
}

fn payload(text: &str, default: &[u8]) -> Result<Vec<u8>, PieceError> {
    if text.is_empty() { Ok(default.to_vec()) } else { hex(text.as_bytes()).map_err(|why| PieceError::at(0, why)) }
}

fn bytes(text: &str) -> Result<u64, PieceError> {
    let wrong = || PieceError::at(0, format!("{text:?} is not a number of bytes such as 4096, 64KiB or 16MiB"));
    limit(text).ok().and_then(|limit| limit.0).ok_or_else(wrong)
}

/// A Close with a code that may not be one, or without any.
fn close(text: &str) -> Result<FaultKind, PieceError> {
    if text.is_empty() {
        return Ok(FaultKind::Frame(FrameFault::close(b"")));
    }
    let close = any_close(text).map_err(|why| PieceError::at(0, why))?;
    let code = close.code.map_or(0, |code| code.0).to_be_bytes();
    Ok(FaultKind::Frame(FrameFault::close(&[&code, close.reason.as_bytes()].concat())))
}

fn kind(text: &str) -> Result<FaultKind, PieceError> {
    let (name, argument) = first_word(text);
    let Some(word) = find(FRAMES, name) else {
        let why = match nearest(FRAMES.iter().map(|word| word.name), name) {
            Some(meant) => format!("{name:?} is not a frame that can be injected; did you mean {meant}?"),
            None => format!("{name:?} is not a frame that can be injected ({})", names(FRAMES)),
        };
        return Err(PieceError::at(0, why));
    };
    word.read(argument).map(FaultKind::Frame).map_err(|error| error.behind(offset(text, argument)))
}
