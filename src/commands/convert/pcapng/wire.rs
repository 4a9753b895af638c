//! What one side wrote, as bytes: the frames of a recording as they are there, or frames that are made of its messages.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::num::NonZeroUsize;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::flow::Side;
use crate::commands::recording::{SpillFile, StrandId};
use crate::trace::record::Record;
use crate::trace::record_type::RecordType;
use crate::ws::negotiation::DeflateParams;
use crate::ws::{Connection, FrameHeader, Item, Kind, MAX_FRAGMENTS, Masking, OpCode, apply_mask};

/// The longest message that has the frames that it had, in bytes: a longer one is cut.
const LONGEST: usize = 64 << 20;

/// One side of a connection. There may be many that don't end: what is needed for more than a moment is the maker's.
pub(super) struct Wire {
    side: Side,
    agreed: Option<DeflateParams>,
    /// Where what there is of a message waits that is recorded in parts: into what frames it was cut is said at its end.
    parts: Option<StrandId>,
    /// How the frame is masked whose payload is recorded in parts, and how much of it is written.
    open_frame: (Option<[u8; 4]>, usize),
}

impl Wire {
    pub(super) fn new(side: Side, agreed: Option<DeflateParams>) -> Self {
        Self { side, agreed, parts: None, open_frame: (None, 0) }
    }
}

/// Makes bytes of the records of all connections.
pub(super) struct FrameMaker {
    messages: MessageFramers,
    /// Keys that aren't recorded: the same at each conversion.
    keys: StdRng,
    spill: SpillFile,
    /// Strands that wait for the next message in parts.
    unused: Vec<StrandId>,
}

/// What makes frames of messages: one connection for each side, and the windows that were agreed on. Each message is compressed by
/// itself: so those of all connections may follow one another in it, and none has a window of its own.
#[derive(Default)]
struct MessageFramers(BTreeMap<(bool, Option<[u8; 2]>), Connection>);

impl MessageFramers {
    fn of(&mut self, wire: &Wire, keys: &mut StdRng) -> &mut Connection {
        let windows = wire.agreed.map(|agreed| [agreed.client_max_window_bits, agreed.server_max_window_bits]);
        let agreed = wire.agreed.map(|agreed| DeflateParams {
            server_no_context_takeover: true,
            client_no_context_takeover: true,
            ..agreed
        });
        self.0.entry((wire.side == Side::Client, windows)).or_insert_with(|| match wire.side {
            Side::Client => {
                let mut keys = StdRng::seed_from_u64(keys.random());
                Connection::client(Box::new(move || keys.random()), agreed)
            }
            Side::Server => Connection::server(agreed),
        })
    }
}

/// Who takes the bytes.
pub(super) type Emit<'a> = &'a mut dyn FnMut(&[u8]) -> io::Result<()>;

impl Default for FrameMaker {
    fn default() -> Self {
        let (messages, spill, unused) = (MessageFramers::default(), SpillFile::default(), Vec::new());
        Self { messages, keys: StdRng::seed_from_u64(0), spill, unused }
    }
}

impl FrameMaker {
    /// The bytes that a record stands for.
    ///
    /// # Errors
    /// Those of `emit`, and of the disk.
    pub(super) fn bytes(&mut self, wire: &mut Wire, record: &Record<'_>, emit: Emit<'_>) -> io::Result<()> {
        match record.kind {
            RecordType::Text => self.message(wire, Kind::Text, record, emit),
            RecordType::Binary => self.message(wire, Kind::Binary, record, emit),
            RecordType::Ping | RecordType::Pong => self.frame(wire, record, record.content(), emit),
            RecordType::Close => self.frame(wire, record, &record.as_close().payload(), emit),
            RecordType::Frame => self.frame(wire, record, record.content(), emit),
            RecordType::Violation => Ok(()),
        }
    }

    /// Nothing more comes of this side.
    pub(super) fn forget(&mut self, wire: &mut Wire) {
        if let Some(parts) = wire.parts.take() {
            self.spill.empty(parts);
            self.unused.push(parts);
        }
    }

    fn message(&mut self, wire: &mut Wire, kind: Kind, record: &Record<'_>, emit: Emit<'_>) -> io::Result<()> {
        let Some(number) = record.part else {
            self.forget(wire);
            let connection = self.messages.of(wire, &mut self.keys);
            return send(connection, whole(kind, record, record.content()), Some(record), emit);
        };
        if number == 1 {
            self.forget(wire);
        }
        let unused = wire.parts.or_else(|| self.unused.pop());
        let parts = unused.unwrap_or_else(|| self.spill.strand());
        wire.parts = Some(parts);
        self.spill.push(parts, |held| {
            held.extend_from_slice(record.content());
            Ok(())
        })?;
        if record.more {
            return Ok(());
        }
        let sent = self.parts(wire, parts, kind, record, emit);
        self.forget(wire);
        sent
    }

    /// A message that waited. What is too long goes out piece by piece, in a frame each.
    fn parts(
        &mut self,
        wire: &Wire,
        parts: StrandId,
        kind: Kind,
        record: &Record<'_>,
        emit: Emit<'_>,
    ) -> io::Result<()> {
        let connection = self.messages.of(wire, &mut self.keys);
        let mut source = self.spill.read(parts)?;
        let (mut content, mut following) = (Vec::new(), Vec::new());
        (&mut source).take(LONGEST as u64).read_to_end(&mut content)?;
        let mut has_begun = false;
        loop {
            (&mut source).take(LONGEST as u64).read_to_end(&mut following)?;
            let last = following.is_empty();
            let item = if has_begun || !last {
                Item::Part { kind, bytes: &content, last }
            } else {
                whole(kind, record, &content)
            };
            send(connection, item, (!has_begun).then_some(record), emit)?;
            if last {
                return Ok(());
            }
            has_begun = true;
            std::mem::swap(&mut content, &mut following);
            following.clear();
        }
    }

    /// A frame, or the next part of its payload.
    fn frame(&mut self, wire: &mut Wire, record: &Record<'_>, payload: &[u8], emit: Emit<'_>) -> io::Result<()> {
        let mut bytes = Vec::with_capacity(payload.len() + 16);
        if record.part.unwrap_or(1) == 1 {
            let header = self.header(wire.side, record);
            let length = record.length.filter(|_| record.kind == RecordType::Frame).unwrap_or(payload.len() as u64);
            bytes.extend(header.bytes(length));
            wire.open_frame = (header.mask, 0);
        }
        let (mask, before) = wire.open_frame;
        let start = bytes.len();
        bytes.extend_from_slice(payload);
        if let Some(key) = mask {
            apply_mask(&mut bytes[start..], key, before);
        }
        wire.open_frame.1 += payload.len();
        emit(&bytes)
    }

    fn header(&mut self, side: Side, record: &Record<'_>) -> FrameHeader {
        let usual = (side == Side::Client).then(|| self.keys.random());
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

/// A message in as many frames as it had.
fn whole<'a>(kind: Kind, record: &'a Record<'_>, content: &'a [u8]) -> Item<'a> {
    let fragments = record.fragments.and_then(|count| usize::try_from(count).ok()).unwrap_or(1);
    let fragments = NonZeroUsize::new(fragments.min(MAX_FRAGMENTS)).unwrap_or(NonZeroUsize::MIN);
    match (fragments, record.fragment_lengths.as_deref()) {
        (NonZeroUsize::MIN, _) => Item::Part { kind, bytes: content, last: true },
        (_, Some(lengths)) => Item::FragmentedAs { kind, content, lengths },
        (fragments, None) => Item::Fragmented { kind, content, fragments },
    }
}

/// Sends what may begin a message with this record.
fn send(connection: &mut Connection, item: Item<'_>, begins: Option<&Record<'_>>, emit: Emit<'_>) -> io::Result<()> {
    if let Some(record) = begins {
        connection.send_half().set_compress(record.compressed == Some(true));
    }
    // It is refused behind a Close or inside a message, and neither is ever sent through it.
    let _ = connection.send(item);
    let sent = emit(connection.pending());
    connection.wrote(connection.pending().len());
    connection.shrink();
    sent
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

    /// One side, and what makes its bytes.
    struct Made(FrameMaker, Wire);

    impl Made {
        fn new(side: Side, agreed: Option<DeflateParams>) -> Self {
            Self(FrameMaker::default(), Wire::new(side, agreed))
        }

        fn bytes(&mut self, record: &Record<'_>) -> Vec<u8> {
            let mut bytes = Vec::new();
            let mut emit = |more: &[u8]| {
                bytes.extend_from_slice(more);
                Ok(())
            };
            self.0.bytes(&mut self.1, record, &mut emit).unwrap();
            bytes
        }
    }

    #[test]
    fn frames_are_made_of_messages_as_they_were() {
        let mut wire = Made::new(Side::Client, Some(TAKEOVER));
        let mut server = Connection::server(Some(TAKEOVER));
        assert_eq!(read(&mut server, &wire.bytes(&message(b"plain", 1, false))), ["1 fin=true", "plain"]);
        let first = wire.bytes(&message(b"compressed compressed", 1, true));
        assert_eq!(read(&mut server, &first), ["1 fin=true rsv1", "compressed compressed"]);
        // By itself, though there may be a window.
        let again = wire.bytes(&message(b"compressed compressed", 1, true));
        assert_eq!(again.len(), first.len());
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
        let bytes = Made::new(Side::Server, None).bytes(&message(b"abc", u64::MAX, false));
        assert_eq!(bytes.len(), 2 * MAX_FRAGMENTS + 3);
    }

    #[test]
    fn a_message_in_parts_has_the_frames_that_it_had() {
        let mut wire = Made::new(Side::Server, None);
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
        let mut wire = Made::new(Side::Client, None);
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

    #[test]
    fn messages_of_many_connections_may_be_in_the_making_at_once() {
        let mut maker = FrameMaker::default();
        let mut wires: Vec<_> = (0..100).map(|_| Wire::new(Side::Server, Some(TAKEOVER))).collect();
        let mut made = vec![Vec::new(); wires.len()];
        for number in 1..=3 {
            for (wire, made) in wires.iter_mut().zip(&mut made) {
                let extent = Extent { wire_length: 4, fragments: 1, compressed: true, ..Extent::default() };
                let part = (number, Cow::Borrowed(&b"part "[..]));
                let part = Record::part(Direction::Sent, Kind::Text, part, 15, (number == 3).then_some(extent));
                let mut emit = |bytes: &[u8]| {
                    made.extend_from_slice(bytes);
                    Ok(())
                };
                maker.bytes(wire, &part, &mut emit).unwrap();
            }
        }
        for made in made {
            let mut client = Connection::client(Box::new(|| [0; 4]), Some(TAKEOVER));
            assert_eq!(read(&mut client, &made), ["1 fin=true rsv1", "part part part "]);
        }
        assert!(maker.messages.0.len() == 1 && maker.unused.len() == 100 && wires[0].parts.is_none());
    }
}
