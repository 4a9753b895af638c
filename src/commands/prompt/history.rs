//! Where the history is kept.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;

use crate::stdio::file::user_directory;

/// Lines that are kept.
pub(super) const LINES: usize = 10_000;

/// A longer line isn't kept, in bytes: it was pasted, and can be pasted again.
pub(super) const LONGEST: usize = 16 * 1024;

/// The history's file in the user's state directory, with that directory made where it is missing
/// and closed to others. `None` where there is no home, or it can't be written: then there is no
/// history beyond this run.
pub(super) fn file() -> Option<PathBuf> {
    let folder = user_directory("XDG_STATE_HOME", ".local/state")?.join("wscli");
    DirBuilder::new().recursive(true).mode(0o700).create(&folder).ok()?;
    Some(folder.join("history"))
}
