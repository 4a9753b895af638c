//! Our direction of permessage-deflate (RFC 7692 §7.2.1).

use std::fmt;

use super::bits::BitWriter;
use super::block::Block;
use super::effort::Effort;
use super::matcher::Matcher;
use super::pool::DeflatePool;
use crate::ws::negotiation::WindowBits;

/// Text that a block stands for, in bytes; of text that repeats itself without end a block could stand for 4 MiB. Whoever is told what
/// was sent keeps the text until its block is written.
const MOST_TEXT: u64 = 256 * 1024;

/// Compresses what we send.
pub struct Deflater {
    /// Made at the first message: it is most of a connection's memory, and an idle one goes without.
    stream: Option<Box<BlockStream>>,
    /// Shared with others, and what is counted there, in bytes.
    pool: Option<&'static dyn DeflatePool>,
    counted: usize,
    level: u32,
    window_bits: WindowBits,
    context_takeover: bool,
}

impl Deflater {
    /// `level` is 1 (fastest) to 9 (smallest), `window_bits` 8 to 15.
    pub fn new(level: u32, window_bits: WindowBits, context_takeover: bool) -> Self {
        Self { stream: None, pool: None, counted: 0, level, window_bits, context_takeover }
    }

    /// Shares what it works with: takes it there, and leaves it there while it is at rest. To be said before the first message.
    pub fn set_pool(&mut self, pool: &'static dyn DeflatePool) {
        self.pool = Some(pool);
    }

    /// Compresses the next part of a message. What comes back may be empty until the `last` part;
    /// all of it together is the payload of the compressed message.
    pub fn push(&mut self, part: &[u8], last: bool) -> &[u8] {
        let takes_over = self.context_takeover;
        let stream = self.stream();
        stream.writer.clear();
        stream.push(part, last);
        if last {
            stream.end_message();
        }
        if last && !takes_over {
            stream.matcher.forget();
        }
        self.written()
    }

    /// Compresses the next part of a message, which isn't the last, and gives all that has been taken in: the other side can
    /// inflate it without what follows.
    pub fn flush(&mut self, part: &[u8]) -> &[u8] {
        let stream = self.stream();
        stream.writer.clear();
        stream.push(part, true);
        stream.end_message();
        // The length of the empty stored block, and its complement (RFC 1951 §3.2.4): of the last one only it isn't sent.
        stream.writer.put_bytes(&super::TAIL);
        self.written()
    }

    fn stream(&mut self) -> &mut BlockStream {
        let (level, window_bits, pool) = (self.level, self.window_bits, self.pool);
        self.stream.get_or_insert_with(|| BlockStream::new(level, window_bits, pool))
    }

    fn written(&mut self) -> &[u8] {
        self.count();
        self.stream.as_ref().map_or(&[], |stream| stream.writer.bytes())
    }

    fn count(&mut self) {
        if let Some(pool) = self.pool {
            let now = self.stream.as_ref().map_or(0, |stream| stream.matcher.index_size());
            if now != self.counted {
                pool.count(self.counted, now);
                self.counted = now;
            }
        }
    }

    /// Whether it has compressed anything.
    pub fn has_begun(&self) -> bool {
        self.stream.is_some()
    }

    /// Whether it has more than what the next message may refer back to.
    pub fn is_awake(&self) -> bool {
        self.stream.as_ref().is_some_and(|stream| stream.matcher.is_awake())
    }

    /// What it has of the text and its index, in bytes.
    #[cfg(test)]
    pub(super) fn memory(&self) -> usize {
        self.stream.as_ref().map_or(0, |stream| stream.matcher.index_size() + stream.matcher.kept().len())
    }

    /// Keeps only what the next message may refer back to, of which the rest is made anew then: to be done once none is likely to
    /// come soon, and only between two messages.
    pub fn rest(&mut self) {
        if let Some(stream) = &mut self.stream {
            stream.matcher.rest();
        }
        self.shrink();
        self.count();
    }

    /// The same where all have too much together.
    pub fn rest_if_crowded(&mut self) {
        if self.is_awake() && self.pool.is_some_and(DeflatePool::is_crowded) {
            self.rest();
        }
    }

    /// Gives back what an unusually large message took.
    pub fn shrink(&mut self) {
        if let Some(stream) = &mut self.stream {
            stream.writer.shrink();
            stream.block.shrink();
        }
    }
}

/// The blocks of all messages, one after the other.
struct BlockStream {
    matcher: Matcher,
    block: Block,
    /// How much of the text was told before this block.
    block_start: u64,
    writer: BitWriter,
}

impl BlockStream {
    fn new(level: u32, window_bits: WindowBits, pool: Option<&'static dyn DeflatePool>) -> Box<Self> {
        let matcher = Matcher::new(Effort::of_level(level), window_bits, pool);
        Box::new(Self { matcher, block: Block::new(), block_start: 0, writer: BitWriter::default() })
    }

    fn push(&mut self, mut part: &[u8], last: bool) {
        loop {
            part = &part[self.matcher.fill(part, self.block_start)..];
            let ends_here = last && part.is_empty();
            self.matcher.emit(&mut self.block, self.block_start, ends_here);
            let is_full = !self.block.has_room() || self.matcher.told() - self.block_start >= MOST_TEXT;
            if is_full || (ends_here && !self.block.is_empty()) {
                self.block.write(self.matcher.told_since(self.block_start), &mut self.writer);
                self.block_start = self.matcher.told();
            }
            if part.is_empty() && !is_full {
                return;
            }
        }
    }

    /// §7.2.1: an empty stored block brings the message to the end of a byte, and its last four
    /// bytes, 00 00 ff ff, aren't sent. An empty message is nothing else (§7.2.3.6).
    fn end_message(&mut self) {
        self.writer.put(0b000, 3);
        self.writer.align();
    }
}

/// What it works with is others' again.
impl Drop for Deflater {
    fn drop(&mut self) {
        if self.pool.is_some() {
            self.rest();
        }
    }
}

impl fmt::Debug for Deflater {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Deflater(level {}, window bits {})", self.level, self.window_bits)
    }
}
