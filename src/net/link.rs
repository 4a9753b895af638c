//! Bytes to and from a peer, plain or through TLS, without ever waiting longer than it was asked to.

use std::io::{self, IoSlice, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::{RecvFlags, SendAncillaryBuffer, SendFlags, recv, send, sendmsg};

use crate::ws::Buffer;

/// How long a blocking receive may last. A thread that waits in one notices everything else this
/// late; in return it makes no system call but the receive itself.
pub(super) const PATIENCE: Duration = Duration::from_millis(250);

/// As much plaintext as TLS is given at once: what it encrypts has to be kept until it is written.
const PLAINTEXT_AT_ONCE: usize = 64 * 1024;

/// A connected socket, and TLS on top of it.
#[derive(Debug)]
pub(crate) struct Link {
    socket: TcpStream,
    tls: Option<Box<Tls>>,
}

#[derive(Debug)]
struct Tls {
    connection: rustls::Connection,
    ciphertext: Buffer,
    /// rustls holds plaintext for which there was no room.
    plaintext_left: bool,
}

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

impl Link {
    /// # Errors
    /// When the socket can't be configured.
    pub(super) fn new(socket: TcpStream) -> io::Result<Self> {
        socket.set_nodelay(true)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        Ok(Self { socket, tls: None })
    }

    pub(super) fn set_tls(&mut self, connection: impl Into<rustls::Connection>) {
        self.tls =
            Some(Box::new(Tls { connection: connection.into(), ciphertext: Buffer::default(), plaintext_left: false }));
    }

    /// Receives into `buffer` what is there.
    ///
    /// # Errors
    /// Socket and TLS failures.
    pub(super) fn receive(&mut self, buffer: &mut Buffer, wait: Wait) -> io::Result<Received> {
        match &mut self.tls {
            None => receive_into(&self.socket, buffer, wait),
            Some(tls) => tls.receive(&self.socket, buffer, wait),
        }
    }

    /// Sends as much of both parts, one after the other, as the socket takes now; returns how much.
    ///
    /// # Errors
    /// Socket and TLS failures.
    pub(super) fn send(&mut self, first: &[u8], second: &[u8]) -> io::Result<usize> {
        match &mut self.tls {
            None => none_if_blocked(Socket(&self.socket).write_parts(first, second)),
            Some(tls) => {
                let mut taken = tls.send(&self.socket, first)?;
                if taken == first.len() && !second.is_empty() {
                    taken += tls.send(&self.socket, second)?;
                }
                Ok(taken)
            }
        }
    }

    /// Sends all of it.
    ///
    /// # Errors
    /// Socket and TLS failures, or `TimedOut` at the deadline.
    pub(super) fn send_all(&mut self, mut bytes: &[u8], deadline: Instant) -> io::Result<()> {
        loop {
            bytes = &bytes[self.send(bytes, &[])?..];
            if bytes.is_empty() && !self.holds_unsent() {
                return Ok(());
            }
            let mut fds = [PollFd::new(&self.socket, PollFlags::OUT)];
            if wait_for(&mut fds, Some(deadline))? == 0 && Instant::now() >= deadline {
                return Err(io::ErrorKind::TimedOut.into());
            }
        }
    }

    /// Sends what TLS still holds.
    ///
    /// # Errors
    /// Socket failures.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.tls.as_mut().map_or(Ok(()), |tls| tls.flush(&self.socket))
    }

    /// Whether TLS holds bytes that the socket hasn't taken.
    pub(super) fn holds_unsent(&self) -> bool {
        self.tls.as_ref().is_some_and(|tls| tls.connection.wants_write())
    }

    /// Whether TLS holds bytes that were received and not yet read: waiting on the socket would miss them.
    pub(super) fn holds_unread(&self) -> bool {
        self.tls.as_ref().is_some_and(|tls| tls.plaintext_left || !tls.ciphertext.unread().is_empty())
    }

    /// Ends our direction; the peer's stays open.
    pub(super) fn finish_sending(&mut self) {
        if let Some(tls) = &mut self.tls {
            tls.connection.send_close_notify();
            let _ = tls.flush(&self.socket);
        }
        let _ = self.socket.shutdown(Shutdown::Write);
    }

    /// Gives memory back while the connection is idle.
    pub(super) fn shrink(&mut self) {
        if let Some(tls) = &mut self.tls {
            tls.ciphertext.shrink();
        }
    }

    /// Waits until the socket can be read from (or written to, where TLS has something to write),
    /// or until `deadline`. Returns whether it can.
    ///
    /// # Errors
    /// When the kernel can't wait.
    pub(super) fn wait(&self, deadline: Instant) -> io::Result<bool> {
        let out = if self.holds_unsent() { PollFlags::OUT } else { PollFlags::empty() };
        let mut fds = [PollFd::new(&self.socket, PollFlags::IN | out)];
        Ok(wait_for(&mut fds, Some(deadline))? > 0)
    }

    /// Completes the TLS handshake.
    ///
    /// # Errors
    /// What TLS or the socket says, or `TimedOut` at the deadline.
    pub(super) fn complete_tls(&mut self, deadline: Instant) -> io::Result<()> {
        loop {
            self.flush()?;
            let Some(tls) = &mut self.tls else { return Ok(()) };
            if !tls.connection.is_handshaking() {
                return Ok(());
            }
            match tls.handshake(&self.socket)? {
                Received::Bytes => {}
                Received::End => return Err(io::ErrorKind::UnexpectedEof.into()),
                Received::Nothing if self.wait(deadline)? || Instant::now() < deadline => {}
                Received::Nothing => return Err(io::ErrorKind::TimedOut.into()),
            }
        }
    }
}

impl AsFd for Link {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl Tls {
    fn receive(&mut self, socket: &TcpStream, buffer: &mut Buffer, wait: Wait) -> io::Result<Received> {
        let held = self.decrypt(buffer)?;
        if held != Received::Nothing || self.plaintext_left {
            return Ok(held);
        }
        // Once, whatever comes out of it: a record may take its sender for ever.
        match receive_into(socket, &mut self.ciphertext, wait)? {
            Received::Bytes => self.decrypt(buffer),
            other => Ok(other),
        }
    }

    /// Moves plaintext into `buffer` as far as there is ciphertext and room.
    fn decrypt(&mut self, buffer: &mut Buffer) -> io::Result<Received> {
        let mut received = Received::Nothing;
        loop {
            let space = buffer.space();
            self.plaintext_left = space.is_empty();
            if self.plaintext_left {
                return Ok(received);
            }
            match self.connection.reader().read(space) {
                Ok(0) => return Ok(if received == Received::Bytes { received } else { Received::End }),
                Ok(count) => {
                    buffer.filled(count);
                    received = Received::Bytes;
                    continue;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                // The peer closed its socket without a close_notify; WebSocket's own Close tells
                // whether anything is missing.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(Received::End),
                Err(error) => return Err(error),
            }
            if self.ciphertext.unread().is_empty() {
                return Ok(received);
            }
            if let Err(error) = self.feed() {
                // What was decrypted before comes first; the error comes again.
                return if received == Received::Bytes { Ok(received) } else { Err(error) };
            }
        }
    }

    /// Gives rustls what it takes of the ciphertext.
    fn feed(&mut self) -> io::Result<()> {
        let mut unread = self.ciphertext.unread();
        let taken = self.connection.read_tls(&mut unread)?;
        self.ciphertext.consume(taken);
        self.connection.process_new_packets().map_err(io::Error::other)?;
        Ok(())
    }

    fn handshake(&mut self, socket: &TcpStream) -> io::Result<Received> {
        if self.ciphertext.unread().is_empty() {
            let received = receive_into(socket, &mut self.ciphertext, Wait::No)?;
            if received != Received::Bytes {
                return Ok(received);
            }
        }
        let fed = self.feed();
        if fed.is_err() {
            // The alert that says why goes out as far as it can.
            let _ = self.flush(socket);
        }
        fed.map(|()| Received::Bytes)
    }

    fn send(&mut self, socket: &TcpStream, mut bytes: &[u8]) -> io::Result<usize> {
        let whole = bytes.len();
        self.flush(socket)?;
        while !bytes.is_empty() && !self.connection.wants_write() {
            let taken = self.connection.writer().write(&bytes[..bytes.len().min(PLAINTEXT_AT_ONCE)])?;
            bytes = &bytes[taken..];
            self.flush(socket)?;
        }
        Ok(whole - bytes.len())
    }

    fn flush(&mut self, socket: &TcpStream) -> io::Result<()> {
        while self.connection.wants_write() {
            match self.connection.write_tls(&mut Socket(socket)) {
                Ok(_) => {}
                Err(error) if is_blocked(&error) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// A socket that never makes a writer wait.
struct Socket<'a>(&'a TcpStream);

impl Socket<'_> {
    fn write_parts(&mut self, first: &[u8], second: &[u8]) -> io::Result<usize> {
        if second.is_empty() {
            return self.write(first);
        }
        self.write_vectored(&[IoSlice::new(first), IoSlice::new(second)])
    }
}

impl Write for Socket<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(send(self.0, bytes, SendFlags::DONTWAIT)?)
    }

    fn write_vectored(&mut self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        Ok(sendmsg(self.0, parts, &mut SendAncillaryBuffer::default(), SendFlags::DONTWAIT)?)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn receive_into(socket: &TcpStream, buffer: &mut Buffer, wait: Wait) -> io::Result<Received> {
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

fn none_if_blocked(result: io::Result<usize>) -> io::Result<usize> {
    match result {
        Err(error) if is_blocked(&error) => Ok(0),
        result => result,
    }
}

fn is_blocked(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted | io::ErrorKind::TimedOut)
}

/// Waits until one of `fds` is ready; returns how many are. A signal counts as none.
///
/// # Errors
/// When the kernel can't wait.
pub(super) fn wait_for(fds: &mut [PollFd<'_>], deadline: Option<Instant>) -> io::Result<usize> {
    let timeout = deadline.map(|deadline| {
        let left = deadline.saturating_duration_since(Instant::now());
        Timespec { tv_sec: left.as_secs() as _, tv_nsec: left.subsec_nanos() as _ }
    });
    match poll(fds, timeout.as_ref()) {
        Ok(count) => Ok(count),
        Err(rustix::io::Errno::INTR) => Ok(0),
        Err(error) => Err(error.into()),
    }
}

/// Waits until it can be written to.
pub(crate) fn wait_writable(fd: impl AsFd) {
    let mut fds = [PollFd::new(&fd, PollFlags::OUT)];
    // What can't be waited for is tried again.
    let _ = wait_for(&mut fds, None);
}

/// Waits until one of both can be read.
pub(crate) fn wait_either(one: impl AsFd, other: impl AsFd) {
    let fds = [one.as_fd(), other.as_fd()];
    let mut fds = fds.map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN));
    // What can't be waited for is looked at again.
    let _ = wait_for(&mut fds, None);
}
