//! Passwords and tokens, as a flag gives them: themselves, or the name of a file. What is on a command line everybody on the
//! machine can read.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use super::byte_order_mark;
use super::file::to_read;
use crate::error::{Error, system_words};

/// A password or a token. `Debug` doesn't show it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Secret {
    Given(String),
    /// The first line of a file.
    File(PathBuf),
}

/// The longest secret that is read from a file, in bytes.
const LONGEST: usize = 64 * 1024;

impl From<&str> for Secret {
    /// Of a flag's value: `@FILE`, or the secret itself.
    fn from(text: &str) -> Self {
        match text.strip_prefix('@') {
            Some(path) => Self::File(path.into()),
            None => Self::Given(text.to_owned()),
        }
    }
}

impl Secret {
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
    let mut line = Vec::new();
    let file = File::open(path).map_err(|why| unreadable(path, &why))?;
    // A mark before it, an end behind it, and enough to see that it is too long.
    let mut reader = BufReader::new(file.take(LONGEST as u64 + 6));
    reader.read_until(b'\n', &mut line).map_err(|why| Error::unreadable(path, &why))?;
    byte_order_mark::remove(&mut line);
    let line = line.strip_suffix(b"\n").unwrap_or(&line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    match str::from_utf8(line) {
        _ if line.len() > LONGEST => Err(Error::file(path, "its first line is over 64 KiB")),
        Err(_) => Err(Error::file(path, "its first line is not UTF-8")),
        Ok("") => Err(Error::file(path, "its first line is empty")),
        Ok(secret) => Ok(secret.to_owned()),
    }
}

/// What isn't there, and isn't written as a path, may be a secret that begins with an `@`.
fn unreadable(path: &Path, why: &io::Error) -> Error {
    let text = path.to_string_lossy();
    let is_path = text.is_empty() || (text.contains('/') && !text.contains(':'));
    match why.kind() {
        io::ErrorKind::NotFound if !is_path => Error::Usage {
            what: format!("can't read the file after @: {}", system_words(why)).into(),
            hint: Some("a secret that begins with @ can be given in a file".into()),
        },
        _ => Error::unreadable(path, why),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_secret_is_the_first_line_of_its_file_or_refused() {
        let read = |content: &[u8]| {
            let mut file = tempfile::NamedTempFile::new().unwrap();
            file.write_all(content).unwrap();
            let flag = format!("@{}", file.path().display());
            let why = |error: Error| error.to_string().rsplit(": ").next().unwrap_or_default().to_owned();
            Secret::from(flag.as_str()).read().map_err(why)
        };
        assert_eq!(Secret::from("secret").read().unwrap(), "secret");
        assert_eq!(read(b"secret\r\nmore").as_deref(), Ok("secret"));
        assert_eq!(read("\u{feff}se\ncret".as_bytes()).as_deref(), Ok("se"));
        // Characters of two bytes, so that one would be cut.
        let longest = "é".repeat(LONGEST / 2);
        for end in ["", "\n", "\r\n"] {
            assert_eq!(read(format!("\u{feff}{longest}{end}").as_bytes()).as_ref(), Ok(&longest));
            let longer = format!("x{longest}{end}more");
            assert_eq!(read(longer.as_bytes()), Err("its first line is over 64 KiB".into()));
        }
        assert_eq!(read(b"\xff\n"), Err("its first line is not UTF-8".into()));
        assert_eq!(read(b"\nsecret"), Err("its first line is empty".into()));
    }
}
