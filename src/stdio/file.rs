//! Files of the user: those that were named, read whole, so that what is wrong with one is said with its name; and where those
//! are that nobody names.

use std::env;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, IsTerminal, Read};
use std::os::fd::AsFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::OFlags;
use signal_hook::consts::SIGXFSZ;

use super::byte_order_mark;
use super::replaced_file::{OURS_ALONE, replace};
use crate::error::Error;
use crate::net::{Woken, wait_either};
use crate::values::{is_utf16, utf16};

/// The user's directory that a variable names, else the one `below_home`, by the XDG base directory specification: a relative
/// path in a variable is ignored. `None` without a home.
pub(crate) fn user_directory(variable: &str, below_home: &str) -> Option<PathBuf> {
    let absolute = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    absolute(variable).or_else(|| absolute("HOME").map(|home| home.join(below_home)))
}

/// The file of this name to read; `-` is stdin, as in other tools.
pub(crate) fn to_read(name: &Path) -> &Path {
    if name == Path::new(STANDARD) { Path::new("/dev/stdin") } else { name }
}

/// The file of this name to write; `-` is stdout.
pub(crate) fn to_write(name: &Path) -> &Path {
    if name == Path::new(STANDARD) { Path::new("/dev/stdout") } else { name }
}

/// Has the system say that a file may not grow (`ulimit -f`), as it says that a disk is full. Otherwise its signal ends the process
/// without a word. It is caught and not ignored, as children would inherit that.
pub(crate) fn report_full_files() {
    // Nobody asks whether it has come, and without the handler all is as it was.
    let _ = signal_hook::flag::register(SIGXFSZ, Arc::default());
}

/// Whether a path leads to what stdout goes to, a file, a pipe or a socket, whatever that is called. A terminal and other devices
/// are the same however often they are opened.
pub(crate) fn is_stdout(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|there| leads_to(io::stdout(), &there) && !there.file_type().is_char_device())
}

/// Whether an open file is the one that stdin is read from.
pub(crate) fn is_stdin(file: &File) -> bool {
    file.metadata().is_ok_and(|there| there.is_file() && leads_to(io::stdin(), &there))
}

fn leads_to(stream: impl AsFd, there: &Metadata) -> bool {
    let of_stream = stream.as_fd().try_clone_to_owned().and_then(|stream| File::from(stream).metadata());
    of_stream.is_ok_and(|stream| (there.dev(), there.ino()) == (stream.dev(), stream.ino()))
}

/// What stands for a standard stream.
const STANDARD: &str = "-";

/// # Errors
/// [`Error::File`].
pub(crate) fn bytes(path: &Path) -> Result<Vec<u8>, Error> {
    let path = to_read(path);
    std::fs::read(path).map_err(|why| Error::unreadable(path, &why))
}

/// Without its byte order mark.
///
/// # Errors
/// [`Error::File`], also for what isn't UTF-8.
pub(crate) fn text(path: &Path) -> Result<String, Error> {
    as_text(path, bytes(path)?)
}

/// The same of a file of up to `most` bytes.
///
/// # Errors
/// [`Error::File`], also for what is larger, and for what isn't UTF-8.
pub(crate) fn text_up_to(path: &Path, most: u64) -> Result<String, Error> {
    let content = bytes_up_to(path, most)?;
    as_text(path, content.ok_or_else(|| Error::file(path, format!("it is over {most} bytes")))?)
}

fn as_text(path: &Path, mut bytes: Vec<u8>) -> Result<String, Error> {
    byte_order_mark::remove(&mut bytes);
    String::from_utf8(bytes).map_err(|error| match is_utf16(error.as_bytes()) {
        true => Error::file(path, utf16("it")),
        false => {
            let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
            let begins = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            let column = String::from_utf8_lossy(&before[begins..]).chars().count() + 1;
            Error::file(path, format!("it is not UTF-8: line {line}, column {column}"))
        }
    })
}

/// Whether every user of this machine may write what a file says. What is no file, as a pipe, says what its writer does.
pub(crate) fn is_everybodys(path: &Path) -> bool {
    const WRITTEN_BY_OTHERS: u32 = 0o002;
    std::fs::metadata(path).is_ok_and(|file| file.is_file() && file.mode() & WRITTEN_BY_OTHERS != 0)
}

/// The content of a file of up to `most` bytes, and `None` of a larger one. What has no size of its own, as a pipe, is read
/// no further than that.
///
/// # Errors
/// [`Error::File`].
pub(crate) fn bytes_up_to(path: &Path, most: u64) -> Result<Option<Vec<u8>>, Error> {
    let (path, mut content) = (to_read(path), Vec::new());
    let read = File::open(path).and_then(|file| file.take(most + 1).read_to_end(&mut content));
    read.map_err(|why| Error::unreadable(path, &why))?;
    Ok((content.len() as u64 <= most).then_some(content))
}

/// The same, unless `cancelled` is woken: what has no size and no end of its own, as a pipe or a device, is waited for.
///
/// # Errors
/// [`Error::File`], also for a terminal, which somebody else reads; [`Error::Interrupted`].
pub(crate) fn bytes_unless(path: &Path, most: u64, cancelled: &Woken) -> Result<Option<Vec<u8>>, Error> {
    let unreadable = |why| Error::unreadable(path, &why);
    // To open a pipe with a name would wait for a writer.
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits() as i32;
    let mut file = OpenOptions::new().read(true).custom_flags(flags).open(path).map_err(unreadable)?;
    if file.is_terminal() {
        return Err(Error::file(path, "it is a terminal"));
    }
    if file.metadata().is_ok_and(|metadata| metadata.len() > most) {
        return Ok(None);
    }
    let (mut content, mut piece) = (Vec::new(), vec![0; 64 * 1024]);
    while content.len() as u64 <= most {
        wait_either(&file, cancelled, None);
        if cancelled.is_raised() {
            return Err(Error::Interrupted);
        }
        match file.read(&mut piece) {
            Ok(0) => return Ok(Some(content)),
            Ok(count) => content.extend_from_slice(&piece[..count]),
            Err(error) if matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::WouldBlock) => {}
            Err(error) => return Err(unreadable(error)),
        }
    }
    Ok(None)
}

/// Writes a file that nobody else may read, as [`replace`] does it.
///
/// # Errors
/// [`Error::Write`].
pub(crate) fn write_for_us_alone(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    replace(path, bytes, OURS_ALONE).map(drop).map_err(|why| Error::unwritable(path, &why))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_up_to_its_limit() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
        let whole = bytes(&path).unwrap();
        assert_eq!(bytes_up_to(&path, whole.len() as u64).unwrap(), Some(whole.clone()));
        assert_eq!(bytes_up_to(&path, whole.len() as u64 - 1).unwrap(), None);
        assert_eq!(text(&path).unwrap().as_bytes(), whole);
    }

    #[test]
    fn what_is_wrong_is_said_with_the_name() {
        let missing = Path::new("/nonexistent/file");
        for error in [bytes(missing).err(), text(missing).err(), bytes_up_to(missing, 1).err()] {
            assert_eq!(error.unwrap().to_string(), "can't read /nonexistent/file: No such file or directory");
        }
    }
}
