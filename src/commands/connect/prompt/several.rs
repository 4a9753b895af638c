//! Several connections at one prompt: each has a thread, and the process ends when they all have.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, Scope};
use std::time::Instant;

use super::Prompt;
use super::connect_thread::ConnectSetup;
use crate::client::Answers;
use crate::commands::connect::config::Exchange;
use crate::commands::connect::leaving::Leaving;
use crate::commands::connect::lines::CommandLines;
use crate::commands::prompt::command::ConnectRequest;
use crate::commands::prompt::command_queue::{CommandReceiver, Input};
use crate::commands::prompt::connections::{Connections, Opening};
use crate::commands::prompt::event_file::LogFiles;
use crate::commands::prompt::screen::Screen;
use crate::commands::prompt::status::Status;
use crate::commands::prompt::transcript::Transcript;
use crate::error::Error;
use crate::exit::Exit;
use crate::http::Secrets;
use crate::net::{Signals, Timing};
use crate::stdio::recording::Recording;

/// What all of them are made with.
#[derive(Debug, Clone)]
pub(super) struct SharedSetup {
    pub(super) screen: Screen,
    pub(super) lines: Arc<dyn CommandLines>,
    pub(super) answers: Answers,
    pub(super) latest: Option<Instant>,
    pub(super) logs: LogFiles,
    pub(super) recording: Option<Arc<Recording>>,
    pub(super) exchange: Arc<Exchange>,
    pub(super) timing: Timing,
    pub(super) secrets: Secrets,
}

/// Where one of them is: what it hears and shows.
#[derive(Debug)]
pub(super) struct ConnectionPlace {
    /// By which it is told from others where they are written to the same file; `None` of the first.
    pub(super) number: Option<u64>,
    pub(super) exchange: Arc<Exchange>,
    pub(super) screen: Screen,
    pub(super) status: Status,
    pub(super) receiver: CommandReceiver,
    pub(super) transcript: Transcript,
    pub(super) logs: LogFiles,
    pub(super) recording: Option<Arc<Recording>>,
    pub(super) setup: ConnectSetup,
    pub(super) secrets: Secrets,
}

impl SharedSetup {
    pub(super) fn place(
        &self,
        number: u64,
        receiver: CommandReceiver,
        transcript: Transcript,
        status: Status,
    ) -> ConnectionPlace {
        let screen = self.screen.of_connection(number, status.current_connection());
        let console = screen.console(|screen, line| screen.noted(line));
        let Self { lines, answers, latest, logs, recording, exchange, secrets, .. } = self.clone();
        let setup = ConnectSetup { lines, console, answers, latest };
        let number = (number > 1).then_some(number);
        ConnectionPlace { number, exchange, screen, status, receiver, transcript, logs, recording, setup, secrets }
    }

    /// Opens one of them, and stays until it is over.
    fn run(&self, opening: Opening) -> Finish {
        let Opening { number, request, receiver, transcript, status } = opening;
        let place = self.place(number, receiver, transcript, status);
        let signals = match Signals::catch() {
            Ok(signals) => signals,
            Err(why) => {
                place.screen.fault(Error::System { doing: "catching signals", why });
                return Finish { outcome: Ok(Exit::Done), is_alone: true, was_interrupted: false };
            }
        };
        let (close_timeout, console) = (self.timing.close_timeout, place.setup.console.clone());
        let leaving = Leaving::new(&self.exchange, self.latest, close_timeout, &signals, console).without_goals();
        Prompt::new(place, None, leaving, &signals).finish(Some(request))
    }
}

/// How one of them has ended.
#[derive(Debug)]
struct Finish {
    outcome: Result<Exit, Error>,
    /// The others go on.
    is_alone: bool,
    was_interrupted: bool,
}

impl Prompt<'_> {
    fn finish(mut self, to: Option<ConnectRequest>) -> Finish {
        let outcome = self.run(to);
        Finish { outcome, is_alone: self.ends_alone, was_interrupted: self.leaving.was_interrupted() }
    }
}

/// What the thread hears that waits for the others.
enum ConnectionNotice {
    Opening(Opening),
    Finished(u64, Finish),
}

/// Runs the first one, and whatever others are asked for, until somebody leaves the prompt. Then all of them end.
///
/// # Errors
/// Of the one that was left.
pub(super) fn run(shared: &SharedSetup, connections: &Connections, first: Prompt<'_>) -> Result<Exit, Error> {
    let (told, notices) = channel();
    let (opener, openings) = channel();
    connections.set_opener(opener);
    thread::scope(|scope| {
        start(scope, 1, &told, move || first.finish(None))?;
        let forward = told.clone();
        // It ends with the last who could ask for one.
        let forwarding = move || {
            openings.into_iter().for_each(|opening| drop(forward.send(ConnectionNotice::Opening(opening))));
        };
        thread::Builder::new().name("openings".into()).spawn(forwarding).map_err(no_thread)?;
        watch(scope, shared, connections, &told, &notices)
    })
}

/// Starts and awaits them.
fn watch<'scope>(
    scope: &'scope Scope<'scope, '_>,
    shared: &'scope SharedSetup,
    connections: &Connections,
    told: &Sender<ConnectionNotice>,
    notices: &Receiver<ConnectionNotice>,
) -> Result<Exit, Error> {
    let mut ended = None;
    for notice in notices {
        match notice {
            ConnectionNotice::Opening(opening) if ended.is_none() => {
                let number = opening.number;
                if let Err(error) = start(scope, number, told, move || shared.run(opening)) {
                    // The others go on.
                    shared.screen.fault(&error);
                }
            }
            // The program is leaving.
            ConnectionNotice::Opening(Opening { number, .. }) => drop(connections.remove(number)),
            ConnectionNotice::Finished(number, finish) => {
                let next = connections.remove(number);
                connections.show_current(&shared.screen);
                let is_last = connections.numbers().is_empty();
                if let (Err(error), false) = (&finish.outcome, is_last) {
                    shared.screen.fault(error);
                }
                if ended.is_none() && (is_last || !finish.is_alone) {
                    let how = || if finish.was_interrupted { Input::Signal } else { Input::End };
                    connections.numbers().into_iter().for_each(|other| connections.send(other, how()));
                    ended = Some(finish.outcome);
                } else if let Some(next) = next.filter(|_| ended.is_none()) {
                    shared.screen.note(format_args!("what is typed is for connection {next} again"));
                }
            }
        }
        if connections.numbers().is_empty()
            && let Some(outcome) = ended.take()
        {
            return outcome;
        }
    }
    // Nobody is left who could say how it ended.
    Ok(Exit::Bug)
}

/// Starts a thread for one of them.
fn start<'scope>(
    scope: &'scope Scope<'scope, '_>,
    number: u64,
    told: &Sender<ConnectionNotice>,
    run: impl FnOnce() -> Finish + Send + 'scope,
) -> Result<(), Error> {
    let mut finished = FinishedOnDrop { told: told.clone(), number, has_begun: false, finish: None };
    let running = move || {
        finished.has_begun = true;
        finished.finish = Some(run());
        drop(finished);
    };
    thread::Builder::new()
        .name(format!("connection {number}"))
        .spawn_scoped(scope, running)
        .map(drop)
        .map_err(no_thread)
}

fn no_thread(why: std::io::Error) -> Error {
    Error::System { doing: "starting a thread", why }
}

/// Tells how one has ended, in whatever way that came about.
struct FinishedOnDrop {
    told: Sender<ConnectionNotice>,
    number: u64,
    has_begun: bool,
    finish: Option<Finish>,
}

impl Drop for FinishedOnDrop {
    fn drop(&mut self) {
        // One that got no thread leaves the others alone.
        let bug = Finish { outcome: Ok(Exit::Bug), is_alone: !self.has_begun, was_interrupted: false };
        let finish = self.finish.take().unwrap_or(bug);
        // Nobody waits any more where the program has left.
        let _ = self.told.send(ConnectionNotice::Finished(self.number, finish));
    }
}
