//! A message in parts, so that a recording of one that is larger than memory is whole.

use std::borrow::Cow;

use crate::ws::{Data, Kind};

/// Gathers content until there is enough for a part.
#[derive(Debug)]
pub(super) struct MessageParts {
    /// Bytes from which on there is.
    limit: usize,
    held: Vec<u8>,
    /// Bytes of the message so far.
    length: u64,
    /// Parts that were told.
    told: u64,
}

/// Part of a message.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct MessagePart<'a> {
    /// `None` of a message that is recorded in one.
    pub(super) number: Option<u64>,
    pub(super) content: Cow<'a, [u8]>,
    /// Bytes of the message with this part.
    pub(super) so_far: u64,
    pub(super) is_last: bool,
}

impl MessageParts {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, held: Vec::new(), length: 0, told: 0 }
    }

    /// Takes what comes next of a message; gives a part once there is one. What came in one piece isn't copied.
    pub(super) fn push<'a>(&mut self, data: &Data<'a>) -> Option<MessagePart<'a>> {
        if data.first {
            (self.length, self.told) = (0, 0);
            self.held.clear();
        }
        self.length += data.bytes.len() as u64;
        if data.first && data.last {
            return Some(MessagePart { number: None, content: data.bytes.into(), so_far: self.length, is_last: true });
        }
        self.held.extend_from_slice(data.bytes);
        if data.last {
            let number = (self.told > 0).then_some(self.told + 1);
            let content = std::mem::take(&mut self.held).into();
            return Some(MessagePart { number, content, so_far: self.length, is_last: true });
        }
        (self.held.len() >= self.limit).then(|| self.take(data.kind))
    }

    /// All that is held, but for a character that is not whole.
    fn take<'a>(&mut self, kind: Kind) -> MessagePart<'a> {
        let rest = self.held.split_off(whole(&self.held, kind, u64::MAX));
        let content = std::mem::replace(&mut self.held, rest);
        self.told += 1;
        let so_far = self.length - self.held.len() as u64;
        MessagePart { number: Some(self.told), content: content.into(), so_far, is_last: false }
    }
}

/// Bytes of what is kept, without the character that it ends in the middle of.
pub(super) fn whole(kept: &[u8], kind: Kind, length: u64) -> usize {
    let is_cut = kind == Kind::Text && (kept.len() as u64) < length;
    // At most three bytes are left of one.
    let tail = if is_cut { &kept[kept.len().saturating_sub(3)..] } else { b"" };
    let begun = tail.iter().rposition(|byte| byte & 0xc0 != 0x80).filter(|at| tail[*at] >= 0xc0);
    let begun = begun.filter(|at| tail.len() - at < tail[*at].leading_ones() as usize);
    kept.len() - begun.map_or(0, |at| tail.len() - at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ws::Direction;

    /// The message in pieces of this size, as parts.
    fn parts(content: &[u8], kind: Kind, limit: usize, piece: usize) -> Vec<MessagePart<'static>> {
        let mut parts = MessageParts::new(limit);
        let count = content.len().div_ceil(piece).max(1);
        let pieces = (0..count).map(|at| &content[at * piece..content.len().min((at + 1) * piece)]);
        let mut told = Vec::new();
        for (at, bytes) in pieces.enumerate() {
            let (first, last) = (at == 0, at + 1 == count);
            let data = Data {
                direction: Direction::Sent,
                kind,
                first,
                last,
                ends_frame: true,
                bytes,
                to_come: 0,
                is_final: last,
                compressed: false,
                packed: b"",
            };
            let part = parts.push(&data);
            told.extend(part.map(|part| MessagePart { content: Cow::Owned(part.content.into_owned()), ..part }));
        }
        told
    }

    #[test]
    fn the_parts_are_the_message() {
        let text = "aé€😀b€€😀😀c".as_bytes();
        for (limit, piece) in (1..20).flat_map(|limit| (1..20).map(move |piece| (limit, piece))) {
            for (content, kind) in [(text, Kind::Text), (text, Kind::Binary), (b"", Kind::Text)] {
                let told = parts(content, kind, limit, piece);
                let joined: Vec<u8> = told.iter().flat_map(|part| part.content.iter().copied()).collect();
                assert_eq!(joined, content, "{limit} {piece}");
                let numbers: Vec<_> = told.iter().map(|part| part.number).collect();
                let expected: Vec<_> = (1..=told.len() as u64).map(Some).collect();
                assert!(numbers == expected || numbers == [None], "{numbers:?}");
                let ends: Vec<_> = told.iter().map(|part| part.is_last).collect();
                assert_eq!(ends.iter().position(|is_last| *is_last), Some(ends.len() - 1));
                assert_eq!(told.last().map(|part| part.so_far), Some(content.len() as u64));
                let is_utf8 = |part: &MessagePart<'_>| str::from_utf8(&part.content).is_ok();
                assert!(kind == Kind::Binary || told.iter().all(is_utf8));
            }
        }
    }
}
