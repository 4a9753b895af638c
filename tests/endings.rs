//! Every way to end, its exit code and what is said about it.

use std::io::Write;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use rustix::net::sockopt::set_socket_linger;
use rustix::process::Signal;

use crate::support::peer::{self, Refusing, read_frame, read_to_end};
use crate::support::program::{Outcome, Running, run, serve_with};
use crate::support::timing::within;

/// The server sends `bytes` and ends its direction. Returns what the client said in its Close.
fn ends_with(bytes: &'static [u8], code: i32, says: &str) -> Vec<u8> {
    let server = peer::opened("", move |socket| {
        socket.write_all(bytes).unwrap();
        let answer = read_frame(socket);
        socket.shutdown(Shutdown::Write).unwrap();
        read_to_end(socket);
        answer
    });
    // Input that never ends: it is the server's turn.
    Running::start_and_wait(&["connect", &server.url]).assert("", code, says);
    let (first, payload) = server.join();
    assert_eq!(first, 0x88);
    payload
}

impl Running {
    /// Runs with stdin open to the end.
    fn start_and_wait(args: &[&str]) -> Outcome {
        let mut running = Self::start(args);
        let stdin = running.hold_stdin();
        let outcome = running.finish();
        drop(stdin);
        outcome
    }
}

/// More than the buffers of both sides take.
#[test]
fn what_is_not_sent_when_the_time_is_up_is_said() {
    let (done, wait) = std::sync::mpsc::channel::<()>();
    let server = peer::opened("", move |_socket| {
        let _ = wait.recv();
    });
    let mut running = Running::start(&["connect", "--in", "whole", "--binary", "-m", "2s", &server.url]);
    running.feed(vec![b'x'; 64 << 20]);
    let outcome = running.finish();
    outcome.assert("", 1, "wscli: not all was sent: the last message is not whole; the peer has taken ");
    drop(done);
    server.join();
}

#[test]
fn what_was_to_be_sent_by_the_end_of_the_time_was_expected() {
    let peer = serve_with(&[], &["--sink"]);
    let paced = ["--rate", "0.01/s"];
    for (flags, stdin, told) in [
        (&paced[..], &b"1\n2\n3\n"[..], "wscli: not sent: 2 messages of stdin\n"),
        (&["--delay", "1h"], b"1\n2", "wscli: not sent: 1 message of stdin\n"),
        (&["--pace", "answer"], b"1\n2\n3\n", "wscli: not sent: 2 messages of stdin\n"),
        (&["-d", "a", "-d", "b", "--delay", "1h"], b"1\n", "wscli: not sent: 1 message of -d, 1 message of stdin\n"),
        (&["-n", "-d", "a", "-d", "b", "--delay", "1h"], b"", "wscli: not sent: 1 message of -d\n"),
        (&paced, b"1\n", ""),
        (&["--linger", "1h"], b"1\n2\n", ""),
    ] {
        let flags = [&["connect", "-q", "-m", "500ms", "--ping-interval", "0"], flags, &[&peer.url]].concat();
        let outcome = run(&flags, stdin);
        assert_eq!((outcome.code, &*outcome.stderr), (Some(i32::from(!told.is_empty())), told), "{flags:?}");
    }
}

#[test]
fn an_input_without_end_is_not_expected_to_be_sent() {
    let peer = serve_with(&[], &["--sink"]);
    let quiet = |flags: &[&str], lines: &[u8]| {
        let mut running = Running::start(&[&["connect", "-q", "-m", "1500ms"], flags, &[&peer.url]].concat());
        running.write(lines);
        let stdin = running.hold_stdin();
        let outcome = running.finish();
        drop(stdin);
        (outcome.code, outcome.stderr)
    };
    assert_eq!(quiet(&[], b"1\n2\n"), (Some(0), String::new()));
    // What a flag holds back was read to be sent.
    let held = "wscli: not sent: the rest of stdin\n".to_owned();
    assert_eq!(quiet(&["--rate", "0.01/s"], b"1\n2\n"), (Some(1), held));
    // A flood is in the middle of a line at any time.
    let script = format!("yes | '{}' connect -q -m 1500ms '{}'", env!("CARGO_BIN_EXE_wscli"), peer.url);
    let flood = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
    assert_eq!((flood.status.code(), String::from_utf8(flood.stderr).unwrap()), (Some(0), String::new()));
}

#[test]
fn status_codes_decide() {
    for (bytes, code, says) in [
        (&b"\x88\x02\x03\xe8"[..], 0, "peer closed: 1000 (normal closure)"),
        (b"\x88\x05\x03\xe9bye", 0, "peer closed: 1001 (going away) \"bye\""),
        (b"\x88\x00", 0, "peer closed: no status code (1005)"),
        (b"\x88\x02\x03\xf0", 7, "peer closed: 1008 (policy violation)"),
        (b"\x88\x02\x03\xf3", 7, "peer closed: 1011 (internal error)"),
        (b"\x88\x06\x0f\xa0a\x1b[m", 7, "peer closed: 4000 \"a\\x1b[m\""),
    ] {
        let answer = ends_with(bytes, code, says);
        assert_eq!(answer, &bytes[2..bytes.len().min(4)], "the status code comes back");
    }
}

#[test]
fn violations_are_named_and_answered() {
    for (bytes, status, says) in [
        (
            &b"\xf1\x00"[..],
            1002u16,
            "RSV1 is set, which nothing negotiated allows on this frame (RFC 6455 §5.2, RFC 7692 §6); RSV2",
        ),
        (b"\x81\x80abcd", 1002, "protocol violation: a server's frame is masked (RFC 6455 §5.1), closed with 1002"),
        (b"\x81\x02\xc3\x28", 1007, "a text message is not UTF-8 (RFC 6455 §8.1), closed with 1007"),
        (
            b"\x82\x7f\x00\x00\x00\x00\x08\x00\x00\x00",
            1009,
            "the message is larger than the limit of 67108864 bytes (RFC 6455 §10.4), closed with 1009 (message too big); \
             a larger --max-message-size allows it",
        ),
        (b"\x88\x01x", 1002, "a Close frame has a payload of one byte"),
    ] {
        let answer = ends_with(bytes, 6, says);
        assert_eq!(answer[..2], status.to_be_bytes());
    }
}

#[test]
fn a_connection_that_is_dropped_is_abnormal() {
    let server = peer::opened("", |socket| socket.shutdown(Shutdown::Both).unwrap());
    Running::start_and_wait(&["connect", &server.url]).assert("", 7, "without a Close frame (1006)");
    let server = peer::opened("", |socket| {
        // Closing over unread bytes resets the connection.
        let mut byte = [0];
        socket.peek(&mut byte).unwrap();
    });
    let mut running = Running::start(&["connect", &server.url]);
    running.write(b"never read\n");
    let stdin = running.hold_stdin();
    running.finish().assert("", 7, "(1006)");
    drop(stdin);
}

/// The end of a connection to a server that sends `bytes` and ends it.
fn break_after(bytes: &'static [u8]) -> String {
    let server = peer::opened("", move |socket| {
        socket.write_all(bytes).unwrap();
        socket.shutdown(Shutdown::Write).unwrap();
        read_to_end(socket);
    });
    let outcome = run(&["connect", "-n", &server.url], b"");
    assert_eq!(outcome.code, Some(7), "{outcome:?}");
    outcome.stderr.lines().find(|line| line.starts_with("dropped: ")).unwrap().to_owned()
}

#[test]
fn where_a_connection_broke_is_told() {
    const DROPPED: &str = "dropped: the peer ended the connection without a Close frame (1006), before our Close, ";
    assert_eq!(break_after(b""), format!("{DROPPED}having sent no frame"));
    for (bytes, place) in [
        (&b"\x81\x05hello"[..], "after its last frame"),
        (b"\x81\x05hel", "after its last bytes, inside a text message of which 3 bytes had arrived"),
        (
            b"\x02\x01a\x00\x05bcd",
            "after its last bytes, inside fragment 2 of a binary message of which 4 bytes had arrived",
        ),
        (b"\x01\x01a", "after its last bytes, inside fragment 2 of a text message of which 1 byte had arrived"),
        (b"\x89\x05a", "after its last bytes, inside a frame of which 3 bytes had arrived"),
    ] {
        let told = break_after(bytes);
        assert!(told.starts_with(DROPPED) && told.ends_with(place), "{place:?}: {told}");
    }
    let server = peer::opened("", |socket| {
        assert_eq!(read_frame(socket).0, 0x88);
        socket.shutdown(Shutdown::Both).unwrap();
    });
    let outcome = run(&["connect", "--linger", "0", &server.url], b"");
    let told = "without a Close frame (1006), after our Close, having sent no frame";
    outcome.assert("", 7, told);
}

#[test]
fn a_drop_after_a_silence_says_how_long_that_was() {
    const HINT: &str = "; if that was an idle limit, a shorter --ping-interval keeps a connection open, and inspect --limits finds the limit";
    for (first, told) in [(&b""[..], " since it opened"), (b"\x81\x02hi", " after its last frame")] {
        let server = peer::opened("", move |socket| {
            socket.write_all(first).unwrap();
            thread::sleep(Duration::from_millis(1100));
            socket.shutdown(Shutdown::Write).unwrap();
            read_to_end(socket);
        });
        let outcome = run(&["connect", "-n", &server.url], b"");
        let line = outcome.stderr.lines().find(|line| line.starts_with("dropped: ")).unwrap();
        assert!(line.ends_with(&format!("{told}{HINT}")) && line.contains(" 1."), "{line}");
    }
}

#[test]
fn a_close_that_is_not_answered_has_a_deadline() {
    let server = peer::opened("", read_to_end);
    run(&["connect", "--linger", "0", "--close-timeout", "100ms", &server.url], b"").assert(
        "",
        7,
        "closed by us: 1000 (normal closure), but the peer did not answer our Close (1006)",
    );
    let mut frames = server.join();
    frames.drain(2..6);
    assert_eq!(frames.len(), 4, "one Close frame: {frames:?}");
}

/// A run against a server that reads and never says anything; it takes at least the first of these milliseconds, and less than
/// the second.
#[track_caller]
fn against_silence(flags: &[&str], stdin: &[u8], (least, most): (u64, u64)) -> Outcome {
    within(Duration::from_millis(most), || {
        let server = peer::opened("", read_to_end);
        let start = Instant::now();
        let outcome = run(&[&["connect", &server.url], flags].concat(), stdin);
        let took = start.elapsed();
        assert!(took >= Duration::from_millis(least), "{flags:?}: {took:?}");
        (took, outcome)
    })
}

#[test]
fn every_wait_ends_at_one_deadline() {
    // Twice the deadline is never reached.
    for (flags, code, least, most) in [
        (&["-m", "900ms", "--close-timeout", "1h"][..], 0, 900, 1900),
        (&["-m", "900ms", "--no-close", "--close-timeout", "1h"], 0, 900, 1900),
        (&["-m", "900ms", "--linger", "100ms", "--close-timeout", "1h"], 0, 900, 1900),
        (&["--linger", "0", "--no-close", "--close-timeout", "1h"], 0, 0, 1000),
        (&["--linger", "100ms", "--close-timeout", "1s"], 7, 1100, 2000),
        // Long enough to be waited for in another way than while traffic is brisk.
        (&["--linger", "1s", "--close-timeout", "2s", "--ping-interval", "0"], 7, 3000, 4500),
    ] {
        let outcome = against_silence(flags, b"here\n", (least, most));
        assert_eq!(outcome.code, Some(code), "{flags:?}: {outcome:?}");
    }
}

#[test]
fn the_echo_of_a_client_ends_with_max_time_and_at_once_with_a_second_signal() {
    let outcome = against_silence(&["--echo", "-m", "300ms", "--close-timeout", "1h"], b"", (300, 1300));
    outcome.assert("", 0, "disconnected without waiting for the peer");
    let (told, heard) = std::sync::mpsc::channel();
    let server = peer::opened("", move |socket| {
        socket.write_all(b"\x81\x01a").unwrap();
        assert_eq!(read_frame(socket), (0x81, b"a".to_vec()));
        told.send(()).unwrap();
        assert_eq!(read_frame(socket).0, 0x88);
        told.send(()).unwrap();
        read_to_end(socket);
    });
    let running = Running::start(&["connect", "--echo", "--no-compress", "--close-timeout", "1h", &server.url]);
    for _ in 0..2 {
        heard.recv().unwrap();
        running.signal(Signal::TERM);
    }
    running.finish().assert("", 143, "disconnected without waiting for the peer");
    server.join();
}

#[test]
fn nothing_outlives_max_time_not_even_output_that_nobody_reads() {
    within(Duration::from_millis(1300), || {
        let server = peer::opened("", |socket| {
            let frame = [&[0x82, 126, 0xff, 0xff][..], &[b'x'; 0xffff]].concat();
            while socket.write_all(&frame).is_ok() {}
        });
        let start = Instant::now();
        let flags = ["connect", "-n", "-m", "300ms", "--close-timeout", "1h", &server.url];
        let mut running = Running::start_unread(&flags);
        let stdout = running.take_stdout();
        let outcome = running.finish();
        let took = start.elapsed();
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        assert!(took >= Duration::from_millis(300), "{took:?}");
        drop(stdout);
        (took, ())
    });
}

#[test]
fn our_close_is_a_success_unless_the_peer_says_otherwise() {
    for (flags, answer, code) in [
        (&[][..], &b"\x88\x02\x03\xe8"[..], 0),
        (&[], b"\x88\x00", 0),
        (&[], b"\x88\x02\x03\xe9", 0),
        (&[], b"\x88\x02\x03\xf0", 7),
        (&["--ok-close", "1008"], b"\x88\x02\x03\xf0", 0),
        // §5.5.1: it answers with the code that it got.
        (&["--close", "4001"], b"\x88\x02\x0f\xa1", 0),
        (&["--close", "4001"], b"\x88\x02\x0f\xa2", 7),
    ] {
        let server = peer::opened("", move |socket| {
            let close = read_frame(socket);
            socket.write_all(answer).unwrap();
            close
        });
        let outcome = run(&[&["connect", "--linger", "0", &server.url], flags].concat(), b"");
        assert_eq!(outcome.code, Some(code), "{flags:?} {answer:?}: {outcome:?}");
        assert_eq!(server.join().0, 0x88);
    }
}

#[test]
fn whatever_ends_it_the_close_is_the_one_that_was_asked_for() {
    for (flags, code) in [
        (&["-m", "700ms"][..], 0),
        (&["--close", "4001:late", "-m", "700ms"], 0),
        (&["--close", "4001:late", "--reject", "question"], 1),
    ] {
        let asked_for = flags[0] == "--close";
        let server = peer::opened("", move |socket| {
            socket.write_all(b"\x81\x08question").unwrap();
            let (head, close) = read_frame(socket);
            socket.write_all(&[&[0x88, close.len() as u8], &close[..]].concat()).unwrap();
            (head, close)
        });
        let outcome = run(&[&["connect", "-n", &server.url], flags].concat(), b"");
        assert_eq!(outcome.code, Some(code), "{flags:?}: {outcome:?}");
        let expected = if asked_for { b"\x0f\xa1late".to_vec() } else { b"\x03\xe9".to_vec() };
        assert_eq!(server.join(), (0x88, expected), "{flags:?}");
    }
}

#[test]
fn a_server_that_waits_for_the_client_to_end_tcp_keeps_nobody() {
    let (leave, left) = std::sync::mpsc::channel::<()>();
    let server = peer::opened("", move |socket| {
        socket.write_all(b"\x88\x02\x03\xe8").unwrap();
        let said = read_to_end(socket);
        // It never ends its direction while the client is there.
        let _ = left.recv();
        said
    });
    Running::start_and_wait(&["connect", "--close-timeout", "1h", &server.url]).assert("", 0, "peer closed: 1000");
    drop(leave);
    let mut frames = server.join();
    frames.drain(2..6);
    assert_eq!(frames.len(), 4, "one Close frame: {frames:?}");
}

#[test]
fn a_ping_that_is_not_answered_fails_the_connection() {
    let server = peer::opened("", |socket| {
        let ping = read_frame(socket);
        let close = read_frame(socket);
        read_to_end(socket);
        (ping.0, close)
    });
    let url = server.url.clone();
    Running::start_and_wait(&[
        "connect",
        "--ping-interval",
        "50ms",
        "--ping-timeout",
        "50ms",
        "--close-timeout",
        "0",
        &url,
    ])
    .assert("", 7, "keepalive failed: a Ping was not answered within 50ms, closed with 1011 (internal error)");
    let (ping, (close, payload)) = server.join();
    assert_eq!((ping, close, &payload[..2]), (0x89, 0x88, &1011u16.to_be_bytes()[..]));
}

#[test]
fn a_ping_that_is_answered_does_not() {
    let server = peer::opened("", |socket| {
        for _ in 0..5 {
            let (first, payload) = read_frame(socket);
            assert_eq!(first, 0x89);
            socket.write_all(&[&[0x8a, payload.len() as u8], &payload[..]].concat()).unwrap();
        }
        socket.write_all(b"\x88\x02\x03\xe8").unwrap();
        read_to_end(socket);
    });
    Running::start_and_wait(&["connect", "--ping-interval", "10ms", "--ping-timeout", "20s", &server.url]).assert(
        "",
        0,
        "peer closed: 1000",
    );
    server.join();
}

#[test]
fn an_interruption_closes_with_1001() {
    for (signal, code) in [(Signal::HUP, 129), (Signal::INT, 130), (Signal::TERM, 143)] {
        let (told, heard) = std::sync::mpsc::channel();
        let server = peer::opened("", move |socket| {
            let first = read_frame(socket);
            told.send(first).unwrap();
            let close = read_frame(socket);
            socket.write_all(b"\x88\x02\x03\xe9").unwrap();
            close
        });
        let mut running = Running::start(&["connect", "--no-compress", &server.url]);
        running.write(b"here\n");
        assert_eq!(heard.recv().unwrap(), (0x81, b"here".to_vec()));
        running.signal(signal);
        let stdin = running.hold_stdin();
        running.finish().assert("", code, "closed by us: 1001 (going away)");
        assert_eq!(server.join(), (0x88, vec![0x03, 0xe9]));
        drop(stdin);
    }
}

#[test]
fn a_second_interruption_leaves_at_once() {
    let (told, heard) = std::sync::mpsc::channel();
    let server = peer::opened("", move |socket| {
        told.send(read_frame(socket)).unwrap();
        told.send(read_frame(socket)).unwrap();
        read_to_end(socket);
    });
    let mut running = Running::start(&["connect", "--close-timeout", "1h", &server.url]);
    running.write(b"here\n");
    heard.recv().unwrap();
    running.signal(Signal::INT);
    assert_eq!(heard.recv().unwrap().0, 0x88);
    running.signal(Signal::INT);
    let stdin = running.hold_stdin();
    running.finish().assert("", 130, "disconnected without waiting for the peer");
    drop(stdin);
    server.join();
}

#[test]
fn what_keeps_a_connection_from_opening() {
    let unused = Refusing::new();
    run(&["connect", &format!("ws://{unused}/")], b"").assert("", 3, "Connection refused");
    run(&["connect", "ws://name.invalid/"], b"").assert("", 3, "can't resolve name.invalid");
    run(&["connect", "ftp://127.0.0.1/"], b"").assert("", 2, "scheme \"ftp\"");
    run(&["connect", "--nonsense"], b"").assert("", 2, "--nonsense");
    // Whether somebody listens there or not.
    run(&["connect", "--cacert", "/nonexistent", "wss://127.0.0.1:1/"], b"").assert("", 2, "can't read /nonexistent");
}

fn answered(answer: &'static [u8], says: &str) {
    let server = peer::raw(move |socket: &mut TcpStream, _| {
        socket.write_all(answer).unwrap();
        socket.shutdown(Shutdown::Write).unwrap();
        read_to_end(socket);
    });
    run(&["connect", &server.url], b"").assert("", 5, says);
    server.join();
}

#[test]
fn a_port_that_resets_is_told_alike_however_soon_it_does() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    const TIMES: usize = 10;
    let resetting = thread::spawn(move || {
        for _ in 0..TIMES {
            let (socket, _) = listener.accept().unwrap();
            set_socket_linger(&socket, Some(Duration::ZERO)).unwrap();
        }
    });
    for _ in 0..TIMES {
        run(&["connect", "-n", &url], b"").assert("", 5, "it reset the connection without an answer");
    }
    resetting.join().unwrap();
}

#[test]
fn answers_that_open_nothing() {
    answered(b"HTTP/1.1 404 Not Found\r\n\r\n", "the server answered 404 Not Found");
    answered(b"HTTP/1.1 404 Not Found\r\n\r\n", "is the path of the URL right?");
    answered(b"SSH-2.0-OpenSSH_9.2\r\n", "did not respond to the opening handshake with HTTP");
    answered(b"", "closed the connection without an answer");
    answered(b"HTTP/1.1 101 ", "failed: it closed the connection in mid-response");
    answered(
        b"HTTP/1.1 101 x\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAA\r\n\r\n",
        "Upgrade is missing; Sec-WebSocket-Accept is \"AAAA\" instead of",
    );
}

#[test]
fn a_silent_server_has_a_deadline() {
    let server = peer::raw(|socket, _| read_to_end(socket));
    run(&["connect", "--handshake-timeout", "100ms", &server.url], b"").assert(
        "",
        5,
        "timed out during the opening handshake",
    );
    server.join();
}
