//! How a connection ended.

use std::io;
use std::time::Duration;

use crate::ws::{Close, Counters, Violation};

/// How a connection ended.
#[derive(Debug)]
pub(crate) enum End {
    /// The closing handshake finished.
    Closed {
        /// The peer's.
        close: Close,
        /// Ours, where we began; `None` where the peer did.
        ours: Option<Close>,
    },
    /// The peer didn't answer our Close in time.
    CloseUnanswered,
    /// The peer ended the TCP connection without a Close frame.
    Dropped,
    ReadFailed(io::Error),
    WriteFailed(io::Error),
    /// A Ping went unanswered for so long.
    KeepaliveFailed(Duration),
    /// The peer broke the protocol; every fault of the frame in which it did.
    Violation(Vec<Violation>),
    /// We left without waiting.
    Abandoned,
}

/// A connection from its opening to its end.
#[derive(Debug)]
pub(crate) struct Summary {
    pub(crate) ending: End,
    pub(crate) received: Counters,
    pub(crate) sent: Counters,
    /// It was the process that had to stop.
    pub(crate) stopped: bool,
    /// It was closed because nothing had gone either way for so long.
    pub(crate) idle_for: Option<Duration>,
}
