//! Why a line is no record, in words for whoever wrote it.

use std::fmt;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::record_type::RecordType;
use crate::values::is_slip;
use crate::view::json_text;

/// Why a line is no record.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NoRecord {
    NoType,
    OtherType(String),
    /// No JSON, or a field that isn't what it should be; in words.
    Malformed(String),
}

impl NoRecord {
    pub(super) fn new(line: &[u8], error: &serde_json::Error) -> Self {
        #[derive(Deserialize)]
        struct Typed {
            #[serde(rename = "type")]
            name: Option<String>,
        }
        match serde_json::from_slice(line) {
            // An array would be read as the values of an object.
            _ if is_array(line) => Self::array(),
            Ok(Typed { name: None }) => Self::NoType,
            Ok(Typed { name: Some(name) }) if RecordType::named(&name).is_none() => Self::OtherType(name),
            _ => Self::Malformed(match (member_at(line, error), in_words(error)) {
                (Some(key), why) if why.contains(" instead of ") => format!("{key:?} is {why}"),
                (_, why) => why,
            }),
        }
    }

    pub(super) fn array() -> Self {
        Self::Malformed("an array instead of an object".into())
    }

    /// Of a line whose type is known.
    pub(super) fn malformed(error: &serde_json::Error) -> Self {
        Self::Malformed(in_words(error))
    }
}

/// The key of the value behind which reading has stopped, for that isn't what it should be.
fn member_at(line: &[u8], error: &serde_json::Error) -> Option<String> {
    if !error.is_data() || error.line() != 1 {
        return None;
    }
    let members: BTreeMap<String, &RawValue> = serde_json::from_slice(line).ok()?;
    let stopped_in = |value: &&RawValue| {
        let begin = value.get().as_ptr().addr() - line.as_ptr().addr();
        (begin..=begin + value.get().len()).contains(&error.column())
    };
    members.into_iter().find(|(_, value)| stopped_in(value)).map(|(key, _)| key)
}

pub(super) fn is_array(line: &[u8]) -> bool {
    line.trim_ascii_start().starts_with(b"[")
}

/// What other formats call the content of a message.
const CONTENT: [&str; 11] =
    ["hex", "bytes", "data", "payload", "body", "content", "message", "msg", "b64", "value", "binary"];

/// A key that no event has, and the one that was probably meant, of those that serde lists.
fn unknown_key(key: &str, known: &str) -> String {
    let meant = known.split('`').skip(1).step_by(2).find(|known| is_slip(known, key));
    match meant {
        Some(known) => format!("{key:?} is not a key of an event; {known:?} is"),
        None if CONTENT.contains(&key) => {
            format!("{key:?} is not a key of an event; \"text\" has a content that is text, \"base64\" any bytes")
        }
        None => format!("{key:?} is not a key of an event"),
    }
}

/// serde's words, without the list of every key there is.
fn in_words(error: &serde_json::Error) -> String {
    let why = json_text::fault(error);
    match why.strip_prefix("unknown field `").and_then(|rest| rest.split_once("`, expected")) {
        Some((key, known)) => unknown_key(key, known),
        None if error.is_syntax() || error.is_eof() => format!("it is not JSON: {why}"),
        None => why,
    }
}

impl fmt::Display for NoRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoType => f.write_str("it has no \"type\""),
            Self::OtherType(name) => write!(f, "its \"type\" is {name:?}"),
            Self::Malformed(why) => f.write_str(why),
        }
    }
}
