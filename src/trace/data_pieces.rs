//! Content that was sent at once, as if it had gone out piece by piece: no line of a recording is to hold more than a part.

use crate::ws::Data;

/// The same content, in pieces of at most so many bytes, in the content and in the payload.
pub(crate) fn pieces(data: Data<'_>, most: usize) -> impl Iterator<Item = Data<'_>> {
    let longest = data.bytes.len().max(data.packed.len());
    let count = longest.div_ceil(most).max(1);
    (0..count).map(move |number| {
        let piece = |bytes| part(bytes, number, most);
        let is_end = number + 1 == count;
        let bytes = piece(data.bytes);
        let behind = data.bytes.len().saturating_sub((number + 1) * most);
        Data {
            first: data.first && number == 0,
            last: data.last && is_end,
            ends_frame: data.ends_frame && is_end,
            bytes,
            to_come: data.to_come.saturating_add(behind as _),
            packed: piece(data.packed),
            ..data
        }
    })
}

fn part(bytes: &[u8], number: usize, most: usize) -> &[u8] {
    let [begin, end] = [number * most, (number + 1) * most].map(|at| at.min(bytes.len()));
    &bytes[begin..end]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ws::{Direction, Kind};

    #[test]
    fn the_pieces_are_the_content() {
        let (bytes, packed) = ([1; 10], [2; 7]);
        let whole = Data {
            direction: Direction::Sent,
            kind: Kind::Binary,
            first: true,
            last: true,
            ends_frame: true,
            bytes: &bytes,
            to_come: 0,
            is_final: true,
            compressed: false,
            packed: &packed,
        };
        for most in 1..12 {
            let pieces: Vec<_> = pieces(whole, most).collect();
            let last = pieces.len() - 1;
            assert!(pieces.iter().all(|piece| piece.bytes.len() <= most && piece.packed.len() <= most));
            assert_eq!(pieces.iter().flat_map(|piece| piece.bytes).count(), 10);
            assert_eq!(pieces.iter().flat_map(|piece| piece.packed).count(), 7);
            for (number, piece) in pieces.iter().enumerate() {
                assert_eq!((piece.first, piece.last, piece.ends_frame), (number == 0, number == last, number == last));
            }
        }
        assert_eq!(pieces(Data { bytes: b"", packed: b"", ..whole }, 3).count(), 1);
    }
}
