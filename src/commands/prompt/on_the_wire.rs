//! Messages of ours that the system hasn't taken yet: if the connection ends, they were never sent.

use std::collections::VecDeque;

use crate::trace::stats::{Totals, Untaken};
use crate::view::amount::{Count, Size};

/// Those that are on their way, in the order in which they go.
#[derive(Debug, Default)]
pub(super) struct OnTheWire {
    /// What was encoded before what comes next.
    before: Totals,
    messages: VecDeque<UntakenMessage>,
    /// Bytes that were encoded and aren't taken.
    waiting: u64,
    /// What is never taken.
    left: Option<Untaken>,
}

#[derive(Debug, Clone, Copy)]
struct UntakenMessage {
    number: Option<u64>,
    /// What was encoded before.
    before: Totals,
    /// Where it begins and ends among the bytes of the connection.
    begin: u64,
    end: u64,
}

impl OnTheWire {
    /// A message has been encoded, and with it there is so much.
    pub(super) fn add(&mut self, number: Option<u64>, all: Totals) {
        let before = std::mem::replace(&mut self.before, all);
        self.messages.push_back(UntakenMessage { number, before, begin: before.wire, end: all.wire });
    }

    /// So many bytes were taken, of all that were encoded.
    pub(super) fn taken(&mut self, bytes: u64, all: u64) {
        self.waiting = all.saturating_sub(bytes);
        while self.messages.front().is_some_and(|message| message.end <= bytes) {
            self.messages.pop_front();
        }
    }

    /// What isn't taken, where there is any, of all that was encoded.
    pub(super) fn untaken(&self, all: Totals) -> Option<Untaken> {
        let whole = self.messages.front().map_or(all, |message| message.before);
        let sent = whole.with_wire(all.wire.saturating_sub(self.waiting));
        let untaken = Untaken { messages: self.messages.len() as u64, bytes: self.waiting, sent };
        self.left.or((self.waiting > 0).then_some(untaken))
    }

    /// The number of the first message that isn't taken.
    pub(super) fn first(&self) -> Option<u64> {
        self.messages.front().and_then(|message| message.number)
    }

    /// No more than so many bytes are ever taken: the numbers of what is left, and that in words.
    pub(super) fn end(&mut self, bytes: u64) -> Option<(Vec<u64>, String)> {
        let all = self.before.wire.max(bytes);
        self.taken(bytes, all);
        self.left = self.untaken(self.before);
        let mut left = std::mem::take(&mut self.messages);
        let words = words(left.make_contiguous(), bytes)?;
        Some((left.iter().filter_map(|message| message.number).collect(), words))
    }
}

fn words(left: &[UntakenMessage], bytes: u64) -> Option<String> {
    let (begun, whole) = left.split_at(usize::from(left.first()?.begin < bytes));
    let named =
        |message: &UntakenMessage| message.number.map_or("a message".into(), |number| format!("message {number}"));
    let begun = begun.iter().map(|message| format!("{} of {}", Size((message.end - bytes) as f64), named(message)));
    let whole = match whole {
        [] => None,
        [message] => Some(named(message)),
        [first, ..] => {
            let from = first.number.map(|number| format!(" from {number} on")).unwrap_or_default();
            Some(format!("{}{from}", Count(whole.len() as u64, "message")))
        }
    };
    let parts: Vec<String> = begun.chain(whole).collect();
    Some(format!("not sent: {}", parts.join(", and ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_taken_is_named() {
        let of = |ends: &[u64], taken: u64| {
            let mut wire = OnTheWire::default();
            (1..).zip(ends).for_each(|(number, end)| wire.add(Some(number), Totals::default().with_wire(*end)));
            wire.end(taken)
        };
        assert_eq!((of(&[], 0), of(&[10], 10), of(&[10, 20], 20)), (None, None, None));
        assert_eq!(of(&[10, 20], 10), Some((vec![2], "not sent: message 2".into())));
        assert_eq!(of(&[3000, 3010], 10), Some((vec![1, 2], "not sent: 2.9 KiB of message 1, and message 2".into())));
        assert_eq!(of(&[10, 20, 30], 11), Some((vec![2, 3], "not sent: 9 B of message 2, and message 3".into())));
        assert_eq!(of(&[10, 20, 30], 0), Some((vec![1, 2, 3], "not sent: 3 messages from 1 on".into())));
    }
}
