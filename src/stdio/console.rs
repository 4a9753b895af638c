//! Lines for the person: on stderr, or wherever else they are wanted.

use std::fmt;
use std::io::{self, Write};
use std::sync::Arc;

/// Where everything goes that isn't a payload. Clones speak through the same mouth.
#[derive(Clone)]
pub(crate) struct Console {
    printer: Option<Printer>,
}

/// Prints one line without its newline.
type Printer = Arc<dyn Fn(String) + Send + Sync>;

impl Console {
    pub(crate) fn stderr() -> Self {
        Self { printer: None }
    }

    /// A console that prints nothing.
    pub(crate) fn nowhere() -> Self {
        Self::through(Box::new(|_| {}))
    }

    /// A console that prints through `printer` instead.
    pub(crate) fn through(printer: impl Fn(String) + Send + Sync + 'static) -> Self {
        Self { printer: Some(Arc::new(printer)) }
    }

    /// Prints a line. A stderr that nobody reads is nobody's loss.
    pub(crate) fn line(&self, line: impl fmt::Display) {
        match &self.printer {
            // In one write, so that lines of different threads don't mix.
            None => drop(io::stderr().write_all(format!("{line}\n").as_bytes())),
            Some(print) => print(line.to_string()),
        }
    }
}

impl fmt::Debug for Console {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.printer.is_some() { "Console(printer)" } else { "Console(stderr)" })
    }
}
