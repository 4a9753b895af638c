//! Messages to frames: the sending half of a connection (RFC 6455 §5, §7; RFC 7692 §6, §7.2.1).

use std::borrow::Cow;
use std::collections::VecDeque;
use std::fmt;

use super::close::Close;
use super::deflate::Deflater;
use super::event::{Direction, Frame, Kind};
use super::frame::{FIN, FrameHeader, MAX_CONTROL_PAYLOAD};
use super::message::Counters;
use super::opcode::OpCode;
use super::outbox::Outbox;
use super::status_code::StatusCode;

/// Where masking keys come from. §5.3 wants them unpredictable; this layer has no randomness of
/// its own, so the caller brings it.
pub type MaskingKeys = Box<dyn FnMut() -> [u8; 4] + Send>;

/// We were asked to send what the protocol doesn't allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// Nothing may follow our Close frame (§5.5.1).
    CloseSent,
    /// A control frame carries at most 125 bytes (§5.5).
    LongControlFrame(usize),
    /// A status code that may not be on the wire (§7.4).
    CloseCode(StatusCode),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CloseSent => f.write_str("the Close frame has been sent, and nothing may follow it"),
            Self::LongControlFrame(length) => {
                write!(f, "a control frame carries at most {MAX_CONTROL_PAYLOAD} bytes, not {length}")
            }
            Self::CloseCode(code) => write!(f, "the status code {code} may not be sent"),
        }
    }
}

/// How an injected frame is masked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Masking {
    /// As every other frame of ours: a client's is masked, a server's isn't (§5.1).
    AsUsual,
    Off,
    Key([u8; 4]),
}

/// The sending half. What it encodes waits in [`pending`](Self::pending) until the caller has
/// written it.
pub struct Outgoing {
    /// A client masks, a server doesn't (§5.1).
    keys: Option<MaskingKeys>,
    deflater: Option<Deflater>,
    compress: bool,
    answers_pings: bool,
    message: Option<OpenMessage>,
    close_sent: bool,
    outbox: Outbox,
    written_in_all: u64,
    sent: Counters,
    observe: bool,
    /// Content that no frame has been told with yet, where frames are told with theirs.
    content: Option<Vec<u8>>,
    observed: VecDeque<Frame<'static>>,
}

/// A fragmented message whose last frame hasn't been sent.
#[derive(Debug, Clone, Copy)]
struct OpenMessage {
    compressed: bool,
    fragments: u64,
    /// Content taken in and not yet on the wire, while a compressor gathers it.
    content: u64,
}

impl Outgoing {
    /// With `keys` this is a client's half, without a server's.
    pub fn new(keys: Option<MaskingKeys>, deflater: Option<Deflater>) -> Self {
        let compress = deflater.is_some();
        Self {
            keys,
            deflater,
            compress,
            answers_pings: true,
            message: None,
            close_sent: false,
            outbox: Outbox::default(),
            written_in_all: 0,
            sent: Counters::default(),
            observe: false,
            content: None,
            observed: VecDeque::new(),
        }
    }

    /// Whether every frame sent is told by [`Incoming::poll`](super::Incoming::poll).
    pub fn observe(&mut self, on: bool) {
        self.observe = on;
    }

    /// Whether a data frame is told with the content that was sent in it, as its payload.
    pub fn observe_content(&mut self, on: bool) {
        self.content = on.then(Vec::new);
    }

    /// Whether messages from the next on are compressed, where that was negotiated (RFC 7692 §6
    /// leaves it to the sender, message by message).
    pub fn compress(&mut self, on: bool) {
        self.compress = on && self.deflater.is_some();
    }

    /// Whether messages from the next on are compressed.
    pub fn compresses(&self) -> bool {
        self.compress
    }

    /// Whether a Ping is answered with a Pong, as §5.5.2 wants it. It is, unless turned off.
    pub fn answer_pings(&mut self, on: bool) {
        self.answers_pings = on;
    }

    /// Draws masking keys from elsewhere, from the next frame on. A server has no use for them.
    pub fn mask_with(&mut self, keys: MaskingKeys) {
        if let Some(current) = &mut self.keys {
            *current = keys;
        }
    }

    /// Sends a whole message as exactly `count` fragments (§5.4), of which the last ones are empty
    /// where there is too little content. It is compressed first, then cut (RFC 7692 §6.1).
    ///
    /// # Errors
    /// [`Refused::CloseSent`].
    pub fn fragments(&mut self, kind: Kind, content: &[u8], count: usize) -> Result<(), Refused> {
        if self.close_sent {
            return Err(Refused::CloseSent);
        }
        let Some(mut deflater) = self.deflater.take_if(|_| self.compress) else {
            cut(content, count).for_each(|(part, last)| self.fragment(kind, part, last, None));
            return Ok(());
        };
        let mut inside = Some(content.len() as u64);
        for (part, last) in cut(deflater.push(content, true), count) {
            // How much a part inflates to isn't known apart; the first stands for all.
            self.fragment(kind, part, last, Some(inside.take().unwrap_or_default()));
        }
        self.deflater = Some(deflater);
        Ok(())
    }

    /// Sends a frame as it is asked for, whatever the protocol says about it. Only a Close counts:
    /// it begins the closing handshake like any other.
    pub fn inject(&mut self, header: &FrameHeader, payload: &[u8], masking: Masking) {
        let mask = match masking {
            Masking::AsUsual => self.next_key(),
            Masking::Off => None,
            Masking::Key(key) => Some(key),
        };
        let header = FrameHeader { mask, ..*header };
        self.outbox.put_frame(&header, payload);
        self.close_sent |= header.opcode == OpCode::Close;
        self.note_control(header, payload);
    }

    /// Sends the next part of a message: whole in one frame when its first part is its last, else
    /// as fragments. `kind` is that of the first part. Text must be UTF-8 once it is whole.
    ///
    /// # Errors
    /// [`Refused::CloseSent`].
    pub fn data(&mut self, kind: Kind, part: &[u8], last: bool) -> Result<(), Refused> {
        if self.close_sent {
            return Err(Refused::CloseSent);
        }
        self.sent.add(part.len(), last);
        if last && self.message.is_none() && !self.compress && !self.observe {
            self.plain_message(kind, part);
            return Ok(());
        }
        if let Some(content) = &mut self.content {
            content.extend_from_slice(part);
        }
        if self.message.map_or(self.compress, |message| message.compressed) {
            self.compressed_part(kind, part, last);
        } else {
            let header = self.data_header(kind, last, false);
            self.outbox.put_frame(&header, part);
            self.note_data(&header, part.len(), None);
            self.count_fragment(false, last);
        }
        Ok(())
    }

    /// The common case: a whole message in one frame, neither compressed nor observed.
    #[inline]
    fn plain_message(&mut self, kind: Kind, content: &[u8]) {
        let first = FIN | u8::from(kind.opcode());
        let key = self.next_key();
        self.outbox.put(first, key, content);
    }

    fn compressed_part(&mut self, kind: Kind, part: &[u8], last: bool) {
        let Some(mut deflater) = self.deflater.take() else { return };
        let content = self.message.map_or(0, |message| message.content) + part.len() as u64;
        let packed = deflater.push(part, last);
        if packed.is_empty() && !last {
            // The compressor is still gathering; there is no frame to send yet.
            let open = self.message.get_or_insert(OpenMessage { compressed: true, fragments: 0, content });
            open.content = content;
        } else {
            let header = self.data_header(kind, last, true);
            self.outbox.put_frame(&header, packed);
            self.note_data(&header, packed.len(), Some(content));
            self.count_fragment(true, last);
        }
        self.deflater = Some(deflater);
    }

    /// Puts only the header of a frame, where its payload may follow as it is: on a server, without
    /// compression. The caller then writes exactly `length` bytes behind what is pending. Returns
    /// false, and does nothing, where the payload has to pass through [`data`](Self::data).
    ///
    /// # Errors
    /// [`Refused::CloseSent`].
    pub fn announce(&mut self, kind: Kind, length: usize, last: bool) -> Result<bool, Refused> {
        if self.close_sent {
            return Err(Refused::CloseSent);
        }
        let passes_through = self.keys.is_some() || self.content.is_some();
        if passes_through || self.message.map_or(self.compress, |message| message.compressed) {
            return Ok(false);
        }
        self.sent.add(length, last);
        let header = self.data_header(kind, last, false);
        self.outbox.put_header(&header, length);
        self.note_data(&header, length, None);
        self.count_fragment(false, last);
        Ok(true)
    }

    /// # Errors
    /// [`Refused::LongControlFrame`] over 125 bytes, [`Refused::CloseSent`].
    pub fn ping(&mut self, payload: &[u8]) -> Result<(), Refused> {
        self.control(OpCode::Ping, payload)
    }

    /// # Errors
    /// [`Refused::LongControlFrame`] over 125 bytes, [`Refused::CloseSent`].
    pub fn pong(&mut self, payload: &[u8]) -> Result<(), Refused> {
        self.control(OpCode::Pong, payload)
    }

    /// Begins the closing handshake, or answers the peer's (§7.1.2). Nothing can follow.
    ///
    /// # Errors
    /// [`Refused::CloseCode`] for a code that may not be sent, [`Refused::CloseSent`].
    pub fn close(&mut self, close: &Close) -> Result<(), Refused> {
        if let Some(code) = close.code.filter(|code| !code.may_be_sent()) {
            return Err(Refused::CloseCode(code));
        }
        self.control(OpCode::Close, &close.payload())?;
        self.close_sent = true;
        Ok(())
    }

    /// What has been encoded so far.
    pub fn sent(&self) -> Counters {
        self.sent
    }

    /// Our Close frame has been encoded.
    pub fn close_sent(&self) -> bool {
        self.close_sent
    }

    /// What is encoded and not yet written.
    pub fn pending(&self) -> &[u8] {
        self.outbox.pending()
    }

    /// Says that `count` bytes of [`pending`](Self::pending) have been written.
    pub fn wrote(&mut self, count: usize) {
        self.outbox.wrote(count);
        self.written_in_all += count as u64;
    }

    /// Drops what is pending: it can't be written any more.
    pub fn discard(&mut self) {
        self.outbox.clear();
    }

    /// Bytes that have been written since the beginning.
    pub fn written_in_all(&self) -> u64 {
        self.written_in_all
    }

    /// Adds bytes that [`announce`](Self::announce) promised and the caller couldn't write at once.
    pub fn append_payload(&mut self, bytes: &[u8]) {
        self.outbox.append(bytes);
    }

    /// Gives memory back while the connection is idle.
    pub fn shrink(&mut self) {
        if self.pending().is_empty() {
            self.outbox.shrink();
            if let Some(deflater) = &mut self.deflater {
                deflater.shrink();
            }
        }
    }

    /// The Close that answers the peer's, with the same status code (§5.5.1).
    pub(super) fn answer_close(&mut self, theirs: &Close) {
        // Refused only when ours is out already, which then was the first.
        let _ = self.close(&Close { code: theirs.code, reason: String::new() });
    }

    /// §5.5.2, unless our Close is out already.
    pub(super) fn answer_ping(&mut self, payload: &[u8]) {
        if self.answers_pings {
            let _ = self.pong(payload);
        }
    }

    /// The Close that fails the connection (§7.1.7), unless one is out already.
    pub(super) fn fail(&mut self, close: Close) {
        let _ = self.close(&close);
    }

    pub(super) fn take_observed(&mut self) -> Option<Frame<'static>> {
        self.observed.pop_front()
    }

    fn control(&mut self, opcode: OpCode, payload: &[u8]) -> Result<(), Refused> {
        if self.close_sent {
            return Err(Refused::CloseSent);
        }
        if payload.len() as u64 > MAX_CONTROL_PAYLOAD {
            return Err(Refused::LongControlFrame(payload.len()));
        }
        let header = FrameHeader { mask: self.next_key(), ..FrameHeader::new(opcode) };
        self.outbox.put_frame(&header, payload);
        self.note_control(header, payload);
        Ok(())
    }

    fn fragment(&mut self, kind: Kind, part: &[u8], last: bool, content: Option<u64>) {
        let header = self.data_header(kind, last, content.is_some());
        self.outbox.put_frame(&header, part);
        self.note_data(&header, part.len(), content);
        self.count_fragment(content.is_some(), last);
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

    fn count_fragment(&mut self, compressed: bool, last: bool) {
        if last {
            self.message = None;
        } else {
            let open = self.message.get_or_insert(OpenMessage { compressed, fragments: 0, content: 0 });
            open.fragments += 1;
            open.content = 0;
        }
    }

    fn note_control(&mut self, header: FrameHeader, payload: &[u8]) {
        if self.observe {
            self.observed.push_back(Frame {
                direction: Direction::Sent,
                header,
                length: payload.len() as u64,
                payload: Cow::Owned(payload.to_vec()),
                fragment: None,
                compressed: false,
                content: None,
            });
        }
    }

    fn note_data(&mut self, header: &FrameHeader, length: usize, content: Option<u64>) {
        if !self.observe {
            return;
        }
        let before = self.message.map_or(0, |message| message.fragments);
        self.observed.push_back(Frame {
            direction: Direction::Sent,
            header: *header,
            length: length as u64,
            payload: self.content.as_mut().map(std::mem::take).unwrap_or_default().into(),
            fragment: (before > 0 || !header.is_final).then_some(before + 1),
            compressed: content.is_some(),
            content,
        });
    }
}

/// `count` parts of as equal a length as they can have; with each whether it is the last.
fn cut(bytes: &[u8], count: usize) -> impl Iterator<Item = (&[u8], bool)> {
    let at = move |i: usize| (bytes.len() as u128 * i as u128 / count as u128) as usize;
    (0..count).map(move |i| (&bytes[at(i)..at(i + 1)], i + 1 == count))
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing")
            .field("masks", &self.keys.is_some())
            .field("deflater", &self.deflater)
            .field("close_sent", &self.close_sent)
            .field("pending", &self.pending().len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::super::frame::{Head, apply_mask};
    use super::*;

    fn client() -> Outgoing {
        Outgoing::new(Some(Box::new(|| [1, 2, 3, 4])), None)
    }

    fn server() -> Outgoing {
        Outgoing::new(None, None)
    }

    /// The frames that wait to be written: header and unmasked payload.
    fn frames(outgoing: &Outgoing) -> Vec<(Head, Vec<u8>)> {
        let mut rest = outgoing.pending();
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
        let mut outgoing = client();
        outgoing.fragments(Kind::Text, b"hello", 3).unwrap();
        let sent = frames(&outgoing);
        let told: Vec<_> = sent.iter().map(|(head, part)| (head.opcode(), head.is_final(), part.as_slice())).collect();
        let (text, more) = (OpCode::Text, OpCode::Continuation);
        assert_eq!(told, [(text, false, &b"h"[..]), (more, false, b"el"), (more, true, b"lo")]);
        assert!(sent.iter().all(|(head, _)| head.mask == Some([1, 2, 3, 4])));
    }

    #[test]
    fn fragments_outnumber_the_content_by_empty_ones() {
        let mut outgoing = server();
        outgoing.fragments(Kind::Binary, b"x", 3).unwrap();
        let lengths: Vec<u64> = frames(&outgoing).iter().map(|(head, _)| head.length).collect();
        assert_eq!(lengths.iter().sum::<u64>(), 1);
        assert_eq!(lengths.len(), 3);
        // The next message begins anew.
        outgoing.data(Kind::Text, b"next", true).unwrap();
        assert_eq!(frames(&outgoing)[3].0.opcode(), OpCode::Text);
    }

    #[test]
    fn one_fragment_is_a_whole_message() {
        let mut outgoing = server();
        outgoing.fragments(Kind::Text, b"hello", 1).unwrap();
        assert_eq!(outgoing.pending(), b"\x81\x05hello");
    }

    #[test]
    fn what_is_injected_is_written_as_asked_and_observed() {
        let mut outgoing = client();
        outgoing.observe(true);
        let opcode = OpCode::Reserved(3);
        let header = FrameHeader { is_final: false, rsv2: true, ..FrameHeader::new(opcode) };
        outgoing.inject(&header, b"odd", Masking::Off);
        assert_eq!(outgoing.pending(), b"\x23\x03odd");
        let seen = outgoing.take_observed().unwrap();
        assert_eq!((seen.direction, seen.length, &*seen.payload), (Direction::Sent, 3, &b"odd"[..]));
        assert_eq!((seen.header.opcode, seen.header.rsv2, seen.header.mask), (opcode, true, None));
        assert!(outgoing.take_observed().is_none());
    }

    #[test]
    fn an_injected_frame_is_masked_as_asked() {
        for (masking, mask) in
            [(Masking::AsUsual, Some([1, 2, 3, 4])), (Masking::Off, None), (Masking::Key([0; 4]), Some([0; 4]))]
        {
            let mut outgoing = client();
            outgoing.inject(&FrameHeader::new(OpCode::Close), b"x", masking);
            assert_eq!(frames(&outgoing)[0].0.mask, mask, "{masking:?}");
        }
    }

    #[test]
    fn an_injected_close_is_a_close_like_any_other() {
        let mut outgoing = server();
        let header = FrameHeader::new(OpCode::Close);
        outgoing.inject(&header, b"\x03", Masking::AsUsual);
        assert_eq!(outgoing.pending(), b"\x88\x01\x03");
        assert!(outgoing.close_sent());
        assert_eq!(outgoing.data(Kind::Text, b"late", true), Err(Refused::CloseSent));
        assert_eq!(outgoing.fragments(Kind::Text, b"late", 2), Err(Refused::CloseSent));
    }

    #[test]
    fn pings_are_answered_until_told_not_to() {
        let mut outgoing = server();
        outgoing.answer_pings(false);
        outgoing.answer_ping(b"one");
        assert_eq!(outgoing.pending(), b"");
        outgoing.answer_pings(true);
        outgoing.answer_ping(b"two");
        assert_eq!(outgoing.pending(), b"\x8a\x03two");
    }

    #[test]
    fn a_masking_key_may_come_from_elsewhere_but_not_on_a_server() {
        let key = || Box::new(|| [9, 8, 7, 6]);
        let mut outgoing = client();
        outgoing.mask_with(key());
        outgoing.data(Kind::Text, b"hello", true).unwrap();
        assert_eq!(frames(&outgoing)[0].0.mask, Some([9, 8, 7, 6]));
        let mut outgoing = server();
        outgoing.mask_with(key());
        outgoing.data(Kind::Text, b"hello", true).unwrap();
        assert_eq!(outgoing.pending(), b"\x81\x05hello");
    }
}
