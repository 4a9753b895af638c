//! Frames to messages: the receiving half of a connection (RFC 6455 §5, §7; RFC 7692 §6, §7.2.2).

use std::borrow::Cow;

use super::buffer::Buffer;
use super::close::Close;
use super::deflate::{InflatePool, Inflater};
use super::event::{Data, Direction, Event, Frame, Incomplete, Kind};
use super::frame::{Head, apply_mask};
use super::frame_rules::FrameRules;
use super::negotiation::DeflateParams;
use super::opcode::OpCode;
use super::open_message::{OpenFrame, OpenMessage};
use super::plain_text;
use super::role::Role;
use super::send_half::SendHalf;
use super::utf8::is_utf8;
use super::violating_frame::{EXCERPT, Excerpt, ViolatingFrame};
use super::violation::{LONGEST_CONTROL_PAYLOAD, Violation};

/// The receiving half of a [`Connection`](super::Connection). It borrows the sending half at each step, for the answers that the
/// protocol itself gives: Pong, Close, and the Close that fails the connection.
#[derive(Debug)]
pub(super) struct ReceiveHalf {
    rules: FrameRules,
    observe: bool,
    /// Every event goes through [`poll`](Self::poll), for frames are told or faults tolerated.
    polls: bool,
    inflater: Option<Inflater>,
    inflate_pool: Option<&'static dyn InflatePool>,
    shown: bool,
    /// What is wrong with the frame that comes next has been told, and is tolerated.
    overlooked: bool,
    /// A tolerated fault of content, to be told behind that.
    late: Option<Box<ViolatingFrame>>,
    /// The first bytes of a message that comes in parts, for an excerpt.
    beginning: Vec<u8>,
    /// What can't be read isn't refused: from there on the peer's bytes are told as they come.
    yields_raw: bool,
    /// They are.
    is_raw: bool,
    /// Bytes that are still to come of a frame that is passed over: its opcode is reserved, which is tolerated.
    passed_over: u64,
    frame: Option<OpenFrame>,
    message: Option<OpenMessage>,
    end: Option<ReadEnd>,
}

/// Why nothing more is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ReadEnd {
    CloseReceived,
    Failed,
}

impl ReceiveHalf {
    pub(super) fn new(role: Role, deflate: Option<DeflateParams>) -> Self {
        Self {
            rules: FrameRules { role, max_message_size: None, deflate, tolerant: false },
            observe: false,
            polls: false,
            inflater: None,
            inflate_pool: None,
            shown: false,
            overlooked: false,
            late: None,
            beginning: Vec::new(),
            yields_raw: false,
            is_raw: false,
            passed_over: 0,
            frame: None,
            message: None,
            end: None,
        }
    }

    pub(super) fn role(&self) -> Role {
        self.rules.role
    }

    pub(super) fn agreed(&self) -> Option<DeflateParams> {
        self.rules.deflate
    }

    /// In bytes, after inflating; `None` is no limit.
    pub(super) fn set_max_message_size(&mut self, size: Option<u64>) {
        self.rules.max_message_size = size;
    }

    pub(super) fn max_message_size(&self) -> Option<u64> {
        self.rules.max_message_size
    }

    /// Whether every frame is told as [`Event::Frame`] before what it comes to.
    pub(super) fn set_observe(&mut self, on: bool) {
        self.observe = on;
        self.polls = self.observe || self.rules.tolerant;
    }

    /// Whether the connection goes on after faults that leave the framing intact.
    pub(super) fn set_tolerant(&mut self, on: bool) {
        self.rules.tolerant = on;
        self.polls = self.observe || self.rules.tolerant;
    }

    /// Whether what arrives isn't read any more.
    pub(super) fn is_raw(&self) -> bool {
        self.is_raw
    }

    /// Whether what can't be read is told as it comes, instead of failing the connection.
    pub(super) fn set_yield_raw(&mut self, on: bool) {
        self.yields_raw = on;
    }

    /// What of the peer's has begun and not ended.
    pub(super) fn unfinished(&self, buffer: &Buffer) -> Option<Incomplete> {
        if let Some(message) = &self.message {
            let OpenMessage { kind, fragments, size, .. } = *message;
            // Behind a whole frame it is the next fragment that is missing.
            let fragment = fragments + u64::from(self.frame.is_none());
            return Some(Incomplete::Message { kind, fragment, bytes: size });
        }
        let is_frame = self.end.is_none() && (self.passed_over > 0 || !buffer.unread().is_empty());
        is_frame.then(|| Incomplete::Frame { bytes: buffer.unread().len() as u64 })
    }

    pub(super) fn is_inside_message(&self) -> bool {
        self.message.is_some()
    }

    /// Nothing more is read: the peer has closed, or the connection has failed.
    pub(super) fn has_ended(&self) -> bool {
        self.end.is_some()
    }

    /// A data frame has begun and not ended: nothing else can come before its end.
    pub(super) fn is_inside_frame(&self) -> bool {
        self.frame.is_some() || self.passed_over > 0
    }

    /// What inflating takes is shared with others, while none of the peer's compressed messages is arriving.
    pub(super) fn set_inflate_pool(&mut self, pool: &'static dyn InflatePool) {
        self.inflate_pool = Some(pool);
    }

    /// Gives memory back between two compressed messages.
    pub(super) fn rest(&mut self) {
        self.resting_inflater().into_iter().for_each(Inflater::rest);
    }

    /// The same where others need it.
    pub(super) fn rest_if_crowded(&mut self) {
        self.resting_inflater().into_iter().for_each(Inflater::rest_if_crowded);
    }

    /// The inflater, unless it is in the middle of a message.
    fn resting_inflater(&mut self) -> Option<&mut Inflater> {
        let is_inside = self.message.as_ref().is_some_and(|message| message.compressed);
        self.inflater.as_mut().filter(|_| !is_inside)
    }

    /// The peer's Close frame has arrived.
    pub(super) fn close_received(&self) -> bool {
        self.end == Some(ReadEnd::CloseReceived)
    }

    /// The next event out of what was received. `None` asks for more bytes, or tells that none
    /// are wanted any more: what follows a Close frame is ignored (§5.5.1).
    pub(super) fn poll<'e>(&'e mut self, buffer: &'e mut Buffer, send_half: &mut SendHalf) -> Option<Event<'e>> {
        if let Some(frame) = self.late.take() {
            return Some(Event::Violation(frame));
        }
        if self.is_raw {
            let count = buffer.unread().len();
            return (count > 0).then(|| Event::Raw(buffer.consume(count)));
        }
        if self.end.is_some() {
            buffer.consume(buffer.unread().len());
            return None;
        }
        if !self.pass_over(buffer) {
            return None;
        }
        if self.frame.is_none() {
            let head = Head::parse(buffer.unread())?;
            if self.observe && !std::mem::replace(&mut self.shown, true) {
                // A frame that will be refused is shown without waiting for a payload.
                let waits = head.is_control() && self.rules.passes(&head, self.message.as_ref());
                if waits && (buffer.unread().len() as u64) < head.size as u64 + head.length {
                    self.shown = false;
                    return None;
                }
                return Some(Event::Frame(Box::new(self.describe(head, buffer))));
            }
            if self.rules.tolerant && !self.overlooked {
                match self.judge(&head, buffer)? {
                    Some(frame) if frame.tolerated => {
                        self.overlooked = true;
                        return Some(Event::Violation(Box::new(frame)));
                    }
                    Some(frame) => return Some(fail(&mut self.end, frame, send_half)),
                    None => {}
                }
            } else if self.yields_raw {
                if let Some(frame) = self.judge(&head, buffer)? {
                    (self.is_raw, self.polls) = (true, true);
                    return Some(Event::Violation(Box::new(ViolatingFrame { tolerated: true, ..frame })));
                }
            } else if !self.rules.tolerant && !self.rules.is_lawful(&head, self.message.as_ref()) {
                let frame = self.refused(&head, buffer)?;
                return Some(fail(&mut self.end, frame, send_half));
            }
            if matches!(head.opcode(), OpCode::Reserved(_)) {
                (self.shown, self.overlooked, self.passed_over) = (false, false, head.length);
                buffer.consume(head.size);
                return self.poll(buffer, send_half);
            }
            if head.is_control() {
                return self.control(&head, buffer, send_half);
            }
            self.begin_frame(&head);
            buffer.consume(head.size);
        }
        self.payload(buffer, send_half)
    }

    /// Takes what has arrived of a frame that is passed over. Returns whether that is all of it.
    fn pass_over(&mut self, buffer: &mut Buffer) -> bool {
        let there = self.passed_over.min(buffer.unread().len() as u64);
        buffer.consume(there as usize);
        self.passed_over -= there;
        self.passed_over == 0
    }

    /// The next message, where it is the common case: it has arrived whole in one lawful frame, and is
    /// neither compressed nor observed. [`poll`](Self::poll) tells the same, slower: an event is read
    /// back from memory in other widths than it was written in, for which a processor has to wait.
    #[inline(always)]
    pub(super) fn take_message<'e>(&mut self, buffer: &'e mut Buffer) -> Option<Data<'e>> {
        let head = Head::parse(buffer.unread()).filter(|head| self.is_whole_and_plain(head, buffer))?;
        let size = head.size + head.length as usize;
        let bytes = &mut buffer.unread_mut(size)[head.size..];
        if let Some(mask) = head.mask {
            apply_mask(bytes, mask, 0);
        }
        let kind = Kind::of(head.opcode());
        if kind == Kind::Text && !is_utf8(bytes) {
            // As it came, for `poll` to find the same.
            apply_mask(bytes, head.mask.unwrap_or_default(), 0);
            return None;
        }
        let bytes = &buffer.consume(size)[head.size..];
        Some(Data {
            direction: Direction::Received,
            kind,
            first: true,
            last: true,
            ends_frame: true,
            bytes,
            to_come: 0,
            is_final: true,
            compressed: false,
            packed: b"",
        })
    }

    #[inline]
    fn is_whole_and_plain(&self, head: &Head, buffer: &Buffer) -> bool {
        head.is_plain_message()
            && self.message.is_none()
            && self.end.is_none()
            && !self.polls
            && head.length <= (buffer.unread().len() - head.size) as u64
            && self.rules.has_lawful_form(head)
            && self.rules.fits(head, self.message.as_ref())
    }

    fn describe<'e>(&self, head: Head, buffer: &'e mut Buffer) -> Frame<'e> {
        let payload = if head.is_control() { control_payload(&head, buffer) } else { &[] };
        let continues = head.opcode() == OpCode::Continuation;
        let open = self.message.as_ref().filter(|_| continues);
        let fragment = match open {
            Some(message) => Some(message.fragments + 1),
            None => (!head.is_control() && !head.is_final()).then_some(1),
        };
        Frame {
            direction: Direction::Received,
            length: head.length,
            payload: Cow::Borrowed(payload),
            fragment,
            compressed: open.map_or(head.rsv1() && self.rules.deflate.is_some(), |message| message.compressed),
            content: None,
            as_given: false,
            header: head.header(),
        }
    }

    /// What is wrong with the frame at the buffer's front, and whether that is tolerated; of a Close also with what it says.
    /// `None` asks for more bytes.
    #[cold]
    fn judge(&self, head: &Head, buffer: &Buffer) -> Option<Option<ViolatingFrame>> {
        let passes = self.rules.passes(head, self.message.as_ref());
        if !passes {
            return self.refused(head, buffer).map(Some);
        }
        let mut frame = self.violating(head, buffer);
        if head.opcode() == OpCode::Close {
            let payload = self.arrived_payload(head, buffer);
            if (payload.len() as u64) < head.length {
                return None;
            }
            if let Err(fault) = Close::parse(&payload) {
                frame.excerpt.bad = fault.bad_byte_of_close(&payload);
                frame.faults.push(fault);
            }
        }
        frame.tolerated = true;
        Some((!frame.faults.is_empty()).then_some(frame))
    }

    /// The frame at the buffer's front, which can't be read, or what stands in the place of one. `None` asks for more bytes: what
    /// it is doesn't depend on how many of them have come at once.
    #[cold]
    fn refused(&self, head: &Head, buffer: &Buffer) -> Option<ViolatingFrame> {
        if plain_text::is_undecided(buffer.unread()) {
            return None;
        }
        Some(match plain_text::first_line(buffer.unread()) {
            Some(beginning) => {
                let excerpt = Excerpt::of_stream(buffer.unread());
                ViolatingFrame::new(head.opcode(), head.length, vec![Violation::NotAFrame { beginning }], excerpt)
            }
            None => self.violating(head, buffer),
        })
    }

    /// The frame at the buffer's front, with what is wrong with it and what is there of its payload.
    #[cold]
    fn violating(&self, head: &Head, buffer: &Buffer) -> ViolatingFrame {
        let excerpt = Excerpt::of_payload(&self.arrived_payload(head, buffer));
        ViolatingFrame::new(head.opcode(), head.length, self.rules.faults(head, self.message.as_ref()), excerpt)
    }

    /// What has arrived of the payload of the frame at the buffer's front, unmasked, as far as a control frame's may reach.
    #[cold]
    fn arrived_payload(&self, head: &Head, buffer: &Buffer) -> Vec<u8> {
        let payload = buffer.unread().get(head.size..).unwrap_or_default();
        let there = (payload.len() as u64).min(head.length).min(LONGEST_CONTROL_PAYLOAD) as usize;
        let mut payload = payload[..there].to_vec();
        // That of a control frame is unmasked where it lies, when it is shown.
        if let Some(mask) = head.mask.filter(|_| !(head.is_control() && self.shown)) {
            apply_mask(&mut payload, mask, 0);
        }
        payload
    }

    /// A lawful control frame, or one that is tolerated, whole or not yet.
    fn control<'e>(&mut self, head: &Head, buffer: &'e mut Buffer, send_half: &mut SendHalf) -> Option<Event<'e>> {
        let size = head.size + head.length as usize;
        if buffer.unread().len() < size {
            return None;
        }
        if !std::mem::take(&mut self.shown) {
            control_payload(head, buffer);
        }
        self.overlooked = false;
        let tolerant = self.rules.tolerant;
        let payload = &buffer.consume(size)[head.size..];
        Some(match head.opcode() {
            OpCode::Ping => {
                send_half.answer_ping(payload);
                Event::Ping(payload)
            }
            OpCode::Pong => Event::Pong(payload),
            _ => match Close::parse(payload) {
                Err(fault) if !tolerant => {
                    let mut excerpt = Excerpt::of_payload(payload);
                    excerpt.bad = fault.bad_byte_of_close(payload);
                    let frame = ViolatingFrame::new(OpCode::Close, head.length, vec![fault], excerpt);
                    fail(&mut self.end, frame, send_half)
                }
                parsed => {
                    self.end = Some(ReadEnd::CloseReceived);
                    let close = parsed.unwrap_or_else(|_| Close::parse_anyway(payload));
                    send_half.answer_close(&close);
                    Event::Close(close)
                }
            },
        })
    }

    fn begin_frame(&mut self, head: &Head) {
        self.shown = false;
        self.overlooked = false;
        // Without the extension the bit means nothing, where it is tolerated.
        let compressed = head.rsv1() && self.rules.deflate.is_some();
        let message = self.message.get_or_insert_with(|| OpenMessage::new(Kind::of(head.opcode()), compressed));
        message.fragments += 1;
        self.frame = Some(OpenFrame::new(head));
    }

    /// Content out of the open frame.
    fn payload<'e>(&'e mut self, buffer: &'e mut Buffer, send_half: &mut SendHalf) -> Option<Event<'e>> {
        let (Some(frame), Some(message)) = (&mut self.frame, &mut self.message) else { return None };
        let available = frame.available(buffer)?;
        let kind = message.kind;
        let inflater = message.compressed.then(|| {
            let takeover = self.rules.deflate.is_none_or(|agreed| agreed.peer_takes_context_over(self.rules.role));
            self.inflater.get_or_insert_with(|| Inflater::new(takeover).sharing(self.inflate_pool))
        });
        let taken = match frame.take(inflater, buffer, available) {
            Ok(taken) => taken,
            Err((fault, excerpt)) => {
                let frame = ViolatingFrame::new(frame.opcode, frame.length, vec![fault], excerpt);
                return Some(fail(&mut self.end, frame, send_half));
            }
        };
        if message.size == 0 {
            self.beginning.clear();
        }
        if let Err((fault, bad)) = message.check(&taken, frame, self.rules.max_message_size) {
            let at = message.size - taken.bytes.len() as u64;
            let begun = message.begun_character(bad.map_or(0, |bad| at.saturating_sub(bad)));
            let excerpt = Excerpt::of_message(&self.beginning, (at, begun), taken.bytes, bad);
            let violating = ViolatingFrame::new(frame.opcode, frame.length, vec![fault], excerpt);
            // Text that is none is told as it comes in any case.
            let is_told = self.yields_raw && violating.faults == [Violation::TextNotUtf8];
            if !is_told && !self.rules.tolerates(&violating.faults) {
                return Some(fail(&mut self.end, violating, send_half));
            }
            message.is_broken = true;
            self.late = Some(Box::new(ViolatingFrame { tolerated: true, ..violating }));
        }
        let to_come = frame.to_come();
        let ends_frame = to_come == 0 && taken.drained;
        let (is_final, compressed) = (frame.last, message.compressed);
        let last = ends_frame && is_final;
        if !last && self.beginning.len() < EXCERPT {
            let missing = (EXCERPT - self.beginning.len()).min(taken.bytes.len());
            self.beginning.extend_from_slice(&taken.bytes[..missing]);
        }
        let first = !std::mem::replace(&mut message.told, true);
        if ends_frame {
            self.frame = None;
        }
        if last {
            self.message = None;
        }
        let (direction, bytes, packed) = (Direction::Received, taken.bytes, taken.packed);
        Some(Event::Data(Data {
            direction,
            kind,
            first,
            last,
            ends_frame,
            bytes,
            to_come,
            is_final,
            compressed,
            packed,
        }))
    }
}

/// §7.1.7: sends a Close with the first fault's status code, and is done.
#[cold]
fn fail(end: &mut Option<ReadEnd>, frame: ViolatingFrame, send_half: &mut SendHalf) -> Event<'static> {
    *end = Some(ReadEnd::Failed);
    if let Some(first) = frame.faults.first() {
        send_half.fail(Close::new(first.status_code(), &first.to_string()));
    }
    Event::Violation(Box::new(frame))
}

/// Unmasks the payload of the control frame at the buffer's front, as much as is there.
fn control_payload<'e>(head: &Head, buffer: &'e mut Buffer) -> &'e [u8] {
    let size = (head.size as u64 + head.length.min(LONGEST_CONTROL_PAYLOAD)) as usize;
    let payload = &mut buffer.unread_mut(size)[head.size..];
    if let Some(mask) = head.mask {
        apply_mask(payload, mask, 0);
    }
    payload
}
