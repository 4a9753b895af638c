//! What is longer than the screen goes through `$PAGER`, or `less -R`.

use std::env;
use std::fs::File;
use std::io::{self, Write};
use std::process::{Command, Stdio};

use crate::error::system_words;
use crate::view::spans::Painted;

/// The pager, as a command line; `None` where nobody wants one.
fn command() -> Option<String> {
    match env::var("PAGER") {
        Ok(pager) if pager.trim().is_empty() => None,
        Ok(pager) => Some(pager),
        Err(_) => Some("less -R".to_owned()),
    }
}

/// Lets the person page through the lines at the terminal. Returns whether they did: without a pager they are still to be shown.
///
/// # Errors
/// What failed, in words.
pub(super) fn show(lines: &[Painted], terminal: io::Result<File>) -> Result<bool, String> {
    let Some(pager) = command() else { return Ok(false) };
    let terminal = terminal.map_err(|error| format!("can't use the terminal: {}", system_words(&error)))?;
    let run = Command::new("sh").arg("-c").arg(&pager).stdin(Stdio::piped()).stdout(terminal).spawn();
    let mut child = run.map_err(|error| format!("can't start {pager}: {}", system_words(&error)))?;
    if let Some(mut stdin) = child.stdin.take() {
        // One that is left early takes no more.
        let _ = lines.iter().try_for_each(|line| writeln!(stdin, "{line}"));
    }
    let ended = child.wait().map_err(|error| format!("{pager} failed: {}", system_words(&error)))?;
    // Of a shell that has no such program.
    Ok(ended.code() != Some(127))
}
