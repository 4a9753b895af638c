//! The message that is arriving, and its frame: what comes out of the buffer, and what has to hold for it (RFC 6455 §5.4, §8.1;
//! RFC 7692 §7.2.2).

use super::buffer::Buffer;
use super::deflate::Inflater;
use super::event::Kind;
use super::frame::{Head, apply_mask};
use super::opcode::OpCode;
use super::utf8::Utf8;
use super::violating_frame::Excerpt;
use super::violation::Violation;

/// A data frame whose payload is arriving.
#[derive(Debug)]
pub(super) struct OpenFrame {
    pub(super) opcode: OpCode,
    mask: Option<[u8; 4]>,
    pub(super) length: u64,
    arrived: u64,
    pub(super) last: bool,
    /// The inflater has more to say about what arrived.
    pending: bool,
}

impl OpenFrame {
    pub(super) fn new(head: &Head) -> Self {
        let (opcode, mask, length, last) = (head.opcode(), head.mask, head.length, head.is_final());
        Self { opcode, mask, length, arrived: 0, last, pending: false }
    }

    pub(super) fn to_come(&self) -> u64 {
        self.length - self.arrived
    }

    /// Bytes of payload that wait in the buffer. `None` asks for more.
    pub(super) fn available(&self, buffer: &Buffer) -> Option<usize> {
        let available = self.to_come().min(buffer.unread().len() as u64) as usize;
        (available > 0 || self.to_come() == 0 || self.pending).then_some(available)
    }

    /// Takes the content of `available` bytes of payload, through the inflater where there is one.
    ///
    /// # Errors
    /// It can't be inflated.
    pub(super) fn take<'e>(
        &mut self,
        inflater: Option<&'e mut Inflater>,
        buffer: &'e mut Buffer,
        available: usize,
    ) -> Result<Taken<'e>, (Violation, Excerpt)> {
        let taken = match inflater {
            Some(inflater) => self.inflate(inflater, buffer, available)?,
            None => Taken { bytes: self.unmask(buffer, available), drained: true, packed: b"" },
        };
        self.pending = !taken.drained;
        Ok(taken)
    }

    fn unmask<'e>(&mut self, buffer: &'e mut Buffer, count: usize) -> &'e [u8] {
        let bytes = buffer.consume(count);
        if let Some(mask) = self.mask {
            apply_mask(bytes, mask, self.arrived as usize);
        }
        self.arrived += count as u64;
        bytes
    }

    fn inflate<'e>(
        &mut self,
        inflater: &'e mut Inflater,
        buffer: &'e mut Buffer,
        available: usize,
    ) -> Result<Taken<'e>, (Violation, Excerpt)> {
        let ends = self.last && available as u64 == self.to_come();
        let packed = buffer.unread_mut(available);
        if let Some(mask) = self.mask {
            apply_mask(packed, mask, self.arrived as usize);
        }
        let step = inflater.push(packed).map_err(|fault| (fault, Excerpt::of_payload_from(self.arrived, packed)))?;
        let (used, drained) = (step.used, step.drained);
        // What wasn't used is masked again, to be met by the next step as it came.
        if let Some(mask) = self.mask {
            apply_mask(&mut packed[used..], mask, self.arrived as usize + used);
        }
        let produced = step.bytes.len();
        let start = self.arrived;
        self.arrived += used as u64;
        let packed = buffer.consume(used);
        if ends && drained {
            inflater.finish().map_err(|fault| (fault, Excerpt::of_payload_from(start, packed)))?;
        }
        Ok(Taken { bytes: inflater.latest(produced), drained, packed })
    }
}

/// Content of the open frame that is ready.
pub(super) struct Taken<'a> {
    pub(super) bytes: &'a [u8],
    /// All the frame's arrived payload has come out.
    pub(super) drained: bool,
    /// What they were inflated from.
    pub(super) packed: &'a [u8],
}

/// A message of which the first frame has begun.
#[derive(Debug)]
pub(super) struct OpenMessage {
    pub(super) kind: Kind,
    pub(super) compressed: bool,
    pub(super) fragments: u64,
    /// Content so far, in bytes, after inflating.
    pub(super) size: u64,
    pub(super) told: bool,
    utf8: Utf8,
    /// It is known not to be UTF-8, and tolerated.
    pub(super) is_broken: bool,
}

impl OpenMessage {
    pub(super) fn new(kind: Kind, compressed: bool) -> Self {
        Self { kind, compressed, fragments: 0, size: 0, told: false, utf8: Utf8::default(), is_broken: false }
    }

    /// The first bytes of the character that was incomplete before the latest content, as many as these.
    pub(super) fn begun_character(&self, bytes: u64) -> &[u8] {
        self.utf8.begun(bytes as usize)
    }

    /// Counts what came, against the limit, and checks text as far as it goes. A fault comes with the offset of the bad byte
    /// in the message, where it is one.
    pub(super) fn check(
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
