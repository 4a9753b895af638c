//! The command line: flags and subcommands to the configurations of what is below. Nothing is opened or connected here,
//! and nothing below knows clap.

mod admission;
mod choice;
mod client;
mod client_tls;
mod compression;
mod connect;
mod connection;
mod deadlines;
mod dial;
mod ending;
mod inspect;
mod mode;
mod request;
mod retries;
mod sending;
mod serve;
mod server_tls;
mod usage_error;
mod verbosity;
mod writing;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;

use crate::commands;
use crate::exit::Exit;

/// A subcommand, and what it is asked to do.
#[derive(Debug)]
pub(crate) enum Command {
    Connect(Box<commands::connect::Config>),
    Inspect(Box<commands::inspect::Config>),
    Serve(Box<commands::serve::Config>),
    Completions { script: Vec<u8> },
}

/// Reads the arguments of this process. Help, the version and what is wrong with the arguments is printed here.
///
/// # Errors
/// The exit code, where there is nothing to run.
pub(crate) fn parse() -> Result<Command, ExitCode> {
    CommandLine::try_parse().map(|line| line.subcommand.config()).map_err(|error| {
        let arguments: Vec<_> = std::env::args_os().skip(1).map(|argument| argument.to_string_lossy().into()).collect();
        let error = usage_error::without_secrets(error, &arguments);
        // Help and version are asked for, and go to stdout; a closed pipe is no failure.
        let _ = error.print();
        if error.use_stderr() { Exit::Usage } else { Exit::Done }.into()
    })
}

/// The command-line tool for debugging WebSockets.
#[derive(Debug, Parser)]
#[command(name = "wscli", version, max_term_width = 100, after_help = EXIT_CODES)]
struct CommandLine {
    #[command(subcommand)]
    subcommand: Subcommands,
}

const EXIT_CODES: &str = "\
Exit codes:
  0    done: the closing handshake finished with 1000, 1001 or no code
  1    an expectation failed: something expected did not arrive, or something rejected did
  2    usage, input that can't be sent, or output that can't be written
  3    could not connect: resolving, connecting or the proxy failed or timed out
  4    TLS failed or timed out
  5    opening handshake refused, invalid or timed out
  6    the peer violated the protocol
  7    closed abnormally (1006) or with another status code
  101  internal error; details on stderr
  129, 130, 143  ended by SIGHUP, SIGINT, SIGTERM";

#[derive(Debug, Subcommand)]
enum Subcommands {
    /// Connect to a server: a prompt on a terminal, one message per line in a pipe
    #[command(after_help = EXIT_CODES)]
    Connect(Box<connect::ConnectArgs>),
    /// Connect and report on network, TLS, handshake, features
    #[command(after_help = EXIT_CODES)]
    Inspect(Box<inspect::InspectArgs>),
    /// Run a test server: echo, chat room, feed, mock, a process per client, and a page to try it from
    #[command(after_help = EXIT_CODES, after_long_help = mode::manual())]
    Serve(Box<serve::ServeArgs>),
    /// Print the completion script for a shell
    Completions {
        /// Which shell
        shell: Shell,
    },
}

impl Subcommands {
    fn config(self) -> Command {
        match self {
            Self::Connect(args) => Command::Connect(Box::new(args.config())),
            Self::Inspect(args) => Command::Inspect(Box::new(args.config())),
            Self::Serve(args) => Command::Serve(Box::new(args.config())),
            Self::Completions { shell } => Command::Completions { script: completions(shell) },
        }
    }
}

/// The shell's completion script.
fn completions(shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut CommandLine::command(), "wscli", &mut script);
    script
}

/// The heading of a client's TLS and of a server's.
const TLS: &str = "TLS";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        CommandLine::command().debug_assert();
    }
}
