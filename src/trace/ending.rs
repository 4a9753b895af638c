//! How a connection ended, in words.

use std::fmt;

use crate::error::system_words;
use crate::net::End;
use crate::peer_text::Escaped;
use crate::ws::{Close, StatusCode, Violation};

impl fmt::Display for End {
    /// As one line, with the status code and the reason always told.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed { close, ours: None } => write!(f, "peer closed: {}", CloseText(close)),
            Self::Closed { close, ours: Some(_) } => write!(f, "closed: {}", CloseText(close)),
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
