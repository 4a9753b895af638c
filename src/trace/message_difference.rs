//! What differs between a message and the one that a recording has in its place, in lines for a person.

use std::fmt;

use serde_json::Value;

use super::message_match::MessageMatch;
use crate::peer_text::{Escaped, Exact};
use crate::view::amount::Count;
use crate::view::changes;
use crate::view::differences::{Edit, between};
use crate::view::hex::Dump;
use crate::view::json_text;
use crate::view::json_value::normalize;
use crate::ws::{Kind, Message};

/// Rows of a binary message that are compared.
const DUMP_LINES: usize = 1000;

/// Characters of a message that stand for it where there is one line for it.
const EXCERPT: usize = 40;

/// Characters of a pointer that are shown.
const POINTER: usize = 80;

/// What differs, line by line: JSON with its members in order and a value on each line, other text as it is, bytes as a dump.
pub(crate) fn lines(how: &MessageMatch, expected: Message<'_>, found: Message<'_>) -> Vec<String> {
    let values = how.value(expected).zip(how.value(found));
    let (expected, found) = match values {
        Some((expected, found)) => (pretty(expected), pretty(found)),
        None => (plain(expected), plain(found)),
    };
    let [expected, found] = [&expected, &found].map(|lines| lines.iter().map(String::as_str).collect::<Vec<_>>());
    between(&expected, &found).into_iter().map(told).collect()
}

fn told(edit: Edit<&str>) -> String {
    match edit {
        Edit::Both(line) => format!("  {line}"),
        Edit::Gone(line) => format!("- {line}"),
        Edit::New(line) => format!("+ {line}"),
        Edit::LeftOut(count) => format!("  … {}", Count(count, "line")),
    }
}

/// Numbers that are the same are written in the same way, so that they are no difference.
fn pretty(mut value: Value) -> Vec<String> {
    normalize(&mut value);
    // Strings and numbers can always be written.
    let text = serde_json::to_string_pretty(&value).unwrap_or_default();
    // A comma says only that more follows, which is no difference of the line that it ends.
    let without_comma = |line: &str| line.strip_suffix(',').unwrap_or(line).to_owned();
    json_text::escaped(&text).lines().map(without_comma).collect()
}

fn plain(Message { kind, content }: Message<'_>) -> Vec<String> {
    match (kind, str::from_utf8(content)) {
        (Kind::Text, Ok(text)) => text.split('\n').map(|line| Exact(line).to_string()).collect(),
        _ => Dump { bytes: content, start: 0, length: content.len(), lines: DUMP_LINES, columns: 80 }.rows().collect(),
    }
}

/// A message in a few words.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MessageExcerpt<'a> {
    pub(crate) message: Message<'a>,
    /// Bytes of all of it, where that is more than is there.
    pub(crate) length: u64,
}

impl fmt::Display for MessageExcerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { message: Message { kind, content }, length } = *self;
        if kind == Kind::Binary {
            return write!(f, "binary, {}", Count(length, "byte"));
        }
        // A character has four bytes at most.
        let begin = String::from_utf8_lossy(&content[..content.len().min(4 * (EXCERPT + 1))]);
        let shown: String = begin.chars().take(EXCERPT).collect();
        let is_all = begin.chars().count() <= EXCERPT && begin.len() as u64 >= length;
        write!(f, "{}{}", Escaped(&shown), if is_all { "" } else { "…" })
    }
}

/// The recorded message and the one that came, each in a few words. Where those don't tell them apart, it is the place at which
/// they differ, with what is there.
pub(crate) fn excerpts(how: &MessageMatch, expected: MessageExcerpt<'_>, found: MessageExcerpt<'_>) -> [String; 2] {
    let plain = [expected, found].map(|excerpt| excerpt.to_string());
    if plain[0] != plain[1] {
        return plain;
    }
    let values = how.value(expected.message).zip(how.value(found.message));
    let in_json = values.and_then(|(expected, found)| differing_values(expected, found));
    let texts = || [expected, found].map(|it| str::from_utf8(it.message.content).ok());
    match (in_json, texts()) {
        (Some(values), _) => values,
        (None, [Some(expected), Some(found)]) if expected != found => around_difference(expected, found),
        (None, _) => plain,
    }
}

/// The first values that differ, behind their pointers.
fn differing_values(mut expected: Value, mut found: Value) -> Option<[String; 2]> {
    normalize(&mut expected);
    normalize(&mut found);
    let change = changes::between(&expected.to_string(), &found.to_string())?.into_iter().next()?;
    let [expected, found] = match (change.before, change.after) {
        (Some(before), Some(after)) => around_difference(&before, &after),
        (before, after) => [before, after].map(|value| match value {
            Some(value) => around_difference(&value, "")[0].clone(),
            None => "nothing".to_owned(),
        }),
    };
    let pointer: String = change.pointer.to_string().chars().take(POINTER).collect();
    Some([expected, found].map(|value| format!("{} is {value}", Escaped(&pointer))))
}

/// What stands in both around the place from which they differ.
fn around_difference(expected: &str, found: &str) -> [String; 2] {
    let same = expected.chars().zip(found.chars()).take_while(|(expected, found)| expected == found).count();
    let begin = if same < EXCERPT { 0 } else { same - EXCERPT / 2 };
    [expected, found].map(|text| {
        let mut rest = text.chars().skip(begin);
        let shown: String = rest.by_ref().take(EXCERPT).collect();
        let before = if begin > 0 { "…" } else { "" };
        format!("{before}{}{}", Escaped(&shown), if rest.next().is_some() { "…" } else { "" })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::message_match::{MatchMode, ValuePath};

    fn text(content: &str) -> Message<'_> {
        Message { kind: Kind::Text, content: content.as_bytes() }
    }

    #[test]
    fn json_is_told_value_by_value_without_what_is_ignored() {
        let how = MessageMatch { mode: MatchMode::Json, ignored: vec![ValuePath::parse("/ts").unwrap()] };
        let told = lines(&how, text(r#"{"ts":1,"b":"\u001b","a":1}"#), text(r#"{"a":2,"b":"\u001b","ts":2}"#));
        assert_eq!(told, ["  {", "-   \"a\": 1", "+   \"a\": 2", "    \"b\": \"\\u001b\"", "  }"]);
        // What is equal is no difference, however it is written.
        assert_eq!(lines(&how, text("[1,2]"), text("[1.0,3]")), ["  [", "    1", "-   2", "+   3", "  ]"]);
        assert_eq!(lines(&how, text("a\nb\x07"), text("a\nc")), ["  a", "- b\\x07", "+ c"]);
        let binary = Message { kind: Kind::Binary, content: b"\xff" };
        let row = "00000000  ff                                               |.|";
        assert_eq!(lines(&how, text("a"), binary), ["- a".to_owned(), format!("+ {row}")]);
    }

    #[test]
    fn what_is_cut_before_the_difference_is_told_by_its_place() {
        let how = MessageMatch { mode: MatchMode::Json, ignored: Vec::new() };
        let told = |expected: &str, found: &str| {
            let [expected, found] =
                [expected, found].map(|it| MessageExcerpt { message: text(it), length: it.len() as u64 });
            excerpts(&how, expected, found)
        };
        let query = |count: u32, more: &str| {
            format!(
                r#"{{"id":"1","type":"subscribe","payload":{{"query":"subscription with a name{{count(n:{count})}}"{more}}}}}"#
            )
        };
        assert_eq!(
            told(&query(3, ""), &query(4, "")),
            [
                "/payload/query is \"subscription with a name{count(n:3)}\"",
                "/payload/query is \"subscription with a name{count(n:4)}\""
            ]
        );
        assert_eq!(told(&query(3, ""), &query(3, ",\"more\":1")), ["/payload/more is nothing", "/payload/more is 1"]);
        let [a, b] = ["a", "b"].map(|end| format!("{}{end}\x1b", "x".repeat(60)));
        let around = "x".repeat(20);
        assert_eq!(told(&a, &b), [format!("…{around}a\\x1b"), format!("…{around}b\\x1b")]);
        assert_eq!(told("a", "b"), ["a", "b"]);
    }

    #[test]
    fn an_excerpt_is_short_and_says_so() {
        fn short(content: &str, length: u64) -> String {
            MessageExcerpt { message: text(content), length }.to_string()
        }
        assert_eq!(short("a\x1b", 2), "a\\x1b");
        assert_eq!(short(&"é".repeat(41), 82), format!("{}…", "é".repeat(40)));
        assert_eq!(short("ab", 3), "ab…");
    }
}
