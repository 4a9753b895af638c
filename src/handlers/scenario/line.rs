//! A connection of a test, between its own thread and that of the steps: what has come and isn't expected yet, what is to be
//! sent, and how it has ended.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::net::{End, Stop, Waker};
use crate::script::scenario::ReceivedMessage;
use crate::ws::{Close, OwnedItem};

/// Content that waits to be expected, in bytes and in messages: from then on the peer isn't read from.
const WAITING_BYTES: usize = 16 << 20;
const WAITING_MESSAGES: usize = 10_000;

/// What is handed over to be sent and isn't yet, in bytes: more waits until the peer has taken some of it.
const UNSENT: usize = 1 << 20;

/// Pings and Pongs that are kept, the latest.
const CONTROLS: usize = 1000;

/// Lines that are kept for a report, the latest.
const SHOWN: usize = 10;

/// Something to do for the thread of a connection.
#[derive(Debug)]
pub(super) enum LineOrder {
    Send(OwnedItem),
    /// Bytes between two frames.
    Raw(Vec<u8>),
    /// To end without a word.
    Drop,
}

/// What becomes of a connection when the process is to end.
#[derive(Debug)]
pub(super) struct WhenStopped {
    pub(super) stop: Option<Stop>,
    /// It stays open for the steps at the end of the file, which close it.
    pub(super) is_for_last_steps: bool,
    /// These have begun.
    pub(super) is_of_last_steps: bool,
}

/// What both threads share.
#[derive(Debug)]
pub(super) struct ScenarioLine {
    state: Mutex<SharedLine>,
    changed: Condvar,
    waker: Waker,
    /// There is no room for what comes.
    is_full: AtomicBool,
}

/// What has become of the connection.
#[derive(Debug)]
pub(super) struct SharedLine {
    pub(super) messages: VecDeque<ReceivedMessage>,
    /// Of those.
    bytes: usize,
    pub(super) pings: VecDeque<Vec<u8>>,
    pub(super) pongs: VecDeque<Vec<u8>>,
    orders: VecDeque<LineOrder>,
    unsent: usize,
    pub(super) end: Option<Arc<End>>,
    /// A step has said that it is to end.
    pub(super) is_end_expected: bool,
    /// A Close of ours goes out, or has: a peer may end TCP without an answer to it.
    is_closed_by_us: bool,
    /// The closing handshake is done, and what it says of that.
    pub(super) closed: Option<(Option<Close>, String)>,
    /// It isn't waited for any more.
    is_abandoned: bool,
    /// What couldn't be sent, and why.
    pub(super) refused: Option<String>,
    /// The process is to end.
    is_interrupted: bool,
    /// The steps at the end are taken all the same.
    is_resumed: bool,
    /// No steps are to be taken any more, those at the end included.
    is_left: bool,
    /// When something was sent last, or the connection opened.
    asked: Instant,
    shown: VecDeque<String>,
}

/// What a wait has come to.
#[derive(Debug)]
pub(super) enum Waited<T> {
    Found(T),
    TimedOut,
    Interrupted,
}

impl ScenarioLine {
    pub(super) fn new(waker: Waker) -> Self {
        let state = SharedLine {
            messages: VecDeque::new(),
            bytes: 0,
            pings: VecDeque::new(),
            pongs: VecDeque::new(),
            orders: VecDeque::new(),
            unsent: 0,
            end: None,
            is_end_expected: false,
            is_closed_by_us: false,
            closed: None,
            is_abandoned: false,
            refused: None,
            is_interrupted: false,
            is_resumed: false,
            is_left: false,
            asked: Instant::now(),
            shown: VecDeque::new(),
        };
        Self { state: Mutex::new(state), changed: Condvar::new(), waker, is_full: AtomicBool::new(false) }
    }

    fn lock(&self) -> MutexGuard<'_, SharedLine> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until `look` finds something, for which it is asked whenever something has changed.
    pub(super) fn wait<T>(&self, deadline: Instant, mut look: impl FnMut(&mut SharedLine) -> Option<T>) -> Waited<T> {
        let mut state = self.lock();
        loop {
            // Before what there is to find, which may be the end that the interruption has brought about.
            if state.ends_steps() {
                return Waited::Interrupted;
            }
            let found = look(&mut state);
            if self.is_full.load(Ordering::Relaxed) && state.has_room() {
                self.is_full.store(false, Ordering::Relaxed);
                self.waker.wake();
            }
            if let Some(found) = found {
                return Waited::Found(found);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Waited::TimedOut;
            }
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Whether steps on it are to end.
    pub(super) fn is_interrupted(&self) -> bool {
        self.lock().ends_steps()
    }

    /// Hands something over to be sent, once there is room for it.
    pub(super) fn order(&self, order: LineOrder, deadline: Instant) -> Waited<()> {
        let room = |state: &mut SharedLine| (state.unsent < UNSENT || state.end.is_some()).then_some(());
        match self.wait(deadline, room) {
            Waited::Found(()) => {}
            other => return other,
        }
        self.hand_over(order);
        Waited::Found(())
    }

    /// Hands something over to be sent, whether or not there is room for it.
    pub(super) fn hand_over(&self, order: LineOrder) {
        let mut state = self.lock();
        state.unsent += order.size();
        state.is_closed_by_us |= order.is_close();
        state.asked = Instant::now();
        state.orders.push_back(order);
        drop(state);
        self.waker.wake();
    }

    /// Has it end at once, whatever is still to be sent.
    pub(super) fn abandon(&self) {
        self.lock().is_abandoned = true;
        self.waker.wake();
    }

    pub(super) fn wake(&self) {
        self.waker.wake();
    }

    pub(super) fn is_abandoned(&self) -> bool {
        self.lock().is_abandoned
    }

    /// The next thing to be sent, for the connection's thread.
    pub(super) fn next_order(&self) -> Option<LineOrder> {
        let mut state = self.lock();
        let order = state.orders.pop_front()?;
        let had_room = state.unsent < UNSENT;
        state.unsent -= order.size();
        // Whoever waits for something else isn't woken: a step is one message, and a thread costs more than that.
        let has_room = !had_room && state.unsent < UNSENT;
        drop(state);
        if has_room {
            self.changed.notify_all();
        }
        Some(order)
    }

    /// Whether something is to be sent.
    pub(super) fn has_orders(&self) -> bool {
        !self.lock().orders.is_empty()
    }

    pub(super) fn has_room(&self) -> bool {
        !self.is_full.load(Ordering::Relaxed)
    }

    /// Since something was sent, or the connection opened.
    pub(super) fn since_asked(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.lock().asked)
    }

    /// Changes what is known, on the connection's thread.
    pub(super) fn change(&self, change: impl FnOnce(&mut SharedLine)) {
        let mut state = self.lock();
        change(&mut state);
        if !state.has_room() {
            self.is_full.store(true, Ordering::Relaxed);
        }
        // Who is woken finds the lock free.
        drop(state);
        self.changed.notify_all();
    }

    /// Adds to what is shown, for which nobody waits.
    pub(super) fn show(&self, line: String) {
        self.lock().show(line);
    }

    /// How the peer has ended it against the protocol, or without a Close, where no step has said that it is to end.
    pub(super) fn unexpected_end(&self) -> Option<Arc<End>> {
        let state = self.lock();
        let is_fault = |end: &&Arc<End>| match ***end {
            End::Violation(_) => true,
            End::Dropped(_) | End::ReadFailed(..) | End::WriteFailed(..) => !state.is_closed_by_us,
            _ => false,
        };
        state.end.as_ref().filter(|_| !state.is_end_expected).filter(is_fault).cloned()
    }

    /// The latest that was sent and received, a line each.
    pub(super) fn shown(&self) -> Vec<String> {
        self.lock().shown.iter().cloned().collect()
    }
}

impl SharedLine {
    fn has_room(&self) -> bool {
        self.bytes < WAITING_BYTES && self.messages.len() < WAITING_MESSAGES
    }

    pub(super) fn push(&mut self, message: ReceivedMessage) {
        self.bytes += message.content.len();
        self.messages.push_back(message);
    }

    /// The next message.
    pub(super) fn take(&mut self) -> Option<ReceivedMessage> {
        let message = self.messages.pop_front()?;
        self.bytes -= message.content.len();
        Some(message)
    }

    /// Passes over all that has come.
    pub(super) fn pass_over(&mut self) {
        self.messages.clear();
        self.bytes = 0;
    }

    pub(super) fn push_ping(&mut self, payload: &[u8]) {
        keep(&mut self.pings, payload.to_vec(), CONTROLS);
    }

    pub(super) fn push_pong(&mut self, payload: &[u8]) {
        keep(&mut self.pongs, payload.to_vec(), CONTROLS);
    }

    pub(super) fn show(&mut self, line: String) {
        keep(&mut self.shown, line, SHOWN);
    }

    fn ends_steps(&self) -> bool {
        self.is_left || self.is_interrupted && !self.is_resumed
    }

    pub(super) fn interrupt(&mut self) {
        self.is_interrupted = true;
    }

    /// From here on it is there for steps that are taken though the process is to end.
    pub(super) fn resume(&mut self) {
        self.is_resumed = true;
    }

    /// From here on no step is taken, whichever it is.
    pub(super) fn leave(&mut self) {
        self.is_left = true;
    }
}

/// Adds to what is kept, of which the oldest goes.
fn keep<T>(kept: &mut VecDeque<T>, new: T, most: usize) {
    if kept.len() == most {
        kept.pop_front();
    }
    kept.push_back(new);
}

impl LineOrder {
    pub(super) fn is_close(&self) -> bool {
        matches!(self, Self::Send(item) if item.as_item().is_close())
    }

    fn size(&self) -> usize {
        match self {
            Self::Send(item) => item.size(),
            Self::Raw(bytes) => bytes.len(),
            Self::Drop => 0,
        }
    }
}
