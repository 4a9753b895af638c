//! The closing handshake, told in full.

use std::fmt;

use crate::net::Ending;

/// Who closed, with which status code and reason, and whether it was clean: whether both Close
/// frames were exchanged (RFC 6455 §7.1.4).
pub(super) struct Farewell<'a>(pub(super) &'a Ending);

impl fmt::Display for Farewell<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clean = matches!(self.0, Ending::Closed { .. });
        write!(f, "{}; {}", self.0, if clean { "clean" } else { "not clean" })
    }
}
