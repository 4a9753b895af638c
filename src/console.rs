//! Lines for the person: on stderr, or above the prompt while there is one.

use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// Where everything goes that isn't a payload. Clones speak through the same mouth.
#[derive(Clone)]
pub(crate) struct Console {
    printer: Option<Arc<Mutex<Printer>>>,
}

/// Prints one block of text without disturbing the line that is being typed.
type Printer = Box<dyn FnMut(String) + Send>;

impl Console {
    pub(crate) fn stderr() -> Self {
        Self { printer: None }
    }

    /// A console that prints through `printer` instead.
    pub(crate) fn through(printer: Printer) -> Self {
        Self { printer: Some(Arc::new(Mutex::new(printer))) }
    }

    /// Prints a line. A stderr that nobody reads is nobody's loss.
    pub(crate) fn line(&self, line: impl fmt::Display) {
        let text = format!("{line}\n");
        match &self.printer {
            None => drop(io::stderr().write_all(text.as_bytes())),
            Some(printer) => printer.lock().unwrap_or_else(PoisonError::into_inner)(text),
        }
    }
}

impl fmt::Debug for Console {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.printer.is_some() { "Console(printer)" } else { "Console(stderr)" })
    }
}
