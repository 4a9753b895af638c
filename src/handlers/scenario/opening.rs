//! How a connection of a test is opened, and its thread.

use std::io;
use std::net::SocketAddr;
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::handler::ScenarioHandler;
use super::line::{LineOrder, ScenarioLine, SharedLine, Waited, WhenStopped};
use crate::error::Error;
use crate::http::{Response, ResponseWithBody, Secrets, shown_url};
use crate::net::{ConnectionSettings, Engine, Interrupt, Summary, Tap, Timing, Waker, WebSocket};
use crate::trace::connection_lines::{HandshakeHeads, OpenedLine, RecordedHandshake, RecordingRole};
use crate::ws::handshake::Request;
use crate::ws::{Close, OwnedItem, StatusCode};

/// What the end of a connection may take over its time for closing, before it is ended for it.
const GRACE: Duration = Duration::from_millis(500);

/// How long the end of a connection may take that somebody else runs, by whose settings it is over sooner.
const SERVED: Duration = Duration::from_secs(60);

/// What is asked for, with everything filled in.
#[derive(Debug, Default)]
pub(crate) struct OpenRequest {
    /// Of the connection.
    pub(crate) name: String,
    pub(crate) url: String,
    /// `Name: value`, as `-H` has them.
    pub(crate) headers: Vec<String>,
    pub(crate) subprotocols: Vec<String>,
    /// `NAME=VALUE`.
    pub(crate) cookies: Vec<String>,
    /// `NAME:PASSWORD`.
    pub(crate) user: Option<String>,
    pub(crate) bearer: Option<String>,
    pub(crate) origin: Option<String>,
    pub(crate) insecure: bool,
    pub(crate) cacert: Option<PathBuf>,
    pub(crate) cert: Option<PathBuf>,
    pub(crate) key: Option<PathBuf>,
    pub(crate) compress: Option<bool>,
}

/// Who opens connections.
pub(crate) trait ScenarioOpener: Sync {
    /// Goes there for a test, until `latest` or the interrupt.
    ///
    /// # Errors
    /// The phase that failed, and why.
    fn open(
        &self,
        test: &str,
        request: OpenRequest,
        latest: Instant,
        interrupt: Option<Interrupt<'_>>,
    ) -> Result<OpenedConnection, Error>;

    /// What connections of clients are set up with, where any are waited for.
    fn settings(&self) -> Option<ConnectionSettings>;

    /// Who looks on at the connection of a client that comes to a test, once that is open; `None` where nobody does.
    fn tap_of_client(&self, test: &str, name: &str) -> Option<ClientTapMaker>;

    /// A client is waited for at this address, whose connection has this name.
    fn listening(&self, name: &str, address: SocketAddr);
}

/// A connection that has opened, before anything is done with it.
pub(crate) struct OpenedConnection {
    pub(crate) websocket: WebSocket,
    pub(crate) timing: Timing,
    /// The head of the answer.
    pub(crate) response: Vec<u8>,
    /// Who looks on.
    pub(crate) tap: Option<Box<dyn ScenarioTap>>,
}

/// Who looks on, to the end.
pub(crate) trait ScenarioTap: Tap + Send {
    fn ended(&mut self, summary: &Summary);

    /// Where all of it can be read.
    fn place(&self) -> String;
}

/// Makes somebody who looks on, of what there is to tell of the opening handshake.
pub(crate) type ClientTapMaker = Box<dyn FnOnce(OpenedLine) -> Option<Box<dyn ScenarioTap>> + Send>;

/// What was said in the opening handshake.
#[derive(Debug)]
pub(super) struct ScenarioHandshake {
    pub(super) response: Option<Response>,
    /// Of a client that came to us, which `response` is the answer to.
    pub(super) request: Option<Request>,
    /// Of a refusal.
    pub(super) body: Option<Vec<u8>>,
    pub(super) took: Duration,
}

impl ScenarioHandshake {
    pub(super) fn of_refusal(answer: &ResponseWithBody, took: Duration) -> Self {
        let (response, body) = (answer.response.clone(), answer.content.bytes.clone());
        Self { response: Some(response), request: None, body: Some(body), took }
    }

    pub(super) fn of_head(head: &[u8], took: Duration) -> Self {
        Self { response: Response::parse(head).ok().flatten(), request: None, body: None, took }
    }

    /// What a client asked for, and the head of our answer.
    pub(super) fn of_request(request: Request, head: &[u8], took: Duration) -> Self {
        Self { request: Some(request), ..Self::of_head(head, took) }
    }
}

impl ScenarioHandshake {
    /// What there is to tell of a client that came from this address; `None` where none came.
    pub(super) fn line(&self, address: &str) -> Option<OpenedLine> {
        let (request, response) = (self.request.as_ref()?, self.response.as_ref()?);
        let host = request.header("host").unwrap_or("localhost");
        let handshake = RecordedHandshake {
            role: Some(RecordingRole::Server),
            url: shown_url(&format!("ws://{host}{}", request.resource), Secrets::Masked).into_owned(),
            address: Some(address.to_owned()),
            heads: HandshakeHeads::shown(&request.raw, &response.raw, Secrets::Masked),
        };
        let agreed = |name: &str| response.headers.get(name).map(str::to_owned);
        let (subprotocol, extension) = (agreed("sec-websocket-protocol"), agreed("sec-websocket-extensions"));
        Some(OpenedLine { handshake, subprotocol, extension, ..OpenedLine::of_url("") })
    }
}

/// A connection by its name: one that is open, or was, or was refused.
#[derive(Debug)]
pub(super) struct ScenarioConnection {
    pub(super) name: String,
    pub(super) handshake: ScenarioHandshake,
    /// `None` of one that was refused.
    pub(super) line: Option<Arc<ScenarioLine>>,
    /// Where all of it can be read.
    pub(super) recording: Option<String>,
    thread: Mutex<Option<JoinHandle<()>>>,
    /// How long its end may take.
    close_timeout: Duration,
}

impl ScenarioConnection {
    pub(super) fn refused(name: String, handshake: ScenarioHandshake) -> Self {
        let (thread, close_timeout) = (Mutex::new(None), Duration::ZERO);
        Self { name, handshake, line: None, recording: None, thread, close_timeout }
    }

    /// One that somebody else runs, and ends in time.
    pub(super) fn served(handshake: ScenarioHandshake, line: Arc<ScenarioLine>) -> Self {
        let thread = Mutex::new(None);
        Self { name: String::new(), handshake, line: Some(line), recording: None, thread, close_timeout: SERVED }
    }

    /// Begins to run it.
    ///
    /// # Errors
    /// When there are no threads or file descriptors left.
    pub(super) fn begin(
        name: String,
        handshake: ScenarioHandshake,
        opened: OpenedConnection,
        when_stopped: WhenStopped,
    ) -> io::Result<Self> {
        let (waker, woken) = Waker::pair()?;
        let line = Arc::new(ScenarioLine::new(waker));
        let WhenStopped { stop, is_for_last_steps, is_of_last_steps } = when_stopped;
        if is_of_last_steps {
            line.change(SharedLine::resume);
        }
        let mut handler = ScenarioHandler::new((), Arc::clone(&line), Some(woken), is_for_last_steps);
        let told = Arc::clone(&line);
        let close_timeout = opened.timing.close_timeout;
        let recording = opened.tap.as_ref().map(|tap| tap.place());
        let run = move || {
            let OpenedConnection { websocket, timing, mut tap, .. } = opened;
            let engine = Engine::new(websocket, timing, stop.as_ref().map(AsFd::as_fd), &mut handler);
            let looks_on: Option<&mut dyn Tap> = match &mut tap {
                Some(tap) => Some(&mut **tap),
                None => None,
            };
            let summary = engine.tapped(looks_on).run_counting();
            if let Some(tap) = &mut tap {
                tap.ended(&summary);
            }
            told.change(|state| {
                state.show(format!("- {}", summary.ending));
                state.end = Some(Arc::new(summary.ending));
            });
        };
        let thread = thread::Builder::new().name("connection".into()).spawn(run)?;
        let thread = Mutex::new(Some(thread));
        Ok(Self { name, handshake, line: Some(line), recording, thread, close_timeout })
    }

    /// It is there for steps that are taken though the process is to end.
    pub(super) fn resume(&self) {
        if let Some(line) = &self.line {
            line.change(SharedLine::resume);
        }
    }

    /// Has its thread look.
    pub(super) fn wake(&self) {
        if let Some(line) = &self.line {
            line.wake();
        }
    }

    /// Begins the closing handshake, if nobody has.
    pub(super) fn close(&self) {
        self.close_with(Close::new(StatusCode::NORMAL, ""));
    }

    /// The same with this Close.
    pub(super) fn close_with(&self, close: Close) {
        if let Some(line) = &self.line {
            line.hand_over(LineOrder::Send(OwnedItem::Close(close)));
        }
    }

    /// Waits for its end, which its own deadlines bring about; where the peer takes nothing of what is before our Close, that is
    /// when the time for closing has passed since it has `begun`.
    pub(super) fn join(&self, begun: Instant) {
        if let Some(line) = &self.line
            && let Waited::TimedOut = line.wait(begun + self.close_timeout + GRACE, |state| state.end.clone())
        {
            line.abandon();
        }
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // A panic was told where it happened.
            let _ = thread.join();
        }
    }

    /// Whether there is nothing more to wait for.
    pub(super) fn is_over(&self) -> bool {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// As a report calls it.
    pub(super) fn title(&self) -> &str {
        title(&self.name)
    }
}

/// As a report calls a connection.
pub(super) fn title(name: &str) -> &str {
    if name.is_empty() { "the connection" } else { name }
}
