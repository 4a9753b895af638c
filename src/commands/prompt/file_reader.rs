//! `/file` and `/run`: read by a thread of its own, for a file may be slow, or a pipe that nobody writes to.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::command::{Operation, Outgoing};
use super::command_queue::{CommandSender, Input};
use super::screen::Screen;
use crate::error::Error;
use crate::net::{Waker, Woken};
use crate::stdio::{byte_order_mark, file};
use crate::values;
use crate::ws::Kind;

/// The largest file that `/file` sends, in bytes: it goes out in one piece.
const LARGEST: u64 = 64 * 1024 * 1024;

/// A file that is read by then is sent before what is typed next. One that is no pipe or device comes to an end.
const READ_WITHIN: Duration = Duration::from_millis(100);
const ENDS_WITHIN: Duration = Duration::from_secs(1);

/// Reads one file at a time. Clones know of the same one.
#[derive(Debug, Clone)]
pub(super) struct FileReader {
    sender: CommandSender,
    screen: Screen,
    under_way: Arc<Mutex<Option<CurrentFile>>>,
}

#[derive(Debug)]
struct CurrentFile {
    doing: &'static str,
    path: PathBuf,
    cancel: Waker,
}

impl FileReader {
    pub(super) fn new(sender: CommandSender, screen: Screen) -> Self {
        Self { sender, screen, under_way: Arc::default() }
    }

    /// Reads a file, and has it sent; without a kind as text where it is UTF-8.
    ///
    /// # Errors
    /// Why it can't be begun, in words.
    pub(super) fn send(&self, path: &Path, kind: Option<Kind>) -> Result<(), String> {
        // It is for whom it is typed for, whoever that is later.
        let (reader, read_path) = (Self { sender: self.sender.alone(), ..self.clone() }, path.to_owned());
        self.begin("reading", path, move |cancelled| {
            let content = file::bytes_unless(&read_path, LARGEST, cancelled);
            move || reader.finish(&read_path, kind, content)
        })
    }

    /// Does something with a file, on a thread of its own, until that is done or cancelled, and then what it comes to, with which
    /// another file may begin.
    ///
    /// # Errors
    /// Why it can't be begun, in words.
    pub(super) fn begin<F: FnOnce()>(
        &self,
        doing: &'static str,
        path: &Path,
        work: impl FnOnce(&Woken) -> F + Send + 'static,
    ) -> Result<(), String> {
        if let Some(other) = &*self.lock() {
            return Err(format!("still {} {}; Ctrl-C stops that", other.doing, other.path.display()));
        }
        let (cancel, cancelled) = Waker::pair().map_err(|why| why.to_string())?;
        *self.lock() = Some(CurrentFile { doing, path: path.to_owned(), cancel });
        let (told, done) = channel::<()>();
        let reader = self.clone();
        let read = move || {
            let finish = work(&cancelled);
            *reader.lock() = None;
            finish();
            drop(told);
        };
        if let Err(why) = thread::Builder::new().name("file".into()).spawn(read) {
            *self.lock() = None;
            return Err(why.to_string());
        }
        let within = if path.is_file() { ENDS_WITHIN } else { READ_WITHIN };
        if done.recv_timeout(within) == Err(RecvTimeoutError::Timeout)
            && let Some(slow) = &*self.lock()
        {
            self.screen.note(format_args!("{doing} {}; Ctrl-C stops", slow.path.display()));
        }
        Ok(())
    }

    fn finish(&self, path: &Path, kind: Option<Kind>, content: Result<Option<Vec<u8>>, Error>) {
        let shown = path.display();
        if matches!(content, Err(Error::Interrupted)) {
            return self.screen.note(format_args!("{shown} is not sent"));
        }
        match message(path, kind, content) {
            Err(why) => self.screen.fault(why),
            Ok((kind, mut content)) => {
                if kind == Kind::Text && byte_order_mark::remove(&mut content) {
                    self.screen.note(byte_order_mark::not_sent(shown));
                }
                self.sender.send(Input::Operation(Box::new(Operation::Send(Outgoing::File(kind, content)))));
            }
        }
    }

    /// Stops reading. Returns whether there was anything to stop.
    pub(super) fn cancel(&self) -> bool {
        self.lock().as_ref().map(|file| file.cancel.wake()).is_some()
    }

    fn lock(&self) -> MutexGuard<'_, Option<CurrentFile>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A file that is waited for: its content, and its kind where none is given.
///
/// # Errors
/// Why it can't be sent, in words.
pub(crate) fn read_file(path: &Path, kind: Option<Kind>) -> Result<(Kind, Vec<u8>), String> {
    message(path, kind, file::bytes_up_to(path, LARGEST))
}

/// The same, until it is cancelled.
///
/// # Errors
/// Why it can't be sent, in words.
pub(super) fn read_file_unless(path: &Path, kind: Option<Kind>, cancelled: &Woken) -> Result<(Kind, Vec<u8>), String> {
    message(path, kind, file::bytes_unless(path, LARGEST, cancelled))
}

fn message(
    path: &Path,
    kind: Option<Kind>,
    content: Result<Option<Vec<u8>>, Error>,
) -> Result<(Kind, Vec<u8>), String> {
    let content = content.map_err(|error| error.to_string())?;
    of_kind(path, kind, content.ok_or_else(|| too_large(path))?)
}

fn too_large(path: &Path) -> String {
    format!("{} is larger than 64 MiB; a pipe takes any size", path.display())
}

/// The content, and its kind where none is given.
fn of_kind(path: &Path, kind: Option<Kind>, content: Vec<u8>) -> Result<(Kind, Vec<u8>), String> {
    let text = values::text(&content, path.display()).map(drop);
    match kind {
        Some(Kind::Text) => text.map(|()| (Kind::Text, content)),
        Some(Kind::Binary) => Ok((Kind::Binary, content)),
        None => Ok((if text.is_ok() { Kind::Text } else { Kind::Binary }, content)),
    }
}
