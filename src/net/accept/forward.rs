//! A client of a proxy: what it asks for, and what it begins with where it is led to.

use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use rustix::event::PollFlags;

use super::client_protocol::ClientProtocol;
use super::incoming::HeadRead;
use super::socks::{SocksAccess, VERSION as SOCKS_5};
use super::{HandshakeError, Incoming, refuse};
use crate::http::Host;
use crate::net::dial::Reached;
use crate::net::poll::{READABLE, wait_on};
use crate::net::protocol_guess::TLS_HANDSHAKE;
use crate::net::transport::{Received, Transport, Wait};
use crate::ws::Buffer;
use crate::ws::handshake::{ProxyRequest, ProxyTarget, Refusal, begins_websocket};

/// How long a client may take from the first byte of what it begins with to where that can be told apart.
const TELLING: Duration = Duration::from_secs(10);

/// In which way a client has asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AskedBy {
    /// By CONNECT (RFC 9110 §9.3.6).
    Connect,
    /// By SOCKS 5 (RFC 1928).
    Socks,
}

/// What a client asks a proxy for.
#[derive(Debug)]
pub(crate) enum ForwardRequest {
    /// A way to there. With the request's head, unless it has asked by SOCKS.
    Tunnel { asked: AskedBy, host: Host, port: u16, head: Option<Box<ProxyRequest>> },
    /// What a server has: a request in absolute form.
    Resource(Box<ProxyRequest>),
}

/// What a client begins with, at the other end of a way that it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FirstWords {
    Tls,
    /// The request that opens a WebSocket.
    WebSocket,
    /// Anything else, or it is the server that begins.
    Other,
}

fn request(bytes: &[u8]) -> Result<HeadRead<ProxyRequest>, Refusal> {
    let named = || ClientProtocol::of(bytes).and_then(ClientProtocol::refusal_of_proxy);
    let parsed = ProxyRequest::parse(bytes).map_err(|refusal| named().unwrap_or(refusal))?;
    Ok(parsed.map(|request| {
        let length = request.raw.len();
        (request, length)
    }))
}

impl FirstWords {
    /// `None` where it takes more to tell.
    fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            // The type of the record and the first byte of its version (RFC 8446 §5.1).
            [TLS_HANDSHAKE] => None,
            [TLS_HANDSHAKE, 3, ..] => Some(Self::Tls),
            _ => begins_websocket(bytes).map(|begins| if begins { Self::WebSocket } else { Self::Other }),
        }
    }
}

impl Incoming<'_> {
    /// What the client asks for.
    ///
    /// # Errors
    /// A client that asks for nothing, and one that was refused for what it said instead.
    pub(crate) fn read_forward_request(&mut self, access: SocksAccess<'_>) -> Result<ForwardRequest, HandshakeError> {
        let is_socks = self.read(|bytes| Ok(bytes.first().map(|first| (*first == SOCKS_5, 0))))?;
        if is_socks {
            let (host, port) = self.read_socks(access)?;
            return Ok(ForwardRequest::Tunnel { asked: AskedBy::Socks, host, port, head: None });
        }
        let request = self.read(request)?;
        Ok(match &request.target {
            ProxyTarget::Tunnel { host, port } => ForwardRequest::Tunnel {
                asked: AskedBy::Connect,
                host: host.clone(),
                port: *port,
                head: Some(Box::new(request)),
            },
            ProxyTarget::Resource { .. } => ForwardRequest::Resource(Box::new(request)),
        })
    }

    /// Tells the client that the way is there.
    ///
    /// # Errors
    /// A client that is gone.
    pub(crate) fn grant(&mut self, asked: AskedBy) -> Result<(), HandshakeError> {
        match asked {
            AskedBy::Socks => self.answer_socks(None),
            AskedBy::Connect => {
                let until = self.until;
                let sent = self.transport.send_all(b"HTTP/1.1 200 Connection established\r\n\r\n", until);
                sent.map_err(|error| HandshakeError::reading(&error))
            }
        }
    }

    /// Answers that there will be no way.
    pub(crate) fn deny(mut self, asked: AskedBy, refusal: Refusal) -> HandshakeError {
        if asked == AskedBy::Connect {
            return self.refuse(refusal);
        }
        match self.answer_socks(Some(&refusal)) {
            Ok(()) => HandshakeError::RefusedInSocks(refusal),
            Err(error) => error,
        }
    }

    /// Answers a request with a refusal.
    pub(crate) fn refuse(mut self, refusal: Refusal) -> HandshakeError {
        HandshakeError::Refused(refuse(&mut self.transport, &mut self.buffer, self.stop, None, refusal))
    }

    /// The request that has been read is to be read again, as it is for a server.
    pub(crate) fn unread(&mut self, head: &[u8]) {
        let behind = [head, self.buffer.unread()].concat();
        self.buffer = Buffer::default();
        self.buffer.extend(&behind);
    }

    /// What the client begins with. It may be silent for as long as the server is and both are there, or for `silence` alone.
    ///
    /// # Errors
    /// A client that fails, and a stop.
    pub(crate) fn first_words(
        &mut self,
        reached: &Reached,
        silence: Option<Duration>,
    ) -> Result<FirstWords, HandshakeError> {
        let mut latest = silence.map(|silence| Instant::now() + silence);
        let mut has_begun = false;
        loop {
            if let Some(words) = FirstWords::of(self.buffer.unread()) {
                return Ok(words);
            }
            if !has_begun && !self.buffer.unread().is_empty() {
                (has_begun, latest) = (true, Some(Instant::now() + TELLING));
            }
            let is_heard = self.transport.holds_unread() || self.wait_for_first_words(&reached.transport, latest)?;
            if !is_heard || latest.is_some_and(|latest| Instant::now() >= latest) {
                return Ok(FirstWords::Other);
            }
            match self.transport.receive(&mut self.buffer, Wait::No) {
                Ok(Received::End) => return Ok(FirstWords::Other),
                Ok(_) => {}
                Err(error) => return Err(HandshakeError::reading(&error)),
            }
        }
    }

    /// Waits for the client. Returns `false` where it is the server who has something to say, or to end.
    fn wait_for_first_words(&self, server: &Transport, latest: Option<Instant>) -> Result<bool, HandshakeError> {
        let watched = [self.stop, self.transport.as_fd(), server.as_fd()].map(|fd| (Some(fd), PollFlags::IN));
        let ready = wait_on(watched, latest).map_err(|error| HandshakeError::reading(&error))?;
        let [stop, client, server] = ready.map(|ready| ready.intersects(READABLE));
        if stop { Err(HandshakeError::Stopping) } else { Ok(client || !server) }
    }
}
