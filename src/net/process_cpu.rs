//! What this process takes of the processors, and how punctually its threads are woken.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// The time that all threads of this process, those that have ended included, have had on a processor.
pub(crate) fn process_cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    // No process has run for a negative time.
    Duration::new(time.tv_sec.try_into().unwrap_or_default(), time.tv_nsec.try_into().unwrap_or_default())
}

/// Has this thread, and those that it starts from now on, woken when a deadline is over and not up to 50 µs later, which Linux
/// takes as leave to wake several threads at once (prctl(2), PR_SET_TIMERSLACK).
pub(crate) fn wake_punctually() {
    #[cfg(target_os = "linux")]
    // Where it is refused, threads are woken as late as others.
    let _ = rustix::thread::set_current_timer_slack(std::num::NonZeroU64::new(1));
}
