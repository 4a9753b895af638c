//! A binary message a line, in hexadecimal or base64.

use std::fs::File;
use std::io;

use super::whole_lines::WholeLines;
use super::{InputFault, Reader, Source, Step};
use crate::values::{base64, hex};
use crate::ws::{Item, Kind};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextCoding {
    /// Upper or lower case; blanks are ignored.
    Hex,
    /// RFC 4648 §4.
    Base64,
}

#[derive(Debug)]
pub(super) struct Encoded {
    lines: WholeLines,
    coding: TextCoding,
    decoded: Vec<u8>,
}

impl Encoded {
    pub(super) fn new(file: File, coding: TextCoding) -> Self {
        Self { lines: WholeLines::new(file), coding, decoded: Vec::new() }
    }
}

impl Source for Encoded {
    fn read(&mut self) -> io::Result<()> {
        self.lines.read()
    }

    fn next(&mut self) -> Result<Option<Step<'_>>, InputFault> {
        let Some((number, line)) = self.lines.next()? else { return Ok(None) };
        let decoded = match self.coding {
            TextCoding::Hex => hex(line),
            TextCoding::Base64 => base64(line),
        };
        self.decoded = decoded.map_err(|why| InputFault::Other(format!("line {number} of stdin: {why}")))?;
        Ok(Some(Step::Send(Item::Part { kind: Kind::Binary, bytes: &self.decoded, last: true })))
    }

    fn is_finished(&self) -> bool {
        self.lines.is_finished()
    }

    fn reader(&self) -> &Reader {
        &self.lines.reader
    }

    fn reader_mut(&mut self) -> &mut Reader {
        &mut self.lines.reader
    }
}
