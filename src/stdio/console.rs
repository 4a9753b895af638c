//! Lines for the person: on stderr, or wherever else they are wanted.

use std::fmt;
use std::sync::Arc;

use super::line_writer::WhenFull;
use super::status_line::StatusLine;
use super::stderr;

/// Where everything goes that isn't a payload. Clones print to the same place.
#[derive(Clone)]
pub(crate) struct Console(Place);

#[derive(Clone)]
enum Place {
    Stderr,
    Above(StatusLine),
    Printer(Printer),
    Nowhere,
}

/// Prints one line without its newline.
type Printer = Arc<dyn Fn(String) + Send + Sync>;

impl Console {
    pub(crate) fn stderr() -> Self {
        Self(Place::Stderr)
    }

    /// stderr, above its status line.
    pub(crate) fn above(status: StatusLine) -> Self {
        Self(Place::Above(status))
    }

    /// A console that prints through `printer` instead.
    pub(crate) fn through(printer: impl Fn(String) + Send + Sync + 'static) -> Self {
        Self(Place::Printer(Arc::new(printer)))
    }

    /// A console that prints nothing.
    pub(crate) fn nowhere() -> Self {
        Self(Place::Nowhere)
    }

    /// Prints a line that isn't to be missed. A reader of stderr who is far behind is waited for, for two seconds at most
    /// if it takes nothing.
    pub(crate) fn line(&self, line: impl fmt::Display) {
        self.print(line, WhenFull::Keep);
    }

    /// Prints a line of a log, whose length is up to a peer. Those that a reader of stderr can't keep up with are dropped,
    /// and counted there.
    pub(crate) fn log(&self, line: impl fmt::Display) {
        self.print(line, WhenFull::Drop);
    }

    fn print(&self, line: impl fmt::Display, when_full: WhenFull) {
        match &self.0 {
            Place::Stderr => stderr::write(&format!("{line}\n"), when_full),
            Place::Above(status) => status.print_above(line, when_full),
            Place::Printer(print) => print(line.to_string()),
            Place::Nowhere => {}
        }
    }
}

impl fmt::Debug for Console {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Place::Stderr => "Console(stderr)",
            Place::Above(_) => "Console(above a status line)",
            Place::Printer(_) => "Console(printer)",
            Place::Nowhere => "Console(nowhere)",
        })
    }
}
