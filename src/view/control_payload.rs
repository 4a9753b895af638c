//! The payload of a control frame.

use std::fmt;

use crate::peer_text::Escaped;

/// A payload as a person reads it: text where it is text without control characters, else bytes.
/// `Display` quotes the text and writes bytes in hexadecimal behind `0x`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ControlPayload<'a> {
    Text(&'a str),
    Bytes(&'a [u8]),
}

impl<'a> From<&'a [u8]> for ControlPayload<'a> {
    fn from(payload: &'a [u8]) -> Self {
        match str::from_utf8(payload) {
            Ok(text) if !text.contains(char::is_control) => Self::Text(text),
            _ => Self::Bytes(payload),
        }
    }
}

impl fmt::Display for ControlPayload<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "\"{}\"", Escaped(text)),
            Self::Bytes(bytes) => write!(f, "0x{}", data_encoding::HEXLOWER.encode(bytes)),
        }
    }
}
