//! Clients of `wscli serve` that don't begin with HTTP, and those that come through a proxy.

use std::io::Write;
use std::net::TcpStream;

use crate::support::peer::{client_frame, read_frame, read_head, read_to_end};
use crate::support::program::{PATIENCE, Serving, run};

const REQUEST: &[u8] = b"GET /chat HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

const V2: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

fn dial(serving: &Serving) -> TcpStream {
    let socket = TcpStream::connect(serving.address()).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket
}

#[test]
fn what_a_client_speaks_instead_of_http_is_named() {
    let mut serving = Serving::start(&[]);
    for (bytes, why) in [
        (
            b"\x16\x03\x01\x00\xf8\x01\x00\x00\xf4\x03\x03".to_vec(),
            "400 Bad Request: the client speaks TLS, and this server doesn't; --tls serves wss",
        ),
        (
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".to_vec(),
            "505 HTTP Version Not Supported: the client speaks HTTP/2, and this server HTTP/1.1",
        ),
        (
            [b"PROXY TCP4 192.0.2.1 192.0.2.2 1111 80\r\n", REQUEST].concat(),
            "400 Bad Request: the connection begins with a PROXY protocol header (version 1); --proxy-protocol accepts it",
        ),
        (
            [V2, b"\x21\x11\0\x0c\xc0\0\x02\x01\xc0\0\x02\x02\x04\x57\0\x50", REQUEST].concat(),
            "400 Bad Request: the connection begins with a PROXY protocol header (version 2); --proxy-protocol accepts it",
        ),
        (b"SSH-2.0-OpenSSH_9.2\r\n".to_vec(), "400 Bad Request: the client speaks SSH, and this is a WebSocket server"),
        (
            b"\x10\x10\0\x04MQTT\x04\x02\0\x3c\0\x04abcd".to_vec(),
            "400 Bad Request: the client speaks MQTT without WebSocket, and this is a WebSocket server",
        ),
        (b"*1\r\n$4\r\nPING\r\n".to_vec(), "400 Bad Request: the client speaks Redis, and this is a WebSocket server"),
        (
            client_frame(0x81, b"hello"),
            "400 Bad Request: the client speaks WebSocket without an opening handshake, and this is a WebSocket server",
        ),
        (
            b"GET / HTTP/1.2\r\nHost: a\r\n\r\n".to_vec(),
            "505 HTTP Version Not Supported: the client speaks HTTP/1.2, and this server HTTP/1.1",
        ),
        (
            b"CONNECT a.example:443 HTTP/1.1\r\nHost: a.example\r\n\r\n".to_vec(),
            "405 Method Not Allowed: the client takes this server for a proxy, and this is a WebSocket server; \
             wscli proxy --forward is a proxy to any server",
        ),
        (
            b"\x1b\x00hello\r\n\r\n".to_vec(),
            "400 Bad Request: the request is not HTTP: invalid token; it begins with \"\\x1b\\x00hello\\r\\n\\r\\n\"",
        ),
    ] {
        let mut socket = dial(&serving);
        socket.write_all(&bytes).unwrap();
        let answer = String::from_utf8(read_to_end(&mut socket)).unwrap();
        assert!(answer.starts_with(&format!("HTTP/1.1 {}\r\n", why.split(':').next().unwrap())), "{answer}");
        let line = serving.running.line_with("refused");
        assert!(line.ends_with(&format!(" refused with {why}")), "{line}");
    }
}

#[test]
fn a_request_that_is_refused_for_its_first_line_is_shown() {
    let mut serving = Serving::start(&["-v"]);
    for (bytes, shown) in [
        (&b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0"[..], &["PRI * HTTP/2.0"][..]),
        (
            b"CONNECT a:443 HTTP/1.1\r\nHost: a\r\nProxy-Authorization: Basic YTpi\r\n\r\n",
            &["CONNECT a:443 HTTP/1.1", "Host: a", "Proxy-Authorization: (masked; --show-secrets shows it)"],
        ),
        (b"\r\nGET / HTTP/2.0\r\nHost: a\r\n\r\n", &["GET / HTTP/2.0", "Host: a"]),
    ] {
        let mut socket = dial(&serving);
        socket.write_all(bytes).unwrap();
        read_to_end(&mut socket);
        let lines: Vec<String> = shown.iter().map(|_| serving.running.line_with("] < ")).collect();
        let lines: Vec<&str> = lines.iter().map(|line| line.split_once("] < ").unwrap().1).collect();
        assert_eq!(lines, shown);
        serving.running.line_with("refused");
    }
}

#[test]
fn a_tls_client_of_ours_is_named_too() {
    let mut serving = Serving::start(&[]);
    let outcome = run(&["connect", "-n", "-k", &serving.url.replace("ws:", "wss:")], b"");
    assert_eq!(outcome.code, Some(4), "{}", outcome.stderr);
    serving.running.line_with("the client speaks TLS, and this server doesn't; --tls serves wss");
}

#[test]
fn behind_a_proxy_the_client_is_the_one_that_the_header_names() {
    let mut serving = Serving::with(&["--proxy-protocol", "--exec", "echo $REMOTE_ADDR $REMOTE_PORT"]);
    for (header, address, variables) in [
        (b"PROXY TCP4 192.0.2.1 192.0.2.2 1111 80\r\n".to_vec(), "192.0.2.1:1111", "192.0.2.1 1111"),
        (b"PROXY TCP6 2001:db8::1 ::1 1112 80\r\n".to_vec(), "[2001:db8::1]:1112", "2001:db8::1 1112"),
        // What follows the addresses is passed over.
        (
            [V2, b"\x21\x11\0\x10\xc0\0\x02\x01\xc0\0\x02\x02\x04\x57\0\x50\x04\0\x01\0"].concat(),
            "192.0.2.1:1111",
            "192.0.2.1 1111",
        ),
    ] {
        let mut socket = dial(&serving);
        // In pieces, and with what follows right behind.
        let (first, rest) = header.split_at(3);
        socket.write_all(first).unwrap();
        socket.write_all(&[rest, REQUEST].concat()).unwrap();
        assert!(read_head(&mut socket).starts_with("HTTP/1.1 101 "));
        assert_eq!(read_frame(&mut socket), (0x81, variables.as_bytes().to_vec()));
        let line = serving.running.line_with("opened");
        assert!(line.contains(&format!("] {address} opened /chat")), "{line}");
    }
    // The proxy itself, which looks whether we live.
    for header in [&b"PROXY UNKNOWN\r\n"[..], &[V2, b"\x20\0\0\0"].concat()] {
        let mut socket = dial(&serving);
        socket.write_all(&[header, REQUEST].concat()).unwrap();
        assert!(read_head(&mut socket).starts_with("HTTP/1.1 101 "));
        assert!(serving.running.line_with("opened").contains("] 127.0.0.1:"));
    }
}

#[test]
fn the_header_comes_before_tls() {
    use std::process::Command;
    let mut serving = Serving::start(&["--proxy-protocol", "--tls"]);
    // With the header, and then what begins a TLS handshake: refused as such only for what is in it.
    let mut socket = dial(&serving);
    socket.write_all(b"PROXY TCP4 192.0.2.1 192.0.2.2 1111 80\r\n\x16\x03\x01\x00\x05hello").unwrap();
    read_to_end(&mut socket);
    let line = serving.running.line_with("TLS handshake failed");
    assert!(line.contains("] 192.0.2.1:1111 TLS handshake failed: "), "{line}");
    // curl announces itself, where there is one.
    let url = serving.url.replace("wss:", "https:") + "healthz";
    match Command::new("curl").args(["-sk", "--haproxy-protocol", &url]).output() {
        Ok(curl) => assert_eq!(curl.stdout, b"ok\n"),
        Err(_) => eprintln!("SKIPPED: curl's PROXY protocol header, since there is no curl"),
    }
}

#[test]
fn where_the_header_is_expected_it_has_to_be_there_and_right() {
    let mut serving = Serving::start(&["--proxy-protocol"]);
    for (bytes, why) in [
        (REQUEST, "the connection does not begin with a PROXY protocol header, and --proxy-protocol expects one"),
        (
            b"PROXY TCP4 192.0.2.1 nonsense\x1b[2J 1111 80\r\n",
            "the PROXY protocol header is malformed: \"PROXY TCP4 192.0.2.1 nonsense\\x1b[2J 1111 80\"",
        ),
        (b"PROXY TCP4 ", "read failed in the opening handshake: the client closed the connection"),
    ] {
        let mut socket = dial(&serving);
        socket.write_all(bytes).unwrap();
        socket.shutdown(std::net::Shutdown::Write).unwrap();
        read_to_end(&mut socket);
        let line = serving.running.line_with("[");
        assert!(line.ends_with(why), "{line}");
    }
    // A proxy that only looks whether the port is open.
    drop(dial(&serving));
    serving.running.line_with(" sent no request");
    let mut socket = dial(&serving);
    socket.write_all(&[b"PROXY UNKNOWN\r\n", REQUEST, &client_frame(0x81, b"hi")].concat()).unwrap();
    read_head(&mut socket);
    assert_eq!(read_frame(&mut socket), (0x81, b"hi".to_vec()));
}
