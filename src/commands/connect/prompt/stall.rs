//! A peer that doesn't read: that what is sent waits for it is told.

use std::time::{Duration, Instant};

/// How long the peer may take nothing before that is told.
const PATIENCE: Duration = Duration::from_secs(1);

/// How the peer takes what is sent.
#[derive(Debug, Default)]
pub(super) struct Stall {
    /// Bytes that it had taken when it took some last.
    taken: u64,
    /// When that was, where there is more.
    since: Option<Instant>,
    is_told: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum News {
    Stalled,
    /// Nothing waits any more.
    Over,
}

impl Stall {
    /// The peer has taken so many bytes, and so many more are there for it.
    pub(super) fn look(&mut self, now: Instant, taken: u64, waiting: u64) -> Option<News> {
        if waiting == 0 {
            self.since = None;
            return std::mem::take(&mut self.is_told).then_some(News::Over);
        }
        if std::mem::replace(&mut self.taken, taken) != taken {
            self.since = None;
        }
        let since = *self.since.get_or_insert(now);
        let is_news = !self.is_told && now >= since + PATIENCE;
        self.is_told |= is_news;
        is_news.then_some(News::Stalled)
    }

    /// Whether it has been told, and isn't over.
    pub(super) fn is_told(&self) -> bool {
        self.is_told
    }

    /// When there may be news without anything else.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.since.filter(|_| !self.is_told).map(|since| since + PATIENCE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_that_takes_nothing_for_a_while_is_told_once() {
        let start = Instant::now();
        let second = Duration::from_secs(1);
        let mut stall = Stall::default();
        assert_eq!((stall.look(start, 0, 0), stall.deadline()), (None, None));
        assert_eq!((stall.look(start, 0, 5), stall.deadline()), (None, Some(start + second)));
        // It takes some.
        assert_eq!((stall.look(start + second, 1, 4), stall.deadline()), (None, Some(start + 2 * second)));
        assert_eq!(stall.look(start + 2 * second, 1, 9), Some(News::Stalled));
        assert_eq!((stall.look(start + 9 * second, 1, 9), stall.is_told()), (None, true));
        assert_eq!(stall.look(start + 9 * second, 10, 0), Some(News::Over));
        assert_eq!((stall.look(start + 9 * second, 10, 0), stall.is_told(), stall.deadline()), (None, false, None));
    }
}
