//! What other threads have for a connection, until its own thread takes it.

use std::collections::VecDeque;
use std::io;
use std::num::NonZeroUsize;
use std::ops::Deref;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use super::end_reason::ModeEnd;
use crate::net::{Waker, Woken};
use crate::trace::raw_frame::RawFrame;
use crate::values::name_of;
use crate::ws::{Close, Item, Kind};

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

/// What else than a message many connections may send.
#[derive(Debug)]
pub(crate) enum PostedItem {
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    /// A text message as so many fragments.
    Fragmented(NonZeroUsize, String),
    Frame(RawFrame),
}

impl PostedItem {
    pub(crate) fn item(&self) -> Item<'_> {
        match self {
            Self::Ping(payload) => Item::Ping(payload),
            Self::Pong(payload) => Item::Pong(payload),
            Self::Fragmented(fragments, content) => {
                Item::Fragmented { kind: Kind::Text, content: content.as_bytes(), fragments: *fragments }
            }
            Self::Frame(frame) => Item::Frame { header: frame.header, payload: &frame.payload, masking: frame.masking },
        }
    }

    fn size(&self) -> usize {
        match self {
            Self::Ping(payload) | Self::Pong(payload) => payload.len(),
            Self::Fragmented(_, content) => content.len(),
            Self::Frame(frame) => frame.payload.len(),
        }
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
    Item(Arc<PostedItem>),
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

    /// Bytes that it is counted with: its place in the queue costs something too.
    fn cost(&self) -> usize {
        match self {
            Self::Message(message) => message.content.len() + size_of::<Self>(),
            Self::Item(item) => item.size() + size_of::<Self>(),
            Self::Close(..) => 0,
        }
    }
}

/// What was taken from the queue, and is counted there until this is dropped.
#[derive(Debug)]
pub(crate) struct Queued {
    post: Post,
    inbox: Arc<Inbox>,
}

impl Deref for Queued {
    type Target = Post;

    fn deref(&self) -> &Post {
        &self.post
    }
}

impl Drop for Queued {
    fn drop(&mut self) {
        self.inbox.lock().bytes -= self.post.cost();
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

    pub(crate) fn name(self) -> &'static str {
        name_of(&Self::NAMES, &self)
    }
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
    /// In the queue, and taken from it but not sent.
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

    /// Adds something to send. One always fits, however large; beside it, one may be on its way already.
    pub(crate) fn post(&self, post: Post) -> Delivery {
        let mut state = self.lock();
        if state.overflowed {
            return Delivery::Dropped;
        }
        if !state.queue.is_empty() && state.bytes + post.cost() > self.flow.limit {
            return self.overflow(&mut state);
        }
        state.bytes += post.cost();
        state.queue.push_back(post);
        self.waker.wake();
        Delivery::Queued
    }

    /// Leaves out a message that is too large for all who are behind together.
    pub(crate) fn refuse(&self) -> Delivery {
        let mut state = self.lock();
        match state.overflowed {
            true => Delivery::Dropped,
            false => self.overflow(&mut state),
        }
    }

    /// Adds a Close, behind all else.
    pub(crate) fn post_close(&self, close: Close, cause: ModeEnd) {
        let mut state = self.lock();
        state.queue.push_back(Post::Close(close, cause));
        self.waker.wake();
    }

    /// The next thing to send.
    pub(crate) fn next(self: &Arc<Self>) -> Option<Queued> {
        let post = self.lock().queue.pop_front()?;
        Some(Queued { post, inbox: Arc::clone(self) })
    }

    /// Takes notice of what is new, so that the descriptor is quiet until there is more.
    pub(crate) fn heard(&self) {
        self.woken.drain();
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
        // Whoever has nothing to send isn't slow.
        if self.flow.slow == Slow::Close && state.bytes > 0 {
            state.overflowed = true;
            let queue = std::mem::take(&mut state.queue);
            state.bytes -= queue.iter().map(Post::cost).sum::<usize>();
            self.waker.wake();
        }
        if state.dropped == 1 { Delivery::FirstDropped } else { Delivery::Dropped }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AsFd for Inbox {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.woken.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inbox(slow: Slow) -> Arc<Inbox> {
        Arc::new(Inbox::new(Flow { limit: 1000, slow }).unwrap())
    }

    /// The length of the next message, which is then sent.
    fn taken(inbox: &Arc<Inbox>) -> Option<usize> {
        match &*inbox.next()? {
            Post::Message(message) => Some(message.content.len()),
            Post::Item(_) | Post::Close(..) => None,
        }
    }

    #[test]
    fn what_finds_no_room_is_dropped_and_counted() {
        let inbox = inbox(Slow::Drop);
        let large = Post::text(&"x".repeat(5000));
        assert_eq!(inbox.post(large), Delivery::Queued);
        assert_eq!(inbox.post(Post::text("a")), Delivery::FirstDropped);
        assert_eq!(inbox.post(Post::text("b")), Delivery::Dropped);
        assert_eq!(taken(&inbox), Some(5000));
        assert_eq!(inbox.post(Post::text("c")), Delivery::Queued);
        assert_eq!(taken(&inbox), Some(1));
        assert_eq!((inbox.dropped(), inbox.has_overflowed()), (2, false));
    }

    #[test]
    fn what_is_being_sent_is_counted() {
        let inbox = inbox(Slow::Drop);
        inbox.post(Post::text(&"x".repeat(900)));
        let on_its_way = inbox.next();
        assert_eq!(inbox.post(Post::text("a")), Delivery::Queued);
        assert_eq!(inbox.post(Post::text(&"x".repeat(100))), Delivery::FirstDropped);
        drop(on_its_way);
        assert_eq!(inbox.post(Post::text(&"x".repeat(100))), Delivery::Queued);
    }

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

    #[test]
    fn an_inbox_that_closes_keeps_nothing() {
        let inbox = inbox(Slow::Close);
        inbox.post(Post::text(&"x".repeat(900)));
        assert_eq!(inbox.post(Post::text(&"x".repeat(900))), Delivery::FirstDropped);
        assert!(inbox.has_overflowed() && inbox.next().is_none());
        assert_eq!(inbox.post(Post::text("a")), Delivery::Dropped);
    }

    #[test]
    fn many_small_messages_are_bounded_too() {
        let inbox = inbox(Slow::Drop);
        let queued = (0..1000).filter(|_| inbox.post(Post::text("")) == Delivery::Queued).count();
        assert!(queued < 100, "{queued}");
    }
}
