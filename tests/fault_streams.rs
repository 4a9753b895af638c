//! `--fault`: what becomes of the stream of bytes, seen from the other end of the wire.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;

use crate::support::peer::{self, client_frame, connect, handshake, open_by_hand, read_frame, read_head, read_to_end};
use crate::support::program::{Serving, run};
use crate::support::timing::look_again;

fn open(server: &Serving) -> TcpStream {
    open_by_hand(server.address(), "").0
}

fn say(socket: &mut TcpStream, text: &str) {
    socket.write_all(&client_frame(0x81, text.as_bytes())).unwrap();
}

fn echoed(socket: &mut TcpStream, text: &str) {
    say(socket, text);
    assert_eq!(read_frame(socket), (0x81, text.as_bytes().to_vec()));
}

/// How the connection has ended, once it has.
fn end(socket: &mut TcpStream) -> Result<Vec<u8>, ErrorKind> {
    let mut rest = Vec::new();
    socket.read_to_end(&mut rest).map(|_| rest).map_err(|error| error.kind())
}

#[test]
fn an_end_that_is_late_is_no_other_end() {
    // For longer than the peer's end is awaited behind ours.
    let mut server = Serving::start(&["--fault", "server latency 1500ms"]);
    for (says, told) in [(&[0x88, 0x80, 0, 0, 0, 0][..], "peer closed: no status"), (b"", "before our Close")] {
        let mut socket = open(&server);
        socket.write_all(says).unwrap();
        socket.shutdown(Shutdown::Write).unwrap();
        assert_eq!(end(&mut socket), Ok(if says.is_empty() { Vec::new() } else { vec![0x88, 0] }));
        let line = server.running.line_with("received ");
        assert!(line.contains(told), "{line}");
    }
}

#[test]
fn bytes_are_late_on_each_way() {
    for (fault, least) in [("client latency 150ms", 150), ("server latency 150ms 0", 150), ("latency 150ms", 300)] {
        let server = Serving::start(&["--fault", fault]);
        let mut socket = open(&server);
        for _ in 0..2 {
            let begin = Instant::now();
            echoed(&mut socket, "hello");
            assert!(begin.elapsed() >= Duration::from_millis(least), "{fault}: {:?}", begin.elapsed());
        }
    }
}

#[test]
fn bytes_are_slow_and_nothing_of_them_is_lost() {
    for fault in ["server bandwidth 10000", "client bandwidth 10000/s"] {
        let server = Serving::start(&["--fault", fault]);
        let mut socket = open(&server);
        let begin = Instant::now();
        echoed(&mut socket, &"x".repeat(3000));
        assert!(begin.elapsed() >= Duration::from_millis(200), "{fault}: {:?}", begin.elapsed());
    }
}

#[test]
fn more_than_is_held_passes_whole() {
    for fault in ["latency 1ms", "server bandwidth 1G", "fragment 1000000"] {
        let server = Serving::start(&["--fault", fault]);
        let mut socket = open(&server);
        let message = vec![b'x'; 5 << 20];
        let (frame, mut writer) = (client_frame(0x82, &message), socket.try_clone().unwrap());
        let written = std::thread::spawn(move || writer.write_all(&frame).unwrap());
        let mut echo = Vec::new();
        while echo.len() < message.len() {
            echo.extend(read_frame(&mut socket).1);
        }
        assert!(echo == message, "{fault}");
        written.join().unwrap();
    }
}

#[test]
fn bytes_come_in_slices() {
    let server = Serving::start(&["--fault", "server slice 3 50ms"]);
    let mut socket = open(&server);
    let begin = Instant::now();
    echoed(&mut socket, "hello, world");
    // 14 bytes are five slices.
    assert!(begin.elapsed() >= Duration::from_millis(200), "{:?}", begin.elapsed());
}

#[test]
fn a_limit_cuts_the_connection_behind_so_many_bytes() {
    let mut server = Serving::start(&["--fault", "server limit 10"]);
    let mut socket = open(&server);
    say(&mut socket, "hello, world");
    assert_eq!(end(&mut socket), Ok(b"\x81\x0chello, w".to_vec()));
    server.running.line_with("[1] injected: server limit 10");
    let server = Serving::start(&["--fault", "client limit 18"]);
    let mut socket = open(&server);
    echoed(&mut socket, "hello, ");
    say(&mut socket, "hello, world");
    assert_eq!(end(&mut socket), Ok(Vec::new()));
}

#[test]
fn a_connection_is_reset_at_a_message_or_a_time() {
    let mut server = Serving::start(&["--fault", "message 3 reset"]);
    let mut socket = open(&server);
    echoed(&mut socket, "one");
    echoed(&mut socket, "two");
    say(&mut socket, "three");
    assert_eq!(end(&mut socket), Err(ErrorKind::ConnectionReset));
    server.running.line_with("[1] injected: message 3 reset");
    let server = Serving::start(&["--fault", "at 100ms reset"]);
    let begin = Instant::now();
    let mut socket = open(&server);
    assert_eq!(end(&mut socket), Err(ErrorKind::ConnectionReset));
    assert!(begin.elapsed() >= Duration::from_millis(100));
}

#[test]
fn nothing_arrives_through_a_black_hole_and_the_server_still_stops_in_time() {
    for (fault, is_heard) in [("message 2 black-hole", true), ("client message 2 black-hole", false)] {
        let mut server = Serving::start(&["--out", "json", "-v", "--fault", fault]);
        let mut socket = open(&server);
        echoed(&mut socket, "one");
        say(&mut socket, "two");
        server.running.line_with(&format!("[1] injected: {fault}"));
        say(&mut socket, "three");
        server.running.signal(Signal::TERM);
        let (code, took) = server.running.wait();
        assert_eq!(code, Some(0));
        assert!(took < Duration::from_secs(2), "{took:?}");
        // Neither an echo nor a Close.
        assert_eq!(read_to_end(&mut socket), b"");
        let events = server.running.finish().stdout().to_owned();
        assert_eq!(events.contains("\"two\""), is_heard, "{events}");
        assert!(!events.contains("\"three\""), "{events}");
    }
}

#[test]
fn one_direction_stops_alone() {
    let mut server = Serving::start(&["-v", "--fault", "server message 2 half-open"]);
    let mut socket = open(&server);
    echoed(&mut socket, "one");
    say(&mut socket, "two");
    say(&mut socket, "three");
    server.running.line_with("< three");
    drop(socket);
    server.running.line_with("[1] 127.0.0.1");
}

#[test]
fn an_idle_connection_is_cut() {
    for (fault, ends) in [("idle 100ms", Ok(Vec::new())), ("idle 100ms rst", Err(ErrorKind::ConnectionReset))] {
        let server = Serving::start(&["--fault", fault]);
        let mut socket = connect(server.address());
        let request = handshake("/", server.address(), "");
        let begin = Instant::now();
        // At once: on a busy machine it might be idle for as long between the two.
        socket.write_all(&[request.as_bytes(), &client_frame(0x81, b"one")].concat()).unwrap();
        read_head(&mut socket);
        assert_eq!(read_frame(&mut socket), (0x81, b"one".to_vec()));
        assert_eq!(end(&mut socket), ends, "{fault}");
        assert!(begin.elapsed() >= Duration::from_millis(95), "{fault}");
    }
    let mut server = Serving::start(&["--fault", "idle 100ms silence"]);
    let mut socket = open(&server);
    server.running.line_with("[1] injected: idle 100ms silence");
    say(&mut socket, "one");
    server.running.signal(Signal::TERM);
    assert_eq!(read_to_end(&mut socket), b"");
}

#[test]
fn connections_are_refused() {
    let mut server = Serving::start(&["--fault", "after 2 refuse 2"]);
    let asked = || {
        let mut socket = connect(server.address());
        let mut first = [0];
        // The reset may come before the request is written, and is told once.
        let answer = socket.write_all(handshake("/", server.address(), "").as_bytes());
        match answer.and_then(|()| socket.read_exact(&mut first)) {
            Ok(()) => Ok(first[0]),
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(ErrorKind::ConnectionReset),
            Err(error) => Err(error.kind()),
        }
    };
    let answers = [asked(), asked(), asked(), asked()];
    assert_eq!(answers, [Ok(b'H'), Err(ErrorKind::ConnectionReset), Err(ErrorKind::ConnectionReset), Ok(b'H')]);
    server.running.line_with("[3] injected: after 2 refuse 2");
}

#[test]
fn a_fault_may_begin_inside_a_frame() {
    // The header of the next frame has come in part where the fault begins.
    for fault in ["client message 2 slow-close 1ms", "at 200ms latency 1ms", "message 2 idle 1h"] {
        let mut server = Serving::start(&["--fault", fault]);
        let mut socket = open(&server);
        let frames = ["one", "two", "three"].map(|text| client_frame(0x81, text.as_bytes()));
        let cut = frames[0].len() + frames[1].len() + 3;
        let whole = frames.concat();
        socket.write_all(&whole[..cut]).unwrap();
        for text in ["one", "two"] {
            assert_eq!(read_frame(&mut socket), (0x81, text.as_bytes().to_vec()), "{fault}");
        }
        if fault.starts_with("at") {
            server.running.line_with(&format!("[1] injected: {fault}"));
        }
        socket.write_all(&whole[cut..]).unwrap();
        assert_eq!(read_frame(&mut socket), (0x81, b"three".to_vec()), "{fault}");
        echoed(&mut socket, "four");
    }
}

#[test]
fn the_end_of_a_direction_is_late() {
    let server = Serving::start(&["--fault", "server slow-close 300ms"]);
    let mut socket = open(&server);
    let begin = Instant::now();
    socket.write_all(&client_frame(0x88, b"\x03\xe8")).unwrap();
    assert_eq!(end(&mut socket), Ok(b"\x88\x02\x03\xe8".to_vec()));
    assert!(begin.elapsed() >= Duration::from_millis(300), "{:?}", begin.elapsed());
}

#[test]
fn a_seed_has_the_same_happen_again() {
    let resets = |seed: &str| {
        let mut server = Serving::start(&["--fault", "message 1 50% reset", "--seed", seed]);
        server.running.line_with(&format!("faults are injected, with the seed {seed}"));
        let was_reset = |_| {
            let mut socket = open(&server);
            say(&mut socket, "one");
            socket.read(&mut [0; 5]).is_err()
        };
        (0..16).map(was_reset).collect::<Vec<bool>>()
    };
    let first = resets("1");
    assert_eq!(first, resets("1"));
    assert_ne!(first, resets("2"));
    assert!(first.contains(&true) && first.contains(&false));
    let mut server = Serving::start(&["--fault", "reset"]);
    let line = server.running.line_with("with the seed ");
    assert!(line.rsplit(' ').next().unwrap().parse::<u64>().is_ok(), "{line}");
}

#[test]
fn programs_are_told_what_was_injected() {
    let mut server = Serving::start(&["--out", "json", "--fault", "client latency 1ms", "--fault", "message 1 reset"]);
    let mut socket = open(&server);
    say(&mut socket, "one");
    assert_eq!(end(&mut socket), Err(ErrorKind::ConnectionReset));
    server.running.line_with("[1] 127.0.0.1");
    server.running.signal(Signal::TERM);
    let outcome = server.running.finish();
    let events: Vec<Value> = outcome.stdout().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let injected: Vec<_> = events
        .iter()
        .filter(|event| event["type"] == "injected")
        .map(|event| (event["connection"].as_u64(), event["fault"].as_str().unwrap(), event["way"].as_str()))
        .collect();
    let way = Some("client→server");
    assert_eq!(injected, [(Some(1), "client latency 1ms", way), (Some(1), "message 1 reset", None)]);
}

#[test]
fn a_proxy_breaks_what_it_passes_on() {
    let target = peer::opened("", read_to_end);
    let proxy = Serving::in_front_of(&target.url, &["--fault", "client message 2 reset"]);
    let mut socket = open(&proxy);
    say(&mut socket, "one");
    say(&mut socket, "two");
    assert_eq!(end(&mut socket), Err(ErrorKind::ConnectionReset));
    let heard = target.join();
    // One message may have arrived before the reset; the other never does.
    assert!(heard.len() <= 9, "{heard:?}");

    let target = peer::tungstenite(peer::echo_any);
    let proxy = Serving::in_front_of(&target.url, &["--fault", "latency 100ms"]);
    let mut socket = open(&proxy);
    let begin = Instant::now();
    echoed(&mut socket, "hello");
    assert!(begin.elapsed() >= Duration::from_millis(200), "{:?}", begin.elapsed());
    socket.write_all(&client_frame(0x88, b"\x03\xe8")).unwrap();
    assert_eq!(read_frame(&mut socket), (0x88, b"\x03\xe8".to_vec()));
    assert_eq!(end(&mut socket), Ok(Vec::new()));
    target.join();
}

#[test]
fn what_is_late_takes_bounded_memory_and_slows_its_sender() {
    for fault in ["latency 1h", "server bandwidth 1000", "client bandwidth 1000"] {
        let mut server = Serving::start(&["--fault", fault]);
        let mut socket = open(&server);
        socket.set_write_timeout(Some(Duration::from_millis(500))).unwrap();
        let message = client_frame(0x82, &vec![7; 1 << 20]);
        let before = server.running.peak();
        // The kernel's buffers are far smaller than this.
        let written = (0..64).take_while(|_| socket.write_all(&message).is_ok()).count();
        assert!(written < 64, "{fault}");
        let grown = server.running.peak().saturating_sub(before);
        assert!(grown < 12 << 20, "{fault}: {grown} bytes");
        // It waits, and doesn't turn round and round.
        let (used, since) = (server.running.cpu_time(), Instant::now());
        while since.elapsed() < Duration::from_millis(300) {
            look_again();
        }
        let spent = server.running.cpu_time() - used;
        assert!(spent < Duration::from_millis(100), "{fault}: {spent:?}");
        server.running.signal(Signal::TERM);
        let (code, took) = server.running.wait();
        assert_eq!((code, took < Duration::from_secs(2)), (Some(0), true), "{fault}: {took:?}");
    }
}

#[test]
fn what_is_no_fault_is_a_usage_error() {
    for (args, why) in [
        (&["--fault", "server latncy 1s"][..], "column 8: \"latncy\" is not a fault; did you mean latency?"),
        (&["--fault", "reset now"], "column 7: reset takes no argument"),
        (&["--seed", "1"], "--seed does nothing without --fault or --reply"),
    ] {
        let outcome = run(&[&["serve", "0"], args].concat(), b"");
        outcome.assert("", 2, why);
    }
}

#[test]
fn of_several_limits_the_one_that_is_reached_is_told() {
    let faults = ["--fault", "client limit 1000", "--fault", "server limit 4", "--fault", "server limit 2000"];
    let mut server = Serving::start(&faults);
    let mut socket = open(&server);
    say(&mut socket, "one");
    assert_eq!(end(&mut socket), Ok(b"\x81\x03on".to_vec()));
    let line = server.running.line_with("[1] injected: ");
    assert!(line.ends_with("server limit 4"), "{line}");
    let mut server = Serving::start(&["--fault", "idle 50ms rst", "--fault", "idle 1h"]);
    let mut socket = open(&server);
    assert_eq!(end(&mut socket), Err(ErrorKind::ConnectionReset));
    let line = server.running.line_with("[1] injected: ");
    assert!(line.ends_with("idle 50ms rst"), "{line}");
}

#[test]
fn connections_are_refused_as_often_as_is_said() {
    for fault in ["times 2 refuse", "refuse 2", "times 2 refuse 5"] {
        let server = Serving::start(&["--fault", fault]);
        for _ in 0..2 {
            let mut socket = TcpStream::connect(server.address()).unwrap();
            assert!(end(&mut socket).is_err(), "{fault}");
        }
        echoed(&mut open(&server), "one");
    }
}

#[test]
fn selectors_that_say_nothing_of_a_fault_are_refused_with_advice() {
    let opening = "column 11: no message has been sent yet; once, after N and every N count connections";
    for (fault, why) in [
        ("message 2 refuse", opening),
        ("message 2 status 503", opening),
        (
            "every 3rd latency 1s",
            "column 11: it stays once it has begun: message 3 latency 1s begins it with that message",
        ),
        ("every 3 ping-flood 10/s", "column 9: it stays once it has begun: message 3 ping-flood 10/s"),
        ("times 2 latency 1s", "column 9: it begins once on a connection and stays"),
        ("times 2 frame rsv 2", "column 9: it is injected once; every 1 times 2"),
    ] {
        run(&["serve", "0", "--fault", fault], b"").assert("", 2, why);
    }
    // By chance, it may begin with any of them.
    Serving::start(&["--fault", "every 3rd 20% latency 1s"]);
}

/// What comes back for three messages in one segment, and how the connection ends; `None` where it doesn't.
fn answers_to_one_segment(fault: &str) -> (Vec<u8>, Option<Result<(), ErrorKind>>) {
    let mut server = Serving::start(&["--fault", fault]);
    let mut socket = open(&server);
    socket.write_all(&["one", "two", "three"].map(|text| client_frame(0x81, text.as_bytes())).concat()).unwrap();
    if fault.contains("half-open") || fault.contains("black-hole") {
        let mut frame = [0; 5];
        socket.read_exact(&mut frame).unwrap();
        server.running.line_with("[1] injected: ");
        // The server closes for its own end, which goes the way that nothing arrives on any more.
        server.running.signal(Signal::TERM);
        let mut more = Vec::new();
        let _ = socket.read_to_end(&mut more);
        return ([&frame[..], &more].concat(), None);
    }
    let mut bytes = Vec::new();
    let end = socket.read_to_end(&mut bytes).map(drop).map_err(|error| error.kind());
    (bytes, Some(end))
}

#[test]
fn what_comes_before_the_message_that_is_meant_arrives_though_it_is_in_the_same_segment() {
    let (one, reset) = (b"\x81\x03one".to_vec(), Some(Err(ErrorKind::ConnectionReset)));
    for fault in ["server message 2 half-open", "message 2 black-hole"] {
        assert_eq!(answers_to_one_segment(fault), (one.clone(), None), "{fault}");
    }
    assert_eq!(answers_to_one_segment("message 2 limit 1"), ([&one[..], b"\x81"].concat(), Some(Ok(()))));
    for fault in ["message 2 reset", "client message 2 reset"] {
        assert_eq!(answers_to_one_segment(fault), (one.clone(), reset), "{fault}");
    }
}

#[test]
fn a_reset_that_counts_no_input_waits_for_none() {
    // What is meant is what the server says, and a time is no message: what is held on its way in counts for neither.
    let two = b"\x81\x03one\x81\x03two".to_vec();
    for (faults, arrives) in [
        (["client bandwidth 200", "server message 3 reset"], two),
        (["client latency 60s", "at 200ms reset"], Vec::new()),
    ] {
        let server = Serving::start(&["--fault", faults[0], "--fault", faults[1]]);
        let mut socket = open(&server);
        let texts = ["one", "two", "three", "four", "five"].map(|text| client_frame(0x81, text.as_bytes()));
        socket.write_all(&texts.concat()).unwrap();
        let mut bytes = Vec::new();
        let end = socket.read_to_end(&mut bytes).map_err(|error| error.kind());
        assert_eq!((bytes, end), (arrives, Err(ErrorKind::ConnectionReset)), "{faults:?}");
    }
}
