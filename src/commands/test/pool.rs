//! Files that run beside each other, each on a thread.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::results::{TestOutcome, TestResult};
use super::test_files::TestFile;
use crate::handlers::scenario::{CurrentStep, MaskedSecrets, ScenarioOpener, ScenarioRun, ScenarioStop};
use crate::net::{Signals, Stop, Stopper, Waker, Woken, threads_end, wait_either};

/// How long after the time of the run those are waited for that run still: longer than the steps at the end of a file may take
/// then, and less than the process has.
const LATE: Duration = Duration::from_millis(850);

/// How each of them is run.
pub(super) struct FileRun {
    pub(super) opener: Box<dyn ScenarioOpener + Send>,
    pub(super) variables: BTreeMap<String, String>,
    pub(super) secrets: MaskedSecrets,
    pub(super) timeout: Duration,
    pub(super) retry: u32,
    pub(super) latest: Option<Instant>,
}

/// Threads that take one file after the other.
pub(super) struct TestPool {
    threads: Vec<JoinHandle<()>>,
    outcomes: Receiver<TestOutcome>,
    woken: Woken,
    shared: Arc<PoolShared>,
    /// `None` once all are to stop.
    stopper: Option<Stopper>,
}

/// What there is to wait for.
pub(super) enum PoolNews {
    Outcome(TestOutcome),
    /// So much time has passed.
    Nothing,
    /// Nothing more comes: all are done, or are waited for no longer.
    End,
}

/// What the threads share.
struct PoolShared {
    files: Arc<Vec<TestFile>>,
    run: FileRun,
    next: AtomicUsize,
    /// No further file begins.
    is_over: AtomicBool,
    fail_fast: bool,
    stop: Stop,
    is_stopped: Arc<AtomicBool>,
    /// Where each file is.
    current: Vec<CurrentStep>,
    /// Those that a thread has begun, and is at no longer.
    left: Vec<AtomicBool>,
}

impl TestPool {
    /// # Errors
    /// When there are no threads or file descriptors left.
    pub(super) fn start(files: Arc<Vec<TestFile>>, run: FileRun, jobs: usize, fail_fast: bool) -> io::Result<Self> {
        let (stopper, stop) = Stop::pair()?;
        let (waker, woken) = Waker::pair()?;
        let (told, outcomes) = channel();
        let count = jobs.min(files.len());
        let (next, is_over, is_stopped) = (AtomicUsize::new(0), AtomicBool::new(false), Arc::default());
        let current = files.iter().map(|_| CurrentStep::default()).collect();
        let left = files.iter().map(|_| AtomicBool::new(false)).collect();
        let shared = Arc::new(PoolShared { files, run, next, is_over, fail_fast, stop, is_stopped, current, left });
        let start = |number| {
            let shared = Arc::clone(&shared);
            let teller = OutcomeTeller { told: told.clone(), waker: WakeOnDrop(waker.clone()) };
            thread::Builder::new().name(format!("test {number}")).spawn(move || shared.work(&teller))
        };
        let threads = (1..=count).map(start).collect::<io::Result<Vec<_>>>()?;
        Ok(Self { threads, outcomes, woken, shared, stopper: Some(stopper) })
    }

    /// The next that is over, waited for until `looks`. After a signal the others end.
    pub(super) fn next(&mut self, signals: &Signals, looks: Option<Instant>) -> PoolNews {
        loop {
            self.woken.drain();
            match self.outcomes.try_recv() {
                Ok(outcome) => return PoolNews::Outcome(outcome),
                Err(TryRecvError::Disconnected) => return PoolNews::End,
                Err(TryRecvError::Empty) => {}
            }
            if signals.take() {
                self.shared.is_stopped.store(true, Ordering::Relaxed);
                self.stopper = None;
            }
            let (now, end) = (Instant::now(), self.end());
            if end.is_some_and(|end| now >= end) {
                return PoolNews::End;
            }
            if looks.is_some_and(|looks| now >= looks) {
                return PoolNews::Nothing;
            }
            wait_either(&self.woken, signals, [end, looks].into_iter().flatten().min());
        }
    }

    /// When those are waited for no longer that run still.
    fn end(&self) -> Option<Instant> {
        let stopped = self.was_interrupted().then(threads_end);
        [stopped, self.shared.run.latest.map(|latest| latest + LATE)].into_iter().flatten().min()
    }

    /// Whether a signal has ended it.
    pub(super) fn was_interrupted(&self) -> bool {
        self.stopper.is_none()
    }

    /// Files that are to run.
    pub(super) fn count(&self) -> usize {
        self.shared.files.len()
    }

    /// Where the file is that began last, of those that run still.
    pub(super) fn current(&self) -> Option<String> {
        let begun = self.shared.next.load(Ordering::Relaxed).min(self.count());
        let (place, step) = self.shared.current[..begun].iter().rev().find_map(CurrentStep::get)?;
        Some(self.shared.run.secrets.masked(&format!("{place}: {step}")))
    }

    /// What is to be said of a file that has no outcome.
    pub(super) fn unfinished(&self, number: usize) -> TestOutcome {
        let current = &self.shared.current[number];
        let is_broken = self.shared.left[number].load(Ordering::Relaxed);
        let result = match if is_broken { current.report_broken_off() } else { current.report_endless() } {
            None => TestResult::NotRun,
            Some(failure) if is_broken => TestResult::Failed(failure.masked(&self.shared.run.secrets)),
            Some(_) if self.was_interrupted() => TestResult::Interrupted,
            Some(failure) => TestResult::Failed(failure.masked(&self.shared.run.secrets)),
        };
        let name = self.shared.files[number].name.clone();
        TestOutcome { number, name, result, runs: 1, took: Duration::ZERO }
    }

    /// Waits for the threads, unless some are waited for no longer.
    pub(super) fn join(&mut self) {
        if self.threads.iter().all(JoinHandle::is_finished) || self.end().is_none() {
            for thread in self.threads.drain(..) {
                // A panic was told where it happened.
                let _ = thread.join();
            }
        }
    }
}

/// The end at which a thread tells what has come. That it is gone is known before anybody is woken for it.
struct OutcomeTeller {
    told: Sender<TestOutcome>,
    waker: WakeOnDrop,
}

/// Says that a thread has left something, also by a panic.
struct SetOnDrop<'a>(&'a AtomicBool);

impl Drop for SetOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
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
        while !self.is_over.load(Ordering::Relaxed) && !self.is_stopped.load(Ordering::Relaxed) && !self.is_late() {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(file) = self.files.get(number) else { return };
            let left = SetOnDrop(&self.left[number]);
            let outcome = self.outcome(number, file);
            drop(left);
            if self.fail_fast && matches!(outcome.result, TestResult::Failed(_)) {
                self.is_over.store(true, Ordering::Relaxed);
            }
            // Whoever listens is there until all threads are gone, or doesn't want to know any more.
            let _ = teller.told.send(outcome);
            teller.waker.0.wake();
        }
    }

    fn is_late(&self) -> bool {
        self.run.latest.is_some_and(|latest| Instant::now() >= latest)
    }

    fn outcome(&self, number: usize, file: &TestFile) -> TestOutcome {
        let begun = Instant::now();
        let run = ScenarioRun {
            name: &file.name,
            opener: &*self.run.opener,
            stop: ScenarioStop::of_process(self.stop.clone(), Arc::clone(&self.is_stopped)),
            variables: self.run.variables.clone(),
            secrets: self.run.secrets.clone(),
            timeout: self.run.timeout,
            latest: self.run.latest,
            current: &self.current[number],
        };
        let mut runs = 0;
        loop {
            runs += 1;
            let result = TestResult::from(run.take(&file.scenario));
            self.current[number].clear();
            if !matches!(result, TestResult::Failed(_)) || runs > self.run.retry || self.is_late() {
                return TestOutcome { number, name: file.name.clone(), result, runs, took: begun.elapsed() };
            }
        }
    }
}
