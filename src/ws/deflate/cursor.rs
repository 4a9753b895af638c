//! How far the text is written, indexed and told.

use super::effort::Effort;

/// A repetition of what was said `distance` bytes before; with a length of 0 there is none.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Match {
    pub(super) length: usize,
    pub(super) distance: usize,
}

/// Where an index is in the text. Its own are the steps; whoever has it knows what of the text has to be there.
pub(super) struct Cursor {
    /// Bytes ever written.
    pub(super) end: u64,
    /// Bytes that were told, and the one that is held.
    pub(super) next: u64,
    /// Bytes whose positions are in the index.
    pub(super) indexed: u64,
    /// Nothing before may be referred to.
    pub(super) start: u64,
    /// Nothing farther back may be referred to, in bytes.
    pub(super) window: usize,
    pub(super) effort: Effort,
    /// What begins a byte before `next`: it still gives way to a longer one that begins at `next`.
    pub(super) pending: Option<Match>,
}

impl Cursor {
    pub(super) fn new(effort: Effort, window: usize) -> Self {
        Self { end: 0, next: 0, indexed: 0, start: 0, window, effort, pending: None }
    }

    /// How much of what was written is told.
    pub(super) fn told(&self) -> u64 {
        self.next - u64::from(self.pending.is_some())
    }

    /// How much is still to be told, without the byte that is held.
    pub(super) fn lookahead(&self) -> usize {
        (self.end - self.next) as usize
    }

    /// The first byte that has to be there: of a block that begins at `block_start`, and what that may refer to.
    pub(super) fn needed_from(&self, block_start: u64) -> u64 {
        block_start - self.window_at(block_start) as u64
    }

    /// How far may be referred back from byte `place` on, in bytes.
    pub(super) fn window_at(&self, place: u64) -> usize {
        (place - self.start).min(self.window as u64) as usize
    }
}
