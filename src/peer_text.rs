//! Text that somebody else has chosen: a server, a client, a proxy, a certificate, a child process. It may hold what moves a
//! cursor, changes a terminal, or ends a line and begins one that looks like ours.
//!
//! What is kept of such text is a [`PeerText`]; what is borrowed from elsewhere is shown through [`Escaped`]. Neither has a
//! way to a line but escaped. Where lines are printed, the console escapes them once more, so that what was forgotten here
//! does no harm.

use std::fmt::{self, Write as _};

use serde::Serialize;

/// Text of somebody else's. `Display` escapes it; JSON has it as it is.
#[derive(Clone, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub(crate) struct PeerText(String);

impl PeerText {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// What isn't UTF-8 is replaced.
    pub(crate) fn lossy(bytes: &[u8]) -> Self {
        Self(String::from_utf8_lossy(bytes).into_owned())
    }

    /// As it came, for those who compare it. It is not to be printed.
    pub(crate) fn raw(&self) -> &str {
        &self.0
    }
}

/// `a, b, c`.
pub(crate) fn listed(texts: &[PeerText]) -> String {
    texts.iter().map(PeerText::to_string).collect::<Vec<_>>().join(", ")
}

impl fmt::Display for PeerText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Escaped(&self.0).fmt(f)
    }
}

impl fmt::Debug for PeerText {
    /// In quotes; Rust escapes there what [`is_unsafe`] says, and more.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// Shows text with everything escaped that could move a cursor, change the terminal, reverse the
/// reading order or begin a new line (C0, DEL, C1, line separators and bidirectional controls), or that can't be seen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Escaped<'a>(pub(crate) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        pieces(self.0, Notation::Text).try_for_each(|piece| f.write_str(piece.text()))
    }
}

/// The same, where nobody may take a backslash of the text for one of ours: before what looks like `\x1b` or `\u{a0}`, or is
/// written so, those of the text stand twice.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Exact<'a>(pub(crate) &'a str);

impl fmt::Display for Exact<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some(at) = rest.find('\\') {
            let behind = rest[at..].trim_start_matches('\\');
            let run = &rest[at..rest.len() - behind.len()];
            Escaped(&rest[..at]).fmt(f)?;
            f.write_str(run)?;
            if looks_escaped(behind) {
                f.write_str(run)?;
            }
            rest = behind;
        }
        Escaped(rest).fmt(f)
    }
}

/// Whether a text begins with what an escape has behind its backslash, or with what is escaped.
fn looks_escaped(text: &str) -> bool {
    let is_hex = |text: &str| text.chars().take(2).filter(char::is_ascii_hexdigit).count() == 2;
    text.strip_prefix('x').is_some_and(is_hex) || text.starts_with("u{") || text.starts_with(is_unsafe)
}

/// The same between quotes, which nothing in the text can end: what stands behind them is ours.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quoted<'a>(pub(crate) &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        for part in self.0.split_inclusive(['"', '\\']) {
            let plain = part.trim_end_matches(['"', '\\']);
            Escaped(plain).fmt(f)?;
            part[plain.len()..].chars().try_for_each(|c| write!(f, "\\{c}"))?;
        }
        f.write_str("\"")
    }
}

/// One word of a line: as it is where it is one, else between quotes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OneWord<'a>(pub(crate) &'a str);

impl fmt::Display for OneWord<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() || self.0.contains(|c: char| c.is_whitespace() || c == '"') {
            Quoted(self.0).fmt(f)
        } else {
            Escaped(self.0).fmt(f)
        }
    }
}

/// How a character is written that isn't shown as itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Notation {
    /// `\n`, `\x1b`, `\u{a0}`.
    Text,
    /// `\u001b`, so that JSON stays what it is.
    Json,
}

impl Notation {
    fn write(self, c: char) -> WrittenCharacter {
        let mut written = WrittenCharacter::default();
        let done = match (self, c) {
            (Self::Json, c) => c.encode_utf16(&mut [0; 2]).iter().try_for_each(|unit| write!(written, "\\u{unit:04x}")),
            (Self::Text, '\n') => written.write_str("\\n"),
            (Self::Text, '\r') => written.write_str("\\r"),
            (Self::Text, '\t') => written.write_str("\\t"),
            (Self::Text, ..='\u{9f}') => write!(written, "\\x{:02x}", u32::from(c)),
            (Self::Text, c) => write!(written, "\\u{{{:x}}}", u32::from(c)),
        };
        debug_assert!(done.is_ok(), "{c:?} is longer than any");
        written
    }
}

/// What is written for a character: ASCII, and without memory of its own, for a text may be made of nothing else.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct WrittenCharacter {
    bytes: [u8; Self::LONGEST],
    length: usize,
}

impl WrittenCharacter {
    /// Both halves of a pair: `\ud83d\ude00`.
    const LONGEST: usize = 12;

    fn text(&self) -> &str {
        str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }
}

impl fmt::Write for WrittenCharacter {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.length + text.len();
        self.bytes.get_mut(self.length..end).ok_or(fmt::Error)?.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

/// Part of a text that is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    AsItIs(&'a str),
    /// A character that isn't shown as itself.
    Written(WrittenCharacter),
}

impl Piece<'_> {
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::AsItIs(text) => text,
            Self::Written(written) => written.text(),
        }
    }
}

/// The pieces of a text, in order.
pub(crate) fn pieces(text: &str, notation: Notation) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (plain, behind) = rest.split_at(shown_as_it_is(rest));
        if !plain.is_empty() {
            rest = behind;
            return Some(Piece::AsItIs(plain));
        }
        let first = rest.chars().next()?;
        rest = &rest[first.len_utf8()..];
        Some(Piece::Written(notation.write(first)))
    })
}

/// How many bytes at the beginning are shown as themselves.
fn shown_as_it_is(text: &str) -> usize {
    let mut end = plain_length(text);
    while let Some(first) = text[end..].chars().next() {
        match joined_length(&text[end..]) {
            0 if !is_shown(first) => break,
            0 => end += first.len_utf8(),
            joined => end += joined,
        }
    }
    end
}

/// Joiners in one picture, at most: families have three. A line could be one picture otherwise, which nothing breaks.
const JOINED: usize = 3;

/// Bytes of the picture that a text begins with where that is one of several emoji with joiners of no width between them (UTS #51
/// §2.3), which do no harm there; else 0.
pub(crate) fn joined_length(text: &str) -> usize {
    let mut end = 0;
    for joiners in 0..=JOINED {
        let Some(picture) = text[end..].chars().next().filter(|c| is_picture(*c)) else { break };
        let mut here = end + picture.len_utf8();
        // How it looks: as an emoji, and of which skin.
        let looks = text[here..].chars().take_while(|c| matches!(c, '\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}')).take(2);
        here += looks.map(char::len_utf8).sum::<usize>();
        let joiner = text[here..].strip_prefix('\u{200d}').filter(|_| joiners < JOINED);
        match joiner.and_then(|behind| behind.chars().next()).filter(|c| is_picture(*c)) {
            Some(_) => end = here + '\u{200d}'.len_utf8(),
            None if joiners == 0 => return 0,
            None => return here,
        }
    }
    end
}

/// Whether it is in a block of pictures.
fn is_picture(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{21ff}' | '\u{2600}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}' | '\u{1f000}'..='\u{1fbff}')
}

/// Bytes that a text begins with of which each is a character that is shown as itself, in one column.
pub(crate) fn plain_length(text: &str) -> usize {
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~');
    // Where one character after the other is escaped, nothing is looked ahead at for each.
    if !text.bytes().next().is_some_and(is_plain) {
        return 0;
    }
    // Without a branch for each byte, so that a processor looks at many at once.
    let (pieces, _) = text.as_bytes().as_chunks::<32>();
    let whole = pieces.iter().take_while(|piece| piece.iter().fold(true, |plain, byte| plain & is_plain(*byte)));
    let whole = whole.count() * 32;
    whole + text.as_bytes()[whole..].iter().take_while(|byte| is_plain(**byte)).count()
}

/// Whether it is shown as itself.
pub(crate) fn is_shown(c: char) -> bool {
    matches!(c, ' '..='~') || !(is_unsafe(c) || is_invisible(c))
}

/// Whether a terminal would do something else with it than to show it where it stands.
pub(crate) fn is_unsafe(c: char) -> bool {
    // Unicode's Bidi_Control property, and the two line separators.
    let reorders = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || reorders || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Whether nobody sees it, or takes it for a blank, which it isn't: Unicode's Default_Ignorable_Code_Point and its spaces,
/// but for the ideographic one, which is as wide as a character, and the selectors of how an emoji looks.
fn is_invisible(c: char) -> bool {
    let ignorable = matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    );
    let blank = matches!(c, '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{2800}');
    ignorable || blank
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_its_quotes() {
        assert_eq!(Quoted("a \"b\" \\").to_string(), r#""a \"b\" \\""#);
        assert_eq!(Quoted("\"\"").to_string(), r#""\"\"""#);
        assert_eq!(Quoted("\n\\n").to_string(), r#""\n\\n""#);
        assert_eq!(Quoted("").to_string(), r#""""#);
        assert_eq!(OneWord("https://a.test").to_string(), "https://a.test");
        for (text, shown) in [("a b=c", r#""a b=c""#), ("a\u{2003}b", "\"a\\u{2003}b\""), ("\"", r#""\"""#)] {
            assert_eq!(OneWord(text).to_string(), shown);
        }
    }

    #[test]
    fn nothing_dangerous_is_left() {
        let hostile = "a\u{1b}]0;title\u{7}\u{9b}2J\r\nforged\u{202e}txt\u{2028}\u{7f}é😀\\n";
        let shown = Escaped(hostile).to_string();
        assert_eq!(shown, "a\\x1b]0;title\\x07\\x9b2J\\r\\nforged\\u{202e}txt\\u{2028}\\x7fé😀\\n");
        for c in (0..=0x10ffff).filter_map(char::from_u32) {
            let shown = Escaped(c.encode_utf8(&mut [0; 4])).to_string();
            assert!(shown.chars().all(is_shown), "{c:?}");
            let quoted = format!("{:?}", PeerText::new(c));
            assert!(!quoted.contains(is_unsafe), "{c:?}");
        }
    }

    #[test]
    fn what_nobody_sees_is_written() {
        let unseen = "a\u{feff}b\u{200b}c\u{200d}d\u{ad}e\u{a0}f\u{2060}g\u{202f}h\u{e0041}i";
        let shown = "a\\u{feff}b\\u{200b}c\\u{200d}d\\u{ad}e\\u{a0}f\\u{2060}g\\u{202f}h\\u{e0041}i";
        assert_eq!(Escaped(unseen).to_string(), shown);
        let emoji = "👩\u{200d}👩\u{200d}👧\u{200d}👦 🏳\u{fe0f}\u{200d}🌈 👩🏽\u{200d}❤\u{fe0f}\u{200d}💋\u{200d}👨🏻";
        assert_eq!(Escaped(emoji).to_string(), emoji);
        // Joiners beside anything else, and more of them than a picture has.
        for (text, shown) in [
            ("👩\u{200d}", "👩\\u{200d}"),
            ("\u{200d}👩", "\\u{200d}👩"),
            ("👩\u{200d}a", "👩\\u{200d}a"),
            ("👩\u{200d}\u{200d}👩", "👩\\u{200d}\\u{200d}👩"),
            ("👩\u{200d}👩\u{200d}👩\u{200d}👩\u{200d}👩", "👩\u{200d}👩\u{200d}👩\u{200d}👩\\u{200d}👩"),
        ] {
            assert_eq!(Escaped(text).to_string(), shown);
            assert_eq!(Escaped(shown).to_string(), shown);
        }
        let seen = "é 日本\u{3000}語 ❤\u{fe0f} \u{301}";
        assert_eq!(Escaped(seen).to_string(), seen);
    }

    #[test]
    fn json_stays_what_it_is() {
        let text = "a\u{1b}\u{a0}😀\u{e0041}";
        let shown: String = pieces(text, Notation::Json).map(|piece| piece.text().to_owned()).collect();
        assert_eq!(shown, "a\\u001b\\u00a0😀\\udb40\\udc41");
        assert_eq!(serde_json::from_str::<String>(&format!("\"{shown}\"")).unwrap(), text);
    }
}
