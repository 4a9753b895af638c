//! A message as a person reads it.

use std::fmt;

use super::amount::Count;
use super::hex::Dump;
use crate::peer_text::Escaped;
use crate::ws::{Kind, Message};

/// Lines of a binary message that are shown.
const DUMP_LINES: usize = 16;

/// Text made safe on one line, anything else as a dump.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shown<'a> {
    pub(crate) message: Message<'a>,
    /// Bytes of all of it, where that is more than is there.
    pub(crate) length: usize,
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { message: Message { kind, content }, length } = *self;
        let is_cut = content.len() < length;
        match str::from_utf8(content) {
            Ok(text) if kind == Kind::Text && !is_cut => Escaped(text).fmt(f),
            // It may be cut in the middle of a character.
            _ if kind == Kind::Text && is_cut => {
                let text = String::from_utf8_lossy(content);
                write!(f, "{} … and {} more", Escaped(&text), Count((length - content.len()) as u64, "byte"))
            }
            _ if content.is_empty() => f.write_str("binary, 0 bytes"),
            _ => {
                let dump = Dump { bytes: content, start: 0, length, lines: DUMP_LINES, columns: 80 };
                write!(f, "binary, {}\n{dump}", Count(length as u64, "byte"))
            }
        }
    }
}
