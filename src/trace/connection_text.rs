//! The lines of a recording that are about a connection, in words. Nothing in them acts on a terminal.

use std::fmt;

use super::connection_lines::{ConnectionLine, InjectedLine, Milestone, OpenedLine, RuleLine};
use crate::peer_text::Escaped;
use crate::view::amount::Count;
use crate::ws::Counters;

impl fmt::Display for ConnectionLine {
    /// With the number of the connection and the seconds since that was opened, as far as they are known.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.elapsed().map_or(Ok(()), |elapsed| write!(f, "{:.3} ", elapsed.as_secs_f64()))?;
        self.connection.map_or(Ok(()), |number| write!(f, "[{number}] "))?;
        self.milestone.fmt(f)
    }
}

impl fmt::Display for Milestone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Opened(opened) => opened.fmt(f),
            Self::NotOpened(line) => write!(f, "not opened {}: {}", Escaped(&line.handshake.url), Escaped(&line.why)),
            Self::Closed(closed) => {
                write!(f, "closed: {}", Escaped(&closed.why))?;
                for (name, totals) in [("received", closed.received), ("sent", closed.sent)] {
                    totals.map_or(Ok(()), |totals| write!(f, "; {name} {totals}"))?;
                }
                Ok(())
            }
            Self::Dropped { events } => write!(f, "{} could not be written here", Count(*events, "line")),
            Self::Rule(RuleLine { way, condition, done }) => {
                write!(f, "{}: {}: {}", Escaped(way), Escaped(condition), Escaped(&done.join(", ")))
            }
            Self::Injected(InjectedLine { fault, .. }) => write!(f, "injected: {}", Escaped(fault)),
        }
    }
}

impl fmt::Display for OpenedLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "opened {}", Escaped(&self.handshake.url))?;
        self.subprotocol.as_ref().map_or(Ok(()), |name| write!(f, " subprotocol={}", Escaped(name)))?;
        self.extension.as_ref().map_or(Ok(()), |agreed| write!(f, " {}", Escaped(agreed)))
    }
}

/// `3 messages (120 bytes)`.
impl fmt::Display for Counters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", Count(self.messages, "message"), Count(self.bytes, "byte"))
    }
}
