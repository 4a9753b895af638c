//! A message that is recorded in several lines, as one record again.

use std::collections::HashMap;

use super::record::{Extent, Record};
use super::record_type::RecordType;
use crate::ws::{Direction, Kind};

/// Content that is kept of a message whose last part hasn't come, and of all of them, in bytes: of what is more, the length is told.
const KEPT: usize = 64 << 20;
const KEPT_OF_ALL: usize = 1 << 30;

/// Gathers the parts of messages.
#[derive(Debug, Default)]
pub(crate) struct MessageJoiner {
    /// By the connection's number, and whether they were sent.
    held: HashMap<(Option<u64>, bool), HeldParts>,
    bytes: usize,
}

#[derive(Debug, Default)]
struct HeldParts {
    content: Vec<u8>,
    /// Bytes of content in all parts so far.
    length: u64,
    /// There was no room for more.
    is_cut: bool,
    /// Without its content.
    latest: Option<Record<'static>>,
}

impl MessageJoiner {
    /// Takes a record, and gives it back as soon as it is whole.
    pub(crate) fn join(&mut self, record: Record<'static>) -> Option<Record<'static>> {
        self.join_up_to(KEPT, record)
    }

    /// The same for somebody who reads only so many bytes of its content.
    pub(crate) fn join_up_to(&mut self, most: usize, record: Record<'static>) -> Option<Record<'static>> {
        if record.part.is_none() {
            return Some(record);
        }
        let (direction, kind) = match (record.direction, record.kind) {
            (Some(direction), RecordType::Text) => (direction, Kind::Text),
            (Some(direction), RecordType::Binary) => (direction, Kind::Binary),
            _ => return Some(record),
        };
        let key = (record.connection, direction == Direction::Sent);
        if record.part == Some(1) {
            self.forget(key);
        }
        let HeldParts { mut content, length, mut is_cut, .. } = self.forget(key).unwrap_or_default();
        let part = record.content();
        let room_of_all = KEPT_OF_ALL.saturating_sub(self.bytes + content.len());
        let room = most.min(KEPT).saturating_sub(content.len()).min(room_of_all);
        // Nothing stands behind what is missing.
        let kept = if is_cut { 0 } else { part.len().min(room) };
        is_cut |= kept < part.len();
        content.extend_from_slice(&part[..kept]);
        let length = length + part.len() as u64;
        if record.more {
            self.bytes += content.len();
            let latest = Some(Record { text: None, base64: None, ..record });
            self.held.insert(key, HeldParts { content, length, is_cut, latest });
            return None;
        }
        Some(joined((direction, kind), (content, length), record))
    }

    /// A connection has been opened, or has ended: what is missing of its messages doesn't come any more. Gives what there is
    /// of them, each with `more` set.
    pub(crate) fn cut_off(&mut self, connection: Option<u64>) -> Vec<Record<'static>> {
        let held = [true, false].into_iter().filter_map(|is_sent| Some((is_sent, self.forget((connection, is_sent))?)));
        held.filter_map(|(is_sent, HeldParts { content, length, latest, .. })| {
            let latest = latest?;
            let direction = if is_sent { Direction::Sent } else { Direction::Received };
            let kind = if latest.kind == RecordType::Text { Kind::Text } else { Kind::Binary };
            Some(joined((direction, kind), (content, length), latest))
        })
        .collect()
    }

    /// The recording is over: the same of all connections.
    pub(crate) fn cut_off_all(&mut self) -> Vec<Record<'static>> {
        let mut connections: Vec<_> = self.held.keys().map(|(connection, _)| *connection).collect();
        connections.sort_unstable();
        connections.dedup();
        connections.into_iter().flat_map(|connection| self.cut_off(connection)).collect()
    }

    fn forget(&mut self, key: (Option<u64>, bool)) -> Option<HeldParts> {
        let held = self.held.remove(&key)?;
        self.bytes -= held.content.len();
        Some(held)
    }
}

/// A message with the content of all its parts, as far as it is kept, and with the rest of its last one.
fn joined(
    (direction, kind): (Direction, Kind),
    (content, told): (Vec<u8>, u64),
    last: Record<'static>,
) -> Record<'static> {
    let length = last.length.unwrap_or(told);
    let whole = Record::message(direction, kind, content.into(), length, Extent::default());
    let length = Some(length);
    Record { length, text: whole.text, base64: whole.base64, truncated: whole.truncated, part: None, ..last }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(connection: u64, number: u64, content: &'static str, is_last: bool) -> Record<'static> {
        let extent = Extent { wire_length: 9, fragments: 3, ..Extent::default() };
        let part = (number, content.as_bytes().into());
        let record = Record::part(Direction::Received, Kind::Text, part, 6, is_last.then_some(extent));
        Record { connection: Some(connection), ..record }
    }

    #[test]
    fn parts_of_several_messages_may_stand_in_any_order() {
        let mut joiner = MessageJoiner::default();
        for (number, content) in [(1, "ab"), (2, "cd")] {
            assert_eq!(joiner.join(part(1, number, content, false)), None);
            assert_eq!(joiner.join(part(2, number, "é", false)), None);
        }
        let ping = Record::control(Direction::Received, RecordType::Ping, b"p");
        assert_eq!(joiner.join(ping.clone()), Some(ping));
        let whole = joiner.join(part(1, 3, "ef", true)).unwrap();
        assert_eq!((whole.text.as_deref(), whole.part, whole.fragments), (Some("abcdef"), None, Some(3)));
        let cut_off = joiner.cut_off(Some(2));
        assert_eq!((cut_off[0].text.as_deref(), cut_off[0].more, cut_off.len()), (Some("éé"), true, 1));
        let rest = joiner.join(part(2, 3, "z", true)).unwrap();
        assert_eq!((rest.text.as_deref(), rest.truncated), (Some("z"), true));
        assert_eq!((joiner.bytes, joiner.held.len()), (0, 0));
        for (connection, number) in [(3, 1), (1, 1), (3, 2)] {
            assert_eq!(joiner.join(part(connection, number, "a", false)), None);
        }
        let all = joiner.cut_off_all();
        let told: Vec<_> = all.iter().map(|record| (record.connection, record.text.as_deref())).collect();
        assert_eq!(told, [(Some(1), Some("a")), (Some(3), Some("aa"))]);
        assert_eq!((joiner.bytes, joiner.held.len()), (0, 0));
    }

    #[test]
    fn each_message_is_kept_up_to_its_limit_however_many_there_are() {
        let half = "x".repeat(KEPT / 2 + 1).leak();
        let mut joiner = MessageJoiner::default();
        for connection in 1..=3 {
            assert_eq!(joiner.join(part(connection, 1, half, false)), None);
        }
        for (connection, rest, kept) in [(1, "ab", half.len() + 2), (2, &*half, KEPT), (3, "", half.len())] {
            let length = (half.len() + rest.len()) as u64;
            let whole = joiner.join(Record { length: Some(length), ..part(connection, 2, rest, true) }).unwrap();
            assert_eq!((whole.content().len(), whole.truncated), (kept, length > KEPT as u64));
        }
    }

    #[test]
    fn no_more_is_joined_than_is_read() {
        for (most, kept) in [(0, ""), (3, "abc"), (5, "abcde"), (9, "abcdef")] {
            let mut joiner = MessageJoiner::default();
            for (number, content) in [(1, "ab"), (2, "cd")] {
                assert_eq!(joiner.join_up_to(most, part(1, number, content, false)), None);
                assert!(joiner.bytes <= most);
            }
            let last = Record { length: None, ..part(1, 3, "ef", true) };
            let whole = joiner.join_up_to(most, last).unwrap();
            assert_eq!((whole.content(), whole.length), (kept.as_bytes(), Some(6)), "{most}");
            assert_eq!(whole.truncated, kept.len() < 6);
        }
    }
}
