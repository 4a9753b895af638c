//! How long the frames are that a message is cut into (RFC 6455 §5.4).

/// Cuts `length` bytes into frames that are as long in proportion as was asked for: exactly so long where what was asked for
/// comes to all of it.
#[derive(Debug, Clone)]
pub struct FrameLengths<L> {
    length: u64,
    asked: L,
    sum: u128,
    /// Of what was asked for so far.
    before: u128,
    /// Where the next frame begins.
    start: u64,
}

impl<L: ExactSizeIterator<Item = u64> + Clone> FrameLengths<L> {
    pub fn new(length: u64, asked: L) -> Self {
        let sum = asked.clone().map(u128::from).sum();
        Self { length, asked, sum, before: 0, start: 0 }
    }

    /// Where the frame ends up to which so much was asked for.
    fn end(&self) -> u64 {
        // Whatever was asked for, no frame begins before another ends.
        let end = u128::from(self.length).saturating_mul(self.before).checked_div(self.sum).unwrap_or_default();
        u64::try_from(end).unwrap_or(u64::MAX).clamp(self.start, self.length)
    }
}

impl<L: ExactSizeIterator<Item = u64> + Clone> Iterator for FrameLengths<L> {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        self.before += u128::from(self.asked.next()?);
        let start = self.start;
        self.start = if self.asked.len() == 0 { self.length } else { self.end() };
        Some(self.start - start)
    }
}

/// The frames of bytes that are all there, each with whether it is the last.
pub(super) fn cut(
    bytes: &[u8],
    asked: impl ExactSizeIterator<Item = u64> + Clone,
) -> impl Iterator<Item = (&[u8], bool)> {
    let count = asked.len();
    let mut rest = bytes;
    FrameLengths::new(bytes.len() as u64, asked).zip(1..).map(move |(length, number)| {
        let (frame, behind) = rest.split_at(rest.len().min(usize::try_from(length).unwrap_or(usize::MAX)));
        rest = behind;
        (frame, number == count)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(length: u64, asked: &[u64]) -> Vec<u64> {
        FrameLengths::new(length, asked.iter().copied()).collect()
    }

    #[test]
    fn what_has_the_length_that_was_asked_for_is_cut_exactly() {
        for asked in [&[10, 10, 7][..], &[0, 3, 0], &[1], &[0, 0], &[]] {
            assert_eq!(lengths(asked.iter().sum(), asked), asked);
        }
    }

    #[test]
    fn what_is_longer_or_shorter_is_cut_in_proportion() {
        assert_eq!(lengths(27, &[1, 1, 1]), [9, 9, 9]);
        assert_eq!(lengths(54, &[10, 10, 7]), [20, 20, 14]);
        assert_eq!(lengths(1, &[10, 10, 7]), [0, 0, 1]);
        assert_eq!(lengths(5, &[0, 0]), [0, 5]);
        assert_eq!(lengths(u64::MAX, &[u64::MAX; 4]).iter().sum::<u64>(), u64::MAX);
    }

    #[test]
    fn the_last_frame_is_told() {
        let frames: Vec<_> = cut(b"hello", [1, 0, 4].into_iter()).collect();
        assert_eq!(frames, [(&b"h"[..], false), (b"", false), (b"ello", true)]);
    }
}
