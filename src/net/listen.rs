//! Listening sockets.

use std::fmt;
use std::fs;
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
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
use super::transport::{Transport, configure_tcp};
use crate::error::Error;

/// Connections that may wait to be accepted: more than the library's 128, for a storm of clients.
const BACKLOG: i32 = 4096;

/// After running out of descriptors or memory, or another failure of ours, accepting rests this long.
const REST: Duration = Duration::from_millis(50);

/// Linux's accepted TCP sockets have the options of the listening one, which spares each of them the system calls.
const HANDS_OPTIONS_DOWN: bool = cfg!(any(target_os = "linux", target_os = "android"));

/// Clients that are accepted one after the other before it is looked whether somebody else has something to say.
const ACCEPTED_AT_ONCE: u32 = 16;

/// BSD's accepted sockets are non-blocking where the listener is, Linux's never.
const HANDS_MODE_DOWN: bool = cfg!(not(any(target_os = "linux", target_os = "android")));

/// Listening sockets, accepted from in turn.
#[derive(Debug, Default)]
pub(crate) struct Listener {
    sockets: Vec<Socket>,
    /// Where the search for the next client begins, so that a flood on one socket can't hide another.
    turn: usize,
    /// How many more clients of the socket whose turn it is may be accepted without a look at the others.
    burst: u32,
    /// The last attempt to accept a client has failed, and somebody was told so.
    failing: bool,
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
    /// # Errors
    /// When the socket can't be configured.
    pub(super) fn transport(self) -> io::Result<Transport> {
        match self {
            Self::Tcp(socket) if HANDS_OPTIONS_DOWN => Ok(Transport::Socket(socket.into())),
            Self::Tcp(socket) => Transport::tcp(socket),
            Self::Unix(socket) => Transport::over(socket),
        }
    }

    /// Resets the connection before anything is said on it.
    pub(crate) fn reset(self) {
        // One that can't be configured is closed.
        let _ = self.transport().map(|transport| transport.reset());
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

    /// The next client, or `None` once `stop` is readable. What keeps clients from being accepted, as running out of
    /// descriptors or memory, is told to `complain`, once until it is over, and survived.
    pub(crate) fn next(&mut self, stop: impl AsFd, mut complain: impl FnMut(&io::Error)) -> Option<(Stream, Peer)> {
        loop {
            if let Some(client) = self.next_of_burst() {
                return Some(client);
            }
            let accepted = match self.wait(stop.as_fd()) {
                Ok(Ready::Stop) => return None,
                Ok(Ready::Nothing) => continue,
                Ok(Ready::Client(socket)) => socket.accept(),
                Err(error) => Err(error),
            };
            match accepted {
                Ok(client) => {
                    self.failing = false;
                    self.burst = ACCEPTED_AT_ONCE;
                    return Some(client);
                }
                Err(error) if is_the_client_s(&error) => {}
                Err(error) => {
                    if !std::mem::replace(&mut self.failing, true) {
                        complain(&error);
                    }
                    thread::sleep(REST);
                }
            }
        }
    }

    /// Where one client has come, mostly another has, and then there is nothing to wait for.
    fn next_of_burst(&mut self) -> Option<(Stream, Peer)> {
        self.burst = self.burst.checked_sub(1)?;
        let client = self.sockets.get(self.turn)?.accept().ok();
        if client.is_none() {
            self.burst = 0;
        }
        client
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
        let Some(further) = ready.position(|ready| ready) else { return Ok(Ready::Nothing) };
        self.turn = (self.turn + further) % self.sockets.len();
        Ok(Ready::Client(&self.sockets[self.turn]))
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
    if HANDS_OPTIONS_DOWN {
        configure_tcp(&socket)?;
    }
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

/// Whether only the client that would have been accepted is gone, or its network: what accept(2) reports of connections that
/// failed before, and what a firewall forbids.
fn is_the_client_s(error: &io::Error) -> bool {
    const OF_ONE_CLIENT: [Errno; 12] = [
        Errno::AGAIN,
        Errno::INTR,
        Errno::CONNABORTED,
        Errno::PERM,
        Errno::PROTO,
        Errno::NOPROTOOPT,
        Errno::OPNOTSUPP,
        Errno::NETDOWN,
        Errno::NETUNREACH,
        Errno::HOSTDOWN,
        Errno::HOSTUNREACH,
        Errno::TIMEDOUT,
    ];
    Errno::from_io_error(error).is_some_and(|errno| OF_ONE_CLIENT.contains(&errno))
}

#[cfg(test)]
mod tests {
    use rustix::net::sockopt::{Timeout, socket_timeout, tcp_nodelay};

    use super::*;
    use crate::net::transport::PATIENCE;

    fn accepted(listener: &mut Listener) -> (Transport, Peer) {
        let (_stopper, stop) = UnixStream::pair().unwrap();
        let (stream, peer) = listener.next(stop, |error| panic!("{error}")).unwrap();
        (stream.transport().unwrap(), peer)
    }

    #[test]
    fn an_accepted_socket_sends_at_once_and_waits_briefly() {
        let mut listener = Listener::default();
        let address = listener.add("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(address).unwrap();
        let (transport, peer) = accepted(&mut listener);
        assert_eq!(peer, Peer::Tcp(client.local_addr().unwrap()));
        assert_eq!(transport.local_address(), Some(address));
        assert!(tcp_nodelay(&transport).unwrap());
        // The kernel rounds it up to its ticks.
        let patience = socket_timeout(&transport, Timeout::Recv).unwrap();
        assert!(patience.is_some_and(|set| (PATIENCE..PATIENCE * 2).contains(&set)), "{patience:?}");
    }

    #[test]
    fn a_flood_on_one_socket_hides_no_other() {
        let mut listener = Listener::default();
        let addresses = [(); 2].map(|()| listener.add("127.0.0.1:0").unwrap());
        let flood: Vec<_> = (0..50).map(|_| TcpStream::connect(addresses[0]).unwrap()).collect();
        let other = TcpStream::connect(addresses[1]).unwrap();
        let mut clients = (0..51).map(|_| accepted(&mut listener).1);
        let at = clients.position(|peer| peer == Peer::Tcp(other.local_addr().unwrap()));
        assert!(at.is_some_and(|at| at <= 1 + ACCEPTED_AT_ONCE as usize), "{at:?}");
        assert_eq!(flood.len(), 50);
        assert_eq!(clients.count() + at.unwrap() + 1, 51);
    }
}
