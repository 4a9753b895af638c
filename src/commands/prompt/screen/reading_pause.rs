//! Time to read an answer: while a peer says more than anybody can read, what it says waits a moment behind what was asked for.

use std::time::{Duration, Instant};

/// How long.
const READS_WITHIN: Duration = Duration::from_secs(2);

/// What is printed so long after a command was entered is no answer to it.
const ANSWERS_WITHIN: Duration = Duration::from_secs(1);

/// Messages a second of which each leaves an answer on the screen for less than that.
const FAST: u32 = 10;

const SECOND: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
pub(super) struct ReadingPause {
    asked: Option<Instant>,
    until: Option<Instant>,
    /// What the peer has said since then, for a second at most, and in the second before that.
    since: Option<Instant>,
    messages: u32,
    before: u32,
}

impl ReadingPause {
    /// A command was entered: what is said next is the answer to it.
    pub(super) fn await_answer(&mut self, now: Instant) {
        (self.asked, self.until) = (Some(now), None);
    }

    /// It was read.
    pub(super) fn end(&mut self) {
        (self.asked, self.until) = (None, None);
    }

    /// A peer has said something.
    pub(super) fn heard(&mut self, now: Instant) {
        let since = *self.since.get_or_insert(now);
        if now >= since + SECOND {
            self.before = if now < since + 2 * SECOND { self.messages } else { 0 };
            (self.since, self.messages) = (Some(now), 0);
        }
        self.messages += 1;
    }

    /// A line of ours is printed.
    pub(super) fn printed_ours(&mut self, now: Instant) {
        let is_answer = self.asked.is_some_and(|asked| now < asked + ANSWERS_WITHIN);
        let is_recent = self.since.is_some_and(|since| now < since + 2 * SECOND);
        if is_answer && is_recent && self.messages.max(self.before) >= FAST {
            self.until = Some(now + READS_WITHIN);
        }
    }

    /// Until when what a peer says waits.
    pub(super) fn until(&self, now: Instant) -> Option<Instant> {
        self.until.filter(|until| now < *until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_where_a_peer_says_much_an_answer_is_given_time() {
        let now = Instant::now();
        let pause = |messages: u32, asked_at: Instant, printed_at: Instant| {
            let mut pause = ReadingPause::default();
            (0..messages).for_each(|_| pause.heard(now));
            pause.await_answer(asked_at);
            pause.printed_ours(printed_at);
            pause.until(printed_at)
        };
        assert_eq!(pause(FAST, now, now), Some(now + READS_WITHIN));
        assert_eq!(pause(FAST - 1, now, now), None);
        assert_eq!(pause(FAST, now, now + SECOND), None);
        assert_eq!(pause(FAST, now + 2 * SECOND, now + 2 * SECOND), None);
        // The second before counts, too.
        let mut pause = ReadingPause::default();
        (0..FAST).for_each(|_| pause.heard(now));
        pause.heard(now + SECOND);
        pause.await_answer(now + SECOND);
        pause.printed_ours(now + SECOND);
        let until = now + SECOND + READS_WITHIN;
        assert_eq!((pause.until(now + SECOND), pause.until(until)), (Some(until), None));
        pause.end();
        assert_eq!(pause.until(now + SECOND), None);
    }
}
