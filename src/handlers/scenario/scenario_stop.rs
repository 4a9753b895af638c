//! What ends steps, and every wait of theirs, before their time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Instant;

use super::line::{ScenarioLine, Waited};
use crate::net::{Stop, wait_readable_until};

/// Whoever ends steps before their time.
#[derive(Debug)]
pub(crate) struct ScenarioStop(StopSource);

#[derive(Debug)]
enum StopSource {
    /// The end of the process, which ends their connections too.
    Process { stop: Stop, is_stopped: Arc<AtomicBool> },
    /// The one connection that they are taken on, which somebody else runs.
    Connection(Arc<ScenarioLine>),
}

impl ScenarioStop {
    /// `is_stopped` is set before `stop` is thrown.
    pub(crate) fn of_process(stop: Stop, is_stopped: Arc<AtomicBool>) -> Self {
        Self(StopSource::Process { stop, is_stopped })
    }

    pub(super) fn of_connection(line: Arc<ScenarioLine>) -> Self {
        Self(StopSource::Connection(line))
    }

    /// Whether steps are to end now. The last steps of a file are taken though the process is to end, as long as their connection
    /// is there.
    pub(super) fn has_come(&self, are_last: bool) -> bool {
        match &self.0 {
            StopSource::Process { is_stopped, .. } => !are_last && is_stopped.load(Ordering::Relaxed),
            StopSource::Connection(line) => line.is_interrupted(),
        }
    }

    /// What connections watch that steps open.
    pub(super) fn of_opened(&self) -> Option<&Stop> {
        match &self.0 {
            StopSource::Process { stop, .. } => Some(stop),
            StopSource::Connection(_) => None,
        }
    }

    /// Lets time pass up to a moment, or to the end of the steps. On a connection that has ended there is nothing to be in time for.
    pub(super) fn delay(&self, are_last: bool, ends: Instant) {
        match &self.0 {
            StopSource::Process { .. } if are_last => thread::sleep(ends.saturating_duration_since(Instant::now())),
            // Where the time of the run is limited, one wait is shorter than was asked for.
            StopSource::Process { stop, .. } => {
                while Instant::now() < ends && !self.has_come(are_last) {
                    wait_readable_until(stop, Some(ends));
                }
            }
            StopSource::Connection(line) => match line.wait(ends, |state| state.end.clone()) {
                Waited::Found(_) | Waited::TimedOut | Waited::Interrupted => {}
            },
        }
    }
}
