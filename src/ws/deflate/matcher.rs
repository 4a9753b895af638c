//! Finds what was said before (RFC 1951 §4): text in, literals and repetitions out.
//!
//! The window is a ring, and a position is the lowest 16 bits of how much was ever written, so that
//! nothing has to be moved or renumbered. What the index says is only a hint: a position that has
//! been written over holds other text by now, and is found out when the text is compared.

use super::block::Block;
use super::effort::Effort;
use super::symbols::{MAX_LENGTH, MIN_LENGTH};
use crate::ws::negotiation::WindowBits;

/// The ring, in bytes: the largest window, and as much for what is still to be told.
const RING: usize = 64 * 1024;

/// The largest window, in bytes.
const LARGEST_WINDOW: usize = 32 * 1024;

/// The beginning of the ring is repeated behind its end, so that whatever is compared lies in one piece.
const REPEATED: usize = MAX_LENGTH + 8;

/// More text than this isn't taken before some of it is told.
const MOST_UNTOLD: usize = RING - LARGEST_WINDOW - REPEATED;

const HASH_BITS: u32 = 15;

/// A repetition of what was said `distance` bytes before; with a length of 0 there is none.
#[derive(Debug, Clone, Copy, Default)]
struct Match {
    length: usize,
    distance: usize,
}

pub(super) struct Matcher {
    ring: Box<[u8; RING + REPEATED]>,
    /// The last position with each hash.
    head: Box<[u16; 1 << HASH_BITS]>,
    /// For each position, the one before it with the same hash.
    prev: Box<[u16; LARGEST_WINDOW]>,
    /// Bytes ever written.
    end: u64,
    /// Bytes that were told, and the one that is held.
    next: u64,
    /// Bytes whose positions are in the index.
    indexed: u64,
    /// Nothing before may be referred to.
    start: u64,
    window: usize,
    effort: Effort,
    /// What begins a byte before `next`: it still gives way to a longer one that begins at `next`.
    pending: Option<Match>,
}

fn zeros<T: Copy + Default, const N: usize>() -> Box<[T; N]> {
    let zeros = vec![T::default(); N].into_boxed_slice();
    zeros.try_into().unwrap_or_else(|_| unreachable!("it has N elements"))
}

impl Matcher {
    /// Refers back by 2 to the power of `window_bits` bytes, at most.
    pub(super) fn new(effort: Effort, window_bits: WindowBits) -> Self {
        let window = 1 << window_bits;
        let (ring, head, prev) = (zeros(), zeros(), zeros());
        Self { ring, head, prev, end: 0, next: 0, indexed: 0, start: 0, window, effort, pending: None }
    }

    /// Takes as much of `text` as there is room for; returns how much.
    pub(super) fn fill(&mut self, text: &[u8]) -> usize {
        let taken = text.len().min(MOST_UNTOLD - self.lookahead());
        let mut rest = &text[..taken];
        while !rest.is_empty() {
            let at = self.end as usize % RING;
            let (piece, others) = rest.split_at(rest.len().min(RING - at));
            let behind = at + piece.len();
            self.ring[at..behind].copy_from_slice(piece);
            if at < REPEATED {
                self.ring.copy_within(at..behind.min(REPEATED), RING + at);
            }
            self.end += piece.len() as u64;
            rest = others;
        }
        taken
    }

    /// Tells the block as much as it has room for: all there is, or what can't depend on text to come.
    pub(super) fn emit(&mut self, block: &mut Block, to_the_end: bool) {
        let kept = if to_the_end { 0 } else { MAX_LENGTH + MIN_LENGTH };
        while self.lookahead() > kept && block.has_room() {
            self.step(block);
        }
        if to_the_end && self.lookahead() == 0 && block.has_room() && self.pending.take().is_some() {
            // A repetition would have had more to tell.
            block.literal(self.byte_before_next());
        }
    }

    /// How much of what was taken is told.
    pub(super) fn told(&self) -> u64 {
        self.next - u64::from(self.pending.is_some())
    }

    /// What was told since `from`, as long as it is there.
    pub(super) fn told_since(&self, from: u64) -> Option<[&[u8]; 2]> {
        let length = (self.told() - from) as usize;
        let at = from as usize % RING;
        let before_end = length.min(RING - at);
        (length <= LARGEST_WINDOW).then(|| [&self.ring[at..at + before_end], &self.ring[..length - before_end]])
    }

    /// Nothing that was taken so far, and all of it has been told, is referred to any more.
    pub(super) fn forget(&mut self) {
        self.start = self.end;
    }

    fn lookahead(&self) -> usize {
        (self.end - self.next) as usize
    }

    fn byte_before_next(&self) -> u8 {
        self.ring[(self.next - 1) as usize % RING]
    }

    /// One byte on, or one repetition: what is held is told once nothing better begins here.
    #[inline(always)]
    fn step(&mut self, block: &mut Block) {
        let pending = self.pending.unwrap_or_default();
        let found = self.find(pending, block);
        if pending.length >= MIN_LENGTH && found.length <= pending.length {
            block.copy(pending.length, pending.distance);
            self.next += pending.length as u64 - 1;
            self.pending = None;
            self.index_up_to(self.next);
            return;
        }
        if self.pending.is_some() {
            block.literal(self.byte_before_next());
        }
        self.pending = Some(found);
        self.next += 1;
    }

    /// The longest repetition that begins here, if it is longer than what is held.
    #[inline(always)]
    fn find(&mut self, pending: Match, block: &Block) -> Match {
        self.index_up_to(self.next);
        let limit = self.lookahead().min(MAX_LENGTH);
        if limit < MIN_LENGTH || self.indexed < self.next {
            return Match::default();
        }
        let candidate = self.insert(self.next);
        self.indexed += 1;
        if pending.length >= self.effort.lazy {
            return Match::default();
        }
        let found = self.search(candidate, pending.length, limit);
        let bytes = self.word(self.next as u16).to_le_bytes();
        if found.length > MIN_LENGTH || (found.length > 0 && block.is_worth_a_copy(bytes, found.distance)) {
            found
        } else {
            Match::default()
        }
    }

    /// Follows the candidates from the nearest to the farthest for one that repeats more than `longer_than` bytes.
    #[inline(always)]
    fn search(&self, mut candidate: u16, longer_than: usize, limit: usize) -> Match {
        let here = self.next as u16;
        let reach = self.window.min((self.next - self.start) as usize);
        let good_enough = self.effort.nice.min(limit);
        let beginning = self.word(here);
        let mut best = Match { length: longer_than.max(MIN_LENGTH - 1), distance: 0 };
        // The last of the four is the byte that makes a repetition longer than the best.
        let mut last_four = self.word(here.wrapping_add(best.length as u16 - 3));
        let mut distance = 0;
        for _ in 0..self.effort.candidates(longer_than) {
            let farther = here.wrapping_sub(candidate) as usize;
            if farther <= distance || farther > reach {
                break;
            }
            distance = farther;
            let fits = self.word(candidate.wrapping_add(best.length as u16 - 3)) == last_four;
            if fits && self.word(candidate) == beginning {
                let length = self.common(candidate, here, limit);
                if length > best.length {
                    best = Match { length, distance };
                    if length >= good_enough {
                        break;
                    }
                    last_four = self.word(here.wrapping_add(length as u16 - 3));
                }
            }
            candidate = self.prev[candidate as usize % LARGEST_WINDOW];
        }
        if best.distance > 0 { best } else { Match::default() }
    }

    /// How much is the same at both positions, of which the first four bytes are; at most `limit`.
    #[inline(always)]
    fn common(&self, one: u16, other: u16, limit: usize) -> usize {
        let eight = |at: u16, offset: usize| {
            let at = at as usize + offset;
            u64::from_le_bytes(self.ring[at..at + 8].try_into().expect("eight bytes are eight"))
        };
        let mut length = MIN_LENGTH;
        while length < limit {
            let difference = eight(one, length) ^ eight(other, length);
            if difference != 0 {
                return limit.min(length + difference.trailing_zeros() as usize / 8);
            }
            length += 8;
        }
        limit
    }

    /// The four bytes from here on.
    #[inline(always)]
    fn word(&self, at: u16) -> u32 {
        let at = at as usize;
        u32::from_le_bytes([self.ring[at], self.ring[at + 1], self.ring[at + 2], self.ring[at + 3]])
    }

    /// Puts a position into the index; returns the one before it with the same hash.
    #[inline(always)]
    fn insert(&mut self, at: u64) -> u16 {
        let at = at as u16;
        let hash = self.word(at).wrapping_mul(0x9e37_79b1) >> (u32::BITS - HASH_BITS);
        let before = std::mem::replace(&mut self.head[hash as usize], at);
        self.prev[at as usize % LARGEST_WINDOW] = before;
        before
    }

    /// As far as four bytes are there.
    #[inline(always)]
    fn index_up_to(&mut self, position: u64) {
        let position = position.min((self.end + 1).saturating_sub(MIN_LENGTH as u64));
        while self.indexed < position {
            self.insert(self.indexed);
            self.indexed += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_of_the_ring_is_repeated_behind_its_end() {
        let (mut matcher, mut block) = (Matcher::new(Effort::of_level(1), 15), Block::new());
        let mut text = (0u64..).map(|i| ((i * i) >> 3) as u8);
        for round in 0..20_000 {
            let piece: Vec<u8> = text.by_ref().take(round % 60 + 1).collect();
            assert_eq!(matcher.fill(&piece), piece.len());
            matcher.emit(&mut block, true);
            if !block.has_room() {
                block = Block::new();
                matcher.emit(&mut block, true);
            }
            let (ring, repeated) = matcher.ring.split_at(RING);
            assert!(ring[..REPEATED] == *repeated, "after {} bytes", matcher.end);
        }
    }
}
