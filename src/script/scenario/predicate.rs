//! What is said about a value of a JSON message, by its pointer (RFC 6901).

use std::fmt;

use regex::bytes::Regex;

use super::super::condition::compile;
use super::super::json_condition::{pointer_and_rest, quoted, written};
use super::super::syntax_error::PieceError;
use super::super::word::first_word;
use super::filled_json::FilledJson;
use super::late_value::{EXPRESSION, POINTER, no_places};
use super::operator::{Relation, relation_and_value};
use super::template::ScenarioTemplate;
use crate::view::exact_json::ExactJson;
use crate::view::json_escapes;
use crate::view::json_nesting::Nesting;
use crate::view::json_pointer::Pointer;

/// `/POINTER …`
#[derive(Debug, Clone)]
pub(crate) struct JsonPredicate<V = ScenarioTemplate> {
    pub(super) pointer: Pointer,
    pub(super) test: ValueTest<V>,
}

/// What a value has to be. `V` is what it is compared with: before it is filled in, or behind that.
#[derive(Debug, Clone)]
pub(super) enum ValueTest<V> {
    Exists,
    Missing,
    Is(JsonType),
    Compared(Relation, V),
    Matches(Regex),
    /// A string has this in it, an array this element, an object this member.
    Contains(V),
    /// Characters of a string, elements of an array, members of an object.
    Length(Relation, u64),
}

/// The types that JSON has, and whole numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JsonType {
    Null,
    Boolean,
    Integer,
    Number,
    Text,
    Array,
    Object,
}

const TYPES: [(&str, JsonType); 7] = [
    ("string", JsonType::Text),
    ("number", JsonType::Number),
    ("integer", JsonType::Integer),
    ("boolean", JsonType::Boolean),
    ("array", JsonType::Array),
    ("object", JsonType::Object),
    ("null", JsonType::Null),
];

/// Reads a predicate, and what follows it.
///
/// # Errors
/// A pointer that is none, and what says nothing about a value.
pub(super) fn parse(text: &str) -> Result<(JsonPredicate, &str), PieceError> {
    let (pointer, rest) = pointer(text)?;
    no_places(&text[..text.len() - rest.len()], POINTER)?;
    let at = text.len() - rest.len();
    let behind = |error: PieceError| error.behind(at);
    if let Some((relation, value)) = Relation::strip(rest) {
        let at = text.len() - value.len();
        let (value, rest) = json_value(value).map_err(|error| error.behind(at))?;
        return Ok((JsonPredicate { pointer, test: ValueTest::Compared(relation, value) }, rest));
    }
    let (word, argument) = first_word(rest);
    let argument =
        &rest[if argument.is_empty() { rest.len() } else { rest.len() - rest[word.len()..].trim_start().len() }..];
    let argument_at = text.len() - argument.len();
    let in_argument = |error: PieceError| error.behind(argument_at);
    let (test, rest) = match word {
        // Those say nothing of a value, and follow where it only has to be there.
        "" | "and" | "within" => (ValueTest::Exists, rest),
        "exists" => (ValueTest::Exists, argument),
        "missing" => (ValueTest::Missing, argument),
        "is" => json_type(argument).map(|(is, rest)| (ValueTest::Is(is), rest)).map_err(in_argument)?,
        "matches" => {
            let (regex, rest) = regex(argument).map_err(in_argument)?;
            (ValueTest::Matches(regex), rest)
        }
        "contains" => {
            let (value, rest) = json_value(argument).map_err(in_argument)?;
            (ValueTest::Contains(value), rest)
        }
        "length" => {
            let number = |word: &str| word.parse().map_err(|_| format!("{word:?} is not a number"));
            let (relation, length, rest) =
                relation_and_value(argument, "a number, as in length > 2,", number).map_err(in_argument)?;
            (ValueTest::Length(relation, length), rest)
        }
        word => {
            let why = format!(
                "{word:?} says nothing about a value: =, !=, <, <=, >, >=, exists, missing, is, matches, contains or \
                 length does"
            );
            return Err(behind(PieceError::at(0, why)));
        }
    };
    Ok((JsonPredicate { pointer, test }, rest))
}

/// A pointer up to a blank or a sign, and what follows.
fn pointer(text: &str) -> Result<(Pointer, &str), PieceError> {
    if text.starts_with('"') {
        return pointer_and_rest(text);
    }
    let end = text.find(|c: char| c.is_whitespace() || "=!<>".contains(c)).unwrap_or(text.len());
    let (pointer, rest) = text.split_at(end);
    Ok((Pointer::parse(pointer)?, rest.trim_start()))
}

/// A JSON value, with places in it, and what follows it.
///
/// # Errors
/// What isn't one.
pub(super) fn json_value(text: &str) -> Result<(ScenarioTemplate, &str), PieceError> {
    let end = value_end(text);
    let (value, rest) = text.split_at(end);
    if value.is_empty() {
        return Err(PieceError::at(0, "a value in JSON has to follow, such as \"a text\", 1 or true"));
    }
    Ok((ScenarioTemplate::parse_json(value)?, rest))
}

/// Where the value ends that a text begins with: at a blank that is in no string, array, object or place.
fn value_end(text: &str) -> usize {
    let mut nesting = Nesting::default();
    let mut place = false;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        match (place, c) {
            (true, '}') => place = false,
            (true, _) => {}
            (false, '{') if before == '$' => place = true,
            (false, c) => {
                if c.is_whitespace() && nesting.depth() <= 0 && !nesting.in_string() {
                    return at;
                }
                nesting.push(c);
            }
        }
        before = c;
    }
    text.len()
}

fn json_type(text: &str) -> Result<(JsonType, &str), PieceError> {
    let (word, rest) = text.split_at(text.find(char::is_whitespace).unwrap_or(text.len()));
    let found = TYPES.iter().find(|(name, _)| *name == word);
    let names = || crate::view::enumeration::enumeration(TYPES.iter().map(|(name, _)| *name), "or");
    let (_, found) = found.ok_or_else(|| PieceError::at(0, format!("{word:?} is not a type of JSON: {}", names())))?;
    Ok((*found, rest))
}

/// A regular expression, which is one word or stands in double quotes, and what follows it.
pub(super) fn regex(text: &str) -> Result<(Regex, &str), PieceError> {
    if text.starts_with('"') {
        let (expression, rest) = quoted(text)?;
        no_places(&text[..text.len() - rest.len()], EXPRESSION)?;
        let regex = compile(&expression).map_err(|error| PieceError { at: written_at(text, error.at), ..error })?;
        return Ok((regex, rest));
    }
    let (expression, rest) = text.split_at(text.find(char::is_whitespace).unwrap_or(text.len()));
    if expression.is_empty() {
        return Err(PieceError::at(0, "a regular expression has to follow; one with blanks stands in double quotes"));
    }
    no_places(expression, EXPRESSION)?;
    Ok((compile(expression)?, rest))
}

/// Where in a text that begins with a JSON string stands what is so many bytes inside of that.
fn written_at(text: &str, inside: usize) -> usize {
    let (mut at, mut decoded) = (1, 0);
    while decoded < inside && at < text.len() {
        let length = json_escapes::character_length(&text.as_bytes()[at..]).max(1);
        let character = text.get(at..at + length).and_then(|written| {
            let quoted = format!("\"{written}\"");
            json_escapes::string(quoted.as_bytes())
        });
        decoded += character.map_or(length, |character| character.len());
        at += length;
    }
    at
}

impl<V> ValueTest<V> {
    /// The same with its value made into another, if it has one.
    pub(super) fn map<W, E>(&self, mut make: impl FnMut(&V) -> Result<W, E>) -> Result<ValueTest<W>, E> {
        Ok(match self {
            Self::Exists => ValueTest::Exists,
            Self::Missing => ValueTest::Missing,
            Self::Is(is) => ValueTest::Is(*is),
            Self::Compared(relation, value) => ValueTest::Compared(*relation, make(value)?),
            Self::Matches(regex) => ValueTest::Matches(regex.clone()),
            Self::Contains(value) => ValueTest::Contains(make(value)?),
            Self::Length(relation, length) => ValueTest::Length(*relation, *length),
        })
    }

    pub(super) fn value(&self) -> Option<&V> {
        match self {
            Self::Compared(_, value) | Self::Contains(value) => Some(value),
            _ => None,
        }
    }
}

impl ValueTest<FilledJson> {
    /// Whether what the pointer leads to, if it leads anywhere, is as it has to be.
    pub(super) fn holds(&self, json: Option<&FilledJson>) -> bool {
        let Some(json) = json else { return matches!(self, Self::Missing) };
        let found = &json.0;
        match self {
            Self::Exists => true,
            Self::Missing => false,
            Self::Is(is) => is.is_of(found),
            Self::Compared(relation, wanted) => wanted.stands(*relation, json),
            Self::Matches(regex) => found.as_str().is_some_and(|text| regex.is_match(text.as_bytes())),
            Self::Contains(wanted) => contains(found, &wanted.0),
            Self::Length(relation, length) => self::length(found).is_some_and(|found| relation.holds(&found, length)),
        }
    }
}

fn contains(found: &ExactJson, wanted: &ExactJson) -> bool {
    match (found, wanted) {
        (ExactJson::Text(found), ExactJson::Text(wanted)) => found.contains(wanted.as_str()),
        (ExactJson::Array(elements), wanted) => elements.contains(wanted),
        (ExactJson::Object(members), ExactJson::Text(name)) => members.contains_key(name),
        _ => false,
    }
}

/// Characters of a string, elements of an array, members of an object.
pub(super) fn length(value: &ExactJson) -> Option<u64> {
    match value {
        ExactJson::Text(text) => Some(text.chars().count() as u64),
        ExactJson::Array(elements) => Some(elements.len() as u64),
        ExactJson::Object(members) => Some(members.len() as u64),
        _ => None,
    }
}

impl JsonType {
    pub(super) fn named(name: &str) -> Option<Self> {
        crate::values::named(&TYPES, name)
    }

    pub(super) fn is_of(self, value: &ExactJson) -> bool {
        match value {
            ExactJson::Null => self == Self::Null,
            ExactJson::Boolean(_) => self == Self::Boolean,
            ExactJson::Number(number) if self == Self::Integer => {
                number.exact().is_some_and(|number| number.is_whole())
            }
            ExactJson::Number(_) => self == Self::Number,
            ExactJson::Text(_) => self == Self::Text,
            ExactJson::Array(_) => self == Self::Array,
            ExactJson::Object(_) => self == Self::Object,
        }
    }
}

impl<V: fmt::Display> fmt::Display for JsonPredicate<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&written(&self.pointer))?;
        match &self.test {
            ValueTest::Exists => f.write_str(" exists"),
            ValueTest::Missing => f.write_str(" missing"),
            ValueTest::Is(is) => {
                let name = TYPES.iter().find(|(_, known)| known == is).map_or("", |(name, _)| name);
                write!(f, " is {name}")
            }
            ValueTest::Compared(relation, value) => write!(f, " {relation} {value}"),
            ValueTest::Matches(regex) => write!(f, " matches {}", ExactJson::Text(regex.as_str().to_owned())),
            ValueTest::Contains(value) => write!(f, " contains {value}"),
            ValueTest::Length(relation, length) => write!(f, " length {relation} {length}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(text: &str, json: &str) -> bool {
        let (predicate, rest) = parse(text).unwrap();
        assert_eq!(rest, "", "{text}");
        let filled = |text: &str| FilledJson::parse(text).ok_or(());
        let test = predicate.test.map(|value| filled(&value.to_string())).unwrap();
        let message = ExactJson::parse(json).unwrap();
        test.holds(message.get(&predicate.pointer).map(|found| FilledJson(found.clone())).as_ref())
    }

    #[test]
    fn a_value_is_what_is_said_of_it() {
        let message = r#"{"a b":1,"s":"xyz","l":[1,"x",18446744073709551617],"o":{"k":null},"n":2.5,"z":null}"#;
        for yes in [
            "/s = \"xyz\"",
            "/s=\"xyz\"",
            "/n > 2",
            "/n>=2.5",
            "/n != 3",
            "/s",
            "/s exists",
            "/x missing",
            "/z is null",
            "/s matches ^x.z$",
            "/s matches \"x y|z\"",
            "/l contains \"x\"",
            "/s contains \"yz\"",
            "/o contains \"k\"",
            "/l length 3",
            "/s length > 2",
            "/o length = 1",
            "\"/a b\" = 1",
            "/l = [1, \"x\", 18446744073709551617.0]",
            "/l contains 18446744073709551617",
            "/n is number",
            "/l/0 is integer",
            "/l is array",
        ] {
            assert!(holds(yes, message), "{yes}");
        }
        for no in [
            "/s = 1",
            "/x",
            "/s missing",
            "/n is integer",
            "/n < 2",
            "/z length 0",
            "/s matches b",
            "/l contains 2",
            "/l contains 18446744073709551616",
        ] {
            assert!(!holds(no, message), "{no}");
        }
    }

    #[test]
    fn what_follows_a_value_is_left() {
        for (text, rest) in [
            ("/a = {\"b\": \"c d\"} and /e", " and /e"),
            ("/a = ${id} and x", " and x"),
            ("/a and /b", "and /b"),
            ("/a is string and", " and"),
            ("/a = \"${x} y\" z", " z"),
        ] {
            assert_eq!(parse(text).map(|(_, rest)| rest.to_owned()).unwrap_or_else(|error| error.why), rest, "{text}");
        }
    }
}
