//! Content in JSON: copied, as far as nothing in it has to be escaped.

use std::io::{self, Write};

use data_encoding::BASE64;

/// Bytes that are encoded at once: a multiple of three, so that nothing but the end is padded.
const ENCODED_AT_ONCE: usize = 3 << 10;

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
    let is_plain = |byte: u8| (byte >= 0x20) & (byte != b'"') & (byte != b'\\');
    if !text.first().is_some_and(|byte| is_plain(*byte)) {
        return 0;
    }
    // Without a branch for each byte, so that a processor looks at many at once.
    let (pieces, _) = text.as_chunks::<32>();
    let whole = pieces.iter().take_while(|piece| piece.iter().fold(true, |plain, byte| plain & is_plain(*byte)));
    let whole = whole.count() * 32;
    whole + text[whole..].iter().take_while(|byte| is_plain(**byte)).count()
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
        let cut = (0..100).map(|at| ["x".repeat(at).as_str(), "\n", &"y".repeat(100 - at)].concat());
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
