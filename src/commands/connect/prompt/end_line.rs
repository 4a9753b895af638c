//! The closing handshake, told in full.

use std::fmt;

use crate::net::End;
use crate::trace::ending::CloseText;
use crate::ws::Close;

/// Who closed, with which status code and reason, and whether it was clean: whether both Close
/// frames were exchanged (RFC 6455 §7.1.4).
pub(super) struct EndLine<'a> {
    pub(super) ending: &'a End,
    /// What our Close said, if there was one.
    pub(super) ours: Option<&'a Close>,
}

impl fmt::Display for EndLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.ending, self.ours) {
            (End::Closed { close, by_peer: false }, Some(ours)) => {
                write!(f, "we closed: {}", CloseText(ours))?;
                // To repeat our code is what §5.5.1 asks of the answer.
                let repeats = ours.code == close.code && (close.reason.is_empty() || close.reason == ours.reason);
                if !repeats {
                    write!(f, ", the peer answered {}", CloseText(close))?;
                }
                f.write_str("; clean")
            }
            (End::Closed { .. }, _) => write!(f, "{}; clean", self.ending),
            _ => write!(f, "{}; not clean", self.ending),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ws::StatusCode;

    #[test]
    fn both_sides_are_told_where_they_differ() {
        let said = |code, reason| Close::new(StatusCode(code), reason);
        let told = |close, ours: Close| {
            let ending = End::Closed { close, by_peer: false };
            EndLine { ending: &ending, ours: Some(&ours) }.to_string()
        };
        assert_eq!(told(said(4000, ""), said(4000, "enough")), "we closed: 4000 \"enough\"; clean");
        assert_eq!(
            told(said(1001, "too"), said(1000, "")),
            "we closed: 1000 (normal closure), the peer answered 1001 (going away) \"too\"; clean"
        );
        let dropped = EndLine { ending: &End::Dropped, ours: None }.to_string();
        assert!(dropped.ends_with("(1006); not clean"), "{dropped}");
    }
}
