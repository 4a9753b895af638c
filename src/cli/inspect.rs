//! The flags of `wscli inspect`.

use clap::Args;

use super::client::ClientArgs;
use super::connection::ConnectionArgs;

#[derive(Debug, Args)]
pub(crate) struct Inspect {
    #[command(flatten)]
    pub(crate) client: ClientArgs,

    /// Print the report as JSON, one object, by the schema in docs/inspect.schema.json
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}
