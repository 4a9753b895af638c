//! Frames on their way to the peer: their headers, masked, counted to their message, and told to whoever observes them.

use super::event::Kind;
use super::frame::{FIN, FrameHeader};
use super::held_controls::HeldControls;
use super::item::Masking;
use super::opcode::OpCode;
use super::outbox::Outbox;
use super::sent_events::{FramePart, FramePosition, SentEvents};

/// Where masking keys come from. §5.3 wants them unpredictable; this layer has no randomness of
/// its own, so the caller brings it.
pub type MaskingKeys = Box<dyn FnMut() -> [u8; 4] + Send>;

/// Writes what it is given as frames. What may be sent is [`SendHalf`](super::SendHalf)'s to decide.
pub(super) struct FrameWriter {
    /// A client masks, a server doesn't (§5.1).
    keys: Option<MaskingKeys>,
    message: Option<UnfinishedMessage>,
    frame: Option<UnfinishedFrame>,
    held: HeldControls,
    /// Pings and Pongs wait for the end of a compressed message.
    lets_controls_wait: bool,
    /// The payload of the latest Ping.
    last_ping: Option<Vec<u8>>,
    outbox: Outbox,
    written_in_all: u64,
    events: SentEvents,
}

/// A fragmented message whose last frame hasn't been written.
#[derive(Debug, Clone, Copy)]
struct UnfinishedMessage {
    kind: Kind,
    compressed: bool,
    fragments: u64,
    /// Content taken in and not yet on the wire, while a compressor gathers it.
    content: u64,
}

/// A frame of which the header has been written and not all of the payload.
#[derive(Debug, Clone, Copy)]
struct UnfinishedFrame {
    kind: Kind,
    key: Option<[u8; 4]>,
    written: u64,
    to_come: u64,
    is_final: bool,
    compressed: bool,
    /// The message begins with it, and nothing of that has been told.
    is_untold: bool,
}

impl FrameWriter {
    /// With `keys` it writes a client's frames, without a server's.
    pub(super) fn new(keys: Option<MaskingKeys>) -> Self {
        Self {
            keys,
            message: None,
            frame: None,
            held: HeldControls::default(),
            lets_controls_wait: true,
            last_ping: None,
            outbox: Outbox::default(),
            written_in_all: 0,
            events: SentEvents::default(),
        }
    }

    /// Whether frames are masked.
    pub(super) fn masks(&self) -> bool {
        self.keys.is_some()
    }

    pub(super) fn set_masking_keys(&mut self, keys: MaskingKeys) {
        if let Some(current) = &mut self.keys {
            *current = keys;
        }
    }

    /// A message has begun and not ended.
    #[inline]
    pub(super) fn is_inside_message(&self) -> bool {
        self.message.is_some()
    }

    /// Whether the message that has begun is compressed, if one has.
    #[inline]
    pub(super) fn is_inside_compressed(&self) -> Option<bool> {
        self.message.map(|message| message.compressed)
    }

    /// Bytes of the compressed message that the compressor has taken in and that are in no frame yet.
    pub(super) fn gathered(&self) -> u64 {
        self.message.map_or(0, |message| message.content)
    }

    /// Says that the compressor has taken in `content` bytes for which there is no frame yet. The message may begin with them.
    pub(super) fn set_gathered(&mut self, kind: Kind, content: u64) {
        let begun = UnfinishedMessage { kind, compressed: true, fragments: 0, content };
        self.message.get_or_insert(begun).content = content;
    }

    /// A whole message in one frame, neither compressed nor observed: the common case.
    #[inline]
    pub(super) fn plain_message(&mut self, kind: Kind, content: &[u8]) {
        let first = FIN | u8::from(kind.opcode());
        let key = self.next_key();
        self.outbox.put(first, key, content);
    }

    /// The next frame of a message. `content` is how many bytes went into it, where it is compressed.
    pub(super) fn fragment(&mut self, kind: Kind, part: &[u8], last: bool, content: Option<u64>) {
        let header = self.data_header(kind, last, content.is_some());
        self.outbox.put_frame(&header, part);
        self.count_frame(header, kind, part.len(), part, content);
    }

    /// Only the header of the next frame of a message, which isn't compressed.
    pub(super) fn fragment_header(&mut self, kind: Kind, length: usize, last: bool) {
        let header = self.data_header(kind, last, false);
        self.outbox.put_header(&header, length);
        self.count_frame(header, kind, length, b"", None);
    }

    /// Only the header of the next frame of a message, whose payload follows in [parts](Self::frame_part): as it is, or
    /// `compressed` already.
    pub(super) fn begin_frame(&mut self, kind: Kind, length: usize, last: bool, compressed: bool) {
        let header = self.data_header(kind, last, compressed);
        self.outbox.put_header(&header, length);
        let open = self.message.unwrap_or(UnfinishedMessage { kind, compressed, fragments: 0, content: 0 });
        let place = FramePosition { kind: open.kind, before: open.fragments, compressed, content: None };
        self.events.data_header(header, length, place);
        self.message = Some(UnfinishedMessage { fragments: open.fragments + 1, ..open });
        self.frame = Some(UnfinishedFrame {
            kind: open.kind,
            key: header.mask,
            written: 0,
            to_come: length as u64,
            is_final: last,
            compressed,
            is_untold: open.fragments == 0,
        });
    }

    /// A frame has begun and not ended.
    #[inline]
    pub(super) fn is_inside_frame(&self) -> bool {
        self.frame.is_some()
    }

    /// The next part of the frame that has begun, of which no more is missing. The caller has written the first bytes of it,
    /// as many as `written`, as they are; it is `compressed` like the frame. Returns whether a message has ended with it; `None` where no frame has begun.
    pub(super) fn frame_part(&mut self, part: &[u8], written: usize, compressed: bool) -> Option<bool> {
        let mut frame = self.frame.take()?;
        debug_assert_eq!(frame.compressed, compressed, "the frame has begun as another");
        self.outbox.put_part(frame.key, frame.written + written as u64, &part[written..]);
        frame.written += part.len() as u64;
        frame.to_come -= part.len() as u64;
        // What somebody else has compressed is nothing to be told: whoever looks on wants its content.
        if !frame.compressed {
            let place = FramePart { to_come: frame.to_come, is_final: frame.is_final, compressed: false };
            self.events.part(frame.kind, std::mem::take(&mut frame.is_untold), place, part);
        }
        let ends_message = frame.to_come == 0 && frame.is_final;
        if ends_message {
            self.message = None;
        } else if frame.to_come > 0 {
            self.frame = Some(frame);
        }
        Some(ends_message)
    }

    /// A control frame. A Ping or Pong may have to wait; see [`holds_controls`](Self::holds_controls).
    pub(super) fn control(&mut self, opcode: OpCode, payload: &[u8]) {
        if opcode == OpCode::Close {
            self.release_controls();
        } else if self.lets_controls_wait && self.is_behind_a_compressed_fragment() {
            self.held.push(opcode, payload);
            return;
        }
        self.put_control(opcode, payload);
    }

    fn is_behind_a_compressed_fragment(&self) -> bool {
        self.message.is_some_and(|message| message.compressed && message.fragments > 0)
    }

    /// Whether Pings and Pongs wait for the end of a compressed message. They do, unless turned off.
    pub(super) fn set_let_controls_wait(&mut self, on: bool) {
        self.lets_controls_wait = on;
    }

    fn put_control(&mut self, opcode: OpCode, payload: &[u8]) {
        let mask = self.next_key();
        self.put_frame(FrameHeader { mask, ..FrameHeader::new(opcode) }, payload, false);
    }

    /// A frame as it is given, which belongs to no message.
    pub(super) fn frame(&mut self, header: &FrameHeader, payload: &[u8], masking: Masking) {
        let mask = match masking {
            Masking::AsUsual => self.next_key(),
            Masking::Off => None,
            Masking::Key(key) => Some(key),
        };
        self.put_frame(FrameHeader { mask, ..*header }, payload, true);
    }

    /// One that belongs to no message.
    fn put_frame(&mut self, header: FrameHeader, payload: &[u8], as_given: bool) {
        self.outbox.put_frame(&header, payload);
        if header.opcode == OpCode::Ping {
            self.last_ping = Some(payload.to_vec());
        }
        self.events.frame(header, payload, as_given);
    }

    /// Bytes as they are.
    pub(super) fn raw(&mut self, bytes: &[u8]) {
        self.outbox.append(bytes);
    }

    /// The payload of the latest Ping.
    pub(super) fn last_ping(&self) -> Option<&[u8]> {
        self.last_ping.as_deref()
    }

    /// Whether Pings or Pongs wait for the end of a compressed message that is being sent in fragments.
    pub(super) fn holds_controls(&self) -> bool {
        !self.held.is_empty()
    }

    /// Writes the Pings and Pongs that wait, wherever the message is.
    pub(super) fn release_controls(&mut self) {
        for (opcode, payload) in self.held.take() {
            self.put_control(opcode, &payload);
        }
    }

    /// What is written and waits for the transport.
    pub(super) fn pending(&self) -> &[u8] {
        self.outbox.pending()
    }

    /// Says that the transport has taken `count` bytes.
    pub(super) fn wrote(&mut self, count: usize) {
        self.outbox.wrote(count);
        self.written_in_all += count as u64;
    }

    /// Bytes that the transport has taken since the beginning.
    pub(super) fn written_in_all(&self) -> u64 {
        self.written_in_all
    }

    /// Drops what is pending.
    pub(super) fn discard(&mut self) {
        self.outbox.clear();
    }

    /// Gives memory back if nothing is pending.
    pub(super) fn shrink(&mut self) {
        self.outbox.shrink();
    }

    /// What was sent and is still to be told.
    #[inline]
    pub(super) fn events(&self) -> &SentEvents {
        &self.events
    }

    pub(super) fn events_mut(&mut self) -> &mut SentEvents {
        &mut self.events
    }

    fn data_header(&mut self, kind: Kind, last: bool, compressed: bool) -> FrameHeader {
        let begins = self.message.is_none_or(|message| message.fragments == 0);
        let opcode = if begins { kind.opcode() } else { OpCode::Continuation };
        FrameHeader {
            is_final: last,
            // RFC 7692 §6: on the first frame of the message only.
            rsv1: compressed && begins,
            mask: self.next_key(),
            ..FrameHeader::new(opcode)
        }
    }

    fn next_key(&mut self) -> Option<[u8; 4]> {
        self.keys.as_mut().map(|next| next())
    }

    /// Tells of a frame that was put, and counts it to its message. `content` is what went into it where
    /// it is compressed.
    fn count_frame(&mut self, header: FrameHeader, kind: Kind, length: usize, payload: &[u8], content: Option<u64>) {
        let compressed = content.is_some();
        let open = self.message.unwrap_or(UnfinishedMessage { kind, compressed, fragments: 0, content: 0 });
        let place = FramePosition { kind: open.kind, before: open.fragments, compressed, content };
        self.events.data_frame(header, length, payload, place);
        let open = UnfinishedMessage { fragments: open.fragments + 1, content: 0, ..open };
        self.message = (!header.is_final).then_some(open);
        if header.is_final && self.holds_controls() {
            self.release_controls();
        }
    }
}
