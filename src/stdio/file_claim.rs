//! Which files somebody writes: a recording, a log, and what messages are written to have one writer at a time, but for those who only
//! add messages of theirs.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;

use crate::advice;

/// Keeps others from writing a file as long as this one, or a clone of it, is open. What is no file, as a pipe, may have any
/// number of writers.
///
/// # Errors
/// That somebody has claimed it.
pub(crate) fn claim(file: &File) -> io::Result<()> {
    claimed(file, File::try_lock)
}

/// The same for a file that may have more writers of its kind.
///
/// # Errors
/// That somebody has [claimed](claim) it.
pub(crate) fn claim_with_others(file: &File) -> io::Result<()> {
    claimed(file, File::try_lock_shared)
}

/// Looks whether the file at a path may be replaced: who writes it would go on, into a file that has no name any more.
///
/// # Errors
/// That somebody has [claimed](claim) it.
pub(crate) fn check_unclaimed(path: &Path) -> io::Result<()> {
    File::open(path).map_or(Ok(()), |present| claim(&present))
}

fn claimed(file: &File, lock: fn(&File) -> Result<(), TryLockError>) -> io::Result<()> {
    match file.metadata()?.is_file().then(|| lock(file)) {
        Some(Err(TryLockError::WouldBlock)) => Err(io::Error::other(advice::IS_BEING_WRITTEN)),
        // A file system that knows no locks is no reason to write nothing.
        None | Some(Ok(()) | Err(TryLockError::Error(_))) => Ok(()),
    }
}
