//! Lines for the person, on stderr.

use std::fmt;
use std::io::{self, Write};

/// Where everything goes that isn't a payload.
#[derive(Debug, Clone)]
pub(crate) struct Console;

impl Console {
    pub(crate) fn stderr() -> Self {
        Self
    }

    /// Prints a line. A stderr that nobody reads is nobody's loss.
    pub(crate) fn line(&self, line: impl fmt::Display) {
        // In one write, so that lines of different threads don't mix.
        drop(io::stderr().write_all(format!("{line}\n").as_bytes()));
    }
}
