//! A file that tells scripts which ports a server got.

use std::fs::File;
use std::io;
use std::path::Path;

use crate::error::Error;
use crate::net::{OwnedPath, Signals};
use crate::stdio::replaced_file::{AS_USUAL, ReplacedFile, may_wait, replace};

/// Ports in a file, one a line; removed when this is dropped, if it is still ours.
#[derive(Debug)]
pub(crate) struct PortFile {
    _path: OwnedPath,
    /// Open for as long as the path is ours.
    _file: File,
}

impl PortFile {
    /// Appears whole or not at all: whoever waits for the file never reads half of it. What is no regular file is told the
    /// ports, and is none of ours; while it waits for a reader a signal ends the process.
    ///
    /// # Errors
    /// [`Error::Write`].
    pub(crate) fn write(path: &Path, ports: &[u16], signals: &Signals) -> Result<Option<Self>, Error> {
        let lines: String = ports.iter().map(|port| format!("{port}\n")).collect();
        let write = || replace(path, lines.as_bytes(), AS_USUAL);
        let written = if may_wait(path) { signals.released(write) } else { write() };
        let written = written.and_then(|replaced| replaced.map(Self::of).transpose());
        written.map_err(|why| Error::unwritable(path, &why))
    }

    fn of(ReplacedFile { path, file }: ReplacedFile) -> io::Result<Self> {
        Ok(Self { _path: OwnedPath::new(&path, &file.metadata()?), _file: file })
    }
}
