//! The person's time zone.

use std::sync::OnceLock;

use time::UtcOffset;

static OFFSET: OnceLock<UtcOffset> = OnceLock::new();

/// Takes note of it. Only a process with a single thread can ask for it safely, so this comes before the others are
/// started; without it, times are UTC.
pub(crate) fn note() {
    OFFSET.get_or_init(|| UtcOffset::current_local_offset().unwrap_or(UtcOffset::UTC));
}

/// How far it is from UTC.
pub(crate) fn offset() -> UtcOffset {
    OFFSET.get().copied().unwrap_or(UtcOffset::UTC)
}
