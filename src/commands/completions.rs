//! `wscli completions SHELL`.

use std::io::{self, Write};

use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::Cli;
use crate::error::Error;
use crate::exit::Exit;

/// Prints the shell's completion script.
///
/// # Errors
/// When stdout can't be written to; a closed pipe is no error.
pub(crate) fn run(shell: Shell) -> Result<Exit, Error> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "wscli", &mut script);
    match io::stdout().write_all(&script) {
        Err(why) if why.kind() != io::ErrorKind::BrokenPipe => Err(Error::System { doing: "writing to stdout", why }),
        _ => Ok(Exit::Done),
    }
}
