//! Pings from the keyboard: which of them are still to be answered, and that one isn't is said after a while.

use std::time::{Duration, Instant};

use crate::view::amount::Count;

/// How long a Pong may take before it is said that there is none.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Debug, Default)]
pub(crate) struct AskedPings {
    waiting: Vec<AskedPing>,
    sent: u64,
}

#[derive(Debug)]
struct AskedPing {
    payload: Vec<u8>,
    since: Instant,
    is_told: bool,
}

impl AskedPings {
    pub(crate) fn add(&mut self, payload: Vec<u8>, now: Instant) {
        self.sent += 1;
        self.waiting.push(AskedPing { payload, since: now, is_told: false });
    }

    /// A Pong has come. Returns whether it answers one of them.
    pub(crate) fn answer(&mut self, content: &[u8]) -> bool {
        let found = self.waiting.iter().position(|asked| asked.payload == content);
        found.map(|at| self.waiting.remove(at)).is_some()
    }

    /// Whether one has been waiting for so long by now that it is to be said: that is so once of each.
    pub(crate) fn look(&mut self, now: Instant) -> bool {
        let overdue = self.waiting.iter_mut().filter(|asked| !asked.is_told && asked.since + PATIENCE <= now);
        overdue.map(|asked| asked.is_told = true).count() > 0
    }

    /// When there may be news without anything else.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.waiting.iter().find(|asked| !asked.is_told).map(|asked| asked.since + PATIENCE)
    }

    /// How many are unanswered, where there are any.
    pub(crate) fn words(&self) -> Option<String> {
        let waiting = self.waiting.len() as u64;
        (waiting > 0).then(|| format!("pings     {} sent by /ping, {waiting} unanswered", self.sent))
    }

    /// What is said where one isn't answered.
    pub(crate) fn told(&self) -> String {
        let overdue = self.waiting.iter().filter(|asked| asked.is_told).count() as u64;
        format!("no Pong after {} s: {} unanswered", PATIENCE.as_secs(), Count(overdue, "Ping"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_is_not_answered_is_told_once() {
        let start = Instant::now();
        let mut asked = AskedPings::default();
        assert_eq!((asked.deadline(), asked.look(start), asked.words()), (None, false, None));
        asked.add(b"a".to_vec(), start);
        asked.add(b"b".to_vec(), start);
        assert!(asked.answer(b"b") && !asked.answer(b"b"));
        assert_eq!((asked.deadline(), asked.look(start)), (Some(start + PATIENCE), false));
        assert!(asked.look(start + PATIENCE) && !asked.look(start + 2 * PATIENCE));
        assert_eq!(asked.deadline(), None);
        assert_eq!(asked.words().as_deref(), Some("pings     2 sent by /ping, 1 unanswered"));
        // One that isn't overdue doesn't count.
        asked.add(b"c".to_vec(), start + PATIENCE);
        assert_eq!(asked.told(), "no Pong after 5 s: 1 Ping unanswered");
        assert!(asked.answer(b"c"));
        assert!(asked.answer(b"a"));
        assert_eq!(asked.words(), None);
    }
}
