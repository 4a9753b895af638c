//! Where the lines of a recording go.
//!
//! A file is written by the threads of the connections, at the end of each turn: what the kernel has is there though the process is
//! killed, and what goes through no second thread costs the least. Anything else, such as a pipe with a name, may have a reader who
//! takes nothing: a thread of its own writes that.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::line_writer::{LineWriter, WhenFull};
use crate::trace::connection_lines::dropped;
use crate::trace::record::Record;

/// Bytes of a long record that are written at once.
const PIECE: usize = 32 * 1024;

/// How often the end is waited for, each time until the reader has taken nothing for a while.
const FLUSHES: usize = 5;

#[derive(Debug)]
pub(super) enum RecordingSink {
    File(Mutex<AppendedFile>),
    Reader(LineWriter),
}

/// A file that is written at its end.
#[derive(Debug)]
pub(super) struct AppendedFile {
    file: File,
    /// Why the last of what couldn't be written couldn't.
    failure: Option<io::Error>,
}

impl RecordingSink {
    /// # Errors
    /// When there is no thread to be had.
    pub(super) fn to(file: File) -> io::Result<Self> {
        Ok(match file.metadata()?.is_file() {
            true => Self::File(Mutex::new(AppendedFile { file, failure: None })),
            false => Self::Reader(LineWriter::to(file, "recording", dropped)?),
        })
    }

    /// Writes whole lines, which stay together.
    pub(super) fn write(&self, lines: &[u8], when_full: WhenFull) {
        match self {
            Self::File(file) => lock(file).write(|mut file| file.write_all(lines)),
            Self::Reader(writer) => writer.write(lines, when_full),
        }
    }

    /// Writes the line of a record that is long, and is held once therefore.
    pub(super) fn write_record(&self, record: Record<'_>) {
        match self {
            Self::File(file) => lock(file).write(|file| {
                let mut pieces = BufWriter::with_capacity(PIECE, file);
                record.write_to(&mut pieces)?;
                pieces.flush()
            }),
            Self::Reader(writer) => writer.write_record(record, None, WhenFull::Wait),
        }
    }

    /// Why something that was written before could not be, if that is news.
    pub(super) fn take_failure(&self) -> Option<io::Error> {
        match self {
            Self::File(file) => lock(file).failure.take(),
            Self::Reader(writer) => writer.take_failure(),
        }
    }

    /// Waits for what is still to be written; returns whether it is.
    pub(super) fn finish(&self) -> bool {
        match self {
            Self::File(_) => true,
            Self::Reader(writer) => (0..FLUSHES).any(|_| writer.flush()),
        }
    }
}

impl AppendedFile {
    fn write(&mut self, write: impl FnOnce(&File) -> io::Result<()>) {
        if let Err(why) = write(&self.file) {
            self.failure = Some(why);
        }
    }
}

fn lock(file: &Mutex<AppendedFile>) -> MutexGuard<'_, AppendedFile> {
    file.lock().unwrap_or_else(PoisonError::into_inner)
}
