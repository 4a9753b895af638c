//! Lines of differently coloured text, cut to the width of a terminal.

use std::fmt;

use unicode_width::UnicodeWidthChar;

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
    /// `text` in the colour of `style`.
    pub(crate) fn paint(self, style: Style, text: impl fmt::Display) -> String {
        match (self, style.code()) {
            (Self::Plain, _) | (_, "") => text.to_string(),
            (Self::Colours, code) => format!("\x1b[{code}m{text}\x1b[0m"),
        }
    }
}

/// Text of one style, without anything that could move the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) style: Style,
    pub(crate) text: String,
}

/// One line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Line(pub(crate) Vec<Span>);

impl Line {
    pub(crate) fn of(style: Style, text: impl Into<String>) -> Self {
        Self(vec![Span { style, text: text.into() }])
    }

    pub(crate) fn push(&mut self, style: Style, text: impl Into<String>) {
        self.0.push(Span { style, text: text.into() });
    }

    /// In columns.
    pub(crate) fn width(&self) -> usize {
        self.0.iter().map(|span| width(&span.text)).sum()
    }

    pub(crate) fn painted(&self, paint: Paint) -> String {
        self.0.iter().map(|span| paint.paint(span.style, &span.text)).collect()
    }

    /// Cut into lines of at most `columns`. Nothing of a peer's text may reach the terminal's own
    /// line break: what comes after it would begin where only our own lines begin.
    pub(crate) fn cut(self, columns: usize) -> Vec<Self> {
        let columns = columns.max(2);
        let mut lines = vec![Self::default()];
        let mut used = 0;
        for Span { style, text } in self.0 {
            let mut piece = String::new();
            for c in text.chars() {
                let width = c.width().unwrap_or(0);
                if used + width > columns {
                    push_piece(&mut lines, style, &mut piece);
                    lines.push(Self::default());
                    used = 0;
                }
                piece.push(c);
                used += width;
            }
            push_piece(&mut lines, style, &mut piece);
        }
        lines
    }
}

/// Words in lines of at most `columns`; a word that is longer is cut.
pub(crate) fn wrap(words: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(2);
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in words.split_inclusive(' ') {
        if used > 0 && used + width(word.trim_end()) > columns {
            lines.push(String::new());
            used = 0;
        }
        for c in word.chars() {
            let width = c.width().unwrap_or(0);
            if used + width > columns {
                lines.push(String::new());
                used = 0;
                if c == ' ' {
                    continue;
                }
            }
            if let Some(line) = lines.last_mut() {
                line.push(c);
            }
            used += width;
        }
    }
    lines
}

fn push_piece(lines: &mut [Line], style: Style, piece: &mut String) {
    if let Some(line) = lines.last_mut().filter(|_| !piece.is_empty()) {
        line.push(style, std::mem::take(piece));
    }
}

/// In columns.
pub(crate) fn width(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_whole_where_they_fit() {
        assert_eq!(wrap("ab cd ef", 5), ["ab cd", "ef"]);
        assert_eq!(wrap("ab cdefghij k", 4), ["ab ", "cdef", "ghij", "k"]);
        assert_eq!(wrap("", 4), [""]);
    }

    #[test]
    fn lines_are_cut_at_the_width_and_keep_their_colours() {
        let mut line = Line::of(Style::Key, "abcd");
        line.push(Style::Text, "日本x");
        let cut: Vec<String> = line.cut(5).iter().map(|line| line.painted(Paint::Plain)).collect();
        assert_eq!(cut, ["abcd", "日本x"]);
        let painted: Vec<String> =
            Line::of(Style::Number, "1234").cut(3).iter().map(|line| line.painted(Paint::Colours)).collect();
        assert_eq!(painted, ["\x1b[35m123\x1b[0m", "\x1b[35m4\x1b[0m"]);
    }
}
