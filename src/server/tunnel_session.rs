//! A client whose bytes go to another server as they come, and that server's back: no WebSocket.

use std::os::fd::AsFd;
use std::time::Instant;

use super::gateway::PassedRequest;
use super::joined::reach_on_a_thread;
use super::log::TunnelTarget;
use super::running_server::RunningServer;
use crate::net::{HandshakeError, Interrupt, Peer, PendingHandshake, Tunnel};
use crate::ws::handshake::{MalformedChunk, Refusal, Request};

/// A tunnel, before anything goes through it.
#[derive(Debug)]
pub(crate) struct TunnelSession {
    tunnel: Tunnel,
    target: TunnelTarget,
    since: Instant,
}

impl TunnelSession {
    /// For bytes of any kind, to where there is a way `since` then.
    pub(super) fn new(tunnel: Tunnel, place: String, since: Instant) -> Box<Self> {
        Box::new(Self { tunnel, target: TunnelTarget { place, request: None }, since })
    }

    /// For one request of plain HTTP, its body and the answer, to where `reach` makes the way.
    ///
    /// # Errors
    /// No way, which the client is told, or a body that isn't what its head says.
    pub(super) fn of_request(
        pending: PendingHandshake<'_>,
        reach: impl FnOnce(&Request, Interrupt<'_>) -> Result<PassedRequest, Refusal> + Send,
    ) -> Result<Box<Self>, HandshakeError> {
        let (request, interrupt) = (&pending.request, pending.incoming.interrupt_when_gone());
        let plain = Some((request.method.clone(), request.resource.clone()));
        // What can be seen to be no body opens no connection to a server.
        let checked = request.body().and_then(|mut body| match body.take(pending.incoming.behind_request()) {
            Ok(begun) => Ok((body, begun)),
            Err(MalformedChunk) => Err(Refusal::bad_request(MalformedChunk::WHY)),
        });
        let passed = checked.and_then(|body| Ok((reach_on_a_thread(|| reach(request, interrupt))?, body)));
        let (PassedRequest { head, reached, place }, (body, begun)) = match passed {
            Ok(both) => both,
            Err(refusal) => return Err(pending.refuse(refusal)),
        };
        let since = Instant::now();
        let tunnel = Tunnel::new(pending.incoming, reached, since).for_request(&head, body, begun);
        Ok(Box::new(Self { tunnel, target: TunnelTarget { place, request: plain }, since }))
    }
}

impl RunningServer {
    /// Passes bytes on until both sides have ended.
    #[inline(never)]
    pub(super) fn serve_tunnel(&self, number: u64, peer: Peer, session: TunnelSession) {
        let TunnelSession { tunnel, target, since } = session;
        self.log.tunnel_opened(number, peer, &target);
        let end = tunnel.run(self.settings.timing.idle_timeout, self.acceptor.stop.as_fd());
        self.log.tunnel_ended(number, peer, &target, &end, since.elapsed());
    }
}
