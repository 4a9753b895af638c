//! What can be sent.

use std::num::NonZeroUsize;

use super::close::Close;
use super::event::Kind;
use super::frame::FrameHeader;
use super::opcode::OpCode;

/// The most fragments that one [`Item::Fragmented`] is sent as: each is a frame, and all of them wait to be written at once.
pub const MAX_FRAGMENTS: usize = 100_000;

/// The next thing to send: what every source of things to send comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Item<'a> {
    /// The next part of a message: whole in one frame when its first part is its last, else as
    /// fragments (§5.4). `kind` is that of the first part. Text must be UTF-8 once it is whole.
    Part { kind: Kind, bytes: &'a [u8], last: bool },
    /// A whole message as exactly so many fragments, of which the last ones are empty where there is
    /// too little content. It is compressed first, then cut (RFC 7692 §6.1). Refused inside another message,
    /// and with more than [`MAX_FRAGMENTS`].
    Fragmented { kind: Kind, content: &'a [u8], fragments: NonZeroUsize },
    /// The same in frames of these lengths of payload. If what goes into them comes to more or less, as where another
    /// compressor has made it, they are as long in proportion. Without a length there is one frame.
    FragmentedAs { kind: Kind, content: &'a [u8], lengths: &'a [u64] },
    /// At most [`MAX_CONTROL_PAYLOAD`](super::MAX_CONTROL_PAYLOAD) bytes (§5.5).
    Ping(&'a [u8]),
    /// At most [`MAX_CONTROL_PAYLOAD`](super::MAX_CONTROL_PAYLOAD) bytes (§5.5).
    Pong(&'a [u8]),
    /// Begins the closing handshake, or answers the peer's (§7.1.2). Nothing can follow. The reason has at most
    /// [`MAX_CLOSE_REASON`](super::MAX_CLOSE_REASON) bytes.
    Close(Close),
    /// A frame as it is given, whatever the protocol says about it. A Close begins the closing
    /// handshake like any other.
    Frame { header: FrameHeader, payload: &'a [u8], masking: Masking },
    /// Bytes as they are, between two frames.
    Raw(&'a [u8]),
}

impl<'a> Item<'a> {
    /// A whole message.
    pub fn message(kind: Kind, content: &'a [u8]) -> Self {
        Self::Part { kind, bytes: content, last: true }
    }

    /// Whether it begins or answers the closing handshake, so that nothing can follow.
    pub fn is_close(&self) -> bool {
        match self {
            Self::Close(_) => true,
            Self::Frame { header, .. } => header.opcode == OpCode::Close,
            _ => false,
        }
    }
}

/// An [`Item`] that has what it sends, for as long as it waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OwnedItem {
    /// A whole message.
    Message {
        kind: Kind,
        content: Vec<u8>,
    },
    /// As [`Item::Fragmented`].
    Fragmented {
        kind: Kind,
        content: Vec<u8>,
        fragments: NonZeroUsize,
    },
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(Close),
    /// As [`Item::Frame`].
    Frame {
        header: FrameHeader,
        payload: Vec<u8>,
        masking: Masking,
    },
}

impl OwnedItem {
    pub fn as_item(&self) -> Item<'_> {
        match self {
            Self::Message { kind, content } => Item::message(*kind, content),
            Self::Fragmented { kind, content, fragments } => {
                Item::Fragmented { kind: *kind, content, fragments: *fragments }
            }
            Self::Ping(payload) => Item::Ping(payload),
            Self::Pong(payload) => Item::Pong(payload),
            Self::Close(close) => Item::Close(close.clone()),
            Self::Frame { header, payload, masking } => Item::Frame { header: *header, payload, masking: *masking },
        }
    }

    /// Whether a message is whole with it.
    pub fn ends_message(&self) -> bool {
        match self {
            Self::Message { .. } | Self::Fragmented { .. } => true,
            Self::Ping(_) | Self::Pong(_) | Self::Close(_) => false,
            Self::Frame { header, .. } => header.is_final && !header.opcode.is_control(),
        }
    }

    /// Bytes of content that it has.
    pub fn size(&self) -> usize {
        match self {
            Self::Message { content, .. } | Self::Fragmented { content, .. } => content.len(),
            Self::Ping(payload) | Self::Pong(payload) | Self::Frame { payload, .. } => payload.len(),
            Self::Close(close) => close.reason.len(),
        }
    }
}

/// How a frame that is sent as it is given is masked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Masking {
    /// As every other frame of ours: a client's is masked, a server's isn't (§5.1).
    AsUsual,
    Off,
    Key([u8; 4]),
}
