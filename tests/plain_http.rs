//! Plain HTTP as monitors, load balancers, proxies and browsers speak it to `wscli serve`.

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use rustix::process::Signal;

use crate::support::files::Folder;
use crate::support::peer::{client_frame, header, read_frame, read_head, read_to_end};
use crate::support::program::{PATIENCE, Running, Serving};
use crate::support::timing::within;

const HANDSHAKE: &str = "Host: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
                         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

fn dial(serving: &Serving) -> TcpStream {
    let socket = TcpStream::connect(serving.address()).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket
}

/// All that comes until the server ends the connection.
fn whole(serving: &Serving, request: &str) -> String {
    let mut socket = dial(serving);
    socket.write_all(request.as_bytes()).unwrap();
    String::from_utf8(read_to_end(&mut socket)).unwrap()
}

/// One answer, and no byte of what follows it.
fn answer(socket: &mut TcpStream) -> (String, Vec<u8>) {
    let head = read_head(socket);
    let length = header(&head, "Content-Length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    socket.read_exact(&mut body).unwrap();
    (head, body)
}

fn status(head: &str) -> &str {
    head.split(' ').nth(1).unwrap()
}

#[test]
fn monitors_are_answered_in_their_ways() {
    let serving = Serving::start(&[]);
    let ok = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 3\r\n\
              Cache-Control: no-store\r\nConnection: close\r\n\r\n";
    let no_content = "HTTP/1.1 204 No Content\r\nConnection: close\r\nAllow: GET, HEAD, OPTIONS\r\n\r\n";
    let closing = "Host: monitor.example\r\nConnection: close\r\n";
    for (request, expected) in [
        ("GET /healthz HTTP/1.0\r\n\r\n".to_owned(), format!("{ok}ok\n")),
        ("HEAD /healthz HTTP/1.0\r\n\r\n".into(), ok.into()),
        // HAProxy's `option httpchk`.
        ("OPTIONS / HTTP/1.0\r\n\r\n".into(), no_content.into()),
        (format!("OPTIONS * HTTP/1.1\r\n{closing}\r\n"), no_content.into()),
        (format!("GET /healthz HTTP/1.1\r\n{closing}\r\n"), format!("{ok}ok\n")),
    ] {
        assert_eq!(whole(&serving, &request), expected, "{request}");
    }
    for path in
        ["/health", "/healthz/", "/livez", "/readyz", "/ready", "/live", "/status", "/ping", "/up", "/-/healthy"]
    {
        assert_eq!(
            status(&whole(&serving, &format!("GET {path} HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n"))),
            "200",
            "{path}"
        );
    }
    let routed = Serving::with(&["--route", "/ping=echo", "--route", "/ws=echo"]);
    assert_eq!(status(&whole(&routed, "GET /ping HTTP/1.0\r\n\r\n")), "426");
    assert_eq!(status(&whole(&routed, "GET /status/ HTTP/1.0\r\n\r\n")), "200");
    assert_eq!(status(&whole(&serving, "POST / HTTP/1.0\r\n\r\n")), "405");
    let upgrade = format!("GET / HTTP/1.0\r\n{HANDSHAKE}\r\n");
    assert!(whole(&serving, &upgrade).ends_with("\r\n\r\nthe opening handshake needs HTTP/1.1 or later\n"));
}

/// Whatever HTTP/1.0 asks for (RFC 9112 §9.3).
#[test]
fn a_refusal_closes_the_connection_and_says_so() {
    let routed = Serving::with(&["--route", "/ws=echo", "--auth", "a:b"]);
    let open = Serving::start(&[]);
    let kept = "Host: localhost\r\nConnection: keep-alive\r\n";
    for (serving, request, code) in [
        (&open, format!("POST / HTTP/1.0\r\n{kept}\r\n"), "405"),
        (&open, format!("GET /ws#x HTTP/1.0\r\n{kept}\r\n"), "400"),
        (&open, format!("GET / HTTP/1.0\r\n{HANDSHAKE}\r\n"), "400"),
        (&open, "GET / HTTP/1.0\r\nHost: a, b\r\nConnection: keep-alive\r\n\r\n".into(), "400"),
        (&routed, format!("GET /ws HTTP/1.0\r\n{kept}\r\n"), "401"),
        (&routed, format!("GET /ws HTTP/1.1\r\n{kept}\r\n"), "401"),
    ] {
        // To the end of the connection, and another request behind the first is not answered.
        let all = whole(serving, &format!("{request}GET /healthz HTTP/1.0\r\n\r\n"));
        assert_eq!((status(&all), header(&all, "Connection").as_deref()), (code, Some("close")), "{request}{all}");
        assert_eq!(all.matches("\r\nContent-Length: ").count(), 1, "{request}{all}");
    }
}

#[test]
fn offers_of_other_protocols_are_ignored() {
    let mut serving = Serving::start(&[]);
    for offer in [
        // java.net.http and curl --http2.
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQBAAAAAAIAAAAA\r\n",
        "Connection: Upgrade\r\nUpgrade: TLS/1.2, HTTP/2.0\r\n",
    ] {
        let mut socket = dial(&serving);
        for (path, expected) in [("/healthz", "200"), ("/", "200")] {
            socket.write_all(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{offer}\r\n").as_bytes()).unwrap();
            assert_eq!(status(&answer(&mut socket).0), expected, "{offer}");
        }
    }
    // What is garbled is no offer of something else, and what is missing has been taken out.
    let garbled = format!("GET / HTTP/1.1\r\n{}\r\n", HANDSHAKE.replace("websocket", "web-socket"));
    assert!(whole(&serving, &garbled).ends_with("\r\n\r\nUpgrade does not include websocket\n"));
    let removed = format!("GET / HTTP/1.1\r\n{}\r\n", HANDSHAKE.replace("Upgrade: websocket\r\n", ""));
    assert_eq!(status(&whole(&serving, &removed)), "426");
    serving.running.line_with("the request has a Sec-WebSocket-Key and no Upgrade header: has a proxy removed it?");
}

#[test]
fn a_connection_stays_for_more_requests_and_can_become_a_websocket() {
    let serving = Serving::start(&[]);
    let mut socket = dial(&serving);
    let get = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let head = "HEAD /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    // Two that don't wait for each other, and one behind them.
    socket.write_all(format!("{get}{get}").as_bytes()).unwrap();
    for _ in 0..2 {
        let (head, body) = answer(&mut socket);
        assert_eq!((status(&head), header(&head, "Connection"), body), ("200", None, b"ok\n".to_vec()));
    }
    socket.write_all(format!("{head}GET / HTTP/1.1\r\n{HANDSHAKE}\r\n").as_bytes()).unwrap();
    assert_eq!(status(&read_head(&mut socket)), "200");
    assert_eq!(status(&read_head(&mut socket)), "101");
    socket.write_all(&client_frame(0x81, b"hi")).unwrap();
    assert_eq!(read_frame(&mut socket), (0x81, b"hi".to_vec()));
}

#[test]
fn http_1_0_keeps_a_connection_only_where_it_asks_for_that() {
    let serving = Serving::start(&[]);
    let mut socket = dial(&serving);
    // As `ab -k` does.
    for _ in 0..3 {
        socket.write_all(b"GET /healthz HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").unwrap();
        let (head, body) = answer(&mut socket);
        assert_eq!((header(&head, "Connection").as_deref(), body), (Some("keep-alive"), b"ok\n".to_vec()));
    }
    socket.write_all(b"GET /healthz HTTP/1.0\r\n\r\n").unwrap();
    assert_eq!(header(&answer(&mut socket).0, "Connection").as_deref(), Some("close"));
    assert_eq!(read_to_end(&mut socket), b"");
}

#[test]
fn a_place_that_others_may_need_is_not_kept() {
    let serving = Serving::start(&["--max-connections", "1"]);
    let answer = whole(&serving, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert!(answer.contains("\r\nConnection: close\r\n"), "{answer}");
}

#[test]
fn nothing_is_smuggled_behind_a_request() {
    let serving = Serving::start(&[]);
    for body in
        ["Content-Length: 46\r\n", "Transfer-Encoding: chunked\r\n", "Content-Length: 0\r\nContent-Length: 5\r\n"]
    {
        for method in ["GET", "HEAD", "OPTIONS", "POST"] {
            let request =
                format!("{method} / HTTP/1.1\r\nHost: a\r\n{body}\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
            let answer = whole(&serving, &request);
            assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{answer}");
            assert!(answer.starts_with("HTTP/1.1 4") && answer.contains("\r\nConnection: close\r\n"), "{answer}");
        }
    }
}

#[test]
fn names_are_checked_in_every_version_of_http() {
    let folder = Folder::new();
    let file = folder.file("a.txt", "content");
    let served = std::path::Path::new(&file).parent().unwrap().to_str().unwrap();
    let serving = Serving::start(&["--static", served]);
    for version in ["1.0", "1.1"] {
        for (headers, expected) in [
            ("Host: localhost\r\n", "200"),
            ("Host: evil.example\r\n", "403"),
            ("Host: localhost\r\nOrigin: http://evil.example\r\n", "403"),
            ("Host: evil.example\r\nOrigin: http://evil.example\r\n", "403"),
        ] {
            for path in ["/a.txt", "/"] {
                let request = format!("GET {path} HTTP/{version}\r\n{headers}Connection: close\r\n\r\n");
                assert_eq!(status(&whole(&serving, &request)), expected, "{request}");
            }
        }
    }
    // No browser leaves Host out, and whoever does was led here by no name.
    assert_eq!(status(&whole(&serving, "GET /a.txt HTTP/1.0\r\n\r\n")), "200");
    assert_eq!(status(&whole(&serving, "GET /a.txt HTTP/1.1\r\n\r\n")), "400");
    assert_eq!(status(&whole(&serving, "GET /a.txt HTTP/1.0\r\nOrigin: http://evil.example\r\n\r\n")), "403");
}

#[test]
fn a_connection_that_is_not_used_is_no_error() {
    let mut serving = Serving::start(&["--out", "json"]);
    drop(dial(&serving));
    let line = serving.running.line_with("[1] ");
    assert!(line.ends_with(" sent no request"), "{line}");
    // One that was answered leaves without a word of ours.
    let mut socket = dial(&serving);
    socket.write_all(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    answer(&mut socket);
    socket.shutdown(Shutdown::Write).unwrap();
    assert_eq!(read_to_end(&mut socket), b"");
    serving.running.signal(Signal::TERM);
    let outcome = serving.running.finish();
    let events = outcome.stdout().lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    // Each connection has its own thread, which tells of it in its own time.
    let mut events: Vec<_> =
        events.map(|event| (event["connection"].as_u64(), event["type"].as_str().unwrap().to_owned())).collect();
    events.sort_unstable();
    assert_eq!(events, [(None, "listening".into()), (Some(1), "no_request".into()), (Some(2), "request".into())]);
    assert_eq!(outcome.stderr.matches("[2] ").count(), 1, "{}", outcome.stderr);
}

/// As a health check of HAProxy's does, which has seen enough with the status.
#[test]
fn a_client_that_resets_once_it_has_its_answer_is_no_error() {
    let serving = Serving::start(&[]);
    for number in 0..300 {
        let mut socket = dial(&serving);
        rustix::net::sockopt::set_socket_linger(&socket, Some(Duration::ZERO)).unwrap();
        if number % 3 > 0 {
            let more = ["Connection: close\r\n", ""][number % 2];
            socket.write_all(format!("GET /healthz HTTP/1.1\r\nHost: a\r\n{more}\r\n").as_bytes()).unwrap();
            socket.read_exact(&mut [0; 15]).unwrap();
        }
    }
    serving.running.signal(Signal::TERM);
    let outcome = serving.running.finish();
    for line in outcome.stderr.lines().filter(|line| line.starts_with('[')) {
        assert!(line.contains(" GET /healthz 200") || line.ends_with(" sent no request"), "{line}");
    }
}

/// How long the server takes to stop while clients are there in every state before a connection.
fn time_to_stop(running: &mut Running) -> Duration {
    running.signal(Signal::TERM);
    let (code, took) = running.wait();
    assert_eq!(code, Some(0));
    took
}

#[test]
fn a_server_that_stops_waits_for_nobody_in_the_handshake() {
    let folder = Folder::new();
    let large = folder.path("large.bin");
    fs::write(&large, vec![7; 32 << 20]).unwrap();
    let served = std::path::Path::new(&large).parent().unwrap().to_str().unwrap().to_owned();
    let says = |words: &str, reads: bool| {
        let words = words.to_owned();
        move |socket: &mut TcpStream| {
            socket.write_all(words.as_bytes()).unwrap();
            if reads {
                let _ = socket.read(&mut [0; 1]).unwrap();
            }
        }
    };
    let host = "Host: localhost\r\n\r\n";
    for (flags, client) in [
        (&[][..], says("", false)),
        (&[], says("GET / HTTP/1.1\r\n", false)),
        (&["--tls"], says("", false)),
        (&["--tls"], says("\u{16}\u{3}\u{1}", false)),
        (&["--proxy-protocol"], says("PROXY ", false)),
        // These have been answered: one is waited for to end, one to ask again, and one to read.
        (&[], says("nonsense\r\n\r\n", true)),
        (&[], says(&format!("GET /healthz HTTP/1.1\r\n{host}"), true)),
        (&["--static", served.as_str()], says(&format!("GET /large.bin HTTP/1.1\r\n{host}"), true)),
    ] {
        within(Duration::from_millis(1200), || {
            let mut serving = Serving::start(flags);
            let mut first = dial(&serving);
            client(&mut first);
            // Who comes later is served: the first is where it is to be.
            let mut second = dial(&serving);
            if !flags.contains(&"--proxy-protocol") {
                second.write_all(b"GET /healthz HTTP/1.0\r\n\r\n").unwrap();
                read_to_end(&mut second);
            }
            (time_to_stop(&mut serving.running), ())
        });
    }
}

#[test]
fn a_file_ends_where_its_length_says_and_the_connection_stays() {
    let folder = Folder::new();
    let file = folder.path("file.bin");
    fs::write(&file, vec![7; 3 << 20]).unwrap();
    let served = std::path::Path::new(&file).parent().unwrap().to_str().unwrap();
    let serving = Serving::start(&["--static", served]);
    let mut socket = dial(&serving);
    socket.write_all(b"GET /file.bin HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let (head, body) = answer(&mut socket);
    assert_eq!((status(&head), body.len()), ("200", 3 << 20));
    // Its end is known, so that another request may follow.
    socket.write_all(b"GET /healthz HTTP/1.0\r\n\r\n").unwrap();
    assert_eq!(answer(&mut socket).1, b"ok\n");
}

#[test]
fn a_client_that_takes_nothing_of_a_long_file_is_gone_soon() {
    let folder = Folder::new();
    let path = folder.file("large.bin", "");
    // At the slowest that a client may read, all of it takes half a day.
    fs::File::options().write(true).open(&path).unwrap().set_len(1 << 30).unwrap();
    let served = std::path::Path::new(&path).parent().unwrap().to_str().unwrap();
    let mut serving = Serving::with(&["--static", served]);
    let mut socket = dial(&serving);
    socket.write_all(b"GET /large.bin HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let line = serving.running.line_with("[1] ");
    assert!(line.ends_with(" GET /large.bin failed: it took too long"), "{line}");
}
