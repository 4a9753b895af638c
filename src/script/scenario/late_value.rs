//! A value that is known when a step is read, or once the places in it are filled in.

use std::fmt;

use super::super::syntax_error::PieceError;
use super::template::ScenarioTemplate;

/// Reads a value from its text.
type ReadValue<V> = fn(&str) -> Result<V, String>;

/// Why a step has no value where something is filled in, in words.
#[derive(Debug)]
pub(crate) enum FillFault {
    /// There is nothing to fill in.
    Missing(String),
    /// What is filled in isn't what the step takes.
    Unusable(String),
}

impl From<String> for FillFault {
    fn from(why: String) -> Self {
        Self::Missing(why)
    }
}

/// The value.
#[derive(Debug, Clone)]
pub(crate) enum LateValue<V> {
    Known(V),
    /// What is filled in here is read when the step is taken.
    Filled(LateText<V>),
}

/// A text that is a value once it is filled in.
#[derive(Debug, Clone)]
pub(crate) struct LateText<V> {
    template: ScenarioTemplate,
    read: ReadValue<V>,
    /// Where it begins in the piece that it was read from, in bytes, until that has its place in the file.
    at: usize,
    place: Option<LatePlace>,
}

/// Where a value stands in its file: the line and the column, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LatePlace {
    pub(super) line: usize,
    /// In characters.
    pub(super) column: usize,
}

impl<V: Clone> LateValue<V> {
    /// # Errors
    /// A place that is none, and in a text without places what `read` says is wrong with it.
    pub(super) fn parse(text: &str, read: ReadValue<V>) -> Result<Self, PieceError> {
        let template = ScenarioTemplate::parse(text)?;
        if template.places().next().is_some() {
            return Ok(Self::Filled(LateText { template, read, at: 0, place: None }));
        }
        let plain = template.fill(&mut |_| Err(String::new())).map_err(|why| PieceError::at(0, why))?;
        read(&plain).map(Self::Known).map_err(|why| PieceError::at(0, why))
    }

    /// The text in it that is filled in.
    pub(super) fn template(&self) -> Option<&ScenarioTemplate> {
        match self {
            Self::Known(_) => None,
            Self::Filled(text) => Some(&text.template),
        }
    }

    /// # Errors
    /// What there is nothing to fill in with, and what is wrong with it then.
    pub(crate) fn get(&self, fill: impl FnOnce(&ScenarioTemplate) -> Result<String, String>) -> Result<V, FillFault> {
        match self {
            Self::Known(value) => Ok(value.clone()),
            Self::Filled(text) => text.get(fill),
        }
    }

    /// The same in a longer piece, in which so many bytes stand before it.
    pub(super) fn behind(mut self, bytes: usize) -> Self {
        if let Self::Filled(text) = &mut self {
            text.at += bytes;
        }
        self
    }

    /// Gives it the place in the file of where it begins in its piece, unless it has one.
    pub(super) fn settle(&mut self, place: impl FnOnce(usize) -> LatePlace) {
        if let Self::Filled(text) = self {
            text.place.get_or_insert_with(|| place(text.at));
        }
    }
}

impl<V> LateText<V> {
    fn get(&self, fill: impl FnOnce(&ScenarioTemplate) -> Result<String, String>) -> Result<V, FillFault> {
        let Self { template, read, place, .. } = self;
        let place = place.map(|LatePlace { line, column }| format!("line {line}, column {column}: "));
        let place = place.unwrap_or_default();
        let text = fill(template).map_err(|why| FillFault::Missing(format!("{place}{why}")))?;
        let unusable = |why| FillFault::Unusable(format!("{place}{template} is filled in as {text:?}: {why}"));
        read(&text).map_err(unusable)
    }
}

impl<V: fmt::Display> fmt::Display for LateValue<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(value) => value.fmt(f),
            Self::Filled(text) => text.template.fmt(f),
        }
    }
}

/// What [`no_places`] says of names of files, of JSON pointers and of regular expressions.
pub(super) const FILES: &str = "a file";
pub(super) const POINTER: &str = "a JSON pointer";
pub(super) const EXPRESSION: &str = "a regular expression";

/// Where `text` begins a place that can't be filled in.
pub(super) fn place(text: &str) -> Option<usize> {
    text.find("${")
}

/// That there is one, where `what` takes none.
///
/// # Errors
/// There is.
pub(super) fn no_places(text: &str, what: &str) -> Result<(), PieceError> {
    let Some(at) = place(text) else { return Ok(()) };
    let end = text[at..].find('}').map_or(text.len(), |end| at + end + 1);
    Err(PieceError::at(at, format!("{} can't be filled in here: {what} is read before the first step", &text[at..end])))
}
