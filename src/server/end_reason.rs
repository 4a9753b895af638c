//! Why a server's connection ended, in words.

use std::fmt;
use std::time::Duration;

use crate::net::{End, Summary};
use crate::trace::ending::EndText;
use crate::view::close_text::CloseText;
use crate::ws::Close;

/// Why a server ended a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ModeEnd {
    Limit(String),
    /// Who or what closed the connection, and with what, where that isn't known from the connection's end.
    ClosedBy(&'static str, Option<Close>),
    /// What the mode was to do is done, or can't be.
    Finished(String),
}

impl fmt::Display for ModeEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Limit(what) => write!(f, "limit: {what}"),
            Self::ClosedBy(closer, None) => write!(f, "closed by {closer}"),
            Self::ClosedBy(closer, Some(close)) => write!(f, "closed by {closer}: {}", CloseText(close)),
            Self::Finished(what) => f.write_str(what),
        }
    }
}

/// What ended a connection: the peer, a failure, or a cause of ours.
#[derive(Debug)]
pub(crate) struct EndReason {
    ending: End,
    cause: Option<OwnReason>,
}

/// A cause of ours.
#[derive(Debug)]
enum OwnReason {
    Mode(ModeEnd),
    /// Nothing went either way for so long.
    Idle(Duration),
    Stopping,
}

impl EndReason {
    /// `cause` is what the mode says.
    pub(crate) fn new(summary: Summary, cause: Option<ModeEnd>) -> Self {
        let Summary { ending, stopped, idle_for, .. } = summary;
        let is_theirs = matches!(ending, End::Closed { ours: None, .. } | End::Violation(_) | End::KeepaliveFailed(_));
        let idle = idle_for.map(OwnReason::Idle);
        let ours = cause.map(OwnReason::Mode).or(idle).or(stopped.then_some(OwnReason::Stopping));
        Self { ending, cause: ours.filter(|_| !is_theirs) }
    }

    /// The kind of ending, for programs.
    pub(crate) fn kind(&self) -> &'static str {
        match (&self.cause, &self.ending) {
            (Some(OwnReason::Stopping), _) => "server_stopping",
            (Some(OwnReason::Idle(_)), _) => "idle",
            (Some(OwnReason::Mode(ModeEnd::Limit(_))), _) => "limit",
            (Some(OwnReason::Mode(ModeEnd::Finished(_) | ModeEnd::ClosedBy(..))), _) => "closed",
            (None, ending) => ending.kind(),
        }
    }

    /// The status code and the reason that the connection ended with, as a client's API would tell them.
    pub(crate) fn close(&self) -> (u16, &str) {
        let reason = self.ending.close().map_or("", |close| close.reason.as_str());
        (self.ending.close_code().0, reason)
    }

    /// What the peer broke, rule by rule.
    pub(crate) fn faults(&self) -> Vec<String> {
        self.ending.faults()
    }
}

impl fmt::Display for EndReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Some(OwnReason::Mode(ModeEnd::ClosedBy(closer, _)))
                if matches!(self.ending, End::Closed { .. } | End::CloseUnanswered(_)) =>
            {
                return EndText { end: &self.ending, closer }.fmt(f);
            }
            Some(OwnReason::Mode(cause)) => write!(f, "{cause}, ")?,
            Some(OwnReason::Idle(time)) => write!(f, "idle for {time:?}, ")?,
            Some(OwnReason::Stopping) => f.write_str("server stopping, ")?,
            None => {}
        }
        self.ending.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::net::{Breakage, WireBytes};
    use crate::ws::{Counters, StatusCode};

    fn ended(ending: End, cause: Option<ModeEnd>) -> EndReason {
        let (received, sent) = (Counters::default(), Counters::default());
        let wire = WireBytes::default();
        EndReason::new(Summary { ending, received, sent, wire, stopped: false, idle_for: None }, cause)
    }

    #[test]
    fn a_failed_write_is_told_as_that() {
        let reason = ended(End::WriteFailed(io::Error::other("reset"), Breakage::default()), None);
        assert_eq!((reason.kind(), reason.close()), ("write_failed", (1006, "")));
    }

    #[test]
    fn who_closed_stands_in_the_place_of_us() {
        let said = |reason| Close::new(StatusCode(4001), reason);
        let by = || Some(ModeEnd::ClosedBy("you", Some(said("enough"))));
        let reason = ended(End::Closed { close: said(""), ours: Some(said("enough")) }, by());
        assert_eq!(reason.to_string(), "closed by you: 4001 \"enough\"");
        assert_eq!((reason.kind(), reason.close()), ("closed", (4001, "enough")));
        assert_eq!(
            ended(End::Dropped(Breakage::default()), by()).to_string(),
            "closed by you: 4001 \"enough\", dropped: the peer ended the connection without a Close frame (1006), before our Close, having sent no frame"
        );
        let reason = ended(End::Closed { close: said("bye"), ours: None }, by());
        assert_eq!((reason.to_string(), reason.close()), ("peer closed: 4001 \"bye\"".into(), (4001, "bye")));
    }
}
