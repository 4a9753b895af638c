//! The line that is being typed, as it stands on the screen.
//!
//! A terminal whose width changes breaks its lines anew, and ours with them. The editor doesn't know: it would take away as
//! many rows as the line had before, which leaves some of it where it has more now, and takes received messages along where
//! it has fewer. So the line is taken away before the editor hears of the new width, and rows are made for what it takes away.
//!
//! One case is left: tmux breaks its lines anew at once, and tells a second width only 250 ms after the first
//! (`server_client_check_pane_resize`). What the editor draws meanwhile, and the rows that are counted here, are for a width that
//! isn't there any more, and nothing that a program can ask for says so: the width is the old one until then, and the cursor's
//! position doesn't tell where the line begins. Where a window's width changes twice within that time, parts of the line may stay,
//! and on a full screen a row above it may go.

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
    /// Behind so many bytes the editor has broken the line itself, since there it ended, at the end of a row: that break stays,
    /// whatever is typed behind it.
    broken_at: Option<usize>,
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

    /// Goes to the next row, where it isn't at the beginning of one.
    fn break_row(&mut self) {
        if self.column > 0 {
            *self = Self { row: self.row + 1, column: 0 };
        }
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
        let (_, end) = self.in_line();
        let is_broken = end.row > 0 && end.column == 0 && self.hint.is_empty() && !line.ends_with('\n');
        self.broken_at = is_broken.then_some(line.len());
    }

    /// The cursor moves, or a character is put before it at the end of the line.
    pub(super) fn move_cursor(&mut self, line: &str, cursor: usize) {
        if self.columns != 0 && !self.is_blank {
            line.clone_into(&mut self.line);
            self.cursor = cursor;
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
        (is_there && !self.fills_screen()).then(|| erase(self.cursor_row_at(columns)) + &self.rows())
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

    /// The row that the cursor is in once the terminal has other `columns`: that of the character that it stands on. Behind the
    /// last one a full row is no reason to go to the next, unless the editor has.
    fn cursor_row_at(&self, columns: usize) -> usize {
        let mut at = Position::default();
        for c in self.prompt.chars() {
            at.advance(c, columns);
        }
        for (offset, c) in self.line.char_indices().chain([(self.line.len(), '\0')]) {
            if self.broken_at == Some(offset) {
                at.break_row();
            }
            if offset == self.cursor {
                let under = if offset < self.line.len() { Some(c) } else { self.hint.chars().next() };
                // A newline stands where the row ends.
                return under.filter(|c| *c != '\n').map_or(at.row, |c| at.advance(c, columns));
            }
            at.advance(c, columns);
        }
        at.row
    }
}

/// From the row that is so many below the line's first. Each is emptied by itself: some terminals keep a screen that is emptied
/// from its first row on among what has been scrolled away, and the line with it.
fn erase(row: usize) -> String {
    format!("\x1b[J{}\r\x1b[2K", "\x1b[2K\x1b[A".repeat(row))
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
        assert_eq!(line.take_away(50).as_deref(), Some("\x1b[J\x1b[2K\x1b[A\r\x1b[2K"));
        // Only once, until it is drawn again.
        assert_eq!(line.take_away(50), None);
        // Wider: one row now, and two to the editor.
        assert_eq!(drawn(&"x".repeat(70), 70, 50).take_away(80).as_deref(), Some("\x1b[J\r\x1b[2K\n"));
        // With the cursor in the first row.
        assert_eq!(drawn(&"x".repeat(70), 10, 50).take_away(80).as_deref(), Some("\x1b[J\r\x1b[2K\n\x1b[1A"));
        // It filled its row, and the editor has begun another.
        assert_eq!(drawn(&"x".repeat(48), 48, 50).take_away(80).as_deref(), Some("\x1b[J\x1b[2K\x1b[A\r\x1b[2K\n"));
    }

    #[test]
    fn where_the_editor_has_broken_the_line_it_stays_broken() {
        let mut line = drawn(&"x".repeat(48), 48, 50);
        // Nothing is drawn but the characters typed behind it.
        line.move_cursor(&"x".repeat(49), 49);
        assert_eq!([25, 49, 50, 80].map(|columns| line.cursor_row_at(columns)), [2, 2, 1, 1]);
        line.move_cursor(&"x".repeat(49), 3);
        assert_eq!([25, 49, 50, 80].map(|columns| line.cursor_row_at(columns)), [0; 4]);
        // Drawn anew, the terminal breaks it.
        line.set_line(&"x".repeat(49), 49, 50);
        assert_eq!([25, 49, 50, 80].map(|columns| line.cursor_row_at(columns)), [2, 1, 1, 0]);
        // Behind the last character nothing has begun the next row.
        assert_eq!([17, 51].map(|columns| line.cursor_row_at(columns)), [2, 0]);
        // The cursor is on a character that has no room in the row.
        line.set_line(&"x".repeat(49), 23, 50);
        assert_eq!([24, 25, 26].map(|columns| line.cursor_row_at(columns)), [1, 1, 0]);
    }

    #[test]
    fn a_line_gives_way_and_comes_back() {
        let mut line = drawn(&"x".repeat(170), 100, 80);
        assert_eq!((line.give_way().as_str(), line.rows().as_str()), ("\x1b[J\x1b[2K\x1b[A\r\x1b[2K", "\n\n\x1b[1A"));
        // There is nothing to be broken anew.
        assert_eq!(line.take_away(50), None);
    }
}
