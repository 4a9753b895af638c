//! Wall time, on the person's clock and on everybody's.

use std::fmt;
use std::time::SystemTime;

use time::format_description::parse_strftime_borrowed;
use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};

/// A time of day at an offset from UTC, to the millisecond: 12:34:56.789.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TimeOfDay(pub(crate) SystemTime, pub(crate) UtcOffset);

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let local = OffsetDateTime::from(self.0).to_offset(self.1);
        write!(f, "{:02}:{:02}:{:02}.{:03}", local.hour(), local.minute(), local.second(), local.millisecond())
    }
}

/// By a format of strftime, at an offset from UTC. A format that can't be read was refused before.
pub(crate) fn local(at: SystemTime, format: &str, offset: UtcOffset) -> String {
    let parsed = parse_strftime_borrowed(format);
    parsed.ok().and_then(|items| OffsetDateTime::from(at).to_offset(offset).format(&items).ok()).unwrap_or_default()
}

/// Whether [`local`] can write by this format.
///
/// # Errors
/// Why it can't.
pub(crate) fn check_format(format: &str) -> Result<(), String> {
    parse_strftime_borrowed(format).map(drop).map_err(|error| error.to_string())
}

/// RFC 3339, in UTC.
pub(crate) fn timestamp(at: SystemTime) -> String {
    // Only years over 9999 can't be written so.
    OffsetDateTime::from(at).format(&Rfc3339).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn times_are_written_out() {
        let at = SystemTime::UNIX_EPOCH + Duration::from_millis(1_700_000_000_123);
        assert_eq!(timestamp(at), "2023-11-14T22:13:20.123Z");
        let ahead = UtcOffset::from_hms(2, 30, 0).unwrap();
        assert_eq!(TimeOfDay(at, UtcOffset::UTC).to_string(), "22:13:20.123");
        assert_eq!(TimeOfDay(at, ahead).to_string(), "00:43:20.123");
        assert_eq!(local(at, "%d %H:%M", ahead), "15 00:43");
    }
}
