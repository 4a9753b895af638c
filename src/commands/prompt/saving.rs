//! `/save`: what is still there of all that came and went, as lines of JSON in a file, and the end of a log. A thread of its own
//! writes them, for a file may be slow, or a pipe that nobody reads.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::event_file::EventFile;
use super::screen::Screen;
use super::transcript::{KeptEvent, Other, Transcript};
use crate::error::Error;
use crate::net::is_out_of_time;
use crate::stdio::file_claim::claim;
use crate::view::amount::Count;

/// How long the program waits, before it ends, for what is still being saved.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often it is looked whether it is.
const LOOK: Duration = Duration::from_millis(10);

/// What is being written.
#[derive(Debug, Default)]
pub(crate) struct Saving(Vec<JoinHandle<()>>);

impl Saving {
    /// Waits for it, as long as a file takes that can be written.
    pub(crate) fn finish(&self) {
        let begun = Instant::now();
        let is_running = || !self.0.iter().all(JoinHandle::is_finished);
        while is_running() && begun.elapsed() < PATIENCE && !is_out_of_time(begun) {
            thread::sleep(LOOK);
        }
    }

    /// Writes what is still there.
    pub(crate) fn save(&mut self, transcript: &Transcript, path: &Path, overwrite: bool, told: &Screen) {
        let entries = transcript.entries();
        let forgotten = transcript.forgotten();
        let (screen, path) = (told.clone(), path.to_owned());
        let save = move || match write(&path, overwrite, &entries) {
            Err(why) => screen.fault(Error::unwritable(&path, &why)),
            Ok(()) => {
                let messages = entries.iter().filter(|entry| matches!(entry, KeptEvent::Message(_))).count();
                let (messages, others) = (messages as u64, (entries.len() - messages) as u64);
                let counts = format!("{} and {}", Count(messages, "message"), Count(others, "other event"));
                screen.note(format_args!("saved {counts} to {}", path.display()));
                if forgotten > 0 {
                    screen.note(no_longer_kept(forgotten));
                }
            }
        };
        self.begin("save", save, told);
    }

    /// Writes the rest of a log.
    pub(crate) fn end_log(&mut self, log: EventFile, told: &Screen) {
        let screen = told.clone();
        log.release();
        self.begin("log", move || log.end(&screen), told);
    }

    fn begin(&mut self, name: &str, write: impl FnOnce() + Send + 'static, told: &Screen) {
        match thread::Builder::new().name(name.into()).spawn(write) {
            Ok(thread) => {
                self.0.retain(|thread| !thread.is_finished());
                self.0.push(thread);
            }
            Err(why) => told.fault(Error::System { doing: "starting a thread", why }),
        }
    }
}

fn no_longer_kept(messages: u64) -> String {
    format!("{} no longer kept; /log keeps everything", Count(messages, "earlier message"))
}

/// To a file that nobody else gets to read.
fn write(path: &Path, overwrite: bool, entries: &[KeptEvent]) -> io::Result<()> {
    let mut file = BufWriter::new(open(path, overwrite)?);
    for entry in entries {
        match entry {
            KeptEvent::Message(record) | KeptEvent::Other(Other::Record(record)) => record.write_to(&mut file)?,
            KeptEvent::Other(Other::Line(line)) => file.write_all(line.as_bytes())?,
        }
    }
    file.flush()
}

/// A new file, or what is there already where nothing in it is lost, as a pipe or a device, or where that is wanted: but not one
/// to which somebody is still adding lines.
fn open(path: &Path, overwrite: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).mode(0o600);
    match options.clone().create_new(true).open(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => match overwrite || !path.is_file() {
            true => emptied(options.create(true).open(path)?),
            false => Err(error),
        },
        opened => opened,
    }
}

fn emptied(file: File) -> io::Result<File> {
    claim(&file)?;
    if file.metadata()?.is_file() {
        file.set_len(0)?;
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_message_and_two_are_told() {
        assert_eq!(no_longer_kept(1), "1 earlier message no longer kept; /log keeps everything");
        assert_eq!(no_longer_kept(2), "2 earlier messages no longer kept; /log keeps everything");
    }
}
