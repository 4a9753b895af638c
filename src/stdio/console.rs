//! Lines for the person: on stderr, or wherever else they are wanted.
//!
//! Whatever is in a line, it stays one: here, on the way out, what a terminal would act on is escaped, and on a terminal a
//! line goes on indented before the terminal breaks it. No peer can make a line that looks like one of ours.

use std::fmt::{self, Write};
use std::sync::Arc;

use super::line_writer::WhenFull;
use super::output_lines::OutputLines;
use super::status_line::StatusLine;
use super::stderr;
use super::terminal::USUAL_WIDTH;
use crate::peer_text::Escaped;
use crate::view::wrap::{INDENT, indented};

/// Room for most lines, so that they needn't grow.
const LINE: usize = 256;

/// Where everything goes that isn't a payload. Clones print to the same place.
#[derive(Clone)]
pub(crate) struct Console(ConsoleTarget);

#[derive(Clone)]
enum ConsoleTarget {
    Stderr,
    Above(StatusLine),
    Printer(Printer),
    Output(OutputLines),
    Nowhere,
}

/// Prints one line without its newline.
type Printer = Arc<dyn Fn(ConsoleLine) + Send + Sync>;

/// A line for a printer, which has its own way to mark ours.
#[derive(Debug)]
pub(crate) enum ConsoleLine {
    Ours(String),
    /// Of a log, whose length is up to a peer.
    Log(String),
    /// Of a head that was sent or received, which has its mark.
    Head(String),
}

impl Console {
    pub(crate) fn stderr() -> Self {
        Self(ConsoleTarget::Stderr)
    }

    /// stderr, above its status line.
    pub(crate) fn above(status: StatusLine) -> Self {
        Self(ConsoleTarget::Above(status))
    }

    /// A console that prints through `printer` instead.
    pub(crate) fn through(printer: impl Fn(ConsoleLine) + Send + Sync + 'static) -> Self {
        Self(ConsoleTarget::Printer(Arc::new(printer)))
    }

    /// stderr where that is the terminal of the output too: in order with what else is written there.
    pub(crate) fn among(output: OutputLines) -> Self {
        Self(ConsoleTarget::Output(output))
    }

    /// Whether it is stderr, and nothing in between.
    pub(crate) fn is_stderr(&self) -> bool {
        matches!(self.0, ConsoleTarget::Stderr)
    }

    /// A console that prints nothing.
    pub(crate) fn nowhere() -> Self {
        Self(ConsoleTarget::Nowhere)
    }

    /// For what was asked for by a flag of its own, which is told where nothing else is.
    pub(crate) fn for_what_was_asked_for(&self) -> Self {
        match self.0 {
            ConsoleTarget::Nowhere => Self::stderr(),
            _ => self.clone(),
        }
    }

    /// Whether it is somebody else's way to print.
    pub(crate) fn is_a_printer(&self) -> bool {
        matches!(self.0, ConsoleTarget::Printer(_))
    }

    /// Of the terminal that lines go to; elsewhere as many as most have.
    pub(crate) fn columns(&self) -> usize {
        stderr::columns().unwrap_or(USUAL_WIDTH)
    }

    /// Prints a line that isn't to be missed. A reader of stderr who is far behind is waited for, for two seconds at most
    /// if it takes nothing.
    pub(crate) fn line(&self, line: impl fmt::Display) {
        self.print(line, WhenFull::Keep);
    }

    /// The same for a line about what happens, with a star before it, as among the lines of what is sent and received.
    pub(crate) fn note(&self, line: impl fmt::Display) {
        match &self.0 {
            ConsoleTarget::Printer(print) => print(ConsoleLine::Ours(line.to_string())),
            _ => self.line(format_args!("* {line}")),
        }
    }

    /// The same for a line of a head, behind the mark of its direction.
    pub(crate) fn head(&self, line: impl fmt::Display) {
        match &self.0 {
            ConsoleTarget::Printer(print) => print(ConsoleLine::Head(line.to_string())),
            _ => self.line(line),
        }
    }

    /// Prints a line of a log, whose length is up to a peer. Those that a reader of stderr can't keep up with are dropped,
    /// and counted there.
    pub(crate) fn log(&self, line: impl fmt::Display) {
        self.print(line, WhenFull::Drop);
    }

    /// Prints lines of a log that belong together; those behind the first are indented.
    pub(crate) fn log_lines(&self, lines: impl IntoIterator<Item = impl fmt::Display>) {
        let lines = lines.into_iter().enumerate();
        let indented = lines.map(|(number, line)| format!("{:width$}{line}", "", width = number.min(1) * INDENT));
        self.print_all(indented, WhenFull::Drop);
    }

    fn print(&self, line: impl fmt::Display, when_full: WhenFull) {
        self.print_all([line], when_full);
    }

    fn print_all(&self, lines: impl IntoIterator<Item = impl fmt::Display>, when_full: WhenFull) {
        match &self.0 {
            ConsoleTarget::Stderr => stderr::write(&shown(lines, stderr::columns()), when_full),
            ConsoleTarget::Above(status) => status.print_above(&shown(lines, stderr::columns()), when_full),
            ConsoleTarget::Output(output) => output.write(&shown(lines, stderr::columns()), when_full),
            ConsoleTarget::Printer(print) => lines.into_iter().for_each(|line| {
                let line = line.to_string();
                print(if when_full == WhenFull::Drop { ConsoleLine::Log(line) } else { ConsoleLine::Ours(line) });
            }),
            ConsoleTarget::Nowhere => {}
        }
    }
}

/// Each line with its newline: on a terminal folded to its width, elsewhere as long as it is.
fn shown(lines: impl IntoIterator<Item = impl fmt::Display>, columns: Option<usize>) -> String {
    let (mut shown, mut line) = (String::with_capacity(LINE), String::with_capacity(LINE));
    for text in lines {
        line.clear();
        // A string takes whatever it is given.
        let _ = write!(line, "{text}");
        let _ = match columns {
            Some(columns) => shown.write_str(&indented(&line, columns)),
            None => write!(shown, "{}", Escaped(&line)),
        };
        shown.push('\n');
    }
    shown
}

impl fmt::Debug for Console {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            ConsoleTarget::Stderr => "Console(stderr)",
            ConsoleTarget::Above(_) => "Console(above a status line)",
            ConsoleTarget::Printer(_) => "Console(printer)",
            ConsoleTarget::Output(_) => "Console(among output)",
            ConsoleTarget::Nowhere => "Console(nowhere)",
        })
    }
}
