//! Bytes in a line that is edited as text: what can't be text there, or would move the cursor, stands in it as one
//! character for each byte, and is the byte again when the line is sent.

use std::borrow::Cow;

/// What a byte stands as: this plus the byte. Characters of a private plane, for nothing else is as wide as what is shown
/// for them; one that is typed all the same stands as its own bytes.
const STAND_INS: u32 = 0xF_0000;

/// Behind the stand-ins of bytes: the keys that the keyboard has for the editor alone (`virtual_key.rs`).
const RESERVED: u32 = 0x1FF;

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

/// A line with something to see for each byte that isn't text, as wide as the line.
pub(super) fn visible(line: &str) -> Cow<'_, str> {
    if !has_stand_ins(line) {
        return Cow::Borrowed(line);
    }
    Cow::Owned(line.chars().map(|c| byte(c).map_or(c, picture)).collect())
}

/// Whether something stands in the line that isn't shown as it is.
pub(super) fn has_stand_ins(line: &str) -> bool {
    line.chars().any(|c| byte(c).is_some())
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
}
