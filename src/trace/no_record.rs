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

/// What a line is read as.
pub(super) trait DeserializedLine: for<'de> Deserialize<'de> {}

impl<T: for<'de> Deserialize<'de>> DeserializedLine for T {}

impl NoRecord {
    /// Of a line that can't be read as a `T`.
    pub(super) fn new<T: DeserializedLine>(line: &[u8], error: &serde_json::Error) -> Self {
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
            _ => Self::malformed::<T>(line, error),
        }
    }

    pub(super) fn array() -> Self {
        Self::Malformed("an array instead of an object".into())
    }

    /// Of a line whose type is known.
    pub(super) fn malformed<T: DeserializedLine>(line: &[u8], error: &serde_json::Error) -> Self {
        let why = in_words(error);
        Self::Malformed(match faulty_member::<T>(line, &why) {
            Some(key) if why.contains(" instead of ") => format!("{key:?} is {why}"),
            Some(key) if !why.contains(&format!("{key:?}")) => {
                format!("its {key:?}: {}", why.strip_prefix(NOT_JSON).unwrap_or(&why))
            }
            _ => why,
        })
    }
}

const NOT_JSON: &str = "it is not JSON: ";

/// Members of which one is looked for that can't be read: a record has no more.
const MOST_MEMBERS: usize = 100;

/// The key of the value that can't be read as it is said. Where lines are read in several steps nobody else knows.
fn faulty_member<T: DeserializedLine>(line: &[u8], why: &str) -> Option<String> {
    if [MISSING, "duplicate field"].iter().any(|named| why.starts_with(named)) || why.contains(NO_KEY) {
        return None;
    }
    let members: BTreeMap<String, &RawValue> =
        serde_json::from_slice(line).ok().filter(|it: &BTreeMap<_, _>| it.len() <= MOST_MEMBERS)?;
    let fault_of = |chosen: &dyn Fn(&str) -> bool| {
        let chosen: BTreeMap<_, _> = members.iter().filter(|(key, _)| chosen(key)).collect();
        let json = serde_json::to_string(&chosen).ok()?;
        serde_json::from_str::<T>(&json).err().map(|error| in_words(&error))
    };
    let is_gone_without = |key: &&String| match fault_of(&|other| other != *key) {
        Some(fault) => fault != why && !fault.starts_with(MISSING),
        None => true,
    };
    // One that has to be there, or several that have the same fault.
    let is_there_with =
        |key: &&String| fault_of(&|other| other == *key || NEEDED.contains(&other)).as_deref() == Some(why);
    let mut keys = members.keys().filter(|key| !NEEDED.contains(&key.as_str()));
    // Each of them by itself first: everything else is wrong beside one that is.
    let is_wrong = |key: &&String| match key.as_str() {
        "type" => fault_of(&|other| other == "type").as_deref() == Some(why),
        key => key == "schema" && fault_of(&|other| NEEDED.contains(&other)).as_deref() == Some(why),
    };
    let needed = NEEDED.iter().find_map(|needed| members.keys().find(|key| key == needed).filter(is_wrong));
    needed.or_else(|| keys.clone().find(is_gone_without)).or_else(|| keys.find(is_there_with)).cloned()
}

/// Without these nothing else of a line is read.
const NEEDED: [&str; 2] = ["type", "schema"];

const MISSING: &str = "missing field";

pub(super) fn is_array(line: &[u8]) -> bool {
    line.trim_ascii_start().starts_with(b"[")
}

/// What other formats call the content of a message.
const CONTENT: [&str; 11] =
    ["hex", "bytes", "data", "payload", "body", "content", "message", "msg", "b64", "value", "binary"];

const NO_KEY: &str = " is not a key of an event";

/// A key that no event has, and the one that was probably meant, of those that serde lists.
fn unknown_key(key: &str, known: &str) -> String {
    let meant = known.split('`').skip(1).step_by(2).find(|known| is_slip(known, key));
    match meant {
        Some(known) => format!("{key:?}{NO_KEY}; {known:?} is"),
        None if CONTENT.contains(&key) => {
            format!("{key:?}{NO_KEY}; \"text\" has a content that is text, \"base64\" any bytes")
        }
        None => format!("{key:?}{NO_KEY}"),
    }
}

/// serde's words, without the list of every key there is.
fn in_words(error: &serde_json::Error) -> String {
    let why = json_text::fault(error);
    match why.strip_prefix("unknown field `").and_then(|rest| rest.split_once("`, expected")) {
        Some((key, known)) => unknown_key(key, known),
        None if error.is_syntax() || error.is_eof() => format!("{NOT_JSON}{why}"),
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
