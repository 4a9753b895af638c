//! `connect` in scripts: what goes in, what comes out, when it ends, and with which exit code.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use tungstenite::protocol::CloseFrame;
use tungstenite::protocol::frame::coding::CloseCode;

use crate::support::peer::{
    acceptance, echo_any, header, opened, raw, read_frame, read_head, read_to_end, tungstenite,
};
use crate::support::program::{NO_CONFIG, Running, Serving, run};
use crate::support::schema::Schema;

/// A server that answers each message with its own text, `replies` times, and then closes with `code`.
fn closing(replies: usize, code: Option<u16>) -> String {
    tungstenite(move |websocket| {
        for _ in 0..replies {
            let message = websocket.read().unwrap();
            websocket.send(message).unwrap();
        }
        let frame = code.map(|code| CloseFrame { code: CloseCode::from(code), reason: "".into() });
        websocket.close(frame).unwrap();
    })
    .url
}

/// A server that echoes until the client closes.
fn echo() -> String {
    tungstenite(echo_any).url
}

fn code(args: &[&str], stdin: &[u8]) -> Option<i32> {
    run(&[&["connect"], args].concat(), stdin).code
}

#[test]
fn every_close_of_the_peer_has_its_exit_code() {
    for (sent, expected) in
        [(Some(1000), 0), (Some(1001), 0), (None, 0), (Some(1008), 7), (Some(1011), 7), (Some(4000), 7)]
    {
        assert_eq!(code(&["-n", &closing(0, sent)], b""), Some(expected), "{sent:?}");
    }
    assert_eq!(code(&["-n", "--ok-close", "1008,4000-4999", &closing(0, Some(4000))], b""), Some(0));
    assert_eq!(code(&["-n", "--ok-close", "1008", &closing(0, Some(4000))], b""), Some(7));
    let violating = opened("", |socket| {
        socket.write_all(b"\x83\x00").unwrap();
        read_to_end(socket)
    });
    assert_eq!(code(&["-n", &violating.url], b""), Some(6));
    let leaving = opened("", |_| ());
    assert_eq!(code(&["-n", &leaving.url], b""), Some(7));
    let leaving = opened("", |_| ());
    assert_eq!(code(&["-n", "--ok-close", "1006", &leaving.url], b""), Some(0));
}

#[test]
fn a_reset_is_a_dropped_connection() {
    let server = opened("", |socket| {
        // Unread bytes at the close reset the connection.
        while socket.peek(&mut [0]).unwrap() == 0 {}
    });
    assert_eq!(code(&["-n", "-d", "unread", &server.url], b""), Some(7));
}

#[test]
fn stdin_from_nowhere_ends() {
    let outcome = run(&["connect", "--linger", "50ms", &echo()], b"");
    outcome.assert("", 0, "closed by us: 1000 (normal closure)");
    let shell = format!("exec '{}' connect --linger 50ms '{}' </dev/null", env!("CARGO_BIN_EXE_wscli"), echo());
    assert_eq!(
        std::process::Command::new("sh").args(["-c", &shell]).envs([NO_CONFIG]).output().unwrap().status.code(),
        Some(0)
    );
}

#[test]
fn counts_and_expressions_end_the_run() {
    let run = |args: &[&str]| {
        run(&[&["connect", "-q", "--linger", "200ms"], args, &[&echo()]].concat(), b"one\ntwo\nthree\n")
    };
    for (args, stdout, code) in [
        (&["--until", "tw"][..], Some("one\ntwo\n"), 0),
        (&["--count", "2"], Some("one\ntwo\n"), 0),
        (&["--until", "four"], Some("one\ntwo\nthree\n"), 1),
        (&["--count", "3"], Some("one\ntwo\nthree\n"), 0),
        (&["--count", "4"], Some("one\ntwo\nthree\n"), 1),
        (&["--expect", "^one$", "--expect", "e{2}"], None, 0),
        (&["--expect", "three", "--expect", "one"], Some("one\ntwo\nthree\n"), 1),
        (&["--reject", "^two$"], None, 1),
    ] {
        let outcome = run(args);
        assert_eq!(outcome.code, Some(code), "{args:?}: {outcome:?}");
        if let Some(stdout) = stdout {
            assert_eq!(outcome.stdout(), stdout, "{args:?}");
        }
    }
    assert_eq!(run(&["--expect", "a", "--expect", "b"]).stderr, "wscli: no message matched --expect a (1 of 2)\n");
}

#[test]
fn one_message_is_enough_and_nothing_lingers() {
    let url = echo();
    let start = Instant::now();
    run(&["connect", "-1", "--linger", "20s", &url], b"only\n").assert("only\n", 0, "closed by us: 1000");
    assert!(start.elapsed().as_secs() < 10, "it waited for the linger");
}

#[test]
fn a_goal_waits_for_its_goal() {
    let started = [["-1", "-q"], ["--until", "^answer$"], ["--expect", "^answer$"]].map(|flags| {
        let server = opened("", |socket| {
            assert_eq!(read_frame(socket).1, b"ask");
            // Longer than --linger is where nothing is waited for.
            std::thread::park_timeout(Duration::from_millis(1300));
            socket.write_all(b"\x81\x06answer").unwrap();
            assert_eq!(read_frame(socket), (0x88, vec![0x03, 0xe8]));
            socket.write_all(b"\x88\x02\x03\xe8").unwrap();
        });
        let mut running = Running::start(&[&["connect", "--no-compress"], &flags[..], &[&server.url]].concat());
        running.feed(b"ask\n".to_vec());
        running
    });
    for running in started {
        let outcome = running.finish();
        assert_eq!((outcome.stdout(), outcome.code), ("answer\n", Some(0)), "{outcome:?}");
    }
}

#[test]
fn a_linger_that_was_given_ends_the_wait_for_a_goal() {
    let silent = tungstenite(|websocket| while websocket.read().is_ok() {});
    let outcome = run(&["connect", "-1", "--linger", "50ms", &silent.url], b"ask\n");
    outcome.assert("", 1, "wscli: received 0 of 1 message");
    outcome.assert("", 1, "received nothing within 50ms after the last message was sent: --linger waits longer");
}

#[test]
fn silence_after_sending_is_told() {
    let silent = || tungstenite(|websocket| while websocket.read().is_ok() {}).url;
    let linger = |flags: &[&str], url: &str, stdin: &[u8]| {
        let outcome = run(&[&["connect", "--linger", "50ms", url], flags].concat(), stdin);
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        outcome.stderr
    };
    assert!(linger(&[], &silent(), b"ask\n").contains("--linger"));
    assert_eq!(linger(&["-q"], &silent(), b"ask\n"), "");
    let empty = "stdin was empty: -n stays connected without it\nclosed by us: 1000 (normal closure)\n";
    assert_eq!(linger(&[], &silent(), b""), empty, "nothing was sent");
    assert_eq!(linger(&[], &echo(), b"ask\n"), "closed by us: 1000 (normal closure)\n", "something came");
}

#[test]
fn time_runs_out_with_or_without_success() {
    let silent = || opened("", read_to_end).url;
    let flags = ["connect", "-n", "-m", "500ms", "--close-timeout", "100ms"];
    assert_eq!(run(&[&flags[..], &[&silent()]].concat(), b"").code, Some(0));
    let outcome = run(&[&flags[..], &["-1", &silent()]].concat(), b"");
    outcome.assert("", 1, "wscli: received 0 of 1 message");
    let unanswering = raw(|socket, _| read_to_end(socket));
    let says = "timed out during the opening handshake";
    run(&[&flags[..], &[&unanswering.url]].concat(), b"").assert("", 5, says);
}

#[test]
fn no_time_at_all_is_no_limit_for_the_run_and_no_deadline() {
    run(&["connect", "-1", "-m", "0", &echo()], b"whole\n").assert("whole\n", 0, "closed by us: 1000");
    for flag in ["--connect-timeout", "--handshake-timeout", "--ping-timeout"] {
        let says = "0 is not allowed here; omit the flag for the default";
        run(&["connect", flag, "0", "ws://localhost:1"], b"").assert("", 2, says);
    }
}

#[test]
fn the_close_is_the_one_that_was_asked_for() {
    let server = opened("", |socket| {
        let close = read_frame(socket);
        socket.write_all(b"\x88\x02\x0f\xa1").unwrap();
        close
    });
    assert_eq!(code(&["--linger", "0s", "--close", "4001:bye", &server.url], b""), Some(0));
    assert_eq!(server.join(), (0x88, b"\x0f\xa1bye".to_vec()));
    let server = opened("", read_to_end);
    assert_eq!(code(&["--linger", "0s", "--no-close", &server.url], b""), Some(0));
    assert_eq!(server.join(), b"");
    assert_eq!(code(&["--close", "1006", "ws://localhost:1"], b""), Some(2));
}

#[test]
fn messages_of_the_command_line_come_before_stdin() {
    let file = std::env::temp_dir().join(format!("wscli-data-{}", std::process::id()));
    std::fs::write(&file, "in a\nfile").unwrap();
    let at = format!("@{}", file.display());
    let outcome = run(&["connect", "--out", "null", "-d", "first", "-d", &at, "--count", "3", &echo()], b"last\n");
    assert_eq!(outcome.stdout(), "first\0in a\nfile\0last\0");
    std::fs::remove_file(&file).unwrap();
}

#[test]
fn every_mode_keeps_boundaries_and_bytes() {
    let both = |input: &str, output: &str, stdin: &[u8], more: &[&str]| {
        let serving = Serving::start(&[]);
        let args = [&["connect", "--linger", "300ms", "--in", input, "--out", output], more, &[&serving.url]].concat();
        let outcome = run(&args, stdin);
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        outcome.stdout
    };
    assert_eq!(both("null", "null", b"a\nb\0\0c", &[]), b"a\nb\0\0c\0");
    assert_eq!(both("whole", "raw", b"a\nb\n", &[]), b"a\nb\n");
    assert_eq!(both("lines", "hex", b"ab\n\xff\n", &["--binary"]), b"6162\nff\n");
    assert_eq!(both("hex", "base64", b"00 ff\nA0\n\n", &[]), b"AP8=\noA==\n");
    assert_eq!(both("base64", "raw", b"AP8=\n", &[]), b"\x00\xff");
    assert_eq!(both("lines", "none", b"a\n", &[]), b"");
    let long = vec![b'x'; 70_000];
    assert_eq!(both("lines", "raw", &long, &[]), long);
    let blob: Vec<u8> = (0..3_000_000u32).map(|i| ((i * 7) >> 3) as u8).collect();
    assert_eq!(both("whole", "raw", &blob, &["--binary", "--fragment-size", "1000"]), blob);
    assert_eq!(both("chunks", "raw", &blob, &[]), blob);
}

#[test]
fn what_can_not_be_sent_is_an_error_with_its_place() {
    for (mode, stdin, says) in [
        ("lines", &b"fine\n\xff\n"[..], "line 2 of stdin is not UTF-8"),
        ("whole", b"\xff", "stdin is not UTF-8"),
        ("hex", b"0g\n", "line 1 of stdin: 'g' is not a hexadecimal digit"),
        ("base64", b"AAAA\n?\n", "line 2 of stdin: not base64"),
        ("json", b"{}\n", "line 1 of stdin is not an event to send: it has no \"type\""),
        ("json", b"nonsense\n", "line 1 of stdin is not an event"),
        (
            "json",
            b"{\"type\":\"close\",\"code\":1006}\n",
            "the status code 1006 (abnormal closure) may not be sent (RFC 6455 §7.4)",
        ),
        ("json", b"{\"type\":\"ping\",\"delay\":1e19}\n", "its \"delay\" is not a number of seconds"),
    ] {
        let outcome = run(&["connect", "--in", mode, &echo()], stdin);
        assert_eq!(outcome.code, Some(2), "{outcome:?}");
        assert!(outcome.stderr.contains(says), "{outcome:?}");
    }
}

#[test]
fn events_are_sent_as_they_are_written() {
    let server = opened("", |socket| {
        let frames = [(); 5].map(|()| read_frame(socket));
        socket.write_all(b"\x88\x02\x0f\xa0").unwrap();
        frames
    });
    let events = b"{\"type\":\"text\",\"text\":\"a\\nb\",\"delay\":0.01}\n{\"type\":\"binary\",\"base64\":\"/w==\"}\n\
                   {\"type\":\"text\",\"direction\":\"sent\",\"text\":\"theirs\"}\n{\"type\":\"ping\",\"text\":\"p\"}\n\
                   {\"type\":\"pong\"}\n{\"type\":\"close\",\"code\":4000,\"reason\":\"r\"}\n";
    let outcome = run(&["connect", "--no-compress", "--in", "json", &server.url], events);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let frames = [(0x81, &b"a\nb"[..]), (0x82, b"\xff"), (0x89, b"p"), (0x8a, b""), (0x88, b"\x0f\xa0r")];
    assert_eq!(server.join(), frames.map(|(first, payload)| (first, payload.to_vec())));
}

#[test]
fn events_are_written_with_all_that_is_known() {
    let server = opened("", |socket| {
        read_frame(socket);
        socket.write_all(b"\x01\x01a\x89\x01p\x80\x01b\x82\x01\xff\x88\x05\x03\xe8bye").unwrap();
        read_to_end(socket)
    });
    let outcome = run(&["connect", "-n", "-d", "hi", "--no-compress", "--out", "json", &server.url], b"");
    let events: Vec<serde_json::Value> =
        outcome.stdout().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told = |event: &serde_json::Value, name: &str| event[name].clone();
    let short: Vec<_> = events.iter().map(|event| (told(event, "direction"), told(event, "type"))).collect();
    let expected = [
        ("sent", "text"),
        ("received", "ping"),
        ("sent", "pong"),
        ("received", "text"),
        ("received", "binary"),
        ("received", "close"),
        ("sent", "close"),
    ];
    for pair in expected {
        assert!(short.contains(&(pair.0.into(), pair.1.into())), "{pair:?} in {short:?}");
    }
    assert_eq!(short.len(), expected.len());
    let text = events.iter().find(|event| event["type"] == "text" && event["direction"] == "received").unwrap();
    assert_eq!((text["text"].clone(), text["fragments"].clone()), ("ab".into(), 2.into()));
    assert_eq!((text["wire_length"].clone(), text["compressed"].clone()), (2.into(), false.into()));
    let close = events.iter().find(|event| event["type"] == "close").unwrap();
    assert_eq!((close["code"].clone(), close["reason"].clone()), (1000.into(), "bye".into()));
    let schema = Schema::read("events.schema.json");
    for event in &events {
        assert!(event["elapsed_ms"].is_number());
        schema.check(event);
    }
}

#[test]
fn one_connections_messages_are_replayed_into_another() {
    let source = closing(3, Some(1000));
    let first = run(&["connect", "--out", "json", &source], b"a\nb c\n\n");
    let second = run(&["connect", "--in", "json", "--out", "null", "--linger", "200ms", &echo()], &first.stdout);
    assert_eq!(second.stdout(), "a\0b c\0\0");
}

#[test]
fn a_rate_keeps_messages_apart() {
    let start = Instant::now();
    run(&["connect", "--rate", "20/s", "--count", "5", &echo()], b"1\n2\n3\n4\n5\n").assert(
        "1\n2\n3\n4\n5\n",
        0,
        "closed",
    );
    assert!(start.elapsed().as_millis() >= 200, "four pauses of 50 ms");
}

#[test]
fn small_messages_go_uncompressed_where_that_is_asked_for() {
    let server = opened("permessage-deflate", |socket| {
        let frames = [read_frame(socket).0, read_frame(socket).0];
        socket.write_all(b"\x88\x02\x03\xe8").unwrap();
        frames
    });
    let long = format!("short\n{}\n", "x".repeat(100));
    run(&["connect", "-q", "--no-compress-under", "100", &server.url], long.as_bytes());
    assert_eq!(server.join(), [0x81, 0xc1]);
}

#[test]
fn output_goes_to_a_file_quietly_with_times() {
    let file = std::env::temp_dir().join(format!("wscli-out-{}", std::process::id()));
    let args = ["connect", "-q", "-1", "-o", file.to_str().unwrap(), "--timestamps=%Y", &echo()];
    let outcome = run(&args, b"hello\n");
    assert_eq!((outcome.stdout(), outcome.stderr.as_str(), outcome.code), ("", "", Some(0)));
    let written = std::fs::read_to_string(&file).unwrap();
    assert!(written.len() == 11 && written.ends_with(" hello\n") && written.starts_with("20"), "{written:?}");
    std::fs::remove_file(&file).unwrap();
}

/// Accepts one connection by hand.
fn accept(listener: &TcpListener) -> std::net::TcpStream {
    let (mut socket, _) = listener.accept().unwrap();
    let head = read_head(&mut socket);
    assert!(header(&head, "Sec-WebSocket-Key").is_some());
    socket.write_all(acceptance(&head, "").as_bytes()).unwrap();
    socket
}

#[test]
fn a_lost_connection_is_followed_by_another_and_nothing_unwritten_is_lost() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let mut running =
        Running::start(&["connect", "--reconnect=3", "--no-compress", "-d", "hello", "--linger", "100ms", &url]);
    let mut first = accept(&listener);
    assert_eq!(read_frame(&mut first), (0x81, b"hello".to_vec()));
    drop(first);
    running.line_with("reconnecting in");
    let stdin = running.hold_stdin();
    let mut second = accept(&listener);
    running.line_with("reconnected");
    assert_eq!(read_frame(&mut second), (0x81, b"hello".to_vec()));
    let mut stdin = stdin.unwrap();
    stdin.write_all(b"line\n").unwrap();
    assert_eq!(read_frame(&mut second), (0x81, b"line".to_vec()));
    drop(stdin);
    assert_eq!(read_frame(&mut second).0, 0x89, "a Ping goes behind the last message");
    assert_eq!(read_frame(&mut second).0, 0x88);
    second.write_all(b"\x88\x02\x03\xe8").unwrap();
    running.finish().assert("", 0, "closed by us: 1000");
}

#[test]
fn half_a_message_of_a_lost_connection_stays_apart_from_the_next() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let running = Running::start(&["connect", "-n", "--reconnect=1", "--expect", "^hello$", &url]);
    let mut first = accept(&listener);
    first.write_all(b"\x01\x03par").unwrap();
    drop(first);
    let mut second = accept(&listener);
    second.write_all(b"\x01\x02he\x80\x03llo").unwrap();
    assert_eq!(read_frame(&mut second).0, 0x88);
    second.write_all(b"\x88\x02\x03\xe8").unwrap();
    running.finish().assert("par\nhello\n", 0, "closed by us: 1000");
}

#[test]
fn leaving_without_a_close_does_not_wait_for_a_peer_that_takes_nothing() {
    let (go, gate) = std::sync::mpsc::channel::<()>();
    let server = opened("", move |_| {
        // An error once the test lets go.
        let _ = gate.recv();
    });
    let flags = ["connect", "-m", "2s", "--no-close", "--no-compress", "--close-timeout", "100ms", &server.url];
    let outcome = run(&flags, &b"xxxxxxxxxxxxxxx\n".repeat(2_000_000));
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    drop(go);
}

#[test]
fn nothing_reconnects_after_the_time_is_up() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let running = Running::start(&["connect", "-n", "--reconnect", "-m", "300ms", &url]);
    drop(accept(&listener));
    drop(listener);
    running.finish().assert("", 7, "dropped");
}

#[test]
fn a_message_that_a_lost_connection_did_not_take_is_sent_on_the_next() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let mut running = Running::start(&["connect", "--reconnect=3", "--no-compress", "--linger", "100ms", &url]);
    // More than the kernel takes: some of it is still ours when the connection goes.
    let line = "x".repeat(1_000_000);
    running.feed(format!("{line}\n").repeat(40).into_bytes());
    let mut first = accept(&listener);
    first.read_exact(&mut [0; 100_000]).unwrap();
    drop(first);
    let mut second = accept(&listener);
    let mut whole = 0;
    let mut message = 0;
    loop {
        let (first, payload) = read_frame(&mut second);
        match first & 0x0f {
            8 => break,
            // The Ping behind the last message.
            9 => continue,
            _ => message += payload.len(),
        }
        if first & 0x80 != 0 {
            assert_eq!(std::mem::take(&mut message), line.len(), "boundaries are kept");
            whole += 1;
        }
    }
    second.write_all(b"\x88\x02\x03\xe8").unwrap();
    running.finish().assert("", 0, "closed by us: 1000");
    assert!((30..=40).contains(&whole), "{whole} of 40: only what the kernel had taken may be missing");
}

#[test]
fn a_reader_that_stops_loses_nothing() {
    let serving = Serving::start(&[]);
    let mut running = Running::start_unread(&["connect", "-q", "--count", "30000", &serving.url]);
    let lines: String = (0..30_000).map(|number| format!("{number:0209}\n")).collect();
    running.feed(lines.clone().into_bytes());
    let mut stdout = running.take_stdout();
    let mut beginning = [0; 210];
    stdout.read_exact(&mut beginning).unwrap();
    // Nothing is read until stdin has nowhere to go any more: memory is what is left to look at.
    let mut before = 0;
    let resident = loop {
        let resident = resident_kib(running.pid());
        if resident == before {
            break resident;
        }
        before = resident;
        running.signal(Signal::CONT);
    };
    assert!(resident < 32 * 1024, "{resident} KiB resident");
    let mut rest = Vec::new();
    stdout.read_to_end(&mut rest).unwrap();
    assert_eq!([&beginning[..], &rest].concat(), lines.into_bytes());
    assert_eq!(running.finish().code, Some(0));
}

fn resident_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or("VmRSS: 0 kB");
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn what_no_clock_can_reckon_with_is_refused_and_the_longest_time_is_not() {
    let second_longest = ["--rate", "1e-9", "--linger", "1000000000", "--retry-delay", "1000000000"];
    let longest = [
        "--delay",
        "--retry-max-time",
        "-m",
        "--ping-interval",
        "--ping-timeout",
        "--handshake-timeout",
        "--close-timeout",
        "--connect-timeout",
    ];
    let flags: Vec<_> = longest.iter().flat_map(|flag| [*flag, "1000000000"]).collect();
    for flags in [&second_longest[..], &flags] {
        let outcome = run(&[&["connect", "-1", "--retry", "1", &echo()], flags].concat(), b"a\n");
        outcome.assert("a\n", 0, "closed by us: 1000");
    }
    for flag in longest.iter().chain(&["--rate", "--linger", "--retry-delay"]) {
        let value = if *flag == "--rate" { "1e-19" } else { "1000000001" };
        run(&["connect", flag, value, "ws://127.0.0.1:1/"], b"a\n").assert("", 2, &format!("invalid value '{value}'"));
    }
}

#[test]
fn times_have_fractions_of_a_second_and_the_same_width() {
    for (format, pattern) in [
        ("--timestamps", "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\\.[0-9]{6}Z hello\n$"),
        ("--timestamps=utc", "^[0-9-]{10}T[0-9:]{8}\\.[0-9]{6}Z hello\n$"),
        ("--timestamps=local", "^[0-9-]{10}T[0-9:]{8}\\.[0-9]{6}[+-][0-9]{2}:[0-9]{2} hello\n$"),
        ("--timestamps=%H:%M:%S%.3f", "^[0-9:]{8}\\.[0-9]{3} hello\n$"),
        ("--timestamps=%s.%6f%z", "^[0-9]+\\.[0-9]{6}[+-][0-9]{4} hello\n$"),
    ] {
        let outcome = run(&["connect", "-1", format, &echo()], b"hello\n");
        assert!(regex::Regex::new(pattern).unwrap().is_match(outcome.stdout()), "{format}: {outcome:?}");
    }
    let outcome = run(&["connect", "--timestamps=UTC", &echo()], b"");
    outcome.assert("", 2, "\"UTC\" is neither utc nor local, and has no % as a format such as %T.%3f has");
}

#[test]
fn pings_are_shown_both_ways_with_time_and_round_trip() {
    let server = opened("", |socket| {
        socket.write_all(b"\x89\x02hi").unwrap();
        assert_eq!(read_frame(socket), (0x8a, b"hi".to_vec()));
        let (first, payload) = read_frame(socket);
        assert_eq!(first, 0x89);
        socket.write_all(&[&[0x8a, payload.len() as u8][..], &payload, b"\x8a\x00\x88\x02\x03\xe8"].concat()).unwrap();
        read_to_end(socket);
    });
    let outcome = run(&["connect", "-n", "-P", "--ping-interval", "500ms", &server.url], b"");
    let lines: Vec<&str> = outcome.stderr.lines().collect();
    for (line, pattern) in lines.iter().zip([
        "< ping \"hi\"$",
        "> pong \"hi\"$",
        "> ping 0x0000000000000001$",
        "< pong 0x0000000000000001, round trip [0-9.]+ ms$",
        "< pong$",
    ]) {
        let pattern = format!("^[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}\\.[0-9]{{3}} {pattern}");
        assert!(regex::Regex::new(&pattern).unwrap().is_match(line), "{pattern}: {lines:?}");
    }
    assert_eq!((lines.len(), outcome.code), (6, Some(0)), "{lines:?}");
    let server = opened("", |socket| {
        socket.write_all(b"\x89\x00\x88\x02\x03\xe8").unwrap();
        read_to_end(socket);
    });
    let outcome = run(&["connect", "-n", "-P", "--timestamps=at-%Y", &server.url], b"");
    assert!(outcome.stderr.starts_with("at-20") && outcome.stderr.contains(" < ping\n"), "{outcome:?}");
}
