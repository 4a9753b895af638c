//! An entry in a table of conditions, counters or actions.

use super::syntax_error::PieceError;
use crate::view::enumeration::enumeration;

/// What stands between a condition and its actions that are on the same line.
pub(super) const ARROW: &str = "=>";

/// A word, and how what follows it becomes a value. docs/rules.md says what it means.
#[derive(Debug)]
pub(super) struct Word<T> {
    pub(super) name: &'static str,
    pub(super) argument: WordArgument,
    /// Its argument is trimmed, and given only where there may be one.
    pub(super) parse: fn(&str) -> Result<T, PieceError>,
}

/// What follows a word, by the name that the manual has for it.
#[derive(Debug, Clone, Copy)]
pub(super) enum WordArgument {
    None,
    Optional(&'static str),
    Required(&'static str),
}

impl<T> Word<T> {
    /// The word and its argument, as the manual has them.
    pub(super) fn usage(&self) -> String {
        match self.argument {
            WordArgument::None => self.name.to_owned(),
            WordArgument::Optional(what) => format!("{} [{what}]", self.name),
            WordArgument::Required(what) => format!("{} {what}", self.name),
        }
    }

    /// # Errors
    /// An argument that is missing, not wanted, or not what the word takes; its place is counted from the argument's
    /// beginning.
    pub(super) fn read(&self, argument: &str) -> Result<T, PieceError> {
        match self.argument {
            WordArgument::None if !argument.is_empty() => {
                Err(PieceError::at(0, format!("{} takes no argument", self.name)))
            }
            WordArgument::Required(_) if argument.is_empty() => {
                Err(PieceError::at(0, format!("{} needs an argument: {}", self.name, self.usage())))
            }
            _ => (self.parse)(argument),
        }
    }
}

/// The first word and the rest.
pub(super) fn first_word(text: &str) -> (&str, &str) {
    let (name, rest) = text.split_at(text.find(char::is_whitespace).unwrap_or(text.len()));
    (name, rest.trim())
}

/// The entry of that name.
pub(super) fn find<T>(words: &'static [Word<T>], name: &str) -> Option<&'static Word<T>> {
    words.iter().find(|word| word.name == name)
}

/// `a, b or c`.
pub(super) fn names<T>(words: &[Word<T>]) -> String {
    enumeration(words.iter().map(|word| word.name), "or")
}
