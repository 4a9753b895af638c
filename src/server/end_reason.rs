//! Why a server's connection ended, in words.

use std::fmt;
use std::time::Duration;

use crate::net::{Course, Ending};
use crate::ws::{Close, Violation};

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

impl Farewell {
    /// The kind of ending, for programs.
    pub(crate) fn kind(&self) -> &'static str {
        match (&self.cause, &self.ending) {
            (Some(Ours::Stopping), _) => "server_stopping",
            (Some(Ours::Mode(Cause::Idle(_))), _) => "idle",
            (Some(Ours::Mode(Cause::Limit(_))), _) => "limit",
            (Some(Ours::Mode(Cause::Finished(_))), _) => "closed",
            (None, Ending::Closed { by_peer: true, .. }) => "peer_closed",
            (None, Ending::Closed { by_peer: false, .. } | Ending::CloseUnanswered | Ending::Abandoned) => "closed",
            (None, Ending::Dropped | Ending::ReadFailed(_)) => "read_failed",
            (None, Ending::WriteFailed(_)) => "write_failed",
            (None, Ending::KeepaliveFailed(_)) => "keepalive_failed",
            // RFC 6455 §10.4 lets us limit; it is no fault of the peer's.
            (None, Ending::Violation(faults)) if is_limit(faults) => "limit",
            (None, Ending::Violation(_)) => "protocol_violation",
        }
    }

    /// The status code and the reason that the connection ended with, as a client's API would tell them.
    pub(crate) fn close(&self) -> (u16, &str) {
        match &self.ending {
            Ending::Closed { close: Close { code: Some(code), reason }, .. } => (code.0, reason),
            Ending::Closed { .. } => (1005, ""),
            Ending::Violation(faults) => (faults.first().map_or(1002, |fault| fault.status_code().0), ""),
            Ending::KeepaliveFailed(_) => (1011, ""),
            _ => (1006, ""),
        }
    }

    /// What the peer broke, rule by rule.
    pub(crate) fn faults(&self) -> Vec<String> {
        match &self.ending {
            Ending::Violation(faults) => faults.iter().map(|fault| format!("{fault} ({})", fault.section())).collect(),
            _ => Vec::new(),
        }
    }
}

fn is_limit(faults: &[Violation]) -> bool {
    faults.iter().all(|fault| matches!(fault, Violation::MessageTooBig { .. }))
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

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::ws::Tally;

    #[test]
    fn a_failed_write_is_told_as_that() {
        let ending = Ending::WriteFailed(io::Error::other("reset"));
        let (received, sent) = (Tally::default(), Tally::default());
        let farewell = Farewell::new(Course { ending, received, sent, stopped: false }, None);
        assert_eq!((farewell.kind(), farewell.close()), ("write_failed", (1006, "")));
    }
}
