//! The payload of a control frame.

use std::fmt;
use std::time::Duration;

use super::amount::Latency;
use crate::peer_text::Quoted;

/// A payload as a person reads it: text where it is text without control characters, else bytes.
/// `Display` quotes the text and writes bytes in hexadecimal behind `0x`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ControlPayload<'a> {
    Text(&'a str),
    Bytes(&'a [u8]),
}

/// A Ping or a Pong in words, with what it took from the Ping that it answers.
pub(crate) fn control_words(name: &str, payload: &[u8], round_trip: Option<Duration>) -> String {
    let payload = if payload.is_empty() { String::new() } else { format!(" {}", ControlPayload::from(payload)) };
    let round_trip = round_trip.map(|time| format!(", round trip {}", Latency(time))).unwrap_or_default();
    format!("{name}{payload}{round_trip}")
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
            Self::Text(text) => Quoted(text).fmt(f),
            Self::Bytes(bytes) => write!(f, "0x{}", data_encoding::HEXLOWER.encode(bytes)),
        }
    }
}
