//! The escapes inside `$'…'` (POSIX.1-2024 §2.2.4; the Bash manual §3.1.2.4).

use std::iter::Peekable;
use std::str::Chars;

/// Backslash sequences replaced; what none begins stays as it is.
pub(super) fn unescaped(body: &str) -> String {
    let mut units = Units::default();
    let mut chars = body.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\\' { escape(&mut chars, &mut units) } else { units.char(c) }
    }
    units.finish()
}

fn escape(chars: &mut Peekable<Chars>, units: &mut Units) {
    let Some(c) = chars.next() else { return units.char('\\') };
    match c {
        'x' => match number(chars, 16, 2) {
            Some(byte) => units.byte(byte),
            None => units.text("\\x"),
        },
        'u' | 'U' => match number(chars, 16, if c == 'u' { 4 } else { 8 }) {
            Some(code) => units.code(code),
            None => units.text(&format!("\\{c}")),
        },
        '0'..='7' => {
            let rest = (0..2).map_while(|_| digit(chars, 8));
            units.byte(rest.fold(c as u32 - '0' as u32, |value, digit| value * 8 + digit));
        }
        'c' => match chars.next() {
            Some(letter) => units.code(letter.to_ascii_uppercase() as u32 & 0x1f),
            None => units.text("\\c"),
        },
        c => match simple(c) {
            Some(meant) => units.char(meant),
            None => units.text(&format!("\\{c}")),
        },
    }
}

fn simple(c: char) -> Option<char> {
    Some(match c {
        'a' => '\u{7}',
        'b' => '\u{8}',
        'e' | 'E' => '\u{1b}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        '\\' | '\'' | '"' | '?' => c,
        _ => return None,
    })
}

/// Up to `most` digits; none if there is no digit at all.
fn number(chars: &mut Peekable<Chars>, radix: u32, most: usize) -> Option<u32> {
    let first = digit(chars, radix)?;
    let rest = (1..most).map_while(|_| digit(chars, radix));
    Some(rest.fold(first, |value, digit| value.wrapping_mul(radix).wrapping_add(digit)))
}

fn digit(chars: &mut Peekable<Chars>, radix: u32) -> Option<u32> {
    chars.next_if(|c| c.is_digit(radix))?.to_digit(radix)
}

/// Text in the making, with what needs its neighbours to be read: the bytes of a character, the halves of a pair.
#[derive(Default)]
struct Units {
    text: String,
    bytes: Vec<u8>,
    high: Option<u32>,
}

impl Units {
    fn char(&mut self, c: char) {
        self.settle();
        self.text.push(c);
    }

    fn text(&mut self, text: &str) {
        self.settle();
        self.text.push_str(text);
    }

    /// `\xHH` and octal stand for bytes, of which the shell keeps the lower eight bits.
    fn byte(&mut self, value: u32) {
        self.settle_high();
        self.bytes.push((value & 0xff) as u8);
    }

    /// Browsers write a character beyond U+FFFF as the two surrogates of UTF-16 that JavaScript has.
    fn code(&mut self, code: u32) {
        self.settle_bytes();
        match (self.high.take(), code) {
            (Some(high), 0xdc00..=0xdfff) => self.push(0x10000 + ((high - 0xd800) << 10) + (code - 0xdc00)),
            (earlier, code) => {
                earlier.into_iter().for_each(|lone| self.push(lone));
                if let 0xd800..=0xdbff = code { self.high = Some(code) } else { self.push(code) }
            }
        }
    }

    fn push(&mut self, code: u32) {
        self.text.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
    }

    fn settle(&mut self) {
        self.settle_bytes();
        self.settle_high();
    }

    /// UTF-8 as in a shell; Firefox and older Chrome write U+0080 to U+00FF as one `\xHH`.
    fn settle_bytes(&mut self) {
        let bytes = std::mem::take(&mut self.bytes);
        match std::str::from_utf8(&bytes) {
            Ok(text) => self.text.push_str(text),
            Err(_) => self.text.extend(bytes.into_iter().map(char::from)),
        }
    }

    fn settle_high(&mut self) {
        self.high.take().into_iter().for_each(|lone| self.push(lone));
    }

    fn finish(mut self) -> String {
        self.settle();
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_escape_is_known() {
        for (body, text) in [
            (r"\a\b\e\E\f\n\r\t\v", "\u{7}\u{8}\u{1b}\u{1b}\u{c}\n\r\t\u{b}"),
            (r#"\\\'\"\?"#, "\\'\"?"),
            (r"\x41\x4g\101\1018\41", "A\u{4}gAA8!"),
            (r"\u41\u00e9f\U0001f600x", "Aéf😀x"),
            (r"\cA", "\u{1}"),
            (r"\q\x\u\Uz", r"\q\x\u\Uz"),
        ] {
            assert_eq!(unescaped(body), text, "{body}");
        }
    }

    #[test]
    fn a_character_may_come_in_pieces() {
        assert_eq!(unescaped(r"\ud83d\ude00"), "😀");
        assert_eq!(unescaped(r"\ud83dx\ude00"), "\u{fffd}x\u{fffd}");
        assert_eq!(unescaped(r"\ud83d\ud83d\ude00"), "\u{fffd}😀");
        assert_eq!(unescaped(r"\xc3\xa9\303\251"), "éé");
        assert_eq!(unescaped(r"\xe9t\xe9"), "été");
    }
}
