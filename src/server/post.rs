//! What connections are given to send, each thing held once however many have it.

use std::ops::Deref;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use super::end_reason::ModeEnd;
use crate::ws::{Close, Kind, OwnedItem};

/// A message that many connections may send.
#[derive(Debug, Clone)]
pub(crate) struct Posted {
    pub(crate) kind: Kind,
    pub(crate) content: Arc<Content>,
}

impl Posted {
    pub(crate) fn new(kind: Kind, content: Vec<u8>) -> Self {
        Self { kind, content: Arc::new(Content { bytes: content, share: OnceLock::new() }) }
    }
}

/// Held once, however many have it still to send.
#[derive(Debug)]
pub(crate) struct Content {
    bytes: Vec<u8>,
    /// Of a large one.
    share: OnceLock<Share>,
}

impl Deref for Content {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

/// What large messages may hold together: those of which one alone is over the limit of a client's queue.
#[derive(Debug, Default)]
pub(crate) struct Allowance {
    held: Arc<AtomicUsize>,
}

impl Allowance {
    /// In bytes.
    const MOST: usize = 128 << 20;

    /// Whether there is room for the message, which is counted until the last who has it has sent it. One always has.
    pub(crate) fn admits(&self, message: &Posted) -> bool {
        let size = message.content.len();
        let more = |held| (held == 0 || held + size <= Self::MOST).then_some(held + size);
        let admitted = self.held.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok();
        if admitted {
            // Of one that was counted before, this share goes at once.
            drop(message.content.share.set(Share { held: Arc::clone(&self.held), size }));
        }
        admitted
    }
}

/// Part of an [`Allowance`], free again when this is dropped.
#[derive(Debug)]
struct Share {
    held: Arc<AtomicUsize>,
    size: usize,
}

impl Drop for Share {
    fn drop(&mut self) {
        self.held.fetch_sub(self.size, Ordering::Relaxed);
    }
}

/// The next thing to send.
#[derive(Debug, Clone)]
pub(crate) enum Post {
    Message(Posted),
    /// Anything else that many connections may send.
    Item(Arc<OwnedItem>),
    /// With its cause.
    Close(Close, ModeEnd),
}

impl Post {
    pub(crate) fn text(content: &str) -> Self {
        Self::message(Kind::Text, content.as_bytes().to_vec())
    }

    pub(crate) fn message(kind: Kind, content: Vec<u8>) -> Self {
        Self::Message(Posted::new(kind, content))
    }

    /// Bytes of what it says.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Message(message) => message.content.len(),
            Self::Item(item) => item.size(),
            Self::Close(..) => 0,
        }
    }

    pub(super) fn is_message(&self) -> bool {
        match self {
            Self::Message(_) => true,
            Self::Item(item) => item.ends_message(),
            Self::Close(..) => false,
        }
    }

    /// Bytes that it is counted with: its place in the queue costs something too.
    pub(super) fn cost(&self) -> usize {
        match self {
            Self::Message(_) | Self::Item(_) => self.size() + size_of::<Self>(),
            Self::Close(..) => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_messages_have_a_limit_together() {
        let allowance = Allowance::default();
        let message = |size| Posted::new(Kind::Binary, vec![0; size]);
        let large = message(Allowance::MOST - 10);
        assert!(allowance.admits(&large) && allowance.admits(&message(10)));
        let small = message(10);
        assert!(allowance.admits(&small) && !allowance.admits(&message(1)));
        let copy = large.clone();
        drop(large);
        assert!(!allowance.admits(&message(1)));
        drop(copy);
        let huge = message(Allowance::MOST + 1);
        assert!(!allowance.admits(&huge));
        drop(small);
        assert!(allowance.admits(&huge) && !allowance.admits(&message(1)));
    }
}
