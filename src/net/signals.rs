//! SIGINT, SIGTERM and SIGHUP as something to wait on.

use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

/// Readable whenever the process has been asked to end. From its creation on the signals no longer
/// end the process by themselves.
#[derive(Debug)]
pub(crate) struct Signals {
    reader: UnixStream,
    latest: Arc<AtomicUsize>,
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
        let (reader, writer) = UnixStream::pair()?;
        reader.set_nonblocking(true)?;
        let latest = Arc::new(AtomicUsize::new(0));
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            // In this order, so that whoever is woken finds the number.
            signal_hook::flag::register_usize(signal, Arc::clone(&latest), signal as usize)?;
            signal_hook::low_level::pipe::register(signal, writer.try_clone()?)?;
        }
        Ok(Self { reader, latest })
    }

    /// Takes one signal, if one has come.
    pub(crate) fn take(&self) -> bool {
        (&self.reader).read(&mut [0]).is_ok_and(|count| count > 0)
    }

    /// The last signal that has come.
    pub(crate) fn latest(&self) -> Signal {
        match self.latest.load(Ordering::SeqCst) as i32 {
            SIGTERM => Signal::Terminate,
            SIGHUP => Signal::HangUp,
            _ => Signal::Interrupt,
        }
    }
}

impl AsFd for Signals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.reader.as_fd()
    }
}
