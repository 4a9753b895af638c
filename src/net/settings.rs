//! What every connection of this process is set up with.

use std::time::Duration;

use crate::ws::Observe;
use crate::ws::negotiation::DeflateOptions;

/// What every connection is set up with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ConnectionSettings {
    /// What permessage-deflate is offered or accepted with; `None` leaves it out.
    pub(crate) deflate: Option<DeflateOptions>,
    /// 1 (fastest) to 9 (smallest).
    pub(crate) compression_level: u32,
    /// In bytes, after inflating; `None` is no limit.
    pub(crate) max_message_size: Option<u64>,
    /// The connection goes on after faults of the peer that leave the framing intact.
    pub(crate) tolerant: bool,
    /// Which frames and what sent content are told.
    pub(crate) observe: Observe,
    pub(crate) timing: Timing,
}

/// The deadlines of a connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timing {
    /// Between a Ping and the next; `None` sends none.
    pub(crate) ping_interval: Option<Duration>,
    /// For the Pong.
    pub(crate) ping_timeout: Duration,
    /// For the other side of the opening handshake.
    pub(crate) handshake_timeout: Duration,
    /// For the other side of the closing handshake.
    pub(crate) close_timeout: Duration,
    /// Without a message or a Ping of the peer's; `None` waits for ever.
    pub(crate) idle_timeout: Option<Duration>,
}
