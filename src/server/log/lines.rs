//! The log as lines for a person, on stderr.

use std::fmt;

use crate::stdio::console::Console;

/// How much is logged for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verbosity {
    /// What needs somebody to look.
    Quiet,
    /// Who came and how it ended, too.
    Normal,
    /// Heads and messages, too.
    Verbose,
}

#[derive(Debug)]
pub(super) struct ConsoleLines {
    pub(super) console: Console,
    pub(super) verbosity: Verbosity,
}

impl ConsoleLines {
    pub(super) fn line(&self, line: fmt::Arguments<'_>) {
        if self.verbosity != Verbosity::Quiet {
            self.console.log(line);
        }
    }

    /// A line that isn't to be missed.
    pub(super) fn last(&self, line: &str) {
        if self.verbosity != Verbosity::Quiet {
            self.console.line(line);
        }
    }

    /// The head of a request or of a response, where heads are told.
    pub(super) fn head(&self, number: u64, lines: impl FnOnce() -> Vec<String>) {
        if self.verbosity == Verbosity::Verbose {
            for line in lines() {
                self.line(format_args!("[{number}] {line}"));
            }
        }
    }
}
