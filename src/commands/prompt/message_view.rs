//! What comes and goes, on the screen: messages shortly or in full, and what is told in words.

use std::ops::Range;

use std::sync::Arc;

use super::screen::Deferred;
use super::terminal;
use crate::peer_text::Notation;
use crate::stdio::decode::{Coding, unpacked};
use crate::trace::record::Record;
use crate::view::amount::Count;
use crate::view::body::Format;
use crate::view::changes::Change;
use crate::view::conversation::{self, LineHead, Look};
use crate::view::spans::{Line, Paint, Painted, Style};
use crate::ws::{Kind, Message};

/// Lines of a message that are shown without being asked for.
const LINES: usize = 20;

/// Lines of a message that are shown in full: each takes many times the memory that its text does.
const IN_FULL: usize = 50_000;

/// A message of more bytes than this isn't kept by what shows it.
const LARGE: usize = 16 * 1024;

/// A message that comes or goes now, folded where it is long, and made when it is printed.
pub(crate) fn deferred(head: LineHead, record: Arc<Record<'static>>, format: Format, paint: Paint) -> Deferred {
    let size = record.content().len();
    let view = move || {
        let message = record.as_message().unwrap_or(Message { kind: Kind::Binary, content: b"" });
        shortly(&head, message, format, paint)
    };
    // What is large is made at once: what it takes on the screen is less than what it holds.
    if size > LARGE { view().into() } else { Deferred::View(Box::new(view), size) }
}

/// Values of a message that comes or goes now, instead of all of it.
pub(crate) fn projected(head: LineHead, text: String, paint: Paint) -> Deferred {
    let size = text.len();
    let message = move || shortly(&head, Message { kind: Kind::Text, content: text.as_bytes() }, Format::Auto, paint);
    if size > LARGE { message().into() } else { Deferred::View(Box::new(message), size) }
}

/// What is new in a message that comes or goes now, `of` those that have this value.
pub(crate) fn changed(head: LineHead, of: Option<&str>, changes: Vec<Change>, paint: Paint) -> Deferred {
    let more = changes.len().saturating_sub(LINES - 1) as u64;
    let columns = terminal::columns();
    let mut lines = conversation::changes(&head, of, changes.iter().take(LINES - 1), columns);
    if more > 0
        && let Some(number) = head.number
    {
        let told = format!("… {} more; /show {number} shows the message", Count(more, "change"));
        lines.push(conversation::more(&head, &told, columns));
    }
    painted(&lines, paint).into()
}

/// What is decoded for a person to see, in bytes at most.
const DECODED: u64 = 16 << 20;

/// A message that comes or goes now, folded where it is long.
pub(crate) fn shortly(head: &LineHead, message: Message<'_>, format: Format, paint: Paint) -> Painted {
    let columns = terminal::columns();
    let (mut lines, whole) = laid_out(head, message, Look { format, columns, lines: LINES, shortens: true });
    if !whole && let Some(number) = head.number {
        lines.push(conversation::more(head, &format!("… /show {number} shows all of it"), columns));
    }
    painted(&lines, paint)
}

/// All of a message, line by line, and whether that is all of it.
pub(crate) fn in_full(head: &LineHead, message: Message<'_>, format: Format) -> (Vec<Line>, bool) {
    let look = Look { format, columns: terminal::columns(), lines: IN_FULL, shortens: false };
    laid_out(head, message, look)
}

/// A text, to be copied: with nothing beside it, and in lines that the terminal breaks. And whether that is all of it.
pub(crate) fn raw(text: &str) -> (Vec<Line>, bool) {
    let line = |text: &str| {
        let mut line = Line::default();
        line.push_content(Style::Plain, text, Notation::Text);
        line
    };
    let mut lines = text.split('\n');
    let shown = lines.by_ref().take(IN_FULL).map(line).collect();
    (shown, lines.next().is_none())
}

/// A message on one line, as what is inside of it; what was found there is to be seen.
pub(crate) fn summary(
    head: &LineHead,
    message: Message<'_>,
    inside: Option<&Inside>,
    found: Option<Range<usize>>,
    paint: Paint,
) -> Painted {
    conversation::summary(head, message, inside.map(Inside::parts), found, terminal::columns()).painted(paint)
}

/// The beginning of a message's content on a row of its own, behind so many blanks.
pub(crate) fn content_row(message: Message<'_>, indent: usize, paint: Paint) -> Painted {
    let inside = Inside::of(message, Format::Auto);
    let columns = terminal::columns().saturating_sub(indent);
    let mut row = Line::of(Style::Plain, " ".repeat(indent));
    row.append(conversation::content_row(message, inside.as_ref().map(Inside::parts), columns));
    row.painted(paint)
}

/// The lines of a message as they are compared with another's.
pub(crate) fn plain_lines(message: Message<'_>) -> Vec<String> {
    conversation::plain_lines(message, Inside::of(message, Format::Auto).as_ref().map(Inside::parts))
}

/// Something that is told in words, beside its head.
pub(crate) fn words(head: &LineHead, style: Style, words: &str, paint: Paint) -> Painted {
    painted(&conversation::words(head, style, words, terminal::columns()), paint)
}

/// A message in lines, looking like that, and whether that is all of it.
pub(crate) fn laid_out(head: &LineHead, message: Message<'_>, look: Look) -> (Vec<Line>, bool) {
    conversation::message(head, message, Inside::of(message, look.format).as_ref().map(Inside::parts), look)
}

/// What is in a message that is compressed inside, and how: it is shown instead, unless the message's bytes are asked for.
#[derive(Debug)]
pub(crate) struct Inside {
    coding: Coding,
    /// The coding's name, for who borrows it.
    name: String,
    content: Vec<u8>,
}

impl Inside {
    pub(crate) fn of(message: Message<'_>, format: Format) -> Option<Self> {
        let wants_bytes = matches!(format, Format::Hex | Format::Base64);
        let (coding, content) = if wants_bytes { None } else { unpacked(message, DECODED) }?;
        Some(Self { coding, name: coding.to_string(), content })
    }

    pub(crate) fn coding(&self) -> Coding {
        self.coding
    }

    /// It as a message of its own: text, where it is UTF-8.
    pub(crate) fn as_message(&self) -> Message<'_> {
        let kind = if str::from_utf8(&self.content).is_ok() { Kind::Text } else { Kind::Binary };
        Message { kind, content: &self.content }
    }

    fn parts(&self) -> (&str, &[u8]) {
        (&self.name, &self.content)
    }
}

/// A message as a person sees it, and whatever looks at messages for one: what a compressed one has inside, or else it as it is.
#[derive(Debug)]
pub(crate) struct SeenMessage<'a> {
    message: Message<'a>,
    inside: Option<Inside>,
}

impl<'a> SeenMessage<'a> {
    pub(crate) fn of(message: Message<'a>) -> Self {
        Self { message, inside: Inside::of(message, Format::Auto) }
    }

    /// Whatever is inside.
    pub(super) fn as_it_came(message: Message<'a>) -> Self {
        Self { message, inside: None }
    }

    pub(crate) fn as_message(&self) -> Message<'_> {
        self.inside.as_ref().map_or(self.message, Inside::as_message)
    }
}

fn painted(lines: &[Line], paint: Paint) -> Painted {
    Painted::lines(lines.iter().map(|line| line.painted(paint)), 0)
}
