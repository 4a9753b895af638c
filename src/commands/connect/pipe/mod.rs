//! `connect` in a pipe: what is read is sent, what arrives is written, until there is a reason to end.

mod feed;
mod progress;
mod resend_buffer;

use std::fs::File;
use std::io::{self, IsTerminal};
use std::os::fd::AsFd;
use std::path::Path;
use std::time::{Duration, Instant};

use feed::StdinFeed;
use progress::Progress;
pub(super) use progress::status_line;
use resend_buffer::ResendBuffer;

use crate::advice::MORE_TIME;
use crate::commands::connect::config::Exchange;
use crate::commands::connect::reconnect::is_lost;
use crate::commands::connect::request;
use crate::commands::connect::verdict::{GRACE, State, verdict};
use crate::commands::interrupt::{Interruption, finish};
use crate::error::Error;
use crate::exit::Exit;
use crate::net::{End, Handler, Sender, Signals, Timing, Watched};
use crate::script::{GoalState, Goals};
use crate::stdio::console::Console;
use crate::stdio::input::{self, Fault};
use crate::stdio::output::{self, Columns, Format};
use crate::stdio::status_line::StatusLine;
use crate::stdio::terminal::{self, USUAL_WIDTH};
use crate::stdio::writer::Output;
use crate::ws::{Close, Event, StatusCode};

/// What is sent, and where it goes that comes.
#[derive(Debug)]
pub(crate) struct Ends {
    feed: StdinFeed,
    output: Output,
    /// Where the output is one.
    terminal: Option<Columns>,
}

impl Ends {
    /// Opens what messages come from and go to, and reads those of `-d`. It may wait, as for a pipe with a name.
    ///
    /// # Errors
    /// When stdin, stdout or a file can't be used, and for `-d` what can't be sent.
    pub(crate) fn open(exchange: &Exchange) -> Result<Self, Error> {
        let sending = &exchange.sending;
        let failed = |why| Error::System { doing: "setting up stdin and stdout", why };
        let source = if sending.no_input || input::stdin_is_closed() {
            None
        } else {
            Some(input::stdin(sending.input, sending.binary, sending.options.part()).map_err(failed)?)
        };
        let mut feed = StdinFeed::new(request::messages(sending)?, source, sending.options);
        feed.resend_buffer = exchange.ending.reconnect.map(|_| ResendBuffer::default());
        let (output, terminal) = open_output(exchange.writing.file.as_deref())?;
        Ok(Self { feed, output, terminal })
    }
}

/// Connects stdin and stdout with a connection, or with one after the other.
#[derive(Debug)]
pub(crate) struct Pipe<'a> {
    feed: StdinFeed,
    format: Box<dyn Format>,
    output: Output,
    goals: Goals,
    exchange: Exchange,
    timing: Timing,
    console: Console,
    /// How long the peer may be quiet after all is sent; `None` waits for it.
    linger: Option<Duration>,
    /// After all is sent: since when the peer has been quiet.
    quiet_since: Option<Instant>,
    heard: bool,
    heard_ever: bool,
    /// The end of the whole run.
    latest: Option<Instant>,
    state: State,
    /// Without a closing handshake: when we leave at the latest, whatever the peer has yet to take.
    leave_by: Option<Instant>,
    /// We leave without waiting for the peer any further.
    left: bool,
    /// What was waited for has come; what comes after it isn't wanted.
    goal_reached: bool,
    /// Where a person sees it.
    progress: Option<Progress>,
    interruption: Interruption<'a>,
    failure: Option<Error>,
}

impl<'a> Pipe<'a> {
    pub(crate) fn start(
        exchange: Exchange,
        ends: Ends,
        timing: Timing,
        latest: Option<Instant>,
        signals: &'a Signals,
        console: Console,
        status: Option<StatusLine>,
    ) -> Self {
        let Ends { feed, output, terminal } = ends;
        let (stamp, numbered) = (exchange.writing.timestamps.clone(), exchange.ending.reconnect.is_some());
        Self {
            feed,
            format: output::new(exchange.writing.output, terminal, stamp, numbered),
            output,
            goals: Goals::new(exchange.goals.clone()),
            progress: status.map(|line| Progress::new(line, &exchange, timing)),
            linger: exchange.linger(),
            exchange,
            timing,
            console,
            quiet_since: None,
            heard: false,
            heard_ever: false,
            latest,
            state: State::Running,
            leave_by: None,
            left: false,
            goal_reached: false,
            interruption: Interruption::new(signals),
            failure: None,
        }
    }

    /// Whether a connection that ended so is to be followed by another.
    pub(crate) fn wants_another(&self, ending: &End) -> bool {
        let resumable = self.feed.resend_buffer.as_ref().is_none_or(ResendBuffer::is_complete);
        is_lost(ending) && resumable && self.state == State::Running && !self.interruption.happened()
    }

    /// A new connection follows.
    pub(crate) fn begin_again(&mut self) {
        self.feed.begin_again();
        self.goals.begin_again();
        self.output.write(|out| self.format.cut_off(out));
        if let Some(progress) = &mut self.progress {
            progress.rest();
        }
        self.quiet_since = None;
    }

    /// Writes out the rest. Returns how the program ends.
    ///
    /// # Errors
    /// Input that couldn't be sent, output that couldn't be written, and what was expected in vain.
    pub(crate) fn finish(mut self, ending: &End) -> Result<Exit, Error> {
        self.progress = None;
        let hard_end = self.hard_end();
        let Some(written) = finish(&mut self.output, self.interruption.signals, hard_end) else {
            return Ok(self.interruption.exit());
        };
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        match written {
            // The reader has what it wanted, as `| head -1` does.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(Exit::Done),
            Err(why) => return Err(unwritable(self.exchange.writing.file.as_deref(), why)),
            Ok(()) => {}
        }
        if self.interruption.happened() {
            return Ok(self.interruption.exit());
        }
        verdict(ending, self.state, &self.goals, &self.exchange.ending)
    }

    /// Ends the connection because of us. What is on its way in is still written.
    fn leave(&mut self, state: State, close: &Close, sender: &mut Sender<'_>) {
        if self.state == State::Running {
            self.state = state;
        }
        self.feed.stop();
        self.quiet_since = None;
        if self.exchange.ending.no_close {
            self.left |= sender.all_written();
            self.leave_by.get_or_insert_with(|| Instant::now() + self.timing.close_timeout);
        } else {
            // Refused when the connection is closing already.
            let _ = sender.close(close.clone());
        }
    }

    fn give_up(&mut self, failure: Option<Error>, sender: &mut Sender<'_>) {
        self.failure = self.failure.take().or(failure);
        self.leave(State::GaveUp, &Close::new(StatusCode::GOING_AWAY, ""), sender);
    }

    fn finish_well(&mut self, sender: &mut Sender<'_>) {
        let close = self.exchange.ending.close.clone();
        self.leave(State::Done, &close, sender);
    }

    fn send(&mut self, now: Instant, sender: &mut Sender<'_>) {
        if self.state != State::Running {
            return;
        }
        match self.feed.send(now, sender) {
            Ok(false) => {}
            Ok(true) => {
                self.state = State::Done;
                self.feed.stop();
            }
            Err(Fault(what)) => self.give_up(Some(Error::usage(what)), sender),
        }
    }

    /// When nothing lives any longer.
    fn hard_end(&self) -> Option<Instant> {
        self.latest.map(|latest| latest + GRACE)
    }

    /// When the peer has been quiet for long enough.
    fn quiet_until(&self) -> Option<Instant> {
        Some(self.quiet_since? + self.linger?)
    }

    /// Says so where messages were sent, and nothing at all has come back.
    fn tell_silence(&self) {
        // Who gives 0 doesn't want to wait for an answer.
        let linger = self.linger.filter(|linger| !linger.is_zero() && !self.heard_ever && self.feed.sent.messages > 0);
        if let Some(linger) = linger {
            self.console
                .line(format_args!("received nothing within {linger:?} after the last message was sent: {MORE_TIME}"));
        }
    }

    /// All has been sent and written, and we can hear the peer.
    fn waits_only_for_the_peer(&self, sender: &Sender<'_>) -> bool {
        // While stdout is behind we don't hear the peer, so it can't be told to be quiet.
        self.feed.is_finished() && !self.feed.listens && sender.all_written() && self.output.has_room()
    }

    /// Does what is due by now.
    fn meet_deadlines(&mut self, now: Instant, sender: &mut Sender<'_>) {
        if let Some(progress) = &mut self.progress {
            progress.draw_when_due(self.feed.sent, now, sender);
        }
        if self.hard_end().is_some_and(|end| now >= end) {
            if self.state != State::GaveUp {
                self.state = State::OutOfTime;
            }
            self.left = true;
        } else if self.latest.is_some_and(|latest| now >= latest) && self.state == State::Running {
            return self.leave(State::OutOfTime, &Close::new(StatusCode::GOING_AWAY, ""), sender);
        }
        if self.feed.deadline().is_some_and(|due| now >= due) {
            self.send(now, sender);
        }
        if self.quiet_until().is_some_and(|until| now >= until) {
            self.tell_silence();
            self.finish_well(sender);
        }
    }

    fn told_on_stderr(&self, event: &Event<'_>) {
        let (name, payload) = match event {
            Event::Ping(payload) => ("Ping", payload),
            Event::Pong(payload) => ("Pong", payload),
            _ => return,
        };
        self.console.log(format_args!("{name} received: \"{}\"", payload.escape_ascii()));
    }
}

/// A file is never a terminal: what is in it is exact.
fn open_output(file: Option<&Path>) -> Result<(Output, Option<Columns>), Error> {
    let failed = |why| Error::System { doing: "setting up stdin and stdout", why };
    match file {
        None => {
            let columns: Columns = || terminal::columns(io::stdout()).unwrap_or(USUAL_WIDTH);
            Ok((Output::to_stdout().map_err(failed)?, io::stdout().is_terminal().then_some(columns)))
        }
        Some(path) => Ok((Output::to(File::create(path).map_err(|why| unwritable(file, why))?).map_err(failed)?, None)),
    }
}

/// A file that can't be written to, or stdout.
fn unwritable(file: Option<&Path>, why: io::Error) -> Error {
    match file {
        Some(path) => Error::unwritable(path, &why),
        None => Error::Stdout(why),
    }
}

impl Handler for Pipe<'_> {
    fn event(&mut self, event: Event<'_>, sender: &mut Sender<'_>) {
        let Event::Data(data) = &event else {
            if self.exchange.writing.show_pings {
                self.told_on_stderr(&event);
            }
            if let (Some(progress), Event::Pong(payload)) = (&mut self.progress, &event) {
                progress.pong(payload);
            }
            return self.output.write(|out| self.format.event(&event, out));
        };
        if self.goal_reached {
            return;
        }
        (self.heard, self.heard_ever) = (true, true);
        if let Some(progress) = &mut self.progress {
            progress.received(data);
        }
        self.output.write(|out| self.format.data(data, out));
        if self.state != State::Running {
            return;
        }
        match self.goals.data(data) {
            GoalState::GoOn => {}
            GoalState::Reached => {
                self.goal_reached = true;
                self.finish_well(sender);
            }
            GoalState::Rejected(what) => self.give_up(Some(Error::Unmet(what.to_string())), sender),
        }
    }

    fn sent(&mut self, event: &Event<'_>) {
        self.output.write(|out| self.format.event(event, out));
    }

    fn after_turn(&mut self, now: Instant, sender: &mut Sender<'_>) {
        if self.feed.is_due(now) {
            self.send(now, sender);
        }
        if let Some(resend_buffer) = &mut self.feed.resend_buffer {
            resend_buffer.settle(sender);
        }
        if let Some(progress) = &mut self.progress {
            progress.after_turn(self.feed.sent, now);
        }
        self.output.hand_over();
        self.left |= self.leave_by.is_some_and(|latest| now >= latest || sender.all_written());
        let heard = std::mem::take(&mut self.heard);
        if self.state != State::Running || sender.is_closing() {
            self.quiet_since = None;
        } else if self.feed.is_finished() && self.goals.has_all() && sender.all_written() {
            self.finish_well(sender);
        } else if !self.waits_only_for_the_peer(sender) {
            self.quiet_since = None;
        } else if heard || self.quiet_since.is_none() {
            self.quiet_since = Some(now);
        }
        self.meet_deadlines(now, sender);
    }

    fn has_room(&self) -> bool {
        self.output.has_room()
    }

    /// A reader of stdout may be as slow as it likes.
    fn outlives_peer(&self) -> bool {
        true
    }

    fn has_room_for_sent(&self) -> bool {
        self.output.has_room()
    }

    fn watched(&self) -> Watched<'_> {
        Watched { source: self.feed.fd(), waker: Some(self.output.as_fd()) }
    }

    fn source_ready(&mut self, sender: &mut Sender<'_>) {
        match self.feed.read() {
            Ok(()) => self.send(Instant::now(), sender),
            Err(why) => self.give_up(Some(Error::Stdin(why)), sender),
        }
    }

    fn woken(&mut self, sender: &mut Sender<'_>) {
        self.output.woken();
        if self.output.is_broken() {
            self.give_up(None, sender);
        }
    }

    fn deadline(&self) -> Option<Instant> {
        let latest = if self.state == State::Running { self.latest } else { self.hard_end() };
        let progress = self.progress.as_ref().and_then(Progress::deadline);
        [self.quiet_until(), latest, self.leave_by, self.feed.deadline(), progress].into_iter().flatten().min()
    }

    fn stop(&mut self, sender: &mut Sender<'_>) -> bool {
        self.interruption.check(sender);
        true
    }

    fn wants_abort(&self) -> bool {
        self.interruption.insists() || self.left
    }
}
