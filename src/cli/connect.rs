//! The flags of `wscli connect`.

use clap::Args;

use super::client::ClientArgs;
use super::connection::ConnectionArgs;
use super::ending::EndingArgs;
use super::refused_flags;
use super::sending::SendingArgs;
use super::writing::WritingArgs;
use crate::commands::connect::{Config, Exchange};

/// Without a URL an echo server inside this process is connected to.
#[derive(Debug, Args)]
pub(super) struct ConnectArgs {
    #[command(flatten)]
    client: ClientArgs,

    /// Echo every received message instead of reading stdin
    #[arg(long)]
    echo: bool,

    /// Print the grammar of the rules of --on and --on-file, and exit
    #[arg(long)]
    pub(super) help_rules: bool,

    #[command(flatten)]
    sending: SendingArgs,

    #[command(flatten)]
    writing: WritingArgs,

    #[command(flatten)]
    ending: EndingArgs,

    #[command(flatten)]
    connection: ConnectionArgs,
}

impl ConnectArgs {
    pub(super) fn config(self) -> Config {
        let settings = self.connection.config();
        let (destination, client) = self.client.config(settings);
        let (goals, ending) = self.ending.config();
        let exchange = Exchange {
            echo: self.echo,
            show_frames: self.connection.frames,
            sending: self.sending.config(),
            writing: self.writing.config(),
            goals,
            ending,
        };
        let refusals = refused_flags::of(&exchange);
        Config { destination, client, exchange, refusals }
    }
}
