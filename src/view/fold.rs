//! Room for what is long.

/// How much of a message is shown, and in how much room.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fold {
    /// Columns of the first line, and of those that follow.
    pub(crate) first: usize,
    pub(crate) columns: usize,
    /// Columns of the terminal, in which these are the last.
    pub(crate) terminal: usize,
    /// Lines; `usize::MAX` shows everything.
    pub(crate) lines: usize,
    /// Strings and arrays of JSON that are too long are shortened where they stand.
    pub(crate) shortens: bool,
}
