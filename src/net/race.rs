//! TCP connections to several addresses at once, the first to answer wins: happy eyeballs (RFC 8305).

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags};
use rustix::io::Errno;
use rustix::net::sockopt::socket_error;
use rustix::net::{AddressFamily, SocketType, bind, connect};

use super::until::Until;

/// How long an attempt has before the next begins beside it (RFC 8305 §5: 250 ms is recommended).
const HEAD_START: Duration = Duration::from_millis(250);

/// Attempts that failed, and why.
pub(super) type Failures = Vec<(SocketAddr, io::Error)>;

/// Why there is no connection.
#[derive(Debug)]
pub(super) enum Lost {
    /// Every attempt failed.
    All,
    /// The wait itself ended.
    Waiting(io::Error),
}

/// Connects to one of `addresses`, tried in their order, from an address of this machine where that is given. Those that fail before one succeeds are added to `failures`.
///
/// # Errors
/// [`Lost`].
pub(super) fn race(
    addresses: &[SocketAddr],
    source: Option<IpAddr>,
    failures: &mut Failures,
    until: Until<'_>,
) -> Result<(OwnedFd, SocketAddr), Lost> {
    let mut waiting = addresses.iter().copied();
    let mut running: Vec<(OwnedFd, SocketAddr)> = Vec::new();
    let mut next_start = Instant::now();
    loop {
        if running.is_empty() || Instant::now() >= next_start {
            match waiting.next() {
                Some(address) => {
                    next_start = Instant::now() + HEAD_START;
                    match start(address, source) {
                        Ok(socket) => running.push((socket, address)),
                        Err(error) => failures.push((address, error)),
                    }
                    continue;
                }
                None if running.is_empty() => return Err(Lost::All),
                None => {}
            }
        }
        let until_next = if waiting.len() > 0 { until.or(next_start) } else { until };
        match wait(&running, until_next) {
            Ok(()) => {}
            // Only the head start is over.
            Err(error) if error.kind() == io::ErrorKind::TimedOut && !until.has_passed() => {}
            Err(error) => return Err(Lost::Waiting(error)),
        }
        if let Some(won) = settle(&mut running, failures) {
            return Ok(won);
        }
    }
}

fn start(address: SocketAddr, source: Option<IpAddr>) -> io::Result<OwnedFd> {
    let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let socket = stream_socket(family)?;
    if let Some(source) = source {
        // Whichever port is free. One of another family is refused.
        bind(&socket, &SocketAddr::new(source, 0))?;
    }
    match connect(&socket, &address) {
        Ok(()) | Err(Errno::INPROGRESS | Errno::INTR) => Ok(socket),
        Err(error) => Err(error.into()),
    }
}

/// A socket that doesn't block, and that no program which we start inherits.
#[cfg(not(target_vendor = "apple"))]
pub(super) fn stream_socket(family: AddressFamily) -> io::Result<OwnedFd> {
    use rustix::net::{SocketFlags, socket_with};
    Ok(socket_with(family, SocketType::STREAM, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK, None)?)
}

/// The same. Apple's systems make a socket first and set its flags then: one of our programs that starts in between has it, too.
#[cfg(target_vendor = "apple")]
pub(super) fn stream_socket(family: AddressFamily) -> io::Result<OwnedFd> {
    let socket = rustix::net::socket(family, SocketType::STREAM, None)?;
    rustix::io::fcntl_setfd(&socket, rustix::io::FdFlags::CLOEXEC)?;
    rustix::io::ioctl_fionbio(&socket, true)?;
    Ok(socket)
}

fn wait(running: &[(OwnedFd, SocketAddr)], until: Until<'_>) -> io::Result<()> {
    let fds: Vec<_> = running.iter().map(|(socket, _)| PollFd::new(socket, PollFlags::OUT)).collect();
    until.wait(&fds)
}

/// The attempt that has succeeded; those that have failed are put with the failures.
fn settle(running: &mut Vec<(OwnedFd, SocketAddr)>, failures: &mut Failures) -> Option<(OwnedFd, SocketAddr)> {
    let mut still_running = Vec::new();
    let mut won = None;
    for (socket, address) in running.drain(..) {
        match outcome(&socket) {
            Some(Ok(())) if won.is_none() => won = Some((socket, address)),
            Some(Err(error)) => failures.push((address, error)),
            _ => still_running.push((socket, address)),
        }
    }
    *running = still_running;
    won
}

/// How an attempt went; `None` while it is under way.
fn outcome(socket: &OwnedFd) -> Option<io::Result<()>> {
    let mut fds = [PollFd::new(socket, PollFlags::OUT)];
    // A poll that doesn't wait fails only for a bad descriptor.
    if super::poll::wait_for(&mut fds, Some(Instant::now())).is_ok_and(|ready| ready == 0) {
        return None;
    }
    let checked = match socket_error(socket) {
        // It was connected, or there would be nothing to reset; whoever looks a moment later sees it in the first write.
        Ok(Err(Errno::CONNRESET)) => Ok(()),
        Ok(result) => result,
        Err(error) => Err(error),
    };
    let blocking = checked.and_then(|()| rustix::io::ioctl_fionbio(socket, false));
    Some(blocking.map_err(Into::into))
}
