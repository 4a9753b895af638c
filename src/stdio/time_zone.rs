//! The person's time zone.

use std::sync::OnceLock;
use std::time::SystemTime;

use time::UtcOffset;

use crate::view::clock::moment;

static OFFSET: OnceLock<UtcOffset> = OnceLock::new();

/// Takes note of it. Only a process with a single thread can ask for it safely, so this comes before the others are
/// started; without it, times are UTC.
pub(crate) fn note() {
    // The crate's own way to ask panics where the clock is after 9999.
    OFFSET.get_or_init(|| UtcOffset::local_offset_at(moment(SystemTime::now())).unwrap_or(UtcOffset::UTC));
}

/// How far it is from UTC.
pub(crate) fn offset() -> UtcOffset {
    OFFSET.get().copied().unwrap_or(UtcOffset::UTC)
}
