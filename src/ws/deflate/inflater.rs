//! The peer's direction of permessage-deflate (RFC 7692 §7.2.2).

use std::fmt;
use std::ops::Range;

use zlib_rs::{Inflate, InflateFlush, Status};

use super::TAIL;
use super::kept_window::KeptWindow;
use crate::ws::negotiation::MAX_WINDOW_BITS;
use crate::ws::violation::Violation;

/// The largest window, in bytes: all that a later message may refer back to.
const WINDOW: usize = 1 << MAX_WINDOW_BITS;

/// The inflater's memory for output: the window, and as much again for what is new.
const SCRATCH: usize = 2 * WINDOW;

/// What inflaters at rest leave for others, so that each needn't have its own.
pub trait InflatePool: fmt::Debug + Sync {
    /// What one has left, if there is any.
    fn take(&self) -> Option<InflateState>;

    /// Leaves it.
    fn give(&self, state: InflateState);

    /// Whether so many have one that whoever is at rest leaves it, which takes copies of its window with every message.
    fn is_crowded(&self) -> bool;
}

/// Inflates what the peer sent.
pub struct Inflater {
    context_takeover: bool,
    /// Shared with others.
    pool: Option<&'static dyn InflatePool>,
    /// From the first message on, but while it is at rest.
    state: Option<InflateState>,
    /// All that the next message may refer back to, while it is at rest.
    window: KeptWindow,
    /// Nothing before the next message may be referred back to.
    forget: bool,
}

/// What inflating takes, 110 KiB: far more than what has to be kept between two messages.
pub struct InflateState {
    inflate: Inflate,
    /// Output lands in `scratch[at..]`. Up to a window before `at` is kept: a new stream has to be
    /// told of it after a block with BFINAL set.
    scratch: Vec<u8>,
    at: usize,
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
        Self { context_takeover, pool: None, state: None, window: KeptWindow::default(), forget: false }
    }

    /// Shares what it works with: takes it there, and leaves it there while it is at rest.
    pub fn sharing(mut self, pool: Option<&'static dyn InflatePool>) -> Self {
        self.pool = pool;
        self
    }

    /// Inflates some of `input`, at most 64 KiB of output at once.
    ///
    /// # Errors
    /// [`Violation::CorruptDeflate`].
    pub fn push(&mut self, input: &[u8]) -> Result<Inflated<'_>, Violation> {
        let state = self.awake();
        let start = state.at;
        let mut used = 0;
        while used < input.len() || (used == 0 && input.is_empty()) {
            let (taken, ended) = state.step(&input[used..], InflateFlush::SyncFlush)?;
            used += taken;
            if !ended {
                break;
            }
            state.restart();
        }
        let drained = used == input.len() && state.at < SCRATCH;
        Ok(Inflated { bytes: &state.scratch[start..state.at], used, drained })
    }

    /// Ends the message: gives the stream the tail that the sender left out (§7.2.2). Only for a
    /// stream that is drained.
    ///
    /// # Errors
    /// [`Violation::TruncatedDeflate`] when the message stopped inside a block, or corrupt data.
    pub fn finish(&mut self) -> Result<(), Violation> {
        let takes_over = self.context_takeover;
        let state = self.awake();
        let start = state.at;
        // Told to stop at a block's end, zlib leaves the fifth byte alone exactly when the tail
        // completed an empty block.
        let [a, b, c, d] = TAIL;
        let (used, ended) = state.step(&[a, b, c, d, 0x00], InflateFlush::Block)?;
        if used != TAIL.len() || ended || state.at != start {
            return Err(Violation::TruncatedDeflate);
        }
        if !takes_over {
            state.inflate.reset(false);
            self.forget = true;
        }
        Ok(())
    }

    /// The last `count` bytes that came out, until the next step.
    pub fn latest(&self, count: usize) -> &[u8] {
        self.state.as_ref().map_or(&[], |state| &state.scratch[state.at - count..state.at])
    }

    /// Keeps only what the next message may refer back to. Only between two messages, where a stream is nothing but its window.
    pub fn rest(&mut self) {
        let Some(state) = self.state.take() else { return };
        if !std::mem::take(&mut self.forget) {
            self.window.keep([&state.scratch[state.window()], &[]]);
        }
        if let Some(pool) = self.pool {
            pool.give(state);
        }
    }

    /// The same where others need what this one works with.
    pub fn rest_if_crowded(&mut self) {
        if self.pool.is_some_and(InflatePool::is_crowded) {
            self.rest();
        }
    }

    /// The stream, with room for what comes out of it.
    fn awake(&mut self) -> &mut InflateState {
        let (pool, window) = (self.pool, &mut self.window);
        let state = self.state.get_or_insert_with(|| {
            let spare = pool.and_then(InflatePool::take);
            let state = spare.unwrap_or_else(InflateState::new).after(window.text());
            window.clear();
            state
        });
        if std::mem::take(&mut self.forget) {
            state.at = 0;
        }
        state.make_room();
        state
    }
}

impl InflateState {
    fn new() -> Self {
        let inflate = Inflate::new(false, MAX_WINDOW_BITS);
        Self { inflate, scratch: vec![0; SCRATCH], at: 0 }
    }

    /// The same, which may refer back to `window` and nothing else.
    fn after(mut self, window: &[u8]) -> Self {
        self.scratch[..window.len()].copy_from_slice(window);
        self.at = window.len();
        self.restart();
        self
    }

    /// Where in `scratch` all that may be referred back to is.
    fn window(&self) -> Range<usize> {
        self.at.saturating_sub(WINDOW)..self.at
    }

    fn make_room(&mut self) {
        if self.at == SCRATCH {
            self.scratch.copy_within(SCRATCH - WINDOW.., 0);
            self.at = WINDOW;
        }
    }

    /// Returns the bytes used, and whether a block with BFINAL ended the stream.
    fn step(&mut self, input: &[u8], flush: InflateFlush) -> Result<(usize, bool), Violation> {
        let (in_before, out_before) = (self.inflate.total_in(), self.inflate.total_out());
        let status = self.inflate.decompress(input, &mut self.scratch[self.at..], flush);
        let status = status.map_err(|_| Violation::CorruptDeflate)?;
        self.at += (self.inflate.total_out() - out_before) as usize;
        Ok(((self.inflate.total_in() - in_before) as usize, status == Status::StreamEnd))
    }

    /// Begins a stream that may refer back to the window. §7.2.3.5: a block with BFINAL set ends zlib's stream, not the message,
    /// and what follows may still refer back to what came before.
    fn restart(&mut self) {
        self.inflate.reset(false);
        let window = self.window();
        // A raw stream takes a dictionary at any time.
        let _ = self.inflate.set_dictionary(&self.scratch[window]);
    }
}

/// What it works with is others' again.
impl Drop for Inflater {
    fn drop(&mut self) {
        if let (Some(pool), Some(state)) = (self.pool, self.state.take()) {
            pool.give(state);
        }
    }
}

impl fmt::Debug for Inflater {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Inflater(context takeover {})", self.context_takeover)
    }
}

impl fmt::Debug for InflateState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InflateState")
    }
}
