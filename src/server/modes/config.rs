//! Which modes are asked for, and what they are to do.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::server::inbox::Flow;

/// A mode, as it is asked for.
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

/// The modes of a server, and what they have in common.
#[derive(Debug)]
pub(crate) struct ModeConfig {
    /// For every path; where some are listed, for `/`.
    pub(crate) main: Option<ModeSpec>,
    /// By path; with any, there is nothing elsewhere.
    pub(crate) listed: Vec<(String, ModeSpec)>,
    /// A broadcast goes to its sender too.
    pub(crate) include_sender: bool,
    /// Between the lines of a push.
    pub(crate) every: Option<Duration>,
    /// A push of a file begins again after the last line.
    pub(crate) again: bool,
    /// For the modes in which one client's pace is another's concern.
    pub(crate) flow: Flow,
}

impl ModeConfig {
    fn all(&self) -> impl Iterator<Item = &ModeSpec> {
        self.listed.iter().map(|(_, spec)| spec).chain(&self.main)
    }

    /// Whether a client can run a command.
    pub(crate) fn runs_commands(&self) -> bool {
        self.all().any(|spec| matches!(spec, ModeSpec::Exec(_)))
    }

    /// How many of them take stdin for themselves.
    pub(crate) fn readers_of_stdin(&self) -> usize {
        self.all().filter(|spec| spec.reads_stdin()).count()
    }
}
