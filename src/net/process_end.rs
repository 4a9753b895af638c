//! When the process has to have ended.
//!
//! A signal and `--max-time` end it whatever the readers of stdout, of stderr and of the terminal do. Whoever waits for one
//! of them asks here how long that may take.

use std::io::{self, Read};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::signals::{self, Signals};

/// From the first signal to the end of all that is waited for: inside two seconds, with the time to leave in.
const AFTER_SIGNAL: Duration = Duration::from_millis(1700);

/// Even then a reader has so long, which is plenty for one that reads.
const LAST_MOMENT: Duration = Duration::from_millis(100);

/// From a signal to its own effect, where nobody has heeded it: whoever should may be in the middle of one long step, as when a
/// regular expression searches a message that a peer has made for it.
const UNHEEDED: Duration = Duration::from_millis(1900);

/// Whoever has asked so recently when the process has to end is about to end it.
const LATELY: Duration = Duration::from_millis(250);

/// What `--max-time` says.
static LIMIT: Mutex<Option<Instant>> = Mutex::new(None);

/// When somebody last asked after a signal.
static ASKED: Mutex<Option<Instant>> = Mutex::new(None);

/// What is done before a signal ends the process by itself.
static LAST: Mutex<Option<LastAct>> = Mutex::new(None);

type LastAct = Box<dyn FnOnce() + Send>;

/// Has the signals that are caught end the process in time, whatever its threads are doing.
///
/// # Errors
/// When there are no descriptors or threads left.
pub(crate) fn enforce(signals: &Signals) -> io::Result<()> {
    let mut came = signals.watch()?;
    let watching = move || {
        let Some(first) = came.read(&mut [0]).ok().and_then(|_| signals::first()) else { return };
        thread::sleep(UNHEEDED.saturating_sub(first.elapsed()));
        let is_heeded = || lock(&ASKED).is_some_and(|asked| asked.elapsed() < LATELY);
        while is_heeded() && first.elapsed() < 2 * UNHEEDED {
            thread::sleep(LATELY);
        }
        if let Some(last) = lock(&LAST).take() {
            last();
        }
        signals::obey();
    };
    thread::Builder::new().name("signals".into()).spawn(watching).map(drop)
}

/// Has this be done before a signal ends the process by itself, instead of what was to be done then.
pub(crate) fn set_last_act(act: impl FnOnce() + Send + 'static) {
    *lock(&LAST) = Some(Box::new(act));
}

fn lock<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Nothing is waited for after this, or what was said before if that is sooner.
pub(crate) fn end_process_by(limit: Instant) {
    let mut known = lock(&LIMIT);
    *known = Some(known.map_or(limit, |known| known.min(limit)));
}

/// When nothing is waited for any more; `None` while nothing ends the process. A signal may come at any moment, so a loop
/// that waits asks again and again.
pub(crate) fn process_end() -> Option<Instant> {
    let limit = *lock(&LIMIT);
    let signal = signals::first().map(|first| first + AFTER_SIGNAL);
    if signal.is_some() {
        *lock(&ASKED) = Some(Instant::now());
    }
    [limit, signal].into_iter().flatten().min()
}

/// Whether a wait for a reader, begun at that time, is over because the process is to end.
pub(crate) fn is_out_of_time(begun: Instant) -> bool {
    process_end().is_some_and(|end| Instant::now() >= end.max(begun + LAST_MOMENT))
}
