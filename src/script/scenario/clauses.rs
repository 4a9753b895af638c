//! Lines below a step that go on with it: as clauses of their own, or as more of a text.

use super::super::syntax_error::{PieceError, offset};
use super::super::word::first_word;
use super::expectation::{self, Expectation};
use super::known_names::is_step;
use super::late_value::{LatePlace, LateValue};
use super::layout::{SourceLine, Statement};
use super::operator::Relation;
use super::source::LineError;
use crate::values::duration;
use crate::view::json_nesting::Nesting;

/// A piece of a line, in the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct LinePiece<'a> {
    pub(super) line: SourceLine<'a>,
    /// Of the line.
    pub(super) text: &'a str,
}

impl<'a> LinePiece<'a> {
    pub(super) fn of(line: SourceLine<'a>) -> Self {
        Self { line, text: line.text }
    }

    /// The same from a piece of it on.
    pub(super) fn at(self, text: &'a str) -> Self {
        // An empty piece may be one of no text at all.
        let text = if text.is_empty() { &self.text[self.text.len()..] } else { text };
        Self { text, ..self }
    }

    /// The first word, and what follows.
    pub(super) fn first_word(self) -> (&'a str, Self) {
        let (word, rest) = first_word(self.text);
        (word, self.at(rest))
    }

    /// Where in the file a place in it is, in bytes.
    pub(super) fn place(self, at: usize) -> LatePlace {
        let error = PieceError::at(at + offset(self.line.whole, self.text), "");
        LatePlace { line: self.line.number + 1, column: error.column(self.line.whole) }
    }

    /// Reads all of it as a value that may have to be filled in.
    ///
    /// # Errors
    /// As of [`LateValue::parse`].
    pub(super) fn late<V: Clone>(self, read: fn(&str) -> Result<V, String>) -> Result<LateValue<V>, LineError> {
        let mut value = LateValue::parse(self.text, read).map_err(|error| self.error(error))?;
        value.settle(|at| self.place(at));
        Ok(value)
    }

    /// What is wrong in it.
    pub(super) fn error(self, error: PieceError) -> LineError {
        let error = error.behind(offset(self.line.whole, self.text));
        LineError { line: self.line.number, error }
    }

    /// What is wrong with it.
    pub(super) fn fault(self, why: impl Into<String>) -> LineError {
        self.error(PieceError::at(0, why))
    }
}

/// The clauses of a statement: comments and empty lines left out.
pub(super) fn clauses<'a>(statement: &Statement<'a>) -> impl Iterator<Item = LinePiece<'a>> {
    said(&statement.continued).map(LinePiece::of).collect::<Vec<_>>().into_iter()
}

fn said<'l, 'a>(lines: &'l [SourceLine<'a>]) -> impl Iterator<Item = SourceLine<'a>> + use<'l, 'a> {
    lines.iter().filter(|line| !line.text.is_empty() && !line.text.starts_with('#')).copied()
}

/// What an expectation says, on lines that belong together by a JSON value that goes on below, and what follows it.
pub(super) fn expected<'a, 'l>(
    first: LinePiece<'a>,
    below: &'l [SourceLine<'a>],
) -> (JoinedText<'a>, &'l [SourceLine<'a>]) {
    let mut joined = JoinedText { text: first.text.to_owned(), lines: vec![(0, first)] };
    let mut rest = below;
    let Some(begins) = json_begins(&joined.text) else { return (joined, rest) };
    let mut value = OpenJson { nesting: Nesting::default(), looked_at: begins };
    while value.goes_on(&joined.text)
        && let Some((line, behind)) = rest.split_first()
    {
        joined.push(LinePiece::of(*line), line.text);
        rest = behind;
    }
    (joined, rest)
}

/// Where the last JSON value that a line of conditions has begins, if it is an object or an array.
fn json_begins(text: &str) -> Option<usize> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let at = words.iter().rposition(|word| word.starts_with(['{', '[']))?;
    let before = |back: usize| at.checked_sub(back).map_or("", |at| words[at]);
    let is_value = match before(1) {
        "json" | "exactly" => true,
        "contains" => before(2).starts_with('/'),
        sign => Relation::strip(sign).is_some_and(|(_, rest)| rest.is_empty()),
    };
    is_value.then(|| offset(text, words[at]))
}

/// A JSON value of which line after line is read.
struct OpenJson {
    nesting: Nesting,
    /// As far as the text was looked at, in bytes: each line is looked at once, however many there are.
    looked_at: usize,
}

impl OpenJson {
    /// Whether it isn't complete at the end of the text, which has grown since it was asked before.
    fn goes_on(&mut self, text: &str) -> bool {
        text[self.looked_at..].chars().for_each(|c| self.nesting.push(c));
        self.looked_at = text.len();
        self.nesting.depth() > 0 || self.nesting.in_string()
    }
}

/// What is wrong with a step that goes on with the one above, as its indentation says.
pub(super) const INDENTED_STEP: &str =
    "this step is indented further than the one above it, as what goes on with that is";

/// # Errors
/// Lines below a step that takes none.
pub(super) fn none(statement: &Statement<'_>) -> Result<(), LineError> {
    let first = clauses(statement).next();
    first.map_or(Ok(()), |clause| {
        Err(clause.fault(match is_step(clause.first_word().0) {
            true => INDENTED_STEP,
            false => "this line is indented further than the step above it, which takes no further lines",
        }))
    })
}

/// Takes the clauses of an expectation.
///
/// # Errors
/// What is none.
pub(super) fn of_expectation(below: &[SourceLine<'_>], expectation: &mut Expectation) -> Result<(), LineError> {
    let mut captures = Vec::new();
    let mut below = below;
    while let Some((line, behind)) = below.split_first() {
        below = behind;
        if said(&[*line]).next().is_none() {
            continue;
        }
        let clause = LinePiece::of(*line);
        let (word, rest) = clause.first_word();
        match word {
            "and" => {
                let (conditions, behind) = expected(rest, below);
                below = behind;
                let checks = expectation.parse_more(&conditions.text).map_err(|error| conditions.error(error))?;
                expectation.add_conditions(checks).map_err(|error| clause.error(error))?;
            }
            "capture" => {
                let capture = expectation::capture(rest.text).map_err(|error| rest.error(error))?;
                captures.push((rest, capture.clone()));
                expectation.add_capture(capture).map_err(|error| clause.error(error))?;
            }
            "within" => {
                expectation.set_within(rest.late(duration)?).map_err(|error| clause.error(error))?;
            }
            word if is_step(word) => return Err(clause.fault(INDENTED_STEP)),
            word => {
                let lines =
                    if expectation.is_one_line() { "; a text of several lines is written match one\\ntwo" } else { "" };
                let why = format!("{word:?} says nothing about what is expected: and, capture or within does{lines}");
                return Err(clause.fault(why));
            }
        }
    }
    // What it is a group of may stand below.
    captures.iter().try_for_each(|(rest, capture)| expectation.check_capture(capture).map_err(|why| rest.fault(why)))
}

/// A text of several lines, and where in the file each of them is.
#[derive(Debug)]
pub(super) struct JoinedText<'a> {
    pub(super) text: String,
    /// Where in the text a line begins, and what of the file stands there.
    lines: Vec<(usize, LinePiece<'a>)>,
}

impl<'a> JoinedText<'a> {
    /// What is said on the line of a step, and on those below, without the blanks that all of these begin with.
    pub(super) fn of(first: LinePiece<'a>, statement: &Statement<'a>) -> Self {
        let mut joined = Self { text: first.text.to_owned(), lines: vec![(0, first)] };
        let margin = statement.margin().unwrap_or_default();
        for line in &statement.continued {
            if !joined.text.is_empty() {
                joined.text.push('\n');
            }
            let text = line.whole.get(margin..).unwrap_or(line.text);
            joined.lines.push((joined.text.len(), LinePiece { line: *line, text }));
            joined.text.push_str(&line.behind(margin));
        }
        joined
    }

    /// Goes on with a line, of which this is part of the text.
    fn push(&mut self, piece: LinePiece<'a>, text: &str) {
        self.text.push('\n');
        self.lines.push((self.text.len(), piece));
        self.text.push_str(text);
    }

    /// What is wrong in the text, in its line.
    pub(super) fn error(&self, error: PieceError) -> LineError {
        let (begins, piece) = self.line_at(error.at);
        piece.error(PieceError { at: error.at - begins, ..error })
    }

    /// Where in the file a place in the text is, in bytes.
    pub(super) fn place(&self, at: usize) -> LatePlace {
        let (begins, piece) = self.line_at(at);
        piece.place(at - begins)
    }

    fn line_at(&self, at: usize) -> &(usize, LinePiece<'a>) {
        self.lines.iter().rev().find(|(begins, _)| *begins <= at).unwrap_or(&self.lines[0])
    }
}

#[cfg(test)]
mod tests {
    use super::super::layout::layout;
    use super::*;

    #[test]
    fn a_long_value_is_looked_at_once() {
        let line = "  1,\n";
        let text = format!("expect json [\n{}  1\n  ]\n  within 2s\n", line.repeat((1 << 20) / line.len()));
        let statements = layout(&text).unwrap();
        let first = LinePiece::of(statements[0].line).at("json [");
        let (joined, rest) = expected(first, &statements[0].continued);
        assert_eq!((rest.len(), joined.lines.len()), (1, (1 << 20) / line.len() + 3));
        assert!(super::super::check::parse_all(&joined.text).is_ok());
    }

    #[test]
    fn what_was_looked_at_is_not_looked_at_again() {
        let mut value = OpenJson { nesting: Nesting::default(), looked_at: 5 };
        let mut text = "json [".to_owned();
        for (more, goes_on) in [("", true), (" \"]", true), ("\", 1", true), ("]", false)] {
            text.push_str(more);
            assert_eq!((value.goes_on(&text), value.looked_at), (goes_on, text.len()), "{text}");
        }
    }
}
