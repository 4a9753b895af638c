//! The file that a conversion makes: it is there when it is whole, and nobody else may read it.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::Error;

pub(super) struct OutputFile(BufWriter<OutputPlace>);

enum OutputPlace {
    /// What is no file, as stdout or a pipe, gets everything as it comes.
    Stream(Box<dyn Write>),
    File(NamedTempFile, PathBuf),
}

impl OutputFile {
    /// Opens `path`; `-` is stdout.
    ///
    /// # Errors
    /// [`Error::Write`]; [`Error::Usage`] where it is the file that is converted.
    pub(super) fn create(path: &Path, source: &Path) -> Result<Self, Error> {
        let unwritable = |why| Error::unwritable(path, &why);
        let place = match fs::metadata(path) {
            _ if path == Path::new("-") => OutputPlace::Stream(Box::new(io::stdout().lock())),
            Ok(found) if !found.is_file() => {
                OutputPlace::Stream(Box::new(fs::OpenOptions::new().write(true).open(path).map_err(unwritable)?))
            }
            Ok(found) if is_same(&found, source) => {
                return Err(Error::usage(format!("{} would be converted over itself", path.display())));
            }
            // Where a link leads, a file is replaced there.
            Ok(_) => Self::beside(fs::canonicalize(path).map_err(unwritable)?).map_err(unwritable)?,
            Err(_) => Self::beside(path.to_owned()).map_err(unwritable)?,
        };
        Ok(Self(BufWriter::with_capacity(64 * 1024, place)))
    }

    fn beside(path: PathBuf) -> io::Result<OutputPlace> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Ok(OutputPlace::File(NamedTempFile::new_in(folder)?, path))
    }

    /// Everything is written.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.0.flush()?;
        match self.0.into_inner().map_err(io::IntoInnerError::into_error)? {
            OutputPlace::Stream(_) => Ok(()),
            OutputPlace::File(file, path) => file.persist(path).map(drop).map_err(|error| error.error),
        }
    }
}

fn is_same(target: &fs::Metadata, source: &Path) -> bool {
    fs::metadata(source).is_ok_and(|source| (source.dev(), source.ino()) == (target.dev(), target.ino()))
}

impl Write for OutputFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Write for OutputPlace {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stream(stream) => stream.write(bytes),
            Self::File(file, _) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stream(stream) => stream.flush(),
            Self::File(file, _) => file.flush(),
        }
    }
}
