//! Whether a message is the one that a recording has in its place, and what of it doesn't count: docs/replay.md.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::script::regex;
use crate::view::json_escapes;
use crate::view::json_pointer::{Pointer, index};
use crate::view::json_value::{is_same, normalize};
use crate::ws::{Kind, Message};

/// Larger messages aren't compared as JSON, in bytes: the tree of their values would be many times as large.
pub(crate) const JSON_LIMIT: usize = 4 << 20;

/// What has to be the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MatchMode {
    /// The kind and every byte.
    Exact,
    /// Of JSON the values, as they mean; of anything else every byte.
    Json,
    /// The same, where objects may have more members than they are to have.
    Subset,
    /// What was recorded is a regular expression, which the message has to meet.
    Regex,
    /// How many there are.
    Count,
    /// Nothing.
    Any,
}

impl MatchMode {
    pub(crate) const NAMES: [(&'static str, Self); 6] = [
        ("json", Self::Json),
        ("subset", Self::Subset),
        ("exact", Self::Exact),
        ("regex", Self::Regex),
        ("count", Self::Count),
        ("any", Self::Any),
    ];

    /// Whether JSON is compared by what it means.
    pub(crate) fn knows_json(self) -> bool {
        matches!(self, Self::Json | Self::Subset)
    }
}

/// How messages are compared.
#[derive(Debug, Clone)]
pub(crate) struct MessageMatch {
    pub(crate) mode: MatchMode,
    /// What isn't looked at in JSON.
    pub(crate) ignored: Vec<ValuePath>,
}

impl MessageMatch {
    /// Whether what came may stand for what was to come.
    pub(crate) fn is_met(&self, expected: Message<'_>, found: Message<'_>) -> bool {
        if matches!(self.mode, MatchMode::Any | MatchMode::Count) {
            return true;
        }
        if expected.kind != found.kind {
            return false;
        }
        match (self.mode, expected.content == found.content) {
            (_, true) => true,
            (MatchMode::Json, false) => self.have_same_value(expected, found, false),
            (MatchMode::Subset, false) => self.have_same_value(expected, found, true),
            (MatchMode::Regex, false) => is_matched(expected.content, found),
            (MatchMode::Exact | MatchMode::Any | MatchMode::Count, false) => false,
        }
    }

    fn have_same_value(&self, expected: Message<'_>, found: Message<'_>, lets_more: bool) -> bool {
        let values = self.value(expected).zip(self.value(found));
        values.is_some_and(|(expected, found)| is_same(&expected, &found, lets_more))
    }

    /// What is the same of all messages that are the same, where that doesn't depend on which of them is the expected one.
    pub(crate) fn normal<'m>(&self, message: Message<'m>) -> Cow<'m, [u8]> {
        if matches!(self.mode, MatchMode::Any | MatchMode::Count) {
            return Cow::Borrowed(b"");
        }
        match self.value(message) {
            Some(mut value) => {
                normalize(&mut value);
                Cow::Owned(value.to_string().into_bytes())
            }
            None => Cow::Borrowed(message.content),
        }
    }

    /// The value of a message that is a JSON object or array, without what is ignored; `None` of any other, and where JSON
    /// isn't compared by what it means.
    pub(crate) fn value(&self, message: Message<'_>) -> Option<Value> {
        let mut value = structured(message).filter(|_| self.mode.knows_json())?;
        for path in &self.ignored {
            path.remove_from(&mut value);
        }
        Some(value)
    }
}

/// Why a recorded message is met by nothing but itself where it is taken for a regular expression: it isn't one. Of a recording only
/// some messages need be, for what is the same byte for byte always meets.
pub(crate) fn pattern_fault(expected: Message<'_>) -> Option<String> {
    let pattern = str::from_utf8(expected.content).map_err(|_| "it is not UTF-8".to_owned());
    pattern.and_then(regex).err()
}

/// The value of a message that is a JSON object or array, and not too large for a tree of its values.
pub(crate) fn structured(message: Message<'_>) -> Option<Value> {
    let begins =
        message.content.trim_ascii_start().starts_with(b"{") || message.content.trim_ascii_start().starts_with(b"[");
    let is_candidate = message.kind == Kind::Text && begins && message.content.len() <= JSON_LIMIT;
    is_candidate.then(|| json_escapes::value(message.content)).flatten()
}

fn is_matched(pattern: &[u8], found: Message<'_>) -> bool {
    let condition = str::from_utf8(pattern).ok().and_then(|pattern| regex(pattern).ok());
    condition.is_some_and(|condition| condition.is_met_by(found))
}

/// A JSON pointer (RFC 6901), in which `*` stands for every member or element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ValuePath(Vec<String>);

impl ValuePath {
    /// Reads a pointer.
    ///
    /// # Errors
    /// It is none, or one to the whole value, of which nothing would be left.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("a JSON pointer is missing, such as /user/name".to_owned());
        }
        let pointer = Pointer::parse(text).map_err(|fault| fault.why)?;
        Ok(Self(pointer.tokens().map(Cow::into_owned).collect()))
    }

    fn remove_from(&self, value: &mut Value) {
        remove(value, &self.0);
    }
}

/// An element leaves its place to nothing, so that those behind it keep theirs.
fn remove(value: &mut Value, path: &[String]) {
    let Some((token, rest)) = path.split_first() else { return };
    match value {
        Value::Object(members) => remove_member(members, token, rest),
        Value::Array(elements) => {
            let index = index(token);
            let is_meant = |at: usize| token == "*" || index == Some(at);
            for (_, element) in elements.iter_mut().enumerate().filter(|(at, _)| is_meant(*at)) {
                if rest.is_empty() {
                    *element = Value::Null;
                } else {
                    remove(element, rest);
                }
            }
        }
        _ => {}
    }
}

fn remove_member(members: &mut Map<String, Value>, token: &str, rest: &[String]) {
    if rest.is_empty() {
        members.retain(|name, _| token != "*" && name != token);
        return;
    }
    for (_, member) in members.iter_mut().filter(|(name, _)| token == "*" || *name == token) {
        remove(member, rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_met(mode: MatchMode, ignored: &[&str], expected: &str, found: &str) -> bool {
        let ignored = ignored.iter().map(|path| ValuePath::parse(path).unwrap()).collect();
        let message = |text: &'static str| Message { kind: Kind::Text, content: text.as_bytes() };
        let leaked = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
        MessageMatch { mode, ignored }.is_met(message(leaked(expected)), message(leaked(found)))
    }

    #[test]
    fn each_mode_looks_at_what_it_says() {
        use MatchMode::{Any, Count, Exact, Json, Regex, Subset};
        for (expected, found, met) in [
            ("a", "a", &[Exact, Json, Subset, Regex][..]),
            ("a", "b", &[]),
            ("^b+$", "bbb", &[Regex]),
            (r#"{"a":1,"b":[1]}"#, r#"{ "b": [1.0], "a": 1e0 }"#, &[Json, Subset]),
            (r#"{"a":{"b":1}}"#, r#"{"a":{"b":1,"c":2},"d":3}"#, &[Subset]),
            (r#"{"a":1,"d":3}"#, r#"{"a":1}"#, &[]),
            // Half of a surrogate pair.
            (r#"{"a":"\ud800","b":1}"#, r#"{"b":1, "a":"\uD800"}"#, &[Json, Subset]),
            ("[1,2]", "[2,1]", &[Regex]),
            // No object and no array is what it is by every byte.
            ("1", "1.0", &[Regex]),
            (r#"{"a":9007199254740993}"#, r#"{"a":9007199254740992.0}"#, &[]),
            ("(", "x", &[]),
        ] {
            for mode in [Exact, Json, Subset, Regex, Count, Any] {
                let expects = met.contains(&mode) || matches!(mode, Count | Any);
                assert_eq!(is_met(mode, &[], expected, found), expects, "{mode:?}: {expected} and {found}");
            }
        }
    }

    #[test]
    fn what_is_the_same_has_the_same_normal_form() {
        let how = MessageMatch { mode: MatchMode::Json, ignored: vec![ValuePath::parse("/ts").unwrap()] };
        let normal = |text: &'static str| how.normal(Message { kind: Kind::Text, content: text.as_bytes() });
        assert_eq!(normal(r#"{"b":[1,2.5],"a":-0.0,"ts":1}"#), normal(r#"{ "a": 0, "b": [1.0, 25e-1] }"#));
        assert_ne!(normal("[1]"), normal("[2]"));
        assert_eq!(&*normal("1.0"), b"1.0");
    }

    #[test]
    fn text_is_no_binary_message_of_the_same_bytes() {
        let one = Message { kind: Kind::Text, content: b"a" };
        let other = Message { kind: Kind::Binary, ..one };
        for mode in [MatchMode::Exact, MatchMode::Json, MatchMode::Subset, MatchMode::Regex] {
            assert!(!MessageMatch { mode, ignored: Vec::new() }.is_met(one, other), "{mode:?}");
        }
    }

    #[test]
    fn what_is_ignored_may_be_anything_or_missing() {
        let met = |ignored: &[&str], expected, found| is_met(MatchMode::Json, ignored, expected, found);
        assert!(met(&["/ts"], r#"{"ts":1,"a":2}"#, r#"{"a":2,"ts":[3]}"#));
        assert!(met(&["/ts"], r#"{"ts":1,"a":2}"#, r#"{"a":2}"#));
        assert!(met(&["/a~1b/0"], r#"{"a/b":[1,2]}"#, r#"{"a/b":[9,2]}"#));
        assert!(met(&["/*/ts", "/1/id"], r#"[{"ts":1},{"ts":2,"id":3}]"#, r#"[{"ts":4},{"ts":5,"id":6}]"#));
        assert!(!met(&["/0"], "[1,2]", "[2]"));
        assert!(!met(&["/ts"], r#"{"a":{"ts":1}}"#, r#"{"a":{"ts":2}}"#));
        assert!(!met(&["/01"], "[1,2]", "[1,3]") && met(&["/1"], "[1,2]", "[1,3]"));
        for text in ["ts", "", "/ts~2"] {
            assert!(ValuePath::parse(text).is_err(), "{text}");
        }
    }
}
