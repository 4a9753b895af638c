//! stderr, which everybody in the process writes to.

use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::{LazyLock, OnceLock};

use super::line_writer::{LineWriter, WhenFull};
use super::terminal;
use crate::view::amount::Count;

/// Begun by the first who has something to write; `None` when there was no thread or descriptor to be had.
static WRITER: OnceLock<Option<LineWriter>> = OnceLock::new();

/// Asked once: a terminal has a new width whenever its window has, but nothing else becomes one.
static IS_A_TERMINAL: LazyLock<bool> = LazyLock::new(|| io::stderr().is_terminal());

/// The width now of the terminal that stderr is; `None` where it is none.
pub(super) fn columns() -> Option<usize> {
    IS_A_TERMINAL.then(|| terminal::columns(io::stderr())).flatten()
}

/// Where it goes, to see that its reader has gone. A terminal says that with SIGHUP.
pub(crate) fn sink() -> Option<BorrowedFd<'static>> {
    (!*IS_A_TERMINAL).then(rustix::stdio::stderr)
}

/// Writes whole lines, or what else stays together.
pub(super) fn write(lines: &str, when_full: WhenFull) {
    match WRITER.get_or_init(|| begin().ok()) {
        Some(writer) => writer.write(lines.as_bytes(), when_full),
        // A stderr that nobody reads is nobody's loss.
        None => drop(io::stderr().write_all(lines.as_bytes())),
    }
}

fn begin() -> io::Result<LineWriter> {
    let notice = |dropped| format!("[log] {} dropped: stderr was not read\n", Count(dropped, "line"));
    LineWriter::to(File::from(io::stderr().as_fd().try_clone_to_owned()?), "stderr", notice)
}

/// Whether what was written before still waits for the reader.
pub(super) fn is_behind() -> bool {
    writer().is_some_and(LineWriter::is_behind)
}

/// Waits until what was written has been read; not for a reader who doesn't read.
pub(crate) fn flush() {
    if let Some(writer) = writer() {
        // Whoever doesn't read stderr can't be told so either.
        writer.flush();
    }
}

/// Has what was written come before what is printed elsewhere on the same terminal.
pub(crate) fn flush_briefly() {
    if let Some(writer) = writer() {
        writer.flush_briefly();
    }
}

fn writer() -> Option<&'static LineWriter> {
    WRITER.get()?.as_ref()
}

/// Flushes stderr when it is dropped.
#[derive(Debug)]
pub(crate) struct FlushOnDrop;

impl Drop for FlushOnDrop {
    fn drop(&mut self) {
        flush();
    }
}
