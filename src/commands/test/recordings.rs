//! `--record-dir`: what goes over each connection of a test, in a file of its own (docs/recording.md).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::Error;
use crate::handlers::scenario::ScenarioTap;
use crate::http::Secrets;
use crate::net::{Summary, Tap};
use crate::stdio::console::Console;
use crate::stdio::recording::{RecordedConnection, Recording, RecordingConfig};
use crate::trace::connection_lines::OpenedLine;
use crate::ws::Event;

/// The folder, and which files are of this run.
#[derive(Debug)]
pub(super) struct TestRecordings {
    folder: PathBuf,
    console: Console,
    taken: Mutex<TakenNames>,
}

impl TestRecordings {
    /// Makes the folder, if it isn't there.
    ///
    /// # Errors
    /// [`Error::Write`].
    pub(super) fn to(folder: PathBuf, console: Console) -> Result<Self, Error> {
        fs::create_dir_all(&folder).map_err(|why| Error::unwritable(&folder, &why))?;
        Ok(Self { folder, console, taken: Mutex::default() })
    }

    /// Begins the recording of a connection of a test, instead of one of an earlier run. `None` where that can't be, which is told:
    /// the test is another matter.
    pub(super) fn begin(&self, test: &str, connection: &str) -> Option<TestRecording> {
        let begun = self.try_begin(test, connection);
        begun.inspect_err(|why| self.console.line(format_args!("no recording: {why}"))).ok()
    }

    /// # Errors
    /// [`Error::Write`].
    fn try_begin(&self, test: &str, connection: &str) -> Result<TestRecording, Error> {
        let path = self.folder.join(self.free_name(test, connection));
        match fs::remove_file(&path) {
            Err(why) if why.kind() != io::ErrorKind::NotFound => return Err(Error::unwritable(&path, &why)),
            _ => {}
        }
        let config = RecordingConfig { path: path.clone(), secrets: Secrets::Masked, frames: false };
        Ok(TestRecording { recording: Recording::open(config, self.console.clone())?, path })
    }

    /// Of the test's path and the connection's name, with a number where that is taken.
    fn free_name(&self, test: &str, connection: &str) -> String {
        let test = Path::new(test).with_extension("");
        let parts = test.components().filter_map(|part| match part {
            std::path::Component::Normal(part) => Some(part.to_string_lossy().into_owned()),
            _ => None,
        });
        let mut name = parts.collect::<Vec<_>>().join("-");
        if !connection.is_empty() {
            name = format!("{name}.{connection}");
        }
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).free(&name)
    }
}

/// The files of this run.
#[derive(Debug, Default)]
struct TakenNames {
    names: BTreeSet<String>,
    /// By the name without it, the number to try next.
    next: BTreeMap<String, u64>,
}

impl TakenNames {
    /// A name that no other connection has.
    fn free(&mut self, name: &str) -> String {
        let mut file = format!("{name}.ndjson");
        while !self.names.insert(file.clone()) {
            let number = self.next.entry(name.to_owned()).or_insert(2);
            file = format!("{name}.{number}.ndjson");
            *number += 1;
        }
        file
    }
}

/// A recording that has nothing in it yet.
pub(super) struct TestRecording {
    pub(super) recording: Arc<Recording>,
    path: PathBuf,
}

impl TestRecording {
    /// The connection is open.
    pub(super) fn opened(self, line: OpenedLine) -> Box<dyn ScenarioTap> {
        let mut recorded = self.recording.connection(None);
        recorded.opened(line);
        Box::new(TestConnectionTap { recorded, path: self.path.display().to_string() })
    }
}

/// Records a connection to its end.
struct TestConnectionTap {
    recorded: RecordedConnection,
    path: String,
}

impl Tap for TestConnectionTap {
    fn event(&mut self, event: &Event<'_>) {
        self.recorded.event(event);
    }

    fn all_told(&mut self) {
        self.recorded.write();
    }
}

impl ScenarioTap for TestConnectionTap {
    fn ended(&mut self, summary: &Summary) {
        self.recorded.ended(summary);
        // What went wrong is told by the recording itself.
        let _ = self.recorded.recording().finish();
    }

    fn place(&self) -> String {
        self.path.clone()
    }
}
