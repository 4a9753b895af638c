//! The lines of a recording, as bytes: each with its number, and none that takes more memory than a line may.

use std::io::{BufRead, Read};
use std::path::{Path, PathBuf};

use super::byte_order_mark;
use crate::advice;
use crate::error::Error;

/// The longest line that is read, in bytes: one of a message of 64 MiB, all of whose bytes are escaped.
const LONGEST: u64 = 512 << 20;

/// What a line keeps of the memory of a longer one, in bytes.
const KEPT: usize = 1 << 20;

/// Reads one line after the other.
pub(super) struct RecordingLines {
    source: Box<dyn BufRead + Send>,
    path: PathBuf,
    line: Vec<u8>,
    /// Of the line that was read last, from 1.
    number: u64,
    /// Bytes that were read.
    offset: u64,
}

impl RecordingLines {
    /// Those of the file of this path, from the one with the number `first` on.
    pub(super) fn new(source: Box<dyn BufRead + Send>, path: &Path, first: u64) -> Self {
        Self { source, path: path.to_owned(), line: Vec::new(), number: first - 1, offset: 0 }
    }

    /// Reads the next line; false at the end.
    ///
    /// # Errors
    /// [`Error::File`].
    pub(super) fn advance(&mut self) -> Result<bool, Error> {
        self.line.clear();
        self.line.shrink_to(KEPT);
        self.number += 1;
        let read = (&mut self.source).take(LONGEST).read_until(b'\n', &mut self.line);
        self.offset += read.map_err(|why| Error::unreadable(&self.path, &why))? as u64;
        if self.line.len() as u64 >= LONGEST {
            return Err(Error::file(&self.path, format!("line {} is longer than 512 MiB", self.number)));
        }
        if self.number == 1 {
            byte_order_mark::remove(&mut self.line);
            if begins_har(&self.line) {
                return Err(advice::har_for_recording(&self.path));
            }
        }
        Ok(!self.line.is_empty())
    }

    /// The line that was read last, with its end.
    pub(super) fn line(&self) -> &[u8] {
        &self.line
    }

    /// The same, for somebody who may take it over.
    pub(super) fn line_mut(&mut self) -> &mut Vec<u8> {
        &mut self.line
    }

    /// Its number, from 1.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Where the one behind it begins, in bytes.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

/// Whether a first line is that of a HAR, all of which is one object, `log`, on one line or on many.
fn begins_har(line: &[u8]) -> bool {
    let rest = line.trim_ascii().strip_prefix(b"{").map(<[u8]>::trim_ascii_start);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"\"log\""))
}
