//! Passwords and tokens, as a flag gives them: themselves, or the name of a file. What is on a command line everybody on the
//! machine can read.

use std::convert::Infallible;
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use super::file::to_read;
use crate::error::Error;

/// A password or a token. `Debug` doesn't show it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Secret {
    Given(String),
    /// The first line of a file.
    File(PathBuf),
}

/// The longest secret that is read from a file, in bytes.
const LONGEST: u64 = 64 * 1024;

impl Secret {
    /// Reads a flag's value: `@FILE`, or the secret itself.
    ///
    /// # Errors
    /// None.
    pub(crate) fn of_flag(text: &str) -> Result<Self, Infallible> {
        Ok(match text.strip_prefix('@') {
            Some(path) => Self::File(path.into()),
            None => Self::Given(text.to_owned()),
        })
    }

    /// The secret itself.
    ///
    /// # Errors
    /// [`Error::File`].
    pub(crate) fn read(&self) -> Result<String, Error> {
        match self {
            Self::Given(secret) => Ok(secret.clone()),
            Self::File(path) => first_line(path),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Given(_) => f.write_str("Secret(…)"),
            Self::File(path) => write!(f, "Secret(@{})", path.display()),
        }
    }
}

/// Without its end, and without a byte order mark. The rest of the file is left alone: it may be a pipe.
fn first_line(path: &Path) -> Result<String, Error> {
    let path = to_read(path);
    let file = File::open(path).map_err(|why| Error::unreadable(path, &why))?;
    let mut line = String::new();
    BufReader::new(file.take(LONGEST)).read_line(&mut line).map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData => Error::file(path, "its first line is not UTF-8"),
        _ => Error::unreadable(path, &error),
    })?;
    let line = line.strip_prefix('\u{feff}').unwrap_or(&line);
    let line = line.strip_suffix('\n').unwrap_or(line);
    match line.strip_suffix('\r').unwrap_or(line) {
        "" => Err(Error::file(path, "its first line is empty")),
        secret => Ok(secret.to_owned()),
    }
}
