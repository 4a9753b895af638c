//! Text from a peer, made safe for a terminal and for a line.

use std::fmt;

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

fn is_unsafe(c: char) -> bool {
    // Unicode's Bidi_Control property, and the two line separators.
    let reorders = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || reorders || matches!(c, '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_dangerous_is_left() {
        let hostile = "a\u{1b}]0;title\u{7}\u{9b}2J\r\nforged\u{202e}txt\u{2028}\u{7f}é😀\\n";
        let shown = Escaped(hostile).to_string();
        assert_eq!(shown, "a\\x1b]0;title\\x07\\x9b2J\\r\\nforged\\u{202e}txt\\u{2028}\\x7fé😀\\n");
        for c in (0..=0x10ffff).filter_map(char::from_u32) {
            let shown = Escaped(c.encode_utf8(&mut [0; 4])).to_string();
            assert!(!shown.chars().any(|c| c.is_control()), "{c:?}");
        }
    }
}
