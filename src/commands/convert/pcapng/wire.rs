//! What one side wrote, as bytes: the frames of a recording as they are there, or frames that are made of its messages.

use std::num::NonZeroUsize;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::flow::Side;
use crate::trace::record::Record;
use crate::trace::record_type::RecordType;
use crate::ws::negotiation::DeflateParams;
use crate::ws::{Connection, FrameHeader, Item, Kind, MAX_FRAGMENTS, Masking, OpCode, apply_mask};

/// Content of a message that is held, in bytes: a message that is recorded in parts is cut into frames once all of it is
/// known, unless it is longer.
const HELD: usize = 64 << 20;

/// The bytes of one side.
pub(super) struct Wire {
    side: Side,
    /// Makes frames of messages.
    connection: Connection,
    /// Keys that aren't recorded: the same at each conversion.
    keys: StdRng,
    held: Vec<u8>,
    /// A frame of what is held is written already.
    has_begun: bool,
    /// How the frame is masked whose payload is recorded in parts, and how much of it is written.
    open_frame: (Option<[u8; 4]>, usize),
}

impl Wire {
    pub(super) fn new(side: Side, agreed: Option<DeflateParams>, seed: u64) -> Self {
        let mut keys = StdRng::seed_from_u64(seed);
        let mut of_messages = StdRng::seed_from_u64(keys.random());
        let connection = match side {
            Side::Client => Connection::client(Box::new(move || of_messages.random()), agreed),
            Side::Server => Connection::server(agreed),
        };
        Self { side, connection, keys, held: Vec::new(), has_begun: false, open_frame: (None, 0) }
    }

    /// The bytes that a record stands for.
    pub(super) fn bytes(&mut self, record: &Record<'_>) -> Vec<u8> {
        match record.kind {
            RecordType::Text => self.message(Kind::Text, record),
            RecordType::Binary => self.message(Kind::Binary, record),
            RecordType::Ping | RecordType::Pong => self.frame(record, record.content()),
            RecordType::Close => self.frame(record, &record.as_close().payload()),
            RecordType::Frame => self.frame(record, record.content()),
            RecordType::Violation => Vec::new(),
        }
    }

    fn message(&mut self, kind: Kind, record: &Record<'_>) -> Vec<u8> {
        if record.part.unwrap_or(1) == 1 {
            self.held.clear();
        }
        self.held.extend_from_slice(record.content());
        if record.more && self.held.len() < HELD {
            return Vec::new();
        }
        let content = std::mem::take(&mut self.held);
        let fragments = record.fragments.and_then(|count| usize::try_from(count).ok()).unwrap_or(1);
        let fragments = NonZeroUsize::new(fragments.min(MAX_FRAGMENTS)).unwrap_or(NonZeroUsize::MIN);
        if !self.has_begun {
            self.connection.send_half().set_compress(record.compressed == Some(true));
        }
        let item = match fragments {
            NonZeroUsize::MIN => Item::Part { kind, bytes: &content, last: !record.more },
            _ if self.has_begun || record.more => Item::Part { kind, bytes: &content, last: !record.more },
            fragments => match record.fragment_lengths.as_deref() {
                Some(lengths) => Item::FragmentedAs { kind, content: &content, lengths },
                None => Item::Fragmented { kind, content: &content, fragments },
            },
        };
        self.has_begun = record.more;
        // It is refused behind a Close or inside a message, and neither is ever sent through it.
        let _ = self.connection.send(item);
        let bytes = self.connection.pending().to_vec();
        self.connection.wrote(bytes.len());
        self.connection.shrink();
        bytes
    }

    /// A frame, or the next part of its payload.
    fn frame(&mut self, record: &Record<'_>, payload: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(payload.len() + 16);
        if record.part.unwrap_or(1) == 1 {
            let header = self.header(record);
            let length = record.length.filter(|_| record.kind == RecordType::Frame).unwrap_or(payload.len() as u64);
            bytes.extend(header.bytes(length));
            self.open_frame = (header.mask, 0);
        }
        let (mask, before) = self.open_frame;
        let start = bytes.len();
        bytes.extend_from_slice(payload);
        if let Some(key) = mask {
            apply_mask(&mut bytes[start..], key, before);
        }
        self.open_frame.1 += payload.len();
        bytes
    }

    fn header(&mut self, record: &Record<'_>) -> FrameHeader {
        let usual = (self.side == Side::Client).then(|| self.keys.random());
        let [rsv1, rsv2, rsv3] = record.rsv.unwrap_or_default();
        FrameHeader {
            is_final: record.fin.unwrap_or(true),
            rsv1,
            rsv2,
            rsv3,
            opcode: OpCode::from(record.opcode.or(record.kind.opcode().map(u8::from)).unwrap_or_default() & 0xf),
            mask: match record.mask {
                Some(Masking::Key(key)) => Some(key),
                Some(Masking::Off) => None,
                Some(Masking::AsUsual) | None => usual,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::trace::record::Extent;
    use crate::ws::{Direction, Event, Observe};

    const TAKEOVER: DeflateParams = DeflateParams {
        server_no_context_takeover: false,
        client_no_context_takeover: false,
        server_max_window_bits: 15,
        client_max_window_bits: 15,
    };

    fn message(content: &'static [u8], fragments: u64, compressed: bool) -> Record<'static> {
        let extent = Extent { wire_length: 1, fragments, compressed, ..Extent::default() };
        Record::message(Direction::Sent, Kind::Text, content.into(), content.len() as u64, extent)
    }

    /// What the other side makes of it: frames and content.
    fn read(peer: &mut Connection, bytes: &[u8]) -> Vec<String> {
        peer.set_observe(Observe::Frames);
        peer.receive(bytes);
        let mut told = Vec::new();
        while let Some((event, _)) = peer.poll_received() {
            told.push(match event {
                Event::Frame(frame) => {
                    let header = &frame.header;
                    let rsv1 = if header.rsv1 { " rsv1" } else { "" };
                    format!("{} fin={}{rsv1}", u8::from(header.opcode), header.is_final)
                }
                Event::Data(data) => String::from_utf8_lossy(data.bytes).into_owned(),
                Event::Ping(payload) => format!("ping {payload:?}"),
                other => format!("{other:?}"),
            });
        }
        told
    }

    #[test]
    fn frames_are_made_of_messages_as_they_were() {
        let mut wire = Wire::new(Side::Client, Some(TAKEOVER), 1);
        let mut server = Connection::server(Some(TAKEOVER));
        assert_eq!(read(&mut server, &wire.bytes(&message(b"plain", 1, false))), ["1 fin=true", "plain"]);
        let first = wire.bytes(&message(b"compressed compressed", 1, true));
        assert_eq!(read(&mut server, &first), ["1 fin=true rsv1", "compressed compressed"]);
        // With what came before in the window.
        let again = wire.bytes(&message(b"compressed compressed", 1, true));
        assert!(again.len() < first.len());
        assert_eq!(read(&mut server, &again), ["1 fin=true rsv1", "compressed compressed"]);
        let ping = Record::control(Direction::Sent, RecordType::Ping, b"p");
        assert_eq!(read(&mut server, &wire.bytes(&ping)), ["9 fin=true", "ping [112]"]);
        let three = wire.bytes(&message(b"abc", 3, false));
        assert_eq!(read(&mut server, &three), ["1 fin=false", "a", "0 fin=false", "b", "0 fin=true", "c"]);
        let uneven = Record { fragment_lengths: Some(vec![2, 0, 1]), ..message(b"abc", 3, false) };
        let uneven = wire.bytes(&uneven);
        assert_eq!(read(&mut server, &uneven), ["1 fin=false", "ab", "0 fin=false", "", "0 fin=true", "c"]);
    }

    #[test]
    fn the_number_of_fragments_is_not_believed_without_a_limit() {
        let bytes = Wire::new(Side::Server, None, 1).bytes(&message(b"abc", u64::MAX, false));
        assert_eq!(bytes.len(), 2 * MAX_FRAGMENTS + 3);
    }

    #[test]
    fn a_message_in_parts_has_the_frames_that_it_had() {
        let mut wire = Wire::new(Side::Server, None, 1);
        let part = |number, content: &'static str, is_last: bool| {
            let extent = Extent { wire_length: 4, fragments: 1, ..Extent::default() };
            let part = (number, Cow::Borrowed(content.as_bytes()));
            Record::part(Direction::Sent, Kind::Text, part, 4, is_last.then_some(extent))
        };
        assert_eq!(wire.bytes(&part(1, "ab", false)), b"");
        let pong = Record::control(Direction::Sent, RecordType::Pong, b"");
        assert_eq!(wire.bytes(&pong), b"\x8a\0");
        assert_eq!(wire.bytes(&part(2, "cd", true)), b"\x81\x04abcd");
    }

    #[test]
    fn frames_are_as_they_are_recorded() {
        let mut wire = Wire::new(Side::Client, None, 1);
        let header =
            FrameHeader { is_final: false, rsv1: true, mask: Some([1, 2, 3, 4]), ..FrameHeader::new(OpCode::from(3)) };
        let frame = Record::frame(Direction::Sent, &header, b"\x01\x02\x03\x04a");
        assert_eq!(wire.bytes(&frame), b"\x43\x85\x01\x02\x03\x04\0\0\0\0\x60");
        let parts = [(1, &frame.content()[..3]), (2, &frame.content()[3..])].map(|(number, payload)| {
            let part = Record::frame(Direction::Sent, &header, payload).into_owned();
            Record { part: Some(number), length: Some(5), ..part }
        });
        let [begin, end] = parts.each_ref().map(|part| wire.bytes(part));
        assert_eq!([begin, end].concat(), b"\x43\x85\x01\x02\x03\x04\0\0\0\0\x60");
        let unmasked = Record { mask: Some(Masking::Off), ..frame };
        assert_eq!(wire.bytes(&unmasked), b"\x43\x05\x01\x02\x03\x04a");
    }
}
