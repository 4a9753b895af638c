//! What the protocol doesn't let us send.

use std::fmt;

use super::close::{Close, MAX_CLOSE_REASON};
use super::frame::MAX_CONTROL_PAYLOAD;
use super::item::{Item, MAX_FRAGMENTS};
use super::status_code::StatusCode;

/// We were asked to send what the protocol doesn't allow.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SendError {
    /// Nothing may follow our Close frame (§5.5.1).
    CloseSent,
    /// A message has begun and not ended, and no other may come between its fragments (§5.4).
    MessageOpen,
    /// A frame has begun and not ended, and nothing may come before its end (§5.2).
    FrameOpen,
    /// A control frame carries at most [`MAX_CONTROL_PAYLOAD`] bytes (§5.5).
    LongControlFrame(usize),
    /// A status code that may not be on the wire (§7.4).
    CloseCode(StatusCode),
    /// A Close frame carries at most [`MAX_CLOSE_REASON`] bytes of reason (§5.5).
    LongCloseReason(usize),
    /// In a Close frame the reason stands behind a status code (§5.5.1).
    ReasonWithoutCode,
    /// More fragments than [`MAX_FRAGMENTS`]. The protocol has no limit; all of their frames would be in memory at once.
    TooManyFragments(usize),
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CloseSent => f.write_str("the Close frame has been sent, and nothing may follow it"),
            Self::MessageOpen => f.write_str("a message is being sent, and no other may begin before its end"),
            Self::FrameOpen => f.write_str("a frame is being sent, and nothing else may be before its end"),
            Self::LongControlFrame(length) => {
                write!(f, "a control frame carries at most {MAX_CONTROL_PAYLOAD} bytes, not {length}")
            }
            Self::CloseCode(code) => write!(f, "the status code {code} may not be sent (RFC 6455 §7.4)"),
            Self::LongCloseReason(length) => {
                let most = MAX_CLOSE_REASON;
                write!(f, "the reason has {length} bytes, but a Close frame carries at most {most} (RFC 6455 §5.5)")
            }
            Self::ReasonWithoutCode => f.write_str("a Close frame has no reason without a status code"),
            Self::TooManyFragments(count) => {
                write!(f, "a message is sent in at most {MAX_FRAGMENTS} fragments, not {count}")
            }
        }
    }
}

impl std::error::Error for SendError {}

impl Item<'_> {
    /// Whether a connection could ever send it, for those who want to know before there is one.
    ///
    /// # Errors
    /// [`SendError::LongControlFrame`], [`SendError::CloseCode`], [`SendError::LongCloseReason`],
    /// [`SendError::ReasonWithoutCode`], [`SendError::TooManyFragments`].
    pub fn check(&self) -> Result<(), SendError> {
        match self {
            Self::Ping(payload) | Self::Pong(payload) => check_control_payload(payload),
            Self::Close(close) => check_close(close),
            Self::Fragmented { fragments, .. } => check_fragments(fragments.get()),
            Self::FragmentedAs { lengths, .. } => check_fragments(lengths.len()),
            Self::Part { .. } | Self::Frame { .. } | Self::Raw(_) => Ok(()),
        }
    }
}

impl Close {
    /// Whether a Close frame has room for the reason, whatever the code is.
    ///
    /// # Errors
    /// [`SendError::LongCloseReason`], [`SendError::ReasonWithoutCode`].
    pub fn check_reason(&self) -> Result<(), SendError> {
        match self.reason.len() {
            length if length > MAX_CLOSE_REASON => Err(SendError::LongCloseReason(length)),
            1.. if self.code.is_none() => Err(SendError::ReasonWithoutCode),
            _ => Ok(()),
        }
    }
}

pub(super) fn check_control_payload(payload: &[u8]) -> Result<(), SendError> {
    if payload.len() > MAX_CONTROL_PAYLOAD { Err(SendError::LongControlFrame(payload.len())) } else { Ok(()) }
}

pub(super) fn check_close(close: &Close) -> Result<(), SendError> {
    match close.code.filter(|code| !code.may_be_sent()) {
        Some(code) => Err(SendError::CloseCode(code)),
        None => close.check_reason(),
    }
}

pub(super) fn check_fragments(count: usize) -> Result<(), SendError> {
    if count > MAX_FRAGMENTS { Err(SendError::TooManyFragments(count)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_that_no_close_frame_carries_is_refused() {
        let close = |code, length| Close { code, reason: "x".repeat(length) }.check_reason();
        let code = Some(StatusCode::NORMAL);
        assert_eq!(close(code, 123), Ok(()));
        assert_eq!(close(code, 124), Err(SendError::LongCloseReason(124)));
        assert_eq!(close(None, 1), Err(SendError::ReasonWithoutCode));
        assert_eq!(close(None, 0), Ok(()));
    }
}
