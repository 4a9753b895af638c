//! By poll(2), where there is no epoll(7): the kernel is told of all descriptors with each wait.

use std::io;
use std::os::fd::BorrowedFd;
use std::time::Instant;

use rustix::event::{PollFd, PollFlags};

use super::{READY_AT_ONCE, WatchedFd};
use crate::net::poll::wait_for;

#[derive(Debug, Default)]
pub(in crate::net) struct PollList {
    ready: Vec<(usize, PollFlags)>,
    /// Where among all the next wait begins to look for those that are ready, so that each has its turn.
    begins_at: usize,
}

impl PollList {
    /// # Errors
    /// None.
    pub(in crate::net) fn new() -> io::Result<Self> {
        Ok(Self::default())
    }

    /// With each wait it is said anew what is waited for.
    ///
    /// # Errors
    /// None.
    pub(in crate::net) fn change(
        &mut self,
        _: (usize, BorrowedFd<'_>),
        _: Option<PollFlags>,
        _: Option<PollFlags>,
    ) -> io::Result<()> {
        Ok(())
    }

    /// Waits until some of `watched` are ready, or until the deadline, or less: whoever has one looks at the time again.
    ///
    /// # Errors
    /// When the kernel can't wait.
    pub(in crate::net) fn wait<'a>(
        &mut self,
        watched: impl Iterator<Item = WatchedFd<'a>>,
        deadline: Option<Instant>,
    ) -> io::Result<()> {
        let (keys, mut fds): (Vec<_>, Vec<_>) =
            watched.map(|(key, fd, flags)| (key, PollFd::from_borrowed_fd(fd, flags))).unzip();
        wait_for(&mut fds, deadline)?;
        let (before, behind) = (0..fds.len()).partition::<Vec<_>, _>(|at| *at < self.begins_at);
        self.ready.clear();
        for at in behind.into_iter().chain(before) {
            if self.ready.len() == READY_AT_ONCE {
                self.begins_at = at;
                return Ok(());
            }
            let flags = fds[at].revents();
            self.ready.extend((!flags.is_empty()).then_some((keys[at], flags)));
        }
        Ok(())
    }

    /// The one at this place, from 0, among those that were ready: what it is known by, and what it is ready for.
    pub(in crate::net) fn ready(&self, at: usize) -> Option<(usize, PollFlags)> {
        self.ready.get(at).copied()
    }
}
