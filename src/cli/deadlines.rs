//! The deadlines that both ends of a connection have.

use std::time::Duration;

use clap::Args;

use crate::net::Timing;
use crate::values::{deadline, duration};

/// The heading, which others' deadlines stand under too.
pub(super) const DEADLINES: &str = "Deadlines";

#[derive(Debug, Args)]
pub(super) struct DeadlineArgs {
    /// Interval between automatic pings (see --ping-timeout); 0 for none
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = duration, help_heading = DEADLINES)]
    ping_interval: Duration,

    /// Fail the connection if neither the pong nor data arrives within this time after a ping
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = deadline, help_heading = DEADLINES)]
    ping_timeout: Duration,

    /// Timeout for the peer's part of the opening handshake
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = deadline, help_heading = DEADLINES)]
    handshake_timeout: Duration,

    /// Timeout for the peer's part of the closing handshake; a server that still sends has up to five times as long
    #[arg(long, value_name = "DURATION", default_value = "2s", value_parser = duration, help_heading = DEADLINES)]
    close_timeout: Duration,
}

impl DeadlineArgs {
    pub(super) fn config(&self) -> Timing {
        Timing {
            ping_interval: (!self.ping_interval.is_zero()).then_some(self.ping_interval),
            ping_timeout: self.ping_timeout,
            handshake_timeout: self.handshake_timeout,
            close_timeout: self.close_timeout,
            idle_timeout: None,
        }
    }
}
