//! Subcommands and flags. Parsing only: nothing is opened or connected here.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args, Parser, Subcommand, ValueHint};
use clap_complete::Shell;

use crate::error::Error;
use crate::net::{Settings, Timing, Trust};
use crate::values::{Limit, duration, limit};
use crate::ws::negotiation::Wishes;

/// The command-line tool for debugging WebSockets.
#[derive(Debug, Parser)]
#[command(name = "wscli", version, max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0    done: the closing handshake finished with 1000, 1001 or no code
  2    usage, or input that can't be sent
  3    not reached: resolve, connect, timeout, socket error
  4    TLS
  5    opening handshake refused or invalid
  6    the peer violated the protocol
  7    closed abnormally (1006), or with another status code
  130  interrupted";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Connect to a server: a prompt on a terminal, lines as messages in a pipe
    #[command(after_help = EXIT_CODES)]
    Connect(Connect),
    /// Listen, and echo every message to its sender
    #[command(after_help = EXIT_CODES)]
    Serve(Serve),
    /// Print the completions for a shell
    Completions {
        /// Which shell
        shell: Shell,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Connect {
    /// ws://HOST[:PORT][/PATH] or wss://…; without it, an echo server inside this process
    #[arg(value_hint = ValueHint::Url)]
    pub(crate) url: Option<String>,

    /// Send back every message that arrives, instead of reading stdin
    #[arg(long)]
    pub(crate) echo: bool,

    /// How long the peer must be quiet after stdin's end before the connection is closed
    #[arg(long, value_name = "DURATION", default_value = "1s", value_parser = duration)]
    pub(crate) linger: Duration,

    #[command(flatten)]
    pub(crate) trust: TrustArgs,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,

    /// Deadline for resolving and connecting, and again for the TLS handshake
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = duration, help_heading = DEADLINES)]
    pub(crate) connect_timeout: Duration,
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Where to listen: PORT, :PORT or HOST:PORT; port 0 takes a free one
    #[arg(default_value = "127.0.0.1:8080")]
    pub(crate) address: String,

    /// Send every message back to its sender (the default)
    #[arg(long)]
    pub(crate) echo: bool,

    /// Serve wss with a self-signed certificate for localhost, made at the start
    #[arg(long, help_heading = "TLS")]
    pub(crate) tls: bool,

    /// Serve wss with this certificate chain (PEM)
    #[arg(long, value_name = "FILE", requires = "key", value_hint = ValueHint::FilePath, help_heading = "TLS")]
    pub(crate) cert: Option<PathBuf>,

    /// The certificate's private key (PEM)
    #[arg(long, value_name = "FILE", requires = "cert", value_hint = ValueHint::FilePath, help_heading = "TLS")]
    pub(crate) key: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}

#[derive(Debug, Args)]
pub(crate) struct TrustArgs {
    /// Trust these certificates too (PEM), besides Mozilla's roots
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "TLS")]
    cacert: Option<PathBuf>,

    /// Trust any certificate
    #[arg(short = 'k', long, help_heading = "TLS")]
    insecure: bool,
}

const DEADLINES: &str = "Deadlines";

/// The flags that both ends of a connection have.
#[derive(Debug, Args)]
pub(crate) struct ConnectionArgs {
    /// Show every frame on stderr, one line each: > sent, < received
    #[arg(long)]
    pub(crate) frames: bool,

    /// The largest message to receive, after inflating: a size in bytes (K, M, G), or none
    #[arg(long, value_name = "SIZE", default_value = "64MiB", value_parser = limit)]
    max_message_size: Limit,

    /// Neither offer nor accept permessage-deflate
    #[arg(long, help_heading = COMPRESSION)]
    no_compress: bool,

    /// 1 is the fastest, 9 the smallest
    #[arg(long, value_name = "LEVEL", default_value_t = 6, help_heading = COMPRESSION,
          value_parser = clap::value_parser!(u32).range(1..=9))]
    compress_level: u32,

    /// Compress each message by itself, in both directions
    #[arg(long, action = ArgAction::SetTrue, help_heading = COMPRESSION)]
    no_context_takeover: bool,

    /// The largest LZ77 window in both directions, as its base-2 logarithm: 9 to 15
    #[arg(long, value_name = "BITS", default_value_t = 15, help_heading = COMPRESSION,
          value_parser = clap::value_parser!(u8).range(9..=15))]
    window_bits: u8,

    /// How often to send a Ping; 0 is never
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = duration, help_heading = DEADLINES)]
    ping_interval: Duration,

    /// How long to wait for the Pong before the connection is failed
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = duration, help_heading = DEADLINES)]
    ping_timeout: Duration,

    /// Deadline for the peer's side of the opening handshake
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = duration, help_heading = DEADLINES)]
    handshake_timeout: Duration,

    /// Deadline for the peer's side of the closing handshake
    #[arg(long, value_name = "DURATION", default_value = "2s", value_parser = duration, help_heading = DEADLINES)]
    close_timeout: Duration,
}

const COMPRESSION: &str = "Compression (permessage-deflate, RFC 7692)";

impl ConnectionArgs {
    pub(crate) fn settings(&self) -> Settings {
        let wishes = Wishes { context_takeover: !self.no_context_takeover, window_bits: self.window_bits };
        Settings {
            deflate: (!self.no_compress).then_some(wishes),
            compression_level: self.compress_level,
            max_message_size: self.max_message_size.0,
            observe_frames: self.frames,
            timing: Timing {
                ping_interval: (!self.ping_interval.is_zero()).then_some(self.ping_interval),
                ping_timeout: self.ping_timeout,
                handshake_timeout: self.handshake_timeout,
                close_timeout: self.close_timeout,
            },
        }
    }
}

impl Connect {
    pub(crate) fn trust(&self) -> Trust {
        Trust { cacert: self.trust.cacert.clone(), insecure: self.trust.insecure }
    }
}

impl Serve {
    /// The address with what was left out filled in.
    ///
    /// # Errors
    /// When it isn't PORT, :PORT or HOST:PORT.
    pub(crate) fn address(&self) -> Result<String, Error> {
        let text = self.address.as_str();
        let (host, port) = text.rsplit_once(':').unwrap_or(("", text));
        if port.parse::<u16>().is_err() {
            let hint = Some("an address is PORT, :PORT or HOST:PORT, such as :8080 or [::1]:0".to_owned());
            return Err(Error::Usage { what: format!("{text:?} is no address to listen on"), hint });
        }
        Ok(format!("{}:{port}", if host.is_empty() { "127.0.0.1" } else { host }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Result<String, Error> {
        match Cli::try_parse_from(["wscli", "serve", text]).unwrap().command {
            Command::Serve(serve) => serve.address(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn addresses_are_completed() {
        for (text, whole) in [
            ("0", "127.0.0.1:0"),
            (":8080", "127.0.0.1:8080"),
            ("localhost:9", "localhost:9"),
            ("[::1]:80", "[::1]:80"),
        ] {
            assert_eq!(address(text).unwrap(), whole);
        }
        for text in ["", "localhost", "1.2.3.4:", ":99999", "a:b"] {
            assert!(address(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_definition_is_sound() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }
}
