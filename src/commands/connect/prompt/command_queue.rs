//! The editor thread's way to the thread that has the connection.

use std::collections::VecDeque;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::command::Request;
use crate::net::{Waker, Woken};

/// What happened at the keyboard.
#[derive(Debug)]
pub(super) enum Input {
    Request(Box<Request>),
    /// Ctrl-C on an empty line.
    Interrupt,
    /// Ctrl-D, or a terminal that is gone.
    End,
}

/// How long the prompt waits for what it shows next to be up to date. A thread that is busy
/// connecting doesn't keep anyone from typing.
const ANSWERS_WITHIN: Duration = Duration::from_millis(200);

/// The speaking end. Clones speak with the same voice.
#[derive(Debug, Clone)]
pub(super) struct CommandSender {
    shared: Arc<Shared>,
    waker: Waker,
}

/// The hearing end. Its descriptor is readable when something has been said.
#[derive(Debug)]
pub(super) struct CommandReceiver {
    shared: Arc<Shared>,
    /// For what is left when one thing has been taken.
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
}

/// # Errors
/// When there are no descriptors left.
pub(super) fn pair() -> io::Result<(CommandSender, CommandReceiver)> {
    let shared: Arc<Shared> = Arc::default();
    let (waker, woken) = Waker::pair()?;
    let sender = CommandSender { shared: Arc::clone(&shared), waker: waker.clone() };
    Ok((sender, CommandReceiver { shared, waker, woken }))
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CommandSender {
    pub(super) fn send(&self, typed: Input) {
        self.shared.lock().said.push_back(typed);
        self.waker.wake();
    }

    /// Waits until everything said has been carried out, within reason.
    pub(super) fn wait(&self) {
        let waiting = |state: &mut State| state.busy || !state.said.is_empty();
        drop(self.shared.changed.wait_timeout_while(self.shared.lock(), ANSWERS_WITHIN, waiting));
    }
}

impl CommandReceiver {
    /// The next thing said, to be asked until there is none: what was heard before then counts as
    /// carried out.
    pub(super) fn try_recv(&self) -> Option<Input> {
        self.woken.drain();
        let mut state = self.shared.lock();
        let typed = state.said.pop_front();
        state.busy = typed.is_some();
        if typed.is_none() {
            self.shared.changed.notify_all();
        } else if !state.said.is_empty() {
            self.waker.wake();
        }
        typed
    }
}

impl AsFd for CommandReceiver {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.woken.as_fd()
    }
}
