//! Lines that are broken before a terminal breaks them.
//!
//! Who reads a line decides how it is broken: spans lose nothing, so that they can be joined again; a line of ours drops the
//! blank at which it is broken; text that arrives piece by piece can't wait for the end of a word; and in help no word is cut.
//!
//! A word that is longer than a row, a URL or a token, is left to the terminal, which doesn't copy its own breaks: what is selected
//! can be pasted. Nothing can be forged by it. All of our lines have a blank behind their first word, and go on two columns deeper
//! than they begin; rows that the terminal begins have no blank in them, and what follows the word is indented by two columns
//! more. Only words of characters that have the same width everywhere, and can be seen, are left to it
//! ([`sure_width`]). In JSON blanks are part of words: see `json_rows.rs`.

use std::borrow::Cow;

use super::spans::{Line, Span, Style};
use super::width::{sure_width, widest, widest_width};
use crate::peer_text::{Escaped, Piece, joined_length};

impl Line {
    /// In lines of at most `columns`, `first` on the first of them: what has no blank in it stays together where it fits. A
    /// blank behind it may stand in one column more. Joined, the lines are what they were.
    pub(crate) fn folded(self, first: usize, columns: usize) -> Vec<Self> {
        folded(self, first, columns, true)
    }

    /// Cut into lines of at most `columns`. Nothing of a peer's text may reach the terminal's own
    /// line break: what comes after it would begin where only our own lines begin.
    pub(crate) fn cut(self, columns: usize) -> Vec<Self> {
        folded(self, columns, columns, false)
    }
}

/// A line in lines of at most `columns`, `first` on the first of them, with the words kept whole or not. Joined, the lines are
/// what they were.
fn folded(line: Line, first: usize, columns: usize, keeps_words: bool) -> Vec<Line> {
    if line.width() <= first.max(2) {
        return vec![line];
    }
    let mut folder = Folder::new(first, columns, keeps_words);
    for (style, piece) in line.spans().iter().flat_map(Span::pieces) {
        match piece {
            Piece::Written(_) if keeps_words => folder.push(style, piece.text()),
            _ => units(piece.text(), columns.max(2)).for_each(|unit| folder.push(style, &unit)),
        }
    }
    folder.finish()
}

/// What may not be broken: a character, and a picture of several that are joined, unless a line is too narrow for it. Then what
/// joins them is written.
fn units(text: &str, columns: usize) -> impl Iterator<Item = Cow<'_, str>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let length = match joined_length(rest) {
            0 => first.len_utf8(),
            joined if widest_width(&rest[..joined]) <= columns => joined,
            joined => {
                let (picture, behind) = rest.split_at(joined);
                rest = behind;
                return Some(Cow::Owned(picture.replace('\u{200d}', "\\u{200d}")));
            }
        };
        let (unit, behind) = rest.split_at(length);
        rest = behind;
        Some(Cow::Borrowed(unit))
    })
    .flat_map(|unit| match unit {
        Cow::Borrowed(unit) => vec![Cow::Borrowed(unit)],
        Cow::Owned(written) => written.chars().map(|c| Cow::Owned(c.to_string())).collect(),
    })
}

/// Puts characters, and what is written for one, into lines.
struct Folder {
    lines: Vec<Line>,
    /// Columns of the line that is last now, and of those behind it.
    columns: usize,
    following: usize,
    used: usize,
    /// What may still go to the next line as a whole.
    word: Vec<Span>,
    word_width: usize,
    /// The word is longer than a line: it goes on wherever it is.
    is_long: bool,
    /// And is left to the terminal.
    is_soft: bool,
    /// What has no blank in it stays together where it fits.
    keeps_words: bool,
}

impl Folder {
    fn new(first: usize, columns: usize, keeps_words: bool) -> Self {
        let (columns, following) = (first.max(2), columns.max(2));
        Self {
            lines: vec![Line::default()],
            columns,
            following,
            used: 0,
            word: Vec::new(),
            word_width: 0,
            is_long: false,
            is_soft: false,
            keeps_words,
        }
    }

    fn push(&mut self, style: Style, character: &str) {
        let character = Span::new(style, character);
        if !self.keeps_words {
            return self.place(character, 0);
        }
        if character.text == " " {
            self.end_word();
            // One may stand behind the last column.
            return self.place(character, 1);
        }
        self.word_width += widest_width(&character.text);
        self.word.push(character);
        if !self.is_long && self.word_width > self.following {
            (self.is_long, self.is_soft) = (true, true);
            if self.used >= self.columns {
                // Another one may stand there, and a blank.
                self.new_line();
            }
        }
        if self.is_long {
            self.spill();
        }
    }

    fn end_word(&mut self) {
        if self.used + self.word_width > self.columns && !self.is_long {
            self.new_line();
        }
        self.spill();
        self.end_soft();
        self.is_long = false;
    }

    fn spill(&mut self) {
        self.word_width = 0;
        if self.is_soft && !self.word.iter().all(|character| is_sure(&character.text)) {
            self.end_soft();
        }
        for character in std::mem::take(&mut self.word) {
            match self.lines.last_mut().filter(|_| self.is_soft) {
                Some(line) => line.push_span(character),
                None => self.place(character, 0),
            }
        }
    }

    /// Nothing else stands on a row that the terminal has begun.
    fn end_soft(&mut self) {
        if std::mem::take(&mut self.is_soft) {
            self.used = self.columns;
        }
    }

    fn place(&mut self, character: Span, behind: usize) {
        let width = widest_width(&character.text);
        let fits_below = width <= self.following && self.columns < self.following;
        if self.used + width > self.columns + behind && (self.used > 0 || fits_below) {
            self.new_line();
        }
        if let Some(line) = self.lines.last_mut() {
            line.push_span(character);
        }
        self.used += width;
    }

    fn new_line(&mut self) {
        self.lines.push(Line::default());
        (self.columns, self.used) = (self.following, 0);
    }

    fn finish(mut self) -> Vec<Line> {
        self.end_word();
        self.lines
    }
}

/// Whether a row has no width that isn't sure.
fn is_sure(text: &str) -> bool {
    text.chars().all(|c| sure_width(c).is_some())
}

/// Columns that a continued line is indented by, so that nothing in it stands where our lines begin; and how much deeper what
/// stands behind a word is that was left to the terminal.
pub(crate) const INDENT: usize = 2;

/// A line on a terminal of `columns`, escaped: where it is too long it goes on, word by word, in lines that are indented
/// deeper than it.
pub(crate) fn indented(line: &str, columns: usize) -> String {
    let begins = line.len() - line.trim_start_matches(' ').len();
    let indent = (begins + INDENT).min(columns / 2);
    let line = Escaped(line).to_string();
    if widest_width(&line) <= columns {
        return line;
    }
    wrap(&line, columns.saturating_sub(indent)).join(&format!("\n{}", " ".repeat(indent)))
}

/// Text of any length on its way to a terminal, piece by piece: breaks lines before the terminal does, and indents what
/// goes on.
#[derive(Debug)]
pub(crate) struct Folding {
    columns: usize,
    used: usize,
    /// The next character begins a word.
    begins_word: bool,
    /// The word that has begun is left to the terminal.
    is_soft: bool,
    /// As the last one was: nothing stands behind it on its row.
    follows_soft: bool,
}

impl Folding {
    /// Goes on behind `line`, which is on the terminal already, or will be.
    pub(crate) fn behind(line: &str, columns: usize) -> Self {
        let (columns, used) = (columns.max(2 * INDENT), widest_width(line));
        Self { columns, used, begins_word: true, is_soft: false, follows_soft: false }
    }

    /// Appends `text`, which has to be escaped.
    pub(crate) fn push(&mut self, text: &str, out: &mut String) {
        for word in text.split_inclusive(' ') {
            let (word, blank) = word.strip_suffix(' ').map_or((word, false), |word| (word, true));
            if !word.is_empty() {
                self.push_word(word, out);
                self.begins_word = false;
            }
            if blank {
                self.push_blank(out);
            }
        }
    }

    /// A word, or a part of one: of what comes later nothing is known.
    fn push_word(&mut self, word: &str, out: &mut String) {
        if std::mem::take(&mut self.follows_soft) {
            self.new_line(2 * INDENT, out);
        }
        let width = widest_width(word);
        if self.is_soft && is_sure(word) {
            out.push_str(word);
        } else if std::mem::take(&mut self.is_soft) {
            self.new_line(2 * INDENT, out);
            self.push_hard(word, out);
        } else if self.used + width <= self.columns {
            out.push_str(word);
            self.used += width;
        } else if self.begins_word && INDENT + width <= self.columns {
            self.new_line(INDENT, out);
            out.push_str(word);
            self.used += width;
        } else if is_sure(word) {
            out.push_str(word);
            self.is_soft = true;
        } else {
            self.push_hard(word, out);
        }
    }

    /// It is broken where the row is full.
    fn push_hard(&mut self, word: &str, out: &mut String) {
        for c in word.chars() {
            let width = widest(c);
            if self.used + width > self.columns {
                self.new_line(INDENT, out);
            }
            out.push(c);
            self.used += width;
        }
    }

    fn push_blank(&mut self, out: &mut String) {
        self.begins_word = true;
        if std::mem::take(&mut self.is_soft) {
            self.follows_soft = true;
        } else if !self.follows_soft && self.used + 1 > self.columns {
            // The end of the line is in its place.
            return self.new_line(INDENT, out);
        } else {
            self.used += 1;
        }
        out.push(' ');
    }

    fn new_line(&mut self, indent: usize, out: &mut String) {
        out.push('\n');
        out.extend(std::iter::repeat_n(' ', indent));
        self.used = indent;
    }
}

/// Words in lines of at most `columns`, which are to be indented. One that is longer is left to the terminal, which has as many
/// more as lines are indented by, or cut.
fn wrap(words: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(2);
    let mut lines = vec![String::new()];
    let (mut used, mut follows_soft) = (0, false);
    for word in words.split_inclusive(' ') {
        let width = widest_width(word.trim_end());
        if follows_soft || (used > 0 && used + width > columns) {
            let deeper = if std::mem::take(&mut follows_soft) { INDENT.min(columns - 2) } else { 0 };
            lines.push(" ".repeat(deeper));
            used = deeper;
        }
        if width > columns
            && is_sure(word.trim_end())
            && let Some(line) = lines.last_mut()
        {
            line.push_str(word.trim_end());
            follows_soft = true;
            continue;
        }
        for c in word.chars() {
            let width = widest(c);
            if used + width > columns {
                // The end of the line is in its place, if anything follows.
                if c == ' ' {
                    continue;
                }
                lines.push(String::new());
                used = 0;
            }
            if let Some(line) = lines.last_mut() {
                line.push(c);
            }
            used += width;
        }
    }
    lines
}

/// A text behind `first`, in lines of so many columns that end between words; the others are indented.
pub(crate) fn hanging(first: &str, text: &str, indent: usize, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = first.to_owned();
    let mut is_empty = true;
    for word in text.split(' ') {
        let space = usize::from(!is_empty);
        if !is_empty && widest_width(&line) + space + widest_width(word) > columns {
            lines.push(std::mem::replace(&mut line, " ".repeat(indent)));
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    lines.push(line);
    lines
}

/// The rows that a line takes on a terminal of so many columns.
#[cfg(any(test, fuzzing))]
pub(crate) fn terminal_rows(line: &str, columns: usize) -> Vec<String> {
    let (mut rows, mut row, mut used) = (Vec::new(), String::new(), 0);
    for c in line.chars() {
        let width = widest(c);
        if used + width > columns {
            rows.push(std::mem::take(&mut row));
            used = 0;
        }
        row.push(c);
        used += width;
    }
    rows.push(row);
    rows
}

/// Asserts of text on a terminal that no row but the first looks like a line of ours.
#[cfg(test)]
pub(crate) fn assert_unforged(shown: &str, columns: usize) {
    let mut deeper = 0;
    for (number, line) in shown.lines().enumerate() {
        assert!(number == 0 || line.starts_with(&" ".repeat(INDENT + deeper)), "{line:?} of {shown}");
        let rows = terminal_rows(line, columns);
        assert!(rows[1..].iter().all(|row| is_sure(row.trim_end())), "{rows:?}");
        deeper = if rows.len() > 1 { INDENT } else { 0 };
    }
}

#[cfg(test)]
mod tests {
    use super::super::spans::Paint;
    use super::*;
    use crate::peer_text::Notation;

    #[test]
    fn lines_are_cut_at_the_width_and_keep_their_colours() {
        let mut line = Line::of(Style::Key, "abcd");
        line.push(Style::Text, "日本x");
        let cut: Vec<String> = line.cut(5).iter().map(|line| line.painted(Paint::Plain).into_string()).collect();
        assert_eq!(cut, ["abcd", "日本x"]);
        let painted: Vec<String> = Line::of(Style::Number, "1234")
            .cut(3)
            .iter()
            .map(|line| line.painted(Paint::Colours).into_string())
            .collect();
        assert_eq!(painted, ["\x1b[35m123\x1b[0m", "\x1b[35m4\x1b[0m"]);
    }

    #[test]
    fn folded_lines_break_at_blanks_and_lose_nothing() {
        let folded = |text: &str, first, columns| -> Vec<String> {
            let lines = Line::of(Style::Plain, text).folded(first, columns);
            lines.iter().map(|line| line.painted(Paint::Plain).into_string()).collect()
        };
        assert_eq!(folded("ab cd ef", 5, 5), ["ab cd ", "ef"]);
        assert_eq!(folded("ab cd  ef", 5, 5), ["ab cd ", " ef"]);
        // What is longer than a row is left to the terminal, up to what has no width that is sure.
        assert_eq!(folded("ab cdefghij k", 4, 6), ["ab cdefghij ", "k"]);
        assert_eq!(folded("cdefghij😀kl mn", 4, 6), ["cdefghij", "😀kl ", "mn"]);
        assert_eq!(folded("日本語", 2, 5), ["日本語"]);
        assert_eq!(folded("日本", 2, 5), ["", "日本"]);
        let mut line = Line::default();
        line.push_content(Style::Plain, "abc\u{7}d", Notation::Text);
        let lines = line.folded(8, 8);
        assert_eq!(
            lines.iter().map(|line| line.painted(Paint::Plain).into_string()).collect::<Vec<_>>(),
            ["abc\\x07d"]
        );
        assert_eq!(folded("", 4, 4), [""]);
    }

    #[test]
    fn a_picture_of_several_emoji_is_not_broken() {
        let family = "👩\u{200d}👩\u{200d}👧\u{200d}👦";
        let mut text = Line::default();
        text.push_content(Style::Plain, &format!("ab{family}{family}c"), Notation::Text);
        for columns in 2..40 {
            for lines in
                [text.clone().cut(columns), text.clone().folded(2, columns), text.clone().folded(columns, columns)]
            {
                let lines: Vec<String> = lines.iter().map(|line| line.painted(Paint::Plain).into_string()).collect();
                assert!(lines.iter().all(|line| widest_width(line) <= columns), "{columns}: {lines:?}");
                let joined = lines.concat();
                let written = joined.replace("\\u{200d}", "\u{200d}");
                assert_eq!(written, format!("ab{family}{family}c"));
                assert_eq!(joined == written, columns >= widest_width(family), "{columns}");
            }
        }
    }

    #[test]
    fn words_stay_whole_where_they_fit() {
        assert_eq!(wrap("ab cd ef", 5), ["ab cd", "ef"]);
        assert_eq!(wrap("ab cdefghij k", 4), ["ab ", "cdefghij", "  k"]);
        assert_eq!(wrap("ab cd😀fghij k", 4), ["ab ", "cd😀", "fghi", "j k"]);
        assert_eq!(wrap("", 4), [""]);
        // What ends where the line does leaves no empty one behind.
        assert_eq!(wrap("ab cd ", 5), ["ab cd"]);
        assert_eq!(wrap("abcde  ", 5), ["abcde"]);
        assert_eq!(wrap("abcde fg", 5), ["abcde", "fg"]);
    }

    #[test]
    fn a_line_that_goes_on_is_indented_deeper_than_it() {
        assert_eq!(indented("[1] ab cd", 20), "[1] ab cd");
        assert_eq!(indented("[1] ab cd", 9), "[1] ab cd");
        assert_eq!(indented("[1] ab cd ef", 9), "[1] ab \n  cd ef");
        assert_eq!(indented("    ab cdef gh", 12), "    ab\n      cdef \n      gh");
        // What is padded to the width begins where no line of ours does.
        for padding in 0..90 {
            let forged = format!("[1] {}[2] forged", " ".repeat(padding));
            assert!(indented(&forged, 80).lines().skip(1).all(|line| line.starts_with("  ")), "{padding}");
            let forged = format!("[1] {}[2] forged", "x".repeat(padding));
            assert_unforged(&indented(&forged, 80), 80);
            let forged = format!("[1] {}* forged", "日".repeat(padding));
            assert_unforged(&indented(&forged, 80), 80);
            let mut folded = String::new();
            Folding::behind("", 80).push(&forged, &mut folded);
            assert_unforged(&folded, 80);
        }
        assert_eq!(indented("a\nb\u{9b}", 80), "a\\nb\\x9b");
    }

    #[test]
    fn what_has_no_width_on_one_terminal_makes_no_line_too_long_for_another() {
        for c in
            ['\u{ad}', '\u{200b}', '\u{200d}', '\u{2060}', '\u{feff}', '\u{1160}', '\u{fe0f}', '\u{e0041}', '\u{301}']
        {
            let forged = format!("[1] a{}[2] forged", c.to_string().repeat(200));
            assert_unforged(&indented(&forged, 80), 80);
        }
    }

    #[test]
    fn what_has_two_columns_on_one_terminal_makes_no_line_too_long_for_it() {
        for c in [
            '\u{1f1e9}',
            '\u{1f5a5}',
            '\u{1fae9}',
            '\u{1fac8}',
            '\u{1f0a1}',
            '\u{302e}',
            '\u{3164}',
            '\u{324a}',
            '\u{16ff0}',
        ] {
            let forged = format!("[1] {}[2] forged", c.to_string().repeat(200));
            assert_unforged(&indented(&forged, 80), 80);
        }
    }

    #[test]
    fn text_in_pieces_is_folded_as_one() {
        let mut folding = Folding::behind("1234 ", 8);
        let mut out = String::new();
        for piece in ["ab", "c", "defghijk", "日本語"] {
            folding.push(piece, &mut out);
        }
        assert_eq!(out, "abcdefghijk日本語");
        let folded = |pieces: &[&str]| {
            let (mut folding, mut out) = (Folding::behind("1234 ", 12), String::new());
            pieces.iter().for_each(|piece| folding.push(piece, &mut out));
            out
        };
        assert_eq!(folded(&["ab cd efgh ij"]), "ab cd \n  efgh ij");
        assert_eq!(folded(&["abcdefg hij"]), "abcdefg\n  hij");
        assert_eq!(folded(&["ab", "cdefghijklmnopq", "rs tu", "v w"]), "abcdefghijklmnopqrs \n    tuv w");
        assert_eq!(folded(&["abcdefghijklmnopq", "😀r"]), "abcdefghijklmnopq\n    😀r");
    }
}
