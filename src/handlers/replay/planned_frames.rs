//! The frames of a message that is recorded in several lines, and sent as it is read: each of its own length.

use std::iter::Peekable;

use super::outgoing::MessageShape;
use crate::ws::FrameLengths;

/// A longer frame is sent as several of this length, in bytes: nothing of a frame is sent before all of it is read.
pub(super) const LARGEST: usize = 64 << 10;

/// Makes frames of content that comes in pieces.
pub(super) struct PlannedFrames {
    /// Of the frame that is being filled; `None` once there is more content than was planned for.
    current: Option<usize>,
    following: Peekable<Box<dyn Iterator<Item = usize> + Send>>,
    /// Content of the frame so far.
    held: Vec<u8>,
}

impl Default for PlannedFrames {
    /// Of one frame.
    fn default() -> Self {
        Self::new(Box::new(std::iter::once(LARGEST)))
    }
}

impl PlannedFrames {
    pub(super) fn of(shape: &MessageShape) -> Self {
        let (length, count) = (shape.length, shape.fragments.map_or(1, |count| count.get()));
        Self::new(match shape.lengths.clone() {
            none if none.is_empty() => Box::new(divided(FrameLengths::new(length, (0..count).map(|_| 1)))),
            lengths => Box::new(divided(FrameLengths::new(length, lengths.into_iter()))),
        })
    }

    fn new(lengths: Box<dyn Iterator<Item = usize> + Send>) -> Self {
        let mut following = lengths.peekable();
        Self { current: following.next(), following, held: Vec::new() }
    }

    /// Takes the next content, and sends the frames that it fills; what there is, if it is the last.
    pub(super) fn push(&mut self, content: &[u8], last: bool, mut send: impl FnMut(&[u8], bool)) {
        self.held.extend_from_slice(content);
        let mut sent = 0;
        loop {
            let rest = &self.held[sent..];
            // The last one is sent once it is known to be that.
            let is_full = match (self.current, self.following.peek()) {
                (Some(size), Some(_)) => rest.len() >= size || last,
                (Some(_), None) | (None, _) => rest.len() > LARGEST,
            };
            if !is_full {
                break;
            }
            let size = self.current.unwrap_or(LARGEST).min(rest.len());
            send(&rest[..size], false);
            sent += size;
            self.current = self.following.next();
        }
        if last {
            send(&self.held[sent..], true);
            sent = self.held.len();
        }
        self.held.drain(..sent);
    }
}

/// The lengths, but of what is too long the several that it is sent as.
pub(super) fn divided(lengths: impl Iterator<Item = u64>) -> impl Iterator<Item = usize> {
    lengths.flat_map(|length| {
        let (whole, rest) = (length / LARGEST as u64, (length % LARGEST as u64) as usize);
        let rest = (rest > 0 || whole == 0).then_some(rest);
        (0..whole).map(|_| LARGEST).chain(rest)
    })
}

impl std::fmt::Debug for PlannedFrames {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PlannedFrames")
            .field("current", &self.current)
            .field("held", &self.held.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use super::*;

    /// The frames of a message of `length` bytes that comes in pieces.
    fn frames(length: usize, fragments: usize, lengths: &[u64], piece: usize) -> Vec<usize> {
        let shape = MessageShape {
            fragments: NonZeroUsize::new(fragments),
            lengths: lengths.to_vec(),
            length: length as u64,
            ..MessageShape::default()
        };
        let (mut planned, content) = (PlannedFrames::of(&shape), vec![b'x'; length]);
        let (mut frames, mut has_ended) = (Vec::new(), false);
        let count = length.div_ceil(piece).max(1);
        for number in 1..=count {
            let piece = &content[(number - 1) * piece..length.min(number * piece)];
            planned.push(piece, number == count, |frame, ends| {
                assert!(!has_ended);
                has_ended = ends;
                frames.push(frame.len());
            });
        }
        assert!(has_ended);
        frames
    }

    #[test]
    fn frames_are_as_long_as_they_were_however_the_content_comes() {
        for piece in 1..30 {
            assert_eq!(frames(27, 3, &[10, 10, 7], piece), [10, 10, 7]);
            assert_eq!(frames(27, 3, &[], piece), [9, 9, 9]);
            assert_eq!(frames(27, 0, &[], piece), [27]);
            assert_eq!(frames(27, 5, &[0, 20, 0, 7, 0], piece), [0, 20, 0, 7, 0]);
            assert_eq!(frames(27, 2, &[2, 1], piece), [18, 9]);
            assert_eq!(frames(0, 2, &[0, 0], piece), [0, 0]);
        }
    }

    #[test]
    fn a_frame_that_is_too_long_is_sent_as_several() {
        let piece = 256 << 10;
        assert_eq!(frames(LARGEST, 1, &[], piece), [LARGEST]);
        assert_eq!(frames(LARGEST + 1, 1, &[], piece), [LARGEST, 1]);
        assert_eq!(frames(2 * LARGEST + 5, 2, &[3, 2 * LARGEST as u64 + 2], piece), [3, LARGEST, LARGEST, 2]);
    }

    #[test]
    fn what_is_longer_than_was_known_goes_on_in_frames() {
        let mut planned = PlannedFrames::of(&MessageShape { length: 1, ..MessageShape::default() });
        let mut frames = Vec::new();
        planned.push(&vec![0; LARGEST + 10], false, |frame, ends| frames.push((frame.len(), ends)));
        planned.push(b"end", true, |frame, ends| frames.push((frame.len(), ends)));
        assert_eq!(frames.iter().map(|(length, _)| length).sum::<usize>(), LARGEST + 13);
        assert_eq!(frames.iter().position(|(_, ends)| *ends), Some(frames.len() - 1));
    }
}
