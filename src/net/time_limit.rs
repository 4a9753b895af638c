//! When `--max-time` is over. There is one such limit for the whole process.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

static LIMIT: Mutex<Option<Instant>> = Mutex::new(None);

/// When it is over; `None` where nobody has set a limit.
pub(super) fn time_limit() -> Option<Instant> {
    *LIMIT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Begins to count, unless that was done before. Returns when it is over, and whether that is new.
pub(super) fn begin_time_limit(time: Duration) -> (Instant, bool) {
    let mut limit = LIMIT.lock().unwrap_or_else(PoisonError::into_inner);
    let is_new = limit.is_none();
    (*limit.get_or_insert_with(|| Instant::now() + time), is_new)
}
