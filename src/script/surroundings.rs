//! Where in a text something is filled in, and how it is written there.

use serde::de::IgnoredAny;

use crate::view::json_escapes;

/// Where it is filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Surroundings {
    Text,
    /// Between the quotes of a JSON string.
    JsonString,
    /// Where JSON has a value.
    JsonValue,
}

/// A value to fill in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LineValue {
    Text(String),
    /// As it is written in JSON.
    Json(String),
}

impl LineValue {
    pub(super) fn inside(self, surroundings: Surroundings) -> String {
        match (surroundings, self) {
            (Surroundings::Text, value) => value.into_text(),
            (Surroundings::JsonValue, Self::Json(value)) => value,
            (Surroundings::JsonValue, Self::Text(text)) if is_json(text.as_bytes()) => text,
            (Surroundings::JsonValue, Self::Text(text)) => quoted(&text),
            (Surroundings::JsonString, value) => {
                let quoted = quoted(&value.into_text());
                quoted[1..quoted.len() - 1].to_owned()
            }
        }
    }

    /// A string without its quotes, anything else as it is written.
    fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Json(value) => json_escapes::string(value.as_bytes()).unwrap_or(value),
        }
    }
}

/// A text as a JSON string.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

pub(super) fn is_json(text: &[u8]) -> bool {
    str::from_utf8(text).is_ok() && serde_json::from_slice::<IgnoredAny>(text).is_ok()
}
