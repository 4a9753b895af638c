//! How many pairs of connections are joined. Of a few each keeps its buffers between two messages, and is as fast as it can be. Of many
//! each gives them back as soon as it waits: what all would hold until they are idle stays with the allocator, in pieces between what
//! other connections still have, once they give it back.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Pairs that keep their buffers while they are busy.
const FEW: usize = 64;

static PAIRS: AtomicUsize = AtomicUsize::new(0);

/// A pair, counted for as long as it is there.
#[derive(Debug)]
pub(super) struct CountedPair(());

impl CountedPair {
    pub(super) fn new() -> Self {
        PAIRS.fetch_add(1, Ordering::Relaxed);
        Self(())
    }

    /// Whether there are many beside it.
    pub(super) fn is_in_a_crowd(&self) -> bool {
        PAIRS.load(Ordering::Relaxed) > FEW
    }
}

impl Drop for CountedPair {
    fn drop(&mut self) {
        PAIRS.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crowd_is_one_for_as_long_as_its_pairs_are_there() {
        let first = CountedPair::new();
        assert!(!first.is_in_a_crowd());
        let others = [(); FEW].map(|()| CountedPair::new());
        assert!(first.is_in_a_crowd());
        drop(others);
        assert!(!first.is_in_a_crowd());
    }
}
