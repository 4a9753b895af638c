//! How much a person may hold, of all connections together.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

/// How much may be held, of all connections together, and for how long.
#[derive(Debug)]
pub(crate) struct HoldLimits {
    /// `None` without end.
    time: Option<Duration>,
    bytes: AtomicUsize,
    messages: AtomicUsize,
    /// What holds some of it, or may.
    holders: Mutex<Vec<Weak<dyn Holder>>>,
}

/// What holds some of it for one connection of a client.
pub(super) trait Holder: fmt::Debug + Send + Sync {
    /// How much of what there is too much of is held here.
    fn holds(&self, excess: HoldExcess) -> usize;

    /// Lets all of it go.
    fn release_for_room(&self);
}

/// Of what there is too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HoldExcess {
    Messages,
    Bytes,
}

impl HoldLimits {
    /// Messages, those behind one that is held included.
    pub(crate) const MESSAGES: usize = 1000;

    /// Bytes of their content, and what they take besides. One message is held however large it is.
    pub(crate) const BYTES: usize = 64 << 20;

    pub(crate) fn new(time: Option<Duration>) -> Self {
        Self { time, bytes: AtomicUsize::new(0), messages: AtomicUsize::new(0), holders: Mutex::default() }
    }

    pub(crate) fn time(&self) -> Option<Duration> {
        self.time
    }

    /// What holds some from now on.
    pub(super) fn enter(&self, holder: Weak<dyn Holder>) {
        let mut holders = self.holders.lock().unwrap_or_else(PoisonError::into_inner);
        holders.retain(|holder| holder.strong_count() > 0);
        holders.push(holder);
    }

    pub(super) fn add(self: &Arc<Self>, size: usize) -> HoldShare {
        self.bytes.fetch_add(size, Ordering::Relaxed);
        self.messages.fetch_add(1, Ordering::Relaxed);
        HoldShare { limits: Arc::clone(self), size }
    }

    fn excess(&self) -> Option<HoldExcess> {
        match self.messages.load(Ordering::Relaxed) {
            messages if messages > Self::MESSAGES => Some(HoldExcess::Messages),
            messages if messages > 1 && self.bytes.load(Ordering::Relaxed) > Self::BYTES => Some(HoldExcess::Bytes),
            _ => None,
        }
    }

    /// Over a limit, lets go what is held of whoever holds the most: nobody's messages pass because others hold so many.
    pub(super) fn relieve(&self) {
        let Some(excess) = self.excess() else { return };
        let holders: Vec<_> = {
            let mut holders = self.holders.lock().unwrap_or_else(PoisonError::into_inner);
            holders.retain(|holder| holder.strong_count() > 0);
            holders.iter().filter_map(Weak::upgrade).collect()
        };
        if let Some(most) = holders.iter().max_by_key(|holder| holder.holds(excess)) {
            most.release_for_room();
        }
    }
}

/// A message's part of what may be held, free again when this is dropped.
#[derive(Debug)]
pub(super) struct HoldShare {
    limits: Arc<HoldLimits>,
    pub(super) size: usize,
}

impl Drop for HoldShare {
    fn drop(&mut self) {
        self.limits.bytes.fetch_sub(self.size, Ordering::Relaxed);
        self.limits.messages.fetch_sub(1, Ordering::Relaxed);
    }
}
