//! What was asked for, in the pieces in which it is printed: between two of them somebody who has had enough of it can stop it.

use crate::view::spans::{Line, Paint, Painted};

/// Lines of a piece, at most.
const LINES: usize = 100;

/// Bytes of a piece, or columns of a line, at most: a slow terminal takes them while a person waits.
const BYTES: usize = 64 * 1024;

/// Lines that follow each other.
pub(super) fn pieces(lines: &[Painted]) -> impl Iterator<Item = Painted> {
    let mut rest = lines;
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let fits = |line: &&Painted| {
            bytes += line.as_str().len();
            bytes <= BYTES
        };
        let count = rest.iter().take(LINES).take_while(fits).count().max(1).min(rest.len());
        let (piece, behind) = rest.split_at(count);
        rest = behind;
        (count > 0).then(|| Painted::lines(piece.iter().cloned(), 0))
    })
}

/// The lines of a message as a terminal of so many columns breaks them, those that are very long cut where it does: a word has no
/// other place where it could be.
pub(super) fn cut(lines: Vec<Line>, columns: usize, paint: Paint) -> impl Iterator<Item = Painted> {
    let columns = columns.max(1);
    let width = columns * (BYTES / columns).max(1);
    lines.into_iter().flat_map(move |line| line.cut(width)).map(move |line| line.painted(paint))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::spans::Style;

    #[test]
    fn pieces_are_all_of_the_lines_and_none_is_large() {
        let line = |length: usize| Line::of(Style::Plain, "x".repeat(length));
        for lengths in [vec![], vec![0], vec![1; 250], vec![BYTES; 3], vec![1, 10 * BYTES + 7, 1, 1]] {
            let lines: Vec<_> = lengths.iter().map(|length| line(*length)).collect();
            let painted: Vec<_> = cut(lines, 80, Paint::Plain).collect();
            let pieces: Vec<_> = pieces(&painted).map(Painted::into_string).collect();
            assert!(pieces.iter().all(|piece| piece.len() <= BYTES + LINES), "{lengths:?}");
            assert!(pieces.iter().all(|piece| piece.split('\n').count() <= LINES), "{lengths:?}");
            let all = pieces.join("\n").split('\n').map(str::len).sum::<usize>();
            assert_eq!(all, lengths.iter().sum::<usize>());
        }
        // Where a line goes on in the next piece, the terminal has gone on to the next row.
        let long = cut(vec![line(10 * BYTES)], 80, Paint::Plain);
        assert!(
            long.map(|piece| piece.as_str().len())
                .all(|length| length % 80 == 0 || length == 10 * BYTES % (BYTES / 80 * 80))
        );
    }
}
