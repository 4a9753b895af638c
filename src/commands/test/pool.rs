//! Files that run beside each other, each on a thread.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::test_files::TestFile;
use crate::handlers::scenario::{Halt, MaskedSecrets, ScenarioOpener, ScenarioRun};
use crate::net::{Signals, Stop, Stopper, Waker, Woken, wait_either};

/// How each of them is run.
pub(super) struct FileRun {
    pub(super) opener: Box<dyn ScenarioOpener + Send>,
    pub(super) variables: BTreeMap<String, String>,
    pub(super) secrets: MaskedSecrets,
    pub(super) timeout: Duration,
    pub(super) retry: u32,
    pub(super) latest: Option<Instant>,
}

/// What a file has come to.
#[derive(Debug)]
pub(super) struct TestOutcome {
    /// In the order in which they were named.
    pub(super) number: usize,
    pub(super) name: String,
    /// Why not all of it was done.
    pub(super) halt: Option<Halt>,
    /// How often it was run.
    pub(super) runs: u32,
    pub(super) took: Duration,
}

/// Threads that take one file after the other.
pub(super) struct TestPool {
    threads: Vec<JoinHandle<()>>,
    outcomes: Receiver<TestOutcome>,
    woken: Woken,
    is_stopped: Arc<AtomicBool>,
    /// `None` once all are to stop.
    stopper: Option<Stopper>,
}

/// What the threads share.
struct PoolShared {
    files: Arc<Vec<TestFile>>,
    run: Arc<FileRun>,
    next: AtomicUsize,
    /// No further file begins.
    is_over: AtomicBool,
    fail_fast: bool,
    stop: Stop,
    is_stopped: Arc<AtomicBool>,
}

impl TestPool {
    /// # Errors
    /// When there are no threads or file descriptors left.
    pub(super) fn start(
        files: Arc<Vec<TestFile>>,
        run: Arc<FileRun>,
        jobs: usize,
        fail_fast: bool,
    ) -> io::Result<Self> {
        let (stopper, stop) = Stop::pair()?;
        let (waker, woken) = Waker::pair()?;
        let (told, outcomes) = channel();
        let is_stopped = Arc::new(AtomicBool::new(false));
        let count = jobs.min(files.len());
        let (next, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
        let stopped = Arc::clone(&is_stopped);
        let shared = Arc::new(PoolShared { files, run, next, is_over, fail_fast, stop, is_stopped: stopped });
        let start = |number| {
            let shared = Arc::clone(&shared);
            let teller = OutcomeTeller { told: told.clone(), waker: WakeOnDrop(waker.clone()) };
            thread::Builder::new().name(format!("test {number}")).spawn(move || shared.work(&teller))
        };
        let threads = (1..=count).map(start).collect::<io::Result<Vec<_>>>()?;
        Ok(Self { threads, outcomes, woken, is_stopped, stopper: Some(stopper) })
    }

    /// The next that is over, waited for. After a signal the others end; `None` once all have.
    pub(super) fn next(&mut self, signals: &Signals) -> Option<TestOutcome> {
        loop {
            self.woken.drain();
            match self.outcomes.try_recv() {
                Ok(outcome) => return Some(outcome),
                Err(TryRecvError::Disconnected) => return None,
                Err(TryRecvError::Empty) => {}
            }
            if signals.take() {
                self.is_stopped.store(true, Ordering::Relaxed);
                self.stopper = None;
            }
            wait_either(&self.woken, signals, None);
        }
    }

    /// Whether a signal has ended it.
    pub(super) fn was_interrupted(&self) -> bool {
        self.stopper.is_none()
    }

    pub(super) fn join(&mut self) {
        for thread in self.threads.drain(..) {
            // A panic was told where it happened.
            let _ = thread.join();
        }
    }
}

/// The end at which a thread tells what has come. That it is gone is known before anybody is woken for it.
struct OutcomeTeller {
    told: Sender<TestOutcome>,
    waker: WakeOnDrop,
}

/// Wakes whoever waits for the outcomes, also when there is no further one.
struct WakeOnDrop(Waker);

impl Drop for WakeOnDrop {
    fn drop(&mut self) {
        self.0.wake();
    }
}

impl PoolShared {
    fn work(&self, teller: &OutcomeTeller) {
        while !self.is_over.load(Ordering::Relaxed) && !self.is_stopped.load(Ordering::Relaxed) {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(file) = self.files.get(number) else { return };
            let outcome = self.outcome(number, file);
            if self.fail_fast && matches!(outcome.halt, Some(Halt::Failed(_))) {
                self.is_over.store(true, Ordering::Relaxed);
            }
            // Whoever listens is there until all threads are gone.
            let _ = teller.told.send(outcome);
            teller.waker.0.wake();
        }
    }

    fn outcome(&self, number: usize, file: &TestFile) -> TestOutcome {
        let begun = Instant::now();
        let run = ScenarioRun {
            opener: &*self.run.opener,
            stop: self.stop.clone(),
            is_stopped: Arc::clone(&self.is_stopped),
            variables: self.run.variables.clone(),
            secrets: self.run.secrets.clone(),
            timeout: self.run.timeout,
            latest: self.run.latest,
        };
        let mut runs = 0;
        loop {
            runs += 1;
            let halt = run.take(&file.scenario).err();
            if !matches!(halt, Some(Halt::Failed(_))) || runs > self.run.retry {
                return TestOutcome { number, name: file.name.clone(), halt, runs, took: begun.elapsed() };
            }
        }
    }
}
