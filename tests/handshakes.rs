//! Opening handshakes that are refused, each fault by its name.

use std::io::Write;
use std::net::TcpStream;

use crate::support::peer::{self, acceptance, client_frame, read_to_end};
use crate::support::program::{PATIENCE, Serving, run};

const GET: &str = "GET / HTTP/1.1\r\n";
const HOST: &str = "Host: localhost\r\n";
const UPGRADE: &str = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
                       Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

#[test]
fn the_server_refuses_what_others_may_read_otherwise() {
    let mut serving = Serving::start(&[]);
    for (head, why) in [
        (
            format!("{GET}{HOST}{UPGRADE}Sec-WebSocket-Extensions: a;\r\n"),
            "Sec-WebSocket-Extensions is malformed: a parameter name expected at byte 2 of \"a;\" (RFC 6455 §9.1)",
        ),
        (format!("{GET}{HOST}{HOST}{UPGRADE}"), "Host appears twice"),
        (format!("{GET}{UPGRADE}"), "Host is missing"),
        (format!("{GET}Host: a b\r\n{UPGRADE}"), "Host \"a b\" is not a host with a port or without (RFC 9112 §3.2)"),
        (
            format!("{GET}Host: user@a\r\n{UPGRADE}"),
            "Host \"(masked)@a\" is not a host with a port or without (RFC 9112 §3.2)",
        ),
        // No other blanks than a space and a tab belong to nobody (RFC 9110 §5.6.3).
        (
            format!("{GET}Host: localhost\u{a0}\r\n{UPGRADE}"),
            "Host \"localhost\\u{a0}\" is not a host with a port or without (RFC 9112 §3.2)",
        ),
        (
            format!("{GET}{HOST}{UPGRADE}Content-Length: \u{3000}0\r\n"),
            "the request has a body (Content-Length: \"\\u{3000}0\"), and an opening handshake has none",
        ),
        (
            format!("{GET}{HOST}{UPGRADE}Sec-WebSocket-Protocol: chat\u{a0}\r\n"),
            "Sec-WebSocket-Protocol is malformed: \"chat\\u{a0}\" is not a token (RFC 6455 §4.1)",
        ),
        (format!("{GET}{HOST}{UPGRADE}Sec-WebSocket-Version: 13\r\n"), "Sec-WebSocket-Version appears twice"),
        (
            format!("{GET}{HOST}{UPGRADE}Content-Length: 11\r\n"),
            "the request has a body (Content-Length: \"11\"), and an opening handshake has none",
        ),
        (
            format!("{GET}{HOST}{UPGRADE}Transfer-Encoding: chunked\r\n"),
            "the request has a body (Transfer-Encoding: \"chunked\"), and an opening handshake has none",
        ),
        (
            format!("GET chat HTTP/1.1\r\n{HOST}{UPGRADE}"),
            "the target \"chat\" is neither a path nor an http URL (RFC 9112 §3.2)",
        ),
        (format!("{GET}Host : localhost\r\n{UPGRADE}"), "a header has a space before its colon (RFC 9112 §5.1)"),
        (format!("{GET}{HOST}X: a\r\n b\r\n{UPGRADE}"), "a header is folded over several lines (RFC 9112 §5.2)"),
    ] {
        let mut socket = TcpStream::connect(serving.address()).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        // Were the body read as frames, this would be echoed.
        let frame = client_frame(0x81, b"hello");
        socket.write_all(&[head.as_bytes(), b"\r\n", &frame].concat()).unwrap();
        let answer = String::from_utf8(read_to_end(&mut socket)).unwrap();
        assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{head}: {answer}");
        assert!(answer.ends_with(&format!("\r\n\r\n{why}\n")), "{answer}");
        let line = serving.running.line_with("refused");
        assert!(line.ends_with(&format!("refused with 400 Bad Request: {why}")), "{line}");
    }
}

/// A server that puts `more` into a 101 that is right without it, and closes with 1000.
fn answering(more: &'static str) -> peer::Peer<()> {
    peer::raw(move |socket, head| {
        let answer = acceptance(&head, "").replace("\r\n\r\n", &format!("\r\n{more}\r\n"));
        socket.write_all(&[answer.as_bytes(), b"\x88\x02\x03\xe8"].concat()).unwrap();
        read_to_end(socket);
    })
}

#[test]
fn the_client_unfolds_headers() {
    let server = answering("X: a,\r\n b\r\n");
    run(&["connect", &server.url], b"").assert("", 0, "peer closed: 1000");
}

#[test]
fn a_faulty_line_does_not_hide_a_refusal() {
    for (more, fault) in [
        ("X : y", "X has a space before the colon (RFC 9112 §5.1)"),
        ("X: a\x1b[2Jb", "X has a control character in its value (RFC 9110 §5.5)"),
        ("nonsense", "the line \"nonsense\" is not a header (RFC 9112 §5)"),
        ("X\u{e9}: y", "the line \"X\\xc3\\xa9: y\" is not a header (RFC 9112 §5)"),
    ] {
        let server = peer::raw(move |socket, _| {
            let answer = format!("HTTP/1.1 403 Forbidden\r\n{more}\r\nContent-Length: 13\r\n\r\ntoken expired");
            socket.write_all(answer.as_bytes()).unwrap();
        });
        let outcome = run(&["connect", &server.url], b"");
        outcome.assert("", 5, &format!("failed: the server answered 403 Forbidden; {fault}"));
        outcome.assert("", 5, "  token expired");
        let line = format!("< {}", more.replace('\x1b', "\\x1b"));
        assert!(outcome.stderr.lines().any(|shown| shown == line), "no {line:?} in {:#?}", outcome.stderr);
    }
    let server = peer::raw(|socket, _| socket.write_all(b"HTTP/1.1 403 N\x07o\r\n\r\ntoken expired").unwrap());
    run(&["connect", &server.url], b"").assert("", 5, "the reason phrase \"N\\x07o\" contains a control character");
    let server = peer::raw(|socket, _| socket.write_all(b"HTTP/1.1 no\x1b\r\nX: y\r\n\r\n").unwrap());
    run(&["connect", &server.url], b"").assert(
        "",
        5,
        "its status line \"HTTP/1.1 no\\x1b\" is malformed (RFC 9112 §4)",
    );
}

#[test]
fn a_faulty_line_of_a_101_is_a_fault_that_can_be_ignored() {
    let fault = "X has a space before the colon (RFC 9112 §5.1)";
    let server = answering("X : y\r\n");
    run(&["connect", &server.url], b"").assert("", 5, fault);
    let server = answering("X : y\r\n");
    run(&["connect", "--no-check", &server.url], b"").assert("", 0, &format!("ignored (--no-check): {fault}"));
}

/// "hello" as permessage-deflate has it (RFC 7692 §7.2.3.1), then Close 1000.
const COMPRESSED: &[u8] = b"\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00\x88\x02\x03\xe8";

#[test]
fn without_checks_a_faulty_answer_to_permessage_deflate_is_taken_as_it_is_meant() {
    for (extension, flags, fault) in [
        ("permessage-deflate; client_max_window_bits", &[][..], "bad value: client_max_window_bits"),
        ("permessage-deflate; server_no_context_takeover=true", &[], "bad value: server_no_context_takeover=true"),
        ("permessage-deflate; x=1", &[], "unknown parameter x"),
        ("permessage-deflate", &["--no-context-takeover"], "without server_no_context_takeover"),
        ("permessage-deflate", &["--window-bits", "9"], "without server_max_window_bits"),
        ("permessage-deflate;", &[], "a parameter name expected at byte 19"),
        ("permessage-deflate; server_max_window_bits=", &[], "a parameter value expected at byte 43"),
        ("Permessage-Deflate", &[], "the extension \"Permessage-Deflate\" was not offered"),
        ("permessage-deflate, permessage-deflate", &[], "permessage-deflate is answered twice"),
        ("permessage-deflate", &["--no-compress"], "the extension \"permessage-deflate\" was not offered"),
    ] {
        let server = || {
            peer::raw(move |socket, head| {
                socket.write_all(&[acceptance(&head, extension).as_bytes(), COMPRESSED].concat()).unwrap();
                read_to_end(socket);
            })
        };
        let all = |url: &str, more: &[&str]| run(&[&["connect", "-n", url], flags, more].concat(), b"");
        let refused = all(&server().url, &[]);
        refused.assert("", 5, fault);
        refused.assert("", 5, "--no-check");
        // What was given is not recommended.
        assert_eq!(refused.stderr.contains("--no-compress"), flags != ["--no-compress"], "{}", refused.stderr);
        all(&server().url, &["--no-check"]).assert("Hello\n", 0, fault);
    }
}

#[test]
fn the_client_names_what_a_101_may_not_have() {
    for (more, fault) in [
        ("Sec-WebSocket-Accept: again\r\n", "Sec-WebSocket-Accept appears twice"),
        ("Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Protocol: chat\r\n", "Sec-WebSocket-Protocol appears twice"),
        ("Content-Length: 5\r\n", "Content-Length may not be in a 101 (RFC 9110 §8.6)"),
        ("Transfer-Encoding: chunked\r\n", "Transfer-Encoding may not be in a 101 (RFC 9112 §6.1)"),
        ("Upgrade: h2c\r\n", "Upgrade is \"websocket, h2c\" instead of \"websocket\""),
        ("Upgrade: \u{a0}\r\n", "Upgrade is \"websocket, \\u{a0}\" instead of \"websocket\""),
        ("Sec-WebSocket-Protocol:\r\n", "the subprotocol \"\" was not requested"),
        ("Sec-WebSocket-Extensions:\r\n", "Sec-WebSocket-Extensions is malformed: it names no extension"),
    ] {
        let flags: &[&str] = if more.contains("chat") { &["-s", "chat"] } else { &[] };
        let server = answering(more);
        let outcome = run(&[&["connect", &server.url], flags].concat(), b"");
        outcome.assert("", 5, &format!("failed: {fault}"));
        outcome.assert("", 5, "--no-check accepts it anyway");
        server.join();
        let server = answering(more);
        let outcome = run(&[&["connect", "--no-check", &server.url], flags].concat(), b"");
        outcome.assert("", 0, &format!("ignored (--no-check): {fault}"));
        server.join();
    }
}
