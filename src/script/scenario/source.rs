//! The text of a test, and what is wrong in it: file, line, column, the line itself and a caret.

use std::fmt;
use std::sync::Arc;

use super::super::syntax_error::{PieceError, excerpt};

/// A file of steps.
#[derive(Debug, Clone)]
pub(crate) struct ScenarioSource {
    /// As it was named, for errors.
    pub(crate) name: Arc<str>,
    pub(crate) text: String,
}

/// Who reads the files that steps name.
pub(crate) trait ScenarioFiles {
    /// The name and the content of the file that `from` calls `path`.
    ///
    /// # Errors
    /// Why it can't be read.
    fn read(&mut self, from: &str, path: &str) -> Result<(Arc<str>, Vec<u8>), String>;
}

/// Where a step stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StepPlace {
    pub(crate) file: Arc<str>,
    /// From 1.
    pub(crate) line: usize,
}

impl fmt::Display for StepPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// What is wrong in a line, by the number of that from 0, and by a place in it in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LineError {
    pub(super) line: usize,
    pub(super) error: PieceError,
}

impl LineError {
    pub(super) fn at(line: usize, at: usize, why: impl Into<String>) -> Self {
        Self { line, error: PieceError::at(at, why) }
    }

    /// With the file that has the line.
    pub(super) fn of(self, source: &ScenarioSource) -> Box<ScenarioError> {
        let text = source.text.lines().nth(self.line).unwrap_or_default();
        Box::new(ScenarioError {
            place: StepPlace { file: Arc::clone(&source.name), line: self.line + 1 },
            column: self.error.column(text),
            why: self.error.why,
            text: text.to_owned(),
        })
    }
}

/// What is wrong in a file of steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ScenarioError {
    pub(crate) place: StepPlace,
    /// In characters, from 1.
    pub(crate) column: usize,
    pub(crate) why: String,
    /// The line.
    pub(crate) text: String,
}

impl ScenarioError {
    /// The line, cut where it is long, with a caret below.
    pub(crate) fn excerpt(&self) -> [String; 2] {
        excerpt(self.place.line, self.column, &self.text)
    }
}

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.place, self.column, self.why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caret_stands_below_the_place() {
        let source = ScenarioSource { name: "a.wst".into(), text: "x\n\té send ${".into() };
        let error = LineError::at(1, 9, "why").of(&source);
        assert_eq!(error.to_string(), "a.wst:2:9: why");
        assert_eq!(error.excerpt(), ["2 |  é send ${", "  |         ^"]);
    }
}
