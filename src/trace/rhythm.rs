//! When messages went one way: how many a second of late, and how long there were none.

use std::collections::VecDeque;
use std::time::Duration;

use crate::view::amount::Age;

/// Seconds that a rate is taken of, the latest.
pub(super) const SECONDS: u64 = 10;

/// Times are counted from when the connection opened.
#[derive(Debug, Default)]
pub(super) struct Rhythm {
    last: Option<Duration>,
    /// Between two of them.
    longest_gap: Duration,
    /// How many there were in a second, of the latest seconds in which there were any.
    latest: VecDeque<(u64, u64)>,
}

impl Rhythm {
    pub(super) fn beat(&mut self, now: Duration) {
        let gap = now.saturating_sub(self.last.unwrap_or(now));
        self.longest_gap = self.longest_gap.max(gap);
        self.last = Some(now);
        match self.latest.back_mut() {
            Some((second, count)) if *second == now.as_secs() => *count += 1,
            _ => self.latest.push_back((now.as_secs(), 1)),
        }
        if self.latest.len() as u64 > SECONDS + 1 {
            self.latest.pop_front();
        }
    }

    /// A second, in as many whole seconds before now.
    pub(super) fn rate(&self, now: Duration, seconds: u64) -> f64 {
        let first = now.as_secs().saturating_sub(seconds);
        let recent = self.latest.iter().filter(|(second, _)| (first..now.as_secs().max(1)).contains(second));
        recent.map(|(_, count)| count).sum::<u64>() as f64 / seconds as f64
    }

    /// How long there has been none, and the most that it was.
    pub(super) fn gap(&self, now: Duration) -> String {
        match self.last {
            None => "no message yet".to_owned(),
            Some(last) => {
                let (ago, longest) = (Age(now.saturating_sub(last)), Age(self.longest_gap));
                format!("last message {ago} ago (longest gap {longest})")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_of_the_last_seconds_and_gaps_of_all() {
        let at = Duration::from_secs_f64;
        let mut rhythm = Rhythm::default();
        assert_eq!(rhythm.gap(at(0.5)), "no message yet");
        (0..1000).for_each(|millis| rhythm.beat(Duration::from_millis(millis)));
        assert_eq!((rhythm.rate(at(0.9), 1), rhythm.rate(at(2.0), 2)), (1000.0, 500.0));
        rhythm.beat(at(70.5));
        rhythm.beat(at(71.5));
        assert_eq!(rhythm.rate(at(72.0), SECONDS), 0.2);
        assert_eq!(rhythm.gap(at(105.5)), "last message 34.0 s ago (longest gap 1 min 9 s)");
        (100..200).for_each(|second| rhythm.beat(Duration::from_secs(second)));
        assert!(rhythm.latest.len() as u64 <= SECONDS + 1);
    }
}
