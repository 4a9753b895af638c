//! Whether a message is what it has to be, and what it is instead.

use std::time::Duration;

use super::super::condition::Condition;
use super::super::projection::value;
use super::check::{self, FilledCheck, MessageCheck};
use super::filled_json::FilledJson;
use crate::view::amount::Elapsed;
use crate::view::json_pointer::Pointer;
use crate::ws::{Kind, Message};

/// Larger messages aren't read as JSON by a test that compares all of one, in bytes.
const JSON_LIMIT: usize = 4 << 20;

/// A message that has come whole, and how.
#[derive(Debug, Clone)]
pub(crate) struct ReceivedMessage {
    pub(crate) kind: Kind,
    pub(crate) content: Vec<u8>,
    /// Bytes of all of it, where that is more than was kept.
    pub(crate) length: u64,
    pub(crate) fragments: u64,
    pub(crate) compressed: bool,
    /// Bytes of payload on the wire.
    pub(crate) wire: u64,
    /// Since something was sent before it, or the connection opened.
    pub(crate) took: Duration,
}

impl ReceivedMessage {
    pub(crate) fn message(&self) -> Message<'_> {
        Message { kind: self.kind, content: &self.content }
    }

    /// The value that a pointer leads to; `None` where the message isn't JSON or has none there.
    pub(crate) fn value(&self, pointer: &Pointer) -> Option<&str> {
        value(self.message(), pointer)
    }

    fn document(&self) -> Option<FilledJson> {
        let is_read = self.kind == Kind::Text && self.content.len() <= JSON_LIMIT;
        is_read.then(|| FilledJson::parse(str::from_utf8(&self.content).ok()?)).flatten()
    }

    fn is_json(&self) -> bool {
        self.value(&Pointer::default()).is_some()
    }
}

/// What a word that takes the rest of its line has taken for a part of that, where it may have been meant otherwise.
fn swallowed(word: &str, text: &str) -> Option<String> {
    let ends_in = |sign: &'static str| text.match_indices(sign).map(|(at, _)| &text[at + 1..]);
    let condition = ends_in(" and ").find(|rest| check::parse_all(&rest[AND.len()..]).is_ok());
    let is_between = |sign: char| text.len() > 1 && text.starts_with(sign) && text.ends_with(sign);
    Some(match (condition, ends_in(" #").next()) {
        (Some(condition), _) => {
            format!(
                "{word} takes the rest of its line, and so {condition:?}: other conditions stand before it, or on lines below"
            )
        }
        (None, Some(comment)) => {
            format!("{word} takes the rest of its line, and so {comment:?}: comments stand on lines of their own")
        }
        _ if is_between('"') => format!("the double quotes are part of what {word} looks for"),
        _ if word == "match" && is_between('/') => "the slashes are part of what match looks for".to_owned(),
        _ => return None,
    })
}

/// What joins conditions, with the blank behind it.
const AND: &str = "and ";

impl FilledCheck {
    /// Whether the message is so.
    pub(crate) fn is_met(&self, message: &ReceivedMessage) -> bool {
        match self {
            Self::Rule(condition) => condition.is_met_by(message.message()),
            Self::Json(predicate) => {
                let found = message.value(&predicate.pointer).and_then(FilledJson::parse);
                // Where there is no document, nothing is missing in it.
                (found.is_some() || message.is_json()) && predicate.test.holds(found.as_ref())
            }
            Self::Whole { value, lets_more } => message.document().is_some_and(|found| value.is(&found, *lets_more)),
            Self::Schema { schema, .. } => message.document().is_some_and(|found| schema.faults(&found.0).is_empty()),
            Self::Equals(text) => message.kind == Kind::Text && message.content == text.as_bytes(),
            Self::Contains(text) => memchr::memmem::find(&message.content, text.as_bytes()).is_some(),
            Self::Bytes { bytes, is_prefix } => {
                let is_there = if *is_prefix { message.content.starts_with(bytes) } else { message.content == **bytes };
                message.kind == Kind::Binary && is_there
            }
            Self::Size(relation, bytes) => relation.holds(&message.length, bytes),
            Self::Took(relation, time) => relation.holds(&message.took, time),
            Self::Fragments(relation, count) => relation.holds(&message.fragments, count),
            Self::Wire(relation, bytes) => relation.holds(&message.wire, bytes),
            Self::Compressed(is) => message.compressed == *is,
        }
    }

    /// What the message has instead, where that is more than the message itself shows.
    pub(crate) fn found(&self, message: &ReceivedMessage) -> Option<String> {
        Some(match self {
            Self::Json(predicate) => match message.value(&predicate.pointer) {
                Some(value) if predicate.pointer.is_whole() => format!("it is {value}"),
                Some(value) => format!("{} is {value}", predicate.pointer),
                None if message.is_json() => format!("{} is missing", predicate.pointer),
                None => "it is not JSON".to_owned(),
            },
            Self::Whole { .. } | Self::Schema { .. } if !message.is_json() => "it is not JSON".to_owned(),
            Self::Schema { schema, .. } => match message.document() {
                Some(found) => schema.faults(&found.0).join("; "),
                None if message.content.len() > JSON_LIMIT => {
                    format!("JSON of over {JSON_LIMIT} bytes is not looked at")
                }
                None => "it is nested too deep".to_owned(),
            },
            Self::Size(..) => format!("its size is {}", message.length),
            Self::Took(..) => format!("it took {}", Elapsed(message.took)),
            Self::Fragments(..) => format!("its fragments are {}", message.fragments),
            Self::Wire(..) => format!("on the wire it has {} bytes", message.wire),
            Self::Compressed(_) if message.compressed => "it is compressed".to_owned(),
            Self::Compressed(_) => "it is not compressed".to_owned(),
            Self::Rule(Condition::Binary) | Self::Bytes { .. } if message.kind == Kind::Text => {
                "it is a text message".to_owned()
            }
            Self::Rule(Condition::Match(regex)) => return swallowed("match", regex.as_str()),
            Self::Equals(text) => return swallowed("equals", text),
            Self::Contains(text) => return swallowed("contains", text),
            Self::Rule(_) | Self::Whole { .. } | Self::Bytes { .. } => return None,
        })
    }

    /// The message that would have been right, and whether it may have more members, where it is one.
    pub(crate) fn wanted(&self) -> Option<(String, bool)> {
        match self {
            MessageCheck::Whole { value, lets_more } => Some((value.to_string(), *lets_more)),
            MessageCheck::Equals(text) => Some((text.clone(), false)),
            _ => None,
        }
    }
}
