//! How long something may be waited for.

use std::fmt;
use std::io;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags};

use super::interrupt::{Interrupt, Interrupted};
use super::poll::wait_for;
use crate::advice::flag;
use crate::error::{Error, Phase, TimeLimit};

/// A deadline, and what ends every wait before it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Until<'a> {
    deadline: Instant,
    /// What the deadline comes from.
    limit: TimeLimit,
    interrupt: Option<Interrupt<'a>>,
}

/// What a wait fails with that was ended before its deadline.
#[derive(Debug)]
struct WaitInterrupted(Interrupted);

impl fmt::Display for WaitInterrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("interrupted")
    }
}

impl std::error::Error for WaitInterrupted {}

/// Whether a wait failed because it was told to end.
pub(super) fn was_stopped(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<WaitInterrupted>())
}

impl<'a> Until<'a> {
    /// From now on for so long.
    pub(super) fn after(time: Duration, interrupt: Option<impl Into<Interrupt<'a>>>) -> Self {
        Self { deadline: Instant::now() + time, limit: TimeLimit::Phase(time), interrupt: interrupt.map(Into::into) }
    }

    /// What `error`, of this wait or of what was waited for, comes to for the user.
    pub(super) fn failure(self, phase: Phase, peer: &str, error: io::Error) -> Error {
        let peer = peer.to_owned();
        if let Some(WaitInterrupted(why)) = error.get_ref().and_then(|inner| inner.downcast_ref()) {
            why.error()
        } else if error.kind() == io::ErrorKind::TimedOut {
            Error::TimedOut { phase, peer, limit: self.limit, arrived: None }
        } else {
            Error::Socket { phase, peer, why: error }
        }
    }

    /// The same, but not past `latest`, when `--max-time` is over.
    pub(super) fn or(self, latest: Instant) -> Self {
        let limit = TimeLimit::Flag(flag::MAX_TIME);
        if latest < self.deadline { Self { deadline: latest, limit, ..self } } else { self }
    }

    /// The same, but from now on for no longer than so long.
    pub(super) fn within(self, time: Duration) -> Self {
        Self { deadline: self.deadline.min(Instant::now() + time), ..self }
    }

    /// Whether nothing can end the wait for that time.
    pub(super) fn is_patient(self, time: Duration) -> bool {
        self.interrupt.is_none() && Instant::now() + time < self.deadline
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
        if self.interrupt.is_none() { self.check_deadline() } else { self.wait_before(&[], Instant::now()) }
    }

    /// Lets so much time pass, for what there is nothing to wait on.
    ///
    /// # Errors
    /// As [`wait`](Self::wait).
    pub(super) fn rest(self, time: Duration) -> io::Result<()> {
        self.wait_before(&[], self.deadline.min(Instant::now() + time))
    }

    fn wait_before(self, fds: &[PollFd<'_>], latest: Instant) -> io::Result<()> {
        let watched = self.interrupt.into_iter().flat_map(Interrupt::watched);
        let mut all: Vec<_> = fds.iter().cloned().chain(watched).collect();
        wait_for(&mut all, Some(latest))?;
        if let Some(why) = Interrupt::of(&all[fds.len()..]) {
            return Err(io::Error::other(WaitInterrupted(why)));
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

/// Lets time pass, unless `interrupt` ends that.
///
/// # Errors
/// [`Error::Interrupted`], [`Error::Unread`].
pub(crate) fn pause(time: Duration, interrupt: Option<Interrupt<'_>>) -> Result<(), Error> {
    let until = Until::after(time, interrupt);
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
