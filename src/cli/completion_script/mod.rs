//! The completion scripts: clap's, with what wscli knows about its own values.

mod bash;
mod fish;
mod zsh;

use clap::builder::PossibleValuesParser;
use clap::{Arg, Command, ValueHint};
use clap_complete::Shell;

use super::{help, man};
use crate::server::modes::MODES;

/// The flags whose value may be @FILE, by what the code calls them.
const FILE_BEHIND_AT: [&str; 7] = ["data", "headers", "user", "proxy_user", "bearer", "required_bearer", "auth"];

/// What wscli knows, and clap doesn't.
struct CompletionFacts<'a> {
    /// The subcommands that take a URL.
    with_urls: Vec<&'a str>,
    /// The flags whose value may be @FILE, as they are typed.
    files_behind_at: Vec<String>,
    /// The subcommands, and what help can be asked about in each.
    topics: Vec<(&'a str, Vec<String>)>,
    /// What there are manual pages about.
    pages: Vec<String>,
}

impl<'a> CompletionFacts<'a> {
    fn of(command: &'a Command, pages: Vec<String>) -> Self {
        let subcommands = || command.get_subcommands();
        let mut files_behind_at: Vec<_> = subcommands()
            .flat_map(Command::get_arguments)
            .filter(|arg| is_file_behind_at(arg))
            .flat_map(names)
            .collect();
        files_behind_at.sort_unstable();
        files_behind_at.dedup();
        Self {
            with_urls: subcommands().filter(|known| takes_a_url(known)).map(Command::get_name).collect(),
            files_behind_at,
            topics: subcommands().map(|known| (known.get_name(), help::topics(known))).collect(),
            pages,
        }
    }

    /// The modes of a route, with the colon that an argument follows.
    fn modes(&self) -> Vec<String> {
        MODES.iter().map(|mode| format!("{}{}", mode.name, if mode.argument.is_some() { ":" } else { "" })).collect()
    }
}

/// The shell's completion script.
pub(super) fn generate(shell: Shell, mut command: Command) -> Vec<u8> {
    let pages = man::topics(&command);
    // Before that no subcommand has its --help.
    command.build();
    let hinted = command.mut_subcommands(|subcommand| {
        let hinted = subcommand.mut_args(with_short_help).mut_args(no_files_by_default);
        match hinted.get_name() {
            "man" => hinted.mut_arg("topic", |topic| topic.value_parser(PossibleValuesParser::new(pages.clone()))),
            _ => hinted,
        }
    });
    let known = CompletionFacts::of(&hinted, pages);
    let script = match shell {
        Shell::Bash => bash::mended(written(shell, &hinted), &known),
        Shell::Fish => fish::mended(written(shell, &hinted), &known),
        Shell::Zsh => {
            let marked = hinted.clone().mut_subcommands(|subcommand| subcommand.mut_args(zsh::marked));
            zsh::mended(written(shell, &marked), &marked, &known)
        }
        _ => written(shell, &hinted),
    };
    script.into_bytes()
}

fn written(shell: Shell, command: &Command) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command.clone(), "wscli", &mut script);
    String::from_utf8(script).expect("clap writes text")
}

fn takes_a_url(command: &Command) -> bool {
    command.get_positionals().any(|arg| arg.get_value_hint() == ValueHint::Url)
}

fn is_file_behind_at(arg: &Arg) -> bool {
    FILE_BEHIND_AT.iter().any(|id| arg.get_id() == id)
}

/// A flag as it is typed.
fn names(arg: &Arg) -> impl Iterator<Item = String> {
    let (short, long) = (arg.get_short().map(|letter| format!("-{letter}")), arg.get_long());
    short.into_iter().chain(long.map(|name| format!("--{name}")))
}

/// clap has it point from the short help to the long one where some flag's values are described.
fn with_short_help(arg: Arg) -> Arg {
    if arg.get_id() == "help" { arg.help("Print help") } else { arg }
}

/// A shell offers files for a value about which nothing is said.
fn no_files_by_default(arg: Arg) -> Arg {
    let is_free = arg.get_action().takes_values() && arg.get_value_hint() == ValueHint::Unknown;
    if is_free { arg.value_hint(ValueHint::Other) } else { arg }
}
