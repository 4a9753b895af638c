//! Lines of differently coloured text, cut to the width of a terminal.

use std::fmt;

use super::width::widest_width;
use crate::peer_text::{Escaped, Notation, Piece, pieces};

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
    /// Of the sixteen colours that a terminal's theme keeps readable on its background.
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
            Self::Escape => "33",
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
        let mut painted = String::new();
        self.push(style, &text.to_string(), &mut painted);
        Painted(painted)
    }

    fn push(self, style: Style, text: &str, painted: &mut String) {
        let code = if self == Self::Plain { "" } else { style.code() };
        if !code.is_empty() {
            painted.extend(["\x1b[", code, "m"]);
        }
        pieces(text, Notation::Text).for_each(|piece| painted.push_str(piece.text()));
        if !code.is_empty() {
            painted.push_str("\x1b[0m");
        }
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

    /// Lines that it takes.
    pub(crate) fn rows(&self) -> usize {
        self.0.matches('\n').count() + 1
    }

    pub(crate) fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for Painted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Text of one style. It is escaped when it is made, before its width counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) style: Style,
    pub(super) text: String,
}

impl Span {
    fn new(style: Style, text: &str) -> Self {
        Self { style, text: Escaped(text).to_string() }
    }

    /// In columns, on the terminal that takes most.
    pub(super) fn width(&self) -> usize {
        widest_width(&self.text)
    }
}

/// One line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Line(pub(crate) Vec<Span>);

impl Line {
    pub(crate) fn of(style: Style, text: impl AsRef<str>) -> Self {
        Self(vec![Span::new(style, text.as_ref())])
    }

    pub(crate) fn push(&mut self, style: Style, text: impl AsRef<str>) {
        self.0.push(Span::new(style, text.as_ref()));
    }

    /// Adds text that somebody else has chosen: what of it isn't shown as itself stands out.
    pub(crate) fn push_content(&mut self, style: Style, text: &str, notation: Notation) {
        for piece in pieces(text, notation) {
            let style = if matches!(piece, Piece::Written(_)) { Style::Escape } else { style };
            self.0.push(Span { style, text: piece.text().to_owned() });
        }
    }

    pub(crate) fn append(&mut self, other: Self) {
        for span in other.0 {
            match self.0.last_mut() {
                Some(last) if last.style == span.style => last.text.push_str(&span.text),
                _ => self.0.push(span),
            }
        }
    }

    /// Text that is escaped.
    pub(super) fn append_text(&mut self, style: Style, text: &str) {
        match self.0.last_mut() {
            Some(last) if last.style == style => last.text.push_str(text),
            _ => self.0.push(Span { style, text: text.to_owned() }),
        }
    }

    /// In columns, on the terminal that takes most.
    pub(crate) fn width(&self) -> usize {
        self.0.iter().map(Span::width).sum()
    }

    pub(crate) fn painted(&self, paint: Paint) -> Painted {
        let mut painted = String::with_capacity(self.0.iter().map(|span| span.text.len()).sum());
        self.0.iter().for_each(|span| paint.push(span.style, &span.text, &mut painted));
        Painted(painted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_painted_is_escaped() {
        assert_eq!(Paint::Plain.paint(Style::Note, "a\u{1b}[2J").to_string(), "a\\x1b[2J");
        assert_eq!(Line::of(Style::Text, "\r\n").painted(Paint::Plain).to_string(), "\\r\\n");
    }
}
