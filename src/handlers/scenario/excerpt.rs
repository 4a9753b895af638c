//! What was sent or received, in a line for a report.

use std::fmt;

use crate::peer_text::Exact;
use crate::view::amount::Count;
use crate::view::close_text::CloseText;
use crate::ws::{Close, Direction, Kind, Message, OwnedItem};

/// Characters of a text, and bytes of anything else, that are shown.
const SHOWN: usize = 200;
const SHOWN_BYTES: usize = 32;

/// A line about something that went one way.
#[derive(Debug)]
pub(super) struct LineExcerpt {
    pub(super) direction: Direction,
    pub(super) said: SaidWords,
}

/// What it was, in words.
#[derive(Debug)]
pub(super) struct SaidWords(String);

impl SaidWords {
    pub(super) fn of(message: Message<'_>) -> Self {
        let content = message.content;
        if message.kind == Kind::Binary {
            return Self(format!("binary, {}: {}", Count(content.len() as u64, "byte"), bytes(content)));
        }
        if content.is_empty() {
            return Self("(an empty text)".to_owned());
        }
        // A character has four bytes at most.
        let begin = String::from_utf8_lossy(&content[..content.len().min(4 * (SHOWN + 1))]);
        let shown: String = begin.chars().take(SHOWN).collect();
        let is_all = shown.len() == content.len();
        let more = if is_all { String::new() } else { format!("… ({})", Count(content.len() as u64, "byte")) };
        Self(format!("{}{more}", Exact(&shown)))
    }

    pub(super) fn of_item(item: &OwnedItem) -> Self {
        match item {
            OwnedItem::Message { kind, content } | OwnedItem::Fragmented { kind, content, .. } => {
                Self::of(Message { kind: *kind, content })
            }
            OwnedItem::Ping(payload) => Self::control("ping", payload),
            OwnedItem::Pong(payload) => Self::control("pong", payload),
            OwnedItem::Close(close) => Self::close(close),
            OwnedItem::Frame { payload, .. } => Self(format!("a frame with {}", bytes(payload))),
        }
    }

    pub(super) fn raw(content: &[u8]) -> Self {
        Self(format!("raw {}", bytes(content)))
    }

    pub(super) fn control(name: &str, payload: &[u8]) -> Self {
        Self(format!("{name} {}", Exact(&String::from_utf8_lossy(payload))).trim_end().to_owned())
    }

    pub(super) fn close(close: &Close) -> Self {
        Self(format!("close {}", CloseText(close)))
    }
}

fn bytes(content: &[u8]) -> String {
    let shown: String = content.iter().take(SHOWN_BYTES).map(|byte| format!("{byte:02x}")).collect();
    if content.len() > SHOWN_BYTES { shown + "…" } else { shown }
}

impl fmt::Display for SaidWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for LineExcerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if self.direction == Direction::Sent { '>' } else { '<' };
        write!(f, "{mark} {}", self.said)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_nothing_is_seen_all_the_same() {
        let said = |content: &[u8]| SaidWords::of(Message { kind: Kind::Text, content }).to_string();
        assert_eq!(said(b""), "(an empty text)");
        assert_eq!(said(b"a\x1b"), "a\\x1b");
    }
}
