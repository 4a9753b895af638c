//! What a Close said, in words.

use std::fmt;

use crate::peer_text::Quoted;
use crate::ws::{Close, StatusCode};

/// What a Close said.
pub(crate) struct CloseText<'a>(pub(crate) &'a Close);

impl fmt::Display for CloseText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Close { code: None, .. } => write!(f, "no status code ({})", StatusCode::NO_STATUS.0),
            Close { code: Some(code), reason } if reason.is_empty() => write!(f, "{code}"),
            Close { code: Some(code), reason } => write!(f, "{code} {}", Quoted(reason)),
        }
    }
}
