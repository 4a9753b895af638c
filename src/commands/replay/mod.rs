//! `wscli replay`: the client's side of a recorded connection, played to a server.

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
use crate::client::{self, Client, Destination};
use crate::error::Error;
use crate::exit::Exit;
use crate::handlers::replay::{OnMismatch, Replay, ReplayOptions};
use crate::net::{End, Interrupt};
use crate::stdio::console::Console;
use crate::stdio::recording_file::RecordingFile;
use crate::stdio::recording_reader::BadLines;
use crate::stdio::stderr;
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
    /// Without one the server is that of the recording.
    pub(crate) destination: Option<Destination>,
    pub(crate) client: client::Config,
    pub(crate) options: ReplayOptions,
    /// Of the whole run; `None` and 0 are no limit.
    pub(crate) max_time: Option<Duration>,
    pub(crate) frames: Option<FrameDetail>,
}

/// Plays the recording, and tells on stdout what was otherwise.
///
/// # Errors
/// A recording that can't be played, a server that can't be reached.
pub(crate) fn run(config: Config) -> Result<Exit, Error> {
    let Config { path, bad_lines, connection, destination, mut client, options, max_time, frames } = config;
    let console = Console::stderr();
    let limit = RunLimit::begin(max_time, Some("what came was still being compared"), &console)?;
    let file = RecordingFile::open(&path, bad_lines, console.clone())?;
    let start = file.connection(connection)?;
    let request = RecordedRequest::of(&start);
    let destination = request.destination(destination, &mut client, &console)?;
    let signals = catch_signals_for_sure()?;
    let outcome = Client::build(client, destination, console.clone(), &signals).and_then(|mut client| {
        client.end_by(limit.latest);
        client.connect(Some(Interrupt::by(&signals)), &mut |_| {}).map(|dialed| (dialed, client.settings().timing))
    });
    let (dialed, timing) = match outcome {
        Err(Error::Interrupted) => return Ok(exit_of(&signals)),
        outcome => outcome?,
    };
    limit.opened();
    stderr::flush_briefly();
    let on_mismatch = options.on_mismatch;
    let told = console.clone();
    let replay =
        Replay::new(file.recorded(&start, Role::Client), Arc::new(options), Box::new(move |line| told.log(line)));
    let mut handler = TimedReplay::new(replay, limit.latest, &signals);
    let taps = ConnectionTaps::of_frames(frames, &Console::stderr());
    let ending = taps.run(dialed, timing, &signals, &mut handler).ending;
    console.line(&ending);
    if handler.is_late {
        run_limit::tell(max_time.unwrap_or_default(), &console);
    }
    if handler.was_interrupted {
        return Ok(exit_of(&signals));
    }
    let is_late = handler.is_late;
    let mut replay = handler.replay;
    if let Some(error) = replay.take_failure() {
        return Err(error);
    }
    replay.finish()?;
    let mut text = replay.report().lines().join("\n");
    text.push('\n');
    if !print_all(text.as_bytes(), &signals)? {
        return Ok(exit_of(&signals));
    }
    Ok(verdict(&replay, &ending, on_mismatch, is_late))
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
