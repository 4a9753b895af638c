//! The steps to an open connection, and what puts an end to waiting for one.

use std::fmt;
use std::time::Duration;

/// The steps to an open connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Resolve,
    Connect,
    Proxy,
    Tls,
    OpeningHandshake,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Resolve => "resolving",
            Self::Connect => "connecting",
            Self::Proxy => "the proxy handshake",
            Self::Tls => "the TLS handshake",
            Self::OpeningHandshake => "the opening handshake",
        })
    }
}

/// What has put an end to a wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TimeLimit {
    /// The phase may take so long.
    Phase(Duration),
    /// A flag, for all that is done.
    Flag(&'static str),
}

impl fmt::Display for TimeLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Phase(time) => write!(f, " after {time:?}"),
            Self::Flag(name) => write!(f, " ({name})"),
        }
    }
}
