//! The thread that watches over a run: begins the load once all connections are open, and ends it.

use std::time::{Duration, Instant};

use super::histogram_log::HistogramLog;
use super::live_line::LiveLine;
use super::load::LoadTimes;
use super::run::{LoadRun, RunControl};
use crate::net::{Signals, process_cpu_time, wait_either};

/// What the run as a whole came to.
#[derive(Debug)]
pub(super) struct LoadOutcome {
    /// How long it was measured.
    pub(super) time: Duration,
    /// What the process took of the processors, and in how long: until the last connection was closed.
    pub(super) cpu: Duration,
    pub(super) cpu_within: Duration,
    pub(super) interrupted: bool,
}

/// Returns when no connection has anything to do any more. A signal ends all of them.
pub(super) fn watch(
    run: &LoadRun,
    control: &mut RunControl,
    signals: &Signals,
    mut line: Option<LiveLine>,
    mut log: Option<&mut HistogramLog>,
) -> LoadOutcome {
    let (mut times, mut cpu_before, mut interrupted) = (None::<LoadTimes>, None, false);
    loop {
        control.woken.drain();
        if signals.take() {
            interrupted = true;
            control.stop = None;
        }
        if times.is_none() && !interrupted && run.is_opened() {
            times = Some(run.begin_load(control));
            log.iter_mut().for_each(|log| log.begin(Instant::now()));
        }
        let now = Instant::now();
        let measured = times.map(|times| times.measured);
        if measured.is_some_and(|measured| now >= measured) {
            cpu_before.get_or_insert_with(|| (now, process_cpu_time()));
        }
        if run.is_opened() && !run.is_busy() && (times.is_some() || interrupted) {
            break;
        }
        if let Some(line) = &mut line {
            line.draw_when_due(run, times.as_ref(), now);
        }
        let log = log.as_mut().filter(|_| times.is_some());
        let next_line = log.map(|log| {
            log.write_when_due(&run.meter, now);
            log.next()
        });
        let begins = measured.filter(|_| cpu_before.is_none());
        let deadline = [begins, line.as_ref().map(LiveLine::next), next_line].into_iter().flatten().min();
        wait_either(&control.woken, signals, deadline);
    }
    let none = (Duration::ZERO, Duration::ZERO);
    let (cpu_within, cpu) = cpu_before
        .map_or(none, |(since, before)| (Instant::elapsed(&since), process_cpu_time().saturating_sub(before)));
    let time = times.map_or(Duration::ZERO, |times| measured_time(run, &times));
    LoadOutcome { time, cpu, cpu_within, interrupted }
}

/// From the end of the warm-up to the last message or answer, but no longer than the load was to last.
fn measured_time(run: &LoadRun, times: &LoadTimes) -> Duration {
    let last = run.idle_since().unwrap_or(times.measured);
    times.end.map_or(last, |end| end.min(last)).saturating_duration_since(times.measured)
}
