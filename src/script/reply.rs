//! What a message is answered with. What it quotes of that message stays there: a long one is kept once, for however many
//! answers, and never copied whole.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use serde_json::value::RawValue;

use crate::ws::Kind;

/// A quotation up to this size, in bytes, is copied, so that the message it comes from needn't be kept for it.
const COPIED: usize = 4096;

/// A message, in parts that follow one another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    kind: Kind,
    parts: Vec<Part>,
}

/// Part of a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    Literal(Arc<[u8]>),
    /// These bytes of the message that is answered.
    Quoted(Range<usize>),
    /// What the JSON string there says.
    String(Range<usize>),
}

impl Reply {
    pub(super) fn new(kind: Kind, parts: Vec<Part>) -> Self {
        Self { kind, parts: parts.into_iter().filter(|part| part.most() > 0).collect() }
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// None of them is empty.
    pub(crate) fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Bytes that it comes to at the most.
    pub(crate) fn most(&self) -> usize {
        self.parts.iter().map(Part::most).sum()
    }

    /// Bytes that it holds itself.
    pub(super) fn size(&self) -> usize {
        let literals = self.parts.iter().filter(|part| matches!(part, Part::Literal(_)));
        literals.map(Part::most).sum::<usize>() + self.parts.len() * size_of::<Part>()
    }

    /// Whether the message that it answers is needed for it.
    pub(crate) fn quotes(&self) -> bool {
        self.parts.iter().any(|part| !matches!(part, Part::Literal(_)))
    }
}

impl Part {
    /// `quoted` lies in `content`.
    pub(super) fn quoted(content: &[u8], quoted: &[u8]) -> Self {
        Self::Quoted(range(content, quoted)).copied(content)
    }

    /// A string without its quotes, anything else as it is written in `content`.
    pub(super) fn json(content: &[u8], value: &RawValue) -> Self {
        let written = range(content, value.get().as_bytes());
        if value.get().starts_with('"') { Self::String(written) } else { Self::Quoted(written) }.copied(content)
    }

    fn copied(self, content: &[u8]) -> Self {
        if self.most() <= COPIED { Self::Literal(self.fill(content).as_ref().into()) } else { self }
    }

    fn most(&self) -> usize {
        match self {
            Self::Literal(bytes) => bytes.len(),
            Self::Quoted(range) | Self::String(range) => range.len(),
        }
    }

    /// Its text. One that was matched inside a character, as (?-u) lets an expression do, has marks in the place of what
    /// isn't UTF-8.
    pub(crate) fn fill<'a>(&'a self, message: &'a [u8]) -> Cow<'a, [u8]> {
        match self {
            Self::Literal(bytes) => Cow::Borrowed(bytes),
            Self::Quoted(range) => match String::from_utf8_lossy(&message[range.clone()]) {
                Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
                Cow::Owned(text) => Cow::Owned(text.into_bytes()),
            },
            Self::String(range) => {
                let inside = &message[range.start + 1..range.end - 1];
                if memchr::memchr(b'\\', inside).is_none() {
                    return Cow::Borrowed(inside);
                }
                // It was read as JSON before.
                Cow::Owned(serde_json::from_slice::<String>(&message[range.clone()]).unwrap_or_default().into_bytes())
            }
        }
    }
}

fn range(whole: &[u8], part: &[u8]) -> Range<usize> {
    let start = part.as_ptr().addr() - whole.as_ptr().addr();
    start..start + part.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_long_quotations_need_the_message() {
        for (length, quotes) in [(0, false), (COPIED, false), (COPIED + 1, true)] {
            let content = "x".repeat(length + 2).into_bytes();
            let part = Part::quoted(&content, &content[1..=length]);
            assert_eq!(part.fill(&content), &content[1..=length]);
            assert_eq!(Reply::new(Kind::Text, vec![part]).quotes(), quotes);
        }
    }

    #[test]
    fn a_json_string_is_quoted_as_what_it_says() {
        for (text, says) in [("plain", "plain"), ("\\u00e9\\n", "é\n")] {
            for times in [1, COPIED] {
                let content = format!("[\"{}\"]", text.repeat(times)).into_bytes();
                let value: Vec<&RawValue> = serde_json::from_slice(&content).unwrap();
                assert_eq!(Part::json(&content, value[0]).fill(&content).as_ref(), says.repeat(times).as_bytes());
            }
        }
    }
}
