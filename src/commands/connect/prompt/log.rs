//! `/save` and `/log`: what came and went, as lines of JSON.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::OFlags;

use super::Prompt;
use crate::error::system_words;
use crate::trace::record::Record;
use crate::view::amount::Count;

/// A file that events are written to as they happen.
#[derive(Debug)]
pub(super) struct Log {
    file: BufWriter<File>,
    shown: String,
}

/// A new file, or a longer one: what is there already stays. Nobody else gets to read it. A pipe with a name isn't waited
/// for, neither for a reader nor for its reading: the connection and signals would wait too.
fn open(path: &Path, append: bool) -> Result<BufWriter<File>, String> {
    let mut options = OpenOptions::new();
    options.create(true).write(true).append(append).truncate(!append).mode(0o600);
    let opened = options.custom_flags(OFlags::NONBLOCK.bits() as i32).open(path);
    opened.map(BufWriter::new).map_err(|error| cannot(path, &error))
}

fn cannot(path: &Path, error: &io::Error) -> String {
    format!("can't write {}: {}", path.display(), system_words(error))
}

impl Prompt<'_> {
    /// Writes the messages that are still there.
    pub(super) fn save(&self, path: &Path) {
        let written = open(path, false).and_then(|mut file| {
            self.transcript
                .messages()
                .try_for_each(|message| message.write_to(&mut file))
                .and_then(|()| file.flush())
                .map_err(|error| cannot(path, &error))
        });
        match written {
            Err(why) => self.screen.fault(why),
            Ok(()) => {
                let count = Count(self.transcript.messages().count() as u64, "message");
                self.screen.note(format_args!("saved {count} to {}", path.display()));
            }
        }
        if self.transcript.forgotten() > 0 {
            let forgotten = Count(self.transcript.forgotten(), "message");
            self.screen.note(format_args!("the {forgotten} before that are no longer kept; /log keeps everything"));
        }
    }

    /// Begins a log, or ends the one there is.
    pub(super) fn log(&mut self, path: Option<&Path>) {
        if let Some(mut log) = self.log.take() {
            match log.file.flush() {
                Ok(()) => self.screen.note(format_args!("log {} closed", log.shown)),
                Err(error) => self.screen.fault(cannot(Path::new(&log.shown), &error)),
            }
        }
        let Some(path) = path else { return };
        match open(path, true) {
            Err(why) => self.screen.fault(why),
            Ok(file) => {
                let shown = path.display().to_string();
                self.screen.note(format_args!("logging to {shown}; /log off stops"));
                self.log = Some(Log { file, shown });
            }
        }
    }

    /// Writes a record to the log, if there is one. A log that can't be written any more ends, and that is said.
    pub(super) fn write_to_log(&mut self, record: &Record<'_>) {
        let Some(log) = &mut self.log else { return };
        if let Err(error) = record.write_to(&mut log.file) {
            self.screen.fault(cannot(Path::new(&log.shown), &error));
            self.log = None;
        }
    }

    /// What was logged reaches the file, whenever nothing is going on.
    pub(super) fn flush_log(&mut self) {
        if let Some(log) = &mut self.log
            && let Err(error) = log.file.flush()
        {
            self.screen.fault(cannot(Path::new(&log.shown), &error));
            self.log = None;
        }
    }
}
