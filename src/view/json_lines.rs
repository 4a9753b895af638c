//! JSON in lines: what fits on its line stands there as it came, the rest is indented, and what is too much is folded in its
//! place. Every token stays as it was written, and in one piece.

use super::amount::{Bytes, Count};
use super::fold::Fold;
use super::json_nesting::Nesting;
use super::json_text::{JsonToken, Tokens, style_of, tokens};
use super::spans::{Line, Style};
use super::width::{widest, widest_width, written_width};
use crate::peer_text::{Notation, Piece, pieces};

/// Deeper than this nothing is indented further, in levels.
const DEEPEST: usize = 20;

/// Deeper than this a container stands on one line, whatever its width: each level that is opened takes some of the stack.
const DEEPEST_OPENED: usize = 200;

/// A longer container on one line has one colour, in bytes: what has several is kept in as many pieces, each of which may take
/// many times the memory of a bracket. No terminal has such a line.
const COLOURED: usize = 64 * 1024;

/// What is shown of a container that takes several lines.
#[derive(Debug, Clone, Copy)]
struct ContainerLimits {
    /// Rows of an array: a container each, or as many other values as fit.
    rows: usize,
    /// Members of an object.
    members: usize,
    /// Levels that are opened.
    depth: usize,
}

const ALL: usize = usize::MAX;

/// The most first. Where the last one takes too many lines too, it is cut off.
const LADDER: [ContainerLimits; 7] = [
    ContainerLimits { rows: ALL, members: ALL, depth: ALL },
    ContainerLimits { rows: 8, members: ALL, depth: ALL },
    ContainerLimits { rows: 3, members: ALL, depth: ALL },
    ContainerLimits { rows: 1, members: ALL, depth: ALL },
    ContainerLimits { rows: 1, members: 8, depth: 3 },
    ContainerLimits { rows: 1, members: 8, depth: 2 },
    ContainerLimits { rows: 8, members: 16, depth: 1 },
];

/// An object or array, valid, in lines; and whether that is all of it. `expanded` has each member and element of it on a line
/// of its own, even where it would fit on one.
pub(super) fn lines(json: &str, fold: Fold, expanded: bool) -> (Vec<Line>, bool) {
    let ladder = if fold.shortens { &LADDER[..] } else { &LADDER[..1] };
    let mut longest = Vec::new();
    for limits in ladder {
        let mut layout = Layout::new(json, fold, *limits, expanded);
        match layout.value() {
            Ok(()) => return layout.finish(),
            Err(Full) => longest = layout.lines,
        }
    }
    (longest, false)
}

/// There are as many lines as there may be.
struct Full;

struct Layout<'a> {
    rest: &'a str,
    fold: Fold,
    limits: ContainerLimits,
    /// Nothing stands on a line with something else.
    expanded: bool,
    lines: Vec<Line>,
    line: Line,
    /// Columns of `line`.
    used: usize,
    /// Levels that are open.
    depth: usize,
    whole: bool,
}

impl<'a> Layout<'a> {
    fn new(json: &'a str, fold: Fold, limits: ContainerLimits, expanded: bool) -> Self {
        let (lines, line) = (Vec::new(), Line::default());
        Self { rest: json, fold, limits, expanded, lines, line, used: 0, depth: 0, whole: true }
    }

    fn finish(mut self) -> (Vec<Line>, bool) {
        self.lines.push(self.line);
        (self.lines, self.whole)
    }

    fn peek(&self) -> &'a str {
        Tokens(self.rest).next().unwrap_or_default()
    }

    fn next(&mut self) -> &'a str {
        let mut tokens = Tokens(self.rest);
        let token = tokens.next().unwrap_or_default();
        self.rest = tokens.0;
        token
    }

    /// Columns that are left on this line, but for a comma where one may follow.
    fn room(&self) -> usize {
        let columns = if self.lines.is_empty() { self.fold.first } else { self.fold.columns };
        let comma = usize::from(self.depth > 0);
        columns.saturating_sub(self.used + comma)
    }

    fn put(&mut self, style: Style, text: &str) {
        self.line.push_content(style, text, Notation::Json);
        self.used += written_width(text, Notation::Json);
    }

    fn put_next(&mut self) {
        let token = self.next();
        self.put(Style::Plain, token);
    }

    fn new_line(&mut self) -> Result<(), Full> {
        if self.lines.len() + 1 >= self.fold.lines {
            return Err(Full);
        }
        self.used = (2 * self.depth.min(DEEPEST)).min(self.fold.columns / 2);
        let indent = Line::of(Style::Plain, " ".repeat(self.used));
        self.lines.push(std::mem::replace(&mut self.line, indent));
        Ok(())
    }

    /// Something that isn't JSON: what was left out.
    fn put_fold(&mut self, left_out: &str) {
        self.whole = false;
        self.put(Style::Note, left_out);
    }

    fn value(&mut self) -> Result<(), Full> {
        let token = self.peek();
        if !matches!(token, "{" | "[") {
            let token = self.next();
            self.scalar(token, Style::Text);
            return Ok(());
        }
        let fitting = match self.depth < DEEPEST_OPENED {
            true => end_within(self.rest, self.room()).filter(|_| !self.expanded),
            false => end_within(self.rest, ALL),
        };
        if let Some(end) = fitting {
            let (inline, rest) = self.rest.split_at(end);
            self.rest = rest;
            self.inline(inline);
            return Ok(());
        }
        self.put_next();
        if matches!(self.peek(), "}" | "]") {
            self.put_next();
        } else if self.depth >= self.limits.depth {
            let count = self.skip();
            let closing = if token == "{" { ("member", "}") } else { ("element", "]") };
            self.put_fold(&format!("… {}", Count(count, closing.0)));
            self.put(Style::Plain, closing.1);
        } else {
            self.depth += 1;
            if token == "{" { self.members()? } else { self.elements()? }
        }
        Ok(())
    }

    /// The members of an object, behind its brace.
    fn members(&mut self) -> Result<(), Full> {
        for number in 0.. {
            self.new_line()?;
            if number == self.limits.members {
                return self.leave_out("}");
            }
            let name = self.next();
            self.scalar(name, Style::Key);
            self.next();
            self.put(Style::Plain, ":");
            self.member_value()?;
            if self.next() == "}" {
                break;
            }
            self.put(Style::Plain, ",");
        }
        self.close("}")
    }

    /// The value of a member, behind its colon: a number or a string that isn't whole there has a line of its own, if it is there.
    fn member_value(&mut self) -> Result<(), Full> {
        let token = self.peek();
        let width = prefix_of_columns(token, self.fold.columns).chars().map(shown_width).sum::<usize>();
        let (fits, below) = (width < self.room(), 2 * (self.depth + 1) + width < self.fold.columns);
        if matches!(style_of(token, false), Style::Number | Style::Text) && !fits && below {
            self.depth += 1;
            let moved = self.new_line();
            self.depth -= 1;
            moved?;
        } else {
            self.put(Style::Plain, " ");
        }
        self.value()
    }

    /// The elements of an array, behind its bracket: a container in a row of its own, other values as many as fit.
    fn elements(&mut self) -> Result<(), Full> {
        let mut rows = 0;
        let mut begins_row = true;
        loop {
            let token = self.peek();
            let opens = matches!(token, "{" | "[");
            if begins_row || opens || widest_width(token) >= self.room() {
                self.new_line()?;
                if rows == self.limits.rows {
                    return self.leave_out("]");
                }
                rows += 1;
            } else {
                self.put(Style::Plain, " ");
            }
            self.value()?;
            begins_row = opens || self.expanded;
            if self.next() == "]" {
                break;
            }
            self.put(Style::Plain, ",");
        }
        self.close("]")
    }

    fn leave_out(&mut self, closing: &str) -> Result<(), Full> {
        let count = self.skip();
        self.put_fold(&format!("… {} more", super::amount::Grouped(count)));
        self.close(closing)
    }

    fn close(&mut self, token: &str) -> Result<(), Full> {
        self.depth -= 1;
        self.new_line()?;
        self.put(Style::Plain, token);
        Ok(())
    }

    /// Goes behind the end of the container that is open; gives how many members or elements that were.
    fn skip(&mut self) -> u64 {
        let (mut depth, mut count) = (0, 1);
        loop {
            match self.next() {
                "{" | "[" => depth += 1,
                "}" | "]" if depth == 0 => return count,
                "}" | "]" => depth -= 1,
                "," if depth == 0 => count += 1,
                "" => return count,
                _ => {}
            }
        }
    }

    /// A name, or a value that has no others in it.
    fn scalar(&mut self, token: &str, style: Style) {
        let is_name = style == Style::Key;
        let style = style_of(token, is_name);
        // A name leaves room for its value.
        let room = if is_name { (self.room() / 2).max(self.room().saturating_sub(12)) } else { self.room() };
        // What is no longer than this is worth more whole than on one line.
        let room_for_all = if is_name { room } else { room.max(WHOLE.min(2 * self.fold.columns)) };
        if !self.fold.shortens || widest_width(prefix_of_columns(token, room_for_all + 1)) <= room_for_all {
            return self.put(style, token);
        }
        let size = match token.strip_prefix('"') {
            Some(inside) => format!(" ({})", Bytes(content_size(inside))),
            None => format!(" ({})", Count(token.len() as u64, "digit")),
        };
        let mark = if token.starts_with('"') { "…\"" } else { "…" };
        let columns = room.saturating_sub(size.len() + 2).max(4);
        self.put(style, shortened(token, columns));
        self.put(style, mark);
        self.put_fold(&size);
    }

    /// A container on the rest of the line.
    fn inline(&mut self, json: &str) {
        let json = json.trim_start_matches([' ', '\t', '\r', '\n']);
        let has_colours = json.len() <= COLOURED;
        let as_it_came = !json.contains(['\n', '\r', '\t']) && widest_width(json) <= self.room();
        let mut end = 0;
        for JsonToken { text, at, is_name, .. } in tokens(json) {
            if as_it_came {
                self.line.push_content(Style::Plain, &json[end..at], Notation::Json);
            }
            let style = if has_colours { style_of(text, is_name) } else { Style::Plain };
            self.line.push_content(style, text, Notation::Json);
            end = at + text.len();
        }
        self.used = self.line.width();
    }
}

/// Columns of a string or number that is shown whole wherever it begins, on a terminal that has half of them.
const WHOLE: usize = 60;

/// Where the container ends that `json` begins with, if without blanks it takes no more than `columns`. Looks at no more of
/// it than that.
fn end_within(json: &str, columns: usize) -> Option<usize> {
    let (mut width, mut nesting) = (0, Nesting::default());
    for (at, c) in json.char_indices() {
        if matches!(c, ' ' | '\t' | '\r' | '\n') && !nesting.in_string() {
            continue;
        }
        nesting.push(c);
        width += shown_width(c);
        if width > columns {
            return None;
        }
        if nesting.depth() == 0 {
            return Some(at + c.len_utf8());
        }
    }
    None
}

/// Columns of a character in JSON that is shown.
fn shown_width(c: char) -> usize {
    if matches!(c, ' '..='~') {
        return 1;
    }
    match pieces(c.encode_utf8(&mut [0; 4]), Notation::Json).next() {
        Some(written @ Piece::Written(_)) => written.text().len(),
        _ => widest(c),
    }
}

/// The beginning of a text that has `columns` columns or less behind its last character but one.
fn prefix_of_columns(text: &str, columns: usize) -> &str {
    let mut width = 0;
    let end = text.char_indices().find(|(_, c)| {
        width += shown_width(*c);
        width > columns
    });
    end.map_or(text, |(at, c)| &text[..at + c.len_utf8()])
}

/// The beginning of a token that takes no more than `columns`; an escape isn't taken apart.
fn shortened(token: &str, columns: usize) -> &str {
    let (mut width, mut end) = (0, 0);
    let mut rest = token;
    while let Some(first) = rest.chars().next() {
        let length = match rest.as_bytes() {
            [b'\\', b'u', ..] if rest.len() >= 6 => 6,
            [b'\\', _, ..] => 2,
            _ => first.len_utf8(),
        };
        width += if length == first.len_utf8() { shown_width(first) } else { length };
        if width > columns {
            break;
        }
        end += length;
        rest = &token[end..];
    }
    &token[..end]
}

/// Bytes of the text that a string's inside stands for, its last quote counted out.
fn content_size(inside: &str) -> u64 {
    let mut bytes = inside.bytes();
    let mut size = 0;
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => break,
            b'\\' => match bytes.next() {
                Some(b'u') => {
                    let digits: Vec<u8> = bytes.by_ref().take(4).collect();
                    let unit = str::from_utf8(&digits).ok().and_then(|digits| u16::from_str_radix(digits, 16).ok());
                    size += match unit.unwrap_or_default() {
                        ..0x80 => 1,
                        // Each half of a pair.
                        0x80..0x800 | 0xd800..0xe000 => 2,
                        _ => 3,
                    };
                }
                _ => size += 1,
            },
            _ => size += 1,
        }
    }
    size
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::spans::{Paint, Painted};

    fn laid_out(json: &str, fold: Fold, expanded: bool) -> (String, bool) {
        let (lines, whole) = lines(json, fold, expanded);
        (Painted::lines(lines.iter().map(|line| line.painted(Paint::Plain)), 0).into_string(), whole)
    }

    fn folded(json: &str, columns: usize, lines: usize) -> String {
        laid_out(json, Fold { first: columns, columns, terminal: columns, lines, shortens: true }, false).0
    }

    #[test]
    fn what_fits_stays_on_its_line_as_it_came() {
        for json in [r#"{"ok":true}"#, r#"{"ok": true, "list": [1, 2.50, 1e+5]}"#, "[]", "[ ]"] {
            assert_eq!(folded(json, 80, 20), json);
        }
        assert_eq!(folded("{\n  \"ok\": true\n}", 80, 20), r#"{"ok":true}"#);
        assert_eq!(
            laid_out(
                "[1,2,{},{\"a\":[]}]",
                Fold { first: 80, columns: 80, terminal: 80, lines: 20, shortens: true },
                true
            ),
            ("[\n  1,\n  2,\n  {},\n  {\n    \"a\": []\n  }\n]".to_owned(), true)
        );
    }

    #[test]
    fn what_is_nested_deeply_takes_no_more_of_the_stack_and_loses_nothing() {
        let json = "[".repeat(20_000) + &"]".repeat(20_000);
        let shown = std::thread::Builder::new().stack_size(1 << 20).spawn(move || {
            let fold = Fold { first: 80, columns: 80, terminal: 80, lines: 10_000, shortens: false };
            [false, true].map(|expanded| laid_out(&json, fold, expanded))
        });
        for (shown, whole) in shown.unwrap().join().unwrap() {
            assert_eq!((shown.matches('[').count(), shown.matches(']').count(), whole), (20_000, 20_000, true));
        }
    }

    #[test]
    fn what_does_not_fit_is_indented() {
        let json = r#"{"channel":"trades","data":[{"p":1.0e+5},{"p":12345678901234567890123}],"n":null}"#;
        let expected = r#"{
  "channel": "trades",
  "data": [
    {"p":1.0e+5},
    {"p":12345678901234567890123}
  ],
  "n": null
}"#;
        assert_eq!(folded(json, 40, 20), expected);
    }

    #[test]
    fn long_strings_are_shortened_in_their_place() {
        let json = format!(r#"{{"id":1,"data":"{}é\u00e9\ud83d\ude00","end":true}}"#, "x".repeat(200));
        let expected = "{\n  \"id\": 1,\n  \"data\": \"xxxxxxxxx…\" (208 B),\n  \"end\": true\n}";
        assert_eq!(folded(&json, 31, 20), expected);
        assert_eq!(folded(&format!("[\"{}\\u00e9\"]", "x".repeat(59)), 18, 9), "[\n  \"xxxxx…\" (61 B)\n]");
        // What isn't very long is shown whole.
        let words = "forty-six bytes, which would be cut at fourteen";
        assert_eq!(
            folded(&format!(r#"{{"k":"{words}","a":1}}"#), 36, 9).replace('\n', ""),
            format!(r#"{{  "k": "{words}",  "a": 1}}"#)
        );
        assert_eq!(
            folded(r#"{"a long name":"twenty-four bytes long..","b":1}"#, 32, 9),
            "{\n  \"a long name\":\n    \"twenty-four bytes long..\",\n  \"b\": 1\n}"
        );
        let json = r#"{"a long name":1234567890123456789}"#;
        assert_eq!(folded(json, 32, 9), "{\n  \"a long name\":\n    1234567890123456789\n}");
        let number = "7".repeat(100);
        assert_eq!(folded(&format!("[{number}]"), 30, 9), "[\n  777777777777…\" (100 digits)\n]".replace("…\"", "…"));
    }

    #[test]
    fn arrays_are_folded_by_their_structure() {
        let numbers: Vec<String> = (0..1000).map(|number| number.to_string()).collect();
        let json = format!(r#"{{"list":[{}],"after":"it"}}"#, numbers.join(","));
        let expected = "{\n  \"list\": [\n    0, 1, 2, 3, 4, 5, 6, 7, 8,\n    … 991 more\n  ],\n  \"after\": \"it\"\n}";
        assert_eq!(folded(&json, 32, 8), expected);
        let orders = (0..50).map(|n| format!(r#"{{"price":"{n}.50","size":"0.{n}","side":"buy"}}"#));
        let json = format!(r#"{{"book":[{}],"seq":1}}"#, orders.collect::<Vec<_>>().join(","));
        let shown = folded(&json, 70, 20);
        assert!(
            shown.lines().count() <= 20 && shown.contains("    … 42 more\n") && shown.ends_with("\"seq\": 1\n}"),
            "{shown}"
        );
    }

    #[test]
    fn a_deep_or_wide_value_is_folded_too() {
        let members = (0..100).map(|n| format!(r#""member{n}":{{"a":{{"b":{{"c":[1,2,3,"{}"]}}}}}}"#, "x".repeat(50)));
        let json = format!("{{{}}}", members.collect::<Vec<_>>().join(","));
        let shown = folded(&json, 60, 20);
        assert!(shown.lines().count() <= 20 && shown.contains("  … 84 more\n"), "{shown}");
        assert!(shown.contains("\"member0\": {… 1 member},"), "{shown}");
    }

    #[test]
    fn shown_whole_nothing_is_left_out() {
        let json = format!(r#"{{"data":"{}","list":[[1],[2]]}}"#, "x".repeat(200));
        let whole = Fold { first: 40, columns: 40, terminal: 40, lines: 100, shortens: false };
        let (shown, is_whole) = laid_out(&json, whole, false);
        assert!(is_whole);
        let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(read(&shown), read(&json));
    }

    #[test]
    fn what_a_terminal_would_act_on_is_written_as_json_has_it() {
        assert_eq!(folded("[\"\u{9b}2J\u{202e}\u{a0}\"]", 80, 9), "[\"\\u009b2J\\u202e\\u00a0\"]");
    }

    #[test]
    fn names_strings_and_numbers_have_their_own_colours() {
        let fold = Fold { first: 80, columns: 80, terminal: 80, lines: 9, shortens: true };
        for expanded in [false, true] {
            let (lines, _) = lines(r#"{"k":"v","n":-1,"t":true}"#, fold, expanded);
            let styles: Vec<Style> = lines.iter().flat_map(Line::spans).map(|span| span.style).collect();
            for style in [Style::Key, Style::Text, Style::Number, Style::Word] {
                assert!(styles.contains(&style), "{style:?} in {styles:?}");
            }
        }
    }
}
