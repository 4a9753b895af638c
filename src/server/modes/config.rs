//! Which modes are asked for, and what they are to do.

use std::time::Duration;

use super::table::{ModeSpec, flags_that_read_stdin};
use crate::error::Error;
use crate::server::inbox::Flow;

/// The modes of a server.
#[derive(Debug)]
pub(crate) struct ModeConfig {
    /// For every path; where some are listed, for `/`.
    pub(crate) main: Option<ModeSpec>,
    /// By path; with any, there is nothing elsewhere.
    pub(crate) listed: Vec<(String, ModeSpec)>,
    pub(crate) options: ModeOptions,
}

/// What is the same for all of them.
#[derive(Debug)]
pub(crate) struct ModeOptions {
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

    /// The name of a mode in which a client can run a command, if there is one.
    pub(crate) fn runs_commands(&self) -> Option<&'static str> {
        self.all().find(|spec| spec.runs_commands()).map(|spec| spec.entry.name)
    }

    /// # Errors
    /// [`Error::Usage`] when several take stdin for themselves.
    pub(crate) fn check_stdin(&self) -> Result<(), Error> {
        match self.all().filter(|spec| spec.reads_stdin()).count() {
            0 | 1 => Ok(()),
            _ => Err(Error::usage(format!("only one of {} can have stdin", flags_that_read_stdin()))),
        }
    }
}
