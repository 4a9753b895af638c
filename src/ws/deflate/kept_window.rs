//! What a stream at rest may refer back to.

/// The smallest step from one size to the next, in bytes.
const LEAST_STEP: usize = 256;

/// Keeps the text of both pieces. Its memory has one of few sizes, at most a quarter more than the text: as windows grow, what one
/// connection leaves has the size that another needs.
pub(super) fn kept_window(pieces: [&[u8]; 2]) -> Vec<u8> {
    let length = pieces[0].len() + pieces[1].len();
    let mut window = Vec::with_capacity(size(length));
    pieces.into_iter().for_each(|piece| window.extend_from_slice(piece));
    window
}

/// The next of four sizes between two powers of two.
fn size(length: usize) -> usize {
    let step = (length.next_power_of_two() / 8).max(LEAST_STEP);
    length.next_multiple_of(step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_have_few_sizes() {
        let sizes = |lengths: std::ops::RangeInclusive<usize>| {
            let mut sizes: Vec<_> = lengths.map(size).collect();
            sizes.dedup();
            sizes
        };
        assert_eq!(sizes(0..=1024), [0, 256, 512, 768, 1024]);
        assert_eq!(sizes(4097..=8192), [5120, 6144, 7168, 8192]);
        assert_eq!(sizes(32_768..=32_768), [32_768]);
        assert_eq!(kept_window([b"ab", b"c"]), b"abc");
    }
}
