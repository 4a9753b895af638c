//! The time in front of each line, and the line that tells that a day has begun.

use std::time::SystemTime;

use time::{Date, UtcOffset};

use super::settings::Timestamps;
use crate::stdio::output::Stamp;
use crate::stdio::time_zone;
use crate::view::clock::{TimeOfDay, delta, moment};

/// What lines begin with.
#[derive(Debug, Default)]
pub(crate) struct LineTimes {
    shown: Timestamps,
    /// How `--timestamps` has them.
    stamp: Option<Stamp>,
    /// When the last line was.
    last: Option<(SystemTime, Date)>,
}

impl LineTimes {
    pub(crate) fn set_stamp(&mut self, stamp: Option<Stamp>) {
        self.stamp = stamp.filter(|stamp| *stamp != Stamp::Delta);
    }

    pub(crate) fn set(&mut self, shown: Timestamps) {
        if self.shown != shown {
            (self.shown, self.last) = (shown, None);
        }
    }

    /// What a line about something at that time begins with. A first one comes before it where it is the first of a day, and
    /// its time doesn't tell the day.
    pub(crate) fn next(&mut self, at: SystemTime) -> (Option<String>, Option<String>) {
        self.next_at(at, time_zone::offset())
    }

    fn next_at(&mut self, at: SystemTime, offset: UtcOffset) -> (Option<String>, Option<String>) {
        if self.shown == Timestamps::Off {
            return (None, None);
        }
        let day = moment(at).to_offset(offset).date();
        let before = self.last.replace((at, day));
        let tells_day = self.shown == Timestamps::On && matches!(self.stamp, Some(Stamp::Utc | Stamp::Local));
        let new_day = before.is_some_and(|(_, before)| before != day) && !tells_day;
        let time = match self.shown {
            Timestamps::Delta => delta(before.map_or(at, |(before, _)| before), at),
            Timestamps::On | Timestamps::Off => self.write_at(at, offset),
        };
        (new_day.then(|| format!("{}, {day}", day.weekday())), Some(time))
    }

    /// A time, as `--timestamps` has it.
    pub(crate) fn write(&self, at: SystemTime) -> String {
        self.write_at(at, time_zone::offset())
    }

    fn write_at(&self, at: SystemTime, offset: UtcOffset) -> String {
        self.stamp.as_ref().map_or_else(|| TimeOfDay(at, offset).to_string(), |stamp| stamp.write(at))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(seconds: u64) -> SystemTime {
        // 2023-11-14T23:59:58Z
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_006_398 + seconds)
    }

    fn lines(times: &mut LineTimes, offset: UtcOffset) -> Vec<(Option<String>, String)> {
        let told = [0, 1, 2, 3].map(|seconds| times.next_at(at(seconds), offset));
        told.into_iter().map(|(day, time)| (day, time.unwrap())).collect()
    }

    #[test]
    fn a_new_day_is_told_where_times_do_not_tell_it() {
        let mut times = LineTimes::default();
        assert_eq!(times.next_at(at(0), UtcOffset::UTC), (None, None));
        times.set(Timestamps::On);
        let day = Some("Wednesday, 2023-11-15".to_owned());
        let told = lines(&mut times, UtcOffset::UTC);
        assert_eq!(told[1], (None, "23:59:59.000".to_owned()));
        assert_eq!(told[2], (day.clone(), "00:00:00.000".to_owned()));
        assert_eq!(told[3], (None, "00:00:01.000".to_owned()));
        times.set(Timestamps::Delta);
        let told = lines(&mut times, UtcOffset::UTC);
        assert_eq!(told[0], (None, "  +0.000 s".to_owned()));
        assert_eq!(told[2], (day, "  +1.000 s".to_owned()));
        times.set(Timestamps::On);
        times.set_stamp(Some(Stamp::Utc));
        assert!(lines(&mut times, UtcOffset::UTC).iter().all(|(day, _)| day.is_none()));
    }

    #[test]
    fn the_day_is_that_of_the_persons_clock() {
        let mut times = LineTimes::default();
        times.set(Timestamps::On);
        let behind = UtcOffset::from_hms(-1, 0, 0).unwrap();
        assert!(lines(&mut times, behind).iter().all(|(day, _)| day.is_none()));
    }
}
