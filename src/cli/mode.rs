//! What a server answers: one mode everywhere, or one for each path.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::builder::{PathBufValueParser, StringValueParser, TypedValueParser};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgGroup, ArgMatches, Args, Command, Error, FromArgMatches, ValueHint};

use super::choice::one_described;
use super::replay::PlayingArgs;
use crate::server::inbox::{Flow, Slow};
use crate::server::modes::{
    Argument, CloseRule, ExecOptions, Framing, MODES, ModeConfig, ModeEntry, ModeOptions, ModeSpec, PlayOptions,
};
use crate::values::{Limit, duration, limit};
use crate::ws::Role;

/// The mode that a flag says: each entry of the table is one, of which one can be given.
#[derive(Debug)]
struct ModeFlag(Option<ModeSpec>);

impl Args for ModeFlag {
    fn augment_args(command: Command) -> Command {
        let group = ArgGroup::new("mode").args(MODES.iter().map(|entry| entry.name));
        command.args(MODES.iter().map(|entry| flag(entry))).group(group)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for ModeFlag {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let is_given = |entry: &&&'static ModeEntry| matches.value_source(entry.name) == Some(ValueSource::CommandLine);
        let spec = MODES.iter().find(is_given).map(|entry| {
            let argument = entry.argument.and_then(|_| matches.get_one(entry.name));
            ModeSpec { entry, argument: argument.cloned().unwrap_or_default() }
        });
        Ok(Self(spec))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        Self::from_arg_matches(matches).map(|flag| *self = flag)
    }
}

fn flag(entry: &ModeEntry) -> Arg {
    let flag = Arg::new(entry.name).long(entry.name).help(entry.help).help_heading(MODES_HEADING);
    let Some(argument) = entry.argument else { return flag.action(ArgAction::SetTrue) };
    let flag = flag.value_name(argument.value_name());
    match argument {
        Argument::File => {
            flag.value_hint(ValueHint::FilePath).value_parser(PathBufValueParser::new().map(PathBuf::into_os_string))
        }
        Argument::Command => {
            flag.value_hint(ValueHint::CommandString).value_parser(StringValueParser::new().map(OsString::from))
        }
    }
}

/// The flags that say what a server answers.
#[derive(Debug, Args)]
// A client does what it does: the mock goes on.
#[command(mut_arg("wait", |arg| arg.help(WAIT)), mut_arg("on_mismatch", |arg| arg.default_value("warn")))]
pub(super) struct ModeArgs {
    #[command(flatten)]
    flag: ModeFlag,

    /// Serve a path in a mode, such as /chat=broadcast, /feed=push:FILE or /run=exec:COMMAND; repeatable. Other paths
    /// get 404, except / if a mode is also given as a flag
    #[arg(long = "route", value_name = "PATH=MODE[:ARG]", value_parser = route, help_heading = MODES_HEADING)]
    routes: Vec<(String, ModeSpec)>,

    /// With --broadcast: also send messages back to their sender
    #[arg(long, help_heading = MODES_HEADING)]
    include_sender: bool,

    /// With --push: delay between lines; 0 for none
    #[arg(long, value_name = "DURATION", default_value = "0", value_parser = duration, help_heading = MODES_HEADING)]
    every: Duration,

    /// With --push FILE: start over after the last line instead of closing with 1000
    #[arg(long = "loop", help_heading = MODES_HEADING)]
    again: bool,

    /// With --exec: run commands on a terminal (raw, without echo, TERM=dumb) instead of pipes, so that they write each line
    /// immediately
    #[arg(long, help_heading = MODES_HEADING)]
    pty: bool,

    /// With --exec: how messages are separated in the command's stdin and stdout
    #[arg(long, value_name = "FRAMING", default_value = "lines", value_parser = one_described(&Framing::NAMES, framing_help),
          help_heading = MODES_HEADING)]
    exec_framing: Framing,

    /// With --exec: close with this code when the command exits with this status, 0 to 255, or * for any other except 0;
    /// repeatable, such as 3=4003 or '*=1013:try later' [default: 0=1000, *=1011]
    #[arg(long = "exec-close", value_name = "STATUS=CODE[:REASON]", value_parser = CloseRule::parse,
          help_heading = MODES_HEADING)]
    exec_closes: Vec<CloseRule>,

    /// Maximum data queued for a slow client in --broadcast, --push and --prompt: bytes (K, M, G), or none. One larger message
    /// may be queued if nothing else is; such messages take at most 128 MiB in total
    #[arg(long, value_name = "SIZE", default_value = "1MiB", value_parser = limit, help_heading = MODES_HEADING)]
    max_outbox: Limit,

    /// What to do with a client over --max-outbox
    #[arg(long, value_name = "POLICY", default_value = "close", value_parser = one_described(&Slow::NAMES, slow_help),
          help_heading = MODES_HEADING)]
    slow: Slow,

    #[command(flatten)]
    playing: PlayingArgs,
}

const WAIT: &str = "With --replay: wait this much longer for the client than when recorded, then play on; 0 for no limit [default: 10s; \
                    no limit where the recorded client, like a person, took over a second]";

const MODES_HEADING: &str = "Modes";

const COMMANDS: &str = "\
Commands (--exec) get the request in CGI environment variables: PATH_INFO, QUERY_STRING,
REMOTE_ADDR, REMOTE_PORT, HTTP_* and so on; with --auth or --bearer, AUTH_TYPE and REMOTE_USER
instead of the credentials. Their stderr is logged line by line. They end with their
connection: SIGTERM to the process group, then SIGKILL after 400 ms.
Most programs write to a pipe in blocks, not line by line: run them with --pty or unbuffered
(stdbuf -oL COMMAND, python -u, grep --line-buffered, jq --unbuffered, sed -u).

";

/// What --help says about the modes that take a language or a command.
pub(super) fn manual() -> String {
    COMMANDS.to_owned()
}

impl ModeArgs {
    pub(super) fn config(self) -> ModeConfig {
        let limit = self.max_outbox.0.and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or(usize::MAX);
        let (connection, options) = self.playing.config(Role::Server);
        ModeConfig {
            main: self.flag.0,
            listed: self.routes,
            options: ModeOptions {
                include_sender: self.include_sender,
                every: (!self.every.is_zero()).then_some(self.every),
                again: self.again,
                exec: ExecOptions { framing: self.exec_framing, pty: self.pty, closes: self.exec_closes },
                replay: PlayOptions { connection, options: Arc::new(options) },
                flow: Flow { limit, slow: self.slow },
            },
        }
    }
}

fn slow_help(slow: Slow) -> Option<&'static str> {
    Some(match slow {
        Slow::Drop => "Drop messages",
        Slow::Close => "Close the connection with 1008",
    })
}

fn framing_help(framing: Framing) -> Option<&'static str> {
    Some(match framing {
        Framing::Lines => "One per line; a message with a newline becomes several",
        Framing::Null => "NUL-terminated, newlines and all",
        Framing::Json => "One event per line (wscli man events); commands may write text, binary, pings and closes",
    })
}

fn route(text: &str) -> Result<(String, ModeSpec), String> {
    let (path, mode) = text.split_once('=').ok_or("expected PATH=MODE")?;
    if !path.starts_with('/') || path.contains(['?', '#']) {
        return Err(format!("{path:?} is not a path: it must start with / and have no query"));
    }
    Ok((path.to_owned(), ModeSpec::parse(mode)?))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct ModeTestArgs {
        #[command(flatten)]
        mode: ModeArgs,
    }

    fn config(args: &[&str]) -> Result<ModeConfig, Error> {
        ModeTestArgs::try_parse_from([&["serve"], args].concat()).map(|line| line.mode.config())
    }

    #[test]
    fn each_entry_is_a_flag_and_one_can_be_given() {
        assert!(config(&[]).unwrap().main.is_none());
        for (entry, other) in MODES.iter().zip(MODES.iter().cycle().skip(1)) {
            let args = |entry: &ModeEntry| {
                let value = entry.argument.map_or(String::new(), |_| "=a b".to_owned());
                format!("--{}{value}", entry.name)
            };
            let spec = config(&[&args(entry)]).unwrap().main.unwrap();
            let value = if entry.argument.is_some() { "a b" } else { "" };
            assert_eq!((spec.entry.name, spec.argument.to_str()), (entry.name, Some(value)));
            let error = config(&[&args(entry), &args(other)]).unwrap_err();
            assert_eq!(error.kind(), clap::error::ErrorKind::ArgumentConflict, "{error}");
        }
    }

    #[test]
    fn routes() {
        for (text, is) in [
            ("/a=echo", ("/a", "echo", "")),
            ("/a/b=exec:grep a=b: -", ("/a/b", "exec", "grep a=b: -")),
            ("/p=push:-", ("/p", "push", "-")),
        ] {
            let (path, spec) = route(text).unwrap();
            assert_eq!((path.as_str(), spec.entry.name, spec.argument.to_str().unwrap()), is);
        }
        for text in ["/a", "a=echo", "/a?b=echo", "/a=what", "/a=push", "/a=echo:x", "/a=exec"] {
            assert!(route(text).is_err(), "{text}");
        }
    }
}
