//! What peers have chosen, as it is shown: nothing in it moves a cursor, changes the terminal or begins a line of its own.

use serde::de::IgnoredAny;
use unicode_width::UnicodeWidthChar;

use crate::advice::Dialect;
use crate::http::{BodyReader, Response, ResponseWithBody, Secrets};
use crate::peer_text::{Escaped, PeerText};
use crate::view::body::Format;
use crate::view::control_payload::control_words;
use crate::view::conversation::{self, LineHead, Look};
use crate::view::json_rows::{may_be_marked, may_be_ours};
use crate::view::spans::Paint;
use crate::view::wrap::{Folding, INDENT, indented, terminal_rows};
use crate::view::{head, json_text, refusal};
use crate::ws::{Direction, Kind, Message};

/// What terminals act on, written down here once more: what [`crate::peer_text`] overlooks is to be found too. C0 and DEL,
/// C1, the marks and controls of bidirectional text, and separators of lines.
const UNSAFE: [(char, char); 7] = [
    ('\0', '\u{1f}'),
    ('\u{7f}', '\u{9f}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{200e}', '\u{200f}'),
    ('\u{2028}', '\u{2029}'),
    ('\u{202a}', '\u{202e}'),
    ('\u{2066}', '\u{2069}'),
];

pub(super) fn check(line: &str) {
    let is_unsafe = |c: char| UNSAFE.iter().any(|(from, to)| (*from..=*to).contains(&c));
    assert!(!line.contains(is_unsafe), "{line:?}");
}

/// A line of ours on a terminal of so many columns: whatever goes on in another is indented, and what the terminal breaks looks
/// like none.
fn check_folded(lines: &str, columns: usize) {
    for (number, line) in lines.split('\n').enumerate() {
        check(line);
        check_width(line, columns, may_be_ours);
        assert!(number == 0 || line.starts_with(&" ".repeat(INDENT)), "{line:?}");
    }
}

/// No row that the terminal begins looks like a line of ours, whether it goes by Unicode's widths, or gives each character a
/// column at least.
fn check_width(line: &str, columns: usize, may_be_ours: fn(&str) -> bool) {
    let width: usize = line.chars().filter_map(|c| c.width()).sum();
    let fits = width <= columns && line.chars().count() <= columns;
    let mut begun = terminal_rows(line, columns).into_iter().skip(1);
    assert!(fits || !begun.any(|row| may_be_ours(&row)), "{line:?} in {columns} columns");
}

/// Text in every form that is shown, on a terminal of so many columns.
pub fn text(columns: u8, text: &str) {
    let columns = usize::from(columns.max(20));
    check(&Escaped(text).to_string());
    check(&PeerText::new(text).to_string());
    check(&format!("{:?}", PeerText::new(text)));
    check(&control_words("ping", text.as_bytes(), None));
    head::lines('<', text.as_bytes(), text.as_bytes(), Secrets::Masked).iter().for_each(|line| check(line));
    check_folded(&indented(text, columns), columns);
    let (mut folding, mut folded) = (Folding::behind("[1] ", columns), "[1] ".to_owned());
    text.split_inclusive(' ').for_each(|piece| folding.push(&Escaped(piece).to_string(), &mut folded));
    check_folded(&folded, columns);
    if serde_json::from_str::<IgnoredAny>(text).is_ok() {
        let escaped = json_text::escaped(text);
        escaped.split('\n').for_each(check);
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
        assert_eq!(value(&escaped), value(text));
        assert_eq!(value(&json_text::compact(text)), value(text));
    }
}

/// A message in every format of the prompt, no wider and longer than there is room; and bytes as the answer of a server that
/// refuses.
pub fn body(format: u8, is_text: bool, columns: u8, lines: u8, content: &[u8]) {
    const FORMATS: [Format; 5] = [Format::Auto, Format::Text, Format::Json, Format::Hex, Format::Base64];
    let format = FORMATS[usize::from(format) % FORMATS.len()];
    let kind = if is_text && str::from_utf8(content).is_ok() { Kind::Text } else { Kind::Binary };
    // On fewer columns the head and one escaped character can't stand beside each other, and neither is taken apart.
    let (columns, lines) = (usize::from(columns.max(40)), usize::from(lines.max(1)));
    let head = LineHead {
        client: None,
        time: None,
        number: Some(1),
        size: content.len(),
        latency: None,
        unsent: false,
        direction: Direction::Received,
    };
    let look = Look { format, columns, lines, shortens: columns.is_multiple_of(2) };
    let (shown, _) = conversation::message(&head, Message { kind, content }, None, look);
    // The head and the label may be alone on their lines.
    assert!(shown.iter().map(|line| line.width().div_ceil(columns).max(1)).sum::<usize>() <= lines + 3);
    for line in shown {
        let line = line.painted(Paint::Plain).into_string();
        check(&line);
        check_width(&line, columns, may_be_marked);
    }
    if let Ok(Some(response)) = Response::parse(content) {
        let mut body = BodyReader::new(&response, 4096);
        let _ = body.push(&content[response.raw.len()..]);
        let answer = ResponseWithBody { content: body.finish(), response, request: Vec::new() };
        refusal::each_line(&answer, true, Dialect::CommandLine, &mut check);
    }
}
