//! Lines for the modes that read each of them whole.

use std::fs::File;
use std::io;

use super::InputFault;
use super::reader::Reader;
use super::separated::AT_ONCE;

/// The longest message of a mode that has to have its messages whole, in bytes.
pub(super) const LONGEST: usize = 256 << 20;

/// Whole lines, gathered.
#[derive(Debug)]
pub(super) struct WholeLines {
    pub(super) reader: Reader,
    buffer: Vec<u8>,
    start: usize,
    /// Up to here there is no newline.
    searched: usize,
    at_end: bool,
    number: u64,
    /// What the file is called in messages.
    pub(super) origin: &'static str,
}

impl WholeLines {
    pub(super) fn new(file: File) -> Self {
        let reader = Reader::of_text(file);
        Self { reader, buffer: Vec::new(), start: 0, searched: 0, at_end: false, number: 0, origin: "stdin" }
    }

    pub(super) fn read(&mut self) -> io::Result<()> {
        self.buffer.drain(..self.start);
        self.searched -= self.start;
        self.start = 0;
        let end = self.buffer.len();
        self.buffer.resize(end + AT_ONCE, 0);
        let count = self.reader.read(&mut self.buffer[end..])?;
        self.buffer.truncate(end + count.unwrap_or(0));
        self.at_end = count == Some(0);
        Ok(())
    }

    /// The next line that isn't blank, and its number from 1.
    pub(super) fn next(&mut self) -> Result<Option<(u64, &[u8])>, InputFault> {
        loop {
            let newline = memchr::memchr(b'\n', &self.buffer[self.searched..]).map(|at| self.searched + at);
            let (end, next) = match newline {
                Some(at) => (at, at + 1),
                None if self.at_end && self.start < self.buffer.len() => (self.buffer.len(), self.buffer.len()),
                None if self.buffer.len() - self.start > LONGEST => {
                    return Err(InputFault::Other(format!(
                        "line {} of {} is over 256 MiB",
                        self.number + 1,
                        self.origin
                    )));
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

    pub(super) fn is_finished(&self) -> bool {
        self.at_end && self.start == self.buffer.len()
    }
}
