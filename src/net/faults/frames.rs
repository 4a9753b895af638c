//! Finds the frames in a stream of bytes as it passes, in whatever pieces it comes.

use crate::ws::Head;

/// The longest header of a frame, in bytes (RFC 6455 §5.2).
const LONGEST_HEAD: usize = 14;

/// The opcode of a Pong (§5.5.3).
pub(super) const PONG: u8 = 0xa;

/// Where a stream is in its frames.
#[derive(Debug, Default)]
pub(super) struct FrameSplitter {
    /// The beginning of a header of which not all is there.
    head: Vec<u8>,
    /// Bytes of payload that are still to come.
    left: u64,
}

/// Part of a stream.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum FramePiece<'a> {
    /// The header of a frame, and its bytes.
    Head(Head, Vec<u8>),
    Payload(&'a [u8]),
}

impl FrameSplitter {
    /// Whether it keeps the beginning of a header: the rest has to follow that way.
    pub(super) fn holds_part_of_head(&self) -> bool {
        !self.head.is_empty()
    }

    /// Takes the next piece from the front of `bytes`. A header that isn't whole is kept until it is.
    pub(super) fn next<'a>(&mut self, bytes: &mut &'a [u8]) -> Option<FramePiece<'a>> {
        if self.left > 0 {
            let count = usize::try_from(self.left).unwrap_or(usize::MAX).min(bytes.len());
            let (payload, rest) = bytes.split_at(count);
            (*bytes, self.left) = (rest, self.left - count as u64);
            return (count > 0).then_some(FramePiece::Payload(payload));
        }
        while let Some((byte, rest)) = bytes.split_first().filter(|_| self.head.len() < LONGEST_HEAD) {
            self.head.push(*byte);
            *bytes = rest;
            if let Some(head) = Head::parse(&self.head) {
                self.left = head.length;
                return Some(FramePiece::Head(head, std::mem::take(&mut self.head)));
            }
        }
        None
    }
}

/// Whether a message begins with this frame, whichever is its kind (§5.4).
pub(super) fn begins_message(head: &Head) -> bool {
    !head.is_control() && u8::from(head.opcode()) != 0
}

pub(super) fn is_pong(head: &Head) -> bool {
    u8::from(head.opcode()) == PONG
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_found_however_the_stream_is_cut() {
        let stream = [&b"\x01\x02ab\x89\x00\x80\x81key!c\x82\x7e\x00\x7e"[..], &[7; 126]].concat();
        for size in 1..stream.len() {
            let (mut splitter, mut heads, mut whole) = (FrameSplitter::default(), Vec::new(), Vec::new());
            for mut bytes in stream.chunks(size) {
                while let Some(piece) = splitter.next(&mut bytes) {
                    match piece {
                        FramePiece::Head(head, raw) => {
                            heads.push((u8::from(head.opcode()), head.length, begins_message(&head)));
                            whole.extend(raw);
                        }
                        FramePiece::Payload(bytes) => whole.extend(bytes),
                    }
                }
            }
            assert_eq!(heads, [(1, 2, true), (9, 0, false), (0, 1, false), (2, 126, true)], "{size}");
            assert_eq!(whole, stream, "{size}");
        }
    }
}
