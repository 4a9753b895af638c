//! `/log`: what comes and goes, as lines of JSON in a file. A thread of its own writes them: a reader who is slow misses
//! some, and is told how many; no connection waits for it.
//!
//! A file has one writer, as a recording has: a long line takes several system calls, and lines of two programs don't say whose they
//! are. The connections of a prompt have numbers, and share the writer.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use super::screen::Screen;
use crate::error::Error;
use crate::stdio::append_file::{end_line, open_to_append};
use crate::stdio::line_writer::{LineWriter, WhenFull};
use crate::trace::connection_lines::dropped;
use crate::trace::record::Record;

/// The files that are logged to at a prompt now. Clones are the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct LogFiles(Arc<Mutex<Vec<Weak<OpenEventFile>>>>);

/// The file, while there is one.
#[derive(Debug, Clone, Default)]
pub(crate) struct EventFile(Option<Arc<OpenEventFile>>);

/// It is claimed until the last who logs to it has let go of it, whatever its writing thread still holds.
#[derive(Debug)]
struct OpenEventFile {
    writer: LineWriter,
    claimed: File,
    path: PathBuf,
    /// By which the system knows it.
    id: Option<FileId>,
    /// Why it can't be written any more, for each of those who log to it.
    failure: OnceLock<String>,
    /// Nobody logs to it any more.
    is_released: AtomicBool,
}

/// A device, and a file there.
type FileId = (u64, u64);

impl OpenEventFile {
    /// One that is new, or behind what is in it already.
    fn open(path: &Path) -> io::Result<Self> {
        let mut file = open_to_append(path)?;
        end_line(path, &mut file)?;
        let (id, claimed) = (file_id(file.metadata()), file.try_clone()?);
        let writer = LineWriter::to(file, "log", dropped)?;
        Ok(Self {
            writer,
            claimed,
            path: path.to_owned(),
            id,
            failure: OnceLock::new(),
            is_released: AtomicBool::new(false),
        })
    }

    fn is_shared(&self) -> bool {
        !self.is_released.load(Ordering::Relaxed) && self.failure().is_none()
    }

    fn failure(&self) -> Option<&str> {
        if let Some(why) = self.writer.take_failure() {
            let _ = self.failure.set(Error::unwritable(&self.path, &why).to_string());
        }
        self.failure.get().map(String::as_str)
    }
}

impl Drop for OpenEventFile {
    fn drop(&mut self) {
        let _ = self.claimed.unlock();
    }
}

/// A pipe or a device may be opened any number of times, and each has its own reader.
fn file_id(metadata: io::Result<Metadata>) -> Option<FileId> {
    metadata.ok().filter(Metadata::is_file).map(|metadata| (metadata.dev(), metadata.ino()))
}

impl LogFiles {
    /// The file, which others at this prompt may write already.
    fn open(&self, path: &Path) -> io::Result<Arc<OpenEventFile>> {
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        files.retain(|file| file.strong_count() > 0);
        let id = file_id(path.metadata());
        let mut open = files.iter().filter_map(Weak::upgrade);
        if let Some(shared) = open.find(|file| id.is_some() && file.id == id && file.is_shared()) {
            return Ok(shared);
        }
        let file = Arc::new(OpenEventFile::open(path)?);
        files.push(Arc::downgrade(&file));
        Ok(file)
    }

    /// Those that other connections of this prompt are logged to, in words; empty where there are none.
    fn words(&self) -> String {
        let files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let paths: Vec<_> =
            files.iter().filter_map(Weak::upgrade).map(|file| file.path.display().to_string()).collect();
        if paths.is_empty() {
            String::new()
        } else {
            format!(" of this connection, but of another to {}", paths.join(", "))
        }
    }
}

impl EventFile {
    pub(crate) fn is_open(&self) -> bool {
        self.0.is_some()
    }

    /// What is logged of the connection that has this mark among several, and where to.
    pub(crate) fn told(&self, files: &LogFiles, whose: &str) -> String {
        match &self.0 {
            Some(file) => format!("logging {whose}to {}; /log off stops", file.path.display()),
            None => match files.words() {
                elsewhere if elsewhere.is_empty() => "nothing is logged here; /log FILE begins a log".to_owned(),
                elsewhere => format!("nothing is logged{elsewhere}; /switch N to where it is stopped"),
            },
        }
    }

    /// What takes the place of this log: one of the connection that has this mark among several, which begins with `first` and says
    /// on its screen that it is there; none, without a path. `None` where this one goes on, as where the other can't be written.
    pub(crate) fn next(
        &self,
        files: &LogFiles,
        path: Option<&Path>,
        first: Option<&str>,
        (whose, screen): (&str, &Screen),
    ) -> Option<Self> {
        let Some(path) = path else { return Some(Self::default()) };
        let is_continued = path.metadata().is_ok_and(|file| file.is_file() && file.len() > 0);
        let file = files.open(path).map_err(|why| screen.fault(Error::unwritable(path, &why))).ok()?;
        if self.0.as_ref().is_some_and(|this| Arc::ptr_eq(this, &file)) {
            screen.note(format_args!("already {}", self.told(files, whose)));
            return None;
        }
        let place = if is_continued { ", after what is in it already" } else { "" };
        screen.note(format_args!("logging {whose}to {}{place}; /log off stops", path.display()));
        let file = Self(Some(file));
        first.iter().for_each(|line| file.write_line(line));
        Some(file)
    }

    /// Whoever logs to the file from now on begins anew, unless another connection does already.
    pub(super) fn release(&self) {
        if let Some(file) = self.0.as_ref().filter(|file| Arc::strong_count(file) == 1) {
            file.is_released.store(true, Ordering::Relaxed);
            let _ = file.claimed.unlock();
        }
    }

    /// Waits until it is written, as long as a file takes that can be, and says what has come of it.
    pub(super) fn end(self, screen: &Screen) {
        let Some(file) = self.0 else { return };
        let is_written = file.writer.flush();
        let (path, failure) = (file.path.clone(), file.failure().map(str::to_owned));
        let is_closed = file.is_released.load(Ordering::Relaxed);
        let shown = path.display();
        match failure {
            Some(why) => screen.fault(why),
            None if !is_written => screen.fault(format_args!("{shown} is not read: the last events are not in it")),
            None if is_closed => screen.note(format_args!("log {shown} closed")),
            None => screen.note(format_args!("no longer logged to {shown}, but another connection is")),
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
            && let Some(why) = file.failure()
        {
            screen.fault(why);
            self.0 = None;
        }
    }
}
