//! The messages that came and went, for `/show` and `/save`: the latest ones, in bounded memory.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::trace::record::Record;

/// Bytes that are kept. The latest message is kept however large it is.
const LIMIT: usize = 64 * 1024 * 1024;

#[derive(Debug, Default)]
pub(crate) struct Transcript {
    messages: VecDeque<Arc<Record<'static>>>,
    bytes: usize,
    /// Messages that were forgotten.
    forgotten: u64,
}

impl Transcript {
    /// The number of the message that is kept next; the first one has 1.
    pub(crate) fn next_number(&self) -> u64 {
        self.forgotten + self.messages.len() as u64 + 1
    }

    /// Keeps a message, under its number from now on.
    pub(crate) fn add(&mut self, message: Record<'_>) {
        self.bytes += size(&message);
        self.messages.push_back(Arc::new(message.into_owned()));
        while self.bytes > LIMIT && self.messages.len() > 1 {
            let Some(oldest) = self.messages.pop_front() else { break };
            self.bytes -= size(&oldest);
            self.forgotten += 1;
        }
    }

    /// The message with that number, if it is still there.
    pub(crate) fn get(&self, number: u64) -> Option<&Record<'static>> {
        let at = number.checked_sub(self.forgotten + 1)?;
        self.messages.get(usize::try_from(at).ok()?).map(Arc::as_ref)
    }

    pub(crate) fn messages(&self) -> impl Iterator<Item = &Arc<Record<'static>>> {
        self.messages.iter()
    }

    pub(crate) fn forgotten(&self) -> u64 {
        self.forgotten
    }
}

/// What a message takes, in bytes.
fn size(message: &Record<'_>) -> usize {
    size_of::<Record<'_>>() + message.content().len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::record::Extent;
    use crate::ws::{Direction, Kind};

    #[test]
    fn the_latest_messages_are_kept_under_their_numbers() {
        let mut transcript = Transcript::default();
        let large = vec![0; LIMIT / 3];
        let message = |content: &'static [u8]| {
            let length = content.len() as u64;
            Record::message(Direction::Sent, Kind::Binary, content.into(), length, Extent::default())
        };
        assert_eq!(transcript.next_number(), 1);
        transcript.add(message(b"first"));
        let large = Record::message(Direction::Received, Kind::Binary, large.into(), 1, Extent::default());
        for number in 2..=4 {
            assert_eq!(transcript.next_number(), number);
            transcript.add(large.clone());
        }
        assert!(transcript.get(0).is_none() && transcript.get(1).is_none() && transcript.get(5).is_none());
        assert_eq!(transcript.get(4), Some(&large));
        assert_eq!(transcript.forgotten() + transcript.messages().count() as u64, 4);
    }
}
