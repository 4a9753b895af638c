//! `--fault`: what is wrong on purpose in an opening handshake, as the client gets it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant, SystemTime};

use rustix::process::Signal;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::support::peer::{self, ask_by_hand, header, open_by_hand, read_frame, read_to_end};
use crate::support::program::{Serving, run};

/// RFC 6455 §1.3: the accept of the key that `open_by_hand` sends.
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
const WRONG: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAA=";

fn with(fault: &str) -> Serving {
    Serving::start(&["--fault", fault])
}

#[test]
fn the_answer_is_another_one() {
    let mut server = with("once status 503 Retry-After: 7");
    let (mut socket, head) = open_by_hand(server.address(), "");
    assert!(head.starts_with("HTTP/1.1 503 Service Unavailable\r\n"), "{head}");
    assert_eq!(header(&head, "Retry-After").as_deref(), Some("7"));
    read_to_end(&mut socket);
    server.running.line_with("[1] injected: once status 503 Retry-After: 7");
    server.running.line_with("refused with 503");
    assert!(open_by_hand(server.address(), "").1.starts_with("HTTP/1.1 101 "));
    let server = with("status 302 Location: /elsewhere");
    let (_, head) = open_by_hand(server.address(), "");
    assert_eq!(header(&head, "Location").as_deref(), Some("/elsewhere"), "{head}");
}

#[test]
fn the_answer_has_something_wrong_in_it() {
    let head = |fault| open_by_hand(with(fault).address(), "Sec-WebSocket-Protocol: a\r\n").1;
    let accepts = |head: &str| head.matches("Sec-WebSocket-Accept: ").count();
    let wrong = head("wrong-accept");
    assert_eq!((accepts(&wrong), header(&wrong, "Sec-WebSocket-Accept").as_deref()), (1, Some(WRONG)), "{wrong}");
    let both = head("two-accepts");
    assert!(accepts(&both) == 2 && both.contains(ACCEPT) && both.contains(WRONG), "{both}");
    let none = head("no-upgrade");
    assert!(!none.contains("Upgrade: ") && none.contains("Connection: "), "{none}");
    assert_eq!(header(&head("subprotocol x"), "Sec-WebSocket-Protocol").as_deref(), Some("x"));
    assert_eq!(header(&head("extension"), "Sec-WebSocket-Extensions").as_deref(), Some("unoffered"));
    let outcome = run(&["connect", "-n", &with("wrong-accept").url], b"");
    assert_eq!(outcome.code, Some(5), "{}", outcome.stderr);
}

#[test]
fn the_answer_breaks_off_or_never_comes_and_the_server_still_stops_in_time() {
    for (fault, is_begun) in [("no-answer", false), ("half-answer", true)] {
        let mut server = with(fault);
        let mut socket = ask_by_hand(server.address(), "");
        server.running.line_with(&format!("[1] injected: {fault}"));
        if is_begun {
            socket.read_exact(&mut [0; 20]).unwrap();
        }
        server.running.signal(Signal::TERM);
        let (code, took) = server.running.wait();
        assert_eq!(code, Some(0));
        assert!(took < Duration::from_secs(2), "{took:?}");
        let rest = String::from_utf8(read_to_end(&mut socket)).unwrap();
        assert!(!rest.contains("\r\n\r\n"), "{rest}");
        // A client that goes has its place given back.
        let mut server = Serving::start(&["--fault", fault, "--max-connections", "1"]);
        drop(ask_by_hand(server.address(), ""));
        server.running.line_with("the opening handshake broke off, with a fault in it");
    }
}

#[test]
fn a_whole_answer_may_come_late_byte_by_byte_or_with_a_message_behind_it() {
    let server = with("late-answer 150ms");
    let begin = Instant::now();
    let (_, head) = open_by_hand(server.address(), "");
    assert!(head.starts_with("HTTP/1.1 101 ") && begin.elapsed() >= Duration::from_millis(150));

    let server = with("bytewise");
    let outcome = run(&["connect", "-1", &server.url], b"hello\n");
    outcome.assert("hello\n", 0, "");
    let mut socket = ask_by_hand(server.address(), "");
    let mut piece = [0; 1024];
    // However slow the reader is, it isn't all there at once.
    let first = socket.read(&mut piece).unwrap();
    assert!(first < 100, "{first}");

    let server = with("glue hi there");
    let mut socket = ask_by_hand(server.address(), "");
    let count = socket.read(&mut piece).unwrap();
    assert!(piece[..count].ends_with(b"\r\n\r\n\x81\x08hi there"), "{}", String::from_utf8_lossy(&piece[..count]));
    let outcome = run(&["connect", "-n", "--count", "1", &server.url], b"");
    outcome.assert("hi there\n", 0, "");
}

#[test]
fn a_proxy_has_them_too_and_does_not_ask_the_target() {
    let target = peer::opens_and_closes();
    let proxy = Serving::in_front_of(&target.url, &["--fault", "once status 429 Retry-After: 1"]);
    assert!(open_by_hand(proxy.address(), "").1.starts_with("HTTP/1.1 429 Too Many Requests\r\n"));
    let (mut socket, head) = open_by_hand(proxy.address(), "");
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    assert_eq!(read_frame(&mut socket).0, 0x88);
    drop(socket);
    target.join();
}

#[test]
fn a_certificate_is_expired_or_for_another_host() {
    for (fault, is_expired, name) in
        [("certificate expired", true, "localhost"), ("certificate wrong-name", false, "wrong.invalid")]
    {
        let mut server = Serving::start(&["--tls", "--fault", fault]);
        server.running.line_with(&format!("injected: {fault}"));
        let url = format!("wss://{}", server.address());
        let report: Value = serde_json::from_str(run(&["inspect", "-k", "--json", &url], b"").stdout()).unwrap();
        let certificate = &report["tls"]["certificates"][0];
        let ends = OffsetDateTime::parse(certificate["not_after"].as_str().unwrap(), &Rfc3339).unwrap();
        assert_eq!(ends < SystemTime::now(), is_expired, "{report:#}");
        assert!(certificate["names"].to_string().contains(name), "{report:#}");
    }
    let why = "--fault \"certificate expired\" is for the certificate that --tls makes";
    run(&["serve", "0", "--fault", "certificate expired"], b"").assert("", 2, why);
}

#[test]
fn plain_requests_are_answered_as_ever() {
    let server = with("status 503");
    let mut socket = TcpStream::connect(server.address()).unwrap();
    write!(socket, "GET / HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", server.address()).unwrap();
    let answer = String::from_utf8(read_to_end(&mut socket)).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
}

#[test]
fn what_makes_no_sense_is_refused() {
    for (fault, why) in [
        ("status 101", "column 8: \"101\" is not a status from 200 to 999"),
        ("status 503 Retry-After", "column 12: expected a header, as in: status 503 Retry-After: 5"),
        (
            "client no-answer",
            "column 8: nothing has been said yet on the connections that it is for, so that it has no direction",
        ),
        ("at 1s no-answer", "column 7: it counts connections, and takes no time"),
        ("once certificate expired", "column 6: a certificate is that of all connections"),
    ] {
        run(&["serve", "0", "--fault", fault], b"").assert("", 2, why);
    }
}
