//! What sources read from: a file, of which the beginning and the end may be remarkable.

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::os::fd::{AsFd, BorrowedFd};

use crate::stdio::byte_order_mark::MARK;
use crate::values::is_utf16;

/// A file that is read one read at a time. A byte order mark at the beginning of a text is passed over.
#[derive(Debug)]
pub(crate) struct Reader {
    file: File,
    begun: bool,
    /// Of the beginning: what has been read, and isn't given yet.
    head: [u8; MARK.len()],
    given: usize,
    held: usize,
    passed_over: bool,
    is_utf16: bool,
    is_empty: bool,
}

impl Reader {
    /// Bytes as they are.
    pub(super) fn of_bytes(file: File) -> Self {
        Self { begun: true, ..Self::of_text(file) }
    }

    pub(super) fn of_text(file: File) -> Self {
        Self {
            file,
            begun: false,
            head: [0; MARK.len()],
            given: 0,
            held: 0,
            passed_over: false,
            is_utf16: false,
            is_empty: true,
        }
    }

    /// One read; `None` where there was nothing after all.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn read(&mut self, space: &mut [u8]) -> io::Result<Option<usize>> {
        if !self.begun {
            return self.read_beginning(space);
        }
        if self.given < self.held {
            return Ok(Some(self.give(space)));
        }
        let count = read_once(&self.file, space)?;
        self.is_empty &= count.unwrap_or(0) == 0;
        Ok(count)
    }

    /// Reads no more than a mark is long, until it is known whether there is one.
    fn read_beginning(&mut self, space: &mut [u8]) -> io::Result<Option<usize>> {
        let Some(count) = read_once(&self.file, &mut self.head[self.held..])? else { return Ok(None) };
        self.held += count;
        self.is_empty &= count == 0;
        if self.head == *MARK {
            (self.begun, self.passed_over, self.held) = (true, true, 0);
            return Ok(None);
        }
        if count > 0 && MARK.starts_with(&self.head[..self.held]) {
            return Ok(None);
        }
        self.begun = true;
        self.is_utf16 = is_utf16(&self.head[..self.held]);
        Ok(Some(self.give(space)))
    }

    fn give(&mut self, space: &mut [u8]) -> usize {
        let left = &self.head[self.given..self.held];
        let count = left.len().min(space.len());
        space[..count].copy_from_slice(&left[..count]);
        self.given += count;
        count
    }

    /// Whether there was a byte order mark; true once.
    pub(crate) fn take_passed_over(&mut self) -> bool {
        std::mem::take(&mut self.passed_over)
    }

    /// It begins as a text in UTF-16 does.
    pub(crate) fn is_utf16(&self) -> bool {
        self.is_utf16
    }

    /// Nothing at all has been read.
    pub(crate) fn is_empty(&self) -> bool {
        self.is_empty
    }
}

impl AsFd for Reader {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}

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

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::os::fd::OwnedFd;

    use super::*;

    /// What is read of each piece that is written, with so much space.
    fn read(pieces: &[&[u8]], space: usize) -> (Vec<u8>, bool, bool) {
        let (reader, mut writer) = io::pipe().unwrap();
        rustix::io::ioctl_fionbio(&reader, true).unwrap();
        let mut reader = Reader::of_text(File::from(OwnedFd::from(reader)));
        let (mut all, mut space) = (Vec::new(), vec![0; space]);
        for piece in pieces {
            writer.write_all(piece).unwrap();
            // Each read that brings nothing may be the one that found the mark.
            let mut vain = 0;
            while vain < 3 {
                match reader.read(&mut space).unwrap() {
                    Some(count) => all.extend_from_slice(&space[..count]),
                    None => vain += 1,
                }
            }
        }
        drop(writer);
        loop {
            match reader.read(&mut space).unwrap() {
                Some(0) => return (all, reader.take_passed_over(), reader.is_empty()),
                Some(count) => all.extend_from_slice(&space[..count]),
                None => {}
            }
        }
    }

    #[test]
    fn a_byte_order_mark_is_passed_over_however_it_is_cut() {
        for space in [1, 2, 60] {
            assert_eq!(read(&[b"\xef\xbb\xbfa"], space), (b"a".to_vec(), true, false));
            assert_eq!(read(&[b"\xef", b"\xbb", b"\xbf", b"a"], space), (b"a".to_vec(), true, false));
            assert_eq!(read(&[b"a\xef\xbb\xbf"], space), (b"a\xef\xbb\xbf".to_vec(), false, false));
            assert_eq!(read(&[b"\xef\xbb\xbe"], space), (b"\xef\xbb\xbe".to_vec(), false, false));
            assert_eq!(read(&[b"\xef", b"\xbb"], space), (b"\xef\xbb".to_vec(), false, false));
            assert_eq!(read(&[b"\xef\xbb\xbf\xef\xbb\xbf"], space), (b"\xef\xbb\xbf".to_vec(), true, false));
            assert_eq!(read(&[], space), (vec![], false, true));
        }
    }
}
