//! What is asked for and stays as it is: the completion script of a shell, the manual of rules.

use std::io::{self, Write};

use crate::error::Error;
use crate::exit::Exit;

/// Prints the text.
///
/// # Errors
/// When stdout can't be written to; a closed pipe is no error.
pub(crate) fn run(text: &[u8]) -> Result<Exit, Error> {
    match io::stdout().write_all(text) {
        Err(why) if why.kind() != io::ErrorKind::BrokenPipe => Err(Error::Stdout(why)),
        _ => Ok(Exit::Done),
    }
}
