//! Lines of differently coloured text, cut to the width of a terminal.

use std::fmt;

use super::width::{widest_width, written_width};
use crate::peer_text::{Notation, Piece, pieces};

/// What a piece of text is; its colour follows from that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    Plain,
    /// What is beside the point.
    Faint,
    Received,
    Sent,
    /// Said by the program itself.
    Note,
    Fault,
    Key,
    Text,
    Number,
    /// true, false, null.
    Word,
    /// A character of somebody else's that isn't shown as itself.
    Escape,
    /// What was looked for.
    Match,
}

impl Style {
    /// Of the sixteen colours that a terminal's theme keeps readable on its background, those that are so on white and on black.
    fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Faint => "2",
            Self::Received => "1;32",
            Self::Sent => "1;34",
            Self::Note => "36",
            Self::Fault => "31",
            Self::Key => "1;34",
            Self::Text => "32",
            Self::Number => "35",
            Self::Word => "36",
            // Not yellow, which is hard to see on white.
            Self::Escape => "1;35",
            Self::Match => "1;31",
        }
    }
}

/// Whether colours are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paint {
    Plain,
    Colours,
}

impl Paint {
    /// `text` in the colour of `style`: the only way to a colour, and so escaped here.
    pub(crate) fn paint(self, style: Style, text: impl fmt::Display) -> Painted {
        Line::of(style, text.to_string()).painted(self)
    }

    /// Writes the text of one span, escaped, what isn't shown as itself in the colour of its own.
    fn write(self, span: &Span, out: &mut impl fmt::Write) -> fmt::Result {
        let mut current = "";
        for piece in pieces(&span.text, span.notation) {
            let style = if matches!(piece, Piece::Written(_)) { span.escapes } else { span.style };
            let code = if self == Self::Plain { "" } else { style.code() };
            if code != current {
                Self::change(current, code, out)?;
                current = code;
            }
            out.write_str(piece.text())?;
        }
        Self::change(current, "", out)
    }

    fn change(from: &str, to: &str, out: &mut impl fmt::Write) -> fmt::Result {
        if !from.is_empty() {
            out.write_str("\x1b[0m")?;
        }
        if to.is_empty() { Ok(()) } else { write!(out, "\x1b[{to}m") }
    }
}

/// What a terminal may be sent as it is: text that was escaped, with our colours and line breaks in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Painted(String);

impl Painted {
    /// Pieces, with a line break and `indent` columns between them.
    pub(crate) fn lines(pieces: impl IntoIterator<Item = Self>, indent: usize) -> Self {
        let pieces: Vec<String> = pieces.into_iter().map(|piece| piece.0).collect();
        Self(pieces.join(&format!("\n{}", " ".repeat(indent))))
    }

    /// With the sequence in front that gives the terminal's clipboard this content: OSC 52.
    pub(crate) fn copying(self, content: &[u8]) -> Self {
        Self(format!("\x1b]52;c;{}\x07{}", data_encoding::BASE64.encode(content), self.0))
    }

    /// Rows that it takes on a terminal of so many columns, which breaks what is longer.
    pub(crate) fn rows(&self, columns: usize) -> usize {
        let width = |line: &str| {
            let coloured =
                line.split("\x1b[").skip(1).map(|rest| 2 + rest.find('m').map_or(0, |end| end + 1)).sum::<usize>();
            widest_width(line).saturating_sub(coloured)
        };
        self.0.split('\n').map(|line| width(line).div_ceil(columns.max(1)).max(1)).sum()
    }

    pub(crate) fn into_string(self) -> String {
        self.0
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Painted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Text of one style, as it came: what isn't shown as itself takes many times the memory when it is written, and so is written
/// only on its way out. Its width is that of what is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span {
    pub(super) style: Style,
    /// The style of what isn't shown as itself.
    escapes: Style,
    notation: Notation,
    pub(super) text: String,
}

impl Span {
    pub(super) fn new(style: Style, text: impl Into<String>) -> Self {
        Self { style, escapes: style, notation: Notation::Text, text: text.into() }
    }

    /// In columns, on the terminal that takes most.
    pub(super) fn width(&self) -> usize {
        written_width(&self.text, self.notation)
    }

    /// What is written, each with its style.
    pub(super) fn pieces(&self) -> impl Iterator<Item = (Style, Piece<'_>)> {
        pieces(&self.text, self.notation).map(|piece| match piece {
            Piece::AsItIs(_) => (self.style, piece),
            Piece::Written(_) => (self.escapes, piece),
        })
    }

    fn goes_on_as(&self, other: &Self) -> bool {
        (self.style, self.escapes, self.notation) == (other.style, other.escapes, other.notation)
    }
}

/// One line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Line(Vec<Span>);

impl Line {
    pub(crate) fn of(style: Style, text: impl Into<String>) -> Self {
        Self(vec![Span::new(style, text)])
    }

    pub(crate) fn push(&mut self, style: Style, text: impl Into<String>) {
        self.push_span(Span::new(style, text));
    }

    pub(super) fn push_char(&mut self, style: Style, c: char) {
        match self.0.last_mut() {
            Some(last) if last.style == style && last.notation == Notation::Text && last.escapes == style => {
                last.text.push(c);
            }
            _ => self.0.push(Span::new(style, c)),
        }
    }

    /// Adds text that somebody else has chosen: what of it isn't shown as itself stands out.
    pub(crate) fn push_content(&mut self, style: Style, text: &str, notation: Notation) {
        self.push_span(Span { style, escapes: Style::Escape, notation, text: text.to_owned() });
    }

    pub(crate) fn append(&mut self, other: Self) {
        other.0.into_iter().for_each(|span| self.push_span(span));
    }

    pub(super) fn push_span(&mut self, span: Span) {
        match self.0.last_mut() {
            _ if span.text.is_empty() => {}
            Some(last) if last.goes_on_as(&span) => last.text.push_str(&span.text),
            _ => self.0.push(span),
        }
    }

    /// Its spans, of which no two that follow each other are of one kind.
    pub(super) fn spans(&self) -> &[Span] {
        &self.0
    }

    /// In columns, on the terminal that takes most.
    pub(crate) fn width(&self) -> usize {
        self.0.iter().map(Span::width).sum()
    }

    pub(crate) fn painted(&self, paint: Paint) -> Painted {
        Painted(self.coloured(paint).to_string())
    }

    /// The same, for whoever writes it out at once.
    pub(crate) fn coloured(&self, paint: Paint) -> ColouredLine<'_> {
        ColouredLine { line: self, paint }
    }
}

/// A line on its way out, escaped piece by piece.
pub(crate) struct ColouredLine<'a> {
    line: &'a Line,
    paint: Paint,
}

impl fmt::Display for ColouredLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.line.0.iter().try_for_each(|span| self.paint.write(span, f))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_colour_is_lost_on_a_light_terminal() {
        let styles = [
            Style::Faint,
            Style::Received,
            Style::Sent,
            Style::Note,
            Style::Fault,
            Style::Key,
            Style::Text,
            Style::Number,
            Style::Word,
            Style::Escape,
            Style::Match,
        ];
        // Yellow, white, and the bright ones.
        let is_pale = |code: &str| matches!(code, "33" | "37") || (code.len() == 2 && code.starts_with('9'));
        assert!(styles.iter().all(|style| !style.code().split(';').any(is_pale)));
    }

    #[test]
    fn whatever_is_painted_is_escaped() {
        assert_eq!(Paint::Plain.paint(Style::Note, "a\u{1b}[2J").to_string(), "a\\x1b[2J");
        let rows = |text: &str| Paint::Colours.paint(Style::Note, text).rows(4);
        assert_eq!((rows(""), rows("abcd"), rows("abcde")), (1, 1, 2));
        assert_eq!(Line::of(Style::Text, "\r\n").painted(Paint::Plain).to_string(), "\\r\\n");
    }
}
