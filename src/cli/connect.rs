//! The flags of `wscli connect`.

use std::time::Duration;

use clap::Args;

use super::connection::ConnectionArgs;
use super::reach::ReachArgs;
use crate::values::duration;

/// Without a URL an echo server inside this process is connected to.
#[derive(Debug, Args)]
pub(crate) struct Connect {
    #[command(flatten)]
    pub(crate) reach: ReachArgs,

    /// Send back every message that arrives, instead of reading stdin
    #[arg(long)]
    pub(crate) echo: bool,

    /// How long the peer must be quiet after stdin's end before the connection is closed
    #[arg(long, value_name = "DURATION", default_value = "1s", value_parser = duration)]
    pub(crate) linger: Duration,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}
