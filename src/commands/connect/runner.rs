//! Connections without a prompt, one after the other.

use std::sync::Arc;
use std::time::Instant;

use super::ignored;
use super::pipe::Pipe;
use super::reconnect::{AttemptEvent, Reconnects};
use crate::client::{Client, ConnectFacts};
use crate::commands::connection_taps::ConnectionTaps;
use crate::error::Error;
use crate::net::{Dialed, End, Handler, Interrupt, Signals, Timing};
use crate::stdio::console::Console;
use crate::stdio::recording::{RecordedConnection, Recording};
use crate::view::frames::FrameDetail;
use crate::view::violating_frame;
use crate::ws::Event;

/// How connections are run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Runner<'a> {
    pub(super) timing: Timing,
    /// Violations may be tolerated, and are told then.
    pub(super) tolerant: bool,
    pub(super) show_frames: Option<FrameDetail>,
    pub(super) signals: &'a Signals,
    pub(super) console: &'a Console,
    pub(super) recording: Option<&'a Arc<Recording>>,
}

impl Runner<'_> {
    /// One connection, or with `--reconnect` as many as it takes. Returns how the last one ended.
    ///
    /// # Errors
    /// [`Error::Interrupted`], [`Error::Unread`].
    pub(super) fn through_the_pipe(
        self,
        client: &mut Client,
        opened: (Dialed, ConnectFacts),
        pipe: &mut Pipe<'_>,
        mut reconnects: Reconnects,
    ) -> Result<End, Error> {
        let (mut dialed, mut facts) = opened;
        loop {
            let begun = Instant::now();
            let recorded = self.record(&dialed, &facts, &client.last_target().url());
            let ending = self.converse(dialed, recorded, pipe);
            if !pipe.wants_another(&ending) || !reconnects.are_left() {
                return Ok(ending);
            }
            reconnects.lost_after(begun.elapsed());
            let interrupt = Interrupt::by(self.signals).or_unread(pipe.sink());
            facts = ConnectFacts::default();
            let next =
                reconnects.client(client, interrupt, self.console, &mut |event| self.attempted(event, &mut facts))?;
            let Some(next) = next else { return Ok(ending) };
            dialed = next;
            pipe.begin_again();
        }
    }

    /// Takes note of the way to the next connection, and records where it led to none.
    fn attempted(self, event: AttemptEvent<'_>, facts: &mut ConnectFacts) {
        match event {
            AttemptEvent::Step(step) => facts.note(step),
            AttemptEvent::Failed { url, why } => {
                let facts = std::mem::take(facts);
                if let Some(recording) = self.recording {
                    recording.not_opened(&url, facts.recorded_heads(recording), why);
                }
            }
        }
    }

    /// Begins to record a connection, where connections are.
    pub(super) fn record(self, dialed: &Dialed, facts: &ConnectFacts, url: &str) -> Option<RecordedConnection> {
        self.recording.map(|recording| facts.record(recording, dialed, url))
    }

    /// Runs the connection, and tells how it ended.
    pub(super) fn converse(
        self,
        dialed: Dialed,
        recorded: Option<RecordedConnection>,
        handler: &mut impl Handler,
    ) -> End {
        let mut tell_tolerated = |event: &Event<'_>| {
            if let Event::Violation(frame) = event
                && frame.tolerated
            {
                ignored::lines(frame, self.console.columns()).iter().for_each(|line| self.console.log(line));
            }
        };
        let taps = ConnectionTaps::of_frames(self.show_frames, &self.console.for_what_was_asked_for());
        let first = if self.tolerant { Some(&mut tell_tolerated as _) } else { None };
        let taps = ConnectionTaps { recorded, first, ..taps };
        let ending = taps.run(dialed, self.timing, self.signals, handler).ending;
        self.console.line(&ending);
        if let End::Violation(frame) = &ending
            && self.show_frames.is_none()
            && !frame.only_exceeds_limit()
        {
            let lines = violating_frame::lines(frame, self.console.columns());
            lines.iter().for_each(|line| self.console.line(line));
        }
        ending
    }
}
