//! A line that is taller than the screen, of which as much is drawn as there is room for: the view follows the cursor.
//!
//! The editor draws a line by what its helper makes of it, and goes up from its end as many rows as it reckons; a terminal stops
//! at its first row. So the cursor stands in the first row of the screen, unless the end of the line is on it, too.

use std::ops::Range;

use super::drawn_line::DrawnLine;
use crate::view::amount::Grouped;

/// What is drawn of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LineWindow {
    /// What goes before it: the screen is its own, and what stood there has gone up.
    pub(super) room: String,
    /// The prompt is among it.
    pub(super) has_prompt: bool,
    /// Bytes of the line.
    pub(super) range: Range<usize>,
    /// The row that tells where the cursor is, in the place of the first.
    pub(super) above: Option<String>,
    /// The same in the place of what has no room: there neither the end of the line is drawn, nor what stands behind it.
    pub(super) below: Option<String>,
    pub(super) has_end: bool,
}

impl DrawnLine {
    /// What is drawn of it on a screen of so many `rows`; `None` where all of it has room.
    pub(super) fn window(&self, rows: usize) -> Option<LineWindow> {
        if !self.exceeds(rows) {
            return None;
        }
        let (begins, (cursor, end)) = (self.begin(), self.in_line());
        let last_top = (end.row + 1).saturating_sub(rows.max(1));
        let top = cursor.row.min(last_top);
        let has_end = top == last_top;
        let words = || {
            let (row, all) = (Grouped(cursor.row as u64 + 1), Grouped(end.row as u64 + 1));
            format!("(row {row} of {all}; what arrives is held until the line fits the screen)")
        };
        let above = (has_end && cursor.row > top).then(words);
        let below = (!has_end && rows > 2).then(words);
        let first = self.offset_of_row(top + usize::from(above.is_some()));
        let behind = if has_end { self.line().len() } else { self.offset_of_row(top + rows.saturating_sub(2).max(1)) };
        let has_prompt = top == 0 && above.is_none();
        let up = if self.fills_screen() { 0 } else { rows.saturating_sub(1) };
        let mut room = format!("\r\x1b[K{}\x1b[H\x1b[J", "\n".repeat(up));
        if !has_prompt && above.is_none() && begins.row >= top {
            room.push_str(&("\n".repeat(begins.row - top) + &" ".repeat(begins.column)));
        }
        Some(LineWindow { room, has_prompt, range: first..behind.max(first), above, below, has_end })
    }

    /// Where in the line the first character is that stands in this row, or below.
    fn offset_of_row(&self, row: usize) -> usize {
        let mut at = self.begin();
        let found = self.line().char_indices().find(|(_, c)| at.advance(*c, self.columns()) >= row);
        found.map_or(self.line().len(), |(offset, _)| offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: usize = 5;

    fn drawn(line: &str, cursor: usize) -> DrawnLine {
        let mut drawn = DrawnLine::default();
        drawn.set_prompt("> ");
        drawn.set_line(line, cursor, 10);
        drawn
    }

    fn shown(line: &str, cursor: usize) -> Option<(&str, bool, bool)> {
        let window = drawn(line, cursor).window(ROWS)?;
        Some((&line[window.range], window.above.is_some(), window.below.is_some()))
    }

    #[test]
    fn what_has_room_is_drawn_whole() {
        assert_eq!((shown("", 0), shown("a\nb\nc\nd\ne", 0), shown(&"x".repeat(47), 3)), (None, None, None));
        // Behind a full row another one begins.
        assert!(shown(&"x".repeat(48), 48).is_some());
    }

    #[test]
    fn the_view_follows_the_cursor() {
        let line = "a\nb\nc\nd\ne\nf\ng\nh";
        // The last rows, the first of which tells what is above.
        assert_eq!(shown(line, line.len()), Some(("e\nf\ng\nh", true, false)));
        assert_eq!(shown(line, 8), Some(("e\nf\ng\nh", true, false)));
        // The cursor is in the first of them.
        assert_eq!(shown(line, 6), Some(("d\ne\nf\ng\nh", false, false)));
        // Below it there is more than has room.
        assert_eq!(shown(line, 4), Some(("c\nd\ne\n", false, true)));
        assert_eq!(shown(line, 0), Some(("a\nb\nc\n", false, true)));
        let window = drawn(line, 0).window(ROWS).unwrap();
        assert!(window.has_prompt && !window.has_end && window.room == "\r\x1b[K\n\n\n\n\x1b[H\x1b[J", "{window:?}");
        let words = "(row 1 of 8; what arrives is held until the line fits the screen)";
        assert_eq!(window.below.as_deref(), Some(words));
    }

    #[test]
    fn a_row_begins_where_the_terminal_breaks_the_line() {
        let line = format!("{}日本語{}", "x".repeat(7), "y".repeat(60));
        let begins: Vec<usize> = (0..4).map(|row| drawn(&line, 0).offset_of_row(row)).collect();
        assert_eq!(begins, [0, 7, 20, 30]);
    }

    #[test]
    fn no_screen_is_too_small() {
        for (rows, cursor) in (1..4).flat_map(|rows| (0..30).map(move |cursor| (rows, cursor))) {
            let window = drawn(&"x".repeat(60), cursor).window(rows).unwrap();
            assert!(window.has_end || window.range.contains(&cursor), "{rows} {cursor} {window:?}");
        }
    }
}
