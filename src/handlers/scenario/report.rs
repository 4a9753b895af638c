//! Why a test has stopped, for somebody who hasn't seen its file.

use std::fmt;

use serde_json::Value;

use crate::exit::Exit;
use crate::peer_text::Escaped;
use crate::script::scenario::{FilledCheck, ReceivedMessage, StepPlace};
use crate::trace::message_difference;
use crate::trace::message_match::{MatchMode, MessageMatch, structured};
use crate::view::text_difference;
use crate::ws::{Kind, Message};

/// Why steps were left.
#[derive(Debug)]
pub(crate) enum Halt {
    Failed(Box<ScenarioFailure>),
    /// The file says so, for this reason.
    Skipped(String),
    /// The process is to end.
    Interrupted,
}

impl Halt {
    /// The same of a step that is taken several times: in which of them it was.
    pub(super) fn within(mut self, which: fmt::Arguments<'_>) -> Self {
        if let Self::Failed(failure) = &mut self {
            failure.step.push_str(&format!(" ({which})"));
        }
        self
    }
}

/// A step that didn't come to what it says.
#[derive(Debug, Clone)]
pub(crate) struct ScenarioFailure {
    pub(crate) place: StepPlace,
    /// As it is written.
    pub(crate) step: String,
    /// What was to be, with everything filled in.
    pub(crate) expected: String,
    /// What was instead, line by line.
    pub(crate) found: Vec<String>,
    /// What differs in the message, line by line.
    pub(crate) difference: Vec<String>,
    /// The last that went over each connection.
    pub(crate) connections: Vec<ConnectionExcerpt>,
    pub(crate) exit: Exit,
}

/// The last that went over a connection, a line each.
#[derive(Debug, Clone)]
pub(crate) struct ConnectionExcerpt {
    pub(crate) name: String,
    pub(crate) lines: Vec<String>,
    /// Where all of it can be read.
    pub(crate) recording: Option<String>,
}

/// What is shorter, in bytes, may be anything, and no part of a secret.
const SHORTEST: usize = 4;

/// Where a text was cut.
const CUT: char = '…';

/// What isn't shown, wherever it stands.
#[derive(Debug, Clone, Default)]
pub(crate) struct MaskedSecrets(Vec<String>);

impl MaskedSecrets {
    /// Of these, each in the forms that it may have where it is shown: as it is, in JSON, made safe, quoted, percent-encoded, in
    /// hexadecimal.
    pub(crate) fn of<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let forms = |secret: &str| {
            let json = Value::from(secret).to_string();
            let json = json[1..json.len() - 1].to_owned();
            let encoded = crate::http::percent_encoded(secret.as_bytes());
            let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
            let quoted = format!("{secret:?}");
            let quoted = quoted[1..quoted.len() - 1].to_owned();
            [secret.to_owned(), json, Escaped(secret).to_string(), quoted, encoded, hex]
        };
        let mut all: Vec<String> = secrets.into_iter().flat_map(forms).filter(|form| !form.is_empty()).collect();
        // One may be part of another.
        all.sort_by_key(|form| std::cmp::Reverse(form.len()));
        all.dedup();
        Self(all)
    }

    pub(crate) fn masked(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in self.0.iter().filter(|secret| !secret.is_empty()) {
            if text.contains(secret.as_str()) {
                text = text.replace(secret.as_str(), crate::http::MASK);
            }
        }
        if text.contains(CUT) { self.masked_behind_cuts(&self.masked_before_cuts(&text)) } else { text }
    }

    fn masked_behind_cuts(&self, text: &str) -> String {
        let mut pieces = text.split(CUT);
        let mut masked = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            masked.push(CUT);
            let ends = self.0.iter().filter_map(|secret| ended_at_the_beginning(piece, secret)).max();
            match ends {
                Some(length) => masked.extend([crate::http::MASK, &piece[length..]]),
                None => masked.push_str(piece),
            }
        }
        masked
    }

    /// The same of what a text was cut in.
    fn masked_before_cuts(&self, text: &str) -> String {
        let pieces = text.split_inclusive(CUT).map(|piece| {
            let Some(before) = piece.strip_suffix(CUT) else { return piece.to_owned() };
            let begins = self.0.iter().filter_map(|secret| begun_at_the_end(before, secret)).min();
            begins.map_or(piece.to_owned(), |at| format!("{}{}{CUT}", &before[..at], crate::http::MASK))
        });
        pieces.collect()
    }
}

/// Bytes of a secret that a text begins in the middle of.
fn ended_at_the_beginning(text: &str, secret: &str) -> Option<usize> {
    let longest = text.len().min(secret.len());
    let lengths = (SHORTEST..=longest).rev().filter(|length| secret.is_char_boundary(secret.len() - length));
    lengths.into_iter().find(|length| text.starts_with(&secret[secret.len() - length..]))
}

/// Where a secret begins that a text ends in the middle of.
fn begun_at_the_end(text: &str, secret: &str) -> Option<usize> {
    let longest = text.len().min(secret.len());
    let lengths = (SHORTEST..=longest).rev().filter(|length| secret.is_char_boundary(*length));
    lengths.map(|length| &secret[..length]).find(|begin| text.ends_with(begin)).map(|begin| text.len() - begin.len())
}

/// What was found, in one line: behind a colon stands what it announces.
fn in_one_line(found: &[String]) -> String {
    let mut line = String::new();
    for part in found {
        let between = if line.ends_with(':') { " " } else { "; " };
        line.push_str(if line.is_empty() { "" } else { between });
        line.push_str(part);
    }
    line
}

impl fmt::Display for ScenarioFailure {
    /// In one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, step, expected, found, .. } = self;
        write!(f, "{place}: {step}: expected {expected}, got {}", in_one_line(found))
    }
}

impl ScenarioFailure {
    /// For a person: the step, and below what was expected, what came, and what differs.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("{}: {}", self.place, self.step)];
        lines.push(format!("  expected: {}", self.expected));
        let marks = ["got:     "].into_iter().chain(std::iter::repeat("         "));
        lines.extend(self.found.iter().zip(marks).map(|(found, mark)| format!("  {mark} {found}")));
        if !self.difference.is_empty() {
            lines.push("  difference (- expected, + got):".to_owned());
            lines.extend(self.difference.iter().map(|line| format!("    {line}")));
        }
        lines
    }

    /// The same without what is to be masked.
    pub(crate) fn masked(mut self: Box<Self>, secrets: &MaskedSecrets) -> Box<Self> {
        let mask = |text: &mut String| *text = secrets.masked(text);
        mask(&mut self.step);
        mask(&mut self.expected);
        let lines = self.connections.iter_mut().flat_map(|connection| &mut connection.lines);
        self.found.iter_mut().chain(&mut self.difference).chain(lines).for_each(mask);
        self
    }
}

/// What differs between a message and the one that a condition wants.
fn all_differences(check: &FilledCheck, found: &ReceivedMessage) -> Vec<String> {
    let Some((wanted, lets_more)) = check.wanted() else { return Vec::new() };
    let expected = Message { kind: Kind::Text, content: wanted.as_bytes() };
    let how = MessageMatch { mode: MatchMode::Json, ignored: Vec::new() };
    let values = structured(expected).zip(structured(found.message())).filter(|_| lets_more);
    match values {
        Some((expected_value, found_value)) => {
            // What may be there besides is no difference.
            let found = wanted_part(&expected_value, found_value).to_string();
            message_difference::lines(&how, expected, Message { kind: Kind::Text, content: found.as_bytes() })
        }
        None => message_difference::lines(&how, expected, found.message()),
    }
}

/// The same; of two lines where in them they differ. What stands around that place may be the middle of a secret, which nobody
/// would know any more: those are masked before.
pub(super) fn difference(check: &FilledCheck, found: &ReceivedMessage, secrets: &MaskedSecrets) -> Vec<String> {
    let lines = all_differences(check, found);
    let wanted = check.wanted().map(|(wanted, _)| wanted).filter(|_| lines.len() <= 2 && found.kind == Kind::Text);
    match wanted {
        Some(wanted) => {
            let found = String::from_utf8_lossy(&found.content);
            let lines = text_difference::lines(&secrets.masked(&wanted), &secrets.masked(&found));
            lines.map(Vec::from).unwrap_or_default()
        }
        None => lines,
    }
}

/// Of a value what is spoken of in the expected one.
fn wanted_part(expected: &Value, found: Value) -> Value {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            let members = found.into_iter().filter_map(|(name, value)| {
                let wanted = expected.get(&name)?;
                Some((name, wanted_part(wanted, value)))
            });
            Value::Object(members.collect())
        }
        (Value::Array(expected), Value::Array(found)) if expected.len() == found.len() => {
            let elements = expected.iter().zip(found).map(|(expected, found)| wanted_part(expected, found));
            Value::Array(elements.collect())
        }
        (_, found) => found,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_masked_in_each_of_its_forms() {
        let secrets = MaskedSecrets::of(["a\"b c", "a\"b c d"]);
        let told = secrets.masked(r#"1 a"b c d 2 {"x":"a\"b c"} 3 a%22b%20c"#);
        assert!(!told.contains("b c") && told.contains("1 (masked) 2 {\"x\":\"(masked)\"} 3"), "{told}");
        let secrets = MaskedSecrets::of(["a\u{a0}\u{7f}'b"]);
        for form in [Escaped("a\u{a0}\u{7f}'b").to_string(), format!("{:?}", "a\u{a0}\u{7f}'b")] {
            assert_eq!(secrets.masked(&form).trim_matches('"'), "(masked)", "{form}");
        }
        assert_eq!(MaskedSecrets::of([""]).masked("ab"), "ab");
        let secrets = MaskedSecrets::of(["hunter2"]);
        for (shown, told) in [
            ("is hunte… (9 bytes), hunter", "is (masked)… (9 bytes), hunter"),
            ("binary, 9 bytes: 0168756e746572320a", "binary, 9 bytes: 01(masked)0a"),
            ("hun… hut…", "hun… hut…"),
            ("…ter2 and …er2 x", "…(masked) and …er2 x"),
        ] {
            assert_eq!(secrets.masked(shown), told);
        }
    }

    #[test]
    fn what_may_be_there_besides_is_no_difference() {
        let [expected, found]: [Value; 2] = [r#"{"a":1,"b":[{"c":2}]}"#, r#"{"a":2,"x":0,"b":[{"c":2,"d":3}]}"#]
            .map(|text| serde_json::from_str(text).unwrap());
        assert_eq!(wanted_part(&expected, found).to_string(), r#"{"a":2,"b":[{"c":2}]}"#);
    }
}
