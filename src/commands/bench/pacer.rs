//! When one connection sends, and to which of its messages an answer belongs. A value, with the clock as an argument.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::load::{LoadTimes, Pacing};

/// The messages of one connection, by the times for which they were planned.
#[derive(Debug)]
pub(super) enum Pacer {
    Closed(ClosedLoop),
    Open(OpenLoop),
    Silent,
}

/// The next goes out when one is answered.
#[derive(Debug)]
pub(super) struct ClosedLoop {
    /// Nothing goes out sooner; none once something has.
    begin: Option<Instant>,
    in_flight: u32,
    unanswered: u32,
    /// When those that wait for an answer went out, the oldest first, and how many of them did at that time: all that fill
    /// what one turn has made room for go out at the same time.
    sent: VecDeque<(Instant, u32)>,
}

/// Each goes out at its time, whatever has become of those before. Which time that is follows from its number, so that
/// however many are unanswered take no memory.
#[derive(Debug)]
pub(super) struct OpenLoop {
    first: Instant,
    /// Nanoseconds, with their fractions: what is left out of one would add up over millions.
    interval: f64,
    sent: u64,
    answered: u64,
}

impl Pacer {
    /// For the connection at `place`, from 0. What is planned for several is spread evenly, so that all of them together send
    /// at their rate and not at the same moment.
    pub(super) fn new(pacing: Pacing, place: usize, times: &LoadTimes) -> Self {
        match pacing {
            Pacing::ConnectOnly => Self::Silent,
            Pacing::Closed { in_flight } => {
                Self::Closed(ClosedLoop { begin: Some(times.begin), in_flight, unanswered: 0, sent: VecDeque::new() })
            }
            Pacing::Open(rate) => {
                let (of_one, connections) = (1e9 / rate.per_second, times.senders.max(1) as f64);
                let interval = if rate.of_each { of_one } else { of_one * connections };
                let first = times.begin + Duration::from_nanos((interval / connections * place as f64) as u64);
                Self::Open(OpenLoop { first, interval, sent: 0, answered: 0 })
            }
        }
    }

    /// The time for which the next messages are planned, and how many are for then, if that has come.
    pub(super) fn due(&self, now: Instant) -> Option<(Instant, u32)> {
        match self {
            Self::Closed(ClosedLoop { begin, in_flight, unanswered, .. }) => {
                let has_begun = begin.is_none_or(|begin| begin <= now);
                (has_begun && unanswered < in_flight).then(|| (now, in_flight - unanswered))
            }
            Self::Open(open) => Some((open.planned(open.sent), 1)).filter(|(planned, _)| *planned <= now),
            Self::Silent => None,
        }
    }

    /// So many of those that were planned for then have gone out.
    pub(super) fn sent(&mut self, planned: Instant, count: u32) {
        match self {
            Self::Closed(closed) => {
                closed.begin = None;
                closed.unanswered += count;
                closed.sent.push_back((planned, count));
            }
            Self::Open(open) => open.sent += u64::from(count),
            Self::Silent => {}
        }
    }

    /// The oldest messages without an answer have got one, up to so many: the time for which they were planned, and how many
    /// of those are for the same time. `None` where no message is without one.
    pub(super) fn answered(&mut self, most: u64) -> Option<(Instant, u32)> {
        match self {
            Self::Closed(closed) => {
                let (planned, waiting) = closed.sent.front_mut()?;
                let answered = (*planned, u32::try_from(most).unwrap_or(u32::MAX).min(*waiting));
                *waiting -= answered.1;
                if *waiting == 0 {
                    closed.sent.pop_front();
                }
                closed.unanswered -= answered.1;
                Some(answered)
            }
            Self::Open(open) => (open.answered < open.sent).then(|| {
                open.answered += 1;
                (open.planned(open.answered - 1), 1)
            }),
            Self::Silent => None,
        }
    }

    /// How much later than planned a message goes out, where its time doesn't follow from an answer.
    pub(super) fn delay(&self, planned: Instant, now: Instant) -> Option<Duration> {
        matches!(self, Self::Open(_)).then(|| now.saturating_duration_since(planned))
    }

    /// How many messages wait for an answer.
    pub(super) fn unanswered(&self) -> u64 {
        match self {
            Self::Closed(closed) => closed.unanswered.into(),
            Self::Open(open) => open.sent - open.answered,
            Self::Silent => 0,
        }
    }

    /// Whether only an answer lets the next message go out.
    pub(super) fn waits_for_answer(&self) -> bool {
        matches!(self, Self::Closed(closed) if closed.unanswered >= closed.in_flight)
    }

    /// Whether nothing more is planned for before `end`: a message of an open loop that is late is sent all the same.
    pub(super) fn is_over(&self, end: Instant, now: Instant) -> bool {
        match self {
            Self::Open(open) => open.planned(open.sent) >= end,
            Self::Closed(_) | Self::Silent => now >= end,
        }
    }

    /// The time for which the next message is planned, where that is a time.
    pub(super) fn next(&self) -> Option<Instant> {
        match self {
            Self::Open(open) => Some(open.planned(open.sent)),
            Self::Closed(closed) => closed.begin,
            Self::Silent => None,
        }
    }

    /// The time for which a message is planned, by its number; `None` where the clock decides nothing.
    pub(super) fn planned(&self, number: u64) -> Option<Instant> {
        match self {
            Self::Open(open) => Some(open.planned(number)),
            Self::Closed(_) | Self::Silent => None,
        }
    }

    /// How many messages were planned for before `end` and have not gone out.
    pub(super) fn missed(&self, end: Instant) -> u64 {
        let Self::Open(open) = self else { return 0 };
        let planned = end.saturating_duration_since(open.first).as_nanos() as f64 / open.interval;
        let mut count = planned.ceil() as u64;
        // Rounded as the times themselves are.
        while count > 0 && open.planned(count - 1) >= end {
            count -= 1;
        }
        while open.planned(count) < end {
            count += 1;
        }
        count.saturating_sub(open.sent)
    }
}

impl OpenLoop {
    fn planned(&self, number: u64) -> Instant {
        self.first + Duration::from_nanos((number as f64 * self.interval) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::bench::load::SendRate;

    fn times(begin: Instant, senders: usize) -> LoadTimes {
        LoadTimes { begin, measured: begin, end: None, senders }
    }

    #[test]
    fn a_closed_loop_sends_when_it_is_answered() {
        let begin = Instant::now();
        let mut pacer = Pacer::new(Pacing::Closed { in_flight: 2 }, 0, &times(begin, 1));
        // An answer that came before the load begins would be none that counts.
        assert_eq!((pacer.due(begin - Duration::from_micros(1)), pacer.next()), (None, Some(begin)));
        for due in [2, 1] {
            assert_eq!(pacer.due(begin), Some((begin, due)));
            pacer.sent(begin, 1);
        }
        assert_eq!((pacer.due(begin), pacer.unanswered(), pacer.next()), (None, 2, None));
        assert!(pacer.waits_for_answer());
        let later = begin + Duration::from_secs(1);
        assert_eq!((pacer.answered(1), pacer.due(later)), (Some((begin, 1)), Some((later, 1))));
        pacer.sent(later, 1);
        assert_eq!([1, 1, 1].map(|most| pacer.answered(most)), [Some((begin, 1)), Some((later, 1)), None]);
        assert_eq!((pacer.delay(begin, later), pacer.unanswered()), (None, 0));
        // One whose first turn comes behind the end has nothing to send, either.
        let late = Pacer::new(Pacing::Closed { in_flight: 2 }, 0, &times(begin, 1));
        assert!(late.is_over(begin, later) && !late.is_over(later, begin));
    }

    #[test]
    fn what_went_out_together_is_answered_together_as_far_as_it_is() {
        let begin = Instant::now();
        let [first, second] = [1, 2].map(|seconds| begin + Duration::from_secs(seconds));
        let mut pacer = Pacer::new(Pacing::Closed { in_flight: 64 }, 0, &times(begin, 1));
        assert_eq!(pacer.due(first), Some((first, 64)));
        pacer.sent(first, 64);
        assert_eq!((pacer.answered(60), pacer.due(second)), (Some((first, 60)), Some((second, 60))));
        pacer.sent(second, 60);
        let answered: Vec<_> = [64, 50, u64::MAX, 1].map(|most| pacer.answered(most)).into();
        assert_eq!(answered, [Some((first, 4)), Some((second, 50)), Some((second, 10)), None]);
        assert_eq!(pacer.unanswered(), 0);
    }

    #[test]
    fn an_open_loop_keeps_its_plan_whatever_is_answered() {
        let begin = Instant::now();
        let at = |millis: u64| begin + Duration::from_millis(millis);
        let rate = SendRate { per_second: 1000.0, of_each: false };
        // Four connections, the third of which sends every 4 ms from 2 ms on.
        let mut pacer = Pacer::new(Pacing::Open(rate), 2, &times(begin, 4));
        assert_eq!((pacer.due(at(1)), pacer.next()), (None, Some(at(2))));
        for planned in [2, 6, 10] {
            assert_eq!(pacer.due(at(11)), Some((at(planned), 1)));
            assert_eq!(pacer.delay(at(planned), at(11)), Some(Duration::from_millis(11 - planned)));
            pacer.sent(at(planned), 1);
        }
        assert_eq!((pacer.due(at(11)), pacer.unanswered()), (None, 3));
        assert_eq!(pacer.missed(at(14)), 0);
        assert_eq!(pacer.missed(at(23)), 3);
        let answered: Vec<_> = (0..4).map(|_| pacer.answered(3)).collect();
        assert_eq!(answered, [Some((at(2), 1)), Some((at(6), 1)), Some((at(10), 1)), None]);
    }

    #[test]
    fn no_more_is_missed_than_was_planned() {
        let begin = Instant::now();
        for (per_second, seconds) in [(3.0, 5), (3.0, 10), (7.0, 3), (77.0, 1)] {
            let rate = SendRate { per_second, of_each: true };
            let mut pacer = Pacer::new(Pacing::Open(rate), 0, &times(begin, 1));
            let end = begin + Duration::from_secs(seconds);
            let planned = pacer.missed(end);
            let mut sent = 0;
            while let Some(due) = pacer.next().filter(|due| *due < end) {
                pacer.sent(due, 1);
                sent += 1;
            }
            assert_eq!((pacer.missed(end), sent), (0, planned), "{per_second}/s");
        }
    }

    #[test]
    fn a_rate_of_each_connection_is_spread_too() {
        let begin = Instant::now();
        let rate = SendRate { per_second: 10.0, of_each: true };
        for (place, millis) in [(0, 0), (1, 25), (2, 50), (3, 75)] {
            let pacer = Pacer::new(Pacing::Open(rate), place, &times(begin, 4));
            assert_eq!(pacer.next(), Some(begin + Duration::from_millis(millis)));
            assert_eq!(pacer.missed(begin + Duration::from_secs(1)), 10);
        }
    }
}
