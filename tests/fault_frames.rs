//! `--fault`: what becomes of frames, byte for byte as the other end gets them.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use tungstenite::{Error, Message};

use crate::support::peer::{self, client_frame, open_by_hand, read_frame, read_to_end};
use crate::support::program::{Serving, run};
use crate::support::timing::look_again;

/// RFC 7692 §7.2.3.1: "Hello", compressed.
const HELLO: [u8; 7] = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];

fn with(faults: &[&str]) -> Serving {
    let flags: Vec<&str> = faults.iter().flat_map(|fault| ["--fault", fault]).collect();
    Serving::start(&flags)
}

fn read(socket: &mut TcpStream, count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    socket.read_exact(&mut bytes).unwrap();
    bytes
}

/// All that an echo server with these faults sends, to a client that says this and ends.
fn answers(faults: &[&str], texts: &[&str]) -> Vec<u8> {
    let server = with(faults);
    let (mut socket, _) = open_by_hand(server.address(), "");
    for text in texts {
        socket.write_all(&client_frame(0x81, text.as_bytes())).unwrap();
    }
    socket.write_all(&client_frame(0x88, b"")).unwrap();
    read_to_end(&mut socket)
}

#[test]
fn each_frame_that_the_protocol_forbids_is_on_the_wire_as_it_should_not_be() {
    let x = |count| vec![b'x'; count];
    for (frame, bytes) in [
        ("mask", b"\x81\x85\x37\xfa\x21\x3d\x51\x9b\x54\x51\x43".to_vec()),
        ("rsv 1", b"\xc1\x05fault".to_vec()),
        ("rsv 2", b"\xa1\x05fault".to_vec()),
        ("rsv 3", b"\x91\x05fault".to_vec()),
        ("opcode 3", b"\x83\x05fault".to_vec()),
        ("opcode 15", b"\x8f\x05fault".to_vec()),
        ("long-control", [&b"\x89\x7e\x00\x7e"[..], &x(126)].concat()),
        ("fragmented-control", b"\x09\x05fault".to_vec()),
        ("continuation", b"\x80\x05fault".to_vec()),
        ("interleaved", b"\x01\x05fault\x81\x05fault".to_vec()),
        ("utf8", b"\x81\x02\xc3\x28".to_vec()),
        ("utf8 ed a0 80", b"\x81\x03\xed\xa0\x80".to_vec()),
        ("long-length", b"\x82\x7e\x00\x05fault".to_vec()),
        ("huge-length", b"\x82\x7f\x80\0\0\0\0\0\0\x05fault".to_vec()),
        ("claim 1GiB", b"\x82\x7f\0\0\0\0\x40\0\0\0fault".to_vec()),
        ("deflate", b"\xc1\x04\xff\xff\xff\xff".to_vec()),
        ("deflate 00", b"\xc1\x01\x00".to_vec()),
        ("close-byte", b"\x88\x01\x03".to_vec()),
        ("close-utf8", b"\x88\x04\x03\xe8\xc3\x28".to_vec()),
        ("long-close", [&b"\x88\x7e\x00\x7e\x03\xe8"[..], &x(124)].concat()),
        ("raw 8900 8a01ff", b"\x89\x00\x8a\x01\xff".to_vec()),
    ] {
        let server = with(&[&format!("frame {frame}")]);
        let (mut socket, _) = open_by_hand(server.address(), "");
        assert_eq!(read(&mut socket, bytes.len()), bytes, "{frame}");
        socket.shutdown(Shutdown::Write).unwrap();
        assert_eq!(read_to_end(&mut socket), b"", "{frame}");
    }
}

#[test]
fn frames_are_injected_before_the_message_that_is_said() {
    assert_eq!(answers(&["message 2 frame rsv 2"], &["a", "b"]), b"\x81\x01a\xa1\x05fault\x81\x01b\x88\x00");
    let every = b"\x81\x01a\xa1\x05fault\x81\x01b\x81\x01c\xa1\x05fault\x81\x01d\x88\x00";
    assert_eq!(answers(&["every 2nd frame rsv 2"], &["a", "b", "c", "d"]), every);
    let twice = b"\xa1\x05fault\x81\x01a\xa1\x05fault\x81\x01b\x81\x01c\x88\x00";
    assert_eq!(answers(&["after 1 times 2 frame rsv 2"], &["a", "b", "c"]), twice);
}

#[test]
fn a_connection_is_closed_with_any_code_and_nothing_is_said_behind_it() {
    for (fault, close) in [
        ("message 2 close 1006 gone", &b"\x88\x06\x03\xeegone"[..]),
        ("message 2 close 0", b"\x88\x02\0\0"),
        ("message 2 close", b"\x88\x00"),
    ] {
        assert_eq!(answers(&[fault], &["a", "b", "c"]), [b"\x81\x01a", close].concat(), "{fault}");
    }
    let server = with(&["at 100ms close 4000 later"]);
    let mut client = peer_client(&server);
    let close = tungstenite::protocol::CloseFrame { code: 4000.into(), reason: "later".into() };
    assert_eq!(client.read().unwrap(), Message::Close(Some(close)));
    assert!(matches!(client.read(), Err(Error::ConnectionClosed)));
}

fn peer_client(server: &Serving) -> tungstenite::WebSocket<TcpStream> {
    let socket = TcpStream::connect(server.address()).unwrap();
    tungstenite::client(server.url.as_str(), socket).unwrap().0
}

#[test]
fn messages_are_dropped_doubled_swapped_corrupted_and_cut() {
    for (faults, bytes) in [
        (&["message 2 drop"][..], &b"\x81\x01a\x81\x01c\x88\x00"[..]),
        (&["drop"], b"\x88\x00"),
        (&["every 2nd duplicate"], b"\x81\x01a\x81\x01b\x81\x01b\x81\x01c\x88\x00"),
        (&["once swap"], b"\x81\x01b\x81\x01a\x81\x01c\x88\x00"),
        // Nothing comes behind the last one but the Close.
        (&["message 3 swap"], b"\x81\x01a\x81\x01b\x81\x01c\x88\x00"),
        (&["message 2 corrupt"], b"\x81\x01a\x81\x01c\x81\x01c\x88\x00"),
        (&["message 1 drop", "message 1 duplicate"], b"\x81\x01b\x81\x01c\x88\x00"),
        (&["0% drop"], b"\x81\x01a\x81\x01b\x81\x01c\x88\x00"),
    ] {
        assert_eq!(answers(faults, &["a", "b", "c"]), bytes, "{faults:?}");
    }
    assert_eq!(answers(&["fragment 2"], &["hello", "ab"]), b"\x01\x02he\x00\x02ll\x80\x01o\x81\x02ab\x88\x00");
}

#[test]
fn compressed_messages_beside_one_that_is_dropped_can_be_inflated() {
    let server = with(&["message 2 drop"]);
    let (mut socket, head) = open_by_hand(server.address(), "Sec-WebSocket-Extensions: permessage-deflate\r\n");
    assert!(head.contains("server_no_context_takeover"), "{head}");
    let hello = client_frame(0xc1, &HELLO);
    socket.write_all(&[&hello[..], &hello, &hello].concat()).unwrap();
    for _ in 0..2 {
        assert_eq!(read_frame(&mut socket), (0xc1, HELLO.to_vec()));
    }
    socket.write_all(&client_frame(0x88, b"")).unwrap();
    assert_eq!(read_to_end(&mut socket), b"\x88\x00");
}

#[test]
fn pings_are_answered_late_wrongly_or_not_at_all() {
    let asked = |fault| {
        let server = with(&[fault]);
        let (mut socket, _) = open_by_hand(server.address(), "");
        socket.write_all(&[client_frame(0x89, b"!"), client_frame(0x81, b"a")].concat()).unwrap();
        let begin = Instant::now();
        let first = [read_frame(&mut socket)];
        if fault.starts_with("no-pong") {
            socket.write_all(&client_frame(0x88, b"")).unwrap();
        }
        (first, read_frame(&mut socket), begin.elapsed())
    };
    let (message, late, took) = asked("late-pong 200ms");
    assert_eq!((message, late), ([(0x81, b"a".to_vec())], (0x8a, b"!".to_vec())));
    assert!(took >= Duration::from_millis(190), "{took:?}");
    let (wrong, message, _) = asked("wrong-pong 00ff");
    assert_eq!((wrong, message), ([(0x8a, b"\x00\xff".to_vec())], (0x81, b"a".to_vec())));
    let (message, close, _) = asked("no-pong");
    assert_eq!((message, close), ([(0x81, b"a".to_vec())], (0x88, Vec::new())));
}

/// What an echo server with these faults sends to a client that says these frames one by one, each followed by a message, and ends.
fn answers_to_pings(faults: &[&str], pings: &[&str]) -> Vec<u8> {
    let server = with(faults);
    let (mut socket, _) = open_by_hand(server.address(), "");
    for ping in pings {
        socket.write_all(&client_frame(0x89, ping.as_bytes())).unwrap();
    }
    socket.write_all(&client_frame(0x88, b"")).unwrap();
    read_to_end(&mut socket)
}

#[test]
fn faults_of_pongs_count_pongs() {
    for (faults, pongs) in [
        (&["every 3rd no-pong"][..], &["1", "2", "4", "5"][..]),
        (&["once no-pong"], &["2", "3", "4", "5", "6"]),
        (&["after 2 times 3 no-pong"], &["1", "5", "6"]),
        (&["times 2 no-pong"], &["3", "4", "5", "6"]),
        (&["at 0s no-pong"], &[]),
        (&["0% no-pong"], &["1", "2", "3", "4", "5", "6"]),
        (&["every 2 wrong-pong 78"], &["1", "x", "3", "x", "5", "x"]),
        // What is withheld is neither late nor changed, and what is changed may be late.
        (&["every 2 wrong-pong 78", "every 4 no-pong"], &["1", "x", "3", "5", "x"]),
    ] {
        let expected: Vec<u8> =
            pongs.iter().flat_map(|pong| [&[0x8a, pong.len() as u8], pong.as_bytes()].concat()).collect();
        let found = answers_to_pings(faults, &["1", "2", "3", "4", "5", "6"]);
        assert_eq!(found, [&expected[..], b"\x88\x00"].concat(), "{faults:?}");
    }
}

#[test]
fn some_pongs_are_late() {
    let server = with(&["every 2 late-pong 100ms", "every 4 wrong-pong 78", "every 4 late-pong 1ms"]);
    let (mut socket, _) = open_by_hand(server.address(), "");
    // At once, so that the latest isn't late enough to come behind the one that is delayed.
    let pings: Vec<_> = ["1", "2", "3", "4"].map(|ping| client_frame(0x89, ping.as_bytes())).concat();
    socket.write_all(&pings).unwrap();
    let pongs: Vec<_> = (0..4).map(|_| read_frame(&mut socket).1).collect();
    assert_eq!(pongs, [b"1", b"3", b"x", b"2"]);
}

#[test]
fn pongs_are_broken_from_a_message_on_where_it_is_named() {
    let mut server = with(&["message 2 no-pong"]);
    let (mut socket, _) = open_by_hand(server.address(), "");
    for ping in ["1", "2", "3"] {
        socket.write_all(&client_frame(0x89, ping.as_bytes())).unwrap();
        socket.write_all(&client_frame(0x81, ping.as_bytes())).unwrap();
    }
    socket.write_all(&client_frame(0x88, b"")).unwrap();
    assert_eq!(read_to_end(&mut socket), b"\x8a\x011\x81\x011\x8a\x012\x81\x012\x81\x013\x88\x00");
    server.running.line_with("[1] injected: message 2 no-pong");
}

#[test]
fn each_pong_that_is_withheld_is_told() {
    let mut server = Serving::start(&["--fault", "every 2 no-pong", "--out", "json"]);
    let (mut socket, _) = open_by_hand(server.address(), "");
    for _ in 0..5 {
        socket.write_all(&client_frame(0x89, b"")).unwrap();
    }
    socket.write_all(&client_frame(0x88, b"")).unwrap();
    assert_eq!(read_to_end(&mut socket), b"\x8a\x00\x8a\x00\x8a\x00\x88\x00");
    server.running.line_with("[1] 127.0.0.1");
    server.running.line_with("closed");
    server.running.signal(Signal::TERM);
    let outcome = server.running.finish();
    let told = outcome.stdout().lines().filter(|line| line.contains("\"injected\"")).count();
    assert_eq!(told, 2);
}

#[test]
fn a_proxy_withholds_every_second_pong_of_a_client() {
    let target = peer::opened("", |socket| {
        for ping in [b"1", b"2", b"3", b"4"] {
            socket.write_all(&[&b"\x89\x01"[..], ping].concat()).unwrap();
        }
        let pongs: Vec<_> = (0..2).map(|_| read_masked(socket)).collect();
        socket.write_all(b"\x88\x00").unwrap();
        (pongs, read_to_end(socket))
    });
    let proxy = Serving::in_front_of(&target.url, &["--fault", "client every 2nd no-pong"]);
    let (mut socket, _) = open_by_hand(proxy.address(), "");
    for _ in 0..4 {
        let (opcode, payload) = read_frame(&mut socket);
        assert_eq!(opcode, 0x89);
        socket.write_all(&client_frame(0x8a, &payload)).unwrap();
    }
    assert_eq!(read_frame(&mut socket), (0x88, Vec::new()));
    socket.write_all(&client_frame(0x88, b"")).unwrap();
    let (pongs, _) = target.join();
    assert_eq!(pongs, [(0x8a, b"1".to_vec()), (0x8a, b"3".to_vec())]);
}

#[test]
fn messages_are_swapped_in_pairs() {
    let abcde = ["a", "b", "c", "d", "e"];
    for (fault, bytes) in [
        ("swap", &b"\x81\x01b\x81\x01a\x81\x01d\x81\x01c\x81\x01e\x88\x00"[..]),
        ("after 2 swap", b"\x81\x01a\x81\x01c\x81\x01b\x81\x01e\x81\x01d\x88\x00"),
        // The one that the first is swapped with isn't counted as a second time.
        ("times 2 swap", b"\x81\x01b\x81\x01a\x81\x01d\x81\x01c\x81\x01e\x88\x00"),
        ("every 2 swap", b"\x81\x01a\x81\x01c\x81\x01b\x81\x01e\x81\x01d\x88\x00"),
    ] {
        assert_eq!(answers(&[fault], &abcde), bytes, "{fault}");
    }
}

#[test]
fn a_flood_of_pings_leaves_room_for_messages() {
    let mut server = with(&["ping-flood 500/s"]);
    let (mut socket, _) = open_by_hand(server.address(), "");
    for _ in 0..20 {
        assert_eq!(read_frame(&mut socket), (0x89, vec![b'x'; 125]));
    }
    socket.write_all(&client_frame(0x81, b"a")).unwrap();
    while read_frame(&mut socket) != (0x81, b"a".to_vec()) {}
    server.running.line_with("[1] injected: ping-flood 500/s");
    // A client that doesn't read takes no memory.
    let server = with(&["ping-flood 1000000/s"]);
    let (mut socket, _) = open_by_hand(server.address(), "");
    socket.write_all(&client_frame(0x81, &[b'a'; 1000])).unwrap();
    let before = server.running.peak();
    let since = Instant::now();
    while since.elapsed() < Duration::from_millis(500) {
        look_again();
    }
    let grown = server.running.peak().saturating_sub(before);
    assert!(grown < 4 << 20, "{grown} bytes");
}

#[test]
fn a_bomb_inflates_to_what_it_says() {
    let server = with(&["frame bomb 3MiB", "at 1ms close"]);
    let outcome = run(&["connect", "-n", "--out", "raw", &server.url], b"");
    assert_eq!((outcome.code, outcome.stdout.len()), (Some(0), 3 << 20), "{}", outcome.stderr);
    assert!(outcome.stdout.iter().all(|byte| *byte == 0));
    let outcome = run(&["connect", "-n", "--max-message-size", "1MiB", &server.url], b"");
    assert_eq!(outcome.code, Some(6), "{}", outcome.stderr);
    let server = with(&["frame deflate"]);
    let outcome = run(&["connect", "-n", &server.url], b"");
    assert_eq!(outcome.code, Some(6), "{}", outcome.stderr);
}

#[test]
fn a_proxy_breaks_what_a_client_sends_on_its_way() {
    let target = peer::opened("", |socket| {
        let mut frames = Vec::new();
        for _ in 0..3 {
            frames.push(read_masked(socket));
        }
        socket.write_all(b"\x81\x01!\x88\x00").unwrap();
        (frames, read_to_end(socket))
    });
    let faults =
        ["--fault", "client message 2 frame rsv 2", "--fault", "server drop", "--fault", "client once fragment 2"];
    let mut proxy = Serving::in_front_of(&target.url, &faults);
    let (mut socket, _) = open_by_hand(proxy.address(), "");
    socket.write_all(&client_frame(0x81, b"abc")).unwrap();
    socket.write_all(&client_frame(0x81, b"d")).unwrap();
    // What the server has said is dropped.
    assert_eq!(read_frame(&mut socket), (0x88, Vec::new()));
    socket.write_all(&client_frame(0x88, b"")).unwrap();
    assert_eq!(read_to_end(&mut socket), b"");
    let (frames, _) = target.join();
    assert_eq!(frames, [(0x01, b"ab".to_vec()), (0x80, b"c".to_vec()), (0xa1, b"fault".to_vec())]);
    proxy.running.line_with("[2] injected: client message 2 frame rsv 2");

    // Not masked.
    let target = peer::opened("", |socket| read(socket, 7));
    let proxy = Serving::in_front_of(&target.url, &["--fault", "client frame mask"]);
    let _client = open_by_hand(proxy.address(), "");
    assert_eq!(target.join(), b"\x81\x05fault");
}

/// A frame, which is masked.
fn read_masked(socket: &mut TcpStream) -> (u8, Vec<u8>) {
    let mut second = [0; 2];
    socket.peek(&mut second).unwrap();
    let frame = read_frame(socket);
    assert_ne!(second[1] & 0x80, 0, "{frame:?}");
    frame
}

#[test]
fn what_makes_no_sense_is_refused() {
    for (fault, why) in [
        ("frame rsw 2", "\"rsw\" is not a frame that can be injected; did you mean rsv?"),
        ("frame rsv 4", "column 11: the reserved bits are 1, 2 and 3"),
        ("frame opcode 1", "column 14: the reserved opcodes are 3 to 7 and 11 to 15"),
        ("client drop", "--fault \"client drop\": a server sends no client frames"),
        ("fragment 0", "column 10: \"0\" is not a number from 1, such as 3"),
    ] {
        run(&["serve", "0", "--fault", fault], b"").assert("", 2, why);
    }
}
