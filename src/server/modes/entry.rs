//! What a mode's file says about it.

use std::ffi::OsStr;
use std::sync::Arc;
use std::time::Duration;

use super::Mode;
use super::exec::options::ExecOptions;
use super::operator_hub::OperatorHub;
use super::replay::options::PlayOptions;
use crate::error::Error;
use crate::server::admission::Credentials;
use crate::server::inbox::Flow;
use crate::server::log::ServerLog;

/// What a mode is to everyone who doesn't serve a client in it.
#[derive(Debug)]
pub(crate) struct ModeEntry {
    /// As a flag, in `--route`, on the page and in the log.
    pub(crate) name: &'static str,
    /// What it can't be without.
    pub(crate) argument: Option<Argument>,
    /// One line for `--help`.
    pub(crate) help: &'static str,
    /// When it takes stdin for itself, which only one can.
    pub(super) stdin: When,
    /// When a client gets at what is more than anybody's: a shell, other clients, the person at the keyboard, what another
    /// program is just writing. Web pages are kept from it.
    pub(super) protected: When,
    pub(super) open: Open,
}

/// Begins a mode for a path, before there are clients. The argument is empty where it takes none.
pub(super) type Open = fn(&OsStr, Setup<'_>) -> Result<Arc<dyn Mode>, Error>;

/// What follows a mode's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Argument {
    File,
    /// For the shell, so that clients run it.
    Command,
}

impl Argument {
    /// As usage names it.
    pub(crate) fn value_name(self) -> &'static str {
        match self {
            Self::File => "FILE",
            Self::Command => "COMMAND",
        }
    }
}

/// When something is so of a mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    Never,
    /// With `-` for its argument.
    ForDash,
    Always,
}

/// What a mode is begun with besides its argument.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setup<'a> {
    pub(crate) options: &'a ModeOptions,
    pub(crate) log: &'a Arc<ServerLog>,
    pub(crate) credentials: &'a Credentials,
    /// The clients of the mode in which a person answers.
    pub(crate) operator: &'a OperatorHub,
}

/// What is the same for all modes of a server.
#[derive(Debug)]
pub(crate) struct ModeOptions {
    /// A broadcast goes to its sender too.
    pub(crate) include_sender: bool,
    /// Between the lines of a push.
    pub(crate) every: Option<Duration>,
    /// A push of a file begins again after the last line.
    pub(crate) again: bool,
    pub(crate) exec: ExecOptions,
    pub(crate) replay: PlayOptions,
    /// For the modes in which one client's pace is another's concern.
    pub(crate) flow: Flow,
}
