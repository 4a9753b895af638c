//! A message that is kept until it is whole, and can go on in the parts in which it came.

use crate::ws::{Data, Direction, Kind, Message};

/// Bytes of a message that are kept at most until it is whole. A longer one goes on as it comes, without being held, nor by a rule.
pub(crate) const MOST_HELD: usize = 16 << 20;

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

/// How far a message has been told.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct HeldPlace {
    part: usize,
    /// Bytes of that part.
    in_part: usize,
    /// Bytes of the whole message.
    in_all: usize,
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
        let mut told = HeldPlace::default();
        while let Some(data) = self.piece(&mut told, usize::MAX) {
            tell(&data);
        }
    }

    /// The part at `place` as it came, or so many bytes of it, and moves on behind that. `None` at the end.
    pub(super) fn piece(&self, place: &mut HeldPlace, most: usize) -> Option<Data<'_>> {
        let part = self.parts.get(place.part)?;
        let left = part.length - place.in_part;
        let length = left.min(most);
        let bytes = self.content.get(place.in_all..place.in_all + length)?;
        let (begins, ends) = (place.in_part == 0, length == left);
        place.in_all += length;
        (place.part, place.in_part) = if ends { (place.part + 1, 0) } else { (place.part, place.in_part + length) };
        Some(Data {
            direction: Direction::Received,
            kind: self.kind,
            first: part.first && begins,
            last: part.last && ends,
            ends_frame: part.ends_frame && ends,
            bytes,
            to_come: part.to_come + (left - length) as u64,
            is_final: part.is_final,
            compressed: part.compressed,
            packed: &[],
        })
    }

    /// Whether that is the end.
    pub(super) fn ends_at(&self, place: &HeldPlace) -> bool {
        place.part >= self.parts.len()
    }

    /// Forgets it, with its memory where that is much.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Its bytes; whether it is the first and the last of the message, and ends its frame; what is to come of that.
    type Told = (Vec<u8>, [bool; 3], u64);

    fn pieces(message: &HeldMessage, most: usize) -> Vec<Told> {
        let mut place = HeldPlace::default();
        let mut next = || {
            let data = message.piece(&mut place, most)?;
            Some((data.bytes.to_vec(), [data.first, data.last, data.ends_frame], data.to_come))
        };
        let told = std::iter::from_fn(&mut next).collect();
        assert!(message.ends_at(&place));
        told
    }

    #[test]
    fn a_message_is_told_in_pieces_of_its_parts() {
        let message = HeldMessage::default().replaced(Kind::Text, b"hello");
        assert_eq!(pieces(&message, usize::MAX), [(b"hello".to_vec(), [true; 3], 0)]);
        let expected = [
            (b"he".to_vec(), [true, false, false], 3),
            (b"ll".to_vec(), [false, false, false], 1),
            (b"o".to_vec(), [false, true, true], 0),
        ];
        assert_eq!(pieces(&message, 2), expected);
        let empty = HeldMessage::default().replaced(Kind::Text, b"");
        assert_eq!(pieces(&empty, 2), [(Vec::new(), [true; 3], 0)]);
    }
}
