//! What the protocol doesn't let us send.

use std::fmt;

use super::close::Close;
use super::frame::MAX_CONTROL_PAYLOAD;
use super::item::Item;
use super::status_code::StatusCode;

/// We were asked to send what the protocol doesn't allow.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SendError {
    /// Nothing may follow our Close frame (§5.5.1).
    CloseSent,
    /// A message has begun and not ended, and no other may come between its fragments (§5.4).
    MessageOpen,
    /// A control frame carries at most 125 bytes (§5.5).
    LongControlFrame(usize),
    /// A status code that may not be on the wire (§7.4).
    CloseCode(StatusCode),
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CloseSent => f.write_str("the Close frame has been sent, and nothing may follow it"),
            Self::MessageOpen => f.write_str("a message is being sent, and no other may begin before its end"),
            Self::LongControlFrame(length) => {
                write!(f, "a control frame carries at most {MAX_CONTROL_PAYLOAD} bytes, not {length}")
            }
            Self::CloseCode(code) => write!(f, "the status code {code} may not be sent (RFC 6455 §7.4)"),
        }
    }
}

impl std::error::Error for SendError {}

impl Item<'_> {
    /// Whether a connection could ever send it, for those who want to know before there is one.
    ///
    /// # Errors
    /// [`SendError::LongControlFrame`], [`SendError::CloseCode`].
    pub fn check(&self) -> Result<(), SendError> {
        match self {
            Self::Ping(payload) | Self::Pong(payload) => check_control_payload(payload),
            Self::Close(close) => check_close(close).map(drop),
            _ => Ok(()),
        }
    }
}

pub(super) fn check_control_payload(payload: &[u8]) -> Result<(), SendError> {
    if payload.len() as u64 > MAX_CONTROL_PAYLOAD {
        return Err(SendError::LongControlFrame(payload.len()));
    }
    Ok(())
}

/// Gives the payload of the Close frame.
pub(super) fn check_close(close: &Close) -> Result<Vec<u8>, SendError> {
    if let Some(code) = close.code.filter(|code| !code.may_be_sent()) {
        return Err(SendError::CloseCode(code));
    }
    let payload = close.payload();
    check_control_payload(&payload)?;
    Ok(payload)
}
