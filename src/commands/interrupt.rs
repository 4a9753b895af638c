//! Ctrl-C: the first begins the closing handshake, the second leaves.

use crate::exit::Exit;
use crate::net::{Sender, Signals};
use crate::ws::{Close, SendError, StatusCode};

/// The exit code of a process that a signal has ended.
pub(crate) fn exit_of(signals: &Signals) -> Exit {
    signals.latest().exit()
}

/// How often we have been interrupted.
#[derive(Debug)]
pub(crate) struct Interruption<'a> {
    pub(crate) signals: &'a Signals,
    count: u32,
}

impl<'a> Interruption<'a> {
    pub(crate) fn new(signals: &'a Signals) -> Self {
        Self { signals, count: 0 }
    }

    /// A signal may have come.
    pub(crate) fn check(&mut self, sender: &mut Sender<'_>) {
        if self.signals.take() {
            // Refused when the connection is closing already.
            let _ = self.begin(sender);
        }
    }

    /// Begins the closing handshake.
    ///
    /// # Errors
    /// [`SendError`] when it has begun already.
    pub(crate) fn begin(&mut self, sender: &mut Sender<'_>) -> Result<(), SendError> {
        self.count += 1;
        sender.close(Close::new(StatusCode::GOING_AWAY, ""))
    }

    pub(crate) fn happened(&self) -> bool {
        self.count > 0
    }

    /// How the process ends because of it.
    pub(crate) fn exit(&self) -> Exit {
        exit_of(self.signals)
    }

    pub(crate) fn insists(&self) -> bool {
        self.count > 1
    }
}
