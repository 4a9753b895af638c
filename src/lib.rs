//! wscli, the command-line tool for debugging WebSockets.
//!
//! Below each folder and file of `src/`, from the top floor down: a floor may use its own rooms and
//! those of the floors below it, and no subcommand uses another. `tests/layers.rs` compares this map
//! with the tree.
//!
//! ```text
//! main                 the process
//! fuzzing              what the fuzz targets reach, in no build but theirs
//! lib                  runs the subcommand, and how it exits
//! cli                  clap: flags and subcommands to the configurations of what is below
//! commands             one a subcommand: connect, inspect, ping, bench, serve, proxy, show, replay, diff, convert, test, completions, man, print
//! client server        from a configuration to an open connection · a listener at work
//! stdio                stdin as items, events as stdout, lines for the person
//! handlers             what is done with one connection, for several commands
//! trace                what happened, as values, each with the time at which it was made one
//! net                  sockets, TLS, time, threads; one connection on one thread
//! script               conditions, actions and goals
//! view                 pure text from values
//! advice               what to do about an error, and what the flags are called
//! error                one variant a phase
//! exit values peer_text  the exit codes · text to values · text that somebody else has chosen, escaped
//! ws                   RFC 6455 and RFC 7692, without a socket, a thread or a clock
//! http                 heads and bodies of HTTP/1.1, and what in them is secret
//! ```

mod advice;
mod cli;
mod client;
mod commands;
mod error;
mod exit;
#[cfg(fuzzing)]
pub mod fuzzing;
mod handlers;
pub mod http;
mod net;
mod peer_text;
mod script;
mod server;
mod stdio;
mod trace;
mod values;
mod view;
pub mod ws;

use std::process::ExitCode;

use crate::advice::Dialect;
use crate::cli::{Invocation, Task};
use crate::error::Error;
use crate::exit::Exit;
use crate::net::settle_process_end;
use crate::stdio::console::Console;
use crate::stdio::stderr::FlushOnDrop;

/// Runs the program with the arguments of this process.
pub fn run() -> ExitCode {
    let _stderr = FlushOnDrop;
    stdio::panic_hook::tell_in_words();
    stdio::time_zone::note();
    stdio::file::report_full_files();
    let Invocation { task, notes } = match cli::parse() {
        Ok(invocation) => invocation,
        Err(exit) => return exit,
    };
    notes.iter().for_each(|note| Console::stderr().note(note));
    let outcome = match task {
        Task::Bench(config) => commands::bench::run(*config),
        Task::Connect(config, lines) => commands::connect::run(*config, lines),
        Task::Diff(config) => commands::diff::run(*config),
        Task::Inspect(config) => commands::inspect::run(*config),
        Task::Ping(config) => commands::ping::run(*config),
        Task::Proxy(config) => commands::proxy::run(*config),
        Task::ProxyCa(config) => {
            commands::proxy::ca::run(&config).and_then(|text| commands::print::run(text.as_bytes()))
        }
        Task::Replay(config) => commands::replay::run(*config),
        Task::Serve(config) => commands::serve::run(*config),
        Task::Show(config) => commands::show::run(*config),
        Task::Convert(config) => commands::convert::run(*config),
        Task::Test(config) => commands::test::run(*config),
        Task::Completions(config) => commands::completions::run(&config),
        Task::Man(config) => commands::man::run(*config),
        Task::Print(text) => commands::print::run(&text),
        Task::Printed(printed) => commands::print::outcome(printed),
    };
    let exit = outcome.unwrap_or_else(|error| report(&error));
    let exit = if stdio::panic_hook::has_happened() { Exit::Bug } else { exit };
    settle_process_end(exit);
    exit.into()
}

fn report(error: &Error) -> Exit {
    // To tell it may take until the process has to have ended.
    settle_process_end(error.exit());
    let console = Console::stderr();
    console.line(format_args!("wscli: {error}"));
    error.excerpt().into_iter().flatten().for_each(|line| console.line(format_args!("  {line}")));
    if let Some(hint) = error.hint_in(Dialect::CommandLine) {
        console.line(format_args!("       {hint}"));
    }
    if let Some(answer) = error.answer() {
        let with_head = !error.head_is_told();
        view::refusal::each_line(answer, with_head, Dialect::CommandLine, &mut |line| console.line(line));
    }
    error.exit()
}
