//! A client from its accepted socket to an open connection, or to the answer that it gets instead.

use std::fmt;
use std::io::{self, Read};
use std::net::IpAddr;
use std::os::fd::AsFd;
use std::time::Duration;

use rustix::event::PollFlags;
use rustix::io::Errno;
use rustix::net::{RecvFlags, recv};

use super::listen::Stream;
use super::settings::Settings;
use super::tls::ServerTls;
use super::transport::{Received, Transport};
use super::until::Until;
use super::websocket::WebSocket;
use crate::error::system_words;
use crate::ws::handshake::{Method, Refusal, Request, ServerResponse};
use crate::ws::negotiation::DeflateParams;
use crate::ws::{Buffer, Role};

/// A piece of a body, in bytes, and how long a client may take to receive it.
const PIECE: usize = 64 * 1024;
const PIECE_DEADLINE: Duration = Duration::from_secs(10);

/// How long we go on reading after an answer: closing over unread bytes would reset the
/// connection before the answer is read.
const LINGER: Duration = Duration::from_secs(1);

/// The first byte of a TLS connection: a handshake record (RFC 8446 §5.1). No HTTP method begins so.
const TLS_HANDSHAKE: u8 = 0x16;

/// A client whose request has been read and not been answered.
#[derive(Debug)]
pub(crate) struct PendingHandshake {
    transport: Transport,
    buffer: Buffer,
    until: Until<'static>,
    pub(crate) request: Request,
    /// It came over TLS.
    pub(crate) secure: bool,
    /// Our address that it came in on; none where that is a Unix socket.
    pub(crate) local: Option<IpAddr>,
}

/// A client's connection.
#[derive(Debug)]
pub(crate) struct Accepted {
    pub(crate) websocket: WebSocket,
    pub(crate) request: Request,
    pub(crate) deflate: Option<DeflateParams>,
    /// The head of our answer, as it went on the wire.
    pub(crate) response: Vec<u8>,
}

/// Why a client didn't become a connection.
#[derive(Debug)]
pub(crate) enum HandshakeError {
    Failed(String),
    /// It was told why.
    Refused(Refusal),
}

impl fmt::Display for HandshakeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(why) => f.write_str(why),
            Self::Refused(refusal) => write!(f, "refused with {}: {}", refusal.status, refusal.reason),
        }
    }
}

impl PendingHandshake {
    /// TLS, where the client begins it and `tls` can answer, and the head of the request.
    ///
    /// # Errors
    /// Why there is no request. The client has been answered as well as it could be.
    // Not inlined: its stack would stay under the connection's for as long as that lives.
    #[inline(never)]
    pub(crate) fn receive(
        stream: Stream,
        tls: Option<&ServerTls>,
        settings: &Settings,
    ) -> Result<Self, HandshakeError> {
        let until = Until::after(settings.timing.handshake_timeout, None);
        let local = stream.local_address();
        let mut transport = match stream {
            Stream::Tcp(socket) => Transport::tcp(socket),
            Stream::Unix(socket) => Transport::over(socket),
        }
        .map_err(|error| HandshakeError::Failed(system_words(&error)))?;
        let mut buffer = Buffer::default();
        let mut secure = false;
        if let Some(tls) = tls {
            secure = !tls.also_plain || first_byte(&transport, until)? == Some(TLS_HANDSHAKE);
            if secure {
                transport = complete_tls(transport, tls, until)?;
            }
        }
        match read_request(&mut transport, &mut buffer, until)? {
            Ok(request) => Ok(Self { transport, buffer, until, request, secure, local }),
            Err(refusal) => Err(refuse(&mut transport, &mut buffer, &refusal.response(), refusal)),
        }
    }

    /// Opens the connection with what the request was accepted with.
    ///
    /// # Errors
    /// A client that is gone.
    #[inline(never)]
    pub(crate) fn open(mut self, acceptance: ServerResponse, settings: &Settings) -> Result<Accepted, HandshakeError> {
        let failed =
            |error| HandshakeError::Failed(format!("write failed in the opening handshake: {}", words(&error)));
        self.transport.send_all(&acceptance.response, self.until).map_err(failed)?;
        let Self { transport, buffer, request, .. } = self;
        let websocket = WebSocket::new(settings, Role::Server, acceptance.deflate, transport, buffer);
        Ok(Accepted { websocket, request, deflate: acceptance.deflate, response: acceptance.response })
    }

    /// Answers that there will be no connection.
    pub(crate) fn refuse(mut self, refusal: Refusal) -> HandshakeError {
        let response = match self.request.method {
            Method::Get => refusal.response(),
            Method::Head => refusal.head(),
        };
        refuse(&mut self.transport, &mut self.buffer, &response, refusal)
    }

    /// Answers with a head and a body, as plain HTTP.
    ///
    /// # Errors
    /// What the socket or the body says, or a client that doesn't take it.
    pub(crate) fn answer(mut self, head: &[u8], body: &mut dyn Read) -> io::Result<()> {
        self.transport.send_all(head, Until::after(PIECE_DEADLINE, None))?;
        let mut piece = vec![0; PIECE];
        loop {
            match body.read(&mut piece)? {
                0 => break,
                count => self.transport.send_all(&piece[..count], Until::after(PIECE_DEADLINE, None))?,
            }
        }
        linger(&mut self.transport, &mut self.buffer);
        Ok(())
    }
}

fn words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::TimedOut => "it took too long".into(),
        io::ErrorKind::UnexpectedEof => "the client closed the connection".into(),
        _ => system_words(error),
    }
}

/// What a client begins with; `None` when it goes without a word.
fn first_byte(transport: &Transport, until: Until<'_>) -> Result<Option<u8>, HandshakeError> {
    let failed = |error| HandshakeError::Failed(format!("read failed in the opening handshake: {}", words(&error)));
    let mut first = [0];
    loop {
        until.ready(transport, PollFlags::IN).map_err(failed)?;
        // The byte stays where it is, for whoever reads on.
        match recv(transport.as_fd(), &mut first, RecvFlags::PEEK | RecvFlags::DONTWAIT) {
            Ok((_, count)) => return Ok((count > 0).then_some(first[0])),
            Err(Errno::AGAIN | Errno::INTR) => {}
            Err(error) => return Err(failed(error.into())),
        }
    }
}

// Not inlined: a plain connection would pay for its stack too.
#[inline(never)]
fn complete_tls(transport: Transport, tls: &ServerTls, until: Until<'_>) -> Result<Transport, HandshakeError> {
    let failed = |why: &dyn fmt::Display| HandshakeError::Failed(format!("TLS handshake failed: {why}"));
    let mut transport = transport.under_tls(tls.connection().map_err(|error| failed(&error))?);
    transport.complete_tls(until).map_err(|error| failed(&words(&error)))?;
    Ok(transport)
}

/// The head of the request; what follows it stays in `buffer`.
fn read_request(
    transport: &mut Transport,
    buffer: &mut Buffer,
    until: Until<'_>,
) -> Result<Result<Request, Refusal>, HandshakeError> {
    loop {
        let failed = match transport.receive_some(buffer, until) {
            Ok(Received::End) => Some("the client closed the connection during the opening handshake".to_owned()),
            Ok(_) => None,
            Err(error) if error.kind() == io::ErrorKind::TimedOut => return Ok(Err(Refusal::timeout())),
            Err(error) => Some(format!("read failed in the opening handshake: {}", system_words(&error))),
        };
        if let Some(why) = failed {
            return Err(HandshakeError::Failed(why));
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

fn refuse(transport: &mut Transport, buffer: &mut Buffer, response: &[u8], refusal: Refusal) -> HandshakeError {
    if transport.send_all(response, Until::after(LINGER, None)).is_ok() {
        linger(transport, buffer);
    }
    HandshakeError::Refused(refusal)
}

fn linger(transport: &mut Transport, buffer: &mut Buffer) {
    let until = Until::after(LINGER, None);
    transport.finish_sending();
    buffer.consume(buffer.unread().len());
    while matches!(transport.receive_some(buffer, until), Ok(Received::Bytes)) {
        buffer.consume(buffer.unread().len());
    }
}
