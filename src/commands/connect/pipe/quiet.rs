//! `--linger`: how long the peer has been quiet since all is sent. A value, with the clock as an argument.

use std::time::{Duration, Instant};

/// The quiet of the peer.
#[derive(Debug)]
pub(super) struct Quiet {
    /// How long the peer may be quiet; `None` waits for it.
    linger: Option<Duration>,
    /// Since when it has been, while it is waited for.
    since: Option<Instant>,
    /// Something has come in this turn.
    heard: bool,
    /// Something has come on any connection.
    heard_ever: bool,
}

impl Quiet {
    pub(super) fn new(linger: Option<Duration>) -> Self {
        Self { linger, since: None, heard: false, heard_ever: false }
    }

    /// A new connection.
    pub(super) fn begin_again(&mut self) {
        self.since = None;
        self.heard = false;
    }

    /// Something has come.
    pub(super) fn heard(&mut self) {
        (self.heard, self.heard_ever) = (true, true);
    }

    /// A turn is over; `waits` says that nothing but the peer is waited for.
    pub(super) fn after_turn(&mut self, now: Instant, waits: bool) {
        let heard = std::mem::take(&mut self.heard);
        if !waits {
            self.since = None;
        } else if heard || self.since.is_none() {
            self.since = Some(now);
        }
    }

    /// When the peer has been quiet for long enough.
    pub(super) fn until(&self) -> Option<Instant> {
        Some(self.since? + self.linger?)
    }

    /// The time in which nothing has ever come. Who gives 0 doesn't want to wait for an answer.
    pub(super) fn linger_in_silence(&self) -> Option<Duration> {
        self.linger.filter(|linger| !linger.is_zero() && !self.heard_ever)
    }
}
