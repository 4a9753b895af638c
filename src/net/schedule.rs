//! When the next of many is due: at a rate that holds over time, or with a pause after each. A value, with the clock as an
//! argument.

use std::time::{Duration, Instant};

/// How far a schedule may fall behind and still catch up: longer than a timer or a busy machine is late, and so short that a
/// rate is kept within every second.
const CATCHES_UP: Duration = Duration::from_millis(100);

/// What stands between one and the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interval {
    /// On average: what is late makes nothing after it late.
    Rate(Duration),
    /// At least, whatever was late.
    Pause(Duration),
}

impl Interval {
    pub(crate) fn time(self) -> Duration {
        match self {
            Self::Rate(time) | Self::Pause(time) => time,
        }
    }

    /// The same kind, but not shorter than `least`.
    pub(crate) fn at_least(self, least: Duration) -> Self {
        match self {
            Self::Rate(time) => Self::Rate(time.max(least)),
            Self::Pause(time) => Self::Pause(time.max(least)),
        }
    }
}

/// Without an interval everything is due at once.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Schedule {
    interval: Option<Interval>,
    /// Nothing is due before this.
    next: Option<Instant>,
}

impl Schedule {
    pub(crate) fn new(interval: Option<Interval>) -> Self {
        Self { interval, next: None }
    }

    pub(crate) fn interval(&self) -> Option<Interval> {
        self.interval
    }

    /// When the next is due, where that isn't at once.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.next
    }

    pub(crate) fn is_due(&self, now: Instant) -> bool {
        self.next.is_none_or(|next| now >= next)
    }

    /// One has begun.
    pub(crate) fn begun(&mut self, now: Instant) {
        self.next = self.interval.map(|interval| match (interval, self.next) {
            (Interval::Rate(time), Some(due)) if now <= due + CATCHES_UP => due + time,
            (interval, _) => now + interval.time(),
        });
    }

    /// Begins anew: the first is due at once.
    pub(crate) fn reset(&mut self) {
        self.next = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    /// How many begin in a second by a timer that is late by so much every time.
    fn in_a_second(interval: Interval, late: Duration) -> u32 {
        let start = Instant::now();
        let (mut schedule, mut now, mut count) = (Schedule::new(Some(interval)), start, 0);
        while now < start + 1000 * MS {
            while schedule.is_due(now) && now < start + 1000 * MS {
                count += 1;
                schedule.begun(now);
            }
            now = schedule.next().unwrap().max(now) + late;
        }
        count
    }

    #[test]
    fn a_rate_is_kept_by_timers_that_are_late() {
        for late in [Duration::ZERO, MS / 10, MS, 20 * MS] {
            let count = in_a_second(Interval::Rate(MS / 2), late);
            // What the last wait makes late is missing.
            assert!((2000 - 2 * late.as_millis() as u32 - 1..=2000).contains(&count), "{count} with {late:?}");
        }
    }

    #[test]
    fn a_pause_is_never_shorter() {
        for late in [Duration::ZERO, MS, 20 * MS] {
            let count = in_a_second(Interval::Pause(4 * MS), late);
            assert_eq!(count, (1000 * MS).as_micros().div_ceil((4 * MS + late).as_micros()) as u32, "{late:?}");
        }
    }

    #[test]
    fn only_so_much_is_made_up_for() {
        let start = Instant::now();
        for (stall, expected) in [(100, 100), (101, 100), (102, 1), (10_000, 1)] {
            let mut schedule = Schedule::new(Some(Interval::Rate(MS)));
            schedule.begun(start);
            let later = start + stall * MS;
            let mut at_once = 0;
            while schedule.is_due(later) {
                schedule.begun(later);
                at_once += 1;
            }
            assert_eq!(at_once, expected + u32::from(stall == 101), "{stall} ms");
        }
        let later = start + 10_000 * MS;
        // The longest interval that can be asked for.
        let mut schedule = Schedule::new(Some(Interval::Rate(Duration::from_secs(1_000_000_000))));
        schedule.begun(start);
        schedule.begun(start);
        assert!(schedule.next().is_some() && !schedule.is_due(later));
    }
}
