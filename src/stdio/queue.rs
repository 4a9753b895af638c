//! What waits to be written: bytes, and records that are too long for a copy.

use std::collections::VecDeque;
use std::io::{self, BufWriter, Write};

use super::terminal::Columns;
use crate::trace::record::Record;
use crate::view::json_text::{self, JsonFolding};
use crate::ws::prefix;

/// A record with more content than this, in bytes, waits as it is, and becomes a line only piece by piece, while it is
/// written: the line may be six times as long.
const LONG: usize = 64 * 1024;

/// Bytes of a long record that are written at once.
const PIECE: usize = 32 * 1024;

#[derive(Debug, Default)]
pub(crate) struct Queue {
    bytes: Vec<u8>,
    long: VecDeque<Long>,
    long_size: usize,
}

#[derive(Debug)]
struct Long {
    /// So many of the bytes stand before it.
    at: usize,
    record: Record<'static>,
    terminal: Option<Columns>,
}

impl Queue {
    /// Bytes that are held.
    pub(super) fn len(&self) -> usize {
        self.bytes.len() + self.long_size
    }

    pub(super) fn long_size(&self) -> usize {
        self.long_size
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty() && self.long.is_empty()
    }

    pub(crate) fn push(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    pub(crate) fn extend_from_slice(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// All bytes but those of long records.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Adds the line of a record, escaped and folded for a terminal.
    pub(crate) fn push_record(&mut self, record: Record<'_>, terminal: Option<Columns>) {
        let size = record.content().len();
        if size <= LONG {
            match terminal {
                Some(columns) => self.bytes.extend_from_slice(json_text::folded(&record.line(), columns()).as_bytes()),
                None => record.write(&mut self.bytes),
            }
        } else {
            self.long_size += size;
            self.long.push_back(Long { at: self.bytes.len(), record: record.into_owned(), terminal });
        }
    }

    /// Takes over everything in `other`.
    pub(super) fn append(&mut self, other: &mut Self) {
        if self.is_empty() {
            return std::mem::swap(self, other);
        }
        let before = self.bytes.len();
        self.bytes.append(&mut other.bytes);
        self.long.extend(other.long.drain(..).map(|long| Long { at: before + long.at, ..long }));
        self.long_size += std::mem::take(&mut other.long_size);
    }

    /// Writes everything, and is empty then.
    pub(crate) fn write(&mut self, sink: &mut impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        let mut from = 0;
        while let Some(Long { at, record, terminal }) = self.long.pop_front() {
            sink(&self.bytes[from..at])?;
            from = at;
            let mut pieces = BufWriter::with_capacity(PIECE, Pieces(sink));
            match terminal {
                Some(columns) => record.write_to(&mut ForTerminal::new(&mut pieces, columns()))?,
                None => record.write_to(&mut pieces)?,
            }
            pieces.flush()?;
        }
        sink(&self.bytes[from..])?;
        self.bytes.clear();
        self.long_size = 0;
        Ok(())
    }

    /// Writes the bytes before the first long record as far as `sink` takes them; false if it can't be asked.
    pub(super) fn write_some(&mut self, sink: impl FnOnce(&[u8]) -> Option<usize>) -> bool {
        let ready = self.long.front().map_or(self.bytes.len(), |long| long.at);
        let Some(count) = sink(&self.bytes[..ready]) else { return false };
        self.bytes.drain(..count);
        for long in &mut self.long {
            long.at -= count;
        }
        true
    }

    /// Gives memory back that is more than `most` bytes. It has to be empty.
    pub(super) fn shrink(&mut self, most: usize) {
        if self.bytes.capacity() > most {
            *self = Self::default();
        }
    }
}

/// A sink as a writer.
struct Pieces<'a, S>(&'a mut S);

impl<S: FnMut(&[u8]) -> io::Result<()>> Write for Pieces<'_, S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (self.0)(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Escapes JSON on its way to a terminal, and folds it. It comes in pieces that are text.
struct ForTerminal<W> {
    to: W,
    folding: JsonFolding,
}

impl<W> ForTerminal<W> {
    fn new(to: W, columns: usize) -> Self {
        Self { to, folding: JsonFolding::new(columns) }
    }
}

impl<W: Write> Write for ForTerminal<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = str::from_utf8(bytes).map_err(io::Error::other)?;
        let piece = prefix(text, PIECE);
        let mut folded = String::new();
        self.folding.push(&json_text::escaped(piece), &mut folded);
        self.to.write_all(folded.as_bytes())?;
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::record::Extent;
    use crate::ws::{Direction, Kind};

    #[test]
    fn long_records_stay_in_their_places() {
        let (mut queue, mut more, mut expected) = (Queue::default(), Queue::default(), Vec::new());
        let mut push = |queue: &mut Queue, length: usize| {
            let content = vec![1; length];
            let record = |content| Record::message(Direction::Sent, Kind::Text, content, 0, Extent::default());
            queue.extend_from_slice(b"between\n");
            queue.push_record(record(content.as_slice().into()), None);
            expected.extend_from_slice(b"between\n");
            record(content.as_slice().into()).write(&mut expected);
        };
        for length in [1, LONG + 1, LONG, LONG + 2] {
            push(&mut queue, length);
        }
        for length in [LONG + 3, 2] {
            push(&mut more, length);
        }
        let long = 3 * LONG + 6;
        assert_eq!(queue.long_size() + more.long_size(), long);
        queue.append(&mut more);
        assert!(more.is_empty() && queue.long_size() == long);
        let mut written = Vec::new();
        let first = queue.long[0].at;
        for (room, written_at_once) in
            [(Some(5), 5), (Some(0), 0), (None, 0), (Some(first - 5), first - 5), (Some(0), 0)]
        {
            let before = written.len();
            let takes = queue.write_some(|bytes| {
                written.extend_from_slice(&bytes[..room?]);
                room
            });
            assert_eq!((takes, written.len() - before), (room.is_some(), written_at_once));
        }
        assert_eq!(queue.long[0].at, 0, "behind it nothing is written out of its place");
        let mut sink = |bytes: &[u8]| written.write_all(bytes);
        queue.write(&mut sink).unwrap();
        assert!(written == expected && queue.is_empty() && queue.long_size() == 0);
    }
}
