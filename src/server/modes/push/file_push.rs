//! A file's lines, from the first on for each client.

use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::advice;
use crate::error::Error;
use crate::handlers::fragments::{ENOUGH, Fragments, ONE_FRAME};
use crate::net::{Handler, Interval, Schedule, Sender};
use crate::server::inbox::{Flow, Slow};
use crate::server::modes::entry::{ModeOptions, Setup};
use crate::server::modes::{Behaviour, ConnectedClient, Mode, ModeEnd, slow_reader};
use crate::stdio::{byte_order_mark, file};
use crate::values;
use crate::view::amount::Count;
use crate::ws::{Close, Event, Kind, StatusCode};

/// The largest file that is pushed, in bytes: it stands in memory, once for all clients.
const MAX_FILE: u64 = 64 << 20;

/// A file's lines, and when they go.
#[derive(Debug)]
pub(super) struct LineFile {
    text: String,
    lines: Vec<Range<usize>>,
    every: Option<Duration>,
    again: bool,
    flow: Flow,
}

impl LineFile {
    /// # Errors
    /// [`Error::File`], also for a file that is too large, not UTF-8 or empty.
    pub(super) fn read(path: &Path, setup: Setup<'_>) -> Result<Self, Error> {
        let ModeOptions { every, again, flow, .. } = *setup.options;
        let bytes = file::bytes_up_to(path, MAX_FILE)?;
        let mut bytes = bytes.ok_or_else(|| advice::large_push(&Error::file(path, "it is over 64 MiB")))?;
        if byte_order_mark::remove(&mut bytes) {
            setup.log.line(format_args!("{}", byte_order_mark::not_sent(path.display())));
        }
        let text = String::from_utf8(bytes).map_err(|_| Error::file(path, values::not_text("it")))?;
        let start = text.as_ptr().addr();
        let lines: Vec<_> = text.lines().map(|line| line.as_ptr().addr() - start).zip(text.lines()).collect();
        let lines: Vec<_> = lines.into_iter().map(|(from, line)| from..from + line.len()).collect();
        if lines.is_empty() {
            Err(Error::file(path, "it has no lines"))
        } else {
            Ok(Self { text, lines, every, again, flow })
        }
    }
}

impl Mode for LineFile {
    fn begin(self: Arc<Self>, _client: &ConnectedClient<'_>) -> io::Result<Box<dyn Behaviour>> {
        Ok(Box::new(FilePush::new(self)))
    }
}

/// One client's way through the file.
#[derive(Debug)]
struct FilePush {
    file: Arc<LineFile>,
    next: usize,
    /// The line that is being sent.
    current: Option<Range<usize>>,
    fragments: Fragments,
    schedule: Schedule,
    blocked: bool,
    skipped: u64,
    cause: Option<ModeEnd>,
}

impl FilePush {
    fn new(file: Arc<LineFile>) -> Self {
        let schedule = Schedule::new(file.every.map(Interval::Rate));
        Self {
            file,
            next: 0,
            current: None,
            fragments: Fragments::default(),
            schedule,
            blocked: false,
            skipped: 0,
            cause: None,
        }
    }

    /// Sends the line that is due.
    fn send(&mut self, sender: &mut Sender<'_>) {
        let file = Arc::clone(&self.file);
        if self.next == file.lines.len() && file.again {
            self.next = 0;
        }
        let Some(line) = file.lines.get(self.next) else {
            if self.current.is_some() {
                // Its end comes first.
                return;
            }
            self.cause = Some(ModeEnd::Finished("the file has ended".into()));
            // Refused when the connection is closing already.
            let _ = sender.close(Close::new(StatusCode::NORMAL, ""));
            return;
        };
        self.next += 1;
        if file.every.is_some() && (self.current.is_some() || sender.backlog() > file.flow.limit) {
            return self.skip(sender);
        }
        if line.len() <= ONE_FRAME {
            let _ = sender.data(Kind::Text, file.text[line.clone()].as_bytes(), true);
            return;
        }
        self.current = Some(line.clone());
        self.send_more(sender);
    }

    /// Sends what there is room for. Returns whether nothing is left of the line.
    fn send_more(&mut self, sender: &mut Sender<'_>) -> bool {
        let Some(line) = &self.current else { return true };
        if self.fragments.send(Kind::Text, self.file.text[line.clone()].as_bytes(), true, sender) {
            self.current = None;
        }
        self.current.is_none()
    }

    /// The client is too far behind for this line.
    fn skip(&mut self, sender: &mut Sender<'_>) {
        self.skipped += 1;
        if self.file.flow.slow == Slow::Close {
            self.cause = Some(slow_reader::close(sender));
        }
    }
}

impl Handler for FilePush {
    fn event(&mut self, _event: Event<'_>, _sender: &mut Sender<'_>) {}

    fn after_turn(&mut self, now: Instant, sender: &mut Sender<'_>) {
        let mut is_sent = self.send_more(sender);
        while self.cause.is_none() && !sender.is_closing() && self.schedule.is_due(now) {
            if self.file.every.is_none() && (!is_sent || sender.backlog() >= ENOUGH) {
                return self.blocked = true;
            }
            self.schedule.begun(now);
            self.send(sender);
            is_sent = self.current.is_none();
        }
        self.blocked = !is_sent;
    }

    fn has_more(&self) -> bool {
        self.blocked
    }

    fn deadline(&self) -> Option<Instant> {
        self.schedule.next().filter(|_| self.cause.is_none())
    }
}

impl Behaviour for FilePush {
    fn cause(&self) -> Option<ModeEnd> {
        self.cause.clone()
    }

    fn remark(&mut self) -> Option<String> {
        (self.skipped > 0).then(|| format!("{} for it dropped", Count(self.skipped, "line")))
    }
}
