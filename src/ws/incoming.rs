//! Frames to messages: the receiving half of a connection (RFC 6455 §5, §7; RFC 7692 §6, §7.2.2).

use std::borrow::Cow;

use super::buffer::Buffer;
use super::close::Close;
use super::deflate::Inflater;
use super::event::{Data, Direction, Event, Frame, Kind};
use super::frame::{Head, MAX_CONTROL_PAYLOAD, apply_mask};
use super::negotiation::DeflateParams;
use super::opcode::OpCode;
use super::role::Role;
use super::send_half::SendHalf;
use super::utf8::{Utf8, is_utf8};
use super::violating_frame::{EXCERPT, Excerpt, ViolatingFrame};
use super::violation::Violation;

/// The receiving half of a [`Connection`](super::Connection). It borrows the sending half at each step, for the answers that the
/// protocol itself gives: Pong, Close, and the Close that fails the connection.
#[derive(Debug)]
pub(super) struct Incoming {
    role: Role,
    max_message_size: Option<u64>,
    observe: bool,
    /// Faults that leave the framing intact are told, and what they are found in is read all the same.
    tolerant: bool,
    /// Every event goes through [`poll`](Self::poll), for frames are told or faults tolerated.
    polls: bool,
    deflate: Option<DeflateParams>,
    inflater: Option<Inflater>,
    shown: bool,
    /// What is wrong with the frame that comes next has been told, and is tolerated.
    overlooked: bool,
    /// A tolerated fault of content, to be told behind that.
    late: Option<Box<ViolatingFrame>>,
    /// The first bytes of a message that comes in parts, for an excerpt.
    beginning: Vec<u8>,
    frame: Option<OpenFrame>,
    message: Option<OpenMessage>,
    end: Option<ReadEnd>,
}

/// A data frame whose payload is arriving.
#[derive(Debug)]
struct OpenFrame {
    opcode: OpCode,
    mask: Option<[u8; 4]>,
    length: u64,
    arrived: u64,
    last: bool,
    /// The inflater has more to say about what arrived.
    pending: bool,
}

impl OpenFrame {
    fn to_come(&self) -> u64 {
        self.length - self.arrived
    }
}

/// A message of which the first frame has begun.
#[derive(Debug)]
struct OpenMessage {
    kind: Kind,
    compressed: bool,
    fragments: u64,
    /// Content so far, in bytes, after inflating.
    size: u64,
    told: bool,
    utf8: Utf8,
    /// It is known not to be UTF-8, and tolerated.
    is_broken: bool,
}

/// Why nothing more is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ReadEnd {
    CloseReceived,
    Failed,
}

impl Incoming {
    pub(super) fn new(role: Role, deflate: Option<DeflateParams>) -> Self {
        Self {
            role,
            max_message_size: None,
            observe: false,
            tolerant: false,
            polls: false,
            deflate,
            inflater: None,
            shown: false,
            overlooked: false,
            late: None,
            beginning: Vec::new(),
            frame: None,
            message: None,
            end: None,
        }
    }

    pub(super) fn role(&self) -> Role {
        self.role
    }

    pub(super) fn agreed(&self) -> Option<DeflateParams> {
        self.deflate
    }

    /// In bytes, after inflating; `None` is no limit.
    pub(super) fn set_max_message_size(&mut self, size: Option<u64>) {
        self.max_message_size = size;
    }

    pub(super) fn max_message_size(&self) -> Option<u64> {
        self.max_message_size
    }

    /// Whether every frame is told as [`Event::Frame`] before what it comes to.
    pub(super) fn set_observe(&mut self, on: bool) {
        self.observe = on;
        self.polls = self.observe || self.tolerant;
    }

    /// Whether the connection goes on after faults that leave the framing intact.
    pub(super) fn set_tolerant(&mut self, on: bool) {
        self.tolerant = on;
        self.polls = self.observe || self.tolerant;
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
        self.frame.is_some()
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
        if self.end.is_some() {
            buffer.consume(buffer.unread().len());
            return None;
        }
        if self.frame.is_none() {
            let head = Head::parse(buffer.unread())?;
            if self.observe && !std::mem::replace(&mut self.shown, true) {
                // A frame that will be refused is shown without waiting for a payload.
                let waits = head.is_control() && self.passes(&head);
                if waits && (buffer.unread().len() as u64) < head.size as u64 + head.length {
                    self.shown = false;
                    return None;
                }
                return Some(Event::Frame(Box::new(self.describe(head, buffer))));
            }
            if self.tolerant && !self.overlooked {
                match self.judge(&head, buffer)? {
                    Some(frame) if frame.tolerated => {
                        self.overlooked = true;
                        return Some(Event::Violation(Box::new(frame)));
                    }
                    Some(frame) => return Some(fail(&mut self.end, frame, send_half)),
                    None => {}
                }
            } else if !self.tolerant && !self.is_lawful(&head) {
                let frame = self.violating(&head, buffer, self.faults(&head));
                return Some(fail(&mut self.end, frame, send_half));
            }
            if head.is_control() {
                return self.control(&head, buffer, send_half);
            }
            self.begin_frame(&head);
            buffer.consume(head.size);
        }
        self.payload(buffer, send_half)
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
        })
    }

    #[inline]
    fn is_whole_and_plain(&self, head: &Head, buffer: &Buffer) -> bool {
        head.is_plain_message()
            && self.message.is_none()
            && self.end.is_none()
            && !self.polls
            && head.length <= (buffer.unread().len() - head.size) as u64
            && self.has_lawful_form(head)
            && self.fits(head)
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
            compressed: open.map_or(head.rsv1() && self.deflate.is_some(), |message| message.compressed),
            content: None,
            header: head.header(),
        }
    }

    /// Whether the frame is read, though it may be no lawful one.
    fn passes(&self, head: &Head) -> bool {
        self.is_lawful(head) || (self.tolerant && self.faults(head).iter().all(Violation::leaves_framing_intact))
    }

    /// What is wrong with the frame at the buffer's front, and whether that is tolerated; of a Close also with what it says.
    /// `None` asks for more bytes.
    #[cold]
    fn judge(&self, head: &Head, buffer: &Buffer) -> Option<Option<ViolatingFrame>> {
        let passes = self.passes(head);
        let mut frame = self.violating(head, buffer, self.faults(head));
        if passes && head.opcode() == OpCode::Close {
            if (frame.excerpt.bytes.len() as u64) < head.length {
                return None;
            }
            if let Err(fault) = Close::parse(&frame.excerpt.bytes) {
                frame.excerpt.bad = fault.bad_byte_of_close(&frame.excerpt.bytes);
                frame.faults.push(fault);
            }
        }
        frame.tolerated = passes;
        Some((!frame.faults.is_empty()).then_some(frame))
    }

    /// The frame at the buffer's front, with what is there of its payload.
    #[cold]
    fn violating(&self, head: &Head, buffer: &Buffer, faults: Vec<Violation>) -> ViolatingFrame {
        let payload = buffer.unread().get(head.size..).unwrap_or_default();
        let there = (payload.len() as u64).min(head.length) as usize;
        let mut excerpt = Excerpt::of_payload(&payload[..there]);
        // That of a control frame is unmasked where it lies, when it is shown.
        if let Some(mask) = head.mask.filter(|_| !(head.is_control() && self.shown)) {
            apply_mask(&mut excerpt.bytes, mask, 0);
        }
        ViolatingFrame::new(head.opcode(), head.length, faults, excerpt)
    }

    /// Whether the frame may come here and now. [`faults`](Self::faults) says what is wrong where it may not.
    /// [`is_whole_and_plain`](Self::is_whole_and_plain) lets most messages past this: whatever a text or binary frame could
    /// break by itself is asked in [`has_lawful_form`](Self::has_lawful_form) or [`fits`](Self::fits), which both use.
    fn is_lawful(&self, head: &Head) -> bool {
        self.has_lawful_form(head)
            && !head.has_rsv2_or_rsv3()
            && match head.opcode() {
                OpCode::Text | OpCode::Binary => {
                    self.message.is_none() && (!head.rsv1() || self.deflate.is_some()) && self.fits(head)
                }
                OpCode::Continuation => self.message.is_some() && !head.rsv1() && self.fits(head),
                OpCode::Close | OpCode::Ping | OpCode::Pong => {
                    head.is_final() && !head.rsv1() && head.length <= MAX_CONTROL_PAYLOAD
                }
                OpCode::Reserved(_) => false,
            }
    }

    /// What holds for frames of every opcode, beside the reserved bits: what a client sends is masked, and what a server sends
    /// isn't (§5.1), and the length is written as it must be (§5.2).
    #[inline]
    fn has_lawful_form(&self, head: &Head) -> bool {
        head.mask.is_some() == (self.role == Role::Server) && head.has_lawful_length()
    }

    /// Whether the message is still within the limit if the frame is as long as it claims. Only
    /// inflating tells how long compressed content is.
    #[inline]
    fn fits(&self, head: &Head) -> bool {
        let compressed = self.message.as_ref().map_or(head.rsv1(), |message| message.compressed);
        let so_far = self.message.as_ref().map_or(0, |message| message.size);
        compressed || self.max_message_size.is_none_or(|limit| so_far.saturating_add(head.length) <= limit)
    }

    #[cold]
    fn faults(&self, head: &Head) -> Vec<Violation> {
        let header = &head.header();
        let control = head.is_control();
        let (continues, begins, reserved) = match header.opcode {
            OpCode::Continuation => (true, false, None),
            OpCode::Text | OpCode::Binary => (false, true, None),
            OpCode::Reserved(opcode) => (false, false, Some(opcode)),
            OpCode::Close | OpCode::Ping | OpCode::Pong => (false, false, None),
        };
        let rsv1_allowed = self.deflate.is_some() && begins;
        let in_message = self.message.is_some();
        let limit = self.max_message_size.unwrap_or(u64::MAX);
        let top_bit = head.length >> 63 != 0;
        let wasteful = !head.has_lawful_length() && !top_bit;
        [
            (header.rsv1 && !rsv1_allowed).then_some(Violation::ReservedBit(1)),
            header.rsv2.then_some(Violation::ReservedBit(2)),
            header.rsv3.then_some(Violation::ReservedBit(3)),
            reserved.map(Violation::ReservedOpcode),
            (self.role == Role::Server && header.mask.is_none()).then_some(Violation::NotMasked),
            (self.role == Role::Client && header.mask.is_some()).then_some(Violation::Masked),
            wasteful.then_some(Violation::LengthNotMinimal { length: head.length, bytes: head.length_bytes() }),
            top_bit.then_some(Violation::LengthTopBit),
            (control && !header.is_final).then_some(Violation::FragmentedControlFrame),
            (control && head.length > MAX_CONTROL_PAYLOAD).then_some(Violation::LongControlFrame(head.length)),
            (continues && !in_message).then_some(Violation::UnexpectedContinuation),
            (begins && in_message).then_some(Violation::MessageInterrupted),
            (!control && !self.fits(head)).then_some(Violation::MessageTooBig { limit }),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// A lawful control frame, whole or not yet.
    fn control<'e>(&mut self, head: &Head, buffer: &'e mut Buffer, send_half: &mut SendHalf) -> Option<Event<'e>> {
        let size = head.size + head.length as usize;
        if buffer.unread().len() < size {
            return None;
        }
        if !std::mem::take(&mut self.shown) {
            control_payload(head, buffer);
        }
        self.overlooked = false;
        let tolerant = self.tolerant;
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
        let compressed = head.rsv1() && self.deflate.is_some();
        let message = self.message.get_or_insert_with(|| OpenMessage {
            kind: Kind::of(head.opcode()),
            compressed,
            fragments: 0,
            size: 0,
            told: false,
            utf8: Utf8::default(),
            is_broken: false,
        });
        message.fragments += 1;
        let (opcode, mask, length, last) = (head.opcode(), head.mask, head.length, head.is_final());
        self.frame = Some(OpenFrame { opcode, mask, length, arrived: 0, last, pending: false });
    }

    /// Content out of the open frame.
    fn payload<'e>(&'e mut self, buffer: &'e mut Buffer, send_half: &mut SendHalf) -> Option<Event<'e>> {
        let (Some(frame), Some(message)) = (&mut self.frame, &mut self.message) else { return None };
        let available = frame.to_come().min(buffer.unread().len() as u64) as usize;
        if available == 0 && frame.to_come() > 0 && !frame.pending {
            return None;
        }
        let kind = message.kind;
        let taken = if message.compressed {
            let takeover = self.deflate.is_none_or(|agreed| agreed.peer_takes_context_over(self.role));
            let inflater = self.inflater.get_or_insert_with(|| Inflater::new(takeover));
            match inflate(inflater, frame, buffer, available) {
                Ok(taken) => taken,
                Err((fault, excerpt)) => {
                    let frame = ViolatingFrame::new(frame.opcode, frame.length, vec![fault], excerpt);
                    return Some(fail(&mut self.end, frame, send_half));
                }
            }
        } else {
            Taken { bytes: unmask(frame, buffer, available), drained: true }
        };
        if message.size == 0 {
            self.beginning.clear();
        }
        if let Err((fault, bad)) = message.check(&taken, frame, self.max_message_size) {
            let at = message.size - taken.bytes.len() as u64;
            let excerpt = Excerpt::of_message(&self.beginning, at, taken.bytes, bad);
            let violating = ViolatingFrame::new(frame.opcode, frame.length, vec![fault], excerpt);
            if !(self.tolerant && violating.faults.iter().all(Violation::leaves_framing_intact)) {
                return Some(fail(&mut self.end, violating, send_half));
            }
            message.is_broken = true;
            self.late = Some(Box::new(ViolatingFrame { tolerated: true, ..violating }));
        }
        frame.pending = !taken.drained;
        let to_come = frame.to_come();
        let ends_frame = to_come == 0 && taken.drained;
        let last = ends_frame && frame.last;
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
        Some(Event::Data(Data {
            direction: Direction::Received,
            kind,
            first,
            last,
            ends_frame,
            bytes: taken.bytes,
            to_come,
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
    let size = (head.size as u64 + head.length.min(MAX_CONTROL_PAYLOAD)) as usize;
    let payload = &mut buffer.unread_mut(size)[head.size..];
    if let Some(mask) = head.mask {
        apply_mask(payload, mask, 0);
    }
    payload
}

/// Content of the open frame that is ready.
struct Taken<'a> {
    bytes: &'a [u8],
    /// All the frame's arrived payload has come out.
    drained: bool,
}

fn unmask<'e>(frame: &mut OpenFrame, buffer: &'e mut Buffer, count: usize) -> &'e [u8] {
    let bytes = buffer.consume(count);
    if let Some(mask) = frame.mask {
        apply_mask(bytes, mask, frame.arrived as usize);
    }
    frame.arrived += count as u64;
    bytes
}

fn inflate<'e>(
    inflater: &'e mut Inflater,
    frame: &mut OpenFrame,
    buffer: &mut Buffer,
    available: usize,
) -> Result<Taken<'e>, (Violation, Excerpt)> {
    let ends = frame.last && available as u64 == frame.to_come();
    let packed = buffer.unread_mut(available);
    if let Some(mask) = frame.mask {
        apply_mask(packed, mask, frame.arrived as usize);
    }
    let step = inflater.push(packed).map_err(|fault| (fault, Excerpt::of_payload_from(frame.arrived, packed)))?;
    let (used, drained) = (step.used, step.drained);
    // What wasn't used is masked again, to be met by the next step as it came.
    if let Some(mask) = frame.mask {
        apply_mask(&mut packed[used..], mask, frame.arrived as usize + used);
    }
    let produced = step.bytes.len();
    let start = frame.arrived;
    frame.arrived += used as u64;
    let packed = buffer.consume(used);
    if ends && drained {
        inflater.finish().map_err(|fault| (fault, Excerpt::of_payload_from(start, packed)))?;
    }
    Ok(Taken { bytes: inflater.latest(produced), drained })
}

impl OpenMessage {
    /// Counts what came, against the limit, and checks text as far as it goes. A fault comes with the offset of the bad byte
    /// in the message, where it is one.
    fn check(
        &mut self,
        taken: &Taken<'_>,
        frame: &OpenFrame,
        limit: Option<u64>,
    ) -> Result<(), (Violation, Option<u64>)> {
        let before = self.size;
        self.size += taken.bytes.len() as u64;
        if let Some(limit) = limit.filter(|limit| self.size > *limit) {
            return Err((Violation::MessageTooBig { limit }, None));
        }
        if self.kind == Kind::Text && !self.is_broken {
            let at_first = self.utf8.clone();
            self.utf8.push(taken.bytes).map_err(|_| {
                let held = at_first.held() as u64;
                (Violation::TextNotUtf8, Some(before - held + at_first.valid_up_to(taken.bytes) as u64))
            })?;
            if frame.last && frame.to_come() == 0 && taken.drained {
                let held = self.utf8.held() as u64;
                self.utf8.finish().map_err(|_| (Violation::TextNotUtf8, Some(self.size - held)))?;
            }
        }
        Ok(())
    }
}
