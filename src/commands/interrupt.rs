//! Ctrl-C: the first begins the closing handshake, the second leaves.

use std::io;
use std::time::Instant;

use crate::exit::Exit;
use crate::net::{Sender, Signals, process_end, wait_either};
use crate::stdio::writer::Output;
use crate::ws::{Close, SendError, StatusCode};

/// The exit code of a process that a signal has ended.
pub(crate) fn exit_of(signals: &Signals) -> Exit {
    signals.latest().exit()
}

/// Writes out what `output` still holds. Its reader may be as slow as it likes, unless a signal has come: then the rest is
/// written as far as that goes before the process has to end. One that comes meanwhile ends the wait, and so does `latest`.
/// `None` where it was a signal.
pub(crate) fn finish(output: &mut Output, signals: &Signals, latest: Option<Instant>) -> Option<io::Result<()>> {
    output.begin_finish();
    loop {
        if let Some(written) = output.finished() {
            return Some(written);
        }
        if signals.take() {
            return None;
        }
        let (now, end) = (Instant::now(), process_end());
        if latest.is_some_and(|latest| now >= latest) {
            return Some(Ok(()));
        }
        if end.is_some_and(|end| now >= end) {
            return None;
        }
        wait_either(&*output, signals, [latest, end].into_iter().flatten().min());
        output.woken();
    }
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
