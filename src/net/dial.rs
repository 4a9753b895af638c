//! From a target to an open connection, as a client: resolve, connect, TLS, opening handshake.

use std::io;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use tungstenite::handshake::client::generate_key;

use super::Settings;
use super::engine::Connection;
use super::link::{Link, Received, Wait};
use super::tls::{self, ClientTls, Trust};
use crate::error::{Error, system_words};
use crate::target::Target;
use crate::ws::handshake::{Accepted, MAX_HEAD, Opening, Response};
use crate::ws::{Buffer, Role};

/// A connection that the server agreed to.
#[derive(Debug)]
pub(crate) struct Dialed {
    pub(crate) connection: Connection,
    pub(crate) accepted: Accepted,
}

/// All it takes to reach a server, as often as that is wanted.
#[derive(Debug)]
pub(crate) struct Dialer {
    pub(crate) target: Target,
    pub(crate) trust: Trust,
    pub(crate) settings: Settings,
    /// For resolving and connecting, and again for the TLS handshake.
    pub(crate) connect_timeout: Duration,
}

impl Dialer {
    /// Reaches the server and opens a connection.
    ///
    /// # Errors
    /// The phase that failed, and why.
    pub(crate) fn dial(&self) -> Result<Dialed, Error> {
        let Self { target, settings, connect_timeout, .. } = self;
        let socket = connect(target, *connect_timeout)?;
        let failed = |why| Error::System { doing: "setting up the socket", why };
        let mut link = Link::tcp(socket).map_err(failed)?;
        if target.secure {
            link = link.under_tls(ClientTls::new(&self.trust)?.connection(&target.host)?);
            complete_tls(&mut link, target, *connect_timeout)?;
        }
        let opening = Opening {
            host: target.host_header(),
            resource: target.resource.clone(),
            key: generate_key(),
            subprotocols: Vec::new(),
            deflate: settings.deflate,
        };
        let mut buffer = Buffer::default();
        let response = open(&mut link, &mut buffer, &opening, target, settings.timing.handshake_timeout)?;
        let refused = |faults| Error::Refused { peer: target.authority(), faults };
        let accepted = opening.accept(&response).map_err(refused)?;
        let (incoming, outgoing) = settings.halves(Role::Client, accepted.deflate);
        Ok(Dialed { connection: Connection { link, buffer, incoming, outgoing }, accepted })
    }
}

fn connect(target: &Target, timeout: Duration) -> Result<TcpStream, Error> {
    let deadline = Instant::now() + timeout;
    let late = || Error::TimedOut { phase: "connecting", peer: target.authority(), after: timeout };
    let mut tried = Vec::new();
    let addresses = resolve(target, timeout)?;
    let count = addresses.len() as u32;
    for (i, address) in (0..count).zip(addresses) {
        // Each gets its share of what is left, so that one that never answers can't hide the next.
        let share = deadline.saturating_duration_since(Instant::now()) / (count - i);
        if share.is_zero() {
            return Err(late());
        }
        match TcpStream::connect_timeout(&address, share) {
            Ok(socket) => return Ok(socket),
            Err(error) => tried.push((address, error)),
        }
    }
    let all_late = tried.iter().all(|(_, error)| error.kind() == io::ErrorKind::TimedOut);
    Err(if all_late { late() } else { Error::Connect { tried } })
}

/// The system's resolver has no deadline of its own, so it gets a thread to be late in.
fn resolve(target: &Target, timeout: Duration) -> Result<Vec<SocketAddr>, Error> {
    let (host, port) = (target.host.clone(), target.port);
    let failed = |why: String| Error::Resolve { host: target.host.clone(), why };
    let (answer, answers) = mpsc::channel();
    let lookup = move || {
        // Nobody listens any more once the deadline has passed.
        let _ = answer.send((host.as_str(), port).to_socket_addrs().map(Iterator::collect));
    };
    thread::Builder::new()
        .name("resolver".into())
        .spawn(lookup)
        .map_err(|why| Error::System { doing: "starting a thread", why })?;
    let addresses: Vec<SocketAddr> = match answers.recv_timeout(timeout) {
        Ok(Ok(addresses)) => addresses,
        Ok(Err(error)) => return Err(failed(resolver_words(&error))),
        Err(_) => return Err(Error::TimedOut { phase: "resolving", peer: target.host.clone(), after: timeout }),
    };
    if addresses.is_empty() { Err(failed("it has no address".into())) } else { Ok(addresses) }
}

fn resolver_words(error: &io::Error) -> String {
    let words = system_words(error);
    words.trim_start_matches("failed to lookup address information: ").to_owned()
}

fn complete_tls(link: &mut Link, target: &Target, timeout: Duration) -> Result<(), Error> {
    link.complete_tls(Instant::now() + timeout).map_err(|error| {
        if error.kind() == io::ErrorKind::TimedOut {
            return Error::TimedOut { phase: "the TLS handshake", peer: target.authority(), after: timeout };
        }
        let cause = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
        let why = match error.kind() {
            io::ErrorKind::UnexpectedEof => "the server closed the connection".into(),
            _ => system_words(&error),
        };
        Error::Tls { peer: target.authority(), why, hint: cause.and_then(tls::hint) }
    })
}

/// Sends the request and reads the head of the response. What follows the head stays in `buffer`.
fn open(
    link: &mut Link,
    buffer: &mut Buffer,
    opening: &Opening,
    target: &Target,
    timeout: Duration,
) -> Result<Response, Error> {
    let deadline = Instant::now() + timeout;
    let not_http = |why: String| Error::NotHttp { peer: target.authority(), secure: target.secure, why };
    let late = || Error::TimedOut { phase: "the opening handshake", peer: target.authority(), after: timeout };
    let failed = |why: io::Error| match why.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        // With TLS 1.3 the server judges our certificate, or the lack of one, only now.
        Some(cause) => Error::Tls { peer: target.authority(), why: system_words(&why), hint: tls::hint(cause) },
        None if why.kind() == io::ErrorKind::TimedOut => late(),
        None => Error::Socket { peer: target.authority(), why },
    };
    link.send_all(&opening.request(), deadline).map_err(failed)?;
    loop {
        match link.receive(buffer, Wait::No).map_err(failed)? {
            Received::End if buffer.unread().is_empty() => {
                return Err(not_http("it closed the connection without an answer".into()));
            }
            Received::End => return Err(not_http("it closed the connection inside its answer".into())),
            Received::Nothing if !link.wait(deadline).map_err(failed)? && Instant::now() >= deadline => {
                return Err(late());
            }
            Received::Nothing => continue,
            Received::Bytes => {}
        }
        if let Some(response) = Response::parse(buffer.unread()).map_err(not_http)? {
            buffer.consume(response.raw.len());
            return Ok(response);
        }
        if buffer.unread().len() >= MAX_HEAD {
            return Err(not_http("the head of its answer is too large".into()));
        }
    }
}
