//! The flags of `wscli inspect`.

use std::time::Duration;

use clap::Args;

use super::client::ClientArgs;
use super::connection::ConnectionArgs;
use super::deadlines::DEADLINES;
use crate::commands::inspect::Config;
use crate::values::duration;
use crate::ws::Observe;

#[derive(Debug, Args)]
pub(super) struct InspectArgs {
    #[command(flatten)]
    pub(super) client: ClientArgs,

    /// Print the report as one JSON object (schema: docs/inspect.schema.json)
    #[arg(long)]
    json: bool,

    /// Also send a compressed message in two fragments with a Ping between them, and report whether a server that echoes
    /// returns it intact
    #[arg(long)]
    echo_probe: bool,

    /// Stop after this long and report what is known by then, with 100 ms more for the peer to answer our Close; 0 for no
    /// limit [default: 0]
    #[arg(short = 'm', long, value_name = "DURATION", value_parser = duration, help_heading = DEADLINES)]
    pub(super) max_time: Option<Duration>,

    #[command(flatten)]
    connection: ConnectionArgs,
}

impl InspectArgs {
    pub(super) fn config(self) -> Config {
        let frames = self.connection.frames;
        let Self { client, connection, json, echo_probe, max_time } = self;
        let (destination, client) = client.config(connection.config(Observe::Nothing));
        Config { destination, client, json, echo_probe, max_time, frames }
    }
}
