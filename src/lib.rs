//! wscli, the command-line tool for debugging WebSockets.
//!
//! ```text
//! main → lib → connect, serve, completions → pipe, prompt, echo, server, view → net → target, error → ws
//! ```
//!
//! Nothing points back up, and subcommands never import each other.

mod backoff;
mod bug;
mod cli;
mod completions;
mod connect;
mod console;
mod crew;
mod echo;
mod ending;
mod error;
mod examination;
mod farewell;
mod format;
mod frame_log;
mod from_curl;
mod http;
mod inbox;
mod input;
mod inspect;
mod interruption;
mod journal;
mod modes;
mod net;
mod observation;
mod output;
mod page;
mod pipe;
mod port_file;
mod prompt;
mod proxy_choice;
mod reach;
mod reconnects;
mod record;
mod report;
mod room;
mod secret;
mod serve;
mod server;
mod stats;
mod status_line;
mod target;
mod values;
mod view;
pub mod ws;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Command};
use crate::console::Console;
use crate::error::{Error, Exit};

/// Runs the program with the arguments of this process.
pub fn run() -> ExitCode {
    bug::tell_in_words();
    view::clock::note_time_zone();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are asked for, and go to stdout; a closed pipe is no failure.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let outcome = match &cli.command {
        Command::Connect(args) => connect::run(args),
        Command::Inspect(args) => inspect::run(args),
        Command::Serve(args) => serve::run(args),
        Command::Completions { shell } => completions::run(*shell),
    };
    let exit = outcome.unwrap_or_else(|error| report(&error));
    if bug::has_happened() { Exit::Bug } else { exit }.into()
}

fn report(error: &Error) -> Exit {
    let console = Console::stderr();
    console.line(format_args!("wscli: {error}"));
    if let Some(hint) = error.hint() {
        console.line(format_args!("       {hint}"));
    }
    if let Some(answer) = error.answer() {
        for line in view::refusal::lines(answer, !error.head_is_told()) {
            console.line(line);
        }
    }
    error.exit()
}
