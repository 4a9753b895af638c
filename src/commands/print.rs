//! What is asked for and stays as it is: the completion script of a shell, the source of a page, the manual of rules.

use std::io::{self, Write};

use crate::error::Error;
use crate::exit::Exit;

/// Prints the text.
///
/// # Errors
/// When stdout can't be written to; a closed pipe is no error.
pub(crate) fn run(text: &[u8]) -> Result<Exit, Error> {
    outcome(io::stdout().write_all(text))
}

/// What becomes of something that was printed.
///
/// # Errors
/// The same.
pub(crate) fn outcome(printed: io::Result<()>) -> Result<Exit, Error> {
    match printed.and_then(|()| io::stdout().flush()) {
        Err(why) if why.kind() != io::ErrorKind::BrokenPipe => Err(Error::Stdout(why)),
        _ => Ok(Exit::Done),
    }
}
