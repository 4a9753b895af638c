//! One client of a forward proxy, from its request to where it is joined, tunnelled or refused.

use std::time::Instant;

use super::interception::{BegunTls, silence};
use super::{Forward, LEADS_BACK, ServerPlace};
use crate::net::{
    AskedBy, FirstWords, ForwardRequest, HandshakeError, Incoming, Interrupt, PendingHandshake, Reached, SocksAccess,
    Tunnel,
};
use crate::server::joined::{JoinedSession, reach_on_a_thread};
use crate::server::running_server::RunningServer;
use crate::server::tunnel_session::TunnelSession;
use crate::ws::handshake::{ProxyRequest, ProxyTarget, Refusal};

/// What came of a client.
pub(crate) enum ForwardSession {
    Joined(JoinedSession),
    Tunnel(Box<TunnelSession>),
}

impl RunningServer {
    /// From a client to a session, or to the refusal that it gets.
    // Not inlined: its stack would stay under the session's for as long as that lives.
    #[inline(never)]
    pub(in crate::server) fn forward(
        &self,
        forward: &Forward,
        number: u64,
        mut incoming: Incoming<'_>,
        surplus: bool,
    ) -> Result<ForwardSession, HandshakeError> {
        let credentials = &forward.credentials;
        let judge = |given: &_| credentials.are_of(given);
        let request =
            incoming.read_forward_request(SocksAccess { is_restricted: credentials.are_required(), judge: &judge })?;
        if surplus {
            return Err(deny(incoming, &request, self.limits.refusal()));
        }
        if let Some(head) = request.head() {
            self.log.asked(number, &head.raw);
            if let Err(refusal) = judge_head(forward, head) {
                return Err(deny(incoming, &request, refusal));
            }
        }
        match request {
            ForwardRequest::Tunnel { asked, host, port, head } => {
                let via = via(forward, head.as_deref());
                self.lead(forward, number, incoming, (asked, via), ServerPlace { secure: false, host, port })
            }
            ForwardRequest::Resource(request) => self.pass_on(forward, number, incoming, *request),
        }
    }

    /// Leads a client to where it wants to go.
    fn lead(
        &self,
        forward: &Forward,
        number: u64,
        mut incoming: Incoming<'_>,
        (asked, via): (AskedBy, String),
        place: ServerPlace,
    ) -> Result<ForwardSession, HandshakeError> {
        let interrupt = incoming.interrupt_when_gone();
        let reached = forward
            .judge_tunnel(&place, incoming.peer)
            .and_then(|()| reach_on_a_thread(|| connected(forward, number, &place, via, interrupt)));
        let reached = match reached {
            Ok(reached) => reached,
            Err(refusal) => return Err(incoming.deny(asked, refusal)),
        };
        incoming.grant(asked)?;
        let granted = Instant::now();
        let first_words = incoming.first_words(&reached, self.settings.timing.idle_timeout)?;
        match (first_words, &forward.interception) {
            (FirstWords::WebSocket, _) => self.join_there(forward, number, incoming, place, |_, _| Ok(reached)),
            (FirstWords::Tls, Some(interception)) => {
                incoming.give_time(self.settings.timing.handshake_timeout);
                match interception.open(incoming, &place)? {
                    BegunTls::Sealed(incoming) => Ok(tunnelled(incoming, reached, &place, Instant::now())),
                    BegunTls::Opened(incoming, place) => self.lead_inside(forward, number, incoming, place, reached),
                }
            }
            _ => Ok(tunnelled(incoming, reached, &place, granted)),
        }
    }

    /// The same inside of TLS, which is ours on the client's side and none yet on the server's.
    fn lead_inside(
        &self,
        forward: &Forward,
        number: u64,
        mut incoming: Incoming<'_>,
        place: ServerPlace,
        reached: Reached,
    ) -> Result<ForwardSession, HandshakeError> {
        let silence = silence(&incoming).into_iter().chain(self.settings.timing.idle_timeout).min();
        let first_words = incoming.first_words(&reached, silence)?;
        if first_words == FirstWords::WebSocket {
            return self.join_there(forward, number, incoming, place, |_, _| Ok(reached));
        }
        match secured(forward, number, &place, reached, incoming.interrupt_when_gone()) {
            Ok(reached) => Ok(tunnelled(incoming, reached, &place, Instant::now())),
            Err(refusal) => Err(incoming.refuse(refusal)),
        }
    }

    /// Passes on one request in absolute form, with its body.
    fn pass_on(
        &self,
        forward: &Forward,
        number: u64,
        mut incoming: Incoming<'_>,
        request: ProxyRequest,
    ) -> Result<ForwardSession, HandshakeError> {
        let ProxyTarget::Resource { secure, authority, .. } = &request.target else {
            return Err(incoming.refuse(Refusal::bad_request("the request names no server")));
        };
        let place = ServerPlace::new(*secure, authority);
        let via = via(forward, Some(&request));
        incoming.unread(&request.in_origin_form());
        if request.wants_upgrade() {
            let way = |place: &_, interrupt: Interrupt<'_>| connected(forward, number, place, via, interrupt);
            return self.join_there(forward, number, incoming, place, way);
        }
        let Some(pending) = PendingHandshake::receive_any(incoming, "")? else { return Err(HandshakeError::NoRequest) };
        let session = TunnelSession::of_request(pending, |request, interrupt| {
            let reached = connected(forward, number, &place, via, interrupt)?;
            forward.gateway.pass(number + 1, request, &place, reached, interrupt)
        });
        session.map(ForwardSession::Tunnel)
    }

    /// Joins a client's WebSocket, whose request has been received, to the server that `way` leads to.
    fn join_there(
        &self,
        forward: &Forward,
        number: u64,
        mut incoming: Incoming<'_>,
        place: ServerPlace,
        way: impl FnOnce(&ServerPlace, Interrupt<'_>) -> Result<Reached, Refusal> + Send,
    ) -> Result<ForwardSession, HandshakeError> {
        incoming.give_time(self.settings.timing.handshake_timeout);
        let Some(pending) = PendingHandshake::receive(incoming, "")? else { return Err(HandshakeError::NoRequest) };
        self.log.requested(number, &pending.request);
        let gateway = &forward.gateway;
        let joined = self.join(number, pending, None, gateway.terms(), |request, interrupt| {
            let reached = way(&place, interrupt)?;
            gateway.open(number + 1, request, &place, reached, interrupt)
        })?;
        Ok(ForwardSession::Joined(joined))
    }
}

/// The way to a server, unless that leads back to us.
fn connected(
    forward: &Forward,
    number: u64,
    place: &ServerPlace,
    via: String,
    interrupt: Interrupt<'_>,
) -> Result<Reached, Refusal> {
    let reached = forward.gateway.connect(number + 1, place, via, interrupt)?;
    forward.judge_way(&reached).map(|()| reached)
}

/// The same with TLS, where the place has it.
fn secured(
    forward: &Forward,
    number: u64,
    place: &ServerPlace,
    reached: Reached,
    interrupt: Interrupt<'_>,
) -> Result<Reached, Refusal> {
    reach_on_a_thread(|| forward.gateway.secure(number + 1, place, reached, interrupt))
}

/// Unless the client has said something, neither has since `silent_since`.
fn tunnelled(incoming: Incoming<'_>, reached: Reached, place: &ServerPlace, silent_since: Instant) -> ForwardSession {
    ForwardSession::Tunnel(TunnelSession::new(
        Tunnel::new(incoming, reached, silent_since),
        place.to_string(),
        silent_since,
    ))
}

impl ForwardRequest {
    /// The head of a request of HTTP.
    fn head(&self) -> Option<&ProxyRequest> {
        match self {
            Self::Tunnel { head, .. } => head.as_deref(),
            Self::Resource(request) => Some(request),
        }
    }
}

/// # Errors
/// 407 for a client that may not come in, 508 for a request that has been here before.
fn judge_head(forward: &Forward, head: &ProxyRequest) -> Result<(), Refusal> {
    forward.credentials.judge_proxied(&head.headers)?;
    if forward.gateway.has_sent(&head.headers) { Err(Refusal::loop_detected(LEADS_BACK)) } else { Ok(()) }
}

/// The proxies on the way, this one behind those that the request has come through.
fn via(forward: &Forward, head: Option<&ProxyRequest>) -> String {
    let before = head.into_iter().flat_map(|head| head.headers.all("via"));
    before.map(str::to_owned).chain([forward.gateway.via()]).collect::<Vec<_>>().join(", ")
}

fn deny(incoming: Incoming<'_>, request: &ForwardRequest, refusal: Refusal) -> HandshakeError {
    match request {
        ForwardRequest::Tunnel { asked, .. } => incoming.deny(*asked, refusal),
        ForwardRequest::Resource(_) => incoming.refuse(refusal),
    }
}
