//! Finds what was said before (RFC 1951 §4): text in, literals and repetitions out.
//!
//! What the index says is only a hint: a position that has been written over holds other text by now, and is found out when the
//! text is compared.

use super::block::Block;
use super::cursor::{Cursor, Match};
use super::recent_text::{REPEATED, RecentText, zeros};
use super::symbols::{MAX_LENGTH, MIN_LENGTH};

/// An [`Index`] of any size.
pub(super) trait AnyIndex: Send {
    /// How far it can refer back, and how much of the text before the end is certain to be there, in bytes.
    fn reach(&self) -> usize;

    /// Takes as much of `text` as there is room for; returns how much.
    fn fill(&mut self, at: &mut Cursor, text: &[u8]) -> usize;

    /// Tells the block as much as it has room for: all there is, or what can't depend on text to come. Nothing that begins at byte
    /// `until` or later.
    fn emit(&mut self, at: &mut Cursor, block: &mut Block, to_the_end: bool, until: u64);

    /// The text from byte `from` to byte `to`, which is [certain](Self::reach) to be there.
    fn text(&self, from: u64, to: u64) -> [&[u8]; 2];

    /// Knows nothing of what was in it any more, where another has had it. That text may be there, where nothing refers to it.
    fn forget(&mut self);

    /// Takes over the text before the end, and indexes what another has indexed of it.
    fn take_over(&mut self, at: &mut Cursor, text: [&[u8]; 2]);
}

/// One that refers back by `REACH` bytes, a power of two, at most, in a ring of twice as many.
pub(super) struct Index<const REACH: usize, const RING: usize, const STORED: usize> {
    ring: RecentText<RING, STORED>,
    /// The last position with each hash.
    head: Box<[u16; REACH]>,
    /// For each position, the one before it with the same hash.
    prev: Box<[u16; REACH]>,
}

impl<const REACH: usize, const RING: usize, const STORED: usize> Index<REACH, RING, STORED> {
    /// More text than this isn't taken before some of it is told.
    const MOST_UNTOLD: usize = RING - REACH - REPEATED;

    pub(super) fn new() -> Self {
        const { assert!(RING == 2 * REACH && Self::MOST_UNTOLD > MAX_LENGTH + MIN_LENGTH) };
        Self { ring: RecentText::new(), head: zeros(), prev: zeros() }
    }

    /// One byte on, or one repetition: what is held is told once nothing better begins here.
    #[inline(always)]
    fn step(&mut self, at: &mut Cursor, block: &mut Block) {
        let pending = at.pending.unwrap_or_default();
        let found = self.find(at, pending, block);
        if pending.length >= MIN_LENGTH && found.length <= pending.length {
            block.copy(pending.length, pending.distance);
            at.next += pending.length as u64 - 1;
            at.pending = None;
            self.index_up_to(at, at.next);
            return;
        }
        if at.pending.is_some() {
            block.literal(self.ring.byte(at.next - 1));
        }
        at.pending = Some(found);
        at.next += 1;
    }

    /// The longest repetition that begins here, if it is longer than what is held.
    #[inline(always)]
    fn find(&mut self, at: &mut Cursor, pending: Match, block: &Block) -> Match {
        self.index_up_to(at, at.next);
        let limit = at.lookahead().min(MAX_LENGTH);
        if limit < MIN_LENGTH || at.indexed < at.next {
            return Match::default();
        }
        let candidate = self.insert(at.next);
        at.indexed += 1;
        if pending.length >= at.effort.lazy {
            return Match::default();
        }
        let found = self.search(at, candidate, pending.length, limit);
        let bytes = self.ring.word(at.next as u16).to_le_bytes();
        if found.length > MIN_LENGTH || (found.length > 0 && block.is_worth_a_copy(bytes, found.distance)) {
            found
        } else {
            Match::default()
        }
    }

    /// Follows the candidates from the nearest to the farthest for one that repeats more than `longer_than` bytes.
    #[inline(always)]
    fn search(&self, at: &Cursor, mut candidate: u16, longer_than: usize, limit: usize) -> Match {
        let here = at.next as u16;
        let reach = at.window_at(at.next).min(REACH);
        let good_enough = at.effort.nice.min(limit);
        let beginning = self.ring.word(here);
        let mut best = Match { length: longer_than.max(MIN_LENGTH - 1), distance: 0 };
        // The last of the four is the byte that makes a repetition longer than the best.
        let mut last_four = self.ring.word(here.wrapping_add(best.length as u16 - 3));
        let mut distance = 0;
        for _ in 0..at.effort.candidates(longer_than) {
            let farther = here.wrapping_sub(candidate) as usize;
            if farther <= distance || farther > reach {
                break;
            }
            distance = farther;
            let fits = self.ring.word(candidate.wrapping_add(best.length as u16 - 3)) == last_four;
            if fits && self.ring.word(candidate) == beginning {
                let length = self.ring.common(candidate, here, MIN_LENGTH, limit);
                if length > best.length {
                    best = Match { length, distance };
                    if length >= good_enough {
                        break;
                    }
                    last_four = self.ring.word(here.wrapping_add(length as u16 - 3));
                }
            }
            candidate = self.prev[candidate as usize % REACH];
        }
        if best.distance > 0 { best } else { Match::default() }
    }

    /// Puts a position into the index; returns the one before it with the same hash.
    #[inline(always)]
    fn insert(&mut self, at: u64) -> u16 {
        let at = at as u16;
        let hash = self.ring.word(at).wrapping_mul(0x9e37_79b1) >> (u32::BITS - REACH.ilog2());
        let before = std::mem::replace(&mut self.head[hash as usize], at);
        self.prev[at as usize % REACH] = before;
        before
    }

    /// As far as four bytes are there.
    #[inline(always)]
    fn index_up_to(&mut self, at: &mut Cursor, position: u64) {
        let position = position.min((at.end + 1).saturating_sub(MIN_LENGTH as u64));
        while at.indexed < position {
            self.insert(at.indexed);
            at.indexed += 1;
        }
    }
}

impl<const REACH: usize, const RING: usize, const STORED: usize> AnyIndex for Index<REACH, RING, STORED> {
    fn reach(&self) -> usize {
        REACH
    }

    fn fill(&mut self, at: &mut Cursor, text: &[u8]) -> usize {
        let taken = text.len().min(Self::MOST_UNTOLD - at.lookahead());
        self.ring.write(at.end, &text[..taken]);
        at.end += taken as u64;
        taken
    }

    fn emit(&mut self, at: &mut Cursor, block: &mut Block, to_the_end: bool, until: u64) {
        let kept = if to_the_end { 0 } else { MAX_LENGTH + MIN_LENGTH };
        while at.lookahead() > kept && block.has_room() && at.next < until {
            self.step(at, block);
        }
        if to_the_end && at.lookahead() == 0 && block.has_room() && at.pending.take().is_some() {
            // A repetition would have had more to tell.
            block.literal(self.ring.byte(at.next - 1));
        }
    }

    fn text(&self, from: u64, to: u64) -> [&[u8]; 2] {
        self.ring.text(from, to)
    }

    fn forget(&mut self) {
        self.head.fill(0);
    }

    fn take_over(&mut self, at: &mut Cursor, text: [&[u8]; 2]) {
        let mut from = at.end - (text[0].len() + text[1].len()) as u64;
        let indexed = at.indexed;
        at.indexed = from.min(indexed);
        for piece in text {
            self.ring.write(from, piece);
            from += piece.len() as u64;
        }
        self.index_up_to(at, indexed);
    }
}
