//! The last line of a terminal on stderr, below everything else that is printed there.

use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A line that changes in place. Clones are the same line.
#[derive(Debug, Clone, Default)]
pub(crate) struct StatusLine(Arc<Mutex<Option<String>>>);

/// Takes the line away; the cursor stands where it began.
const ERASE: &str = "\r\x1b[K";

impl StatusLine {
    /// Shows this, which has to fit the terminal's width.
    pub(crate) fn show(&self, text: String) {
        let mut shown = self.lock();
        put(format_args!("{ERASE}{text}"));
        *shown = Some(text);
    }

    pub(crate) fn clear(&self) {
        if self.lock().take().is_some() {
            put(format_args!("{ERASE}"));
        }
    }

    /// Prints a line above.
    pub(crate) fn print_above(&self, line: &str) {
        match &*self.lock() {
            Some(shown) => put(format_args!("{ERASE}{line}\n{shown}")),
            None => put(format_args!("{line}\n")),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// In one write. A stderr that nobody reads is nobody's loss.
fn put(text: fmt::Arguments<'_>) {
    let _ = io::stderr().write_all(text.to_string().as_bytes());
}
