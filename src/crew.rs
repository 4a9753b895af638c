//! Threads for connections: one each, taken over from a connection that has ended where there is
//! one, for starting a thread costs as much as the opening handshake that it is for.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// The stack of a thread. Only what is touched of it takes memory.
const STACK: usize = 256 * 1024;

/// How long a thread waits for the next connection before it ends.
const PATIENCE: Duration = Duration::from_secs(1);

type Job = Box<dyn FnOnce() + Send>;

/// Runs jobs side by side, as many as there are.
#[derive(Debug, Default)]
pub(crate) struct Crew {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    work: Condvar,
    done: Condvar,
}

#[derive(Default)]
struct State {
    /// Jobs that an idle thread has been woken for.
    queue: VecDeque<Job>,
    idle: usize,
    busy: usize,
}

impl Crew {
    /// Begins a job at once.
    ///
    /// # Errors
    /// When it takes a new thread and there is none to be had; the job is dropped.
    pub(crate) fn begin(&self, job: impl FnOnce() + Send + 'static) -> io::Result<()> {
        let mut state = self.shared.lock();
        state.busy += 1;
        if state.idle > state.queue.len() {
            state.queue.push_back(Box::new(job));
            self.shared.work.notify_one();
            return Ok(());
        }
        drop(state);
        let shared = Arc::clone(&self.shared);
        let started = thread::Builder::new().stack_size(STACK).spawn(move || {
            shared.run(Box::new(job));
            while let Some(next) = shared.wait_for_job() {
                shared.run(next);
            }
        });
        if started.is_err() {
            self.shared.lock().busy -= 1;
        }
        started.map(drop)
    }

    /// Waits until no job is running, `most` at most.
    pub(crate) fn wait_for_none(&self, most: Duration) {
        let state = self.shared.lock();
        drop(self.shared.done.wait_timeout_while(state, most, |state| state.busy > 0));
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A job that panics ends alone.
    fn run(&self, job: Job) {
        let _ = catch_unwind(AssertUnwindSafe(job));
        let mut state = self.lock();
        state.busy -= 1;
        if state.busy == 0 {
            self.done.notify_all();
        }
    }

    fn wait_for_job(&self) -> Option<Job> {
        let deadline = Instant::now() + PATIENCE;
        let mut state = self.lock();
        state.idle += 1;
        let job = loop {
            if let Some(job) = state.queue.pop_front() {
                break Some(job);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break None;
            }
            state = self.work.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        };
        state.idle -= 1;
        job
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        write!(f, "{} busy, {} idle", state.busy, state.idle)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn jobs_run_side_by_side_and_a_panic_stays_alone() {
        let crew = Crew::default();
        let (told, tell) = mpsc::channel();
        let (go, gate) = mpsc::channel::<()>();
        let first = told.clone();
        crew.begin(move || {
            gate.recv().unwrap();
            first.send("first").unwrap();
        })
        .unwrap();
        crew.begin(|| panic!("one job's trouble")).unwrap();
        crew.begin(move || told.send("second").unwrap()).unwrap();
        assert_eq!(tell.recv(), Ok("second"));
        go.send(()).unwrap();
        assert_eq!(tell.recv(), Ok("first"));
        crew.wait_for_none(Duration::from_secs(10));
        assert_eq!(crew.shared.lock().busy, 0);
    }
}
