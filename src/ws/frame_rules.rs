//! Whether a frame may come here and now, by its header and by the message that is open (RFC 6455 §5).

use super::frame::{Head, MAX_CONTROL_PAYLOAD};
use super::negotiation::DeflateParams;
use super::opcode::OpCode;
use super::open_message::OpenMessage;
use super::role::Role;
use super::violation::Violation;

/// What decides about the peer's frames.
#[derive(Debug)]
pub(super) struct FrameRules {
    /// Ours.
    pub(super) role: Role,
    /// In bytes, after inflating; `None` is no limit.
    pub(super) max_message_size: Option<u64>,
    pub(super) deflate: Option<DeflateParams>,
    /// Faults that leave the framing intact are told, and what they are found in is read all the same.
    pub(super) tolerant: bool,
}

impl FrameRules {
    /// Whether the frame is read, though it may be no lawful one.
    pub(super) fn passes(&self, head: &Head, message: Option<&OpenMessage>) -> bool {
        self.is_lawful(head, message) || self.tolerates(&self.faults(head, message))
    }

    /// Whether what is found in a frame with these faults is read all the same. Where reserved bits are set too, an opcode says
    /// nothing: it is text of another protocol, whose first byte has one of them.
    pub(super) fn tolerates(&self, faults: &[Violation]) -> bool {
        let has = |is_meant: fn(&Violation) -> bool| faults.iter().any(is_meant);
        let may_be_text = has(|fault| matches!(fault, Violation::ReservedBit(_)))
            && has(|fault| matches!(fault, Violation::ReservedOpcode(_) | Violation::FragmentedControlFrame));
        self.tolerant && !may_be_text && faults.iter().all(Violation::leaves_framing_intact)
    }

    /// Whether the frame may come here and now. [`faults`](Self::faults) says what is wrong where it may not.
    /// [`ReceiveHalf::take_message`](super::receive_half::ReceiveHalf::take_message) lets most messages past this: whatever a text or
    /// binary frame could break by itself is asked in [`has_lawful_form`](Self::has_lawful_form) or [`fits`](Self::fits),
    /// which both use.
    pub(super) fn is_lawful(&self, head: &Head, message: Option<&OpenMessage>) -> bool {
        self.has_lawful_form(head)
            && !head.has_rsv2_or_rsv3()
            && match head.opcode() {
                OpCode::Text | OpCode::Binary => {
                    message.is_none() && (!head.rsv1() || self.deflate.is_some()) && self.fits(head, message)
                }
                OpCode::Continuation => message.is_some() && !head.rsv1() && self.fits(head, message),
                OpCode::Close | OpCode::Ping | OpCode::Pong => {
                    head.is_final() && !head.rsv1() && head.length <= MAX_CONTROL_PAYLOAD as u64
                }
                OpCode::Reserved(_) => false,
            }
    }

    /// What holds for frames of every opcode, beside the reserved bits: what a client sends is masked, and what a server sends
    /// isn't (§5.1), and the length is written as it must be (§5.2).
    #[inline]
    pub(super) fn has_lawful_form(&self, head: &Head) -> bool {
        head.mask.is_some() == (self.role == Role::Server) && head.has_lawful_length()
    }

    /// Whether the message is still within the limit if the frame is as long as it claims. Only
    /// inflating tells how long compressed content is.
    #[inline]
    pub(super) fn fits(&self, head: &Head, message: Option<&OpenMessage>) -> bool {
        let compressed = message.map_or(head.rsv1(), |message| message.compressed);
        let so_far = message.map_or(0, |message| message.size);
        compressed || self.max_message_size.is_none_or(|limit| so_far.saturating_add(head.length) <= limit)
    }

    /// Everything that is wrong with the frame, for what its header shows.
    #[cold]
    pub(super) fn faults(&self, head: &Head, message: Option<&OpenMessage>) -> Vec<Violation> {
        let header = &head.header();
        let control = head.is_control();
        let (continues, begins, reserved) = match header.opcode {
            OpCode::Continuation => (true, false, None),
            OpCode::Text | OpCode::Binary => (false, true, None),
            OpCode::Reserved(opcode) => (false, false, Some(opcode)),
            OpCode::Close | OpCode::Ping | OpCode::Pong => (false, false, None),
        };
        let rsv1_allowed = self.deflate.is_some() && begins;
        let in_message = message.is_some();
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
            (control && head.length > MAX_CONTROL_PAYLOAD as u64).then_some(Violation::LongControlFrame(head.length)),
            (continues && !in_message).then_some(Violation::UnexpectedContinuation),
            (begins && in_message).then_some(Violation::MessageInterrupted),
            (!control && !self.fits(head, message)).then_some(Violation::MessageTooBig { limit }),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
