//! An event of a connection as a line of JSON, the same wherever one is written or read: docs/events.md.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use serde::Deserialize;

use super::no_record::{NoRecord, is_array};
use super::record_fields::{base64, direction, mask, millis, opcode, rfc3339, rsv};
use super::record_type::RecordType;
use crate::view::conversation::LineHead;
use crate::ws::{Close, Direction, ExcerptOf, FrameHeader, Kind, Masking, Message, OpCode, StatusCode, ViolatingFrame};

/// The version of the schema. It changes when a field changes its meaning or goes; not when one is added.
pub(crate) const SCHEMA: u32 = 1;

/// A message, a control frame or a violation, one line. What doesn't apply, or isn't known, is left out.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Record<'a> {
    /// The number of the connection, where there are several.
    pub(crate) connection: Option<u64>,
    #[serde(default = "schema")]
    pub(crate) schema: u32,
    #[serde(default, deserialize_with = "rfc3339::deserialize")]
    pub(crate) time: Option<SystemTime>,
    /// Since the connection was opened, by a clock that never goes back; to the microsecond.
    #[serde(default, rename = "elapsed_ms", deserialize_with = "millis::deserialize")]
    pub(crate) elapsed: Option<Duration>,
    /// Of what is only to be sent yet there is none.
    #[serde(default, deserialize_with = "direction::deserialize")]
    pub(crate) direction: Option<Direction>,
    #[serde(rename = "type")]
    pub(crate) kind: RecordType,
    /// Of the (first) frame. It is read as a name too.
    #[serde(default, deserialize_with = "opcode::deserialize")]
    pub(crate) opcode: Option<u8>,
    /// Bytes of content, after inflating.
    pub(crate) length: Option<u64>,
    /// Bytes of payload in the message's frames, as on the wire.
    pub(crate) wire_length: Option<u64>,
    /// Frames of the message.
    pub(crate) fragments: Option<u64>,
    /// Bytes of payload in each of them, where there are several, and not too many to be told.
    pub(crate) fragment_lengths: Option<Vec<u64>>,
    pub(crate) compressed: Option<bool>,
    /// The content, where it is text.
    pub(crate) text: Option<Cow<'a, str>>,
    /// The content, where it isn't.
    #[serde(default, deserialize_with = "base64::deserialize")]
    pub(crate) base64: Option<Cow<'a, [u8]>>,
    /// The number, from 1, of this part of a message that is recorded in several.
    pub(crate) part: Option<u64>,
    /// Another part follows; what is said of the whole message is in the last.
    #[serde(default)]
    pub(crate) more: bool,
    /// Only the beginning of the content is there.
    #[serde(default)]
    pub(crate) truncated: bool,
    /// The connection ended before all of it was given to the system to be sent.
    #[serde(default)]
    pub(crate) unsent: bool,
    /// Of a Close.
    pub(crate) code: Option<u16>,
    pub(crate) reason: Option<Cow<'a, str>>,
    /// From a Ping of ours to this Pong; to the microsecond.
    #[serde(default, rename = "round_trip_ms", deserialize_with = "millis::deserialize")]
    pub(crate) round_trip: Option<Duration>,
    /// Seconds to wait before it is sent.
    pub(crate) delay: Option<f64>,
    /// Of a violation: everything wrong with the frame, with the rules.
    pub(crate) faults: Option<Vec<String>>,
    /// Of a violation: what the content is an excerpt of.
    pub(crate) excerpt_of: Option<Cow<'a, str>>,
    /// Of a violation: where the excerpt begins, unless that is at the beginning.
    pub(crate) offset: Option<u64>,
    /// Of a violation: where the bad byte is, counted like `offset`.
    pub(crate) bad_offset: Option<u64>,
    /// Of a violation: the connection went on.
    #[serde(default)]
    pub(crate) ignored: bool,
    /// Of a frame.
    pub(crate) fin: Option<bool>,
    /// Of a frame: RSV1 to RSV3.
    #[serde(default, deserialize_with = "rsv::deserialize")]
    pub(crate) rsv: Option<[bool; 3]>,
    /// Of a frame.
    #[serde(default, deserialize_with = "mask::deserialize")]
    pub(crate) mask: Option<Masking>,
    /// Of a frame whose content another line tells too: the type of that line. It isn't there where the frame belongs to
    /// nothing else.
    pub(crate) of: Option<RecordType>,
}

fn schema() -> u32 {
    SCHEMA
}

/// What a message was on the wire.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Extent {
    /// Bytes of payload in its frames.
    pub(crate) wire_length: u64,
    /// Frames.
    pub(crate) fragments: u64,
    /// Bytes of payload in each of them; fewer where there is one frame, or too many.
    pub(crate) lengths: Vec<u64>,
    pub(crate) compressed: bool,
}

impl<'a> Record<'a> {
    fn new(direction: Direction, kind: RecordType, length: u64) -> Self {
        Self {
            connection: None,
            schema: SCHEMA,
            time: None,
            elapsed: None,
            direction: Some(direction),
            kind,
            opcode: kind.opcode().map(u8::from),
            length: Some(length),
            wire_length: None,
            fragments: None,
            fragment_lengths: None,
            compressed: None,
            text: None,
            base64: None,
            part: None,
            more: false,
            truncated: false,
            unsent: false,
            code: None,
            reason: None,
            round_trip: None,
            delay: None,
            faults: None,
            excerpt_of: None,
            offset: None,
            bad_offset: None,
            ignored: false,
            fin: None,
            rsv: None,
            mask: None,
            of: None,
        }
    }

    /// Of `length` bytes of content, `kept` are the first.
    pub(crate) fn message(direction: Direction, kind: Kind, kept: Cow<'a, [u8]>, length: u64, extent: Extent) -> Self {
        let of_kind = match kind {
            Kind::Text => RecordType::Text,
            Kind::Binary => RecordType::Binary,
        };
        let mut record = Self::new(direction, of_kind, length);
        record.truncated = (kept.len() as u64) < length;
        record.wire_length = Some(extent.wire_length);
        record.fragments = Some(extent.fragments);
        let is_told = |lengths: &Vec<u64>| lengths.len() > 1 && lengths.len() as u64 == extent.fragments;
        record.fragment_lengths = Some(extent.lengths).filter(is_told);
        record.compressed = Some(extent.compressed);
        match kind {
            Kind::Text => record.set_text(kept),
            Kind::Binary => record.base64 = Some(kept),
        }
        record
    }

    /// Part of a message, of which `so_far` bytes of content are there with it. The extent is known with the last part.
    pub(crate) fn part(
        direction: Direction,
        kind: Kind,
        part: (u64, Cow<'a, [u8]>),
        so_far: u64,
        extent: Option<Extent>,
    ) -> Self {
        let (number, content) = part;
        let more = extent.is_none();
        let mut record = Self::message(direction, kind, content, so_far, extent.unwrap_or_default());
        record.part = Some(number);
        record.more = more;
        record.truncated = false;
        if record.more {
            (record.wire_length, record.fragments, record.compressed) = (None, None, None);
        }
        record
    }

    /// Text, or where it is not UTF-8 its bytes.
    fn set_text(&mut self, content: Cow<'a, [u8]>) {
        match content {
            Cow::Borrowed(bytes) => match str::from_utf8(bytes) {
                Ok(text) => self.text = Some(text.into()),
                Err(_) => self.base64 = Some(bytes.into()),
            },
            Cow::Owned(bytes) => match String::from_utf8(bytes) {
                Ok(text) => self.text = Some(text.into()),
                Err(error) => self.base64 = Some(error.into_bytes().into()),
            },
        }
    }

    /// A Ping or a Pong, or what else has a payload alone.
    pub(crate) fn control(direction: Direction, kind: RecordType, payload: &'a [u8]) -> Self {
        let mut record = Self::new(direction, kind, payload.len() as u64);
        match str::from_utf8(payload) {
            Ok(text) => record.text = Some(text.into()),
            Err(_) => record.base64 = Some(payload.into()),
        }
        record
    }

    /// A frame as it was sent, which belongs to no message.
    pub(crate) fn frame(direction: Direction, header: &FrameHeader, payload: &'a [u8]) -> Self {
        let mut record = Self::control(direction, RecordType::Frame, payload);
        record.opcode = Some(header.opcode.into());
        record.fin = Some(header.is_final);
        record.rsv = Some([header.rsv1, header.rsv2, header.rsv3]);
        record.mask = Some(header.mask.map_or(Masking::Off, Masking::Key));
        record
    }

    pub(crate) fn close(direction: Direction, close: Cow<'a, Close>) -> Self {
        let mut record = Self::new(direction, RecordType::Close, close.payload().len() as u64);
        record.code = close.code.map(|code| code.0);
        record.reason = Some(match close {
            Cow::Borrowed(close) => Cow::Borrowed(&close.reason),
            Cow::Owned(close) => Cow::Owned(close.reason),
        });
        record
    }

    /// A frame of the peer's that broke the protocol.
    pub(crate) fn violation(frame: &'a ViolatingFrame) -> Self {
        let mut record = Self::new(Direction::Received, RecordType::Violation, frame.length);
        let excerpt = &frame.excerpt;
        record.opcode = Some(frame.opcode.into());
        record.faults = Some(frame.cited());
        record.excerpt_of = Some(match excerpt.of {
            ExcerptOf::Payload => "payload".into(),
            ExcerptOf::Message => "message".into(),
            ExcerptOf::Stream => "stream".into(),
        });
        record.base64 = Some(excerpt.bytes.as_slice().into());
        record.offset = Some(excerpt.start).filter(|start| *start > 0);
        record.bad_offset = excerpt.bad;
        record.ignored = frame.tolerated;
        if frame.opcode == OpCode::Close {
            let close = Close::parse_anyway(&excerpt.bytes);
            record.code = close.code.map(|code| code.0);
            record.reason = Some(close.reason.into());
        }
        record
    }

    /// Reads a line.
    ///
    /// # Errors
    /// Why it is no record.
    pub(crate) fn read(line: &[u8]) -> Result<Record<'static>, NoRecord> {
        if is_array(line) {
            return Err(NoRecord::array());
        }
        serde_json::from_slice(line).map_err(|error| NoRecord::new::<Record<'static>>(line, &error))
    }

    /// The content of a message, or the payload of a Ping or a Pong.
    pub(crate) fn content(&self) -> &[u8] {
        match (&self.text, &self.base64) {
            (Some(text), _) => text.as_bytes(),
            (None, Some(bytes)) => bytes,
            (None, None) => b"",
        }
    }

    /// What a line about it begins with.
    pub(crate) fn line_head(&self, number: Option<u64>, time: Option<String>) -> LineHead {
        let size = self.length.and_then(|length| usize::try_from(length).ok()).unwrap_or(usize::MAX);
        let direction = self.direction.unwrap_or(Direction::Received);
        LineHead { time, client: self.connection, number, size, latency: None, unsent: self.unsent, direction }
    }

    /// The message, if it is one.
    pub(crate) fn as_message(&self) -> Option<Message<'_>> {
        let kind = match self.kind {
            RecordType::Text => Kind::Text,
            RecordType::Binary => Kind::Binary,
            _ => return None,
        };
        Some(Message { kind, content: self.content() })
    }

    /// What a Close says; 1005 stands for one that says nothing (§7.4.1).
    pub(crate) fn as_close(&self) -> Close {
        match self.code.map(StatusCode) {
            None | Some(StatusCode::NO_STATUS) => Close::default(),
            Some(code) => Close::new(code, self.reason.as_deref().unwrap_or_default()),
        }
    }

    /// The same with content of its own, in no more memory than that takes.
    pub(crate) fn into_owned(self) -> Record<'static> {
        Record {
            text: self.text.map(|text| Cow::Owned(text.into_owned().into_boxed_str().into_string())),
            base64: self.base64.map(|bytes| Cow::Owned(bytes.into_owned().into_boxed_slice().into_vec())),
            reason: self.reason.map(|reason| Cow::Owned(reason.into_owned())),
            fragment_lengths: self.fragment_lengths.map(|lengths| lengths.into_boxed_slice().into_vec()),
            excerpt_of: self.excerpt_of.map(|of| Cow::Owned(of.into_owned())),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::schema::Schema;

    const EPOCH: SystemTime = SystemTime::UNIX_EPOCH;

    #[test]
    fn a_record_is_a_line_of_json() {
        let extent = Extent { wire_length: 9, fragments: 2, lengths: vec![4, 5], compressed: true };
        let text = Record::message(Direction::Received, Kind::Text, b"a\n"[..].into(), 2, extent);
        let text = Record { time: Some(EPOCH), elapsed: Some(Duration::from_nanos(1_500_400)), ..text };
        let extent = Extent { wire_length: 2, fragments: 1, ..Extent::default() };
        let binary = Record::message(Direction::Sent, Kind::Binary, b"\xff"[..].into(), 2, extent);
        let binary = Record { connection: Some(7), time: Some(EPOCH), ..binary };
        let mut line = Vec::new();
        text.write(&mut line);
        binary.write(&mut line);
        let expected = "{\"schema\":1,\"time\":\"1970-01-01T00:00:00Z\",\"elapsed_ms\":1.5,\"direction\":\"received\",\
                        \"type\":\"text\",\"opcode\":1,\"length\":2,\"wire_length\":9,\"fragments\":2,\"fragment_lengths\":[4,5],\
                        \"compressed\":true,\"text\":\"a\\n\"}\n\
                        {\"connection\":7,\"schema\":1,\"time\":\"1970-01-01T00:00:00Z\",\"direction\":\"sent\",\
                        \"type\":\"binary\",\"opcode\":2,\"length\":2,\"wire_length\":2,\"fragments\":1,\
                        \"compressed\":false,\"base64\":\"/w==\",\"truncated\":true}\n";
        assert_eq!(str::from_utf8(&line), Ok(expected));
    }

    /// One of every kind, with contents that JSON has to escape or can't hold.
    fn every_kind() -> Vec<Record<'static>> {
        let mut records = Vec::new();
        for direction in [Direction::Sent, Direction::Received] {
            for content in [&b""[..], b"plain", "\"\\\u{0}\u{7f}\u{2028}\u{1f600}\n".as_bytes(), b"\xff\x00\xfe"] {
                let lengths = vec![0, 3];
                let extent = Extent { wire_length: 3, fragments: 2, lengths, compressed: content.is_empty() };
                for (kind, length) in [(Kind::Binary, 0), (Kind::Text, 0), (Kind::Binary, 9), (Kind::Text, 9)] {
                    let length = length + content.len() as u64;
                    records.push(Record::message(direction, kind, content.into(), length, extent.clone()));
                }
                let part = (7, Cow::Borrowed(content));
                records.push(Record::part(direction, Kind::Text, part.clone(), 9, None));
                let extent = Extent { wire_length: 3, fragments: 1, ..Extent::default() };
                records.push(Record::part(direction, Kind::Binary, part, 9, Some(extent)));
                records.push(Record::control(direction, RecordType::Ping, content));
                records.push(Record::control(direction, RecordType::Pong, content));
            }
            for close in [Close::default(), Close::new(StatusCode(4999), "\"enough\"\u{a0}")] {
                records.push(Record::close(direction, Cow::Owned(close)));
            }
        }
        records
    }

    /// The record with only those of its optional fields whose bits are set.
    fn with_fields(record: &Record<'static>, bits: u32) -> Record<'static> {
        let has = |bit: u32| bits & (1 << bit) != 0;
        let nanos = Duration::from_nanos(1_700_000_000_123_456_789);
        Record {
            connection: has(0).then_some(u64::MAX),
            time: has(1).then(|| EPOCH + nanos),
            elapsed: has(2).then_some(Duration::from_micros(86_400_000_001)),
            direction: record.direction.filter(|_| has(3)),
            opcode: record.opcode.filter(|_| has(4)),
            length: record.length.filter(|_| has(5)),
            wire_length: record.wire_length.filter(|_| has(6)),
            fragments: record.fragments.filter(|_| has(6)),
            fragment_lengths: record.fragment_lengths.clone().filter(|_| has(6)),
            compressed: record.compressed.filter(|_| has(6)),
            round_trip: has(7).then_some(Duration::from_micros(100_040)),
            delay: has(8).then_some(0.25),
            unsent: has(8),
            ..record.clone()
        }
    }

    #[test]
    fn what_is_written_is_read_back_as_it_was() {
        for record in every_kind() {
            for bits in 0..1 << 9 {
                let record = with_fields(&record, bits);
                let mut line = Vec::new();
                record.write(&mut line);
                let read = Record::read(&line);
                assert_eq!(read.as_ref(), Ok(&record), "{}", String::from_utf8_lossy(&line));
                assert_eq!(read.map(|read| read.content().to_vec()), Ok(record.content().to_vec()));
            }
        }
    }

    #[test]
    fn what_is_written_is_as_the_schema_says() {
        let (events, recordings) = (Schema::read("events.schema.json"), Schema::read("recording.schema.json"));
        for record in every_kind() {
            for optional in 0..1 << 9 {
                // Time, direction, opcode and length are in every line.
                let record = with_fields(&record, optional | 0b11_1010);
                let line = serde_json::from_str(&record.line()).unwrap();
                [&events, &recordings].iter().for_each(|schema| schema.check(&line));
            }
        }
    }

    #[test]
    fn little_is_needed_of_a_line_that_is_to_be_sent() {
        let record = Record::read(b"{\"type\":\"ping\",\"text\":\"p\",\"direction\":null}").unwrap();
        assert_eq!((record.kind, record.content(), record.direction), (RecordType::Ping, &b"p"[..], None));
        for (line, why) in [
            (&b"{}"[..], "it has no \"type\""),
            (b"{\"type\":null}", "it has no \"type\""),
            (b"{\"type\":\"opened\"}", "its \"type\" is \"opened\""),
            (b"{\"type\":\"continuation\"}", "its \"type\" is \"continuation\""),
            (
                b"{\"type\":\"text\",\"time\":\"noon\"}",
                "its \"time\": \"noon\" is not a time such as 2026-01-01T12:00:00Z",
            ),
            (b"{\"type\":\"binary\",\"base64\":\"?\"}", "its \"base64\": not base64: "),
            (b"{\"type\":\"pong\",\"elapsed_ms\":-1}", "its \"elapsed_ms\": a time is negative"),
            (b"{\"type\":\"text\",\"hex\":\"00\"}", "\"hex\" is not a key of an event"),
            (b"{\"type\":\"frame\",\"opcode\":16}", "its \"opcode\": \"16\" is not an opcode"),
            (b"{\"type\":\"frame\",\"opcode\":1.0}", "its \"opcode\": it is neither a whole number nor text"),
            (b"{\"type\":\"frame\",\"rsv\":[]}", "its \"rsv\": it is neither a whole number nor text"),
            (b"{\"type\":\"frame\",\"rsv\":\"111111\"}", "its \"rsv\": "),
            (b"{\"type\":\"frame\",\"mask\":\"x\"}", "its \"mask\": \"x\" is not a masking key"),
            (b"nonsense", "it is not JSON: expected ident"),
        ] {
            let told = Record::read(line).unwrap_err().to_string();
            assert!(told.starts_with(why), "{told:?} of {}", String::from_utf8_lossy(line));
        }
    }
}
