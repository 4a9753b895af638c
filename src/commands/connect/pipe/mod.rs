//! `connect` in a pipe: what is read is sent, what arrives is written, until there is a reason to end.

mod feed;
pub(crate) mod goals;
mod progress;
mod resend_buffer;

use std::fs::File;
use std::io::{self, IsTerminal};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use feed::{SendOptions, StdinFeed};
use goals::{GoalState, Goals};
use progress::Progress;
use resend_buffer::ResendBuffer;

use super::reconnect::is_lost;
use super::request;
use super::verdict::{State, verdict};
use crate::cli::Connect;
use crate::commands::interrupt::Interruption;
use crate::error::{Error, system_words};
use crate::exit::Exit;
use crate::net::{End, Handler, Sender, Signals, Watched, wait_either};
use crate::stdio::console::Console;
use crate::stdio::input::{self, Fault};
use crate::stdio::output::{self, Format};
use crate::stdio::status_line::StatusLine;
use crate::stdio::writer::Output;
use crate::ws::{Close, Event, Observe, StatusCode};

/// What is sent, and where it goes that comes.
#[derive(Debug)]
pub(crate) struct Ends {
    feed: StdinFeed,
    output: Output,
    on_a_terminal: bool,
}

impl Ends {
    /// Opens and reads what `args` name. It may wait, as for a pipe with a name.
    ///
    /// # Errors
    /// When stdin, stdout or a file can't be used, and for `-d` what can't be sent.
    pub(crate) fn open(args: &Connect) -> Result<Self, Error> {
        let sending = &args.sending;
        let options = SendOptions {
            interval: sending.interval(),
            compress_from: sending.no_compress_under.and_then(|limit| limit.0).unwrap_or(0) as usize,
            part: sending.fragment_size(),
        };
        let failed = |why| Error::System { doing: "setting up stdin and stdout", why };
        let source = if sending.no_input || input::stdin_is_closed() {
            None
        } else {
            Some(input::stdin(sending.input, sending.binary, sending.fragment_size()).map_err(failed)?)
        };
        let mut feed = StdinFeed::new(request::messages(args)?, source, options);
        feed.resend_buffer = args.goals.reconnect.map(|_| ResendBuffer::default());
        let (output, on_a_terminal) = open_output(args)?;
        Ok(Self { feed, output, on_a_terminal })
    }
}

/// Connects stdin and stdout with a connection, or with one after the other.
#[derive(Debug)]
pub(crate) struct Pipe<'a> {
    feed: StdinFeed,
    format: Box<dyn Format>,
    output: Output,
    goals: Goals,
    args: &'a Connect,
    console: Console,
    /// After all is sent: since when the peer has been quiet.
    quiet_since: Option<Instant>,
    heard: bool,
    /// The end of the whole run.
    latest: Option<Instant>,
    state: State,
    /// Without a closing handshake: when we leave at the latest, whatever the peer has yet to take.
    leave_by: Option<Instant>,
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
        args: &'a Connect,
        ends: Ends,
        latest: Option<Instant>,
        signals: &'a Signals,
        console: Console,
        status: Option<StatusLine>,
    ) -> Self {
        let Ends { feed, output, on_a_terminal } = ends;
        Self {
            feed,
            format: output::new(args.writing.output, on_a_terminal, args.writing.timestamps.clone()),
            output,
            goals: Goals::new(&args.goals),
            args,
            console,
            quiet_since: None,
            heard: false,
            latest,
            state: State::Running,
            leave_by: None,
            left: false,
            goal_reached: false,
            progress: status.map(|line| Progress::new(line, args)),
            interruption: Interruption::new(signals),
            failure: None,
        }
    }

    /// What has to be told of the connection beside what is received.
    pub(crate) fn observes(args: &Connect) -> Option<Observe> {
        (args.writing.output == output::Mode::Json).then_some(Observe::FramesAndContent)
    }

    /// The line for the progress of a long transfer, where one is to be shown.
    pub(crate) fn status_line(args: &Connect) -> Option<StatusLine> {
        progress::wanted(args)
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
        self.output.begin_finish();
        let written = loop {
            if let Some(written) = self.output.finished() {
                break written;
            }
            if self.interruption.signals.take() {
                return Ok(self.interruption.exit());
            }
            // A reader of stdout may be as slow as it likes; Ctrl-C and --max-time are the ways out.
            wait_either(&self.output, self.interruption.signals, self.latest);
            if self.latest.is_some_and(|latest| Instant::now() >= latest) {
                break Ok(());
            }
            self.output.woken();
        };
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        match written {
            // The reader has what it wanted, as `| head -1` does.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(Exit::Done),
            Err(why) => return Err(Error::System { doing: "writing the output", why }),
            Ok(()) => {}
        }
        if self.interruption.happened() {
            return Ok(self.interruption.exit());
        }
        verdict(ending, self.state, &self.goals, &self.args.goals)
    }

    /// Ends the connection because of us. What is on its way in is still written.
    fn leave(&mut self, state: State, close: &Close, sender: &mut Sender<'_>) {
        if self.state == State::Running {
            self.state = state;
        }
        self.feed.stop();
        self.quiet_since = None;
        if self.args.goals.no_close {
            self.leave_by.get_or_insert_with(|| Instant::now() + self.args.connection.settings().timing.close_timeout);
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
        let close = self.args.goals.close.clone();
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
        if self.latest.is_some_and(|latest| now >= latest) && self.state == State::Running {
            return self.leave(State::OutOfTime, &Close::new(StatusCode::GOING_AWAY, ""), sender);
        }
        if self.feed.deadline().is_some_and(|due| now >= due) {
            self.send(now, sender);
        }
        let linger: Duration = self.args.goals.linger();
        if self.quiet_since.is_some_and(|since| now >= since + linger) {
            self.finish_well(sender);
        }
    }

    fn told_on_stderr(&self, event: &Event<'_>) {
        let (name, payload) = match event {
            Event::Ping(payload) => ("Ping", payload),
            Event::Pong(payload) => ("Pong", payload),
            _ => return,
        };
        self.console.line(format_args!("{name} received: \"{}\"", payload.escape_ascii()));
    }
}

fn open_output(args: &Connect) -> Result<(Output, bool), Error> {
    let failed = |why| Error::System { doing: "setting up stdin and stdout", why };
    match &args.writing.file {
        None => Ok((Output::to_stdout().map_err(failed)?, io::stdout().is_terminal())),
        Some(path) => {
            let unwritable = |why| Error::Write { path: path.clone(), why: system_words(&why) };
            Ok((Output::to(File::create(path).map_err(unwritable)?).map_err(failed)?, false))
        }
    }
}

impl Handler for Pipe<'_> {
    fn event(&mut self, event: Event<'_>, sender: &mut Sender<'_>) {
        let Event::Data(data) = &event else {
            if self.args.writing.show_pings {
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
        self.heard = true;
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
            GoalState::Rejected(what) => self.give_up(Some(Error::Unmet(what)), sender),
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
        self.left = self.leave_by.is_some_and(|latest| now >= latest || sender.all_written());
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

    fn watched(&self) -> Watched<'_> {
        Watched { source: self.feed.fd(), waker: Some(self.output.as_fd()) }
    }

    fn source_ready(&mut self, sender: &mut Sender<'_>) {
        match self.feed.read() {
            Ok(()) => self.send(Instant::now(), sender),
            Err(why) => self.give_up(Some(Error::System { doing: "reading stdin", why }), sender),
        }
    }

    fn woken(&mut self, sender: &mut Sender<'_>) {
        self.output.woken();
        if self.output.is_broken() {
            self.give_up(None, sender);
        }
    }

    fn deadline(&self) -> Option<Instant> {
        let quiet = self.quiet_since.map(|since| since + self.args.goals.linger());
        let latest = self.latest.filter(|_| self.state == State::Running).or(self.leave_by);
        let progress = self.progress.as_ref().and_then(Progress::deadline);
        [quiet, latest, self.feed.deadline(), progress].into_iter().flatten().min()
    }

    fn stop(&mut self, sender: &mut Sender<'_>) -> bool {
        self.interruption.check(sender);
        true
    }

    fn wants_abort(&self) -> bool {
        self.interruption.insists() || self.left
    }
}
