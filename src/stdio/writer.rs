//! stdout behind a thread, so that a reader who is slow never stops the connection.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Thread};

use crate::net::wait_writable;

/// Bytes that may wait for stdout before the connection has to.
const LIMIT: usize = 256 * 1024;

/// What is to be written, gathered until [`hand_over`](Self::hand_over).
#[derive(Debug)]
pub(crate) struct Output {
    gathered: Vec<u8>,
    full: bool,
    broken: bool,
    shared: Arc<Shared>,
    /// Parked while there is nothing to write.
    writer: Thread,
    /// Readable when there is room again, when stdout is broken, and when all is written.
    waker: UnixStream,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    /// Kept here so that the waker doesn't hang up when the thread ends.
    wake: UnixStream,
}

#[derive(Debug, Default)]
struct State {
    queue: Vec<u8>,
    wake_when_taken: bool,
    finishing: bool,
    finished: bool,
    failure: Option<io::Error>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
        let (waker, wake) = UnixStream::pair()?;
        waker.set_nonblocking(true)?;
        let shared = Arc::new(Shared { state: Mutex::default(), wake });
        let writer = Writer { file, shared: Arc::clone(&shared) };
        let writer = thread::Builder::new().name("output".into()).spawn(move || writer.run())?.thread().clone();
        Ok(Self { gathered: Vec::new(), full: false, broken: false, shared, writer, waker })
    }

    /// Lets `write` add to what is gathered.
    pub(crate) fn write(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        if !self.broken {
            write(&mut self.gathered);
        }
    }

    /// Gives the thread what was gathered.
    pub(crate) fn hand_over(&mut self) {
        if self.gathered.is_empty() {
            return;
        }
        let mut state = self.shared.lock();
        if state.queue.is_empty() {
            std::mem::swap(&mut state.queue, &mut self.gathered);
        } else {
            state.queue.extend_from_slice(&self.gathered);
        }
        self.gathered.clear();
        self.full = state.queue.len() >= LIMIT;
        state.wake_when_taken |= self.full;
        drop(state);
        self.writer.unpark();
    }

    pub(crate) fn has_room(&self) -> bool {
        self.broken || (!self.full && self.gathered.len() < LIMIT)
    }

    /// Takes notice of what the thread has done.
    pub(crate) fn woken(&mut self) {
        let _ = (&self.waker).read(&mut [0; 64]);
        let state = self.shared.lock();
        self.full = state.queue.len() >= LIMIT;
        self.broken = state.failure.is_some();
    }

    /// Whether stdout can't be written to any more. What is pushed then is dropped.
    pub(crate) fn is_broken(&self) -> bool {
        self.broken
    }

    /// Asks for the rest to be written. The waker tells when it is.
    pub(crate) fn begin_finish(&mut self) {
        self.hand_over();
        self.shared.lock().finishing = true;
        self.writer.unpark();
    }

    /// Whether all is written, or can't be: then with the reason.
    pub(crate) fn finished(&self) -> Option<Result<(), io::Error>> {
        let mut state = self.shared.lock();
        state.finished.then(|| state.failure.take().map_or(Ok(()), Err))
    }
}

impl AsFd for Output {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.waker.as_fd()
    }
}

struct Writer {
    file: File,
    shared: Arc<Shared>,
}

impl Writer {
    fn run(mut self) {
        let mut taken = Vec::new();
        while self.take(&mut taken) {
            let written = self.write_all(&taken);
            taken.clear();
            if let Err(error) = written {
                self.shared.lock().failure = Some(error);
                break;
            }
        }
        self.shared.lock().finished = true;
        self.wake();
    }

    /// Waits for something to write; false once there is no more to come.
    fn take(&mut self, taken: &mut Vec<u8>) -> bool {
        let mut state = self.shared.lock();
        while state.queue.is_empty() {
            if state.finishing {
                return false;
            }
            drop(state);
            thread::park();
            state = self.shared.lock();
        }
        std::mem::swap(&mut state.queue, taken);
        let wake = std::mem::take(&mut state.wake_when_taken);
        drop(state);
        if wake {
            self.wake();
        }
        true
    }

    /// Like the standard library's, but for a stdout that somebody else made non-blocking.
    fn write_all(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.file.write(bytes) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => bytes = &bytes[count..],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => wait_writable(&self.file),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn wake(&self) {
        // A full pipe wakes just as well.
        let _ = (&self.shared.wake).write(&[1]);
    }
}
