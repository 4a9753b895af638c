//! How long something may be waited for.

use std::fmt;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags};

use super::poll::wait_for;
use crate::advice::flag;
use crate::error::{Error, Phase, TimeLimit};

/// A deadline, and a descriptor that ends every wait once it is readable.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Until<'a> {
    deadline: Instant,
    /// What the deadline comes from.
    limit: TimeLimit,
    stop: Option<BorrowedFd<'a>>,
}

/// What a wait fails with once the stop descriptor is readable.
#[derive(Debug)]
struct Stopped;

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("interrupted")
    }
}

impl std::error::Error for Stopped {}

/// Whether a wait failed because it was told to end.
pub(super) fn was_stopped(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<Stopped>())
}

impl<'a> Until<'a> {
    /// From now on for so long.
    pub(super) fn after(time: Duration, stop: Option<BorrowedFd<'a>>) -> Self {
        Self { deadline: Instant::now() + time, limit: TimeLimit::Phase(time), stop }
    }

    /// What `error`, of this wait or of what was waited for, comes to for the user.
    pub(super) fn failure(self, phase: Phase, peer: &str, error: io::Error) -> Error {
        let peer = peer.to_owned();
        if was_stopped(&error) {
            Error::Interrupted
        } else if error.kind() == io::ErrorKind::TimedOut {
            Error::TimedOut { phase, peer, limit: self.limit }
        } else {
            Error::Socket { phase, peer, why: error }
        }
    }

    /// The same, but not past `latest`, when `--max-time` is over.
    pub(super) fn or(self, latest: Instant) -> Self {
        let limit = TimeLimit::Flag(flag::MAX_TIME);
        if latest < self.deadline { Self { deadline: latest, limit, ..self } } else { self }
    }

    /// Whether nothing can end the wait for that time.
    pub(super) fn is_patient(self, time: Duration) -> bool {
        self.stop.is_none() && Instant::now() + time < self.deadline
    }

    pub(super) fn has_passed(self) -> bool {
        Instant::now() >= self.deadline
    }

    /// Waits until one of `fds` is ready. A signal is a reason to look again. Once the deadline has passed, nothing that
    /// is ready counts any more: a peer that keeps a descriptor ready would else outlast it.
    ///
    /// # Errors
    /// `TimedOut` at the deadline, and an error that [`failure`](Self::failure) knows once it is told to stop.
    pub(super) fn wait(self, fds: &[PollFd<'_>]) -> io::Result<()> {
        self.wait_before(fds, self.deadline)
    }

    /// The same without the wait, for a loop that always finds something to do.
    ///
    /// # Errors
    /// As [`wait`](Self::wait).
    pub(super) fn check(self) -> io::Result<()> {
        if self.stop.is_none() { self.check_deadline() } else { self.wait_before(&[], Instant::now()) }
    }

    fn wait_before(self, fds: &[PollFd<'_>], latest: Instant) -> io::Result<()> {
        let stop = self.stop.iter().map(|stop| PollFd::from_borrowed_fd(*stop, PollFlags::IN));
        let mut all: Vec<_> = fds.iter().cloned().chain(stop).collect();
        wait_for(&mut all, Some(latest))?;
        if all[fds.len()..].iter().any(|stop| !stop.revents().is_empty()) {
            return Err(io::Error::other(Stopped));
        }
        self.check_deadline()
    }

    fn check_deadline(self) -> io::Result<()> {
        if self.has_passed() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(()) }
    }

    /// Waits until `fd` is ready for `flags`.
    ///
    /// # Errors
    /// As [`wait`](Self::wait).
    pub(super) fn ready(self, fd: impl AsFd, flags: PollFlags) -> io::Result<()> {
        self.wait(&[PollFd::new(&fd, flags)])
    }
}

/// Lets time pass, unless `stop` becomes readable.
///
/// # Errors
/// [`Error::Interrupted`].
pub(crate) fn pause(time: Duration, stop: Option<BorrowedFd<'_>>) -> Result<(), Error> {
    let until = Until::after(time, stop);
    while !until.has_passed() {
        match until.wait(&[]) {
            Err(error) if error.kind() != io::ErrorKind::TimedOut => {
                return Err(until.failure(Phase::Connect, "", error));
            }
            _ => {}
        }
    }
    Ok(())
}
