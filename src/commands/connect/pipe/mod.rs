//! `connect` in a pipe: what is read is sent, what arrives is written, until there is a reason to end.

mod ends;
mod feed;
mod gate;
mod handler;
mod progress;
mod quiet;
mod request_feed;
mod resend_buffer;
mod rest;
mod send_round;

use std::io;
use std::sync::Arc;

pub(super) use ends::Ends;
use ends::unwritable;
use feed::StdinFeed;
use progress::Progress;
pub(super) use progress::status_line;
use quiet::Quiet;
use resend_buffer::ResendBuffer;

use crate::advice;
use crate::commands::connect::config::Exchange;
use crate::commands::connect::leaving::Leaving;
use crate::commands::connect::reconnect::is_lost;
use crate::commands::finish::finish;
use crate::commands::interrupt::exit_of;
use crate::error::Error;
use crate::exit::Exit;
use crate::handlers::player::Player;
use crate::handlers::scenario::{AtLastStep, Halt, ScenarioOnConnection};
use crate::http::Response;
use crate::net::{End, Signals, Timing};
use crate::peer_text::Escaped;
use crate::script::scenario::Scenario;
use crate::stdio::console::Console;
use crate::stdio::decode::Decoder;
use crate::stdio::output::{self, OutputFormat};
use crate::stdio::ping_log::PingLog;
use crate::stdio::status_line::StatusLine;
use crate::stdio::writer::Output;

/// Connects stdin and stdout with a connection, or with one after the other.
#[derive(Debug)]
pub(crate) struct Pipe<'a> {
    feed: StdinFeed,
    player: Option<Player>,
    /// What `--in script` has to be taken.
    scenario: Option<Arc<Scenario>>,
    /// It is being taken.
    steps: Option<ScenarioOnConnection>,
    /// The turn has sent an answer: once that is written there is another, from which the peer's quiet may count.
    has_just_answered: bool,
    /// It was said that the time was up for what was being sent.
    has_told_unsent: bool,
    /// What was to be sent when the time was up, in words.
    expected_to_send: Option<String>,
    format: Box<dyn OutputFormat>,
    output: Output,
    exchange: &'a Exchange,
    signals: &'a Signals,
    console: Console,
    decoder: Option<Decoder>,
    /// With `-P`.
    pings: Option<PingLog>,
    quiet: Quiet,
    /// The peer has answered a Ping of this connection.
    answers_pings: bool,
    leaving: Leaving<'a>,
    /// Where a person sees it.
    progress: Option<Progress>,
}

impl<'a> Pipe<'a> {
    pub(crate) fn start(
        exchange: &'a Exchange,
        ends: Ends,
        timing: Timing,
        leaving: Leaving<'a>,
        signals: &'a Signals,
        console: Console,
        status: Option<StatusLine>,
    ) -> Self {
        let Ends { feed, scenario, player, output, terminal } = ends;
        let (stamp, numbered) = (exchange.writing.timestamps.clone(), exchange.ending.reconnect.is_some());
        Self {
            feed,
            player,
            scenario,
            steps: None,
            has_just_answered: false,
            has_told_unsent: false,
            expected_to_send: None,
            format: output::new(exchange.writing.output, terminal, stamp, numbered),
            output,
            progress: status.map(|line| Progress::new(line, exchange, timing)),
            quiet: Quiet::new(exchange.linger(), timing.ping_interval.map(|_| timing.ping_timeout)),
            answers_pings: false,
            decoder: exchange.writing.decoder(),
            pings: exchange
                .writing
                .show_pings
                .then(|| PingLog::new(console.for_what_was_asked_for(), exchange.writing.timestamps.clone())),
            exchange,
            signals,
            console,
            leaving,
        }
    }

    /// Begins to take steps, where there are any, on a connection that was answered so.
    ///
    /// # Errors
    /// When there are no threads left.
    pub(crate) fn begin_steps(&mut self, response: Option<Response>) -> Result<(), Error> {
        let Some(scenario) = self.scenario.take() else { return Ok(()) };
        let begun = ScenarioOnConnection::begin_as_client(
            (scenario, ends::STDIN.into()),
            response,
            self.output.waker(),
            AtLastStep::Close,
        );
        self.steps = Some(begun.map_err(|why| Error::System { doing: "starting a thread", why })?);
        Ok(())
    }

    /// Whether a connection that ended so is to be followed by another.
    pub(crate) fn wants_another(&self, ending: &End) -> bool {
        let resumable = self.feed.resend_buffer.as_ref().is_none_or(ResendBuffer::is_complete);
        is_lost(ending) && resumable && self.leaving.is_running() && !self.leaving.was_interrupted()
    }

    /// A new connection follows.
    pub(crate) fn begin_again(&mut self) {
        self.feed.begin_again();
        if let Some(player) = &mut self.player {
            player.begin_again();
        }
        self.leaving.begin_again();
        self.quiet.begin_again();
        if let Some(decoder) = &mut self.decoder {
            decoder.begin_again();
        }
        if let Some(pings) = &mut self.pings {
            pings.begin_again();
        }
        self.output.write(|out| self.format.cut_off(out));
        if let Some(progress) = &mut self.progress {
            progress.rest();
        }
    }

    /// Writes out the rest. Returns how the program ends.
    ///
    /// # Errors
    /// Input that couldn't be sent, output that couldn't be written, and what was expected in vain.
    pub(crate) fn finish(mut self, ending: &End) -> Result<Exit, Error> {
        self.progress = None;
        let Some(written) = finish(&mut self.output, self.signals, self.leaving.hard_end()) else {
            return Ok(exit_of(self.signals));
        };
        match written {
            _ if self.leaving.has_failed() => {}
            // The reader has what it wanted, as `| head -1` does; what the run was for is another matter.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return self.leaving.without_a_reader(),
            Err(why) => return Err(unwritable(self.exchange.writing.file.as_deref(), why)),
            Ok(()) => {}
        }
        let outcome = self.leaving.outcome(Some(ending));
        if let Some(expected) = self.expected_to_send.take_if(|_| !matches!(outcome, Ok(Exit::Done))) {
            self.console.line(expected);
            self.has_told_unsent = true;
        }
        let exit = outcome?;
        let exit = match self.steps.as_mut().and_then(ScenarioOnConnection::finish) {
            // However the connection ended, they say whether that was right.
            Some(Ok(())) if !self.leaving.was_interrupted() && !self.leaving.awaits_something() => Exit::Done,
            Some(Err(Halt::Failed(failure))) if !self.leaving.was_interrupted() => {
                return Err(Error::Unmet(failure.to_string()));
            }
            Some(Err(Halt::Interrupted)) if !self.leaving.was_interrupted() && !self.leaving.has_reached_goal() => {
                return Err(Error::Unmet("the connection ended before all steps were taken".to_owned()));
            }
            Some(Err(Halt::Skipped(step))) => {
                self.console.line(format_args!("the steps were left: {}", Escaped(&step)));
                Exit::Done
            }
            Some(_) | None => exit,
        };
        match self.feed.unmet() {
            Some(condition) if exit == Exit::Done => Err(Error::Unmet(match self.feed.gate.came_late() {
                true => advice::stdin_too_late(condition),
                false => advice::stdin_not_sent(condition),
            })),
            _ => {
                if let Some(expected) = self.expected_to_send.filter(|_| exit == Exit::Done) {
                    return Err(Error::Unmet(expected));
                }
                let is_cut_short = !self.leaving.has_reached_goal() && !self.leaving.was_interrupted();
                if let Some(left) = self.feed.left().filter(|_| is_cut_short && !self.has_told_unsent) {
                    self.console.line(left);
                }
                Ok(exit)
            }
        }
    }
}
