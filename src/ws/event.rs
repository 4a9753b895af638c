//! What a connection tells: every frame as it stood on the wire, and what the frames came to.

use std::borrow::Cow;

use super::close::Close;
use super::frame::FrameHeader;
use super::opcode::OpCode;
use super::violating_frame::ViolatingFrame;

/// Which way a frame went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Sent,
    Received,
}

impl Direction {
    /// `sent` or `received`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Received => "received",
        }
    }
}

/// The two kinds of message (RFC 6455 §5.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    Binary,
}

impl Kind {
    /// Of the message that begins with a frame of this opcode, one of the two (§5.2).
    pub(super) fn of(opcode: OpCode) -> Self {
        if opcode == OpCode::Text { Self::Text } else { Self::Binary }
    }

    /// Of the frame with which such a message begins.
    pub(super) fn opcode(self) -> OpCode {
        match self {
            Self::Text => OpCode::Text,
            Self::Binary => OpCode::Binary,
        }
    }
}

/// What had begun to arrive where the transport ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Incomplete {
    Message {
        kind: Kind,
        /// The one that is missing or has not arrived whole, from 1.
        fragment: u64,
        /// Of content, so far.
        bytes: u64,
    },
    /// A control frame, or one whose header isn't whole.
    Frame { bytes: u64 },
}

/// The next thing that happened, in order.
#[derive(Debug, PartialEq)]
pub enum Event<'a> {
    /// A frame, before it is judged: of what is sent and of what is received, where frames are
    /// [observed](super::Connection::set_observe).
    Frame(Box<Frame<'a>>),
    /// Content of a message. What is sent is told behind its frame, where that is observed.
    Data(Data<'a>),
    /// Already answered with a Pong (§5.5.2).
    Ping(&'a [u8]),
    Pong(&'a [u8]),
    /// The peer's Close; already answered if ours hadn't gone out before (§5.5.1).
    Close(Close),
    /// Everything wrong with one frame. The connection is failed with the first fault's status
    /// code (§7.1.7) and nothing more is read, unless it is [tolerated](super::Connection::set_tolerant).
    Violation(Box<ViolatingFrame>),
    /// Bytes of the peer's that are read no more, where that is [wanted](super::Connection::set_yield_raw).
    Raw(&'a [u8]),
}

/// A frame's header, for display, and of its payload what isn't told by [`Data`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame<'a> {
    pub direction: Direction,
    pub header: FrameHeader,
    /// Payload length on the wire, in bytes.
    pub length: u64,
    /// A control frame's payload, unmasked, or that of a frame sent as it was given; else empty.
    pub payload: Cow<'a, [u8]>,
    /// The number of this fragment from 1, in a message of several frames.
    pub fragment: Option<u64>,
    /// Whether the frame belongs to a compressed message (RFC 7692 §6): RSV1 on its first frame.
    pub compressed: bool,
    /// Bytes of content that went into a sent frame of a compressed message. A received frame's
    /// are in the [`Data`] that follow.
    pub content: Option<u64>,
    /// It was sent as it was [given](super::Item::Frame), and belongs to no message of ours.
    pub as_given: bool,
}

impl Frame<'_> {
    /// Whether it is a Ping, a Pong or a Close, or a reserved opcode of their kind, without anything odd about it.
    pub fn is_plain_control(&self) -> bool {
        let header = &self.header;
        header.opcode.is_control() && header.is_final && !(header.rsv1 || header.rsv2 || header.rsv3)
    }
}

/// Part of a message: of a received one, unmasked, inflated and checked, as much as has arrived; of a
/// sent one, what went into a frame, before compression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Data<'a> {
    pub direction: Direction,
    pub kind: Kind,
    /// The message begins here.
    pub first: bool,
    /// The message ends here.
    pub last: bool,
    /// The frame ends here.
    pub ends_frame: bool,
    pub bytes: &'a [u8],
    /// Bytes of this frame's payload that are still to come, before inflating.
    pub to_come: u64,
    /// The frame is the last of its message (FIN), though not all of it may be there.
    pub is_final: bool,
    /// The message is compressed.
    pub compressed: bool,
    /// Of a compressed message: the payload, unmasked, that the content came out of. Of a sent one it is told only where
    /// [payloads are observed](super::Observe::FramesAndPayloads). Else it is empty.
    pub packed: &'a [u8],
}

#[cfg(any(test, fuzzing))]
impl<'a> Data<'a> {
    /// A part of a message as it is received without compression, in a frame of its own.
    pub(crate) fn received(kind: Kind, bytes: &'a [u8], first: bool, last: bool) -> Self {
        Self {
            direction: Direction::Received,
            kind,
            first,
            last,
            ends_frame: last,
            bytes,
            to_come: 0,
            is_final: last,
            compressed: false,
            packed: b"",
        }
    }
}
