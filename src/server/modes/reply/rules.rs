//! The rules of a mock, and how they are written.
//!
//! ```text
//! # Lines that begin with # are comments. The first rule that matches a message answers it.
//! open                            when a client connects
//!   reply welcome
//! match ^hello (\w+)              a text message, by regular expression
//!   reply Hello, $1!
//! json /type = "subscribe"        a message that is JSON, by JSON pointer (RFC 6901)
//!   delay 200ms
//!   reply {"type":"subscribed","channel":${/channel}}
//! match ^bye
//!   close 4000 so long
//! any                             every message
//!   nothing
//! ```

use std::fs;
use std::path::Path;
use std::time::Duration;

use regex::Regex;
use serde_json::Value;

use super::template::{Found, Template};
use crate::error::{Error, system_words};
use crate::values::{close, duration, hex};
use crate::ws::{Close, Kind, Message, StatusCode};

/// Rules in order.
#[derive(Debug)]
pub(crate) struct Rules {
    rules: Vec<Rule>,
}

#[derive(Debug)]
struct Rule {
    condition: Condition,
    actions: Vec<Action>,
}

/// Which messages a rule answers.
#[derive(Debug)]
enum Condition {
    /// No message at all, but the opening.
    Open,
    Matches(Regex),
    /// What the pointer leads to; without a value it is enough that there is something.
    Json(String, Option<Value>),
    Binary,
    Any,
}

/// A step of an answer, before a message has filled it in.
#[derive(Debug)]
enum Action {
    Reply(Template),
    Binary(Vec<u8>),
    Delay(Duration),
    Close(Close),
}

/// A step of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Send(Kind, Vec<u8>),
    Wait(Duration),
    Close(Close),
}

impl Step {
    /// Bytes that it holds.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Send(_, bytes) => bytes.len(),
            Self::Wait(_) | Self::Close(_) => 0,
        }
    }
}

impl Rules {
    /// # Errors
    /// [`Error::File`], with the number of the line that is no rule.
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        let failed = |why: String| Error::File { path: path.to_owned(), why };
        let text = fs::read_to_string(path).map_err(|error| failed(system_words(&error)))?;
        Self::parse(&text).map_err(|(line, why)| failed(format!("line {line}: {why}")))
    }

    fn parse(text: &str) -> Result<Self, (usize, String)> {
        let mut rules: Vec<Rule> = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
            let at = |why: String| (index + 1, why);
            match condition(word, rest.trim()).map_err(at)? {
                Some(condition) => rules.push(Rule { condition, actions: Vec::new() }),
                None => {
                    let Some(rule) = rules.last_mut() else { return Err(at("there is no rule yet to act".into())) };
                    rule.actions.extend(action(word, rest.trim()).map_err(at)?);
                }
            }
        }
        if rules.is_empty() { Err((1, "there are no rules".into())) } else { Ok(Self { rules }) }
    }

    /// What a client gets for connecting.
    pub(super) fn opening(&self) -> Vec<Step> {
        let rule = self.rules.iter().find(|rule| matches!(rule.condition, Condition::Open));
        rule.map(|rule| rule.fill(&Found::default())).unwrap_or_default()
    }

    /// What a message gets; nothing when no rule matches.
    pub(super) fn answer(&self, message: Message<'_>) -> Vec<Step> {
        let text = str::from_utf8(message.content).ok().filter(|_| message.kind == Kind::Text);
        let json = text.and_then(|text| serde_json::from_str(text).ok());
        let answered = self.rules.iter().find_map(|rule| Some(rule.fill(&rule.condition.find(message, text, &json)?)));
        answered.unwrap_or_default()
    }
}

impl Condition {
    /// What it found, where it holds.
    fn find(&self, message: Message<'_>, text: Option<&str>, json: &Option<Value>) -> Option<Found> {
        let found = Found { json: json.clone(), ..Found::default() };
        match self {
            Self::Open => None,
            Self::Any => Some(found),
            Self::Binary => (message.kind == Kind::Binary).then_some(found),
            Self::Json(pointer, wanted) => {
                let there = json.as_ref()?.pointer(pointer)?;
                wanted.as_ref().is_none_or(|wanted| wanted == there).then_some(found)
            }
            Self::Matches(regex) => {
                let captures = regex.captures(text?)?;
                let owned = |group: Option<regex::Match<'_>>| group.map(|group| group.as_str().to_owned());
                let groups = captures.iter().map(owned).collect();
                let names = regex.capture_names().flatten();
                let named = names.filter_map(|name| Some((name.to_owned(), owned(captures.name(name))?)));
                Some(Found { groups, named: named.collect(), ..found })
            }
        }
    }
}

impl Rule {
    fn fill(&self, found: &Found) -> Vec<Step> {
        let step = |action: &Action| match action {
            Action::Reply(template) => Step::Send(Kind::Text, template.fill(found).into_bytes()),
            Action::Binary(bytes) => Step::Send(Kind::Binary, bytes.clone()),
            Action::Delay(time) => Step::Wait(*time),
            Action::Close(close) => Step::Close(close.clone()),
        };
        self.actions.iter().map(step).collect()
    }
}

/// The condition that a line begins a rule with, if it does.
fn condition(word: &str, rest: &str) -> Result<Option<Condition>, String> {
    let alone =
        |condition| if rest.is_empty() { Ok(condition) } else { Err(format!("{word} takes nothing behind it")) };
    Ok(Some(match word {
        "open" => alone(Condition::Open)?,
        "any" => alone(Condition::Any)?,
        "match" if rest.is_empty() => return Err("match needs a regular expression".into()),
        "match" => Condition::Matches(Regex::new(rest).map_err(|error| one_line(&error.to_string()))?),
        "json" => json_condition(rest)?,
        "binary" if rest.is_empty() => Condition::Binary,
        _ => return Ok(None),
    }))
}

/// `POINTER`, or `POINTER = JSON`.
fn json_condition(text: &str) -> Result<Condition, String> {
    let (pointer, value) = match text.split_once(" = ") {
        Some((pointer, value)) => (pointer.trim(), Some(value)),
        None => (text, None),
    };
    if !pointer.is_empty() && !pointer.starts_with('/') {
        return Err(format!("{pointer:?} is no JSON pointer: it begins with /"));
    }
    let value =
        value.map(|value| serde_json::from_str(value).map_err(|error| format!("{value:?} is no JSON: {error}")));
    Ok(Condition::Json(pointer.to_owned(), value.transpose()?))
}

fn action(word: &str, rest: &str) -> Result<Option<Action>, String> {
    Ok(Some(match word {
        "reply" => Action::Reply(Template::parse(rest)?),
        "binary" => Action::Binary(hex(rest.as_bytes())?),
        "delay" => Action::Delay(duration(rest)?),
        "close" => Action::Close(close_or_normal(rest)?),
        "nothing" if rest.is_empty() => return Ok(None),
        _ => {
            let conditions = "open, match, json, binary or any";
            return Err(format!(
                "{word:?} is neither a condition ({conditions}) nor an action (reply, binary HEX, delay, close or nothing)"
            ));
        }
    }))
}

/// Nothing, a code, or a code and a reason.
fn close_or_normal(text: &str) -> Result<Close, String> {
    if text.is_empty() { Ok(Close::new(StatusCode::NORMAL, "")) } else { close(text) }
}

/// The regex crate draws its complaints over several lines; the last says what is wrong.
fn one_line(text: &str) -> String {
    text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &str = r#"
        # a comment
        open
          reply welcome
        match ^hello (?<who>\w+)(!)?
          reply Hello, $1! And again: ${who}$2
        match ^bye
          delay 200ms
          close 4000 so long
        json /type = "subscribe"
          reply {"subscribed":${/channel},"cost":"$$5"}
        json /id
          binary 00 ff
          reply ${/id}
        match ^quiet
          nothing
        binary
          reply bytes
        any
          reply what?
    "#;

    fn answer(text: &str) -> Vec<String> {
        let rules = Rules::parse(RULES).unwrap();
        let told = |step| match step {
            Step::Send(Kind::Text, bytes) => String::from_utf8(bytes).unwrap(),
            other => format!("{other:?}"),
        };
        rules.answer(Message { kind: Kind::Text, content: text.as_bytes() }).into_iter().map(told).collect()
    }

    #[test]
    fn the_first_rule_that_matches_answers() {
        assert_eq!(answer("hello Ada"), ["Hello, Ada! And again: Ada"]);
        assert_eq!(answer("hello Ada!"), ["Hello, Ada! And again: Ada!"]);
        let close = Step::Close(Close::new(StatusCode(4000), "so long"));
        assert_eq!(answer("bye bye"), ["Wait(200ms)".into(), format!("{close:?}")]);
        assert_eq!(answer(r#"{"type":"subscribe","channel":{"a":[1]}}"#), [r#"{"subscribed":{"a":[1]},"cost":"$5"}"#]);
        assert_eq!(answer(r#"{"type":"other","id":"x y"}"#), ["Send(Binary, [0, 255])", "x y"]);
        assert_eq!(answer("quiet!"), Vec::<String>::new());
        assert_eq!(answer("else"), ["what?"]);
        let rules = Rules::parse(RULES).unwrap();
        let binary = rules.answer(Message { kind: Kind::Binary, content: b"hello Ada" });
        assert_eq!(binary, [Step::Send(Kind::Text, b"bytes".to_vec())]);
        assert_eq!(rules.opening(), [Step::Send(Kind::Text, b"welcome".to_vec())]);
    }

    #[test]
    fn what_is_no_rule_is_told_with_its_line() {
        for (text, line, says) in [
            ("", 1, "no rules"),
            ("reply a", 1, "no rule yet"),
            ("any\n\n# c\nmatch (", 4, "unclosed group"),
            ("json a", 1, "begins with /"),
            ("json /a = b", 1, "is no JSON"),
            ("any\nclose 1005", 2, "status code"),
            ("any\nbinary 0", 2, "hexadecimal"),
            ("any\ndelay x", 2, "not a duration"),
            ("any\nsay hello", 2, "neither a condition"),
            ("any\nreply ${who", 2, "}"),
            ("any x", 1, "takes nothing"),
        ] {
            let (found, why) = Rules::parse(text).unwrap_err();
            assert!(found == line && why.contains(says), "{text:?}: {found} {why}");
        }
    }
}
