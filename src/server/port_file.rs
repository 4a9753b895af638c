//! A file that tells scripts which ports a server got.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Error, system_words};

/// Ports in a file, one a line; removed when this is dropped.
#[derive(Debug)]
pub(crate) struct PortFile(PathBuf);

impl PortFile {
    /// Appears whole or not at all: whoever waits for the file never reads half of it.
    ///
    /// # Errors
    /// [`Error::Write`].
    pub(crate) fn write(path: &Path, ports: &[u16]) -> Result<Self, Error> {
        let failed = |error| Error::Write { path: path.to_owned(), why: system_words(&error) };
        let lines: String = ports.iter().map(|port| format!("{port}\n")).collect();
        let mut beside = path.as_os_str().to_owned();
        beside.push(format!(".{}", std::process::id()));
        fs::write(&beside, lines).map_err(failed)?;
        fs::rename(&beside, path).map_err(failed)?;
        Ok(Self(path.to_owned()))
    }
}

impl Drop for PortFile {
    fn drop(&mut self) {
        // Somebody may have removed it before us.
        let _ = fs::remove_file(&self.0);
    }
}
