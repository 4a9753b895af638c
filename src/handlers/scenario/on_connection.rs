//! Steps on a connection that somebody else runs, such as a server for its client: they are taken on a thread of their own.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::ScenarioRun;
use super::awaited_client::NamedConnection;
use super::handler::ScenarioHandler;
use super::line::{ScenarioLine, SharedLine};
use super::opening::{
    ClientTapMaker, OpenRequest, OpenedConnection, ScenarioConnection, ScenarioHandshake, ScenarioOpener,
};
use super::progress::CurrentStep;
use super::report::{Halt, MaskedSecrets, ScenarioFailure};
use super::scenario_stop::ScenarioStop;
use crate::error::Error;
use crate::http::Response;
use crate::net::{End, Interrupt, Waker};
use crate::script::scenario::Scenario;
use crate::ws::handshake::Request;
use crate::ws::{Close, StatusCode};

/// How long a step waits that doesn't say.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How long steps may go on behind the end of their connection, where nothing is left to wait for: as long as it takes to look
/// at what had come.
const LOOKED_AT: Duration = Duration::from_secs(1);

/// What becomes of the connection behind the last step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AtLastStep {
    /// It is closed with 1000.
    Close,
    /// The same, and with 1008 and a reason where a step has failed.
    CloseWithReason,
    StayOpen,
}

/// What a connection is to the steps that are taken on it, for the thread that runs it.
pub(crate) type ScenarioOnConnection = ScenarioHandler<StepsOnConnection>;

/// Steps on a thread that ends with their connection.
pub(crate) struct StepsOnConnection {
    line: Arc<ScenarioLine>,
    /// They are done, or one has failed.
    are_over: Arc<AtomicBool>,
    outcome: Receiver<Result<(), Halt>>,
    thread: Option<JoinHandle<()>>,
}

impl ScenarioOnConnection {
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
        let line = Arc::new(ScenarioLine::new(waker));
        let handshake = ScenarioHandshake::of_request(request, response, Duration::ZERO);
        let end = AtLastStep::CloseWithReason;
        let steps = StepsOnConnection::begin((scenario, name), handshake, Arc::clone(&line), end)?;
        Ok(Self::new(steps, line, Some(woken), false))
    }

    /// The same on a connection to a server, which has answered so. `waker` is of the thread that runs the connection; woken, it
    /// calls [`obey`](ScenarioHandler::obey).
    ///
    /// # Errors
    /// When there are no threads left.
    pub(crate) fn begin_as_client(
        file: (Arc<Scenario>, Arc<str>),
        response: Option<Response>,
        waker: Waker,
        end: AtLastStep,
    ) -> io::Result<Self> {
        let line = Arc::new(ScenarioLine::new(waker));
        let handshake = ScenarioHandshake { response, request: None, body: None, took: Duration::ZERO };
        let steps = StepsOnConnection::begin(file, handshake, Arc::clone(&line), end)?;
        Ok(Self::new(steps, line, None, false))
    }

    /// No further step is taken, whichever it is.
    pub(crate) fn leave(&self) {
        self.steps.line.change(SharedLine::leave);
    }

    /// Whether there is no further step, also where one has failed.
    pub(crate) fn is_over(&self) -> bool {
        self.steps.are_over.load(Ordering::Acquire)
    }

    /// The connection has ended, and the steps with it: what they have come to. It is told once.
    pub(crate) fn finish(&mut self) -> Option<Result<(), Halt>> {
        self.steps.finish()
    }
}

impl StepsOnConnection {
    fn begin(
        (scenario, name): (Arc<Scenario>, Arc<str>),
        handshake: ScenarioHandshake,
        line: Arc<ScenarioLine>,
        end: AtLastStep,
    ) -> io::Result<Self> {
        let are_over = Arc::new(AtomicBool::new(false));
        let (told, outcome) = channel();
        let connection = Arc::new(ScenarioConnection::served(handshake, Arc::clone(&line)));
        let (over, stop) = (Arc::clone(&are_over), ScenarioStop::of_connection(Arc::clone(&line)));
        let take = move || {
            let current = CurrentStep::default();
            let run = ScenarioRun {
                name: &name,
                opener: &NoOpener,
                stop,
                variables: BTreeMap::new(),
                secrets: MaskedSecrets::default(),
                timeout: TIMEOUT,
                latest: None,
                current: &current,
            };
            let named = NamedConnection::Open(Arc::clone(&connection));
            let outcome = run.take_with(
                &scenario,
                |branch| match end {
                    AtLastStep::StayOpen => branch.borrow(String::new(), named),
                    AtLastStep::Close | AtLastStep::CloseWithReason => branch.remember(String::new(), named),
                },
                |outcome| {
                    over.store(true, Ordering::Release);
                    if let Err(Halt::Failed(failure)) = outcome
                        && end == AtLastStep::CloseWithReason
                    {
                        connection.close_with(refusal(failure));
                    }
                    connection.wake();
                },
            );
            // Nobody listens any more where the client was gone before it had an answer.
            let _ = told.send(outcome);
        };
        let thread = Some(thread::Builder::new().name("script".into()).spawn(take)?);
        Ok(Self { line, are_over, outcome, thread })
    }

    /// Says to the steps that the connection has ended, by which each of them comes to its end, and waits for that. What they have
    /// come to, the first time.
    fn finish(&mut self) -> Option<Result<(), Halt>> {
        let thread = self.thread.take()?;
        self.line.change(|state| {
            if state.end.is_none() {
                let end = match &state.closed {
                    Some((Some(close), _)) => End::Closed { close: close.clone(), ours: None },
                    _ => End::Dropped(Default::default()),
                };
                state.end = Some(Arc::new(end));
            }
        });
        let mut outcome = self.outcome.recv_timeout(LOOKED_AT);
        if let Err(RecvTimeoutError::Timeout) = outcome {
            self.line.change(SharedLine::leave);
            outcome = self.outcome.recv().map_err(Into::into);
        }
        // A panic was told where it happened.
        let _ = thread.join();
        outcome.ok()
    }
}

impl Drop for StepsOnConnection {
    fn drop(&mut self) {
        self.finish();
    }
}

impl fmt::Debug for ScenarioOnConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScenarioOnConnection").finish_non_exhaustive()
    }
}

/// What a client is told that a step has failed for: where, and what it expected, as far as there is room in a Close (RFC 6455 §5.5.1).
fn refusal(failure: &ScenarioFailure) -> Close {
    const ROOM: usize = 123;
    let reason = format!("line {}: expected {}", failure.place.line, failure.expected);
    let reason = crate::ws::prefix(&reason, ROOM).to_owned();
    Close::new(StatusCode::POLICY_VIOLATION, &reason)
}

/// These steps open no connections: the parser sees to that.
struct NoOpener;

impl ScenarioOpener for NoOpener {
    fn open(&self, _: &str, _: OpenRequest, _: Instant, _: Option<Interrupt<'_>>) -> Result<OpenedConnection, Error> {
        Err(Error::usage("these steps open no connection"))
    }

    fn settings(&self) -> Option<crate::net::ConnectionSettings> {
        None
    }

    fn tap_of_client(&self, _: &str, _: &str) -> Option<ClientTapMaker> {
        None
    }

    fn listening(&self, _: &str, _: SocketAddr) {}
}
