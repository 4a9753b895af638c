//! Wall time, on the person's clock and on everybody's.

use std::fmt;
use std::time::SystemTime;

use time::format_description::parse_strftime_borrowed;
use time::{Duration, OffsetDateTime, UtcOffset};

/// A time of day at an offset from UTC, to the millisecond: 12:34:56.789.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TimeOfDay(pub(crate) SystemTime, pub(crate) UtcOffset);

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let local = moment(self.0).to_offset(self.1);
        write!(f, "{:02}:{:02}:{:02}.{:03}", local.hour(), local.minute(), local.second(), local.millisecond())
    }
}

/// A moment as it can be written at every offset, with four digits for its year: the first or the last one of those where the
/// system's clock says what it can't mean.
pub(crate) fn moment(at: SystemTime) -> OffsetDateTime {
    let seconds = match at.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_secs()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_secs()).map_or(i64::MIN, |seconds| -seconds),
    };
    match seconds {
        ..EARLIEST => OffsetDateTime::UNIX_EPOCH + Duration::seconds(EARLIEST),
        EARLIEST..LATEST => OffsetDateTime::from(at),
        LATEST.. => OffsetDateTime::UNIX_EPOCH + Duration::seconds(LATEST),
    }
}

/// 0001-01-01 and 9999-12-30, in seconds from 1970.
const EARLIEST: i64 = -62_135_596_800;
const LATEST: i64 = 253_402_128_000;

/// RFC 3339 in UTC, to the microsecond: always as wide.
pub(crate) fn utc(at: SystemTime) -> String {
    micros(moment(at)) + "Z"
}

/// The same at an offset from UTC, which it tells.
pub(crate) fn local(at: SystemTime, offset: UtcOffset) -> String {
    let at = moment(at).to_offset(offset);
    micros(at) + &offset_of(at)
}

/// +01:00.
fn offset_of(at: OffsetDateTime) -> String {
    let (hours, minutes, _) = at.offset().as_hms();
    let sign = if at.offset().is_negative() { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", hours.unsigned_abs(), minutes.unsigned_abs())
}

fn micros(at: OffsetDateTime) -> String {
    let (date, time) = (at.date(), at.time());
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}",
        date.year(),
        u8::from(date.month()),
        date.day(),
        time.hour(),
        time.minute(),
        time.second(),
        time.microsecond()
    )
}

/// By a format of strftime, at an offset from UTC; fractions of a second are written as `%3f` or `%.3f`. A format that can't
/// be read was refused before.
pub(crate) fn formatted(at: SystemTime, format: &str, offset: UtcOffset) -> String {
    let at = moment(at).to_offset(offset);
    let mut written = String::new();
    for piece in pieces(format) {
        match piece {
            TimePart::Strftime(format) => {
                let parsed = parse_strftime_borrowed(format).ok();
                written += &parsed.and_then(|items| at.format(&items).ok()).unwrap_or_default();
            }
            TimePart::Fraction { point, digits } => {
                written += if point { "." } else { "" };
                written += &format!("{:09}", at.nanosecond())[..digits];
            }
            TimePart::Offset => written += &offset_of(at),
        }
    }
    written
}

/// Whether [`formatted`] can write by this format.
///
/// # Errors
/// Why it can't.
pub(crate) fn check_format(format: &str) -> Result<(), String> {
    if !format.contains('%') {
        return Err(format!("{format:?} is neither utc nor local, and has no % as a format such as %T.%3f has"));
    }
    pieces(format).into_iter().try_for_each(|piece| match piece {
        TimePart::Strftime(format) => parse_strftime_borrowed(format).map(drop).map_err(|_| unknown_in(format)),
        TimePart::Fraction { .. } | TimePart::Offset => Ok(()),
    })
}

/// Names what strftime doesn't know in a format.
fn unknown_in(format: &str) -> String {
    let specifiers = format.split('%').skip(1).map(|rest| {
        let flags = rest.len() - rest.trim_start_matches(['-', '_', '0', '^', '#']).len();
        let letter = rest[flags..].chars().next().map_or(0, char::len_utf8);
        format!("%{}", &rest[..flags + letter])
    });
    let unknown = specifiers.into_iter().find(|specifier| parse_strftime_borrowed(specifier).is_err());
    format!(
        "{:?} is not known: %F %T is date and time, %3f (or %N) a fraction of a second, %z the offset, %% a percent sign",
        unknown.as_deref().unwrap_or("%")
    )
}

/// Part of a format.
#[derive(Debug, PartialEq, Eq)]
enum TimePart<'a> {
    /// As strftime has it.
    Strftime(&'a str),
    /// Of a second: `%3f`, with a point in front `%.3f`.
    Fraction { point: bool, digits: usize },
    /// `%:z`, as GNU's date has it.
    Offset,
}

/// The letters of a fraction, and how many digits each has without a number: Python's, GNU's and Ruby's.
const FRACTIONS: [(char, usize); 3] = [('f', 6), ('N', 9), ('L', 3)];

fn pieces(format: &str) -> Vec<TimePart<'_>> {
    let mut pieces = Vec::new();
    let (mut from, mut at) = (0, 0);
    while let Some(found) = format[at..].find('%').map(|found| at + found) {
        match beyond_strftime(&format[found + 1..]) {
            Some((piece, length)) => {
                pieces.push(TimePart::Strftime(&format[from..found]));
                pieces.push(piece);
                at = found + 1 + length;
                from = at;
            }
            // What follows belongs to it, another % too.
            None => at = found + 1 + format[found + 1..].chars().next().map_or(0, char::len_utf8),
        }
    }
    pieces.push(TimePart::Strftime(&format[from..]));
    pieces.retain(|piece| *piece != TimePart::Strftime(""));
    pieces
}

/// What `text` begins with, behind its `%`, that strftime doesn't have, and how long that is.
fn beyond_strftime(text: &str) -> Option<(TimePart<'static>, usize)> {
    const OFFSET: &str = ":z";
    if text.starts_with(OFFSET) {
        return Some((TimePart::Offset, OFFSET.len()));
    }
    let rest = text.strip_prefix('.');
    let (point, rest) = (rest.is_some(), rest.unwrap_or(text));
    let digits = rest.chars().next().and_then(|digit| digit.to_digit(10)).filter(|digits| *digits > 0);
    let rest = if digits.is_some() { &rest[1..] } else { rest };
    let (letter, usual) = FRACTIONS.into_iter().find(|(letter, _)| rest.starts_with(*letter))?;
    let rest = &rest[letter.len_utf8()..];
    let digits = digits.map_or(usual, |digits| digits as usize);
    Some((TimePart::Fraction { point, digits }, text.len() - rest.len()))
}

/// From one time to the next; a clock that was set back tells nothing.
pub(crate) fn delta(before: SystemTime, at: SystemTime) -> String {
    let seconds = at.duration_since(before).unwrap_or_default().as_secs_f64();
    format!("{:>10}", format!("+{seconds:.3} s"))
}

/// RFC 3339, in UTC.
pub(crate) fn timestamp(at: SystemTime) -> String {
    Timestamp::of(at).as_str().to_owned()
}

/// RFC 3339 in UTC, with as many decimals as there are. To write one takes no memory: each message that is recorded has one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timestamp {
    text: [u8; Self::LONGEST.len()],
    length: usize,
}

impl Timestamp {
    const LONGEST: &[u8; 30] = b"0000-00-00T00:00:00.000000000Z";

    pub(crate) fn of(at: SystemTime) -> Self {
        let (date, [hour, minute, second], nanos) = parts(at);
        let mut text = *Self::LONGEST;
        let numbers = [date[0] / 100, date[0] % 100, date[1], date[2], hour, minute, second];
        for (place, number) in [0, 2, 5, 8, 11, 14, 17].into_iter().zip(numbers) {
            put_two(&mut text, place, number);
        }
        // No division waits for another.
        for (place, unit) in [(20, 10_000_000), (22, 100_000), (24, 1000), (26, 10)] {
            put_two(&mut text, place, nanos / unit % 100);
        }
        text[28] = b'0' + (nanos % 10) as u8;
        let zeros = text[20..29].iter().rev().take_while(|digit| **digit == b'0').count();
        // Without decimals there is no point either.
        let end = if zeros == 9 { 19 } else { 29 - zeros };
        text[end] = b'Z';
        Self { text, length: end + 1 }
    }

    pub(crate) fn as_str(&self) -> &str {
        // Digits, and what is between them.
        str::from_utf8(&self.text[..self.length]).unwrap_or_default()
    }
}

/// Year, month and day; hour, minute and second; nanoseconds.
fn parts(at: SystemTime) -> ([u32; 3], [u32; 3], u32) {
    match at.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) if since.as_secs() < LATEST as u64 => {
            let (days, second) = ((since.as_secs() / 86_400) as u32, (since.as_secs() % 86_400) as u32);
            (date_after(days), [second / 3600, second / 60 % 60, second % 60], since.subsec_nanos())
        }
        _ => {
            let at = moment(at);
            let (year, month, day) = at.to_calendar_date();
            let (hour, minute, second, nanos) = at.to_hms_nano();
            let date = [year.unsigned_abs(), u8::from(month).into(), day.into()];
            (date, [hour, minute, second].map(u32::from), nanos)
        }
    }
}

/// The date so many days after 1970-01-01. Years begin in March here, so that the day that not every year has is the last of one:
/// 146,097 days are 400 years, and 153 are any five months from March on.
fn date_after(days: u32) -> [u32; 3] {
    let day = days + 719_468;
    let (era, day) = (day / 146_097, day % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let date = day - (153 * month + 2) / 5 + 1;
    let is_next_year = month >= 10;
    [era * 400 + year + u32::from(is_next_year), if is_next_year { month - 9 } else { month + 3 }, date]
}

/// Writes a number below 100 in two digits.
fn put_two(text: &mut [u8; Timestamp::LONGEST.len()], place: usize, number: u32) {
    text[place] = b'0' + (number / 10) as u8;
    text[place + 1] = b'0' + (number % 10) as u8;
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn fractions_of_a_second_have_as_many_digits_as_are_asked_for() {
        let at = SystemTime::UNIX_EPOCH + Duration::from_nanos(1_700_000_000_012_345_678);
        for (format, written) in [
            ("%S.%3f", "20.012"),
            ("%S%.6f!", "20.012345!"),
            ("%f", "012345"),
            ("%9f%%3f", "012345678%3f"),
            ("%1f%.2f", "0.01"),
            ("%Y é", "2023 é"),
            ("%s.%N %3N %L %:z", "1700000000.012345678 012 012 +00:00"),
        ] {
            assert_eq!(check_format(format), Ok(()));
            assert_eq!(formatted(at, format, UtcOffset::UTC), written, "{format}");
        }
        for (format, why) in [
            ("UTC", "\"UTC\" is neither utc nor local"),
            ("", "\"\" is neither utc nor local"),
            ("%", "\"%\" is not known"),
            ("%H%-Q", "\"%-Q\" is not known"),
            ("%3q", "\"%3\" is not known"),
            ("%S%", "\"%\" is not known"),
            ("%H %é", "\"%é\" is not known"),
        ] {
            let error = check_format(format).unwrap_err();
            assert!(error.starts_with(why), "{error}");
        }
    }

    #[test]
    fn every_day_has_its_date() {
        for day in 0..LATEST / 86_400 {
            let date = (OffsetDateTime::UNIX_EPOCH + time::Duration::days(day)).date();
            let expected = [date.year().unsigned_abs(), u8::from(date.month()).into(), date.day().into()];
            assert_eq!(date_after(day as u32), expected, "{day}");
        }
    }

    #[test]
    fn times_are_as_wide_whatever_they_are() {
        for (nanos, written) in [(0, "1970-01-01T00:00:00.000000Z"), (1_500_000_000, "1970-01-01T00:00:01.500000Z")] {
            let at = SystemTime::UNIX_EPOCH + Duration::from_nanos(nanos);
            assert_eq!(utc(at), written);
            assert_eq!(local(at, UtcOffset::UTC), written.replace('Z', "+00:00"));
        }
    }

    #[test]
    fn a_clock_that_cannot_be_right_is_written_all_the_same() {
        let after = |seconds| SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds)).unwrap();
        let before = |seconds| SystemTime::UNIX_EPOCH.checked_sub(Duration::from_secs(seconds)).unwrap();
        let west = UtcOffset::from_hms(-23, 0, 0).unwrap();
        for (at, written) in [
            (before(1), "1969-12-31T23:59:59Z"),
            (before(62_135_596_801), "0001-01-01T00:00:00Z"),
            (before(i64::MAX as u64), "0001-01-01T00:00:00Z"),
            (after(253_402_300_800), "9999-12-30T00:00:00Z"),
            (after(i64::MAX as u64), "9999-12-30T00:00:00Z"),
        ] {
            assert_eq!(timestamp(at), written);
            for offset in [west, UtcOffset::UTC, -west] {
                assert_eq!(local(at, offset).len(), "1970-01-01T00:00:00.000000+00:00".len());
                assert!(!formatted(at, "%Y", offset).is_empty());
                assert_eq!(TimeOfDay(at, offset).to_string().len(), 12);
            }
        }
    }

    #[test]
    fn a_timestamp_has_as_many_decimals_as_there_are() {
        let at = |nanos: u64| timestamp(SystemTime::UNIX_EPOCH + Duration::from_nanos(nanos));
        assert_eq!(at(0), "1970-01-01T00:00:00Z");
        assert_eq!(at(951_782_399_100_000_000), "2000-02-28T23:59:59.1Z");
        assert_eq!(at(1_000_000_000_000_000_001), "2001-09-09T01:46:40.000000001Z");
        assert_eq!(at(4_107_542_400_012_300_000), "2100-03-01T00:00:00.0123Z");
    }

    #[test]
    fn times_are_written_out() {
        let at = SystemTime::UNIX_EPOCH + Duration::from_millis(1_700_000_000_123);
        assert_eq!(timestamp(at), "2023-11-14T22:13:20.123Z");
        let ahead = UtcOffset::from_hms(2, 30, 0).unwrap();
        assert_eq!(TimeOfDay(at, UtcOffset::UTC).to_string(), "22:13:20.123");
        assert_eq!(TimeOfDay(at, ahead).to_string(), "00:43:20.123");
        assert_eq!(formatted(at, "%d %H:%M", ahead), "15 00:43");
        assert_eq!(local(at, ahead), "2023-11-15T00:43:20.123000+02:30");
    }
}
