//! An event of a connection as a line of JSON, the same wherever one is written: docs/events.md.

use std::borrow::Cow;
use std::io;
use std::time::{Duration, SystemTime};

use data_encoding::BASE64;
use serde::Serialize;

use crate::view::clock::timestamp;
use crate::ws::{Close, Direction, Kind};

/// The version of the schema. It changes when a field changes its meaning or goes; not when one is added.
pub(crate) const SCHEMA: u32 = 1;

/// One line. What doesn't apply is left out.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Record<'a> {
    schema: u32,
    time: String,
    /// Milliseconds since the connection was opened, by a clock that never goes back.
    #[serde(skip_serializing_if = "Option::is_none")]
    elapsed_ms: Option<f64>,
    direction: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    opcode: u8,
    /// Bytes of content, after inflating.
    length: u64,
    #[serde(flatten)]
    extent: Option<Extent>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    truncated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    round_trip_ms: Option<f64>,
}

/// What a message was on the wire.
#[derive(Debug, Default, Clone, Copy, Serialize)]
pub(crate) struct Extent {
    /// Bytes of payload in its frames.
    pub(crate) wire_length: u64,
    /// Frames.
    pub(crate) fragments: u64,
    pub(crate) compressed: bool,
}

fn millis(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}

impl<'a> Record<'a> {
    fn new(direction: Direction, kind: &'static str, opcode: u8, length: u64) -> Self {
        let direction = if direction == Direction::Sent { "sent" } else { "received" };
        Self { schema: SCHEMA, direction, kind, opcode, length, ..Self::default() }
    }

    /// Of `length` bytes of content, `kept` are the first.
    pub(crate) fn message(
        direction: Direction,
        kind: Kind,
        kept: &'a [u8],
        length: u64,
        extent: Option<Extent>,
    ) -> Self {
        let (name, opcode) = match kind {
            Kind::Text => ("text", 1),
            Kind::Binary => ("binary", 2),
        };
        let truncated = (kept.len() as u64) < length;
        let whole = Self { extent, truncated, ..Self::new(direction, name, opcode, length) };
        match kind {
            // Where it was cut off it may end in the middle of a character.
            Kind::Text => Self { text: Some(String::from_utf8_lossy(kept)), ..whole },
            Kind::Binary => Self { base64: Some(BASE64.encode(kept)), ..whole },
        }
    }

    /// A Ping or a Pong, by its name.
    pub(crate) fn control(direction: Direction, name: &'static str, payload: &'a [u8]) -> Self {
        let opcode = if name == "ping" { 9 } else { 10 };
        let whole = Self::new(direction, name, opcode, payload.len() as u64);
        match str::from_utf8(payload) {
            Ok(text) => Self { text: Some(text.into()), ..whole },
            Err(_) => Self { base64: Some(BASE64.encode(payload)), ..whole },
        }
    }

    pub(crate) fn close(direction: Direction, close: &'a Close) -> Self {
        Self {
            code: close.code.map(|code| code.0),
            reason: Some(&close.reason),
            ..Self::new(direction, "close", 8, close.payload().len() as u64)
        }
    }

    /// The same with the time from a Ping to its Pong.
    pub(crate) fn after(self, round_trip: Option<Duration>) -> Self {
        Self { round_trip_ms: round_trip.map(millis), ..self }
    }

    /// The same with its times: on the wall, and since the connection was opened.
    pub(crate) fn at(self, wall: SystemTime, elapsed: Duration) -> Self {
        Self { time: timestamp(wall), elapsed_ms: Some(millis(elapsed)), ..self }
    }

    /// The same with its time on the wall alone.
    pub(crate) fn at_wall(self, wall: SystemTime) -> Self {
        Self { time: timestamp(wall), ..self }
    }

    /// Appends the line.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        // A Vec takes everything, and strings and numbers can always be written.
        let _ = serde_json::to_writer(&mut *out, self);
        out.push(b'\n');
    }

    /// # Errors
    /// Of the file.
    pub(crate) fn write_to(&self, to: &mut impl io::Write) -> io::Result<()> {
        serde_json::to_writer(&mut *to, self)?;
        to.write_all(b"\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_a_line_of_json() {
        let extent = Extent { wire_length: 9, fragments: 2, compressed: true };
        let mut line = Vec::new();
        Record::message(Direction::Received, Kind::Text, b"a\n", 2, Some(extent))
            .at(SystemTime::UNIX_EPOCH, Duration::from_micros(1500))
            .write(&mut line);
        Record::message(Direction::Sent, Kind::Binary, b"\xff", 2, None)
            .at_wall(SystemTime::UNIX_EPOCH)
            .write(&mut line);
        let expected = "{\"schema\":1,\"time\":\"1970-01-01T00:00:00Z\",\"elapsed_ms\":1.5,\"direction\":\"received\",\
                        \"type\":\"text\",\"opcode\":1,\"length\":2,\"wire_length\":9,\"fragments\":2,\
                        \"compressed\":true,\"text\":\"a\\n\"}\n{\"schema\":1,\"time\":\"1970-01-01T00:00:00Z\",\
                        \"direction\":\"sent\",\"type\":\"binary\",\"opcode\":2,\"length\":2,\"base64\":\"/w==\",\
                        \"truncated\":true}\n";
        assert_eq!(str::from_utf8(&line), Ok(expected));
    }
}
