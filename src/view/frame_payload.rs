//! The content of a data frame on the frame's line.

use std::fmt;

use super::amount::Count;
use super::control_payload::ControlPayload;
use super::ended_frames::FrameContent;
use crate::peer_text::Quoted;
use crate::ws::Kind;

/// Bytes that are shown.
pub(crate) const SHOWN: usize = 256;

/// Text in quotes where it is text, else bytes in hexadecimal; nothing where there is nothing.
#[derive(Debug)]
pub(crate) struct FramePayload<'c>(pub(crate) &'c FrameContent);

impl fmt::Display for FramePayload<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let FrameContent { kind, length, beginning } = self.0;
        if *length == 0 {
            return Ok(());
        }
        let is_cut = beginning.len() as u64 != *length;
        let shown = match str::from_utf8(beginning) {
            Ok(_) => beginning.as_slice(),
            // The character in which it was cut off isn't shown.
            Err(error) if is_cut && error.error_len().is_none() => &beginning[..error.valid_up_to()],
            Err(_) => beginning,
        };
        match str::from_utf8(shown) {
            Ok(text) if *kind == Some(Kind::Text) => write!(f, " {}", Quoted(text))?,
            _ => write!(f, " {}", ControlPayload::from(shown))?,
        }
        match length - shown.len() as u64 {
            0 => Ok(()),
            more => write!(f, " … and {} more", Count(more, "byte")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(kind: Kind, length: u64, beginning: &[u8]) -> String {
        FramePayload(&FrameContent { kind: Some(kind), length, beginning: beginning.to_vec() }).to_string()
    }

    #[test]
    fn text_is_quoted_and_bytes_are_in_hexadecimal() {
        assert_eq!(shown(Kind::Text, 5, "a\né\u{1b}".as_bytes()), " \"a\\né\\x1b\"");
        assert_eq!(shown(Kind::Text, 0, b""), "");
        assert_eq!(shown(Kind::Binary, 2, b"hi"), " \"hi\"");
        assert_eq!(shown(Kind::Binary, 2, b"\x00\xff"), " 0x00ff");
        // A fragment may end inside a character.
        assert_eq!(shown(Kind::Text, 2, b"a\xc3"), " 0x61c3");
    }

    #[test]
    fn what_is_cut_off_is_said() {
        assert_eq!(shown(Kind::Text, 2001, b"ab"), " \"ab\" … and 1,999 bytes more");
        assert_eq!(shown(Kind::Text, 4, b"a\xc3"), " \"a\" … and 3 bytes more");
        assert_eq!(shown(Kind::Binary, 3, b"\xff\xfe"), " 0xfffe … and 1 byte more");
    }
}
