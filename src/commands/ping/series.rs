//! Questions that are asked again and again, each with a number, and which of them were answered. The clock is an argument.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::trace::latencies::Latencies;

/// Questions that may be unanswered at once; no more are asked beyond that.
const OUTSTANDING: usize = 10_000;

/// When to ask, and for how long an answer is waited for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SeriesConfig {
    /// From one question to the next; with 0 the next is asked once the last is answered or given up.
    pub(crate) interval: Duration,
    /// How long an answer is waited for.
    pub(crate) timeout: Duration,
    /// How often to ask; `None` for as long as there is a connection.
    pub(crate) count: Option<u64>,
}

/// One kind of question.
#[derive(Debug)]
pub(super) struct Series {
    config: SeriesConfig,
    /// When the next one is due, by the plan: one that is late doesn't move those behind it.
    next: Option<Instant>,
    asked: u64,
    lost: u64,
    /// Those that are to be answered, the oldest first.
    outstanding: VecDeque<Asked>,
    pub(super) latencies: Latencies,
}

#[derive(Debug, Clone, Copy)]
struct Asked {
    number: u64,
    asked: Instant,
}

/// How many there were.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SeriesCounts {
    pub(super) sent: u64,
    pub(super) answered: u64,
    pub(super) lost: u64,
    /// Neither, so far.
    pub(super) awaited: u64,
}

/// A question that was answered.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answered {
    pub(super) number: u64,
    pub(super) latency: Duration,
}

impl Series {
    pub(super) fn new(config: SeriesConfig) -> Self {
        let (outstanding, latencies) = (VecDeque::new(), Latencies::default());
        Self { config, next: None, asked: 0, lost: 0, outstanding, latencies }
    }

    /// The number of the question that is due, from 1: it counts as asked now.
    pub(super) fn ask(&mut self, now: Instant) -> Option<u64> {
        if !self.asks_more() || self.outstanding.len() >= self.most_outstanding() {
            return None;
        }
        let due = self.next.unwrap_or(now);
        if now < due {
            return None;
        }
        // Where we have been away for longer than an interval, what was missed isn't made up for in a burst.
        let next = due + self.config.interval;
        self.next = Some(if next < now { now } else { next });
        self.asked += 1;
        self.outstanding.push_back(Asked { number: self.asked, asked: now });
        Some(self.asked)
    }

    fn most_outstanding(&self) -> usize {
        if self.config.interval.is_zero() { 1 } else { OUTSTANDING }
    }

    fn asks_more(&self) -> bool {
        self.config.count.is_none_or(|count| self.asked < count)
    }

    /// Answers the oldest question that `is_meant`. Those that are older go unanswered: an answer to a later one has come.
    pub(super) fn answer(&mut self, now: Instant, is_meant: impl Fn(u64) -> bool) -> Option<Answered> {
        let at = self.outstanding.iter().position(|question| is_meant(question.number))?;
        let question = self.outstanding.remove(at)?;
        let latency = now.saturating_duration_since(question.asked);
        self.latencies.add(latency);
        Some(Answered { number: question.number, latency })
    }

    /// The oldest question that goes unanswered: its time is up, or one behind it, before which it was asked, is `answered`.
    pub(super) fn give_up(&mut self, now: Instant, answered: Option<u64>) -> Option<u64> {
        let oldest = self.outstanding.front()?;
        let is_passed = answered.is_some_and(|answered| oldest.number < answered);
        if !is_passed && now < oldest.asked + self.config.timeout {
            return None;
        }
        self.lost += 1;
        self.outstanding.pop_front().map(|question| question.number)
    }

    /// How long an answer is waited for.
    pub(super) fn timeout(&self) -> Duration {
        self.config.timeout
    }

    /// Nothing more will be answered: what isn't by now is lost.
    pub(super) fn lose_rest(&mut self) {
        self.lost += self.outstanding.len() as u64;
        self.outstanding.clear();
    }

    /// Fewer were asked than there should have been.
    pub(super) fn is_short(&self) -> bool {
        self.config.count.is_some() && self.asks_more()
    }

    /// Fewer were answered than were to be, or none at all.
    pub(super) fn has_too_few_answers(&self) -> bool {
        self.latencies.count() < self.config.count.unwrap_or(1)
    }

    /// All was asked, and answered or given up.
    pub(super) fn is_finished(&self) -> bool {
        !self.asks_more() && self.outstanding.is_empty()
    }

    /// When the next question is due, or the oldest is given up.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let asks = self.asks_more() && self.outstanding.len() < self.most_outstanding();
        let given_up = self.outstanding.front().map(|oldest| oldest.asked + self.config.timeout);
        [self.next.filter(|_| asks), given_up].into_iter().flatten().min()
    }

    pub(super) fn counts(&self) -> SeriesCounts {
        let (answered, awaited) = (self.latencies.count(), self.outstanding.len() as u64);
        SeriesCounts { sent: self.asked, answered, lost: self.lost, awaited }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn series(interval: Duration, count: Option<u64>) -> Series {
        Series::new(SeriesConfig { interval, timeout: 3 * SECOND, count })
    }

    #[test]
    fn questions_keep_their_plan() {
        let start = Instant::now();
        let at = |seconds: f64| start + Duration::from_secs_f64(seconds);
        let mut series = series(SECOND, Some(5));
        assert_eq!(series.ask(start), Some(1));
        assert_eq!((series.ask(at(0.9)), series.deadline()), (None, Some(at(1.0))));
        // A late one doesn't move the next.
        assert_eq!((series.ask(at(1.25)), series.deadline()), (Some(2), Some(at(2.0))));
        // Nor are those that were missed sent at once.
        assert_eq!((series.ask(at(6.5)), series.ask(at(6.5)), series.ask(at(6.5))), (Some(3), Some(4), None));
    }

    #[test]
    fn without_an_interval_the_next_follows_the_answer() {
        let start = Instant::now();
        let mut series = series(Duration::ZERO, None);
        assert_eq!((series.ask(start), series.ask(start)), (Some(1), None));
        assert_eq!(series.answer(start + SECOND, |number| number == 1), Some(Answered { number: 1, latency: SECOND }));
        assert_eq!(series.ask(start + SECOND), Some(2));
        assert_eq!((series.give_up(start + 4 * SECOND, None), series.ask(start + 4 * SECOND)), (Some(2), Some(3)));
        assert_eq!(series.counts(), SeriesCounts { sent: 3, answered: 1, lost: 1, awaited: 1 });
        series.lose_rest();
        assert_eq!(series.counts(), SeriesCounts { sent: 3, answered: 1, lost: 2, awaited: 0 });
        assert!(!series.is_finished() && !series.is_short());
    }

    #[test]
    fn what_a_later_answer_passes_is_lost() {
        let start = Instant::now();
        let mut series = series(SECOND, Some(3));
        (0..3).for_each(|second| assert!(series.ask(start + second * SECOND).is_some()));
        let now = start + 2 * SECOND;
        assert!(series.answer(now, |number| number == 2).is_some());
        assert_eq!((series.give_up(now, Some(2)), series.give_up(now, Some(2))), (Some(1), None));
        assert!(series.answer(now, |number| number == 1).is_none());
        assert!(!series.is_finished() && series.answer(now, |number| number == 3).is_some() && series.is_finished());
        assert_eq!(series.counts(), SeriesCounts { sent: 3, answered: 2, lost: 1, awaited: 0 });
    }
}
