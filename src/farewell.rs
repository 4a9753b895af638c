//! Why a server's connection ended, in words.

use std::fmt;
use std::time::Duration;

use crate::net::{Course, Ending};

/// Why a server ended a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cause {
    /// Nothing went either way for so long.
    Idle(Duration),
    Limit(String),
    /// What the mode was to do is done, or can't be.
    Finished(String),
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Idle(time) => write!(f, "idle for {time:?}"),
            Self::Limit(what) => write!(f, "limit: {what}"),
            Self::Finished(what) => f.write_str(what),
        }
    }
}

/// What ended a connection: the peer, a failure, or a cause of ours.
#[derive(Debug)]
pub(crate) struct Farewell {
    ending: Ending,
    cause: Option<Ours>,
}

/// A cause of ours.
#[derive(Debug)]
enum Ours {
    Mode(Cause),
    Stopping,
}

impl Farewell {
    /// `cause` is what the mode says.
    pub(crate) fn new(course: Course, cause: Option<Cause>) -> Self {
        let Course { ending, stopped, .. } = course;
        let is_theirs =
            matches!(ending, Ending::Closed { by_peer: true, .. } | Ending::Violation(_) | Ending::KeepaliveFailed(_));
        let ours = cause.map(Ours::Mode).or(stopped.then_some(Ours::Stopping));
        Self { ending, cause: ours.filter(|_| !is_theirs) }
    }
}

impl fmt::Display for Farewell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Some(Ours::Mode(cause)) => write!(f, "{cause}, ")?,
            Some(Ours::Stopping) => f.write_str("server stopping, ")?,
            None => {}
        }
        self.ending.fmt(f)
    }
}
