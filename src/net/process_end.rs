//! When the process has to have ended.
//!
//! A signal and `--max-time` end it whatever the readers of stdout, of stderr and of the terminal do. Whoever waits for one
//! of them asks here how long that may take.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::signals;

/// From the first signal to the end of all that is waited for: inside two seconds, with the time to leave in.
const AFTER_SIGNAL: Duration = Duration::from_millis(1700);

/// Even then a reader has so long, which is plenty for one that reads.
const LAST_MOMENT: Duration = Duration::from_millis(100);

/// What `--max-time` says.
static LIMIT: Mutex<Option<Instant>> = Mutex::new(None);

/// Nothing is waited for after this, or what was said before if that is sooner.
pub(crate) fn end_process_by(limit: Instant) {
    let mut known = LIMIT.lock().unwrap_or_else(PoisonError::into_inner);
    *known = Some(known.map_or(limit, |known| known.min(limit)));
}

/// When nothing is waited for any more; `None` while nothing ends the process. A signal may come at any moment, so a loop
/// that waits asks again and again.
pub(crate) fn process_end() -> Option<Instant> {
    let limit = *LIMIT.lock().unwrap_or_else(PoisonError::into_inner);
    let signal = signals::first().map(|first| first + AFTER_SIGNAL);
    [limit, signal].into_iter().flatten().min()
}

/// Whether a wait for a reader, begun at that time, is over because the process is to end.
pub(crate) fn is_out_of_time(begun: Instant) -> bool {
    process_end().is_some_and(|end| Instant::now() >= end.max(begun + LAST_MOMENT))
}
