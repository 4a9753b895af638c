//! `--decode`: what is compressed inside messages.

use tungstenite::Message;

use crate::support::peer::{self, Peer};
use crate::support::program::run;

const GZIP: &[u8] =
    b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xabV*\xc9L\xceV\xb22\xac\x05\x00\x08\x1c\xbc\xdc\n\x00\x00\x00";
const DEFLATE: &[u8] = b"\xabV*\xc9L\xceV\xb22\xac\x05\x00";
const ZSTD: &[u8] = b"(\xb5/\xfd\x00XQ\x00\x00{\"tick\":1}";

/// A server that sends these messages and closes.
fn sends(messages: Vec<Message>) -> Peer<()> {
    peer::tungstenite(|socket| {
        messages.into_iter().for_each(|message| socket.send(message).unwrap());
        // A client whose goal is reached closes first.
        let _ = socket.close(None);
    })
}

#[test]
fn messages_are_decoded_before_anything_sees_them() {
    for (coding, coded) in [("gzip", GZIP), ("deflate", DEFLATE), ("zstd", ZSTD)] {
        for decoding in [coding, "auto"] {
            let server = sends(vec![Message::text("hello"), Message::binary(coded)]);
            let args = ["connect", "-n", "--decode", decoding, "--until", "^\\{\"tick\":1\\}$", &server.url];
            run(&args, b"").assert("hello\n{\"tick\":1}\n", 0, "");
        }
    }
    let server = sends(vec![Message::binary(GZIP)]);
    let outcome = run(&["connect", "-n", "--decode", "gzip", "--out", "json", &server.url], b"");
    let record: serde_json::Value = serde_json::from_str(outcome.stdout().lines().next().unwrap()).unwrap();
    let told = (&record["type"], &record["text"], &record["length"], &record["wire_length"]);
    assert_eq!(told, (&"text".into(), &"{\"tick\":1}".into(), &10.into(), &GZIP.len().into()));
}

/// A server that flushes one compressor after each message, as Discord's gateway does.
#[test]
fn a_stream_goes_on_over_messages() {
    let messages: [&[u8]; 3] = [
        b"x\x9c\xaaV*\xc9L\xceV\xb22\xac\x05\x00\x00\x00\xff\xff",
        b"\xaa\x86\xb2\x8cj\x01\x00\x00\x00\xff\xff",
        b"\x83\xb1\x8ck\x01\x9c\xc1\t\xfa",
    ];
    for (decoding, count) in [("zlib", 3), ("auto", 2)] {
        let server = sends(messages[..count].iter().map(|message| Message::binary(message.to_vec())).collect());
        let outcome = run(&["connect", "-n", "--decode", decoding, &server.url], b"");
        let expected: String = (1..=count).map(|tick| format!("{{\"tick\":{tick}}}\n")).collect();
        outcome.assert(&expected, 0, "");
        assert!(!outcome.stderr.contains("passed on"), "{outcome:?}");
    }
    let server = sends(vec![Message::binary(&ZSTD[..10])]);
    let says =
        "a zstd message ends before its frame does, and is passed on as it came: a zstd stream over several messages";
    run(&["connect", "-n", "--decode", "zstd", "--out", "none", &server.url], b"").assert("", 0, says);
}

#[test]
fn a_wrong_checksum_is_said() {
    let mut wrong = GZIP.to_vec();
    wrong[GZIP.len() - 5] ^= 1;
    let server = sends(vec![Message::binary(wrong.clone())]);
    let outcome = run(&["connect", "-n", "--decode", "auto", "--out", "raw", &server.url], b"");
    assert_eq!((&outcome.stdout, outcome.code), (&wrong, Some(0)));
    assert!(
        outcome.stderr.contains("the checksum of a gzip message is wrong; it is passed on as it came"),
        "{outcome:?}"
    );
}

#[test]
fn what_can_not_be_decoded_is_passed_on_and_said() {
    let server = sends(vec![Message::binary(b"plain".to_vec())]);
    let outcome = run(&["connect", "-n", "--decode", "gzip", &server.url], b"");
    outcome.assert("plain\n", 0, "a binary message is not gzip, and is passed on as it came");
    let server = sends(vec![Message::binary(b"plain".to_vec())]);
    let outcome = run(&["connect", "-n", "--decode", "auto", &server.url], b"");
    outcome.assert("plain\n", 0, "peer closed");
    assert!(!outcome.stderr.contains("passed on"), "{outcome:?}");
}

#[test]
fn what_is_in_a_message_is_bounded_like_a_message() {
    let bomb = gzip_of_zeros();
    let size = bomb.len().to_string();
    let server = sends(vec![Message::binary(bomb.clone())]);
    let args = ["connect", "-n", "--decode", "auto", "--max-message-size", &size, "--out", "raw", &server.url];
    let outcome = run(&args, b"");
    assert_eq!((outcome.stdout, outcome.code), (bomb, Some(0)));
    let says = format!("more than the limit of {size} bytes is in a gzip message, which is passed on as it came");
    assert!(outcome.stderr.contains(&says), "{}", outcome.stderr);
}

/// 1,033 zeros, by a block of fixed codes.
fn gzip_of_zeros() -> Vec<u8> {
    let mut member = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03".to_vec();
    // A literal 0, four times length 258 at distance 1, and the end: RFC 1951 §3.2.6, least bit first.
    let mut bits: Vec<bool> = vec![true, true, false];
    let code =
        |bits: &mut Vec<bool>, value: u32, count: u32| bits.extend((0..count).rev().map(|i| value >> i & 1 == 1));
    code(&mut bits, 0b0011_0000, 8);
    for _ in 0..4 {
        code(&mut bits, 0b1100_0101, 8);
        code(&mut bits, 0, 5);
    }
    code(&mut bits, 0, 7);
    member.extend(bits.chunks(8).map(|byte| byte.iter().rev().fold(0, |all, bit| all << 1 | u8::from(*bit))));
    member.extend([0; 4]);
    member.extend(1033u32.to_le_bytes());
    member
}
