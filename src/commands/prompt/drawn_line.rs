//! The line that is being typed, as it stands on the screen.
//!
//! A terminal whose width changes breaks its lines anew, and ours with them. The editor doesn't know: it would take away as
//! many rows as the line had before, which leaves some of it where it has more now, and takes received messages along where
//! it has fewer. So the line is taken away before the editor hears of the new width, and rows are made for what it takes away.

use crate::view::width::width;

/// Columns from one tab stop to the next, as the editor has them.
const TAB: usize = 8;

/// What was drawn last, and how wide the terminal was then.
#[derive(Debug, Default, Clone)]
pub(super) struct DrawnLine {
    prompt: String,
    line: String,
    /// Bytes of the line before the cursor.
    cursor: usize,
    hint: String,
    columns: usize,
    /// There are only empty rows where the line was.
    is_blank: bool,
    /// Rows of the screen, where the line has it for itself (`line_window.rs`).
    filled: Option<usize>,
}

/// From where the prompt begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Position {
    pub(super) row: usize,
    pub(super) column: usize,
}

impl Position {
    /// Where `text` ends that begins here, as the editor reckons.
    fn behind(mut self, text: &str, columns: usize) -> Self {
        for c in text.chars() {
            self.advance(c, columns);
        }
        let Self { row, column } = self;
        if column == columns { Self { row: row + 1, column: 0 } } else { self }
    }

    /// Goes behind a character; returns the row that it stands in.
    pub(super) fn advance(&mut self, c: char, columns: usize) -> usize {
        if c == '\n' {
            let row = self.row;
            *self = Self { row: row + 1, column: 0 };
            return row;
        }
        let width = if c == '\t' { TAB - self.column % TAB } else { width(c.encode_utf8(&mut [0; 4])) };
        self.column += width;
        if self.column > columns {
            *self = Self { row: self.row + 1, column: width };
        }
        self.row
    }
}

impl DrawnLine {
    pub(super) fn set_prompt(&mut self, prompt: &str) {
        prompt.clone_into(&mut self.prompt);
    }

    /// What is drawn behind the line.
    pub(super) fn set_hint(&mut self, hint: Option<&str>) {
        hint.unwrap_or_default().clone_into(&mut self.hint);
    }

    /// It is drawn now.
    pub(super) fn set_line(&mut self, line: &str, cursor: usize, columns: usize) {
        line.clone_into(&mut self.line);
        (self.cursor, self.columns, self.is_blank) = (cursor, columns, false);
    }

    /// The cursor moves, or a character is put before it.
    pub(super) fn move_cursor(&mut self, line: &str, cursor: usize) {
        if self.columns != 0 && !self.is_blank {
            self.set_line(line, cursor, self.columns);
        }
    }

    /// It has the whole screen of so many rows for itself now, or no longer.
    pub(super) fn set_filled(&mut self, rows: Option<usize>) {
        self.filled = rows;
    }

    pub(super) fn fills_screen(&self) -> bool {
        self.filled.is_some()
    }

    /// Whether the line has more rows than these.
    pub(super) fn exceeds(&self, rows: usize) -> bool {
        // Each has a character at least, or ends with one.
        self.line.len() + self.prompt.len() >= rows && self.in_line().1.row >= rows
    }

    pub(super) fn prompt(&self) -> &str {
        &self.prompt
    }

    pub(super) fn line(&self) -> &str {
        &self.line
    }

    /// Columns of the terminal that it was drawn on.
    pub(super) fn columns(&self) -> usize {
        self.columns
    }

    /// Where the line begins.
    pub(super) fn begin(&self) -> Position {
        Position::default().behind(&self.prompt, self.columns)
    }

    /// Where the cursor is, and where the line ends.
    pub(super) fn in_line(&self) -> (Position, Position) {
        self.line_positions(self.columns)
    }

    fn line_positions(&self, columns: usize) -> (Position, Position) {
        let begins = Position::default().behind(&self.prompt, columns);
        let (before, behind) = self.line.split_at_checked(self.cursor).unwrap_or((&self.line, ""));
        let cursor = begins.behind(before, columns);
        (cursor, cursor.behind(behind, columns))
    }

    /// Where the cursor is, and where everything ends.
    fn positions(&self, columns: usize) -> (Position, Position) {
        let (cursor, end) = self.line_positions(columns);
        (cursor, end.behind(&self.hint, columns))
    }

    /// Whether the editor draws it again on a terminal of other `columns`.
    pub(super) fn is_redrawn_at(&self, columns: usize) -> bool {
        let (_, end) = self.positions(self.columns);
        self.columns != 0 && columns != self.columns && (end.row > 0 || end.column >= columns)
    }

    /// Takes it away before the editor does, on a terminal that has other `columns` now and has broken it anew. Returns what
    /// the terminal is to be sent for that.
    pub(super) fn take_away(&mut self, columns: usize) -> Option<String> {
        let is_there = self.is_redrawn_at(columns) && !std::mem::replace(&mut self.is_blank, true);
        // One that has the screen for itself empties it whenever it is drawn.
        (is_there && !self.fills_screen()).then(|| {
            let (cursor, _) = self.positions(columns);
            erase(cursor.row + self.break_of_ours(columns)) + &self.rows()
        })
    }

    /// The same while another program has the terminal. [`rows`](Self::rows) goes before the line is drawn again.
    pub(super) fn give_way(&mut self) -> String {
        self.is_blank = true;
        erase(self.positions(self.columns.max(1)).0.row)
    }

    /// Makes the rows that the editor takes the line for, with the cursor in the row where it believes it.
    pub(super) fn rows(&self) -> String {
        if let Some(rows) = self.filled {
            return "\n".repeat(rows - 1) + &up(rows - 1);
        }
        let (cursor, end) = self.positions(self.columns.max(1));
        "\n".repeat(end.row) + &up(end.row - cursor.row)
    }

    /// Takes it away once the editor has left it: the cursor is at the beginning of the row below it.
    pub(super) fn take_away_above(&self) -> String {
        erase(self.positions(self.columns.max(1)).1.row + 1)
    }

    /// Behind a line that filled its last row the editor has broken it itself, and there it stays broken.
    fn break_of_ours(&self, columns: usize) -> usize {
        let ((_, before), (cursor, end)) = (self.positions(self.columns), self.positions(columns));
        let is_behind = cursor == end && before.row > 0 && before.column == 0 && !self.line.ends_with('\n');
        usize::from(is_behind && end.column > 0)
    }
}

/// From the row that is so many below the line's first.
fn erase(row: usize) -> String {
    format!("{}\r\x1b[J", up(row))
}

fn up(rows: usize) -> String {
    if rows == 0 { String::new() } else { format!("\x1b[{rows}A") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(line: &str, cursor: usize, columns: usize) -> DrawnLine {
        let mut drawn = DrawnLine::default();
        drawn.set_prompt("> ");
        drawn.set_line(line, cursor, columns);
        drawn
    }

    #[test]
    fn positions_are_those_of_the_editor() {
        let at = |row, column| Position { row, column };
        for (line, columns, expected) in [
            ("", 10, at(0, 2)),
            ("12345678", 10, at(1, 0)),
            ("123456789", 10, at(1, 1)),
            ("日本語日", 10, at(1, 0)),
            ("1日本語日", 10, at(1, 2)),
            ("a\nb", 10, at(1, 1)),
            ("a\tb", 10, at(0, 9)),
        ] {
            assert_eq!(drawn(line, line.len(), columns).positions(columns).1, expected, "{line:?}");
        }
    }

    #[test]
    fn a_line_of_one_row_is_left_alone() {
        for columns in [6, 80, 0] {
            assert_eq!(drawn("abc", 3, 80).take_away(columns.max(6)), None);
        }
        assert_eq!(DrawnLine::default().take_away(50), None);
    }

    #[test]
    fn a_line_that_is_broken_anew_is_taken_away_where_it_is() {
        // Narrower: two rows now, and one to the editor.
        let mut line = drawn(&"x".repeat(70), 70, 80);
        assert_eq!(line.take_away(50).as_deref(), Some("\x1b[1A\r\x1b[J"));
        // Only once, until it is drawn again.
        assert_eq!(line.take_away(50), None);
        // Wider: one row now, and two to the editor.
        assert_eq!(drawn(&"x".repeat(70), 70, 50).take_away(80).as_deref(), Some("\r\x1b[J\n"));
        // With the cursor in the first row.
        assert_eq!(drawn(&"x".repeat(70), 10, 50).take_away(80).as_deref(), Some("\r\x1b[J\n\x1b[1A"));
        // It filled its row, and the editor has begun another.
        assert_eq!(drawn(&"x".repeat(48), 48, 50).take_away(80).as_deref(), Some("\x1b[1A\r\x1b[J\n"));
    }

    #[test]
    fn a_line_gives_way_and_comes_back() {
        let mut line = drawn(&"x".repeat(170), 100, 80);
        assert_eq!((line.give_way().as_str(), line.rows().as_str()), ("\x1b[1A\r\x1b[J", "\n\n\x1b[1A"));
        // There is nothing to be broken anew.
        assert_eq!(line.take_away(50), None);
    }
}
