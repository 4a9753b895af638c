//! The log as lines for a person, on stderr.

use std::fmt;

use crate::stdio::console::Console;
use crate::view::head;

#[derive(Debug)]
pub(super) struct Lines {
    pub(super) console: Console,
    /// Heads are told too: whether with their secrets.
    pub(super) heads: Option<bool>,
}

impl Lines {
    pub(super) fn line(&self, line: fmt::Arguments<'_>) {
        self.console.log(line);
    }

    /// The head of a request or of a response, where heads are told.
    pub(super) fn head(&self, number: u64, direction: char, bytes: &[u8]) {
        if let Some(show_secrets) = self.heads {
            for line in head::lines(direction, bytes, show_secrets) {
                self.line(format_args!("[{number}] {line}"));
            }
        }
    }
}
