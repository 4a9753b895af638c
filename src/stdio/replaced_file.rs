//! Files that are written whole or not at all: who reads one meanwhile sees what it was.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// A file that nobody else may read.
pub(crate) const OURS_ALONE: u32 = 0o600;

/// A file as others make them: the umask says who may read it.
pub(crate) const AS_USUAL: u32 = 0o666;

/// A regular file that was put in the place of whatever file was there, open still.
#[derive(Debug)]
pub(crate) struct ReplacedFile {
    /// Where it is, behind all links.
    pub(crate) path: PathBuf,
    pub(crate) file: File,
}

/// Puts a file with these bytes at a path, and behind a link where there is one. What is no regular file, as a device or a
/// pipe with a name, stays what it is: it is written into, and nothing is given back.
///
/// # Errors
/// What the system says. The path is then as it was.
pub(crate) fn replace(path: &Path, bytes: &[u8], mode: u32) -> io::Result<Option<ReplacedFile>> {
    match WriteTarget::of(path)? {
        WriteTarget::NoRegularFile => OpenOptions::new().write(true).open(path)?.write_all(bytes).map(|()| None),
        WriteTarget::File(path) => {
            let mut file = UnplacedFile::beside(path, mode)?;
            file.write_all(bytes)?;
            file.place().map(Some)
        }
    }
}

/// Looks whether a file could be put at a path. What waits for a reader isn't tried.
///
/// # Errors
/// As of [`replace`].
pub(crate) fn check_replaceable(path: &Path) -> io::Result<()> {
    match WriteTarget::of(path)? {
        WriteTarget::File(path) => UnplacedFile::beside(path, AS_USUAL).map(drop),
        WriteTarget::NoRegularFile if fs::metadata(path)?.file_type().is_fifo() => Ok(()),
        WriteTarget::NoRegularFile => OpenOptions::new().write(true).open(path).map(drop),
    }
}

/// Whether writing to a path may wait for somebody, as it does for the reader of a pipe with a name.
pub(crate) fn may_wait(path: &Path) -> bool {
    matches!(WriteTarget::of(path), Ok(WriteTarget::NoRegularFile))
}

/// What a path leads to.
pub(crate) enum WriteTarget {
    /// A regular file or none yet, behind all links.
    File(PathBuf),
    NoRegularFile,
}

impl WriteTarget {
    /// # Errors
    /// What the system says, of a circle of links also.
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        match fs::metadata(path) {
            // Of a file that has no name any more, as one that stdout goes to may have none, there is nothing to replace.
            Ok(facts) if facts.is_file() => Ok(path.canonicalize().map_or(Self::NoRegularFile, Self::File)),
            Ok(_) => Ok(Self::NoRegularFile),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self::File(behind_links(path))),
            Err(error) => Err(error),
        }
    }
}

/// Where a path leads at which there is nothing, or a link to nothing. The system has found no circle in it.
fn behind_links(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    while let Ok(target) = fs::read_link(&path) {
        path = path.parent().unwrap_or(Path::new("")).join(target);
    }
    path
}

/// A file that is being written beside a path, and then takes it. Until then nobody sees it, and if it never does it is gone.
#[derive(Debug)]
pub(crate) struct UnplacedFile {
    file: NamedTempFile,
    path: PathBuf,
}

impl UnplacedFile {
    /// `path` is behind all links.
    pub(crate) fn beside(path: PathBuf, mode: u32) -> io::Result<Self> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let file =
            tempfile::Builder::new().prefix(".wscli-").permissions(Permissions::from_mode(mode)).tempfile_in(folder)?;
        Ok(Self { file, path })
    }

    /// Where it is until it takes its place.
    pub(crate) fn beside_path(&self) -> &Path {
        self.file.path()
    }

    /// It is whole.
    pub(crate) fn place(self) -> io::Result<ReplacedFile> {
        let file = self.file.persist(&self.path).map_err(|error| error.error)?;
        Ok(ReplacedFile { path: self.path, file })
    }
}

impl Write for UnplacedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::os::unix::fs::symlink;
    use std::thread;

    use rustix::fs::{CWD, Mode, mkfifoat};

    use super::*;

    struct TemporaryFolder(PathBuf);

    impl TemporaryFolder {
        fn new() -> Self {
            let path = std::env::temp_dir().join(format!("wscli-replaced-{:016x}", rand::random::<u64>()));
            fs::create_dir(&path).unwrap();
            Self(path)
        }
    }

    impl Drop for TemporaryFolder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_file_is_replaced_and_a_link_stays_one() {
        let TemporaryFolder(folder) = &TemporaryFolder::new();
        let (real, link, dangling) = (folder.join("real"), folder.join("link"), folder.join("dangling"));
        symlink("real", &link).unwrap();
        symlink("new", &dangling).unwrap();
        fs::write(&real, "before").unwrap();
        for (path, written) in [(&real, &real), (&link, &real), (&dangling, &folder.join("new"))] {
            let replaced = replace(path, b"after", OURS_ALONE).unwrap().unwrap();
            assert_eq!(replaced.path, *written);
            assert_eq!(fs::read(written).unwrap(), b"after");
            assert_eq!(fs::metadata(written).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert!([link, dangling].iter().all(|link| link.is_symlink()));
        assert_eq!(fs::read_dir(folder).unwrap().count(), 4);
    }

    #[test]
    fn what_is_no_regular_file_is_written_into() {
        let TemporaryFolder(folder) = &TemporaryFolder::new();
        let pipe = folder.join("pipe");
        mkfifoat(CWD, &pipe, Mode::RUSR | Mode::WUSR).unwrap();
        let reading = pipe.clone();
        let reader = thread::spawn(move || {
            let mut read = String::new();
            File::open(reading).unwrap().read_to_string(&mut read).unwrap();
            read
        });
        assert!(replace(&pipe, b"told", AS_USUAL).unwrap().is_none());
        assert_eq!(reader.join().unwrap(), "told");
        // A device, at a path that can be lost.
        let link = folder.join("full");
        symlink("/dev/full", &link).unwrap();
        assert_eq!(replace(&link, b"told", AS_USUAL).unwrap_err().kind(), ErrorKind::StorageFull);
        assert!(replace(folder, b"told", AS_USUAL).is_err() && folder.is_dir());
    }

    #[test]
    fn a_circle_of_links_is_no_place() {
        let TemporaryFolder(folder) = &TemporaryFolder::new();
        let (one, other) = (folder.join("one"), folder.join("other"));
        symlink(&one, &other).unwrap();
        symlink(&other, &one).unwrap();
        assert!(replace(&one, b"told", AS_USUAL).is_err());
    }
}
