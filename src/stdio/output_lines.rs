//! Lines for the person on the terminal that stdout is too, in order with what is written there.

use std::os::fd::{AsFd, BorrowedFd};

use super::line_writer::WhenFull;
use super::stderr;
use super::write_thread::WriteThread;
use super::writer::{Output, is_full};

/// The lines of somebody who writes where an output does.
#[derive(Debug, Clone)]
pub(crate) struct OutputLines(WriteThread);

impl OutputLines {
    /// Lines that come out where they are written among what else is.
    pub(crate) fn among(output: &mut Output) -> Self {
        Self(output.take_lines())
    }

    /// Whether both are the same terminal, which shows what is written to either in the order in which it is written.
    pub(crate) fn are_shown_with(stdout: impl AsFd, stderr: impl AsFd) -> bool {
        let device = |file: BorrowedFd<'_>| {
            let is_terminal = rustix::termios::isatty(file);
            rustix::fs::fstat(file).ok().filter(|_| is_terminal).map(|status| status.st_rdev)
        };
        device(stdout.as_fd()).is_some_and(|terminal| device(stderr.as_fd()) == Some(terminal))
    }

    /// Writes whole lines; those behind the end of the output, or its failure, go to stderr.
    pub(super) fn write(&self, lines: &str, when_full: WhenFull) {
        let mut state = self.0.lock();
        if state.finishing || state.failure.is_some() {
            drop(state);
            return stderr::write(lines, when_full);
        }
        if when_full == WhenFull::Drop && is_full(&state) {
            state.congestion.dropped += 1;
            return;
        }
        state.queue.extend_from_slice(lines.as_bytes());
        drop(state);
        self.0.wake();
    }
}
