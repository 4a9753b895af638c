//! An entry in a table of conditions or actions.

use std::fmt::Write;

use crate::view::enumeration::enumeration;

/// A word that begins a line, and how the rest of the line becomes a value.
#[derive(Debug)]
pub(super) struct Word<T> {
    pub(super) name: &'static str,
    pub(super) argument: Argument,
    /// One line or several.
    pub(super) help: &'static str,
    /// Its argument is trimmed, and given only where there may be one.
    pub(super) parse: fn(&str) -> Result<T, String>,
}

/// What follows a word, by the name that help has for it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Argument {
    None,
    Optional(&'static str),
    Required(&'static str),
}

/// The column in which help says what a word means.
const HELP_COLUMN: usize = 28;

impl<T> Word<T> {
    /// Whether `argument` may follow the word, by its presence alone.
    pub(super) fn takes(&self, argument: &str) -> bool {
        match self.argument {
            Argument::None => argument.is_empty(),
            Argument::Optional(_) => true,
            Argument::Required(_) => !argument.is_empty(),
        }
    }

    /// # Errors
    /// An argument that is missing, not wanted, or not what the word takes.
    pub(super) fn read(&self, argument: &str) -> Result<T, String> {
        match self.argument {
            Argument::None if !argument.is_empty() => Err(format!("{} takes no argument", self.name)),
            Argument::Required(what) if argument.is_empty() => Err(format!("{} needs an argument: {what}", self.name)),
            _ => (self.parse)(argument),
        }
    }
}

/// The words of a table, one a line, as help lists them.
pub(super) fn listed<T>(words: &[Word<T>]) -> String {
    let mut list = String::new();
    for word in words {
        let left = match word.argument {
            Argument::None => format!("  {}", word.name),
            Argument::Optional(what) => format!("  {} [{what}]", word.name),
            Argument::Required(what) => format!("  {} {what}", word.name),
        };
        for (index, line) in word.help.lines().enumerate() {
            let left = if index == 0 { left.as_str() } else { "" };
            // Writing to a string never fails.
            let _ = writeln!(list, "{left:HELP_COLUMN$}{line}");
        }
    }
    list
}

/// `a, b or c`.
pub(super) fn names<T>(words: &[Word<T>]) -> String {
    enumeration(words.iter().map(|word| word.name), "or")
}
