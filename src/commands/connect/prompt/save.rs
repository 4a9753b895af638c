//! `/save`: the messages that are still there, as lines of JSON in a file. A thread of its own writes them, for a file may
//! be slow, or a pipe that nobody reads.

use std::fs::OpenOptions;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::Prompt;
use crate::error::Error;
use crate::net::is_out_of_time;
use crate::trace::record::Record;
use crate::view::amount::Count;

/// How long the program waits, before it ends, for what is still being saved.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often it is looked whether it is.
const LOOK: Duration = Duration::from_millis(10);

/// What is being saved.
#[derive(Debug, Default)]
pub(super) struct Saving(Vec<JoinHandle<()>>);

impl Saving {
    /// Waits for it, as long as a file takes that can be written.
    pub(super) fn finish(self) {
        let begun = Instant::now();
        let is_running = || !self.0.iter().all(JoinHandle::is_finished);
        while is_running() && begun.elapsed() < PATIENCE && !is_out_of_time(begun) {
            thread::sleep(LOOK);
        }
    }
}

impl Prompt<'_> {
    /// Writes the messages that are still there.
    pub(super) fn save(&mut self, path: &Path) {
        let messages = self.transcript.messages();
        let forgotten = self.transcript.forgotten();
        let (screen, path) = (self.screen.clone(), path.to_owned());
        let save = move || match write(&path, &messages) {
            Err(why) => screen.fault(Error::unwritable(&path, &why)),
            Ok(()) => {
                let count = Count(messages.len() as u64, "message");
                screen.note(format_args!("saved {count} to {}", path.display()));
                if forgotten > 0 {
                    let forgotten = Count(forgotten, "message");
                    screen.note(format_args!("the {forgotten} before that are no longer kept; /log keeps everything"));
                }
            }
        };
        match thread::Builder::new().name("save".into()).spawn(save) {
            Ok(thread) => {
                self.saving.0.retain(|thread| !thread.is_finished());
                self.saving.0.push(thread);
            }
            Err(why) => self.screen.fault(Error::System { doing: "starting a thread", why }),
        }
    }
}

/// To a file that nobody else gets to read.
fn write(path: &Path, messages: &[(u64, Arc<Record<'static>>)]) -> io::Result<()> {
    let file = OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(path)?;
    let mut file = BufWriter::new(file);
    messages.iter().try_for_each(|(_, message)| message.write_to(&mut file))?;
    file.flush()
}
