//! A listener at work: a thread for each connection, and a log of what became of it.

mod admission;
mod end_reason;
pub(crate) mod http;
pub(crate) mod hub;
pub(crate) mod inbox;
pub(crate) mod log;
mod message_log;
pub(crate) mod modes;
pub(crate) mod page;
mod policy;
pub(crate) mod port_file;
mod routes;
mod taps;
mod thread_pool;
pub(crate) mod web_access;

use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

pub(crate) use admission::{Credentials, Subprotocols};
pub(crate) use policy::RequestPolicy;
pub(crate) use routes::Routes;

use self::end_reason::EndReason;
use self::http::{Persistence, PlainResponse};
use self::log::{Ended, Opened, ServerLog};
use self::modes::{Behaviour, ConnectedClient, Declined, ModeEnd, NamedMode};
use self::page::feed::Observers;
use self::page::token;
use self::policy::Decision;
use self::taps::{ShownInLog, Taps};
use self::thread_pool::ThreadPool;
use crate::error::system_words;
use crate::handlers::echo::Echo;
use crate::net::process_end;
use crate::net::{Accepted, Acceptor, HandshakeError, Incoming, PendingHandshake};
use crate::net::{
    ConnectionSettings, Engine, Handler, LateTap, Listener, Peer, ServerTls, Stop, Stream, Summary, Tap, WebSocket,
};
use crate::view::amount::Count;
use crate::ws::handshake::{AcceptOptions, HttpVersion, Method, Refusal};
use crate::ws::{Event, Observe};

/// How long a stopping server waits for the closing handshakes of its clients: longer than they may take, and inside the
/// two seconds that the process has.
const GRACE: Duration = Duration::from_millis(1650);

/// Clients over the limit that are told so at the same time; more are disconnected.
const REFUSED_AT_ONCE: usize = 64;

/// A server before it begins.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) listener: Listener,
    pub(crate) tls: Option<ServerTls>,
    /// Clients come through a proxy that announces each by the PROXY protocol.
    pub(crate) proxy_protocol: bool,
    pub(crate) settings: ConnectionSettings,
    pub(crate) policy: RequestPolicy,
    pub(crate) limits: Limits,
    pub(crate) log: Arc<ServerLog>,
}

/// What clients may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Over this many, a client gets 503.
    pub(crate) connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connections: 10_000 }
    }
}

impl Server {
    /// Everyone gets an echo, and nothing is logged.
    pub(crate) fn echo(listener: Listener, settings: ConnectionSettings) -> Self {
        let policy = RequestPolicy::open_to_all(Routes::everywhere(NamedMode::echo()));
        let limits = Limits::default();
        Self { listener, tls: None, proxy_protocol: false, settings, policy, limits, log: Arc::default() }
    }

    /// Serves until `until` is readable; then closes every connection with 1001 and waits for
    /// them, less than two seconds.
    pub(crate) fn run(mut self, until: impl AsFd) {
        let Ok((stopper, stop)) = Stop::pair() else {
            self.log.notice(format_args!("can't serve: no file descriptors left"));
            return;
        };
        let Self { tls, proxy_protocol, settings, policy, limits, log, .. } = self;
        let (present, observers) = (AtomicUsize::new(0), Observers::new(&log));
        let timeout = settings.timing.handshake_timeout;
        let acceptor = Acceptor { tls, proxy_protocol, timeout, stop };
        let shared = Arc::new(Shared { acceptor, settings, policy, limits, log, observers, present });
        let pool = ThreadPool::default();
        let mut number = 0u64;
        let complain = |error: &_| shared.log.notice(format_args!("can't accept: {}", system_words(error)));
        while let Some((stream, peer)) = self.listener.next(&until, complain) {
            number += 1;
            let Some(permit) = Permit::take(&shared, number) else {
                shared.log.notice(format_args!("[{number}] {peer} limit: disconnected, too many clients"));
                continue;
            };
            if let Err(error) = pool.begin(move || permit.serve(stream, peer)) {
                let why = system_words(&error);
                shared.log.notice(format_args!("[{number}] {peer} can't start a thread: {why}"));
            }
        }
        // What a signal leaves the process begins now, for whoever waits after this.
        process_end();
        drop(stopper);
        pool.wait_for_none(GRACE);
    }
}

/// What every connection's thread has.
#[derive(Debug)]
struct Shared {
    acceptor: Acceptor,
    settings: ConnectionSettings,
    policy: RequestPolicy,
    limits: Limits,
    log: Arc<ServerLog>,
    observers: Observers,
    /// Clients that have a place.
    present: AtomicUsize,
}

/// A client's place, given back when this is dropped.
struct Permit {
    shared: Arc<Shared>,
    number: u64,
    /// The server is full; this one is only told so.
    surplus: bool,
}

impl Permit {
    /// `None` when there are so many too many that they aren't even told.
    fn take(shared: &Arc<Shared>, number: u64) -> Option<Self> {
        let limit = shared.limits.connections;
        let before = shared.present.fetch_add(1, Ordering::Relaxed);
        let permit = Self { shared: Arc::clone(shared), number, surplus: before >= limit };
        (before < limit.saturating_add(REFUSED_AT_ONCE)).then_some(permit)
    }

    fn serve(self, stream: Stream, mut peer: Peer) {
        let Self { ref shared, number, surplus } = self;
        let incoming = match shared.acceptor.accept(stream, &mut peer) {
            Ok(incoming) => incoming,
            Err(why) => return shared.log.unopened(number, peer, &why),
        };
        match shared.handshake(number, incoming, surplus) {
            Ok(Some(session)) => shared.serve(number, peer, session),
            Ok(None) => {}
            Err(why) => shared.log.unopened(number, peer, &why),
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let number = self.number;
            self.shared.log.notice(format_args!("[{number}] internal error; other connections are not affected"));
        }
        self.shared.present.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A connection, and what is done with it.
enum Session {
    /// The page's, which is none of the clients.
    Observer(WebSocket, Box<dyn Behaviour>),
    /// The plain case, which costs nothing that isn't needed.
    Echo(WebSocket, Box<Taps>),
    Other(WebSocket, Box<dyn Behaviour>, Box<Taps>),
}

impl Shared {
    /// From a client to its open connection, or to nothing where plain HTTP was asked for.
    // Not inlined: its stack would stay under the connection's for as long as that lives.
    #[inline(never)]
    fn handshake(
        &self,
        number: u64,
        mut incoming: Incoming<'_>,
        surplus: bool,
    ) -> Result<Option<Session>, HandshakeError> {
        while let Some(mut pending) = PendingHandshake::receive(incoming)? {
            let token = token::take(&mut pending.request);
            self.log.requested(number, &pending.request);
            if surplus {
                let reason = format!("the limit of {} is reached", Count(self.limits.connections as u64, "client"));
                return Err(pending.refuse(Refusal::unavailable(&reason).with_headers(&self.policy.headers)));
            }
            if let Some(token) = token.as_deref().filter(|_| Observers::is_wanted_by(&pending.request)) {
                return self.observe(number, pending, token).map(Some);
            }
            match self.policy.judge(&pending.request, pending.incoming.local) {
                Decision::Refuse(refusal) => return Err(pending.refuse(refusal)),
                Decision::Open { mode, subprotocol } => {
                    return self.open(number, pending, token.as_deref(), mode, subprotocol.as_deref()).map(Some);
                }
                Decision::Answer(answer) => match self.answer(number, pending, answer)? {
                    Some(next) => incoming = next,
                    None => return Ok(None),
                },
            }
        }
        Ok(None)
    }

    #[inline(never)]
    fn open(
        &self,
        number: u64,
        pending: PendingHandshake<'_>,
        token: Option<&str>,
        mode: &NamedMode,
        subprotocol: Option<&str>,
    ) -> Result<Session, HandshakeError> {
        let Incoming { peer, secure, .. } = pending.incoming;
        let watcher = self.observers.of(number, token);
        let page = watcher.is_page();
        let client = ConnectedClient { number, peer, secure, request: &pending.request, subprotocol };
        let tap = mode.mode.tap(&client);
        let wanted = if self.log.has_events() || self.log.shows_messages() || tap.is_some() {
            Observe::FramesAndContent
        } else if watcher.is_followed() {
            Observe::Frames
        } else {
            Observe::Nothing
        };
        let settings = ConnectionSettings { observe: self.settings.observe.max(wanted), ..self.settings };
        let terms = AcceptOptions { deflate: settings.deflate, subprotocol, headers: &self.policy.headers };
        let acceptance = match pending.request.accept(&terms) {
            Ok(acceptance) => acceptance,
            Err(refusal) => return Err(pending.refuse(refusal.with_headers(&self.policy.headers))),
        };
        let shown =
            ShownInLog { messages: mode.mode.shows_messages(), frames: self.settings.observe >= Observe::Frames };
        let taps = Taps::new(number, &self.log, shown, watcher, tap);
        let is_plain_echo = mode.mode.is_echo() && !taps.look_on();
        // Begun before the client knows that it is connected, so that it misses nothing from then on.
        let behaviour = (!is_plain_echo).then(|| {
            let declined = |error| Declined::new(format!("can't {}: {}", mode.name, system_words(&error)));
            Arc::clone(&mode.mode).begin(&client).unwrap_or_else(|error| Box::new(declined(error)))
        });
        let Accepted { websocket, request, deflate, response } = pending.open(acceptance, &settings)?;
        let (request, response) = (&request, response.as_slice());
        let opened = Opened { peer, secure, page, request, response, subprotocol, deflate };
        self.log.opened(number, &opened);
        taps.opened(&opened);
        Ok(match behaviour {
            None => Session::Echo(websocket, taps),
            Some(behaviour) => Session::Other(websocket, behaviour, taps),
        })
    }

    /// The page's second socket, on which it sees its first and others from this side.
    #[inline(never)]
    fn observe(&self, number: u64, pending: PendingHandshake<'_>, token: &str) -> Result<Session, HandshakeError> {
        let admitted = self.policy.admit_page(&pending.request, pending.incoming.local);
        let acceptance = match admitted.and_then(|()| pending.request.accept(&AcceptOptions::default())) {
            Ok(acceptance) => acceptance,
            Err(refusal) => return Err(pending.refuse(refusal)),
        };
        let behaviour = self.observers.begin(number, token);
        let settings = ConnectionSettings { observe: Observe::Nothing, ..self.settings };
        Ok(Session::Observer(pending.open(acceptance, &settings)?.websocket, behaviour))
    }

    /// Returns the client where it may make another request.
    #[inline(never)]
    fn answer<'a>(
        &self,
        number: u64,
        pending: PendingHandshake<'a>,
        mut answer: PlainResponse,
    ) -> Result<Option<Incoming<'a>>, HandshakeError> {
        let (peer, request) = (pending.incoming.peer, pending.request.clone());
        // A place that others wait for isn't kept for a request that may come.
        let has_places = self.present.load(Ordering::Relaxed) < self.limits.connections;
        let persistence = match request.version {
            _ if !has_places || !request.persists() => Persistence::Close,
            HttpVersion::Http10 => Persistence::KeepAlive,
            HttpVersion::Http11 => Persistence::Persistent,
        };
        let head = answer.head(&self.policy.headers, persistence);
        let length = if request.method == Method::Head { 0 } else { answer.length };
        let next = pending.answer(&head, &mut answer.body, length, persistence != Persistence::Close)?;
        self.log.answered(number, peer, &request, answer.status, &head);
        Ok(next)
    }

    /// Serves a connection to its end.
    fn serve(&self, number: u64, peer: Peer, session: Session) {
        let since = Instant::now();
        let (summary, cause, remark, taps) = match session {
            Session::Observer(websocket, mut behaviour) => {
                self.engine(websocket, &mut *behaviour).run();
                return;
            }
            Session::Echo(websocket, mut taps) => {
                (self.run_tapped(websocket, &mut Echo::default(), &mut taps), None, None, taps)
            }
            Session::Other(websocket, behaviour, taps) => self.behave(websocket, behaviour, taps),
        };
        let (received, sent) = (summary.received, summary.sent);
        let why = EndReason::new(summary, cause);
        let ended = Ended { peer, why, received, sent, lasted: since.elapsed(), remark };
        self.log.ended(number, &ended);
        taps.ended(&ended);
    }

    #[inline(never)]
    fn behave(
        &self,
        websocket: WebSocket,
        mut behaviour: Box<dyn Behaviour>,
        mut taps: Box<Taps>,
    ) -> (Summary, Option<ModeEnd>, Option<String>, Box<Taps>) {
        let summary = self.run_tapped(websocket, &mut *behaviour, &mut taps);
        (summary, behaviour.cause(), behaviour.remark(), taps)
    }

    /// Runs the connection, with those who look at it from the beginning or begin to later.
    fn run_tapped<H: Handler + ?Sized>(&self, websocket: WebSocket, handler: &mut H, taps: &mut Taps) -> Summary {
        let (followers, look_on) = (taps.followers(), taps.look_on());
        let mut tell = |event: &Event<'_>| taps.event(event);
        let (now, later): (Option<Tap<'_>>, Option<Tap<'_>>) =
            if look_on { (Some(&mut tell), None) } else { (None, Some(&mut tell)) };
        let engine = self.engine(websocket, handler).tapped(now);
        let summary = engine.tapped_later(LateTap { on: followers.any(), tap: later }).run_counting();
        taps.finish();
        summary
    }

    fn engine<'a, H: Handler + ?Sized>(&'a self, websocket: WebSocket, handler: &'a mut H) -> Engine<'a, H> {
        Engine::new(websocket, self.settings.timing, Some(self.acceptor.stop.as_fd()), handler)
    }
}
