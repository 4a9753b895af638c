//! A client that has a request to make, its first or another one (RFC 9112 §9.3).

use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use super::client_protocol::ClientProtocol;
use super::{HandshakeError, refuse};
use crate::net::interrupt::Interrupt;
use crate::net::listen::Peer;
use crate::net::tls::TlsParameters;
use crate::net::transport::{Received, Transport, Wait};
use crate::net::until::{Until, was_stopped};
use crate::ws::Buffer;
use crate::ws::handshake::{Refusal, Request};

/// How long a client that has been answered may take for another request, and keep its place meanwhile.
const KEEP_ALIVE: Duration = Duration::from_secs(5);

/// Bytes of a request that can't be read that are kept for the log.
const LONGEST_SAID: usize = 8 * 1024;

/// A client whose next request hasn't been read.
#[derive(Debug)]
pub(crate) struct Incoming<'a> {
    pub(super) transport: Transport,
    pub(super) buffer: Buffer,
    /// For the next request.
    pub(super) until: Until<'a>,
    pub(super) stop: BorrowedFd<'a>,
    pub(crate) peer: Peer,
    /// It came over TLS.
    pub(crate) secure: bool,
    /// Requests that have been answered.
    pub(super) requests: u64,
}

impl Incoming<'_> {
    /// Our address that it came in on; none where that is a Unix socket.
    pub(crate) fn local_address(&self) -> Option<SocketAddr> {
        self.transport.local_address()
    }

    /// What ends what is done for the client before it is answered: the process stops, or the client has gone. One that has
    /// only ended its direction has no use for a WebSocket either.
    pub(crate) fn interrupt(&self) -> Interrupt<'_> {
        Interrupt::from(self.stop).or_ended(self.transport.as_fd())
    }

    /// The same for one that still gets an answer when it has only ended its direction, as behind a request of plain HTTP.
    pub(crate) fn interrupt_when_gone(&self) -> Interrupt<'_> {
        Interrupt::from(self.stop).or_unread(Some(self.transport.as_fd()))
    }

    /// The next request, as `parse` reads it. `None` where there was one before, and no other comes.
    ///
    /// # Errors
    /// A client that makes none, and one that was refused for what it said instead.
    #[inline(never)]
    pub(super) fn read_request(
        &mut self,
        headers: &str,
        parse: ParseRequest,
    ) -> Result<Option<Request>, HandshakeError> {
        match read(&mut self.transport, &mut self.buffer, self.until, |bytes| request(bytes, parse)) {
            Ok(Ok(request)) => Ok(Some(request)),
            Ok(Err(refusal)) => Err(self.refuse_unreadable(refusal.with_headers(headers))),
            Err(HandshakeError::NoRequest | HandshakeError::Stopping) if self.requests > 0 => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What comes next, as `parse` reads it.
    ///
    /// # Errors
    /// A client that says nothing, and one that was refused for what it said instead.
    pub(super) fn read<T>(
        &mut self,
        parse: impl Fn(&[u8]) -> Result<HeadRead<T>, Refusal>,
    ) -> Result<T, HandshakeError> {
        read(&mut self.transport, &mut self.buffer, self.until, parse)?
            .map_err(|refusal| self.refuse_unreadable(refusal))
    }

    /// The same of what isn't HTTP: whoever can't be read gets no answer of that, and what was said, which may be a secret, is
    /// nobody's business.
    ///
    /// # Errors
    /// A client that says nothing, and why what it said can't be read.
    pub(super) fn read_other<T>(
        &mut self,
        parse: impl Fn(&[u8]) -> Result<HeadRead<T>, Refusal>,
    ) -> Result<Result<T, Refusal>, HandshakeError> {
        read(&mut self.transport, &mut self.buffer, self.until, parse)
    }

    fn refuse_unreadable(&mut self, refusal: Refusal) -> HandshakeError {
        let said = said(self.buffer.unread());
        let refusal = refuse(&mut self.transport, &mut self.buffer, self.stop, None, refusal);
        HandshakeError::Unreadable { refusal, said }
    }

    /// Gives the client so long for what comes next.
    pub(crate) fn give_time(&mut self, time: Duration) {
        self.until = Until::after(time, Some(self.stop));
    }

    /// What has come behind the request.
    pub(crate) fn behind_request(&self) -> &[u8] {
        self.buffer.unread()
    }

    /// Its transport, and what has been received and not read.
    pub(in crate::net) fn into_parts(self) -> (Transport, Buffer) {
        (self.transport, self.buffer)
    }

    /// What was agreed, where it came over TLS.
    pub(crate) fn tls(&self) -> Option<TlsParameters> {
        self.transport.tls().map(TlsParameters::of)
    }

    /// The same client after an answer.
    pub(super) fn for_another(self) -> Self {
        let until = Until::after(KEEP_ALIVE, Some(self.stop));
        Self { until, requests: self.requests + 1, ..self }
    }
}

/// What is kept of the beginning of a request that can't be read. What another protocol says tells nobody anything.
fn said(unread: &[u8]) -> Vec<u8> {
    let may_be_http = ClientProtocol::of(unread).is_none_or(ClientProtocol::is_http);
    let kept = if may_be_http { unread.len().min(LONGEST_SAID) } else { 0 };
    unread[..kept].to_vec()
}

/// Receives what comes next. The beginning of a request is mostly there with its client, and needs no wait then, which is
/// a system call of its own; what goes on for longer is waited for, so that it ends when the wait does.
fn receive(transport: &mut Transport, buffer: &mut Buffer, until: Until<'_>) -> io::Result<Received> {
    if buffer.unread().is_empty() {
        match transport.receive(buffer, Wait::No)? {
            Received::Nothing => {}
            received => return Ok(received),
        }
    }
    transport.receive_some(buffer, until)
}

/// What was read, and how many bytes that took; `None` while it is incomplete.
pub(super) type HeadRead<T> = Option<(T, usize)>;

/// How the head of a request is read.
pub(super) type ParseRequest = fn(&[u8]) -> Result<Option<Request>, Refusal>;

fn request(bytes: &[u8], parse: ParseRequest) -> Result<HeadRead<Request>, Refusal> {
    let named = || ClientProtocol::of(bytes).and_then(ClientProtocol::refusal);
    let parsed = parse(bytes).map_err(|mut refusal| match named() {
        // What is allowed is for whoever reads to say.
        Some(named) if named.status == refusal.status => {
            refusal.reason = named.reason;
            refusal
        }
        named => named.unwrap_or(refusal),
    })?;
    Ok(parsed.map(|request| {
        let length = request.raw.len();
        (request, length)
    }))
}

/// What comes next; what follows it stays in `buffer`.
fn read<T>(
    transport: &mut Transport,
    buffer: &mut Buffer,
    until: Until<'_>,
    parse: impl Fn(&[u8]) -> Result<HeadRead<T>, Refusal>,
) -> Result<Result<T, Refusal>, HandshakeError> {
    loop {
        let unread = buffer.unread();
        let is_silent = unread.is_empty();
        match if is_silent { Ok(None) } else { parse(unread) } {
            Ok(None) => {}
            Ok(Some((read, length))) => {
                buffer.consume(length);
                return Ok(Ok(read));
            }
            Err(refusal) => return Ok(Err(refusal)),
        }
        match receive(transport, buffer, until) {
            Ok(Received::End) if is_silent => return Err(HandshakeError::NoRequest),
            Ok(Received::End) => {
                let why = "the client closed the connection during the opening handshake";
                return Err(HandshakeError::Failed(why.into()));
            }
            Ok(_) => {}
            Err(error) if is_silent => return Err(HandshakeError::in_silence(&error)),
            Err(error) if error.kind() == io::ErrorKind::TimedOut && !was_stopped(&error) => {
                return Ok(Err(Refusal::timeout()));
            }
            Err(error) => return Err(HandshakeError::reading(&error)),
        }
    }
}
