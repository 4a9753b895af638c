//! The messages that came and went, to be looked at again: the latest ones, in bounded memory.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::trace::record::Record;

/// Bytes that are kept. The latest message is kept however large it is.
const LIMIT: usize = 64 * 1024 * 1024;

/// Clones are the same one: the thread of a connection fills it, and the editor's looks at it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Transcript(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    messages: VecDeque<Arc<Record<'static>>>,
    bytes: usize,
    /// Messages that were forgotten.
    forgotten: u64,
}

impl Transcript {
    /// The number of the message that is kept next; the first one has 1.
    pub(crate) fn next_number(&self) -> u64 {
        self.lock().next_number()
    }

    /// Keeps a message; gives its number from now on.
    pub(crate) fn add(&self, message: Record<'_>) -> u64 {
        self.lock().add(message)
    }

    /// The message with that number, if it is still there.
    pub(crate) fn get(&self, number: u64) -> Option<Arc<Record<'static>>> {
        let kept = self.lock();
        let at = number.checked_sub(kept.forgotten + 1)?;
        kept.messages.get(usize::try_from(at).ok()?).cloned()
    }

    /// Those that are still there, each with its number.
    pub(crate) fn messages(&self) -> Vec<(u64, Arc<Record<'static>>)> {
        let kept = self.lock();
        (kept.forgotten + 1..).zip(kept.messages.iter().cloned()).collect()
    }

    pub(crate) fn forgotten(&self) -> u64 {
        self.lock().forgotten
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn next_number(&self) -> u64 {
        self.forgotten + self.messages.len() as u64 + 1
    }

    fn add(&mut self, message: Record<'_>) -> u64 {
        let number = self.next_number();
        self.bytes += size(&message);
        self.messages.push_back(Arc::new(message.into_owned()));
        while self.bytes > LIMIT && self.messages.len() > 1 {
            let Some(oldest) = self.messages.pop_front() else { break };
            self.bytes -= size(&oldest);
            self.forgotten += 1;
        }
        number
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
        let transcript = Transcript::default();
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
        assert_eq!(transcript.get(4).as_deref(), Some(&large));
        assert_eq!(transcript.forgotten() + transcript.messages().len() as u64, 4);
        assert_eq!(transcript.messages().last().map(|(number, _)| *number), Some(4));
    }
}
