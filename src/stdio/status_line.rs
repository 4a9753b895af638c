//! The last line of a terminal on stderr, below everything else that is printed there.

use std::io::{self, IsTerminal};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::line_writer::WhenFull;
use super::stderr;
use super::terminal::is_in_foreground;

/// A line that changes in place. Clones are the same line.
#[derive(Debug, Clone, Default)]
pub(crate) struct StatusLine(Arc<Mutex<Option<String>>>);

/// Takes the line away; the cursor stands where it began.
const ERASE: &str = "\r\x1b[K";

impl StatusLine {
    /// The line, where a person sees stderr, on a terminal that can take it away again.
    pub(crate) fn of_terminal() -> Option<Self> {
        let dumb = std::env::var_os("TERM").is_none_or(|name| name == "dumb");
        (!dumb && io::stderr().is_terminal()).then(Self::default)
    }

    /// Shows this, which has to fit the terminal's width. A terminal that is behind gets the next one, and one on which somebody else
    /// is in the foreground none: there its line would stand where a command is being typed.
    pub(crate) fn show(&self, text: String) {
        let mut shown = self.lock();
        if !is_in_foreground(io::stderr()) {
            *shown = None;
        } else if !stderr::is_behind() {
            stderr::write(&format!("{ERASE}{text}"), WhenFull::Drop);
            *shown = Some(text);
        }
    }

    pub(crate) fn clear(&self) {
        if self.lock().take().is_some() && is_in_foreground(io::stderr()) {
            stderr::write(ERASE, WhenFull::Keep);
        }
    }

    /// Prints whole lines above.
    pub(super) fn print_above(&self, lines: &str, when_full: WhenFull) {
        let shown = self.lock();
        let text = match shown.as_ref().filter(|_| is_in_foreground(io::stderr())) {
            Some(shown) => format!("{ERASE}{lines}{shown}"),
            None => lines.to_owned(),
        };
        stderr::write(&text, when_full);
    }

    fn lock(&self) -> MutexGuard<'_, Option<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
