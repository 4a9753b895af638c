//! A file that tells scripts which ports a server got.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use crate::error::Error;
use crate::net::OwnedPath;

/// Ports in a file, one a line; removed when this is dropped, if it is still ours.
#[derive(Debug)]
pub(crate) struct PortFile {
    _path: OwnedPath,
    /// Open for as long as the path is ours.
    _file: File,
}

impl PortFile {
    /// Appears whole or not at all: whoever waits for the file never reads half of it.
    ///
    /// # Errors
    /// [`Error::Write`].
    pub(crate) fn write(path: &Path, ports: &[u16]) -> Result<Self, Error> {
        let lines: String = ports.iter().map(|port| format!("{port}\n")).collect();
        let mut beside = path.as_os_str().to_owned();
        beside.push(format!(".{}", std::process::id()));
        let written = put(Path::new(&beside), path, &lines);
        if written.is_err() {
            // There may be none.
            let _ = fs::remove_file(&beside);
        }
        written.map_err(|why| Error::unwritable(path, &why))
    }
}

/// Writes beside the path, and then takes it.
fn put(beside: &Path, path: &Path, lines: &str) -> io::Result<PortFile> {
    // What is left of a process that had our number is replaced, and nothing is written through a link.
    let _ = fs::remove_file(beside);
    let mut file = File::create_new(beside)?;
    file.write_all(lines.as_bytes())?;
    let facts = file.metadata()?;
    fs::rename(beside, path)?;
    Ok(PortFile { _path: OwnedPath::new(path, &facts), _file: file })
}
