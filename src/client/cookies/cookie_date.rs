//! Dates of cookies (RFC 6265 §5.1.1), which are read by what is in them, in whatever order and with whatever between.

use time::{Date, Month, Time, UtcOffset};

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// What was found so far: the first that looks like each counts.
#[derive(Default)]
struct DateFields {
    time: Option<Time>,
    day: Option<u8>,
    month: Option<Month>,
    year: Option<i32>,
}

/// In seconds since 1970, of which there are none before; `None` where it is no date.
pub(super) fn seconds(text: &str) -> Option<u64> {
    let mut found = DateFields::default();
    text.split(is_delimiter).filter(|token| !token.is_empty()).for_each(|token| found.take(token));
    let date = Date::from_calendar_date(found.year.filter(|year| *year >= 1601)?, found.month?, found.day?).ok()?;
    let moment = date.with_time(found.time?).assume_offset(UtcOffset::UTC);
    Some(u64::try_from(moment.unix_timestamp()).unwrap_or_default())
}

fn is_delimiter(c: char) -> bool {
    matches!(c, '\t' | ' '..='/' | ';'..='@' | '['..='`' | '{'..='~')
}

impl DateFields {
    /// The productions in their order, each as long as nothing was found for it.
    fn take(&mut self, token: &str) {
        if self.time.is_none()
            && let Some(time) = time(token)
        {
            self.time = Some(time);
        } else if self.day.is_none()
            && let Some(day) = leading(token, 1, 2)
        {
            self.day = Some(day as u8);
        } else if self.month.is_none()
            && let Some(month) = month(token)
        {
            self.month = Some(month);
        } else if self.year.is_none()
            && let Some(year) = leading(token, 2, 4)
        {
            self.year = Some(match year {
                70..=99 => year as i32 + 1900,
                0..=69 => year as i32 + 2000,
                _ => year as i32,
            });
        }
    }
}

/// The number at the beginning, of so many digits and no more.
fn leading(token: &str, least: usize, most: usize) -> Option<u16> {
    let digits = token.bytes().take_while(u8::is_ascii_digit).count();
    if (least..=most).contains(&digits) { token[..digits].parse().ok() } else { None }
}

/// `hh:mm:ss`, each of one digit or two; something may follow.
fn time(token: &str) -> Option<Time> {
    let mut fields = token.splitn(3, ':');
    let mut next = || fields.next();
    let whole = |field: &str| leading(field, 1, 2).filter(|_| field.len() <= 2);
    let (hour, minute, second) = (whole(next()?)?, whole(next()?)?, leading(next()?, 1, 2)?);
    Time::from_hms(hour as u8, minute as u8, second as u8).ok()
}

fn month(token: &str) -> Option<Month> {
    let name = token.get(..3)?.to_ascii_lowercase();
    let number = (1..).zip(MONTHS).find(|(_, month)| *month == name)?.0;
    Month::try_from(number).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_however_it_is_written() {
        for text in [
            "Wed, 21 Oct 2026 07:28:00 GMT",
            "Wednesday, 21-Oct-26 07:28:00 GMT",
            "Wed Oct 21 07:28:00 2026",
            "Mon, 21 oct 2026 7:28:0 UTC",
            "21 October 2026 07:28:00",
            "07:28:00 2026 21 Oct -0000",
        ] {
            assert_eq!(seconds(text), Some(1_792_567_680), "{text}");
        }
        for text in ["Thu, 01-Jan-70 00:00:01 GMT", "1 Jan 1970 0:0:1", "thu, 1-jan-1970 00:00:01 gmt"] {
            assert_eq!(seconds(text), Some(1), "{text}");
        }
        assert_eq!(seconds("Sat, 01-Jan-1650 00:00:00 GMT"), Some(0));
    }

    #[test]
    fn what_lacks_something_is_no_date() {
        for text in [
            "",
            "0",
            "-1",
            "tomorrow",
            "21 Oct 2026",
            "Oct 2026 07:28:00",
            "31 Feb 2026 07:28:00",
            "21 Oct 1600 07:28:00",
            "21 Oct 2026 25:28:00",
            "21 Okt 2026 07:28:00",
            "21 Oct 20267 07:28:00",
            "é 21 é 07:28",
        ] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
