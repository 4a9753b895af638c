//! What each level of compression spends on looking for repetitions.

/// How hard is looked for repetitions. Lengths are in bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Effort {
    /// While a repetition this long is held, a quarter of the candidates has to do.
    good: usize,
    /// While a repetition this long is held, none is looked for that begins a byte later.
    pub(super) lazy: usize,
    /// The search ends with a repetition this long.
    pub(super) nice: usize,
    /// How many candidates are looked at for each byte.
    most: usize,
}

const fn effort(good: usize, lazy: usize, nice: usize, most: usize) -> Effort {
    Effort { good, lazy, nice, most }
}

/// Set by size and time on JSON, source text, logs and machine code, with messages of 125 bytes to 64 KiB.
const LEVELS: [Effort; 9] = [
    effort(4, 4, 8, 1),
    effort(4, 4, 16, 4),
    effort(4, 6, 32, 8),
    effort(4, 12, 32, 12),
    effort(4, 16, 64, 16),
    effort(4, 16, 128, 20),
    effort(8, 32, 128, 64),
    effort(32, 128, 258, 256),
    effort(32, 258, 258, 1024),
];

impl Effort {
    /// From 1, the fastest, to 9, the smallest; what is outside counts as the nearer of them.
    pub(super) fn of_level(level: u32) -> Self {
        LEVELS[level.clamp(1, 9) as usize - 1]
    }

    /// How many candidates are looked at while so much is held.
    pub(super) fn candidates(&self, held: usize) -> usize {
        if held >= self.good { self.most.div_ceil(4) } else { self.most }
    }
}
