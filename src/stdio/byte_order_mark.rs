//! U+FEFF in UTF-8, which some programs put before a text. It is no part of the text (RFC 3629 §6): wherever a text begins, it
//! is passed over.

use std::fmt::Display;

pub(super) const MARK: &[u8; 3] = b"\xef\xbb\xbf";

/// Takes it from the beginning of a text. Returns whether there was one.
pub(crate) fn remove(text: &mut Vec<u8>) -> bool {
    let is_there = text.starts_with(MARK);
    if is_there {
        text.drain(..MARK.len());
    }
    is_there
}

/// Says so of a text that is sent, by the name of its file.
pub(crate) fn not_sent(origin: impl Display) -> String {
    format!("the byte order mark at the beginning of {origin} is not sent")
}
