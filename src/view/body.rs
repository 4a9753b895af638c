//! The content of a message in lines, folded where it is long.

use std::borrow::Cow;

use data_encoding::BASE64;

use super::fold::Fold;
use super::hex::Dump;
use super::spans::{Line, Style};
use super::{json_lines, json_text};
use crate::peer_text::Notation;
use crate::ws::{Kind, Message, prefix};

/// How content is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Format {
    /// JSON as it fits, other text as it is, binary as a dump.
    #[default]
    Auto,
    Text,
    /// JSON with every value on a line of its own.
    Json,
    Hex,
    Base64,
}

/// Larger messages than this aren't parsed as JSON when they come, in bytes: only where somebody asks for them.
const JSON_LIMIT: usize = 4 * 1024 * 1024;

/// Rows that have to be saved by it before a value is shortened in its place: a sentence is there to be read.
const WORTH_SHORTENING: usize = 4;

/// One line of content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// The content has a line break in front of it.
    pub(crate) begins: bool,
    pub(crate) line: Line,
}

impl From<Line> for Row {
    fn from(line: Line) -> Self {
        Self { begins: false, line }
    }
}

/// What came of a message.
#[derive(Debug)]
pub(crate) struct Body {
    pub(crate) rows: Vec<Row>,
    /// Whether that is all of it.
    pub(crate) whole: bool,
}

impl Body {
    /// Whether a message is shown as a dump: as bytes, not as text.
    pub(crate) fn is_dump(kind: Kind, format: Format) -> bool {
        format == Format::Hex || (kind == Kind::Binary && format == Format::Auto)
    }

    pub(crate) fn of(message: Message<'_>, format: Format, fold: Fold) -> Self {
        let text = match message.kind {
            Kind::Text => str::from_utf8(message.content).ok().map(Cow::Borrowed),
            Kind::Binary => matches!(format, Format::Text | Format::Json)
                .then(|| String::from_utf8_lossy(clipped(message.content, fold))),
        };
        let (rows, whole) = match (format, text) {
            (Format::Base64, _) => base64(message.content, fold),
            (Format::Hex, _) | (_, None) => dump(message.content, fold),
            (Format::Auto | Format::Json, Some(text))
                if (text.len() <= JSON_LIMIT || !fold.shortens) && json_text::is_structured(&text) =>
            {
                return Self::shortly(&text, format == Format::Json, fold);
            }
            (_, Some(text)) => plain(&text, fold),
        };
        let whole = whole && clipped(message.content, fold).len() == message.content.len();
        Self { rows, whole }.cut(fold)
    }

    /// JSON with what is too long shortened, unless that saves next to nothing.
    fn shortly(json: &str, expanded: bool, fold: Fold) -> Self {
        let body = Self::of_json(json, expanded, fold);
        let lines = fold.lines.min(body.rows.len().saturating_add(WORTH_SHORTENING));
        if !fold.shortens || body.whole || json.len() > lines.saturating_mul(fold.columns) {
            return body;
        }
        let all = Self::of_json(json, expanded, Fold { lines, shortens: false, ..fold });
        if all.whole { all } else { body }
    }

    fn of_json(json: &str, expanded: bool, fold: Fold) -> Self {
        let (lines, whole) = json_lines::lines(json, fold, expanded);
        let indent = fold.terminal.saturating_sub(fold.columns);
        let before = fold.terminal.saturating_sub(fold.first);
        let lines = lines.into_iter().enumerate().flat_map(|(number, line)| {
            line.json_rows(if number == 0 { before } else { indent }, indent, fold.terminal)
        });
        Self { rows: lines.map(Row::from).collect(), whole }.cut(fold)
    }

    /// As many rows as there is room for; a line that is left to the terminal takes several.
    fn cut(mut self, fold: Fold) -> Self {
        let mut left = fold.lines;
        for at in 0..self.rows.len() {
            let taken = self.rows[at].line.width().div_ceil(fold.columns.max(1)).max(1);
            if taken <= left {
                left -= taken;
                continue;
            }
            let line = std::mem::take(&mut self.rows[at].line);
            self.rows.truncate(at);
            if left > 0 {
                let beginning = line.cut(left.saturating_mul(fold.columns)).into_iter().next();
                self.rows.extend(beginning.map(Row::from));
            }
            self.whole = false;
            break;
        }
        self
    }
}

/// As many bytes as can possibly be shown.
fn clipped(bytes: &[u8], fold: Fold) -> &[u8] {
    // A character takes four bytes at most, and those of no width have to end somewhere too.
    &bytes[..bytes.len().min(fold.lines.saturating_mul(fold.columns.saturating_add(1)).saturating_mul(4))]
}

/// Line by line, each folded at blanks.
fn plain(text: &str, fold: Fold) -> (Vec<Row>, bool) {
    let shown = prefix(text, clipped(text.as_bytes(), fold).len());
    let mut rows = Vec::new();
    for (number, line) in shown.split('\n').enumerate() {
        if rows.len() > fold.lines {
            break;
        }
        let first = if number == 0 { fold.first } else { fold.columns };
        let mut content = Line::default();
        content.push_content(Style::Plain, line, Notation::Text);
        let folded = match content.width() <= first {
            true => vec![content],
            // A blank at the end of a line has the last column.
            false => content.folded(first.saturating_sub(1), fold.columns.saturating_sub(1)),
        };
        let begins = |at: usize| at == 0 && number > 0;
        rows.extend(folded.into_iter().enumerate().map(|(at, line)| Row { begins: begins(at), line }));
    }
    (rows, shown.len() == text.len())
}

fn base64(content: &[u8], fold: Fold) -> (Vec<Row>, bool) {
    let encoded = Line::of(Style::Plain, BASE64.encode(clipped(content, fold)));
    (encoded.folded(fold.first, fold.columns).into_iter().map(Row::from).collect(), true)
}

fn dump(content: &[u8], fold: Fold) -> (Vec<Row>, bool) {
    // One row more than fits tells that there is more.
    let (lines, columns) = (fold.lines.saturating_add(1), fold.columns);
    let dump = Dump { bytes: content, start: 0, length: content.len(), lines, columns };
    let rows = dump.rows().flat_map(|row| Line::of(Style::Plain, row).cut(columns));
    (rows.map(Row::from).collect(), true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::spans::Paint;

    fn shown(kind: Kind, content: &[u8], format: Format, lines: usize) -> (Vec<String>, bool) {
        let fold = Fold { first: 78, columns: 78, terminal: 78, lines, shortens: true };
        let body = Body::of(Message { kind, content }, format, fold);
        let text = |row: &Row| format!("{}{}", if row.begins { "|" } else { "" }, row.line.painted(Paint::Plain));
        (body.rows.iter().map(text).collect(), body.whole)
    }

    #[test]
    fn every_format_shows_every_kind() {
        let whole = |lines: &[&str]| (lines.iter().map(|&line| line.to_owned()).collect::<Vec<_>>(), true);
        assert_eq!(shown(Kind::Text, b"a\r\nb\\n\n", Format::Auto, 9), whole(&["a\\r", "|b\\n", "|"]));
        assert_eq!(shown(Kind::Text, b"[1]", Format::Auto, 9), whole(&["[1]"]));
        assert_eq!(shown(Kind::Text, b"[1]", Format::Json, 9), whole(&["[", "  1", "]"]));
        assert_eq!(shown(Kind::Text, b"[1]", Format::Text, 9), whole(&["[1]"]));
        assert_eq!(shown(Kind::Binary, b"[1]", Format::Json, 9), whole(&["[", "  1", "]"]));
        assert_eq!(shown(Kind::Text, b"hi", Format::Base64, 9), whole(&["aGk="]));
        let dump = "00000000  68 69                                            |hi|";
        assert_eq!(shown(Kind::Text, b"hi", Format::Hex, 9), whole(&[dump]));
        assert_eq!(shown(Kind::Binary, b"hi", Format::Auto, 9), whole(&[dump]));
    }

    #[test]
    fn large_json_is_laid_out_where_somebody_asks_for_it() {
        let large = format!("[\n\"{}\"]", "x".repeat(JSON_LIMIT));
        let message = Message { kind: Kind::Text, content: large.as_bytes() };
        let first = |shortens| {
            let fold = Fold { first: 78, columns: 78, terminal: 78, lines: 3, shortens };
            Body::of(message, Format::Auto, fold).rows[1].line.painted(Paint::Plain).to_string()
        };
        assert!(first(true).starts_with("\"x"), "{}", first(true));
        assert!(first(false).starts_with("  \"x"), "{}", first(false));
    }

    #[test]
    fn a_large_message_is_folded_whatever_its_format() {
        let large = vec![b'x'; 1 << 20];
        for format in [Format::Auto, Format::Text, Format::Json, Format::Hex, Format::Base64] {
            for kind in [Kind::Text, Kind::Binary] {
                let (lines, whole) = shown(kind, &large, format, 3);
                // A line of several rows is left to the terminal.
                let rows = lines.iter().map(|line| line.len().div_ceil(78)).sum::<usize>();
                assert_eq!((rows, whole), (3, false), "{kind:?} as {format:?}");
            }
        }
    }
}
