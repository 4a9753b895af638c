//! What the threads of a run share: how far it is, and what came of it.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use super::fan_out::Deliveries;
use super::load::{LoadConfig, LoadTimes};
use super::message::LoadMessage;
use super::meter::Meter;
use super::pacer::Pacer;
use super::results::ConnectionResults;
use crate::net::{Stop, Stopper, Timing, Waker, Woken};

/// How much sooner than the first planned message each connection is told, that all of them have had a turn by then.
const FIRST_TURN: Duration = Duration::from_micros(20);

/// What the threads of a run share.
#[derive(Debug)]
pub(super) struct LoadRun {
    pub(super) config: LoadConfig,
    pub(super) message: LoadMessage,
    pub(super) meter: Meter,
    /// Readable once [`times`](Self::times) are known.
    pub(super) begun: Stop,
    pub(super) timing: Timing,
    /// Readable once all of it is to end.
    pub(super) stop: Stop,
    times: OnceLock<LoadTimes>,
    deliveries: OnceLock<Arc<Deliveries>>,
    results: Mutex<ConnectionResults>,
    /// The next connection to be opened.
    next: AtomicUsize,
    /// Those that are neither open nor given up.
    unopened: AtomicUsize,
    /// Those that are open.
    open: Mutex<usize>,
    /// Those that still have something to do.
    busy: AtomicUsize,
    /// When the last of them had nothing more to do.
    idle_since: Mutex<Option<Instant>>,
    waker: Waker,
}

/// One connection that has something to do.
#[derive(Debug)]
pub(super) struct BusyGuard<'a> {
    run: &'a LoadRun,
    /// Nothing more to do since then; now unless that is said.
    since: Option<Instant>,
}

impl BusyGuard<'_> {
    pub(super) fn finish(mut self, since: Instant) {
        self.since = Some(since);
    }
}

impl Drop for BusyGuard<'_> {
    fn drop(&mut self) {
        self.run.finished(self.since.unwrap_or_else(Instant::now));
    }
}

/// What the thread that watches over a run has of it.
#[derive(Debug)]
pub(super) struct RunControl {
    pub(super) woken: Woken,
    /// Dropped when the load begins.
    pub(super) begin: Option<Stopper>,
    /// Dropped to end all of it.
    pub(super) stop: Option<Stopper>,
}

impl LoadRun {
    /// # Errors
    /// When there are no file descriptors left.
    pub(super) fn new(config: LoadConfig, message: LoadMessage, timing: Timing) -> io::Result<(Self, RunControl)> {
        let (waker, woken) = Waker::pair()?;
        let (begin, begun) = Stop::pair()?;
        let (stopper, stop) = Stop::pair()?;
        let connections = config.connections;
        let run = Self {
            meter: Meter::new(config.workers()),
            config,
            message,
            begun,
            timing,
            times: OnceLock::new(),
            deliveries: OnceLock::new(),
            results: Mutex::default(),
            next: AtomicUsize::new(1),
            unopened: AtomicUsize::new(connections),
            open: Mutex::default(),
            busy: AtomicUsize::new(0),
            idle_since: Mutex::default(),
            stop,
            waker,
        };
        Ok((run, RunControl { woken, begin: Some(begin), stop: Some(stopper) }))
    }

    /// The number of the next connection to be opened, from 1; `None` where there is none.
    pub(super) fn next_to_open(&self) -> Option<usize> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        (number < self.config.connections).then_some(number)
    }

    /// One more is open: its place among those that are, from 0. It has something to do until what comes with it is dropped.
    pub(super) fn open_one(&self) -> (usize, BusyGuard<'_>) {
        let mut open = self.lock_open();
        let place = *open;
        *open += 1;
        (place, self.stays_busy())
    }

    fn lock_open(&self) -> MutexGuard<'_, usize> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection has something to do until what comes back is dropped.
    pub(super) fn stays_busy(&self) -> BusyGuard<'_> {
        self.busy.fetch_add(1, Ordering::AcqRel);
        BusyGuard { run: self, since: None }
    }

    /// One of those that were to be opened is open, or never will be.
    pub(super) fn settle_one(&self) {
        self.unopened.fetch_sub(1, Ordering::AcqRel);
        self.waker.wake();
    }

    /// Begins the load on all that are open.
    pub(super) fn begin_load(&self, control: &mut RunControl) -> LoadTimes {
        let connections = *self.lock_open();
        let begin = Instant::now() + FIRST_TURN.saturating_mul(u32::try_from(connections).unwrap_or(u32::MAX));
        let times = self.config.times(begin, connections);
        if self.config.fan_out.is_some() {
            let subscribers = connections - times.senders;
            self.deliveries.get_or_init(|| Arc::new(Deliveries::new(&self.config, &times, subscribers)));
        }
        let times = *self.times.get_or_init(|| times);
        control.begin = None;
        times
    }

    /// What is published, once the load has begun.
    pub(super) fn deliveries(&self) -> Option<Arc<Deliveries>> {
        self.deliveries.get().cloned()
    }

    /// Once the load has begun.
    pub(super) fn times(&self) -> Option<LoadTimes> {
        self.times.get().copied()
    }

    /// A connection has nothing more to do, since then.
    fn finished(&self, since: Instant) {
        let mut idle_since = self.idle_since.lock().unwrap_or_else(PoisonError::into_inner);
        *idle_since = (*idle_since).max(Some(since));
        drop(idle_since);
        if self.busy.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.waker.wake();
        }
    }

    pub(super) fn is_opened(&self) -> bool {
        self.unopened.load(Ordering::Acquire) == 0
    }

    /// Whether any connection has something to do.
    pub(super) fn is_busy(&self) -> bool {
        self.busy.load(Ordering::Acquire) > 0
    }

    pub(super) fn open_count(&self) -> usize {
        *self.lock_open()
    }

    pub(super) fn busy_count(&self) -> usize {
        self.busy.load(Ordering::Relaxed)
    }

    /// When the last connection had nothing more to do.
    pub(super) fn idle_since(&self) -> Option<Instant> {
        *self.idle_since.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What became of the connections, once all have ended.
    pub(super) fn into_results(self) -> ConnectionResults {
        let times = self.times();
        let mut results = self.results.into_inner().unwrap_or_else(PoisonError::into_inner);
        // What was planned for those that had gone before the load began.
        for place in std::mem::take(&mut results.early) {
            let Some(times) = times.filter(|times| place < times.senders) else { continue };
            let by_time = || times.end.map_or(0, |end| Pacer::new(self.config.pacing, place, &times).missed(end));
            results.unsent += self.config.share(place, times.senders).unwrap_or_else(by_time);
        }
        results
    }

    pub(super) fn results(&self) -> MutexGuard<'_, ConnectionResults> {
        self.results.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
