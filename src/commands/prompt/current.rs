//! Which of several connections what is typed is for.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The first connection.
pub(super) const FIRST: u64 = 1;

/// Its number. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct CurrentConnection(Arc<AtomicU64>);

impl Default for CurrentConnection {
    fn default() -> Self {
        Self(Arc::new(AtomicU64::new(FIRST)))
    }
}

impl CurrentConnection {
    pub(super) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    pub(super) fn set(&self, number: u64) {
        self.0.store(number, Ordering::Relaxed);
    }
}
