//! A client's place in a server that has only so many.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::Shared;
use crate::net::{Peer, Stream};

/// Clients over the limit that are told so at the same time; more are disconnected.
const REFUSED_AT_ONCE: usize = 64;

/// A client's place, given back when this is dropped.
pub(super) struct Permit {
    shared: Arc<Shared>,
    number: u64,
    /// The server is full; this one is only told so.
    surplus: bool,
}

impl Permit {
    /// `None` when there are so many too many that they aren't even told.
    pub(super) fn take(shared: &Arc<Shared>, number: u64) -> Option<Self> {
        let limit = shared.limits.connections;
        let before = shared.present.fetch_add(1, Ordering::Relaxed);
        let permit = Self { shared: Arc::clone(shared), number, surplus: before >= limit };
        (before < limit.saturating_add(REFUSED_AT_ONCE)).then_some(permit)
    }

    pub(super) fn serve(self, stream: Stream, mut peer: Peer) {
        let Self { ref shared, number, surplus } = self;
        let incoming = match shared.acceptor.accept(stream, &mut peer) {
            Ok(incoming) => incoming,
            Err(why) => return shared.log.unopened(number, peer, &why),
        };
        match shared.handshake(number, incoming, surplus) {
            Ok(Some(session)) => shared.serve(number, peer, session),
            Ok(None) => {}
            Err(why) => shared.log.unopened(number, peer, &why),
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let number = self.number;
            self.shared.log.notice(format_args!("[{number}] internal error; other connections are not affected"));
        }
        self.shared.present.fetch_sub(1, Ordering::Relaxed);
    }
}
