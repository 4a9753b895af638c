//! The log as events for programs: JSON on stdout, one object a line.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::fd::AsFd;
use std::sync::OnceLock;
use std::time::SystemTime;

use serde_json::Value;

use crate::error::Error;
use crate::stdio::line_writer::{LineWriter, WhenFull};
use crate::stdio::terminal::{Columns, stdout_columns};
use crate::trace::connection_lines::{ConnectionLine, Milestone, dropped};
use crate::trace::record::{Record, SCHEMA};
use crate::view::clock::timestamp;
use crate::view::json_text;

/// As large as anybody may make a pipe on Linux, in bytes.
#[cfg(any(target_os = "linux", target_os = "android"))]
const PIPE_SIZE: usize = 1 << 20;

#[derive(Debug)]
pub(super) struct StdoutEvents {
    writer: LineWriter,
    /// What a terminal would act on is written as `\uXXXX`, and no row of it looks like another line.
    terminal: Option<Columns>,
    /// Why there are no more.
    failure: OnceLock<Error>,
}

impl StdoutEvents {
    /// # Errors
    /// When there is no thread or no descriptor to be had.
    pub(super) fn on_stdout() -> io::Result<Self> {
        let stdout = File::from(io::stdout().as_fd().try_clone_to_owned()?);
        enlarge(&stdout);
        let writer = LineWriter::to(stdout, "events", dropped)?;
        Ok(Self { writer, terminal: stdout_columns(), failure: OnceLock::new() })
    }

    /// Whether everything could be written.
    pub(super) fn flush(&self) -> bool {
        self.writer.flush()
    }

    /// Looks whether they can be written no more: what follows would have a gap before it. A reader who has left is none who
    /// would miss it.
    pub(super) fn has_failed(&self, tell: impl FnOnce(&Error)) -> bool {
        if self.failure.get().is_none()
            && let Some(why) = self.writer.take_failure().filter(|why| why.kind() != ErrorKind::BrokenPipe)
            && self.failure.set(Error::Stdout(why)).is_ok()
        {
            self.failure.get().map(tell);
        }
        self.failure.get().is_some()
    }

    /// An event of a connection, with its number put into it.
    pub(super) fn connection(&self, number: u64, mut event: Value) {
        event["connection"] = number.into();
        self.write(event);
    }

    pub(super) fn record(&self, record: Record<'_>) {
        self.writer.write_record(record, self.terminal, WhenFull::Drop);
    }

    /// Writes an event, with the schema and the time put into it.
    pub(super) fn write(&self, mut event: Value) {
        event["schema"] = SCHEMA.into();
        event["time"] = timestamp(SystemTime::now()).into();
        self.write_line(&format!("{event}\n"));
    }

    /// The beginning or the end of a connection, the same line as in a recording.
    pub(super) fn milestone(&self, number: u64, milestone: Milestone) {
        self.write_line(&ConnectionLine::new(Some(number), milestone).line());
    }

    fn write_line(&self, line: &str) {
        let line = match self.terminal {
            Some(columns) => json_text::folded(line, columns()).into(),
            None => Cow::Borrowed(line),
        };
        self.writer.write(line.as_bytes(), WhenFull::Drop);
    }
}

/// Has a pipe keep more for a reader who is late: what is in it outlives this process.
fn enlarge(pipe: &File) {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    // It may be no pipe, or too much for this user.
    let _ = rustix::pipe::fcntl_setpipe_size(pipe, PIPE_SIZE);
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let _ = pipe;
}
