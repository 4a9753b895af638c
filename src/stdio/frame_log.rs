//! `--frames`: prints a line for every frame of a connection.

use super::console::Console;
use crate::view::frames::{FrameDetail, FrameLines};
use crate::ws::Event;

/// The frame lines of one connection, each behind `prefix`.
#[derive(Debug)]
pub(crate) struct FrameLog {
    lines: FrameLines,
    console: Console,
    prefix: String,
}

impl FrameLog {
    pub(crate) fn new(console: Console, prefix: String, detail: FrameDetail) -> Self {
        Self { lines: FrameLines::new(detail), console, prefix }
    }

    pub(crate) fn event(&mut self, event: &Event<'_>) {
        let columns = || self.console.columns().saturating_sub(self.prefix.len());
        for line in self.lines.event(event, columns) {
            self.console.log(format_args!("{}{line}", self.prefix));
        }
    }

    /// Prints the line of a frame that never ended.
    pub(crate) fn finish(mut self) {
        if let Some(line) = self.lines.finish() {
            self.console.log(format_args!("{}{line}", self.prefix));
        }
    }
}
