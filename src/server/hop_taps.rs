//! Those who look at one connection of a server, whichever side of it we are: the log's frames, a prompt, programs, a recording.

use std::sync::Arc;
use std::time::Instant;

use super::log::ServerLog;
use super::modes::ClientTap;
use crate::http::Secrets;
use crate::net::Tap;
use crate::stdio::frame_log::FrameLog;
use crate::stdio::recording::{RecordedConnection, TurnLines};
use crate::trace::connection_lines::{ClosedLine, OpenedLine};
use crate::trace::recorder::{Moment, Recorder};
use crate::ws::Event;

/// Who looks at a connection. In boxes, since most connections have nobody, and thousands of them cost memory.
#[derive(Debug)]
pub(super) struct HopTaps {
    since: Instant,
    frames: Option<Box<FrameLog>>,
    /// Of the mode, or of who stands between two sides.
    own: Option<Box<dyn ClientTap>>,
    program: Option<Box<EventLog>>,
    recorded: Option<Box<RecordedConnection>>,
}

impl HopTaps {
    // Not inlined: each thread's stack keeps the pages that it ever touched, and what stands in the boxes is large.
    #[inline(never)]
    pub(super) fn new(number: u64, log: &Arc<ServerLog>) -> Self {
        let frames = log.frames().zip(log.console().cloned());
        let since = Instant::now();
        Self {
            since,
            frames: frames.map(|(detail, console)| Box::new(FrameLog::new(console, format!("[{number}] "), detail))),
            own: None,
            program: log.has_events().then(|| Box::new(EventLog::new(number, log, since))),
            recorded: None,
        }
    }

    /// From when on its time is counted.
    pub(super) fn since(&self) -> Instant {
        self.since
    }

    /// Records it too.
    pub(super) fn record(&mut self, recorded: Option<RecordedConnection>) {
        self.recorded = recorded.map(Box::new);
    }

    /// It is joined to a connection whose lines these are.
    pub(super) fn join(&mut self, lines: Option<TurnLines>) {
        if let (Some(recorded), Some(lines)) = (&mut self.recorded, lines) {
            recorded.join(lines);
        }
    }

    /// Tells this one too.
    pub(super) fn tell(&mut self, own: Option<Box<dyn ClientTap>>) {
        self.own = own;
    }

    /// Where others record what they do to it, if it is recorded.
    pub(super) fn recorded_lines(&self) -> Option<TurnLines> {
        self.recorded.as_ref().map(|recorded| recorded.lines())
    }

    pub(super) fn look_on(&self) -> bool {
        self.frames.is_some() || self.own.is_some() || self.program.is_some() || self.recorded.is_some()
    }

    /// Shows a frame.
    pub(super) fn frame(&mut self, event: &Event<'_>) {
        if let Some(frames) = &mut self.frames {
            frames.event(event);
        }
    }

    /// Tells whoever else looks on, and records.
    pub(super) fn beside_frames(&mut self, event: &Event<'_>) {
        if let Some(own) = &mut self.own {
            own.event(event);
        }
        if let Some(program) = &mut self.program {
            program.event(event);
        }
        if let Some(recorded) = &mut self.recorded {
            recorded.event(event);
        }
    }

    /// `line` is told what becomes of secrets in it.
    // Not inlined: a record's line is large.
    #[inline(never)]
    pub(super) fn opened(&mut self, line: impl FnOnce(Secrets) -> OpenedLine) {
        if let Some(recorded) = &mut self.recorded {
            recorded.opened(line(recorded.recording().secrets()));
        }
    }

    /// Tells what was not finished.
    pub(super) fn finish(&mut self) {
        if let Some(frames) = self.frames.take() {
            frames.finish();
        }
    }

    pub(super) fn ended(&mut self, line: impl FnOnce() -> ClosedLine) {
        if let Some(recorded) = &mut self.recorded {
            recorded.closed(line());
        }
    }
}

impl Tap for HopTaps {
    fn event(&mut self, event: &Event<'_>) {
        self.frame(event);
        self.beside_frames(event);
    }

    fn all_told(&mut self) {
        if let Some(recorded) = &self.recorded {
            recorded.write();
        }
    }

    fn taken(&mut self, bytes: u64, of: u64) {
        if let Some(own) = &mut self.own {
            own.taken(bytes, of);
        }
    }
}

/// Messages and control frames, both ways, in the log for programs.
#[derive(Debug)]
struct EventLog {
    log: Arc<ServerLog>,
    recorder: Recorder,
}

impl EventLog {
    fn new(number: u64, log: &Arc<ServerLog>, since: Instant) -> Self {
        Self { log: Arc::clone(log), recorder: Recorder::new(Some(number), since) }
    }

    fn event(&mut self, event: &Event<'_>) {
        if let Some(record) = self.recorder.event(event, Moment::now) {
            self.log.record(record);
        }
    }
}
