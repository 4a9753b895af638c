//! Bytes to and from a peer, plain or through TLS, without ever waiting longer than it was asked to.

use std::fmt;
use std::io::{self, IoSlice, Read, Write};
use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::PollFlags;
use rustix::net::{Shutdown, getsockname, shutdown};

use super::poll::is_writable;
#[cfg(any(target_os = "linux", target_os = "android"))]
use super::sock_diag;
use super::socket::{self, configure, is_blocked, none_if_blocked, receive_into, send_parts, send_slices};
pub(super) use super::socket::{PATIENCE, Received, Wait, configure_tcp};
use super::until::Until;
use crate::script::Fault;
use crate::ws::{Buffer, COPIED_AT_ONCE};

/// As much plaintext as TLS is given at once: what it encrypts has to be kept until it is written.
const PLAINTEXT_AT_ONCE: usize = 64 * 1024;

/// How long nothing may have come before the other end is probed, and how long it is from one probe to the next.
const PROBE_AFTER: Duration = Duration::from_secs(15);

/// As many bytes, at most, tell what a peer speaks that doesn't speak TLS.
const FIRST_BYTES: usize = 256;

/// A way to a peer: a socket, or TLS over another way. A wss server behind an https proxy is TLS over TLS over a socket. Over
/// all of it there may be faults.
#[derive(Debug)]
pub(crate) enum Transport {
    Socket(OwnedFd),
    Tls(Box<Tls>),
    Layered(Box<dyn TransportLayer>),
}

#[derive(Debug)]
pub(crate) struct Tls {
    below: Transport,
    connection: rustls::Connection,
    ciphertext: Buffer,
    /// rustls may hold plaintext, or its end: there was no room for it, or nobody has asked yet.
    plaintext_left: bool,
    /// The peer has broken TLS, which is still to be told.
    failed: bool,
    /// What the peer said first: it may turn out not to be TLS.
    first_bytes: Vec<u8>,
    /// The peer has asked for another handshake, which was refused (RFC 5246 §7.2.2).
    was_asked_anew: bool,
    encrypted: Encrypted,
    /// Our direction of what is below ends behind TLS's own end (RFC 8446 §6.1), once that is out.
    ends_below: bool,
}

/// What rustls was given last to encrypt, until the socket has taken all of that.
#[derive(Debug, Default)]
struct Encrypted {
    /// Bytes of plaintext.
    given: usize,
    /// Bytes of records that the socket has taken of it.
    written: usize,
}

/// Bytes of plaintext in a record of TLS at most (RFC 8446 §5.1), and what a record has beside it at most (§5.2).
const RECORD: usize = 1 << 14;
const RECORD_OVERHEAD: usize = 5 + 256;

impl Encrypted {
    /// Bytes of plaintext that aren't in a record that went out as a whole: of a part of one the peer can't decrypt anything.
    fn held(&self) -> usize {
        self.given.saturating_sub(self.written / (RECORD + RECORD_OVERHEAD) * RECORD)
    }
}

/// What stands between a connection and its way to the peer, and holds back or changes what goes through: faults that are
/// injected.
pub(super) trait TransportLayer: fmt::Debug + Send + Sync {
    fn below(&self) -> &Transport;

    /// Breaks something on purpose, now.
    fn inject(&mut self, fault: &Arc<Fault>);

    /// Does what is due by the clock.
    ///
    /// # Errors
    /// The connection is broken.
    fn tick(&mut self, now: Instant) -> io::Result<()>;

    /// When something is due by the clock, that no socket announces. `may_read`: whether what comes would be received.
    fn deadline(&self, may_read: bool) -> Option<Instant>;

    /// Whether what wasn't sent waits for room in the socket, and not for its time.
    fn awaits_room(&self) -> bool;

    /// Whether it takes more from the socket.
    fn takes_input(&self) -> bool;

    /// As [`Transport::receive`].
    ///
    /// # Errors
    /// As there, and that the connection is broken.
    fn receive(&mut self, buffer: &mut Buffer, wait: Wait) -> io::Result<Received>;

    /// As [`Transport::send`].
    ///
    /// # Errors
    /// As there, and that the connection is broken.
    fn send(&mut self, first: &[u8], second: &[u8]) -> io::Result<usize>;

    /// Sends what may go now.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    fn flush(&mut self) -> io::Result<()>;

    /// Whether it has something to send that isn't sent.
    fn holds_unsent(&self) -> bool;

    /// Whether it has something to be received that no socket announces.
    fn holds_unread(&self) -> bool;

    /// As [`Transport::stopped_short`].
    fn stopped_short(&self) -> bool;

    /// Ends our direction behind all that is on its way.
    fn finish_sending(&mut self);

    /// Gives memory back.
    fn shrink(&mut self);
}

impl Transport {
    /// A TCP connection, its writes sent at once.
    ///
    /// # Errors
    /// When the socket can't be configured.
    pub(super) fn tcp(socket: impl Into<OwnedFd>) -> io::Result<Self> {
        let socket = socket.into();
        configure_tcp(&socket)?;
        Ok(Self::Socket(socket))
    }

    /// # Errors
    /// When the socket can't be configured.
    pub(super) fn over(socket: impl Into<OwnedFd>) -> io::Result<Self> {
        let socket = socket.into();
        configure(&socket)?;
        Ok(Self::Socket(socket))
    }

    /// Our address that the peer has connected to; none where that is no TCP.
    pub(super) fn local_address(&self) -> Option<SocketAddr> {
        let address = getsockname(self).ok()?;
        SocketAddr::try_from(address).ok()
    }

    /// TLS over this; its handshake is still to come.
    pub(super) fn under_tls(self, connection: impl Into<rustls::Connection>) -> Self {
        self.under_tls_behind(connection, Buffer::default())
    }

    /// The same where `ciphertext` was received and not read by it.
    pub(super) fn under_tls_behind(self, connection: impl Into<rustls::Connection>, ciphertext: Buffer) -> Self {
        Self::Tls(Box::new(Tls {
            below: self,
            connection: connection.into(),
            ciphertext,
            plaintext_left: false,
            failed: false,
            first_bytes: Vec::new(),
            was_asked_anew: false,
            encrypted: Encrypted::default(),
            ends_below: false,
        }))
    }

    /// The TLS connection, for what was agreed in its handshake.
    pub(super) fn tls(&self) -> Option<&rustls::Connection> {
        match self {
            Self::Socket(_) => None,
            Self::Tls(tls) => Some(&tls.connection),
            Self::Layered(layer) => layer.below().tls(),
        }
    }

    /// What the peer answered to the beginning of the TLS handshake.
    pub(super) fn first_bytes(&self) -> &[u8] {
        match self {
            Self::Socket(_) => &[],
            Self::Tls(tls) => &tls.first_bytes,
            Self::Layered(layer) => layer.below().first_bytes(),
        }
    }

    /// Whether the peer has asked for another TLS handshake, which there is none of.
    pub(super) fn was_asked_anew(&self) -> bool {
        match self {
            Self::Socket(_) => false,
            Self::Tls(tls) => tls.was_asked_anew,
            Self::Layered(layer) => layer.below().was_asked_anew(),
        }
    }

    /// Receives into `buffer` what is there.
    ///
    /// # Errors
    /// Socket and TLS failures.
    pub(super) fn receive(&mut self, buffer: &mut Buffer, wait: Wait) -> io::Result<Received> {
        match self {
            Self::Socket(socket) => receive_into(socket, buffer, wait),
            Self::Tls(tls) => tls.receive(buffer, wait),
            Self::Layered(layer) => layer.receive(buffer, wait),
        }
    }

    /// Sends as much of both parts, one after the other, as the socket takes now; returns how much.
    ///
    /// # Errors
    /// Socket and TLS failures.
    pub(super) fn send(&mut self, first: &[u8], second: &[u8]) -> io::Result<usize> {
        match self {
            Self::Socket(socket) => none_if_blocked(send_parts(socket, first, second)),
            Self::Tls(tls) => {
                let mut taken = tls.send(first)?;
                if taken == first.len() && !second.is_empty() {
                    taken += tls.send(second)?;
                }
                Ok(taken)
            }
            Self::Layered(layer) => layer.send(first, second),
        }
    }

    /// Sends all of it.
    ///
    /// # Errors
    /// Socket and TLS failures, and those of [`Until::wait`].
    pub(super) fn send_all(&mut self, mut bytes: &[u8], until: Until<'_>) -> io::Result<()> {
        loop {
            bytes = &bytes[self.send(bytes, &[])?..];
            if bytes.is_empty() && !self.holds_unsent() {
                return Ok(());
            }
            until.ready(&*self, PollFlags::OUT)?;
        }
    }

    /// Sends what TLS still holds.
    ///
    /// # Errors
    /// Socket failures.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Socket(_) => Ok(()),
            Self::Tls(tls) => tls.flush(),
            Self::Layered(layer) => layer.flush(),
        }
    }

    /// Breaks something on purpose, where there is a layer that does.
    pub(super) fn inject(&mut self, fault: &Arc<Fault>) {
        if let Self::Layered(layer) = self {
            layer.inject(fault);
        }
    }

    /// Does what faults do by the clock.
    ///
    /// # Errors
    /// A reset that is one of them.
    pub(super) fn tick(&mut self, now: Instant) -> io::Result<()> {
        if let Self::Layered(layer) = self { layer.tick(now) } else { Ok(()) }
    }

    /// When something is due by the clock, that no socket announces. `may_read`: whether what comes would be received.
    pub(super) fn deadline(&self, may_read: bool) -> Option<Instant> {
        if let Self::Layered(layer) = self { layer.deadline(may_read) } else { None }
    }

    /// Whether what wasn't sent waits for room in the socket.
    pub(super) fn awaits_room(&self) -> bool {
        if let Self::Layered(layer) = self { layer.awaits_room() } else { true }
    }

    /// Whether it would receive what comes.
    pub(super) fn takes_input(&self) -> bool {
        if let Self::Layered(layer) = self { layer.takes_input() } else { true }
    }

    /// Whether TLS holds bytes that the socket hasn't taken.
    pub(super) fn holds_unsent(&self) -> bool {
        match self {
            Self::Socket(_) => false,
            Self::Tls(tls) => tls.connection.wants_write() || tls.below.holds_unsent(),
            Self::Layered(layer) => layer.holds_unsent(),
        }
    }

    /// Bytes that were sent, as far as whoever sent them knows, and that TLS has still to send.
    pub(super) fn held_plaintext(&self) -> usize {
        match self {
            Self::Socket(_) => 0,
            Self::Tls(tls) => tls.encrypted.held(),
            Self::Layered(layer) => layer.below().held_plaintext(),
        }
    }

    /// Whether TLS holds bytes that were received and not yet read: waiting on the socket would miss them.
    pub(super) fn holds_unread(&self) -> bool {
        match self {
            Self::Socket(_) => false,
            Self::Tls(tls) => {
                tls.plaintext_left || tls.failed || !tls.ciphertext.unread().is_empty() || tls.below.holds_unread()
            }
            Self::Layered(layer) => layer.holds_unread(),
        }
    }

    /// Whether the last read from the socket left some of what was there: the next one needs no wait.
    pub(super) fn stopped_short(&self) -> bool {
        match self {
            Self::Socket(_) => false,
            Self::Tls(tls) => tls.ciphertext.is_filled() || tls.below.stopped_short(),
            Self::Layered(layer) => layer.stopped_short(),
        }
    }

    /// Ends our direction; the peer's stays open.
    pub(super) fn finish_sending(&mut self) {
        match self {
            Self::Socket(socket) => drop(shutdown(socket, Shutdown::Write)),
            Self::Tls(tls) => {
                tls.connection.send_close_notify();
                tls.ends_below = true;
                // Nothing more can be said over a socket that takes nothing for good.
                if tls.flush().is_err() {
                    tls.below.finish_sending();
                }
            }
            Self::Layered(layer) => layer.finish_sending(),
        }
    }

    /// Has the socket reset the connection where it is dropped, instead of ending it: whatever is unsent is lost.
    pub(super) fn reset(&self) {
        socket::reset_when_dropped(self);
    }

    /// Bytes that were sent and that the other end's kernel doesn't have yet; 1 where the system doesn't tell how many. To be asked
    /// where nothing more is to be sent. `None` where it tells nothing, once our direction `has_ended`.
    pub(super) fn unacknowledged(&self, has_ended: bool) -> Option<u32> {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        if let Some(bytes) = sock_diag::unacknowledged(self.as_fd()) {
            return Some(bytes);
        }
        // A socket whose direction is ended can always be written to.
        (!has_ended).then(|| {
            socket::take_no_more(self);
            u32::from(!is_writable(self))
        })
    }

    /// Has the kernel ask the other end, while nothing goes, whether it is still there.
    pub(super) fn probe(&self) {
        self.set_tcp_keepalive(PROBE_AFTER);
    }

    /// As [`socket::set_untaken_timeout`].
    pub(super) fn set_untaken_timeout(&self, timeout: Option<Duration>) {
        socket::set_untaken_timeout(self, timeout);
    }

    /// As [`socket::set_tcp_keepalive`].
    pub(super) fn set_tcp_keepalive(&self, every: Duration) {
        socket::set_tcp_keepalive(self, every);
    }

    /// Gives memory back while the connection is idle.
    pub(super) fn shrink(&mut self) {
        match self {
            Self::Socket(_) => {}
            Self::Tls(tls) => {
                tls.ciphertext.shrink();
                tls.below.shrink();
            }
            Self::Layered(layer) => layer.shrink(),
        }
    }

    /// Receives until there is something, or the peer has ended its direction. However much arrives, not past the
    /// deadline.
    ///
    /// # Errors
    /// Socket and TLS failures, and those of [`Until::wait`].
    pub(super) fn receive_some(&mut self, buffer: &mut Buffer, until: Until<'_>) -> io::Result<Received> {
        loop {
            // Waiting in the receive itself saves a system call, but is deaf to everything else.
            let is_patient = until.is_patient(PATIENCE) && !self.holds_unsent();
            let wait = if is_patient { Wait::Briefly } else { Wait::No };
            if is_patient || self.holds_unread() {
                until.check()?;
            } else {
                self.wait(until)?;
            }
            match self.receive(buffer, wait)? {
                Received::Nothing => {}
                other => return Ok(other),
            }
        }
    }

    /// Waits until there is something to receive, or the socket takes more of what TLS has to send.
    fn wait(&mut self, until: Until<'_>) -> io::Result<()> {
        // A peer that takes nothing more may still have said something.
        let sends = self.flush().is_ok() && self.holds_unsent();
        if self.holds_unread() {
            return Ok(());
        }
        let out = if sends { PollFlags::OUT } else { PollFlags::empty() };
        until.ready(&*self, PollFlags::IN | out)
    }

    /// Completes the TLS handshake.
    ///
    /// # Errors
    /// What TLS or the socket says, and those of [`Until::wait`].
    pub(super) fn complete_tls(&mut self, until: Until<'_>) -> io::Result<()> {
        loop {
            until.check()?;
            self.flush()?;
            let Self::Tls(tls) = self else { return Ok(()) };
            if !tls.connection.is_handshaking() {
                return Ok(());
            }
            match tls.handshake()? {
                Received::Bytes => {}
                Received::End => return Err(io::ErrorKind::UnexpectedEof.into()),
                Received::Nothing => self.wait(until)?,
            }
        }
    }
}

impl AsFd for Transport {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Socket(socket) => socket.as_fd(),
            Self::Tls(tls) => tls.below.as_fd(),
            Self::Layered(layer) => layer.below().as_fd(),
        }
    }
}

impl Tls {
    fn receive(&mut self, buffer: &mut Buffer, wait: Wait) -> io::Result<Received> {
        let held = self.decrypt(buffer)?;
        if held != Received::Nothing || self.plaintext_left {
            return Ok(held);
        }
        // Once, whatever comes out of it: a record may take its sender for ever.
        match self.below.receive(&mut self.ciphertext, wait)? {
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
            let at_once = space.len().min(COPIED_AT_ONCE);
            match self.connection.reader().read(&mut space[..at_once]) {
                Ok(0) => {
                    // No socket announces the close_notify again that came behind these bytes.
                    self.plaintext_left = received == Received::Bytes;
                    return Ok(if self.plaintext_left { received } else { Received::End });
                }
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
            if self.ciphertext.unread().is_empty() && !self.failed {
                return Ok(received);
            }
            if let Err(error) = self.feed() {
                // What was decrypted before comes first; rustls gives the same error again.
                self.failed = true;
                return if received == Received::Bytes { Ok(received) } else { Err(error) };
            }
        }
    }

    /// Gives rustls what it takes of the ciphertext.
    fn feed(&mut self) -> io::Result<()> {
        let is_quiet = self.has_settled_on_tls12() && !self.connection.wants_write();
        let mut unread = self.ciphertext.unread();
        let taken = self.connection.read_tls(&mut unread)?;
        self.ciphertext.consume(taken);
        let fed = self.connection.process_new_packets();
        // The only thing that rustls answers by itself there, but for what it takes for a fault.
        let has_failed = fed.as_ref().is_err_and(|why| !matches!(why, rustls::Error::AlertReceived(_)));
        self.was_asked_anew |= is_quiet && !has_failed && self.connection.wants_write();
        // What rustls answers by itself, such as the alert that says why it fails, goes out from here as far as it can:
        // whoever reads may have nothing to send for as long as they like.
        let _ = self.flush();
        fed.map(drop).map_err(io::Error::other)
    }

    fn has_settled_on_tls12(&self) -> bool {
        self.connection.protocol_version() == Some(rustls::ProtocolVersion::TLSv1_2)
            && !self.connection.is_handshaking()
    }

    fn handshake(&mut self) -> io::Result<Received> {
        if self.ciphertext.unread().is_empty() {
            let received = self.below.receive(&mut self.ciphertext, Wait::No)?;
            if received != Received::Bytes {
                return Ok(received);
            }
        }
        if self.first_bytes.is_empty() {
            let unread = self.ciphertext.unread();
            self.first_bytes = unread[..unread.len().min(FIRST_BYTES)].to_vec();
        }
        self.feed()?;
        // The peer's last words of the handshake may have its first of what follows behind them. Before them there is nothing
        // to read, however much of a record is here: the rest of it is waited for.
        self.plaintext_left = !self.connection.is_handshaking();
        Ok(Received::Bytes)
    }

    fn send(&mut self, mut bytes: &[u8]) -> io::Result<usize> {
        let whole = bytes.len();
        self.flush()?;
        while !bytes.is_empty() && !self.connection.wants_write() {
            let taken = self.connection.writer().write(&bytes[..bytes.len().min(PLAINTEXT_AT_ONCE)])?;
            bytes = &bytes[taken..];
            self.encrypted = Encrypted { given: taken, written: 0 };
            self.flush()?;
        }
        Ok(whole - bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.below.flush()?;
        while self.connection.wants_write() {
            match self.connection.write_tls(&mut Below(&mut self.below)) {
                Ok(count) => self.encrypted.written += count,
                Err(error) if is_blocked(&error) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        // All of it is out, whatever rustls says by itself next.
        self.encrypted = Encrypted::default();
        if std::mem::take(&mut self.ends_below) {
            self.below.finish_sending();
        }
        Ok(())
    }
}

/// Where TLS writes its records. It never makes a writer wait.
struct Below<'a>(&'a mut Transport);

impl Write for Below<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.send(bytes, &[])? {
            0 if !bytes.is_empty() => Err(io::ErrorKind::WouldBlock.into()),
            count => Ok(count),
        }
    }

    fn write_vectored(&mut self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        match self.0 {
            Transport::Socket(socket) => send_slices(socket, parts),
            Transport::Tls(_) | Transport::Layered(_) => {
                self.write(parts.iter().find(|part| !part.is_empty()).map_or(&[], |part| part))
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixStream;

    use rustls::pki_types::PrivatePkcs8KeyDer;
    use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection};

    use super::*;

    /// A client, and what it is connected to.
    fn connected() -> (Transport, ServerConnection, UnixStream) {
        let issued = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let certificate = issued.cert.der().clone();
        let mut roots = RootCertStore::empty();
        roots.add(certificate.clone()).unwrap();
        let key = PrivatePkcs8KeyDer::from(issued.signing_key.serialize_der()).into();
        let server = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate], key).unwrap();
        let client = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        let client = ClientConnection::new(Arc::new(client), "localhost".try_into().unwrap()).unwrap();
        let (ours, theirs) = UnixStream::pair().unwrap();
        (Transport::over(ours).unwrap().under_tls(client), ServerConnection::new(Arc::new(server)).unwrap(), theirs)
    }

    #[test]
    fn the_end_of_tls_is_there_though_no_socket_announces_it() {
        let (mut client, mut server, mut socket) = connected();
        let serving = std::thread::spawn(move || {
            while server.is_handshaking() {
                server.complete_io(&mut socket).unwrap();
            }
            server.writer().write_all(b"the last words").unwrap();
            server.send_close_notify();
            let mut records = Vec::new();
            while server.wants_write() {
                server.write_tls(&mut records).unwrap();
            }
            socket.write_all(&records).unwrap();
            socket
        });
        let until = Until::after(Duration::from_secs(60), None::<BorrowedFd<'_>>);
        client.complete_tls(until).unwrap();
        let _open = serving.join().unwrap();
        let mut buffer = Buffer::default();
        assert_eq!(client.receive_some(&mut buffer, until).unwrap(), Received::Bytes);
        assert_eq!(buffer.unread(), b"the last words");
        assert!(client.holds_unread());
        assert_eq!(client.receive_some(&mut buffer, until).unwrap(), Received::End);
    }

    #[test]
    fn tls_ends_before_the_socket_does_though_that_takes_nothing_for_a_while() {
        let (mut client, mut server, mut socket) = connected();
        let (full, gate) = std::sync::mpsc::channel();
        let serving = std::thread::spawn(move || {
            while server.is_handshaking() {
                server.complete_io(&mut socket).unwrap();
            }
            gate.recv().unwrap();
            let mut received = Vec::new();
            // An end of the socket alone is an error here.
            rustls::Stream::new(&mut server, &mut socket).read_to_end(&mut received).map(|_| received.len())
        });
        let until = Until::after(Duration::from_secs(60), None::<BorrowedFd<'_>>);
        client.complete_tls(until).unwrap();
        let mut sent = 0;
        while !client.holds_unsent() {
            sent += client.send(&[b'x'; 1000], &[]).unwrap();
        }
        client.finish_sending();
        assert!(client.holds_unsent());
        full.send(()).unwrap();
        while client.holds_unsent() {
            until.ready(&client, PollFlags::OUT).unwrap();
            client.flush().unwrap();
        }
        // What rustls had taken when the socket was full is there, too.
        let received = serving.join().unwrap().unwrap();
        assert!((sent..=sent + 1000).contains(&received), "{received} of {sent}");
    }
}
