//! Bytes of the socket itself, before anything is made of them.

use std::io;
use std::os::fd::AsFd;

use rustix::event::PollFlags;
use rustix::io::Errno;
use rustix::net::{RecvFlags, recv};

use crate::net::transport::Transport;
use crate::net::until::Until;

/// Waits for bytes and receives some: none where the client has ended its direction. With [`RecvFlags::PEEK`] they stay where
/// they are, for whoever reads on.
pub(super) fn receive(
    transport: &Transport,
    bytes: &mut [u8],
    flags: RecvFlags,
    until: Until<'_>,
) -> io::Result<usize> {
    loop {
        until.ready(transport, PollFlags::IN)?;
        match recv(transport.as_fd(), &mut *bytes, flags | RecvFlags::DONTWAIT) {
            Ok((_, count)) => return Ok(count),
            Err(Errno::AGAIN | Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}
