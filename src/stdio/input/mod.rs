//! What there is to send: stdin, in one of its modes.

mod chunks;
mod encoded;
mod events;
mod separated;
mod stdin_lines;

use std::fmt;
use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

pub(crate) use self::stdin_lines::StdinLines;
use crate::ws::{Item, Kind};

/// How stdin becomes messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Lines,
    Null,
    Whole,
    Chunks,
    Hex,
    Base64,
    Json,
}

impl Mode {
    /// What each is called.
    pub(crate) const NAMES: &[(&'static str, Self)] = &[
        ("lines", Self::Lines),
        ("null", Self::Null),
        ("whole", Self::Whole),
        ("chunks", Self::Chunks),
        ("hex", Self::Hex),
        ("base64", Self::Base64),
        ("json", Self::Json),
    ];

    /// What help says beside the name.
    pub(crate) fn help(self) -> Option<&'static str> {
        match self {
            Self::Lines => None,
            Self::Null => Some("NUL-terminated"),
            Self::Whole => Some("all of stdin"),
            Self::Chunks => Some("one per read, binary"),
            Self::Hex | Self::Base64 => Some("one per line, binary"),
            Self::Json => Some("one event per line, docs/events.md"),
        }
    }
}

/// The next thing to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step<'a> {
    /// A message comes in one part, unless it is very long.
    Send(Item<'a>),
    Wait(Duration),
}

/// What can't be sent, where it is and why.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault(pub(crate) String);

/// Where items come from.
pub(crate) trait Source: fmt::Debug + Send {
    /// Reads once; waits if nothing is there. Every step must have been taken before.
    ///
    /// # Errors
    /// What the system says.
    fn read(&mut self) -> io::Result<()>;

    /// The next step that is ready.
    ///
    /// # Errors
    /// [`Fault`], after which there is no going on.
    fn next(&mut self) -> Result<Option<Step<'_>>, Fault>;

    /// The end was reached, and every step has been given.
    fn is_finished(&self) -> bool;

    fn as_fd(&self) -> BorrowedFd<'_>;
}

/// The size, in bytes, up to which a line comes in one part where nobody says otherwise.
const PART: usize = 64 * 1024;

/// What a command writes, as `mode` reads it.
pub(crate) fn of_command(file: File, mode: Mode) -> Box<dyn Source> {
    const ORIGIN: &str = "the command's output";
    match mode {
        Mode::Null => Box::new(separated::Separated::new(file, Some(0), Kind::Text, PART).called(ORIGIN)),
        Mode::Json => Box::new(events::Events::new(file).called(ORIGIN)),
        _ => Box::new(separated::Separated::new(file, Some(b'\n'), Kind::Text, PART).called(ORIGIN)),
    }
}

/// stdin as `mode` reads it. `part` is the size, in bytes, up to which a message comes in one part.
///
/// # Errors
/// When stdin can't be used.
pub(crate) fn stdin(mode: Mode, binary: bool, part: usize) -> io::Result<Box<dyn Source>> {
    Ok(from(File::from(io::stdin().as_fd().try_clone_to_owned()?), mode, binary, part))
}

/// A file as `mode` reads it.
pub(crate) fn from(file: File, mode: Mode, binary: bool, part: usize) -> Box<dyn Source> {
    let kind = if binary { Kind::Binary } else { Kind::Text };
    match mode {
        Mode::Lines => Box::new(separated::Separated::new(file, Some(b'\n'), kind, part)),
        Mode::Null => Box::new(separated::Separated::new(file, Some(0), kind, part)),
        Mode::Whole => Box::new(separated::Separated::new(file, None, kind, part)),
        Mode::Chunks => Box::new(chunks::Chunks::new(file, part)),
        Mode::Hex => Box::new(encoded::Encoded::new(file, encoded::Coding::Hex)),
        Mode::Base64 => Box::new(encoded::Encoded::new(file, encoded::Coding::Base64)),
        Mode::Json => Box::new(events::Events::new(file)),
    }
}

/// Whether stdin was closed when the program began. Rust then opens /dev/null in its place, for
/// reading and writing; `< /dev/null` is for reading only.
pub(crate) fn stdin_is_closed() -> bool {
    use rustix::fs::{OFlags, fcntl_getfl, fstat};
    let stdin = io::stdin();
    let is_null = || {
        let null = rustix::fs::stat("/dev/null").ok()?;
        Some(fstat(&stdin).ok()?.st_rdev == null.st_rdev)
    };
    !stdin.is_terminal()
        && fcntl_getfl(&stdin).is_ok_and(|flags| flags & OFlags::ACCMODE == OFlags::RDWR)
        && is_null() == Some(true)
}

/// One read; `None` where there was nothing after all.
fn read_once(mut file: &File, space: &mut [u8]) -> io::Result<Option<usize>> {
    match file.read(space) {
        Ok(count) => Ok(Some(count)),
        Err(error) if matches!(error.kind(), io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock) => Ok(None),
        // On Linux a terminal ends so when its other side is gone.
        Err(error) if rustix::io::Errno::from_io_error(&error) == Some(rustix::io::Errno::IO) && file.is_terminal() => {
            Ok(Some(0))
        }
        Err(error) => Err(error),
    }
}

/// The longest line of a mode that has to have its lines whole, in bytes.
const LONGEST_LINE: usize = 256 << 20;

/// Whole lines, gathered.
#[derive(Debug)]
struct WholeLines {
    file: File,
    buffer: Vec<u8>,
    start: usize,
    /// Up to here there is no newline.
    searched: usize,
    at_end: bool,
    number: u64,
    /// What the file is called in messages.
    origin: &'static str,
}

impl WholeLines {
    fn new(file: File) -> Self {
        Self { file, buffer: Vec::new(), start: 0, searched: 0, at_end: false, number: 0, origin: "stdin" }
    }

    fn read(&mut self) -> io::Result<()> {
        self.buffer.drain(..self.start);
        self.searched -= self.start;
        self.start = 0;
        let end = self.buffer.len();
        self.buffer.resize(end + separated::AT_ONCE, 0);
        let count = read_once(&self.file, &mut self.buffer[end..])?;
        self.buffer.truncate(end + count.unwrap_or(0));
        self.at_end = count == Some(0);
        Ok(())
    }

    /// The next line that isn't blank, and its number from 1.
    fn next(&mut self) -> Result<Option<(u64, &[u8])>, Fault> {
        loop {
            let newline = memchr::memchr(b'\n', &self.buffer[self.searched..]).map(|at| self.searched + at);
            let (end, next) = match newline {
                Some(at) => (at, at + 1),
                None if self.at_end && self.start < self.buffer.len() => (self.buffer.len(), self.buffer.len()),
                None if self.buffer.len() - self.start > LONGEST_LINE => {
                    return Err(Fault(format!("line {} of {} is over 256 MiB", self.number + 1, self.origin)));
                }
                None => {
                    self.searched = self.buffer.len();
                    return Ok(None);
                }
            };
            let from = std::mem::replace(&mut self.start, next);
            self.searched = next;
            self.number += 1;
            if !self.buffer[from..end].trim_ascii().is_empty() {
                return Ok(Some((self.number, self.buffer[from..end].trim_ascii())));
            }
        }
    }

    fn is_finished(&self) -> bool {
        self.at_end && self.start == self.buffer.len()
    }
}
