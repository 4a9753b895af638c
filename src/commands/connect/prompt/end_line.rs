//! The closing handshake, told in full.

use std::fmt;

use crate::net::End;
use crate::trace::ending::EndText;

/// Who closed, with which status code and reason, and whether it was clean: whether both Close
/// frames were exchanged (RFC 6455 §7.1.4).
pub(super) struct EndLine<'a>(pub(super) &'a End);

impl fmt::Display for EndLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clean = if self.0.close().is_some() { "clean" } else { "not clean" };
        write!(f, "{}; {clean}", EndText { end: self.0, closer: "you" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::Breakage;
    use crate::ws::{Close, StatusCode};

    #[test]
    fn it_is_clean_where_both_closed() {
        let said = |code, reason| Close::new(StatusCode(code), reason);
        let told = |close, ours| EndLine(&End::Closed { close, ours: Some(ours) }).to_string();
        assert_eq!(told(said(4000, ""), said(4000, "enough")), "closed by you: 4000 \"enough\"; clean");
        assert_eq!(
            told(said(1001, "too"), said(1000, "")),
            "closed by you: 1000 (normal closure), the peer answered 1001 (going away) \"too\"; clean"
        );
        let dropped = EndLine(&End::Dropped(Breakage::default())).to_string();
        assert!(dropped.ends_with("(1006), before our Close, having sent no frame; not clean"), "{dropped}");
    }
}
