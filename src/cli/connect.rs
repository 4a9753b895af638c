//! The flags of `wscli connect`.

use clap::Args;

use super::client::ClientArgs;
use super::connection::ConnectionArgs;
use super::goals::GoalArgs;
use super::messages::{SendingArgs, WritingArgs};

/// Without a URL an echo server inside this process is connected to.
#[derive(Debug, Args)]
pub(crate) struct Connect {
    #[command(flatten)]
    pub(crate) client: ClientArgs,

    /// Send back every message that arrives, instead of reading stdin
    #[arg(long)]
    pub(crate) echo: bool,

    #[command(flatten)]
    pub(crate) sending: SendingArgs,

    #[command(flatten)]
    pub(crate) writing: WritingArgs,

    #[command(flatten)]
    pub(crate) goals: GoalArgs,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}
