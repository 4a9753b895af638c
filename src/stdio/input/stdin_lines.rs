//! Lines of stdin for a thread that does nothing but wait for them.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;

use super::separated::Separated;
use super::{PART, Reader, Source, Step};
use crate::net::wait_readable;
use crate::ws::{Item, Kind};

/// The longest line that is kept whole, in bytes.
const LONGEST: usize = 64 << 20;

/// stdin, line by line.
#[derive(Debug)]
pub(crate) struct StdinLines {
    source: Separated,
    line: Vec<u8>,
    /// The line has been given.
    given: bool,
}

impl StdinLines {
    /// # Errors
    /// When stdin can't be used.
    pub(crate) fn open() -> io::Result<Self> {
        let file = File::from(io::stdin().as_fd().try_clone_to_owned()?);
        let source = Separated::new(Reader::of_text(file), Some(b'\n'), Kind::Binary, PART);
        Ok(Self { source, line: Vec::new(), given: false })
    }

    /// The next line, without its newline; `None` at the end. It is waited for, whether or not somebody made stdin
    /// non-blocking.
    ///
    /// # Errors
    /// What the system says, and a line of over 64 MiB. There is no going on.
    pub(crate) fn next(&mut self) -> io::Result<Option<&[u8]>> {
        if std::mem::take(&mut self.given) {
            self.line.clear();
        }
        loop {
            // What is binary is never at fault.
            while let Ok(Some(Step::Send(Item::Part { bytes, last, .. }))) = self.source.next() {
                if self.line.len() + bytes.len() > LONGEST {
                    return Err(io::Error::other("a line is over 64 MiB"));
                }
                self.line.extend_from_slice(bytes);
                if last {
                    self.given = true;
                    return Ok(Some(&self.line));
                }
            }
            if self.source.is_finished() {
                return Ok(None);
            }
            wait_readable(self.source.reader());
            self.source.read()?;
        }
    }

    /// Whether there was a byte order mark at the beginning; true once.
    pub(crate) fn take_byte_order_mark(&mut self) -> bool {
        self.source.reader_mut().take_passed_over()
    }
}
