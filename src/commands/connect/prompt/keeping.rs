//! What is kept of a connection: for `/save`, and by `/log` in a file.

use std::path::Path;

use super::Prompt;
use crate::commands::prompt::event_file::EventFile;
use crate::commands::prompt::transcript::Other;
use crate::trace::record::Record;

impl Prompt<'_> {
    /// Begins a log, or ends the one there is.
    pub(super) fn log(&mut self, path: Option<&Path>) {
        let opened = Some(self.open.opened_line()).filter(|_| self.status.is_connected());
        let next = path.map(|path| EventFile::begin(path, opened, &self.screen)).unwrap_or_default();
        let last = std::mem::replace(&mut self.log, next);
        self.saving.end_log(last, &self.screen);
    }

    /// Writes a line about a connection to the log, if there is one, and keeps it for `/save`.
    pub(super) fn keep_line(&mut self, line: &str) {
        self.log.write_line(line);
        self.transcript.add_other(Other::Line(line.into()));
    }

    /// Writes a record to the log, if there is one, with the number of its connection.
    pub(super) fn write_to_log(&mut self, record: &mut Record<'_>) {
        let shown = std::mem::replace(&mut record.connection, self.number);
        self.log.write(record, &self.screen);
        record.connection = shown;
    }
}
