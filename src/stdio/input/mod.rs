//! What there is to send: stdin, in one of its modes.

mod chunks;
mod encoded;
mod events;
mod reader;
mod separated;
mod stdin_lines;
mod unescaped;
mod whole_lines;

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

pub(crate) use self::reader::Reader;
use self::separated::Separated;
pub(crate) use self::stdin_lines::StdinLines;
use crate::ws::{Item, Kind};

/// How stdin becomes messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InputMode {
    Lines,
    Null,
    Whole,
    Chunks,
    Hex,
    Base64,
    Json,
    /// Steps of a test, which are read whole and taken one by one.
    Script,
}

impl InputMode {
    /// What each is called.
    pub(crate) const NAMES: &[(&'static str, Self)] = &[
        ("lines", Self::Lines),
        ("null", Self::Null),
        ("whole", Self::Whole),
        ("chunks", Self::Chunks),
        ("hex", Self::Hex),
        ("base64", Self::Base64),
        ("json", Self::Json),
        ("script", Self::Script),
    ];

    /// What it is called.
    pub(crate) fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, mode)| *mode == self).map_or("", |(name, _)| name)
    }

    /// What help says beside the name.
    pub(crate) fn help(self) -> Option<&'static str> {
        match self {
            Self::Lines => None,
            Self::Null => Some("NUL-terminated"),
            Self::Whole => Some("all of stdin"),
            Self::Chunks => Some("one per read, binary"),
            Self::Hex | Self::Base64 => Some("one per line, binary"),
            Self::Json => Some("one event per line, wscli man events"),
            Self::Script => Some("steps on the connection, wscli man test.5"),
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
pub(crate) enum InputFault {
    /// A text message that can't be one; as a binary message it could be sent.
    NotText(String),
    Other(String),
}

impl InputFault {
    pub(crate) fn into_words(self) -> String {
        match self {
            Self::NotText(what) | Self::Other(what) => what,
        }
    }
}

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
    /// [`InputFault`], after which there is no going on.
    fn next(&mut self) -> Result<Option<Step<'_>>, InputFault>;

    /// The end was reached, and every step has been given.
    fn is_finished(&self) -> bool;

    /// What it reads from.
    fn reader(&self) -> &Reader;

    fn reader_mut(&mut self) -> &mut Reader;

    fn as_fd(&self) -> BorrowedFd<'_> {
        self.reader().as_fd()
    }
}

/// How a file becomes messages.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    pub(crate) mode: InputMode,
    /// Messages are binary where the mode leaves it open.
    pub(crate) binary: bool,
    /// A line ends with CR LF, or with LF alone.
    pub(crate) crlf: bool,
    /// Text has escapes in it.
    pub(crate) escapes: bool,
    /// The size, in bytes, up to which a message comes in one part.
    pub(crate) part: usize,
}

/// The size, in bytes, up to which a line comes in one part where nobody says otherwise.
const PART: usize = 64 * 1024;

/// What a command writes, as `mode` reads it.
pub(crate) fn of_command(file: File, mode: InputMode) -> Box<dyn Source> {
    const ORIGIN: &str = "the command's output";
    let separator = match mode {
        InputMode::Json => return Box::new(events::EventSource::new(file).called(ORIGIN)),
        InputMode::Null => 0,
        _ => b'\n',
    };
    Box::new(Separated::new(Reader::of_bytes(file), Some(separator), Kind::Text, PART).called(ORIGIN))
}

/// stdin as messages.
///
/// # Errors
/// When stdin can't be used.
pub(crate) fn stdin(reading: Reading) -> io::Result<Box<dyn Source>> {
    Ok(from(File::from(io::stdin().as_fd().try_clone_to_owned()?), reading))
}

/// stdin up to its end.
///
/// # Errors
/// What the system says, also of one that can't be read at all, which Rust's own `Stdin` takes for an empty one.
pub(crate) fn all_of_stdin() -> io::Result<Vec<u8>> {
    Ok(stdin_up_to(u64::MAX)?.unwrap_or_default())
}

/// The same of up to `most` bytes, and `None` of more, of which no more is read.
///
/// # Errors
/// As there.
pub(crate) fn stdin_up_to(most: u64) -> io::Result<Option<Vec<u8>>> {
    let mut content = Vec::new();
    let stdin = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    stdin.take(most.saturating_add(1)).read_to_end(&mut content)?;
    Ok((content.len() as u64 <= most).then_some(content))
}

/// A file as messages.
pub(crate) fn from(file: File, reading: Reading) -> Box<dyn Source> {
    match reading.mode {
        InputMode::Lines => separated(file, Some(b'\n'), reading),
        InputMode::Null => separated(file, Some(0), reading),
        // Whoever takes the steps of a script reads it by itself.
        InputMode::Whole | InputMode::Script => separated(file, None, reading),
        InputMode::Chunks => Box::new(chunks::Chunks::new(file, PART)),
        InputMode::Hex => Box::new(encoded::Encoded::new(file, encoded::TextCoding::Hex)),
        InputMode::Base64 => Box::new(encoded::Encoded::new(file, encoded::TextCoding::Base64)),
        InputMode::Json => Box::new(events::EventSource::new(file)),
    }
}

fn separated(file: File, separator: Option<u8>, reading: Reading) -> Box<dyn Source> {
    let Reading { binary, crlf, escapes, part, .. } = reading;
    let kind = if binary { Kind::Binary } else { Kind::Text };
    let reader = if binary { Reader::of_bytes(file) } else { Reader::of_text(file) };
    let of_kind = if escapes { Kind::Binary } else { kind };
    let mut source = Separated::new(reader, separator, of_kind, part);
    if crlf {
        source = source.without_carriage_returns();
    }
    if escapes { Box::new(unescaped::Unescaped::new(source, kind)) } else { Box::new(source) }
}

/// Whether stdin can be read at all. GNU nohup puts a /dev/null in its place that can only be written.
pub(crate) fn stdin_is_readable() -> bool {
    // It takes nothing; of a directory it fails too, but that is to be said.
    !matches!(rustix::io::read(io::stdin(), &mut [0; 0][..]), Err(rustix::io::Errno::BADF))
}
