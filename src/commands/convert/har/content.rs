//! What a message of a HAR holds, by the rules of those who write them.

use data_encoding::BASE64;

use super::document::HarMessage;
use crate::trace::record::{Extent, Record};
use crate::trace::record_type::RecordType;
use crate::ws::{Close, Direction, Kind};

/// A message in our words.
#[derive(Debug)]
pub(super) enum HarContent {
    Record(Box<Record<'static>>),
    /// Text of the peer's or the browser's that is no message.
    Failure(String),
}

/// What was taken for something that it may not be.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Doubt(pub(super) &'static str);

impl HarMessage {
    /// The record of a message, without its time.
    ///
    /// # Errors
    /// Why it can't be understood, in words.
    pub(super) fn content(self) -> Result<(HarContent, Option<Doubt>), String> {
        if self.opcode == -1 || self.direction == "error" {
            return Ok((HarContent::Failure(self.data.unwrap_or_default()), None));
        }
        let direction = match self.direction.as_str() {
            "send" => Direction::Sent,
            "receive" => Direction::Received,
            other => return Err(format!("its \"type\" is {other:?}, not send or receive")),
        };
        let kind = match self.opcode {
            1 => RecordType::Text,
            2 => RecordType::Binary,
            8 => RecordType::Close,
            9 => RecordType::Ping,
            10 => RecordType::Pong,
            other => return Err(format!("its \"opcode\" is {other}, which is 1, 2, 8, 9 or 10")),
        };
        let (payload, doubt) = payload(kind, self.data.unwrap_or_default(), self.encoding.as_deref())?;
        let half = Doubt("text with half of a surrogate pair, which no message can have: it is read as U+FFFD");
        let doubt = doubt.or(self.has_half.then_some(half));
        Ok((HarContent::Record(Box::new(record(direction, kind, payload))), doubt))
    }

    /// What is written of a record; `None` of one that is neither a message nor a control frame.
    pub(super) fn of(record: &Record<'_>, direction: Direction, time: Option<f64>) -> Option<Self> {
        let payload = match record.kind {
            RecordType::Close => record.as_close().payload(),
            _ => record.content().to_vec(),
        };
        let opcode = record.kind.opcode().map(|opcode| u8::from(opcode).into())?;
        // Text is what is text; the base64 of anything else says that it is.
        let (data, encoding) = match String::from_utf8(payload) {
            Ok(text) if record.kind != RecordType::Binary => (text, None),
            Ok(text) => (BASE64.encode(text.as_bytes()), Some("base64".to_owned())),
            Err(error) => (BASE64.encode(error.as_bytes()), Some("base64".to_owned())),
        };
        let direction = if direction == Direction::Sent { "send" } else { "receive" };
        Some(Self { direction: direction.to_owned(), time, opcode, data: Some(data), encoding, has_half: false })
    }
}

/// The bytes: base64 where that is said, and of a binary message also where it isn't, as in Chrome's.
fn payload(kind: RecordType, data: String, encoding: Option<&str>) -> Result<(Vec<u8>, Option<Doubt>), String> {
    let decoded = |data: &str| BASE64.decode(data.as_bytes());
    match (encoding, kind) {
        (Some("base64"), _) => match decoded(&data) {
            Ok(bytes) => Ok((bytes, None)),
            Err(why) => Err(format!("its \"data\" is not base64, although its \"encoding\" is: {why}")),
        },
        (None | Some(""), RecordType::Binary) => Ok(match decoded(&data) {
            Ok(bytes) => (bytes, None),
            Err(_) => (data.into_bytes(), Some(Doubt("binary, but not base64: its bytes are those of the text"))),
        }),
        (None | Some(""), _) => Ok((data.into_bytes(), None)),
        (Some(other), _) => Err(format!("its \"encoding\" is {other:?}, neither base64 nor missing")),
    }
}

fn record(direction: Direction, kind: RecordType, payload: Vec<u8>) -> Record<'static> {
    let of_kind = match kind {
        RecordType::Text => Kind::Text,
        RecordType::Binary => Kind::Binary,
        RecordType::Close => {
            return Record::close(direction, std::borrow::Cow::Owned(Close::parse_anyway(&payload)));
        }
        _ => return Record::control(direction, kind, &payload).into_owned(),
    };
    let length = payload.len() as u64;
    let message = Record::message(direction, of_kind, payload.into(), length, Extent::default());
    // What it was on the wire isn't known.
    Record { wire_length: None, fragments: None, compressed: None, ..message }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(direction: &str, opcode: i64, data: &str, encoding: Option<&str>) -> HarMessage {
        let encoding = encoding.map(str::to_owned);
        HarMessage {
            direction: direction.into(),
            time: None,
            opcode,
            data: Some(data.into()),
            encoding,
            has_half: false,
        }
    }

    fn read(message: HarMessage) -> (RecordType, Direction, Vec<u8>, bool) {
        let (HarContent::Record(record), doubt) = message.content().unwrap() else { panic!("no record") };
        (record.kind, record.direction.unwrap(), record.content().to_vec(), doubt.is_some())
    }

    #[test]
    fn each_writers_messages_are_read() {
        use Direction::{Received, Sent};
        use RecordType::{Binary, Ping, Text};
        for (message, expected) in [
            (message("send", 1, "/w==", None), (Text, Sent, b"/w==".to_vec(), false)),
            // Chrome, mitmproxy and HTTP Toolkit.
            (message("receive", 2, "/w==", None), (Binary, Received, vec![0xff], false)),
            // gori.
            (message("receive", 2, "plain text", None), (Binary, Received, b"plain text".to_vec(), true)),
            (message("receive", 2, "/w==", Some("base64")), (Binary, Received, vec![0xff], false)),
            (message("send", 1, "/w==", Some("base64")), (Text, Sent, vec![0xff], false)),
            (message("send", 9, "p", None), (Ping, Sent, b"p".to_vec(), false)),
        ] {
            assert_eq!(read(message), expected);
        }
        for failure in [message("receive", -1, "gone", None), message("error", 1, "gone", None)] {
            assert!(matches!(failure.content(), Ok((HarContent::Failure(text), None)) if text == "gone"));
        }
        for (message, why) in [
            (message("sent", 1, "", None), "its \"type\" is \"sent\""),
            (message("send", 3, "", None), "its \"opcode\" is 3"),
            (message("send", 2, "?", Some("base64")), "its \"data\" is not base64"),
            (message("send", 2, "", Some("hex")), "its \"encoding\" is \"hex\""),
        ] {
            let told = message.content().unwrap_err();
            assert!(told.starts_with(why), "{told}");
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let extent = Extent { wire_length: 1, fragments: 1, ..Extent::default() };
        for record in [
            Record::message(Direction::Sent, Kind::Text, "é\n".as_bytes().into(), 3, extent.clone()),
            Record::message(Direction::Received, Kind::Text, b"\xff"[..].into(), 1, extent.clone()),
            Record::message(Direction::Received, Kind::Binary, b"abcd"[..].into(), 4, extent),
            Record::control(Direction::Received, RecordType::Pong, b"\x00\xff"),
            Record::close(Direction::Sent, std::borrow::Cow::Owned(Close::default())),
            Record::close(Direction::Sent, std::borrow::Cow::Owned(Close::new(crate::ws::StatusCode(4000), "é"))),
        ] {
            let written = HarMessage::of(&record, record.direction.unwrap(), None).unwrap();
            let (HarContent::Record(read), None) = written.content().unwrap() else { panic!("{record:?}") };
            assert_eq!((read.kind, read.direction, read.content()), (record.kind, record.direction, record.content()));
            assert_eq!(read.as_close(), record.as_close());
        }
    }
}
