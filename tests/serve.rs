//! `wscli serve --echo` and its clients, good and bad.

use std::io::{Read, Write};
use std::net::TcpStream;

use rustix::process::Signal;
use tungstenite::protocol::CloseFrame;
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::{Message, connect};

use crate::support::peer::{client_frame, open_by_hand, read_frame, read_head, read_to_end};
use crate::support::program::{PATIENCE, Serving};

#[test]
fn messages_come_back_whole() {
    let mut serving = Serving::start(&[]);
    let (mut client, _) = connect(&serving.url).unwrap();
    let large: String = "0123456789abcdef".repeat(1 << 16);
    for message in [
        Message::text("hello"),
        Message::text(""),
        Message::binary(vec![0, 159, 146, 150]),
        Message::binary(vec![1; 61_440]),
        Message::binary(vec![2; 65_536]),
        Message::text(large),
    ] {
        client.send(message.clone()).unwrap();
        assert_eq!(client.read().unwrap(), message);
    }
    client.close(Some(CloseFrame { code: CloseCode::Library(4321), reason: "enough".into() })).unwrap();
    assert_eq!(
        client.read().unwrap(),
        Message::Close(Some(CloseFrame { code: CloseCode::Library(4321), reason: "".into() }))
    );
    let line = serving.running.line_with("[1] 127.0.0.1:");
    assert!(line.ends_with(" opened /"), "{line}");
    assert!(serving.running.line_with("[1] ").contains(" peer closed: 4321 \"enough\"; received 6 messages ("));
}

#[test]
fn up_to_60_kib_go_back_in_one_frame() {
    let serving = Serving::start(&[]);
    let (mut socket, _) = open_by_hand(serving.address(), "");
    for length in [0, 1, 125, 126, 50_000] {
        socket.write_all(&client_frame(0x82, &vec![9; length])).unwrap();
        assert_eq!(read_frame(&mut socket), (0x82, vec![9; length]));
    }
    // Fragments, however small, come back as one frame too.
    socket.write_all(&[client_frame(0x01, b"a"), client_frame(0x00, b""), client_frame(0x80, b"b")].concat()).unwrap();
    assert_eq!(read_frame(&mut socket), (0x81, b"ab".to_vec()));
}

#[test]
fn a_large_message_comes_back_while_it_arrives() {
    let serving = Serving::start(&[]);
    let (mut socket, _) = open_by_hand(serving.address(), "");
    let frame = client_frame(0x82, &vec![5; 1 << 20]);
    let half = frame.len() / 2;
    socket.write_all(&frame[..half]).unwrap();
    // Had the server waited for the rest, this would time out.
    let (first, begun) = read_frame(&mut socket);
    assert_eq!(first, 0x02);
    socket.write_all(&frame[half..]).unwrap();
    let mut length = begun.len();
    loop {
        let (first, part) = read_frame(&mut socket);
        length += part.len();
        if first & 0x80 != 0 {
            break;
        }
    }
    assert_eq!(length, 1 << 20);
}

#[test]
fn a_ping_is_answered_in_the_middle_of_a_message() {
    let serving = Serving::start(&[]);
    let (mut socket, _) = open_by_hand(serving.address(), "");
    socket.write_all(&[client_frame(0x01, b"one "), client_frame(0x89, b"?")].concat()).unwrap();
    assert_eq!(read_frame(&mut socket), (0x8a, b"?".to_vec()));
    socket.write_all(&client_frame(0x80, b"two")).unwrap();
    assert_eq!(read_frame(&mut socket), (0x81, b"one two".to_vec()));
}

#[test]
fn why_a_connection_ended_is_logged() {
    let mut serving = Serving::start(&["--max-message-size", "100", "--close-timeout", "200ms"]);
    let mut ends = |script: &[u8], says: &str| {
        let (mut socket, _) = open_by_hand(serving.address(), "");
        serving.running.line_with("opened /chat");
        socket.write_all(script).unwrap();
        socket.shutdown(std::net::Shutdown::Write).unwrap();
        let answer = read_to_end(&mut socket);
        let line = serving.running.line_with("] ");
        assert!(line.contains(says), "{line}");
        answer
    };
    assert_eq!(ends(&client_frame(0x88, b"\x03\xe8"), "peer closed: 1000 (normal closure)"), b"\x88\x02\x03\xe8");
    assert_eq!(ends(b"", "dropped: the peer ended the connection without a Close frame"), b"");
    let answer =
        ends(b"\x81\x01x", "protocol violation: a client's frame is not masked (RFC 6455 §5.1), closed with 1002");
    assert_eq!(answer[2..4], 1002u16.to_be_bytes());
    let answer = ends(&client_frame(0x82, &[0; 101]), "the message is larger than the limit of 100 bytes");
    assert_eq!(answer[2..4], 1009u16.to_be_bytes());
}

#[test]
fn an_unanswered_ping_ends_the_connection() {
    let mut serving = Serving::start(&["--ping-interval", "50ms", "--ping-timeout", "50ms", "--close-timeout", "50ms"]);
    let (mut socket, _) = open_by_hand(serving.address(), "");
    assert_eq!(read_frame(&mut socket).0, 0x89);
    let (first, payload) = read_frame(&mut socket);
    assert_eq!((first, &payload[..2]), (0x88, &1011u16.to_be_bytes()[..]));
    serving.running.line_with("keepalive failed: a Ping was not answered within 50ms");
}

#[test]
fn an_interruption_closes_everyone_with_1001() {
    for signal in [Signal::INT, Signal::TERM] {
        let serving = Serving::start(&[]);
        let mut sockets: Vec<TcpStream> = (0..3).map(|_| open_by_hand(serving.address(), "").0).collect();
        // One has been idle, one is in the middle of a message, one has just been served.
        sockets[1].write_all(&client_frame(0x01, b"half")).unwrap();
        sockets[2].write_all(&client_frame(0x81, b"hi")).unwrap();
        assert_eq!(read_frame(&mut sockets[2]), (0x81, b"hi".to_vec()));
        serving.running.signal(signal);
        for socket in &mut sockets {
            assert_eq!(read_frame(socket), (0x88, 1001u16.to_be_bytes().to_vec()));
            socket.write_all(&client_frame(0x88, b"\x03\xe9")).unwrap();
            assert_eq!(read_to_end(socket), b"");
        }
        let outcome = serving.running.finish();
        outcome.assert("", 0, "stopped");
        assert_eq!(outcome.stderr.matches("closed by us: 1001 (going away)").count(), 3, "{}", outcome.stderr);
    }
}

#[test]
fn a_client_that_does_not_answer_does_not_keep_it_from_stopping() {
    let serving = Serving::start(&[]);
    let (mut socket, _) = open_by_hand(serving.address(), "");
    serving.running.signal(Signal::INT);
    assert_eq!(read_frame(&mut socket).0, 0x88);
    serving.running.finish().assert("", 0, "stopped");
}

/// Sends a request as it is; returns status line, whole answer.
fn request(serving: &Serving, bytes: &[u8]) -> String {
    let mut socket = TcpStream::connect(serving.address()).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket.write_all(bytes).unwrap();
    String::from_utf8(read_to_end(&mut socket)).unwrap()
}

#[test]
fn requests_that_open_nothing_are_told_why() {
    let mut serving = Serving::start(&[]);
    let get = "GET / HTTP/1.1\r\nHost: a\r\n";
    let upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\n";
    let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    for (bytes, status, says) in [
        (format!("{get}{upgrade}{key}\r\n"), "400 Bad Request", "Sec-WebSocket-Version is missing"),
        (
            format!("{get}{upgrade}{key}Sec-WebSocket-Version: 8\r\n\r\n"),
            "426 Upgrade Required",
            "Sec-WebSocket-Version: 13\r\n",
        ),
        ("GET /chat HTTP/1.1\r\nHost: localhost\r\n\r\n".into(), "426 Upgrade Required", "Upgrade: websocket\r\n"),
        (format!("{get}{upgrade}Sec-WebSocket-Version: 13\r\n\r\n"), "400 Bad Request", "Sec-WebSocket-Key is missing"),
        ("POST / HTTP/1.1\r\nHost: a\r\n\r\n".into(), "405 Method Not Allowed", "Allow: GET, HEAD, OPTIONS\r\n"),
        (format!("{get}Cookie: {}\r\n\r\n", "x".repeat(66_000)), "431 Request Header Fields Too Large", "over 64 KiB"),
        ("nonsense\r\n\r\n".into(), "400 Bad Request", "not HTTP"),
    ] {
        let answer = request(&serving, bytes.as_bytes());
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}\r\n")) && answer.contains(says), "{answer}");
        serving.running.line_with(&format!("refused with {status}: "));
    }
}

#[test]
fn a_slow_head_has_a_deadline() {
    let serving = Serving::start(&["--handshake-timeout", "300ms"]);
    let answer = request(&serving, b"GET / HTTP/1.1\r\n");
    assert!(answer.starts_with("HTTP/1.1 408 Request Timeout\r\n"), "{answer}");
}

#[test]
fn a_request_may_come_byte_by_byte_with_a_frame_behind_it() {
    let serving = Serving::start(&[]);
    let mut socket = TcpStream::connect(serving.address()).unwrap();
    socket.set_nodelay(true).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let head = b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: WebSocket\r\nConnection: x, upgrade\r\n\
                 Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    for &byte in head.iter().chain(&client_frame(0x81, b"at once")) {
        socket.write_all(&[byte]).unwrap();
    }
    let answer = read_head(&mut socket);
    assert!(answer.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), "{answer}");
    assert_eq!(read_frame(&mut socket), (0x81, b"at once".to_vec()));
}

#[test]
fn one_client_does_not_wait_for_another() {
    let serving = Serving::start(&[]);
    // These never finish their request, or never read what comes back.
    let _slow: Vec<TcpStream> = (0..20)
        .map(|_| {
            let mut socket = TcpStream::connect(serving.address()).unwrap();
            socket.write_all(b"GET / HT").unwrap();
            socket
        })
        .collect();
    let (mut stuffed, _) = open_by_hand(serving.address(), "");
    stuffed.set_write_timeout(Some(std::time::Duration::from_millis(300))).unwrap();
    let frame = client_frame(0x82, &vec![0; 1 << 20]);
    while stuffed.write_all(&frame).is_ok() {}
    let (mut good, _) = open_by_hand(serving.address(), "");
    good.write_all(&client_frame(0x81, b"still there?")).unwrap();
    assert_eq!(read_frame(&mut good), (0x81, b"still there?".to_vec()));
    // The one that stopped reading gets the rest once it reads again.
    let mut received = vec![0; 1 << 20];
    stuffed.read_exact(&mut received).unwrap();
}

#[test]
fn a_client_that_has_stopped_sending_still_gets_its_answers() {
    const SIZE: usize = 60_000;
    const COUNT: usize = 100;
    let serving = Serving::start(&[]);
    let (mut socket, _) = open_by_hand(serving.address(), "");
    let mut sender = socket.try_clone().unwrap();
    let sent = std::thread::spawn(move || {
        for _ in 0..COUNT {
            sender.write_all(&client_frame(0x82, &[6; SIZE])).unwrap();
        }
        sender.write_all(&client_frame(0x88, b"\x03\xe8")).unwrap();
        sender.shutdown(std::net::Shutdown::Write).unwrap();
    });
    for _ in 0..COUNT {
        assert_eq!(read_frame(&mut socket), (0x82, vec![6; SIZE]));
    }
    assert_eq!(read_frame(&mut socket), (0x88, vec![0x03, 0xe8]));
    sent.join().unwrap();
}

#[test]
fn a_client_can_not_write_to_the_log_s_terminal() {
    let mut serving = Serving::start(&[]);
    let mut socket = TcpStream::connect(serving.address()).unwrap();
    let head = "GET /\u{9b}31m\u{202e} HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    socket.write_all(head.as_bytes()).unwrap();
    assert!(serving.running.line_with("opened").ends_with("opened /\\x9b31m\\u{202e}"));
}

#[test]
fn a_client_that_never_reads_fails_its_keepalive() {
    let flags = ["--ping-interval", "300ms", "--ping-timeout", "300ms", "--close-timeout", "100ms"];
    let mut serving = Serving::start(&flags);
    let (mut stuffed, _) = open_by_hand(serving.address(), "");
    let sending = std::thread::spawn(move || {
        let frame = client_frame(0x82, &vec![0; 1 << 20]);
        while stuffed.write_all(&frame).is_ok() {}
    });
    serving.running.line_with("keepalive failed");
    sending.join().unwrap();
}

#[test]
fn addresses_that_can_not_be_listened_on() {
    use crate::support::program::run;
    let serving = Serving::start(&[]);
    run(&["serve", serving.address()], b"").assert("", 3, "another process is listening there");
    run(&["serve", "nonsense"], b"").assert("", 2, "it has no port; HOST:8080 has one");
    run(&["serve", "127.0.0.1:"], b"").assert("", 2, "expected PORT, :PORT or HOST:PORT");
}

#[test]
fn signals_stop_it_with_the_exit_code_that_its_help_has() {
    use crate::support::program::run;
    for signal in [Signal::HUP, Signal::INT, Signal::TERM] {
        let serving = Serving::start(&[]);
        serving.running.signal(signal);
        serving.running.finish().assert("", 0, "stopped");
    }
    let help = run(&["serve", "--help"], b"");
    let codes = "Exit codes:\n  0    stopped by SIGHUP, SIGINT or SIGTERM\n";
    assert!(help.stdout().contains(codes) && !help.stdout().contains("129"), "{}", help.stdout());
}

#[test]
fn a_server_that_cannot_begin_for_want_of_descriptors_is_a_failure() {
    use crate::support::program::Running;
    let mut failed = 0;
    for limit in 8..16 {
        let mut running = Running::start_with_descriptors(limit, &["serve", "127.0.0.1:0"]);
        if running.line_with("").starts_with("listening on ") {
            running.signal(Signal::TERM);
        }
        let outcome = running.finish();
        match outcome.code {
            Some(0) => assert!(outcome.stderr.ends_with("/\nstopped\n"), "{limit}: {outcome:?}"),
            code => {
                assert_eq!(code, Some(3), "{limit}: {outcome:?}");
                assert!(!outcome.stderr.contains("stopped"), "{limit}: {outcome:?}");
                failed += 1;
            }
        }
    }
    assert!((1..8).contains(&failed), "{failed}");
}
