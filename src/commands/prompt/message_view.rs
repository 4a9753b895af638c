//! What comes and goes, on the screen: messages shortly or in full, and what is told in words.

use super::terminal;
use crate::stdio::decode::unpacked;
use crate::view::body::Format;
use crate::view::conversation::{self, Head, Look};
use crate::view::spans::{Line, Paint, Painted, Style};
use crate::ws::Message;

/// Lines of a message that are shown without being asked for.
const LINES: usize = 20;

/// Lines that are printed at once of a message that is shown in full.
const AT_ONCE: usize = 500;

/// Lines of a message that are shown in full: each takes many times the memory that its text does.
const IN_FULL: usize = 10_000;

/// What is decoded for a person to see, in bytes at most.
const DECODED: u64 = 16 << 20;

/// A message that comes or goes now, folded where it is long.
pub(crate) fn shortly(head: &Head, message: Message<'_>, format: Format, paint: Paint) -> Painted {
    let columns = terminal::columns();
    let (mut lines, whole) = laid_out(head, message, Look { format, columns, lines: LINES, shortens: true });
    if !whole && let Some(number) = head.number {
        lines.push(conversation::more(head, &format!("… /show {number} shows all of it"), columns));
    }
    painted(&lines, paint)
}

/// All of a message, in pieces that can be printed at once, and whether that is all of it.
pub(crate) fn in_full(head: &Head, message: Message<'_>, format: Format, paint: Paint) -> (Vec<Painted>, bool) {
    let look = Look { format, columns: terminal::columns(), lines: IN_FULL, shortens: false };
    let (lines, whole) = laid_out(head, message, look);
    (lines.chunks(AT_ONCE).map(|lines| painted(lines, paint)).collect(), whole)
}

/// Something that is told in words, beside its head.
pub(crate) fn words(head: &Head, style: Style, words: &str, paint: Paint) -> Painted {
    painted(&conversation::words(head, style, words, terminal::columns()), paint)
}

/// One that is compressed inside is shown as what is in it, unless its bytes are asked for.
fn laid_out(head: &Head, message: Message<'_>, look: Look) -> (Vec<Line>, bool) {
    let wants_bytes = matches!(look.format, Format::Hex | Format::Base64);
    let inside = if wants_bytes { None } else { unpacked(message, DECODED) };
    let inside = inside.map(|(coding, content)| (coding.to_string(), content));
    let inside = inside.as_ref().map(|(coding, content)| (coding.as_str(), content.as_slice()));
    conversation::message(head, message, inside, look)
}

fn painted(lines: &[Line], paint: Paint) -> Painted {
    Painted::lines(lines.iter().map(|line| line.painted(paint)), 0)
}
