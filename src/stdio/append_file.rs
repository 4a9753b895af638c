//! Files to whose end lines are added: recordings, and what `/log` writes. Each has one writer at a time
//! ([`claim`](super::file_claim::claim)), for the connections of two would have the same numbers, and a long line of one could have
//! another's in its middle.

use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal, Read, Seek, SeekFrom, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::OFlags;
use rustix::io::Errno;

use super::file::is_stdout;
use super::file_claim::claim;

/// Opens a file that nobody else may read, a new one or behind what is there, and claims it as [`claim`] does. A path
/// that leads to where stdout goes is stdout: a file that is opened twice has two places where writing goes on, and what is written
/// at one overwrites what is written at the other.
///
/// # Errors
/// What the system says; a terminal, a file that somebody writes already, and one whose lines are others.
pub(crate) fn open_to_append(path: &Path) -> io::Result<File> {
    if is_stdout(path) {
        // Unclaimed: the claim would be of all who have the same stdout, and of the shell after our end.
        return io::stdout().as_fd().try_clone_to_owned().map(File::from);
    }
    // A pipe with a name isn't waited for until it has a reader: connections and signals would wait too.
    let flags = OFlags::NONBLOCK.bits() as i32;
    let opened = OpenOptions::new().create(true).append(true).mode(0o600).custom_flags(flags).open(path);
    let file = opened.map_err(|error| match Errno::from_io_error(&error) {
        Some(Errno::NXIO) => io::Error::other("it is a pipe that nobody reads yet: its reader has to be there first"),
        _ => error,
    })?;
    refuse_terminal(&file)?;
    claim(&file)?;
    refuse_other_lines(path, &file)?;
    Ok(file)
}

/// Ends a line in whose middle the file ends, as where its writer was killed: the next one isn't to be part of that. Only for who
/// alone writes it.
///
/// # Errors
/// What the system says.
pub(crate) fn end_line(path: &Path, file: &mut File) -> io::Result<()> {
    if ends_in_a_line(path) { file.write_all(b"\n") } else { Ok(()) }
}

/// Recordings keep exactly what was sent, and a terminal would act on it.
fn refuse_terminal(file: &impl IsTerminal) -> io::Result<()> {
    if file.is_terminal() {
        Err(io::Error::other("it is a terminal, and what is written to it is not made safe for one"))
    } else {
        Ok(())
    }
}

/// Notes, or a recording that was compressed, would be spoilt by lines of JSON behind them.
fn refuse_other_lines(path: &Path, file: &File) -> io::Result<()> {
    let mut beginning = Vec::new();
    if file.metadata()?.is_file() {
        // A file that can be written and not read is taken for one of ours.
        let _ = File::open(path).and_then(|file| file.take(BEGINNING).read_to_end(&mut beginning));
    }
    match beginning.trim_ascii_start() {
        // JSON that is laid out has an object in more than a line.
        [] | [b'#', ..] | b"{" => Ok(()),
        [b'{', next, ..] if !b"\r\n".contains(next) => Ok(()),
        _ => Err(io::Error::other("what is in it is neither a recording nor a log; choose another file")),
    }
}

/// Bytes in which something else than blanks is expected.
const BEGINNING: u64 = 4096;

fn ends_in_a_line(path: &Path) -> bool {
    let is_file = path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.len() > 0);
    let mut last = [b'\n'];
    let read = |mut file: File| {
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)
    };
    // A file that can be written and not read is taken for whole.
    is_file && File::open(path).and_then(read).is_ok() && last != [b'\n']
}
