//! A recording, read line by line: docs/recording.md.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use serde::de::IgnoredAny;

use super::console::Console;
use super::recording_lines::RecordingLines;
use crate::error::Error;
use crate::trace::no_record::NoRecord;
use crate::trace::recording_line::RecordingLine;

/// What is done about a line that can't be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadLines {
    Refuse,
    /// It is told, and passed over.
    PassOver,
}

/// Reads the lines of a recording.
pub(crate) struct RecordingReader {
    lines: RecordingLines,
    bad_lines: BadLines,
    console: Console,
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
        Self { lines: RecordingLines::new(source, path, first), bad_lines, console }
    }

    /// The number of the line that was read last, from 1.
    pub(crate) fn number(&self) -> u64 {
        self.lines.number()
    }

    /// The next line that says something.
    ///
    /// # Errors
    /// [`Error::File`], with the number of the line and what is wrong with it.
    pub(crate) fn next(&mut self) -> Result<Option<RecordingLine>, Error> {
        while self.lines.advance()? {
            match RecordingLine::take(self.lines.line_mut()) {
                Ok(RecordingLine::Comment) => {}
                Ok(line) => return Ok(Some(line)),
                Err(why) => self.pass_over(&why)?,
            }
        }
        Ok(None)
    }

    /// What was cut off, as by the end of its writer, is no fault of the rest.
    fn pass_over(&self, why: &NoRecord) -> Result<(), Error> {
        let number = self.lines.number();
        let is_cut =
            serde_json::from_slice::<IgnoredAny>(self.lines.line().trim_ascii()).is_err_and(|error| error.is_eof());
        if is_cut {
            self.console.line(format_args!("line {number} was cut off and is skipped"));
        } else if self.bad_lines == BadLines::PassOver {
            self.console.line(format_args!("line {number} skipped: {why}"));
        } else {
            return Err(Error::file(self.lines.path(), format!("line {number} is not a line of a recording: {why}")));
        }
        Ok(())
    }
}
