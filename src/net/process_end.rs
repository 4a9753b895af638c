//! When the process has to have ended.
//!
//! A signal and `--max-time` end it whatever the readers of stdout, of stderr and of the terminal do. Whoever waits for one
//! of them asks here how long that may take. Where nobody heeds it, the process ends all the same: whoever should may be in
//! the middle of one long step, as when a regular expression searches a message that a peer has made for it, or may wait for
//! a file to be opened. The exit code is the same then as it would be in order.

use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::signals::{self, Signal, Signals};
use super::time_limit::{begin_time_limit, time_limit};
use crate::exit::Exit;

/// From the first signal to the end of all that is waited for: inside two seconds, with the time that a busy machine takes to leave
/// in. Each step has its moment, counted from the signal: time that one takes longer is not added to the next. First the peers,
/// in their closing handshakes, then the threads that tell how these ended, then who reads that.
const PEERS_AFTER_SIGNAL: Duration = Duration::from_millis(1200);
const THREADS_AFTER_SIGNAL: Duration = Duration::from_millis(1350);
const AFTER_SIGNAL: Duration = Duration::from_millis(1500);

/// The same from the moment that `--max-time` names: behind the time that the peer has then.
const AFTER_LIMIT: Duration = Duration::from_millis(400);

/// Even then a reader has so long, which is plenty for one that reads.
const LAST_MOMENT: Duration = Duration::from_millis(100);

/// From a signal, and from the moment that `--max-time` names, to the end where nobody has heeded it.
const UNHEEDED_SIGNAL: Duration = Duration::from_millis(1700);
const UNHEEDED_LIMIT: Duration = Duration::from_millis(1000);

/// As long as somebody was about to end it in order, as `LATELY` has it, that long again is waited.
const MERCY_AFTER_SIGNAL: Duration = Duration::from_millis(250);
const MERCY_AFTER_LIMIT: Duration = UNHEEDED_LIMIT;

/// Whoever has asked so recently when the process has to end is about to end it.
const LATELY: Duration = Duration::from_millis(250);

/// When somebody last asked after a signal, or after the limit.
static ASKED: Mutex<Option<Instant>> = Mutex::new(None);

/// The exit code, once it is known.
static SETTLED: Mutex<Option<Exit>> = Mutex::new(None);

/// What is done before the process ends unheeded, the last of it first; `None` once that has begun.
static LAST: Mutex<Option<Vec<(u64, Act)>>> = Mutex::new(Some(Vec::new()));

/// What is said where nobody has heeded the limit.
static LAST_WORDS: Mutex<Option<LastWords>> = Mutex::new(None);

type Act = Box<dyn FnOnce() + Send>;

/// They say with which code the process ends.
type LastWords = Box<dyn FnOnce() -> Exit + Send>;

/// Has the signals that are caught end the process in time, whatever its threads are doing. `exit` says with which code.
///
/// # Errors
/// When there are no descriptors or threads left.
pub(crate) fn enforce(signals: &Signals, exit: impl FnOnce(Signal) -> Exit + Send + 'static) -> io::Result<()> {
    let mut came = signals.watch()?;
    let watching = move || {
        if came.read(&mut [0]).is_ok() && signals::first().is_some() {
            end_unheeded(UNHEEDED_SIGNAL, MERCY_AFTER_SIGNAL, || exit(signals::latest()));
        }
    };
    thread::Builder::new().name("signals".into()).spawn(watching).map(drop)
}

/// Nothing is waited for long after this time, and whatever its threads are doing, the process ends soon. It counts from the
/// first call on. The `last_words` of the last call say that it ends where nobody else did, and with which code. Returns when the
/// time is over.
///
/// # Errors
/// When there are no threads left.
pub(crate) fn end_process_after(
    time: Duration,
    last_words: impl FnOnce() -> Exit + Send + 'static,
) -> io::Result<Instant> {
    *lock(&LAST_WORDS) = Some(Box::new(last_words));
    let (limit, is_new) = begin_time_limit(time);
    if is_new {
        let watching = move || {
            thread::sleep(limit.saturating_duration_since(Instant::now()));
            end_unheeded(UNHEEDED_LIMIT, MERCY_AFTER_LIMIT, || {
                let last_words = lock(&LAST_WORDS).take();
                last_words.map_or(Exit::NotReached, |last_words| last_words())
            });
        };
        thread::Builder::new().name("max-time".into()).spawn(watching)?;
    }
    Ok(limit)
}

/// Whether that has begun.
pub(crate) fn is_time_limited() -> bool {
    time_limit().is_some()
}

/// Ends the process after `time`, or once those have had `mercy` more who are about to end it in order.
fn end_unheeded(time: Duration, mut mercy: Duration, last_words: impl FnOnce() -> Exit) {
    pass(time);
    let is_heeded = || lock(&ASKED).is_some_and(|asked| asked.elapsed() < LATELY);
    while is_heeded() && !mercy.is_zero() {
        pass(LATELY);
        mercy = mercy.saturating_sub(LATELY);
    }
    let acts = lock(&LAST).take();
    acts.into_iter().flatten().rev().for_each(|(_, act)| act());
    let settled = *lock(&SETTLED);
    let exit = settled.unwrap_or_else(last_words);
    #[expect(clippy::exit, reason = "the thread with the guards doesn't listen, and the last act was theirs")]
    std::process::exit(exit as i32)
}

/// Lets time pass in which this process can run: one that was stopped for a while has had none meanwhile.
fn pass(time: Duration) {
    const STEP: Duration = Duration::from_millis(50);
    let mut left = time;
    while !left.is_zero() {
        let begun = Instant::now();
        thread::sleep(STEP.min(left));
        left = left.saturating_sub(begun.elapsed().min(2 * STEP));
    }
}

/// Something to be done before the process ends unheeded, unless it is withdrawn.
#[derive(Debug)]
pub(crate) struct LastAct(u64);

impl LastAct {
    /// Doesn't return where the process is ending: what has come of the act is nothing to be told any more.
    pub(crate) fn new(act: impl FnOnce() + Send + 'static) -> Self {
        static NUMBERS: AtomicU64 = AtomicU64::new(0);
        let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
        change_acts(|acts| acts.push((number, Box::new(act))));
        Self(number)
    }

    /// It has nothing to be done about any more. Doesn't return where the process is ending, either.
    pub(crate) fn withdraw(self) {
        change_acts(|acts| acts.retain(|(number, _)| *number != self.0));
    }
}

fn change_acts(change: impl FnOnce(&mut Vec<(u64, Act)>)) {
    if let Some(acts) = &mut *lock(&LAST) {
        return change(acts);
    }
    loop {
        thread::park();
    }
}

/// The process ends with this code, whoever ends it.
pub(crate) fn settle(exit: Exit) {
    *lock(&SETTLED) = Some(exit);
}

fn lock<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}

/// When nothing is waited for any more; `None` while nothing ends the process. A signal may come at any moment, so a loop
/// that waits asks again and again.
pub(crate) fn process_end() -> Option<Instant> {
    let limit = time_limit();
    let signal = signals::first();
    let now = Instant::now();
    if signal.is_some() || limit.is_some_and(|limit| now >= limit) {
        *lock(&ASKED) = Some(now);
    }
    let after = |moment: Option<Instant>, time| moment.map(|moment| moment + time);
    [after(limit, AFTER_LIMIT), after(signal, AFTER_SIGNAL)].into_iter().flatten().min()
}

/// When a wait for a reader, begun at that time, is over because the process is to end; `None` while nothing ends it.
pub(crate) fn wait_end(begun: Instant) -> Option<Instant> {
    process_end().map(|end| end.max(begun + LAST_MOMENT))
}

/// When the peers' side of closing handshakes is waited for no longer, where the process is to end, or a part of it is from now on.
pub(crate) fn peers_end() -> Instant {
    process_end();
    signals::first().unwrap_or_else(Instant::now) + PEERS_AFTER_SIGNAL
}

/// When the threads of connections are waited for no longer.
pub(crate) fn threads_end() -> Instant {
    process_end();
    signals::first().unwrap_or_else(Instant::now) + THREADS_AFTER_SIGNAL
}

/// Whether a wait for a reader, begun at that time, is over because the process is to end.
pub(crate) fn is_out_of_time(begun: Instant) -> bool {
    wait_end(begun).is_some_and(|end| Instant::now() >= end)
}
