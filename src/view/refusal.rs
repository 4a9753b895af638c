//! An answer that didn't open a connection: head and body.

use super::amount::Count;
use super::head;
use super::hex::Dump;
use crate::advice::MORE_OF_A_BODY;
use crate::peer_text::Escaped;
use crate::ws::handshake::Answer;

/// Lines of a body that isn't text.
const DUMP_LINES: usize = 16;

/// `with_head`: unless somebody has seen the head already.
pub(crate) fn lines(answer: &Answer, with_head: bool) -> Vec<String> {
    let mut lines = if with_head { head::lines('<', &answer.response.raw, false) } else { Vec::new() };
    let bytes = &answer.content.bytes;
    if !bytes.is_empty() {
        lines.push(String::new());
    }
    match text(bytes, answer.content.cut) {
        // Indented, so that no body can forge a line of ours.
        Some(text) => lines.extend(text.lines().map(|line| format!("  {}", Escaped(line)))),
        None => {
            let dump = Dump { bytes, start: 0, length: bytes.len(), lines: DUMP_LINES, columns: 78 }.to_string();
            lines.extend(dump.lines().map(|line| format!("  {line}")));
        }
    }
    if answer.content.cut {
        lines.push(format!("… cut after {}; {MORE_OF_A_BODY}", Count(bytes.len() as u64, "byte")));
    }
    lines
}

/// The body as text; its end may be in the middle of a character where it was cut.
fn text(bytes: &[u8], cut: bool) -> Option<&str> {
    match str::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) if cut && error.error_len().is_none() => str::from_utf8(&bytes[..error.valid_up_to()]).ok(),
        Err(_) => None,
    }
}
