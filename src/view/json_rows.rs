//! JSON that is longer than a row of the terminal.

use super::json_nesting::Nesting;
use super::spans::{Line, Span, Style};
use super::width::{sure_width, widest};
use super::wrap::INDENT;

impl Line {
    /// JSON of a message on a terminal of so many columns, behind `before` of them; what goes on on a line of ours stands behind
    /// `indent`. All of our lines there begin with a mark, a number or a time.
    pub(super) fn json_rows(self, before: usize, indent: usize, columns: usize) -> Vec<Self> {
        if before + self.width() <= columns {
            return vec![self];
        }
        let mut row = SoftRow::new(before, indent, columns).among_marked_lines();
        let mut lines = vec![Self::default()];
        for (style, piece) in self.spans().iter().flat_map(Span::pieces) {
            for c in piece.text().chars() {
                let placement = row.place(c);
                if placement == Placement::Below {
                    lines.push(Self::default());
                }
                let Some(line) = lines.last_mut() else { continue };
                match placement {
                    Placement::Written => line.push(Style::Escape, BLANK),
                    Placement::Here | Placement::Below => line.push_char(style, c),
                }
            }
        }
        lines
    }
}

/// Where JSON is on a terminal that breaks its lines, which nobody needs to copy then. Text in a string may have blanks: the
/// first on each row that the terminal begins is written as `\u0020`, which means the same, so that nothing in a string looks like a
/// line of ours; and where a blank between tokens would be the first, the line is broken. Among lines that all begin with a mark it
/// stays a blank behind a plain word, which most text consists of. Behind a character whose width isn't the same everywhere lines
/// are broken before the terminal does it, in strings, too.
#[derive(Debug)]
pub(crate) struct SoftRow {
    /// Of the terminal.
    columns: usize,
    /// Of what goes on behind a break of ours.
    indent: usize,
    at: usize,
    /// The terminal has begun the row, and nothing has come on it that none of our lines begins with.
    is_open: bool,
    /// What has come on such a row.
    beginning: RowBeginning,
    /// All of our lines begin with a mark.
    are_ours_marked: bool,
    /// Columns aren't sure from here on.
    is_unsure: bool,
    nesting: Nesting,
}

/// How a row begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum RowBeginning {
    /// Nothing is there yet.
    #[default]
    Empty,
    Blank,
    PlainWord,
    Other,
}

impl RowBeginning {
    fn followed_by(self, c: char) -> Self {
        match self {
            Self::Empty if c == ' ' => Self::Blank,
            Self::Empty | Self::Blank if c.is_alphabetic() => Self::PlainWord,
            // The end of a word.
            Self::Empty if BEHIND_LETTERS.contains(c) && !OURS.contains(c) => Self::PlainWord,
            Self::PlainWord if c.is_alphabetic() || BEHIND_LETTERS.contains(c) => Self::PlainWord,
            _ => Self::Other,
        }
    }
}

/// What else is in plain words, behind a letter.
const BEHIND_LETTERS: &str = ",.;'’-!?)";

/// With which of these lines of ours begin.
const OURS: &str = "-!";

/// How a character of JSON is placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Placement {
    Here,
    /// On a new line.
    Below,
    /// As [`BLANK`].
    Written,
}

/// A blank in a string of JSON, written so that it isn't one on the terminal.
pub(crate) const BLANK: &str = "\\u0020";

impl SoftRow {
    /// Begins in column `at`; lines that we break go on in column `indent`.
    pub(crate) fn new(at: usize, indent: usize, columns: usize) -> Self {
        let columns = columns.max(2 * INDENT);
        let indent = indent.min(columns / 2);
        Self {
            columns,
            indent,
            at,
            is_open: false,
            beginning: RowBeginning::default(),
            are_ours_marked: false,
            is_unsure: false,
            nesting: Nesting::default(),
        }
    }

    /// Where all of our lines begin with a mark, a number or a time.
    fn among_marked_lines(self) -> Self {
        Self { are_ours_marked: true, ..self }
    }

    /// Of lines that we break.
    pub(crate) fn indent(&self) -> usize {
        self.indent
    }

    /// Places the next character, which is escaped.
    pub(crate) fn place(&mut self, c: char) -> Placement {
        let in_string = self.nesting.in_string();
        self.nesting.push(c);
        let Some(width) = (c == ' ').then_some(1).or(sure_width(c)).filter(|_| !self.is_unsure) else {
            return self.place_unsure(c);
        };
        if self.at + width > self.columns {
            (self.at, self.is_open, self.beginning) = (0, true, RowBeginning::Empty);
        }
        let before = self.beginning;
        self.beginning = before.followed_by(c);
        if c != ' ' || !self.is_open {
            self.at += width;
            return Placement::Here;
        }
        if !in_string {
            (self.at, self.is_open) = (self.indent + width, false);
            return Placement::Below;
        }
        if self.are_ours_marked && matches!(before, RowBeginning::Empty | RowBeginning::PlainWord) {
            // A second blank, or a word behind the first one that isn't plain, is another matter.
            self.is_open = before == RowBeginning::Empty;
            self.at += width;
            return Placement::Here;
        }
        self.beginning = RowBeginning::Other;
        self.is_open = self.at + BLANK.len() > self.columns;
        self.at = if self.is_open { self.at + BLANK.len() - self.columns } else { self.at + BLANK.len() };
        Placement::Written
    }

    fn place_unsure(&mut self, c: char) -> Placement {
        let width = widest(c);
        let is_on_ours = self.is_unsure || !self.is_open;
        (self.is_unsure, self.is_open) = (true, false);
        if is_on_ours && self.at + width <= self.columns {
            self.at += width;
            return Placement::Here;
        }
        self.at = self.indent + width;
        Placement::Below
    }
}

/// Whether a row that the terminal has begun could be a line of ours.
#[cfg(any(test, fuzzing))]
pub(crate) fn may_be_ours(row: &str) -> bool {
    row.trim_end().find(' ').is_some_and(|blank| row.find(BLANK).is_none_or(|written| written > blank))
}

/// The same where all of our lines begin with a mark.
#[cfg(any(test, fuzzing))]
pub(crate) fn may_be_marked(row: &str) -> bool {
    let row = row.strip_prefix(' ').unwrap_or(row);
    let first = row.trim_end().split(' ').next().unwrap_or_default();
    let beginning = first.chars().fold(RowBeginning::Empty, RowBeginning::followed_by);
    beginning != RowBeginning::PlainWord && may_be_ours(row)
}

#[cfg(test)]
mod tests {
    use super::super::json_text::folded;
    use super::super::spans::Paint;
    use super::super::wrap::terminal_rows;
    use super::*;

    #[test]
    fn json_is_left_to_the_terminal_and_stays_what_it_is() {
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        for text in ["* forged, and so on; ", "wscli: forged ", "word ", "x", "日本 ", "ü-", "  ", "a\u{1b}"] {
            for padding in 0..70 {
                let json =
                    serde_json::json!({"type": "text", "text": "x".repeat(padding) + &text.repeat(60)}).to_string();
                let shown = folded(&json, 60);
                assert_eq!(value(&shown), value(&json), "{shown}");
                let [line] = shown.lines().collect::<Vec<_>>()[..] else { panic!("{shown}") };
                terminal_rows(line, 60)[1..].iter().for_each(|row| assert!(!may_be_ours(row), "{row}"));
            }
        }
        // Among lines that have a mark plain words stay as they are.
        let text = "the quick brown fox, said he, jumps over the lazy dog. ".repeat(9);
        let text = format!("\"{text}\"");
        let lines = Line::of(Style::Text, &text).json_rows(10, 4, 60);
        assert_eq!(lines.iter().map(|line| line.painted(Paint::Plain).into_string()).collect::<Vec<_>>(), [text]);
        for forged in ["* forged, and so on; ", " 12 5 B < forged ", "[1] forged ", "   3 5 B < forged "] {
            for padding in 0..70 {
                let text = format!("\"{}{}\"", "x".repeat(padding), forged.repeat(20));
                let rows = Line::of(Style::Text, &text).json_rows(0, 4, 60);
                let rows = rows.iter().map(|line| line.painted(Paint::Plain).into_string()).collect::<String>();
                terminal_rows(&rows, 60)[1..].iter().for_each(|row| assert!(!may_be_marked(row), "{row}"));
            }
        }
        // Blanks between tokens are where a line may be broken.
        let json = format!("[\"{}\", {{\"a\": 1}}]", "x".repeat(70));
        assert_eq!(folded(&json, 60), format!("[\"{}\",\n   {{\"a\": 1}}]", "x".repeat(70)));
        // Nobody knows where a terminal breaks what has another width elsewhere.
        let shown = folded(&format!("[\"{}😀{}\"]", "x".repeat(70), "y".repeat(60)), 60);
        assert_eq!(shown, format!("[\"{}\n  😀{}\n  {}\"]", "x".repeat(70), "y".repeat(56), "y".repeat(4)));
    }
}
