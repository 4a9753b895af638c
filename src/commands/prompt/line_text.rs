//! Bytes in a line that is edited as text: what can't be text there, or would move the cursor, stands in it as one
//! character for each byte, and is the byte again when the line is sent.

use std::borrow::Cow;

/// What a byte stands as: this plus the byte. Characters of a private plane, for nothing else is as wide as what is shown
/// for them; one that is typed all the same stands as its own bytes.
const STAND_INS: u32 = 0xF_0000;

/// Behind the stand-ins of bytes: the keys that the keyboard has for the editor alone (`virtual_key.rs`).
const RESERVED: u32 = 0x2FF;

/// Bytes as the line has them. A backslash at the end of a line was not typed to go on there: it stands as itself.
pub(super) fn literal(bytes: &[u8]) -> String {
    let mut line = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        let mut characters = chunk.valid().chars().peekable();
        while let Some(c) = characters.next() {
            let at_end = matches!(characters.peek(), None | Some('\n' | '\r'));
            if is_reserved(c) || (c.is_control() && !['\n', '\t'].contains(&c)) || (c == '\\' && at_end) {
                line.extend(c.encode_utf8(&mut [0; 4]).bytes().map(stand_in));
            } else {
                line.push(c);
            }
        }
        line.extend(chunk.invalid().iter().copied().map(stand_in));
    }
    line
}

/// The bytes of a line.
pub(super) fn bytes(line: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(line.len());
    for c in line.chars() {
        match byte(c) {
            Some(byte) => bytes.push(byte),
            None => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    bytes
}

/// A line with something to see for each byte that isn't text.
pub(super) fn visible(line: &str) -> Cow<'_, str> {
    if line.chars().all(|c| byte(c).is_none()) {
        return Cow::Borrowed(line);
    }
    Cow::Owned(line.chars().map(|c| byte(c).map_or(c, picture)).collect())
}

/// The same while it is edited: as wide on every terminal as the editor believes, which takes away as many rows as it has drawn.
pub(super) fn edited(line: &str) -> Cow<'_, str> {
    if is_as_drawn(line) {
        return Cow::Borrowed(line);
    }
    Cow::Owned(line.chars().filter_map(drawn).collect())
}

/// Whether everything in the line is shown as it is while it is edited.
pub(super) fn is_as_drawn(line: &str) -> bool {
    line.is_ascii() || line.chars().all(|c| drawn(c) == Some(c))
}

/// What is drawn for a character of a line that is edited, in as many columns. Of pictures that are joined each stands alone: some
/// terminals draw them as one, in fewer columns, and others don't. So nothing is drawn for what joins them or chooses their look,
/// and a square for the colour of a skin.
pub(super) fn drawn(c: char) -> Option<char> {
    match c {
        '\u{200d}' | '\u{fe0e}' | '\u{fe0f}' | '\u{e0020}'..='\u{e007f}' => None,
        // Nor for what would have the rest of the line drawn in another order than it has: a peer may have said it.
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => None,
        '\u{1f3fb}' => Some('\u{2b1c}'),
        '\u{1f3fc}' => Some('\u{1f7e8}'),
        '\u{1f3fd}' => Some('\u{1f7e7}'),
        '\u{1f3fe}' => Some('\u{1f7eb}'),
        '\u{1f3ff}' => Some('\u{2b1b}'),
        _ => Some(byte(c).map_or(c, picture)),
    }
}

/// The character that a byte stands as.
pub(super) fn stand_in(byte: u8) -> char {
    char::from_u32(STAND_INS + u32::from(byte)).unwrap_or(char::REPLACEMENT_CHARACTER)
}

fn byte(c: char) -> Option<u8> {
    u32::from(c).checked_sub(STAND_INS).and_then(|byte| u8::try_from(byte).ok())
}

fn is_reserved(c: char) -> bool {
    (STAND_INS..=STAND_INS + RESERVED).contains(&u32::from(c))
}

fn picture(byte: u8) -> char {
    match byte {
        0x00..=0x1f => char::from_u32(0x2400 + u32::from(byte)).unwrap_or(char::REPLACEMENT_CHARACTER),
        0x7f => '\u{2421}',
        b'\\' => '\\',
        _ => char::REPLACEMENT_CHARACTER,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::width::width;

    #[test]
    fn a_line_gives_back_every_byte() {
        let every: Vec<u8> = (0..=255).collect();
        let private = "\u{f0041}\u{f0100}\u{f01ff}".as_bytes();
        for given in [&every[..], "a\\\nb\\\r\ntäg\\".as_bytes(), private, b"\xf3\xb0", b""] {
            assert_eq!(bytes(&literal(given)), given);
        }
    }

    #[test]
    fn what_is_no_text_has_a_picture() {
        assert_eq!(visible(&literal(b"\x1b[A\xff\r\n\x7f\\")), "\u{241b}[A\u{fffd}\u{240d}\n\u{2421}\\");
        assert_eq!(literal(b"a\\b"), "a\\b");
    }

    #[test]
    fn a_line_is_edited_in_as_many_columns_as_it_has() {
        let family = "\u{1f469}\u{200d}\u{1f469}\u{200d}\u{1f467}";
        assert_eq!(edited(family), "\u{1f469}\u{1f469}\u{1f467}");
        assert_eq!(edited("\u{1f44b}\u{1f3ff}\u{2764}\u{fe0f}"), "\u{1f44b}\u{2b1b}\u{2764}");
        for line in [
            family,
            "\u{1f44b}\u{1f3fb}\u{1f3fc}\u{1f3fd}\u{1f3fe}\u{1f3ff}",
            "\u{1f3f4}\u{e0067}\u{e007f}",
            "a\u{301}",
        ] {
            assert_eq!(width(&edited(line)), width(line), "{line:?}");
            assert_eq!(visible(line), line);
        }
    }
}
