//! What compressors leave for others.

use std::fmt;

use super::index::AnyIndex;

/// What compressors at rest leave for others, beside what later messages may refer back to.
pub trait DeflatePool: fmt::Debug + Sync {
    /// One that refers back by `reach` bytes, if such a one was left.
    fn take(&self, reach: usize) -> Option<DeflateState>;

    /// Leaves it.
    fn give(&self, state: DeflateState);

    /// One that had `before` bytes has `now`.
    fn count(&self, before: usize, now: usize);

    /// Whether all have so much together that whoever is at rest leaves what it has, and takes it again for the next message.
    fn is_crowded(&self) -> bool;
}

/// An index that nobody has.
pub struct DeflateState(pub(super) Box<dyn AnyIndex>);

impl DeflateState {
    /// How far it refers back, in bytes; it takes six times as much memory.
    pub fn reach(&self) -> usize {
        self.0.reach()
    }
}

impl fmt::Debug for DeflateState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeflateState({})", self.reach())
    }
}
