//! A request that is to be answered.

use std::io::Read;

use super::answering::{linger, refuse, send_answer};
use super::incoming::{Incoming, ParseRequest};
use super::{HandshakeError, faulty_answer};
use crate::http::{Method, Secrets, shown_url};
use crate::net::protocol_guess::is_frame;
use crate::net::settings::ConnectionSettings;
use crate::net::until::Until;
use crate::net::websocket::WebSocket;
use crate::script::HandshakeFault;
use crate::ws::Role;
use crate::ws::handshake::{Refusal, Request, ServerResponse};
use crate::ws::negotiation::DeflateParams;

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
        HandshakeError::Refused(refuse(&mut transport, &mut buffer, stop, head, refusal))
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
        let stop = self.incoming.stop;
        send_answer(&mut self.incoming.transport, head, body, length, stop).map_err(|error| {
            let path = shown_url(&self.request.resource, Secrets::Masked);
            HandshakeError::of(&error, &format!("{} {path} failed", self.request.method))
        })?;
        if persists {
            return Ok(Some(self.incoming.for_another()));
        }
        let Incoming { mut transport, mut buffer, .. } = self.incoming;
        linger(&mut transport, &mut buffer, stop);
        Ok(None)
    }
}
