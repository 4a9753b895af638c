//! Threads for connections: one each, taken over from a connection that has ended where there is
//! one, for starting a thread costs as much as the opening handshake that it is for.

use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// The stack of a thread. Only what is touched of it takes memory.
const STACK: usize = 256 * 1024;

/// How long a thread waits for the next connection before it ends.
const PATIENCE: Duration = Duration::from_secs(1);

type Job = Box<dyn FnOnce() + Send>;

/// Runs jobs side by side, as many as there are.
#[derive(Debug, Default)]
pub(crate) struct ThreadPool {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    done: Condvar,
}

#[derive(Default)]
struct State {
    /// Threads without a job. The last to have had one is the next to get one: its memory is still near.
    idle: Vec<Idle>,
    busy: usize,
    /// Somebody waits for `done`.
    awaited: bool,
    /// Threads that have been started.
    started: u64,
}

/// A thread's number, and how it gets its next job.
struct Idle {
    number: u64,
    hands: Sender<Job>,
}

impl ThreadPool {
    /// Begins a job at once.
    ///
    /// # Errors
    /// When it takes a new thread and there is none to be had; the job is dropped.
    pub(crate) fn begin(&self, job: impl FnOnce() + Send + 'static) -> io::Result<()> {
        let mut state = self.shared.lock();
        state.busy += 1;
        if let Some(thread) = state.idle.pop() {
            drop(state);
            // An idle thread leaves only once it isn't among the idle any more.
            let _ = thread.hands.send(Box::new(job));
            return Ok(());
        }
        state.started += 1;
        let number = state.started;
        drop(state);
        let shared = Arc::clone(&self.shared);
        let started = thread::Builder::new().stack_size(STACK).spawn(move || {
            shared.run(Box::new(job));
            let (hands, jobs) = channel();
            while let Some(next) = shared.wait_for_job(number, &hands, &jobs) {
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
        let mut state = self.shared.lock();
        state.awaited = true;
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
        if state.busy == 0 && state.awaited {
            self.done.notify_all();
        }
    }

    /// The next job of a thread, or `None` when none has come in time.
    fn wait_for_job(&self, number: u64, hands: &Sender<Job>, jobs: &Receiver<Job>) -> Option<Job> {
        self.lock().idle.push(Idle { number, hands: hands.clone() });
        if let Ok(job) = jobs.recv_timeout(PATIENCE) {
            return Some(job);
        }
        let mut state = self.lock();
        match state.idle.iter().position(|thread| thread.number == number) {
            Some(position) => {
                state.idle.remove(position);
                None
            }
            // It has been picked already, and its job is on the way.
            None => {
                drop(state);
                jobs.recv().ok()
            }
        }
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        write!(f, "{} busy, {} idle", state.busy, state.idle.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_run_side_by_side_and_a_panic_stays_alone() {
        let pool = ThreadPool::default();
        let (told, tell) = channel();
        let (go, gate) = channel::<()>();
        let first = told.clone();
        pool.begin(move || {
            gate.recv().unwrap();
            first.send("first").unwrap();
        })
        .unwrap();
        pool.begin(|| panic!("one job's trouble")).unwrap();
        pool.begin(move || told.send("second").unwrap()).unwrap();
        assert_eq!(tell.recv(), Ok("second"));
        go.send(()).unwrap();
        assert_eq!(tell.recv(), Ok("first"));
        pool.wait_for_none(Duration::from_secs(10));
        assert_eq!(pool.shared.lock().busy, 0);
    }

    #[test]
    fn an_idle_thread_takes_the_next_job() {
        let pool = ThreadPool::default();
        let (told, tell) = channel();
        for number in 0..3 {
            let told = told.clone();
            pool.begin(move || told.send(number).unwrap()).unwrap();
            assert_eq!(tell.recv(), Ok(number));
            while pool.shared.lock().idle.is_empty() {
                thread::yield_now();
            }
        }
        assert_eq!(pool.shared.lock().started, 1);
    }
}
