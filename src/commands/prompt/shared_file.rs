//! A file of the user's that several prompts write at the same time: whoever has it locked adds to it, or puts another in its
//! place.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::OFlags;

use crate::stdio::file::{user_directory, write_for_us_alone};

/// Another prompt writes a line at a time. One that was stopped over it isn't waited for any longer.
const WAITS: Duration = Duration::from_millis(300);

/// How often it is looked whether another prompt has written.
const LOOK: Duration = Duration::from_millis(5);

#[derive(Debug, Clone)]
pub(super) struct SharedFile(PathBuf);

impl SharedFile {
    /// In the user's state directory, with that directory made where it is missing and closed to others. `None` where there is
    /// no home, or it can't be written.
    pub(super) fn of_user(name: &str) -> Option<Self> {
        let folder = user_directory("XDG_STATE_HOME", ".local/state")?.join("wscli");
        DirBuilder::new().recursive(true).mode(0o700).create(&folder).ok()?;
        Some(Self::at(folder.join(name)))
    }

    pub(super) fn at(path: PathBuf) -> Self {
        // A link stays one when the file is written anew.
        Self(path.canonicalize().unwrap_or(path))
    }

    #[cfg(test)]
    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// What is in it: of one that somebody else has made longer than `most`, the end.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn end(&self, most: usize) -> io::Result<Vec<u8>> {
        let mut file = self.open()?;
        let size = file.metadata()?.len();
        file.seek(SeekFrom::Start(size.saturating_sub(most as u64)))?;
        let mut bytes = Vec::new();
        file.take(most as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// The file, and nobody else's until it is closed.
    ///
    /// # Errors
    /// What the system says, and that another has it for too long.
    pub(super) fn lock(&self) -> io::Result<File> {
        let begun = Instant::now();
        loop {
            let file = self.open()?;
            match file.try_lock() {
                // Another prompt may have put a new file in its place meanwhile.
                Ok(()) if is_at(&self.0, &file) => return Ok(file),
                Ok(()) => continue,
                Err(TryLockError::WouldBlock) if begun.elapsed() < WAITS => thread::sleep(LOOK),
                Err(TryLockError::WouldBlock) => return Err(ErrorKind::WouldBlock.into()),
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
    }

    /// Puts another file in its place, whole or not at all. To be called while it is locked.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn replace(&self, content: &[u8]) -> io::Result<()> {
        write_for_us_alone(&self.0, content).map_err(|error| io::Error::other(error.to_string()))
    }

    /// To read it, and to append. What is no file, as /dev/null, keeps nothing.
    fn open(&self) -> io::Result<File> {
        let flags = OFlags::NONBLOCK.bits() as i32;
        let options = OpenOptions::new().read(true).append(true).create(true).mode(0o600).custom_flags(flags).clone();
        let file = options.open(&self.0)?;
        if file.metadata()?.is_file() { Ok(file) } else { Err(ErrorKind::Unsupported.into()) }
    }
}

/// Whether a file that was opened is the one at this path still.
fn is_at(path: &Path, file: &File) -> bool {
    let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    let opened = file.metadata().map(identity).ok();
    opened.is_some() && opened == fs::metadata(path).map(identity).ok()
}
