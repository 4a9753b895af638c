//! A client's place in a server that has only so many.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::running_server::RunningServer;
use crate::net::{Peer, Stream};

/// Clients over the limit that are told so at the same time; more are disconnected.
const REFUSED_AT_ONCE: usize = 64;

/// A client's place, given back when this is dropped.
pub(super) struct Permit {
    server: Arc<RunningServer>,
    number: u64,
    /// The server is full; this one is only told so.
    surplus: bool,
}

impl Permit {
    /// `None` when there are so many too many that they aren't even told.
    pub(super) fn take(server: &Arc<RunningServer>, number: u64) -> Option<Self> {
        let limit = server.limits.connections;
        let before = server.present.fetch_add(1, Ordering::Relaxed);
        let permit = Self { server: Arc::clone(server), number, surplus: before >= limit };
        (before < limit.saturating_add(REFUSED_AT_ONCE)).then_some(permit)
    }

    pub(super) fn serve(self, stream: Stream, mut peer: Peer) {
        let Self { ref server, number, surplus } = self;
        let incoming = match server.acceptor.accept(stream, &mut peer) {
            Ok(incoming) => incoming,
            Err(why) => return server.log.unopened(number, peer, &why),
        };
        let begun = match &server.forward {
            Some(forward) => server.forward(forward, number, incoming, surplus).map(|session| Some(session.into())),
            None => server.handshake(number, incoming, surplus),
        };
        match begun {
            Ok(Some(session)) => server.serve(number, peer, session),
            Ok(None) => {}
            Err(why) => {
                server.record_unreadable(number, peer, &why);
                server.log.unopened(number, peer, &why);
            }
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let number = self.number;
            self.server.log.notice(format_args!("[{number}] internal error; other connections are not affected"));
        }
        self.server.present.fetch_sub(1, Ordering::Relaxed);
    }
}
