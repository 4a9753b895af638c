//! A recording, read line by line: docs/recording.md.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::console::Console;
use super::recording_lines::RecordingLines;
use crate::error::Error;
use crate::trace::no_record::NoRecord;
use crate::trace::recording_line::RecordingLine;

/// What is done about a line that can't be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadLines {
    Refuse,
    /// Likewise, where whoever reads the error may have it passed over instead.
    RefuseAtFirst,
    /// It is told, and passed over.
    PassOver,
}

/// Lines, and types, that are remembered as told.
const MOST_TOLD: usize = 1000;

/// Tells what is passed over in a recording: each line once, however many readers come upon it.
#[derive(Debug, Clone)]
pub(super) struct PassedOver {
    console: Console,
    told: Arc<Mutex<ToldLines>>,
}

/// What has been told.
#[derive(Debug, Default)]
struct ToldLines {
    lines: BTreeSet<u64>,
    types: BTreeSet<String>,
}

impl PassedOver {
    pub(super) fn through(console: Console) -> Self {
        Self { console, told: Arc::default() }
    }

    /// What was cut off, as by the end of its writer, is no fault of the rest.
    pub(super) fn cut_off(&self, number: u64) {
        self.line(number, &format_args!("line {number} was cut off and is skipped"));
    }

    fn line(&self, number: u64, what: &dyn fmt::Display) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if is_news(&mut told.lines, number) {
            self.console.line(what);
        }
    }

    /// A later version has written it.
    fn unknown_type(&self, number: u64, name: &str) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if is_news(&mut told.types, name.to_owned()) {
            self.console
                .line(format_args!("line {number} skipped, and others like it: this version knows no type {name:?}"));
        }
    }
}

fn is_news<T: Ord>(told: &mut BTreeSet<T>, what: T) -> bool {
    if told.len() < MOST_TOLD { told.insert(what) } else { !told.contains(&what) }
}

/// Reads the lines of a recording.
pub(crate) struct RecordingReader {
    lines: RecordingLines,
    bad_lines: BadLines,
    passed_over: PassedOver,
    /// It is a recording, and not something else that has types: there was a line about a connection.
    has_begun: bool,
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
        Ok(Self::over(source, path, bad_lines, console))
    }

    /// Reads the file of this path.
    pub(crate) fn over(source: Box<dyn BufRead + Send>, path: &Path, bad_lines: BadLines, console: Console) -> Self {
        Self::from_line(source, path, 1, bad_lines, PassedOver::through(console))
    }

    /// Reads the file of this path from the line with this number on, behind others if that isn't the first.
    pub(super) fn from_line(
        source: Box<dyn BufRead + Send>,
        path: &Path,
        first: u64,
        bad_lines: BadLines,
        passed_over: PassedOver,
    ) -> Self {
        Self { lines: RecordingLines::new(source, path, first), bad_lines, passed_over, has_begun: first > 1 }
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
            match self.lines.take() {
                Ok(RecordingLine::Comment) => {}
                Ok(line) => {
                    self.has_begun |= matches!(line, RecordingLine::Connection(_));
                    return Ok(Some(line));
                }
                // Schema 1 stays when a type is added.
                Err(NoRecord::OtherType(name)) if self.has_begun => {
                    self.passed_over.unknown_type(self.lines.number(), &name);
                }
                Err(why) => self.pass_over(&why)?,
            }
        }
        Ok(None)
    }

    /// Every line that says something.
    pub(crate) fn into_lines(mut self) -> impl Iterator<Item = Result<RecordingLine, Error>> {
        std::iter::from_fn(move || self.next().transpose())
    }

    fn pass_over(&self, why: &NoRecord) -> Result<(), Error> {
        let number = self.lines.number();
        if self.lines.is_cut_off() {
            self.passed_over.cut_off(number);
        } else if self.bad_lines == BadLines::PassOver {
            self.passed_over.line(number, &format_args!("line {number} skipped: {why}"));
        } else {
            let fault = self.lines.fault(why);
            let may_go_on = self.bad_lines == BadLines::RefuseAtFirst && self.has_begun;
            return Err(if may_go_on { fault.skippable() } else { fault });
        }
        Ok(())
    }
}
