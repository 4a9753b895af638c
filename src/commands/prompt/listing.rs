//! What was asked for, made in the pieces in which it is printed: between two of them somebody who has had enough of it can stop it,
//! and what is never printed is never made.

use std::vec;

use crate::view::spans::{Line, Paint, Painted};

/// Lines of a piece, at most.
const LINES: usize = 100;

/// Bytes of a piece, or columns of a line, at most: a slow terminal takes them while a person waits.
const BYTES: usize = 64 * 1024;

/// Lines that follow each other.
#[derive(Debug)]
pub(crate) struct Listing {
    /// What stands above a message.
    before: vec::IntoIter<Painted>,
    /// Those of a message, of which any may be very long.
    message: vec::IntoIter<Line>,
    /// What is left of the one that has been begun.
    begun: vec::IntoIter<Line>,
    /// What stands behind the message.
    behind: vec::IntoIter<Painted>,
    /// What a piece had no room for.
    next: Option<Painted>,
    paint: Paint,
}

impl Listing {
    /// The lines of a message, and what is to be said before and behind them.
    pub(super) fn of_message(before: Vec<Painted>, message: Vec<Line>, behind: Vec<Painted>, paint: Paint) -> Self {
        let [before, behind] = [before, behind].map(Vec::into_iter);
        Self { before, message: message.into_iter(), begun: Vec::new().into_iter(), behind, next: None, paint }
    }

    /// What is next, on a terminal of so many columns; `None` at the end.
    pub(super) fn next_piece(&mut self, columns: usize) -> Option<Painted> {
        let (mut lines, mut bytes) = (Vec::new(), 0);
        while lines.len() < LINES
            && let Some(line) = self.next.take().or_else(|| self.next_line(columns))
        {
            bytes += line.as_str().len();
            if bytes > BYTES && !lines.is_empty() {
                self.next = Some(line);
                break;
            }
            lines.push(line);
        }
        (!lines.is_empty()).then(|| Painted::lines(lines, 0))
    }

    /// Whether nothing is left of it.
    pub(super) fn is_at_end(&self) -> bool {
        let rest = self.before.len() + self.begun.len() + self.message.len() + self.behind.len();
        self.next.is_none() && rest == 0
    }

    /// A line that is very long is cut where the terminal breaks it: a word has no other place where it could be.
    fn next_line(&mut self, columns: usize) -> Option<Painted> {
        let columns = columns.max(1);
        loop {
            if let Some(line) = self.before.next() {
                return Some(line);
            }
            if let Some(line) = self.begun.next() {
                return Some(line.painted(self.paint));
            }
            let Some(line) = self.message.next() else { return self.behind.next() };
            self.begun = line.cut(columns * (BYTES / columns).max(1)).into_iter();
        }
    }

    /// Whether it takes fewer rows than there are on a terminal of so many columns.
    pub(super) fn fits(&self, columns: usize, rows: usize) -> bool {
        let of_message = self.message.as_slice().iter().map(|line| line.width().div_ceil(columns.max(1)).max(1));
        let beside = self.before.as_slice().iter().chain(self.behind.as_slice()).map(|line| line.rows(columns));
        let mut left = rows;
        of_message.chain(beside).all(|taken| {
            left = left.saturating_sub(taken);
            left > 0
        })
    }

    /// All of it, for a pager, which breaks the lines by itself. It stays as it is.
    pub(super) fn each_line<E>(&self, mut write: impl FnMut(&Painted) -> Result<(), E>) -> Result<(), E> {
        self.before.as_slice().iter().try_for_each(&mut write)?;
        self.message.as_slice().iter().try_for_each(|line| write(&line.painted(self.paint)))?;
        self.behind.as_slice().iter().try_for_each(write)
    }
}

impl From<Vec<Painted>> for Listing {
    fn from(lines: Vec<Painted>) -> Self {
        Self::of_message(Vec::new(), Vec::new(), lines, Paint::Plain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::spans::Style;

    fn listing(lengths: &[usize]) -> Listing {
        let lines = lengths.iter().map(|length| Line::of(Style::Plain, "x".repeat(*length))).collect();
        Listing::of_message(Vec::new(), lines, vec![Paint::Plain.paint(Style::Plain, "behind")], Paint::Plain)
    }

    #[test]
    fn pieces_are_all_of_the_lines_and_none_is_large() {
        for lengths in [vec![], vec![0], vec![1; 250], vec![BYTES; 3], vec![1, 10 * BYTES + 7, 1, 1]] {
            let mut listing = listing(&lengths);
            let pieces: Vec<_> = std::iter::from_fn(|| listing.next_piece(80)).map(Painted::into_string).collect();
            assert!(pieces.iter().all(|piece| piece.len() <= BYTES + LINES), "{lengths:?}");
            assert!(pieces.iter().all(|piece| piece.split('\n').count() <= LINES), "{lengths:?}");
            let all = pieces.join("\n").split('\n').map(str::len).sum::<usize>();
            assert_eq!(all, lengths.iter().sum::<usize>() + "behind".len());
        }
        // Where a line goes on in the next piece, the terminal has gone on to the next row.
        let mut long = listing(&[10 * BYTES]);
        let rows: Vec<_> = std::iter::from_fn(|| long.next_line(80)).map(|line| line.as_str().len()).collect();
        let (last, whole) = rows[..rows.len() - 1].split_last().unwrap();
        assert!(whole.iter().all(|length| length % 80 == 0) && *last == 10 * BYTES % (BYTES / 80 * 80), "{rows:?}");
    }

    #[test]
    fn what_fits_the_screen_is_known() {
        // Two lines of the message, and one behind it.
        for (lengths, rows, fits) in [([80, 1], 4, true), ([81, 1], 4, false), ([80, 1], 3, false), ([0, 0], 4, true)] {
            assert_eq!(listing(&lengths).fits(80, rows), fits, "{lengths:?} {rows}");
        }
    }
}
