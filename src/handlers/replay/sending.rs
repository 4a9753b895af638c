//! How what was recorded is sent again: in the same frames, compressed or not.

use super::outgoing::{MessageShape, What};
use super::planned_frames::{LARGEST, PlannedFrames, divided};
use crate::net::Sender;
use crate::ws::{
    Close, FrameHeader, Item, MAX_CONTROL_PAYLOAD, MAX_FRAGMENTS, Masking, OpCode, OwnedItem, Role, StatusCode,
};

#[derive(Debug)]
pub(super) struct ReplaySender {
    pub(super) role: Role,
    /// What the protocol forbids is sent too.
    exact: bool,
    /// Whether messages are compressed where the recording doesn't say.
    compresses: Option<bool>,
    /// Of a message that is sent in parts, and isn't compressed.
    planned: PlannedFrames,
    /// Frames that weren't sent because the protocol forbids them.
    pub(super) left_out: u64,
}

impl ReplaySender {
    pub(super) fn new(role: Role, exact: bool) -> Self {
        Self { role, exact, compresses: None, planned: PlannedFrames::default(), left_out: 0 }
    }

    /// Returns whether a message has been sent to its end. What is refused after a Close has nowhere to go.
    pub(super) fn send(&mut self, what: &What, sender: &mut Sender<'_>) -> bool {
        match what {
            What::Message { kind, content, shape } => {
                self.begin(shape, sender);
                let (kind, fragments) = (*kind, shape.fragments.filter(|count| count.get() > 1));
                let _ = match (&shape.lengths[..], fragments) {
                    (lengths @ [_, ..], _) => sender.send(Item::FragmentedAs { kind, content, lengths }),
                    ([], Some(fragments)) => sender.send(Item::Fragmented { kind, content, fragments }),
                    ([], None) => sender.data(kind, content, true),
                };
                true
            }
            What::Part { kind, content, begins, last } => {
                if let Some(shape) = begins {
                    self.begin(shape, sender);
                    self.plan(shape, sender);
                }
                if sender.compresses() {
                    let _ = sender.data(*kind, content, *last);
                } else {
                    // Refused after a Close, and then the rest has nowhere to go.
                    self.planned.push(content, *last, |frame, ends| drop(sender.data(*kind, frame, ends)));
                }
                *last
            }
            What::Item(OwnedItem::Frame { header, payload, masking }) => self.frame(header, payload, *masking, sender),
            What::Item(item) => {
                let is_refused = sender.send(item.as_item()).is_err();
                if is_refused && matches!(item, OwnedItem::Close(_)) {
                    // What was recorded can't be sent, unless the connection is closing already.
                    let _ = sender.close(Close::new(StatusCode::NORMAL, ""));
                }
                false
            }
            What::PeerCloses(_) | What::End(_) => false,
        }
    }

    fn begin(&mut self, shape: &MessageShape, sender: &mut Sender<'_>) {
        let as_agreed = *self.compresses.get_or_insert_with(|| sender.compresses());
        sender.set_compress(shape.compressed.unwrap_or(as_agreed));
        sender.set_largest_frame(0);
    }

    /// How much a part is compressed isn't known before it is: where only the number of frames is recorded, frames of the
    /// size that they had on average come to about as many.
    fn plan(&mut self, shape: &MessageShape, sender: &mut Sender<'_>) {
        if sender.compresses() {
            let size =
                shape.wire_length.zip(shape.fragments).map(|(length, count)| length.div_ceil(count.get() as u64));
            // The lengths are their writer's word: as many frames of the largest size as any message has are enough.
            sender.set_frame_lengths(divided(shape.lengths.iter().copied()).take(MAX_FRAGMENTS));
            sender.set_largest_frame(size.map_or(0, |size| usize::try_from(size).unwrap_or(LARGEST).min(LARGEST)));
        } else {
            self.planned = PlannedFrames::of(shape);
        }
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
