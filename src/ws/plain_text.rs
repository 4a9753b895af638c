//! Text where a frame should begin, as of a server that fails behind its 101, or whose 101 came from somebody else. Taken for
//! a frame it has reserved bits set.

use super::violating_frame::EXCERPT;

/// Bytes that tell text from a frame.
const TELLING: usize = 4;

/// Characters of the line that are kept.
const SHOWN: usize = 60;

/// The first line of `bytes`, if they begin as ASCII text does. How many of them have arrived makes no difference.
pub(super) fn first_line(bytes: &[u8]) -> Option<String> {
    let beginning = bytes.get(..TELLING)?;
    if !beginning.iter().all(is_text) || !beginning.iter().any(is_visible) {
        return None;
    }
    let looked_at = &bytes[..bytes.len().min(EXCERPT)];
    let line = looked_at.split(|byte| !is_visible(byte)).find(|line| !line.is_empty())?;
    Some(line.iter().take(SHOWN).map(|byte| char::from(*byte)).collect())
}

/// Whether more bytes are needed to tell text from a frame that can't be read. They come: a frame that begins with two of these
/// bytes has a payload of nine bytes at least, for the second is its length.
pub(super) fn is_undecided(bytes: &[u8]) -> bool {
    bytes.len() < TELLING && bytes.iter().all(is_text)
}

fn is_text(byte: &u8) -> bool {
    is_visible(byte) || matches!(byte, b'\t' | b'\r' | b'\n')
}

fn is_visible(byte: &u8) -> bool {
    matches!(byte, b' '..=b'~')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_told_from_frames() {
        let line = |bytes: &[u8]| first_line(bytes);
        assert_eq!(line(b"HTTP/1.1 502 Bad Gateway\r\nA: b\r\n").as_deref(), Some("HTTP/1.1 502 Bad Gateway"));
        assert_eq!(line(b"\n\noops\n").as_deref(), Some("oops"));
        assert_eq!(line(&[b'a'; 300]).map(|line| line.len()), Some(SHOWN));
        // What comes behind it changes nothing.
        assert_eq!([line(b"\t\t(H"), line(b"\t\t(H\tt\xd4P")].map(Option::unwrap), ["(H"; 2]);
        assert_eq!([line(b"\n\n\n\n"), line(b"\n\n\n\noops")], [None, None]);
        for bytes in [&b"\x81\x05hello"[..], b"A\x05hello", b"abc", b"abc\x1b", b"\r\n\r\n", b""] {
            assert_eq!(line(bytes), None, "{bytes:?}");
        }
    }
}
