//! Runs of `connect` that end because of us: what counts until the peer has answered our Close, and when we leave.

use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::Command;
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use crate::support::files::Folder;
use crate::support::peer::{self, Refusing, acceptance, read_frame, read_head, read_to_end};
use crate::support::program::{NO_CONFIG, PATIENCE, Running, heed_signals, run};
use crate::support::terminal::Terminal;

/// What the Ping behind the last message says.
const PING: (u8, &[u8]) = (0x89, b"end of input");

/// A Pong to that.
const PONG: &[u8] = b"\x8a\x0cend of input";

/// Frames of the client up to its Close.
fn until_close(socket: &mut TcpStream) -> Vec<(u8, Vec<u8>)> {
    let mut frames = Vec::new();
    loop {
        let frame = read_frame(socket);
        let is_close = frame.0 == 0x88;
        frames.push(frame);
        if is_close {
            return frames;
        }
    }
}

/// Answers our Close with a message and only then with its own.
fn answers_late() -> peer::Peer<()> {
    peer::opened("", |socket| {
        until_close(socket);
        socket.write_all(b"\x81\x06answer\x88\x02\x03\xe8").unwrap();
        socket.shutdown(Shutdown::Write).unwrap();
        read_to_end(socket);
    })
}

#[test]
fn what_arrives_after_our_close_counts_as_before_it() {
    for (flags, code, says) in [
        (&["-1"][..], 0, "closed by us: 1000"),
        (&["--count", "1"], 0, "closed by us: 1000"),
        (&["--expect", "^answer$"], 0, "closed by us: 1000"),
        (&["--until", "^answer$"], 0, "closed by us: 1000"),
        (&["--count", "2"], 1, "wscli: received 1 of 2 messages"),
        (&["--expect", "question"], 1, "wscli: no message matched --expect question"),
        (&["--reject", "answer"], 1, "wscli: a message matched --reject answer"),
        (&["--until", "answer", "--reject", "question"], 0, "closed by us: 1000"),
    ] {
        let server = answers_late();
        let flags = [&["connect", "--no-compress", "--linger", "20ms", &server.url], flags].concat();
        run(&flags, b"ask\n").assert("answer\n", code, says);
    }
    // A Close of the input's is ours too.
    let server = answers_late();
    let flags = ["connect", "--in", "json", "-1", "--out", "text", &server.url];
    run(&flags, b"{\"type\":\"close\",\"code\":1000}\n").assert("answer\n", 0, "closed by us: 1000");
}

#[test]
fn what_is_missing_is_told_beside_the_failure_that_counts() {
    for (flags, missing) in [
        (&["--count", "2"][..], "received 1 of 2 messages"),
        (&["--until", "never"], "no message matched --until never"),
    ] {
        let server = peer::opened("", |socket| {
            socket.write_all(b"\x81\x02hi\x88\x02\x0f\xa0").unwrap();
            until_close(socket);
        });
        let outcome = run(&[&["connect", "-n", &server.url], flags].concat(), b"");
        assert_eq!((outcome.stdout(), outcome.code), ("hi\n", Some(7)), "{outcome:?}");
        assert_eq!(outcome.stderr, format!("peer closed: 4000\n{missing}\n"));
        server.join();
    }
}

#[test]
fn what_is_no_longer_wanted_after_our_close_is_not_written() {
    let server = peer::opened("", |socket| {
        until_close(socket);
        socket.write_all(b"\x81\x03one\x81\x03two\x88\x02\x03\xe8").unwrap();
    });
    run(&["connect", "-1", "--linger", "20ms", &server.url], b"").assert("one\n", 0, "closed by us: 1000");
}

/// Node's inspector is one.
#[test]
fn a_peer_that_ends_at_a_ping_has_answered_before_and_the_ping_is_named() {
    let serve = || {
        peer::opened("", |socket| {
            for answer in [b"\x81\x03one", b"\x81\x03two"] {
                assert_eq!(read_frame(socket).0, 0x81);
                // Later than the next message.
                thread::park_timeout(Duration::from_millis(100));
                socket.write_all(answer).unwrap();
            }
            let (first, payload) = read_frame(socket);
            (first, payload)
        })
    };
    let server = serve();
    let outcome = run(&["connect", "--no-compress", &server.url], b"1\n2\n");
    assert_eq!((outcome.stdout(), outcome.code), ("one\ntwo\n", Some(7)), "{outcome:?}");
    assert!(
        outcome.stderr.ends_with(
            " after its last frame; that was right after our first Ping, which some peers can't take; --ping-interval 0 \
             sends none\n"
        ),
        "{}",
        outcome.stderr
    );
    let (first, payload) = server.join();
    assert_eq!((first, &payload[..]), PING);
    let server = serve();
    run(&["connect", "--no-compress", "--ping-interval", "0", &server.url], b"1\n2\n").assert(
        "one\ntwo\n",
        7,
        "dropped: the peer ended the connection without a Close frame (1006), after our Close, ",
    );
    assert_eq!(server.join().0, 0x88);
}

#[test]
fn the_linger_begins_when_the_peer_has_read_everything() {
    let server = peer::opened("", |socket| {
        assert_eq!(read_frame(socket), (0x81, b"ask".to_vec()));
        // Busy for longer than the linger, with a Ping unread.
        thread::park_timeout(Duration::from_millis(1500));
        let (first, payload) = read_frame(socket);
        assert_eq!((first, &payload[..]), PING);
        socket.write_all(PONG).unwrap();
        // Later than the linger, counted from the last write.
        thread::park_timeout(Duration::from_millis(300));
        socket.write_all(b"\x81\x06answer").unwrap();
        let read = Instant::now();
        assert_eq!(read_frame(socket), (0x88, vec![0x03, 0xe8]));
        assert!(read.elapsed() > Duration::from_millis(900), "{:?}", read.elapsed());
        socket.write_all(b"\x88\x02\x03\xe8").unwrap();
    });
    run(&["connect", "--no-compress", &server.url], b"ask\n").assert("answer\n", 0, "closed by us: 1000");
    server.join();
}

#[test]
fn a_message_is_waited_for_to_its_end() {
    let server = peer::opened("", |socket| {
        read_frame(socket);
        // Between two fragments, and inside the second, for longer than the linger.
        for part in [&b"\x01\x03ans"[..], b"\x80\x03w", b"er"] {
            socket.write_all(part).unwrap();
            thread::park_timeout(Duration::from_millis(400));
        }
        read_to_end(socket);
    });
    let flags = ["connect", "--linger", "100ms", "--close-timeout", "100ms", "--ping-interval", "0", &server.url];
    let outcome = run(&flags, b"ask\n");
    assert_eq!(outcome.stdout(), "answer\n", "{outcome:?}");
    server.join();
}

#[test]
fn a_peer_that_answers_no_pings_is_waited_for_from_the_last_write() {
    let silent = peer::opened("", |socket| {
        let frames = until_close(socket);
        socket.write_all(b"\x88\x02\x03\xe8").unwrap();
        frames.into_iter().map(|(first, _)| first).collect::<Vec<_>>()
    });
    let says = "received nothing, not even a Pong, within 300ms after the last message was sent: --linger waits longer";
    run(&["connect", "--no-compress", "--linger", "100ms", &silent.url], b"ask\n").assert("", 0, says);
    assert_eq!(silent.join(), [0x81, 0x89, 0x88]);
    // Where nothing was sent, or nothing is waited for, or no Pings are wanted, there is none.
    for (flags, stdin, frames) in [
        (&["--linger", "20ms"][..], &b""[..], &[0x88][..]),
        (&["--linger", "0"], b"ask\n", &[0x81, 0x88]),
        (&["--linger", "20ms", "--ping-interval", "0"], b"ask\n", &[0x81, 0x88]),
    ] {
        let silent = peer::opened("", |socket| {
            let frames = until_close(socket);
            socket.write_all(b"\x88\x02\x03\xe8").unwrap();
            frames.into_iter().map(|(first, _)| first).collect::<Vec<_>>()
        });
        let outcome = run(&[&["connect", "--no-compress", &silent.url], flags].concat(), stdin);
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        assert_eq!(silent.join(), frames, "{flags:?}");
    }
}

#[test]
fn a_linger_that_was_given_ends_a_run_that_reads_nothing() {
    let server = peer::tungstenite(crate::support::peer::echo_any);
    run(&["connect", "-n", "-d", "ask", "--linger", "20ms", &server.url], b"").assert("ask\n", 0, "closed by us: 1000");
}

#[test]
fn max_time_says_that_it_has_ended_the_run() {
    let silent = peer::opened("", read_to_end);
    let outcome = run(&["connect", "-n", "-m", "300ms", &silent.url], b"");
    assert_eq!(
        (outcome.stderr.as_str(), outcome.code),
        ("stopped by --max-time 300ms\ndisconnected without waiting for the peer\n", Some(0))
    );
    let silent = peer::opened("", read_to_end);
    run(&["connect", "--echo", "-m", "300ms", &silent.url], b"").assert("", 0, "stopped by --max-time 300ms");
    let silent = peer::opened("", read_to_end);
    let outcome = run(&["connect", "-n", "-q", "-m", "300ms", &silent.url], b"");
    assert_eq!((outcome.stderr.as_str(), outcome.code), ("", Some(0)));
}

#[test]
fn max_time_hides_nothing_that_has_ended_the_connection_before() {
    // Neither ends TCP, for which a client that has failed a connection waits for a second.
    for extra in [&[][..], &["--no-close"], &["--echo"]] {
        let violating = peer::opened("", |socket| {
            socket.write_all(b"\x83\x00").unwrap();
            read_to_end(socket);
            thread::park_timeout(PATIENCE);
        });
        let input = if extra == ["--echo"] { &[][..] } else { &["-n"] };
        let flags = [&["connect", "-m", "600ms", &violating.url], input, extra].concat();
        let outcome = run(&flags, b"");
        outcome.assert("", 6, "opcode 0x3 is reserved");
        assert!(outcome.stderr.contains("stopped by --max-time 600ms\n"), "{}", outcome.stderr);
        let mute = peer::opened("", |socket| {
            read_to_end(socket);
            thread::park_timeout(PATIENCE);
        });
        let pings = ["--ping-interval", "20ms", "--ping-timeout", "20ms"];
        let flags = [&["connect", "-m", "600ms", &mute.url], input, extra, &pings].concat();
        let outcome = run(&flags, b"");
        outcome.assert("", 7, "keepalive failed: a Ping was not answered within 20ms");
        assert!(outcome.stderr.contains("stopped by --max-time 600ms\n"), "{}", outcome.stderr);
    }
}

#[test]
fn a_reader_who_leaves_a_quiet_feed_ends_it_at_once() {
    let server = peer::opened("", |socket| {
        socket.write_all(b"\x81\x03one").unwrap();
        // Nothing more is ever said.
        assert_eq!(read_frame(socket), (0x88, vec![0x03, 0xe9]));
        socket.write_all(b"\x88\x02\x03\xe9").unwrap();
    });
    let mut running = Running::start_unread(&["connect", "-n", &server.url]);
    let mut stdout = BufReader::new(running.take_stdout());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    assert_eq!(line, "one\n");
    drop(stdout);
    let outcome = running.finish();
    assert_eq!((outcome.code, outcome.stderr.contains("wscli:")), (Some(0), false), "{outcome:?}");
    server.join();
}

#[test]
fn what_writes_nothing_misses_no_reader() {
    let (go, gate) = std::sync::mpsc::channel::<()>();
    let server = peer::opened("", move |socket| {
        let _ = gate.recv();
        socket.write_all(b"\x88\x02\x0f\xa1").unwrap();
        read_frame(socket);
    });
    let mut running = Running::start_unread(&["connect", "-n", "--out", "none", &server.url]);
    drop(running.take_stdout());
    crate::bounds::wait_until_at_rest(&running);
    drop(go);
    running.finish().assert("", 7, "peer closed: 4001");
}

#[test]
fn data_that_arrives_keeps_a_connection_without_pongs() {
    let server = peer::opened("", |socket| {
        for _ in 0..3 {
            assert_eq!(read_frame(socket).0, 0x89);
            socket.write_all(b"\x81\x04tick").unwrap();
        }
        socket.write_all(b"\x88\x02\x03\xe8").unwrap();
        read_to_end(socket);
    });
    let flags = ["connect", "-n", "--ping-interval", "10ms", "--ping-timeout", "700ms", &server.url];
    let outcome = run(&flags, b"");
    assert_eq!((outcome.stdout(), outcome.code), ("tick\ntick\ntick\n", Some(0)), "{outcome:?}");
    let told = "a Ping was not answered within 700ms, but the peer goes on sending, and the connection is kept; \
                --ping-timeout is how long a Pong is awaited, --ping-interval 0 sends no Pings\npeer closed: 1000 (normal closure)\n";
    assert_eq!(outcome.stderr, told, "and that once");
}

#[test]
fn a_pong_with_another_payload_is_named() {
    let server = peer::opened("", |socket| {
        assert_eq!(read_frame(socket).0, 0x89);
        socket.write_all(b"\x8a\x09undefined").unwrap();
        read_to_end(socket);
    });
    let flags = ["connect", "-n", "--ping-interval", "10ms", "--ping-timeout", "300ms", "--close-timeout", "0"];
    let says = "keepalive failed: a Ping was not answered within 300ms, and a Pong had another payload, \"undefined\", \
                closed with 1011 (internal error); --ping-timeout is how long a Pong is awaited, --ping-interval 0 sends no Pings";
    run(&[&flags[..], &[&server.url]].concat(), b"").assert("", 7, says);
}

#[test]
fn a_number_of_reconnections_may_stand_apart() {
    for flag in [&["--reconnect", "1"][..], &["--reconnect=1"]] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("ws://{}/", listener.local_addr().unwrap());
        let running = Running::start(&[&["connect", "-n"], flag, &[&url]].concat());
        for _ in 0..2 {
            let (mut socket, _) = listener.accept().unwrap();
            let head = read_head(&mut socket);
            socket.write_all(acceptance(&head, "").as_bytes()).unwrap();
            socket.shutdown(Shutdown::Both).unwrap();
        }
        let outcome = running.finish();
        outcome.assert("", 7, "reconnected");
        assert_eq!(outcome.stderr.matches("reconnecting in").count(), 1, "{flag:?}: {outcome:?}");
    }
}

#[test]
fn a_first_connection_that_fails_names_the_flag_that_tries_it_again() {
    let unused = Refusing::new();
    let url = format!("ws://{unused}/");
    let advice = "--retry N tries again to open the first connection; --reconnect only follows a lost one";
    let outcome = run(&["connect", "-n", "--reconnect", &url], b"");
    outcome.assert("", 3, &format!("is the port right? {advice}"));
    for flags in [&["--reconnect", "--retry", "1", "--retry-delay", "1ms"][..], &[]] {
        let outcome = run(&[&["connect", "-n", &url], flags].concat(), b"");
        assert!(outcome.code == Some(3) && !outcome.stderr.contains("--reconnect only"), "{outcome:?}");
    }
    let unavailable = peer::raw(|socket, _| {
        socket.write_all(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n").unwrap();
    });
    run(&["connect", "-n", "--reconnect", &unavailable.url], b"").assert("", 5, advice);
    run(&["connect", "-n", "--reconnect", "http://["], b"").assert("", 2, "wscli: ");
}

/// The first bytes and lengths of the frames that make up one message.
fn frames_of(extension: &'static str, flags: &[&str], stdin: &[u8]) -> Vec<(u8, usize)> {
    let server = peer::opened(extension, |socket| {
        let mut frames = Vec::new();
        loop {
            let (first, payload) = read_frame(socket);
            frames.push((first, payload.len()));
            if first & 0x80 != 0 {
                break;
            }
        }
        until_close(socket);
        socket.write_all(b"\x88\x02\x03\xe8").unwrap();
        frames
    });
    let outcome = run(&[&["connect", "--linger", "0", &server.url], flags].concat(), stdin);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    server.join()
}

#[test]
fn a_size_that_is_known_decides_whether_a_message_of_several_frames_is_compressed() {
    let folder = Folder::new();
    let file = folder.file("data", "x".repeat(5000));
    let at = format!("@{file}");
    let line = format!("{}\n", "x".repeat(5000));
    let plain = [(0x01, 2000), (0x00, 2000), (0x80, 1000)];
    for (under, compressed) in [("5001", false), ("5000", true), ("1", true)] {
        let flags = ["--fragment-size", "2000", "--no-compress-under", under];
        for (more, stdin) in [(&["-d", &at][..], ""), (&[], &line), (&["--in", "whole"], line.trim_end())] {
            let frames = frames_of("permessage-deflate", &[&flags[..], more].concat(), stdin.as_bytes());
            if compressed {
                assert_eq!(frames[0].0 & 0x40, 0x40, "{under} {more:?}: {frames:?}");
            } else {
                assert_eq!(frames, plain, "{under} {more:?}");
            }
        }
    }
}

#[test]
fn every_input_mode_makes_fragments_of_the_size_asked_for() {
    let flags = ["--fragment-size", "2", "--no-compress"];
    for (mode, stdin, first) in [
        ("hex", "6162636465\n", 0x02),
        ("base64", "YWJjZGU=\n", 0x02),
        ("json", "{\"type\":\"text\",\"text\":\"abcde\"}\n", 0x01),
        ("lines", "abcde\n", 0x01),
    ] {
        let frames = frames_of("", &[&flags[..], &["--in", mode]].concat(), stdin.as_bytes());
        assert_eq!(frames, [(first, 2), (0x00, 2), (0x80, 1)], "{mode}");
    }
    // Each read is a message, however long its frames may be; and what a rule answers is cut like the rest.
    let frames = frames_of("", &[&flags[..], &["--in", "chunks"]].concat(), b"abcde");
    assert_eq!(frames, [(0x02, 2), (0x00, 2), (0x80, 1)]);
    let frames = frames_of("", &[&flags[..], &["--on", "open => reply abcde"]].concat(), b"");
    assert_eq!(frames, [(0x01, 2), (0x00, 2), (0x80, 1)]);
}

#[test]
fn a_terminal_that_goes_hangs_up_whatever_a_write_finds_first() {
    heed_signals();
    for flags in [&["-n"][..], &["-n", "-q"], &["-n", "--out", "json"]] {
        let (opened, is_open) = channel();
        let server = peer::tungstenite(move |websocket| {
            opened.send(()).unwrap();
            while websocket.read().is_ok() {}
        });
        let terminal = Terminal::unread();
        let mut command = Command::new("setsid");
        command.args(["--ctty", env!("CARGO_BIN_EXE_wscli"), "connect"]).args(flags).arg(&server.url);
        command.envs([NO_CONFIG]).stdin(terminal.end()).stdout(terminal.end()).stderr(terminal.end());
        let mut child = command.spawn().unwrap();
        drop(command);
        is_open.recv_timeout(PATIENCE).unwrap();
        drop(terminal);
        assert_eq!(child.wait().unwrap().code(), Some(129), "{flags:?}");
        server.join();
    }
}
