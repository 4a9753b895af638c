//! From a target to an open connection, as a client: resolve, connect, proxy, TLS, opening handshake.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::net::{AddressFamily, SocketAddrUnix, connect, getpeername};
use tungstenite::handshake::client::generate_key;

use super::connect_event::{ConnectEvent, Observer};
use super::connect_to::ConnectTo;
use super::http_response::{ResponseRead, read_answer, with_body};
use super::interrupt::Interrupt;
use super::protocol_guess::{self, Protocol};
use super::proxy::{ConnectHeaders, Proxy, ProxyKind};
use super::race::{Lost, race, stream_socket};
use super::resolve::Resolver;
use super::settings::ConnectionSettings;
use super::target::{Target, is_loopback};
use super::tls::{CertificateFacts, ClientTls, Evidence, TlsFacts, TlsSettings};
use super::transport::Transport;
use super::until::Until;
use super::websocket::WebSocket;
use crate::error::{Error, NotHttpCause, OriginChange, Phase, RefusedHandshake, TlsGiven, system_words};
use crate::http::{BodyContent, Header, HttpStatus, Response, ResponseWithBody, UserPassword, line_without_secrets};
use crate::ws::handshake::{ClientRequest, Negotiated, ResponseFault, VERSION};
use crate::ws::{Buffer, Role};

/// All it takes to reach a server, as often as that is wanted.
#[derive(Debug, Clone)]
pub(crate) struct Dialer {
    pub(crate) target: Target,
    pub(crate) subprotocols: Vec<String>,
    /// Sent besides ours, and instead of those of the same name.
    pub(crate) headers: Vec<Header>,
    /// What a Digest challenge of the server is answered with.
    pub(crate) credentials: Option<UserPassword>,
    /// Those are sent in no other way.
    pub(crate) digest_only: bool,
    /// There were credentials, cookies or tokens that aren't for this server.
    pub(crate) withholds_secrets: Option<OriginChange>,
    pub(crate) resolver: Resolver,
    pub(crate) connect_to: Vec<ConnectTo>,
    /// The address of this machine that TCP connections come from; `None` leaves that to the system.
    pub(crate) source: Option<IpAddr>,
    pub(crate) proxy: Option<Proxy>,
    /// The proxies on the way so far (RFC 9110 §7.6.3), which the next one is told.
    pub(crate) via: Option<String>,
    pub(crate) tls: TlsSettings,
    pub(crate) settings: ConnectionSettings,
    /// For resolving and connecting, again for the proxy, and again for TLS.
    pub(crate) connect_timeout: Duration,
    /// Bytes that are kept of the body of a refusal.
    pub(crate) max_body: usize,
    /// Whether an answer that breaks the protocol is good enough, as long as it is 101.
    pub(crate) unchecked: bool,
}

/// A connection that the server agreed to.
#[derive(Debug)]
pub(crate) struct Dialed {
    pub(crate) websocket: WebSocket,
    pub(crate) accepted: Negotiated,
    /// What was wrong with the answer, where that was to be overlooked.
    pub(crate) faults: Vec<ResponseFault>,
}

/// The way to a server, on which nothing has been said to it.
#[derive(Debug)]
pub(crate) struct Reached {
    pub(super) transport: Transport,
}

impl Reached {
    /// The address that was connected to; none where that is no TCP.
    pub(crate) fn place(&self) -> Option<String> {
        self.peer().map(|address| address.to_string())
    }

    fn peer(&self) -> Option<SocketAddr> {
        getpeername(&self.transport).ok().flatten().and_then(|address| SocketAddr::try_from(address).ok())
    }

    /// Whether it leads to one of these addresses, on which this process listens.
    pub(crate) fn leads_to(&self, listening: &[SocketAddr]) -> bool {
        let Some(peer) = self.peer() else { return false };
        let there = peer.ip().to_canonical();
        let is_here = |own: IpAddr| match own.is_unspecified() {
            true => is_loopback(there) || self.transport.local_address().is_some_and(|from| from.ip() == peer.ip()),
            false => own.to_canonical() == there,
        };
        listening.iter().any(|own| own.port() == peer.port() && is_here(own.ip()))
    }
}

impl Dialer {
    /// Reaches the server and opens a connection. It gives up when `interrupt` says so, and at `latest`. With `reached` the
    /// way is there already.
    ///
    /// # Errors
    /// The phase that failed, and why.
    pub(crate) fn dial(
        &self,
        reached: Option<Reached>,
        interrupt: Option<Interrupt<'_>>,
        latest: Option<Instant>,
        tell: Observer<'_>,
    ) -> Result<Dialed, Error> {
        // Files that can't be used are told before anyone is connected to.
        let tls = self.client_tls()?;
        let mut attempt = Dialing { dialer: self, interrupt, latest, tell };
        let transport = match reached {
            Some(reached) => reached.transport,
            None => attempt.reach()?,
        };
        let transport = attempt.secured(transport, tls)?;
        attempt.timed(Phase::OpeningHandshake, |attempt| attempt.open(transport))
    }

    /// Reaches the server, TLS left out.
    ///
    /// # Errors
    /// As [`dial`](Self::dial).
    pub(crate) fn reach(
        &self,
        interrupt: Option<Interrupt<'_>>,
        latest: Option<Instant>,
        tell: Observer<'_>,
    ) -> Result<Reached, Error> {
        let mut attempt = Dialing { dialer: self, interrupt, latest, tell };
        Ok(Reached { transport: attempt.reach()? })
    }

    /// Adds TLS, where the target has it.
    ///
    /// # Errors
    /// As [`dial`](Self::dial).
    pub(crate) fn secure(
        &self,
        reached: Reached,
        interrupt: Option<Interrupt<'_>>,
        latest: Option<Instant>,
        tell: Observer<'_>,
    ) -> Result<Reached, Error> {
        let tls = self.client_tls()?;
        let mut attempt = Dialing { dialer: self, interrupt, latest, tell };
        Ok(Reached { transport: attempt.secured(reached.transport, tls)? })
    }

    fn client_tls(&self) -> Result<Option<ClientTls>, Error> {
        self.target.secure.then(|| ClientTls::new(&self.tls)).transpose()
    }

    /// In whichever way they were given.
    pub(crate) fn requested_subprotocols(&self) -> Vec<String> {
        self.request().requested_subprotocols()
    }

    /// Sends this header instead of those of the same name.
    pub(crate) fn replace_header(&mut self, header: Header) {
        self.headers.retain(|other| !other.is(&header.name));
        self.headers.push(header);
    }

    fn request(&self) -> ClientRequest {
        ClientRequest {
            host: self.target.host_header(),
            resource: self.target.resource.clone(),
            key: generate_key(),
            subprotocols: self.subprotocols.clone(),
            deflate: self.settings.deflate,
            headers: self.headers.clone(),
        }
    }
}

/// How often it is looked whether a full backlog has room again.
/// Of what isn't HTTP so much is looked at for secrets, in bytes: less is shown.
const LONGEST_GREETING: usize = 1024;

const BACKLOG_LOOK: Duration = Duration::from_millis(10);

/// One dialing under way.
struct Dialing<'a> {
    dialer: &'a Dialer,
    interrupt: Option<Interrupt<'a>>,
    /// The end of all deadlines.
    latest: Option<Instant>,
    tell: Observer<'a>,
}

impl<'a> Dialing<'a> {
    fn timed<T>(&mut self, phase: Phase, work: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        let start = Instant::now();
        let outcome = work(self);
        (self.tell)(ConnectEvent::Took { phase, time: start.elapsed() });
        outcome
    }

    fn until(&self, timeout: Duration) -> Until<'a> {
        let until = Until::after(timeout, self.interrupt);
        self.latest.map_or(until, |latest| until.or(latest))
    }

    /// A link to the target, TLS left out.
    fn reach(&mut self) -> Result<Transport, Error> {
        let Dialer { target, connect_to, .. } = self.dialer;
        if let Some(path) = &target.unix_socket {
            return self.timed(Phase::Connect, |attempt| attempt.connect_unix(path));
        }
        let instead = ConnectTo::apply(connect_to, &target.host, target.port);
        let there = instead.unwrap_or((&target.host, target.port));
        match &self.dialer.proxy {
            None if there.0 == target.host => self.connect(&target.interface_host(), there.1),
            None => self.connect(there.0, there.1),
            Some(proxy) => match self.through(proxy, there, None) {
                Err(refused) => match proxy.digest(&refused, there) {
                    Some(answer) => self.through(proxy, there, Some(answer)),
                    None => Err(refused),
                },
                reached => reached,
            },
        }
    }

    /// A link that the proxy leads to `there`.
    fn through(
        &mut self,
        proxy: &Proxy,
        there: (&str, u16),
        authorization: Option<String>,
    ) -> Result<Transport, Error> {
        let transport = self.reach_proxy(proxy).map_err(|why| match why {
            // What is wrong here has nothing to do with the proxy.
            Error::Interrupted | Error::Unread | Error::Usage { .. } | Error::File { .. } => why,
            why => Error::ProxyNotReached { proxy: proxy.with_origin(), why: Box::new(why) },
        })?;
        self.timed(Phase::Proxy, |attempt| attempt.tunnel(transport, proxy, there, authorization))
    }

    fn reach_proxy(&mut self, proxy: &Proxy) -> Result<Transport, Error> {
        let tls = (proxy.kind == ProxyKind::Https).then(|| ClientTls::new(&self.dialer.tls)).transpose()?;
        let transport = self.connect(&proxy.host, proxy.port)?;
        let Some(tls) = tls else { return Ok(transport) };
        self.timed(Phase::Tls, |attempt| attempt.secure(transport, &tls, &proxy.host, &proxy.to_string()))
    }

    fn connect(&mut self, host: &str, port: u16) -> Result<Transport, Error> {
        let until = self.until(self.dialer.connect_timeout);
        let addresses = self.timed(Phase::Resolve, |attempt| attempt.dialer.resolver.addresses(host, port, until))?;
        (self.tell)(ConnectEvent::Resolved { host: host.to_owned(), addresses: addresses.clone() });
        self.timed(Phase::Connect, |attempt| attempt.connect_any(&addresses, &format!("{host}:{port}"), until))
    }

    fn connect_any(&mut self, addresses: &[SocketAddr], peer: &str, until: Until<'_>) -> Result<Transport, Error> {
        let mut tried = Vec::new();
        let outcome = race(addresses, self.dialer.source, &mut tried, until);
        for (address, why) in &tried {
            (self.tell)(ConnectEvent::NotConnected { address: *address, why: system_words(why) });
        }
        match outcome {
            Ok((socket, address)) => {
                (self.tell)(ConnectEvent::Connected { place: address.to_string() });
                Transport::tcp(socket).map_err(setup_failed)
            }
            Err(Lost::All) => Err(Error::Connect { tried }),
            Err(Lost::Waiting(error)) => Err(until.failure(Phase::Connect, peer, error)),
        }
    }

    fn connect_unix(&mut self, path: &Path) -> Result<Transport, Error> {
        let until = self.until(self.dialer.connect_timeout);
        let failed = |why: io::Error| Error::ConnectUnix { path: path.to_owned(), why };
        let socket = loop {
            match unix_socket(path) {
                Err(why) if why.kind() == io::ErrorKind::WouldBlock => {
                    let ended = |error| until.failure(Phase::Connect, &path.display().to_string(), error);
                    until.rest(BACKLOG_LOOK).map_err(ended)?;
                }
                outcome => break outcome.map_err(failed)?,
            }
        };
        let transport = Transport::over(socket).map_err(failed)?;
        (self.tell)(ConnectEvent::Connected { place: path.display().to_string() });
        Ok(transport)
    }

    fn tunnel(
        &mut self,
        mut transport: Transport,
        proxy: &Proxy,
        there: (&str, u16),
        authorization: Option<String>,
    ) -> Result<Transport, Error> {
        let Dialer { resolver, max_body, connect_timeout, via, .. } = self.dialer;
        let until = self.until(*connect_timeout);
        let more = ConnectHeaders { authorization, via: via.as_deref() };
        let heads = proxy.tunnel(&mut transport, there, more, resolver, *max_body, until)?;
        (self.tell)(ConnectEvent::Tunnelled { proxy: proxy.to_string(), heads });
        Ok(transport)
    }

    /// The same way under TLS, where there is to be some.
    fn secured(&mut self, transport: Transport, tls: Option<ClientTls>) -> Result<Transport, Error> {
        let Some(tls) = tls else { return Ok(transport) };
        let dialer = self.dialer;
        let name = dialer.tls.server_name.as_deref().unwrap_or(&dialer.target.host);
        self.timed(Phase::Tls, |attempt| attempt.secure(transport, &tls, name, &dialer.target.authority()))
    }

    fn secure(&mut self, transport: Transport, tls: &ClientTls, name: &str, peer: &str) -> Result<Transport, Error> {
        let mut transport = transport.under_tls(tls.connection(name)?);
        let until = self.until(self.dialer.connect_timeout);
        let outcome =
            transport.complete_tls(until).map_err(|error| tls_failure(&transport, tls, (name, peer), error, until));
        let facts = transport.tls().map(|connection| Box::new(TlsFacts::of(connection, tls, name)));
        if let Some(facts) = facts {
            (self.tell)(ConnectEvent::Secured { peer: peer.to_owned(), facts });
        }
        outcome.map(|()| transport)
    }

    fn open(&mut self, mut transport: Transport) -> Result<Dialed, Error> {
        let dialer = self.dialer;
        let request = dialer.request();
        let mut buffer = Buffer::default();
        let until = self.until(dialer.settings.timing.handshake_timeout);
        let head = request.request();
        let response = self.exchange(&mut transport, &mut buffer, &head, until)?;
        (self.tell)(ConnectEvent::Answered { response: response.raw.clone(), request: head.clone() });
        let (accepted, faults) = request.validate(&response);
        let upgraded = response.status == HttpStatus::SWITCHING_PROTOCOLS;
        let overlooked = upgraded && dialer.unchecked;
        if !faults.is_empty() && !overlooked {
            let answer = if upgraded {
                ResponseWithBody { response, request: head, content: BodyContent::default() }
            } else {
                with_body(response, head, &mut transport, &mut buffer, dialer.max_body, until)
                    .map_err(|error| until.failure(Phase::OpeningHandshake, &dialer.target.authority(), error))?
            };
            let sent = request.header_names();
            return Err(Error::Refused(Box::new(RefusedHandshake {
                peer: dialer.target.authority(),
                faults,
                answer,
                sent,
                secure: dialer.target.secure,
                identity: dialer.tls.given().identity,
                other_version: request.sent("sec-websocket-version") != [VERSION],
                withheld: dialer.withholds_secrets,
                digest_only: dialer.digest_only && dialer.credentials.is_some(),
                was_retried: false,
                head_is_told: false,
            })));
        }
        (self.tell)(ConnectEvent::Opened(accepted.clone()));
        let websocket = WebSocket::new(&dialer.settings, Role::Client, accepted.deflate, transport, buffer);
        Ok(Dialed { websocket, accepted, faults })
    }

    /// Sends the request and reads the head of the response. What follows the head stays in `buffer`.
    fn exchange(
        &mut self,
        transport: &mut Transport,
        buffer: &mut Buffer,
        request: &[u8],
        until: Until<'_>,
    ) -> Result<Response, Error> {
        let peer = self.dialer.target.authority();
        let sent = transport.send_all(request, until);
        (self.tell)(ConnectEvent::Requested(request.to_vec()));
        let read = sent.and_then(|()| read_answer(transport, buffer, until));
        let read = match read {
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset && buffer.unread().is_empty() => {
                let why = "it reset the connection without an answer".into();
                return Err(Error::NotHttp { peer, why, cause: self.silence(transport) });
            }
            read => read,
        };
        let failure = |error| match exchange_failure(transport, self.dialer.tls.given(), &peer, error, until) {
            Error::TimedOut { phase, peer, limit, .. } if !buffer.unread().is_empty() => {
                Error::TimedOut { phase, peer, limit, arrived: Some(greeting(first_line(buffer.unread()))) }
            }
            other => other,
        };
        match read.map_err(failure)? {
            ResponseRead::Answer(response) => Ok(response),
            ResponseRead::Ended if buffer.unread().is_empty() => {
                let why = "it closed the connection without an answer".into();
                Err(Error::NotHttp { peer, why, cause: self.silence(transport) })
            }
            ResponseRead::Ended => {
                Err(self.not_http(transport, buffer.unread(), Some("closed the connection in mid-response")))
            }
            ResponseRead::TooLong => Err(self.not_http(transport, b"", Some("sent over 64 KiB of headers"))),
            ResponseRead::Malformed(why) => {
                let peer = self.dialer.target.authority();
                Err(Error::NotHttp { peer, why, cause: NotHttpCause::Other })
            }
            ResponseRead::NotHttp => Err(self.not_http(transport, buffer.unread(), None)),
        }
    }

    /// Of a server that says nothing at all.
    fn silence(&self, transport: &Transport) -> NotHttpCause {
        let subprotocols = !self.dialer.requested_subprotocols().is_empty();
        match chose_http2(transport) {
            true => NotHttpCause::Http2 { chosen: true },
            false => NotHttpCause::Silence { secure: self.dialer.target.secure, subprotocols },
        }
    }

    fn not_http(&self, transport: &Transport, said: &[u8], did: Option<&str>) -> Error {
        let peer = self.dialer.target.authority();
        let chosen = chose_http2(transport);
        let (why, cause) = match (protocol_guess::speaker(said), did) {
            (Some(speaker), _) if speaker.protocol == Protocol::Http2 => {
                (format!("it is {speaker}"), NotHttpCause::Http2 { chosen })
            }
            (_, Some(did)) => (format!("it {did}"), NotHttpCause::Other),
            (Some(speaker), None) if speaker.protocol == Protocol::Http => {
                let line = protocol_guess::beginning(said);
                (format!("its status line is not HTTP/1's (RFC 9112 §4): {line}"), NotHttpCause::Other)
            }
            (Some(speaker), None) => {
                let is_tls = speaker.protocol == Protocol::Tls && !self.dialer.target.secure;
                (format!("it is {speaker}"), if is_tls { NotHttpCause::Tls } else { NotHttpCause::OtherProtocol })
            }
            (None, None) => (format!("it sent {}", greeting(said)), NotHttpCause::OtherProtocol),
        };
        Error::NotHttp { peer, why, cause }
    }
}

/// Whether TLS has agreed on HTTP/2 (RFC 7301): whoever speaks that makes nothing of our request, and may not say so.
fn chose_http2(transport: &Transport) -> bool {
    transport.tls().is_some_and(|tls| tls.alpn_protocol() == Some(b"h2"))
}

/// A connection to a Unix domain socket.
///
/// # Errors
/// What the system says; `WouldBlock` where the backlog is full, for which the kernel gives nothing to wait on.
pub(super) fn unix_socket(path: &Path) -> io::Result<OwnedFd> {
    let socket = stream_socket(AddressFamily::UNIX)?;
    connect(&socket, &SocketAddrUnix::new(path)?)?;
    rustix::io::ioctl_fionbio(&socket, false)?;
    Ok(socket)
}

fn setup_failed(why: io::Error) -> Error {
    Error::System { doing: "setting up the socket", why }
}

fn tls_failure(
    transport: &Transport,
    tls: &ClientTls,
    (name, peer): (&str, &str),
    error: io::Error,
    until: Until<'_>,
) -> Error {
    let chain = tls.chain();
    let verdict = Evidence {
        error: &error,
        name,
        chain: &chain,
        first_bytes: transport.first_bytes(),
        identity: tls.given().identity,
        was_asked_anew: transport.was_asked_anew(),
    }
    .verdict();
    match until.failure(Phase::Tls, peer, error) {
        Error::Socket { .. } => {
            Error::Tls { peer: peer.to_owned(), why: verdict.why, cause: verdict.cause, given: tls.given() }
        }
        other => other,
    }
}

/// Headers may have secrets, and be cut off before that can be seen.
fn first_line(said: &[u8]) -> &[u8] {
    said.trim_ascii_start().split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default()
}

/// The beginning of what a server said, without secrets.
fn greeting(said: &[u8]) -> String {
    protocol_guess::beginning(&line_without_secrets(&said[..said.len().min(LONGEST_GREETING)]))
}

/// With TLS 1.3 a server judges our certificate, or the lack of one, only after the handshake.
fn exchange_failure(transport: &Transport, given: TlsGiven, peer: &str, error: io::Error, until: Until<'_>) -> Error {
    if error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>()) {
        let shown = transport.tls().and_then(|tls| tls.peer_certificates()).unwrap_or_default();
        let chain: Vec<_> = shown.iter().filter_map(|der| CertificateFacts::of(der)).collect();
        let first_bytes = transport.first_bytes();
        let (identity, was_asked_anew) = (given.identity, transport.was_asked_anew());
        let evidence = Evidence { error: &error, name: peer, chain: &chain, first_bytes, identity, was_asked_anew };
        let verdict = evidence.verdict();
        return Error::Tls { peer: peer.to_owned(), why: verdict.why, cause: verdict.cause, given };
    }
    until.failure(Phase::OpeningHandshake, peer, error)
}
