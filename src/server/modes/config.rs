//! Which modes are asked for.

use super::entry::ModeOptions;
use super::operator;
use super::table::{ModeSpec, flags_that_read_stdin};
use crate::error::Error;

/// The modes of a server.
#[derive(Debug)]
pub(crate) struct ModeConfig {
    /// For every path; where some are listed, for `/`.
    pub(crate) main: Option<ModeSpec>,
    /// By path; with any, there is nothing elsewhere.
    pub(crate) listed: Vec<(String, ModeSpec)>,
    pub(crate) options: ModeOptions,
}

impl ModeConfig {
    fn all(&self) -> impl Iterator<Item = &ModeSpec> {
        self.listed.iter().map(|(_, spec)| spec).chain(&self.main)
    }

    /// The name of a mode in which a client can run a command, if there is one.
    pub(crate) fn runs_commands(&self) -> Option<&'static str> {
        self.all().find(|spec| spec.runs_commands()).map(|spec| spec.entry.name)
    }

    /// Whether somebody answers by hand.
    pub(crate) fn has_operator(&self) -> bool {
        self.all().any(|spec| spec.entry.name == operator::ENTRY.name)
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
