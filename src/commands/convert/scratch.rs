//! What has to wait for something that comes later: on disk, since in memory it could be as large as the recording.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::fs::FileExt;

/// Bytes of a strand that are written at once; as many are held of each that grows.
const CHUNK: usize = 64 * 1024;

/// A file without a name that several strands of bytes grow in.
#[derive(Debug, Default)]
pub(super) struct SpillFile {
    file: Option<File>,
    end: u64,
}

/// Bytes, in the order in which they were pushed.
#[derive(Debug, Default)]
pub(super) struct Strand {
    chunks: VecDeque<Chunk>,
    held: Vec<u8>,
}

/// Where some of a strand is.
#[derive(Debug, Clone, Copy)]
struct Chunk {
    start: u64,
    length: u64,
}

impl SpillFile {
    /// Writes what is held of a strand, where that is enough to be worth it, or must be.
    pub(super) fn store(&mut self, strand: &mut Strand, at_once: bool) -> io::Result<()> {
        let enough = if at_once { 1 } else { CHUNK };
        if strand.held.len() < enough {
            return Ok(());
        }
        if self.file.is_none() {
            self.file = Some(tempfile::tempfile()?);
        }
        if let Some(file) = &mut self.file {
            file.write_all(&strand.held)?;
        }
        let length = strand.held.len() as u64;
        match strand.chunks.back_mut() {
            Some(last) if last.start + last.length == self.end => last.length += length,
            _ => strand.chunks.push_back(Chunk { start: self.end, length }),
        }
        self.end += length;
        strand.held.clear();
        strand.held.shrink_to(CHUNK);
        Ok(())
    }

    /// Reads a strand from its beginning.
    pub(super) fn read<'a>(&'a self, strand: &'a Strand) -> StrandReader<'a> {
        StrandReader { file: self.file.as_ref(), chunks: strand.chunks.clone(), held: &strand.held }
    }

    /// Nothing that was stored is wanted any more.
    pub(super) fn clear(&mut self) {
        (self.file, self.end) = (None, 0);
    }
}

impl Strand {
    /// What comes next; [`SpillFile::store`] follows.
    pub(super) fn push(&mut self) -> &mut Vec<u8> {
        &mut self.held
    }

    pub(super) fn is_empty(&self) -> bool {
        self.chunks.is_empty() && self.held.is_empty()
    }
}

/// The bytes of a strand.
pub(super) struct StrandReader<'a> {
    file: Option<&'a File>,
    chunks: VecDeque<Chunk>,
    held: &'a [u8],
}

impl StrandReader<'_> {
    /// Passes over so many bytes.
    pub(super) fn skip(&mut self, mut count: u64) {
        while let Some(chunk) = self.chunks.front_mut().filter(|_| count > 0) {
            let passed = count.min(chunk.length);
            (chunk.start, chunk.length, count) = (chunk.start + passed, chunk.length - passed, count - passed);
            if chunk.length == 0 {
                self.chunks.pop_front();
            }
        }
        self.held = &self.held[(count as usize).min(self.held.len())..];
    }
}

impl Read for StrandReader<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let (Some(file), Some(chunk)) = (self.file, self.chunks.front_mut()) else { return self.held.read(into) };
        let most = chunk.length.min(into.len() as u64) as usize;
        let read = file.read_at(&mut into[..most], chunk.start)?;
        (chunk.start, chunk.length) = (chunk.start + read as u64, chunk.length - read as u64);
        if chunk.length == 0 {
            self.chunks.pop_front();
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strands_that_grow_at_once_are_read_apart() {
        let mut scratch = SpillFile::default();
        let mut strands = [Strand::default(), Strand::default(), Strand::default()];
        for round in 0..3000u32 {
            for (number, strand) in strands.iter_mut().enumerate().take(2) {
                strand.push().extend_from_slice(&(round * 2 + number as u32).to_be_bytes().repeat(9 * number + 7));
                scratch.store(strand, round % 1000 == 999).unwrap();
            }
        }
        for (number, strand) in strands.iter().enumerate().take(2) {
            let rounds = (0..3000u32).map(|round| (round * 2 + number as u32).to_be_bytes().repeat(9 * number + 7));
            let expected: Vec<u8> = rounds.flatten().collect();
            for skipped in [0, 1, 70_000, expected.len() - 1, expected.len()] {
                let mut reader = scratch.read(strand);
                reader.skip(skipped as u64);
                let mut read = Vec::new();
                reader.read_to_end(&mut read).unwrap();
                assert!(read == expected[skipped..], "{skipped}");
            }
        }
        assert!(strands[2].is_empty());
    }
}
