//! What was in a frame that broke the protocol can be seen, and with `--no-check` the connection goes on where it can.

use std::io::Write;

use serde_json::{Value, json};

use crate::support::peer::{self, read_frame, read_to_end};
use crate::support::program::run;

const NOT_UTF8: &[u8] = b"\x81\x0b{\"px\":\"5\x99\"}\x81\x04next\x88\x02\x03\xe8";
const MASKED: &[u8] = b"\x81\x85\x01\x02\x03\x04igohn\x88\x02\x03\xe8";
const CLOSE_1006: &[u8] = b"\x88\x0f\x03\xeeupstream died";

/// A server that sends `frames` at once; returns what the client sent.
fn sends(frames: &[u8]) -> peer::Peer<(u8, Vec<u8>)> {
    let frames = frames.to_vec();
    peer::opened("", move |socket| {
        socket.write_all(&frames).unwrap();
        let answer = read_frame(socket);
        read_to_end(socket);
        answer
    })
}

/// The lines of stderr behind the one with `says`.
fn below<'a>(stderr: &'a str, says: &str) -> Vec<&'a str> {
    stderr.lines().skip_while(|line| !line.contains(says)).skip(1).collect()
}

const DUMP: [&str; 2] = [
    "  the message, its first 11 bytes, not UTF-8 from offset 8 (0x99):",
    "  00000000  7b 22 70 78 22 3a 22 35 99 22 7d                 |{\"px\":\"5.\"}|",
];

#[test]
fn it_stands_below_the_error() {
    let outcome = run(&["connect", "-n", &sends(NOT_UTF8).url], b"");
    outcome.assert("", 6, "protocol violation: a text message is not UTF-8 (RFC 6455 §8.1), closed with 1007");
    assert_eq!(below(&outcome.stderr, "protocol violation"), DUMP);
    let outcome = run(&["connect", "-n", &sends(MASKED).url], b"");
    assert_eq!(
        below(&outcome.stderr, "protocol violation: a server's frame is masked"),
        ["  the frame's payload, 5 bytes:", "  00000000  68 65 6c 6c 6f                                   |hello|"]
    );
    let outcome = run(&["connect", "-n", &sends(CLOSE_1006).url], b"");
    outcome.assert("", 6, "  the Close says 1006 (abnormal closure) \"upstream died\"");
}

#[test]
fn it_is_among_the_frames() {
    let outcome = run(&["connect", "-n", "--frames", &sends(NOT_UTF8).url], b"");
    let lines = below(&outcome.stderr, "< text FIN length=11");
    assert_eq!(lines[..2], DUMP);
    assert!(lines[2].starts_with("> close FIN mask="), "{lines:?}");
    assert_eq!(outcome.stderr.matches("0x99").count(), 1, "it is shown once");
}

#[test]
fn it_is_a_record() {
    let records = |args: &[&str], frames| -> Vec<Value> {
        let outcome = run(&[&["connect", "-n", "--out", "json"], args, &[&sends(frames).url]].concat(), b"");
        outcome.stdout().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let of = |records: &[Value]| {
        let mut record = records.iter().find(|record| record["type"] == "violation").unwrap().clone();
        for key in ["schema", "time", "elapsed_ms"] {
            record.as_object_mut().unwrap().remove(key).unwrap();
        }
        record
    };
    let told = records(&[], NOT_UTF8);
    assert_eq!(told.len(), 2, "nothing but the violation and our Close: {told:?}");
    let expected = json!({
        "direction": "received", "type": "violation", "opcode": 1, "length": 11, "excerpt_of": "message",
        "base64": "eyJweCI6IjWZIn0=", "bad_offset": 8, "faults": ["a text message is not UTF-8 (RFC 6455 §8.1)"]
    });
    assert_eq!(of(&told), expected);
    let expected = json!({
        "direction": "received", "type": "violation", "opcode": 8, "length": 15, "excerpt_of": "payload",
        "base64": "A+51cHN0cmVhbSBkaWVk", "code": 1006, "reason": "upstream died",
        "faults": ["the status code 1006 (abnormal closure) may not be sent (RFC 6455 §7.4)"]
    });
    assert_eq!(of(&records(&[], CLOSE_1006)), expected);
    let told = records(&["--no-check"], NOT_UTF8);
    assert_eq!(of(&told)["ignored"], true);
    let texts: Vec<_> = told.iter().filter(|record| record["type"] == "text").collect();
    assert_eq!((&texts[0]["base64"], &texts[1]["text"]), (&json!("eyJweCI6IjWZIn0="), &json!("next")));
}

#[test]
fn a_bad_byte_far_into_a_message_is_seen_with_what_is_around_it() {
    let server = peer::opened("permessage-deflate", |socket| {
        let mut content = vec![b'a'; 70_000];
        content[65_900] = 0xff;
        let (first, last) = content.split_at(35_000);
        let frame = |byte, part: &[u8]| [&[byte, 126][..], &35_000u16.to_be_bytes(), part].concat();
        socket.write_all(&[frame(0x01, first), frame(0x80, last)].concat()).unwrap();
        read_to_end(socket);
    });
    let outcome = run(&["connect", "-n", "--out", "none", &server.url], b"");
    assert_eq!(outcome.code, Some(6));
    let lines = below(&outcome.stderr, "protocol violation");
    assert!(lines[0].contains("from offset 65,900 (0xff)"), "{lines:?}");
    assert!(lines.iter().any(|line| line.contains(" ff ")), "{lines:?}");
}

#[test]
fn a_bad_character_that_is_cut_is_seen_whole() {
    // Cut between fragments; three of its bytes in three of them.
    for (fragments, offset, bad) in [
        (&[&b"\xc3"[..], b"zw"][..], 400, "c3 7a 77"),
        (&[&b"\xf0\x9f"[..], b"\x98", b"A"], 400, "f0 9f 98 41"),
        // The text ends within it.
        (&[&b"\xf0\x9f"[..], b""], 400, "f0 9f"),
    ] {
        let fragments = fragments.to_vec();
        let last = fragments.len() - 1;
        let server = peer::opened("", move |socket| {
            for (index, fragment) in fragments.iter().enumerate() {
                let before = if index == 0 { vec![b'y'; 400] } else { Vec::new() };
                let content = [&before[..], fragment].concat();
                let first = u8::from(index == 0) | if index == last { 0x80 } else { 0 };
                let head = [&[first, 126][..], &(content.len() as u16).to_be_bytes()].concat();
                let head = if content.len() > 125 { head } else { vec![first, content.len() as u8] };
                socket.write_all(&[head, content].concat()).unwrap();
            }
            read_to_end(socket);
        });
        let outcome = run(&["connect", "-n", "--out", "none", &server.url], b"");
        let lines = below(&outcome.stderr, "protocol violation");
        let first = u8::from_str_radix(&bad[..2], 16).unwrap();
        assert!(lines[0].contains(&format!("not UTF-8 from offset {offset} (0x{first:02x})")), "{lines:?}");
        assert!(lines[1].contains(&format!("00000190  {bad} ")), "{lines:?}");
    }
}

#[test]
fn no_check_goes_on_where_the_framing_is_intact() {
    let server = sends(NOT_UTF8);
    let outcome = run(&["connect", "-n", "--no-check", &server.url], b"");
    assert_eq!((outcome.stdout.as_slice(), outcome.code), (&b"{\"px\":\"5\x99\"}\nnext\n"[..], Some(0)), "{outcome:?}");
    assert_eq!(below(&outcome.stderr, "ignored (--no-check): a text message is not UTF-8 (RFC 6455 §8.1)")[..2], DUMP);
    assert_eq!(server.join(), (0x88, vec![0x03, 0xe8]));

    let outcome = run(&["connect", "-n", "--no-check", &sends(MASKED).url], b"");
    outcome.assert("hello\n", 0, "ignored (--no-check): a server's frame is masked (RFC 6455 §5.1)");

    let server = sends(CLOSE_1006);
    let outcome = run(&["connect", "-n", "--no-check", &server.url], b"");
    outcome.assert("", 7, "peer closed: 1006 (abnormal closure) \"upstream died\"");
    outcome.assert("", 7, "ignored (--no-check): the status code 1006 (abnormal closure) may not be sent");
    assert_eq!(server.join(), (0x88, vec![0x03, 0xea]), "that code can't be sent back");
}

/// A control frame with 300 bytes of payload, which begin with the status code 1000, and what follows it.
fn long_control(first: u8, rest: &[u8]) -> Vec<u8> {
    [&[first, 0x7e, 0x01, 0x2c, 0x03, 0xe8][..], &[b'x'; 298], rest].concat()
}

#[test]
fn a_dump_of_nothing_is_not_shown() {
    let outcome = run(&["connect", "-n", &sends(b"\x81\x7f\x80\0\0\0\0\0\0\0").url], b"");
    outcome.assert("", 6, "the 64-bit payload length has its top bit set");
    assert!(!outcome.stderr.contains("payload, the first 0"), "{outcome:?}");
}

#[test]
fn no_check_tells_every_fault_and_reads_what_it_means() {
    for (frames, stdout, fault) in [
        (&b"\xa1\x02hi\x88\x02\x03\xe8"[..], "hi\n", "RSV2 is set"),
        (b"\xc1\x02hi\x88\x02\x03\xe8", "hi\n", "RSV1 is set"),
        (b"\x81\x7e\x00\x02hi\x88\x02\x03\xe8", "hi\n", "the payload length 2 takes 2 bytes"),
        (b"\x01\x01\xc3\x80\x01x\x88\x02\x03\xe8", "\u{fffd}", "a text message is not UTF-8"),
        (b"\x88\x01\x03", "", "a Close frame has a payload of one byte"),
        (b"\x09\x01p\x81\x02hi\x88\x02\x03\xe8", "hi\n", "a control frame is fragmented"),
        (b"\x83\x03odd\x81\x02hi\x88\x02\x03\xe8", "hi\n", "opcode 0x3 is reserved"),
        (b"\x01\x01h\x8b\x03odd\x83\x00\x80\x01i\x88\x02\x03\xe8", "hi\n", "opcode 0xb is reserved"),
        (&long_control(0x89, b"\x81\x02hi\x88\x02\x03\xe8"), "hi\n", "a control frame has 300 bytes of payload"),
        (&long_control(0x88, b""), "", "a control frame has 300 bytes of payload, over 125"),
        (b"\x88\x03\x03\xe8\xff", "", "the reason of a Close frame is not UTF-8"),
    ] {
        let outcome = run(&["connect", "-n", "--no-check", &sends(frames).url], b"");
        if stdout == "\u{fffd}" {
            assert_eq!(outcome.stdout, b"\xc3x\n");
        } else {
            assert_eq!(outcome.stdout(), stdout);
        }
        assert_eq!(outcome.code, Some(0), "{fault}: {outcome:?}");
        let line = format!("ignored (--no-check): {fault}");
        assert_eq!(outcome.stderr.lines().filter(|told| told.starts_with(&line)).count(), 1, "{fault}: {outcome:?}");
    }
}

#[test]
fn no_check_does_not_go_on_where_it_is_unknown_what_follows() {
    for frames in [
        // A continuation of nothing; a message inside another; a control frame that nobody holds in memory.
        &b"\x80\x00\x81\x04next"[..],
        b"\x01\x01a\x81\x04next",
        b"\x89\x7e\x80\x01\x81\x04next",
        // Masked too: one of two faults isn't enough.
        b"\x80\x80\0\0\0\0\x81\x04next",
    ] {
        let outcome = run(&["connect", "-n", "--no-check", "--out", "raw", &sends(frames).url], b"");
        assert!(outcome.code == Some(6) && !outcome.stdout.ends_with(b"next"), "{outcome:?}");
    }
}

/// As from a server that fails behind the 101 of a proxy.
#[test]
fn text_instead_of_a_frame_is_named() {
    const HTTP: &[u8] = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n";
    let outcome = run(&["connect", "-n", &sends(HTTP).url], b"");
    let says =
        "protocol violation: an HTTP response came instead of a frame: \"HTTP/1.1 502 Bad Gateway\" (RFC 6455 §5.2)";
    outcome.assert("", 6, says);
    let lines = below(&outcome.stderr, "protocol violation");
    assert_eq!(lines[0], "  what came instead, its first 47 bytes:");
    assert!(lines[1].ends_with("|HTTP/1.1 502 Bad|"), "{lines:?}");
    for flags in [&["-n"][..], &["-n", "--no-check"], &["-n", "--frames"]] {
        let server = sends(b"\x81\x02ok{\"error\": \"no such room\"}\n");
        let outcome = run(&[&["connect", &server.url], flags].concat(), b"");
        outcome.assert("ok\n", 6, "text came instead of a frame: \"{\\\"error\\\": \\\"no such room\\\"}\"");
    }
}
