//! Sockets, TLS, timers and threads: moves bytes between a socket and the state machines of `ws`.
//! Knows no subcommand and prints nothing.

mod accept;
mod connect_event;
mod descriptors;
mod dial;
mod engine;
mod http_response;
mod keepalive;
mod listen;
mod poll;
mod protocol_guess;
mod proxy;
mod race;
mod resolve;
mod sender;
mod signals;
mod stop;
pub(crate) mod target;
mod tls;
mod transport;
mod until;
mod yield_backoff;

pub(crate) use accept::{Accepted, HandshakeError, PendingHandshake};
pub(crate) use connect_event::ConnectEvent;
pub(crate) use descriptors::raise_descriptor_limit;
pub(crate) use dial::{Dialed, Dialer};
pub(crate) use engine::{Connection, End, Engine, Handler, Summary, Timing};
pub(crate) use listen::{Listener, Peer, Stream};
pub(crate) use poll::{wait_either, wait_writable};
pub(crate) use proxy::Proxy;
pub(crate) use resolve::{Family, KnownAddress, Resolver};
pub(crate) use sender::Sender;
pub(crate) use signals::{Signal, Signals};
pub(crate) use stop::{Stop, Stopper};
pub(crate) use tls::{
    CertificateFacts, Identity, ServerTls, TlsFacts, TlsSettings, TlsVersion, is_server_name, moment,
};

use std::io;
use std::os::fd::BorrowedFd;
use std::time::Duration;

use rand::Rng;
use until::Until;

use crate::error::{Error, Phase};
use crate::ws::negotiation::{DeflateOptions, DeflateParams};
use crate::ws::{Deflater, Incoming, MaskingKeys, Outgoing, Role};

/// What every connection of this process is set up with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    /// What permessage-deflate is offered or accepted with; `None` leaves it out.
    pub(crate) deflate: Option<DeflateOptions>,
    /// 1 (fastest) to 9 (smallest).
    pub(crate) compression_level: u32,
    /// In bytes, after inflating; `None` is no limit.
    pub(crate) max_message_size: Option<u64>,
    /// Whether frames are told one by one.
    pub(crate) observe_frames: bool,
    /// Whether data frames that are sent are told with their content.
    pub(crate) observe_content: bool,
    pub(crate) timing: Timing,
}

impl Settings {
    /// The two halves of a connection on which `agreed` was negotiated.
    fn halves(&self, role: Role, agreed: Option<DeflateParams>) -> (Incoming, Outgoing) {
        let deflater = agreed.map(|agreed| {
            Deflater::new(self.compression_level, agreed.our_window_bits(role), agreed.we_take_context_over(role))
        });
        let keys: Option<MaskingKeys> = match role {
            Role::Client => Some(masking_keys()),
            Role::Server => None,
        };
        let mut incoming = Incoming::new(role, agreed, self.max_message_size);
        let mut outgoing = Outgoing::new(keys, deflater);
        incoming.observe(self.observe_frames);
        outgoing.observe(self.observe_frames);
        outgoing.observe_content(self.observe_content);
        (incoming, outgoing)
    }
}

/// Keys that nobody can predict (RFC 6455 §5.3), drawn from the generator many at a time.
fn masking_keys() -> MaskingKeys {
    let mut drawn = [[0; 4]; 256];
    let mut used = drawn.len();
    Box::new(move || {
        if used >= drawn.len() {
            rand::rng().fill_bytes(drawn.as_flattened_mut());
            used = 0;
        }
        used += 1;
        drawn[used - 1]
    })
}

/// Lets time pass, unless `stop` becomes readable.
///
/// # Errors
/// [`Error::Interrupted`].
pub(crate) fn pause(time: Duration, stop: Option<BorrowedFd<'_>>) -> Result<(), Error> {
    let until = Until::after(time, stop);
    while !until.has_passed() {
        match until.wait(&[]) {
            Err(error) if error.kind() != io::ErrorKind::TimedOut => {
                return Err(until.failure(Phase::Connect, "", error));
            }
            _ => {}
        }
    }
    Ok(())
}
