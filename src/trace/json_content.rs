//! Content in JSON, written apart from what is around it: copied, as far as nothing in it has to be escaped, where serde looks
//! at one byte after the other.

use data_encoding::BASE64;
use memchr::memmem;

/// Puts a value between the quotes of the field that is there without one. Inside strings quotes are escaped, so that nothing
/// else looks like it.
fn insert(json: &mut Vec<u8>, start: usize, field: &[u8], push: impl FnOnce(&mut Vec<u8>)) {
    let Some(at) = memmem::find(&json[start..], field) else { return };
    let behind = json.split_off(start + at + field.len() - 1);
    push(json);
    json.extend_from_slice(&behind);
}

/// Puts the text into the object that begins at `start`, whose `text` is there and empty.
pub(super) fn insert_text(json: &mut Vec<u8>, start: usize, text: &str) {
    insert(json, start, b"\"text\":\"\"", |json| push_escaped(text.as_bytes(), json));
}

/// The same of `base64`.
pub(super) fn insert_base64(json: &mut Vec<u8>, start: usize, bytes: &[u8]) {
    insert(json, start, b"\"base64\":\"\"", |json| push_base64(bytes, json));
}

fn push_base64(bytes: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    out.resize(start + BASE64.encode_len(bytes.len()), 0);
    BASE64.encode_mut(bytes, &mut out[start..]);
}

/// Appends text as it stands between the quotes of a string in JSON.
fn push_escaped(text: &[u8], out: &mut Vec<u8>) {
    out.reserve(text.len());
    let mut rest = text;
    loop {
        let (plain, behind) = rest.split_at(plain_length(rest));
        out.extend_from_slice(plain);
        let Some((byte, behind)) = behind.split_first() else { return };
        push_escape(*byte, out);
        rest = behind;
    }
}

/// Bytes up to the first that has to be escaped (RFC 8259 §7).
fn plain_length(text: &[u8]) -> usize {
    let is_plain = |byte: u8| (byte >= 0x20) & (byte != b'"') & (byte != b'\\');
    // Without a branch for each byte, so that a processor looks at many at once.
    let (pieces, _) = text.as_chunks::<32>();
    let whole = pieces.iter().take_while(|piece| piece.iter().fold(true, |plain, byte| plain & is_plain(*byte)));
    let whole = whole.count() * 32;
    whole + text[whole..].iter().take_while(|byte| is_plain(**byte)).count()
}

fn push_escape(byte: u8, out: &mut Vec<u8>) {
    let short = match byte {
        b'"' | b'\\' => byte,
        0x08 => b'b',
        0x0c => b'f',
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        _ => return out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
    };
    out.extend([b'\\', short]);
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
            let mut json = br#"{"reason":"\"text\":\"\"","text":"","part":2}"#.to_vec();
            insert_text(&mut json, 0, &text);
            let expected =
                format!(r#"{{"reason":"\"text\":\"\"","text":{},"part":2}}"#, serde_json::to_string(&text).unwrap());
            assert_eq!(str::from_utf8(&json).unwrap(), expected);
        }
    }
}
