//! What is kept of a connection: for `/save`, by `/log` in a file, and for `--record`.

use std::path::Path;
use std::sync::Arc;

use crate::commands::prompt::event_file::{EventFile, LogFiles};
use crate::commands::prompt::saving::Saving;
use crate::commands::prompt::screen::Screen;
use crate::commands::prompt::transcript::{Other, Transcript};
use crate::stdio::recording::Recording;
use crate::trace::record::Record;

/// Everything that keeps what happens.
#[derive(Debug)]
pub(super) struct Archive {
    /// The connection's, in what is written: `None` of the first.
    pub(super) number: Option<u64>,
    pub(super) transcript: Transcript,
    pub(super) log: EventFile,
    /// Of all connections of the prompt.
    logs: LogFiles,
    /// Of `--record`.
    pub(super) recording: Option<Arc<Recording>>,
    saving: Saving,
}

impl Archive {
    pub(super) fn new(
        number: Option<u64>,
        transcript: Transcript,
        logs: LogFiles,
        recording: Option<Arc<Recording>>,
    ) -> Self {
        Self { number, transcript, log: EventFile::default(), logs, recording, saving: Saving::default() }
    }

    /// Begins a log, or ends the one there is; it begins with the line that tells how what is open was `opened`.
    pub(super) fn log(&mut self, path: Option<&Path>, opened: Option<&str>, (whose, screen): (&str, &Screen)) {
        let Some(next) = self.log.next(&self.logs, path, opened, (whose, screen)) else { return };
        let last = std::mem::replace(&mut self.log, next);
        self.saving.end_log(last, screen);
    }

    /// What is logged here, in words.
    pub(super) fn log_told(&self, whose: &str) -> String {
        self.log.told(&self.logs, whose)
    }

    /// Writes a line about a connection to the log, if there is one, and keeps it for `/save`.
    pub(super) fn line(&mut self, line: &str) {
        self.log.write_line(line);
        self.transcript.add_other(Other::Line(line.into()));
    }

    /// Writes a record to the log, if there is one, with the number of its connection.
    pub(super) fn record(&mut self, record: &mut Record<'_>, screen: &Screen) {
        let shown = std::mem::replace(&mut record.connection, self.number);
        self.log.write(record, screen);
        record.connection = shown;
    }

    /// Keeps what is no message for `/save`.
    pub(super) fn other(&self, record: Record<'_>) {
        self.transcript.add_other(Other::Record(Arc::new(record.into_owned())));
    }

    /// Writes what is still there.
    pub(super) fn save(&mut self, path: &Path, overwrite: bool, screen: &Screen) {
        self.saving.save(&self.transcript, path, overwrite, screen);
    }

    /// Ends the log, and waits for what is being written, as long as a file takes that can be.
    pub(super) fn finish(&mut self, screen: &Screen) {
        self.log(None, None, ("", screen));
        self.saving.finish();
    }
}
