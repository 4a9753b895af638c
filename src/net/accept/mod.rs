//! A client from its accepted socket to an open connection, or to the answers that it gets instead.
//!
//! ```text
//! Acceptor::accept ─▶ Incoming ─▶ PendingHandshake ─▶ open, or refuse
//!                        ▲              │
//!                        └─── answer ◀──┘
//! ```
//!
//! Each of these waits has one deadline, and ends at once when the server stops.

mod answering;
mod client_protocol;
mod faulty_answer;
mod forward;
mod incoming;
mod intercept;
mod pending;
mod proxy_header;
mod raw_receive;
mod socks;

use std::fmt;
use std::io;
use std::time::Duration;

use rustix::net::RecvFlags;

use std::os::fd::AsFd;

pub(super) use self::answering::{LINGER, discard, refuse};
use self::client_protocol::ClientProtocol;
pub(crate) use self::forward::{AskedBy, FirstWords, ForwardRequest};
pub(crate) use self::incoming::Incoming;
pub(crate) use self::intercept::ClientHello;
use self::intercept::is_distrust;
pub(crate) use self::pending::{Accepted, PendingHandshake};
use self::proxy_header::ProxyHeaderFault;
#[cfg(fuzzing)]
pub(crate) use self::proxy_header::{ProxyHeaderProgress, progress as proxy_header_progress};
pub(crate) use self::socks::SocksAccess;
#[cfg(fuzzing)]
pub(crate) use self::socks::read_any as read_any_socks;
use super::listen::{Peer, Stream};
use super::protocol_guess::TLS_HANDSHAKE;
use super::stop::Stop;
use super::tls::ServerTls;
use super::transport::Transport;
use super::until::{Until, was_stopped};
use crate::advice;
use crate::error::system_words;
use crate::ws::Buffer;
use crate::ws::handshake::Refusal;

/// What every client is received with.
#[derive(Debug)]
pub(crate) struct Acceptor {
    pub(crate) tls: Option<ServerTls>,
    /// Every connection begins with a header of the PROXY protocol.
    pub(crate) proxy_protocol: bool,
    /// From the accepted socket to the head of the first request.
    pub(crate) timeout: Duration,
    pub(crate) stop: Stop,
}

/// Why a client didn't become a connection.
#[derive(Debug)]
pub(crate) enum HandshakeError {
    Failed(String),
    /// It was told why.
    Refused(Refusal),
    /// The same of a client of SOCKS, which is told no more than a number.
    RefusedInSocks(Refusal),
    /// The same, of one that said this instead of a request that can be read.
    Unreadable {
        refusal: Refusal,
        said: Vec<u8>,
    },
    /// It has said nothing: a browser opens connections that it may need, and monitors look whether they can.
    NoRequest,
    /// The server is stopping.
    Stopping,
}

impl fmt::Display for HandshakeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(why) => f.write_str(why),
            Self::Refused(refusal) | Self::Unreadable { refusal, .. } => {
                write!(f, "refused with {}: {}", refusal.status, refusal.reason)
            }
            Self::RefusedInSocks(refusal) => write!(f, "refused in SOCKS 5: {}", refusal.reason),
            Self::NoRequest => f.write_str("sent no request"),
            Self::Stopping => f.write_str("server stopping, in the opening handshake"),
        }
    }
}

impl HandshakeError {
    /// What an error of a wait or of the socket comes to, during what `doing` says.
    fn of(error: &io::Error, doing: &str) -> Self {
        if was_stopped(error) { Self::Stopping } else { Self::Failed(format!("{doing}: {}", words(error))) }
    }

    fn reading(error: &io::Error) -> Self {
        if is_distrust(error) {
            return Self::Failed(advice::AUTHORITY_NOT_TRUSTED.into());
        }
        Self::of(error, "read failed in the opening handshake")
    }

    /// The same where the client hasn't said anything yet: all but our own stop is its silence.
    fn in_silence(error: &io::Error) -> Self {
        if was_stopped(error) { Self::Stopping } else { Self::NoRequest }
    }
}

impl Acceptor {
    /// Receives what comes before the first request. A proxy in the place of `peer` is replaced by whom it names.
    ///
    /// # Errors
    /// A client that doesn't say it, or something else.
    // Not inlined: its stack would stay under the connection's for as long as that lives.
    #[inline(never)]
    pub(crate) fn accept(&self, stream: Stream, peer: &mut Peer) -> Result<Incoming<'_>, HandshakeError> {
        let stop = self.stop.as_fd();
        let until = Until::after(self.timeout, Some(stop));
        let mut transport = stream.transport().map_err(|error| HandshakeError::Failed(system_words(&error)))?;
        if self.proxy_protocol {
            *peer = self.behind_proxy(&mut transport, *peer, until)?;
        }
        let mut secure = false;
        if let Some(tls) = &self.tls {
            secure = !tls.also_plain || first_byte(&transport, until)? == Some(TLS_HANDSHAKE);
            if secure {
                transport = complete_tls(transport, tls, until)?;
            }
        }
        Ok(Incoming { transport, buffer: Buffer::default(), until, stop, peer: *peer, secure, requests: 0 })
    }

    /// The client that the PROXY protocol's header names; the proxy itself where that has none to name.
    #[inline(never)]
    fn behind_proxy(&self, transport: &mut Transport, proxy: Peer, until: Until<'_>) -> Result<Peer, HandshakeError> {
        match proxy_header::read(transport, until) {
            Ok(named) => Ok(named.unwrap_or(proxy)),
            Err(ProxyHeaderFault::Silent(error)) => Err(HandshakeError::in_silence(&error)),
            Err(ProxyHeaderFault::Failed(error)) => Err(HandshakeError::reading(&error)),
            Err(ProxyHeaderFault::Wrong(why)) => {
                let refusal = Refusal::bad_request(&why);
                let stop = self.stop.as_fd();
                Err(HandshakeError::Refused(refuse(transport, &mut Buffer::default(), stop, None, refusal)))
            }
        }
    }
}

fn words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::TimedOut => "it took too long".into(),
        io::ErrorKind::UnexpectedEof => "the client closed the connection".into(),
        _ => system_words(error),
    }
}

/// What a client begins with; `None` when it goes without a word.
fn first_byte(transport: &Transport, until: Until<'_>) -> Result<Option<u8>, HandshakeError> {
    let mut first = [0];
    let received = raw_receive::receive(transport, &mut first, RecvFlags::PEEK, until);
    let count = received.map_err(|error| HandshakeError::in_silence(&error))?;
    Ok((count > 0).then_some(first[0]))
}

// Not inlined: a plain connection would pay for its stack too.
#[inline(never)]
fn complete_tls(transport: Transport, tls: &ServerTls, until: Until<'_>) -> Result<Transport, HandshakeError> {
    const FAILED: &str = "TLS handshake failed";
    let connection = tls.connection().map_err(|error| HandshakeError::Failed(format!("{FAILED}: {error}")))?;
    let mut transport = transport.under_tls(connection);
    match transport.complete_tls(until) {
        Ok(()) => Ok(transport),
        Err(error) => Err(match ClientProtocol::of(transport.first_bytes()) {
            _ if transport.first_bytes().is_empty() => HandshakeError::in_silence(&error),
            Some(ClientProtocol::Tls) | None => HandshakeError::of(&error, FAILED),
            Some(other) => HandshakeError::Failed(format!("{FAILED}: {}", advice::not_tls(other.name()))),
        }),
    }
}
