//! `--from-curl`: flags of the command that ours are named after, as words of our command line. Those that were given count
//! more.

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};

use super::defaults::{adds_up, contradict};
use crate::client::from_curl::FromCurl;

/// Words for both ends of a command line, and what has no place there.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct PastedWords {
    /// Behind the flags that were given: of flags that may be repeated, and that were not given.
    pub(super) words: Vec<String>,
    /// Flags that the subcommand doesn't have, as they were written.
    pub(super) ignored: Vec<String>,
}

impl PastedWords {
    /// Of a curl command; of what can't be read there is nothing, which is told where the rest of it is read.
    pub(super) fn of(command: &str, given: &ArgMatches, subcommand: &Command) -> Self {
        let shared = FromCurl::parse(command).map(|curl| curl.shared).unwrap_or_default();
        let mut pasted = Self::default();
        for (at, flag) in shared.iter().enumerate() {
            let Some(arg) = subcommand.get_arguments().find(|arg| arg.get_long() == Some(flag.ours)) else {
                pasted.ignored.push(flag.written.clone());
                continue;
            };
            // As for curl itself the last one counts.
            let is_last = adds_up(arg) || !shared[at + 1..].iter().any(|later| later.ours == flag.ours);
            if is_last && leaves_room(arg, given, subcommand) {
                let value = flag.value.iter().map(|value| format!("={value}")).collect::<String>();
                pasted.words.push(format!("--{}{value}", flag.ours));
            }
        }
        pasted
    }
}

/// Whether neither the flag nor one that contradicts it was given.
fn leaves_room(arg: &Arg, given: &ArgMatches, subcommand: &Command) -> bool {
    let is_given = |id: &str| given.value_source(id) == Some(ValueSource::CommandLine);
    let others = subcommand.get_arguments().map(Arg::get_id).filter(|id| is_given(id.as_str()));
    let is_free = |other: &clap::Id| match other == arg.get_id() {
        true => adds_up(arg),
        false => !contradict(subcommand, arg, other),
    };
    others.into_iter().all(is_free)
}
