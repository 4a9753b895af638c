//! A listener at work: a thread for each connection, and a log of what became of it.

mod admission;
pub(crate) mod end_reason;
pub(crate) mod http;
pub(crate) mod hub;
pub(crate) mod inbox;
pub(crate) mod log;
pub(crate) mod modes;
pub(crate) mod page;
mod policy;
pub(crate) mod port_file;
mod routes;
mod taps;
pub(crate) mod thread_pool;

use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

pub(crate) use admission::{Credentials, Origins, Subprotocols};
pub(crate) use policy::Reception;
pub(crate) use routes::Routes;

use self::end_reason::Farewell;
use self::http::Answer;
use self::log::{Ended, Journal, Opened};
use self::modes::{Behaviour, Cause, Client, Declined, Idle, Mode};
use self::page::feed::Observers;
use self::policy::Verdict;
use self::taps::Taps;
use self::thread_pool::Crew;
use crate::error::system_words;
use crate::handlers::echo::Echo;
use crate::net::{Accepted, Arrival, Connection, Engine, Handler, Listener, Peer, ServerTls, Settings, Stop, Stream};
use crate::net::{Course, Unopened};
use crate::ws::handshake::{Method, Refusal, Terms};

/// How long a stopping server waits for the closing handshakes of its clients.
const GRACE: Duration = Duration::from_secs(2);

/// Clients over the limit that are told so at the same time; more are hung up on.
const REFUSED_AT_ONCE: usize = 64;

/// A server before it begins.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) listener: Listener,
    pub(crate) tls: Option<ServerTls>,
    pub(crate) settings: Settings,
    pub(crate) reception: Reception,
    pub(crate) limits: Limits,
    pub(crate) journal: Arc<Journal>,
}

/// What clients may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Over this many, a client gets 503.
    pub(crate) connections: usize,
    /// A connection on which nothing has happened for so long is closed.
    pub(crate) idle: Option<Duration>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connections: 10_000, idle: None }
    }
}

impl Server {
    /// Everyone gets an echo, and nothing is logged.
    pub(crate) fn echo(listener: Listener, settings: Settings) -> Self {
        let reception = Reception::open_to_all(Routes::everywhere(Mode::Echo));
        Self { listener, tls: None, settings, reception, limits: Limits::default(), journal: Arc::default() }
    }

    /// Serves until `until` is readable; then closes every connection with 1001 and waits for
    /// them, two seconds at most.
    pub(crate) fn run(mut self, until: impl AsFd) {
        let Ok((stopper, stop)) = Stop::pair() else {
            self.journal.line(format_args!("can't serve: no file descriptors left"));
            return;
        };
        let Self { tls, settings, reception, limits, journal, .. } = self;
        let (present, observers) = (AtomicUsize::new(0), Observers::new(&journal));
        let shared = Arc::new(Shared { tls, settings, reception, limits, journal, observers, stop, present });
        let crew = Crew::default();
        let mut number = 0u64;
        let complain = |error: &_| shared.journal.line(format_args!("can't accept: {}", system_words(error)));
        while let Some((stream, peer)) = self.listener.next(&until, complain) {
            number += 1;
            let Some(place) = Place::take(&shared, number) else {
                shared.journal.line(format_args!("[{number}] {peer} limit: hung up on, too many clients"));
                continue;
            };
            if let Err(error) = crew.begin(move || place.serve(stream, peer)) {
                let why = system_words(&error);
                shared.journal.line(format_args!("[{number}] {peer} not served: no thread: {why}"));
            }
        }
        drop(stopper);
        crew.wait_for_none(GRACE);
    }
}

/// What every connection's thread has.
#[derive(Debug)]
struct Shared {
    tls: Option<ServerTls>,
    settings: Settings,
    reception: Reception,
    limits: Limits,
    journal: Arc<Journal>,
    observers: Observers,
    stop: Stop,
    /// Clients that have a place.
    present: AtomicUsize,
}

/// A client's place, given back when this is dropped.
struct Place {
    shared: Arc<Shared>,
    number: u64,
    /// The server is full; this one is only told so.
    surplus: bool,
}

impl Place {
    /// `None` when there are so many too many that they aren't even told.
    fn take(shared: &Arc<Shared>, number: u64) -> Option<Self> {
        let limit = shared.limits.connections;
        let before = shared.present.fetch_add(1, Ordering::Relaxed);
        let place = Self { shared: Arc::clone(shared), number, surplus: before >= limit };
        (before < limit.saturating_add(REFUSED_AT_ONCE)).then_some(place)
    }

    fn serve(self, stream: Stream, peer: Peer) {
        let number = self.number;
        match self.shared.welcome(number, stream, peer, self.surplus) {
            Ok(Some(guest)) => self.shared.host(number, peer, guest),
            Ok(None) => {}
            Err(why) => self.shared.journal.unopened(number, peer, &why),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let number = self.number;
            self.shared.journal.line(format_args!("[{number}] ended by a bug in wscli; the others go on"));
        }
        self.shared.present.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A connection, and what is done with it.
enum Guest {
    /// The plain case, which costs nothing that isn't needed.
    Echo(Connection),
    Other(Connection, Box<dyn Behaviour>, Option<Box<Taps>>),
}

impl Shared {
    /// From an accepted socket to an open connection, or to nothing where plain HTTP was asked for.
    // Not inlined: its stack would stay under the connection's for as long as that lives.
    #[inline(never)]
    fn welcome(&self, number: u64, stream: Stream, peer: Peer, surplus: bool) -> Result<Option<Guest>, Unopened> {
        let arrival = Arrival::receive(stream, self.tls.as_ref(), &self.settings)?;
        if surplus {
            let reason = format!("there are {} clients, which is the limit", self.limits.connections);
            return Err(arrival.refuse(Refusal::unavailable(&reason).with_headers(&self.reception.headers)));
        }
        let verdict = match self.observers.token(&arrival.request) {
            Some(token) => return self.observe(number, peer, arrival, &token),
            None => self.reception.judge(&arrival.request),
        };
        match verdict {
            Verdict::Refuse(refusal) => Err(arrival.refuse(refusal)),
            Verdict::Answer(answer) => self.answer(number, peer, arrival, answer).map(|()| None),
            Verdict::Open { mode, subprotocol, foreign_origin } => {
                self.open(number, peer, arrival, mode, subprotocol, foreign_origin.as_deref()).map(Some)
            }
        }
    }

    fn open(
        &self,
        number: u64,
        peer: Peer,
        arrival: Arrival,
        mode: &Mode,
        subprotocol: Option<&str>,
        foreign_origin: Option<&str>,
    ) -> Result<Guest, Unopened> {
        let (secure, watcher) = (arrival.secure, self.observers.of(&arrival.request));
        let recorded = self.journal.json;
        let observe_frames = self.settings.observe_frames || watcher.is_some() || recorded;
        let settings = Settings { observe_frames, observe_content: recorded, ..self.settings };
        let terms = Terms { deflate: settings.deflate, subprotocol, headers: &self.reception.headers };
        let acceptance = match arrival.request.accept(&terms) {
            Ok(acceptance) => acceptance,
            Err(refusal) => return Err(arrival.refuse(refusal.with_headers(&self.reception.headers))),
        };
        let taps = Taps::new(number, &self.journal, self.settings.observe_frames, watcher);
        let is_plain_echo = matches!(mode, Mode::Echo) && self.limits.idle.is_none() && taps.is_none();
        // Begun before the client knows that it is connected, so that it misses nothing from then on.
        let behaviour = (!is_plain_echo).then(|| {
            let client = Client { number, peer, secure, request: &arrival.request, subprotocol };
            let declined = |error| Declined::new(format!("can't {mode}: {}", system_words(&error)));
            mode.begin(&client).unwrap_or_else(|error| Box::new(declined(error)))
        });
        let Accepted { connection, request, deflate, response } = arrival.open(acceptance, &settings)?;
        let (request, response) = (&request, response.as_slice());
        let opened = Opened { peer, secure, request, response, subprotocol, deflate, foreign_origin };
        self.journal.opened(number, &opened);
        if let Some(taps) = &taps {
            taps.opened(&opened);
        }
        Ok(match behaviour {
            None => Guest::Echo(connection),
            Some(behaviour) => Guest::Other(connection, behaviour, taps),
        })
    }

    /// The page's second socket, on which it sees its first from this side.
    fn observe(&self, number: u64, peer: Peer, arrival: Arrival, token: &str) -> Result<Option<Guest>, Unopened> {
        let admitted = self.reception.admit_page(&arrival.request);
        let acceptance = match admitted.and_then(|()| arrival.request.accept(&Terms::default())) {
            Ok(acceptance) => acceptance,
            Err(refusal) => return Err(arrival.refuse(refusal)),
        };
        let behaviour = self.observers.begin(number, token);
        let secure = arrival.secure;
        let settings = Settings { observe_frames: false, ..self.settings };
        let Accepted { connection, request, response, .. } = arrival.open(acceptance, &settings)?;
        let (request, response) = (&request, response.as_slice());
        let opened = Opened { peer, secure, request, response, subprotocol: None, deflate: None, foreign_origin: None };
        self.journal.opened(number, &opened);
        Ok(Some(Guest::Other(connection, behaviour, None)))
    }

    fn answer(&self, number: u64, peer: Peer, arrival: Arrival, mut answer: Answer) -> Result<(), Unopened> {
        let head = answer.head(&self.reception.headers);
        let request = arrival.request.clone();
        let body: &mut dyn std::io::Read = match request.method {
            Method::Get => &mut answer.body,
            Method::Head => &mut std::io::empty(),
        };
        let failed = |error| Unopened::Failed(format!("GET {} failed: {}", request.resource, system_words(&error)));
        arrival.answer(&head, body).map_err(failed)?;
        self.journal.answered(number, peer, &request, answer.status);
        Ok(())
    }

    /// Serves a connection to its end.
    fn host(&self, number: u64, peer: Peer, guest: Guest) {
        let since = Instant::now();
        let (course, cause, remark, taps) = match guest {
            Guest::Echo(connection) => {
                let course = self.engine(connection, &mut Echo::default()).run_counting();
                (course, None, None, None)
            }
            Guest::Other(connection, behaviour, taps) => self.behave(connection, behaviour, taps),
        };
        let (received, sent) = (course.received, course.sent);
        let why = Farewell::new(course, cause);
        let ended = Ended { peer, why, received, sent, lasted: since.elapsed(), remark };
        self.journal.ended(number, &ended);
        if let Some(taps) = taps {
            taps.ended(&ended);
        }
    }

    #[inline(never)]
    fn behave(
        &self,
        connection: Connection,
        mut behaviour: Box<dyn Behaviour>,
        mut taps: Option<Box<Taps>>,
    ) -> (Course, Option<Cause>, Option<String>, Option<Box<Taps>>) {
        let mut idle;
        let behaviour: &mut dyn Behaviour = match self.limits.idle {
            None => &mut *behaviour,
            Some(timeout) => {
                idle = Idle::new(&mut *behaviour, timeout);
                &mut idle
            }
        };
        let engine = self.engine(connection, behaviour);
        let course = match &mut taps {
            None => engine.run_counting(),
            Some(taps) => {
                let course = engine.tapped(Some(&mut |event| taps.event(event))).run_counting();
                taps.finish();
                course
            }
        };
        (course, behaviour.cause(), behaviour.remark(), taps)
    }

    fn engine<'a, H: Handler + ?Sized>(&'a self, connection: Connection, handler: &'a mut H) -> Engine<'a, H> {
        Engine::new(connection, self.settings.timing, Some(self.stop.as_fd()), handler)
    }
}
