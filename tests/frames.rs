//! `--frames`: one line a frame, as on the wire.

use std::io::Write;

use crate::support::peer::{self, client_frame, open_by_hand, read_frame, read_to_end};
use crate::support::program::{Running, Serving, run};
use crate::support::terminal::Terminal;

/// Frame lines with their random masking keys left out.
fn frame_lines(stderr: &str) -> Vec<String> {
    let lines = stderr.lines().filter(|line| line.starts_with(['<', '>']));
    lines
        .map(|line| {
            let words = line.split(' ').map(|word| if word.starts_with("mask=") { "mask=*" } else { word });
            words.collect::<Vec<_>>().join(" ")
        })
        .collect()
}

/// One terminal shows both: a message stands behind the frame that it came in.
#[test]
fn frames_and_messages_are_in_order_on_a_terminal() {
    let server = peer::opened("", |socket| {
        socket.write_all(&[&b"\x81\x03one\x81\x03two"[..], b"\x01\x02th\x80\x03ree\x88\x02\x03\xe8"].concat()).unwrap();
        read_to_end(socket);
    });
    let mut terminal = Terminal::open();
    let device = || terminal.device.try_clone().unwrap();
    let running = Running::start_unseen(&["connect", "-n", "--frames", &server.url], device(), device());
    running.finish();
    terminal.wait_for("peer closed");
    let shown: Vec<_> = terminal.seen.lines().map(|line| line.split(" mask=").next().unwrap()).collect();
    assert_eq!(
        shown[..9],
        [
            "< text FIN length=3",
            "one",
            "< text FIN length=3",
            "two",
            "< text length=2 fragment=1",
            "< continuation FIN length=3 fragment=2",
            "three",
            "< close FIN length=2 1000 (normal closure)",
            "> close FIN",
        ]
    );
}

#[test]
fn the_client_shows_both_directions() {
    let server = peer::opened("permessage-deflate", |socket| {
        let sent = read_frame(socket);
        let hello = [0xc1, 7, 0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
        let fragments = b"\x41\x03\xf2\x48\xcd\x89\x02hi\x80\x04\xc9\xc9\x07\x00";
        socket.write_all(&[&hello[..], fragments, b"\x82\x01\xff\x88\x05\x03\xe8bye"].concat()).unwrap();
        read_to_end(socket);
        sent
    });
    let outcome = run(&["connect", "--frames", "--ping-interval", "0", &server.url], b"aaaaaaaaaaaaaaaaaaaa\n");
    let (first, payload) = server.join();
    assert_eq!(first, 0xc1);
    assert_eq!(
        frame_lines(&outcome.stderr),
        [
            &format!("> text FIN RSV1 mask=* length={} inflated=20", payload.len()),
            "< text FIN RSV1 length=7 inflated=5",
            "< text RSV1 length=3 fragment=1 inflated=2",
            "< ping FIN length=2 \"hi\"",
            "> pong FIN mask=* length=2 \"hi\"",
            "< continuation FIN length=4 fragment=2 inflated=3",
            "< binary FIN length=1",
            "< close FIN length=5 1000 (normal closure) \"bye\"",
            "> close FIN mask=* length=2 1000 (normal closure)",
        ]
    );
}

#[test]
fn a_frame_is_shown_before_it_is_refused() {
    let server = peer::opened("", |socket| {
        socket.write_all(b"\xb3\x81abcd").unwrap();
        read_to_end(socket);
    });
    let outcome = run(&["connect", "--frames", &server.url, "--linger", "1h"], b"");
    let lines = frame_lines(&outcome.stderr);
    assert_eq!(lines[0], "< opcode=0x3 FIN RSV2 RSV3 mask=* length=1 (incomplete)".trim_end_matches(" (incomplete)"));
    assert!(
        lines[1].starts_with("> close FIN mask=* length=") && lines[1].contains("1002 (protocol error)"),
        "{lines:?}"
    );
    assert_eq!(outcome.code, Some(6));
}

#[test]
fn the_server_says_whose_frames_they_are() {
    let mut serving = Serving::start(&["--frames"]);
    let (mut socket, _) = open_by_hand(serving.address(), "");
    socket.write_all(&client_frame(0x81, b"hi")).unwrap();
    assert_eq!(read_frame(&mut socket), (0x81, b"hi".to_vec()));
    assert_eq!(serving.running.line_with("<"), "[1] < text FIN mask=00000000 length=2");
    assert_eq!(serving.running.line_with(">"), "[1] > text FIN length=2");
    socket.write_all(&client_frame(0x82, &[0; 10])[..8]).unwrap();
    socket.shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(serving.running.line_with("<"), "[1] < binary FIN mask=00000000 length=10 (incomplete)");
}

/// What a client makes of two fragments, one compressed message, and bytes.
fn fragments_compression_and_bytes(socket: &mut impl Write) {
    let fragments = b"\x01\x02a\xc3\x80\x03\xa9\nb";
    let hello = [0xc1, 7, 0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    let long = [&[0x81, 126, 0x01, 0x2c][..], &[b'x'; 300]].concat();
    socket.write_all(&[&fragments[..], &hello, &long, b"\x82\x02\x00\xff\x81\x00\x88\x02\x03\xe8"].concat()).unwrap();
}

#[test]
fn payloads_are_shown_where_that_is_asked_for() {
    let server = peer::opened("permessage-deflate", |socket| {
        assert_eq!(read_frame(socket).1, b"\x1b[2J");
        fragments_compression_and_bytes(socket);
        read_to_end(socket);
    });
    let flags = ["connect", "--frames=payload", "--no-compress-under", "1M", "--ping-interval", "0", &server.url];
    let outcome = run(&flags, b"\x1b[2J\n");
    server.join();
    let long = format!("< text FIN length=300 \"{}\" … and 44 bytes more", "x".repeat(256));
    assert_eq!(
        frame_lines(&outcome.stderr),
        [
            "> text FIN mask=* length=4 \"\\x1b[2J\"",
            "< text length=2 fragment=1 0x61c3",
            "< continuation FIN length=3 fragment=2 0xa90a62",
            "< text FIN RSV1 length=7 inflated=5 \"Hello\"",
            &long,
            "< binary FIN length=2 0x00ff",
            "< text FIN length=0",
            "< close FIN length=2 1000 (normal closure)",
            "> close FIN mask=* length=2 1000 (normal closure)",
        ]
    );
    let long = [b'x'; 300];
    assert_eq!(outcome.stdout, ["aé\nb\nHello\n".as_bytes(), &long, b"\n\0\xff\n\n"].concat());
}

#[test]
fn a_server_shows_payloads_both_ways() {
    let mut serving = Serving::start(&["--frames=payload"]);
    let (mut socket, _) = open_by_hand(serving.address(), "");
    socket.write_all(&client_frame(0x01, b"h")).unwrap();
    socket.write_all(&client_frame(0x80, b"i")).unwrap();
    assert_eq!(serving.running.line_with("<"), "[1] < text mask=00000000 length=1 fragment=1 \"h\"");
    assert_eq!(serving.running.line_with("<"), "[1] < continuation FIN mask=00000000 length=1 fragment=2 \"i\"");
    assert_eq!(serving.running.line_with(">"), "[1] > text FIN length=2 \"hi\"");
}

/// A frame by hand has its payload with it, and nothing behind it.
#[test]
fn frames_by_hand_are_shown_once_with_their_payload() {
    let server = peer::opened("", |socket| {
        read_frame(socket);
        read_frame(socket);
        read_to_end(socket);
    });
    let frames =
        "{\"type\":\"frame\",\"opcode\":2,\"base64\":\"/w==\"}\n{\"type\":\"frame\",\"opcode\":1,\"text\":\"\"}\n";
    let flags =
        ["connect", "--frames=payload", "--in", "json", "--no-close", "--linger", "1ms", "--ping-interval", "0"];
    let outcome = run(&[&flags[..], &[&server.url]].concat(), frames.as_bytes());
    server.join();
    let lines = frame_lines(&outcome.stderr);
    assert_eq!(lines[..2], ["> binary FIN mask=* length=1 0xff", "> text FIN mask=* length=0"], "{outcome:?}");
}

#[test]
fn inspect_shows_frames_too() {
    let serving = Serving::start(&[]);
    let outcome = run(&["inspect", "--frames", &serving.url], b"");
    let lines = frame_lines(&outcome.stderr);
    for line in ["> ping FIN mask=* length=", "< pong FIN length=", "< close FIN length=2 1000 (normal closure)"] {
        assert!(lines.iter().any(|shown| shown.starts_with(line)), "{line}: {outcome:?}");
    }
}
