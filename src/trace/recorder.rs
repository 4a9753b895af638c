//! The events of one connection, as records.

use std::borrow::Cow;
use std::time::{Instant, SystemTime};

use super::message_parts::{MessagePart, MessageParts, whole};
use super::record::{Extent, Record};
use super::record_type::RecordType;
use super::round_trips::RoundTrips;
use crate::ws::{Beginning, Close, Data, Direction, Event, Frame, Kind, OpCode};

/// Content of a message that is kept, in bytes: as much as the default limit lets through.
const KEPT: usize = 64 << 20;

/// Content of a message from which on it is recorded in parts, in bytes.
pub(crate) const PART: usize = 256 << 10;

/// Fragments of a message whose lengths are told: of a message in more, only how many they are. A peer may send any number.
const LENGTHS: usize = 16 << 10;

/// Now, by the clock on the wall and by the one that never goes back.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    pub(crate) wall: SystemTime,
    pub(crate) at: Instant,
}

impl Moment {
    pub(crate) fn now() -> Self {
        Self { wall: SystemTime::now(), at: Instant::now() }
    }

    /// A moment that comes shortly after: one clock tells both times, which costs half as much.
    pub(crate) fn shortly_after(self, at: Instant) -> Self {
        let wall = self.wall.checked_add(at.saturating_duration_since(self.at)).unwrap_or(self.wall);
        Self { wall, at }
    }
}

/// Makes a record of each message and control frame, both ways alike. What is sent has to be
/// [observed](crate::ws::Observe::FramesAndContent) with its content.
#[derive(Debug)]
pub(crate) struct Recorder {
    connection: Option<u64>,
    opened: Instant,
    sent: Gathered,
    received: Gathered,
    round_trips: RoundTrips,
}

/// What has been told of a message so far.
#[derive(Debug)]
struct Gathered {
    content: Gathering,
    extent: Extent,
    /// A sent frame whose content hasn't been told.
    announced: Option<Extent>,
}

/// How the content of a message is gathered.
#[derive(Debug)]
enum Gathering {
    Beginning(Beginning),
    Parts(MessageParts),
}

impl Recorder {
    /// Of a connection that was opened at that time; it has a number where there are several.
    pub(crate) fn new(connection: Option<u64>, opened: Instant) -> Self {
        Self::keeping(KEPT, connection, opened)
    }

    /// The same, with so many bytes of a message.
    pub(crate) fn keeping(limit: usize, connection: Option<u64>, opened: Instant) -> Self {
        Self::gathering(|| Gathering::Beginning(Beginning::new(limit)), connection, opened)
    }

    /// The same, with all of a message: a long one is several records.
    pub(crate) fn in_parts(connection: Option<u64>, opened: Instant) -> Self {
        Self::gathering(|| Gathering::Parts(MessageParts::new(PART)), connection, opened)
    }

    fn gathering(content: impl Fn() -> Gathering, connection: Option<u64>, opened: Instant) -> Self {
        let (sent, received) = (Gathered::new(content()), Gathered::new(content()));
        Self { connection, opened, sent, received, round_trips: RoundTrips::default() }
    }

    /// When the connection was opened.
    pub(crate) fn opened(&self) -> Instant {
        self.opened
    }

    /// The record that this event completes. The clock is looked at only for that.
    pub(crate) fn event<'a>(&mut self, event: &'a Event<'_>, clock: impl FnOnce() -> Moment) -> Option<Record<'a>> {
        let mut record = match event {
            Event::Frame(frame) => self.frame(frame)?,
            Event::Data(data) => self.data(data)?,
            Event::Ping(payload) => Record::control(Direction::Received, RecordType::Ping, payload),
            Event::Pong(payload) => Record::control(Direction::Received, RecordType::Pong, payload),
            Event::Close(close) => Record::close(Direction::Received, Cow::Borrowed(close)),
            Event::Violation(frame) => Record::violation(frame),
            Event::Raw(_) => return None,
        };
        let moment = clock();
        record.round_trip = self.round_trips.event(event, moment.at);
        self.stamp(&mut record, moment);
        Some(record)
    }

    /// Gives a record its connection and its time, where it lies: it is large, and there is one for each message.
    pub(crate) fn stamp(&self, record: &mut Record<'_>, Moment { wall, at }: Moment) {
        record.connection = self.connection;
        record.time = Some(wall);
        record.elapsed = Some(at.saturating_duration_since(self.opened));
    }

    fn frame<'a>(&mut self, frame: &'a Frame<'_>) -> Option<Record<'a>> {
        let direction = frame.direction;
        let header = &frame.header;
        if frame.as_given && !frame.is_plain_control() {
            return Some(Record::frame(direction, header, &frame.payload));
        }
        match (frame.header.opcode, direction) {
            // One that is reserved belongs to no message.
            (OpCode::Continuation | OpCode::Text | OpCode::Binary, _) => {
                self.gathered(direction).frame(frame);
                None
            }
            // Those that are received are told again, once they are judged.
            (_, Direction::Received) => None,
            (OpCode::Ping, _) => Some(Record::control(direction, RecordType::Ping, &frame.payload)),
            (OpCode::Pong, _) => Some(Record::control(direction, RecordType::Pong, &frame.payload)),
            // One that was sent as it was given needn't be a Close that can be read.
            (OpCode::Close, _) => {
                Some(Record::close(direction, Cow::Owned(Close::parse(&frame.payload).unwrap_or_default())))
            }
            _ => None,
        }
    }

    fn data<'a>(&mut self, data: &Data<'a>) -> Option<Record<'a>> {
        let gathered = self.gathered(data.direction);
        if let Some(frame) = gathered.announced.take() {
            gathered.extend(frame);
        }
        gathered.push(data)
    }

    fn gathered(&mut self, direction: Direction) -> &mut Gathered {
        match direction {
            Direction::Sent => &mut self.sent,
            Direction::Received => &mut self.received,
        }
    }
}

impl Gathered {
    fn new(content: Gathering) -> Self {
        Self { content, extent: Extent::default(), announced: None }
    }

    /// The record that this content completes.
    fn push<'a>(&mut self, data: &Data<'a>) -> Option<Record<'a>> {
        let (direction, kind) = (data.direction, data.kind);
        match &mut self.content {
            Gathering::Beginning(beginning) => {
                let (content, length) = beginning.push(data)?;
                let extent = std::mem::take(&mut self.extent);
                Some(Record::message(direction, kind, kept(content, kind, length), length, extent))
            }
            Gathering::Parts(parts) => {
                let MessagePart { number, content, so_far, is_last } = parts.push(data)?;
                let extent = is_last.then(|| std::mem::take(&mut self.extent));
                Some(match (number, extent) {
                    (None, extent) => Record::message(direction, kind, content, so_far, extent.unwrap_or_default()),
                    (Some(number), extent) => Record::part(direction, kind, (number, content), so_far, extent),
                })
            }
        }
    }

    fn frame(&mut self, frame: &Frame<'_>) {
        let lengths = frame.fragment.map(|_| frame.length).into_iter().collect();
        let extent = Extent { wire_length: frame.length, fragments: 1, lengths, compressed: frame.compressed };
        match frame.direction {
            Direction::Sent => self.announced = Some(extent),
            Direction::Received => self.extend(extent),
        }
    }

    fn extend(&mut self, frame: Extent) {
        // Frames are told before they are judged, and a header may claim any length.
        self.extent.wire_length = self.extent.wire_length.saturating_add(frame.wire_length);
        self.extent.fragments += frame.fragments;
        if self.extent.lengths.len() < LENGTHS {
            self.extent.lengths.extend(frame.lengths);
        }
        self.extent.compressed = frame.compressed;
    }
}

/// What is kept of a message of `length` bytes, without the character that it ends in the middle of.
fn kept(content: Cow<'_, [u8]>, kind: Kind, length: u64) -> Cow<'_, [u8]> {
    let end = whole(&content, kind, length);
    match content {
        Cow::Borrowed(content) => content[..end].into(),
        Cow::Owned(mut content) => {
            content.truncate(end);
            content.into()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use std::num::NonZeroUsize;

    use super::*;
    use crate::ws::{Connection, FrameHeader, Item, Masking, Observe};

    /// A client's connection and a server's, each with what records it.
    struct Pair {
        ends: [(Connection, Recorder); 2],
        start: Instant,
        /// Seconds since the start.
        seconds: u64,
    }

    impl Pair {
        fn new() -> Self {
            let start = Instant::now();
            let recorded = |mut connection: Connection| {
                connection.set_observe(Observe::FramesAndContent);
                (connection, Recorder::new(Some(1), start))
            };
            let client = Connection::client(Box::new(|| [1, 2, 3, 4]), None);
            Self { ends: [client, Connection::server(None)].map(recorded), start, seconds: 0 }
        }

        fn limited(mut self, limit: usize) -> Self {
            let start = self.start;
            self.ends.iter_mut().for_each(|(_, recorder)| *recorder = Recorder::keeping(limit, Some(1), start));
            self
        }

        /// Sends from one end to the other, a second on the way, and gives what each end records.
        fn send(&mut self, from: usize, item: Item<'_>) -> [Vec<Record<'static>>; 2] {
            self.ends[from].0.send(item).unwrap();
            let here = self.recorded(from);
            let bytes = self.ends[from].0.pending().to_vec();
            self.ends[from].0.wrote(bytes.len());
            self.seconds += 1;
            self.ends[1 - from].0.receive(&bytes);
            [here, self.recorded(1 - from)]
        }

        fn recorded(&mut self, end: usize) -> Vec<Record<'static>> {
            let moment = Moment {
                wall: SystemTime::UNIX_EPOCH + Duration::from_secs(self.seconds),
                at: self.start + Duration::from_secs(self.seconds),
            };
            let (connection, recorder) = &mut self.ends[end];
            let mut records = Vec::new();
            while let Some(event) = connection.poll() {
                records.extend(recorder.event(&event, || moment).map(Record::into_owned));
            }
            records
        }
    }

    #[test]
    fn both_directions_are_recorded_alike() {
        for from in [0, 1] {
            let mut pair = Pair::new();
            for item in [
                Item::message(Kind::Text, b"hello"),
                Item::message(Kind::Binary, b""),
                Item::Fragmented { kind: Kind::Text, content: b"in three", fragments: NonZeroUsize::new(3).unwrap() },
                Item::Pong(b"unasked"),
                Item::Close(Close::new(crate::ws::StatusCode::NORMAL, "bye")),
            ] {
                let [sent, received] = pair.send(from, item);
                let (sent, mut received) = (&sent[0], received.into_iter().next().unwrap());
                assert_eq!((sent.direction, received.direction), (Some(Direction::Sent), Some(Direction::Received)));
                let later = sent.elapsed.map(|elapsed| elapsed + Duration::from_secs(1));
                assert_eq!((received.connection, received.elapsed), (Some(1), later));
                (received.direction, received.time, received.elapsed) = (sent.direction, sent.time, sent.elapsed);
                assert_eq!(&received, sent);
            }
        }
    }

    #[test]
    fn content_is_kept_up_to_the_limit_and_counted_beyond() {
        let mut pair = Pair::new().limited(4);
        for fragments in [1, 2, 5] {
            let count = NonZeroUsize::new(fragments).unwrap();
            let item = Item::Fragmented { kind: Kind::Text, content: b"0123456789", fragments: count };
            for records in pair.send(0, item) {
                let [record] = &records[..] else { panic!("{records:?}") };
                assert_eq!((record.content(), record.length, record.truncated), (&b"0123"[..], Some(10), true));
                assert_eq!((record.wire_length, record.fragments), (Some(10), Some(fragments as u64)));
            }
        }
        let [whole, _] = pair.send(0, Item::message(Kind::Binary, b"4567"));
        assert_eq!((whole[0].content(), whole[0].truncated), (&b"4567"[..], false));
    }

    #[test]
    fn fragments_have_their_lengths_as_long_as_there_are_not_too_many() {
        let mut pair = Pair::new();
        for (length, fragments, lengths) in [
            (10, 1, None),
            (10, 3, Some(vec![3, 3, 4])),
            (1, 2, Some(vec![0, 1])),
            (0, LENGTHS, Some(vec![0; LENGTHS])),
            (0, LENGTHS + 1, None),
            (3, 1, None),
        ] {
            let (content, count) = (vec![b'x'; length], NonZeroUsize::new(fragments).unwrap());
            for records in pair.send(0, Item::Fragmented { kind: Kind::Text, content: &content, fragments: count }) {
                assert_eq!((records[0].fragments, &records[0].fragment_lengths), (Some(fragments as u64), &lengths));
            }
        }
    }

    #[test]
    fn a_long_message_is_several_records_one_after_the_other() {
        let (mut pair, start) = (Pair::new(), Instant::now());
        pair.ends.iter_mut().for_each(|(_, recorder)| *recorder = Recorder::in_parts(Some(1), start));
        let content = "é".repeat(PART).into_bytes();
        let count = NonZeroUsize::new(64).unwrap();
        for records in pair.send(0, Item::Fragmented { kind: Kind::Text, content: &content, fragments: count }) {
            let parts: Vec<_> = records.iter().map(|record| (record.part, record.more)).collect();
            let last = parts.len() as u64;
            assert!(last > 1 && parts.iter().zip(1..).all(|(part, number)| *part == (Some(number), number < last)));
            let joined: Vec<u8> = records.iter().flat_map(|record| record.content().to_vec()).collect();
            assert!(joined == content && records.iter().all(|record| record.text.is_some() && !record.truncated));
            let [.., before, end] = &records[..] else { panic!() };
            assert_eq!((before.fragments, before.wire_length, before.compressed), (None, None, None));
            assert_eq!((end.fragments, end.length), (Some(64), Some(content.len() as u64)));
            assert_eq!(
                (&end.fragment_lengths, &before.fragment_lengths),
                (&Some(vec![content.len() as u64 / 64; 64]), &None)
            );
        }
        let [whole, _] = pair.send(0, Item::message(Kind::Binary, b"short"));
        assert_eq!((whole[0].content(), whole[0].part, whole[0].more), (&b"short"[..], None, false));
    }

    #[test]
    fn text_is_cut_between_characters() {
        for (limit, kept) in [(5, "aé"), (6, "aé€"), (8, "aé€"), (9, "aé€"), (10, "aé€😀"), (11, "aé€😀b")]
        {
            let mut pair = Pair::new().limited(limit);
            for fragments in [1, 3] {
                let (content, fragments) = ("aé€😀bc".as_bytes(), NonZeroUsize::new(fragments).unwrap());
                for records in pair.send(0, Item::Fragmented { kind: Kind::Text, content, fragments }) {
                    assert_eq!((records[0].content(), records[0].truncated), (kept.as_bytes(), true), "{limit}");
                }
            }
        }
    }

    #[test]
    fn a_frame_that_was_sent_as_it_was_given_belongs_to_no_message() {
        let mut pair = Pair::new();
        let header = FrameHeader::new(OpCode::Text);
        let frame = Item::Frame { header, payload: b"", masking: Masking::AsUsual };
        let [sent, received] = pair.send(0, frame);
        let [frame] = &sent[..] else { panic!("{sent:?}") };
        assert_eq!(
            (frame.kind, frame.opcode, frame.fin, frame.length),
            (RecordType::Frame, Some(1), Some(true), Some(0))
        );
        assert_eq!(received.len(), 1);
        let [sent, _] = pair.send(0, Item::message(Kind::Text, b"next"));
        assert_eq!((sent[0].fragments, sent[0].wire_length), (Some(1), Some(4)));
    }

    #[test]
    fn a_pong_has_the_time_from_its_ping() {
        let mut pair = Pair::new();
        let [pinged, ponged] = pair.send(0, Item::Ping(b"one"));
        let kinds = |records: &[Record<'_>]| records.iter().map(|record| record.kind).collect::<Vec<_>>();
        assert_eq!(
            (kinds(&pinged), kinds(&ponged)),
            (vec![RecordType::Ping], vec![RecordType::Ping, RecordType::Pong])
        );
        let [_, answered] = pair.send(1, Item::message(Kind::Text, b"later"));
        assert_eq!(kinds(&answered), [RecordType::Pong, RecordType::Text]);
        assert_eq!(answered[0].round_trip, Some(Duration::from_secs(2)));
        let unanswered = pinged.iter().chain(&ponged).chain(&answered[1..]);
        assert!(unanswered.map(|record| record.round_trip).all(|round_trip| round_trip.is_none()));
    }
}
