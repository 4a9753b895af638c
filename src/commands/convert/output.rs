//! The file that a conversion makes: it is there when it is whole, and nobody else may read it.

use std::fs;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::advice;
use crate::error::Error;
use crate::net::LastAct;
use crate::stdio::file_claim::check_unclaimed;
use crate::stdio::replaced_file::{OURS_ALONE, UnplacedFile, WriteTarget};

pub(super) struct OutputFile(BufWriter<OutputPlace>);

enum OutputPlace {
    /// What is no file, as stdout or a pipe, gets everything as it comes.
    Stream(Box<dyn Write>),
    /// With what removes it where the process ends before it is whole.
    File(UnplacedFile, LastAct),
}

impl OutputFile {
    /// Opens `path`; `-` is stdout. What `is_exact` isn't safe for a terminal.
    ///
    /// # Errors
    /// [`Error::Write`]; [`Error::Usage`] where it is the file that is converted, or such a terminal.
    pub(super) fn create(path: &Path, source: &Path, is_exact: bool) -> Result<Self, Error> {
        let unwritable = |why| Error::unwritable(path, &why);
        let checked = |is_terminal: bool| match is_exact && is_terminal {
            true => Err(advice::exact_on_a_terminal()),
            false => Ok(()),
        };
        let place = match WriteTarget::of(path).map_err(unwritable)? {
            _ if path == Path::new("-") => {
                checked(io::stdout().is_terminal())?;
                OutputPlace::Stream(Box::new(io::stdout().lock()))
            }
            WriteTarget::NoRegularFile => {
                let file = fs::OpenOptions::new().write(true).open(path).map_err(unwritable)?;
                checked(file.is_terminal())?;
                OutputPlace::Stream(Box::new(file))
            }
            WriteTarget::File(target) if is_same(&target, source) => {
                return Err(Error::usage(format!("{} would be converted over itself", path.display())));
            }
            WriteTarget::File(target) => {
                check_unclaimed(&target).map_err(unwritable)?;
                let file = UnplacedFile::beside(target, OURS_ALONE).map_err(unwritable)?;
                let path = file.beside_path().to_owned();
                // Where the source is waited for when a signal comes, nobody else removes it.
                let unfinished = LastAct::new(move || drop(fs::remove_file(path)));
                OutputPlace::File(file, unfinished)
            }
        };
        Ok(Self(BufWriter::with_capacity(64 * 1024, place)))
    }

    /// Whether it is a file, which is there once it is whole.
    pub(super) fn is_file(&self) -> bool {
        matches!(self.0.get_ref(), OutputPlace::File(..))
    }

    /// Everything is written.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.0.flush()?;
        match self.0.into_inner().map_err(io::IntoInnerError::into_error)? {
            OutputPlace::Stream(_) => Ok(()),
            OutputPlace::File(file, unfinished) => {
                let placed = file.place();
                unfinished.withdraw();
                placed.map(drop)
            }
        }
    }
}

fn is_same(target: &Path, source: &Path) -> bool {
    let identity = |path: &Path| fs::metadata(path).map(|facts| (facts.dev(), facts.ino())).ok();
    identity(target).is_some_and(|target| identity(source) == Some(target))
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
