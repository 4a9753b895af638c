//! JSON as people read it: indented and coloured, every number and string as it was written.

use std::borrow::Cow;

use serde::de::IgnoredAny;

use super::spans::{Line, Style};
use crate::peer_text::is_unsafe;

/// Whether the text is a JSON object or array.
pub(crate) fn is_structured(text: &str) -> bool {
    text.trim_start().starts_with(['{', '[']) && serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// Why a text is not JSON, without the place: serde's words, which count lines and columns of what it was given.
pub(crate) fn fault(error: &serde_json::Error) -> String {
    let words = error.to_string();
    words.split(" at line ").next().unwrap_or_default().to_owned()
}

/// The same JSON, with what a terminal would act on as `\uXXXX`. Outside of strings JSON has nothing of the kind but line
/// breaks, which stay.
pub(crate) fn escaped(json: &str) -> Cow<'_, str> {
    let is_unsafe = |c: char| c != '\n' && is_unsafe(c);
    let Some(first) = json.find(is_unsafe) else { return Cow::Borrowed(json) };
    let (plain, rest) = json.split_at(first);
    let mut escaped = plain.to_owned();
    for c in rest.chars() {
        if is_unsafe(c) {
            c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| escaped.push_str(&format!("\\u{unit:04x}")));
        } else {
            escaped.push(c);
        }
    }
    Cow::Owned(escaped)
}

/// The same JSON on one line, without spaces between tokens.
pub(crate) fn compact(json: &str) -> String {
    Tokens(json).collect()
}

/// Valid JSON in lines, at most `most` of them; and whether that is all.
pub(crate) fn indented(json: &str, most: usize) -> (Vec<Line>, bool) {
    let mut writer = Indenter { lines: Vec::new(), line: Line::default(), depth: 0 };
    let mut objects = Vec::new();
    let mut key_next = false;
    let mut tokens = Tokens(json).peekable();
    while let Some(token) = tokens.next() {
        if writer.lines.len() >= most {
            return (writer.lines, false);
        }
        match token {
            "{" | "[" => {
                let empty = matches!(tokens.peek(), Some(&("}" | "]")));
                objects.push(token == "{");
                key_next = token == "{";
                writer.open(token, empty);
            }
            "}" | "]" => {
                objects.pop();
                writer.close(token);
            }
            "," => {
                key_next = objects.last() == Some(&true);
                writer.line.push(Style::Plain, ",");
                writer.new_line();
            }
            ":" => {
                key_next = false;
                writer.line.push(Style::Plain, ": ");
            }
            value => writer.line.push(style_of(value, key_next), value),
        }
    }
    writer.lines.push(writer.line);
    (writer.lines, true)
}

fn style_of(token: &str, is_key: bool) -> Style {
    match token.as_bytes().first() {
        Some(b'"') if is_key => Style::Key,
        Some(b'"') => Style::Text,
        Some(b't' | b'f' | b'n') => Style::Word,
        _ => Style::Number,
    }
}

struct Indenter {
    lines: Vec<Line>,
    line: Line,
    depth: usize,
}

/// Deeper than this nothing is indented further: it would all stand at the right margin.
const DEEPEST: usize = 20;

impl Indenter {
    fn new_line(&mut self) {
        let indent = "  ".repeat(self.depth.min(DEEPEST));
        self.lines.push(std::mem::replace(&mut self.line, Line::of(Style::Plain, indent)));
    }

    fn open(&mut self, token: &str, empty: bool) {
        self.line.push(Style::Plain, token);
        self.depth += 1;
        if !empty {
            self.new_line();
        }
    }

    fn close(&mut self, token: &str) {
        self.depth -= 1;
        let opened_here = self.line.0.last().is_some_and(|span| matches!(span.text(), "{" | "["));
        if !opened_here {
            self.new_line();
        }
        self.line.push(Style::Plain, token);
    }
}

/// The tokens of valid JSON, as they are written.
struct Tokens<'a>(&'a str);

impl<'a> Iterator for Tokens<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let text = self.0.trim_start_matches([' ', '\t', '\r', '\n']);
        let length = match text.as_bytes().first()? {
            b'{' | b'}' | b'[' | b']' | b',' | b':' => 1,
            b'"' => string_length(text),
            _ => text.find([',', ']', '}', ' ', '\t', '\r', '\n']).unwrap_or(text.len()),
        };
        let (token, rest) = text.split_at(length);
        self.0 = rest;
        Some(token)
    }
}

/// With its quotes.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::spans::{Paint, Painted};

    fn shown(json: &str, most: usize) -> (String, bool) {
        let (lines, whole) = indented(json, most);
        (Painted::lines(lines.iter().map(|line| line.painted(Paint::Plain)), 0).into_string(), whole)
    }

    #[test]
    fn numbers_and_strings_stay_as_they_were_written() {
        let json = r#" {"a":[1.0e+5, 12345678901234567890123, {}, []],"\u0062\"":{"c" : null}} "#;
        let expected = r#"{
  "a": [
    1.0e+5,
    12345678901234567890123,
    {},
    []
  ],
  "\u0062\"": {
    "c": null
  }
}"#;
        assert!(is_structured(json));
        assert_eq!(shown(json, 100), (expected.to_owned(), true));
        assert_eq!(compact(json), r#"{"a":[1.0e+5,12345678901234567890123,{},[]],"\u0062\"":{"c":null}}"#);
    }

    #[test]
    fn what_is_too_long_ends_early() {
        assert_eq!(shown("[1,2,3,4]", 2), ("[\n  1,".to_owned(), false));
    }

    #[test]
    fn keys_strings_and_numbers_have_their_own_colours() {
        let (lines, _) = indented(r#"{"k":"v","n":-1,"t":true}"#, 9);
        let styles: Vec<Style> = lines.iter().flat_map(|line| &line.0).map(|span| span.style).collect();
        for style in [Style::Key, Style::Text, Style::Number, Style::Word] {
            assert!(styles.contains(&style), "{style:?} in {styles:?}");
        }
    }

    #[test]
    fn strings_are_made_safe() {
        assert_eq!(shown("[\"\u{9b}2J\u{202e}\"]", 9).0, "[\n  \"\\x9b2J\\u{202e}\"\n]");
    }

    #[test]
    fn what_a_terminal_would_act_on_is_escaped_and_means_the_same() {
        let value = serde_json::json!({"a\u{9b}": "\u{7f}\u{202e}\u{2028}\n\u{1b}é😀"});
        for json in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
            let shown = escaped(&json);
            assert!(!shown.contains(|c: char| c != '\n' && is_unsafe(c)), "{shown:?}");
            assert!(shown.contains("é😀"), "{shown:?}");
            assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), value);
        }
        assert!(matches!(escaped("{}\n"), Cow::Borrowed(_)));
    }

    #[test]
    fn only_objects_and_arrays_count() {
        for text in ["12", "\"a\"", "{", "{a:1}", "[1] trailing", ""] {
            assert!(!is_structured(text), "{text}");
        }
    }
}
