//! Content in JSON: copied, as far as nothing in it has to be escaped.

use std::io::{self, Write};

use data_encoding::BASE64;

/// Bytes that are encoded at once: a multiple of three, so that nothing but the end is padded.
const ENCODED_AT_ONCE: usize = 3 << 10;

/// Bytes that are looked at before more than a few are looked at at once.
const NEAR: usize = 16;

/// Writes bytes as they stand between the quotes of a string in JSON.
///
/// # Errors
/// Of `out`.
pub(super) fn write_base64(bytes: &[u8], out: &mut impl Write) -> io::Result<()> {
    let mut encoded = [0; ENCODED_AT_ONCE / 3 * 4];
    for piece in bytes.chunks(ENCODED_AT_ONCE) {
        let encoded = &mut encoded[..BASE64.encode_len(piece.len())];
        BASE64.encode_mut(piece, encoded);
        out.write_all(encoded)?;
    }
    Ok(())
}

/// Writes text as it stands between the quotes of a string in JSON.
///
/// # Errors
/// Of `out`.
pub(super) fn write_escaped(text: &[u8], out: &mut impl Write) -> io::Result<()> {
    let mut rest = text;
    loop {
        let (plain, behind) = rest.split_at(plain_length(rest));
        if !plain.is_empty() {
            out.write_all(plain)?;
        }
        let Some((byte, behind)) = behind.split_first() else { return Ok(()) };
        write_escape(*byte, out)?;
        rest = behind;
    }
}

/// Bytes up to the first that has to be escaped (RFC 8259 §7).
fn plain_length(text: &[u8]) -> usize {
    // In JSON the next quote is near more often than not.
    let near = plain_words(&text[..text.len().min(NEAR)]);
    if near < NEAR {
        return near;
    }
    // Without a branch for each byte, so that a processor looks at many at once.
    let (pieces, _) = text[NEAR..].as_chunks::<64>();
    let whole = pieces.iter().take_while(|piece| piece.iter().fold(true, |plain, byte| plain & is_plain(*byte)));
    let before = NEAR + whole.count() * 64;
    before + plain_words(&text[before..])
}

fn is_plain(byte: u8) -> bool {
    (byte >= 0x20) & (byte != b'"') & (byte != b'\\')
}

/// The same, eight bytes at a time.
fn plain_words(text: &[u8]) -> usize {
    let (words, rest) = text.as_chunks::<8>();
    let found =
        words.iter().map(|word| escaped_in(u64::from_le_bytes(*word))).enumerate().find(|(_, found)| *found != 0);
    match found {
        Some((index, found)) => index * 8 + found.trailing_zeros() as usize / 8,
        None => words.len() * 8 + rest.iter().take_while(|byte| is_plain(**byte)).count(),
    }
}

/// The highest bit of the first of eight bytes that has to be escaped; of those behind it nothing is said, for a borrow may
/// come from it.
fn escaped_in(word: u64) -> u64 {
    const ONES: u64 = u64::MAX / 0xff;
    let below = |word: u64, limit: u8| word.wrapping_sub(ONES * u64::from(limit)) & !word;
    let equal = |byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
    (below(word, 0x20) | equal(b'"') | equal(b'\\')) & (ONES << 7)
}

fn write_escape(byte: u8, out: &mut impl Write) -> io::Result<()> {
    let short = match byte {
        b'"' | b'\\' => byte,
        0x08 => b'b',
        0x0c => b'f',
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        _ => {
            let [high, low] = [byte >> 4, byte & 0xf].map(|digit| b"0123456789abcdef"[usize::from(digit)]);
            return out.write_all(&[b'\\', b'u', b'0', b'0', high, low]);
        }
    };
    out.write_all(&[b'\\', short])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_as_serde_does_it() {
        let every_byte: String = (0..=0x7f_u8).map(char::from).collect();
        let texts = ["a\"text\":\"\"b".repeat(20), "é€😀\u{2028}\u{7f}".repeat(9), " ".repeat(4096), "\\".repeat(100)];
        let cut =
            (0..200).map(|at| ["x".repeat(at), ["\n", "\"", "\\", "\u{1f}"].concat(), "é".repeat(200 - at)].concat());
        for text in texts.into_iter().chain(cut).chain([every_byte, String::new()]) {
            let mut json = Vec::new();
            write_escaped(text.as_bytes(), &mut json).unwrap();
            assert_eq!(format!("\"{}\"", str::from_utf8(&json).unwrap()), serde_json::to_string(&text).unwrap());
        }
    }

    #[test]
    fn bytes_of_any_number_are_encoded_as_one() {
        for length in [0, 1, 2, 3, ENCODED_AT_ONCE - 1, ENCODED_AT_ONCE, ENCODED_AT_ONCE + 1, 3 * ENCODED_AT_ONCE + 2] {
            let bytes: Vec<u8> = (0..length).map(|at| at as u8).collect();
            let mut encoded = Vec::new();
            write_base64(&bytes, &mut encoded).unwrap();
            assert_eq!(str::from_utf8(&encoded).unwrap(), BASE64.encode(&bytes));
        }
    }
}
