//! Messages to frames: the sending half of a connection (RFC 6455 §5, §7; RFC 7692 §6, §7.2.1).

use std::collections::VecDeque;
use std::fmt;
use std::num::NonZeroUsize;

use super::close::Close;
use super::deflate::{DeflatePool, Deflater};
use super::event::Kind;
use super::frame::FrameHeader;
use super::frame_lengths::cut;
use super::frame_writer::{FrameWriter, MaskingKeys};
use super::item::{Item, Masking};
use super::message::Counters;
use super::opcode::OpCode;
use super::send_error::{SendError, check_close, check_control_payload, check_fragments};
use super::sent_events::{Observe, SentEvents};
use super::status_code::StatusCode;

/// Content in a frame of a message that is compressed, in bytes, unless the frame is to have a certain length. Whoever is told what was
/// sent keeps it until there is a frame, and 64 KiB may have 64 MiB in them.
const MOST_CONTENT: u64 = 2 << 20;

/// The sending half of a [`Connection`](super::Connection). What it encodes waits in
/// [`pending`](Self::pending) until the caller has written it.
pub struct SendHalf {
    frames: FrameWriter,
    deflater: Option<Deflater>,
    compress: bool,
    answers_pings: bool,
    answers_closes: bool,
    /// What is sent is somebody else's frames.
    passes_raw: bool,
    /// The largest payload of a frame of a message.
    largest_frame: Option<NonZeroUsize>,
    /// Payloads of the next frames of the message that is being compressed, where those are known.
    frame_lengths: VecDeque<usize>,
    /// Compressed content that fills no frame yet.
    packed: Vec<u8>,
    /// A message was begun by a frame that was injected, and none has ended it.
    injected_message: bool,
    our_close: Option<Close>,
    holds_failure: bool,
    /// The Close that fails the connection, while it is held.
    held_failure: Option<Close>,
    sent: Counters,
}

/// What ends with a part of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PartEnd {
    Nothing,
    Frame,
    Message,
}

impl SendHalf {
    /// With `keys` this is a client's half, without a server's.
    pub(super) fn new(keys: Option<MaskingKeys>, deflater: Option<Deflater>) -> Self {
        let compress = deflater.is_some();
        Self {
            frames: FrameWriter::new(keys),
            deflater,
            compress,
            answers_pings: true,
            answers_closes: true,
            passes_raw: false,
            largest_frame: None,
            frame_lengths: VecDeque::new(),
            packed: Vec::new(),
            injected_message: false,
            our_close: None,
            holds_failure: false,
            held_failure: None,
            sent: Counters::default(),
        }
    }

    pub(super) fn set_observe(&mut self, observe: Observe) {
        self.frames.events_mut().set_observe(observe);
    }

    pub(super) fn observe(&self) -> Observe {
        self.frames.events().observe()
    }

    pub(super) fn set_deflater(&mut self, deflater: Deflater) {
        self.deflater = Some(deflater);
    }

    /// Whether messages from the next on are compressed, where that was negotiated (RFC 7692 §6
    /// leaves it to the sender, message by message).
    pub fn set_compress(&mut self, on: bool) {
        self.compress = on && self.deflater.is_some();
    }

    /// Whether messages from the next on are compressed.
    pub fn compresses(&self) -> bool {
        self.compress
    }

    /// Whether a Ping is answered with a Pong, as §5.5.2 wants it. It is, unless turned off.
    pub fn set_answer_pings(&mut self, on: bool) {
        self.answers_pings = on;
    }

    /// Whether the peer's Close is answered at once, as §5.5.1 wants it. It is, unless turned off: then whoever knows of
    /// another answer gives it.
    pub fn set_answer_closes(&mut self, on: bool) {
        self.answers_closes = on;
    }

    /// Whether the Close that fails the connection (§7.1.7) waits until any Close is sent, and goes out in its place. It doesn't,
    /// unless turned on: whoever still has answers for the peer to what it has said before says when there are no more.
    pub fn set_hold_failure(&mut self, on: bool) {
        self.holds_failure = on;
    }

    /// The Close that fails the connection, while it is held.
    pub fn held_failure(&self) -> Option<&Close> {
        self.held_failure.as_ref()
    }

    /// Sends the Close that fails the connection, if it is held.
    pub fn release_failure(&mut self) {
        if let Some(close) = self.held_failure.take() {
            self.fail_now(&close);
        }
    }

    /// Cuts a compressed message into frames of so many bytes of payload, as far as it reaches, or of [`MOST_CONTENT`]; `None`, as
    /// at first, makes frames as the compressor gives its output. A part of a message that isn't compressed makes frames of its own, which
    /// are no longer either.
    pub fn set_largest_frame(&mut self, size: Option<NonZeroUsize>) {
        self.largest_frame = size;
    }

    /// Cuts the next message, if it is compressed and sent in parts, into frames of these lengths of payload. What goes
    /// beyond them makes frames as [`set_largest_frame`](Self::set_largest_frame) says; the last may be shorter.
    pub fn set_frame_lengths(&mut self, lengths: impl IntoIterator<Item = usize>) {
        self.frame_lengths = lengths.into_iter().collect();
    }

    /// Draws masking keys from elsewhere, from the next frame on. A server has no use for them.
    pub fn set_masking_keys(&mut self, keys: MaskingKeys) {
        self.frames.set_masking_keys(keys);
    }

    /// Sends the item.
    ///
    /// # Errors
    /// [`SendError`]: what the protocol doesn't allow. [`Item::Frame`] and [`Item::Raw`] are sent
    /// whatever it says.
    pub fn send(&mut self, item: Item<'_>) -> Result<(), SendError> {
        match item {
            Item::Part { kind, bytes, last } => self.data(kind, bytes, last),
            Item::Fragmented { kind, content, fragments } => {
                self.fragments(kind, content, (0..fragments.get()).map(|_| 1))
            }
            Item::FragmentedAs { kind, content, lengths: [] } => self.data(kind, content, true),
            Item::FragmentedAs { kind, content, lengths } => self.fragments(kind, content, lengths.iter().copied()),
            Item::Ping(payload) => self.control(OpCode::Ping, payload),
            Item::Pong(payload) => self.control(OpCode::Pong, payload),
            Item::Close(close) => self.close(&close),
            Item::Frame { header, payload, masking } => {
                self.inject(&header, payload, masking);
                Ok(())
            }
            Item::Raw(bytes) => {
                self.frames.raw(bytes);
                Ok(())
            }
        }
    }

    fn fragments(
        &mut self,
        kind: Kind,
        content: &[u8],
        lengths: impl ExactSizeIterator<Item = u64> + Clone,
    ) -> Result<(), SendError> {
        self.check_open()?;
        if self.frames.is_inside_message() {
            return Err(SendError::MessageOpen);
        }
        check_fragments(lengths.len())?;
        self.sent.add(content.len(), true);
        let Some(deflater) = self.deflater.as_mut().filter(|_| self.compress) else {
            for (part, last) in cut(content, lengths) {
                self.frames.events_mut().gather(part);
                self.frames.fragment(kind, part, last, None);
            }
            return Ok(());
        };
        self.frames.events_mut().gather(content);
        let mut inside = Some(content.len() as u64);
        for (part, last) in cut(deflater.push(content, true), lengths) {
            // How much a part inflates to isn't known apart; the first stands for all.
            self.frames.fragment(kind, part, last, Some(inside.take().unwrap_or_default()));
        }
        Ok(())
    }

    fn inject(&mut self, header: &FrameHeader, payload: &[u8], masking: Masking) {
        self.frames.frame(header, payload, masking);
        if header.opcode == OpCode::Close {
            // What is injected needn't be a Close that can be read.
            self.our_close.get_or_insert_with(|| Close::parse(payload).unwrap_or_default());
        }
        match header.opcode {
            OpCode::Text | OpCode::Binary => self.injected_message = !header.is_final,
            OpCode::Continuation => self.injected_message &= !header.is_final,
            _ => {}
        }
    }

    /// Whether a message has begun and not ended, its frames injected or not: no other may begin (§5.4).
    pub fn is_inside_message(&self) -> bool {
        self.frames.is_inside_message() || self.injected_message
    }

    /// Sends [`Item::Part`].
    ///
    /// # Errors
    /// [`SendError::CloseSent`], [`SendError::FrameOpen`].
    #[inline]
    pub fn data(&mut self, kind: Kind, part: &[u8], last: bool) -> Result<(), SendError> {
        self.check_open()?;
        self.sent.add(part.len(), last);
        let is_whole = last && part.len() <= self.largest_frame();
        if is_whole && !self.frames.is_inside_message() && !self.compress && !self.frames.events().tells_frames() {
            self.frames.plain_message(kind, part);
        } else {
            self.part(kind, part, last);
        }
        Ok(())
    }

    /// What is more than a message that goes out as it is, in one frame that nobody is told of.
    #[inline(never)]
    fn part(&mut self, kind: Kind, part: &[u8], last: bool) {
        if self.frames.is_inside_compressed().unwrap_or(self.compress) {
            self.frames.events_mut().gather(part);
            self.compressed_part(kind, part, if last { PartEnd::Message } else { PartEnd::Nothing });
        } else {
            self.plain_part(kind, part, last);
        }
    }

    /// Sends a part of a message that isn't the last, and ends a frame with it: what is compressed of it waits for no more.
    ///
    /// # Errors
    /// [`SendError::CloseSent`], [`SendError::FrameOpen`].
    pub fn data_to_end_of_frame(&mut self, kind: Kind, part: &[u8]) -> Result<(), SendError> {
        if !self.frames.is_inside_compressed().unwrap_or(self.compress) {
            return self.data(kind, part, false);
        }
        self.check_open()?;
        self.sent.add(part.len(), false);
        self.frames.events_mut().gather(part);
        self.compressed_part(kind, part, PartEnd::Frame);
        Ok(())
    }

    fn largest_frame(&self) -> usize {
        self.largest_frame.map_or(usize::MAX, NonZeroUsize::get)
    }

    fn plain_part(&mut self, kind: Kind, part: &[u8], last: bool) {
        let mut rest = part;
        loop {
            let (frame, behind) = rest.split_at(rest.len().min(self.largest_frame()));
            self.frames.events_mut().gather(frame);
            self.frames.fragment(kind, frame, last && behind.is_empty(), None);
            if behind.is_empty() {
                return;
            }
            rest = behind;
        }
    }

    fn compressed_part(&mut self, kind: Kind, part: &[u8], end: PartEnd) {
        let largest = self.largest_frame();
        let last = end == PartEnd::Message;
        let Some(deflater) = &mut self.deflater else { return };
        let mut content = self.frames.gathered() + part.len() as u64;
        let output = match end {
            // An empty frame needs no empty block.
            PartEnd::Frame if content == 0 => b"",
            PartEnd::Frame => deflater.flush(part),
            PartEnd::Nothing | PartEnd::Message => deflater.push(part, last),
        };
        let mut packed = std::mem::take(&mut self.packed);
        let has_held = !packed.is_empty();
        let mut rest = if !has_held {
            output
        } else {
            packed.extend_from_slice(output);
            packed.as_slice()
        };
        loop {
            let whole = self.frame_lengths.front().copied().unwrap_or(largest);
            // The last frame isn't empty: one that would just be filled waits for what comes behind it.
            if rest.len() <= whole && !(last && self.frame_lengths.len() > 1) {
                break;
            }
            self.frame_lengths.pop_front();
            let (frame, behind) = rest.split_at(whole.min(rest.len()));
            // How much a frame inflates to isn't known apart; the first stands for all.
            self.frames.fragment(kind, frame, false, Some(std::mem::take(&mut content)));
            rest = behind;
        }
        let has_lengths = !self.frame_lengths.is_empty();
        let fills_any = !has_lengths && (self.largest_frame.is_none() || content >= MOST_CONTENT);
        if last {
            self.frame_lengths.clear();
        }
        if end != PartEnd::Nothing || (fills_any && !rest.is_empty()) {
            self.frames.fragment(kind, rest, last, Some(content));
            rest = &[];
        } else {
            // The compressor is still gathering, or what it gave fills no frame yet.
            self.frames.set_gathered(kind, content);
        }
        let left = rest.len();
        if has_held {
            // What is held isn't copied with every part.
            packed.drain(..packed.len() - left);
            self.packed = packed;
        } else {
            self.packed = rest.to_vec();
        }
    }

    /// Puts only the header of a frame, where its payload may follow as it is: on a server, without
    /// compression. The caller then writes exactly `length` bytes behind what is pending. Returns
    /// false, and does nothing, where the payload has to pass through [`data`](Self::data).
    ///
    /// # Errors
    /// [`SendError::CloseSent`], [`SendError::FrameOpen`].
    pub fn announce(&mut self, kind: Kind, length: usize, last: bool) -> Result<bool, SendError> {
        self.check_open()?;
        if !self.passes_through() || self.frames.is_inside_compressed().unwrap_or(self.compress) {
            return Ok(false);
        }
        self.sent.add(length, last);
        self.frames.fragment_header(kind, length, last);
        Ok(true)
    }

    /// Begins a frame of a message with `length` bytes of payload, which follow in [parts](Self::frame_part) before anything
    /// else can be sent. Returns false, and does nothing, where the message is compressed: then nobody knows the length yet.
    ///
    /// # Errors
    /// [`SendError::CloseSent`], [`SendError::FrameOpen`].
    pub fn begin_frame(&mut self, kind: Kind, length: usize, last: bool) -> Result<bool, SendError> {
        self.check_open()?;
        if self.frames.is_inside_compressed().unwrap_or(self.compress) {
            return Ok(false);
        }
        self.frames.begin_frame(kind, length, last, false);
        Ok(true)
    }

    /// Whether frames that somebody else has compressed can be sent: that was negotiated, and our own compressor has done nothing yet.
    pub fn takes_packed(&self) -> bool {
        self.deflater.as_ref().is_some_and(|deflater| !deflater.has_begun())
    }

    /// Begins a frame of a message that somebody else has compressed, with `length` bytes of payload, which follow in
    /// [parts](Self::packed_part) before anything else can be sent. What our own compressor has taken in is unknown to whoever has
    /// compressed that, and the other way round: where one message is sent like this, all that are compressed have to be, but
    /// that our own compressor may begin behind them, for good: [`takes_packed`](Self::takes_packed).
    ///
    /// # Errors
    /// [`SendError::CloseSent`], [`SendError::FrameOpen`].
    pub fn begin_packed_frame(&mut self, kind: Kind, length: usize, last: bool) -> Result<(), SendError> {
        self.check_open()?;
        debug_assert!(self.takes_packed(), "the peer couldn't inflate it");
        debug_assert_ne!(self.frames.is_inside_compressed(), Some(false), "the message isn't compressed");
        self.frames.begin_frame(kind, length, last, true);
        Ok(())
    }

    /// The next part of a frame that was [begun packed](Self::begin_packed_frame): of its payload, and what that inflates to, in bytes.
    /// The caller has written the first bytes as they are, as many as `written`; see [`frame_part`](Self::frame_part).
    pub fn packed_part(&mut self, part: &[u8], content: usize, written: usize) {
        if let Some(ends_message) = self.frames.frame_part(part, written, true) {
            self.sent.add(content, ends_message);
        }
    }

    /// Whether frames that are sent are told to somebody.
    pub fn tells_frames(&self) -> bool {
        self.frames.events().tells_frames()
    }

    /// Whether nothing may come before more of what is being sent: a frame has [begun](Self::begin_frame) and not ended, or
    /// frames [are given on](Self::pass_raw) of which nobody knows where they end.
    #[inline]
    pub fn is_inside_frame(&self) -> bool {
        self.passes_raw || self.frames.is_inside_frame()
    }

    /// Sends bytes that somebody else has made into frames. Nothing else can be sent behind them.
    pub fn pass_raw(&mut self, bytes: &[u8]) {
        self.passes_raw = true;
        self.frames.raw(bytes);
    }

    /// The next part of the frame that has [begun](Self::begin_frame), which is no longer than what is missing of it. The
    /// caller has written the first bytes of it as they are, as many as `written`: none of them where
    /// [`passes_through`](Self::passes_through) doesn't say so.
    pub fn frame_part(&mut self, part: &[u8], written: usize) {
        if let Some(ends_message) = self.frames.frame_part(part, written, false) {
            self.sent.add(part.len(), ends_message);
        }
    }

    /// Whether the payload of a frame that isn't compressed is written as it is, and not told: it needn't be copied.
    pub fn passes_through(&self) -> bool {
        !self.frames.masks() && !self.frames.events().tells_content()
    }

    /// Whether a message or a control frame may be sent now.
    #[inline]
    fn check_open(&self) -> Result<(), SendError> {
        match self.is_inside_frame() {
            _ if self.close_sent() => Err(SendError::CloseSent),
            true => Err(SendError::FrameOpen),
            false => Ok(()),
        }
    }

    fn close(&mut self, close: &Close) -> Result<(), SendError> {
        check_close(close)?;
        let failure = self.held_failure.take();
        let close = failure.as_ref().unwrap_or(close);
        self.control(OpCode::Close, &close.payload())?;
        self.our_close = Some(close.clone());
        Ok(())
    }

    /// What has been encoded so far.
    pub fn sent(&self) -> Counters {
        self.sent
    }

    /// What our Close says, once its frame has been encoded.
    pub fn our_close(&self) -> Option<&Close> {
        self.our_close.as_ref()
    }

    /// Our Close frame has been encoded.
    pub fn close_sent(&self) -> bool {
        self.our_close.is_some()
    }

    /// The payload of the latest Ping that was sent: its Pong stands for those to all before it (§5.5.3).
    pub fn last_ping(&self) -> Option<&[u8]> {
        self.frames.last_ping()
    }

    /// Bytes that are encoded and not yet written, or sent and not yet told: what is bounded by
    /// sending no more for a while.
    pub fn backlog(&self) -> usize {
        self.pending().len() + self.frames.events().size()
    }

    /// What is encoded and not yet written.
    pub fn pending(&self) -> &[u8] {
        self.frames.pending()
    }

    /// Says that `count` bytes of [`pending`](Self::pending) have been written.
    pub fn wrote(&mut self, count: usize) {
        self.frames.wrote(count);
    }

    /// Drops what is pending: it can't be written any more.
    pub fn discard(&mut self) {
        self.frames.discard();
    }

    /// Bytes that have been written since the beginning.
    pub fn written_in_all(&self) -> u64 {
        self.frames.written_in_all()
    }

    /// Adds bytes that [`announce`](Self::announce) promised and the caller couldn't write at once.
    pub fn append_payload(&mut self, bytes: &[u8]) {
        self.frames.raw(bytes);
    }

    /// Shares what compressing takes with others, for [`rest_if_crowded`](Self::rest_if_crowded).
    pub(super) fn set_deflate_pool(&mut self, pool: &'static dyn DeflatePool) {
        if let Some(deflater) = &mut self.deflater {
            deflater.set_pool(pool);
        }
    }

    /// Whether compressing has taken more than the next message may refer back to, and none is being sent.
    pub fn may_rest(&self) -> bool {
        self.deflater.as_ref().is_some_and(Deflater::is_awake) && !self.frames.is_inside_message()
    }

    /// Gives that back, which costs the next message the time to make it again: to be done once nothing has been sent for a while.
    pub fn rest(&mut self) {
        self.resting_deflater().into_iter().for_each(Deflater::rest);
    }

    /// The same where all have too much together.
    pub(super) fn rest_if_crowded(&mut self) {
        self.resting_deflater().into_iter().for_each(Deflater::rest_if_crowded);
    }

    /// The compressor, unless it is in the middle of a message.
    fn resting_deflater(&mut self) -> Option<&mut Deflater> {
        let is_inside = self.frames.is_inside_message();
        self.deflater.as_mut().filter(|_| !is_inside)
    }

    /// Gives memory back while the connection is idle.
    pub fn shrink(&mut self) {
        if self.pending().is_empty() {
            self.frames.shrink();
            if let Some(deflater) = &mut self.deflater {
                deflater.shrink();
            }
        }
    }

    /// The Close that answers the peer's, with the same status code (§5.5.1) unless that may not be sent.
    pub(super) fn answer_close(&mut self, theirs: &Close) {
        if self.answers_closes {
            self.answer_close_now(theirs);
        }
    }

    /// The same, though that is [turned off](Self::set_answer_closes).
    pub fn answer_close_now(&mut self, theirs: &Close) {
        let code = theirs.code.map(|code| if code.may_be_sent() { code } else { StatusCode::PROTOCOL_ERROR });
        // Refused only when ours is out already, which then was the first.
        let _ = self.close(&Close { code, reason: String::new() });
    }

    /// §5.5.2, unless our Close is out already.
    pub(super) fn answer_ping(&mut self, payload: &[u8]) {
        if self.answers_pings {
            let _ = self.control(OpCode::Pong, payload);
        }
    }

    /// The Close that fails the connection (§7.1.7), unless one is out already.
    pub(super) fn fail(&mut self, close: Close) {
        if self.holds_failure && !self.close_sent() {
            self.held_failure = Some(close);
        } else {
            self.fail_now(&close);
        }
    }

    fn fail_now(&mut self, close: &Close) {
        let _ = self.close(close);
    }

    /// What was sent and is still to be told.
    pub(super) fn events(&mut self) -> &mut SentEvents {
        self.frames.events_mut()
    }

    pub(super) fn has_events(&self) -> bool {
        !self.frames.events().is_empty()
    }

    fn control(&mut self, opcode: OpCode, payload: &[u8]) -> Result<(), SendError> {
        self.check_open()?;
        check_control_payload(payload)?;
        self.frames.control(opcode, payload);
        Ok(())
    }

    /// Whether Pings or Pongs wait for the end of a compressed message that is being sent in fragments. They may stand
    /// between the fragments (§5.4), but there are peers that inflate no further after one: wsproto 1.3 hands the rest on as
    /// it came. Whoever has a clock lets them wait no longer than is reasonable.
    pub fn holds_controls(&self) -> bool {
        self.frames.holds_controls()
    }

    /// Whether they wait. They do, unless turned off: whoever passes on what another has put between fragments of its own
    /// leaves it there.
    pub fn set_hold_controls(&mut self, on: bool) {
        self.frames.set_let_controls_wait(on);
    }

    /// Sends the Pings and Pongs that wait, wherever the message is.
    pub fn release_controls(&mut self) {
        self.frames.release_controls();
    }
}

impl fmt::Debug for SendHalf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendHalf")
            .field("masks", &self.frames.masks())
            .field("deflater", &self.deflater)
            .field("our_close", &self.our_close)
            .field("pending", &self.pending().len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::super::deflate::Inflater;
    use super::super::event::{Direction, Frame};
    use super::super::frame::{Head, apply_mask};
    use super::super::item::MAX_FRAGMENTS;
    use super::super::sent_events::SentEvent;
    use super::*;

    fn client() -> SendHalf {
        SendHalf::new(Some(Box::new(|| [1, 2, 3, 4])), None)
    }

    fn server() -> SendHalf {
        SendHalf::new(None, None)
    }

    fn fragmented(kind: Kind, content: &[u8], fragments: usize) -> Item<'_> {
        Item::Fragmented { kind, content, fragments: NonZeroUsize::new(fragments).unwrap() }
    }

    /// The frames that wait to be written: header and unmasked payload.
    fn frames(half: &SendHalf) -> Vec<(Head, Vec<u8>)> {
        let mut rest = half.pending();
        let mut frames = Vec::new();
        while !rest.is_empty() {
            let head = Head::parse(rest).unwrap();
            let (payload, after) = rest[head.size..].split_at(head.length as usize);
            let mut payload = payload.to_vec();
            apply_mask(&mut payload, head.mask.unwrap_or_default(), 0);
            frames.push((head, payload));
            rest = after;
        }
        frames
    }

    #[test]
    fn a_message_is_cut_into_as_many_fragments_as_asked() {
        let mut half = client();
        half.send(fragmented(Kind::Text, b"hello", 3)).unwrap();
        let sent = frames(&half);
        let told: Vec<_> = sent.iter().map(|(head, part)| (head.opcode(), head.is_final(), part.as_slice())).collect();
        let (text, more) = (OpCode::Text, OpCode::Continuation);
        assert_eq!(told, [(text, false, &b"h"[..]), (more, false, b"el"), (more, true, b"lo")]);
        assert!(sent.iter().all(|(head, _)| head.mask == Some([1, 2, 3, 4])));
    }

    #[test]
    fn fragments_outnumber_the_content_by_empty_ones() {
        let mut half = server();
        half.send(fragmented(Kind::Binary, b"x", 3)).unwrap();
        let lengths: Vec<u64> = frames(&half).iter().map(|(head, _)| head.length).collect();
        assert_eq!(lengths.iter().sum::<u64>(), 1);
        assert_eq!(lengths.len(), 3);
        // The next message begins anew.
        half.data(Kind::Text, b"next", true).unwrap();
        assert_eq!(frames(&half)[3].0.opcode(), OpCode::Text);
    }

    #[test]
    fn fragments_have_the_lengths_that_were_asked_for() {
        let lengths = |half: &SendHalf| frames(half).iter().map(|(head, _)| head.length).collect::<Vec<_>>();
        let mut half = client();
        half.send(Item::FragmentedAs { kind: Kind::Text, content: b"hello, world", lengths: &[5, 0, 7] }).unwrap();
        half.send(Item::FragmentedAs { kind: Kind::Text, content: b"hello", lengths: &[] }).unwrap();
        assert_eq!(lengths(&half), [5, 0, 7, 5]);
        // Compressed first, and then cut: what comes out again is as long.
        let text = b"compressed, and more of what is compressed";
        let mut half = SendHalf::new(None, Some(Deflater::new(6, 15, true)));
        half.data(Kind::Text, text, true).unwrap();
        let whole = half.pending().len() as u64 - 2;
        let mut half = SendHalf::new(None, Some(Deflater::new(6, 15, true)));
        half.send(Item::FragmentedAs { kind: Kind::Text, content: text, lengths: &[3, 10, whole - 13] }).unwrap();
        assert_eq!(lengths(&half), [3, 10, whole - 13]);
    }

    #[test]
    fn a_compressed_message_in_parts_has_frames_of_the_lengths_that_were_asked_for() {
        let half = |lengths: &[usize]| {
            let mut half = SendHalf::new(None, Some(Deflater::new(6, 15, true)));
            half.set_frame_lengths(lengths.iter().copied());
            // In no order, so that it isn't compressed to nothing.
            let next = |last: &u32| Some(last.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
            let bytes: Vec<u8> = std::iter::successors(Some(1), next).take(200_000).map(|i| (i >> 24) as u8).collect();
            let parts = bytes.chunks(5000);
            let count = parts.len();
            parts.zip(1..).for_each(|(part, number)| half.data(Kind::Binary, part, number == count).unwrap());
            // The next one isn't cut.
            half.data(Kind::Text, b"next", true).unwrap();
            frames(&half).iter().map(|(head, _)| head.length as usize).collect::<Vec<_>>()
        };
        let all = half(&[0, 70_000, 0, 50_000, usize::MAX]);
        let rest = all[4];
        assert_eq!((&all[..4], all.len()), (&[0, 70_000, 0, 50_000][..], 6));
        // With what comes out, exactly; with more frames than that fills, to the last of them.
        assert_eq!(half(&[120_000, 1, rest - 1])[..3], [120_000, 1, rest - 1]);
        assert_eq!(half(&[120_000, rest, 10, 10])[..4], [120_000, rest, 0, 0]);
        // Beyond them, as the compressor gives its output.
        assert!(half(&[1, 2]).len() > 4);
    }

    #[test]
    fn a_frame_that_is_begun_is_one_frame_and_nothing_comes_before_its_end() {
        let mut half = client();
        half.set_observe(Observe::FramesAndContent);
        assert_eq!(half.begin_frame(Kind::Binary, 7, false), Ok(true));
        half.frame_part(b"abc", 0);
        assert!(half.is_inside_frame() && half.is_inside_message());
        for item in [Item::Ping(b""), Item::Close(Close::default()), Item::message(Kind::Text, b"x")] {
            assert_eq!(half.send(item), Err(SendError::FrameOpen));
        }
        half.frame_part(b"", 0);
        half.frame_part(b"defg", 0);
        assert!(!half.is_inside_frame() && half.is_inside_message());
        half.send(Item::Ping(b"ping")).unwrap();
        assert_eq!(half.begin_frame(Kind::Binary, 2, true), Ok(true));
        half.frame_part(b"hi", 0);
        assert!(!half.is_inside_message());
        let sent = frames(&half);
        let told: Vec<_> = sent.iter().map(|(head, part)| (head.opcode(), head.is_final(), part.as_slice())).collect();
        let (binary, more) = (OpCode::Binary, OpCode::Continuation);
        assert_eq!(told, [(binary, false, &b"abcdefg"[..]), (OpCode::Ping, true, b"ping"), (more, true, b"hi")]);
        assert_eq!((half.sent().messages, half.sent().bytes), (1, 9));
        let mut content = Vec::new();
        while let Some(event) = half.events().take() {
            if let SentEvent::Content { first, place, bytes, .. } = event {
                content.push((first, place.to_come, place.is_final, bytes));
            }
        }
        let parts = [
            (true, 4, false, b"abc".to_vec()),
            (false, 4, false, Vec::new()),
            (false, 0, false, b"defg".to_vec()),
            (false, 0, true, b"hi".to_vec()),
        ];
        assert_eq!(content, parts);
    }

    #[test]
    fn a_frame_that_others_have_compressed_is_told_to_whoever_begins_to_look_behind_its_first() {
        let mut half = SendHalf::new(None, Some(Deflater::new(6, 15, true)));
        // "Hello" in two frames (RFC 7692 §7.2.3.1).
        half.begin_packed_frame(Kind::Text, 3, false).unwrap();
        half.packed_part(b"\xf2\x48\xcd", 1, 0);
        half.set_observe(Observe::FramesAndContent);
        half.begin_packed_frame(Kind::Text, 4, true).unwrap();
        half.packed_part(b"\xc9\xc9\x07\x00", 4, 0);
        assert_eq!((half.sent().messages, half.sent().bytes), (1, 5));
        let Some(SentEvent::Frame(frame)) = half.events().take() else { panic!("a frame") };
        assert_eq!((frame.header.opcode, frame.compressed, frame.content), (OpCode::Continuation, true, None));
        assert!(half.events().take().is_none());
    }

    #[test]
    fn behind_our_own_compressor_nothing_of_others_can_be_inflated() {
        let mut half = SendHalf::new(None, Some(Deflater::new(6, 15, true)));
        assert!(half.takes_packed());
        half.data(Kind::Text, b"ours", true).unwrap();
        assert!(!half.takes_packed());
        assert!(!server().takes_packed());
    }

    #[test]
    #[cfg(debug_assertions)]
    #[should_panic(expected = "the peer couldn't inflate it")]
    fn to_send_it_all_the_same_is_a_fault_of_ours() {
        let mut half = SendHalf::new(None, Some(Deflater::new(6, 15, true)));
        half.data(Kind::Text, b"ours", true).unwrap();
        let _ = half.begin_packed_frame(Kind::Text, 1, true);
    }

    #[test]
    fn what_is_written_past_the_outbox_is_part_of_the_frame() {
        let mut half = server();
        assert_eq!(half.begin_frame(Kind::Text, 6, true), Ok(true));
        assert!(half.passes_through());
        half.wrote(half.pending().len());
        half.frame_part(b"abcd", 3);
        half.frame_part(b"ef", 0);
        assert_eq!((half.pending(), half.is_inside_frame()), (&b"def"[..], false));
    }

    #[test]
    fn a_frame_ends_where_that_is_asked_for_and_says_all_that_went_into_it() {
        let mut half = SendHalf::new(None, Some(Deflater::new(6, 15, true)));
        let mut inflater = Inflater::new(true);
        let mut content = Vec::new();
        for (part, end) in [(&b"part one, "[..], false), (b"", false), (b"part two", false), (b"", true)] {
            match end {
                true => half.data(Kind::Text, part, true).unwrap(),
                false => half.data_to_end_of_frame(Kind::Text, part).unwrap(),
            }
            let [(head, payload)] = &frames(&half)[..] else { panic!("one frame") };
            assert_eq!((head.is_final(), head.length == 0), (end, part.is_empty() && !end));
            content.extend_from_slice(inflater.push(payload).unwrap().bytes);
            half.wrote(half.pending().len());
            assert!(content.ends_with(part), "{content:?}");
        }
        assert_eq!(content, b"part one, part two");
        // Where nothing is compressed, too.
        let mut half = server();
        half.data_to_end_of_frame(Kind::Text, b"a").unwrap();
        half.data(Kind::Text, b"b", true).unwrap();
        assert_eq!(half.pending(), b"\x01\x01a\x80\x01b");
    }

    #[test]
    fn nobody_knows_the_length_of_a_frame_that_is_compressed() {
        let mut half = SendHalf::new(None, Some(Deflater::new(6, 15, true)));
        assert_eq!(half.begin_frame(Kind::Text, 6, true), Ok(false));
        assert_eq!(half.pending(), b"");
    }

    #[test]
    fn behind_frames_of_others_nothing_is_sent() {
        let mut half = server();
        half.pass_raw(b"\xb3\x05he");
        assert_eq!(half.send(Item::Ping(b"")), Err(SendError::FrameOpen));
        half.pass_raw(b"llo");
        assert_eq!(half.pending(), b"\xb3\x05hello");
    }

    #[test]
    fn no_message_begins_inside_another() {
        let mut half = server();
        half.data(Kind::Text, b"not all", false).unwrap();
        assert_eq!(half.send(fragmented(Kind::Text, b"hello", 2)), Err(SendError::MessageOpen));
        half.data(Kind::Text, b"", true).unwrap();
        assert_eq!(half.send(fragmented(Kind::Text, b"hello", 2)), Ok(()));
    }

    #[test]
    fn more_fragments_than_there_is_memory_for_are_refused() {
        let mut half = server();
        half.send(fragmented(Kind::Text, b"hello", MAX_FRAGMENTS)).unwrap();
        assert_eq!(frames(&half).len(), MAX_FRAGMENTS);
        for count in [MAX_FRAGMENTS + 1, usize::MAX] {
            let item = fragmented(Kind::Text, b"hello", count);
            assert_eq!(item.check(), Err(SendError::TooManyFragments(count)));
            assert_eq!(half.send(item), Err(SendError::TooManyFragments(count)));
        }
        assert_eq!((frames(&half).len(), half.is_inside_message()), (MAX_FRAGMENTS, false));
        assert_eq!(half.sent().messages, 1);
    }

    #[test]
    fn one_fragment_is_a_whole_message() {
        let mut half = server();
        half.send(fragmented(Kind::Text, b"hello", 1)).unwrap();
        assert_eq!(half.pending(), b"\x81\x05hello");
    }

    #[test]
    fn what_is_injected_is_written_as_asked_and_observed() {
        let mut half = client();
        half.set_observe(Observe::Frames);
        let opcode = OpCode::Reserved(3);
        let header = FrameHeader { is_final: false, rsv2: true, ..FrameHeader::new(opcode) };
        half.inject(&header, b"odd", Masking::Off);
        assert_eq!(half.pending(), b"\x23\x03odd");
        let Some(SentEvent::Frame(seen)) = half.events().take() else { panic!("a frame was sent") };
        assert_eq!((seen.direction, seen.length, &*seen.payload), (Direction::Sent, 3, &b"odd"[..]));
        assert_eq!((seen.header.opcode, seen.header.rsv2, seen.header.mask), (opcode, true, None));
        assert_eq!((half.has_events(), half.backlog()), (false, half.pending().len()));
    }

    #[test]
    fn an_injected_frame_is_masked_as_asked() {
        for (masking, mask) in
            [(Masking::AsUsual, Some([1, 2, 3, 4])), (Masking::Off, None), (Masking::Key([0; 4]), Some([0; 4]))]
        {
            let mut half = client();
            half.inject(&FrameHeader::new(OpCode::Close), b"x", masking);
            assert_eq!(frames(&half)[0].0.mask, mask, "{masking:?}");
        }
    }

    #[test]
    fn an_injected_close_is_a_close_like_any_other() {
        let mut half = server();
        let header = FrameHeader::new(OpCode::Close);
        half.inject(&header, b"\x03", Masking::AsUsual);
        assert_eq!(half.pending(), b"\x88\x01\x03");
        assert_eq!(half.our_close(), Some(&Close::default()), "it can't be read");
        assert_eq!(half.data(Kind::Text, b"late", true), Err(SendError::CloseSent));
        assert_eq!(half.send(fragmented(Kind::Text, b"late", 2)), Err(SendError::CloseSent));
    }

    #[test]
    fn pings_are_answered_until_told_not_to() {
        let mut half = server();
        half.set_answer_pings(false);
        half.answer_ping(b"one");
        assert_eq!(half.pending(), b"");
        half.set_answer_pings(true);
        half.answer_ping(b"two");
        assert_eq!(half.pending(), b"\x8a\x03two");
    }

    #[test]
    fn a_masking_key_may_come_from_elsewhere_but_not_on_a_server() {
        let key = || Box::new(|| [9, 8, 7, 6]);
        let mut half = client();
        half.set_masking_keys(key());
        half.data(Kind::Text, b"hello", true).unwrap();
        assert_eq!(frames(&half)[0].0.mask, Some([9, 8, 7, 6]));
        let mut half = server();
        half.set_masking_keys(key());
        half.data(Kind::Text, b"hello", true).unwrap();
        assert_eq!(half.pending(), b"\x81\x05hello");
    }

    #[test]
    fn pings_and_pongs_wait_for_the_end_of_a_compressed_message_in_fragments() {
        let mut half = SendHalf::new(None, Some(Deflater::new(6, 15, true)));
        half.set_largest_frame(NonZeroUsize::new(1));
        let opcodes = |half: &SendHalf| frames(half).iter().map(|(head, _)| head.opcode()).collect::<Vec<_>>();
        // Before its first frame there is nothing to wait for.
        half.data(Kind::Text, b"be", false).unwrap();
        half.send(Item::Ping(b"first")).unwrap();
        assert_eq!((opcodes(&half), half.holds_controls()), (vec![OpCode::Ping], false));
        // In no order, so that the compressor doesn't gather all of it.
        let next = |last: &u32| Some(last.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
        let many: Vec<u8> =
            std::iter::successors(Some(1), next).take(100_000).map(|i| b'a' + (i >> 28) as u8).collect();
        half.data(Kind::Text, &many, false).unwrap();
        let before = frames(&half).len();
        assert!(before > 1);
        half.answer_ping(b"one");
        half.send(Item::Ping(b"two")).unwrap();
        assert_eq!((frames(&half).len(), half.holds_controls()), (before, true));
        half.data(Kind::Text, b"end", true).unwrap();
        let end = opcodes(&half);
        assert_eq!(end[end.len() - 3..], [OpCode::Continuation, OpCode::Pong, OpCode::Ping]);
        assert!(!half.holds_controls());
        // Another message, of which nobody waits for the end; a Close doesn't either.
        half.data(Kind::Text, &many, false).unwrap();
        half.answer_ping(b"three");
        half.release_controls();
        assert_eq!(opcodes(&half).last(), Some(&OpCode::Pong));
        half.answer_ping(b"four");
        half.send(Item::Close(Close::default())).unwrap();
        let end = opcodes(&half);
        assert_eq!(end[end.len() - 2..], [OpCode::Pong, OpCode::Close]);
    }

    #[test]
    fn no_frame_of_a_message_is_larger_than_was_set() {
        let mut half = client();
        half.set_largest_frame(NonZeroUsize::new(3));
        let lengths = |half: &SendHalf| frames(half).iter().map(|(head, _)| head.length).collect::<Vec<_>>();
        half.data(Kind::Text, b"abcdefg", true).unwrap();
        half.data(Kind::Text, b"abc", true).unwrap();
        half.data(Kind::Text, b"", true).unwrap();
        half.data(Kind::Text, b"abcd", false).unwrap();
        half.data(Kind::Text, b"ef", true).unwrap();
        assert_eq!(lengths(&half), [3, 3, 1, 3, 0, 3, 1, 2]);
        let ends: Vec<bool> = frames(&half).iter().map(|(head, _)| head.is_final()).collect();
        assert_eq!(ends, [false, false, true, true, true, false, false, true]);
    }

    #[test]
    fn what_a_compressor_gathers_holds_nobody_back_and_is_bounded() {
        // The text of a block, or what a frame may have in it, and what the matcher looks at.
        assert!((256 << 10..512 << 10).contains(&most_gathered(None)), "{}", most_gathered(None));
        let most = most_gathered(NonZeroUsize::new(64 << 10));
        assert!((1 << 20..5 << 19).contains(&most), "{most}");
    }

    /// The most content that waits for its frame.
    fn most_gathered(largest_frame: Option<NonZeroUsize>) -> usize {
        let mut half = SendHalf::new(None, Some(Deflater::new(6, 15, true)));
        half.set_largest_frame(largest_frame);
        half.set_observe(Observe::FramesAndContent);
        let mut most = 0;
        for _ in 0..200 {
            half.data(Kind::Text, &[b'x'; 64 * 1024], false).unwrap();
            half.wrote(half.pending().len());
            while half.events().take().is_some() {}
            // Who sends when there is room for more must not wait for what only sending more gets out.
            assert_eq!(half.backlog(), 0);
            most = most.max(half.events().gathered());
        }
        most
    }

    #[test]
    fn pings_do_not_wait_where_nothing_is_compressed() {
        let mut half = server();
        half.data(Kind::Text, b"not all", false).unwrap();
        half.answer_ping(b"one");
        assert_eq!(frames(&half).len(), 2);
    }

    #[test]
    fn what_is_sent_is_told_with_its_content_and_counts_as_backlog_until_then() {
        let mut half = server();
        half.set_observe(Observe::FramesAndContent);
        half.send(fragmented(Kind::Text, b"hello", 2)).unwrap();
        half.send(Item::message(Kind::Binary, b"x")).unwrap();
        assert!(half.backlog() > half.pending().len() + 2 * size_of::<Frame<'_>>());
        let mut told = Vec::new();
        while let Some(observed) = half.events().take() {
            told.push(match observed {
                SentEvent::Frame(frame) => format!("{:?} {:?}", frame.header.opcode, frame.fragment),
                SentEvent::Content { kind, first, place, bytes, .. } => {
                    format!("{kind:?} {first} {} {bytes:?}", place.is_final)
                }
            });
        }
        let text =
            ["Text Some(1)", "Text true false [104, 101]", "Continuation Some(2)", "Text false true [108, 108, 111]"];
        assert_eq!(told, [&text[..], &["Binary None", "Binary true true [120]"]].concat());
        assert_eq!(half.backlog(), half.pending().len());
    }
}
