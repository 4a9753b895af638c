//! When what was recorded is played: a value with the recorded times as arguments.

use std::time::Duration;

/// What is waited for before the next thing is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReplayPace {
    /// As many messages as had come before it.
    Order,
    /// The time that passed before it.
    Time,
    /// Nothing.
    None,
}

impl ReplayPace {
    pub(crate) const NAMES: [(&'static str, Self); 3] =
        [("order", Self::Order), ("time", Self::Time), ("none", Self::None)];
}

/// The recorded times as they are played.
#[derive(Debug)]
pub(super) struct Timeline {
    speed: f64,
    max_gap: Duration,
    recorded: Duration,
    played: Duration,
}

impl Timeline {
    /// So many times as fast; what took longer than `max_gap` takes only that.
    pub(super) fn new(speed: f64, max_gap: Option<Duration>) -> Self {
        Self { speed, max_gap: max_gap.unwrap_or(Duration::MAX), recorded: Duration::ZERO, played: Duration::ZERO }
    }

    /// When what was recorded after so long is played, from the beginning. What has no time follows at once.
    pub(super) fn advance(&mut self, elapsed: Option<Duration>) -> Duration {
        let elapsed = elapsed.unwrap_or(self.recorded);
        let gap = elapsed.saturating_sub(self.recorded).min(self.max_gap);
        self.recorded = self.recorded.max(elapsed);
        self.played += gap.div_f64(self.speed);
        self.played
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_shortened_first_and_then_played_faster() {
        let ms = Duration::from_millis;
        let played = |speed, max_gap, times: &[u64]| {
            let mut timeline = Timeline::new(speed, max_gap);
            times.iter().map(|time| timeline.advance(Some(ms(*time))).as_millis()).collect::<Vec<_>>()
        };
        assert_eq!(played(1.0, None, &[10, 10, 5, 30]), [10, 10, 10, 30]);
        assert_eq!(played(0.5, None, &[10, 30]), [20, 60]);
        assert_eq!(played(10.0, Some(ms(100)), &[50, 10_050, 10_100]), [5, 15, 20]);
        let mut timeline = Timeline::new(1.0, None);
        assert_eq!([Some(ms(7)), None].map(|time| timeline.advance(time)), [ms(7), ms(7)]);
    }
}
