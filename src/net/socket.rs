//! A socket that a connection goes through: what its kernel is told about it, and bytes to and from it.

use std::fmt;
use std::io::{self, IoSlice};
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use rustix::io::Errno;
use rustix::net::sockopt::{
    Timeout, set_socket_keepalive, set_socket_linger, set_socket_send_buffer_size, set_socket_timeout, set_tcp_keepcnt,
    set_tcp_keepidle, set_tcp_keepintvl, set_tcp_nodelay,
};
use rustix::net::{RecvFlags, SendAncillaryBuffer, SendFlags, recv, send, sendmsg};

use crate::ws::Buffer;

/// How long a blocking receive may last. A thread that waits in one notices everything else this
/// late; in return it makes no system call but the receive itself.
pub(super) const PATIENCE: Duration = Duration::from_millis(250);

/// How many probes of the other end may stay unanswered.
const PROBES: u32 = 4;

/// A kernel that has much else to do may be so late with its word that bytes were taken.
const SHORTEST_UNTAKEN: Duration = Duration::from_secs(1);

/// What a receive came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Received {
    Bytes,
    /// Not now, or not within the patience.
    Nothing,
    End,
}

/// Whether a receive may wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wait {
    No,
    /// For [`PATIENCE`] at most.
    Briefly,
}

impl Wait {
    fn flags(self) -> RecvFlags {
        if self == Self::No { RecvFlags::DONTWAIT } else { RecvFlags::empty() }
    }
}

/// Prepares a TCP socket, its writes sent at once.
pub(super) fn configure_tcp(socket: impl AsFd) -> io::Result<()> {
    set_tcp_nodelay(&socket, true)?;
    configure(socket)
}

pub(super) fn configure(socket: impl AsFd) -> io::Result<()> {
    Ok(set_socket_timeout(socket, Timeout::Recv, Some(PATIENCE))?)
}

/// Has the kernel reset the connection where the socket is dropped, instead of ending it: whatever is unsent is lost.
pub(super) fn reset_when_dropped(socket: impl AsFd) {
    let _ = set_socket_linger(socket, Some(Duration::ZERO));
}

/// Has the socket take nearly nothing any more, so that it is ready for writing only once what it was given is acknowledged by the
/// other end, but for some 2 KiB. To be said where nothing more is to be written.
pub(super) fn take_no_more(socket: impl AsFd) {
    // The kernel makes it the least that it allows. One that doesn't do that says earlier that it is ready.
    let _ = set_socket_send_buffer_size(socket, 1);
}

/// Has the kernel ask the other end of a TCP connection, without data, whenever nothing has come for so long, in whole seconds,
/// whether it is still there. One that isn't shows as an error of the socket.
pub(super) fn set_tcp_keepalive(socket: impl AsFd, every: Duration) {
    let every = Duration::from_secs(every.as_secs().max(1));
    // A Unix socket needs none of this, and a kernel that can't have it so has it at its own pace.
    let _ = set_socket_keepalive(&socket, true);
    let _ = set_tcp_keepidle(&socket, every);
    let _ = set_tcp_keepintvl(&socket, every);
    let _ = set_tcp_keepcnt(&socket, PROBES);
}

/// Has the kernel give the connection up once the other end has taken nothing for so long of what it was sent, or at the
/// kernel's own pace, which may be a quarter of an hour. That shows as an error of the socket.
pub(super) fn set_untaken_timeout(socket: impl AsFd, timeout: Option<Duration>) {
    // The kernel's word for its own pace is 0 (RFC 5482, tcp(7)).
    let millis =
        timeout.map_or(0, |timeout| u32::try_from(timeout.max(SHORTEST_UNTAKEN).as_millis()).unwrap_or(u32::MAX));
    // A Unix socket needs none of this.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let _ = rustix::net::sockopt::set_tcp_user_timeout(socket, millis.min(i32::MAX as u32));
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let _ = (socket, millis);
}

pub(super) fn send_parts(socket: &OwnedFd, first: &[u8], second: &[u8]) -> io::Result<usize> {
    if second.is_empty() {
        return sent(send(socket, first, SendFlags::DONTWAIT));
    }
    send_slices(socket, &[IoSlice::new(first), IoSlice::new(second)])
}

pub(super) fn send_slices(socket: &OwnedFd, parts: &[IoSlice<'_>]) -> io::Result<usize> {
    sent(sendmsg(socket, parts, &mut SendAncillaryBuffer::default(), SendFlags::DONTWAIT))
}

/// The kernel tells of a reset once; who writes again has a broken pipe, and so has who asked for the outcome of connecting in
/// between. It is the same to whoever looks.
fn sent(result: Result<usize, Errno>) -> io::Result<usize> {
    result.map_err(|error| match error {
        Errno::PIPE => io::Error::new(io::ErrorKind::ConnectionReset, ResetBehindEnd),
        error => error.into(),
    })
}

/// A reset that isn't the first that was told of the peer's direction.
#[derive(Debug)]
struct ResetBehindEnd;

impl fmt::Display for ResetBehindEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        io::Error::from(Errno::CONNRESET).fmt(f)
    }
}

impl std::error::Error for ResetBehindEnd {}

/// Whether a first failure to send is of a peer that had ended its direction before it was gone.
pub(super) fn is_behind_end(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<ResetBehindEnd>())
}

pub(super) fn receive_into(socket: &OwnedFd, buffer: &mut Buffer, wait: Wait) -> io::Result<Received> {
    let space = buffer.space();
    if space.is_empty() {
        return Ok(Received::Nothing);
    }
    match recv(socket, space, wait.flags()) {
        Ok((_, 0)) => Ok(Received::End),
        Ok((_, count)) => {
            buffer.filled(count);
            Ok(Received::Bytes)
        }
        Err(error) => none_if_blocked(Err(error.into())).map(|_| Received::Nothing),
    }
}

pub(super) fn none_if_blocked(result: io::Result<usize>) -> io::Result<usize> {
    match result {
        Err(error) if is_blocked(&error) => Ok(0),
        result => result,
    }
}

pub(super) fn is_blocked(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted | io::ErrorKind::TimedOut)
}
