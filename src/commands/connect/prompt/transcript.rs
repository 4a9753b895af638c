//! The messages that came and went, for `/show` and `/save`: the latest ones, in bounded memory.

use std::collections::VecDeque;
use std::time::SystemTime;

use crate::ws::{Direction, Kind, Message};

/// Bytes that are kept. The latest message is kept however large it is.
const LIMIT: usize = 64 * 1024 * 1024;

/// What a message takes besides its content, in bytes.
const OVERHEAD: usize = 96;

#[derive(Debug, Default)]
pub(super) struct Transcript {
    entries: VecDeque<Entry>,
    bytes: usize,
    /// Messages that were forgotten.
    forgotten: u64,
}

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) at: SystemTime,
    pub(super) direction: Direction,
    pub(super) kind: Kind,
    pub(super) content: Box<[u8]>,
}

impl Entry {
    pub(super) fn message(&self) -> Message<'_> {
        Message { kind: self.kind, content: &self.content }
    }
}

impl Transcript {
    /// Keeps a message; gives the number that it has from now on, the first one 1.
    pub(super) fn add(&mut self, direction: Direction, message: Message<'_>) -> u64 {
        let content = message.content.into();
        self.bytes += message.content.len() + OVERHEAD;
        self.entries.push_back(Entry { at: SystemTime::now(), direction, kind: message.kind, content });
        while self.bytes > LIMIT && self.entries.len() > 1 {
            let Some(oldest) = self.entries.pop_front() else { break };
            self.bytes -= oldest.content.len() + OVERHEAD;
            self.forgotten += 1;
        }
        self.forgotten + self.entries.len() as u64
    }

    /// The message with that number, if it is still there.
    pub(super) fn get(&self, number: u64) -> Option<&Entry> {
        let at = number.checked_sub(self.forgotten + 1)?;
        self.entries.get(usize::try_from(at).ok()?)
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    pub(super) fn forgotten(&self) -> u64 {
        self.forgotten
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_messages_are_kept_under_their_numbers() {
        let mut transcript = Transcript::default();
        let large = vec![0; LIMIT / 3];
        let message = |content| Message { kind: Kind::Binary, content };
        assert_eq!(transcript.add(Direction::Sent, message(b"first")), 1);
        for number in 2..=4 {
            assert_eq!(transcript.add(Direction::Received, message(&large)), number);
        }
        assert!(transcript.get(0).is_none() && transcript.get(1).is_none() && transcript.get(5).is_none());
        assert_eq!(transcript.get(4).map(|entry| entry.content.len()), Some(large.len()));
        assert_eq!(transcript.forgotten() + transcript.entries().count() as u64, 4);
    }
}
