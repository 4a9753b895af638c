//! Our direction of permessage-deflate (RFC 7692 §7.2.1).

use std::fmt;

use super::bits::BitWriter;
use super::block::Block;
use super::effort::Effort;
use super::matcher::Matcher;
use crate::ws::negotiation::WindowBits;

/// Compresses what we send.
pub struct Deflater {
    /// Made at the first message: it is most of a connection's memory, and an idle one goes without.
    matcher: Option<Matcher>,
    block: Block,
    /// How much of the text was told before this block.
    block_start: u64,
    writer: BitWriter,
    level: u32,
    window_bits: WindowBits,
    context_takeover: bool,
}

impl Deflater {
    /// `level` is 1 (fastest) to 9 (smallest), `window_bits` 8 to 15.
    pub fn new(level: u32, window_bits: WindowBits, context_takeover: bool) -> Self {
        Self {
            matcher: None,
            block: Block::new(),
            block_start: 0,
            writer: BitWriter::default(),
            level,
            window_bits,
            context_takeover,
        }
    }

    /// Compresses the next part of a message. What comes back may be empty until the `last` part;
    /// all of it together is the payload of the compressed message.
    pub fn push(&mut self, mut part: &[u8], last: bool) -> &[u8] {
        let (effort, window_bits) = (Effort::of_level(self.level), self.window_bits);
        let matcher = self.matcher.get_or_insert_with(|| Matcher::new(effort, window_bits));
        self.writer.clear();
        loop {
            part = &part[matcher.fill(part)..];
            matcher.tell(&mut self.block, last && part.is_empty());
            let is_full = !self.block.has_room();
            if is_full || (last && part.is_empty() && !self.block.is_empty()) {
                self.block.write(matcher.told_since(self.block_start), &mut self.writer);
                self.block_start = matcher.told();
            }
            if part.is_empty() && !is_full {
                break;
            }
        }
        if last {
            self.end_message();
        }
        self.writer.bytes()
    }

    /// §7.2.1: an empty stored block brings the message to the end of a byte, and its last four
    /// bytes, 00 00 ff ff, aren't sent. An empty message is nothing else (§7.2.3.6).
    fn end_message(&mut self) {
        self.writer.put(0b000, 3);
        self.writer.align();
        if let Some(matcher) = self.matcher.as_mut().filter(|_| !self.context_takeover) {
            matcher.forget();
        }
    }

    /// Gives back what an unusually large message took.
    pub fn shrink(&mut self) {
        self.writer.shrink();
        self.block.shrink();
    }
}

impl fmt::Debug for Deflater {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Deflater(level {}, window bits {})", self.level, self.window_bits)
    }
}
