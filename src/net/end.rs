//! How a connection ended.

use std::io;
use std::time::Duration;

use crate::ws::{Close, Counters, Incomplete, StatusCode, ViolatingFrame, Violation};

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
    /// The peer didn't answer our Close, which is this, in time.
    CloseUnanswered(Close),
    /// The peer ended the TCP connection without a Close frame.
    Dropped(Breakage),
    ReadFailed(io::Error, Breakage),
    WriteFailed(io::Error, Breakage),
    /// The peer didn't take what was sent in time, our Close included.
    NotTaken,
    /// A Ping went unanswered, and nothing else came.
    KeepaliveFailed(UnansweredPing),
    /// The peer broke the protocol, with this frame.
    Violation(Box<ViolatingFrame>),
    /// We left without waiting.
    Abandoned,
}

impl End {
    /// The Close that tells most: ours, with its reason, where the peer's repeats its code as §5.5.1 asks of an
    /// answer; or else the peer's. `None` where there was no closing handshake.
    pub(crate) fn close(&self) -> Option<&Close> {
        match self {
            Self::Closed { close, ours: Some(ours) } if repeats(close, ours) => Some(ours),
            Self::Closed { close, .. } => Some(close),
            _ => None,
        }
    }

    /// Whether it was the peer who began it.
    pub(crate) fn is_by_peer(&self) -> bool {
        match self {
            Self::Closed { ours, .. } => ours.is_none(),
            Self::Dropped(_) | Self::ReadFailed(..) | Self::WriteFailed(..) | Self::Violation(_) => true,
            Self::CloseUnanswered(_) | Self::NotTaken | Self::KeepaliveFailed(_) | Self::Abandoned => false,
        }
    }

    /// The status code that the connection ended with: the peer's, or the one that we failed it with, or one of those
    /// that stand for none.
    pub(crate) fn close_code(&self) -> StatusCode {
        match self {
            Self::Closed { close, .. } => close.code.unwrap_or(StatusCode::NO_STATUS),
            Self::Violation(frame) => frame.faults.first().map_or(StatusCode::PROTOCOL_ERROR, Violation::status_code),
            Self::KeepaliveFailed(_) => StatusCode::INTERNAL_ERROR,
            Self::CloseUnanswered(_)
            | Self::Dropped(_)
            | Self::ReadFailed(..)
            | Self::WriteFailed(..)
            | Self::NotTaken
            | Self::Abandoned => StatusCode::ABNORMAL,
        }
    }
}

/// Where a connection was when it broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Breakage {
    /// We had sent a Close.
    pub(crate) after_our_close: bool,
    /// The last bytes of the peer had come so long before; `None` where none had.
    pub(crate) quiet_for: Option<Duration>,
    /// What the peer had begun and not ended.
    pub(crate) inside: Option<Incomplete>,
    /// What came last was passed on without being read: whether a Close was in it nobody knows.
    pub(crate) unread: bool,
    /// How long the connection was open.
    pub(crate) open_for: Duration,
    /// At a client's end: how long neither side had sent anything. What stands between them may end it over that.
    pub(crate) idle_for: Duration,
    /// It broke right behind our first Ping, which had no answer.
    pub(crate) at_first_ping: bool,
}

/// Whether an answer says no more than what it answers.
fn repeats(answer: &Close, ours: &Close) -> bool {
    answer.code == ours.code && (answer.reason.is_empty() || answer.reason == ours.reason)
}

/// A Ping of ours that no Pong has answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnansweredPing {
    /// For so long.
    pub(crate) timeout: Duration,
    /// What a Pong said that came instead of the one that was to come.
    pub(crate) other: Option<Vec<u8>>,
    /// None before it has been answered either.
    pub(crate) is_first: bool,
}

/// A connection from its opening to its end.
#[derive(Debug)]
pub(crate) struct Summary {
    pub(crate) ending: End,
    pub(crate) received: Counters,
    pub(crate) sent: Counters,
    /// What the frames came to, headers and control frames included: below TLS there is more.
    pub(crate) wire: WireBytes,
    /// It was the process that had to stop.
    pub(crate) stopped: bool,
    /// It was closed because nothing had gone either way for so long.
    pub(crate) idle_for: Option<Duration>,
}

/// Bytes of frames that went both ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct WireBytes {
    pub(crate) sent: u64,
    pub(crate) received: u64,
}
