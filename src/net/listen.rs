//! Listening sockets.

use std::fmt;
use std::fs;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags};
use rustix::io::Errno;

use super::dial::unix_socket;
use super::owned_path::OwnedPath;
use super::poll::wait_for;
use crate::error::Error;

/// Connections that may wait to be accepted: more than the library's 128, for a storm of clients.
const BACKLOG: i32 = 4096;

/// After running out of descriptors or memory, accepting rests this long.
const REST: Duration = Duration::from_millis(50);

/// BSD's accepted sockets are non-blocking where the listener is, Linux's never.
const HANDS_MODE_DOWN: bool = cfg!(not(any(target_os = "linux", target_os = "android")));

/// Listening sockets, accepted from in turn.
#[derive(Debug, Default)]
pub(crate) struct Listener {
    sockets: Vec<Socket>,
    /// Where the search for the next client begins, so that a flood on one socket can't hide another.
    turn: usize,
    /// There were no descriptors or no memory for the last client.
    exhausted: bool,
}

#[derive(Debug)]
enum Socket {
    Tcp(TcpListener),
    Unix {
        /// Dropped first: the path is looked at while the socket is still open.
        _path: OwnedPath,
        socket: UnixListener,
    },
}

/// A client's socket, fresh from being accepted.
#[derive(Debug)]
pub(crate) enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl Stream {
    /// Our address that the client has connected to.
    pub(super) fn local_address(&self) -> Option<IpAddr> {
        match self {
            Self::Tcp(socket) => socket.local_addr().ok().map(|address| address.ip()),
            Self::Unix(_) => None,
        }
    }
}

/// Where a client comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Peer {
    Tcp(SocketAddr),
    /// A client of a Unix socket, which has no address of its own.
    Unix,
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Unix => f.write_str("unix"),
        }
    }
}

enum Ready<'a> {
    Stop,
    Nothing,
    Client(&'a Socket),
}

impl Listener {
    /// Listens on every address that `host`, HOST:PORT, has: localhost is 127.0.0.1 and ::1. Returns the first.
    ///
    /// # Errors
    /// [`Error::Listen`] when none of the addresses can be listened on.
    pub(crate) fn add(&mut self, host: &str) -> Result<SocketAddr, Error> {
        let failed = |why| Error::Listen { address: host.to_owned(), why };
        let mut first: Option<SocketAddr> = None;
        let mut failure = None;
        for mut address in host.to_socket_addrs().map_err(failed)? {
            if let Some(first) = first.filter(|_| address.port() == 0) {
                address.set_port(first.port());
            }
            match bind(address) {
                Ok(socket) => {
                    first = first.or(Some(socket.local_addr().map_err(failed)?));
                    self.sockets.push(Socket::Tcp(socket));
                }
                // A machine without IPv6 still has a localhost.
                Err(error) if is_absent(&error) => failure = Some(error),
                Err(error) => return Err(failed(error)),
            }
        }
        let nothing = || io::Error::other("it has no address");
        first.ok_or_else(|| failed(failure.unwrap_or_else(nothing)))
    }

    /// Listens on a Unix socket, which is removed again when this is dropped if it is still ours.
    ///
    /// # Errors
    /// [`Error::Listen`], also when another process listens there or the path is something else.
    pub(crate) fn add_unix(&mut self, path: &Path) -> Result<(), Error> {
        let failed = |why| Error::Listen { address: path.display().to_string(), why };
        remove_stale(path).map_err(failed)?;
        let socket = UnixListener::bind(path).map_err(failed)?;
        prepare(&socket).and_then(|()| socket.set_nonblocking(true)).map_err(failed)?;
        let facts = fs::symlink_metadata(path).map_err(failed)?;
        self.sockets.push(Socket::Unix { _path: OwnedPath::new(path, &facts), socket });
        Ok(())
    }

    /// The addresses of the TCP sockets.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = SocketAddr> {
        self.sockets.iter().filter_map(|socket| match socket {
            Socket::Tcp(socket) => socket.local_addr().ok(),
            Socket::Unix { .. } => None,
        })
    }

    /// The next client, or `None` once `stop` is readable. Running out of descriptors or
    /// memory is told to `complain`, once until it is over, and survived.
    pub(crate) fn next(&mut self, stop: impl AsFd, mut complain: impl FnMut(&io::Error)) -> Option<(Stream, Peer)> {
        loop {
            let accepted = match self.wait(stop.as_fd()) {
                Ok(Ready::Stop) => return None,
                Ok(Ready::Nothing) => continue,
                Ok(Ready::Client(socket)) => socket.accept(),
                Err(error) => Err(error),
            };
            match accepted {
                Ok(client) => {
                    self.exhausted = false;
                    return Some(client);
                }
                Err(error) if is_exhaustion(&error) => {
                    if !std::mem::replace(&mut self.exhausted, true) {
                        complain(&error);
                    }
                    thread::sleep(REST);
                }
                // A client that is gone again.
                Err(_) => {}
            }
        }
    }

    fn wait(&mut self, stop: BorrowedFd<'_>) -> io::Result<Ready<'_>> {
        self.turn = (self.turn + 1) % self.sockets.len().max(1);
        let (later, first) = self.sockets.split_at(self.turn);
        let in_turn = || first.iter().chain(later);
        let mut fds = vec![PollFd::from_borrowed_fd(stop, PollFlags::IN)];
        fds.extend(in_turn().map(|socket| PollFd::from_borrowed_fd(socket.as_fd(), PollFlags::IN)));
        wait_for(&mut fds, None)?;
        let mut ready = fds.iter().map(|fd| !fd.revents().is_empty());
        if ready.next() == Some(true) {
            return Ok(Ready::Stop);
        }
        let client = in_turn().zip(ready).find(|(_, ready)| *ready);
        Ok(client.map_or(Ready::Nothing, |(socket, _)| Ready::Client(socket)))
    }
}

impl Socket {
    fn accept(&self) -> io::Result<(Stream, Peer)> {
        match self {
            Self::Tcp(socket) => {
                let (stream, address) = socket.accept()?;
                if HANDS_MODE_DOWN {
                    stream.set_nonblocking(false)?;
                }
                Ok((Stream::Tcp(stream), Peer::Tcp(address)))
            }
            Self::Unix { socket, .. } => {
                let (stream, _) = socket.accept()?;
                if HANDS_MODE_DOWN {
                    stream.set_nonblocking(false)?;
                }
                Ok((Stream::Unix(stream), Peer::Unix))
            }
        }
    }
}

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Tcp(socket) => socket.as_fd(),
            Self::Unix { socket, .. } => socket.as_fd(),
        }
    }
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = TcpListener::bind(address)?;
    prepare(&socket)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

fn prepare(socket: impl AsFd) -> io::Result<()> {
    Ok(rustix::net::listen(socket, BACKLOG)?)
}

/// A server that was killed leaves its socket behind; nobody answers there. One that is too busy to answer is there.
fn remove_stale(path: &Path) -> io::Result<()> {
    match unix_socket(path) {
        Ok(_) => Err(io::ErrorKind::AddrInUse.into()),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Err(io::ErrorKind::AddrInUse.into()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused && is_socket(path) => fs::remove_file(path),
        Err(_) if path.exists() => Err(io::Error::other("the path exists and is not a stale socket")),
        Err(error) => Err(error),
    }
}

fn is_socket(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt;
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.file_type().is_socket())
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::AddrNotAvailable | io::ErrorKind::Unsupported)
        || Errno::from_io_error(error) == Some(Errno::AFNOSUPPORT)
}

fn is_exhaustion(error: &io::Error) -> bool {
    Errno::from_io_error(error)
        .is_some_and(|errno| [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM].contains(&errno))
}
