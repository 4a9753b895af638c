//! The editor thread's way to the thread that has the connection.

use std::collections::VecDeque;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::command::Operation;
use crate::net::{Waker, Woken};

/// What happened at the keyboard.
#[derive(Debug)]
pub(crate) enum Input {
    Operation(Box<Operation>),
    /// Ctrl-C on an empty line, once more if the key before was it too.
    Interrupt {
        again: bool,
    },
    /// SIGINT, which comes to the editor while it reads a line.
    Signal,
    /// Ctrl-D, or a terminal that is gone.
    End,
}

/// How long the prompt waits for what it shows next to be up to date.
const ANSWERS_WITHIN: Duration = Duration::from_millis(200);

/// The speaking end. Clones speak with the same voice, and to the same receiver, whichever that becomes.
#[derive(Debug, Clone)]
pub(crate) struct CommandSender(Arc<Mutex<QueueHandle>>);

/// The way to one receiver.
#[derive(Debug, Clone)]
struct QueueHandle {
    shared: Arc<Shared>,
    waker: Waker,
}

/// The hearing end. Its descriptor is readable when something has been said.
#[derive(Debug)]
pub(crate) struct CommandReceiver {
    shared: Arc<Shared>,
    /// For what has been said and isn't heard yet.
    waker: Waker,
    woken: Woken,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    said: VecDeque<Input>,
    /// What was heard last is being carried out.
    busy: bool,
    /// It couldn't be, and the line may be typed on.
    refused: bool,
}

/// # Errors
/// When there are no descriptors left.
pub(crate) fn pair() -> io::Result<(CommandSender, CommandReceiver)> {
    let shared: Arc<Shared> = Arc::default();
    let (waker, woken) = Waker::pair()?;
    let line = QueueHandle { shared: Arc::clone(&shared), waker: waker.clone() };
    Ok((CommandSender(Arc::new(Mutex::new(line))), CommandReceiver { shared, waker, woken }))
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CommandSender {
    pub(crate) fn send(&self, typed: Input) {
        let line = self.line();
        let mut state = line.shared.lock();
        state.said.push_back(typed);
        state.refused = false;
        drop(state);
        line.waker.wake();
    }

    /// Speaks to whom another one speaks to, from now on.
    pub(super) fn switch_to(&self, other: &Self) {
        let line = other.line();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = line;
    }

    /// One that goes on speaking to the same.
    pub(super) fn alone(&self) -> Self {
        Self(Arc::new(Mutex::new(self.line())))
    }

    fn line(&self) -> QueueHandle {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until everything said has been carried out, within reason. Returns whether the line is to be given back.
    pub(crate) fn wait(&self) -> bool {
        let waiting = |state: &mut State| state.busy || !state.said.is_empty();
        let QueueHandle { shared, .. } = self.line();
        let waited = shared.changed.wait_timeout_while(shared.lock(), ANSWERS_WITHIN, waiting);
        std::mem::take(&mut waited.unwrap_or_else(PoisonError::into_inner).0.refused)
    }
}

impl CommandReceiver {
    /// Takes notice of a wake, so that the descriptor is quiet until there is another: before anything is looked at that those
    /// tell of who have [`waker`](Self::waker), and before the first [`try_recv`](Self::try_recv). What has been said wakes once more,
    /// for whoever stops hearing before there is nothing left.
    pub(crate) fn heed(&self) {
        self.woken.drain();
        if !self.shared.lock().said.is_empty() {
            self.waker.wake();
        }
    }

    /// The next thing said, to be asked until there is none: what was heard before then counts as
    /// carried out.
    pub(crate) fn try_recv(&self) -> Option<Input> {
        let mut state = self.shared.lock();
        let typed = state.said.pop_front();
        state.busy = typed.is_some();
        if typed.is_none() {
            self.shared.changed.notify_all();
        }
        typed
    }

    /// What was heard last can't be done now: the line is given back.
    pub(crate) fn refuse(&self) {
        self.shared.lock().refused = true;
    }

    /// What wakes whoever hears, for other threads that have something to tell.
    pub(crate) fn waker(&self) -> Waker {
        self.waker.clone()
    }
}

impl AsFd for CommandReceiver {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.woken.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A thread that ends between a look at what it did and the last line that is heard.
    #[test]
    fn a_wake_that_comes_while_lines_are_heard_is_not_lost() {
        let (sender, receiver) = pair().unwrap();
        sender.send(Input::Signal);
        receiver.heed();
        assert!(matches!(receiver.try_recv(), Some(Input::Signal)));
        receiver.heed();
        receiver.waker().wake();
        assert!(receiver.try_recv().is_none());
        assert!(receiver.woken.is_raised());
    }

    /// A connection that has opened between: its line goes on to hear.
    #[test]
    fn what_is_not_heard_after_a_wake_wakes_again() {
        let (sender, receiver) = pair().unwrap();
        sender.send(Input::Signal);
        for _ in 0..2 {
            receiver.heed();
            assert!(receiver.woken.is_raised());
        }
        assert!(receiver.try_recv().is_some());
        receiver.heed();
        assert!(!receiver.woken.is_raised());
    }
}
