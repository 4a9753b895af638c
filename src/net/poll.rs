//! Waiting for descriptors.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::time_limit::time_limit;

/// Without a descriptor or a deadline to wait for, how long until everything is looked at again.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// A process that is stopped for a while waits afterwards for as long as was left before: the kernel begins its poll(2) anew
/// with that. Where the process has a time limit, no wait for a deadline is longer than this.
const STEP: Duration = Duration::from_millis(50);

/// What a read would find: bytes, the end, or why there is neither.
pub(super) const READABLE: PollFlags = PollFlags::IN.union(PollFlags::HUP).union(PollFlags::ERR).union(PollFlags::NVAL);

/// Nobody is at the other end: neither direction is left, or the connection was reset. It is told whether or not it is
/// asked for.
pub(super) const GONE: PollFlags = PollFlags::HUP.union(PollFlags::ERR);

/// How long to wait for a deadline, before the time is looked at again.
pub(super) fn time_left(deadline: Instant) -> Duration {
    let left = deadline.saturating_duration_since(Instant::now());
    if time_limit().is_some() { left.min(STEP) } else { left }
}

/// Waits until one of `fds` is ready; returns how many are. A signal counts as none, and so does a wait that is over early: whoever
/// has a deadline looks at the time again.
///
/// # Errors
/// When the kernel can't wait.
pub(super) fn wait_for(fds: &mut [PollFd<'_>], deadline: Option<Instant>) -> io::Result<usize> {
    let timeout = deadline.map(|deadline| {
        let left = time_left(deadline);
        Timespec { tv_sec: left.as_secs() as _, tv_nsec: left.subsec_nanos() as _ }
    });
    match poll(fds, timeout.as_ref()) {
        Ok(count) => Ok(count),
        Err(rustix::io::Errno::INTR) => Ok(0),
        Err(error) => Err(error.into()),
    }
}

/// Whether it can be read now.
pub(crate) fn is_readable(fd: impl AsFd) -> bool {
    let mut fds = [PollFd::new(&fd, PollFlags::IN)];
    wait_for(&mut fds, Some(Instant::now())).is_ok_and(|count| count > 0)
}

/// Whether it can be written to now.
pub(super) fn is_writable(fd: impl AsFd) -> bool {
    let mut fds = [PollFd::new(&fd, PollFlags::OUT)];
    wait_for(&mut fds, Some(Instant::now())).is_ok_and(|count| count > 0)
}

/// Whether what can be read of it is all there will ever be, because the other end is closed.
pub(crate) fn has_no_writer(fd: impl AsFd) -> bool {
    let mut fds = [PollFd::new(&fd, PollFlags::IN)];
    wait_for(&mut fds, Some(Instant::now())).is_ok_and(|count| count > 0) && fds[0].revents().contains(PollFlags::HUP)
}

/// Waits until it can be read.
pub(crate) fn wait_readable(fd: impl AsFd) {
    wait_readable_until(fd, None);
}

/// The same until `deadline`.
pub(crate) fn wait_readable_until(fd: impl AsFd, deadline: Option<Instant>) {
    let mut fds = [PollFd::new(&fd, PollFlags::IN)];
    // What can't be waited for is tried again.
    let _ = wait_for(&mut fds, deadline);
}

/// Waits until it can be written to, or for `most`.
pub(crate) fn wait_writable(fd: impl AsFd, most: Duration) {
    let mut fds = [PollFd::new(&fd, PollFlags::OUT)];
    // What can't be waited for is tried again.
    let _ = wait_for(&mut fds, Some(Instant::now() + most));
    let ready = fds[0].revents();
    if ready.intersects(GONE) && !ready.contains(PollFlags::OUT) {
        // A terminal that nobody has open any more is full as before, and says at once that it is hung up.
        std::thread::sleep(STEP.min(most));
    }
}

/// Waits until one of both can be read, or until `deadline`.
pub(crate) fn wait_either(one: impl AsFd, other: impl AsFd, deadline: Option<Instant>) {
    let fds = [one.as_fd(), other.as_fd()];
    let mut fds = fds.map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN));
    // What can't be waited for is looked at again.
    let _ = wait_for(&mut fds, deadline);
}

/// Waits for any of the descriptors; tells what each is ready for, errors and hang-ups included.
pub(super) fn wait_on<const N: usize>(
    watched: [(Option<BorrowedFd<'_>>, PollFlags); N],
    deadline: Option<Instant>,
) -> io::Result<[PollFlags; N]> {
    let Some(stand_in) = watched.iter().find_map(|(fd, _)| *fd) else {
        // Only time can change anything.
        wait_for(&mut [], Some(deadline.unwrap_or_else(|| Instant::now() + LOOK_AGAIN)))?;
        return Ok([PollFlags::empty(); N]);
    };
    let mut fds = watched.map(|(fd, flags)| PollFd::from_borrowed_fd(fd.unwrap_or(stand_in), flags));
    let mut positions = [0; N];
    let mut used = 0;
    for (position, (fd, flags)) in watched.iter().enumerate() {
        if let Some(fd) = fd {
            fds[used] = PollFd::from_borrowed_fd(*fd, *flags);
            positions[used] = position;
            used += 1;
        }
    }
    wait_for(&mut fds[..used], deadline)?;
    let mut ready = [PollFlags::empty(); N];
    for (fd, position) in fds[..used].iter().zip(positions) {
        ready[position] = fd.revents();
    }
    Ok(ready)
}
