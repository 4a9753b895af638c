//! Every way in which a peer can break RFC 6455 or RFC 7692 once the connection is open.

use std::fmt;

use super::frame::MAX_CONTROL_PAYLOAD;
use super::status_code::StatusCode;

/// The longest payload of a control frame that is read where its length is tolerated, in bytes.
pub(super) const LONGEST_CONTROL_PAYLOAD: u64 = 32 << 10;

/// One fault of the peer. `Display` says what it did; [`Violation::section`] cites the rule and
/// [`Violation::status_code`] is what it earns in the Close frame that fails the connection (§7.1.7).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Violation {
    /// RSV1 to RSV3, by number, without an extension that gives the bit a meaning here.
    ReservedBit(u8),
    ReservedOpcode(u8),
    /// A client's frame without a masking key.
    NotMasked,
    /// A server's frame with a masking key.
    Masked,
    /// A payload length in more bytes than it needs.
    LengthNotMinimal {
        length: u64,
        bytes: usize,
    },
    /// A 64-bit payload length with its top bit set.
    LengthTopBit,
    FragmentedControlFrame,
    /// A control frame with more than [`MAX_CONTROL_PAYLOAD`] bytes of payload.
    LongControlFrame(u64),
    /// A continuation frame with no message to continue.
    UnexpectedContinuation,
    /// A text or binary frame while a fragmented message is still open.
    MessageInterrupted,
    /// The message is larger than our limit, in bytes.
    MessageTooBig {
        limit: u64,
    },
    TextNotUtf8,
    ClosePayloadOfOneByte,
    CloseCode(StatusCode),
    CloseReasonNotUtf8,
    /// Text where a frame should begin, such as an HTTP response behind the 101. With its first line, which is visible ASCII.
    NotAFrame {
        beginning: String,
    },
    /// Compressed data that DEFLATE can't read.
    CorruptDeflate,
    /// Compressed data that stops in the middle of a block.
    TruncatedDeflate,
}

impl Violation {
    /// The status code that the connection is failed with.
    pub fn status_code(&self) -> StatusCode {
        match self {
            Self::MessageTooBig { .. } => StatusCode::MESSAGE_TOO_BIG,
            Self::TextNotUtf8 | Self::CloseReasonNotUtf8 | Self::CorruptDeflate | Self::TruncatedDeflate => {
                StatusCode::INVALID_PAYLOAD
            }
            Self::ReservedBit(_)
            | Self::ReservedOpcode(_)
            | Self::NotMasked
            | Self::Masked
            | Self::LengthNotMinimal { .. }
            | Self::LengthTopBit
            | Self::FragmentedControlFrame
            | Self::LongControlFrame(_)
            | Self::UnexpectedContinuation
            | Self::MessageInterrupted
            | Self::ClosePayloadOfOneByte
            | Self::CloseCode(_)
            | Self::NotAFrame { .. } => StatusCode::PROTOCOL_ERROR,
        }
    }

    /// Whether what follows can be read all the same: it is known where the frame ends, and to which message it belongs. A
    /// frame with a reserved opcode belongs to none, and a control frame that is too long is read as far as memory is bounded.
    pub fn leaves_framing_intact(&self) -> bool {
        matches!(
            self,
            Self::LongControlFrame(..=LONGEST_CONTROL_PAYLOAD)
                | Self::FragmentedControlFrame
                | Self::ReservedOpcode(_)
                | Self::ReservedBit(_)
                | Self::NotMasked
                | Self::Masked
                | Self::LengthNotMinimal { .. }
                | Self::TextNotUtf8
                | Self::ClosePayloadOfOneByte
                | Self::CloseCode(_)
                | Self::CloseReasonNotUtf8
        )
    }

    /// Of a fault of what a Close says: where in its payload the bad byte is.
    pub(super) fn bad_byte_of_close(&self, payload: &[u8]) -> Option<u64> {
        let reason = payload.get(2..).filter(|_| *self == Self::CloseReasonNotUtf8)?;
        str::from_utf8(reason).err().map(|error| 2 + error.valid_up_to() as u64)
    }

    /// What the peer did, and the rule that it broke.
    pub fn cited(&self) -> String {
        format!("{self} ({})", self.section())
    }

    /// Where the rule stands.
    pub fn section(&self) -> &'static str {
        match self {
            Self::ReservedBit(1) => "RFC 6455 §5.2, RFC 7692 §6",
            Self::ReservedBit(_)
            | Self::ReservedOpcode(_)
            | Self::LengthNotMinimal { .. }
            | Self::LengthTopBit
            | Self::NotAFrame { .. } => "RFC 6455 §5.2",
            Self::NotMasked | Self::Masked => "RFC 6455 §5.1",
            Self::FragmentedControlFrame | Self::LongControlFrame(_) => "RFC 6455 §5.5",
            Self::UnexpectedContinuation | Self::MessageInterrupted => "RFC 6455 §5.4",
            Self::MessageTooBig { .. } => "RFC 6455 §10.4",
            Self::TextNotUtf8 => "RFC 6455 §8.1",
            Self::ClosePayloadOfOneByte | Self::CloseReasonNotUtf8 => "RFC 6455 §5.5.1",
            Self::CloseCode(_) => "RFC 6455 §7.4",
            Self::CorruptDeflate | Self::TruncatedDeflate => "RFC 7692 §7.2.2",
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ReservedBit(bit) => write!(f, "RSV{bit} is set, which nothing negotiated allows on this frame"),
            Self::ReservedOpcode(opcode) => write!(f, "opcode {opcode:#x} is reserved"),
            Self::NotMasked => f.write_str("a client's frame is not masked"),
            Self::Masked => f.write_str("a server's frame is masked"),
            Self::LengthNotMinimal { length, bytes } => {
                write!(f, "the payload length {length} takes {bytes} bytes, more than it needs")
            }
            Self::LengthTopBit => f.write_str("the 64-bit payload length has its top bit set"),
            Self::FragmentedControlFrame => f.write_str("a control frame is fragmented"),
            Self::LongControlFrame(length) => {
                write!(f, "a control frame has {length} bytes of payload, over {MAX_CONTROL_PAYLOAD}")
            }
            Self::UnexpectedContinuation => f.write_str("a continuation frame has no message to continue"),
            Self::MessageInterrupted => f.write_str("a new message began inside a fragmented one"),
            Self::MessageTooBig { limit } => write!(f, "the message is larger than the limit of {limit} bytes"),
            Self::TextNotUtf8 => f.write_str("a text message is not UTF-8"),
            Self::ClosePayloadOfOneByte => f.write_str("a Close frame has a payload of one byte"),
            Self::CloseCode(code) => write!(f, "the status code {code} may not be sent"),
            Self::CloseReasonNotUtf8 => f.write_str("the reason of a Close frame is not UTF-8"),
            Self::NotAFrame { beginning } if beginning.starts_with("HTTP/1.") => {
                write!(f, "an HTTP response came instead of a frame: {beginning:?}")
            }
            Self::NotAFrame { beginning } => write!(f, "text came instead of a frame: {beginning:?}"),
            Self::CorruptDeflate => f.write_str("the compressed data is corrupt"),
            Self::TruncatedDeflate => f.write_str("the compressed data is truncated"),
        }
    }
}

impl std::error::Error for Violation {}
