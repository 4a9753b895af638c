//! What a message has to be: conditions of rules, and what only a test looks at.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use regex::bytes::Regex;

use super::super::condition::{Condition, compile};
use super::super::surroundings::LineValue;
use super::super::syntax_error::{PieceError, offset};
use super::super::word::first_word;
use super::filled_json::FilledJson;
use super::json_schema::JsonSchema;
use super::late_value::{EXPRESSION, FILES, no_places};
use super::operator::{Relation, relation_and_value};
use super::predicate::{self, JsonPredicate, ValueTest};
use super::template::{ScenarioTemplate, ScenarioVariable};
use crate::values::{duration, hex, limit};
use crate::view::amount::GivenTime;
use crate::view::enumeration::enumeration;

/// What a message has to be. `T` is text and `J` a JSON value, before they are filled in or behind that.
#[derive(Debug, Clone)]
pub(crate) enum MessageCheck<T = ScenarioTemplate, J = ScenarioTemplate> {
    /// As rules have it: any, text, binary, match.
    Rule(Condition),
    /// A value of a message that is JSON.
    Json(JsonPredicate<J>),
    /// All of a message that is JSON; with `lets_more` its objects may have more members.
    Whole {
        value: J,
        lets_more: bool,
    },
    /// All of a message that is JSON is as this file says, which whoever parses the step reads.
    Schema {
        path: Arc<str>,
        schema: Arc<JsonSchema>,
    },
    Equals(T),
    Contains(T),
    /// A binary message is this, or begins with it.
    Bytes {
        bytes: Arc<[u8]>,
        is_prefix: bool,
    },
    /// Bytes of content.
    Size(Relation, u64),
    /// Since something was sent on the connection, or it opened.
    Took(Relation, Duration),
    Fragments(Relation, u64),
    /// Bytes of payload on the wire.
    Wire(Relation, u64),
    Compressed(bool),
}

/// With everything filled in.
pub(crate) type FilledCheck = MessageCheck<String, FilledJson>;

/// What a word reads, and what follows it.
type ParsedChecks<'t> = Result<(MessageCheck, &'t str), PieceError>;

/// A word of a condition.
struct CheckWord {
    name: &'static str,
    /// Both begin behind the word.
    parse: for<'t> fn(&'t str) -> ParsedChecks<'t>,
}

const WORDS: &[CheckWord] = &[
    CheckWord { name: "any", parse: |text| Ok((MessageCheck::Rule(Condition::Any), text)) },
    CheckWord { name: "text", parse: |text| Ok((MessageCheck::Rule(Condition::Text), text)) },
    CheckWord { name: "binary", parse: binary },
    CheckWord {
        name: "match",
        parse: |text| match text {
            "" => Err(PieceError::at(0, "match needs an argument: match REGEX")),
            text => {
                no_places(text, EXPRESSION)?;
                Ok((MessageCheck::Rule(Condition::Match(compile(text)?)), ""))
            }
        },
    },
    CheckWord { name: "json", parse: json },
    CheckWord {
        name: "schema",
        parse: |text| {
            let (path, rest) = first_word(text);
            match path {
                "" => Err(PieceError::at(0, "schema needs the path of a JSON Schema, beside the file of this step")),
                path => no_places(path, FILES)
                    .map(|()| (MessageCheck::Schema { path: path.into(), schema: Arc::default() }, rest)),
            }
        },
    },
    CheckWord { name: "equals", parse: |text| Ok((MessageCheck::Equals(ScenarioTemplate::parse(text)?), "")) },
    CheckWord {
        name: "contains",
        parse: |text| match text {
            "" => Err(PieceError::at(0, "contains needs an argument: contains TEXT")),
            text => Ok((MessageCheck::Contains(ScenarioTemplate::parse(text)?), "")),
        },
    },
    CheckWord {
        name: "size",
        parse: |text| {
            let (relation, bytes, rest) = relation_and_value(text, "a size, as in size < 1K,", bytes)?;
            Ok((MessageCheck::Size(relation, bytes), rest))
        },
    },
    CheckWord {
        name: "took",
        parse: |text| {
            let (relation, time, rest) = relation_and_value(text, "a duration, as in took < 50ms,", duration)?;
            Ok((MessageCheck::Took(relation, time), rest))
        },
    },
    CheckWord {
        name: "fragments",
        parse: |text| {
            let (relation, count, rest) = relation_and_value(text, "a number, as in fragments 3,", number)?;
            Ok((MessageCheck::Fragments(relation, count), rest))
        },
    },
    CheckWord {
        name: "wire",
        parse: |text| {
            let (relation, bytes, rest) = relation_and_value(text, "a size, as in wire < 100,", bytes)?;
            Ok((MessageCheck::Wire(relation, bytes), rest))
        },
    },
    CheckWord { name: "compressed", parse: |text| Ok((MessageCheck::Compressed(true), text)) },
    CheckWord { name: "uncompressed", parse: |text| Ok((MessageCheck::Compressed(false), text)) },
];

/// What joins conditions that a message has to meet together.
const AND: &str = "and";

/// Words that name conditions elsewhere, and ours.
const OTHER_WORDS: [(&[&str], &str); 4] = [
    (&["==", "=", "is", "equal", "exactly", "body"], "equals"),
    (&["matches", "regex", "regexp", "matching", "~"], "match"),
    (&["includes", "include", "has"], "contains"),
    (&["jsonpath", "path", "object"], "json"),
];

/// Whether a word begins a condition.
pub(super) fn is_check(word: &str) -> bool {
    WORDS.iter().any(|known| known.name == word)
}

/// Reads conditions that are joined by `and`.
///
/// # Errors
/// The first that is none, with its place.
pub(super) fn parse_all(text: &str) -> Result<Vec<MessageCheck>, PieceError> {
    parse_more(text, None)
}

/// The same behind another condition, whose word may stand for the first of these too.
///
/// # Errors
/// As [`parse_all`].
pub(super) fn parse_more(text: &str, before: Option<&MessageCheck>) -> Result<Vec<MessageCheck>, PieceError> {
    let mut checks = Vec::new();
    let mut rest = text;
    loop {
        let at = text.len() - rest.len();
        let follows_json = matches!(checks.last().or(before), Some(MessageCheck::Json(_)));
        let (check, behind) = if follows_json && rest.starts_with(['/', '"']) {
            predicate::parse(rest).map(|(predicate, behind)| (MessageCheck::Json(predicate), behind))
        } else {
            one(rest)
        }
        .map_err(|error| error.behind(at))?;
        checks.push(check);
        let behind = behind.trim();
        if behind.is_empty() {
            return Ok(checks);
        }
        let at = text.len() - behind_of(text, behind).len();
        let (word, next) = first_word(behind);
        if word == "within" && next.is_empty() {
            return Err(PieceError::at(text.len(), "a duration has to follow within, as in within 2s"));
        }
        if word == "within" {
            return Err(PieceError::at(
                at,
                "within stands behind all conditions, at the end of the line or on one below",
            ));
        }
        if word != AND {
            let quotes = match checks.last() {
                Some(MessageCheck::Json(JsonPredicate { test: ValueTest::Matches(_), .. })) => {
                    ", and a regular expression with blanks stands in double quotes"
                }
                _ => "",
            };
            let why = format!("{word:?} is too much here: conditions are joined by and{quotes}");
            return Err(PieceError::at(at, why));
        }
        if next.is_empty() {
            return Err(PieceError::at(at, "a condition has to follow and"));
        }
        rest = behind_of(text, next);
    }
}

/// The piece up to the end of the text that it was cut from.
fn behind_of<'t>(text: &'t str, piece: &'t str) -> &'t str {
    &text[offset(text, piece)..]
}

fn one(text: &str) -> ParsedChecks<'_> {
    let (name, argument) = first_word(text);
    let Some(word) = WORDS.iter().find(|word| word.name == name) else { return Err(unknown(name)) };
    let at = if argument.is_empty() { text.len() } else { offset(text, argument) };
    (word.parse)(argument).map_err(|error| error.behind(at))
}

fn unknown(name: &str) -> PieceError {
    let names = enumeration(WORDS.iter().map(|word| word.name), "or");
    let ours = OTHER_WORDS.iter().find(|(theirs, _)| theirs.contains(&name));
    let ours = ours.map(|(_, ours)| *ours).or_else(|| crate::values::nearest(WORDS.iter().map(|word| word.name), name));
    let meant = match ours {
        _ if name.starts_with(['{', '[']) => "; a message that is this JSON is written json {…}".to_owned(),
        _ if name.starts_with('/') => format!("; a value of a JSON message is written json {name}"),
        Some(ours) => format!("; did you mean {ours}?"),
        None if name == "none" => {
            "; what may not come is a step of its own: expect none CONDITIONS within DURATION".to_owned()
        }
        None if name == "not" => "; a condition has no not".to_owned(),
        None => "; a message that is a text is written equals TEXT".to_owned(),
    };
    PieceError::at(0, format!("{name:?} is not a condition ({names}){meant}"))
}

/// `binary`, `binary HEX`, `binary starts HEX`.
fn binary(text: &str) -> ParsedChecks<'_> {
    let (first, rest) = first_word(text);
    let (is_prefix, digits) = if first == "starts" { (true, rest) } else { (false, text) };
    let (digits, behind) = match digits.find(" and ") {
        Some(end) => digits.split_at(end),
        None => (digits, ""),
    };
    if digits.is_empty() || digits.starts_with("and ") {
        return match is_prefix {
            true => Err(PieceError::at(text.len(), "bytes have to follow, as in binary starts 0a 00")),
            false => Ok((MessageCheck::Rule(Condition::Binary), text)),
        };
    }
    let at = text.len() - digits.len() - behind.len();
    let bytes = hex(digits.as_bytes()).map_err(|why| PieceError::at(at, why))?;
    Ok((MessageCheck::Bytes { bytes: bytes.into(), is_prefix }, behind))
}

/// `json`, `json /POINTER …`, `json {…}`, `json exactly {…}`.
fn json(text: &str) -> ParsedChecks<'_> {
    let (first, rest) = first_word(text);
    match first {
        "" => Ok((MessageCheck::Rule(Condition::Json { pointer: Default::default(), value: None }), "")),
        AND => Ok((MessageCheck::Rule(Condition::Json { pointer: Default::default(), value: None }), text)),
        "exactly" => {
            let (value, behind) = predicate::json_value(rest).map_err(|error| error.behind(text.len() - rest.len()))?;
            Ok((MessageCheck::Whole { value, lets_more: false }, behind))
        }
        word if word.starts_with(['{', '[']) => {
            let (value, behind) = predicate::json_value(text)?;
            Ok((MessageCheck::Whole { value, lets_more: true }, behind))
        }
        _ => predicate::parse(text).map(|(predicate, behind)| (MessageCheck::Json(predicate), behind)),
    }
}

/// A size of any message, none and 0 included.
fn bytes(word: &str) -> Result<u64, String> {
    let bytes = limit(word).ok().and_then(|limit| limit.0);
    bytes.ok_or_else(|| format!("{word:?} is not a size such as 4096, 64K or 16M"))
}

fn number(word: &str) -> Result<u64, String> {
    word.parse().map_err(|_| format!("{word:?} is not a number"))
}

impl<T, J> MessageCheck<T, J> {
    /// The regular expression whose groups can be filled in.
    pub(crate) fn expression(&self) -> Option<&Regex> {
        match self {
            Self::Rule(Condition::Match(regex)) => Some(regex),
            _ => None,
        }
    }
}

impl MessageCheck {
    /// The texts in it that are filled in.
    pub(super) fn templates(&self) -> impl Iterator<Item = &ScenarioTemplate> {
        match self {
            Self::Equals(template) | Self::Contains(template) | Self::Whole { value: template, .. } => Some(template),
            Self::Json(predicate) => predicate.test.value(),
            _ => None,
        }
        .into_iter()
    }

    /// # Errors
    /// What there is no value for, in words.
    pub(crate) fn fill(
        &self,
        value: &mut dyn FnMut(&ScenarioVariable) -> Result<LineValue, String>,
    ) -> Result<FilledCheck, String> {
        let json = |template: &ScenarioTemplate, value: &mut dyn FnMut(&ScenarioVariable) -> _| {
            let text = template.fill(value)?;
            FilledJson::parse(&text).ok_or_else(|| format!("{text} is not JSON"))
        };
        Ok(match self {
            Self::Rule(condition) => MessageCheck::Rule(condition.clone()),
            Self::Json(JsonPredicate { pointer, test }) => {
                let test = test.map(|template| json(template, value))?;
                MessageCheck::Json(JsonPredicate { pointer: pointer.clone(), test })
            }
            Self::Whole { value: template, lets_more } => {
                MessageCheck::Whole { value: json(template, value)?, lets_more: *lets_more }
            }
            Self::Schema { path, schema } => {
                MessageCheck::Schema { path: Arc::clone(path), schema: Arc::clone(schema) }
            }
            Self::Equals(text) => MessageCheck::Equals(text.fill(value)?),
            Self::Contains(text) => MessageCheck::Contains(text.fill(value)?),
            Self::Bytes { bytes, is_prefix } => MessageCheck::Bytes { bytes: Arc::clone(bytes), is_prefix: *is_prefix },
            Self::Size(relation, bytes) => MessageCheck::Size(*relation, *bytes),
            Self::Took(relation, time) => MessageCheck::Took(*relation, *time),
            Self::Fragments(relation, count) => MessageCheck::Fragments(*relation, *count),
            Self::Wire(relation, bytes) => MessageCheck::Wire(*relation, *bytes),
            Self::Compressed(is) => MessageCheck::Compressed(*is),
        })
    }
}

impl<T: fmt::Display, J: fmt::Display> fmt::Display for MessageCheck<T, J> {
    /// As it is written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rule(condition) => write!(f, "{condition}"),
            Self::Json(predicate) if predicate.pointer.is_whole() => write!(f, "json{predicate}"),
            Self::Json(predicate) => write!(f, "json {predicate}"),
            Self::Whole { value, lets_more: true } => write!(f, "json {value}"),
            Self::Whole { value, lets_more: false } => write!(f, "json exactly {value}"),
            Self::Schema { path, .. } => write!(f, "schema {path}"),
            Self::Equals(text) => write!(f, "equals {text}"),
            Self::Contains(text) => write!(f, "contains {text}"),
            Self::Bytes { bytes, is_prefix } => {
                f.write_str(if *is_prefix { "binary starts " } else { "binary " })?;
                bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
            Self::Size(relation, bytes) => write!(f, "size {relation} {bytes}"),
            Self::Took(relation, time) => write!(f, "took {relation} {}", GivenTime(*time)),
            Self::Fragments(relation, count) => write!(f, "fragments {relation} {count}"),
            Self::Wire(relation, bytes) => write!(f, "wire {relation} {bytes}"),
            Self::Compressed(true) => f.write_str("compressed"),
            Self::Compressed(false) => f.write_str("uncompressed"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_read_and_written_alike() {
        for (text, is) in [
            ("any", "any"),
            ("text and size > 1K", "text & size > 1024"),
            (
                "json /op = \"a and b\" and /n > 2 and fragments 3",
                "json /op = \"a and b\" & json /n > 2 & fragments = 3",
            ),
            ("json {\"a\": [1, 2]} and compressed", "json {\"a\": [1, 2]} & compressed"),
            ("json exactly {\"a\":\"${x}\"}", "json exactly {\"a\":\"${x}\"}"),
            ("json and took < 50ms", "json & took < 50ms"),
            ("json = 2 and fragments 1", "json = 2 & fragments = 1"),
            ("binary", "binary"),
            ("binary 00 ff", "binary 00ff"),
            ("binary starts 0x0a and size 4", "binary starts 0a & size = 4"),
            ("match ^a and b$", "match ^a and b$"),
            ("equals a and b", "equals a and b"),
            ("schema a.json and any", "schema a.json & any"),
            ("size = 0 and size < 1G", "size = 0 & size < 1073741824"),
            ("wire <= 10 and uncompressed", "wire <= 10 & uncompressed"),
        ] {
            let checks = parse_all(text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
            assert_eq!(checks.iter().map(MessageCheck::to_string).collect::<Vec<_>>().join(" & "), is);
        }
    }

    #[test]
    fn what_is_no_condition_has_its_place() {
        for (text, at, says) in [
            ("jsn /a", 0, "did you mean json?"),
            ("matches ^a", 0, "did you mean match?"),
            ("hello", 0, "equals TEXT"),
            ("{\"a\":1}", 0, "json {…}"),
            ("/a = 1", 0, "json /a"),
            ("json /a = x", 10, "not JSON"),
            ("json /a = 1 or /b", 12, "joined by and"),
            ("json /a = 1 and", 12, "has to follow and"),
            ("text and nothing", 9, "not a condition"),
            ("match (", 6, "unclosed group"),
            ("size x", 5, "size"),
            ("took", 4, "has to follow"),
            ("binary 0", 7, "hexadecimal"),
            ("json /a like 1", 8, "says nothing about a value"),
            ("json /a is text", 11, "not a type"),
        ] {
            let error = parse_all(text).unwrap_err();
            assert!(error.at == at && error.why.contains(says), "{text}: {error:?}");
        }
    }
}
