//! Conditions: which messages a rule answers, and which a goal waits for.

use std::cell::OnceCell;
use std::fmt;
use std::ops::Range;

use regex::bytes::{Captures, Regex};
use serde_json::Value;
use serde_json::value::RawValue;

use super::generated::{GeneratedSource, GeneratedVariable};
use super::json_condition;
use super::pointers::{Pointers, Values, is_equal};
use super::regex_limits;
use super::syntax_error::PieceError;
use super::word::{Word, WordArgument};
use crate::values;
use crate::view::json_pointer::Pointer;
use crate::ws::{Kind, Message, OpCode};

/// What has to have happened.
#[derive(Debug, Clone)]
pub(crate) enum Condition {
    /// The connection has opened. No message meets this.
    Open,
    /// A message of either kind matches, anywhere in it.
    Regex(Regex),
    /// A text message matches, anywhere in it.
    Match(Regex),
    /// A text message is JSON and has a value where the pointer (RFC 6901) leads; with `value`, this one.
    Json {
        pointer: Pointer,
        value: Option<Value>,
    },
    /// Any text message.
    Text,
    /// Any binary message.
    Binary,
    /// A binary message that begins with these bytes.
    Prefix(Vec<u8>),
    /// A Ping, a Pong or a Close. No message meets this; only what passes frames on has such to judge.
    Control(OpCode),
    Any,
}

/// A prefix tells kinds of messages apart; it is no content to compare.
const LONGEST_PREFIX: usize = 64;

/// The conditions of a rules file.
pub(super) static CONDITIONS: &[Word<Condition>] = &[
    Word { name: "open", argument: WordArgument::None, parse: |_| Ok(Condition::Open) },
    Word {
        name: "match",
        argument: WordArgument::Required("REGEX"),
        parse: |text| compile(text).map(Condition::Match),
    },
    Word { name: "json", argument: WordArgument::Optional("POINTER [= JSON]"), parse: json_value },
    Word { name: "text", argument: WordArgument::None, parse: |_| Ok(Condition::Text) },
    Word { name: "binary", argument: WordArgument::None, parse: |_| Ok(Condition::Binary) },
    Word { name: "prefix", argument: WordArgument::Required("HEX"), parse: prefix },
    Word { name: "opcode", argument: WordArgument::Required("NAME"), parse: opcode },
    Word { name: "any", argument: WordArgument::None, parse: |_| Ok(Condition::Any) },
];

/// A message or a control frame that is judged. It is read as JSON at most once, and only for a condition or a template
/// that needs it.
#[derive(Debug)]
pub(crate) struct Subject<'a> {
    judged: Judged<'a>,
    /// All that may be asked for.
    pointers: &'a Pointers,
    values: OnceCell<Option<Values<'a>>>,
}

/// What has come.
#[derive(Debug, Clone, Copy)]
enum Judged<'a> {
    Message(Message<'a>),
    /// Which kind of frame, and what it says.
    Control(OpCode, &'a [u8]),
}

impl<'a> Subject<'a> {
    pub(super) fn new(message: Message<'a>, pointers: &'a Pointers) -> Self {
        Self { judged: Judged::Message(message), pointers, values: OnceCell::new() }
    }

    /// Of a control frame that says this.
    pub(super) fn control(opcode: OpCode, content: &'a [u8], pointers: &'a Pointers) -> Self {
        Self { judged: Judged::Control(opcode, content), pointers, values: OnceCell::new() }
    }

    pub(super) fn content(&self) -> &'a [u8] {
        match self.judged {
            Judged::Message(message) => message.content,
            Judged::Control(_, content) => content,
        }
    }

    fn message(&self) -> Option<Message<'a>> {
        match self.judged {
            Judged::Message(message) => Some(message),
            Judged::Control(..) => None,
        }
    }

    /// Whether it is a message of this kind.
    fn is_of(&self, kind: Kind) -> bool {
        self.message().is_some_and(|message| message.kind == kind)
    }

    fn is_text(&self) -> bool {
        self.is_of(Kind::Text)
    }

    /// A value of a text message that is JSON, as it is written there.
    fn value(&self, pointer: &Pointer) -> Option<&'a RawValue> {
        let find = || self.is_text().then(|| self.pointers.find(self.content())).flatten();
        self.pointers.value(self.values.get_or_init(find).as_ref()?, pointer)
    }
}

/// What a condition found, for templates to fill in.
#[derive(Debug, Default)]
pub(super) struct Found<'a, 'v> {
    /// `None` where it was no message that met the condition.
    subject: Option<&'a Subject<'a>>,
    captures: Option<Captures<'a>>,
    /// `None` where nothing is filled in but what the message has.
    values: Option<&'v dyn GeneratedSource>,
}

impl<'a> Found<'a, '_> {
    /// The same, for templates that also have places for what no message has.
    pub(super) fn with<'v>(self, values: &'v dyn GeneratedSource) -> Found<'a, 'v> {
        Found { values: Some(values), subject: self.subject, captures: self.captures }
    }

    /// # Errors
    /// In words, that there is none.
    pub(super) fn generated(&self, variable: &GeneratedVariable) -> Result<String, String> {
        self.values.map_or_else(|| Err(format!("{variable} has no value here")), |values| values.value(variable))
    }

    pub(super) fn message(&self) -> Option<Message<'a>> {
        self.subject.and_then(Subject::message)
    }

    /// The content of the message.
    pub(super) fn content(&self) -> &'a [u8] {
        self.subject.map_or(b"", Subject::content)
    }

    /// A group of the match by its number; 0 is all of it, and where nothing was to match, all of the message.
    pub(super) fn group(&self, number: usize) -> Option<&'a [u8]> {
        match &self.captures {
            Some(captures) => Some(captures.get(number)?.as_bytes()),
            None => self.subject.filter(|_| number == 0).map(Subject::content),
        }
    }

    pub(super) fn named_group(&self, name: &str) -> Option<&'a [u8]> {
        Some(self.captures.as_ref()?.name(name)?.as_bytes())
    }

    /// A value of a message that is JSON.
    pub(super) fn value(&self, pointer: &Pointer) -> Option<&'a RawValue> {
        self.subject?.value(pointer)
    }
}

impl Condition {
    /// Whether a message meets it that nothing else is asked about.
    pub(crate) fn is_met_by(&self, message: Message<'_>) -> bool {
        self.matches(&Subject::new(message, &Pointers::of(self.pointer())))
    }

    pub(crate) fn matches(&self, subject: &Subject<'_>) -> bool {
        match self {
            Self::Open => false,
            Self::Any => subject.message().is_some(),
            Self::Text => subject.is_text(),
            Self::Binary => subject.is_of(Kind::Binary),
            Self::Prefix(bytes) => subject.is_of(Kind::Binary) && subject.content().starts_with(bytes),
            Self::Control(opcode) => matches!(subject.judged, Judged::Control(its, _) if its == *opcode),
            Self::Regex(regex) => subject.message().is_some_and(|message| regex.is_match(message.content)),
            Self::Match(regex) => subject.is_text() && regex.is_match(subject.content()),
            Self::Json { pointer, value } => {
                let found = subject.value(pointer);
                found.is_some_and(|found| value.as_ref().is_none_or(|value| is_equal(found, value)))
            }
        }
    }

    /// The conditions that each message meets which meets this one, as they are written, as far as that is plain from this.
    pub(super) fn covering(&self) -> Vec<String> {
        let (own, any, text) = (self.to_string(), || Self::Any.to_string(), || Self::Text.to_string());
        match self {
            Self::Open | Self::Control(_) | Self::Any => vec![own],
            Self::Regex(_) | Self::Text | Self::Binary => vec![any(), own],
            Self::Prefix(bytes) => {
                let shorter = (1..=bytes.len()).map(|length| Self::Prefix(bytes[..length].to_vec()).to_string());
                [any(), Self::Binary.to_string()].into_iter().chain(shorter).collect()
            }
            Self::Match(_) => vec![any(), text(), own],
            Self::Json { pointer, .. } => {
                let json = |pointer: &Pointer| Self::Json { pointer: pointer.clone(), value: None }.to_string();
                vec![any(), text(), json(&Pointer::default()), json(pointer), own]
            }
        }
    }

    /// Where in the content of a message that meets it is what it looks for, in bytes; nowhere in particular is at the beginning.
    pub(crate) fn place(&self, message: Message<'_>) -> Option<Range<usize>> {
        match self.expression() {
            Some(regex) if self.is_met_by(message) => regex.find(message.content).map(|found| found.range()),
            None if self.is_met_by(message) => Some(0..0),
            _ => None,
        }
    }

    /// The pointer that it follows.
    pub(super) fn pointer(&self) -> Option<&Pointer> {
        match self {
            Self::Json { pointer, .. } => Some(pointer),
            Self::Open
            | Self::Regex(_)
            | Self::Match(_)
            | Self::Text
            | Self::Binary
            | Self::Prefix(_)
            | Self::Control(_)
            | Self::Any => None,
        }
    }

    /// The expression whose groups a template can have.
    fn expression(&self) -> Option<&Regex> {
        match self {
            Self::Regex(regex) | Self::Match(regex) => Some(regex),
            Self::Open
            | Self::Json { .. }
            | Self::Text
            | Self::Binary
            | Self::Prefix(_)
            | Self::Control(_)
            | Self::Any => None,
        }
    }

    /// Whether there is something in what meets it that can be quoted.
    pub(super) fn has_content(&self) -> bool {
        !matches!(self, Self::Open)
    }

    /// Whether it is a message that meets it.
    pub(super) fn has_message(&self) -> bool {
        !matches!(self, Self::Open | Self::Control(_))
    }

    /// Whether there can be groups.
    pub(super) fn is_expression(&self) -> bool {
        self.expression().is_some()
    }

    /// The number of groups, without the whole.
    pub(super) fn groups(&self) -> usize {
        self.expression().map_or(0, |regex| regex.captures_len() - 1)
    }

    pub(super) fn has_named_group(&self, name: &str) -> bool {
        self.expression().is_some_and(|regex| regex.capture_names().flatten().any(|group| group == name))
    }

    /// The same as [`matches`](Self::matches), and what it found where it holds.
    pub(super) fn find<'a>(&self, subject: &'a Subject<'a>) -> Option<Found<'a, 'static>> {
        let captures = match self {
            Self::Match(_) if !subject.is_text() => None,
            _ => self.expression().zip(subject.message()).and_then(|(regex, message)| regex.captures(message.content)),
        };
        let holds = captures.is_some() || self.matches(subject);
        holds.then_some(Found { subject: Some(subject), captures, values: None })
    }
}

impl fmt::Display for Condition {
    /// As it is written in a rules file; the regular expression of a goal as it is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open => f.write_str("open"),
            Self::Regex(regex) => write!(f, "{regex}"),
            Self::Match(regex) => write!(f, "match {regex}"),
            Self::Json { pointer, value: None } if pointer.is_whole() => f.write_str("json"),
            Self::Json { pointer, value: None } => write!(f, "json {}", json_condition::written(pointer)),
            Self::Json { pointer, value: Some(value) } => {
                write!(f, "json {} = {value}", json_condition::written(pointer))
            }
            Self::Text => f.write_str("text"),
            Self::Binary => f.write_str("binary"),
            Self::Prefix(bytes) => {
                f.write_str("prefix ")?;
                bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
            Self::Control(opcode) => write!(f, "opcode {}", opcode.name().unwrap_or_default()),
            Self::Any => f.write_str("any"),
        }
    }
}

/// Reads the regular expression of a goal, which messages of both kinds may match.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn regex(text: &str) -> Result<Condition, String> {
    compile(text).map(Condition::Regex).map_err(|error| error.why)
}

/// Reads `POINTER [= JSON]`.
///
/// # Errors
/// What is wrong with it, and where.
pub(crate) fn json(text: &str) -> Result<Condition, String> {
    json_value(text).map_err(|error| error.told(text))
}

fn json_value(text: &str) -> Result<Condition, PieceError> {
    json_condition::parse(text).map(|(pointer, value)| Condition::Json { pointer, value })
}

fn prefix(text: &str) -> Result<Condition, PieceError> {
    match values::hex(text.as_bytes()).map_err(|why| PieceError::at(0, why))? {
        bytes if bytes.len() > LONGEST_PREFIX => Err(PieceError::at(
            0,
            format!("a prefix has at most {LONGEST_PREFIX} bytes, and this one has {}", bytes.len()),
        )),
        bytes => Ok(Condition::Prefix(bytes)),
    }
}

/// Messages have conditions of their own, which are the same.
fn opcode(name: &str) -> Result<Condition, PieceError> {
    match OpCode::named(name) {
        Some(OpCode::Text) => Ok(Condition::Text),
        Some(OpCode::Binary) => Ok(Condition::Binary),
        Some(opcode) if opcode.is_control() => Ok(Condition::Control(opcode)),
        _ => Err(PieceError::at(0, format!("{name:?} is not an opcode: expected text, binary, ping, pong or close"))),
    }
}

/// # Errors
/// What is wrong with a regular expression, and where; one that no message can match.
pub(super) fn compile(text: &str) -> Result<Regex, PieceError> {
    let parsed = regex_syntax::ParserBuilder::new().utf8(false).build().parse(text);
    let parsed = parsed.map_err(|error| match error {
        regex_syntax::Error::Parse(error) => PieceError::at(error.span().start.offset, error.kind().to_string()),
        regex_syntax::Error::Translate(error) => PieceError::at(error.span().start.offset, error.kind().to_string()),
        error => PieceError::at(0, error.to_string()),
    })?;
    if regex_limits::never_matches(&parsed) {
        return Err(PieceError::at(0, regex_limits::reason(text)));
    }
    // What remains is an expression that is too large.
    Regex::new(text).map_err(|error| PieceError::at(0, error.to_string()))
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;

    static NONE: LazyLock<Pointers> = LazyLock::new(Pointers::default);

    fn text(content: &str) -> Subject<'_> {
        Subject::new(Message { kind: Kind::Text, content: content.as_bytes() }, &NONE)
    }

    #[test]
    fn json_is_parsed_only_where_it_is_needed() {
        let pointers = Pointers::of(&[Pointer::to_member("0")]);
        let subject = Subject::new(Message { kind: Kind::Text, content: b"[1]" }, &pointers);
        assert!(regex("1").unwrap().matches(&subject) && Condition::Any.matches(&subject));
        assert!(subject.values.get().is_none());
        assert!(json("/0 = 1").unwrap().matches(&subject));
        assert!(subject.values.get().is_some());
    }

    #[test]
    fn a_goals_regex_takes_both_kinds_and_a_rules_only_text() {
        let binary = Subject::new(Message { kind: Kind::Binary, content: b"\xff[1]" }, &NONE);
        assert!(regex("1").unwrap().matches(&binary) && regex("1").unwrap().find(&binary).is_some());
        let rule = compile("1").map(Condition::Match).unwrap();
        assert!(!rule.matches(&binary) && rule.find(&binary).is_none());
        assert!(rule.matches(&text("1")) && rule.find(&text("1")).is_some());
        let pointers = Pointers::of(&[Pointer::default()]);
        let binary = Subject::new(Message { kind: Kind::Binary, content: b"1" }, &pointers);
        assert!(!json("").unwrap().matches(&binary));
    }

    #[test]
    fn a_condition_is_shown_as_it_is_written() {
        for line in [
            "open",
            "match ^a+$",
            "json",
            "json /a",
            "json /a = \"b\"",
            "json \"/a =b\" = 1",
            "text",
            "binary",
            "prefix 00ff",
            "opcode ping",
            "any",
        ] {
            let (name, argument) = line.split_once(' ').unwrap_or((line, ""));
            let word = CONDITIONS.iter().find(|word| word.name == name).unwrap();
            assert_eq!(word.read(argument).unwrap().to_string(), line);
        }
        assert_eq!(regex("a|b").unwrap().to_string(), "a|b");
    }
}
