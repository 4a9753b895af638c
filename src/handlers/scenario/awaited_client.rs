//! A client that is waited for on a thread of its own, which answers it at once, and what goes by a name.

use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::line::WhenStopped;
use super::opening::{ClientTapMaker, OpenedConnection, ScenarioConnection, ScenarioHandshake};
use super::step_patience::StepPatience;
use super::values::StepValues;
use crate::error::{Error, system_words};
use crate::http::header_field;
use crate::net::{
    Accepted, Acceptor, ConnectionSettings, HandshakeError, Listener, PendingHandshake, Stop, Stopper, Waker, Woken,
};
use crate::script::scenario::AcceptStep;
use crate::ws::handshake::{AcceptOptions, ServerResponse};
use crate::ws::negotiation::DeflateOptions;

/// What has a name in a test: a connection, or a client that has been waited for since a step said so.
#[derive(Debug, Clone)]
pub(super) enum NamedConnection {
    Open(Arc<ScenarioConnection>),
    Awaited(Arc<AwaitedClient>),
}

/// A client that a thread waits for.
#[derive(Debug)]
pub(super) struct AwaitedClient {
    pub(super) address: SocketAddr,
    /// How long a step waits for it that uses its connection.
    pub(super) within: Option<Duration>,
    came: Arc<ClientCame>,
    woken: Woken,
    /// Dropped, it ends the wait.
    stopper: Mutex<Option<Stopper>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// What the thread has to say.
#[derive(Debug, Default)]
struct ClientCame {
    connection: OnceLock<Result<Arc<ScenarioConnection>, String>>,
    /// Why the last one that came has no connection.
    turned_away: Mutex<Option<String>>,
}

/// What a client is answered, with everything filled in.
#[derive(Debug)]
pub(super) struct AcceptTerms {
    pub(super) address: String,
    subprotocols: Vec<String>,
    /// Lines of the head, each ended by CRLF.
    headers: String,
    settings: ConnectionSettings,
}

/// A request that opens a connection.
struct AnsweredRequest<'a> {
    /// When its client came.
    begun: Instant,
    /// From where.
    address: String,
    pending: PendingHandshake<'a>,
    answer: ServerResponse,
}

impl NamedConnection {
    /// The connection, if there is one yet.
    pub(super) fn now(&self) -> Option<&Arc<ScenarioConnection>> {
        match self {
            Self::Open(connection) => Some(connection),
            Self::Awaited(client) => client.came()?.as_ref().ok(),
        }
    }

    pub(super) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Open(one), Self::Open(other)) => Arc::ptr_eq(one, other),
            (Self::Awaited(one), Self::Awaited(other)) => Arc::ptr_eq(one, other),
            _ => false,
        }
    }

    /// Whether there is nothing more to wait for.
    pub(super) fn is_over(&self) -> bool {
        match self {
            Self::Open(connection) => connection.is_over(),
            Self::Awaited(client) => match client.came() {
                Some(Ok(connection)) => connection.is_over(),
                Some(Err(_)) => true,
                None => false,
            },
        }
    }

    /// Waits for no client any more, and begins the closing handshake with one that has come.
    pub(super) fn close(&self) {
        if let Self::Awaited(client) = self {
            client.give_up();
        }
        if let Some(connection) = self.now() {
            connection.close();
        }
    }

    /// Waits for the end of the connection, whose closing has `begun` then.
    pub(super) fn join(&self, begun: Instant) {
        if let Some(connection) = self.now() {
            connection.join(begun);
        }
    }
}

impl AwaitedClient {
    /// Listens, and begins to wait.
    ///
    /// # Errors
    /// An address that can't be listened on; no threads or file descriptors left.
    pub(super) fn begin(
        name: String,
        terms: AcceptTerms,
        within: Option<Duration>,
        run: (WhenStopped, Option<ClientTapMaker>),
    ) -> Result<Self, Error> {
        let failed = |why| Error::System { doing: "waiting for a client", why };
        let mut listener = Listener::default();
        let address = listener.add(&terms.address)?;
        let (stopper, stop) = Stop::pair().map_err(failed)?;
        let (waker, woken) = Waker::pair().map_err(failed)?;
        let came = Arc::new(ClientCame::default());
        let told = Arc::clone(&came);
        let work = move || {
            let timeout = terms.settings.timing.handshake_timeout;
            let acceptor = Acceptor { tls: None, proxy_protocol: false, timeout, stop };
            let connection = told.accept(name, listener, &acceptor, &terms, run);
            // A step of another branch may still wait for it.
            let connection = connection.unwrap_or_else(|| Err("it is no longer waited for".to_owned()));
            // Nobody else says it.
            let _ = told.connection.set(connection.map(Arc::new));
            waker.wake();
        };
        let thread = thread::Builder::new().name("client".into()).spawn(work).map_err(failed)?;
        let (stopper, thread) = (Mutex::new(Some(stopper)), Mutex::new(Some(thread)));
        Ok(Self { address, within, came, woken, stopper, thread })
    }

    fn give_up(&self) {
        drop(self.stopper.lock().unwrap_or_else(PoisonError::into_inner).take());
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // A panic was told where it happened.
            let _ = thread.join();
        }
    }
}

impl ClientCame {
    /// The connection of the first client that asks for one; `None` once nobody waits for it any more.
    fn accept(
        &self,
        name: String,
        mut listener: Listener,
        acceptor: &Acceptor,
        terms: &AcceptTerms,
        (run, tap): (WhenStopped, Option<ClientTapMaker>),
    ) -> Option<Result<ScenarioConnection, String>> {
        let AnsweredRequest { begun, address, pending, answer } = self.request(&mut listener, acceptor, terms)?;
        // Whoever has an answer may rely on it that the port is free for the next step.
        drop(listener);
        let opened = match pending.open(answer, &terms.settings) {
            Ok(opened) => opened,
            Err(HandshakeError::Stopping) => return None,
            Err(error) => return Some(Err(format!("a client came, and {error}"))),
        };
        let Accepted { websocket, request, response, .. } = opened;
        let handshake = ScenarioHandshake::of_request(request, &response, begun.elapsed());
        let tap = tap.and_then(|tap| tap(handshake.line(&address)?));
        let opened = OpenedConnection { websocket, timing: terms.settings.timing, response, tap };
        let connection = ScenarioConnection::begin(name, handshake, opened, run);
        Some(connection.map_err(|why| format!("a client came, but no thread could be started: {}", system_words(&why))))
    }

    /// The first request that opens a connection.
    fn request<'a>(
        &self,
        listener: &mut Listener,
        acceptor: &'a Acceptor,
        terms: &AcceptTerms,
    ) -> Option<AnsweredRequest<'a>> {
        loop {
            let (stream, mut peer) = listener.next(&acceptor.stop, |why: &io::Error| self.turn_away(why))?;
            let begun = Instant::now();
            let received = acceptor
                .accept(stream, &mut peer)
                .and_then(|incoming| PendingHandshake::receive(incoming, "")?.ok_or(HandshakeError::NoRequest));
            let error = match received {
                Ok(pending) => match pending.request.accept(&terms.options(&pending.request.subprotocol_list())) {
                    Ok(answer) => {
                        return Some(AnsweredRequest { begun, address: peer.to_string(), pending, answer });
                    }
                    Err(refusal) => {
                        // Known before it is answered, which may take its time to be read.
                        self.turn_away(HandshakeError::Refused(refusal.clone()));
                        pending.refuse(refusal)
                    }
                },
                Err(error) => error,
            };
            match error {
                HandshakeError::Stopping => return None,
                // Whoever only looks whether somebody listens is no client.
                HandshakeError::NoRequest => {}
                error => self.turn_away(error),
            }
        }
    }

    fn turn_away(&self, why: impl ToString) {
        *self.turned_away.lock().unwrap_or_else(PoisonError::into_inner) = Some(why.to_string());
    }
}

impl AcceptTerms {
    pub(super) fn of(
        accept: &AcceptStep,
        values: &StepValues<'_>,
        mut settings: ConnectionSettings,
    ) -> Result<Self, String> {
        let address = values.fill(&accept.address)?;
        // Whoever names no host means this machine.
        let address = match address.strip_prefix(':').unwrap_or(&address) {
            port if port.bytes().all(|byte| byte.is_ascii_digit()) => format!("localhost:{port}"),
            _ => address,
        };
        let mut headers = String::new();
        for header in &accept.headers {
            let header = values.fill(header)?;
            let (name, value) = header_field(&header).map_err(|why| why.to_string())?;
            headers.push_str(&format!("{name}: {value}\r\n"));
        }
        let subprotocols = accept.subprotocols.iter().map(|name| values.fill(name)).collect::<Result<_, _>>()?;
        match accept.compress {
            Some(false) => settings.deflate = None,
            Some(true) => drop(settings.deflate.get_or_insert_with(DeflateOptions::default)),
            None => {}
        }
        Ok(Self { address, subprotocols, headers, settings })
    }

    /// For a client that would speak these: its first that is spoken here is agreed on.
    fn options(&self, offered: &str) -> AcceptOptions<'_> {
        let spoken = |name: &str| self.subprotocols.iter().find(|ours| *ours == name).map(String::as_str);
        let subprotocol = crate::http::list_elements(offered).find_map(spoken);
        AcceptOptions { deflate: self.settings.deflate, subprotocol, headers: self.headers.as_bytes() }
    }
}

impl AsFd for AwaitedClient {
    /// Readable once the client has come, or can't any more.
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.woken.as_fd()
    }
}

impl AwaitedClient {
    /// Its connection, or why there is none; `None` while it is waited for.
    pub(super) fn came(&self) -> Option<&Result<Arc<ScenarioConnection>, String>> {
        self.came.connection.get()
    }

    /// That it hasn't come, in words.
    pub(super) fn absence(&self, patience: StepPatience) -> Vec<String> {
        let turned_away = self.came.turned_away.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let last = turned_away.map(|why| format!("the last one that came: {why}"));
        [format!("none came within {patience}")].into_iter().chain(last).collect()
    }
}
