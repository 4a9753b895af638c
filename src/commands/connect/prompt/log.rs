//! `/log`: what comes and goes, as lines of JSON in a file. A thread of its own writes them: a reader who is slow misses
//! some, and is told how many; the connection doesn't wait for it.

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use super::Prompt;
use crate::commands::prompt::transcript::Other;
use crate::error::Error;
use crate::stdio::line_writer::{LineWriter, WhenFull};
use crate::trace::record::{Record, dropped};

/// A file that events are written to as they happen.
#[derive(Debug)]
pub(super) struct Log {
    writer: LineWriter,
    path: PathBuf,
}

impl Log {
    /// In a file that is new, or behind what is in it already.
    fn open(path: &Path) -> io::Result<Self> {
        // A pipe with a name isn't waited for until it has a reader: the connection and signals would wait too.
        let flags = OFlags::NONBLOCK.bits() as i32;
        // Nobody else gets to read what is logged.
        let file = OpenOptions::new().create(true).append(true).mode(0o600).custom_flags(flags).open(path)?;
        Ok(Self { writer: LineWriter::to(file, "log", dropped)?, path: path.to_owned() })
    }
}

impl Prompt<'_> {
    /// Begins a log, or ends the one there is.
    pub(super) fn log(&mut self, path: Option<&Path>) {
        self.end_log();
        let Some(path) = path else { return };
        match Log::open(path) {
            Err(why) => self.screen.fault(Error::unwritable(path, &why)),
            Ok(log) => {
                self.screen.note(format_args!("logging to {}; /log off stops", path.display()));
                if self.status.is_connected() {
                    log.writer.write(self.open.opened_line().as_bytes(), WhenFull::Drop);
                }
                self.log = Some(log);
            }
        }
    }

    fn end_log(&mut self) {
        let Some(log) = self.log.take() else { return };
        let is_written = log.writer.flush();
        let (shown, failure) = (log.path.display(), log.writer.take_failure());
        match failure {
            Some(why) => self.screen.fault(Error::unwritable(&log.path, &why)),
            None if is_written => self.screen.note(format_args!("log {shown} closed")),
            None => self.screen.fault(format_args!("{shown} is not read: the last events are not in it")),
        }
    }

    /// Writes a line about a connection to the log, if there is one, and keeps it for `/save`.
    pub(super) fn keep_line(&mut self, line: &str) {
        if let Some(log) = &self.log {
            log.writer.write(line.as_bytes(), WhenFull::Drop);
        }
        self.transcript.add_other(Other::Line(line.into()));
    }

    /// Writes a record to the log, if there is one.
    pub(super) fn write_to_log(&mut self, record: &Record<'_>) {
        if let Some(log) = &self.log {
            log.writer.write_record(record.clone(), false, WhenFull::Drop);
        }
        self.check_log();
    }

    /// A log that can't be written any more ends, and that is said.
    pub(super) fn check_log(&mut self) {
        if let Some(log) = &self.log
            && let Some(why) = log.writer.take_failure()
        {
            self.screen.fault(Error::unwritable(&log.path, &why));
            self.log = None;
        }
    }
}
