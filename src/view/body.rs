//! A message for reading: a head that says what it is, and its content folded to a few lines.

use std::borrow::Cow;

use data_encoding::BASE64;

use super::amount::Bytes;
use super::hex::Dump;
use super::json_text;
use super::spans::{INDENT, Line, Style, width};
use crate::ws::{Kind, Message, prefix};

/// How content is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Format {
    /// JSON indented, other text as it is, binary as a dump.
    #[default]
    Auto,
    Text,
    Json,
    Hex,
    Base64,
}

/// Larger messages than this aren't parsed as JSON, in bytes.
const JSON_LIMIT: usize = 4 * 1024 * 1024;

/// How much of a message is shown, and on how wide a terminal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fold {
    pub(crate) columns: usize,
    /// Lines; `usize::MAX` shows everything.
    pub(crate) lines: usize,
}

/// What came of a message.
#[derive(Debug)]
pub(crate) struct Body {
    pub(crate) lines: Vec<Line>,
    /// Whether that is all of it.
    pub(crate) whole: bool,
    /// "text", "text, JSON", "binary".
    pub(crate) what: &'static str,
}

impl Body {
    pub(crate) fn of(message: Message<'_>, format: Format, fold: Fold) -> Self {
        let text = match message.kind {
            Kind::Text => str::from_utf8(message.content).ok().map(Cow::Borrowed),
            Kind::Binary => matches!(format, Format::Text | Format::Json)
                .then(|| String::from_utf8_lossy(clipped(message.content, fold))),
        };
        let what = if message.kind == Kind::Text { "text" } else { "binary" };
        let (lines, whole) = match (format, text) {
            (Format::Base64, _) => base64(message.content, fold),
            (Format::Hex, _) | (_, None) => dump(message.content, fold),
            (Format::Auto | Format::Json, Some(text))
                if text.len() <= JSON_LIMIT && json_text::is_structured(&text) =>
            {
                let (lines, whole) = json_text::indented(&text, fold.lines);
                let body = Self { lines, whole, what: if what == "text" { "text, JSON" } else { "binary, JSON" } };
                return body.cut(fold);
            }
            (_, Some(text)) => plain(&text, fold),
        };
        let whole = whole && clipped(message.content, fold).len() == message.content.len();
        Self { lines, whole, what }.cut(fold)
    }

    fn cut(mut self, fold: Fold) -> Self {
        self.lines = self.lines.into_iter().flat_map(|line| line.cut(fold.columns.saturating_sub(INDENT))).collect();
        if self.lines.len() > fold.lines {
            self.lines.truncate(fold.lines);
            self.whole = false;
        }
        self
    }

    /// The only line, where it leaves `columns` room for something beside it.
    pub(crate) fn one_line(&self, columns: usize, beside: usize) -> Option<&Line> {
        match self.lines.as_slice() {
            [line] if self.whole && INDENT + line.widest() + beside < columns => Some(line),
            _ => None,
        }
    }
}

/// "text, 5 B": what a message is, and its size.
pub(crate) fn described(what: &str, size: usize) -> String {
    format!("{what}, {}", Bytes(size as u64))
}

/// As many bytes as can possibly be shown.
fn clipped(bytes: &[u8], fold: Fold) -> &[u8] {
    // A character takes four bytes at most, and those of no width have to end somewhere too.
    &bytes[..bytes.len().min(fold.lines.saturating_mul(fold.columns).saturating_mul(4))]
}

fn plain(text: &str, fold: Fold) -> (Vec<Line>, bool) {
    let shown = prefix(text, clipped(text.as_bytes(), fold).len());
    (vec![Line::of(Style::Plain, shown)], shown.len() == text.len())
}

fn base64(content: &[u8], fold: Fold) -> (Vec<Line>, bool) {
    (vec![Line::of(Style::Plain, BASE64.encode(clipped(content, fold)))], true)
}

fn dump(content: &[u8], fold: Fold) -> (Vec<Line>, bool) {
    // One row more than fits tells that there is more.
    let lines = fold.lines.saturating_add(1);
    let columns = fold.columns.saturating_sub(INDENT);
    let dump = Dump { bytes: content, start: 0, length: content.len(), lines, columns };
    (dump.rows().map(|row| Line::of(Style::Plain, row)).collect(), true)
}

/// Text, and what stands at the right margin beside it.
pub(crate) fn beside(mut line: Line, note: &str, columns: usize) -> Line {
    let gap = columns.saturating_sub(line.width() + width(note) + 1).max(1);
    line.push(Style::Plain, " ".repeat(gap));
    line.push(Style::Faint, note);
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::spans::Paint;

    fn shown(kind: Kind, content: &[u8], format: Format, lines: usize) -> (Vec<String>, bool) {
        let body = Body::of(Message { kind, content }, format, Fold { columns: 80, lines });
        (body.lines.iter().map(|line| line.painted(Paint::Plain).into_string()).collect(), body.whole)
    }

    #[test]
    fn every_format_shows_every_kind() {
        let whole = |lines: &[&str]| (lines.iter().map(|&line| line.to_owned()).collect::<Vec<_>>(), true);
        assert_eq!(shown(Kind::Text, b"a\r\nb", Format::Auto, 9), whole(&["a\\r\\nb"]));
        assert_eq!(shown(Kind::Text, b"[1]", Format::Auto, 9), whole(&["[", "  1", "]"]));
        assert_eq!(shown(Kind::Text, b"[1]", Format::Text, 9), whole(&["[1]"]));
        assert_eq!(shown(Kind::Binary, b"[1]", Format::Json, 9), whole(&["[", "  1", "]"]));
        assert_eq!(shown(Kind::Text, b"hi", Format::Base64, 9), whole(&["aGk="]));
        let dump = "00000000  68 69                                            |hi|";
        assert_eq!(shown(Kind::Text, b"hi", Format::Hex, 9), whole(&[dump]));
        assert_eq!(shown(Kind::Binary, b"hi", Format::Auto, 9), whole(&[dump]));
    }

    #[test]
    fn a_large_message_is_folded_whatever_its_format() {
        let large = vec![b'x'; 1 << 20];
        for format in [Format::Auto, Format::Text, Format::Json, Format::Hex, Format::Base64] {
            for kind in [Kind::Text, Kind::Binary] {
                let (lines, whole) = shown(kind, &large, format, 3);
                assert_eq!((lines.len(), whole), (3, false), "{kind:?} as {format:?}");
                assert!(lines.iter().all(|line| line.len() <= 78));
            }
        }
    }
}
