//! What a server answers: one mode everywhere, or one for each path.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueHint};

use super::choice::one_described;
use crate::script;
use crate::server::inbox::{Flow, Slow};
use crate::server::modes::{ModeConfig, ModeSpec};
use crate::values::{Limit, duration, limit};

/// The flags of which one can be given.
#[derive(Debug, Args)]
#[group(multiple = false)]
struct FlagArgs {
    /// Send every message back to its sender (the default)
    #[arg(long, help_heading = MODES)]
    echo: bool,

    /// Send every message to every other client
    #[arg(long, help_heading = MODES)]
    broadcast: bool,

    /// Read messages and send nothing
    #[arg(long, help_heading = MODES)]
    sink: bool,

    /// Send each client the lines of a file from the start; - broadcasts stdin as it arrives
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = MODES)]
    push: Option<PathBuf>,

    /// Answer by the rules in a file; --help describes the grammar
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = MODES)]
    reply: Option<PathBuf>,

    /// Run a shell command per client: received messages become lines of its stdin, lines of its stdout become messages
    #[arg(long, value_name = "COMMAND", value_hint = ValueHint::CommandString, help_heading = MODES)]
    exec: Option<String>,

    /// Show every client's messages and answer one or all with lines of stdin; /help lists the commands
    #[arg(long, help_heading = MODES)]
    prompt: bool,
}

/// The flags that say what a server answers.
#[derive(Debug, Args)]
pub(super) struct ModeArgs {
    #[command(flatten)]
    flag: FlagArgs,

    /// Serve a path in a mode, such as /chat=broadcast, /feed=push:FILE or /run=exec:COMMAND; repeatable. Other paths
    /// get 404, except / if a mode is also given as a flag
    #[arg(long = "route", value_name = "PATH=MODE[:ARG]", value_parser = route, help_heading = MODES)]
    routes: Vec<(String, ModeSpec)>,

    /// With --broadcast: also send messages back to their sender
    #[arg(long, help_heading = MODES)]
    include_sender: bool,

    /// With --push: delay between lines; 0 for none
    #[arg(long, value_name = "DURATION", default_value = "0", value_parser = duration, help_heading = MODES)]
    every: Duration,

    /// With --push FILE: start over after the last line instead of closing with 1000
    #[arg(long = "loop", help_heading = MODES)]
    again: bool,

    /// Most data queued for a slow client in --broadcast, --push and --prompt: bytes (K, M, G), or none
    #[arg(long, value_name = "SIZE", default_value = "1MiB", value_parser = limit, help_heading = MODES)]
    max_outbox: Limit,

    /// What to do with a client over --max-outbox
    #[arg(long, value_name = "POLICY", default_value = "close", value_parser = one_described(&Slow::NAMES, slow_help),
          help_heading = MODES)]
    slow: Slow,
}

const MODES: &str = "What it answers";

const COMMANDS: &str = "\
Commands (--exec) get the request in CGI environment variables: PATH_INFO, QUERY_STRING,
REMOTE_ADDR, REMOTE_PORT, HTTP_* and so on. They end with their connection: SIGTERM to the process
group, then SIGKILL after 400 ms.

";

/// What --help says at its end.
pub(super) fn manual() -> String {
    format!("{}\n{COMMANDS}{}", script::manual(), super::EXIT_CODES)
}

impl FlagArgs {
    fn mode(self) -> Option<ModeSpec> {
        let switches = [
            (self.echo, ModeSpec::Echo),
            (self.broadcast, ModeSpec::Broadcast),
            (self.sink, ModeSpec::Sink),
            (self.prompt, ModeSpec::Prompt),
        ];
        let switched = switches.into_iter().find(|(on, _)| *on).map(|(_, spec)| spec);
        switched
            .or_else(|| self.push.map(ModeSpec::Push))
            .or_else(|| self.reply.map(ModeSpec::Reply))
            .or_else(|| self.exec.map(ModeSpec::Exec))
    }
}

impl ModeArgs {
    pub(super) fn config(self) -> ModeConfig {
        let limit = self.max_outbox.0.and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or(usize::MAX);
        ModeConfig {
            main: self.flag.mode(),
            listed: self.routes,
            include_sender: self.include_sender,
            every: (!self.every.is_zero()).then_some(self.every),
            again: self.again,
            flow: Flow { limit, slow: self.slow },
        }
    }
}

fn slow_help(slow: Slow) -> Option<&'static str> {
    Some(match slow {
        Slow::Drop => "Drop messages",
        Slow::Close => "Close the connection with 1008",
    })
}

fn route(text: &str) -> Result<(String, ModeSpec), String> {
    let (path, mode) = text.split_once('=').ok_or("expected PATH=MODE")?;
    if !path.starts_with('/') || path.contains(['?', '#']) {
        return Err(format!("{path:?} is not a path: it must start with / and have no query"));
    }
    let (name, argument) = match mode.split_once(':') {
        Some((name, argument)) => (name, Some(argument)),
        None => (mode, None),
    };
    let spec = match (name, argument) {
        ("echo", None) => ModeSpec::Echo,
        ("broadcast", None) => ModeSpec::Broadcast,
        ("sink", None) => ModeSpec::Sink,
        ("prompt", None) => ModeSpec::Prompt,
        ("push", Some(file)) => ModeSpec::Push(file.into()),
        ("reply", Some(file)) => ModeSpec::Reply(file.into()),
        ("exec", Some(command)) => ModeSpec::Exec(command.to_owned()),
        ("push" | "reply", None) => return Err(format!("{name} needs a file: {path}={name}:FILE")),
        ("exec", None) => return Err(format!("exec needs a command: {path}=exec:COMMAND")),
        ("echo" | "broadcast" | "sink" | "prompt", Some(_)) => {
            return Err(format!("{name} takes no argument"));
        }
        _ => {
            return Err(format!("{name:?} is not a mode: expected echo, broadcast, sink, push, reply, exec or prompt"));
        }
    };
    Ok((path.to_owned(), spec))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes() {
        assert_eq!(route("/a=echo"), Ok(("/a".into(), ModeSpec::Echo)));
        assert_eq!(route("/a/b=exec:grep a=b: -"), Ok(("/a/b".into(), ModeSpec::Exec("grep a=b: -".into()))));
        assert_eq!(route("/p=push:-"), Ok(("/p".into(), ModeSpec::Push("-".into()))));
        for text in ["/a", "a=echo", "/a?b=echo", "/a=what", "/a=push", "/a=echo:x", "/a=exec"] {
            assert!(route(text).is_err(), "{text}");
        }
    }
}
