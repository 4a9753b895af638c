//! `/edit` and Ctrl-X Ctrl-E: a message written in the editor of one's choice.

use std::env;
use std::fs::File;
use std::io::{self, Write};
use std::process::Command;

use tempfile::NamedTempFile;

use crate::error::system_words;
use crate::stdio::file;

/// Lets the person edit `text` at the terminal; gives what they wrote, without the newline that editors put at the end.
///
/// # Errors
/// What failed, in words.
pub(super) fn write(text: &str, terminal: io::Result<File>) -> Result<String, String> {
    let terminal = terminal.map_err(|error| format!("can't use the terminal: {}", system_words(&error)))?;
    let scratch = scratch(text).map_err(|error| format!("can't write a temporary file: {}", system_words(&error)))?;
    let editor =
        ["VISUAL", "EDITOR"].into_iter().find_map(|name| env::var(name).ok().filter(|value| !value.is_empty()));
    let editor = editor.unwrap_or_else(|| "vi".into());
    // The variable is a command line, with flags perhaps.
    let command = format!("{editor} \"$1\"");
    let run = Command::new("sh").arg("-c").arg(command).arg("sh").arg(scratch.path()).stdin(terminal).status();
    match run {
        Ok(status) if status.success() => {}
        Ok(_) => return Err(format!("{editor} failed, and nothing is sent")),
        Err(error) => return Err(format!("can't start {editor}: {}", system_words(&error))),
    }
    let written = file::text(scratch.path()).map_err(|error| error.to_string())?;
    Ok(written.strip_suffix('\n').unwrap_or(&written).to_owned())
}

/// A file that nobody else may read, gone when we are done with it.
fn scratch(text: &str) -> io::Result<NamedTempFile> {
    let mut file = tempfile::Builder::new().prefix("wscli-").suffix(".txt").tempfile()?;
    file.write_all(text.as_bytes())?;
    Ok(file)
}
