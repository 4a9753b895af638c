//! What is wrong in a text of rules, and where: in a piece of a line, and in the whole.

use std::fmt;

use crate::view::json_pointer::PointerFault;

/// What is wrong in a piece of a line, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PieceError {
    /// Bytes of the piece before the place.
    pub(super) at: usize,
    pub(super) why: String,
}

impl PieceError {
    pub(super) fn at(at: usize, why: impl Into<String>) -> Self {
        Self { at, why: why.into() }
    }

    /// The same, in the line or the longer piece in which `bytes` stand before this one.
    pub(super) fn behind(self, bytes: usize) -> Self {
        Self { at: self.at + bytes, ..self }
    }

    /// Its column in `text`, in characters from 1.
    pub(super) fn column(&self, text: &str) -> usize {
        let before = text.get(..self.at).unwrap_or(text);
        before.chars().count() + 1
    }

    /// In words, for a text that is one line and has no name.
    pub(crate) fn told(&self, text: &str) -> String {
        format!("column {}: {}", self.column(text), self.why)
    }
}

impl From<PointerFault> for PieceError {
    fn from(PointerFault { at, why }: PointerFault) -> Self {
        Self { at, why }
    }
}

/// Where a piece stands in the text that it was cut from, in bytes.
pub(super) fn offset(whole: &str, piece: &str) -> usize {
    piece.as_ptr().addr() - whole.as_ptr().addr()
}

/// Characters of a line that are shown before the place that is meant, and behind it.
const SHOWN: usize = 60;

/// A line of a file, cut where it is long, with a caret below a place in it. Both count from 1, the column in characters.
pub(super) fn excerpt(number: usize, column: usize, line: &str) -> [String; 2] {
    let number = number.to_string();
    let begins = column.saturating_sub(SHOWN + 1);
    // A tab is as wide as it likes.
    let blank = |c: char| if c.is_control() { ' ' } else { c };
    let shown: String = line.chars().skip(begins).take(2 * SHOWN).map(blank).collect();
    let before = column.saturating_sub(1 + begins);
    [format!("{number} | {}", shown.trim_end()), format!("{:width$} | {:before$}^", "", "", width = number.len())]
}

/// A line that is not part of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    /// Both from 1; the column is counted in characters.
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) why: String,
}

impl SyntaxError {
    /// The line in the text that it was found in, with a caret below the place.
    pub(crate) fn excerpt(&self, text: &str) -> [String; 2] {
        excerpt(self.line, self.column, text.lines().nth(self.line - 1).unwrap_or_default())
    }

    /// In words, for a text that has no name: of one line it isn't said which.
    pub(crate) fn told(&self, text: &str) -> String {
        match text.trim().lines().count() {
            0 | 1 => format!("column {}: {}", self.column, self.why),
            _ => self.to_string(),
        }
    }
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caret_stands_below_the_place() {
        let error = SyntaxError { line: 10, column: 3, why: String::new() };
        let text = format!("{}\té x", "\n".repeat(9));
        assert_eq!(error.excerpt(&text), ["10 |  é x", "   |   ^"]);
        assert_eq!(error.excerpt(""), ["10 | ", "   |   ^"]);
        let [line, caret] = excerpt(1, 301, &"x".repeat(500));
        assert_eq!((line.len(), caret.len()), (4 + 2 * SHOWN, 4 + SHOWN + 1));
    }
}
