//! Each read is a binary message.

use std::fs::File;
use std::io;

use super::{InputFault, Reader, Source, Step};
use crate::ws::{Item, Kind};

/// Whatever a read brings, up to a size.
#[derive(Debug)]
pub(super) struct Chunks {
    reader: Reader,
    buffer: Vec<u8>,
    filled: usize,
    at_end: bool,
}

impl Chunks {
    pub(super) fn new(file: File, size: usize) -> Self {
        Self { reader: Reader::of_bytes(file), buffer: vec![0; size], filled: 0, at_end: false }
    }
}

impl Source for Chunks {
    fn read(&mut self) -> io::Result<()> {
        let count = self.reader.read(&mut self.buffer)?;
        self.filled = count.unwrap_or(0);
        self.at_end = count == Some(0);
        Ok(())
    }

    fn next(&mut self) -> Result<Option<Step<'_>>, InputFault> {
        let count = std::mem::take(&mut self.filled);
        Ok((count > 0).then(|| Step::Send(Item::message(Kind::Binary, &self.buffer[..count]))))
    }

    fn is_finished(&self) -> bool {
        self.at_end
    }

    fn reader(&self) -> &Reader {
        &self.reader
    }

    fn reader_mut(&mut self) -> &mut Reader {
        &mut self.reader
    }
}
