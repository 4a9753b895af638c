//! The text of a body in the character encoding that it names: those of pages of errors that aren't in UTF-8.

use std::borrow::Cow;

/// A character encoding, by the names that the web has for it (WHATWG Encoding §4.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Charset {
    Utf8,
    Windows1252,
    Utf16 { big: bool },
}

/// What is called ISO-8859-1 or ASCII on the web is windows-1252.
const NAMES: &[(&str, Charset)] = &[
    ("iso-8859-1", Charset::Windows1252),
    ("iso8859-1", Charset::Windows1252),
    ("latin1", Charset::Windows1252),
    ("us-ascii", Charset::Windows1252),
    ("ascii", Charset::Windows1252),
    ("windows-1252", Charset::Windows1252),
    ("cp1252", Charset::Windows1252),
    ("utf-16", Charset::Utf16 { big: false }),
    ("utf-16le", Charset::Utf16 { big: false }),
    ("utf-16be", Charset::Utf16 { big: true }),
];

/// 0x80 to 0x9F in windows-1252; the others are Latin-1's.
const FROM_80: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’',
    '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// How far into a page its own word for it is looked for.
const DECLARATION: usize = 1024;

/// `bytes` as text, by its byte order mark, by its `Content-Type`, or by what a page says of itself; else it is UTF-8. Its end
/// may be in the middle of a character where it was `cut`. `None` of what is no text in that.
pub(super) fn decoded<'b>(bytes: &'b [u8], content_type: &str, cut: bool) -> Option<Cow<'b, str>> {
    let (charset, bytes) = match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => (Charset::Utf8, rest),
        [0xff, 0xfe, rest @ ..] => (Charset::Utf16 { big: false }, rest),
        [0xfe, 0xff, rest @ ..] => (Charset::Utf16 { big: true }, rest),
        bytes => (named(content_type, bytes), bytes),
    };
    match charset {
        Charset::Utf8 => utf8(bytes, cut).map(Cow::Borrowed),
        Charset::Windows1252 => Some(bytes.iter().map(|&byte| windows_1252(byte)).collect::<String>().into()),
        Charset::Utf16 { big } => {
            let unit = |pair: &[u8]| {
                let pair = [pair[0], pair[1]];
                if big { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) }
            };
            let units: Vec<_> = bytes.chunks_exact(2).map(unit).collect();
            Some(String::from_utf16_lossy(&units).into())
        }
    }
}

fn named(content_type: &str, bytes: &[u8]) -> Charset {
    let beginning = String::from_utf8_lossy(&bytes[..bytes.len().min(DECLARATION)]);
    let declared = if content_type.to_ascii_lowercase().contains("html") { beginning.as_ref() } else { "" };
    let name = [content_type, declared].into_iter().find_map(charset_in);
    let known = name.and_then(|name| NAMES.iter().find(|(known, _)| *known == name).map(|(_, charset)| *charset));
    known.unwrap_or(Charset::Utf8)
}

/// What stands behind `charset=`, in lower case.
fn charset_in(text: &str) -> Option<String> {
    let text = text.to_ascii_lowercase();
    let (_, behind) = text.split_once("charset=")?;
    let behind = behind.trim_start_matches(['"', '\'', ' ']);
    let end = behind.find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_').unwrap_or(behind.len());
    Some(behind[..end].to_owned())
}

fn utf8(bytes: &[u8], cut: bool) -> Option<&str> {
    match str::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) if cut && error.error_len().is_none() => str::from_utf8(&bytes[..error.valid_up_to()]).ok(),
        Err(_) => None,
    }
}

fn windows_1252(byte: u8) -> char {
    match byte {
        0x80..=0x9f => FROM_80[usize::from(byte - 0x80)],
        other => char::from(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_read_as_they_say() {
        for (bytes, kind, text) in [
            (&b"caf\xc3\xa9"[..], "text/plain", Some("café")),
            (b"caf\xe9 \x80", "text/plain; charset=ISO-8859-1", Some("café €")),
            (b"caf\xe9", "text/html; charset=\"windows-1252\"", Some("café")),
            (b"caf\xe9", "text/html", None),
            (b"<meta charset=latin1>caf\xe9", "text/html", Some("<meta charset=latin1>café")),
            (b"h\0\xe9\0", "text/plain; charset=utf-16", Some("hé")),
            (b"\xfe\xff\0h", "text/plain", Some("h")),
            (b"\xef\xbb\xbfh", "", Some("h")),
            (b"caf\xe9", "text/plain; charset=utf-8", None),
        ] {
            assert_eq!(decoded(bytes, kind, false).as_deref(), text, "{kind}");
        }
        assert_eq!(decoded(b"caf\xc3", "", true).as_deref(), Some("caf"));
    }
}
