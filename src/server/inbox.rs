//! What other threads have for a connection, until its own thread takes it.

use std::collections::VecDeque;
use std::io;
use std::ops::Deref;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::end_reason::ModeEnd;
use super::post::Post;
use crate::net::{Waker, Woken};
use crate::trace::stats::QueuedMessages;
use crate::values::name_of;
use crate::ws::Close;

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
    /// Of the message that was taken last, so much isn't sent.
    rest: usize,
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

    /// Of the message that was taken last, so many bytes wait for room.
    pub(crate) fn set_rest(&self, bytes: usize) {
        self.lock().rest = bytes;
    }

    /// What waits to be encoded.
    pub(crate) fn queued(&self) -> QueuedMessages {
        let state = self.lock();
        let messages = state.queue.iter().filter(|post| post.is_message()).count() + usize::from(state.rest > 0);
        let bytes = state.rest + state.queue.iter().map(Post::size).sum::<usize>();
        QueuedMessages { messages: messages as u64, bytes: bytes as u64 }
    }

    /// Whether everything in it is sent.
    pub(crate) fn is_empty(&self) -> bool {
        let state = self.lock();
        state.queue.is_empty() && state.bytes == 0
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
    use crate::ws::OwnedItem;

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
    fn what_waits_is_told() {
        let inbox = inbox(Slow::Drop);
        inbox.post(Post::text("abc"));
        inbox.post(Post::Item(OwnedItem::Ping(vec![0; 5]).into()));
        inbox.post(Post::text("de"));
        assert_eq!(inbox.queued(), QueuedMessages { messages: 2, bytes: 10 });
        let on_its_way = inbox.next();
        inbox.set_rest(1);
        assert_eq!(inbox.queued(), QueuedMessages { messages: 2, bytes: 8 });
        drop(on_its_way);
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
