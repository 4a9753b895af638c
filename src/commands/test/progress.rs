//! Where the run is, on the last line of a terminal.

use std::io;
use std::time::{Duration, Instant};

use crate::peer_text::Escaped;
use crate::stdio::console::Console;
use crate::stdio::output_lines::OutputLines;
use crate::stdio::status_line::StatusLine;
use crate::stdio::terminal::{self, USUAL_WIDTH};
use crate::view::width::beginning;

/// A run that is over by then has no such line.
const SHOWN_AFTER: Duration = Duration::from_millis(500);

/// From one look of the line to the next.
const PACE: Duration = Duration::from_millis(200);

/// What the line is made from.
#[derive(Debug)]
pub(super) struct TestProgress {
    line: StatusLine,
    /// When it is drawn next.
    next: Instant,
    is_drawn: bool,
    /// Lines of results go above it, for stdout is the same terminal.
    pub(super) above: Option<Console>,
    done: usize,
    failed: usize,
    of: usize,
}

impl TestProgress {
    /// Where a person sees stderr. What is told otherwise meanwhile comes through [`console`](Self::console).
    pub(super) fn new(of: usize) -> Option<Self> {
        let line = StatusLine::of_terminal()?;
        let is_same = OutputLines::are_shown_with(io::stdout(), io::stderr());
        let above = is_same.then(|| Console::above(line.clone()));
        Some(Self { line, next: Instant::now() + SHOWN_AFTER, is_drawn: false, above, done: 0, failed: 0, of })
    }

    /// For what is told on stderr meanwhile.
    pub(super) fn console(&self) -> Console {
        Console::above(self.line.clone())
    }

    /// When it has to be drawn.
    pub(super) fn next(&self) -> Instant {
        self.next
    }

    pub(super) fn count(&mut self, has_failed: bool) {
        self.done += 1;
        self.failed += usize::from(has_failed);
    }

    /// A file is over: where the line is there it shows another step.
    pub(super) fn leave(&mut self, current: Option<String>) {
        if self.is_drawn {
            self.draw(current);
        }
    }

    /// Draws it with the step that is being taken.
    pub(super) fn draw(&mut self, current: Option<String>) {
        (self.next, self.is_drawn) = (Instant::now() + PACE, true);
        let Self { done, failed, of, .. } = self;
        let failed = if *failed > 0 { format!(", {failed} failed") } else { String::new() };
        let step = current.map(|step| format!("  {}", Escaped(&step))).unwrap_or_default();
        // One column stays free for the cursor.
        let columns = terminal::columns(io::stderr()).unwrap_or(USUAL_WIDTH).saturating_sub(1);
        self.line.show(beginning(&format!("{done} of {of} done{failed}{step}"), columns).to_owned());
    }
}

impl Drop for TestProgress {
    fn drop(&mut self) {
        self.line.clear();
    }
}
