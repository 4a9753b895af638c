//! `json POINTER`, `json POINTER = JSON`: the condition on a value, as it is written in rules.

use std::borrow::Cow;

use serde::de::IgnoredAny;
use serde_json::Value;

use super::syntax_error::{PieceError, offset};
use crate::view::json_pointer::Pointer;
use crate::view::json_text;

/// Reads a pointer (RFC 6901) and perhaps the value that is to be there, behind `=` or `==`, with blanks around it or
/// without. A pointer with a blank, an equals sign or a quote in it is written as a JSON string.
///
/// # Errors
/// What isn't a pointer, or isn't JSON.
pub(super) fn parse(text: &str) -> Result<(Pointer, Option<Value>), PieceError> {
    let (pointer, rest) = if text.starts_with('"') { quoted(text)? } else { unquoted(text)? };
    let pointer = Pointer::parse(&pointer)?;
    let rest = rest.trim();
    if rest.is_empty() {
        return Ok((pointer, None));
    }
    let at = offset(text, rest);
    let Some(value) = rest.strip_prefix("==").or_else(|| rest.strip_prefix('=')) else {
        return Err(PieceError::at(at, format!("{rest:?} is not = and a value")));
    };
    let value = value.trim();
    let at = offset(text, value);
    if value.is_empty() {
        return Err(PieceError::at(at, "a value in JSON has to follow =, such as \"a text\", 1 or true"));
    }
    let value = serde_json::from_str(value).map_err(|error| not_json(value, &error).behind(at))?;
    Ok((pointer, Some(value)))
}

/// A pointer as it is written in a rule.
pub(super) fn written(pointer: &Pointer) -> Cow<'_, str> {
    let pointer = pointer.as_str();
    if pointer.contains(|c: char| c.is_whitespace() || matches!(c, '=' | '"')) {
        Cow::Owned(Value::from(pointer).to_string())
    } else {
        Cow::Borrowed(pointer)
    }
}

/// Reads a pointer as [`parse`] does, up to a blank, and what follows that.
///
/// # Errors
/// What isn't a pointer.
pub(super) fn pointer_and_rest(text: &str) -> Result<(Pointer, &str), PieceError> {
    let (pointer, rest) = if text.starts_with('"') {
        quoted(text)?
    } else {
        let (pointer, rest) = text.split_at(text.find(char::is_whitespace).unwrap_or(text.len()));
        (Cow::Borrowed(pointer), rest)
    };
    Ok((Pointer::parse(&pointer)?, rest.trim_start()))
}

/// A text in quotes, and what follows it.
///
/// # Errors
/// A quote that isn't closed, and what JSON doesn't have in a string.
pub(super) fn quoted(text: &str) -> Result<(Cow<'_, str>, &str), PieceError> {
    let mut strings = serde_json::Deserializer::from_str(text).into_iter::<String>();
    match strings.next() {
        Some(Ok(pointer)) => Ok((Cow::Owned(pointer), &text[strings.byte_offset()..])),
        Some(Err(error)) => Err(not_json(text, &error)),
        None => Ok((Cow::Borrowed(""), "")),
    }
}

/// A pointer up to the first equals sign, and what begins there.
fn unquoted(text: &str) -> Result<(Cow<'_, str>, &str), PieceError> {
    let (pointer, rest) = text.split_at(text.find('=').unwrap_or(text.len()));
    let pointer = pointer.trim_end();
    // Each may stand in a pointer, too.
    let compares = |at: &usize| match rest.is_empty() {
        true => pointer[..*at].ends_with(' ') || serde_json::from_str::<IgnoredAny>(&pointer[at + 1..]).is_ok(),
        false => at + 1 == pointer.len(),
    };
    let mut others = pointer.match_indices(['!', '<', '>']).map(|(at, _)| at);
    if let Some(at) = others.find(compares) {
        return Err(PieceError::at(at, "only = compares; a rule before this one can take what is not meant"));
    }
    match pointer.find(|c: char| c.is_whitespace() || c == '"') {
        Some(at) => Err(PieceError::at(
            at,
            "a value is compared with =, as in /op = \"x\"; a pointer with a blank or a quote in it is written as a JSON \
             string",
        )),
        None => Ok((Cow::Borrowed(pointer), rest)),
    }
}

/// That a text is not JSON, and where that begins.
pub(super) fn not_json(text: &str, error: &serde_json::Error) -> PieceError {
    let at = error.column().saturating_sub(1).min(text.len());
    let why = match text.starts_with(|c: char| c.is_alphabetic()) {
        // What the parser expected behind a word's first letter says less.
        true => "; a text is written in double quotes".to_owned(),
        false => format!(": {}", json_text::fault(error)),
    };
    PieceError::at(at, format!("{text:?} is not JSON{why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_and_a_second_equals_sign_change_nothing() {
        for text in ["/op = \"x = y\"", "/op=\"x = y\"", "/op== \"x = y\"", "/op =\"x = y\"", "\"/op\" == \"x = y\""] {
            let Ok((pointer, Some(value))) = parse(text) else { panic!("{text}") };
            assert_eq!((pointer.as_str(), &value), ("/op", &Value::from("x = y")), "{text}");
        }
        for (text, is) in [("", ""), ("/a", "/a"), ("\"/a = b\"", "/a = b"), ("/é~0~1", "/é~0~1"), ("/a!b>c", "/a!b>c")]
        {
            let Ok((pointer, None)) = parse(text) else { panic!("{text}") };
            assert_eq!(pointer.as_str(), is);
        }
    }

    #[test]
    fn what_is_wrong_has_its_place() {
        for (text, at, says) in [
            ("op", 0, "does not begin with /"),
            ("$.op = 1", 0, "does not begin with /"),
            ("/op = x", 6, "a text is written in double quotes"),
            ("/op=", 4, "has to follow ="),
            ("/op = 1 2", 8, "is not JSON"),
            ("/op \"x\"", 3, "compared with ="),
            ("/op: \"x\"", 4, "compared with ="),
            ("/op != 1", 4, "only = compares"),
            ("/px > 66000", 4, "only = compares"),
            ("/op!=1", 3, "only = compares"),
            ("/a!b!=1", 4, "only = compares"),
            ("/px>66000", 3, "only = compares"),
            ("\"/op\" 1", 6, "is not = and a value"),
            ("\"/op", 3, "is not JSON"),
            ("/a~2", 2, "~0"),
            ("/a~", 2, "~0"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.at == at && error.why.contains(says), "{text}: {error:?}");
        }
    }
}
