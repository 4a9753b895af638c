//! Flags that do nothing without another are refused where they were given alone, as clap refuses a flag that requires one.
//! clap can't tell these: what they need may come from the configuration file, or be a mode of one path.

use std::ffi::OsStr;

use crate::client::proxy_env::proxy_variables;
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command, Error};

/// What makes another flag act.
enum Need {
    /// A flag that is on, or has a value that isn't 0.
    Flag(&'static str),
    /// A flag with this value.
    Value(&'static str, &'static str),
    /// A mode of the server, everywhere or on a path.
    Mode(&'static str),
    /// A variable of the environment that names a proxy.
    ProxyVariable,
}

use Need::{Flag, Mode, ProxyVariable, Value};

/// What there is for a prompt alone.
const OF_A_PROMPT: [&str; 7] = ["edit_mode", "bind", "bell", "template", "filter", "pick", "watch"];

/// Flags by their names in the code, and what they need, one of which is enough.
const TABLE: &[(&[&str], &[Need])] = &[
    (&["ping_timeout"], &[Flag("ping_interval")]),
    // A proxy is chosen by the URL, which may come later: any of them will do.
    (&["proxy_user", "proxy_digest"], &[Flag("proxy"), ProxyVariable]),
    (&["retry_delay"], &[Flag("retry"), Flag("reconnect")]),
    (&["retry_max_time"], &[Flag("retry")]),
    (&["max_redirs"], &[Flag("location"), Flag("location_trusted"), Flag("location_downgrade")]),
    (&["include_sender"], &[Mode("broadcast")]),
    (&["every", "again"], &[Mode("push")]),
    (&["pty", "exec_framing", "exec_closes"], &[Mode("exec")]),
    // A client's prompt is there by itself, or isn't.
    (&OF_A_PROMPT, &[Mode("prompt")]),
    (&["hold_time"], &[Flag("prompt")]),
    (&["max_outbox", "slow"], &[Mode("broadcast"), Mode("push"), Mode("prompt")]),
    (&["speed", "max_gap"], &[Value("pace", "time")]),
    (&["ignore"], &[Value("matching", "json"), Value("matching", "subset")]),
    (
        &["timestamps"],
        &[Value("output", "text"), Value("output", "null"), Value("output", "hex"), Value("output", "base64")],
    ),
    (&["seed"], &[Flag("faults"), Flag("changes"), Mode("reply")]),
    (&["allow_connect"], &[Flag("forward")]),
    (&["intercept"], &[Flag("forward"), Value("url", "ca")]),
    (&["number", "pace", "wait", "matching", "ignore", "on_mismatch", "capture", "exact"], &[Mode("replay")]),
];

/// The first flag that was given and does nothing. `given` has what stands on the command line, `all` the configuration file
/// too.
///
/// # Errors
/// That flag, and what it takes for it to act.
pub(super) fn refuse(command: &Command, given: &ArgMatches, all: &ArgMatches) -> Result<(), Error> {
    let is_given = |id: &str| known(command, id) && given.value_source(id) == Some(ValueSource::CommandLine);
    for (ids, needs) in TABLE {
        let needs: Vec<&Need> = needs.iter().filter(|need| need.can_be_met(command)).collect();
        let Some(id) = ids.iter().find(|id| is_given(id)) else { continue };
        if needs.is_empty() || needs.iter().any(|need| need.is_met(command, all)) {
            continue;
        }
        let wanted: Vec<String> = needs.iter().map(|need| need.words(command)).collect();
        let why = format!("{} does nothing without {}", name(command, id), wanted.join(" or "));
        return Err(Error::raw(ErrorKind::MissingRequiredArgument, why + "\n"));
    }
    Ok(())
}

/// The first flag of a prompt that was given, as it is typed.
pub(super) fn of_a_prompt(given: &ArgMatches) -> Option<String> {
    let is_given = |id: &&&str| given.value_source(id) == Some(ValueSource::CommandLine);
    OF_A_PROMPT.iter().find(is_given).map(|id| format!("--{}", id.replace('_', "-")))
}

impl Need {
    fn can_be_met(&self, command: &Command) -> bool {
        match self {
            Flag(id) | Mode(id) => known(command, id),
            Value(id, wanted) => argument(command, id).is_some_and(|argument| {
                let possible = argument.get_possible_values();
                possible.is_empty() || possible.iter().any(|value| value.matches(wanted, false))
            }),
            ProxyVariable => known(command, "proxy"),
        }
    }

    fn is_met(&self, command: &Command, all: &ArgMatches) -> bool {
        let has = |id: &str, is_meant: &dyn Fn(&OsStr) -> bool| {
            known(command, id) && all.get_raw(id).is_some_and(|mut values| values.any(is_meant))
        };
        match self {
            Flag(id) => has(id, &|value| value != "false" && !is_zero(value)),
            ProxyVariable => proxy_variables().any(|name| std::env::var_os(name).is_some_and(|url| !url.is_empty())),
            Value(id, wanted) => has(id, &|value| value == *wanted),
            Mode(mode) => {
                let is_route = |value: &OsStr| {
                    let value = value.to_string_lossy();
                    let named = value.split_once('=').map(|(_, named)| named.split(':').next());
                    named.flatten() == Some(mode)
                };
                // A default of its own stands for a mode that isn't asked for.
                let is_asked_for =
                    matches!(all.value_source(mode), Some(source) if source != ValueSource::DefaultValue);
                is_asked_for || has(mode, &|value| value != "false") || has("routes", &is_route)
            }
        }
    }

    fn words(&self, command: &Command) -> String {
        match self {
            Flag(id) | Mode(id) => name(command, id),
            ProxyVariable => "a proxy of the environment".to_owned(),
            Value(id, value) if argument(command, id).is_some_and(Arg::is_positional) => {
                format!("'wscli {} {value}'", command.get_name())
            }
            Value(id, value) => format!("{} {value}", name(command, id)),
        }
    }
}

/// No number, and no time at all.
fn is_zero(value: &OsStr) -> bool {
    let digits = value.to_str().map(|value| value.trim_end_matches(|c: char| c.is_ascii_lowercase()));
    digits.is_some_and(|digits| digits.parse() == Ok(0.0))
}

fn argument<'a>(command: &'a Command, id: &str) -> Option<&'a Arg> {
    command.get_arguments().find(|arg| arg.get_id() == id)
}

fn known(command: &Command, id: &str) -> bool {
    argument(command, id).is_some()
}

/// As it is typed.
fn name(command: &Command, id: &str) -> String {
    let long = argument(command, id).and_then(Arg::get_long);
    long.map_or_else(|| id.to_owned(), |long| format!("--{long}"))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::super::CommandLine;
    use super::*;

    fn refused(words: &str) -> Option<String> {
        let definition = CommandLine::command();
        let matches = definition.clone().try_get_matches_from(format!("wscli {words}").split(' ')).unwrap();
        let (name, given) = matches.subcommand().unwrap();
        let mut definition = definition;
        definition.build();
        let command = definition.find_subcommand(name).unwrap();
        refuse(command, given, given).err().map(|error| error.to_string())
    }

    #[test]
    fn a_flag_that_does_nothing_alone_names_what_it_takes() {
        for (words, why) in [
            ("connect --ping-interval 0 --ping-timeout 5s a", "--ping-timeout does nothing without --ping-interval"),
            ("serve --ping-timeout 5s --ping-interval 0s", "--ping-timeout does nothing without --ping-interval"),
            ("replay --ping-timeout 5s f", "--ping-timeout does nothing without --ping-interval"),
            ("connect --retry-delay 1s a", "--retry-delay does nothing without --retry or --reconnect"),
            ("inspect --retry-delay 1s a", "--retry-delay does nothing without --retry"),
            ("connect --retry 0 --retry-max-time 1s a", "--retry-max-time does nothing without --retry"),
            (
                "connect --max-redirs 3 a",
                "--max-redirs does nothing without --location or --location-trusted or --location-downgrade",
            ),
            ("serve --every 1s", "--every does nothing without --push"),
            ("serve --broadcast --loop", "--loop does nothing without --push"),
            ("serve --exec-close 1=4000 --route /a=echo", "--exec-close does nothing without --exec"),
            ("serve --slow drop", "--slow does nothing without --broadcast or --push or --prompt"),
            ("serve --filter a", "--filter does nothing without --prompt"),
            ("serve --pick /a", "--pick does nothing without --prompt"),
            ("proxy --allow-connect 1 ws://a", "--allow-connect does nothing without --forward"),
            ("proxy --intercept a ws://a", "--intercept does nothing without --forward or 'wscli proxy ca'"),
            ("serve --exact", "--exact does nothing without --replay"),
            ("serve --replay f --speed 2", "--speed does nothing without --pace time"),
            ("replay f --max-gap 1s", "--max-gap does nothing without --pace time"),
            (
                "connect --timestamps --out raw a",
                "--timestamps does nothing without --out text or --out null or --out hex or --out base64",
            ),
        ] {
            assert_eq!(refused(words), Some(format!("error: {why}\n")), "{words}");
        }
        for words in [
            "connect a",
            "connect --ping-timeout 5s a",
            "connect --ping-timeout 5s --ping-interval 500ms a",
            "connect -x http://p -U a:b a",
            "connect --retry 1 --retry-delay 1s --retry-max-time 1s a",
            "connect --reconnect --retry-delay 1s a",
            "connect -L --max-redirs 3 a",
            "connect --timestamps a",
            "connect --timestamps --out hex a",
            "serve --push f --every 1s --loop --slow drop",
            "serve --route /a=push:f --every 1s",
            "serve --route /a=exec:cat --pty",
            "serve --prompt --max-outbox 1K",
            "serve --replay f --pace time --speed 2 --exact",
            "proxy --forward --intercept a --allow-connect 1",
            "proxy ca --intercept a",
            "replay f --pace time --max-gap 1s",
            "replay f --exact --match exact",
        ] {
            assert_eq!(refused(words), None, "{words}");
        }
    }

    #[test]
    fn credentials_of_a_proxy_need_one() {
        let is_set = |name: String| std::env::var_os(name).is_some();
        let is_refused = refused("inspect -U a:b a")
            == Some("error: --proxy-user does nothing without --proxy or a proxy of the environment\n".to_owned());
        assert_ne!(is_refused, proxy_variables().any(is_set));
    }

    #[test]
    fn the_table_names_flags_that_there_are() {
        let command = CommandLine::command();
        let is_known = |id: &str| command.get_subcommands().any(|subcommand| known(subcommand, id));
        for (ids, needs) in TABLE {
            assert!(ids.iter().all(|id| is_known(id)), "{ids:?}");
            assert!(
                needs.iter().all(|need| command.get_subcommands().any(|command| need.can_be_met(command))),
                "{ids:?}"
            );
        }
    }
}
