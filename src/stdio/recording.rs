//! `--record`: what happens on connections, as lines in a file (docs/recording.md). A connection gathers the lines of one turn, and
//! writes them before it sends what they tell, shows it, or waits: a disk that is slow slows the connections down.

use std::cell::Cell;
use std::fs::{File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::append_file::{end_line, open_to_append};
use super::console::Console;
use super::file::is_stdout;
use super::line_writer::WhenFull;
use super::recording_sink::RecordingSink;
use crate::advice::{self, StdoutUse};
use crate::error::Error;
use crate::http::{Secrets, shown_url};
use crate::net::Summary;
use crate::trace::connection_lines::{
    ClosedLine, ConnectionLine, HandshakeHeads, Milestone, NotOpenedLine, OpenedLine, RecordedHandshake, RecordingRole,
};
use crate::trace::data_pieces::pieces;
use crate::trace::frame_recorder::FrameRecorder;
use crate::trace::record::Record;
use crate::trace::recorder::{Moment, PART, Recorder};
use crate::ws::{Event, Observe};

/// Bytes of lines that are written before the end of the turn. A turn that reads as much as it may comes to less, unless its
/// messages are very short: each write costs the kernel a part of a page at both ends, beside its own.
const ENOUGH: usize = 112 * 1024;

/// Bytes of memory that a connection keeps for the lines of its next turn.
const KEPT: usize = 128 * 1024;

/// A record with more content than this, in bytes, is written as it is: its line may be six times as long.
const LONG: usize = 64 * 1024;

/// What is to be recorded.
#[derive(Debug, Clone)]
pub(crate) struct RecordingConfig {
    pub(crate) path: PathBuf,
    /// What becomes of secrets in heads and URLs.
    pub(crate) secrets: Secrets,
    /// Every frame is recorded beside what the frames come to.
    pub(crate) frames: bool,
}

impl RecordingConfig {
    /// What has to be observed of a connection.
    pub(crate) fn observes(&self) -> Observe {
        if self.frames { Observe::FramesAndPayloads } else { Observe::FramesAndContent }
    }

    /// Refuses stdout, to which something else is written: nobody could take the two apart.
    ///
    /// # Errors
    /// What to do instead.
    pub(crate) fn refuse_stdout_beside(&self, other: StdoutUse) -> Result<(), Error> {
        if is_stdout(&self.path) { Err(advice::recording_on_stdout_beside(other)) } else { Ok(()) }
    }
}

/// A file to which connections are recorded.
#[derive(Debug)]
pub(crate) struct Recording {
    sink: RecordingSink,
    config: RecordingConfig,
    console: Mutex<Console>,
    /// The number of the connection that was opened last, where nobody else counts them.
    opened: AtomicU64,
    /// It can't be written any more.
    has_failed: AtomicBool,
}

impl Recording {
    /// Opens the file, a new one or behind what is there. That it has ended before its time is told through `console`.
    ///
    /// # Errors
    /// [`Error::Write`].
    pub(crate) fn open(config: RecordingConfig, console: Console) -> Result<Arc<Self>, Error> {
        let sink = open(&config.path).and_then(RecordingSink::to);
        let sink = sink.map_err(|why| Error::unwritable(&config.path, &why))?;
        let (opened, has_failed) = (AtomicU64::default(), AtomicBool::default());
        let console = Mutex::new(console);
        Ok(Arc::new(Self { sink, config, console, opened, has_failed }))
    }

    /// Tells through `console` from now on.
    pub(crate) fn speak_through(&self, console: Console) {
        *self.console.lock().unwrap_or_else(PoisonError::into_inner) = console;
    }

    /// Begins with a connection that is being opened now. Without a number it gets the next.
    pub(crate) fn connection(self: &Arc<Self>, number: Option<u64>) -> RecordedConnection {
        let number = number.unwrap_or_else(|| self.opened.fetch_add(1, Ordering::Relaxed) + 1);
        let opened = Instant::now();
        let recorder = Recorder::in_parts(Some(number), opened);
        let frames = FrameRecorder::new(self.config.frames);
        let lines = TurnLines { recording: Arc::clone(self), lines: Arc::default() };
        RecordedConnection { number, opened, recorder, frames, lines, turn: Cell::default() }
    }

    /// What has to be observed of a connection.
    pub(crate) fn observes(&self) -> Observe {
        self.config.observes()
    }

    /// An attempt to connect has failed.
    pub(crate) fn not_opened(&self, url: &str, heads: HandshakeHeads, why: &Error) {
        self.not_opened_as(None, url, heads, why);
    }

    /// The same of one that has a number.
    pub(crate) fn not_opened_as(&self, number: Option<u64>, url: &str, heads: HandshakeHeads, why: &Error) {
        let role = Some(RecordingRole::Client);
        let handshake = RecordedHandshake { role, url: self.url(url), address: None, heads };
        let line = NotOpenedLine { handshake, why: why.to_string() };
        self.write(number, Milestone::NotOpened(Box::new(line)));
    }

    /// A client, the one with this number, got no connection.
    pub(crate) fn refused(&self, number: u64, line: NotOpenedLine) {
        self.write(Some(number), Milestone::NotOpened(Box::new(line)));
    }

    /// Something was done to the connection with this number before it was open.
    pub(crate) fn note(&self, number: u64, milestone: Milestone) {
        self.write(Some(number), milestone);
    }

    /// Both heads as they may be recorded.
    pub(crate) fn heads(&self, request: &[u8], response: &[u8]) -> HandshakeHeads {
        HandshakeHeads::shown(request, response, self.config.secrets)
    }

    /// A URL as it may be recorded.
    pub(crate) fn url(&self, url: &str) -> String {
        shown_url(url, self.config.secrets).into_owned()
    }

    /// What becomes of secrets in what is recorded.
    pub(crate) fn secrets(&self) -> Secrets {
        self.config.secrets
    }

    /// Waits for what is still to be written.
    ///
    /// # Errors
    /// [`Error::Write`], if not everything was.
    pub(crate) fn finish(&self) -> Result<(), Error> {
        let path = || self.config.path.clone();
        let is_written = self.sink.finish();
        if self.has_failed() {
            return Err(Error::Write { path: path(), why: "the recording is not whole".into() });
        }
        let not_taken = || Error::Write { path: path(), why: "the last lines are not taken".into() };
        if is_written { Ok(()) } else { Err(not_taken()) }
    }

    fn write(&self, number: Option<u64>, milestone: Milestone) {
        if !self.has_failed() {
            self.sink.write(ConnectionLine::new(number, milestone).line().as_bytes(), WhenFull::Keep);
        }
    }

    /// Whether it has ended before its time, which is said once.
    fn has_failed(&self) -> bool {
        if let Some(why) = self.sink.take_failure()
            && !self.has_failed.swap(true, Ordering::Relaxed)
        {
            let console = self.console.lock().unwrap_or_else(PoisonError::into_inner).clone();
            console.line(format_args!("the recording ends here: {}", Error::unwritable(&self.config.path, &why)));
        }
        self.has_ended()
    }

    /// The same, as far as it has been said.
    fn has_ended(&self) -> bool {
        self.has_failed.load(Ordering::Relaxed)
    }
}

/// The lines of a connection's turn, and not written yet. Clones are of the same connection, or of one that it is joined to: who does
/// something to it adds what that was, behind what was recorded before. All of them are on the thread of that connection, so that
/// nobody else waits for the lock while it is held for a sink that is slow.
#[derive(Debug, Clone)]
pub(crate) struct TurnLines {
    recording: Arc<Recording>,
    lines: Arc<Mutex<Vec<u8>>>,
}

impl TurnLines {
    /// Adds a line about the connection with this number.
    pub(crate) fn note(&self, number: u64, milestone: Milestone) {
        if !self.recording.has_ended() {
            self.lock().extend_from_slice(ConnectionLine::new(Some(number), milestone).line().as_bytes());
        }
    }

    /// Adds a record. What is long is written with all that stands before it.
    fn add(&self, record: Record<'_>) {
        if self.recording.has_ended() {
            return;
        }
        if record.content().len() > LONG {
            self.write();
            return self.recording.sink.write_record(record);
        }
        let mut lines = self.lock();
        record.write(&mut lines);
        if lines.len() >= ENOUGH {
            drop(lines);
            self.write();
        }
    }

    /// Writes what has happened so far.
    pub(crate) fn write(&self) {
        let mut lines = self.lock();
        if lines.is_empty() {
            return;
        }
        if !self.recording.has_failed() {
            self.recording.sink.write(&lines, WhenFull::Wait);
        }
        lines.clear();
        lines.shrink_to(KEPT);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<u8>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One connection that is recorded.
#[derive(Debug)]
pub(crate) struct RecordedConnection {
    number: u64,
    opened: Instant,
    recorder: Recorder,
    frames: FrameRecorder,
    lines: TurnLines,
    /// When the turn's last record was made.
    turn: Cell<Option<Moment>>,
}

impl RecordedConnection {
    pub(crate) fn recording(&self) -> &Recording {
        &self.lines.recording
    }

    /// Where others add what they do to it.
    pub(crate) fn lines(&self) -> TurnLines {
        self.lines.clone()
    }

    /// It is joined to another, whose thread is its own: what happens to both is recorded in order.
    pub(crate) fn join(&mut self, other: TurnLines) {
        self.lines = other;
    }

    /// It is open. The clock of its records begins here.
    pub(crate) fn opened(&mut self, line: OpenedLine) {
        self.opened = Instant::now();
        let line = OpenedLine { frames: self.recording().config.frames, ..line };
        self.recorder = Recorder::in_parts(Some(self.number), self.opened);
        self.recording().write(Some(self.number), Milestone::Opened(Box::new(line)));
    }

    pub(crate) fn event(&mut self, event: &Event<'_>) {
        match event {
            // What is sent may be told at once, however long it is.
            Event::Data(data) if data.bytes.len().max(data.packed.len()) > PART => {
                pieces(*data, PART).for_each(|piece| self.piece(&Event::Data(piece)));
            }
            event => self.piece(event),
        }
    }

    fn piece(&mut self, event: &Event<'_>) {
        if let Some(mut frame) = self.frames.event(event) {
            self.recorder.stamp(&mut frame, now(&self.turn));
            self.lines.add(frame);
        }
        let turn = &self.turn;
        if let Some(record) = self.recorder.event(event, || now(turn)) {
            self.lines.add(record);
        }
    }

    /// Writes what has happened so far.
    pub(crate) fn write(&self) {
        self.turn.set(None);
        self.lines.write();
    }

    /// It has ended.
    pub(crate) fn closed(&mut self, line: ClosedLine) {
        self.write();
        let line = ClosedLine { elapsed: Some(self.opened.elapsed()), ..line };
        self.recording().write(Some(self.number), Milestone::Closed(Box::new(line)));
    }

    /// The same, as the connection's summary has it.
    pub(crate) fn ended(&mut self, summary: &Summary) {
        let (received, sent) = (Some(summary.received), Some(summary.sent));
        self.closed(ClosedLine { received, sent, ..ClosedLine::of(&summary.ending) });
    }
}

/// Now, in a turn.
fn now(turn: &Cell<Option<Moment>>) -> Moment {
    let now = turn.get().map_or_else(Moment::now, |before| before.shortly_after(Instant::now()));
    turn.set(Some(now));
    now
}

impl Drop for RecordedConnection {
    /// What has happened is recorded, whatever ends the connection.
    fn drop(&mut self) {
        self.write();
    }
}

/// Nobody else may read it, also if it was there before: whose it is may be somebody else, who has to know what is in it.
fn open(path: &Path) -> io::Result<File> {
    let mut file = open_to_append(path)?;
    let metadata = file.metadata()?;
    if metadata.is_file() && metadata.permissions().mode() & 0o077 != 0 {
        let _ = file.set_permissions(Permissions::from_mode(0o600));
    }
    end_line(path, &mut file)?;
    Ok(file)
}
