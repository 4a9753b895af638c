//! The flags of `wscli inspect`.

use clap::Args;

use super::client::ClientArgs;
use super::connection::ConnectionArgs;
use crate::commands::inspect::Config;
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

    #[command(flatten)]
    connection: ConnectionArgs,
}

impl InspectArgs {
    pub(super) fn config(self) -> Config {
        let frames = self.connection.frames;
        let (destination, client) = self.client.config(self.connection.config(Observe::Nothing));
        Config { destination, client, json: self.json, echo_probe: self.echo_probe, frames }
    }
}
