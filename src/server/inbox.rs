//! What other threads have for a connection, until its own thread takes it.

use std::collections::VecDeque;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::net::{Waker, Woken};
use crate::ws::{Close, Item, Kind, Message};

/// A message that many connections may send.
#[derive(Debug, Clone)]
pub(crate) struct Posted {
    pub(crate) kind: Kind,
    pub(crate) content: Arc<[u8]>,
}

impl Posted {
    pub(crate) fn text(content: &str) -> Self {
        Self { kind: Kind::Text, content: content.as_bytes().into() }
    }
}

impl From<Message<'_>> for Posted {
    fn from(message: Message<'_>) -> Self {
        Self { kind: message.kind, content: message.content.into() }
    }
}

/// The next thing to send.
#[derive(Debug, Clone)]
pub(crate) enum Post {
    Message(Posted),
    Close(Close),
}

impl Post {
    pub(crate) fn item(&self) -> Item<'_> {
        match self {
            Self::Message(message) => Item::message(message.kind, &message.content),
            Self::Close(close) => Item::Close(close.clone()),
        }
    }
}

/// What is done for a client that doesn't read as fast as others write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slow {
    /// It misses messages.
    Drop,
    /// It is closed with 1008.
    Close,
}

impl Slow {
    /// What each is called.
    pub(crate) const NAMES: [(&'static str, Self); 2] = [("drop", Self::Drop), ("close", Self::Close)];
}

/// How much waits for a client at most, in bytes, and what happens then.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Flow {
    pub(crate) limit: usize,
    pub(crate) slow: Slow,
}

/// A bounded queue with a descriptor that is readable while there is something new in it.
#[derive(Debug)]
pub(crate) struct Inbox {
    flow: Flow,
    state: Mutex<State>,
    waker: Waker,
    woken: Woken,
}

#[derive(Debug, Default)]
struct State {
    queue: VecDeque<Post>,
    bytes: usize,
    dropped: u64,
    overflowed: bool,
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivery {
    Queued,
    /// There was no room, for the first time.
    FirstDropped,
    Dropped,
}

impl Inbox {
    /// # Errors
    /// When there are no file descriptors left.
    pub(crate) fn new(flow: Flow) -> io::Result<Self> {
        let (waker, woken) = Waker::pair()?;
        Ok(Self { flow, state: Mutex::default(), waker, woken })
    }

    /// Adds a message. One always fits, however large.
    pub(crate) fn post(&self, message: &Posted) -> Delivery {
        let mut state = self.lock();
        if state.overflowed {
            return Delivery::Dropped;
        }
        if state.bytes > 0 && state.bytes + cost(message) > self.flow.limit {
            return self.overflow(&mut state);
        }
        state.bytes += cost(message);
        state.queue.push_back(Post::Message(message.clone()));
        self.waker.wake();
        Delivery::Queued
    }

    /// Adds a Close, behind all else.
    pub(crate) fn post_close(&self, close: Close) {
        let mut state = self.lock();
        state.queue.push_back(Post::Close(close));
        self.waker.wake();
    }

    /// The next thing to send.
    pub(crate) fn next(&self) -> Option<Post> {
        let mut state = self.lock();
        let post = state.queue.pop_front()?;
        if let Post::Message(message) = &post {
            state.bytes -= cost(message);
        }
        Some(post)
    }

    /// Takes notice of what is new, so that the descriptor is quiet until there is more.
    pub(crate) fn heard(&self) {
        self.woken.hear();
    }

    /// The client reads too slowly, and the policy is to close it.
    pub(crate) fn has_overflowed(&self) -> bool {
        self.lock().overflowed
    }

    /// Messages that found no room.
    pub(crate) fn dropped(&self) -> u64 {
        self.lock().dropped
    }

    fn overflow(&self, state: &mut State) -> Delivery {
        state.dropped += 1;
        if self.flow.slow == Slow::Close {
            state.overflowed = true;
            state.queue = VecDeque::new();
            state.bytes = 0;
            self.waker.wake();
        }
        if state.dropped == 1 { Delivery::FirstDropped } else { Delivery::Dropped }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Bytes that a queued message is counted with: its place in the queue costs something too.
fn cost(message: &Posted) -> usize {
    message.content.len() + size_of::<Post>()
}

impl AsFd for Inbox {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.woken.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inbox(slow: Slow) -> Inbox {
        Inbox::new(Flow { limit: 1000, slow }).unwrap()
    }

    #[test]
    fn what_finds_no_room_is_dropped_and_counted() {
        let inbox = inbox(Slow::Drop);
        let large = Posted::text(&"x".repeat(5000));
        assert_eq!(inbox.post(&large), Delivery::Queued);
        assert_eq!(inbox.post(&Posted::text("a")), Delivery::FirstDropped);
        assert_eq!(inbox.post(&Posted::text("b")), Delivery::Dropped);
        assert!(matches!(inbox.next(), Some(Post::Message(message)) if message.content.len() == 5000));
        assert_eq!(inbox.post(&Posted::text("c")), Delivery::Queued);
        assert!(matches!(inbox.next(), Some(Post::Message(message)) if *message.content == *b"c"));
        assert_eq!((inbox.dropped(), inbox.has_overflowed()), (2, false));
    }

    #[test]
    fn an_inbox_that_closes_keeps_nothing() {
        let inbox = inbox(Slow::Close);
        inbox.post(&Posted::text(&"x".repeat(900)));
        assert_eq!(inbox.post(&Posted::text(&"x".repeat(900))), Delivery::FirstDropped);
        assert!(inbox.has_overflowed() && inbox.next().is_none());
        assert_eq!(inbox.post(&Posted::text("a")), Delivery::Dropped);
    }

    #[test]
    fn many_small_messages_are_bounded_too() {
        let inbox = inbox(Slow::Drop);
        let queued = (0..1000).filter(|_| inbox.post(&Posted::text("")) == Delivery::Queued).count();
        assert!(queued < 100, "{queued}");
    }
}
