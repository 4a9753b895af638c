//! Steps on the connection of a client that a server has: they are taken on a thread of their own, while the server's runs the
//! connection.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::ScenarioRun;
use super::awaited_client::NamedConnection;
use super::handler::ScenarioHandler;
use super::line::ScenarioLine;
use super::opening::{
    ClientTapMaker, OpenRequest, OpenedConnection, ScenarioConnection, ScenarioHandshake, ScenarioOpener,
};
use super::progress::CurrentStep;
use super::report::{Halt, MaskedSecrets, ScenarioFailure};
use crate::error::Error;
use crate::net::{End, Handler, Interrupt, Sender, Stop, Stopper, Waker, Watched};
use crate::script::scenario::Scenario;
use crate::ws::handshake::Request;
use crate::ws::{Close, Event, StatusCode};

/// How long a step waits that doesn't say.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How long the steps may take to notice that the connection has ended.
const NOTICED: Duration = Duration::from_millis(200);

/// A client, and the steps that are taken on its connection.
pub(crate) struct ServedScenario {
    handler: ScenarioHandler,
    line: Arc<ScenarioLine>,
    /// Dropped, it ends every wait.
    stopper: Option<Stopper>,
    is_stopped: Arc<AtomicBool>,
    /// The steps are done, or one has failed.
    is_over: Arc<AtomicBool>,
    outcome: Receiver<Result<(), Halt>>,
}

impl ServedScenario {
    /// Begins to take the steps of a file of this name, for a client that has sent this request and is answered with this head.
    ///
    /// # Errors
    /// When there are no threads or file descriptors left.
    pub(crate) fn begin(
        scenario: Arc<Scenario>,
        name: Arc<str>,
        request: Request,
        response: &[u8],
    ) -> io::Result<Self> {
        let (waker, woken) = Waker::pair()?;
        let (stopper, stop) = Stop::pair()?;
        let line = Arc::new(ScenarioLine::new(waker));
        let (is_stopped, is_over) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let (told, outcome) = channel();
        let handshake = ScenarioHandshake::of_request(request, response, Duration::ZERO);
        let connection = Arc::new(ScenarioConnection::served(handshake, Arc::clone(&line)));
        let (stopped, over) = (Arc::clone(&is_stopped), Arc::clone(&is_over));
        let take = move || {
            let current = CurrentStep::default();
            let run = ScenarioRun {
                name: &name,
                opener: &NoOpener,
                stop,
                is_stopped: stopped,
                variables: BTreeMap::new(),
                secrets: MaskedSecrets::default(),
                timeout: TIMEOUT,
                latest: None,
                current: &current,
            };
            let named = NamedConnection::Open(Arc::clone(&connection));
            let outcome = run.take_with(
                &scenario,
                |branch| branch.remember(String::new(), named),
                |outcome| {
                    over.store(true, Ordering::Relaxed);
                    if let Err(Halt::Failed(failure)) = outcome {
                        connection.close_with(refusal(failure));
                    }
                },
            );
            // Nobody listens any more where the client is gone.
            let _ = told.send(outcome);
        };
        thread::Builder::new().name("script".into()).spawn(take)?;
        let handler = ScenarioHandler::new(Arc::clone(&line), woken, false);
        let stopper = Some(stopper);
        Ok(Self { handler, line, stopper, is_stopped, is_over, outcome })
    }

    /// Whether the steps have ended the connection, one that has failed included.
    pub(crate) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    /// The connection has ended: which step failed, if one has.
    pub(crate) fn failure(&mut self) -> Option<Box<ScenarioFailure>> {
        self.end();
        let outcome = match self.outcome.recv_timeout(NOTICED) {
            Err(RecvTimeoutError::Timeout) => {
                self.halt();
                self.outcome.recv_timeout(NOTICED)
            }
            outcome => outcome,
        };
        match outcome {
            Ok(Err(Halt::Failed(failure))) => Some(failure),
            _ => None,
        }
    }

    /// Says to the steps that the connection has ended.
    fn end(&mut self) {
        self.line.change(|state| {
            if state.end.is_none() {
                let end = match &state.closed {
                    Some((Some(close), _)) => End::Closed { close: close.clone(), ours: None },
                    _ => End::Dropped(Default::default()),
                };
                state.end = Some(Arc::new(end));
            }
        });
    }

    fn halt(&mut self) {
        self.is_stopped.store(true, Ordering::Relaxed);
        self.stopper = None;
    }
}

impl Drop for ServedScenario {
    fn drop(&mut self) {
        self.end();
        self.halt();
    }
}

impl fmt::Debug for ServedScenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServedScenario").finish_non_exhaustive()
    }
}

impl Handler for ServedScenario {
    fn event(&mut self, event: Event<'_>, sender: &mut Sender<'_>) {
        self.handler.event(event, sender);
    }

    fn after_turn(&mut self, now: Instant, sender: &mut Sender<'_>) {
        self.handler.after_turn(now, sender);
    }

    fn woken(&mut self, sender: &mut Sender<'_>) {
        self.handler.woken(sender);
    }

    fn has_room(&self) -> bool {
        self.handler.has_room()
    }

    fn has_more(&self) -> bool {
        self.handler.has_more()
    }

    fn watched(&self) -> Watched<'_> {
        self.handler.watched()
    }

    fn stop(&mut self, sender: &mut Sender<'_>) -> bool {
        self.is_stopped.store(true, Ordering::Relaxed);
        self.handler.stop(sender)
    }

    fn closed(&mut self, end: &End) {
        self.handler.closed(end);
    }

    fn wants_abort(&self) -> bool {
        self.handler.wants_abort()
    }
}

/// What a client is told that a step has failed for: where, and what it expected, as far as there is room in a Close (RFC 6455 §5.5.1).
fn refusal(failure: &ScenarioFailure) -> Close {
    const ROOM: usize = 123;
    let reason = format!("line {}: expected {}", failure.place.line, failure.expected);
    let reason = crate::ws::prefix(&reason, ROOM).to_owned();
    Close::new(StatusCode::POLICY_VIOLATION, &reason)
}

/// Steps of a server open no connections: the parser sees to that.
struct NoOpener;

impl ScenarioOpener for NoOpener {
    fn open(&self, _: &str, _: OpenRequest, _: Instant, _: Option<Interrupt<'_>>) -> Result<OpenedConnection, Error> {
        Err(Error::usage("a server's script opens no connection"))
    }

    fn settings(&self) -> Option<crate::net::ConnectionSettings> {
        None
    }

    fn tap_of_client(&self, _: &str, _: &str) -> Option<ClientTapMaker> {
        None
    }

    fn listening(&self, _: &str, _: SocketAddr) {}
}
