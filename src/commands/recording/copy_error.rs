//! What fails in a subcommand that reads one thing and writes another.

use std::io;

use crate::error::Error;

/// Which end has failed.
#[derive(Debug)]
pub(in crate::commands) enum CopyError {
    Reading(Error),
    Writing(io::Error),
}

impl From<Error> for CopyError {
    fn from(error: Error) -> Self {
        Self::Reading(error)
    }
}

impl From<io::Error> for CopyError {
    fn from(why: io::Error) -> Self {
        Self::Writing(why)
    }
}
