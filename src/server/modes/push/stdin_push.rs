//! The lines of stdin as they come, for every client that is there.

use std::io;
use std::sync::{Arc, Once, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use crate::error::system_words;
use crate::net::{Interval, Schedule};
use crate::server::hub::Hub;
use crate::server::log::ServerLog;
use crate::server::modes::entry::{ModeOptions, Setup};
use crate::server::modes::subscriber::{IgnoreMessages, Subscriber};
use crate::server::modes::{Behaviour, ConnectedClient, Mode, ModeEnd};
use crate::server::post::Post;
use crate::stdio::byte_order_mark;
use crate::stdio::input::StdinLines;
use crate::ws::{Close, StatusCode};

/// Lines of stdin, the same for all who are there. Reading begins with the first client.
#[derive(Debug)]
pub(super) struct StdinPush {
    hub: Arc<Hub>,
    every: Option<Duration>,
    begun: Once,
    /// Why there are no more lines.
    end: OnceLock<ModeEnd>,
    log: Arc<ServerLog>,
}

impl Mode for StdinPush {
    fn begin(self: Arc<Self>, client: &ConnectedClient<'_>) -> io::Result<Box<dyn Behaviour>> {
        Ok(Box::new(self.subscribe(client.number)?))
    }
}

impl StdinPush {
    pub(super) fn new(setup: Setup<'_>) -> Self {
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
            let push = Arc::clone(self);
            if thread::Builder::new().name("push".into()).spawn(move || push.read_stdin()).is_err() {
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
        let mut schedule = Schedule::new(self.every.map(Interval::Rate));
        while let Some(line) = lines.next()? {
            let Ok(text) = str::from_utf8(line) else { return Ok("stdin is not UTF-8") };
            // Without a client there is nobody to send it to, and it can wait.
            self.hub.wait_for_somebody();
            self.hub.post(&Post::text(text), None);
            if lines.take_byte_order_mark() {
                self.log.line(format_args!("{}", byte_order_mark::not_sent("stdin")));
            }
            schedule.begun(Instant::now());
            if let Some(next) = schedule.next() {
                thread::sleep(next.saturating_duration_since(Instant::now()));
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
