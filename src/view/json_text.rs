//! JSON as people read it: indented and coloured, every number and string as it was written.

use std::borrow::Cow;

use serde::de::IgnoredAny;

use super::json_nesting::Nesting;
use super::json_rows::{BLANK, Placement, SoftRow};
use super::spans::Style;
use super::wrap::INDENT;
use crate::peer_text::{Notation, is_shown, pieces};

/// Whether the text is a JSON object or array.
pub(crate) fn is_structured(text: &str) -> bool {
    text.trim_start().starts_with(['{', '[']) && serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// Why a text is not JSON, without the place: serde's words, which count lines and columns of what it was given.
pub(crate) fn fault(error: &serde_json::Error) -> String {
    let words = error.to_string();
    let words = words.split(" at line ").next().unwrap_or_default();
    let mismatch = ["invalid type: ", "invalid value: "].iter().find_map(|kind| words.strip_prefix(kind));
    match mismatch.and_then(|mismatch| mismatch.rsplit_once(", expected ")) {
        Some((found, expected)) => format!("{found} instead of {}", what_is_expected(expected)),
        None if HALF_OF_A_PAIR.contains(&words) => "half of a surrogate pair in a string".to_owned(),
        None => words.to_owned(),
    }
}

/// What serde says of an escape that is only the second half of a surrogate pair, or only the first.
const HALF_OF_A_PAIR: [&str; 2] = ["lone leading surrogate in hex escape", "unexpected end of hex escape"];

/// A type of Rust's as people call it who write JSON.
fn what_is_expected(rust: &str) -> &str {
    match rust {
        "u8" => "a whole number from 0 to 255",
        "u16" => "a whole number from 0 to 65535",
        "u32" | "u64" | "u128" | "usize" => "a whole number from 0",
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        "f32" | "f64" => "a number",
        "a boolean" => "true or false",
        "a sequence" => "an array",
        "a map" => "an object",
        _ if rust.starts_with("struct ") || rust.starts_with("internally tagged enum ") => "an object",
        other => other,
    }
}

/// Lines of JSON for a terminal of so many columns, escaped: nothing in a string looks like a line of ours there, and what is
/// selected is JSON again ([`SoftRow`]).
pub(crate) fn folded(json: &str, columns: usize) -> String {
    let (mut folding, mut folded) = (JsonFolding::new(columns), String::new());
    folding.push(&escaped(json), &mut folded);
    folded
}

/// The same, piece by piece.
#[derive(Debug)]
pub(crate) struct JsonFolding {
    columns: usize,
    row: SoftRow,
    /// Blanks that the line has begun with, as long as nothing else has come.
    begins: Option<usize>,
}

impl JsonFolding {
    pub(crate) fn new(columns: usize) -> Self {
        Self { columns, row: SoftRow::new(0, INDENT, columns), begins: Some(0) }
    }

    /// Appends a piece, which has to be escaped.
    pub(crate) fn push(&mut self, piece: &str, out: &mut String) {
        for c in piece.chars() {
            match (c, self.begins) {
                ('\n', _) => {
                    *self = Self::new(self.columns);
                    out.push(c);
                }
                (' ', Some(blanks)) => {
                    self.begins = Some(blanks + 1);
                    out.push(c);
                }
                (_, begins) => {
                    if let Some(blanks) = begins {
                        self.row = SoftRow::new(blanks, blanks + INDENT, self.columns);
                        self.begins = None;
                    }
                    self.place(c, out);
                }
            }
        }
    }

    fn place(&mut self, c: char, out: &mut String) {
        match self.row.place(c) {
            Placement::Here => out.push(c),
            Placement::Written => out.push_str(BLANK),
            Placement::Below => {
                out.push('\n');
                out.extend(std::iter::repeat_n(' ', self.row.indent()));
                out.push(c);
            }
        }
    }
}

/// The same JSON, with what a terminal would act on, or nobody sees, as `\uXXXX`. Outside of strings JSON has nothing of the kind
/// but blanks: line breaks stay, and others are spaces.
pub(crate) fn escaped(json: &str) -> Cow<'_, str> {
    if json.chars().all(|c| c == '\n' || is_shown(c)) {
        return Cow::Borrowed(json);
    }
    let mut escaped = String::with_capacity(json.len() + 8);
    let mut rest = json;
    while let Some(begin) = rest.find('"') {
        let (between, from_string) = rest.split_at(begin);
        let (string, behind) = from_string.split_at(string_length(from_string));
        escaped.extend(between.chars().map(blank));
        pieces(string, Notation::Json).for_each(|piece| escaped.push_str(piece.text()));
        rest = behind;
    }
    escaped.extend(rest.chars().map(blank));
    Cow::Owned(escaped)
}

/// What stands for a character between tokens.
fn blank(c: char) -> char {
    if c == '\n' || is_shown(c) { c } else { ' ' }
}

/// The same JSON on one line, without spaces between tokens.
pub(crate) fn compact(json: &str) -> String {
    Tokens(json).collect()
}

/// A token of JSON, as it is written, and what it is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct JsonToken<'a> {
    pub(crate) text: &'a str,
    /// Where it begins, in bytes.
    pub(crate) at: usize,
    /// It is in the place of a member's name.
    pub(crate) is_name: bool,
    /// Containers that are open around it; a bracket isn't inside its own.
    pub(crate) depth: usize,
}

/// The tokens of JSON, which needn't be whole: of a string that isn't closed all the rest is one.
#[derive(Debug, Clone)]
pub(crate) struct JsonTokens<'a> {
    rest: Tokens<'a>,
    /// Bytes of all of it.
    length: usize,
    /// Of each container that is open, whether it is an object.
    open: Vec<bool>,
    expects_name: bool,
}

/// Those of a text from its beginning.
pub(crate) fn tokens(json: &str) -> JsonTokens<'_> {
    JsonTokens { rest: Tokens(json), length: json.len(), open: Vec::new(), expects_name: false }
}

impl JsonTokens<'_> {
    /// Whether a member's name has its place next.
    pub(crate) fn expects_name(&self) -> bool {
        self.expects_name
    }
}

impl<'a> Iterator for JsonTokens<'a> {
    type Item = JsonToken<'a>;

    fn next(&mut self) -> Option<JsonToken<'a>> {
        let text = self.rest.next()?;
        let at = self.length - self.rest.0.len() - text.len();
        let (mut depth, mut is_name) = (self.open.len(), false);
        match text {
            "{" | "[" => {
                self.open.push(text == "{");
                self.expects_name = text == "{";
            }
            "}" | "]" => {
                self.open.pop();
                depth = self.open.len();
                self.expects_name = false;
            }
            "," => self.expects_name = self.open.last() == Some(&true),
            ":" => self.expects_name = false,
            _ => is_name = self.expects_name,
        }
        Some(JsonToken { text, at, is_name, depth })
    }
}

/// What a token is, where `is_key` tells a name from a value.
pub(super) fn style_of(token: &str, is_key: bool) -> Style {
    match token.as_bytes().first() {
        Some(b'{' | b'}' | b'[' | b']' | b',' | b':') => Style::Plain,
        Some(b'"') if is_key => Style::Key,
        Some(b'"') => Style::Text,
        Some(b't' | b'f' | b'n') => Style::Word,
        _ => Style::Number,
    }
}

/// The tokens of valid JSON, as they are written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tokens<'a>(pub(super) &'a str);

impl<'a> Iterator for Tokens<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let text = self.0.trim_start_matches([' ', '\t', '\r', '\n']);
        let length = match text.as_bytes().first()? {
            b'{' | b'}' | b'[' | b']' | b',' | b':' => 1,
            b'"' => string_length(text),
            _ => text.find(|c| ",:[]{}\" \t\r\n".contains(c)).unwrap_or(text.len()),
        };
        let (token, rest) = text.split_at(length);
        self.0 = rest;
        Some(token)
    }
}

/// With its quotes.
fn string_length(text: &str) -> usize {
    let mut nesting = Nesting::default();
    let end = text.bytes().position(|byte| {
        nesting.push_byte(byte);
        !nesting.in_string()
    });
    end.map_or(text.len(), |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_blanks_every_token_stays_as_it_was_written() {
        let json = r#" {"a":[1.0e+5, 12345678901234567890123, {}, []],"\u0062\"":{"c" : null}} "#;
        assert!(is_structured(json));
        assert_eq!(compact(json), r#"{"a":[1.0e+5,12345678901234567890123,{},[]],"\u0062\"":{"c":null}}"#);
    }

    #[test]
    fn a_token_is_told_with_its_place() {
        let told = |json| {
            let told = tokens(json).map(|JsonToken { text, at, is_name, depth }| {
                assert_eq!(&json[at..at + text.len()], text);
                format!("{text}{}{depth}", if is_name { "=" } else { "@" })
            });
            told.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            told(r#" {"a" : [1, {"b":{}}], "c":"d"} "#),
            r#"{@0 "a"=1 :@1 [@1 1@2 ,@2 {@2 "b"=3 :@3 {@3 }@3 }@2 ]@1 ,@1 "c"=1 :@1 "d"@1 }@0"#
        );
        // What is still being written, or will never be JSON.
        assert_eq!(told(r#"{"a":1,"b"#), r#"{@0 "a"=1 :@1 1@1 ,@1 "b=1"#);
        assert_eq!(told(r#"]{x[1"a"#), r#"]@0 {@0 x=1 [@1 1@2 "a@2"#);
    }

    #[test]
    fn what_a_terminal_would_act_on_is_escaped_and_means_the_same() {
        let value = serde_json::json!({"a\u{9b}": "\u{7f}\u{202e}\u{2028}\n\u{1b}\u{feff}é😀"});
        for json in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
            let shown = escaped(&json);
            assert!(shown.chars().all(|c| c == '\n' || is_shown(c)), "{shown:?}");
            assert!(shown.contains("é😀"), "{shown:?}");
            assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), value);
        }
        assert!(matches!(escaped("{}\n"), Cow::Borrowed(_)));
        assert_eq!(escaped("{\t\"a\\\"\t\":\r\n[\t3\r]}\r"), "{ \"a\\\"\\u0009\": \n[ 3 ]} ");
    }

    #[test]
    fn only_objects_and_arrays_count() {
        for text in ["12", "\"a\"", "{", "{a:1}", "[1] trailing", ""] {
            assert!(!is_structured(text), "{text}");
        }
    }
}
