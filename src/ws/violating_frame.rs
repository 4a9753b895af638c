//! A frame that broke the protocol: everything wrong with it, and what was in it.

use super::opcode::OpCode;
use super::violation::Violation;

/// Bytes that are kept of what was in a violating frame.
pub(super) const EXCERPT: usize = 256;

/// One frame with everything wrong with it, and so much of its content that somebody can see why.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ViolatingFrame {
    pub opcode: OpCode,
    /// Payload length on the wire, in bytes, as the header claims it.
    pub length: u64,
    /// At least one.
    pub faults: Vec<Violation>,
    pub excerpt: Excerpt,
    /// The connection goes on, as [`set_tolerant`](super::Connection::set_tolerant) asks for.
    pub tolerated: bool,
}

impl ViolatingFrame {
    pub(crate) fn new(opcode: OpCode, length: u64, faults: Vec<Violation>, excerpt: Excerpt) -> Self {
        Self { opcode, length, faults, excerpt, tolerated: false }
    }

    /// Whether nothing is wrong but that it is longer than what is taken here: no rule was broken (RFC 6455 §10.4).
    pub(crate) fn only_exceeds_limit(&self) -> bool {
        self.faults.iter().all(|fault| matches!(fault, Violation::MessageTooBig { .. }))
    }

    /// Each fault, with the rule that it broke.
    pub fn cited(&self) -> Vec<String> {
        self.faults.iter().map(Violation::cited).collect()
    }
}

/// The first 256 bytes, or those around the bad byte where that comes later: as far as they had arrived when the fault was
/// found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    pub of: ExcerptOf,
    /// Where `bytes` begin in it.
    pub start: u64,
    pub bytes: Vec<u8>,
    /// Where in it the first byte is that can't be right, if one is.
    pub bad: Option<u64>,
}

/// What an excerpt was taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExcerptOf {
    /// The frame's payload, unmasked.
    Payload,
    /// The message's content, from its first frame on, inflated.
    Message,
    /// What came where a frame should begin.
    Stream,
}

impl Excerpt {
    /// The beginning of a payload.
    pub(crate) fn of_payload(payload: &[u8]) -> Self {
        Self::of_payload_from(0, payload)
    }

    /// What came instead of a frame.
    pub(super) fn of_stream(arrived: &[u8]) -> Self {
        Self { of: ExcerptOf::Stream, ..Self::of_payload(arrived) }
    }

    /// What had arrived of a payload from an offset on.
    pub(super) fn of_payload_from(start: u64, arrived: &[u8]) -> Self {
        let bytes = arrived[..arrived.len().min(EXCERPT)].to_vec();
        Self { of: ExcerptOf::Payload, start, bytes, bad: None }
    }

    /// Of a message that began with `beginning`, and whose latest `part` begins at the offset `at`, behind what has `begun` of a
    /// character where that is the bad one.
    pub(super) fn of_message(beginning: &[u8], (at, begun): (u64, &[u8]), part: &[u8], bad: Option<u64>) -> Self {
        let is_early = bad.is_none_or(|bad| bad < EXCERPT as u64);
        let (start, mut bytes) = if is_early {
            let missing = EXCERPT - beginning.len();
            (0, [beginning, &part[..part.len().min(missing)]].concat())
        } else {
            // Half of it before the bad byte; of what came before the part, no more than the character is there.
            let from = bad.unwrap_or_default().saturating_sub(EXCERPT as u64 / 2).max(at);
            let before = if from == at { begun } else { &[] };
            (from - before.len() as u64, [before, &part[((from - at) as usize).min(part.len())..]].concat())
        };
        bytes.truncate(EXCERPT);
        Self { of: ExcerptOf::Message, start, bytes, bad }
    }

    /// The bad byte, where it is among those that were kept.
    pub fn bad_byte(&self) -> Option<u8> {
        let at = self.bad?.checked_sub(self.start)?;
        self.bytes.get(usize::try_from(at).ok()?).copied()
    }
}
