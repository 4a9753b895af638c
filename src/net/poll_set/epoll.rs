//! By epoll(7): the kernel keeps the descriptors, and what they are waited for.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::Errno;

use super::{READY_AT_ONCE, WatchedFd};
use crate::net::poll::{time_left, wait_for};

/// The longest of one wait: the kernel's count of milliseconds has an end.
const LONGEST: Duration = Duration::from_secs(3600);

#[derive(Debug)]
pub(in crate::net) struct Epoll {
    epoll: OwnedFd,
    ready: Vec<(usize, PollFlags)>,
}

impl Epoll {
    /// # Errors
    /// When there are no file descriptors left.
    pub(in crate::net) fn new() -> io::Result<Self> {
        Ok(Self { epoll: epoll::create(CreateFlags::CLOEXEC)?, ready: Vec::with_capacity(READY_AT_ONCE) })
    }

    /// Has a descriptor waited for as `now` says, and no more as `before` said.
    ///
    /// # Errors
    /// When the kernel has no room for more.
    pub(in crate::net) fn change(
        &mut self,
        (key, fd): (usize, BorrowedFd<'_>),
        before: Option<PollFlags>,
        now: Option<PollFlags>,
    ) -> io::Result<()> {
        let key = EventData::new_u64(key as u64);
        match (before, now) {
            (None, None) => {}
            (None, Some(now)) => epoll::add(&self.epoll, fd, key, events(now))?,
            (Some(before), Some(now)) if before == now => {}
            (Some(_), Some(now)) => epoll::modify(&self.epoll, fd, key, events(now))?,
            (Some(_), None) => epoll::delete(&self.epoll, fd)?,
        }
        Ok(())
    }

    /// Waits until some of them are ready, or until the deadline, or less: whoever has one looks at the time again.
    ///
    /// # Errors
    /// When the kernel can't wait.
    pub(in crate::net) fn wait<'a>(
        &mut self,
        _watched: impl Iterator<Item = WatchedFd<'a>>,
        deadline: Option<Instant>,
    ) -> io::Result<()> {
        let left = deadline.map(time_left);
        // epoll_wait(2) counts whole milliseconds: for less there is poll(2).
        let whole = left.map(|left| Duration::from_millis(left.min(LONGEST).as_millis() as u64));
        if whole == Some(Duration::ZERO) && left > whole {
            wait_for(&mut [PollFd::new(&self.epoll, PollFlags::IN)], deadline)?;
        }
        self.take_ready(whole)
    }

    fn take_ready(&mut self, wait: Option<Duration>) -> io::Result<()> {
        self.ready.clear();
        let mut events = [MaybeUninit::<Event>::uninit(); READY_AT_ONCE];
        let wait = wait.map(|wait| Timespec { tv_sec: wait.as_secs() as _, tv_nsec: wait.subsec_nanos() as _ });
        match epoll::wait(&self.epoll, &mut events, wait.as_ref()) {
            Ok((ready, _)) => {
                self.ready.extend(ready.iter().map(|event| (event.data.u64() as usize, flags(event.flags))));
                Ok(())
            }
            Err(Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The one at this place, from 0, among those that were ready: what it is known by, and what it is ready for.
    pub(in crate::net) fn ready(&self, at: usize) -> Option<(usize, PollFlags)> {
        self.ready.get(at).copied()
    }
}

/// Both say the same by the same bits, but that those of poll(2) are fewer.
fn events(flags: PollFlags) -> EventFlags {
    EventFlags::from_bits_truncate(flags.bits().into())
}

fn flags(events: EventFlags) -> PollFlags {
    PollFlags::from_bits_truncate(events.bits() as u16)
}
