//! Servers and clients that share no code with the program.

use std::fmt;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::sync::LazyLock;
use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, JoinHandle};

use rustix::net::sockopt::set_socket_recv_buffer_size;
use rustix::net::{AddressFamily, SocketType, bind, getsockname, listen, socket};
use tungstenite::handshake::derive_accept_key;
use tungstenite::{Message, WebSocket};

use super::program::PATIENCE;

/// A server for one connection.
pub(crate) struct Peer<T> {
    pub(crate) url: String,
    thread: JoinHandle<T>,
}

impl<T> Peer<T> {
    /// What the server's script returned.
    pub(crate) fn join(self) -> T {
        self.thread.join().unwrap()
    }
}

/// An address on loopback that refuses connections: its port is taken, so that nobody else gets it, and nobody listens.
pub(crate) struct Refusing {
    socket: OwnedFd,
    pub(crate) address: SocketAddr,
}

impl Refusing {
    pub(crate) fn new() -> Self {
        let socket = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
        bind(&socket, &SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
        let address = getsockname(&socket).unwrap().try_into().unwrap();
        Self { socket, address }
    }

    /// From here on it takes them.
    pub(crate) fn listen(self) -> TcpListener {
        listen(&self.socket, 8).unwrap();
        self.socket.into()
    }
}

impl fmt::Display for Refusing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.address.fmt(f)
    }
}

/// A socket by hand, from its first byte on.
pub(crate) fn one_connection<T: Send + 'static>(script: impl FnOnce(TcpStream) -> T + Send + 'static) -> Peer<T> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let thread = thread::spawn(move || {
        let (socket, _) = listener.accept().unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        script(socket)
    });
    Peer { url, thread }
}

/// tungstenite's WebSocket as the server.
pub(crate) fn tungstenite<T: Send + 'static>(
    script: impl FnOnce(&mut WebSocket<TcpStream>) -> T + Send + 'static,
) -> Peer<T> {
    one_connection(|socket| {
        let mut websocket = tungstenite::accept(socket).unwrap();
        let outcome = script(&mut websocket);
        // Until the client has gone, so that nothing is reset under it.
        while websocket.read().is_ok() {}
        outcome
    })
}

/// Bytes by hand: the script gets the socket and the head of the request.
pub(crate) fn raw<T: Send + 'static>(script: impl FnOnce(&mut TcpStream, String) -> T + Send + 'static) -> Peer<T> {
    one_connection(|mut socket| {
        let head = read_head(&mut socket);
        script(&mut socket, head)
    })
}

/// Opens the connection, closes it with 1000 and returns the head of the request.
pub(crate) fn opens_and_closes() -> Peer<String> {
    raw(|socket, head| {
        open_and_close(socket, &head);
        head
    })
}

/// The right answer to `head`, then Close 1000, and the end once the client has answered it.
pub(crate) fn open_and_close(socket: &mut (impl Read + Write), head: &str) {
    socket.write_all(acceptance(head, "").as_bytes()).unwrap();
    socket.write_all(b"\x88\x02\x03\xe8").unwrap();
    let _ = socket.read(&mut [0; 64]);
}

/// Bytes by hand, behind an opening handshake that goes well.
pub(crate) fn opened<T: Send + 'static>(
    extensions: &'static str,
    script: impl FnOnce(&mut TcpStream) -> T + Send + 'static,
) -> Peer<T> {
    raw(move |socket, head| {
        socket.write_all(acceptance(&head, extensions).as_bytes()).unwrap();
        script(socket)
    })
}

/// An expression that is looked for in what [`long_to_search`] sends for longer than any test takes: it begins at every other
/// letter, has as many states then as there are letters to come, and ends nowhere.
pub(crate) const SEARCHED: &str = "(a[ab]{800}[^ab])";

/// Letters without any order that an automaton could learn.
static LETTERS: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let next = |state: &u32| {
        let state = state ^ state << 13;
        let state = state ^ state >> 17;
        Some(state ^ state << 5)
    };
    let states = std::iter::successors(Some(1_u32), next).take(2 << 20);
    states.map(|state| b'a' + (state & 1) as u8).collect()
});

/// A server that sends one large text; the channel tells when all of it has gone out.
pub(crate) fn long_to_search() -> (Peer<()>, Receiver<()>) {
    let (sent, arrived) = channel();
    let content = LETTERS.as_slice();
    let server = opened("", move |socket| {
        socket.write_all(&[&[0x81, 127][..], &(content.len() as u64).to_be_bytes(), content].concat()).unwrap();
        sent.send(()).unwrap();
        read_to_end(socket);
    });
    (server, arrived)
}

/// The answer that opens the connection.
pub(crate) fn acceptance(request: &str, extensions: &str) -> String {
    let key = header(request, "Sec-WebSocket-Key").unwrap();
    let extensions =
        if extensions.is_empty() { String::new() } else { format!("Sec-WebSocket-Extensions: {extensions}\r\n") };
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {}\r\n{extensions}\r\n",
        derive_accept_key(key.as_bytes())
    )
}

pub(crate) fn header(head: &str, name: &str) -> Option<String> {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(found, _)| found.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim().to_owned())
}

/// Reads up to the empty line, and not a byte further.
pub(crate) fn read_head(socket: &mut impl Read) -> String {
    String::from_utf8(read_head_bytes(socket)).unwrap()
}

/// The same of a head that is no text.
pub(crate) fn read_head_bytes(socket: &mut impl Read) -> Vec<u8> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        socket.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    head
}

/// A frame that was read: first byte, payload unmasked.
pub(crate) fn read_frame(socket: &mut TcpStream) -> (u8, Vec<u8>) {
    let mut head = [0; 2];
    socket.read_exact(&mut head).unwrap();
    let length = match head[1] & 0x7f {
        126 => {
            let mut length = [0; 2];
            socket.read_exact(&mut length).unwrap();
            u64::from(u16::from_be_bytes(length))
        }
        127 => {
            let mut length = [0; 8];
            socket.read_exact(&mut length).unwrap();
            u64::from_be_bytes(length)
        }
        short => u64::from(short),
    };
    let mut key = [0; 4];
    if head[1] & 0x80 != 0 {
        socket.read_exact(&mut key).unwrap();
    }
    let mut payload = vec![0; length as usize];
    socket.read_exact(&mut payload).unwrap();
    payload.iter_mut().enumerate().for_each(|(i, byte)| *byte ^= key[i % 4]);
    (head[0], payload)
}

/// Everything until the other side ends its direction.
pub(crate) fn read_to_end(socket: &mut impl Read) -> Vec<u8> {
    let mut rest = Vec::new();
    // A reset is an end as well.
    let _ = socket.read_to_end(&mut rest);
    rest
}

/// The head of an opening handshake.
pub(crate) fn handshake(target: &str, host: &str, extra: &str) -> String {
    format!(
        "GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{extra}\r\n"
    )
}

/// A connection to an address.
pub(crate) fn connect(address: &str) -> TcpStream {
    let socket = TcpStream::connect(address).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket.set_write_timeout(Some(PATIENCE)).unwrap();
    socket
}

/// The same, of which the client's kernel keeps little that isn't read.
pub(crate) fn connect_with_little_room(address: &str) -> TcpStream {
    let socket = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    set_socket_recv_buffer_size(&socket, 4096).unwrap();
    rustix::net::connect(&socket, &address.parse::<SocketAddr>().unwrap()).unwrap();
    let socket = TcpStream::from(socket);
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket
}

/// Opens a connection to a server by hand; returns the socket and the head of the response.
pub(crate) fn open_by_hand(address: &str, extra: &str) -> (TcpStream, String) {
    let mut socket = ask_by_hand(address, extra);
    let head = read_head(&mut socket);
    (socket, head)
}

/// A client that hasn't read the answer to its opening handshake.
pub(crate) fn ask_by_hand(address: &str, extra: &str) -> TcpStream {
    let mut socket = connect(address);
    socket.write_all(handshake("/chat", address, extra).as_bytes()).unwrap();
    socket
}

/// A client's frame under an all-zero key, so that its payload stands as it is.
pub(crate) fn client_frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match payload.len() {
        length @ 0..=125 => frame.push(0x80 | length as u8),
        length @ 126..=0xffff => {
            frame.push(0xfe);
            frame.extend_from_slice(&(length as u16).to_be_bytes());
        }
        length => {
            frame.push(0xff);
            frame.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    frame.extend_from_slice(&[0; 4]);
    frame.extend_from_slice(payload);
    frame
}

/// Sends every message back until the client closes.
pub(crate) fn echo_any<S: Read + Write>(websocket: &mut WebSocket<S>) {
    while let Ok(message) = websocket.read() {
        if matches!(message, Message::Text(_) | Message::Binary(_)) && websocket.send(message).is_err() {
            return;
        }
    }
}
