//! From a listening socket to open connections, as a server.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags};
use rustix::io::Errno;

use super::Settings;
use super::engine::Connection;
use super::link::{Link, Received, wait_for};
use super::tls::ServerTls;
use super::until::Until;
use crate::error::{Error, system_words};
use crate::ws::handshake::{Refusal, Request};
use crate::ws::{Buffer, Role};

/// Connections that may wait to be accepted: more than the library's 128, for a storm of clients.
const BACKLOG: i32 = 4096;

/// After running out of descriptors or memory, accepting rests this long.
const REST: Duration = Duration::from_millis(50);

/// A listening socket.
#[derive(Debug)]
pub(crate) struct Listener {
    socket: TcpListener,
    pub(crate) address: SocketAddr,
}

impl Listener {
    /// # Errors
    /// [`Error::Listen`].
    pub(crate) fn bind(address: &str) -> Result<Self, Error> {
        let failed = |why| Error::Listen { address: address.to_owned(), why };
        let socket = TcpListener::bind(address).map_err(failed)?;
        rustix::net::listen(&socket, BACKLOG).map_err(|errno| failed(errno.into()))?;
        socket.set_nonblocking(true).map_err(failed)?;
        let address = socket.local_addr().map_err(failed)?;
        Ok(Self { socket, address })
    }

    /// The next client, or `None` once `stop` is readable. Failures to accept are told to
    /// `complain` and survived.
    pub(crate) fn next(
        &self,
        stop: impl AsFd,
        mut complain: impl FnMut(&io::Error),
    ) -> Option<(TcpStream, SocketAddr)> {
        loop {
            let stop = stop.as_fd();
            let mut fds = [PollFd::new(&self.socket, PollFlags::IN), PollFd::from_borrowed_fd(stop, PollFlags::IN)];
            let waited = wait_for(&mut fds, None);
            if !fds[1].revents().is_empty() {
                return None;
            }
            match waited.and_then(|_| self.socket.accept()) {
                Ok(accepted) => return Some(accepted),
                Err(error) if is_exhaustion(&error) => {
                    complain(&error);
                    thread::sleep(REST);
                }
                // A signal, or a client that is gone again.
                Err(_) => {}
            }
        }
    }
}

fn is_exhaustion(error: &io::Error) -> bool {
    Errno::from_io_error(error)
        .is_some_and(|errno| [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM].contains(&errno))
}

/// A client's connection, with the request that opened it.
#[derive(Debug)]
pub(crate) struct Accepted {
    pub(crate) connection: Connection,
    pub(crate) request: Request,
    pub(crate) deflate: Option<crate::ws::negotiation::Agreement>,
}

/// TLS, where there is any, and the opening handshake.
///
/// # Errors
/// Why the client didn't become a connection, in words for the log. It has been answered as well as it could be.
// Not inlined: its stack would stay under the connection's for as long as that lives.
#[inline(never)]
pub(crate) fn accept(socket: TcpStream, tls: Option<&ServerTls>, settings: &Settings) -> Result<Accepted, String> {
    let words = |error: io::Error| system_words(&error);
    let until = Until::after(settings.timing.handshake_timeout, None);
    // BSD hands down the listener's mode, Linux doesn't.
    socket.set_nonblocking(false).map_err(words)?;
    let mut link = Link::tcp(socket).map_err(words)?;
    if let Some(tls) = tls {
        link = link.under_tls(tls.connection().map_err(|error| error.to_string())?);
        link.complete_tls(until).map_err(|error| format!("TLS handshake failed: {}", tls_words(&error)))?;
    }
    let mut buffer = Buffer::default();
    let answer = read_request(&mut link, &mut buffer, until)?
        .and_then(|request| request.accept(settings.deflate).map(|acceptance| (request, acceptance)));
    let (request, acceptance) = answer.map_err(|refusal| refuse(&mut link, &mut buffer, &refusal))?;
    link.send_all(&acceptance.response, until).map_err(words)?;
    let (incoming, outgoing) = settings.halves(Role::Server, acceptance.deflate);
    let connection = Connection { link, buffer, incoming, outgoing };
    Ok(Accepted { connection, request, deflate: acceptance.deflate })
}

fn tls_words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::TimedOut => "it took too long".into(),
        io::ErrorKind::UnexpectedEof => "the client closed the connection".into(),
        _ => system_words(error),
    }
}

/// The head of the request; what follows it stays in `buffer`.
fn read_request(link: &mut Link, buffer: &mut Buffer, until: Until<'_>) -> Result<Result<Request, Refusal>, String> {
    loop {
        match link.receive_some(buffer, until) {
            Ok(Received::End) => return Err("the client closed the connection inside the opening handshake".into()),
            Ok(_) if until.has_passed() => return Ok(Err(Refusal::timeout())),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::TimedOut => return Ok(Err(Refusal::timeout())),
            Err(error) => return Err(format!("read failed in the opening handshake: {}", system_words(&error))),
        }
        match Request::parse(buffer.unread()) {
            Ok(None) => {}
            Ok(Some(request)) => {
                buffer.consume(request.raw.len());
                return Ok(Ok(request));
            }
            Err(refusal) => return Ok(Err(refusal)),
        }
    }
}

/// Answers, and reads what the client still sends for a moment: closing over unread bytes would
/// reset the connection before the answer is read.
fn refuse(link: &mut Link, buffer: &mut Buffer, refusal: &Refusal) -> String {
    let until = Until::after(Duration::from_secs(1), None);
    if link.send_all(&refusal.response(), until).is_ok() {
        link.finish_sending();
        buffer.consume(buffer.unread().len());
        while matches!(link.receive_some(buffer, until), Ok(Received::Bytes)) && !until.has_passed() {
            buffer.consume(buffer.unread().len());
        }
    }
    format!("refused with {}: {}", refusal.status, refusal.reason)
}
