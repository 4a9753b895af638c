//! `wscli connect`.

mod config;
mod echo;
mod embedded;
mod front_end;
mod ignored;
mod leaving;
mod lines;
mod pipe;
mod prompt;
mod reconnect;
mod request;
mod rules;
mod runner;
mod verdict;

use std::os::fd::BorrowedFd;
use std::sync::Arc;

pub(crate) use self::config::{Answering, Config, Datum, Ending, Exchange, FrontEnd, SendOptions, Sending, Writing};
use self::echo::EchoFrontEnd;
use self::leaving::Leaving;
pub(crate) use self::lines::{CommandLines, ConnectLine};
use self::pipe::{Ends, Pipe};
use self::reconnect::Reconnects;
use self::runner::Runner;
use self::verdict::without_a_reader;
use super::interrupt::{catch_signals_for_sure, exit_of};
use super::run_limit::RunLimit;
use crate::advice;
use crate::client::{Client, ConnectFacts, Destination};
use crate::error::Error;
use crate::exit::Exit;
use crate::net::{ConnectionSettings, Interrupt, Signals};
use crate::peer_text::Escaped;
use crate::script::Goals;
use crate::stdio::console::Console;
use crate::stdio::recording::Recording;
use crate::stdio::status_line::StatusLine;
use crate::stdio::stderr;

/// What is opened before the connection, so that what can't be read or written is told before anything is sent.
#[derive(Debug)]
enum PreparedFrontEnd {
    Echo,
    Pipe(Box<Ends>),
}

impl PreparedFrontEnd {
    /// What there is no use in connecting without, once nobody reads it.
    fn sink(&self, exchange: &Exchange) -> Option<BorrowedFd<'_>> {
        match self {
            Self::Pipe(ends) => ends.sink(exchange),
            Self::Echo => None,
        }
    }
}

/// Connects, and stays until one side closes.
///
/// # Errors
/// What failed before the connection was open, or input that can't be sent.
pub(crate) fn run(config: Config, lines: Arc<dyn CommandLines>) -> Result<Exit, Error> {
    let Config { destination, client, front_end, exchange, refusal } = config;
    let exchange = Arc::new(exchange);
    if let Some(refusal) = refusal {
        return Err(refusal);
    }
    let status = pipe::status_line(&exchange);
    let console = console(&exchange, status.as_ref());
    let (destination, _embedded) = match destination {
        Some(destination) => (destination, None),
        None if exchange.goals.are_any() || exchange.sending.no_input => return Err(advice::no_url_to_check()),
        None => {
            let (url, stopper) = embedded::start(client.settings)?;
            // Said even where nothing else is: a script whose variable is empty would take the echo for an answer.
            Console::stderr().line(format_args!("no URL given: using a built-in echo server at {url}"));
            (Destination::Url(url), Some(stopper))
        }
    };
    if front_end == FrontEnd::Pipe && prompt::is_at_a_terminal() && exchange.sends_what_is_typed() {
        tell_what_lines_are(&exchange);
    }
    let unknown = exchange.goals.are_any().then_some("a message was still being searched");
    let limit = RunLimit::begin(exchange.ending.max_time, unknown, &console)?;
    let recording = exchange.recording.clone().map(|config| Recording::open(config, console.clone())).transpose()?;
    let signals = catch_signals_for_sure()?;
    let client = Client::build(client, destination, console.clone(), &signals);
    let recorded = recording.as_ref();
    let talk =
        FrontEndRun { exchange: &exchange, lines, limit, recording: recorded, console: &console, signals: &signals };
    let outcome = client.and_then(|client| talk.run(front_end, client, status));
    let finished = recording.map_or(Ok(()), |recording| recording.finish());
    match outcome.and_then(|exit| finished.map(|()| exit)) {
        Err(Error::Interrupted) => Ok(exit_of(&signals)),
        // As where that is noticed by writing.
        Err(Error::Unread) => without_a_reader(&Goals::new(exchange.goals.clone())),
        outcome => outcome,
    }
}

/// Says to whoever sits at a terminal why there is no prompt, even where nothing else is said.
fn tell_what_lines_are(exchange: &Exchange) {
    match (exchange.writing.instead_of_a_prompt(), prompt::incapable_terminal()) {
        (Some(flag), _) => Console::stderr().line(advice::without_a_prompt(flag)),
        (None, Some(terminal)) => Console::stderr()
            .line(format_args!("TERM={terminal} edits no lines: every line is a message, none is a command")),
        (None, None) => {}
    }
}

fn console(exchange: &Exchange, status: Option<&StatusLine>) -> Console {
    match status {
        _ if exchange.writing.quiet => Console::nowhere(),
        Some(status) => Console::above(status.clone()),
        None => Console::stderr(),
    }
}

/// What a run talks by.
struct FrontEndRun<'a> {
    exchange: &'a Arc<Exchange>,
    lines: Arc<dyn CommandLines>,
    limit: RunLimit,
    recording: Option<&'a Arc<Recording>>,
    console: &'a Console,
    signals: &'a Signals,
}

impl FrontEndRun<'_> {
    /// Lets the front end talk. The prompt connects by itself: it hears the keyboard meanwhile.
    fn run(self, front_end: FrontEnd, mut client: Client, status: Option<StatusLine>) -> Result<Exit, Error> {
        client.end_by(self.limit.latest);
        let Self { exchange, console, signals, .. } = self;
        match front_end {
            FrontEnd::Echo => self.connect(PreparedFrontEnd::Echo, client, status),
            FrontEnd::Pipe => {
                let ends = signals.released(|| Ends::open(exchange, console))?;
                self.connect(PreparedFrontEnd::Pipe(Box::new(ends)), client, status)
            }
            FrontEnd::Prompt => {
                let mut prepared = signals.released(|| prompt::prepare(exchange, console))?;
                prepared.recording = self.recording.cloned();
                prompt::run((Arc::clone(exchange), self.lines), client, prepared, self.limit, signals)
            }
        }
    }

    /// Connects, and then talks.
    fn connect(
        self,
        prepared: PreparedFrontEnd,
        mut client: Client,
        status: Option<StatusLine>,
    ) -> Result<Exit, Error> {
        let Self { exchange, limit, recording, console, signals, .. } = self;
        let latest = limit.latest;
        let mut facts = ConnectFacts::default();
        let interrupt = Interrupt::by(signals).or_unread(prepared.sink(exchange));
        let dialed = match client.connect(Some(interrupt), &mut |step| facts.note(step)) {
            Err(error) => {
                if let Some(recording) = recording {
                    recording.not_opened(&client.last_target().url(), facts.recorded_heads(recording), &error);
                }
                return Err(exchange.never_opened(error, &client));
            }
            Ok(dialed) => dialed,
        };
        limit.opened();
        let is_pipe = matches!(prepared, PreparedFrontEnd::Pipe(_));
        if is_pipe && exchange.waits_for_a_person() && prompt::is_at_a_terminal() {
            console.line(format_args!("connected to {}; {}", Escaped(&client.last_url()), exchange.ended_by()));
        }
        // What was told so far stands before the first message.
        stderr::flush_briefly();
        let ConnectionSettings { timing, tolerant, .. } = client.settings();
        let runner = Runner { timing, tolerant, show_frames: exchange.show_frames, signals, console, recording };
        let leaving =
            |console: &Console| Leaving::new(exchange, latest, timing.close_timeout, signals, console.clone());
        match prepared {
            PreparedFrontEnd::Pipe(mut ends) => {
                let console = &ends.console(console);
                let (runner, leaving) = (Runner { console, ..runner }, leaving(console));
                let reconnects = Reconnects::new(exchange.ending.reconnect, exchange.ending.reconnect_delay, latest);
                let mut pipe = Pipe::start(exchange, *ends, timing, leaving, signals, console.clone(), status);
                pipe.begin_steps(facts.answered())?;
                let ending = runner.through_the_pipe(&mut client, (dialed, facts), &mut pipe, reconnects)?;
                pipe.finish(&ending)
            }
            PreparedFrontEnd::Echo => {
                let mut echo = EchoFrontEnd::new(leaving(console));
                let recorded = runner.record(&dialed, &facts, &client.last_target().url());
                let ending = runner.converse(dialed, recorded, &mut echo);
                echo.leaving.outcome(Some(&ending))
            }
        }
    }
}
