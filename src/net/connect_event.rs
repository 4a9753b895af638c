//! What is learned on the way to a connection, step by step: for `-v`, `inspect` and `/info`.

use std::net::SocketAddr;
use std::time::Duration;

use super::tls::TlsFacts;
use crate::error::Phase;
use crate::ws::handshake::Negotiated;

/// One step, as soon as it is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ConnectEvent {
    Resolved {
        host: String,
        addresses: Vec<SocketAddr>,
    },
    /// An address that was tried in vain.
    NotConnected {
        address: SocketAddr,
        why: String,
    },
    /// The address, or the path of the Unix domain socket.
    Connected {
        place: String,
    },
    /// The proxy agreed. The heads are what was asked and answered, where the proxy speaks HTTP.
    Tunnelled {
        proxy: String,
        heads: Option<(Vec<u8>, Vec<u8>)>,
    },
    Secured {
        peer: String,
        facts: Box<TlsFacts>,
    },
    /// The head of the request, as on the wire.
    Requested(Vec<u8>),
    /// The head of the response, as on the wire.
    Answered {
        response: Vec<u8>,
        request: Vec<u8>,
    },
    Opened(Negotiated),
    Took {
        phase: Phase,
        time: Duration,
    },
}

/// Who is told of every step.
pub(crate) type Observer<'a> = &'a mut dyn FnMut(ConnectEvent);
