//! `--fmt`: test files in their canonical form.

use std::fs;
use std::path::Path;

use super::Config;
use super::test_files::{found, read};
use crate::error::Error;
use crate::exit::Exit;
use crate::net::Signals;
use crate::peer_text::Escaped;
use crate::script::scenario::{formatted, is_http_file, parse_with_any};
use crate::stdio::console::Console;
use crate::stdio::replaced_file::{OURS_ALONE, replace};
use crate::stdio::scenario_files::FilesBeside;
use crate::stdio::writer::Output;

/// Formats the files, and tells which have changed; in a dry run which would.
///
/// # Errors
/// Files that can't be read or written.
pub(super) fn run(config: &Config, output: &mut Output, console: &Console, signals: &Signals) -> Result<Exit, Error> {
    let mut exit = Exit::Done;
    for path in found(&config.paths)? {
        let name = path.display().to_string();
        if config.only.as_ref().is_some_and(|only| !only.is_match(&name)) || is_http_file(&name) {
            continue;
        }
        let source = signals.released(|| read(&path, &name))?;
        // What says something else in another form than it was meant to is left alone.
        let text = match parse_with_any(&source, &mut FilesBeside).and_then(|_| formatted(&source)) {
            Ok(text) => text,
            Err(fault) => {
                super::test_files::tell(&fault, console);
                exit = Exit::Usage;
                continue;
            }
        };
        if text == source.text {
            continue;
        }
        match config.dry_run {
            true if exit == Exit::Done => exit = Exit::No,
            true => {}
            false => write(&path, &text)?,
        }
        output.write(|out| out.extend_from_slice(format!("{}\n", Escaped(&name)).as_bytes()));
    }
    Ok(exit)
}

/// Writes it anew, for those to read who could read it before.
fn write(path: &Path, text: &str) -> Result<(), Error> {
    let written = || {
        let permissions = fs::metadata(path)?.permissions();
        let replaced = replace(path, text.as_bytes(), OURS_ALONE)?;
        replaced.map_or(Ok(()), |replaced| replaced.file.set_permissions(permissions))
    };
    written().map_err(|why| Error::unwritable(path, &why))
}
