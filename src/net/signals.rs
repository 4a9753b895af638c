//! SIGINT, SIGTERM and SIGHUP as something to wait on.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, OnceLock};
use std::time::Instant;

use rustix::event::{PollFd, PollFlags};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::{flag, low_level};

use super::Waker;
use super::poll::{GONE, wait_for};

const ALL: [i32; 3] = [SIGINT, SIGTERM, SIGHUP];

/// The last signal that has come, 0 before the first.
static LATEST: LazyLock<Arc<AtomicUsize>> = LazyLock::new(Arc::default);

/// When the first signal was noticed.
static FIRST: OnceLock<Instant> = OnceLock::new();

/// Readable whenever the process has been asked to end. From its creation on the signals no longer
/// end the process by themselves, but while they are [`released`](Self::released).
#[derive(Debug)]
pub(crate) struct Signals {
    reader: UnixStream,
    /// Without one, the reader would be readable for ever.
    _writer: UnixStream,
    /// Those that were not ignored before.
    caught: Vec<i32>,
    /// Whether a signal ends the process by itself all the same.
    are_released: Arc<AtomicBool>,
}

/// Who asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    Interrupt,
    Terminate,
    HangUp,
}

impl Signals {
    /// # Errors
    /// When there are no file descriptors left.
    pub(crate) fn catch() -> io::Result<Self> {
        Self::catch_these(&ALL)
    }

    /// The same without SIGHUP, which is caught by [`HangUps`].
    ///
    /// # Errors
    /// As [`catch`](Self::catch).
    pub(crate) fn catch_but_hang_ups() -> io::Result<Self> {
        Self::catch_these(&[SIGINT, SIGTERM])
    }

    fn catch_these(signals: &[i32]) -> io::Result<Self> {
        let (reader, writer) = UnixStream::pair()?;
        reader.set_nonblocking(true)?;
        let are_released = Arc::new(AtomicBool::new(false));
        let caught: Vec<_> = signals.iter().copied().filter(|signal| !is_ignored(*signal)).collect();
        for &signal in &caught {
            flag::register_conditional_default(signal, Arc::clone(&are_released))?;
            // In this order, so that whoever is woken finds the number.
            flag::register_usize(signal, Arc::clone(&LATEST), signal as usize)?;
            low_level::pipe::register(signal, writer.try_clone()?)?;
        }
        Ok(Self { reader, _writer: writer, caught, are_released })
    }

    /// A descriptor that has a byte for each signal from now on, for a thread that has nothing else to do.
    ///
    /// # Errors
    /// When there are no file descriptors left.
    pub(super) fn watch(&self) -> io::Result<UnixStream> {
        let (reader, writer) = UnixStream::pair()?;
        for &signal in &self.caught {
            low_level::pipe::register(signal, writer.try_clone()?)?;
        }
        Ok(reader)
    }

    /// Wakes another one too whenever a signal comes.
    ///
    /// # Errors
    /// When there are no file descriptors left.
    pub(crate) fn wake(&self, waker: &Waker) -> io::Result<()> {
        self.caught.iter().try_for_each(|signal| low_level::pipe::register(*signal, waker.writer()?).map(drop))
    }

    /// Lets a signal end the process during `work`, which nothing else could interrupt: to open or to read a file may take
    /// for ever.
    pub(crate) fn released<T>(&self, work: impl FnOnce() -> T) -> T {
        self.with_released(true, || {
            if LATEST.load(Ordering::SeqCst) != 0 {
                obey();
            }
            work()
        })
    }

    /// Keeps signals from ending the process during `work`, a part of what they are [`released`](Self::released) for. It
    /// has to watch for them.
    pub(crate) fn held<T>(&self, work: impl FnOnce() -> T) -> T {
        self.with_released(false, work)
    }

    fn with_released<T>(&self, are_released: bool, work: impl FnOnce() -> T) -> T {
        let before = self.are_released.swap(are_released, Ordering::SeqCst);
        let done = work();
        self.are_released.store(before, Ordering::SeqCst);
        done
    }

    /// Takes one signal, if one has come.
    pub(crate) fn take(&self) -> bool {
        first();
        (&self.reader).read(&mut [0]).is_ok_and(|count| count > 0)
    }

    /// Whether a signal has come at all.
    pub(crate) fn have_come(&self) -> bool {
        LATEST.load(Ordering::SeqCst) != 0
    }

    /// The last signal that has come.
    pub(crate) fn latest(&self) -> Signal {
        latest()
    }
}

/// SIGHUP where it is no end, but has files read again, unless it comes since the terminal is gone from which the process was
/// started. From its creation on it doesn't end the process by itself.
#[derive(Debug)]
pub(crate) struct HangUps {
    reader: UnixStream,
    /// Which sends it when it goes.
    terminal: Option<File>,
    /// Without one, the reader would be at its end.
    _writer: UnixStream,
}

impl HangUps {
    /// `None` where the process was started with SIGHUP ignored, and it is to stay so.
    ///
    /// # Errors
    /// When there are no file descriptors left.
    pub(crate) fn catch() -> io::Result<Option<Self>> {
        if is_ignored(SIGHUP) {
            return Ok(None);
        }
        let (reader, writer) = UnixStream::pair()?;
        low_level::pipe::register(SIGHUP, writer.try_clone()?)?;
        // There is none where the process is a service.
        let terminal = File::open("/dev/tty").ok();
        Ok(Some(Self { reader, terminal, _writer: writer }))
    }

    /// Waits for the next by which somebody wants files to be read. Several that have come meanwhile are one. Returns false where
    /// none can come any more: the terminal is gone, and SIGTERM follows.
    pub(crate) fn wait(&self) -> bool {
        let has_come = (&self.reader).read(&mut [0; 64]).is_ok_and(|count| count > 0);
        if has_come && self.terminal.as_ref().is_some_and(is_hung_up) {
            // Ends as whoever sends that would have it: nobody is there any more for whom the process could go on.
            return low_level::raise(SIGTERM).is_err();
        }
        has_come
    }
}

/// Whether nobody is at the other end of a terminal any more.
fn is_hung_up(terminal: &File) -> bool {
    let mut fds = [PollFd::new(terminal, PollFlags::empty())];
    wait_for(&mut fds, Some(Instant::now())).is_ok_and(|count| count > 0) && fds[0].revents().intersects(GONE)
}

impl AsFd for Signals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.reader.as_fd()
    }
}

/// The last signal that has come.
pub(super) fn latest() -> Signal {
    match LATEST.load(Ordering::SeqCst) as i32 {
        SIGTERM => Signal::Terminate,
        SIGHUP => Signal::HangUp,
        _ => Signal::Interrupt,
    }
}

/// Has the last signal do what it does where nobody catches it.
fn obey() {
    let _ = low_level::emulate_default_handler(LATEST.load(Ordering::SeqCst) as i32);
}

/// When the first signal came, as far as anybody has looked since.
pub(super) fn first() -> Option<Instant> {
    (LATEST.load(Ordering::SeqCst) != 0).then(|| *FIRST.get_or_init(Instant::now))
}

/// Whether the process was started with a signal ignored, as nohup(1) does with SIGHUP, and a shell with SIGINT for what it
/// runs in the background: it is to stay so (POSIX, signal concepts). Not known of a signal that is caught already.
pub(crate) fn is_ignored(signal: i32) -> bool {
    let Ok(status) = std::fs::read("/proc/self/status") else { return false };
    let status = String::from_utf8_lossy(&status);
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}
