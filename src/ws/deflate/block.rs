//! A block of DEFLATE: literals and repetitions, written in the form that takes the fewest bits
//! (RFC 1951 §3.2.3 to §3.2.7). No block here is final: the stream ends with the connection.

use std::sync::LazyLock;

use super::bits::BitWriter;
use super::header::BlockHeader;
use super::prefix_code::{Code, codes, lengths};
use super::symbols::{DISTANCES, END_OF_BLOCK, LITERALS, of_distance, of_length};

/// A block that has as many is written. Codes of its own pay off earlier, and fit better than
/// those of a longer one.
const MOST_TOKENS: usize = 16 * 1024;

/// No code is longer, in bits.
const LONGEST: usize = 15;

/// BFINAL unset, and BTYPE.
const STORED: u64 = 0b000;
const FIXED: u64 = 0b010;
const DYNAMIC: u64 = 0b100;

/// Codes of its own take a block more bits than this.
const LEAST_DYNAMIC: u64 = 96;

/// What a short repetition costs beside the extra bits of its distance, in bits; roughly.
const PRICE_OF_COPY: u32 = 11;

/// What a literal costs that the block before didn't have, in bits; roughly.
const PRICE_OF_STRANGER: u8 = 12;

/// How text is told: which bytes as they are, which as a repetition of earlier ones.
pub(super) struct Block {
    /// A literal is its byte; a repetition its distance, shifted by nine, and its length.
    tokens: Vec<u32>,
    literals: [u16; LITERALS],
    distances: [u16; DISTANCES],
    extra_bits: u64,
    /// What each literal cost in the block before, in bits.
    prices: [u8; 256],
}

/// The codes of both alphabets.
struct Codes {
    literals: [Code; LITERALS],
    distances: [Code; DISTANCES],
}

/// Their lengths, in bits.
struct Lengths {
    literals: [u8; LITERALS],
    distances: [u8; DISTANCES],
}

impl Lengths {
    fn codes(&self) -> Codes {
        Codes { literals: codes(&self.literals), distances: codes(&self.distances) }
    }
}

/// §3.2.6. Two more literals than are ever used take part in the code.
const FIXED_LITERALS: [u8; LITERALS + 2] = {
    let mut lengths = [8; LITERALS + 2];
    let mut literal = 144;
    while literal < 280 {
        lengths[literal] = if literal < 256 { 9 } else { 7 };
        literal += 1;
    }
    lengths
};

const FIXED_LENGTHS: Lengths =
    Lengths { literals: *FIXED_LITERALS.first_chunk().expect("it is longer"), distances: [5; DISTANCES] };

static FIXED_CODES: LazyLock<Codes> = LazyLock::new(|| {
    let [literals @ .., _, _] = codes(&FIXED_LITERALS);
    Codes { literals, distances: codes(&FIXED_LENGTHS.distances) }
});

impl Block {
    pub(super) fn new() -> Self {
        Self { tokens: Vec::new(), literals: [0; LITERALS], distances: [0; DISTANCES], extra_bits: 0, prices: [8; 256] }
    }

    pub(super) fn has_room(&self) -> bool {
        self.tokens.len() < MOST_TOKENS
    }

    pub(super) fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    #[inline(always)]
    pub(super) fn literal(&mut self, byte: u8) {
        self.tokens.push(u32::from(byte));
        self.literals[byte as usize] += 1;
    }

    #[inline(always)]
    pub(super) fn copy(&mut self, length: usize, distance: usize) {
        let (of_length, of_distance) = (of_length(length), of_distance(distance));
        self.tokens.push((distance << 9 | length) as u32);
        self.literals[of_length.number] += 1;
        self.distances[of_distance.number] += 1;
        self.extra_bits += u64::from(of_length.extra_bits + of_distance.extra_bits);
    }

    /// Whether a repetition of these four bytes is likely to cost less than they do as literals.
    #[inline(always)]
    pub(super) fn is_worth_a_copy(&self, bytes: [u8; 4], distance: usize) -> bool {
        let literals: u32 = bytes.iter().map(|&byte| u32::from(self.prices[byte as usize])).sum();
        literals > PRICE_OF_COPY + of_distance(distance).extra_bits
    }

    /// Writes the block, which tells `text`, and begins the next. Without the text, because it is
    /// gone already, the block isn't stored.
    pub(super) fn write(&mut self, text: Option<[&[u8]; 2]>, writer: &mut BitWriter) {
        self.literals[END_OF_BLOCK] = 1;
        let fixed = self.bits(&FIXED_LENGTHS);
        if fixed > LEAST_DYNAMIC {
            let (literals, distances) = (lengths(&self.literals, LONGEST), lengths(&self.distances, LONGEST));
            let own = Lengths { literals, distances };
            self.write_shortest(fixed, &own, text, writer);
            self.learn_prices(&own);
        } else {
            self.write_fixed(writer);
        }
        self.clear();
    }

    fn write_shortest(&self, fixed: u64, own: &Lengths, text: Option<[&[u8]; 2]>, writer: &mut BitWriter) {
        let header = BlockHeader::of(&own.literals, &own.distances);
        let dynamic = header.bits() + self.bits(own);
        match text {
            Some(text) if bits_stored(text) < dynamic.min(fixed) => write_stored(text, writer),
            _ if fixed <= dynamic => self.write_fixed(writer),
            _ => {
                writer.put(DYNAMIC, 3);
                header.write(writer);
                self.write_tokens(&own.codes(), writer);
            }
        }
    }

    fn write_fixed(&self, writer: &mut BitWriter) {
        writer.put(FIXED, 3);
        self.write_tokens(&FIXED_CODES, writer);
    }

    /// How many bits the tokens take.
    fn bits(&self, lengths: &Lengths) -> u64 {
        let sum = |frequencies: &[u16], lengths: &[u8]| -> u64 {
            frequencies.iter().zip(lengths).map(|(&count, &length)| u64::from(count) * u64::from(length)).sum()
        };
        sum(&self.literals, &lengths.literals) + sum(&self.distances, &lengths.distances) + self.extra_bits
    }

    fn write_tokens(&self, codes: &Codes, writer: &mut BitWriter) {
        for &token in &self.tokens {
            if token < 256 {
                let code = codes.literals[token as usize];
                writer.put(u64::from(code.bits), u32::from(code.length));
                continue;
            }
            let (length, distance) = (of_length((token & 0x1ff) as usize), of_distance((token >> 9) as usize));
            for (code, symbol) in
                [(codes.literals[length.number], length), (codes.distances[distance.number], distance)]
            {
                let bits = u64::from(code.bits) | symbol.extra << code.length;
                writer.put(bits, u32::from(code.length) + symbol.extra_bits);
            }
        }
        let end = codes.literals[END_OF_BLOCK];
        writer.put(u64::from(end.bits), u32::from(end.length));
    }

    fn learn_prices(&mut self, lengths: &Lengths) {
        for (price, &length) in self.prices.iter_mut().zip(&lengths.literals) {
            *price = if length > 0 { length } else { PRICE_OF_STRANGER };
        }
    }

    fn clear(&mut self) {
        self.tokens.clear();
        self.literals.fill(0);
        self.distances.fill(0);
        self.extra_bits = 0;
    }

    /// Gives back what an unusually long block took.
    pub(super) fn shrink(&mut self) {
        self.tokens.shrink_to(0);
    }
}

/// §3.2.4, with as much to fill the byte before as may be.
fn bits_stored(text: [&[u8]; 2]) -> u64 {
    7 + 32 + 8 * (text[0].len() + text[1].len()) as u64
}

/// `text` is at most 65,535 bytes long.
fn write_stored(text: [&[u8]; 2], writer: &mut BitWriter) {
    let length = (text[0].len() + text[1].len()) as u16;
    writer.put(STORED, 3);
    writer.align();
    writer.put_bytes(&length.to_le_bytes());
    writer.put_bytes(&(!length).to_le_bytes());
    writer.put_bytes(text[0]);
    writer.put_bytes(text[1]);
}
