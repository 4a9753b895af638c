//! The codec of permessage-deflate (RFC 7692 §7.2): one direction each, messages streamed through.

use std::fmt;

use zlib_rs::{Deflate, DeflateFlush, Inflate, InflateFlush, Status};

use super::negotiation::{MAX_WINDOW_BITS, WindowBits};
use super::violation::Violation;

/// What a sync flush ends with, which isn't sent (§7.2.1).
const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

/// The largest window, in bytes: all that a later message may refer back to.
const WINDOW: usize = 1 << MAX_WINDOW_BITS;

/// The inflater's memory for output: the window, and as much again for what is new.
const SCRATCH: usize = 2 * WINDOW;

/// Compresses what we send.
pub struct Deflater {
    /// Made at the first message: it is most of a connection's memory, and an idle one goes without.
    stream: Option<Deflate>,
    level: u32,
    window_bits: WindowBits,
    context_takeover: bool,
    in_message: bool,
    output: Vec<u8>,
}

impl Deflater {
    /// `level` is 1 (fastest) to 9 (smallest), `window_bits` 8 to 15.
    pub fn new(level: u32, window_bits: WindowBits, context_takeover: bool) -> Self {
        Self { stream: None, level, window_bits, context_takeover, in_message: false, output: Vec::new() }
    }

    /// Whether messages can be compressed at all. zlib can't make a 256-byte window: with 8 bits
    /// agreed everything goes uncompressed, which §6 always allows.
    pub fn is_able(&self) -> bool {
        self.window_bits > 8
    }

    /// Compresses the next part of a message. What comes back may be empty until the `last` part;
    /// all of it together is the payload of the compressed message.
    pub fn push(&mut self, part: &[u8], last: bool) -> &[u8] {
        let (level, bits) = (self.level as i32, self.window_bits);
        let stream = self.stream.get_or_insert_with(|| Deflate::new(level, false, bits));
        let begins = !std::mem::replace(&mut self.in_message, !last);
        if begins && !self.context_takeover {
            stream.reset();
        }
        let flush = if last { DeflateFlush::SyncFlush } else { DeflateFlush::NoFlush };
        let (in_before, out_before) = (stream.total_in(), stream.total_out());
        let (mut used, mut written) = (0, 0);
        loop {
            self.output.resize(written + part.len() - used + 128, 0);
            // Deflating fails only after the stream's end, and this stream never ends.
            let _ = stream.compress(&part[used..], &mut self.output[written..], flush);
            used = (stream.total_in() - in_before) as usize;
            written = (stream.total_out() - out_before) as usize;
            if used == part.len() && written < self.output.len() {
                let output = &self.output[..written];
                return if last { without_tail(output) } else { output };
            }
        }
    }

    /// Gives back what an unusually large message took.
    pub fn shrink(&mut self) {
        self.output = Vec::new();
    }
}

fn without_tail(output: &[u8]) -> &[u8] {
    match output.strip_suffix(&TAIL) {
        // §7.2.3.6: an empty message is an empty block, without the tail. zlib says nothing at all
        // when a flush follows a flush.
        None | Some([]) => &[0x00],
        Some(payload) => payload,
    }
}

impl fmt::Debug for Deflater {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Deflater(level {}, window bits {})", self.level, self.window_bits)
    }
}

/// Inflates what the peer sent.
pub struct Inflater {
    stream: Inflate,
    context_takeover: bool,
    /// Output lands in `scratch[at..]`. Up to a window before `at` is kept: a new stream has to be
    /// told of it after a block with BFINAL set.
    scratch: Vec<u8>,
    at: usize,
    /// Nothing before the next message may be referred back to.
    forget: bool,
}

/// One step of inflating.
#[derive(Debug)]
pub struct Inflated<'a> {
    pub bytes: &'a [u8],
    /// Compressed bytes that were used.
    pub used: usize,
    /// Nothing more comes out of what was given.
    pub drained: bool,
}

impl Inflater {
    /// Reads every window up to 15 bits, whatever was agreed.
    pub fn new(context_takeover: bool) -> Self {
        let stream = Inflate::new(false, MAX_WINDOW_BITS);
        Self { stream, context_takeover, scratch: vec![0; SCRATCH], at: 0, forget: false }
    }

    /// Inflates some of `input`, at most 64 KiB of output at once.
    ///
    /// # Errors
    /// [`Violation::CorruptDeflate`].
    pub fn push(&mut self, input: &[u8]) -> Result<Inflated<'_>, Violation> {
        self.make_room();
        let start = self.at;
        let mut used = 0;
        while used < input.len() || (used == 0 && input.is_empty()) {
            let (taken, ended) = self.step(&input[used..], InflateFlush::SyncFlush)?;
            used += taken;
            if !ended {
                break;
            }
            self.restart_after_final_block();
        }
        let drained = used == input.len() && self.at < SCRATCH;
        Ok(Inflated { bytes: &self.scratch[start..self.at], used, drained })
    }

    /// Ends the message: gives the stream the tail that the sender left out (§7.2.2). Only for a
    /// stream that is drained.
    ///
    /// # Errors
    /// [`Violation::TruncatedDeflate`] when the message stopped inside a block, or corrupt data.
    pub fn finish(&mut self) -> Result<(), Violation> {
        self.make_room();
        let start = self.at;
        // Told to stop at a block's end, zlib leaves the fifth byte alone exactly when the tail
        // completed an empty block.
        let [a, b, c, d] = TAIL;
        let (used, ended) = self.step(&[a, b, c, d, 0x00], InflateFlush::Block)?;
        if used != TAIL.len() || ended || self.at != start {
            return Err(Violation::TruncatedDeflate);
        }
        if !self.context_takeover {
            self.stream.reset(false);
            self.forget = true;
        }
        Ok(())
    }

    /// The last `count` bytes that came out, until the next step.
    pub fn latest(&self, count: usize) -> &[u8] {
        &self.scratch[self.at - count..self.at]
    }

    fn make_room(&mut self) {
        if std::mem::take(&mut self.forget) {
            self.at = 0;
        }
        if self.at == SCRATCH {
            self.scratch.copy_within(SCRATCH - WINDOW.., 0);
            self.at = WINDOW;
        }
    }

    /// Returns the bytes used, and whether a block with BFINAL ended the stream.
    fn step(&mut self, input: &[u8], flush: InflateFlush) -> Result<(usize, bool), Violation> {
        let (in_before, out_before) = (self.stream.total_in(), self.stream.total_out());
        let status = self.stream.decompress(input, &mut self.scratch[self.at..], flush);
        let status = status.map_err(|_| Violation::CorruptDeflate)?;
        self.at += (self.stream.total_out() - out_before) as usize;
        Ok(((self.stream.total_in() - in_before) as usize, status == Status::StreamEnd))
    }

    /// §7.2.3.5: a block with BFINAL set ends zlib's stream, not the message, and what follows may
    /// still refer back to what came before.
    fn restart_after_final_block(&mut self) {
        self.stream.reset(false);
        let window = &self.scratch[self.at.saturating_sub(WINDOW)..self.at];
        // A raw stream takes a dictionary at any time.
        let _ = self.stream.set_dictionary(window);
    }
}

impl fmt::Debug for Inflater {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Inflater(context takeover {})", self.context_takeover)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Inflates a whole message that is given in pieces of `size`.
    fn inflate(inflater: &mut Inflater, message: &[u8], size: usize) -> Result<Vec<u8>, Violation> {
        let mut text = Vec::new();
        for mut piece in message.chunks(size.max(1)) {
            loop {
                let inflated = inflater.push(piece)?;
                text.extend_from_slice(inflated.bytes);
                piece = &piece[inflated.used..];
                if inflated.drained {
                    break;
                }
            }
        }
        inflater.finish().map(|()| text)
    }

    fn sample(length: usize) -> Vec<u8> {
        let mut state = 1u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8 & 0x3f
        };
        (0..length).map(|_| next()).collect()
    }

    #[test]
    fn messages_survive_every_size_window_and_takeover() {
        for takeover in [true, false] {
            for bits in 9..=15 {
                let (mut deflater, mut inflater) = (Deflater::new(6, bits, takeover), Inflater::new(takeover));
                for length in [0, 1, 125, 0, 70_000, 32_768, 5, 200_000] {
                    let message = sample(length);
                    let mut packed = Vec::new();
                    let mut parts = message.chunks(9_999).peekable();
                    while let Some(part) = parts.next() {
                        packed.extend_from_slice(deflater.push(part, parts.peek().is_none()));
                    }
                    if message.is_empty() {
                        packed.extend_from_slice(deflater.push(b"", true));
                    }
                    for size in [packed.len(), 1] {
                        let mut fresh = Inflater::new(takeover);
                        if size == 1 && takeover {
                            continue;
                        }
                        let inflater = if size == 1 { &mut fresh } else { &mut inflater };
                        assert!(inflate(inflater, &packed, size) == Ok(message.clone()), "{bits} bits, {length} bytes");
                    }
                }
            }
        }
    }

    #[test]
    fn the_examples_of_rfc_7692_are_read() {
        // §7.2.3.1, §7.2.3.2: "Hello" twice, the second time out of the window.
        let mut inflater = Inflater::new(true);
        let first = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
        assert_eq!(inflate(&mut inflater, &first, 9).unwrap(), b"Hello");
        assert_eq!(inflate(&mut inflater, &[0xf2, 0x00, 0x11, 0x00, 0x00], 9).unwrap(), b"Hello");
        // §7.2.3.3: a block without compression.
        let stored = [0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00];
        assert_eq!(inflate(&mut inflater, &stored, 1).unwrap(), b"Hello");
        // §7.2.3.4: BFINAL set; the window outlives it.
        let last = [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00];
        assert_eq!(inflate(&mut inflater, &last, 1).unwrap(), b"Hello");
        assert_eq!(inflate(&mut inflater, &[0xf2, 0x00, 0x11, 0x00, 0x00], 9).unwrap(), b"Hello");
        // §7.2.3.5: two blocks in one message.
        let two = [0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00];
        assert_eq!(inflate(&mut inflater, &two, 2).unwrap(), b"Hello");
    }

    #[test]
    fn an_empty_message_is_one_zero_byte() {
        let mut deflater = Deflater::new(6, 15, true);
        for _ in 0..3 {
            assert_eq!(deflater.push(b"", true), [0x00]);
        }
        deflater.push(b"something", true);
        assert_eq!(deflater.push(b"", true), [0x00]);
    }

    #[test]
    fn an_empty_last_part_flushes_what_was_gathered() {
        let (mut deflater, mut inflater) = (Deflater::new(6, 15, true), Inflater::new(true));
        for _ in 0..2 {
            let mut packed = deflater.push(b"gathered", false).to_vec();
            packed.extend_from_slice(deflater.push(b"", true));
            assert_eq!(inflate(&mut inflater, &packed, 9).unwrap(), b"gathered");
        }
    }

    #[test]
    fn a_message_cut_anywhere_is_refused() {
        let text: Vec<u8> = sample(3_000);
        for text in [&text[..], b"Hello", b"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"] {
            let packed = Deflater::new(6, 15, true).push(text, true).to_vec();
            for cut in 0..packed.len() {
                let outcome = inflate(&mut Inflater::new(true), &packed[..cut], 4_096);
                assert!(outcome.is_err(), "{cut} of {} gave {:?}", packed.len(), outcome.map(|t| t.len()));
            }
        }
    }

    #[test]
    fn a_bomb_comes_out_in_bounded_steps() {
        let packed = Deflater::new(9, 15, true).push(&vec![0; 50_000_000], true).to_vec();
        let (mut inflater, mut rest, mut total) = (Inflater::new(true), &packed[..], 0);
        loop {
            let inflated = inflater.push(rest).unwrap();
            assert!(inflated.bytes.len() <= SCRATCH);
            total += inflated.bytes.len();
            rest = &rest[inflated.used..];
            if inflated.drained {
                break;
            }
        }
        assert_eq!((inflater.finish(), total), (Ok(()), 50_000_000));
    }
}
