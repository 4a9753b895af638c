//! stdout behind a thread, so that a reader who is slow never stops the connection.

use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::queue::Queue;
use super::write_thread::{QueueState, Sink, WriteThread};
use crate::net::{Waker, Woken, wait_writable};
use crate::view::amount::Count;

/// Bytes that may wait for stdout before the connection has to.
const LIMIT: usize = 256 * 1024;

/// How often it is looked whether what waits for a non-blocking descriptor is still wanted.
const LOOK: Duration = Duration::from_millis(250);

/// What is to be written, gathered until [`hand_over`](Self::hand_over). Once this is dropped, nobody waits any more for a
/// reader on the other side of a non-blocking descriptor.
#[derive(Debug)]
pub(crate) struct Output {
    gathered: Queue,
    /// Nothing is gathered, for lines come between.
    eager: bool,
    /// What the descriptor has room for is written without the thread.
    at_once: bool,
    full: bool,
    broken: bool,
    thread: WriteThread,
    wanted: Arc<AtomicBool>,
    /// Readable when there is room again, when stdout is broken, and when all is written.
    woken: Woken,
    /// The same as the thread has, to see that its reader is gone. Our controlling terminal says that with SIGHUP.
    sink: Option<File>,
}

impl Output {
    /// # Errors
    /// When stdout is closed, or there is no thread to be had.
    pub(crate) fn to_stdout() -> io::Result<Self> {
        Self::to(File::from(io::stdout().as_fd().try_clone_to_owned()?))
    }

    /// # Errors
    /// When there is no thread or no descriptor to be had.
    pub(crate) fn to(file: File) -> io::Result<Self> {
        let (waker, woken) = Waker::pair()?;
        let wanted = Arc::new(AtomicBool::new(true));
        let is_controlling = file.is_terminal() && rustix::termios::tcgetsid(&file).is_ok();
        let sink = if is_controlling { None } else { Some(file.try_clone()?) };
        let thread = WriteThread::start("output", RawBytes { file, wanted: Arc::clone(&wanted) }, Some(waker))?;
        let at_once = cfg!(target_os = "linux") && sink.is_some();
        let gathered = Queue::default();
        Ok(Self { gathered, eager: false, at_once, full: false, broken: false, thread, wanted, woken, sink })
    }

    /// Lets `write` add to what is gathered.
    pub(crate) fn write(&mut self, write: impl FnOnce(&mut Queue)) {
        if !self.broken {
            write(&mut self.gathered);
        }
        if self.eager {
            self.hand_over();
        }
    }

    /// Gathers nothing from now on, for lines come between, through what is returned.
    pub(super) fn take_lines(&mut self) -> WriteThread {
        self.eager = true;
        self.thread.clone()
    }

    /// Writes what was gathered: as much as a pipe or a socket has room for now, and the rest by the thread, which costs two
    /// context switches.
    pub(crate) fn hand_over(&mut self) {
        if self.gathered.is_empty() {
            return;
        }
        let mut state = self.thread.lock();
        if self.at_once && !self.eager && is_written(&state) && state.failure.is_none() {
            // One that can't be asked not to wait can't be asked later either.
            self.at_once =
                self.sink.as_ref().is_some_and(|sink| self.gathered.write_some(|bytes| write_now(sink, bytes)));
            if self.gathered.is_empty() {
                return;
            }
        }
        state.queue.append(&mut self.gathered);
        self.full = is_full(&state);
        state.awaited |= self.full;
        drop(state);
        self.thread.wake();
    }

    pub(crate) fn has_room(&self) -> bool {
        self.broken || (!self.full && self.gathered.len() < LIMIT)
    }

    /// Wakes the thread that polls this, which looks here then too.
    pub(crate) fn waker(&self) -> Waker {
        self.woken.waker()
    }

    /// Takes notice of what the thread has done.
    pub(crate) fn woken(&mut self) {
        self.woken.drain();
        let mut state = self.thread.lock();
        self.full = is_full(&state);
        state.awaited |= self.full;
        self.broken = state.failure.is_some();
    }

    /// Whether stdout can't be written to any more. What is pushed then is dropped.
    pub(crate) fn is_broken(&self) -> bool {
        self.broken
    }

    /// Where it is written to, while that is worth looking at for a reader who has gone.
    pub(crate) fn sink(&self) -> Option<BorrowedFd<'_>> {
        self.sink.as_ref().filter(|_| !self.broken).map(AsFd::as_fd)
    }

    /// The reader has gone: what a write would find now, though there is nothing to write.
    pub(crate) fn sink_closed(&mut self) {
        self.broken = true;
        self.thread.lock().failure.get_or_insert_with(|| io::ErrorKind::BrokenPipe.into());
    }

    /// Asks for the rest to be written. The descriptor tells when it is.
    pub(crate) fn begin_finish(&mut self) {
        self.hand_over();
        self.thread.lock().finishing = true;
        self.thread.wake();
    }

    /// Whether all is written, or can't be: then with the reason.
    pub(crate) fn finished(&self) -> Option<Result<(), io::Error>> {
        let mut state = self.thread.lock();
        state.finished.then(|| state.failure.take().map_or(Ok(()), Err))
    }
}

/// A long record counts until it is written, for it isn't copied on the way.
pub(super) fn is_full(state: &QueueState) -> bool {
    state.queue.len() + state.writing_long >= LIMIT
}

/// Whether nothing waits for the thread, and the thread for nobody.
pub(super) fn is_written(state: &QueueState) -> bool {
    state.queue.is_empty() && !state.writing
}

/// Writes as much as there is room for without waiting; none where the descriptor can't do that, or failed: its thread
/// tells why.
#[cfg(target_os = "linux")]
fn write_now(file: &File, bytes: &[u8]) -> Option<usize> {
    use rustix::io::{Errno, ReadWriteFlags, pwritev2};
    match pwritev2(file, &[io::IoSlice::new(bytes)], u64::MAX, ReadWriteFlags::NOWAIT) {
        Ok(count) => Some(count),
        Err(Errno::AGAIN | Errno::INTR) => Some(0),
        Err(_) => None,
    }
}

#[cfg(not(target_os = "linux"))]
fn write_now(_file: &File, _bytes: &[u8]) -> Option<usize> {
    None
}

impl AsFd for Output {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.woken.as_fd()
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        self.wanted.store(false, Ordering::Relaxed);
    }
}

/// Bytes as they come, until they can't be written any more.
struct RawBytes {
    file: File,
    wanted: Arc<AtomicBool>,
}

impl Sink for RawBytes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        write_all_while(&mut self.file, bytes, || self.wanted.load(Ordering::Relaxed))
    }

    fn notice(&self, dropped: u64) -> String {
        format!("[log] {} dropped: the terminal was not read\n", Count(dropped, "line"))
    }
}

/// Like the standard library's `write_all`, but for a descriptor that somebody else made non-blocking, and until it
/// `is_wanted` no more.
pub(super) fn write_all_while(file: &mut File, mut bytes: &[u8], is_wanted: impl Fn() -> bool) -> io::Result<()> {
    while !bytes.is_empty() {
        match file.write(bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => bytes = &bytes[count..],
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && is_wanted() => wait_writable(&*file, LOOK),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
