//! Values of messages that come, in the place of those that came when it was recorded.

use std::borrow::Cow;

use regex::{Captures as Found, Regex, RegexBuilder};
use serde_json::Value;

use crate::view::json_pointer::Pointer;

/// Values that are known, of which the oldest are forgotten.
const MOST: usize = 64;

/// The longest value that is looked for, in bytes.
const LONGEST: usize = 4096;

/// What is taken out of messages that come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Capture {
    /// For whoever reads about it.
    pub(crate) name: String,
    pub(crate) pointer: Pointer,
}

impl Capture {
    /// Reads `NAME=/pointer`.
    ///
    /// # Errors
    /// Anything else.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((name, pointer)) if !name.is_empty() && pointer.starts_with('/') => {
                let pointer = Pointer::parse(pointer).map_err(|fault| fault.why)?;
                Ok(Self { name: name.to_owned(), pointer })
            }
            _ => Err(format!("{text:?} is not NAME=/POINTER, such as session=/session/id")),
        }
    }
}

/// What was recorded, and what stands for it now; both as JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Substitution {
    recorded: String,
    live: String,
}

/// The values that were taken.
#[derive(Debug, Default)]
pub(super) struct Captures {
    wanted: Vec<Capture>,
    known: Vec<Substitution>,
    /// Finds the recorded values.
    pattern: Option<Regex>,
}

impl Captures {
    pub(super) fn new(wanted: Vec<Capture>) -> Self {
        Self { wanted, ..Self::default() }
    }

    pub(super) fn are_wanted(&self) -> bool {
        !self.wanted.is_empty()
    }

    /// Takes the values of a message that has come in the place of the recorded one. Returns what was taken, for the log.
    pub(super) fn take(&mut self, recorded: &Value, live: &Value) -> Vec<String> {
        let mut told = Vec::new();
        for Capture { name, pointer } in &self.wanted {
            let values = pointer.get(recorded).zip(pointer.get(live));
            let is_taken =
                |recorded: &Value, live: &Value| can_be_found(recorded) && is_single(live) && recorded != live;
            let Some((recorded, live)) = values.filter(|(recorded, live)| is_taken(recorded, live)) else { continue };
            let taken = Substitution { recorded: recorded.to_string(), live: live.to_string() };
            if taken.live.len() > LONGEST || self.known.contains(&taken) {
                continue;
            }
            told.push(format!("{name} is {} where the recording has {}", taken.live, taken.recorded));
            self.known.retain(|known| known.recorded != taken.recorded);
            self.known.push(taken);
        }
        if !told.is_empty() {
            self.known.drain(..self.known.len().saturating_sub(MOST));
            self.pattern = pattern(&self.known);
        }
        told
    }

    /// The text with what is known now wherever what was recorded stands: as a value of its own, and of a string also as part
    /// of a longer one.
    pub(super) fn substitute<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let Some(pattern) = &self.pattern else { return Cow::Borrowed(text) };
        pattern.replace_all(text, |found: &Found<'_>| self.replacement(text, found))
    }

    fn replacement(&self, text: &str, found: &Found<'_>) -> String {
        let Some(place) = found.get(0) else { return String::new() };
        let matched = place.as_str();
        let known = self.known.iter().find(|known| known.recorded == matched || inner(&known.recorded) == matched);
        let Some(Substitution { recorded, live }) = known else { return matched.to_owned() };
        let before = text[..place.start()].chars().next_back();
        let after = text[place.end()..].chars().next();
        let is_part_of_word = |inside: Option<char>, outside: Option<char>| {
            let is_of_word = |c: char| c.is_alphanumeric() || c == '_' || (is_number(recorded) && "+-.".contains(c));
            inside.is_some_and(is_of_word) && outside.is_some_and(is_of_word)
        };
        if is_part_of_word(matched.chars().next(), before) || is_part_of_word(matched.chars().next_back(), after) {
            return matched.to_owned();
        }
        // Between other text there is no place for quotes.
        if recorded == matched { live.clone() } else { inner(live).to_owned() }
    }
}

fn is_number(json: &str) -> bool {
    !json.starts_with('"')
}

/// What is between the quotes of a string; else all of it.
fn inner(json: &str) -> &str {
    json.strip_prefix('"').and_then(|json| json.strip_suffix('"')).unwrap_or(json)
}

/// What could be anything, as `true`, or nothing, isn't looked for.
fn can_be_found(value: &Value) -> bool {
    match value {
        Value::String(text) => !text.is_empty() && text.len() <= LONGEST,
        Value::Number(_) => true,
        _ => false,
    }
}

/// The quotes in an object or an array would end the string that it is put into: a peer could add members to what is sent.
fn is_single(value: &Value) -> bool {
    !value.is_object() && !value.is_array()
}

/// Longer values come first: one may begin with another. A string is found with its quotes or without.
fn pattern(known: &[Substitution]) -> Option<Regex> {
    let quoted = known.iter().map(|known| known.recorded.as_str());
    let mut texts: Vec<_> = quoted.chain(known.iter().map(|known| inner(&known.recorded))).collect();
    texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
    texts.dedup();
    let alternatives: Vec<_> = texts.into_iter().map(regex::escape).collect();
    // Too many long values are no reason to end.
    RegexBuilder::new(&alternatives.join("|")).size_limit(32 << 20).build().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn captured(pairs: &[(Value, Value)]) -> Captures {
        let mut captures = Captures::new(vec![Capture::parse("id=/id").unwrap()]);
        for (recorded, live) in pairs {
            captures.take(&json!({"id": recorded}), &json!({"id": live}));
        }
        captures
    }

    #[test]
    fn a_value_is_put_wherever_the_recorded_one_stood() {
        let captures = captured(&[(json!("a1"), json!("x\"9")), (json!(7), json!(12))]);
        for (recorded, sent) in [
            (r#"{"id":"a1","n":7}"#, r#"{"id":"x\"9","n":12}"#),
            (r#"{"path":"/s/a1/7?x=a1","a1":17}"#, r#"{"path":"/s/x\"9/12?x=x\"9","x\"9":17}"#),
            ("a12 ba1 7.5 -7 77 a_7", "a12 ba1 7.5 -7 77 a_7"),
            ("", ""),
        ] {
            assert_eq!(captures.substitute(recorded), sent);
        }
    }

    #[test]
    fn each_recorded_value_has_its_own() {
        let captures = captured(&[(json!("a"), json!("b")), (json!("b"), json!("a")), (json!("c"), json!(5))]);
        assert_eq!(captures.substitute(r#"["a","b","c","c d"]"#), r#"["b","a",5,"5 d"]"#);
    }

    #[test]
    fn what_says_nothing_is_not_taken() {
        for (recorded, live) in [(json!("a"), json!("a")), (json!(""), json!("b")), (json!(true), json!(false))] {
            let mut captures = captured(&[]);
            assert!(captures.take(&json!({"id": recorded}), &json!({"id": live})).is_empty());
        }
        assert!(captured(&[]).take(&json!({}), &json!({"id": 1})).is_empty());
        for live in [json!({",": {":": 1}}), json!(["x"])] {
            assert_eq!(captured(&[(json!("a"), live)]).substitute(r#"{"path":"/a"}"#), r#"{"path":"/a"}"#);
        }
        for text in ["id", "=/id", "id=id", "id=/id~2"] {
            assert!(Capture::parse(text).is_err(), "{text}");
        }
    }
}
