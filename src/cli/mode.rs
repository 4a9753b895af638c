//! What a server answers: one mode everywhere, or one for each path.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueHint};

use crate::script;
use crate::server::inbox::{Flow, Slow};
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

    /// Read, and say nothing
    #[arg(long, help_heading = MODES)]
    sink: bool,

    /// Send the lines of a file to every client, from the first on; - sends stdin as it comes, the same to all
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = MODES)]
    push: Option<PathBuf>,

    /// Answer by the rules in a file: --help has their grammar
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = MODES)]
    reply: Option<PathBuf>,

    /// Run a shell command for each client: messages are lines of its stdin, lines of its stdout are messages
    #[arg(long, value_name = "COMMAND", value_hint = ValueHint::CommandString, help_heading = MODES)]
    exec: Option<String>,

    /// See every client's messages, and answer one or all of them with lines of stdin; /help tells the commands
    #[arg(long, help_heading = MODES)]
    prompt: bool,
}

/// The flags that say what a server answers.
#[derive(Debug, Args)]
pub(crate) struct ModeArgs {
    #[command(flatten)]
    flag: FlagArgs,

    /// Serve a path with a mode, such as /chat=broadcast, /feed=push:FILE or /run=exec:COMMAND; repeatable. Other
    /// paths get 404, but for / where a mode is given as a flag too
    #[arg(long = "route", value_name = "PATH=MODE[:ARG]", value_parser = route, help_heading = MODES)]
    routes: Vec<(String, ModeSpec)>,

    /// With --broadcast: send messages to their sender too
    #[arg(long, help_heading = MODES)]
    pub(crate) include_sender: bool,

    /// With --push: wait this long between lines; 0 doesn't wait
    #[arg(long, value_name = "DURATION", default_value = "0", value_parser = duration, help_heading = MODES)]
    every: Duration,

    /// With --push FILE: begin again after the last line, instead of closing with 1000
    #[arg(long = "loop", help_heading = MODES)]
    pub(crate) again: bool,

    /// How much may wait for a client that reads slowly, in --broadcast and --push: a size in bytes (K, M, G)
    #[arg(long, value_name = "SIZE", default_value = "1MiB", value_parser = limit, help_heading = MODES)]
    max_outbox: Limit,

    /// What happens to a client over --max-outbox
    #[arg(long, value_enum, value_name = "POLICY", default_value_t = Slow::Close, help_heading = MODES)]
    slow: Slow,
}

const MODES: &str = "What it answers";

const COMMANDS: &str = "\
Commands (--exec) get the request in the environment as CGI names it: PATH_INFO, QUERY_STRING,
REMOTE_ADDR, REMOTE_PORT, HTTP_* and the like. They are ended with their connection: SIGTERM to the
process group, and SIGKILL 400 ms later.

";

/// What --help says at its end.
pub(super) fn manual() -> String {
    format!("{}\n{COMMANDS}{}", script::manual(), super::EXIT_CODES)
}

/// A mode, as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ModeSpec {
    Echo,
    Broadcast,
    Sink,
    /// `-` is stdin.
    Push(PathBuf),
    Reply(PathBuf),
    Exec(String),
    Prompt,
}

impl ModeSpec {
    /// Whether it takes stdin for itself.
    pub(crate) fn reads_stdin(&self) -> bool {
        match self {
            Self::Push(path) => path == Path::new("-"),
            Self::Prompt => true,
            _ => false,
        }
    }
}

impl FlagArgs {
    fn mode(&self) -> Option<ModeSpec> {
        let switches = [
            (self.echo, ModeSpec::Echo),
            (self.broadcast, ModeSpec::Broadcast),
            (self.sink, ModeSpec::Sink),
            (self.prompt, ModeSpec::Prompt),
        ];
        let switched = switches.into_iter().find(|(on, _)| *on).map(|(_, spec)| spec);
        switched
            .or_else(|| self.push.clone().map(ModeSpec::Push))
            .or_else(|| self.reply.clone().map(ModeSpec::Reply))
            .or_else(|| self.exec.clone().map(ModeSpec::Exec))
    }
}

impl ModeArgs {
    /// The mode that was given as a flag, if one was.
    pub(crate) fn flag(&self) -> Option<ModeSpec> {
        self.flag.mode()
    }

    /// The listed paths; with any, there is nothing elsewhere.
    pub(crate) fn routes(&self) -> &[(String, ModeSpec)] {
        &self.routes
    }

    pub(crate) fn runs_commands(&self) -> bool {
        let mut all = self.routes.iter().map(|(_, spec)| spec.clone()).chain(self.flag());
        all.any(|spec| matches!(spec, ModeSpec::Exec(_)))
    }

    pub(crate) fn every(&self) -> Option<Duration> {
        (!self.every.is_zero()).then_some(self.every)
    }

    pub(crate) fn flow(&self) -> Flow {
        let limit = self.max_outbox.0.and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or(usize::MAX);
        Flow { limit, slow: self.slow }
    }
}

fn route(text: &str) -> Result<(String, ModeSpec), String> {
    let (path, mode) = text.split_once('=').ok_or("it has no = between path and mode")?;
    if !path.starts_with('/') || path.contains(['?', '#']) {
        return Err(format!("{path:?} is no path: it begins with / and has no query"));
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
            return Err(format!("{name} takes nothing behind a colon"));
        }
        _ => return Err(format!("{name:?} is none of echo, broadcast, sink, push, reply, exec and prompt")),
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
