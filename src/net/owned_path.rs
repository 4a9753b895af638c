//! A path that is removed again by whoever made it, unless it has become somebody else's.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A path of ours: what is there is removed when this is dropped, if it is still what we put there. Whoever has this keeps
/// that open until then, so that its number is given to nothing else.
#[derive(Debug)]
pub(crate) struct OwnedPath {
    path: PathBuf,
    device: u64,
    inode: u64,
}

impl OwnedPath {
    /// What `facts` are about was put at `path`.
    pub(crate) fn new(path: &Path, facts: &Metadata) -> Self {
        Self { path: path.to_owned(), device: facts.dev(), inode: facts.ino() }
    }

    fn is(&self, facts: &Metadata) -> bool {
        (facts.dev(), facts.ino()) == (self.device, self.inode)
    }
}

impl Drop for OwnedPath {
    fn drop(&mut self) {
        // Somebody may have removed it before us, or put something else in its place.
        if fs::symlink_metadata(&self.path).is_ok_and(|facts| self.is(&facts)) {
            let _ = fs::remove_file(&self.path);
        }
    }
}
