//! A thread that writes to a descriptor, so that a reader who is slow holds up nobody but itself.
//!
//! What waits for the thread is one queue, taken whole. Those who add to it see how long it is, and decide what to do
//! when it is too long: [`Output`](super::writer::Output) slows its source, [`LineWriter`](super::line_writer::LineWriter)
//! drops and counts.

use std::fmt;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use super::queue::Queue;
use crate::net::Waker;

/// Bytes of memory that the thread keeps between one queue and the next.
const KEPT: usize = 1024 * 1024;

/// Where the bytes go.
pub(super) trait Sink: Send + 'static {
    /// How long the thread rests between one queue and the next that nobody [wakes](WriteThread::wake) it for: what comes
    /// meanwhile is written in one turn.
    const REST: Duration = Duration::ZERO;

    /// Writes all of `bytes`.
    ///
    /// # Errors
    /// After which nothing more is written.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// What stands in the place of so many lines that were dropped.
    fn notice(&self, _dropped: u64) -> String {
        String::new()
    }
}

/// The thread, for those who have something to write. It ends once it is asked to finish, or the sink fails.
#[derive(Clone)]
pub(super) struct WriteThread {
    shared: Arc<Shared>,
    /// Parked while there is nothing to write.
    thread: Thread,
}

struct Shared {
    state: Mutex<QueueState>,
    /// Notified, if somebody waits, when the queue has been taken and when all is written.
    changed: Condvar,
    /// Wakes, at the same moments, whoever polls its other end.
    waker: Option<Waker>,
}

#[derive(Debug, Default)]
pub(super) struct QueueState {
    pub(super) queue: Queue,
    /// Somebody waits for the thread to take the queue, or to have written it.
    pub(super) awaited: bool,
    /// What was taken last is being written.
    pub(super) writing: bool,
    /// Bytes of long records in it.
    pub(super) writing_long: usize,
    /// The thread looks at the queue by itself before long.
    resting: bool,
    pub(super) congestion: Congestion,
    pub(super) finishing: bool,
    pub(super) finished: bool,
    pub(super) failure: Option<io::Error>,
}

/// What has happened since the queue became too long. Taking the queue ends it.
#[derive(Debug, Default)]
pub(super) struct Congestion {
    pub(super) since: Option<Instant>,
    /// Somebody waited in vain for a reader who took nothing.
    pub(super) reader_is_stuck: bool,
    /// Lines that found no room.
    pub(super) dropped: u64,
}

impl WriteThread {
    /// # Errors
    /// When there is no thread to be had.
    pub(super) fn start(name: &str, sink: impl Sink, waker: Option<Waker>) -> io::Result<Self> {
        let shared = Arc::new(Shared { state: Mutex::default(), changed: Condvar::new(), waker });
        let writer = Writer { sink, shared: Arc::clone(&shared) };
        let thread = thread::Builder::new().name(name.into()).spawn(move || writer.run())?.thread().clone();
        Ok(Self { shared, thread })
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, QueueState> {
        self.shared.lock()
    }

    /// Has the thread look at its queue.
    pub(super) fn wake(&self) {
        self.thread.unpark();
    }

    /// Has the thread look at its queue before long.
    pub(super) fn wake_soon(&self, state: MutexGuard<'_, QueueState>) {
        let looks_anyway = state.resting;
        drop(state);
        if !looks_anyway {
            self.wake();
        }
    }

    /// Waits until the thread has taken or written something, or for `most`.
    pub(super) fn wait<'a>(
        &'a self,
        mut state: MutexGuard<'a, QueueState>,
        most: Duration,
    ) -> MutexGuard<'a, QueueState> {
        state.awaited = true;
        self.thread.unpark();
        self.shared.changed.wait_timeout(state, most).unwrap_or_else(PoisonError::into_inner).0
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, QueueState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn notify(&self) {
        self.changed.notify_all();
        if let Some(waker) = &self.waker {
            waker.wake();
        }
    }
}

struct Writer<S> {
    sink: S,
    shared: Arc<Shared>,
}

impl<S: Sink> Writer<S> {
    fn run(mut self) {
        let mut taken = Queue::default();
        while self.take(&mut taken) {
            if let Err(error) = taken.write(&mut |bytes| self.sink.write(bytes)) {
                self.shared.lock().failure = Some(error);
                break;
            }
            taken.shrink(KEPT);
        }
        self.shared.lock().finished = true;
        self.shared.notify();
    }

    /// Waits for something to write; false once there is no more to come.
    fn take(&mut self, taken: &mut Queue) -> bool {
        let mut state = self.shared.lock();
        state.writing_long = 0;
        state.resting = std::mem::take(&mut state.writing) && !S::REST.is_zero();
        while state.queue.is_empty() {
            if state.finishing {
                return false;
            }
            let awaited = std::mem::take(&mut state.awaited);
            let resting = state.resting;
            drop(state);
            if awaited {
                self.shared.notify();
            }
            if resting {
                thread::park_timeout(S::REST);
            } else {
                thread::park();
            }
            state = self.shared.lock();
            state.resting = false;
        }
        state.resting = false;
        std::mem::swap(&mut state.queue, taken);
        state.writing = true;
        state.writing_long = taken.long_size();
        let dropped = std::mem::take(&mut state.congestion).dropped;
        let awaited = std::mem::take(&mut state.awaited);
        drop(state);
        if dropped > 0 {
            // Lines are dropped only behind a queue that is too long: this is where they are missing.
            taken.extend_from_slice(self.sink.notice(dropped).as_bytes());
        }
        if awaited {
            self.shared.notify();
        }
        true
    }
}

impl fmt::Debug for WriteThread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WriteThread({:?})", self.thread.name().unwrap_or_default())
    }
}
