//! Subcommands and flags. Parsing only: nothing is opened or connected here.

mod client;
mod connect;
mod connection;
mod dial;
mod goals;
mod inspect;
mod messages;
mod mode;
mod request;
mod serve;
mod tls;
mod verbosity;

use clap::{Parser, Subcommand};
use clap_complete::Shell;

pub(crate) use client::ClientArgs;
pub(crate) use connect::Connect;
pub(crate) use connection::ConnectionArgs;
pub(crate) use dial::RouteArgs;
pub(crate) use inspect::Inspect;
pub(crate) use mode::{ModeArgs, ModeSpec};
pub(crate) use request::RequestArgs;
pub(crate) use serve::Serve;
pub(crate) use tls::TlsArgs;

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
  1    the answer is no: something expected did not come, or something rejected did
  2    usage, or input that can't be sent
  3    not reached: resolving, connecting or the proxy failed or timed out
  4    TLS failed or timed out
  5    the opening handshake failed: refused, invalid, timed out
  6    the peer violated the protocol
  7    closed abnormally (1006), or with another status code
  101  a bug in wscli, told on stderr
  129, 130, 143  ended by SIGHUP, SIGINT, SIGTERM";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Connect to a server: a prompt on a terminal, lines as messages in a pipe
    #[command(after_help = EXIT_CODES)]
    Connect(Box<Connect>),
    /// Reach a server and tell everything about the way there and what it supports
    #[command(after_help = EXIT_CODES)]
    Inspect(Box<Inspect>),
    /// Listen: an echo, a chat room, a ticker, a mock, a process for each client, and a page to try it from
    #[command(after_help = EXIT_CODES, after_long_help = mode::manual())]
    Serve(Box<Serve>),
    /// Print the completions for a shell
    Completions {
        /// Which shell
        shell: Shell,
    },
}

/// Headings that several kinds of flags stand under.
const DEADLINES: &str = "Deadlines";
const TLS: &str = "TLS";

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }
}
