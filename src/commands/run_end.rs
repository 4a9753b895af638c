//! When the run of a subcommand ends, whatever is still to be done: at the end of its time, and by signals.

use std::time::{Duration, Instant};

use crate::net::{Signals, process_end};

/// After the end of the time, for the peer to answer our Close and for stdout to take the rest.
pub(crate) const GRACE: Duration = Duration::from_millis(100);

#[derive(Debug)]
pub(crate) struct RunEnd<'a> {
    signals: &'a Signals,
    /// The end of the time, if there is one.
    latest: Option<Instant>,
    /// It has come.
    is_late: bool,
    /// How often the run has been interrupted.
    interruptions: u32,
}

impl<'a> RunEnd<'a> {
    pub(crate) fn new(latest: Option<Instant>, signals: &'a Signals) -> Self {
        Self { signals, latest, is_late: false, interruptions: 0 }
    }

    pub(crate) fn signals(&self) -> &'a Signals {
        self.signals
    }

    /// The end of the time.
    pub(crate) fn latest(&self) -> Option<Instant> {
        self.latest
    }

    pub(crate) fn is_out_of_time(&self, now: Instant) -> bool {
        self.latest.is_some_and(|latest| now >= latest)
    }

    /// When everything is given up, whatever the peer and a reader are about to do.
    pub(crate) fn hard_end(&self) -> Option<Instant> {
        self.latest.map(|latest| latest + GRACE)
    }

    /// Looks at the clock. Returns whether the time is up.
    pub(crate) fn check_time(&mut self, now: Instant) -> bool {
        self.is_late = self.is_out_of_time(now);
        if self.is_late {
            // Whoever would end the process unheeded is to know that it is about to end.
            process_end();
        }
        self.is_late
    }

    /// Whether [`check_time`](Self::check_time) has found that the time is up.
    pub(crate) fn is_late(&self) -> bool {
        self.is_late
    }

    /// Whether everything is given up by now.
    pub(crate) fn is_over(&self, now: Instant) -> bool {
        self.hard_end().is_some_and(|end| now >= end)
    }

    /// Whether a signal has come since this was asked the last time.
    pub(crate) fn take_signal(&mut self) -> bool {
        self.signals.take()
    }

    /// The first interruption begins the closing handshake, the second leaves.
    pub(crate) fn interrupt(&mut self) {
        self.interruptions += 1;
    }

    /// Whether an interruption has left.
    pub(crate) fn wants_abort(&self) -> bool {
        self.interruptions > 1
    }
}
