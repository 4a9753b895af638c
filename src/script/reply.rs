//! What a message is answered with. What it quotes of that message stays there: a long one is kept once, for however many
//! answers, and never copied whole.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use serde_json::value::RawValue;

use crate::view::json_escapes;
use crate::ws::Kind;

/// A quotation up to this size, in bytes, is copied, so that the message it comes from needn't be kept for it.
const COPIED: usize = 4096;

/// A piece is made of so many bytes, or up to eleven less: nothing that is cut has more in it that belongs together.
const PIECE: usize = 48 * 1024;

/// A message, in parts that follow one another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    kind: Kind,
    parts: Vec<Part>,
}

/// Part of a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Literal(Arc<[u8]>),
    /// These bytes of the message that is answered.
    Quoted(Range<usize>),
    /// What the JSON string there says; the range is between its quotes.
    Unescaped(Range<usize>),
    /// The same as `Quoted`, written as it stands between the quotes of a JSON string.
    Escaped(Range<usize>),
}

/// How far a reply has been read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ReplyPosition {
    part: usize,
    /// Bytes of what the part is made of.
    offset: usize,
}

impl Reply {
    pub(super) fn new(kind: Kind, parts: Vec<Part>) -> Self {
        Self { kind, parts: parts.into_iter().filter(|part| part.length() > 0).collect() }
    }

    /// The message that is answered, as it came.
    pub(super) fn echo(kind: Kind, content: &[u8]) -> Self {
        // A binary message needn't be text.
        let part = if kind == Kind::Binary && content.len() <= COPIED {
            Part::Literal(content.into())
        } else {
            Part::Quoted(0..content.len()).copied(content)
        };
        Self::new(kind, vec![part])
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// Bytes that it comes to at the most.
    pub(crate) fn most(&self) -> usize {
        self.parts.iter().map(Part::most).sum()
    }

    /// Bytes that it holds itself.
    pub(crate) fn size(&self) -> usize {
        let literals = self.parts.iter().filter(|part| matches!(part, Part::Literal(_)));
        literals.map(Part::length).sum::<usize>() + self.parts.len() * size_of::<Part>()
    }

    /// Whether the message that it answers is needed for it.
    pub(crate) fn quotes(&self) -> bool {
        self.parts.iter().any(|part| !matches!(part, Part::Literal(_)))
    }

    /// The piece of its content that begins at `place`, and the place behind it; `None` at the end.
    pub(crate) fn piece<'a>(
        &'a self,
        message: &'a [u8],
        place: ReplyPosition,
    ) -> Option<(Cow<'a, [u8]>, ReplyPosition)> {
        let part = self.parts.get(place.part)?;
        let (piece, offset) = part.piece(message, place.offset, self.kind);
        let next = ReplyPosition { offset, ..place };
        Some((piece, if offset < part.length() { next } else { ReplyPosition { part: place.part + 1, offset: 0 } }))
    }

    /// Whether `place` is the end.
    pub(crate) fn ends_at(&self, place: ReplyPosition) -> bool {
        place.part >= self.parts.len()
    }

    /// All of its content.
    pub(crate) fn whole(&self, message: &[u8]) -> Vec<u8> {
        let (mut whole, mut place) = (Vec::new(), ReplyPosition::default());
        while let Some((piece, next)) = self.piece(message, place) {
            whole.extend_from_slice(&piece);
            place = next;
        }
        whole
    }
}

impl Part {
    /// `quoted` lies in `content`.
    pub(super) fn quoted(content: &[u8], quoted: &[u8]) -> Self {
        Self::Quoted(range(content, quoted)).copied(content)
    }

    /// The same for the inside of a JSON string.
    pub(super) fn escaped(content: &[u8], quoted: &[u8]) -> Self {
        Self::Escaped(range(content, quoted)).copied(content)
    }

    /// A string without its quotes, anything else as it is written in `content`.
    pub(super) fn json(content: &[u8], value: &RawValue) -> Self {
        match inside_of_string(value) {
            Some(inside) => Self::Unescaped(range(content, inside)).copied(content),
            None => Self::quoted(content, value.get().as_bytes()),
        }
    }

    /// The same for the inside of a JSON string.
    pub(super) fn json_in_a_string(content: &[u8], value: &RawValue) -> Self {
        match inside_of_string(value) {
            // It is written as it has to be.
            Some(inside) => Self::quoted(content, inside),
            None => Self::escaped(content, value.get().as_bytes()),
        }
    }

    fn copied(self, content: &[u8]) -> Self {
        if self.length() > COPIED {
            return self;
        }
        // Shorter than a piece.
        Self::Literal(self.piece(content, 0, Kind::Text).0.into_owned().into())
    }

    /// Bytes that it is made of.
    fn length(&self) -> usize {
        match self {
            Self::Literal(bytes) => bytes.len(),
            Self::Quoted(range) | Self::Unescaped(range) | Self::Escaped(range) => range.len(),
        }
    }

    /// Bytes that it comes to at the most.
    fn most(&self) -> usize {
        match self {
            // A control character becomes \u0000.
            Self::Escaped(range) => 6 * range.len(),
            _ => self.length(),
        }
    }

    /// A piece of its text and where that ends, in bytes of what the part is made of. Text that was matched inside a
    /// character, as (?-u) lets an expression do, has marks in the place of what isn't UTF-8.
    fn piece<'a>(&'a self, message: &'a [u8], from: usize, kind: Kind) -> (Cow<'a, [u8]>, usize) {
        match self {
            Self::Literal(bytes) => {
                let end = bytes.len().min(from + PIECE);
                (Cow::Borrowed(&bytes[from..end]), end)
            }
            Self::Quoted(range) if kind == Kind::Binary => {
                let end = range.len().min(from + PIECE);
                (Cow::Borrowed(&message[range.clone()][from..end]), end)
            }
            Self::Quoted(range) => {
                let rest = &message[range.clone()][from..];
                let end = end_of_text(rest);
                (utf8(&rest[..end]), from + end)
            }
            Self::Escaped(range) => {
                let rest = &message[range.clone()][from..];
                let end = end_of_text(rest);
                (Cow::Owned(escape(&rest[..end])), from + end)
            }
            Self::Unescaped(range) => {
                let rest = &message[range.clone()][from..];
                let end = end_of_escapes(rest);
                (unescape(&rest[..end]), from + end)
            }
        }
    }
}

fn range(whole: &[u8], part: &[u8]) -> Range<usize> {
    let start = part.as_ptr().addr() - whole.as_ptr().addr();
    start..start + part.len()
}

fn inside_of_string(value: &RawValue) -> Option<&[u8]> {
    let inside = value.get().strip_prefix('"')?.strip_suffix('"')?;
    Some(inside.as_bytes())
}

/// How much of `rest` is a piece: no character is cut.
fn end_of_text(rest: &[u8]) -> usize {
    if rest.len() <= PIECE {
        return rest.len();
    }
    let is_boundary = |end: &usize| rest[*end] & 0xc0 != 0x80;
    (PIECE - 3..=PIECE).rev().find(is_boundary).unwrap_or(PIECE)
}

/// The same for the inside of a JSON string: no escape is cut, and no pair of them that is one character.
fn end_of_escapes(rest: &[u8]) -> usize {
    if rest.len() <= PIECE {
        return rest.len();
    }
    let mut end = 0;
    while end < rest.len() {
        let length = json_escapes::character_length(&rest[end..]);
        if end + length > PIECE {
            break;
        }
        end += length;
    }
    end
}

fn utf8(text: &[u8]) -> Cow<'_, [u8]> {
    match String::from_utf8_lossy(text) {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    }
}

fn escape(text: &[u8]) -> Vec<u8> {
    // Writing a string to memory never fails.
    let mut written = serde_json::to_vec(&String::from_utf8_lossy(text)).unwrap_or_default();
    written.pop();
    written.drain(..1.min(written.len()));
    written
}

fn unescape(inside: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'\\', inside).is_none() {
        return Cow::Borrowed(inside);
    }
    let quoted = [b"\"", inside, b"\""].concat();
    // It was read as JSON before; what it says can be read unless that was cut wrongly.
    json_escapes::string(&quoted).map_or(Cow::Borrowed(inside), |text| Cow::Owned(text.into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(part: Part, content: &[u8]) -> String {
        String::from_utf8(Reply::new(Kind::Text, vec![part]).whole(content)).unwrap()
    }

    #[test]
    fn only_long_quotations_need_the_message() {
        for (length, quotes) in [(0, false), (COPIED, false), (COPIED + 1, true)] {
            let content = "x".repeat(length + 2).into_bytes();
            let reply = Reply::new(Kind::Text, vec![Part::quoted(&content, &content[1..=length])]);
            assert_eq!(reply.whole(&content), &content[1..=length]);
            assert_eq!(reply.quotes(), quotes);
        }
    }

    #[test]
    fn a_json_string_is_quoted_as_what_it_says_or_as_it_is_written() {
        for (text, says) in [
            ("plain", "plain"),
            ("\\u00e9\\n", "é\n"),
            ("a\\ud83e\\udd80", "a🦀"),
            ("\\\\\\\"b", "\\\"b"),
            ("🦀é", "🦀é"),
            ("\\/", "/"),
            // Half of a surrogate pair, with what looks like the rest of one behind it.
            ("a\\ud800", "a\u{fffd}"),
            ("\\uDFFFab\\u00e9", "\u{fffd}abé"),
            ("\\ud800ab\\n", "\u{fffd}ab\n"),
        ] {
            for times in [1, COPIED, PIECE] {
                let content = format!("[\"{}\"]", text.repeat(times)).into_bytes();
                let value: Vec<&RawValue> = serde_json::from_slice(&content).unwrap();
                assert!(filled(Part::json(&content, value[0]), &content) == says.repeat(times), "{text} {times}");
                let written = filled(Part::json_in_a_string(&content, value[0]), &content);
                assert!(written == text.repeat(times), "{text} {times}");
            }
        }
    }

    #[test]
    fn text_is_escaped_for_a_json_string_piece_by_piece() {
        for text in ["a\"b\\\n", "\u{1}", "é🦀\t", "{\"a\":[1]}"] {
            for times in [1, COPIED, PIECE] {
                let content = text.repeat(times);
                let quoted = format!(
                    "\"{}\"",
                    filled(Part::escaped(content.as_bytes(), content.as_bytes()), content.as_bytes())
                );
                assert!(serde_json::from_str::<String>(&quoted).unwrap() == content, "{text} {times}");
                let reply = Reply::new(Kind::Text, vec![Part::Escaped(0..content.len())]);
                assert!(quoted.len() - 2 <= reply.most());
            }
        }
    }
}
