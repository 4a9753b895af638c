//! The text of a connection's messages on its way into blocks, with an index as large as the text asks for.
//!
//! An index refers back by 1 KiB at first; where text needs more, a larger one takes over what the smaller has of it. At rest there
//! is none, but only what may be referred to: the next one is made of that.

use super::block::Block;
use super::cursor::Cursor;
use super::effort::Effort;
use super::index::{AnyIndex, Index};
use super::kept_window::KeptWindow;
use super::pool::{DeflatePool, DeflateState};
use super::recent_text::REPEATED;
use crate::ws::negotiation::WindowBits;

/// Makes an index.
type Make = fn() -> Box<dyn AnyIndex>;

/// How far an index refers back, in bytes, and how it is made. It takes six times as much memory.
const SIZES: [(usize, Make); 6] = [
    (1024, boxed::<1024, 2048, { 2048 + REPEATED }>),
    (2048, boxed::<2048, 4096, { 4096 + REPEATED }>),
    (4096, boxed::<4096, 8192, { 8192 + REPEATED }>),
    (8192, boxed::<8192, 16_384, { 16_384 + REPEATED }>),
    (16_384, boxed::<16_384, 32_768, { 32_768 + REPEATED }>),
    LARGEST,
];

/// The largest window.
const LARGEST: (usize, Make) = (32_768, boxed::<32_768, 65_536, { 65_536 + REPEATED }>);

fn boxed<const REACH: usize, const RING: usize, const STORED: usize>() -> Box<dyn AnyIndex> {
    Box::new(Index::<REACH, RING, STORED>::new())
}

pub(super) struct Matcher {
    pool: Option<&'static dyn DeflatePool>,
    at: Cursor,
    /// From the first text on, but while it is at rest.
    search: Option<Box<dyn AnyIndex>>,
    /// How far the last index referred back, in bytes.
    reach: usize,
    /// All that may be referred to, while it is at rest.
    window: KeptWindow,
}

impl Matcher {
    /// Refers back by 2 to the power of `window_bits` bytes, at most.
    pub(super) fn new(effort: Effort, window_bits: WindowBits, pool: Option<&'static dyn DeflatePool>) -> Self {
        let at = Cursor::new(effort, 1 << window_bits);
        Self { pool, at, search: None, reach: 0, window: KeptWindow::default() }
    }

    /// Takes as much of `text` as there is room for; returns how much. What was told since `block_start` is in a block that isn't
    /// written yet.
    pub(super) fn fill(&mut self, text: &[u8], block_start: u64) -> usize {
        if text.is_empty() {
            return 0;
        }
        self.grow(block_start);
        self.search.as_mut().map_or(0, |search| search.fill(&mut self.at, text))
    }

    /// Tells the block as much as it has room for: all there is, or what can't depend on text to come.
    pub(super) fn emit(&mut self, block: &mut Block, block_start: u64, to_the_end: bool) {
        while let Some(search) = &mut self.search {
            let until = match search.reach() {
                reach if reach == LARGEST.0 => u64::MAX,
                reach => self.at.needed_from(block_start) + reach as u64,
            };
            search.emit(&mut self.at, block, to_the_end, until);
            if self.at.next < until {
                return;
            }
            self.grow(block_start);
        }
    }

    /// Has an index that refers back as far as the next byte may need it. That depends on nothing but the text before that byte: what
    /// is written is the same, however the text comes, and whether or not there was a rest.
    fn grow(&mut self, block_start: u64) {
        let from = self.at.needed_from(block_start);
        let needed = ((self.at.next - from) as usize + 1).clamp(self.reach, LARGEST.0);
        if self.search.as_ref().is_none_or(|search| search.reach() < needed) {
            self.enlarge(from, needed);
        }
    }

    /// Goes on with an index that refers back by `needed` bytes, and has what was taken from byte `from` on.
    fn enlarge(&mut self, from: u64, needed: usize) {
        let (reach, make) = SIZES.into_iter().find(|(reach, _)| *reach >= needed).unwrap_or(LARGEST);
        let left = self.pool.and_then(|pool| pool.take(reach));
        let mut larger = left.map_or_else(make, |DeflateState(mut search)| {
            search.forget();
            search
        });
        let text = match &self.search {
            None => [self.window.text(), &[][..]],
            Some(smaller) => smaller.text(from, self.at.end),
        };
        larger.take_over(&mut self.at, text);
        self.window.clear();
        self.reach = reach;
        if let Some(smaller) = self.search.replace(larger) {
            self.leave(smaller);
        }
    }

    /// How much of what was taken is told.
    pub(super) fn told(&self) -> u64 {
        self.at.told()
    }

    /// What was told since `from`, as long as it is there.
    pub(super) fn told_since(&self, from: u64) -> Option<[&[u8]; 2]> {
        let search = self.search.as_ref().filter(|search| self.told() - from <= search.reach() as u64)?;
        Some(search.text(from, self.told()))
    }

    /// Nothing that was taken so far, and all of it has been told, is referred to any more.
    pub(super) fn forget(&mut self) {
        self.at.start = self.at.end;
    }

    /// Whether it has an index.
    pub(super) fn is_awake(&self) -> bool {
        self.search.is_some()
    }

    /// What an index takes and its text, in bytes.
    pub(super) fn index_size(&self) -> usize {
        self.search.as_ref().map_or(0, |search| 6 * search.reach() + REPEATED)
    }

    /// What may be referred to, while it is at rest.
    #[cfg(test)]
    pub(super) fn kept(&self) -> &[u8] {
        self.window.text()
    }

    /// Keeps only what may be referred to. All that was taken is told, and in a block that is written.
    pub(super) fn rest(&mut self) {
        if let Some(search) = self.search.take() {
            let end = self.at.end;
            self.window.keep(search.text(end - self.at.window_at(end) as u64, end));
            self.leave(search);
        }
    }

    fn leave(&self, search: Box<dyn AnyIndex>) {
        if let Some(pool) = self.pool {
            pool.give(DeflateState(search));
        }
    }
}
