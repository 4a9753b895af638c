//! How a connection ended, in words and as an exit code.

use std::fmt;

use crate::error::system_words;
use crate::exit::Exit;
use crate::net::End;
use crate::values::CodeSet;
use crate::view::escaped::Escaped;
use crate::ws::{Close, StatusCode, Violation};

impl End {
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Closed { close, .. } if close.is_clean() => Exit::Done,
            Self::Violation(_) => Exit::Violation,
            Self::Abandoned => Exit::Interrupted,
            _ => Exit::ClosedAbnormally,
        }
    }

    /// The same, with these status codes taken for a clean end.
    pub(crate) fn exit_allowing(&self, allowed: Option<&CodeSet>) -> Exit {
        let code = match self {
            // §7.1.5: what the closing handshake doesn't say has a code too.
            Self::Closed { close, .. } => close.code.map_or(1005, |code| code.0),
            Self::Violation(_) | Self::Abandoned => return self.exit(),
            _ => 1006,
        };
        if allowed.is_some_and(|allowed| allowed.contains(code)) { Exit::Done } else { self.exit() }
    }
}

impl fmt::Display for End {
    /// As one line, with the status code and the reason always told.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed { close, by_peer: true } => write!(f, "peer closed: {}", CloseText(close)),
            Self::Closed { close, by_peer: false } => write!(f, "closed: {}", CloseText(close)),
            Self::CloseUnanswered => f.write_str("closed, but the peer did not answer our Close (1006)"),
            Self::Dropped => f.write_str("dropped: the peer ended the connection without a Close frame (1006)"),
            Self::ReadFailed(error) => write!(f, "read failed: {} (1006)", system_words(error)),
            Self::WriteFailed(error) => write!(f, "write failed: {} (1006)", system_words(error)),
            Self::KeepaliveFailed(timeout) => {
                let code = StatusCode::INTERNAL_ERROR;
                write!(f, "keepalive failed: a Ping was not answered within {timeout:?}, closed with {code}")
            }
            Self::Violation(faults) => {
                f.write_str("protocol violation: ")?;
                faults.iter().enumerate().try_for_each(|(i, fault)| {
                    write!(f, "{}{fault} ({})", if i == 0 { "" } else { "; " }, fault.section())
                })?;
                faults.first().map_or(Ok(()), |first: &Violation| write!(f, ", closed with {}", first.status_code()))
            }
            Self::Abandoned => f.write_str("left without waiting for the peer"),
        }
    }
}

/// What a Close said.
pub(crate) struct CloseText<'a>(pub(crate) &'a Close);

impl fmt::Display for CloseText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Close { code: None, .. } => f.write_str("no status code (1005)"),
            Close { code: Some(code), reason } if reason.is_empty() => write!(f, "{code}"),
            Close { code: Some(code), reason } => write!(f, "{code} \"{}\"", Escaped(reason)),
        }
    }
}
