//! A message on the screen, shortly or in full.

use super::terminal;
use crate::stdio::decode::unpacked;
use crate::view::body::{Body, Fold, Format, beside, described};
use crate::view::spans::{INDENT, Line, Paint, Painted, Style};
use crate::ws::{Direction, Kind, Message};

/// Lines of a message that are shown without being asked for.
const LINES: usize = 20;

/// Lines that are printed at once of a message that is shown in full.
const AT_ONCE: usize = 500;

/// Lines of a message that are shown in full: each takes many times the memory that its text does.
const IN_FULL: usize = 10_000;

/// How messages are to look.
#[derive(Debug)]
pub(crate) struct Look {
    pub(crate) format: Format,
    /// When it is shown, where that is to be seen.
    pub(crate) time: Option<String>,
}

/// A message that comes or goes now, folded where it is long.
pub(crate) fn shortly(number: u64, direction: Direction, message: Message<'_>, look: &Look, paint: Paint) -> Painted {
    let columns = terminal::columns();
    let (body, what) = body(message, look.format, Fold { columns, lines: LINES });
    let mut head = head(direction, look.time.clone());
    if let Some(line) = body.one_line(columns, head.width() + what.len()) {
        head.0.extend(line.0.iter().cloned());
        return beside(head, &what, columns).painted(paint);
    }
    head.push(Style::Faint, what);
    let mut lines = vec![head];
    lines.extend(body.lines.into_iter().map(indented));
    if !body.whole {
        lines.push(indented(Line::of(Style::Note, format!("… /show {number} shows all of it"))));
    }
    painted(&lines, paint)
}

/// What is decoded for a person to see, in bytes at most.
const DECODED: u64 = 16 << 20;

/// A message, and what it is in words. One that is compressed inside is shown as what is in it, unless its bytes are asked for.
fn body(message: Message<'_>, format: Format, fold: Fold) -> (Body, String) {
    let wants_bytes = matches!(format, Format::Hex | Format::Base64);
    let Some((coding, content)) = (if wants_bytes { None } else { unpacked(message, DECODED) }) else {
        let body = Body::of(message, format, fold);
        let what = described(body.what, message.content.len());
        return (body, what);
    };
    let kind = if str::from_utf8(&content).is_ok() { Kind::Text } else { Kind::Binary };
    let body = Body::of(Message { kind, content: &content }, format, fold);
    let inside = described(body.what, content.len());
    let what = format!("{}: {inside}", described(&format!("binary, {coding}"), message.content.len()));
    (body, what)
}

/// All of a message, in pieces that can be printed at once, and whether that is all of it.
pub(crate) fn in_full(direction: Direction, message: Message<'_>, look: Look, paint: Paint) -> (Vec<Painted>, bool) {
    let (body, what) = body(message, look.format, Fold { columns: terminal::columns(), lines: IN_FULL });
    let mut head = head(direction, look.time);
    head.push(Style::Faint, what);
    let lines: Vec<Line> = body.lines.into_iter().map(indented).collect();
    let pieces = lines.chunks(AT_ONCE).map(|lines| painted(lines, paint));
    ([head.painted(paint)].into_iter().chain(pieces).collect(), body.whole)
}

/// Direction, and the time if there is one.
pub(crate) fn head(direction: Direction, time: Option<String>) -> Line {
    let mut head = Line::default();
    if let Some(time) = time {
        head.push(Style::Faint, format!("{time} "));
    }
    match direction {
        Direction::Sent => head.push(Style::Sent, "> "),
        Direction::Received => head.push(Style::Received, "< "),
    }
    head
}

fn indented(line: Line) -> Line {
    let mut indented = Line::of(Style::Plain, " ".repeat(INDENT));
    indented.0.extend(line.0);
    indented
}

fn painted(lines: &[Line], paint: Paint) -> Painted {
    Painted::lines(lines.iter().map(|line| line.painted(paint)), 0)
}
