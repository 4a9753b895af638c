//! How what was recorded is sent again: in as many frames, compressed or not.

use std::num::NonZeroUsize;

use super::outgoing::{MessageShape, What};
use crate::net::Sender;
use crate::ws::{FrameHeader, Item, Kind, MAX_CONTROL_PAYLOAD, Masking, OpCode, OwnedItem, Role};

#[derive(Debug)]
pub(super) struct ReplaySender {
    pub(super) role: Role,
    /// What the protocol forbids is sent too.
    exact: bool,
    /// Whether messages are compressed where the recording doesn't say.
    compresses: Option<bool>,
    /// Of a message that is sent in parts: bytes of content so far, and frames that are full.
    bytes: u64,
    frames: u64,
    /// Frames that weren't sent because the protocol forbids them.
    pub(super) left_out: u64,
}

impl ReplaySender {
    pub(super) fn new(role: Role, exact: bool) -> Self {
        Self { role, exact, compresses: None, bytes: 0, frames: 0, left_out: 0 }
    }

    /// Returns whether a message has been sent to its end. What is refused after a Close has nowhere to go.
    pub(super) fn send(&mut self, what: &What, sender: &mut Sender<'_>) -> bool {
        match what {
            What::Message { kind, content, shape } => {
                self.begin(*shape, sender);
                let _ = match shape.fragments.filter(|count| count.get() > 1) {
                    Some(fragments) => sender.send(Item::Fragmented { kind: *kind, content, fragments }),
                    None => sender.data(*kind, content, true),
                };
                true
            }
            What::Part { kind, content, shape, first, last } => {
                if *first {
                    self.begin(*shape, sender);
                    self.limit_frames(*shape, sender);
                }
                self.part(*kind, content, *shape, *last, sender);
                *last
            }
            What::Item(OwnedItem::Frame { header, payload, masking }) => self.frame(header, payload, *masking, sender),
            What::Item(item) => {
                let _ = sender.send(item.as_item());
                false
            }
            What::PeerCloses | What::End => false,
        }
    }

    fn begin(&mut self, shape: MessageShape, sender: &mut Sender<'_>) {
        let as_agreed = *self.compresses.get_or_insert_with(|| sender.compresses());
        sender.set_compress(shape.compressed.unwrap_or(as_agreed));
        sender.set_largest_frame(0);
        (self.bytes, self.frames) = (0, 0);
    }

    /// How much a part is compressed isn't known before it is: frames of the recorded size on average come to as many.
    fn limit_frames(&self, shape: MessageShape, sender: &mut Sender<'_>) {
        let size = shape.wire_length.zip(shape.fragments).map(|(length, count)| length.div_ceil(count.get() as u64));
        if sender.compresses() {
            sender.set_largest_frame(size.and_then(|size| usize::try_from(size).ok()).unwrap_or_default());
        }
    }

    /// A frame ends where it ended, as far as the number of frames tells, and with the part.
    fn part(&mut self, kind: Kind, content: &[u8], shape: MessageShape, last: bool, sender: &mut Sender<'_>) {
        let mut rest = content;
        if !sender.compresses() {
            while let Some(size) = self.left_of_frame(shape).filter(|size| *size < rest.len()) {
                let (frame, behind) = rest.split_at(size);
                let _ = sender.data(kind, frame, false);
                self.bytes += size as u64;
                rest = behind;
            }
        }
        self.bytes += rest.len() as u64;
        let _ = sender.data(kind, rest, last);
    }

    /// Bytes that are left of the frame, where frames are of one size.
    fn left_of_frame(&mut self, shape: MessageShape) -> Option<usize> {
        let (length, count) = shape.length.zip(shape.fragments.map(NonZeroUsize::get))?;
        let end = |frames: u64| u128::from(length) * u128::from(frames) / count as u128;
        while end(self.frames + 1) <= u128::from(self.bytes) && self.frames < count as u64 {
            self.frames += 1;
        }
        usize::try_from(end(self.frames + 1).saturating_sub(u128::from(self.bytes))).ok()
    }

    fn frame(&mut self, header: &FrameHeader, payload: &[u8], masking: Masking, sender: &mut Sender<'_>) -> bool {
        let masking = match (self.exact, self.is_lawful(header, payload, masking, sender)) {
            (true, _) => masking,
            (false, true) => Masking::AsUsual,
            (false, false) => {
                self.left_out += 1;
                return false;
            }
        };
        let _ = sender.send(Item::Frame { header: *header, payload, masking });
        header.is_final && !header.opcode.is_control()
    }

    fn is_lawful(&self, header: &FrameHeader, payload: &[u8], masking: Masking, sender: &Sender<'_>) -> bool {
        let is_masked = match self.role {
            Role::Client => masking != Masking::Off,
            Role::Server => !matches!(masking, Masking::Key(_)),
        };
        let has_reserved = header.rsv1 || header.rsv2 || header.rsv3 || matches!(header.opcode, OpCode::Reserved(_));
        let is_in_place = match header.opcode.is_control() {
            true => header.is_final && payload.len() <= MAX_CONTROL_PAYLOAD,
            false => (header.opcode == OpCode::Continuation) == sender.is_inside_message(),
        };
        is_masked && !has_reserved && is_in_place
    }
}
