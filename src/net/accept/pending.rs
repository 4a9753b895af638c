//! A request that is to be answered.

use std::io::{self, Read};
use std::time::Duration;

use super::faulty_answer;
use super::incoming::{Incoming, ParseRequest};
use super::{HandshakeError, LINGER, linger, refuse};
use crate::http::{Method, Secrets, shown_url};
use crate::net::protocol_guess::is_frame;
use crate::net::settings::ConnectionSettings;
use crate::net::until::Until;
use crate::net::websocket::WebSocket;
use crate::script::HandshakeFault;
use crate::ws::Role;
use crate::ws::handshake::{Refusal, Request, ServerResponse};
use crate::ws::negotiation::DeflateParams;

/// A piece of a body, in bytes.
const PIECE: u64 = 64 * 1024;

/// How long a client may take to receive an answer, and the bytes of a body for each of which that is a second more. Of no
/// piece longer than the first of these: who takes nothing is gone, however long the body is.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
const SLOWEST: u64 = 16 * 1024;

/// A client whose request has been read and not been answered.
#[derive(Debug)]
pub(crate) struct PendingHandshake<'a> {
    pub(crate) incoming: Incoming<'a>,
    pub(crate) request: Request,
    /// What is wrong on purpose in the answer that opens the connection.
    pub(crate) faults: Vec<HandshakeFault>,
}

/// A client's connection.
#[derive(Debug)]
pub(crate) struct Accepted {
    pub(crate) websocket: WebSocket,
    pub(crate) request: Request,
    pub(crate) deflate: Option<DeflateParams>,
    /// The head of our answer, as it went on the wire.
    pub(crate) response: Vec<u8>,
}

impl<'a> PendingHandshake<'a> {
    /// The next request of a client. `None` where there was one before, and no other comes.
    ///
    /// # Errors
    /// A client that makes none, and one that was refused for what it said instead, with `headers` in the refusal's head.
    pub(crate) fn receive(incoming: Incoming<'a>, headers: &str) -> Result<Option<Self>, HandshakeError> {
        Self::read(incoming, headers, Request::parse)
    }

    /// The same where plain HTTP is passed on: that has any method, and a body as well.
    ///
    /// # Errors
    /// As [`receive`](Self::receive).
    pub(crate) fn receive_any(incoming: Incoming<'a>, headers: &str) -> Result<Option<Self>, HandshakeError> {
        Self::read(incoming, headers, Request::parse_any)
    }

    fn read(mut incoming: Incoming<'a>, headers: &str, parse: ParseRequest) -> Result<Option<Self>, HandshakeError> {
        Ok(incoming.read_request(headers, parse)?.map(|request| Self { incoming, request, faults: Vec::new() }))
    }

    /// Whether something stands behind the request that is no frame: another request, for somebody who takes this one for
    /// refused. A client has nothing to say before it is answered (RFC 6455 §4.1).
    pub(crate) fn is_followed(&self) -> bool {
        let unread = self.incoming.buffer.unread();
        !unread.is_empty() && !is_frame(unread, true)
    }

    /// Opens the connection with what the request was accepted with.
    ///
    /// # Errors
    /// A client that is gone.
    #[inline(never)]
    pub(crate) fn open(
        self,
        acceptance: ServerResponse,
        settings: &ConnectionSettings,
    ) -> Result<Accepted, HandshakeError> {
        let Self { incoming: Incoming { mut transport, buffer, until, stop, .. }, request, faults } = self;
        let failed = |error| HandshakeError::of(&error, "write failed in the opening handshake");
        if faults.is_empty() {
            transport.send_all(&acceptance.response, until).map_err(failed)?;
        } else {
            let until_after = |time| Until::after(time, Some(stop));
            faulty_answer::send(&mut transport, &faults, &acceptance.response, until, until_after)
                .map_err(|error| HandshakeError::of(&error, "the opening handshake broke off, with a fault in it"))?;
        }
        let websocket = WebSocket::new(settings, Role::Server, acceptance.deflate, transport, buffer);
        Ok(Accepted { websocket, request, deflate: acceptance.deflate, response: acceptance.response })
    }

    /// Answers that there will be no connection.
    pub(crate) fn refuse(self, refusal: Refusal) -> HandshakeError {
        let Incoming { mut transport, mut buffer, stop, .. } = self.incoming;
        let head = (self.request.method == Method::Head).then(|| refusal.head());
        let until = Until::after(LINGER, Some(stop));
        HandshakeError::Refused(refuse(&mut transport, &mut buffer, until, head, refusal))
    }

    /// Answers with a head and the `length` bytes of a body, as plain HTTP. With `persists` the client may make another
    /// request then.
    ///
    /// # Errors
    /// What the socket or the body says, or a client that doesn't take it.
    pub(crate) fn answer(
        mut self,
        head: &[u8],
        body: &mut dyn Read,
        length: u64,
        persists: bool,
    ) -> Result<Option<Incoming<'a>>, HandshakeError> {
        let stop = Some(self.incoming.stop);
        let until = Until::after(ANSWER_TIMEOUT + Duration::from_secs(length / SLOWEST), stop);
        self.send(head, body, length, until).map_err(|error| {
            let path = shown_url(&self.request.resource, Secrets::Masked);
            HandshakeError::of(&error, &format!("{} {path} failed", self.request.method))
        })?;
        if persists {
            return Ok(Some(self.incoming.for_another()));
        }
        let Incoming { mut transport, mut buffer, .. } = self.incoming;
        linger(&mut transport, &mut buffer, Until::after(LINGER, stop));
        Ok(None)
    }

    fn send(&mut self, head: &[u8], body: &mut dyn Read, length: u64, until: Until<'_>) -> io::Result<()> {
        let transport = &mut self.incoming.transport;
        // The head goes out with what it is the head of: a load balancer's health check may reset the connection once it has
        // the status, and the rest would fail then.
        let mut piece = head.to_vec();
        let mut left = length;
        loop {
            let start = piece.len();
            piece.resize(start + left.min(PIECE) as usize, 0);
            let count = if left > 0 { body.read(&mut piece[start..])? } else { 0 };
            let is_short = left > 0 && count == 0;
            piece.truncate(start + count);
            transport.send_all(&piece, until.within(ANSWER_TIMEOUT))?;
            left -= count as u64;
            match (left, is_short) {
                (0, _) => return Ok(()),
                // Only the end of the connection can tell the client that this was not all.
                (_, true) => return Err(io::Error::other("the content is shorter than it was")),
                (_, false) => piece.clear(),
            }
        }
    }
}
