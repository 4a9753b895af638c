//! Where the history is kept.

use std::env;
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;

/// Lines that are kept.
pub(super) const LINES: usize = 10_000;

/// A longer line isn't kept, in bytes: it was pasted, and can be pasted again.
pub(super) const LONGEST: usize = 16 * 1024;

/// The history's file in the user's state directory, with that directory made where it is missing
/// and closed to others. `None` where there is no home, or it can't be written: then there is no
/// history beyond this run.
pub(super) fn file() -> Option<PathBuf> {
    let folder = state_directory()?.join("wscli");
    DirBuilder::new().recursive(true).mode(0o700).create(&folder).ok()?;
    Some(folder.join("history"))
}

/// As the XDG base directory specification has it: a relative path in the variable is ignored.
fn state_directory() -> Option<PathBuf> {
    let absolute = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    absolute("XDG_STATE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".local/state")))
}
