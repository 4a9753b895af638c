//! How a block with codes of its own tells them (RFC 1951 §3.2.7).

use super::bits::BitWriter;
use super::prefix_code::{codes, lengths};
use super::symbols::{DISTANCES, END_OF_BLOCK, LITERALS};

/// The order in which the lengths of the lengths' own codes are told.
const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// No code length's own code is longer, in bits.
const LONGEST: usize = 7;

/// Symbols for runs: the length before 3 to 6 times more, 3 to 10 zeros, 11 to 138 zeros.
const REPEAT: u8 = 16;
const ZEROS: u8 = 17;
const MANY_ZEROS: u8 = 18;

/// Code lengths, told as runs.
#[derive(Debug)]
pub(super) struct BlockHeader {
    literals: usize,
    distances: usize,
    runs: [(u8, u8); LITERALS + DISTANCES],
    run_count: usize,
    frequencies: [u16; ORDER.len()],
    lengths: [u8; ORDER.len()],
    /// How many of `lengths` are told, in their order.
    told: usize,
}

impl BlockHeader {
    /// The header that tells these code lengths.
    pub(super) fn of(literals: &[u8; LITERALS], distances: &[u8; DISTANCES]) -> Self {
        let used = |lengths: &[u8]| lengths.iter().rposition(|&length| length > 0).map_or(0, |last| last + 1);
        let mut header = Self {
            literals: used(literals).max(END_OF_BLOCK + 1),
            distances: used(distances).max(1),
            runs: [(0, 0); LITERALS + DISTANCES],
            run_count: 0,
            frequencies: [0; ORDER.len()],
            lengths: [0; ORDER.len()],
            told: 0,
        };
        header.add_runs(&literals[..header.literals]);
        header.add_runs(&distances[..header.distances]);
        header.lengths = lengths(&header.frequencies, LONGEST);
        header.told = ORDER.iter().rposition(|&symbol| header.lengths[symbol] > 0).map_or(4, |last| last + 1).max(4);
        header
    }

    fn add_runs(&mut self, lengths: &[u8]) {
        for run in lengths.chunk_by(|one, next| one == next) {
            let mut left = run.len();
            if run[0] > 0 {
                self.add(run[0], 0);
                left -= 1;
            }
            while left >= 3 {
                let (symbol, least, most) = match (run[0], left) {
                    (0, ..=10) => (ZEROS, 3, 10),
                    (0, _) => (MANY_ZEROS, 11, 138),
                    _ => (REPEAT, 3, 6),
                };
                let count = left.min(most);
                self.add(symbol, count - least);
                left -= count;
            }
            for _ in 0..left {
                self.add(run[0], 0);
            }
        }
    }

    fn add(&mut self, symbol: u8, extra: usize) {
        self.runs[self.run_count] = (symbol, extra as u8);
        self.run_count += 1;
        self.frequencies[symbol as usize] += 1;
    }

    /// How many bits it takes.
    pub(super) fn bits(&self) -> u64 {
        let coded = self.frequencies.iter().zip(self.lengths).enumerate().map(|(symbol, (&count, length))| {
            u64::from(count) * (u64::from(length) + u64::from(extra_bits(symbol as u8)))
        });
        5 + 5 + 4 + 3 * self.told as u64 + coded.sum::<u64>()
    }

    pub(super) fn write(&self, writer: &mut BitWriter) {
        writer.put((self.literals - END_OF_BLOCK - 1) as u64, 5);
        writer.put((self.distances - 1) as u64, 5);
        writer.put((self.told - 4) as u64, 4);
        for &symbol in &ORDER[..self.told] {
            writer.put(u64::from(self.lengths[symbol]), 3);
        }
        let codes = codes(&self.lengths);
        for &(symbol, extra) in &self.runs[..self.run_count] {
            let code = codes[symbol as usize];
            writer.put(u64::from(code.bits), u32::from(code.length));
            writer.put(u64::from(extra), extra_bits(symbol));
        }
    }
}

fn extra_bits(symbol: u8) -> u32 {
    match symbol {
        REPEAT => 2,
        ZEROS => 3,
        MANY_ZEROS => 7,
        _ => 0,
    }
}
