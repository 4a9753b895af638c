//! A server that does one thing wrong, or several: each path is a fault.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::LazyLock;
use std::thread;

use super::peer::{acceptance, read_to_end};
use super::program::PATIENCE;

/// What stands in [`GZIP`].
pub(crate) const GZIPPED: &str = "{\"error\":\"no such room\",\"room\":\"lobby\"}\n";

/// Made by gzip: a block of fixed Huffman codes.
const GZIP: &[u8] =
    b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xabVJ-*\xca/R\xb2R\xca\xcbW(.M\xceP(\xca\xcf\xcfU\xd2Q\x02S\
                      VJ9\xf9II\x95J\xb5\\\x00j)M\xd8(\x00\x00\x00";

/// A text message "open", and Close 1000.
const FRAMES: &[u8] = b"\x81\x04open\x88\x02\x03\xe8";

static ADDRESS: LazyLock<SocketAddr> = LazyLock::new(start);

/// The URL of a path on the server.
pub(crate) fn url(path: &str) -> String {
    format!("ws://{}{path}", *ADDRESS)
}

fn start() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for socket in listener.incoming() {
            thread::spawn(move || serve(&mut socket.unwrap()));
        }
    });
    address
}

fn serve(socket: &mut TcpStream) {
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let Some(head) = request(socket) else { return };
    let path = head.split(' ').nth(1).unwrap().to_owned();
    let answer = answer(&path, &head);
    // A client that has seen enough may be gone.
    if socket.write_all(&answer).is_err() {
        return;
    }
    match path.as_str() {
        "/endless" => while socket.write_all(b"and more ").is_ok() {},
        "/closes" | "/cut-off" | "/until-the-end" => socket.shutdown(Shutdown::Write).unwrap(),
        // The client answers the Close.
        "/ok" | "/wrong-accept" | "/two" | "/extension" | "/subprotocol" => {
            let _ = socket.read(&mut [0; 64]);
            return;
        }
        // Everyone else waits for the client: nothing may depend on the connection's end.
        _ => {}
    }
    read_to_end(socket);
}

/// The head of the request, or nothing of a client that gave up.
fn request(socket: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        socket.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    String::from_utf8(head).ok()
}

fn answer(path: &str, head: &str) -> Vec<u8> {
    match path {
        "/ok" => [opening(head, "").as_slice(), FRAMES].concat(),
        "/silent" | "/closes" => vec![],
        "/garbage" => b"\x00\xff\xfe\x1b]0;owned\x07\r\n\r\n".to_vec(),
        "/ssh" => b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n".to_vec(),
        "/smtp" => b"220 mail.example ESMTP Postfix\r\n".to_vec(),
        "/http2" => b"\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64".to_vec(),
        "/tls" => b"\x15\x03\x03\x00\x02\x02\x28".to_vec(),
        "/half-a-head" => b"HTTP/1.1 101 Switching Protocols\r\n".to_vec(),
        "/endless" => b"HTTP/1.1 101 Switching Protocols\r\nX-More: ".to_vec(),
        "/many-headers" => [b"HTTP/1.1 404 Not Found\r\n".to_vec(), b"X-More: and more\r\n".repeat(500)].concat(),
        "/cut-off" => b"HTTP/1.1 404 Not Fou".to_vec(),
        "/wrong-accept" => [WRONG_ACCEPT.replace("{more}", "").as_bytes(), FRAMES].concat(),
        "/two" => {
            [WRONG_ACCEPT.replace("Upgrade: websocket\r\n", "").replace("{more}", "").as_bytes(), FRAMES].concat()
        }
        "/extension" => {
            [opening(head, "Sec-WebSocket-Extensions: x-webkit-deflate-frame\r\n").as_slice(), FRAMES].concat()
        }
        "/subprotocol" => [opening(head, "Sec-WebSocket-Protocol: graphql-ws\r\n").as_slice(), FRAMES].concat(),
        path => response(path),
    }
}

const WRONG_ACCEPT: &str = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                            Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n{more}\r\n";

fn opening(request: &str, more: &str) -> Vec<u8> {
    let head = acceptance(request, "");
    format!("{}{more}\r\n", head.strip_suffix("\r\n").unwrap()).into_bytes()
}

/// An answer in HTTP that opens nothing.
fn response(path: &str) -> Vec<u8> {
    let (status, headers, body): (_, _, &[u8]) = match path {
        "/301" => ("301 Moved Permanently", "Location: /ok\r\n", b"moved\n"),
        "/302" => ("302 Found", "Location: /ok\r\n", b""),
        "/loop" => ("302 Found", "Location: /loop\r\n", b""),
        "/nowhere" => ("302 Found", "", b""),
        "/mailto" => ("302 Found", "Location: mailto:someone@example.com\r\n", b""),
        "/400" => ("400 Bad Request", "Sec-WebSocket-Protocol: graphql-transport-ws\r\n", b"unsupported subprotocol\n"),
        "/401" => {
            ("401 Unauthorized", "WWW-Authenticate: Basic realm=\"rooms\"\r\n", b"{\"error\":\"who are you?\"}\n")
        }
        "/403" => ("403 Forbidden", "", b"origin not allowed\n"),
        "/404" => ("404 Not Found", "Content-Type: application/json\r\n", b"{\"error\":\"no such room\"}\n"),
        "/426" => ("426 Upgrade Required", "Upgrade: websocket\r\nSec-WebSocket-Version: 7, 8\r\n", b"version 13?\n"),
        "/429" => ("429 Too Many Requests", "Retry-After: 0\r\n", b"slow down\n"),
        "/500" => ("500 Internal Server Error", "", b"it broke\n"),
        "/503" => ("503 Service Unavailable", "Retry-After: 120\r\n", b"restarting\n"),
        "/200" => ("200 OK", "Content-Type: text/html\r\n", b"<h1>hello</h1>\n"),
        "/long" => ("404 Not Found", "", LONG.as_bytes()),
        "/hostile" => ("500 Internal Server Error", "", b"\x1b]0;owned\x07\x1b[2J\xc2\x9b1m\r\nwscli: forged\n"),
        "/hostile-head" => ("500 \x1b[2Jowned", "X-Header: \x1b[31m\u{9b}1m\r\n", b""),
        "/binary" => ("404 Not Found", "Content-Type: image/png\r\n", b"\x89PNG\r\n\x1a\n\x00\x00\xff"),
        "/gzip" => ("404 Not Found", "Content-Encoding: gzip\r\n", GZIP),
        "/chunked" => return with_head("500 Internal Server Error", "Transfer-Encoding: chunked\r\n", CHUNKED),
        "/chunked-gzip" => {
            let headers = "Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n";
            let (first, second) = GZIP.split_at(16);
            return with_head("404 Not Found", headers, &[chunk(first), chunk(second), chunk(b"")].concat());
        }
        "/stalled" => return with_head("404 Not Found", "Content-Length: 1000\r\n", b"the first words"),
        "/events" => return with_head("200 OK", "Content-Type: text/event-stream\r\n", b"data: the first event\n\n"),
        "/until-the-end" => return with_head("404 Not Found", "", b"ended by the connection\n"),
        other => panic!("no fault is called {other}"),
    };
    with_head(status, &format!("{headers}Content-Length: {}\r\n", body.len()), body)
}

fn with_head(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 {status}\r\n{headers}\r\n").as_bytes(), body].concat()
}

/// RFC 9112 §7.1. An empty one is the last.
fn chunk(bytes: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
}

const CHUNKED: &[u8] = b"8;extension=ignored\r\nthe data\r\n10\r\nbase is on fire\n\r\n0\r\nTrailer: ignored\r\n\r\n";

/// Over 4 KiB, and at its end what must not be shown.
static LONG: LazyLock<String> = LazyLock::new(|| "0123456789abcdef".repeat(256) + "past the first 4 KiB\n");
