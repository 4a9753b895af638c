//! `/log`: what comes and goes, as lines of JSON in a file. A thread of its own writes them: a reader who is slow misses
//! some, and is told how many; no connection waits for it.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::screen::Screen;
use crate::error::Error;
use crate::stdio::append_file::{claim_with_others, open_to_append};
use crate::stdio::line_writer::{LineWriter, WhenFull};
use crate::trace::connection_lines::dropped;
use crate::trace::record::Record;

/// The file, while there is one.
#[derive(Debug, Default)]
pub(crate) struct EventFile(Option<OpenEventFile>);

#[derive(Debug)]
struct OpenEventFile {
    writer: LineWriter,
    /// The file, which its writer may have for a while longer than there is a log.
    claimed: File,
    path: PathBuf,
    /// Something is in it already.
    is_continued: bool,
}

impl OpenEventFile {
    /// One that is new, or behind what is in it already.
    fn open(path: &Path) -> io::Result<Self> {
        let file = open_to_append(path, claim_with_others)?;
        let is_continued = file.metadata().is_ok_and(|file| file.len() > 0);
        let claimed = file.try_clone()?;
        let writer = LineWriter::to(file, "log", dropped)?;
        Ok(Self { writer, claimed, path: path.to_owned(), is_continued })
    }
}

impl EventFile {
    /// Another one, which begins with a line, and says that it is there; none where it can't be written.
    pub(crate) fn begin(path: &Path, first: Option<&str>, screen: &Screen) -> Self {
        match OpenEventFile::open(path) {
            Err(why) => {
                screen.fault(Error::unwritable(path, &why));
                Self::default()
            }
            Ok(file) => {
                let place = if file.is_continued { ", after what is in it already" } else { "" };
                screen.note(format_args!("logging to {}{place}; /log off stops", path.display()));
                let file = Self(Some(file));
                first.iter().for_each(|line| file.write_line(line));
                file
            }
        }
    }

    /// Lets others write the file, this same log begun anew among them. Its lines stay whole.
    pub(crate) fn release(&self) {
        // One that was never locked can't be unlocked either.
        self.0.iter().for_each(|file| drop(file.claimed.unlock()));
    }

    /// Waits until it is written, as long as a file takes that can be, and says what has come of it.
    pub(super) fn end(self, screen: &Screen) {
        let Some(file) = self.0 else { return };
        let is_written = file.writer.flush();
        let (shown, failure) = (file.path.display(), file.writer.take_failure());
        match failure {
            Some(why) => screen.fault(Error::unwritable(&file.path, &why)),
            None if is_written => screen.note(format_args!("log {shown} closed")),
            None => screen.fault(format_args!("{shown} is not read: the last events are not in it")),
        }
    }

    pub(crate) fn write_line(&self, line: &str) {
        if let Some(file) = &self.0 {
            file.writer.write(line.as_bytes(), WhenFull::Drop);
        }
    }

    pub(crate) fn write(&mut self, record: &Record<'_>, screen: &Screen) {
        if let Some(file) = &self.0 {
            file.writer.write_record(record.clone(), None, WhenFull::Drop);
        }
        self.check(screen);
    }

    /// One that can't be written any more ends, and that is said.
    pub(crate) fn check(&mut self, screen: &Screen) {
        if let Some(file) = &self.0
            && let Some(why) = file.writer.take_failure()
        {
            screen.fault(Error::unwritable(&file.path, &why));
            self.0 = None;
        }
    }
}
