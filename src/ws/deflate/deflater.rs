//! Our direction of permessage-deflate (RFC 7692 §7.2.1).

use std::fmt;

use zlib_rs::{Deflate, DeflateFlush};

use super::TAIL;
use crate::ws::negotiation::WindowBits;

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
