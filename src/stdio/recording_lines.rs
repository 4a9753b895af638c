//! The lines of a recording: each with its number, and none that takes more memory than a line may. Whoever reads one reads it by
//! these, so that what is no recording at all is refused here.

use std::fmt::Display;
use std::io::{BufRead, Read};
use std::path::{Path, PathBuf};

use serde::de::IgnoredAny;

use super::byte_order_mark;
use super::file::to_read;
use crate::advice;
use crate::error::Error;
use crate::trace::no_record::NoRecord;
use crate::trace::recording_line::RecordingLine;

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
    /// There is a line that says something, here or before the first.
    holds_record: bool,
    /// The first line that is none of a recording, and why.
    first_fault: Option<(u64, String)>,
}

impl RecordingLines {
    /// Those of the file of this path, from the one with the number `first` on.
    pub(super) fn new(source: Box<dyn BufRead + Send>, path: &Path, first: u64) -> Self {
        let path = to_read(path).to_owned();
        let (number, holds_record) = (first - 1, first > 1);
        Self { source, path, line: Vec::new(), number, offset: 0, holds_record, first_fault: None }
    }

    /// Reads the next line; false at the end.
    ///
    /// # Errors
    /// [`Error::File`], also at the end of what holds no record; [`Error::Usage`] of another kind of file.
    pub(super) fn advance(&mut self) -> Result<bool, Error> {
        self.line.clear();
        self.line.shrink_to(KEPT);
        self.number += 1;
        if self.number == 1 {
            let beginning = self.source.fill_buf().map_err(|why| Error::unreadable(&self.path, &why))?;
            advice::check_recording(&self.path, beginning)?;
        }
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
        if self.line.is_empty() && !self.holds_record { Err(self.no_recording()) } else { Ok(!self.line.is_empty()) }
    }

    /// Of a file that has ended.
    fn no_recording(&mut self) -> Error {
        let why = match self.first_fault.take() {
            Some((line, why)) => not_a_line(line, why),
            None => "it holds no record".to_owned(),
        };
        Error::file(&self.path, why)
    }

    /// What the line that was read last says. It may be taken over.
    ///
    /// # Errors
    /// Why it is none of a recording.
    pub(super) fn take(&mut self) -> Result<RecordingLine, NoRecord> {
        let taken = RecordingLine::take(&mut self.line);
        match &taken {
            Ok(line) => self.holds_record |= !matches!(line, RecordingLine::Comment),
            Err(why) if self.first_fault.is_none() && !self.is_cut_off() => {
                self.first_fault = Some((self.number, why.to_string()));
            }
            Err(_) => {}
        }
        taken
    }

    /// What is said of a line that is none of a recording.
    pub(super) fn fault(&self, why: &NoRecord) -> Error {
        Error::file(&self.path, not_a_line(self.number, why))
    }

    /// Whether the line that was read last ends in the middle.
    pub(super) fn is_cut_off(&self) -> bool {
        // One that was taken over was whole.
        !self.line.is_empty()
            && serde_json::from_slice::<IgnoredAny>(self.line.trim_ascii()).is_err_and(|error| error.is_eof())
    }

    /// The line that was read last, with its end.
    pub(super) fn line(&self) -> &[u8] {
        &self.line
    }

    /// Its number, from 1.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Where the one behind it begins, in bytes.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }
}

fn not_a_line(number: u64, why: impl Display) -> String {
    format!("line {number} is not a line of a recording: {why}")
}

/// Whether a first line is that of a HAR, all of which is one object, `log`, on one line or on many.
fn begins_har(line: &[u8]) -> bool {
    let rest = line.trim_ascii().strip_prefix(b"{").map(<[u8]>::trim_ascii_start);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"\"log\""))
}
