//! The editor thread's way to the thread that has the connection.

use std::collections::VecDeque;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::command::Operation;
use crate::net::{Signals, Waker, Woken};

/// What happened at the keyboard.
#[derive(Debug)]
pub(crate) enum Input {
    Operation(Box<Operation>),
    /// Ctrl-C on an empty line, once more if the key before was it too.
    Interrupt {
        again: bool,
    },
    /// SIGINT, which comes to the editor while it reads a line, or the key that quits.
    Signal,
    /// Ctrl-D, or a terminal that is gone.
    End,
}

/// How long the prompt waits for what it shows next to be up to date. A thread that is busy
/// connecting doesn't keep anyone from typing.
const ANSWERS_WITHIN: Duration = Duration::from_millis(200);

/// The speaking end. Clones speak with the same voice.
#[derive(Debug, Clone)]
pub(crate) struct CommandSender {
    shared: Arc<Shared>,
    waker: Waker,
    cancel: Waker,
}

/// The hearing end. Its descriptor is readable when something has been said.
#[derive(Debug)]
pub(crate) struct CommandReceiver {
    shared: Arc<Shared>,
    /// For what is left when one thing has been taken.
    waker: Waker,
    woken: Woken,
    /// Readable when something has been said that ends an attempt to connect.
    cancel: Waker,
    cancelled: Woken,
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

/// Signals end an attempt to connect too.
///
/// # Errors
/// When there are no descriptors left.
pub(crate) fn pair(signals: &Signals) -> io::Result<(CommandSender, CommandReceiver)> {
    let shared: Arc<Shared> = Arc::default();
    let (waker, woken) = Waker::pair()?;
    let (cancel, cancelled) = Waker::pair()?;
    signals.wake(&cancel)?;
    let sender = CommandSender { shared: Arc::clone(&shared), waker: waker.clone(), cancel: cancel.clone() };
    Ok((sender, CommandReceiver { shared, waker, woken, cancel, cancelled }))
}

impl Input {
    /// Whether nobody waits any more for an attempt to connect.
    fn cancels(&self) -> bool {
        match self {
            Self::Operation(operation) => matches!(**operation, Operation::Quit),
            Self::Interrupt { .. } | Self::Signal | Self::End => true,
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CommandSender {
    pub(crate) fn send(&self, typed: Input) {
        let cancels = typed.cancels();
        self.shared.lock().said.push_back(typed);
        self.waker.wake();
        if cancels {
            self.cancel.wake();
        }
    }

    /// Waits until everything said has been carried out, within reason.
    pub(crate) fn wait(&self) {
        let waiting = |state: &mut State| state.busy || !state.said.is_empty();
        drop(self.shared.changed.wait_timeout_while(self.shared.lock(), ANSWERS_WITHIN, waiting));
    }
}

impl CommandReceiver {
    /// The next thing said, to be asked until there is none: what was heard before then counts as
    /// carried out.
    pub(crate) fn try_recv(&self) -> Option<Input> {
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

impl CommandReceiver {
    /// What to watch while connecting, from now on.
    pub(crate) fn cancellation(&self, signals: &Signals) -> BorrowedFd<'_> {
        self.cancelled.drain();
        // What has come before this is still to be heard.
        if self.shared.lock().said.iter().any(Input::cancels) || signals.have_come() {
            self.cancel.wake();
        }
        self.cancelled.as_fd()
    }
}

impl AsFd for CommandReceiver {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.woken.as_fd()
    }
}
