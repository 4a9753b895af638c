//! Lines of many threads for one reader, which may be slow, or not read at all.

use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::queue::Queue;
use super::terminal::Columns;
use super::write_thread::{QueueState, Sink, WriteThread};
use super::writer::{is_written, write_all_while};
use crate::net::is_out_of_time;
use crate::trace::record::Record;

/// Bytes of lines that may wait. As many again may be on their way to the reader.
const LIMIT: usize = 512 * 1024;

/// Bytes beyond [`LIMIT`] for lines that aren't to be dropped.
const RESERVE: usize = 256 * 1024;

/// How long a line that may be dropped waits for room, counted from when there was none: a reader that takes more than
/// a few megabytes a second misses nothing, and no connection is held up for longer by another.
const COURTESY: Duration = Duration::from_millis(100);

/// A reader that takes nothing for so long isn't waited for.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often it is looked whether a reader has taken something.
const LOOK: Duration = Duration::from_millis(50);

/// POSIX's smallest `PIPE_BUF`, rounded up to Linux's: what is written at once isn't mixed with what other processes
/// write to the same pipe.
const ATOMIC: usize = 4096;

/// What is written to a file at once isn't mixed with anything.
const OF_A_FILE: usize = 64 * 1024;

/// Writes lines by a thread of its own, in the order in which they come. Nobody waits for the reader longer than
/// [`WhenFull`] says.
#[derive(Debug)]
pub(crate) struct LineWriter {
    thread: WriteThread,
    notice: Notice,
    written: Arc<Written>,
}

/// What has come of the lines.
#[derive(Debug, Default)]
struct Written {
    /// Bytes that the reader has taken.
    bytes: AtomicU64,
    /// Why the last of what couldn't be written couldn't.
    failure: Mutex<Option<io::Error>>,
    /// Nobody writes any more: what a reader doesn't take at once is given up.
    abandoned: AtomicBool,
}

/// What stands in the place of so many lines that were dropped, itself a line.
type Notice = fn(u64) -> String;

/// What becomes of a line when too many wait already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WhenFull {
    /// It is dropped, and counted. For lines of which a peer may cause any number.
    Drop,
    /// Whoever writes it waits as long as the reader takes something every now and then: for lines of which none is to be
    /// missing, and whose source may be slowed down.
    Wait,
    /// It is kept, at the price of a wait for the reader if there are too many of these too.
    Keep,
}

impl WhenFull {
    const fn limit(self) -> usize {
        match self {
            Self::Drop | Self::Wait => LIMIT,
            Self::Keep => LIMIT + RESERVE,
        }
    }
}

impl LineWriter {
    /// Where lines were dropped, `notice` says how many.
    ///
    /// # Errors
    /// When there is no thread to be had.
    pub(crate) fn to(file: File, name: &str, notice: Notice) -> io::Result<Self> {
        let written = Arc::<Written>::default();
        let is_file = file.metadata().is_ok_and(|metadata| metadata.is_file());
        let at_once = if is_file { OF_A_FILE } else { ATOMIC };
        let lines = LineSink { file, at_once, notice, written: Arc::clone(&written) };
        Ok(Self { thread: WriteThread::start(name, lines, None)?, notice, written })
    }

    /// Writes whole lines, which stay together.
    pub(crate) fn write(&self, lines: &[u8], when_full: WhenFull) {
        let count = || memchr::memchr_iter(b'\n', lines).count() as u64;
        self.add(when_full, count, |queue| queue.extend_from_slice(lines));
    }

    /// Writes the line of a record. A long one isn't copied.
    pub(crate) fn write_record(&self, record: Record<'_>, terminal: Option<Columns>, when_full: WhenFull) {
        self.add(when_full, || 1, |queue| queue.push_record(record, terminal));
    }

    fn add(&self, when_full: WhenFull, count: impl FnOnce() -> u64, add: impl FnOnce(&mut Queue)) {
        let mut state = self.thread.lock();
        if state.queue.len() >= when_full.limit() {
            state = match when_full {
                WhenFull::Drop => self.wait_briefly(state),
                WhenFull::Wait | WhenFull::Keep => self.wait_for_room(state, when_full.limit()),
            };
        }
        if state.queue.len() >= when_full.limit() {
            state.congestion.dropped += count();
            return;
        }
        let dropped = std::mem::take(&mut state.congestion.dropped);
        if dropped > 0 {
            state.queue.extend_from_slice((self.notice)(dropped).as_bytes());
        }
        add(&mut state.queue);
        match when_full {
            WhenFull::Drop | WhenFull::Wait => self.thread.wake_soon(state),
            WhenFull::Keep => {
                drop(state);
                self.thread.wake();
            }
        }
    }

    /// Why something that was written before could not be, if that is news.
    pub(crate) fn take_failure(&self) -> Option<io::Error> {
        self.written.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Whether anything waits that was written before.
    pub(crate) fn is_behind(&self) -> bool {
        !self.thread.lock().queue.is_empty()
    }

    /// Waits until everything is written, or the reader takes nothing; returns whether it is written.
    pub(crate) fn flush(&self) -> bool {
        is_written(&self.wait_for_reader(self.thread.lock(), PATIENCE, is_written))
    }

    /// The same for a reader that is there: one that isn't costs no more than a moment.
    pub(crate) fn flush_briefly(&self) {
        drop(self.wait_for_reader(self.thread.lock(), COURTESY, is_written));
    }

    /// One span of time for all who find no room.
    fn wait_briefly<'a>(&'a self, mut state: MutexGuard<'a, QueueState>) -> MutexGuard<'a, QueueState> {
        let deadline = *state.congestion.since.get_or_insert_with(Instant::now) + COURTESY;
        while state.queue.len() >= LIMIT {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            state = self.thread.wait(state, left);
        }
        state
    }

    /// Once in vain, nobody waits again until the reader has taken the queue.
    fn wait_for_room<'a>(&'a self, mut state: MutexGuard<'a, QueueState>, limit: usize) -> MutexGuard<'a, QueueState> {
        if !state.congestion.reader_is_stuck {
            let has_room = |state: &QueueState| state.queue.len() < limit;
            state = self.wait_for_reader(state, PATIENCE, has_room);
            state.congestion.reader_is_stuck = !has_room(&state);
        }
        state
    }

    /// Waits for what `is_done` looks for while the reader takes something every now and then.
    fn wait_for_reader<'a>(
        &'a self,
        mut state: MutexGuard<'a, QueueState>,
        patience: Duration,
        is_done: impl Fn(&QueueState) -> bool,
    ) -> MutexGuard<'a, QueueState> {
        let begun = Instant::now();
        let mut seen = (self.written.bytes.load(Ordering::Relaxed), begun);
        while !is_done(&state) && seen.1.elapsed() < patience && !is_out_of_time(begun) {
            state = self.thread.wait(state, LOOK);
            let written = self.written.bytes.load(Ordering::Relaxed);
            if written != seen.0 {
                seen = (written, Instant::now());
            }
        }
        state
    }
}

impl Drop for LineWriter {
    /// Ends the thread, once it has written what the reader takes without being waited for.
    fn drop(&mut self) {
        self.written.abandoned.store(true, Ordering::Relaxed);
        self.thread.lock().finishing = true;
        self.thread.wake();
    }
}

/// Writes a few whole lines at a time.
struct LineSink {
    file: File,
    /// Bytes that are written at once, at most.
    at_once: usize,
    notice: Notice,
    written: Arc<Written>,
}

impl Sink for LineSink {
    /// A line that waits so long isn't late for a person; a thread that is woken for each of ten thousand lines a second
    /// takes the processor from the connections whose lines they are.
    const REST: Duration = Duration::from_millis(5);

    fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let (chunk, rest) = bytes.split_at(chunk_length(bytes, self.at_once));
            let is_wanted = || !self.written.abandoned.load(Ordering::Relaxed);
            // A disk that is full may have room for the next.
            if let Err(error) = write_all_while(&mut self.file, chunk, is_wanted) {
                *self.written.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            }
            self.written.bytes.fetch_add(chunk.len() as u64, Ordering::Relaxed);
            bytes = rest;
        }
        Ok(())
    }

    fn notice(&self, dropped: u64) -> String {
        (self.notice)(dropped)
    }
}

/// As many lines as can be written at once; of one that is longer, a part.
fn chunk_length(bytes: &[u8], most: usize) -> usize {
    if bytes.len() <= most {
        return bytes.len();
    }
    memchr::memrchr(b'\n', &bytes[..most]).map_or(most, |end| end + 1)
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::os::fd::OwnedFd;

    use super::*;

    fn writer() -> (io::PipeReader, LineWriter) {
        let (reader, pipe) = io::pipe().unwrap();
        let notice = |dropped| format!("{dropped} dropped\n");
        (reader, LineWriter::to(OwnedFd::from(pipe).into(), "lines", notice).unwrap())
    }

    /// Everything, once the writer has no more.
    fn finish(mut reader: io::PipeReader, writer: LineWriter) -> String {
        writer.flush();
        drop(writer);
        let mut read = String::new();
        reader.read_to_string(&mut read).unwrap();
        read
    }

    #[test]
    fn where_lines_are_missing_stands_how_many() {
        let (reader, writer) = writer();
        let line = format!("{}\n", "x".repeat(999));
        let sent = 4 * LIMIT / line.len();
        for _ in 0..sent {
            writer.write(line.as_bytes(), WhenFull::Drop);
        }
        writer.write(b"the end\n", WhenFull::Keep);
        let read = finish(reader, writer);
        let lines: Vec<_> = read.lines().collect();
        let [whole @ .., notice, end] = &lines[..] else { panic!("{} lines", lines.len()) };
        let dropped: usize = notice.strip_suffix(" dropped").unwrap().parse().unwrap();
        assert_eq!((*end, whole.len() + dropped), ("the end", sent));
        assert!(read.len() < 3 * LIMIT && whole.iter().all(|line| line.len() == 999));
    }

    #[test]
    fn a_reader_that_reads_misses_nothing() {
        for when_full in [WhenFull::Keep, WhenFull::Wait] {
            let (mut reader, writer) = writer();
            let line = format!("{}\n", "x".repeat(99));
            let reading = std::thread::spawn(move || reader.read_to_end(&mut Vec::new()).unwrap());
            for _ in 0..50_000 {
                writer.write(line.as_bytes(), when_full);
            }
            writer.flush();
            assert!(!writer.is_behind());
            drop(writer);
            assert_eq!(reading.join().unwrap(), 5_000_000);
        }
    }

    #[test]
    fn lines_are_written_whole() {
        let short = b"short\n".repeat(1000);
        assert_eq!(chunk_length(&short, ATOMIC), ATOMIC / 6 * 6);
        assert_eq!(chunk_length(&short[..12], ATOMIC), 12);
        assert_eq!(chunk_length(&[b'x'; 5000], ATOMIC), ATOMIC);
    }
}
