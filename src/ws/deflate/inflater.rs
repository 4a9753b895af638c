//! The peer's direction of permessage-deflate (RFC 7692 §7.2.2).

use std::fmt;

use zlib_rs::{Inflate, InflateFlush, Status};

use super::TAIL;
use crate::ws::negotiation::MAX_WINDOW_BITS;
use crate::ws::violation::Violation;

/// The largest window, in bytes: all that a later message may refer back to.
const WINDOW: usize = 1 << MAX_WINDOW_BITS;

/// The inflater's memory for output: the window, and as much again for what is new.
const SCRATCH: usize = 2 * WINDOW;

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
