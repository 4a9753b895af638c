//! A message that is kept until it is whole, and can go on in the parts in which it came.

use crate::ws::{Data, Direction, Kind, Message};

/// The message, and how it came.
#[derive(Debug)]
pub(super) struct HeldMessage {
    kind: Kind,
    content: Vec<u8>,
    parts: Vec<HeldPart>,
}

/// What [`Data`] says of a part, but for its bytes.
#[derive(Debug)]
struct HeldPart {
    length: usize,
    first: bool,
    last: bool,
    ends_frame: bool,
    to_come: u64,
    is_final: bool,
    compressed: bool,
}

impl Default for HeldMessage {
    fn default() -> Self {
        Self { kind: Kind::Binary, content: Vec::new(), parts: Vec::new() }
    }
}

impl HeldMessage {
    pub(super) fn push(&mut self, data: &Data<'_>) {
        let Data { kind, first, last, ends_frame, bytes, to_come, is_final, compressed, .. } = *data;
        self.kind = kind;
        self.content.extend_from_slice(bytes);
        self.parts.push(HeldPart { length: bytes.len(), first, last, ends_frame, to_come, is_final, compressed });
    }

    /// Another one in its place, in one frame, and compressed as it was.
    pub(super) fn replaced(&self, kind: Kind, content: &[u8]) -> Self {
        let compressed = self.parts.first().is_some_and(|part| part.compressed);
        let part = HeldPart {
            length: content.len(),
            first: true,
            last: true,
            ends_frame: true,
            to_come: 0,
            is_final: true,
            compressed,
        };
        Self { kind, content: content.to_vec(), parts: vec![part] }
    }

    pub(super) fn message(&self) -> Message<'_> {
        Message { kind: self.kind, content: &self.content }
    }

    /// Bytes that it takes.
    pub(super) fn size(&self) -> usize {
        self.content.len() + self.parts.len() * size_of::<HeldPart>()
    }

    /// Tells all parts as they came.
    pub(super) fn tell(&self, mut tell: impl FnMut(&Data<'_>)) {
        let mut rest = self.content.as_slice();
        for part in &self.parts {
            let (bytes, behind) = rest.split_at(part.length);
            rest = behind;
            tell(&Data {
                direction: Direction::Received,
                kind: self.kind,
                first: part.first,
                last: part.last,
                ends_frame: part.ends_frame,
                bytes,
                to_come: part.to_come,
                is_final: part.is_final,
                compressed: part.compressed,
                packed: &[],
            });
        }
    }

    /// Forgets it, with its memory where that is much.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}
