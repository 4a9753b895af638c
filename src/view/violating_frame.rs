//! What was in a frame that broke the protocol, for below the line that says what is wrong with it.

use super::amount::{Count, Grouped};
use super::hex::Dump;
use super::wrap::INDENT;
use crate::peer_text::Quoted;
use crate::ws::{Close, Excerpt, ExcerptOf, OpCode, ViolatingFrame};

/// Everything wrong with it, with the rules.
pub(crate) fn faults(frame: &ViolatingFrame) -> String {
    frame.cited().join("; ")
}

/// What a Close said, and the excerpt as a dump, whose rows are no longer than `columns`. All is indented.
pub(crate) fn lines(frame: &ViolatingFrame, columns: usize) -> Vec<String> {
    let ViolatingFrame { excerpt, length, .. } = frame;
    let mut lines = Vec::new();
    if frame.opcode == OpCode::Close && excerpt.of == ExcerptOf::Payload && excerpt.bytes.len() > 2 {
        let Close { code, reason } = Close::parse_anyway(&excerpt.bytes);
        let code = code.map(|code| code.to_string()).unwrap_or_default();
        lines.push(format!("  the Close says {code} {}", Quoted(&reason)));
    }
    if excerpt.bytes.is_empty() {
        return lines;
    }
    lines.push(format!("  {}{}:", extent(excerpt, *length), bad_byte(excerpt)));
    let bytes = &excerpt.bytes;
    let dump = Dump {
        bytes,
        start: excerpt.start,
        length: bytes.len(),
        lines: usize::MAX,
        columns: columns.saturating_sub(INDENT),
    };
    lines.extend(dump.rows().map(|row| format!("  {row}")));
    lines
}

fn extent(excerpt: &Excerpt, length: u64) -> String {
    let Excerpt { of, start, bytes, .. } = excerpt;
    let here = Count(bytes.len() as u64, "byte");
    match (of, start) {
        (ExcerptOf::Stream, _) => format!("what came instead, its first {here}"),
        (ExcerptOf::Payload, 0) if bytes.len() as u64 == length => format!("the frame's payload, {here}"),
        (ExcerptOf::Payload, 0) => {
            format!("the frame's payload, the first {} of {}", Grouped(bytes.len() as u64), Count(length, "byte"))
        }
        (ExcerptOf::Payload, start) => format!("the frame's payload, {here} from offset {}", Grouped(*start)),
        (ExcerptOf::Message, 0) => format!("the message, its first {here}"),
        (ExcerptOf::Message, start) => format!("the message, {here} from offset {}", Grouped(*start)),
    }
}

fn bad_byte(excerpt: &Excerpt) -> String {
    let Some(at) = excerpt.bad else { return String::new() };
    match excerpt.bad_byte() {
        Some(byte) => format!(", not UTF-8 from offset {} (0x{byte:02x})", Grouped(at)),
        None => format!(", not UTF-8 from offset {}", Grouped(at)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ws::{StatusCode, Violation};

    fn frame(opcode: OpCode, length: u64, fault: Violation, excerpt: Excerpt) -> ViolatingFrame {
        ViolatingFrame { opcode, length, faults: vec![fault], excerpt, tolerated: false }
    }

    fn excerpt(of: ExcerptOf, start: u64, bytes: &[u8], bad: Option<u64>) -> Excerpt {
        Excerpt { of, start, bytes: bytes.to_vec(), bad }
    }

    #[test]
    fn what_was_in_it_is_dumped_with_the_bad_byte() {
        let payload = excerpt(ExcerptOf::Payload, 0, b"hello", None);
        assert_eq!(
            lines(&frame(OpCode::Text, 5, Violation::Masked, payload.clone()), 80),
            ["  the frame's payload, 5 bytes:", "  00000000  68 65 6c 6c 6f                                   |hello|"]
        );
        let lines_of = |length, excerpt| lines(&frame(OpCode::Text, length, Violation::Masked, excerpt), 80);
        assert_eq!(lines_of(70_000, payload)[0], "  the frame's payload, the first 5 of 70,000 bytes:");
        let message = excerpt(ExcerptOf::Message, 0x20, b"ab\x99", Some(0x22));
        assert_eq!(
            lines_of(3, message),
            [
                "  the message, 3 bytes from offset 32, not UTF-8 from offset 34 (0x99):",
                "  00000020  61 62 99                                         |ab.|"
            ]
        );
        assert_eq!(lines_of(0, excerpt(ExcerptOf::Payload, 0, b"", None)), [""; 0]);
    }

    #[test]
    fn the_dump_fits_the_terminal() {
        let payload = excerpt(ExcerptOf::Payload, 0, b"0123456789abcdef", None);
        let frame = frame(OpCode::Text, 16, Violation::Masked, payload);
        for (columns, rows) in [(200, 1), (80, 1), (79, 1), (78, 2), (47, 2), (46, 4), (40, 4)] {
            let lines = lines(&frame, columns);
            assert_eq!(lines.len(), 1 + rows, "{lines:?}");
            assert!(lines[1..].iter().all(|line| line.len() <= columns), "{columns}: {lines:?}");
        }
    }

    #[test]
    fn a_close_keeps_what_it_said() {
        let payload = excerpt(ExcerptOf::Payload, 0, b"\x03\xeedied\x1b", None);
        let told = lines(&frame(OpCode::Close, 7, Violation::CloseCode(StatusCode(1006)), payload), 80);
        assert_eq!(told[0], "  the Close says 1006 (abnormal closure) \"died\\x1b\"");
        assert_eq!(told[1], "  the frame's payload, 7 bytes:");
    }
}
