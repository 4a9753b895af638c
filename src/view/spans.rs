//! Lines of differently coloured text, cut to the width of a terminal.

use std::fmt;

use unicode_width::UnicodeWidthChar;

use crate::peer_text::{Escaped, Notation, Piece, pieces};

/// What a piece of text is; its colour follows from that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    Plain,
    /// What is beside the point.
    Faint,
    Received,
    Sent,
    /// Said by the program itself.
    Note,
    Fault,
    Key,
    Text,
    Number,
    /// true, false, null.
    Word,
    /// A character of somebody else's that isn't shown as itself.
    Escape,
    /// What was looked for.
    Match,
}

impl Style {
    /// Of the sixteen colours that a terminal's theme keeps readable on its background.
    fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Faint => "2",
            Self::Received => "1;32",
            Self::Sent => "1;34",
            Self::Note => "36",
            Self::Fault => "31",
            Self::Key => "1;34",
            Self::Text => "32",
            Self::Number => "35",
            Self::Word => "36",
            Self::Escape => "33",
            Self::Match => "1;31",
        }
    }
}

/// Whether colours are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paint {
    Plain,
    Colours,
}

impl Paint {
    /// `text` in the colour of `style`: the only way to a colour, and so escaped here.
    pub(crate) fn paint(self, style: Style, text: impl fmt::Display) -> Painted {
        let text = text.to_string();
        let text = Escaped(&text);
        Painted(match (self, style.code()) {
            (Self::Plain, _) | (_, "") => text.to_string(),
            (Self::Colours, code) => format!("\x1b[{code}m{text}\x1b[0m"),
        })
    }
}

/// What a terminal may be sent as it is: text that was escaped, with our colours and line breaks in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Painted(String);

impl Painted {
    /// Pieces, with a line break and `indent` columns between them.
    pub(crate) fn lines(pieces: impl IntoIterator<Item = Self>, indent: usize) -> Self {
        let pieces: Vec<String> = pieces.into_iter().map(|piece| piece.0).collect();
        Self(pieces.join(&format!("\n{}", " ".repeat(indent))))
    }

    /// With the sequence in front that gives the terminal's clipboard this content: OSC 52.
    pub(crate) fn copying(self, content: &[u8]) -> Self {
        Self(format!("\x1b]52;c;{}\x07{}", data_encoding::BASE64.encode(content), self.0))
    }

    /// Lines that it takes.
    pub(crate) fn rows(&self) -> usize {
        self.0.matches('\n').count() + 1
    }

    pub(crate) fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for Painted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Text of one style. It is escaped when it is made, before its width counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) style: Style,
    text: String,
}

impl Span {
    fn new(style: Style, text: &str) -> Self {
        Self { style, text: Escaped(text).to_string() }
    }
}

/// One line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Line(pub(crate) Vec<Span>);

impl Line {
    pub(crate) fn of(style: Style, text: impl AsRef<str>) -> Self {
        Self(vec![Span::new(style, text.as_ref())])
    }

    pub(crate) fn push(&mut self, style: Style, text: impl AsRef<str>) {
        self.0.push(Span::new(style, text.as_ref()));
    }

    /// Adds text that somebody else has chosen: what of it isn't shown as itself stands out.
    pub(crate) fn push_content(&mut self, style: Style, text: &str, notation: Notation) {
        for piece in pieces(text, notation) {
            let style = if matches!(piece, Piece::Written(_)) { Style::Escape } else { style };
            self.0.push(Span { style, text: piece.text().to_owned() });
        }
    }

    pub(crate) fn append(&mut self, other: Self) {
        other.0.into_iter().for_each(|Span { style, text }| self.append_text(style, &text));
    }

    /// Text that is escaped.
    fn append_text(&mut self, style: Style, text: &str) {
        match self.0.last_mut() {
            Some(last) if last.style == style => last.text.push_str(text),
            _ => self.0.push(Span { style, text: text.to_owned() }),
        }
    }

    /// In columns, on the terminal that takes most.
    pub(crate) fn width(&self) -> usize {
        self.0.iter().map(|span| widest_width(&span.text)).sum()
    }

    pub(crate) fn painted(&self, paint: Paint) -> Painted {
        Painted(self.0.iter().map(|span| paint.paint(span.style, &span.text).0).collect())
    }

    /// In lines of at most `columns`, `first` on the first of them: what has no blank in it stays together where it fits. A
    /// blank behind it may stand in one column more. Joined, the lines are what they were.
    pub(crate) fn folded(self, first: usize, columns: usize) -> Vec<Self> {
        let mut folder = Folder::new(first, columns);
        for Span { style, text } in self.0 {
            match style {
                Style::Escape => folder.push(style, &text),
                _ => text.chars().for_each(|c| folder.push(style, c.encode_utf8(&mut [0; 4]))),
            }
        }
        folder.finish()
    }

    /// Cut into lines of at most `columns`. Nothing of a peer's text may reach the terminal's own
    /// line break: what comes after it would begin where only our own lines begin.
    pub(crate) fn cut(self, columns: usize) -> Vec<Self> {
        let columns = columns.max(2);
        let mut lines = vec![Self::default()];
        let mut used = 0;
        for Span { style, text } in self.0 {
            let mut piece = String::new();
            for c in text.chars() {
                let width = widest(c);
                if used + width > columns {
                    push_piece(&mut lines, style, &mut piece);
                    lines.push(Self::default());
                    used = 0;
                }
                piece.push(c);
                used += width;
            }
            push_piece(&mut lines, style, &mut piece);
        }
        lines
    }
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
}

impl Folder {
    fn new(first: usize, columns: usize) -> Self {
        let (columns, following) = (first.max(2), columns.max(2));
        Self {
            lines: vec![Line::default()],
            columns,
            following,
            used: 0,
            word: Vec::new(),
            word_width: 0,
            is_long: false,
        }
    }

    fn push(&mut self, style: Style, character: &str) {
        let character = Span { style, text: character.to_owned() };
        if character.text == " " {
            self.end_word();
            // One may stand behind the last column.
            return self.place(character, 1);
        }
        self.word_width += widest_width(&character.text);
        self.word.push(character);
        self.is_long |= self.word_width > self.following;
        if self.is_long {
            self.spill();
        }
    }

    fn end_word(&mut self) {
        if self.used + self.word_width > self.columns && !self.is_long {
            self.new_line();
        }
        self.spill();
        self.is_long = false;
    }

    fn spill(&mut self) {
        self.word_width = 0;
        std::mem::take(&mut self.word).into_iter().for_each(|character| self.place(character, 0));
    }

    fn place(&mut self, character: Span, behind: usize) {
        let width = widest_width(&character.text);
        if self.used + width > self.columns + behind && self.used > 0 {
            self.new_line();
        }
        if let Some(line) = self.lines.last_mut() {
            line.append_text(character.style, &character.text);
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

/// Columns that a continued line is indented by, so that nothing in it stands where our lines begin.
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
}

impl Folding {
    /// Goes on behind `line`, which is on the terminal already, or will be.
    pub(crate) fn behind(line: &str, columns: usize) -> Self {
        Self { columns: columns.max(2 * INDENT), used: widest_width(line) }
    }

    /// Appends `text`, which has to be escaped.
    pub(crate) fn push(&mut self, text: &str, out: &mut String) {
        for c in text.chars() {
            let width = widest(c);
            if self.used + width > self.columns {
                out.push('\n');
                out.extend(std::iter::repeat_n(' ', INDENT));
                self.used = INDENT;
            }
            out.push(c);
            self.used += width;
        }
    }
}

/// Words in lines of at most `columns`; a word that is longer is cut.
pub(crate) fn wrap(words: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(2);
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in words.split_inclusive(' ') {
        if used > 0 && used + widest_width(word.trim_end()) > columns {
            lines.push(String::new());
            used = 0;
        }
        for c in word.chars() {
            let width = widest(c);
            if used + width > columns {
                lines.push(String::new());
                used = 0;
                if c == ' ' {
                    continue;
                }
            }
            if let Some(line) = lines.last_mut() {
                line.push(c);
            }
            used += width;
        }
    }
    lines
}

fn push_piece(lines: &mut [Line], style: Style, piece: &mut String) {
    if let Some(line) = lines.last_mut().filter(|_| !piece.is_empty()) {
        line.push(style, std::mem::take(piece));
    }
}

/// In columns.
pub(crate) fn width(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// In columns, on the terminal that takes most.
pub(crate) fn widest_width(text: &str) -> usize {
    text.chars().map(widest).sum()
}

/// Columns of a character on the terminal that gives it most: a line that is too long for one of them it breaks itself. What has
/// no width by Unicode has one on some: soft hyphens, spaces and joiners of no width, the vowels of Hangul, tags, selectors
/// that make an emoji of two columns of what precedes them, and marks that a terminal can't put over what they belong to. What
/// has one column has two on some, among pictures and the scripts of East Asia; not Greek and Cyrillic letters, to which a
/// terminal has to be told to give two.
pub(crate) fn widest(c: char) -> usize {
    if is_broad(c) { 2 } else { c.width().unwrap_or(0).max(1) }
}

/// Whole blocks, whatever is there in them, or will be: the scripts of East Asia, and pictures from Mahjong tiles on, among them
/// halves of flags.
fn is_broad(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{a4cf}' | '\u{16fe0}'..='\u{18cff}' | '\u{1f000}'..='\u{1fbff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_whole_where_they_fit() {
        assert_eq!(wrap("ab cd ef", 5), ["ab cd", "ef"]);
        assert_eq!(wrap("ab cdefghij k", 4), ["ab ", "cdef", "ghij", "k"]);
        assert_eq!(wrap("", 4), [""]);
    }

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
        assert_eq!(folded("ab cdefghij k", 4, 6), ["ab c", "defghi", "j k"]);
        assert_eq!(folded("日本語", 2, 5), ["日", "本語"]);
        assert_eq!(folded("日本", 2, 5), ["", "日本"]);
        let mut line = Line::default();
        line.push_content(Style::Plain, "abc\u{7}d", Notation::Text);
        let lines = line.folded(5, 5);
        assert_eq!(
            lines.iter().map(|line| line.painted(Paint::Plain).into_string()).collect::<Vec<_>>(),
            ["abc", "\\x07d"]
        );
        assert_eq!(folded("", 4, 4), [""]);
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
            let shown = indented(&forged, 80);
            assert!(shown.lines().skip(1).all(|line| line.starts_with("  ")), "{padding}");
            assert!(shown.lines().all(|line| width(line) <= 80), "{padding}");
        }
        assert_eq!(indented("a\nb\u{9b}", 80), "a\\nb\\x9b");
    }

    #[test]
    fn what_has_no_width_on_one_terminal_makes_no_line_too_long_for_another() {
        for c in
            ['\u{ad}', '\u{200b}', '\u{200d}', '\u{2060}', '\u{feff}', '\u{1160}', '\u{fe0f}', '\u{e0041}', '\u{301}']
        {
            let forged = format!("[1] a{}[2] forged", c.to_string().repeat(200));
            let shown = indented(&forged, 80);
            assert!(shown.lines().all(|line| line.chars().count() <= 80), "{c:?}");
            assert!(shown.lines().skip(1).all(|line| line.starts_with("  ")), "{c:?}");
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
            let shown = indented(&forged, 80);
            let columns = |line: &str| line.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum::<usize>();
            assert!(shown.lines().all(|line| columns(line) <= 80), "{c:?}");
        }
    }

    #[test]
    fn text_in_pieces_is_folded_as_one() {
        let mut folding = Folding::behind("1234 ", 8);
        let mut out = String::new();
        for piece in ["ab", "c", "defghijk", "日本語"] {
            folding.push(piece, &mut out);
        }
        assert_eq!(out, "abc\n  defghi\n  jk日本\n  語");
    }

    #[test]
    fn whatever_is_painted_is_escaped() {
        assert_eq!(Paint::Plain.paint(Style::Note, "a\u{1b}[2J").to_string(), "a\\x1b[2J");
        assert_eq!(Line::of(Style::Text, "\r\n").painted(Paint::Plain).to_string(), "\\r\\n");
    }
}
