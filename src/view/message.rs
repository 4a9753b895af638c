//! A message as a person reads it.

use std::fmt;

use super::hex::Dump;
use crate::peer_text::Escaped;
use crate::ws::{Kind, Message};

/// Lines of a binary message that are shown.
const DUMP_LINES: usize = 16;

/// Text made safe on one line, anything else as a dump.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shown<'a>(pub(crate) Message<'a>);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Message { kind, content } = self.0;
        match str::from_utf8(content) {
            Ok(text) if kind == Kind::Text => Escaped(text).fmt(f),
            _ if content.is_empty() => f.write_str("binary, 0 bytes"),
            _ => write!(
                f,
                "binary, {} bytes\n{}",
                content.len(),
                Dump { bytes: content, lines: DUMP_LINES, columns: 80 }
            ),
        }
    }
}
