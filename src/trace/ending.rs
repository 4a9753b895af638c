//! How a connection ended, in words.

use std::fmt;
use std::time::Duration;

use crate::advice;
use crate::error::system_words;
use crate::net::{Breakage, End, UnansweredPing};
use crate::view::amount::{Count, Elapsed};
use crate::view::close_text::CloseText;
use crate::view::control_payload::ControlPayload;
use crate::view::violating_frame;
use crate::ws::{Incomplete, Kind};

impl End {
    /// The kind of ending, for programs.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Closed { ours: None, .. } => "peer_closed",
            Self::Closed { ours: Some(_), .. } | Self::CloseUnanswered(_) | Self::Abandoned => "closed",
            Self::Dropped(_) | Self::ReadFailed(..) => "read_failed",
            Self::WriteFailed(..) | Self::NotTaken => "write_failed",
            Self::KeepaliveFailed(_) => "keepalive_failed",
            Self::Violation(frame) if frame.only_exceeds_limit() => "limit",
            Self::Violation(_) => "protocol_violation",
        }
    }

    /// What the peer broke, rule by rule.
    pub(crate) fn faults(&self) -> Vec<String> {
        match self {
            Self::Violation(frame) => frame.cited(),
            _ => Vec::new(),
        }
    }
}

impl fmt::Display for End {
    /// As one line, with the status code and the reason always told.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        EndText { end: self, closer: "us" }.fmt(f)
    }
}

/// How a connection ended, with the name of whoever closed it on our side.
pub(crate) struct EndText<'a> {
    pub(crate) end: &'a End,
    pub(crate) closer: &'a str,
}

/// How a connection ended, in the words that all connections have in common that ended alike: without how long the peer had been
/// quiet, and what it was in the middle of.
pub(crate) struct EndKindText<'a>(pub(crate) &'a End);

impl fmt::Display for EndKindText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        EndText { end: self.0, closer: "us" }.write(f, |f, breakage| f.write_str(breakage.when()))
    }
}

impl fmt::Display for EndText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, |f, breakage| {
            breakage.fmt(f)?;
            breakage.write_idle_advice(f)
        })
    }
}

impl EndText<'_> {
    /// With what `told` says of how the transport broke.
    fn write(
        &self,
        f: &mut fmt::Formatter<'_>,
        told: impl Fn(&mut fmt::Formatter<'_>, &Breakage) -> fmt::Result,
    ) -> fmt::Result {
        let code = self.end.close_code();
        match self.end {
            End::Closed { close, ours: None } => write!(f, "peer closed: {}", CloseText(close)),
            End::Closed { close, ours: Some(ours) } => {
                write!(f, "closed by {}: {}", self.closer, CloseText(ours))?;
                if self.end.close() == Some(ours) {
                    return Ok(());
                }
                write!(f, ", the peer answered {}", CloseText(close))
            }
            End::CloseUnanswered(ours) => {
                let (closer, ours) = (self.closer, CloseText(ours));
                write!(f, "closed by {closer}: {ours}, but the peer did not answer our Close ({})", code.0)
            }
            End::Dropped(breakage) if breakage.unread => {
                f.write_str("ended by the peer; what it sent after its violation was passed on unread")
            }
            End::Dropped(breakage) => {
                let code = code.0;
                write!(f, "dropped: the peer ended the connection without a Close frame ({code}), ")?;
                told(f, breakage)?;
                breakage.write_advice(f)
            }
            End::ReadFailed(error, breakage) => {
                write!(f, "read failed: {} ({}), ", system_words(error), code.0)?;
                told(f, breakage)?;
                breakage.write_advice(f)
            }
            End::WriteFailed(error, breakage) => {
                write!(f, "write failed: {} ({}), ", system_words(error), code.0)?;
                told(f, breakage)
            }
            End::NotTaken => write!(f, "write failed: the peer did not take what was sent ({})", code.0),
            End::KeepaliveFailed(ping) => {
                write!(f, "keepalive failed: {ping}, closed with {code}")?;
                if ping.is_first { write!(f, "; {}", advice::NO_PINGS) } else { Ok(()) }
            }
            End::Violation(frame) if frame.only_exceeds_limit() => {
                write!(f, "{}, closed with {code}; {}", violating_frame::faults(frame), advice::LONGER_MESSAGES)
            }
            End::Violation(frame) => {
                write!(f, "protocol violation: {}, closed with {code}", violating_frame::faults(frame))
            }
            End::Abandoned => f.write_str("disconnected without waiting for the peer"),
        }
    }
}

/// A connection on which nothing has gone for so long may have been ended over that.
const QUIET: Duration = Duration::from_secs(1);

impl Breakage {
    /// What to do about a limit of how long a connection may be idle.
    fn write_idle_advice(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let may_be_limit = self.idle_for >= QUIET && !self.after_our_close && !self.at_first_ping;
        if may_be_limit { write!(f, "; {}", advice::IDLE_LIMIT) } else { Ok(()) }
    }

    fn when(&self) -> &'static str {
        if self.after_our_close { "after our Close" } else { "before our Close" }
    }

    fn write_advice(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.at_first_ping && !self.after_our_close { write!(f, "; {}", advice::PING_NOT_TAKEN) } else { Ok(()) }
    }
}

impl fmt::Display for Breakage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.when())?;
        let bytes = |bytes| Count(bytes, "byte");
        match (self.quiet_for, self.inside) {
            (None, _) if self.open_for >= QUIET => {
                return write!(f, ", having sent no frame in the {} since it opened", Elapsed(self.open_for));
            }
            (None, _) => return f.write_str(", having sent no frame"),
            (Some(time), None) => return write!(f, ", {} after its last frame", Elapsed(time)),
            (Some(time), Some(_)) => write!(f, ", {} after its last bytes, inside ", Elapsed(time))?,
        }
        let name = |kind| if kind == Kind::Text { "text" } else { "binary" };
        match self.inside {
            Some(Incomplete::Message { kind, fragment: 1, bytes: received }) => {
                let kind = name(kind);
                write!(f, "a {kind} message of which {} had arrived", bytes(received))
            }
            Some(Incomplete::Message { kind, fragment, bytes: received }) => {
                let kind = name(kind);
                write!(f, "fragment {fragment} of a {kind} message of which {} had arrived", bytes(received))
            }
            Some(Incomplete::Frame { bytes: received }) => {
                write!(f, "a frame of which {} had arrived", bytes(received))
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Display for UnansweredPing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a Ping was not answered within {:?}", self.timeout)?;
        match &self.other {
            Some(other) => write!(f, ", and a Pong had another payload, {}", ControlPayload::from(&other[..])),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ws::{Close, Excerpt, OpCode, StatusCode, ViolatingFrame, Violation};

    #[test]
    fn connections_that_broke_alike_have_one_reason() {
        let broken = |millis| Breakage { quiet_for: Some(Duration::from_millis(millis)), ..Breakage::default() };
        let [one, other] = [3, 4].map(|millis| EndKindText(&End::Dropped(broken(millis))).to_string());
        assert_eq!(one, "dropped: the peer ended the connection without a Close frame (1006), before our Close");
        assert_eq!(one, other);
        let why = std::io::Error::from_raw_os_error(rustix::io::Errno::CONNRESET.raw_os_error());
        let reset = EndKindText(&End::ReadFailed(why, broken(5))).to_string();
        assert_eq!(reset, "read failed: Connection reset by peer (1006), before our Close");
    }

    #[test]
    fn both_sides_are_told_where_they_differ() {
        let said = |code, reason| Close::new(StatusCode(code), reason);
        let told = |close, ours| End::Closed { close, ours: Some(ours) }.to_string();
        assert_eq!(told(said(4000, ""), said(4000, "enough")), "closed by us: 4000 \"enough\"");
        assert_eq!(told(said(4000, "enough"), said(4000, "enough")), "closed by us: 4000 \"enough\"");
        assert_eq!(
            told(said(1001, "too"), said(1000, "")),
            "closed by us: 1000 (normal closure), the peer answered 1001 (going away) \"too\""
        );
        assert_eq!(
            told(Close::default(), said(1000, "")),
            "closed by us: 1000 (normal closure), the peer answered no status code (1005)"
        );
        assert_eq!(
            End::CloseUnanswered(said(4000, "enough")).to_string(),
            "closed by us: 4000 \"enough\", but the peer did not answer our Close (1006)"
        );
        let faults = vec![Violation::MessageTooBig { limit: 100 }];
        let frame = ViolatingFrame::new(OpCode::Text, 101, faults, Excerpt::of_payload(b""));
        assert_eq!(
            End::Violation(Box::new(frame)).to_string(),
            "the message is larger than the limit of 100 bytes (RFC 6455 §10.4), closed with 1009 (message too big); \
             a larger --max-message-size allows it"
        );
        let faults = vec![Violation::NotMasked, Violation::ReservedOpcode(3)];
        let frame = ViolatingFrame::new(OpCode::Reserved(3), 0, faults, Excerpt::of_payload(b""));
        assert_eq!(
            End::Violation(Box::new(frame)).to_string(),
            "protocol violation: a client's frame is not masked (RFC 6455 §5.1); \
             opcode 0x3 is reserved (RFC 6455 §5.2), closed with 1002 (protocol error)"
        );
    }
}
