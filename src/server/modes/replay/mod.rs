//! A recording's server, played to each client from the beginning.

pub(crate) mod options;

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use self::options::PlayOptions;
use super::entry::{Argument, ModeEntry, Setup, When};
use super::{Behaviour, ConnectedClient, Mode, ModeEnd};
use crate::error::Error;
use crate::handlers::replay::{Recorded, Replay, ReplayOptions};
use crate::http::MASK;
use crate::net::{Handler, Sender};
use crate::server::log::ServerLog;
use crate::stdio::console::Console;
use crate::stdio::recording_file::RecordingFile;
use crate::stdio::recording_reader::BadLines;
use crate::ws::{Event, Role};

pub(super) const ENTRY: ModeEntry = ModeEntry {
    name: "replay",
    argument: Some(Argument::File),
    help: "Play the server's side of a recording to each client from the start (wscli man replay)",
    stdin: When::ForDash,
    protected: When::Never,
    open: |argument, setup| Ok(Arc::new(RecordingMode::open(Path::new(argument), setup)?)),
};

#[derive(Debug)]
struct RecordingMode {
    recorded: Recorded,
    options: Arc<ReplayOptions>,
    subprotocol: Option<String>,
    log: Arc<ServerLog>,
}

impl RecordingMode {
    fn open(path: &Path, setup: Setup<'_>) -> Result<Self, Error> {
        let PlayOptions { connection, options } = setup.options.replay.clone();
        let log = Arc::clone(setup.log);
        let console = log.console().cloned().unwrap_or_else(Console::nowhere);
        let file = RecordingFile::open(path, BadLines::Refuse, console)?;
        let start = file.connection(connection)?;
        let subprotocol = file.opened(&start)?.and_then(|opened| opened.subprotocol);
        let subprotocol = subprotocol.filter(|name| name != MASK);
        Ok(Self { recorded: file.recorded(&start, Role::Server), options, subprotocol, log })
    }
}

impl Mode for RecordingMode {
    fn begin(self: Arc<Self>, client: &ConnectedClient<'_>) -> io::Result<Box<dyn Behaviour>> {
        let (log, number) = (Arc::clone(&self.log), client.number);
        let tell = move |line: &dyn fmt::Display| log.line(format_args!("[{number}] replay: {line}"));
        let replay = Replay::new(self.recorded.clone(), Arc::clone(&self.options), Box::new(tell));
        Ok(Box::new(RecordedServer { replay, log: Arc::clone(&self.log), number }))
    }

    fn subprotocol(&self) -> Option<&str> {
        self.subprotocol.as_deref()
    }
}

/// The server of one connection.
struct RecordedServer {
    replay: Replay,
    log: Arc<ServerLog>,
    number: u64,
}

impl RecordedServer {
    fn tell_failure(&mut self) {
        if let Some(error) = self.replay.take_failure() {
            self.log.notice(format_args!("[{}] replay: {error}", self.number));
        }
    }
}

impl Handler for RecordedServer {
    fn event(&mut self, event: Event<'_>, sender: &mut Sender<'_>) {
        self.replay.event(event, sender);
        self.tell_failure();
    }

    fn after_turn(&mut self, now: Instant, sender: &mut Sender<'_>) {
        self.replay.after_turn(now, sender);
        self.tell_failure();
    }

    fn has_more(&self) -> bool {
        self.replay.has_more()
    }

    fn deadline(&self) -> Option<Instant> {
        self.replay.deadline()
    }
}

impl Behaviour for RecordedServer {
    fn cause(&self) -> Option<ModeEnd> {
        self.replay.has_closed().then_some(ModeEnd::ClosedBy("the recording", None))
    }

    fn remark(&mut self) -> Option<String> {
        if let Err(error) = self.replay.finish() {
            self.log.notice(format_args!("[{}] replay: {error}", self.number));
        }
        Some(format!("replay: {}", self.replay.report().summary()))
    }
}
