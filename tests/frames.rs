//! `--frames`: one line a frame, as on the wire.

use std::io::Write;

use crate::support::peer::{self, client_frame, open_by_hand, read_frame, read_to_end};
use crate::support::program::{Serving, run};

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
