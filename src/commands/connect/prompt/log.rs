//! `/save` and `/log`: what came and went, as lines of JSON.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::Prompt;
use crate::error::system_words;
use crate::trace::record::Record;
use crate::view::amount::Count;
use crate::ws::{Close, Direction, Message};

/// A file that events are written to as they happen.
#[derive(Debug)]
pub(super) struct Log {
    file: BufWriter<File>,
    shown: String,
}

/// A new file, or a longer one: what is there already stays. Nobody else gets to read it.
fn open(path: &Path, append: bool) -> Result<BufWriter<File>, String> {
    let opened = OpenOptions::new().create(true).write(true).append(append).truncate(!append).mode(0o600).open(path);
    opened.map(BufWriter::new).map_err(|error| cannot(path, &error))
}

fn cannot(path: &Path, error: &io::Error) -> String {
    format!("can't write {}: {}", path.display(), system_words(error))
}

fn message(direction: Direction, message: Message<'_>) -> Record<'_> {
    Record::message(direction, message.kind, message.content, message.content.len() as u64, None)
}

impl Prompt<'_> {
    /// Writes the messages that are still there.
    pub(super) fn save(&self, path: &Path) {
        let written = open(path, false).and_then(|mut file| {
            self.transcript
                .entries()
                .try_for_each(|entry| message(entry.direction, entry.message()).at_wall(entry.at).write_to(&mut file))
                .and_then(|()| file.flush())
                .map_err(|error| cannot(path, &error))
        });
        match written {
            Err(why) => self.screen.fault(why),
            Ok(()) => {
                let count = Count(self.transcript.entries().count() as u64, "message");
                self.screen.note(format_args!("{count} in {}", path.display()));
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
                Ok(()) => self.screen.note(format_args!("{} is complete", log.shown)),
                Err(error) => self.screen.fault(cannot(Path::new(&log.shown), &error)),
            }
        }
        let Some(path) = path else { return };
        match open(path, true) {
            Err(why) => self.screen.fault(why),
            Ok(file) => {
                let shown = path.display().to_string();
                self.screen.note(format_args!("everything from now on goes to {shown} too; /log off ends that"));
                self.log = Some(Log { file, shown });
            }
        }
    }

    pub(super) fn log_message(&mut self, direction: Direction, message: Message<'_>) {
        if self.log.is_some() {
            self.write_to_log(self::message(direction, message));
        }
    }

    pub(super) fn log_control(
        &mut self,
        direction: Direction,
        kind: &'static str,
        payload: &[u8],
        round_trip: Option<Duration>,
    ) {
        if self.log.is_some() {
            self.write_to_log(Record::control(direction, kind, payload).after(round_trip));
        }
    }

    pub(super) fn log_close(&mut self, direction: Direction, close: &Close) {
        if self.log.is_some() {
            self.write_to_log(Record::close(direction, close));
        }
    }

    /// A log that can't be written any more ends, and that is said.
    fn write_to_log(&mut self, record: Record<'_>) {
        let Some(log) = &mut self.log else { return };
        if let Err(error) = record.at_wall(SystemTime::now()).write_to(&mut log.file) {
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
