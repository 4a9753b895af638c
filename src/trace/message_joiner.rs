//! A message that is recorded in several lines, as one record again.

use std::collections::HashMap;

use super::record::{Extent, Record};
use super::record_type::RecordType;
use crate::ws::{Direction, Kind};

/// Content that is kept of all messages whose last part hasn't come, in bytes: of what is more, the length is told.
const KEPT: usize = 64 << 20;

/// Gathers the parts of messages.
#[derive(Debug, Default)]
pub(crate) struct MessageJoiner {
    /// By the connection's number, and whether they were sent.
    held: HashMap<(Option<u64>, bool), Vec<u8>>,
    bytes: usize,
}

impl MessageJoiner {
    /// Takes a record, and gives it back as soon as it is whole.
    pub(crate) fn join(&mut self, record: Record<'static>) -> Option<Record<'static>> {
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
        let content = record.content();
        let content = &content[..content.len().min(KEPT - self.bytes)];
        self.bytes += content.len();
        let held = self.held.entry(key).or_default();
        held.extend_from_slice(content);
        if record.more {
            return None;
        }
        let content = self.forget(key);
        let length = record.length.unwrap_or(content.len() as u64);
        let whole = Record::message(direction, kind, content.into(), length, Extent::default());
        Some(Record { text: whole.text, base64: whole.base64, truncated: whole.truncated, part: None, ..record })
    }

    /// A connection has been opened, or has ended: what is missing of its messages doesn't come any more.
    pub(crate) fn begin_again(&mut self, connection: Option<u64>) {
        for is_sent in [true, false] {
            self.forget((connection, is_sent));
        }
    }

    fn forget(&mut self, key: (Option<u64>, bool)) -> Vec<u8> {
        let content = self.held.remove(&key).unwrap_or_default();
        self.bytes -= content.len();
        content
    }
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
        joiner.begin_again(Some(2));
        let rest = joiner.join(part(2, 3, "z", true)).unwrap();
        assert_eq!((rest.text.as_deref(), rest.truncated), (Some("z"), true));
        assert_eq!((joiner.bytes, joiner.held.len()), (0, 0));
    }
}
