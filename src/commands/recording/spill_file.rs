//! What has to wait for something that comes later: on disk, since in memory it could be as large as the recording.
//!
//! A file without a name holds any number of strands, each of which grows for itself. What is pushed is gathered in memory; once that
//! is too much, the strands that hold the most are written, each as a chunk that says where the strand's last one is. So a strand
//! takes a few words of memory, however long it is.
//!
//! ```text
//!   chunk:  start of the strand's chunk before it | length | bytes
//! ```

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::fs::FileExt;

/// Bytes that are held of all strands.
const HELD: usize = 8 << 20;

/// Bytes of a chunk before what is in it.
const HEADER: usize = 16;

/// Where a strand has no chunk.
const NOWHERE: u64 = u64::MAX;

#[derive(Debug)]
pub(in crate::commands) struct SpillFile {
    file: Option<File>,
    end: u64,
    strands: Vec<Strand>,
    held: usize,
    most: usize,
    /// Strands of which something is on disk.
    spilled: usize,
}

/// One of a file's strands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::commands) struct StrandId(usize);

/// Bytes, in the order in which they were pushed.
#[derive(Debug)]
struct Strand {
    last_chunk: u64,
    held: Vec<u8>,
}

impl Default for SpillFile {
    fn default() -> Self {
        Self::holding(HELD)
    }
}

impl SpillFile {
    fn holding(most: usize) -> Self {
        Self { file: None, end: 0, strands: Vec::new(), held: 0, most, spilled: 0 }
    }

    /// Begins a strand.
    pub(in crate::commands) fn strand(&mut self) -> StrandId {
        self.strands.push(Strand { last_chunk: NOWHERE, held: Vec::new() });
        StrandId(self.strands.len() - 1)
    }

    /// Adds what `write` appends.
    ///
    /// # Errors
    /// Of the file, or those of `write`.
    pub(in crate::commands) fn push(
        &mut self,
        strand: StrandId,
        write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>,
    ) -> io::Result<()> {
        let held = &mut self.strands[strand.0].held;
        let before = held.len();
        write(held)?;
        self.held += held.len() - before;
        if self.held > self.most { self.spill() } else { Ok(()) }
    }

    pub(in crate::commands) fn is_empty(&self, strand: StrandId) -> bool {
        let Strand { last_chunk, held } = &self.strands[strand.0];
        *last_chunk == NOWHERE && held.is_empty()
    }

    /// Nothing of the strand is wanted any more. What it takes on disk is given back once no other has anything there.
    pub(in crate::commands) fn empty(&mut self, strand: StrandId) {
        let emptied = std::mem::replace(&mut self.strands[strand.0], Strand { last_chunk: NOWHERE, held: Vec::new() });
        self.held -= emptied.held.len();
        self.spilled -= usize::from(emptied.last_chunk != NOWHERE);
        if self.spilled == 0 {
            (self.file, self.end) = (None, 0);
        }
    }

    /// Nothing is wanted any more: there are no strands.
    pub(in crate::commands) fn clear(&mut self) {
        *self = Self::holding(self.most);
    }

    /// Reads a strand from its beginning.
    ///
    /// # Errors
    /// Of the file.
    pub(in crate::commands) fn read(&self, strand: StrandId) -> io::Result<StrandReader<'_>> {
        let held = &self.strands[strand.0].held;
        let mut last_chunk = self.strands[strand.0].last_chunk;
        let mut chunks = Vec::new();
        while let Some(file) = self.file.as_ref().filter(|_| last_chunk != NOWHERE) {
            let mut header = [0; HEADER];
            file.read_exact_at(&mut header, last_chunk)?;
            let [before, length] = [0, 8].map(|at| number(&header, at));
            chunks.push(Chunk { start: last_chunk + HEADER as u64, begin: 0, length });
            last_chunk = before;
        }
        chunks.reverse();
        let mut begin = 0;
        for chunk in &mut chunks {
            chunk.begin = begin;
            begin += chunk.length;
        }
        Ok(StrandReader { file: self.file.as_ref(), chunks, spilled: begin, held, at: 0 })
    }

    /// Writes the strands that hold more than their share: at least half of what is held.
    fn spill(&mut self) -> io::Result<()> {
        let share = self.held / 2 / self.strands.len().max(1);
        let mut chunks = Vec::with_capacity(self.held + HEADER);
        for strand in self.strands.iter_mut().filter(|strand| strand.held.len() > share) {
            let held = std::mem::take(&mut strand.held);
            let before = std::mem::replace(&mut strand.last_chunk, self.end + chunks.len() as u64);
            self.spilled += usize::from(before == NOWHERE);
            chunks.extend(before.to_le_bytes());
            chunks.extend((held.len() as u64).to_le_bytes());
            chunks.extend_from_slice(&held);
            self.held -= held.len();
        }
        let file = match self.file.take() {
            Some(file) => file,
            None => tempfile::tempfile()?,
        };
        self.file.insert(file).write_all(&chunks)?;
        self.end += chunks.len() as u64;
        Ok(())
    }
}

fn number(header: &[u8; HEADER], at: usize) -> u64 {
    header[at..].first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// Where some of a strand is, in the file and in the strand.
#[derive(Debug, Clone, Copy)]
struct Chunk {
    start: u64,
    begin: u64,
    length: u64,
}

/// The bytes of a strand.
#[derive(Debug)]
pub(in crate::commands) struct StrandReader<'a> {
    file: Option<&'a File>,
    chunks: Vec<Chunk>,
    /// Bytes in the chunks; what follows is held.
    spilled: u64,
    held: &'a [u8],
    at: u64,
}

impl StrandReader<'_> {
    /// Goes on from there.
    pub(in crate::commands) fn seek(&mut self, at: u64) {
        self.at = at;
    }
}

impl Read for StrandReader<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = match self.file.filter(|_| self.at < self.spilled) {
            Some(file) => {
                let Chunk { start, begin, length } =
                    self.chunks[self.chunks.partition_point(|chunk| chunk.begin + chunk.length <= self.at)];
                let passed = self.at - begin;
                let most = (length - passed).min(into.len() as u64) as usize;
                file.read_at(&mut into[..most], start + passed)?
            }
            None => {
                let from = usize::try_from(self.at - self.spilled).unwrap_or(usize::MAX).min(self.held.len());
                (&self.held[from..]).read(into)?
            }
        };
        self.at += read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strands_that_grow_at_once_are_read_apart() {
        for most in [0, 1000, 100_000, 1 << 30] {
            let mut spill = SpillFile::holding(most);
            let strands = [spill.strand(), spill.strand(), spill.strand(), spill.strand()];
            let mut expected = [const { Vec::new() }; 3];
            for round in 0..3000u32 {
                for number in 0..3 {
                    let bytes = (round * 3 + number as u32).to_be_bytes().repeat(9 * number);
                    expected[number].extend_from_slice(&bytes);
                    spill.push(strands[number], |held| held.write_all(&bytes)).unwrap();
                    assert!(spill.held <= most.max(9 * 2 * 4));
                }
            }
            for (strand, expected) in strands.into_iter().zip(&expected) {
                assert_eq!(spill.is_empty(strand), expected.is_empty());
                let mut reader = spill.read(strand).unwrap();
                for from in [0, 1, 70_000, expected.len().saturating_sub(1), expected.len()] {
                    reader.seek(from as u64);
                    let mut read = Vec::new();
                    reader.read_to_end(&mut read).unwrap();
                    assert!(read == expected[from.min(expected.len())..], "{from}");
                }
            }
            assert!(spill.is_empty(strands[3]));
            spill.empty(strands[1]);
            assert!(spill.is_empty(strands[1]) && !spill.is_empty(strands[2]));
            assert_eq!(spill.file.is_some(), most < 1 << 30);
            spill.empty(strands[2]);
            assert!(spill.file.is_none() && spill.held == 0);
        }
    }
}
