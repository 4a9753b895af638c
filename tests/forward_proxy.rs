//! `wscli proxy --forward`: an HTTP and a SOCKS 5 proxy that joins WebSockets and lets everything else through.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use rustix::net::sockopt::set_socket_linger;
use rustix::process::Signal;

use crate::bounds::wait_until_at_rest;
use crate::support::files::Folder;
use crate::support::peer::{
    self, Refusing, acceptance, client_frame, connect, connect_with_little_room, handshake, header, one_connection,
    read_frame, read_head, read_to_end,
};
use crate::support::program::{Running, Serving};

/// HOST:PORT of a peer.
fn place<T>(server: &peer::Peer<T>) -> String {
    server.url.trim_start_matches("ws://").trim_end_matches('/').to_owned()
}

/// A way to somewhere by CONNECT, and the head of the answer.
fn connect_to(proxy: &Serving, place: &str, extra: &str) -> (TcpStream, String) {
    let mut socket = connect(proxy.address());
    socket.write_all(format!("CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n{extra}\r\n").as_bytes()).unwrap();
    let head = read_head(&mut socket);
    (socket, head)
}

/// The same where it is granted.
fn tunnel_to(proxy: &Serving, place: &str) -> TcpStream {
    let (socket, head) = connect_to(proxy, place, "");
    assert_eq!(head, "HTTP/1.1 200 Connection established\r\n\r\n");
    socket
}

/// What a proxy answers a request with that it ends with that.
fn answered(proxy: &Serving, request: &str) -> String {
    let mut socket = connect(proxy.address());
    socket.write_all(request.as_bytes()).unwrap();
    String::from_utf8(read_to_end(&mut socket)).unwrap()
}

fn exchange<const N: usize>(socket: &mut TcpStream, said: &[u8]) -> [u8; N] {
    socket.write_all(said).unwrap();
    let mut answer = [0; N];
    socket.read_exact(&mut answer).unwrap();
    answer
}

fn port(place: &str) -> [u8; 2] {
    place.rsplit(':').next().unwrap().parse::<u16>().unwrap().to_be_bytes()
}

/// A server that echoes one text frame, and returns the head of the request and the frame.
fn echo_one() -> peer::Peer<(String, Vec<u8>)> {
    peer::raw(|socket, head| {
        socket.write_all(acceptance(&head, "").as_bytes()).unwrap();
        let (first, payload) = read_frame(socket);
        socket.write_all(&[&[first, payload.len() as u8], &payload[..]].concat()).unwrap();
        assert_eq!(read_frame(socket).0, 0x88);
        socket.write_all(b"\x88\x02\x03\xe8").unwrap();
        read_to_end(socket);
        (head, payload)
    })
}

/// Opens a WebSocket on a socket by hand, sends a text, gets it back and closes.
fn speak(socket: &mut TcpStream, request: &str) {
    socket.write_all(request.as_bytes()).unwrap();
    let head = read_head(socket);
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    socket.write_all(&client_frame(0x81, b"hello")).unwrap();
    assert_eq!(read_frame(socket), (0x81, b"hello".to_vec()));
    socket.write_all(&client_frame(0x88, b"\x03\xe8")).unwrap();
    assert_eq!(read_frame(socket), (0x88, b"\x03\xe8".to_vec()));
    assert_eq!(read_to_end(socket), b"");
}

#[test]
fn a_websocket_in_a_tunnel_is_joined_and_told() {
    let server = echo_one();
    let place = place(&server);
    let mut proxy = Serving::forward(&["-v"]);
    let mut client = tunnel_to(&proxy, &place);
    speak(&mut client, &handshake("/chat?a=b", "other.example", "Origin: https://page.example\r\nCookie: c=d\r\n"));
    let (head, payload) = server.join();
    assert_eq!(payload, b"hello");
    assert!(head.starts_with("GET /chat?a=b HTTP/1.1\r\n"), "{head}");
    // The client has named the server itself: nothing of it is rewritten.
    assert_eq!(header(&head, "Host").as_deref(), Some("other.example"));
    assert_eq!(header(&head, "Origin").as_deref(), Some("https://page.example"));
    assert_eq!(header(&head, "Cookie").as_deref(), Some("c=d"));
    assert_eq!(header(&head, "User-Agent"), None);
    assert!(header(&head, "Via").unwrap().starts_with("1.1 wscli-"), "{head}");
    proxy.running.line_with(&format!("[2] for [1] connected to ws://{place}/chat?a=b"));
    proxy.running.line_with("[1] < hello");
    proxy.running.line_with("[2] closed by the client: 1000");
}

#[test]
fn a_websocket_in_absolute_form_is_joined() {
    for scheme in ["ws", "http"] {
        let server = echo_one();
        let place = place(&server);
        let proxy = Serving::forward(&[]);
        let mut client = connect(proxy.address());
        let target = format!("{scheme}://{place}/chat");
        speak(&mut client, &handshake(&target, "ignored.example", "Proxy-Connection: keep-alive\r\n"));
        let (head, _) = server.join();
        assert!(head.starts_with("GET /chat HTTP/1.1\r\n"), "{head}");
        assert_eq!(header(&head, "Host"), Some(place));
        assert_eq!(header(&head, "Proxy-Connection"), None);
    }
}

#[test]
fn a_websocket_behind_socks_is_joined() {
    for by_name in [false, true] {
        let server = echo_one();
        let place = place(&server);
        let proxy = Serving::forward(&[]);
        let mut client = connect(proxy.address());
        assert_eq!(exchange(&mut client, b"\x05\x02\x00\x02"), [5, 0]);
        let host: &[u8] = if by_name { b"\x03\x09127.0.0.1" } else { b"\x01\x7f\x00\x00\x01" };
        let request = [b"\x05\x01\x00", host, &port(&place)].concat();
        // A byte at a time.
        request.iter().for_each(|byte| client.write_all(&[*byte]).unwrap());
        assert_eq!(exchange(&mut client, b""), [5, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
        speak(&mut client, &handshake("/chat", &place, ""));
        assert_eq!(server.join().1, b"hello");
    }
}

#[test]
fn tungstenite_speaks_through_it_compressed_as_each_side_has_it() {
    let server = Serving::start(&[]);
    let proxy = Serving::forward(&["--frames"]);
    let socket = tunnel_to(&proxy, server.address());
    let (mut websocket, _) = tungstenite::client(server.url.as_str(), socket).unwrap();
    for size in [0, 1, 125, 126, 65_536, 1_000_000] {
        let text = "x".repeat(size);
        websocket.send(tungstenite::Message::text(&text)).unwrap();
        assert_eq!(websocket.read().unwrap(), tungstenite::Message::text(&text));
    }
    let mut proxy = proxy;
    proxy.running.line_with("[2] for [1] connected to ");
}

#[test]
fn what_is_no_websocket_passes_through_untouched() {
    // What comes first decides, and what a server says before that.
    for (said, answer) in [
        (&b"\x16\x03\x01\x00\x05hello"[..], &b"\x15\x03\x01\x00\x02\x02\x28"[..]),
        (b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\nhi"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\nbody", b"no"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\0\0\0\x04\0\0\0\0\0"),
        (b"GEX", b"what?"),
        (b"\x16\x02 not TLS", b"\x00\xff"),
    ] {
        let (expected, length) = (said.to_vec(), said.len());
        let server = one_connection(move |mut socket| {
            let mut received = vec![0; length];
            socket.read_exact(&mut received).unwrap();
            socket.write_all(answer).unwrap();
            socket.shutdown(Shutdown::Write).unwrap();
            received.extend(read_to_end(&mut socket));
            received
        });
        let proxy = Serving::forward(&[]);
        let mut client = tunnel_to(&proxy, &place(&server));
        client.write_all(said).unwrap();
        assert_eq!(read_to_end(&mut client), answer);
        client.write_all(b"late").unwrap();
        client.shutdown(Shutdown::Write).unwrap();
        assert_eq!(server.join(), [&expected[..], b"late"].concat());
    }
}

#[test]
fn a_server_may_begin_and_a_client_may_say_nothing() {
    let server = one_connection(|mut socket| {
        socket.write_all(b"220 ready\r\n").unwrap();
        read_to_end(&mut socket)
    });
    let mut proxy = Serving::forward(&[]);
    let place = place(&server);
    let mut client = tunnel_to(&proxy, &place);
    assert_eq!(exchange(&mut client, b""), *b"220 ready\r\n");
    client.write_all(b"QUIT\r\n").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    assert_eq!(server.join(), b"QUIT\r\n");
    assert_eq!(read_to_end(&mut client), b"");
    proxy.running.line_with(&format!("tunnel to {place}"));
    proxy.running.line_with(&format!("tunnel to {place} ended; 6 bytes to the server, 11 bytes from it in "));
}

#[test]
fn an_end_is_an_end_and_a_reset_a_reset() {
    let server = one_connection(|mut socket| {
        let received = read_to_end(&mut socket);
        socket.write_all(b"after the end").unwrap();
        received
    });
    let proxy = Serving::forward(&[]);
    let mut client = tunnel_to(&proxy, &place(&server));
    client.write_all(b"all").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    assert_eq!(read_to_end(&mut client), b"after the end");
    assert_eq!(server.join(), b"all");

    let reset = |socket: TcpStream| {
        set_socket_linger(&socket, Some(Duration::ZERO)).unwrap();
        drop(socket);
    };
    let (told, has_come) = channel();
    let server = one_connection(move |mut socket| {
        socket.read_exact(&mut [0; 3]).unwrap();
        told.send(()).unwrap();
        socket.read(&mut [0]).map_err(|error| error.kind())
    });
    let mut proxy = Serving::forward(&[]);
    let mut client = tunnel_to(&proxy, &place(&server));
    client.write_all(b"all").unwrap();
    has_come.recv().unwrap();
    reset(client);
    assert_eq!(server.join(), Err(ErrorKind::ConnectionReset));
    proxy.running.line_with("reset by the client; 3 bytes to the server");

    let server = one_connection(move |mut socket| {
        socket.read_exact(&mut [0; 3]).unwrap();
        reset(socket);
    });
    let mut client = tunnel_to(&proxy, &place(&server));
    client.write_all(b"all").unwrap();
    assert_eq!(client.read(&mut [0]).map_err(|error| error.kind()), Err(ErrorKind::ConnectionReset));
    server.join();
}

#[test]
fn what_was_said_before_a_reset_comes_before_it() {
    let server = one_connection(|mut socket| {
        let mut received = Vec::new();
        socket.write_all(b"go on").unwrap();
        let end = socket.read_to_end(&mut received).map_err(|error| error.kind());
        (received, end)
    });
    let mut proxy = Serving::forward(&[]);
    let mut client = tunnel_to(&proxy, &place(&server));
    client.read_exact(&mut [0; 5]).unwrap();
    proxy.running.signal(Signal::STOP);
    client.write_all(b"the last words").unwrap();
    set_socket_linger(&client, Some(Duration::ZERO)).unwrap();
    drop(client);
    proxy.running.signal(Signal::CONT);
    assert_eq!(server.join(), (b"the last words".to_vec(), Err(ErrorKind::ConnectionReset)));
    proxy.running.line_with("reset by the client; 14 bytes to the server");
}

#[test]
fn even_the_last_bytes_before_a_reset_reach_a_client_with_little_room() {
    const LINE: &[u8; 100] = &[b'x'; 100];
    let proxy = Serving::forward(&[]);
    // More than there is room for, by less than a segment and by more.
    let clients = (45..80).step_by(4).map(|count| {
        let server = one_connection(move |mut socket| {
            // Each in a segment of its own.
            (0..count).for_each(|_| socket.write_all(LINE).unwrap());
            set_socket_linger(&socket, Some(Duration::ZERO)).unwrap();
            // It is told to go on once the proxy has all that.
            socket.read_exact(&mut [0]).unwrap();
        });
        let mut client = connect_with_little_room(proxy.address());
        client.write_all(format!("CONNECT {} HTTP/1.1\r\nHost: x\r\n\r\n", place(&server)).as_bytes()).unwrap();
        read_head(&mut client);
        wait_until_at_rest(&proxy.running);
        client.write_all(b"!").unwrap();
        server.join();
        (client, count)
    });
    let clients: Vec<_> = clients.collect();
    // For longer than a client has time to read what it was given, if it has all of it.
    thread::sleep(Duration::from_millis(1500));
    for (mut client, count) in clients {
        let mut received = Vec::new();
        let end = client.read_to_end(&mut received).map_err(|error| error.kind());
        assert_eq!((received.len(), end), (count * LINE.len(), Err(ErrorKind::ConnectionReset)));
    }
}

#[test]
fn a_reset_behind_more_than_a_client_takes_in_time_is_no_end() {
    const LENGTH: usize = 8 << 20;
    let server = one_connection(|mut socket| {
        socket.set_write_timeout(Some(Duration::from_millis(500))).unwrap();
        let _ = socket.write_all(&vec![b'x'; LENGTH]);
        set_socket_linger(&socket, Some(Duration::ZERO)).unwrap();
    });
    let mut proxy = Serving::forward(&[]);
    let mut client = tunnel_to(&proxy, &place(&server));
    server.join();
    proxy.running.line_with("reset by the server; 0 bytes to the server");
    let mut received = Vec::new();
    let end = client.read_to_end(&mut received).map_err(|error| error.kind());
    assert_eq!(end, Err(ErrorKind::ConnectionReset), "behind {} of {LENGTH} bytes", received.len());
}

#[test]
fn a_side_that_does_not_read_slows_the_other_down() {
    const MOST: usize = 64 << 20;
    let (go_on, may_read) = channel::<()>();
    let server = one_connection(move |mut socket| {
        may_read.recv().unwrap();
        read_to_end(&mut socket).len()
    });
    let proxy = Serving::forward(&[]);
    let mut client = tunnel_to(&proxy, &place(&server));
    let before = proxy.running.peak();
    client.set_write_timeout(Some(Duration::from_secs(2))).unwrap();
    let piece = vec![0; 1 << 20];
    let mut sent = 0;
    // Until the buffers of the kernel are full, which is long before this.
    while sent < MOST {
        match client.write(&piece) {
            Ok(count) => sent += count,
            Err(_) => break,
        }
    }
    assert!(sent < MOST, "{sent} bytes went nowhere");
    assert!(proxy.running.peak() - before < 2 << 20, "{}", proxy.running.peak() - before);
    go_on.send(()).unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    assert_eq!(server.join(), sent);
}

#[test]
fn plain_http_in_absolute_form_goes_on_in_origin_form_for_one_request() {
    let server = peer::raw(|socket, head| {
        let mut body = [0; 5];
        socket.read_exact(&mut body).unwrap();
        socket.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi").unwrap();
        socket.shutdown(Shutdown::Write).unwrap();
        (head, body, read_to_end(socket))
    });
    let proxy = Serving::forward(&[]);
    let place = place(&server);
    let mut client = connect(proxy.address());
    // What stands behind the body is no business of this server.
    let request = format!(
        "POST http://{place}/a?b HTTP/1.1\r\nHost: {place}\r\nProxy-Authorization: Basic x\r\nContent-Length: 5\r\n\
         Connection: keep-alive\r\nX-End: 1\r\n\r\n"
    );
    client.write_all(&[request.as_bytes(), b"hello", b"GET http://elsewhere/ HTTP/1.1\r\n\r\n"].concat()).unwrap();
    assert_eq!(read_to_end(&mut client), b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi");
    client.shutdown(Shutdown::Write).unwrap();
    let (head, body, rest) = server.join();
    let via = header(&head, "Via").unwrap();
    assert_eq!(
        head,
        format!(
            "POST /a?b HTTP/1.1\r\nHost: {place}\r\nContent-Length: 5\r\nX-End: 1\r\nVia: {via}\r\nConnection: close\r\n\r\n"
        )
    );
    assert_eq!((&body, rest.as_slice()), (b"hello", &b""[..]));
}

#[test]
fn a_client_that_asks_before_it_sends_a_body_gets_the_servers_word() {
    let server = peer::raw(|socket, head| {
        assert_eq!(header(&head, "Expect").as_deref(), Some("100-continue"));
        socket.write_all(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n").unwrap();
        let mut body = [0; 5];
        socket.read_exact(&mut body).unwrap();
        socket.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n").unwrap();
        body
    });
    let proxy = Serving::forward(&[]);
    let place = place(&server);
    let mut client = connect(proxy.address());
    let request =
        format!("POST http://{place}/ HTTP/1.1\r\nHost: {place}\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    client.write_all(request.as_bytes()).unwrap();
    assert_eq!(read_head(&mut client), "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
    assert_eq!(read_head(&mut client), "HTTP/1.1 100 Continue\r\n\r\n");
    client.write_all(b"hello").unwrap();
    assert_eq!(read_head(&mut client), "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
    assert_eq!(&server.join(), b"hello");
}

#[test]
fn what_leads_nowhere_is_refused_with_a_reason() {
    let gone = Refusing::new();
    let mut proxy = Serving::forward(&[]);
    let own = proxy.address().to_owned();
    let mapped = own.replace("127.0.0.1", "[::ffff:127.0.0.1]");
    let smuggled = handshake("/", "a", "Host: b\r\n");
    for (request, status, why) in [
        (format!("CONNECT {gone} HTTP/1.1\r\nHost: a\r\n\r\n"), "502 Bad Gateway", gone.to_string()),
        (format!("GET http://{gone}/ HTTP/1.1\r\nHost: a\r\n\r\n"), "502 Bad Gateway", gone.to_string()),
        (
            "CONNECT a.invalid:25 HTTP/1.1\r\nHost: a\r\n\r\n".into(),
            "403 Forbidden",
            "tunnels to port 25 are not allowed".into(),
        ),
        (format!("CONNECT {own} HTTP/1.1\r\nHost: a\r\n\r\n"), "508 Loop Detected", "leads back to this proxy".into()),
        (
            format!("CONNECT {mapped} HTTP/1.1\r\nHost: a\r\n\r\n"),
            "508 Loop Detected",
            "leads back to this proxy".into(),
        ),
        (format!("GET http://{own}/ HTTP/1.1\r\nHost: a\r\n\r\n"), "508 Loop Detected", "leads back".into()),
        (handshake(&format!("ws://{own}/"), "a", ""), "508 Loop Detected", "leads back".into()),
        // What can be seen to be wrong leads nowhere.
        (
            format!("POST http://{gone}/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
            "400 Bad Request",
            "isn't in chunks".into(),
        ),
        (handshake(&format!("ws://{gone}/"), "a", "Content-Length: 3\r\n"), "400 Bad Request", "body".into()),
        ("GET / HTTP/1.1\r\nHost: a\r\n\r\n".into(), "400 Bad Request", "names no server".into()),
        ("CONNECT a HTTP/1.1\r\nHost: a\r\n\r\n".into(), "400 Bad Request", "HOST:PORT".into()),
        (
            "CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc".into(),
            "400 Bad Request",
            "a CONNECT has no body".into(),
        ),
        ("GET http://a/ HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n".into(), "400 Bad Request", "Host appears twice".into()),
        (
            "POST http://a/ HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n".into(),
            "400 Bad Request",
            "in two ways".into(),
        ),
    ] {
        let answer = answered(&proxy, &request);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}\r\n")) && answer.contains(&why), "{request}{answer}");
        proxy.running.line_with(&why);
    }
    for (said, why) in [
        (&b"\x16\x03\x01\x02\x00\x01\x00"[..], "TLS"),
        (
            b"\x04\x01\x00\x50\x7f\x00\x00\x01\x00",
            "the client speaks SOCKS 4, and this is a proxy for HTTP and SOCKS 5",
        ),
    ] {
        let mut client = connect(proxy.address());
        client.write_all(said).unwrap();
        let answer = String::from_utf8(read_to_end(&mut client)).unwrap();
        assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains(why), "{answer}");
    }
    let server = one_connection(|mut socket| read_to_end(&mut socket));
    let mut client = tunnel_to(&proxy, &place(&server));
    client.write_all(smuggled.as_bytes()).unwrap();
    let answer = String::from_utf8(read_to_end(&mut client)).unwrap();
    assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n") && answer.contains("Host appears twice"), "{answer}");
    assert_eq!(server.join(), b"");
}

#[test]
fn proxies_that_lead_to_each_other_are_a_loop() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let first = Serving::forward(&["-x", &format!("http://127.0.0.1:{port}")]);
    let second =
        Running::start(&["proxy", "--forward", &port.to_string(), "-x", &format!("http://{}", first.address())]);
    let mut second = second;
    second.line_with("listening on ");
    let (mut client, head) = connect_to(&first, "a.invalid:443", "");
    assert!(head.starts_with("HTTP/1.1 502 Bad Gateway\r\n"), "{head}");
    let body = String::from_utf8(read_to_end(&mut client)).unwrap();
    assert!(body.contains("502 Bad Gateway"), "{body}");
    second.line_with("508 Loop Detected");
}

#[test]
fn socks_is_told_why_by_its_replies() {
    let gone = Refusing::new();
    let proxy = Serving::forward(&[]);
    let own = proxy.address().to_owned();
    let ask = |command: u8, host: &[u8], place: &str| {
        let mut client = connect(proxy.address());
        assert_eq!(exchange(&mut client, b"\x05\x01\x00"), [5, 0]);
        let request = [&[5, command, 0], host, &port(place)].concat();
        exchange::<10>(&mut client, &request)[1]
    };
    let loopback = b"\x01\x7f\x00\x00\x01";
    assert_eq!(ask(1, loopback, &gone.to_string()), 5);
    assert_eq!(ask(1, b"\x03\x09a.invalid", "a:443"), 4);
    // A multicast address: no network has it as a peer.
    assert_eq!(ask(1, b"\x01\xe0\x00\x00\x01", "a:443"), 3);
    assert_eq!(ask(1, b"\x03\x09a.invalid", "a:25"), 2);
    assert_eq!(ask(1, loopback, &own), 1);
    assert_eq!(ask(2, loopback, &gone.to_string()), 7);
    let mut client = connect(proxy.address());
    assert_eq!(exchange(&mut client, b"\x05\x01\x02"), [5, 0xff]);
}

#[test]
fn who_has_to_prove_who_they_are_does() {
    let server = Serving::start(&[]);
    let proxy = Serving::forward(&["--auth", "me:secret"]);
    let (_, head) = connect_to(&proxy, server.address(), "");
    assert!(head.starts_with("HTTP/1.1 407 Proxy Authentication Required\r\n"), "{head}");
    assert_eq!(header(&head, "Proxy-Authenticate").as_deref(), Some("Basic realm=\"wscli\", charset=\"UTF-8\""));
    let (_, head) = connect_to(&proxy, server.address(), "Authorization: Basic bWU6c2VjcmV0\r\n");
    assert!(head.starts_with("HTTP/1.1 407 "), "{head}");
    let (_, head) = connect_to(&proxy, server.address(), "Proxy-Authorization: Basic bWU6c2VjcmV0\r\n");
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    let mut client = connect(proxy.address());
    assert_eq!(exchange(&mut client, b"\x05\x01\x00"), [5, 0xff]);
    for (password, answer) in [("secret", 0), ("other!", 1)] {
        let mut client = connect(proxy.address());
        assert_eq!(exchange(&mut client, b"\x05\x02\x00\x02"), [5, 2]);
        assert_eq!(exchange(&mut client, &[b"\x01\x02me\x06", password.as_bytes()].concat()), [1, answer]);
    }
}

#[test]
fn what_can_not_be_read_in_socks_is_answered_in_socks_and_not_told() {
    let mut proxy = Serving::forward(&["--auth", "me:secret", "-v"]);
    let mut client = connect(proxy.address());
    assert_eq!(exchange(&mut client, b"\x05\x01\x02"), [5, 2]);
    // The version is that of SOCKS, and not of the negotiation (RFC 1929 §2).
    assert_eq!(exchange(&mut client, b"\x05\x02me\x06secret"), [1, 1]);
    assert_eq!(read_to_end(&mut client), b"");
    proxy
        .running
        .line_with("refused in SOCKS 5: its SOCKS client negotiates user and password in another way than RFC 1929");
    proxy.running.signal(rustix::process::Signal::TERM);
    let log = proxy.running.finish().stderr;
    assert!(!log.contains("secret") && !log.contains("HTTP/1.1"), "{log}");
}

#[test]
fn an_open_proxy_is_refused_and_so_is_what_is_of_one_target() {
    let refused = |args: &[&str], says: &str| {
        Running::start(&[&["proxy", "--forward"], args].concat()).finish().assert("", 2, says);
    };
    refused(&["0.0.0.0:0"], "is not loopback, and anyone who reaches it could use this proxy");
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let itself = format!("socks5://localhost:{free}");
    refused(&[&free.to_string(), "-x", &itself], &format!("-x points back to this proxy, which listens at {itself}"));
    refused(&["127.0.0.1:0", "ws://localhost/"], "its clients name the target");
    refused(&["127.0.0.1:0", "-u", "a:b"], "cannot be used with");
    refused(&["127.0.0.1:0", "--allow-connect", "x"], "expected a port");
    let idle = Running::start(&["proxy", "--allow-connect", "1", "ws://localhost/"]).finish();
    idle.assert("", 2, "--allow-connect does nothing without --forward");
    let mut proxy = Running::start(&["proxy", "--forward", "0.0.0.0:0", "--auth", "a:b"]);
    proxy.line_with("listening on http://0.0.0.0:");
}

#[test]
fn a_websocket_is_recorded_on_both_sides() {
    let server = echo_one();
    let place = place(&server);
    let folder = Folder::new();
    let file = folder.path("session.ndjson");
    let mut proxy = Serving::forward(&["--record", &file, "--out", "json", "--frames"]);
    let mut client = tunnel_to(&proxy, &place);
    speak(&mut client, &handshake("/chat", &place, ""));
    server.join();
    proxy.running.line_with("[2] > text");
    proxy.running.line_with("[1] 127.0.0.1:");
    proxy.running.signal(rustix::process::Signal::TERM);
    let outcome = proxy.running.finish();
    let recorded = std::fs::read_to_string(&file).unwrap();
    for lines in [outcome.stdout(), &recorded] {
        let lines: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let of = |kind: &str| lines.iter().filter(|line| line["type"] == kind).collect::<Vec<_>>();
        let urls: Vec<_> = of("opened").iter().map(|line| line["url"].as_str().unwrap().to_owned()).collect();
        assert_eq!(urls, [format!("ws://{place}/chat"), format!("ws://{place}/chat")]);
        assert_eq!((of("text").len(), of("closed").len()), (4, 2));
    }
}

#[test]
fn a_tunnel_has_an_end() {
    // Of idleness, with both sides there.
    let server = one_connection(|mut socket| {
        socket.write_all(b"hi").unwrap();
        read_to_end(&mut socket)
    });
    let idle = Duration::from_secs(1);
    let mut proxy = Serving::forward(&["--idle-timeout", "1s"]);
    let mut client = tunnel_to(&proxy, &place(&server));
    assert_eq!(read_to_end(&mut client), b"hi");
    assert_eq!(server.join(), b"");
    proxy.running.line_with("idle for too long; 0 bytes to the server, 2 bytes from it");

    // The same where neither has said anything.
    let server = one_connection(|mut socket| read_to_end(&mut socket));
    let begun = Instant::now();
    let mut client = tunnel_to(&proxy, &place(&server));
    assert_eq!((read_to_end(&mut client), server.join()), (Vec::new(), Vec::new()));
    let line = proxy.running.line_with("idle for too long; 0 bytes to the server, 0 bytes from it in 1");
    assert!(!line.contains("µs") && !line.contains("ms"), "{line}");
    assert!(begun.elapsed() < 2 * idle, "{:?}", begun.elapsed());

    // Of the proxy, whether or not the client has begun.
    let servers = [(), ()].map(|()| one_connection(|mut socket| read_to_end(&mut socket)));
    let mut proxy = Serving::forward(&[]);
    let mut clients = [0, 1].map(|at| tunnel_to(&proxy, &place(&servers[at])));
    clients[1].write_all(b"POST").unwrap();
    proxy.running.line_with("tunnel to ");
    proxy.running.signal(rustix::process::Signal::TERM);
    let (code, lasted) = proxy.running.wait();
    assert_eq!(code, Some(0));
    assert!(lasted < Duration::from_secs(2), "{lasted:?}");
    assert_eq!(clients.each_mut().map(|client| read_to_end(client).len()), [0, 0]);
    servers.into_iter().for_each(|server| drop(server.join()));
}

#[test]
fn clients_over_the_limit_are_told_so() {
    let server = Serving::start(&[]);
    let mut proxy = Serving::forward(&["--max-connections", "1", "-v", "--auth", "me:secret"]);
    let known = "Proxy-Authorization: Basic bWU6c2VjcmV0\r\n";
    let (_first, head) = connect_to(&proxy, server.address(), known);
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    proxy.running.line_with("< Proxy-Authorization: (masked");
    let (_, head) = connect_to(&proxy, server.address(), known);
    assert!(head.starts_with("HTTP/1.1 503 Service Unavailable\r\n"), "{head}");
    let mut client = connect(proxy.address());
    assert_eq!(exchange(&mut client, b"\x05\x01\x02"), [5, 2]);
    assert_eq!(exchange(&mut client, b"\x01\x02me\x06secret"), [1, 0]);
    let answer: [u8; 10] = exchange(&mut client, b"\x05\x01\x00\x01\x7f\x00\x00\x01\x00\x50");
    assert_eq!(answer[..2], [5, 1]);
}

#[test]
fn programs_are_told_of_tunnels_too() {
    let server = one_connection(|mut socket| socket.write_all(b"hi").unwrap());
    let mut proxy = Serving::forward(&["--out", "json"]);
    let place = place(&server);
    let mut client = tunnel_to(&proxy, &place);
    assert_eq!(read_to_end(&mut client), b"hi");
    drop(client);
    proxy.running.line_with("ended; 0 bytes to the server");
    proxy.running.signal(rustix::process::Signal::TERM);
    let outcome = proxy.running.finish();
    let events: Vec<serde_json::Value> =
        outcome.stdout().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let types: Vec<_> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["listening", "tunnel_opened", "tunnel_closed"]);
    assert_eq!((&events[1]["target"], &events[1]["connection"]), (&place.as_str().into(), &1.into()));
    let closed = &events[2];
    assert_eq!((&closed["why"], &closed["to_server"], &closed["to_client"]), (&"ended".into(), &0.into(), &2.into()));
}
