//! Lines to clients: a file from its beginning for each, or lines as they come for all.

use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, Once, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use super::entry::{Argument, ModeEntry, ModeOptions, Setup, When};
use super::subscriber::{IgnoreMessages, Subscriber};
use super::{Behaviour, ConnectedClient, Mode, ModeEnd, slow_reader};
use crate::advice;
use crate::error::{Error, system_words};
use crate::handlers::fragments::{ENOUGH, Fragments, ONE_FRAME};
use crate::net::{Handler, Sender};
use crate::server::hub::Hub;
use crate::server::inbox::{Flow, Post, Slow};
use crate::server::log::ServerLog;
use crate::stdio::byte_order_mark;
use crate::stdio::file;
use crate::stdio::input::StdinLines;
use crate::values;
use crate::view::amount::Count;
use crate::ws::{Close, Event, Kind, StatusCode};

pub(super) const ENTRY: ModeEntry = ModeEntry {
    name: "push",
    argument: Some(Argument::File),
    help: "Send each client the lines of a file from the start; - broadcasts stdin as it arrives",
    stdin: When::ForDash,
    protected: When::ForDash,
    open: |argument, setup| {
        Ok(match argument == "-" {
            true => Arc::new(Feed::new(setup)),
            false => Arc::new(LineFile::read(Path::new(argument), setup)?),
        })
    },
};

/// The largest file that is pushed, in bytes: it stands in memory, once for all clients.
const MAX_FILE: u64 = 64 << 20;

/// A file's lines, and when they go.
#[derive(Debug)]
struct LineFile {
    text: String,
    lines: Vec<Range<usize>>,
    every: Option<Duration>,
    again: bool,
    flow: Flow,
}

impl LineFile {
    /// # Errors
    /// [`Error::File`], also for a file that is too large, not UTF-8 or empty.
    fn read(path: &Path, setup: Setup<'_>) -> Result<Self, Error> {
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

/// One client's way through a script.
#[derive(Debug)]
struct FilePush {
    script: Arc<LineFile>,
    next: usize,
    /// The line that is being sent.
    current: Option<Range<usize>>,
    fragments: Fragments,
    due: Instant,
    blocked: bool,
    skipped: u64,
    cause: Option<ModeEnd>,
}

impl FilePush {
    fn new(script: Arc<LineFile>) -> Self {
        Self {
            script,
            next: 0,
            current: None,
            fragments: Fragments::default(),
            due: Instant::now(),
            blocked: false,
            skipped: 0,
            cause: None,
        }
    }

    /// Sends the line that is due.
    fn send(&mut self, sender: &mut Sender<'_>) {
        let script = Arc::clone(&self.script);
        if self.next == script.lines.len() && script.again {
            self.next = 0;
        }
        let Some(line) = script.lines.get(self.next) else {
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
        if script.every.is_some() && (self.current.is_some() || sender.backlog() > script.flow.limit) {
            return self.skip(sender);
        }
        if line.len() <= ONE_FRAME {
            let _ = sender.data(Kind::Text, script.text[line.clone()].as_bytes(), true);
            return;
        }
        self.current = Some(line.clone());
        self.send_more(sender);
    }

    /// Sends what there is room for. Returns whether nothing is left of the line.
    fn send_more(&mut self, sender: &mut Sender<'_>) -> bool {
        let Some(line) = &self.current else { return true };
        if self.fragments.send(Kind::Text, self.script.text[line.clone()].as_bytes(), true, sender) {
            self.current = None;
        }
        self.current.is_none()
    }

    /// The client is too far behind for this line.
    fn skip(&mut self, sender: &mut Sender<'_>) {
        self.skipped += 1;
        if self.script.flow.slow == Slow::Close {
            self.cause = Some(slow_reader::close(sender));
        }
    }
}

impl Handler for FilePush {
    fn event(&mut self, _event: Event<'_>, _sender: &mut Sender<'_>) {}

    fn after_turn(&mut self, now: Instant, sender: &mut Sender<'_>) {
        let mut is_sent = self.send_more(sender);
        while self.cause.is_none() && !sender.is_closing() && now >= self.due {
            match self.script.every {
                Some(every) => self.due = (self.due + every).max(now),
                None if !is_sent || sender.backlog() >= ENOUGH => return self.blocked = true,
                None => {}
            }
            self.send(sender);
            is_sent = self.current.is_none();
        }
        self.blocked = !is_sent;
    }

    fn has_more(&self) -> bool {
        self.blocked
    }

    fn deadline(&self) -> Option<Instant> {
        (self.script.every.is_some() && self.cause.is_none()).then_some(self.due)
    }
}

impl Behaviour for FilePush {
    fn cause(&self) -> Option<ModeEnd> {
        self.cause.clone()
    }

    fn remark(&self) -> Option<String> {
        (self.skipped > 0).then(|| format!("{} for it dropped", Count(self.skipped, "line")))
    }
}

/// Lines of stdin, the same for all who are there. Reading begins with the first client.
#[derive(Debug)]
struct Feed {
    hub: Arc<Hub>,
    every: Option<Duration>,
    begun: Once,
    /// Why there are no more lines.
    end: OnceLock<ModeEnd>,
    log: Arc<ServerLog>,
}

impl Mode for Feed {
    fn begin(self: Arc<Self>, client: &ConnectedClient<'_>) -> io::Result<Box<dyn Behaviour>> {
        Ok(Box::new(self.subscribe(client.number)?))
    }
}

impl Feed {
    fn new(setup: Setup<'_>) -> Self {
        let ModeOptions { every, flow, .. } = *setup.options;
        let log = Arc::clone(setup.log);
        let hub = Arc::new(Hub::new(flow, Arc::clone(&log)));
        Self { hub, every, begun: Once::new(), end: OnceLock::new(), log }
    }

    /// Another client comes.
    ///
    /// # Errors
    /// When there are no file descriptors left.
    fn subscribe(self: &Arc<Self>, number: u64) -> io::Result<Subscriber<IgnoreMessages>> {
        let subscription = self.hub.join(number)?;
        self.start_reading();
        if let Some(end) = self.end.get() {
            subscription.inbox.post_close(Close::new(StatusCode::NORMAL, ""), end.clone());
        }
        Ok(Subscriber::new(subscription, IgnoreMessages))
    }

    fn start_reading(self: &Arc<Self>) {
        self.begun.call_once(|| {
            let feed = Arc::clone(self);
            if thread::Builder::new().name("push".into()).spawn(move || feed.read_stdin()).is_err() {
                self.end("can't start a thread to read stdin");
            }
        });
    }

    fn read_stdin(&self) {
        match StdinLines::open().and_then(|lines| self.send_lines(lines)) {
            Ok(why) => self.end(why),
            Err(error) => self.end(&format!("reading stdin failed: {}", system_words(&error))),
        }
    }

    /// Returns why there are no more.
    fn send_lines(&self, mut lines: StdinLines) -> io::Result<&'static str> {
        while let Some(line) = lines.next()? {
            let Ok(text) = str::from_utf8(line) else { return Ok("stdin is not UTF-8") };
            // Without a client there is nobody to send it to, and it can wait.
            self.hub.wait_for_somebody();
            self.hub.post(&Post::text(text), None);
            if lines.take_byte_order_mark() {
                self.log.line(format_args!("{}", byte_order_mark::not_sent("stdin")));
            }
            if let Some(every) = self.every {
                thread::sleep(every);
            }
        }
        Ok("end of stdin")
    }

    fn end(&self, why: &str) {
        self.log.line(format_args!("{why}: closing clients with {}", StatusCode::NORMAL.0));
        let end = self.end.get_or_init(|| ModeEnd::Finished(why.into()));
        self.hub.close_all(&Close::new(StatusCode::NORMAL, ""), end);
    }
}
