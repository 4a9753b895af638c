//! The text that is compressed: as much of it as may be referred back to, and what is still to be told.
//!
//! It is a ring, and a position is the lowest 16 bits of how much was ever written, so that nothing has to be moved or
//! renumbered.

use super::symbols::MAX_LENGTH;

/// The beginning of the ring is repeated behind its end, so that whatever is compared lies in one piece.
pub(super) const REPEATED: usize = MAX_LENGTH + 8;

/// The last `SIZE` bytes of the text, a power of two, at most 64 KiB; `STORED` are [`REPEATED`] more.
pub(super) struct RecentText<const SIZE: usize, const STORED: usize> {
    bytes: Box<[u8; STORED]>,
}

/// Zeros on the heap, which never were on a stack: those of a connection's thread are small.
pub(super) fn zeros<T: Copy + Default, const N: usize>() -> Box<[T; N]> {
    let zeros = vec![T::default(); N].into_boxed_slice();
    zeros.try_into().unwrap_or_else(|_| unreachable!("it has N elements"))
}

impl<const SIZE: usize, const STORED: usize> RecentText<SIZE, STORED> {
    pub(super) fn new() -> Self {
        const { assert!(SIZE.is_power_of_two() && SIZE <= 1 << u16::BITS && STORED == SIZE + REPEATED) };
        Self { bytes: zeros() }
    }

    /// Writes what follows the first `end` bytes of the text.
    pub(super) fn write(&mut self, mut end: u64, text: &[u8]) {
        let mut rest = text;
        while !rest.is_empty() {
            let at = end as usize % SIZE;
            let (piece, others) = rest.split_at(rest.len().min(SIZE - at));
            let behind = at + piece.len();
            self.bytes[at..behind].copy_from_slice(piece);
            if at < REPEATED {
                self.bytes.copy_within(at..behind.min(REPEATED), SIZE + at);
            }
            end += piece.len() as u64;
            rest = others;
        }
    }

    /// The text from byte `from` to byte `to`, no more than the ring holds.
    pub(super) fn text(&self, from: u64, to: u64) -> [&[u8]; 2] {
        let (at, length) = (from as usize % SIZE, (to - from) as usize);
        let before_end = length.min(SIZE - at);
        [&self.bytes[at..at + before_end], &self.bytes[..length - before_end]]
    }

    #[inline(always)]
    pub(super) fn byte(&self, at: u64) -> u8 {
        self.bytes[at as usize % SIZE]
    }

    /// The four bytes from here on.
    #[inline(always)]
    pub(super) fn word(&self, at: u16) -> u32 {
        let at = at as usize % SIZE;
        u32::from_le_bytes([self.bytes[at], self.bytes[at + 1], self.bytes[at + 2], self.bytes[at + 3]])
    }

    /// How much is the same at both positions, of which the first `length` bytes are; at most `limit`.
    #[inline(always)]
    pub(super) fn common(&self, one: u16, other: u16, mut length: usize, limit: usize) -> usize {
        let eight = |at: u16, offset: usize| {
            let at = at as usize % SIZE + offset;
            u64::from_le_bytes(self.bytes[at..at + 8].try_into().expect("eight bytes are eight"))
        };
        while length < limit {
            let difference = eight(one, length) ^ eight(other, length);
            if difference != 0 {
                return limit.min(length + difference.trailing_zeros() as usize / 8);
            }
            length += 8;
        }
        limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_of_the_ring_is_repeated_behind_its_end() {
        const SIZE: usize = 2048;
        let mut ring = RecentText::<SIZE, { SIZE + REPEATED }>::new();
        let (mut text, mut written) = ((0u64..).map(|i| ((i * i) >> 3) as u8), Vec::new());
        for round in 0..2_000 {
            let piece: Vec<u8> = text.by_ref().take(round % 60 + 1).collect();
            ring.write(written.len() as u64, &piece);
            written.extend_from_slice(&piece);
            let (whole, repeated) = ring.bytes.split_at(SIZE);
            assert!(whole[..REPEATED] == *repeated, "after {} bytes", written.len());
            let from = written.len().saturating_sub(SIZE);
            assert!(ring.text(from as u64, written.len() as u64).concat() == written[from..]);
        }
    }
}
