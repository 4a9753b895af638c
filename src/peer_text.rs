//! Text that somebody else has chosen: a server, a client, a proxy, a certificate, a child process. It may hold what moves a
//! cursor, changes a terminal, or ends a line and begins one that looks like ours.
//!
//! What is kept of such text is a [`PeerText`]; what is borrowed from elsewhere is shown through [`Escaped`]. Neither has a
//! way to a line but escaped. Where lines are printed, the console escapes them once more, so that what was forgotten here
//! does no harm.

use std::fmt;

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
/// reading order or begin a new line: C0, DEL, C1, line separators and bidirectional controls.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Escaped<'a>(pub(crate) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some(at) = rest.find(is_unsafe) {
            let (plain, from) = rest.split_at(at);
            f.write_str(plain)?;
            let mut chars = from.chars();
            match chars.next() {
                Some('\n') => f.write_str("\\n")?,
                Some('\r') => f.write_str("\\r")?,
                Some('\t') => f.write_str("\\t")?,
                Some(other @ ..='\u{9f}') => write!(f, "\\x{:02x}", u32::from(other))?,
                Some(other) => write!(f, "\\u{{{:x}}}", u32::from(other))?,
                None => {}
            }
            rest = chars.as_str();
        }
        f.write_str(rest)
    }
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

/// Whether a terminal would do something else with it than to show it where it stands.
pub(crate) fn is_unsafe(c: char) -> bool {
    // Unicode's Bidi_Control property, and the two line separators.
    let reorders = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || reorders || matches!(c, '\u{2028}' | '\u{2029}')
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
        for (text, shown) in [("a b=c", r#""a b=c""#), ("a\u{2003}b", "\"a\u{2003}b\""), ("\"", r#""\"""#)] {
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
            assert!(!shown.contains(is_unsafe), "{c:?}");
            let quoted = format!("{:?}", PeerText::new(c));
            assert!(!quoted.contains(is_unsafe), "{c:?}");
        }
    }
}
