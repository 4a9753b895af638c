//! `wscli replay`: one side of a recorded connection, most often the client's, played to a server.

mod handler;
mod recorded_request;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use self::handler::TimedReplay;
use self::recorded_request::RecordedRequest;
use super::connection_taps::ConnectionTaps;
use super::finish::print_all;
use super::interrupt::{catch_signals_for_sure, exit_of};
use super::run_limit::{self, RunLimit};
use crate::advice::StdoutUse;
use crate::client::{self, Client, ConnectFacts, Destination};
use crate::error::Error;
use crate::exit::Exit;
use crate::handlers::replay::{OnMismatch, Replay, ReplayOptions};
use crate::net::{Dialed, End, Interrupt, Signals, Timing};
use crate::stdio::console::Console;
use crate::stdio::recording::{RecordedConnection, Recording, RecordingConfig};
use crate::stdio::recording_file::RecordingFile;
use crate::stdio::recording_reader::BadLines;
use crate::stdio::stderr;
use crate::trace::recorded_connection::ConnectionStart;
use crate::view::frames::FrameDetail;
use crate::ws::Role;

/// What `replay` is asked to do.
#[derive(Debug)]
pub(crate) struct Config {
    /// The recording; `-` is stdin.
    pub(crate) path: PathBuf,
    pub(crate) bad_lines: BadLines,
    /// Which connection of the recording, from 1.
    pub(crate) connection: Option<usize>,
    /// Whose part of it is played.
    pub(crate) side: Role,
    /// Without one the server is that of the recording.
    pub(crate) destination: Option<Destination>,
    pub(crate) client: client::Config,
    pub(crate) options: ReplayOptions,
    /// Of the whole run; `None` and 0 are no limit.
    pub(crate) max_time: Option<Duration>,
    /// Where what happens is recorded.
    pub(crate) recording: Option<RecordingConfig>,
    pub(crate) frames: Option<FrameDetail>,
}

/// Plays the recording, and tells on stdout what was otherwise.
///
/// # Errors
/// A recording that can't be played, a server that can't be reached, one that can't be written.
pub(crate) fn run(mut config: Config) -> Result<Exit, Error> {
    let console = Console::stderr();
    let limit = RunLimit::begin(config.max_time, Some("messages were still being compared"), &console)?;
    config.recording.iter().try_for_each(|it| it.refuse_stdout_beside(StdoutUse::Report))?;
    // Before anything is recorded: it may be to the same file.
    let file = RecordingFile::open(&config.path, config.bad_lines, console.clone())?;
    let start = file.connection(config.connection)?;
    let recording = config.recording.take().map(|config| Recording::open(config, console.clone())).transpose()?;
    let signals = catch_signals_for_sure()?;
    let run = ReplayRun { file, start, limit, recording: recording.as_ref(), console, signals: &signals };
    let outcome = run.play(config);
    let finished = recording.as_ref().map_or(Ok(()), |recording| recording.finish());
    match outcome.and_then(|exit| finished.map(|()| exit)) {
        Err(Error::Interrupted) => Ok(exit_of(&signals)),
        outcome => outcome,
    }
}

/// What a run plays, and tells by.
struct ReplayRun<'a> {
    file: RecordingFile,
    start: ConnectionStart,
    limit: RunLimit,
    recording: Option<&'a Arc<Recording>>,
    console: Console,
    signals: &'a Signals,
}

/// A connection on which it is played.
struct OpenedReplay {
    dialed: Dialed,
    timing: Timing,
    recorded: Option<RecordedConnection>,
}

impl ReplayRun<'_> {
    fn play(&self, config: Config) -> Result<Exit, Error> {
        let Config { side, destination, mut client, options, max_time, frames, .. } = config;
        let request = RecordedRequest::of(self.file.opened(&self.start)?.as_ref());
        let destination = request.destination(destination, &mut client, &self.console)?;
        let OpenedReplay { dialed, timing, recorded } = self.connect(client, destination)?;
        let on_mismatch = options.on_mismatch;
        let told = self.console.clone();
        let recorded_side = self.file.recorded(&self.start, side).played_by(Role::Client);
        let replay = Replay::new(recorded_side, Arc::new(options), Box::new(move |line| told.log(line)));
        let mut handler = TimedReplay::new(replay, self.limit.latest, self.signals);
        let taps = ConnectionTaps { recorded, ..ConnectionTaps::of_frames(frames, &self.console) };
        let ending = taps.run(dialed, timing, self.signals, &mut handler).ending;
        self.console.line(&ending);
        if handler.is_late {
            run_limit::tell(max_time.unwrap_or_default(), &self.console);
        }
        if handler.was_interrupted {
            return Err(Error::Interrupted);
        }
        let is_late = handler.is_late;
        self.report(handler.replay, |replay| verdict(replay, &ending, on_mismatch, is_late))
    }

    /// Opens the connection, and begins to record it.
    fn connect(&self, config: client::Config, destination: Destination) -> Result<OpenedReplay, Error> {
        let mut client = Client::build(config, destination, self.console.clone(), self.signals)?;
        client.end_by(self.limit.latest);
        let mut facts = ConnectFacts::default();
        let interrupt = Interrupt::by(self.signals);
        let outcome = client.connect(Some(interrupt), &mut |step| facts.note(step));
        let url = client.last_target().url();
        let dialed = outcome.inspect_err(|error| {
            if let Some(recording) = self.recording {
                recording.not_opened(&url, facts.recorded_heads(recording), error);
            }
        })?;
        self.limit.opened();
        stderr::flush_briefly();
        let recorded = self.recording.map(|recording| facts.record(recording, &dialed, &url));
        Ok(OpenedReplay { dialed, timing: client.settings().timing, recorded })
    }

    /// Tells what it has come to.
    fn report(&self, mut replay: Replay, verdict: impl Fn(&Replay) -> Exit) -> Result<Exit, Error> {
        if let Some(error) = replay.take_failure() {
            return Err(error);
        }
        replay.finish()?;
        let mut text = replay.report().lines().join("\n");
        text.push('\n');
        match print_all(text.as_bytes(), self.signals)? {
            true => Ok(verdict(&replay)),
            false => Err(Error::Interrupted),
        }
    }
}

/// What was played counts; how the connection has ended counts where that was otherwise too. A peer for which there was no time left
/// has interrupted nothing.
fn verdict(replay: &Replay, ending: &End, on_mismatch: OnMismatch, is_late: bool) -> Exit {
    match replay.report().is_met() {
        false if on_mismatch != OnMismatch::Warn => Exit::No,
        _ if replay.has_ended_as_recorded() || (is_late && matches!(ending, End::Abandoned)) => Exit::Done,
        _ => ending.exit(),
    }
}
