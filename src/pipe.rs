//! `connect` in a pipe: lines of stdin are messages out, messages in are lines of stdout.

use std::io::{self, IsTerminal};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use crate::error::{Error, Exit};
use crate::input::{Lines, NotText};
use crate::interruption::Interruption;
use crate::net::{Handler, Outlet, Signals, wait_either};
use crate::output::Output;
use crate::view::message::Shown;
use crate::ws::{Assembler, Close, Event, Kind, StatusCode};

/// Connects stdin and stdout with a connection.
#[derive(Debug)]
pub(crate) struct Pipe<'a> {
    input: Option<Lines>,
    output: Output,
    /// On a terminal, where messages are made safe and so have to be whole.
    screen: Option<Assembler>,
    linger: Duration,
    /// After stdin's end: since when the peer has been quiet, once all is written.
    quiet_since: Option<Instant>,
    heard: bool,
    interruption: Interruption<'a>,
    failure: Option<Error>,
}

impl<'a> Pipe<'a> {
    /// # Errors
    /// When stdin or stdout is closed.
    pub(crate) fn start(linger: Duration, signals: &'a Signals) -> io::Result<Self> {
        Ok(Self {
            input: Some(Lines::from_stdin()?),
            output: Output::to_stdout()?,
            screen: io::stdout().is_terminal().then(Assembler::default),
            linger,
            quiet_since: None,
            heard: false,
            interruption: Interruption::new(signals),
            failure: None,
        })
    }

    /// Writes out the rest. Returns the exit code where it isn't the connection's own.
    ///
    /// # Errors
    /// Input that couldn't be sent, output that couldn't be written.
    pub(crate) fn finish(mut self) -> Result<Option<Exit>, Error> {
        self.output.begin_finish();
        let written = loop {
            if let Some(written) = self.output.finished() {
                break written;
            }
            if self.interruption.signals.take() {
                return Ok(Some(Exit::Interrupted));
            }
            // A reader of stdout may be as slow as it likes; Ctrl-C is the way out.
            wait_either(&self.output, self.interruption.signals);
            self.output.woken();
        };
        match (self.failure, written) {
            (Some(failure), _) => Err(failure),
            // The reader has what it wanted, as `| head -1` does.
            (None, Err(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Some(Exit::Done)),
            (None, Err(why)) => Err(Error::System { doing: "writing to stdout", why }),
            (None, Ok(())) if self.interruption.happened() => Ok(Some(Exit::Interrupted)),
            (None, Ok(())) => Ok(None),
        }
    }

    /// Ends the connection because of us. What is on its way in is still written.
    fn give_up(&mut self, failure: Option<Error>, outlet: &mut Outlet<'_>) {
        self.input = None;
        self.failure = self.failure.take().or(failure);
        // Refused when the connection is closing already.
        let _ = outlet.close(&Close::new(StatusCode::GOING_AWAY, ""));
    }

    fn send_lines(&mut self, outlet: &mut Outlet<'_>) -> Result<(), NotText> {
        let Some(input) = &mut self.input else { return Ok(()) };
        while let Some(part) = input.next()? {
            // Refused after our Close; the engine asks for no more by then.
            let _ = outlet.data(Kind::Text, part.bytes, part.last);
        }
        if input.is_finished() {
            self.input = None;
        }
        Ok(())
    }
}

impl Handler for Pipe<'_> {
    fn event(&mut self, event: Event<'_>, _outlet: &mut Outlet<'_>) {
        if let Event::Data(data) = event {
            self.heard = true;
            match &mut self.screen {
                None => self.output.push_part(data.bytes, data.last),
                Some(assembler) => {
                    if let Some(message) = assembler.push(&data) {
                        self.output.push_part(Shown(message).to_string().as_bytes(), true);
                    }
                }
            }
        }
    }

    fn settled(&mut self, now: Instant, outlet: &mut Outlet<'_>) {
        self.output.hand_over();
        let heard = std::mem::take(&mut self.heard);
        // While stdout is behind we don't hear the peer, so it can't be told to be quiet.
        if self.input.is_none() && outlet.all_written() && self.output.has_room() && !outlet.is_closing() {
            if heard || self.quiet_since.is_none() {
                self.quiet_since = Some(now);
            }
        } else {
            self.quiet_since = None;
        }
    }

    fn has_room(&self) -> bool {
        self.output.has_room()
    }

    fn source(&self) -> Option<BorrowedFd<'_>> {
        self.input.as_ref().map(AsFd::as_fd)
    }

    fn source_ready(&mut self, outlet: &mut Outlet<'_>) {
        let Some(input) = &mut self.input else { return };
        if let Err(why) = input.read() {
            return self.give_up(Some(Error::System { doing: "reading stdin", why }), outlet);
        }
        if let Err(NotText { line }) = self.send_lines(outlet) {
            let what = format!("line {line} of stdin is not UTF-8, and a text message has to be");
            self.give_up(Some(Error::usage(what)), outlet);
        }
    }

    fn waker(&self) -> Option<BorrowedFd<'_>> {
        Some(self.output.as_fd())
    }

    fn woken(&mut self, outlet: &mut Outlet<'_>) {
        self.output.woken();
        if self.output.is_broken() {
            self.give_up(None, outlet);
        }
    }

    fn deadline(&self) -> Option<Instant> {
        self.quiet_since.map(|since| since + self.linger)
    }

    fn deadline_reached(&mut self, outlet: &mut Outlet<'_>) {
        self.quiet_since = None;
        // Refused when the connection is closing already.
        let _ = outlet.close(&Close::new(StatusCode::NORMAL, ""));
    }

    fn stop(&mut self, outlet: &mut Outlet<'_>) -> bool {
        self.interruption.check(outlet);
        true
    }

    fn abandons(&self) -> bool {
        self.interruption.insists()
    }
}
