//! UTF-8 checked as it streams in (RFC 6455 §8.1): at the first bad byte, wherever the text is cut.

use std::fmt;

/// The state between two chunks: the bytes of a code point that is still incomplete.
#[derive(Debug, Default, Clone)]
pub struct Utf8 {
    partial: [u8; 4],
    held: usize,
}

/// Whether a whole text is UTF-8.
#[inline]
pub(super) fn is_utf8(text: &[u8]) -> bool {
    is_ascii(text) || str::from_utf8(text).is_ok()
}

/// Most of what is sent is ASCII, which this tells several times faster than the standard library
/// tells it: it doesn't stop at the first other byte, so the compiler can take many at once.
#[inline]
pub fn is_ascii(text: &[u8]) -> bool {
    const HIGH_BITS: u64 = 0x8080_8080_8080_8080;
    let (chunks, rest) = text.as_chunks::<8>();
    let seen = chunks.iter().fold(0, |seen, chunk| seen | u64::from_ne_bytes(*chunk));
    let last = match text.last_chunk::<8>() {
        Some(chunk) => u64::from_ne_bytes(*chunk),
        None => rest.iter().fold(0, |seen, byte| seen | u64::from(*byte)),
    };
    (seen | last) & HIGH_BITS == 0
}

/// As much of the beginning of a text as is in so many bytes.
pub fn prefix(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}

/// The text is not UTF-8.
#[derive(Debug, PartialEq, Eq)]
pub struct NotUtf8;

impl fmt::Display for NotUtf8 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the bytes are not UTF-8")
    }
}

impl std::error::Error for NotUtf8 {}

impl Utf8 {
    /// Checks the next chunk.
    ///
    /// # Errors
    /// As soon as no continuation could make the text valid.
    #[inline]
    pub fn push(&mut self, chunk: &[u8]) -> Result<(), NotUtf8> {
        if self.held == 0 && is_ascii(chunk) { Ok(()) } else { self.push_any(chunk) }
    }

    fn push_any(&mut self, mut chunk: &[u8]) -> Result<(), NotUtf8> {
        while self.held > 0 {
            let Some((&byte, rest)) = chunk.split_first() else { return Ok(()) };
            chunk = rest;
            self.partial[self.held] = byte;
            self.held += 1;
            match str::from_utf8(&self.partial[..self.held]) {
                Ok(_) => self.held = 0,
                Err(error) if error.error_len().is_some() => return Err(NotUtf8),
                Err(_) => {}
            }
        }
        if let Err(error) = str::from_utf8(chunk) {
            if error.error_len().is_some() {
                return Err(NotUtf8);
            }
            let tail = &chunk[error.valid_up_to()..];
            self.partial[..tail.len()].copy_from_slice(tail);
            self.held = tail.len();
        }
        Ok(())
    }

    /// Whether what was checked so far ends between two characters.
    pub fn is_complete(&self) -> bool {
        self.held == 0
    }

    /// The first bytes of a character that was last held incomplete, as many as were `held` before the latest chunk.
    pub(super) fn begun(&self, held: usize) -> &[u8] {
        &self.partial[..held.min(self.partial.len())]
    }

    /// Bytes of a character that is incomplete so far.
    pub(super) fn held(&self) -> usize {
        self.held
    }

    /// Bytes that are whole characters, counted from the first one of [`held`](Self::held): of those and `chunk` together, up
    /// to what makes it no text.
    #[cold]
    pub(super) fn valid_up_to(&self, chunk: &[u8]) -> usize {
        let joined = [&self.partial[..self.held], chunk].concat();
        str::from_utf8(&joined).map_or_else(|error| error.valid_up_to(), str::len)
    }

    /// Ends the text.
    ///
    /// # Errors
    /// When it stops inside a code point.
    pub fn finish(&mut self) -> Result<(), NotUtf8> {
        if std::mem::take(&mut self.held) == 0 { Ok(()) } else { Err(NotUtf8) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The index of the byte at which the checker gives up, when it is fed in pieces of `size`.
    fn fails_at(text: &[u8], size: usize) -> Option<usize> {
        let mut utf8 = Utf8::default();
        for (i, piece) in text.chunks(size).enumerate() {
            if utf8.push(piece).is_err() {
                return Some(i * size);
            }
        }
        utf8.finish().err().map(|NotUtf8| text.len())
    }

    #[test]
    fn it_fails_at_the_first_byte_that_can_not_be_right() {
        // The text of Autobahn's 6.4.x: κόσμε, then a code point past U+10FFFF, then "edited".
        let text = b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xf4\x90\x80\x80edited";
        assert_eq!(fails_at(text, 1), Some(12));
        assert_eq!(fails_at(b"\xed\xa0\x80", 1), Some(1), "a surrogate is bad at its second byte");
        assert_eq!(fails_at(b"\xc0\x80", 1), Some(0), "an overlong form is bad at its first byte");
        assert_eq!(fails_at(b"ab\x80", 1), Some(2));
    }

    #[test]
    fn cuts_anywhere_change_nothing() {
        let text = "aé€😀\u{10ffff}\u{d7ff}z".as_bytes();
        for size in 1..=text.len() {
            assert_eq!(fails_at(text, size), None);
            assert_eq!(fails_at(&text[..text.len() - 3], size), Some(text.len() - 3));
        }
    }
}
