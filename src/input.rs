//! stdin as lines, in bounded memory however long a line is.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd};

use memchr::memchr;

use crate::ws::Utf8;

/// A line of up to this size, in bytes, comes in one part.
const ONE_PART: usize = 64 * 1024;

/// Bytes read at once: short lines and their frame headers together still fit one segment of the
/// loopback interface, 65,483 bytes, and a write over that costs a second one.
const AT_ONCE: usize = 60 * 1024;

/// Reads lines as messages: text, without the newline.
#[derive(Debug)]
pub(crate) struct Lines {
    file: File,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    at_end: bool,
    /// The beginning of the current line has been given already.
    inside: bool,
    utf8: Utf8,
    number: u64,
}

/// Part of a line, all of it unless it is very long.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Part<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) last: bool,
}

/// The line, counted from 1, isn't UTF-8.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotText {
    pub(crate) line: u64,
}

impl Lines {
    /// # Errors
    /// When stdin is closed.
    pub(crate) fn from_stdin() -> io::Result<Self> {
        Ok(Self::new(File::from(io::stdin().as_fd().try_clone_to_owned()?)))
    }

    /// Lines of any descriptor.
    pub(crate) fn new(file: File) -> Self {
        Self {
            file,
            // One byte more, for the newline of a line that just fits.
            buffer: vec![0; ONE_PART + 1],
            start: 0,
            end: 0,
            at_end: false,
            inside: false,
            utf8: Utf8::default(),
            number: 1,
        }
    }

    /// Reads once; waits if nothing is there. Every part must have been taken before.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn read(&mut self) -> io::Result<()> {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        let limit = self.buffer.len().min(self.end + AT_ONCE);
        let count = match self.file.read(&mut self.buffer[self.end..limit]) {
            Err(error) if matches!(error.kind(), io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock) => {
                return Ok(());
            }
            result => result?,
        };
        self.end += count;
        self.at_end = count == 0;
        Ok(())
    }

    /// The next part that is ready.
    ///
    /// # Errors
    /// [`NotText`], after which there is no going on.
    pub(crate) fn next(&mut self) -> Result<Option<Part<'_>>, NotText> {
        let unread = &self.buffer[self.start..self.end];
        let (length, last, skip) = match memchr(b'\n', unread) {
            Some(newline) => (newline, true, 1),
            None if self.at_end && (self.inside || !unread.is_empty()) => (unread.len(), true, 0),
            None if unread.len() == self.buffer.len() => (unread.len(), false, 0),
            None => return Ok(None),
        };
        let not_text = NotText { line: self.number };
        let bytes = &self.buffer[self.start..self.start + length];
        if self.utf8.push(bytes).is_err() || (last && self.utf8.finish().is_err()) {
            return Err(not_text);
        }
        self.start += length + skip;
        self.inside = !last;
        self.number += u64::from(last);
        Ok(Some(Part { bytes, last }))
    }

    /// stdin has ended, and every part has been given.
    pub(crate) fn is_finished(&self) -> bool {
        self.at_end && self.start == self.end && !self.inside
    }
}

impl AsFd for Lines {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// Every part of `input`, and the error if there is one.
    fn parts(input: &[u8]) -> (Vec<(Vec<u8>, bool)>, Option<NotText>) {
        let (reader, mut writer) = io::pipe().unwrap();
        let mut lines = Lines::new(File::from(std::os::fd::OwnedFd::from(reader)));
        let mut found = Vec::new();
        std::thread::scope(|scope| {
            scope.spawn(move || drop(writer.write_all(input)));
            while !lines.is_finished() {
                lines.read().unwrap();
                loop {
                    match lines.next() {
                        Ok(Some(part)) => found.push((part.bytes.to_vec(), part.last)),
                        Ok(None) => break,
                        Err(error) => return (found, Some(error)),
                    }
                }
            }
            (found, None)
        })
    }

    #[test]
    fn lines_are_messages() {
        let whole = |text: &str| (text.as_bytes().to_vec(), true);
        assert_eq!(parts(b"a\n\nb\r\nlast").0, [whole("a"), whole(""), whole("b\r"), whole("last")]);
        assert_eq!(parts(b"").0, []);
        assert_eq!(parts(b"\n").0, [whole("")]);
    }

    #[test]
    fn a_long_line_comes_in_parts() {
        let just_fits = vec![b'x'; ONE_PART];
        assert_eq!(parts(&[&just_fits[..], b"\n"].concat()).0, [(just_fits, true)]);
        let long = "é".repeat(100_000);
        let (found, error) = parts(format!("{long}\nshort").as_bytes());
        assert_eq!(error, None);
        assert_eq!(found.iter().filter(|(_, last)| *last).count(), 2);
        let joined: Vec<u8> = found.iter().flat_map(|(bytes, _)| bytes.clone()).collect();
        assert_eq!(joined, format!("{long}short").into_bytes());
    }

    #[test]
    fn what_is_not_text_is_refused_with_its_line() {
        let (found, error) = parts(b"fine\nbad \xff\nnever");
        assert_eq!((found.len(), error), (1, Some(NotText { line: 2 })));
        assert_eq!(parts(b"cut \xe2\x82").1, Some(NotText { line: 1 }));
    }
}
