//! The command line: flags and subcommands to the configurations of what is below. Nothing is opened or connected here,
//! and nothing below knows clap.

mod admission;
mod arguments;
mod choice;
mod client;
mod client_tls;
mod completion_script;
mod compression;
mod connect;
mod connection;
mod data;
mod deadlines;
mod dial;
mod ending;
mod foreign_flags;
mod help;
mod inspect;
mod mode;
mod optional_number;
mod refused_flags;
mod request;
mod retries;
mod sending;
mod serve;
mod server_tls;
mod usage_error;
mod verbosity;
mod writing;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Error, Parser, Subcommand};
use clap_complete::Shell;

use crate::commands;
use crate::exit::Exit;
use crate::script;

/// A subcommand, and what it is asked to do.
#[derive(Debug)]
pub(crate) enum Command {
    Connect(Box<commands::connect::Config>),
    Inspect(Box<commands::inspect::Config>),
    Serve(Box<commands::serve::Config>),
    Print(Vec<u8>),
}

/// Reads the arguments of this process. Help, the version and what is wrong with the arguments is printed here.
///
/// # Errors
/// The exit code, where there is nothing to run.
pub(crate) fn parse() -> Result<Command, ExitCode> {
    let mut definition = CommandLine::command();
    let words =
        arguments::with_subcommand(std::env::args_os().collect(), &mut definition).map_err(|error| told(&error))?;
    let subcommand = match read(&words) {
        Ok(subcommand) => subcommand,
        Err(error) => {
            let words: Vec<_> = words.iter().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
            return Err(unread(error, &words, &mut definition));
        }
    };
    match subcommand {
        Subcommands::Help(args) => Err(match help::print(&args, &mut definition) {
            Ok(()) => Exit::Done.into(),
            Err(error) => told(&error),
        }),
        Subcommands::Connect(args) if args.help_rules => Ok(rules()),
        Subcommands::Serve(args) if args.help_rules => Ok(rules()),
        Subcommands::Connect(args) => Ok(Command::Connect(Box::new(args.config()))),
        Subcommands::Inspect(args) => Ok(Command::Inspect(Box::new(args.config()))),
        Subcommands::Serve(args) => Ok(Command::Serve(Box::new(args.config()))),
        Subcommands::Completions { shell } => Ok(Command::Print(completion_script::generate(shell, definition))),
    }
}

/// The grammar of rules.
fn rules() -> Command {
    Command::Print(script::MANUAL.as_bytes().to_vec())
}

/// What clap has to say about words that it found no subcommand to run in.
fn unread(error: Error, words: &[String], definition: &mut clap::Command) -> ExitCode {
    if error.kind() == ErrorKind::DisplayHelp {
        // Help is asked for, and goes to stdout; a closed pipe is no failure.
        let _ = help::page(words.iter().map(String::as_str), definition).print_help();
        return Exit::Done.into();
    }
    let error = usage_error::with_our_flags(error, words, definition);
    told(&usage_error::without_secrets(error, words))
}

fn told(error: &Error) -> ExitCode {
    let _ = error.print();
    if error.use_stderr() { Exit::Usage } else { Exit::Done }.into()
}

/// The subcommand, with a number behind a blank where a flag may have one.
fn read(words: &[OsString]) -> Result<Subcommands, Error> {
    let read = |words: &[OsString]| CommandLine::try_parse_from(words).map(|line| line.subcommand);
    match optional_number::joined(words) {
        // A number may be a port, which is a server's address: it is one where nothing else says where to connect to.
        Some(joined) => match read(&joined)? {
            Subcommands::Connect(args) if !args.has_destination() => read(words),
            subcommand => Ok(subcommand),
        },
        None => read(words),
    }
}

/// The command-line tool for debugging WebSockets.
#[derive(Debug, Parser)]
#[command(name = "wscli", version, max_term_width = 100, disable_help_subcommand = true, after_help = help::EXIT_CODES,
          override_usage = "wscli <COMMAND>\n       wscli URL    connects, as wscli connect URL does")]
struct CommandLine {
    #[command(subcommand)]
    subcommand: Subcommands,
}

#[derive(Debug, Subcommand)]
enum Subcommands {
    /// Connect to a server: a prompt on a terminal, one message per line in a pipe
    #[command(after_help = help::manual(help::CONNECT_EXAMPLES))]
    Connect(Box<connect::ConnectArgs>),
    /// Connect and report on network, TLS, handshake, features
    #[command(after_help = help::manual(help::INSPECT_EXAMPLES))]
    Inspect(Box<inspect::InspectArgs>),
    /// Run a test server: echo, chat room, feed, mock, a process per client, and a page to try it from
    #[command(after_help = mode::manual() + &help::server_manual())]
    Serve(Box<serve::ServeArgs>),
    /// Print the completion script for a shell
    Completions {
        /// Which shell
        shell: Shell,
    },
    /// Print help: of wscli, a subcommand, or one heading of its flags
    Help(help::HelpArgs),
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

    #[test]
    fn advice_names_flags_that_there_are() {
        let command = CommandLine::command();
        let arguments = command.get_subcommands().flat_map(clap::Command::get_arguments);
        let long: Vec<_> = arguments.filter_map(clap::Arg::get_long).collect();
        let advice = include_str!("../advice.rs");
        let is_of_a_name = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let named = advice.split("--").skip(1).map(|rest| rest.split(|c| !is_of_a_name(c)).next().unwrap_or_default());
        let named: Vec<_> = named.filter(|name| !name.is_empty()).collect();
        assert!(named.len() > 30, "the search finds {named:?}");
        let unknown: Vec<_> = named.iter().filter(|name| !long.contains(*name)).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }
}
