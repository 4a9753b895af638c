//! The flags of `wscli connect`.

use clap::Args;

use super::client::ClientArgs;
use super::connection::ConnectionArgs;
use super::ending::EndingArgs;
use super::prompt::PromptArgs;
use super::recording::RecordingArgs;
use super::refused_flags;
use super::sending::SendingArgs;
use super::writing::WritingArgs;
use crate::commands::connect::{Config, Exchange, FrontEnd};

/// Without a URL an echo server inside this process is connected to.
#[derive(Debug, Args)]
pub(super) struct ConnectArgs {
    #[command(flatten)]
    pub(super) client: ClientArgs,

    /// Echo every received message instead of reading stdin
    #[arg(long)]
    echo: bool,

    /// Print the grammar of --on and --on-file rules, and exit
    #[arg(long)]
    pub(super) help_rules: bool,

    #[command(flatten)]
    sending: SendingArgs,

    #[command(flatten)]
    pub(super) writing: WritingArgs,

    #[command(flatten)]
    recording: RecordingArgs,

    #[command(flatten)]
    pub(super) ending: EndingArgs,

    #[command(flatten)]
    pub(super) prompt: PromptArgs,

    #[command(flatten)]
    connection: ConnectionArgs,
}

impl ConnectArgs {
    /// Whether a server is named.
    pub(super) fn has_destination(&self) -> bool {
        self.client.has_destination()
    }

    pub(super) fn config(self) -> Config {
        self.config_for(None)
    }

    /// For this front end, or for the one that is meant.
    pub(super) fn config_for(self, front_end: Option<FrontEnd>) -> Config {
        let of_a_prompt = self.prompt.given.clone();
        let (goals, ending) = self.ending.config(self.client.retry_delay());
        let exchange = Exchange {
            echo: self.echo,
            show_frames: self.connection.frames,
            sending: self.sending.config(),
            writing: self.writing.config(self.connection.max_message_size.0),
            recording: self.recording.config(),
            goals,
            ending,
            prompt: self.prompt.config(),
        };
        let front_end = front_end.unwrap_or_else(|| FrontEnd::of(&exchange));
        let settings = self.connection.config(front_end.observes(&exchange));
        let (destination, mut client) = self.client.config(settings);
        let refusal = refused_flags::of(front_end, &exchange, destination.is_some())
            .or_else(|| refused_flags::without_a_prompt(front_end, of_a_prompt.as_deref()));
        client.settings.tolerant = client.unchecked;
        Config { destination, client, front_end, exchange, refusal }
    }
}
