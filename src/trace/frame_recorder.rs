//! Frames as they were on the wire, as records: all of them, or those that came to nothing else.

use super::record::Record;
use super::record_type::RecordType;
use crate::ws::{Data, Direction, Event, ExcerptOf, Frame, FrameHeader, Kind, OpCode, ViolatingFrame};

/// Payload of a frame from which on it is recorded in parts, in bytes.
const PART: usize = 256 << 10;

/// Makes a record of a frame beside those of [`Recorder`](super::recorder::Recorder), which has the frames that are sent as they
/// are given. What is recorded of every frame has to be [observed](crate::ws::Observe::FramesAndPayloads).
#[derive(Debug)]
pub(crate) struct FrameRecorder {
    /// Else only those are recorded that break the protocol.
    has_all: bool,
    sent: Option<UntoldFrame>,
    received: Option<UntoldFrame>,
}

/// A frame whose payload is still to be told.
#[derive(Debug)]
struct UntoldFrame {
    header: FrameHeader,
    /// Of its payload, as the header has it.
    length: u64,
    compressed: bool,
    is_first: bool,
    payload: Vec<u8>,
    /// Parts that were told.
    parts: u64,
}

impl FrameRecorder {
    pub(crate) fn new(has_all: bool) -> Self {
        Self { has_all, sent: None, received: None }
    }

    /// The record that this event completes, without its time.
    pub(crate) fn event<'a>(&mut self, event: &'a Event<'_>) -> Option<Record<'a>> {
        match event {
            Event::Frame(frame) if frame.direction == Direction::Received => {
                self.received = Some(UntoldFrame::new(frame));
                None
            }
            Event::Frame(frame) if self.has_all => self.sent(frame),
            Event::Frame(_) => None,
            Event::Data(data) => self.data(data),
            Event::Ping(_) => self.control(RecordType::Ping),
            Event::Pong(_) => self.control(RecordType::Pong),
            Event::Close(_) => self.control(RecordType::Close),
            // The frame goes on, but for one of no kind that there is: it is passed over.
            Event::Violation(frame) if frame.tolerated && !self.is_of_no_kind() => None,
            Event::Violation(frame) => self.refused(frame),
            Event::Raw(_) => None,
        }
    }

    fn is_of_no_kind(&self) -> bool {
        self.received.as_ref().is_some_and(|frame| matches!(frame.header.opcode, OpCode::Reserved(_)))
    }

    fn sent<'a>(&mut self, frame: &'a Frame<'_>) -> Option<Record<'a>> {
        let header = &frame.header;
        let of = match header.opcode {
            OpCode::Ping => RecordType::Ping,
            OpCode::Pong => RecordType::Pong,
            OpCode::Close => RecordType::Close,
            _ if frame.as_given => return None,
            _ => {
                self.sent = Some(UntoldFrame::new(frame));
                return None;
            }
        };
        let is_told_otherwise = !frame.as_given || frame.is_plain_control();
        let record = Record::frame(frame.direction, header, &frame.payload);
        is_told_otherwise.then_some(Record { of: Some(of), ..record })
    }

    fn data(&mut self, data: &Data<'_>) -> Option<Record<'static>> {
        let open = match data.direction {
            Direction::Sent => &mut self.sent,
            Direction::Received => &mut self.received,
        };
        if !self.has_all {
            *open = None;
            return None;
        }
        let frame = open.as_mut()?;
        frame.payload.extend_from_slice(if frame.compressed { data.packed } else { data.bytes });
        let of = if data.kind == Kind::Text { RecordType::Text } else { RecordType::Binary };
        if data.ends_frame {
            return open.take().map(|frame| frame.record(data.direction, Some(of)));
        }
        (frame.payload.len() >= PART).then(|| frame.part(data.direction, of))
    }

    /// A control frame that was received.
    fn control(&mut self, of: RecordType) -> Option<Record<'static>> {
        let frame = self.received.take()?;
        self.has_all.then(|| frame.record(Direction::Received, Some(of)))
    }

    /// A frame that was received and came to nothing, with as much of it as had arrived.
    fn refused(&mut self, violating: &ViolatingFrame) -> Option<Record<'static>> {
        let mut frame = self.received.take()?;
        let excerpt = &violating.excerpt;
        let is_payload = match excerpt.of {
            ExcerptOf::Payload => true,
            ExcerptOf::Message => frame.is_first && !frame.compressed,
            ExcerptOf::Stream => return None,
        };
        if frame.parts == 0 && is_payload && excerpt.start == 0 && excerpt.bytes.len() > frame.payload.len() {
            frame.payload.clone_from(&excerpt.bytes);
        }
        let (length, is_whole) = (frame.length, frame.parts == 0 && frame.payload.len() as u64 == frame.length);
        let record = frame.record(Direction::Received, None);
        Some(Record { length: Some(length), truncated: !is_whole, ..record })
    }
}

impl UntoldFrame {
    fn new(frame: &Frame<'_>) -> Self {
        Self {
            header: frame.header,
            length: frame.length,
            compressed: frame.compressed,
            is_first: frame.fragment.is_none_or(|number| number == 1),
            payload: frame.payload.to_vec(),
            parts: 0,
        }
    }

    /// What is there of it, with more to come.
    fn part(&mut self, direction: Direction, of: RecordType) -> Record<'static> {
        let payload = std::mem::take(&mut self.payload);
        self.parts += 1;
        let record = Record::frame(direction, &self.header, &payload).into_owned();
        Record { length: Some(self.length), part: Some(self.parts), more: true, of: Some(of), ..record }
    }

    /// All of it, or the rest.
    fn record(self, direction: Direction, of: Option<RecordType>) -> Record<'static> {
        let record = Record::frame(direction, &self.header, &self.payload).into_owned();
        let part = (self.parts > 0).then_some(self.parts + 1);
        Record { length: Some(self.length), part, of, ..record }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use super::*;
    use crate::ws::negotiation::DeflateParams;
    use crate::ws::{Close, Connection, Item, Masking, Observe, StatusCode, apply_mask};

    const AGREED: DeflateParams = DeflateParams {
        server_no_context_takeover: false,
        client_no_context_takeover: false,
        server_max_window_bits: 15,
        client_max_window_bits: 15,
    };

    fn client() -> Connection {
        let mut client = Connection::client(Box::new(|| [1, 2, 3, 4]), Some(AGREED));
        client.set_observe(Observe::FramesAndPayloads);
        client
    }

    fn recorded(connection: &mut Connection, recorder: &mut FrameRecorder) -> Vec<Record<'static>> {
        let mut records = Vec::new();
        while let Some(event) = connection.poll() {
            records.extend(recorder.event(&event).map(Record::into_owned));
        }
        records
    }

    /// The bytes that frames stand for.
    fn wire(records: &[Record<'_>]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for record in records {
            let [rsv1, rsv2, rsv3] = record.rsv.unwrap();
            let Some(Masking::Key(key)) = record.mask else { panic!("{record:?}") };
            let opcode = OpCode::from(record.opcode.unwrap());
            let header = FrameHeader { is_final: record.fin.unwrap(), rsv1, rsv2, rsv3, opcode, mask: Some(key) };
            bytes.extend(header.bytes(record.length.unwrap()));
            let start = bytes.len();
            bytes.extend_from_slice(record.content());
            apply_mask(&mut bytes[start..], key, 0);
        }
        bytes
    }

    #[test]
    fn every_frame_is_recorded_as_it_was_on_the_wire_at_both_ends() {
        let mut client = client();
        let mut server = Connection::server(Some(AGREED));
        server.set_observe(Observe::FramesAndPayloads);
        let text = "compressed, compressed, compressed";
        let fragments = NonZeroUsize::new(3).unwrap();
        client.send(Item::message(Kind::Text, text.as_bytes())).unwrap();
        client.send(Item::Fragmented { kind: Kind::Binary, content: text.as_bytes(), fragments }).unwrap();
        client.send_half().set_compress(false);
        client.send(Item::Ping(b"p")).unwrap();
        client.send(Item::Fragmented { kind: Kind::Text, content: "plain".as_bytes(), fragments }).unwrap();
        client.send(Item::message(Kind::Binary, &[7; PART + 100])).unwrap();
        client.send(Item::Close(Close::new(StatusCode(4000), "done"))).unwrap();
        let sent = recorded(&mut client, &mut FrameRecorder::new(true));
        let bytes = client.pending().to_vec();
        assert!(wire(&sent) == bytes);
        let of: Vec<_> = sent.iter().map(|record| record.of.map_or("", RecordType::name)).collect();
        let messages = ["text", "binary", "binary", "binary", "ping", "text", "text", "text", "binary", "close"];
        assert_eq!(of, messages);
        // As it arrives, in pieces of any size.
        for piece in [1, 7, bytes.len()] {
            let mut server = Connection::server(Some(AGREED));
            server.set_observe(Observe::FramesAndPayloads);
            let mut recorder = FrameRecorder::new(true);
            let mut received = Vec::new();
            for bytes in bytes.chunks(piece) {
                server.receive(bytes);
                let records = recorded(&mut server, &mut recorder);
                received.extend(records.into_iter().filter(|record| record.direction == Some(Direction::Received)));
            }
            let is_long = |record: &Record<'_>| record.length > Some(PART as u64);
            let (long, short): (Vec<_>, Vec<_>) = received.into_iter().partition(is_long);
            let expected: Vec<_> = sent
                .iter()
                .filter(|record| !is_long(record))
                .map(|record| Record { direction: Some(Direction::Received), ..record.clone() })
                .collect();
            assert_eq!(short, expected);
            let content: usize = long.iter().map(|record| record.content().len()).sum();
            assert_eq!((content, long.last().map(|record| record.more)), (PART + 100, Some(false)));
            assert_eq!(long.len() > 1, piece < bytes.len());
        }
    }

    #[test]
    fn a_frame_that_is_refused_is_recorded_with_its_bytes() {
        for has_all in [true, false] {
            for (bytes, payload, opcode, truncated) in [
                (&b"\x83\x05hello"[..], &b"hello"[..], 3, false),
                (b"\xb9\x01p", b"p", 9, false),
                (b"\x81\x02a\xff", b"a\xff", 1, false),
                (b"\x88\x01x", b"x", 8, false),
                (b"\x80\x7e\x01\0abc", b"abc", 0, true),
            ] {
                let mut client = client();
                client.receive(bytes);
                let records = recorded(&mut client, &mut FrameRecorder::new(has_all));
                let received: Vec<_> =
                    records.iter().filter(|record| record.direction == Some(Direction::Received)).collect();
                let [record] = received[..] else { panic!("{records:?}") };
                assert_eq!((record.content(), record.opcode, record.of), (payload, Some(opcode), None));
                assert_eq!((record.truncated, record.mask), (truncated, Some(Masking::Off)));
            }
            // What is no frame at all, and one that is right.
            for bytes in [&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], b"\x81\x01a"] {
                let mut client = client();
                client.receive(bytes);
                let mut records = recorded(&mut client, &mut FrameRecorder::new(has_all));
                records.retain(|record| record.direction == Some(Direction::Received) && record.of.is_none());
                assert_eq!(records, []);
            }
        }
    }
}
