//! What comes and goes over a connection, in lines for a terminal:
//!
//! ```text
//!   1     11 B < {"ok":true}
//!   2     13 B < first line
//!              | second
//!   3    212 B < {
//!                  "channel": "trades",
//! ```
//!
//! A left column has the time where it is wanted, whose it is where there are several, the number, the size, and of a reply
//! how long it took; then `<` or `>` tells which way it went; then comes
//! what it is, which can be selected without the rest. A line that goes on keeps the column empty, or where that would cost
//! it too much room, two columns of it: nothing that somebody else has chosen stands where the lines of ours begin. `|` marks a
//! line that has a line break in front of it.

use std::ops::Range;
use std::time::Duration;

use super::amount::{Bytes, Latency, ShortSize};
use super::body::{Body, Format, Row};
use super::changes::Change;
use super::fold::Fold;
use super::hex::short_row;
use super::json_order;
use super::json_text::{self, style_of};
use super::spans::{Line, Paint, Style};
use super::wrap::INDENT;
use crate::peer_text::Notation;
use crate::ws::{Direction, Kind, Message, prefix};

/// Columns of the number and of the size.
const NUMBER: usize = 3;
const SIZE: usize = 8;

/// On a terminal of fewer columns the left column is no wider than what is in it.
const NARROW: usize = 60;

/// Columns that what goes on has beside the empty left column, or else below it.
const BESIDE: usize = 45;

/// Columns behind the head that are worth to begin in.
const SHORTEST: usize = 8;

/// Bytes of a dump that stand beside the head, at most.
const SHORT_DUMP: usize = 16;

/// What stands in front of something that came or went.
#[derive(Debug, Clone)]
pub(crate) struct LineHead {
    pub(crate) time: Option<String>,
    /// Whose it is, where there are several.
    pub(crate) client: Option<u64>,
    /// Of a message.
    pub(crate) number: Option<u64>,
    /// In bytes.
    pub(crate) size: usize,
    /// Of a reply, how long its request has waited for it.
    pub(crate) latency: Option<Duration>,
    /// It never went, or not all of it.
    pub(crate) unsent: bool,
    pub(crate) direction: Direction,
}

/// How a message is to look.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    pub(crate) format: Format,
    /// Of the terminal.
    pub(crate) columns: usize,
    /// Lines of content, at most.
    pub(crate) lines: usize,
    /// What is too long is shortened where it stands.
    pub(crate) shortens: bool,
}

/// Where the parts of an entry stand.
struct Place {
    head: Line,
    /// What the entry is, where that has no room behind the head.
    label: Vec<Row>,
    /// Nothing has room behind the head.
    begins_below: bool,
    /// Columns before the mark of a line that goes on.
    hang: usize,
    /// Columns for what the entry is: behind the head, and below it.
    first: usize,
    columns: usize,
}

/// Columns of a mark and the blank behind it.
const MARK: usize = 2;

impl LineHead {
    fn place(&self, columns: usize) -> Place {
        let left = self.left_column(columns >= NARROW);
        let mut head = Line::of(Style::Faint, left);
        let width = head.width();
        match self.direction {
            Direction::Sent => head.push(Style::Sent, "> "),
            Direction::Received => head.push(Style::Received, "< "),
        }
        let room = |hang: usize| columns.saturating_sub(hang + MARK).max(MARK);
        let hang = if room(width) >= BESIDE { width } else { INDENT };
        let begins_below = room(width) < SHORTEST;
        let first = if begins_below { room(hang) } else { room(width) };
        Place { head, label: Vec::new(), begins_below, hang, first, columns: room(hang) }
    }

    fn left_column(&self, padded: bool) -> String {
        let number = self.number.map(|number| number.to_string()).unwrap_or_default();
        let size = ShortSize(self.size as u64).to_string();
        let took = match self.latency {
            Some(took) => format!("{} ", Latency(took)),
            None if self.unsent => "not sent ".to_owned(),
            None => String::new(),
        };
        let time = self.time.iter().map(|time| format!("{time} "));
        let before: String = time.chain(self.client.map(|client| format!("[{client}] "))).collect();
        match padded {
            true => format!("{before}{number:>NUMBER$} {size:>SIZE$} {took}"),
            false if number.is_empty() => format!("{before}{size} {took}"),
            false => format!("{before}{number} {size} {took}"),
        }
    }
}

/// A message; and whether that is all of it. `inside` is what it holds where that is compressed, and how.
pub(crate) fn message(
    head: &LineHead,
    message: Message<'_>,
    inside: Option<(&str, &[u8])>,
    look: Look,
) -> (Vec<Line>, bool) {
    let mut place = head.place(look.columns);
    let (label, content) = label(message, inside, look.format);
    if !label.is_empty() {
        place.push_label(&label);
    }
    if Body::is_dump(content.kind, look.format) {
        return dump(place, content, look);
    }
    let (columns, terminal) = (place.columns, look.columns);
    let fold = |first: usize| Fold { first, columns, terminal, lines: look.lines, shortens: look.shortens };
    let beside = Body::of(content, look.format, fold(place.first));
    let below = (place.first < place.columns && beside.rows.len() > 1)
        .then(|| Body::of(content, look.format, fold(place.columns)))
        .filter(|below| below.rows.len() == 1);
    match below {
        Some(Body { rows, whole, .. }) => (place.below(rows), whole),
        None => (place.beside(beside.rows), beside.whole),
    }
}

/// Characters before what was looked for that are shown with it.
const BEFORE: usize = 16;

/// A message on one line, cut off where it is too long. What was looked for in it is to be seen.
pub(crate) fn summary(
    head: &LineHead,
    message: Message<'_>,
    inside: Option<(&str, &[u8])>,
    found: Option<Range<usize>>,
    columns: usize,
) -> Line {
    let mut place = head.place(columns);
    let (label, content) = label(message, inside, Format::Auto);
    if !label.is_empty() && !place.begins_below {
        place.push_label(&label);
    }
    let room = if place.begins_below { 0 } else { place.first };
    place.head.append(one_row(content, found, room, columns));
    place.head
}

/// The beginning of a message's content, on a row of so many columns.
pub(crate) fn content_row(message: Message<'_>, inside: Option<(&str, &[u8])>, columns: usize) -> Line {
    let (_, content) = label(message, inside, Format::Auto);
    one_row(content, None, columns, columns)
}

/// The same on what is left of a row of so many columns, or what was looked for in it.
fn one_row(content: Message<'_>, found: Option<Range<usize>>, room: usize, columns: usize) -> Line {
    let text = String::from_utf8_lossy(content.content);
    let line = match (content.kind, found) {
        (Kind::Binary, None) => {
            Line::of(Style::Plain, short_row(&content.content[..content.content.len().min(SHORT_DUMP)]))
        }
        // What is no text had no place in a text either.
        (_, Some(found)) if text.len() == content.content.len() => excerpt(&text, found, 4 * columns),
        _ if text.len() <= COMPACTED && json_text::is_structured(&text) => {
            beginning(&json_text::compact(&text), 4 * columns, Notation::Json)
        }
        _ => beginning(&text, 4 * columns, Notation::Text),
    };
    let whole = line.width() <= room;
    let mut pieces = line.cut(room.saturating_sub(1).max(1)).into_iter();
    let mut row = pieces.next().unwrap_or_default();
    if whole {
        pieces.for_each(|piece| row.append(piece));
    } else if room > 0 {
        row.push(Style::Faint, "…");
    }
    row
}

/// Longer JSON than this isn't made compact for its first line, in bytes.
pub(crate) const COMPACTED: usize = 64 * 1024;

fn beginning(text: &str, bytes: usize, notation: Notation) -> Line {
    let mut line = Line::default();
    line.push_content(Style::Plain, prefix(text, bytes), notation);
    line
}

fn excerpt(text: &str, found: Range<usize>, bytes: usize) -> Line {
    let boundary = |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    let (start, end) = (boundary(found.start), boundary(found.end.min(found.start + bytes)).max(boundary(found.start)));
    let from = text[..start].char_indices().rev().take(BEFORE).last().map_or(start, |(at, _)| at);
    let mut line = Line::of(Style::Faint, if from > 0 { "…" } else { "" });
    line.push_content(Style::Plain, &text[from..start], Notation::Text);
    line.push_content(Style::Match, &text[start..end], Notation::Text);
    line.push_content(Style::Plain, prefix(&text[end..], bytes), Notation::Text);
    line
}

/// A message in lines that can be compared with another's: JSON with every value on a line of its own.
pub(crate) fn plain_lines(message: Message<'_>, inside: Option<(&str, &[u8])>) -> Vec<String> {
    let (_, content) = label(message, inside, Format::Json);
    let ordered =
        str::from_utf8(content.content).ok().filter(|_| content.kind == Kind::Text).and_then(json_order::by_name);
    let content = ordered.as_ref().map_or(content, |ordered| Message { content: ordered.as_bytes(), ..content });
    let format = if content.kind == Kind::Text { Format::Json } else { Format::Hex };
    let columns = if format == Format::Hex { DUMPED } else { COMPARED };
    let fold = Fold { first: columns, columns, terminal: columns, lines: COMPARED, shortens: false };
    let rows = Body::of(content, format, fold).rows;
    rows.iter().map(|row| row.line.painted(Paint::Plain).into_string()).collect()
}

/// Lines and columns that are compared.
const COMPARED: usize = 10_000;

/// Columns of a dump that is compared: with a mark before each, its rows fit a terminal of 80, and of far fewer.
const DUMPED: usize = 72;

/// Something that is told in words: a Ping, a Pong, that a message went out.
pub(crate) fn words(head: &LineHead, style: Style, words: &str, columns: usize) -> Vec<Line> {
    let place = head.place(columns);
    let lines = Line::of(style, words).folded(place.first.saturating_sub(1), place.columns.saturating_sub(1));
    place.beside(lines.into_iter().map(Row::from).collect())
}

/// What has changed in a message, a line each: the first begins with the value that tells which one it is, where there is one.
pub(crate) fn changes<'a>(
    head: &LineHead,
    of: Option<&str>,
    changes: impl Iterator<Item = &'a Change>,
    columns: usize,
) -> Vec<Line> {
    let place = head.place(columns);
    let lines = changes.enumerate().flat_map(|(number, change)| {
        let first = if number == 0 { place.first } else { place.columns };
        let mut line = Line::default();
        if let Some(of) = of.filter(|_| number == 0) {
            push_cut(&mut line, of);
            line.push(Style::Plain, " ");
        }
        line.append(change_line(change));
        line.folded(first.saturating_sub(1), place.columns.saturating_sub(1))
    });
    let rows = lines.map(Row::from).collect();
    place.beside(rows)
}

/// Bytes of a value that has changed that are shown.
const CHANGED: usize = 200;

fn change_line(Change { pointer, before, after }: &Change) -> Line {
    let mut line = Line::default();
    line.push_content(Style::Key, prefix(pointer.as_str(), CHANGED), Notation::Text);
    match (before, after) {
        (Some(before), Some(after)) => {
            push_value(&mut line, before);
            line.push(Style::Faint, " →");
            push_value(&mut line, after);
        }
        (None, Some(after)) => {
            push_value(&mut line, after);
            line.push(Style::Faint, " is new");
        }
        (_, None) => line.push(Style::Faint, " is gone"),
    }
    line
}

fn push_value(line: &mut Line, value: &str) {
    line.push(Style::Plain, " ");
    push_cut(line, value);
}

fn push_cut(line: &mut Line, value: &str) {
    line.push_content(style_of(value, false), prefix(value, CHANGED), Notation::Json);
    if value.len() > CHANGED {
        line.push(Style::Note, "…");
    }
}

/// That there is more, below the lines of an entry.
pub(crate) fn more(head: &LineHead, hint: &str, columns: usize) -> Line {
    let place = head.place(columns);
    place.row(Line::of(Style::Note, hint).into())
}

/// What a message is, where its content doesn't tell, and the content to be shown.
fn label<'a>(message: Message<'a>, inside: Option<(&str, &'a [u8])>, format: Format) -> (String, Message<'a>) {
    let empty = if message.content.is_empty() { "empty" } else { "" };
    match (message.kind, inside) {
        (Kind::Binary, Some((coding, content))) => {
            let kind = if str::from_utf8(content).is_ok() { Kind::Text } else { Kind::Binary };
            (format!("{coding} of {}", Bytes(content.len() as u64)), Message { kind, content })
        }
        (Kind::Binary, None) if empty.is_empty() => ("binary".to_owned(), message),
        (Kind::Binary, None) => (format!("binary, {empty}"), message),
        (Kind::Text, _) if empty.is_empty() && Body::is_dump(Kind::Text, format) => ("text".to_owned(), message),
        (Kind::Text, _) => (empty.to_owned(), message),
    }
}

fn dump(place: Place, content: Message<'_>, look: Look) -> (Vec<Line>, bool) {
    if content.content.len() <= SHORT_DUMP {
        let row = Line::of(Style::Plain, short_row(content.content));
        if row.width() <= place.first {
            return (place.beside(vec![row.into()]), true);
        }
    }
    let place = Place { hang: 0, columns: look.columns.saturating_sub(MARK), ..place };
    let fold = Fold {
        first: place.columns,
        columns: place.columns,
        terminal: look.columns,
        lines: look.lines,
        shortens: false,
    };
    let body = Body::of(content, look.format, fold);
    (place.below(body.rows), body.whole)
}

impl Place {
    fn push_label(&mut self, label: &str) {
        let label = Line::of(Style::Faint, format!("{label} "));
        let width = label.width();
        if self.begins_below || width + SHORTEST > self.first {
            self.label = label.folded(self.columns - 1, self.columns - 1).into_iter().map(Row::from).collect();
            (self.begins_below, self.first) = (true, self.columns);
        } else {
            self.head.append(label);
            self.first -= width;
        }
    }

    /// The first row stands behind the head.
    fn beside(mut self, rows: Vec<Row>) -> Vec<Line> {
        let mut rows = rows.into_iter();
        if !self.begins_below
            && let Some(first) = rows.next()
        {
            self.head.append(first.line);
        }
        self.below(rows.collect())
    }

    fn below(mut self, rows: Vec<Row>) -> Vec<Line> {
        let head = std::mem::take(&mut self.head);
        let label = std::mem::take(&mut self.label);
        [head].into_iter().chain(label.into_iter().chain(rows).map(|row| self.row(row))).collect()
    }

    /// A row that goes on.
    fn row(&self, row: Row) -> Line {
        let mut line = Line::of(Style::Plain, " ".repeat(self.hang));
        line.push(Style::Faint, if row.begins { "| " } else { "  " });
        line.append(row.line);
        line
    }
}

#[cfg(test)]
mod tests {
    use rand::rngs::StdRng;
    use rand::{RngExt, SeedableRng};

    use super::*;
    use crate::peer_text::Escaped;
    use crate::view::json_pointer::Pointer;
    use crate::view::json_rows::{BLANK, may_be_marked};
    use crate::view::json_text::compact;
    use crate::view::spans::Paint;
    use crate::view::wrap::terminal_rows;

    fn head(number: u64, size: usize) -> LineHead {
        let direction = Direction::Received;
        LineHead { time: None, client: None, number: Some(number), size, latency: None, unsent: false, direction }
    }

    fn text(content: &str) -> Message<'_> {
        Message { kind: Kind::Text, content: content.as_bytes() }
    }

    fn shown(head: &LineHead, content: Message<'_>, format: Format, columns: usize) -> Vec<String> {
        let look = Look { format, columns, lines: 20, shortens: true };
        message(head, content, None, look).0.iter().map(|line| line.painted(Paint::Plain).into_string()).collect()
    }

    fn auto(content: &str, columns: usize) -> Vec<String> {
        shown(&head(1, content.len()), text(content), Format::Auto, columns)
    }

    #[test]
    fn number_and_size_stand_in_a_column_on_the_left() {
        assert_eq!(auto("{\"ok\":true}", 80), ["  1     11 B < {\"ok\":true}"]);
        assert_eq!(auto("{\"ok\":true}", 40), ["1 11 B < {\"ok\":true}"]);
        let sent = LineHead { direction: Direction::Sent, ..head(12345, 123_456_789) };
        assert_eq!(shown(&sent, text("hi"), Format::Auto, 80), ["12345  118 MiB > hi"]);
        let reply = LineHead { latency: Some(Duration::from_micros(12_345)), ..head(7, 2) };
        assert_eq!(shown(&reply, text("hi"), Format::Auto, 80), ["  7      2 B 12.3 ms < hi"]);
        assert_eq!(shown(&reply, text("hi"), Format::Auto, 40), ["7 2 B 12.3 ms < hi"]);
        let timed = LineHead { time: Some("12:34:56.789".into()), ..head(7, 2) };
        assert_eq!(shown(&timed, text("hi"), Format::Auto, 80), ["12:34:56.789   7      2 B < hi"]);
        let of_client = LineHead { client: Some(3), ..head(7, 2) };
        assert_eq!(shown(&of_client, text("hi"), Format::Auto, 80), ["[3]   7      2 B < hi"]);
    }

    #[test]
    fn a_line_break_is_one_and_what_is_typed_is_another() {
        let lines = ["  1     15 B < one\\r", "             | two\\ntwo", "             | ", "             | "];
        assert_eq!(auto("one\r\ntwo\\ntwo\n\n", 80), lines);
        assert_eq!(auto("one two three four\nfive", 24), ["1 23 B < one two three ", "    four", "  | five"]);
    }

    #[test]
    fn what_fits_below_the_head_is_not_taken_apart() {
        let json = r#"{"op":"subscribe","to":"x"}"#;
        assert_eq!(auto(json, 34), vec!["1 27 B < ", "    {\"op\":\"subscribe\",\"to\":\"x\"}"]);
        assert_eq!(auto(json, 24)[..2], ["1 27 B < {", "      \"op\": \"subscribe\","]);
    }

    #[test]
    fn what_has_changed_stands_on_a_line_of_its_own() {
        let json = |text: &str| Some(text.to_owned());
        let to = |text| Pointer::parse(text).unwrap();
        let all = [
            Change { pointer: to("/p"), before: json("1.50"), after: json("\"\u{9b}\"") },
            Change { pointer: to("/a/\u{202e}"), before: None, after: json("[]") },
            Change { pointer: to("/b"), before: json("1"), after: None },
        ];
        let lines = changes(&head(2, 20), Some("\"BTC\""), all.iter(), 80);
        let lines: Vec<String> = lines.iter().map(|line| line.painted(Paint::Plain).into_string()).collect();
        let below = " ".repeat(15);
        assert_eq!(
            lines,
            [
                "  2     20 B < \"BTC\" /p 1.50 → \"\\u009b\"".to_owned(),
                format!("{below}/a/\\u{{202e}} [] is new"),
                format!("{below}/b is gone")
            ]
        );
    }

    #[test]
    fn what_is_binary_says_so() {
        let shown = |content, format| shown(&head(3, 6), Message { kind: Kind::Binary, content }, format, 80);
        assert_eq!(shown(b"\x1b[2J\x00\xff", Format::Auto), ["  3      6 B < binary 1b 5b 32 4a 00 ff  |.[2J..|"]);
        assert_eq!(shown(b"\x1b[2J", Format::Text), ["  3      6 B < binary \\x1b[2J"]);
        let dump = "  00000000  00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  |................|";
        assert_eq!(shown(&[0; 32], Format::Auto)[..2], ["  3      6 B < binary ", dump]);
        assert_eq!(shown(b"", Format::Auto), ["  3      6 B < binary, empty "]);
        assert_eq!(auto("", 80), ["  1      0 B < empty "]);
        let look = Look { format: Format::Auto, columns: 80, lines: 20, shortens: true };
        let packed = Message { kind: Kind::Binary, content: b"\x1f\x8b\x08" };
        let (lines, whole) = message(&head(2, 30), packed, Some(("gzip", b"{\"tick\":1}")), look);
        let lines: Vec<String> = lines.iter().map(|line| line.painted(Paint::Plain).into_string()).collect();
        assert_eq!((lines, whole), (vec!["  2     30 B < gzip of 10 B {\"tick\":1}".to_owned()], true));
    }

    #[test]
    fn a_message_has_one_line_in_a_list() {
        let listed = |content: &str, found| {
            let head = head(1, content.len());
            summary(&head, text(content), None, found, 60).painted(Paint::Plain).into_string()
        };
        assert_eq!(listed("{\n \"a\": 1\n}", None), "  1     11 B < {\"a\":1}");
        assert_eq!(listed("one\ntwo", None), "  1      7 B < one\\ntwo");
        let long = "word ".repeat(40) + "needle" + &" more".repeat(40);
        let shown = listed(&long, None);
        assert!(shown.len() == 62 && shown.ends_with("word…"), "{shown:?}");
        assert_eq!(listed(&long, Some(200..206)), "  1    406 B < … word word word needle more more more more …");
        let binary = Message { kind: Kind::Binary, content: &[7; 40] };
        let shown = summary(&head(2, 40), binary, None, None, 60).painted(Paint::Plain).into_string();
        assert_eq!(shown, "  2     40 B < binary 07 07 07 07 07 07 07 07 07 07 07 07 0…");
    }

    #[test]
    fn words_keep_to_their_column() {
        let ping = LineHead { number: None, ..head(0, 5) };
        let shown = |words: &str, columns| -> Vec<String> {
            let lines = super::words(&ping, Style::Plain, words, columns);
            lines.iter().map(|line| line.painted(Paint::Plain).into_string()).collect()
        };
        assert_eq!(shown("ping \"hello\"", 80), ["         5 B < ping \"hello\""]);
        assert_eq!(shown("ping \"hello\"", 14), ["5 B < ping ", "    \"hello\""]);
    }

    /// A message of any kind that peers send, and some that they don't.
    fn anything(random: &mut StdRng) -> String {
        const PARTS: [&str; 24] = [
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"",
            "\\",
            "\n",
            "\r\n",
            " ",
            "a",
            "word",
            "é",
            "日本",
            "\u{feff}",
            "\u{1b}[2J",
            "\u{202e}",
            "* forged",
            "  9      5 B < forged",
            "\"key\":",
            "12345678901234567890",
            "\t",
            "👩\u{200d}👩",
        ];
        (0..random.random_range(0..200)).map(|_| PARTS[random.random_range(0..PARTS.len())]).collect()
    }

    /// JSON of any shape.
    fn any_json(random: &mut StdRng, depth: usize) -> String {
        let string = |random: &mut StdRng| {
            let word = ["a", "\\u00e9", "😀", "\u{a0}", "\\\"", "long ", "\\n"][random.random_range(0..7)];
            format!("\"{}\"", word.repeat(random.random_range(0..40)))
        };
        let blank = ["", " ", "\n  "][random.random_range(0..3)];
        let count = random.random_range(0..12);
        match random.random_range(0..if depth == 0 { 3 } else { 6 }) {
            0 => string(random),
            1 => ["1.0e+5", "-0", "98765432109876543210987654321", "0.10"][random.random_range(0..4)].to_owned(),
            2 => ["true", "false", "null"][random.random_range(0..3)].to_owned(),
            3 => {
                let elements: Vec<String> = (0..count).map(|_| any_json(random, depth - 1)).collect();
                format!("[{blank}{}]", elements.join(&format!(",{blank}")))
            }
            _ => {
                let member = |random: &mut StdRng| format!("{}:{blank}{}", string(random), any_json(random, depth - 1));
                let members: Vec<String> = (0..count).map(|_| member(random)).collect();
                format!("{{{blank}{}}}", members.join(&format!(",{blank}")))
            }
        }
    }

    /// What the rows show, joined: a row that goes on as it is, one that begins behind a line break.
    fn content(lines: &[String], hang: usize, mark: usize) -> String {
        let mut content = lines[0][mark..].to_owned();
        for line in &lines[1..] {
            assert!(line.starts_with(&" ".repeat(hang)), "{line:?} of {lines:#?}");
            match line[hang..].split_at(MARK) {
                ("| ", rest) => content = content + "\n" + rest,
                ("  ", rest) => content += rest,
                other => panic!("{other:?} of {lines:#?}"),
            }
        }
        content
    }

    #[test]
    fn whatever_comes_keeps_to_its_place_and_loses_nothing() {
        let mut random = StdRng::seed_from_u64(7);
        for _ in 0..250 {
            let content_of = if random.random() { any_json(&mut random, 4) } else { anything(&mut random) };
            let columns = random.random_range(20..130);
            let time = random.random::<bool>().then(|| "12:34:56.789".to_owned());
            let number = random.random_range(1..100_000);
            let head = LineHead { time, ..head(number, content_of.len()) };
            let shortens: bool = random.random();
            let lines = if shortens { 20 } else { usize::MAX };
            let look = Look { format: Format::Auto, columns, lines, shortens };
            let (lines, whole) = message(&head, text(&content_of), None, look);
            let rows = lines.iter().map(|line| line.width().div_ceil(columns).max(1)).sum::<usize>();
            assert!(!shortens || rows <= 22, "{rows} rows of {content_of:?}");
            assert!(shortens || whole);
            let lines: Vec<String> = lines.iter().map(|line| line.painted(Paint::Plain).into_string()).collect();
            let place = head.place(columns);
            let mark = place.head.width();
            assert!(lines[0].starts_with(&place.head.painted(Paint::Plain).into_string()));
            for line in &lines {
                assert_eq!(Escaped(line).to_string(), *line);
                // Where the head itself is wider than the terminal, nothing can be done.
                let begun = if mark + MARK > columns { usize::MAX } else { 1 };
                let rows = terminal_rows(line, columns);
                rows.iter().skip(begun).for_each(|row| assert!(!may_be_marked(row), "{row:?} of {line:?}"));
            }
            let shown = content(&lines, place.hang, mark);
            if content_of.is_empty() || !whole {
                continue;
            }
            match serde_json::from_str::<serde_json::Value>(&content_of) {
                Ok(value) if value.is_object() || value.is_array() => {
                    assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).ok(), Some(value), "{lines:#?}");
                    let escaped = crate::view::json_text::escaped(&content_of);
                    assert_eq!(compact(&shown.replace(BLANK, " ")), compact(&escaped));
                }
                _ => {
                    let expected: Vec<String> =
                        content_of.split('\n').map(|line| crate::peer_text::Escaped(line).to_string()).collect();
                    assert_eq!(shown, expected.join("\n"), "{lines:#?}");
                }
            }
        }
    }
}
