//! `wscli completions SHELL`.

use std::io::{self, Write};

use crate::error::Error;
use crate::exit::Exit;

/// Prints a shell's completion script.
///
/// # Errors
/// When stdout can't be written to; a closed pipe is no error.
pub(crate) fn run(script: &[u8]) -> Result<Exit, Error> {
    match io::stdout().write_all(script) {
        Err(why) if why.kind() != io::ErrorKind::BrokenPipe => Err(Error::Stdout(why)),
        _ => Ok(Exit::Done),
    }
}
