//! A recording, read line by line: docs/recording.md.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use serde::de::IgnoredAny;

use super::byte_order_mark;
use super::console::Console;
use crate::error::Error;
use crate::trace::no_record::NoRecord;
use crate::trace::recording_line::RecordingLine;

/// The longest line that is read, in bytes: one of a message of 64 MiB, all of whose bytes are escaped.
const LONGEST: u64 = 512 << 20;

/// What is done about a line that can't be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadLines {
    Refuse,
    /// It is told, and passed over.
    PassOver,
}

/// Reads the lines of a recording.
pub(crate) struct RecordingReader {
    source: Box<dyn BufRead + Send>,
    path: PathBuf,
    bad_lines: BadLines,
    console: Console,
    line: Vec<u8>,
    /// Of the line that was read last, from 1.
    number: u64,
}

impl RecordingReader {
    /// Opens a file; `-` is stdin. What is passed over is told through `console`.
    ///
    /// # Errors
    /// [`Error::File`].
    pub(crate) fn open(path: &Path, bad_lines: BadLines, console: Console) -> Result<Self, Error> {
        let source: Box<dyn BufRead + Send> = if path == Path::new("-") {
            Box::new(BufReader::new(io::stdin()))
        } else {
            Box::new(BufReader::new(File::open(path).map_err(|why| Error::unreadable(path, &why))?))
        };
        Ok(Self::over(source, path, 1, bad_lines, console))
    }

    /// Reads the file of this path from the line with this number on.
    pub(crate) fn over(
        source: Box<dyn BufRead + Send>,
        path: &Path,
        first: u64,
        bad_lines: BadLines,
        console: Console,
    ) -> Self {
        Self { source, path: path.to_owned(), bad_lines, console, line: Vec::new(), number: first - 1 }
    }

    /// The number of the line that was read last, from 1.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// The next line that says something.
    ///
    /// # Errors
    /// [`Error::File`], with the number of the line and what is wrong with it.
    pub(crate) fn next(&mut self) -> Result<Option<RecordingLine>, Error> {
        while self.read_line()? {
            match RecordingLine::read(&self.line) {
                Ok(RecordingLine::Comment) => {}
                Ok(line) => return Ok(Some(line)),
                Err(why) => self.pass_over(&why)?,
            }
        }
        Ok(None)
    }

    /// Reads a line; false at the end.
    fn read_line(&mut self) -> Result<bool, Error> {
        self.line.clear();
        self.number += 1;
        let read = (&mut self.source).take(LONGEST).read_until(b'\n', &mut self.line);
        read.map_err(|why| Error::unreadable(&self.path, &why))?;
        if self.line.len() as u64 >= LONGEST {
            return Err(Error::file(&self.path, format!("line {} is longer than 512 MiB", self.number)));
        }
        if self.number == 1 {
            byte_order_mark::remove(&mut self.line);
        }
        Ok(!self.line.is_empty())
    }

    /// What was cut off, as by the end of its writer, is no fault of the rest.
    fn pass_over(&self, why: &NoRecord) -> Result<(), Error> {
        let number = self.number;
        let is_cut = serde_json::from_slice::<IgnoredAny>(self.line.trim_ascii()).is_err_and(|error| error.is_eof());
        if is_cut {
            self.console.line(format_args!("line {number} was cut off, and is passed over"));
        } else if self.bad_lines == BadLines::PassOver {
            self.console.line(format_args!("line {number} is passed over: {why}"));
        } else {
            return Err(Error::file(&self.path, format!("line {number} is not a line of a recording: {why}")));
        }
        Ok(())
    }
}
