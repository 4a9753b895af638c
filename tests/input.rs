//! What `connect` makes of stdin and `-d`.

use std::ffi::OsStr;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::process::Command;
use std::time::{Duration, Instant};

use tungstenite::Message;

use crate::support::files::Folder;
use crate::support::peer::{self, read_frame, read_to_end};
use crate::support::program::{NO_CONFIG, Outcome, Running, Serving, run, run_with_bytes};
use crate::support::requests::{Answer, Requests};

/// A server that gathers messages until the client closes.
fn gathering() -> peer::Peer<Vec<Message>> {
    peer::tungstenite(|socket| {
        let mut messages = Vec::new();
        while let Ok(message) = socket.read() {
            if matches!(message, Message::Text(_) | Message::Binary(_)) {
                messages.push(message);
            }
        }
        messages
    })
}

/// The messages that come of these arguments and this stdin.
fn sent(args: &[&str], stdin: &[u8]) -> Vec<Message> {
    let server = gathering();
    let outcome = run(&[&["connect", "--linger", "50ms"], args, &[&server.url]].concat(), stdin);
    assert_eq!(outcome.code, Some(0), "{args:?}: {outcome:?}");
    server.join()
}

/// What is wrong with the input, told by an exit code of 2.
fn refused(args: &[&str], stdin: &[u8]) -> String {
    let outcome = run(&[&["connect", "--linger", "50ms"], args, &[&gathering().url]].concat(), stdin);
    assert_eq!(outcome.code, Some(2), "{args:?}: {outcome:?}");
    outcome.stderr
}

/// Runs `connect` against a server that sends a word and closes with 4000 after a while, with the stdin that a shell makes.
fn with_stdin(redirection: &str, url: &str) -> Outcome {
    let shell = format!("exec '{}' connect '{url}' {redirection}", env!("CARGO_BIN_EXE_wscli"));
    let output = Command::new("sh").args(["-c", &shell]).envs([NO_CONFIG]).output().unwrap();
    Outcome { stdout: output.stdout, stderr: String::from_utf8(output.stderr).unwrap(), code: output.status.code() }
}

#[test]
fn a_stdin_at_its_end_is_an_empty_input() {
    const SAYS: &str = "stdin was empty: -n stays connected without it";
    for redirection in ["</dev/null", "<>/dev/null", "<&-"] {
        let outcome = with_stdin(redirection, &gathering().url);
        outcome.assert("", 0, SAYS);
    }
    run(&["connect", "--linger", "50ms", &gathering().url], b"").assert("", 0, SAYS);
    let outcome = run(&["connect", "--linger", "50ms", &gathering().url], b"\n");
    assert!(!outcome.stderr.contains("-n"), "{outcome:?}");
}

#[test]
fn a_stdin_that_can_not_be_read_is_none() {
    let server = peer::opened("", |socket| {
        // Longer than the linger, which an empty input would end after.
        std::thread::park_timeout(std::time::Duration::from_millis(1300));
        socket.write_all(b"\x81\x04word\x88\x02\x0f\xa0").unwrap();
        read_frame(socket)
    });
    let outcome = with_stdin("0>/dev/null", &server.url);
    outcome.assert("word\n", 7, "peer closed: 4000");
    assert_eq!(server.join(), (0x88, vec![0x0f, 0xa0]));
}

#[test]
fn a_message_of_stdin_needs_one_that_can_be_read() {
    // Nobody listens there: it would exit with 3.
    let outcome = with_stdin("-d @- 0>/dev/null", "ws://127.0.0.1:1/");
    outcome.assert("", 2, "can't read stdin: Bad file descriptor");
    let server = gathering();
    with_stdin("-d @- --linger 50ms </dev/null", &server.url).assert("", 0, "");
    assert_eq!(server.join(), [Message::Text(String::new().into())]);
}

#[test]
fn what_can_not_be_meant_as_a_message_is_named() {
    const UTF16: &str = "stdin begins with the byte order mark of UTF-16 or UTF-32, and a text has to be UTF-8: iconv";
    for (args, stdin, says) in [
        (&[][..], &b"\xff\xfeh\0i\0\n\0"[..], UTF16),
        (&["--in", "json"], b"\xfe\xff\0h", UTF16),
        (&["-d", "@-"], b"\xff\xfeh\0", UTF16),
        (
            &["--in", "json"],
            b"{\"type\":\"close\",\"code\":\"x\"}\n",
            "\"code\" is string \"x\" instead of a whole number from 0 to 65535",
        ),
        (&["--in", "json"], b"3\n", "instead of an object"),
        (&["--in", "json", "-d", "{\"type\":\"ping\"}"], b"", "--in json reads events only from stdin"),
        (
            &["--cert", "-"],
            b"",
            "can't read -: no file has this name, and it doesn't stand for stdin here; /dev/stdin does",
        ),
        (&["--retry", "ws://h/"], b"", "expected a whole number from 0, such as 3"),
    ] {
        let told = refused(args, stdin);
        assert!(told.contains(says), "{args:?}: {told}");
    }
    for stdin in ["-", "/dev/stdin"] {
        assert!(sent(&["--on-file", stdin], b"any => echo\n").is_empty());
    }
}

#[test]
fn frames_are_shown_where_nothing_else_is_told() {
    let outcome = run(&["connect", "-q", "--frames", "-n", "--count", "1", "-d", "hi", &Serving::start(&[]).url], b"");
    outcome.assert("hi\n", 0, "> text FIN");
    assert!(!outcome.stderr.contains("closed by"), "{outcome:?}");
}

#[test]
fn a_byte_order_mark_is_not_sent_and_that_is_said() {
    const SAYS: &str = "the byte order mark at the beginning of stdin is not sent";
    for mode in ["lines", "null", "whole"] {
        let server = gathering();
        let outcome = run(&["connect", "--linger", "50ms", "--in", mode, &server.url], "\u{feff}a".as_bytes());
        outcome.assert("", 0, SAYS);
        assert_eq!(server.join(), [Message::text("a")]);
    }
    assert_eq!(sent(&["--in", "json"], "\u{feff}{\"type\":\"text\",\"text\":\"a\"}".as_bytes()), [Message::text("a")]);
    assert_eq!(sent(&["--in", "hex"], "\u{feff}00".as_bytes()), [Message::binary(vec![0])]);
    // Bytes are sent as they are, and so is a mark that isn't at the beginning.
    assert_eq!(sent(&["--binary"], "\u{feff}a".as_bytes()), [Message::binary("\u{feff}a".as_bytes())]);
    assert_eq!(sent(&["--in", "chunks"], "\u{feff}".as_bytes()), [Message::binary("\u{feff}".as_bytes())]);
    let lines = [Message::text("a"), Message::text("\u{feff}b")];
    assert_eq!(sent(&[], "\u{feff}a\n\u{feff}b".as_bytes()), lines);
}

/// Wherever the text of a file is read, a mark at its beginning is no part of it.
#[test]
fn a_byte_order_mark_of_a_file_is_left_out() {
    let folder = Folder::new();
    let marked = |name: &str, text: &str| folder.file(name, format!("\u{feff}{text}"));
    let data = marked("data", "a");
    let server = gathering();
    let outcome = run(&["connect", "-d", &format!("@{data}"), "--linger", "50ms", &server.url], b"");
    outcome.assert("", 0, &format!("the byte order mark at the beginning of {data} is not sent"));
    assert_eq!(server.join(), [Message::text("a")]);
    let at_data = format!("@{data}");
    assert_eq!(sent(&["-d", "@-"], "\u{feff}a".as_bytes()), [Message::text("a")]);
    assert_eq!(sent(&["--binary", "-d", &at_data], b""), [Message::binary("\u{feff}a".as_bytes())]);
    assert_eq!(sent(&["--in", "hex", "-d", &format!("@{}", marked("hex", "00"))], b""), [Message::binary(vec![0])]);
    // What is typed is meant.
    assert_eq!(sent(&["-d", "\u{feff}a"], b""), [Message::text("\u{feff}a")]);
    let rules = marked("rules", "open => reply hi");
    assert_eq!(sent(&["--on-file", &rules], b""), [Message::text("hi")]);
    let (headers, user) = (marked("headers", "X-Marked: no\n"), marked("user", "a:b\n"));
    let server = peer::opens_and_closes();
    run(&["connect", "-H", &format!("@{headers}"), "-u", &format!("@{user}"), &server.url], b"").assert("", 0, "");
    let head = server.join();
    assert_eq!(peer::header(&head, "X-Marked").as_deref(), Some("no"), "{head}");
    assert_eq!(peer::header(&head, "Authorization").as_deref(), Some("Basic YTpi"), "{head}");
    let lines = marked("lines", "one\ntwo\n");
    let serving = Serving::with(&["--push", &lines]);
    run(&["connect", "-n", &serving.url], b"").assert("one\ntwo\n", 0, "");
    let serving = Serving::with(&["--reply", &rules]);
    run(&["connect", "-n", "-1", &serving.url], b"").assert("hi\n", 0, "");
}

#[test]
fn carriage_returns_are_stripped_where_that_is_asked_for() {
    let texts = |texts: &[&str]| texts.iter().map(|text| Message::text(*text)).collect::<Vec<_>>();
    let lines = b"a\r\n\r\nb\r\r\nc\nd\r";
    assert_eq!(sent(&[], lines), texts(&["a\r", "\r", "b\r\r", "c", "d\r"]));
    assert_eq!(sent(&["--crlf"], lines), texts(&["a", "", "b\r", "c", "d\r"]));
    assert!(
        refused(&["--crlf", "--in", "whole"], b"")
            .contains("--crlf does nothing with --in whole; it does with --in lines")
    );
    for mode in ["null", "chunks", "hex", "base64", "json"] {
        let told = refused(&["--crlf", "--in", mode], b"");
        assert!(told.contains(&format!("--crlf does nothing with --in {mode}; it does with --in lines\n")), "{told}");
    }
    // The end of a line may come in another read than its beginning, and in another part.
    for length in 998..=1002 {
        let server = peer::opened("", move |socket| {
            let mut frames = Vec::new();
            loop {
                let (first, payload) = read_frame(socket);
                if first == 0x88 {
                    return frames;
                }
                frames.push((first, payload.len()));
            }
        });
        let line = [&vec![b'x'; length][..], b"\r\n"].concat();
        run(
            &["connect", "--crlf", "--fragment-size", "1000", "--ping-interval", "0", "--linger", "50ms", &server.url],
            &line,
        );
        let expected = if length <= 1000 { vec![(0x81, length)] } else { vec![(0x01, 1000), (0x80, length - 1000)] };
        assert_eq!(server.join(), expected);
    }
}

#[test]
fn escapes_are_read_where_that_is_asked_for() {
    let escaped = br#"{"protocol":"json","version":1}\x1e"#;
    let text = "{\"protocol\":\"json\",\"version\":1}\u{1e}";
    assert_eq!(sent(&["--escapes"], escaped), [Message::text(text)]);
    assert_eq!(sent(&[], escaped), [Message::text(str::from_utf8(escaped).unwrap())]);
    let data = ["--escapes", "-d", r"a\r\n\0\\", "-n", "--in", "lines", "--linger", "0"];
    let server = gathering();
    run(&[&["connect"], &data[..], &[&server.url]].concat(), b"");
    assert_eq!(server.join(), [Message::text("a\r\n\0\\")]);
    assert_eq!(sent(&["--escapes", "--binary"], br"\xff"), [Message::binary(vec![0xff])]);
    assert_eq!(sent(&["--escapes", "--in", "whole"], b"a\\t\nb\n"), [Message::text("a\t\nb\n")]);
    assert!(refused(&["--escapes"], b"fine\n\\q\n").contains("line 2 of stdin: \\q is not an escape"));
    assert!(refused(&["--escapes"], br"\xff").contains("line 1 of stdin: with its escapes read it is not UTF-8"));
    let told = refused(&["--escapes", "--in", "hex"], b"");
    assert!(told.contains("--escapes does nothing with --in hex; it does with --in lines, null and whole\n"), "{told}");
}

#[test]
fn data_comes_from_where_it_says_and_in_its_order() {
    let folder = Folder::new();
    let file = format!("@{}", folder.file("data", "from a file"));
    let args = ["-d", "one", "--data-raw", "@two", "-d", &file, "-d", "@-", "--data-raw", "last"];
    let expected = ["one", "@two", "from a file", "all of\nstdin\n", "last"].map(Message::text);
    assert_eq!(sent(&args, b"all of\nstdin\n"), expected);
    assert!(refused(&["-d", "@-", "-d", "@-"], b"").contains("-d @- was given twice"));
    assert!(refused(&["-d", "@-"], b"\xff").contains("stdin is not UTF-8"));
    assert_eq!(sent(&["--binary", "-d", "@-"], b"\xff"), [Message::binary(vec![0xff])]);
}

#[test]
fn files_have_names_that_need_not_be_utf_8() {
    let folder = Folder::new();
    let name = |ending: &[u8]| [folder.path("caf").as_bytes(), b"\xe9", ending].concat();
    let (message, recording) = (name(b""), name(b".ndjson"));
    std::fs::write(OsStr::from_bytes(&message), "from a file").unwrap();
    let server = peer::tungstenite(peer::echo_any);
    let url = server.url.as_bytes();
    let at = [b"@", &message[..]].concat();
    let outcome = run_with_bytes(&[], &[b"connect", b"-1", b"-d", &at, b"--record", &recording, url]);
    outcome.assert("from a file\n", 0, "");
    assert!(std::fs::read_to_string(OsStr::from_bytes(&recording)).unwrap().contains("from a file"));
    for (args, why) in [
        ([&b"-d"[..], b"\xff"], "a text message has to be UTF-8 (RFC 6455 §5.6)"),
        ([b"-s", b"\xff"], "argument 4, behind -s, is not UTF-8"),
    ] {
        run_with_bytes(&[], &[b"connect", url, args[0], args[1]]).assert("", 2, why);
    }
}

#[test]
fn data_is_decoded_like_stdin() {
    let binary = |bytes: &[u8]| Message::binary(bytes.to_vec());
    assert_eq!(
        sent(&["--in", "hex", "-d", "00 ff", "-d", "@-"], b"01\n02\n"),
        [binary(b"\0\xff"), binary(b"\x01\x02")]
    );
    assert_eq!(sent(&["--in", "base64", "--data-raw", "/w=="], b"AA==\n"), [binary(b"\xff"), binary(b"\0")]);
    assert!(refused(&["--in", "hex", "-d", "xy"], b"").contains("-d \"xy\": 'x' is not a hexadecimal digit"));
    assert!(refused(&["--in", "base64", "-d", "?"], b"").contains("-d \"?\": not base64"));
    assert_eq!(sent(&["--in", "json", "-d", "text"], b""), [Message::text("text")]);
}

#[test]
fn frames_are_sent_from_a_script_as_they_are_given() {
    let server = peer::opened("", |socket| {
        let mut bytes = [0; 27];
        std::io::Read::read_exact(socket, &mut bytes).unwrap();
        socket.write_all(b"\x88\x02\x03\xea").unwrap();
        (bytes, read_to_end(socket))
    });
    let script = b"{\"type\":\"frame\",\"opcode\":\"text\",\"fin\":false,\"mask\":\"none\",\"text\":\"ab\"}\n\
        {\"type\":\"frame\",\"opcode\":0,\"fin\":true,\"mask\":\"none\",\"base64\":\"/w==\"}\n\
        {\"type\":\"frame\",\"opcode\":11,\"rsv\":\"101\",\"mask\":\"00000000\",\"text\":\"x\"}\n\
        {\"type\":\"frame\",\"opcode\":\"ping\",\"rsv\":2,\"mask\":\"none\"}\n\
        {\"type\":\"text\",\"base64\":\"/w==\"}\n\
        {\"type\":\"frame\",\"opcode\":\"close\",\"mask\":\"none\",\"base64\":\"A+4=\"}\n\
        {\"type\":\"text\",\"text\":\"never\"}\n";
    let outcome = run(&["connect", "--in", "json", &server.url], script);
    let (bytes, _) = server.join();
    let (frames, rest) = bytes.split_at(7 + 7 + 2);
    assert_eq!(frames, b"\x01\x02ab\x80\x01\xff\xdb\x81\0\0\0\0x\xa9\x00");
    let (text, close) = rest.split_at(7);
    assert_eq!((text[..2].as_ref(), text[6] ^ text[2]), (&b"\x81\x81"[..], 0xff), "text that isn't UTF-8");
    assert_eq!(close[..4], *b"\x88\x02\x03\xee");
    assert_eq!(outcome.code, Some(7), "{outcome:?}");
}

#[test]
fn a_key_that_says_nothing_is_an_error_with_its_line() {
    for (event, why) in [
        (
            r#"{"type":"text","hex":"00"}"#,
            "\"hex\" is not a key of an event; \"text\" has a content that is text, \"base64\" any bytes",
        ),
        (r#"{"type":"text","text":"a","txet":"b"}"#, "\"txet\" is not a key of an event; \"text\" is"),
        (r#"{"type":"text","topic":"b"}"#, "\"topic\" is not a key of an event"),
        (r#"{"type":"txt"}"#, "its \"type\" is \"txt\", none of text, binary, ping, pong, close and frame"),
        (r#"[1, 1, null, null, null, "text"]"#, "an array instead of an object"),
        (r#"{"type":"text","text":"a","base64":"YQ=="}"#, "its content is there twice"),
        (r#"{"type":"text","text":"a","code":1000}"#, "a text has no \"code\""),
        (r#"{"type":"close","text":"bye"}"#, "a close has no \"text\""),
        (r#"{"type":"close","reason":"bye"}"#, "a Close frame has no reason without a status code"),
        (r#"{"type":"close","code":1006}"#, "the status code 1006 (abnormal closure) may not be sent"),
        (r#"{"type":"ping","fin":true}"#, "a ping has no \"fin\""),
        (r#"{"type":"frame","text":"a"}"#, "a frame needs an \"opcode\""),
        (r#"{"type":"frame","opcode":"tetx"}"#, "its \"opcode\": \"tetx\" is not an opcode"),
        (r#"{"type":"text","opcode":2}"#, "its \"opcode\" is 2, but that of a text is 1"),
        (r#"{"type":"frame","opcode":2,"text":"abc","length":2}"#, "its \"length\" is 2, but its content has 3 bytes"),
        (r#"{"type":"binary","base64":"YQ==","length":0}"#, "its \"length\" is 0, but its content has 1 byte"),
        (r#"{"type":"ping","length":1}"#, "its \"length\" is 1, but its content has 0 bytes"),
        (r#"{"type":"close","code":1000,"reason":"a","length":1}"#, "its \"length\" is 1, but its content has 3 bytes"),
        (r#"{"type":"text","schema":2}"#, "its \"schema\" is 2"),
    ] {
        let stdin = format!("{{\"type\":\"text\",\"text\":\"fine\"}}\n{event}\n");
        let told = refused(&["--in", "json"], stdin.as_bytes());
        assert!(told.contains(&format!("line 2 of stdin is not an event to send: {why}")), "{event}: {told}");
    }
}

/// The same bytes every time, in no order.
fn noise() -> impl Iterator<Item = u8> {
    let mut state = 1u64;
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    })
}

#[test]
fn frames_of_a_compressed_message_keep_to_the_size_on_the_wire() {
    for (flags, size) in [(&["--fragment-size", "1000"][..], 1000), (&[], 65_536)] {
        let server = peer::opened("permessage-deflate", |socket| {
            let mut frames = Vec::new();
            loop {
                let (first, payload) = read_frame(socket);
                match first {
                    0x88 => return frames,
                    first => frames.push((first, payload.len())),
                }
            }
        });
        let args = [
            &["connect", "--in", "whole", "--binary", "--ping-interval", "0", "--linger", "50ms"],
            flags,
            &[&server.url],
        ]
        .concat();
        let mut running = Running::start(&args);
        // What can't be compressed takes a little more than its size.
        running.feed(noise().take(200_000).collect());
        running.finish().assert("", 7, "dropped");
        let frames = server.join();
        let (last, others) = frames.split_last().unwrap();
        assert!(others.iter().all(|(_, length)| *length == size), "{frames:?}");
        assert!((1..=size).contains(&last.1) && frames.iter().map(|(_, length)| length).sum::<usize>() > 200_000);
        let firsts: Vec<u8> = frames.iter().map(|(first, _)| *first).collect();
        assert_eq!((firsts[0], firsts[1], last.0), (0x42, 0x00, 0x80), "{frames:?}");
    }
}

#[test]
fn pongs_wait_for_the_end_of_a_compressed_message() {
    let server = peer::opened("permessage-deflate", |socket| {
        let mut told = Vec::new();
        loop {
            let (first, payload) = read_frame(socket);
            if told.is_empty() {
                socket.write_all(b"\x89\x05while").unwrap();
            }
            match first {
                0x88 => return told,
                0x8a => told.push(format!("pong {}", String::from_utf8(payload).unwrap())),
                first if first & 0x80 != 0 => told.push("end".into()),
                _ if told.is_empty() => told.push("fragments".into()),
                _ => {}
            }
        }
    });
    let mut running = Running::start(&[
        "connect",
        "--in",
        "whole",
        "--fragment-size",
        "16",
        "--ping-interval",
        "0",
        "--frames",
        &server.url,
    ]);
    // More than the compressor gathers before it gives something.
    let letters: Vec<u8> = noise().map(|byte| b'a' + byte % 16).take(200_000).collect();
    running.write(&letters);
    assert!(running.line_with("< ping").ends_with("\"while\""));
    running.feed(b"and the end".to_vec());
    assert_eq!(running.finish().code, Some(7));
    assert_eq!(server.join(), ["fragments", "end", "pong while"]);
}

/// Whoever pings gives up some time.
#[test]
fn pongs_wait_no_longer_than_is_reasonable() {
    let server = peer::opened("permessage-deflate", |socket| {
        assert_eq!(read_frame(socket).0, 0x41);
        socket.write_all(b"\x89\x05while").unwrap();
        let asked = Instant::now();
        let (first, payload) = loop {
            match read_frame(socket) {
                (0x00, _) => {}
                frame => break frame,
            }
        };
        assert_eq!((first, payload.as_slice()), (0x8a, &b"while"[..]));
        let waited = asked.elapsed();
        assert!(waited > Duration::from_millis(4500) && waited < Duration::from_secs(15), "{waited:?}");
        socket.write_all(b"\x88\x02\x03\xe8").unwrap();
        loop {
            match read_frame(socket) {
                (0x00, _) => {}
                frame => break frame,
            }
        }
    });
    let args = ["connect", "--in", "whole", "--fragment-size", "16", "--ping-interval", "0", "--frames", &server.url];
    let mut running = Running::start(&args);
    // More than the compressor gathers before it gives something, and never the end.
    running.write(&noise().map(|byte| b'a' + byte % 16).take(200_000).collect::<Vec<_>>());
    let _open = running.hold_stdin();
    assert!(running.line_with("< ping").ends_with("\"while\""));
    assert!(running.line_with("> pong").ends_with("\"while\""));
    assert_eq!(running.finish().code, Some(0));
    assert_eq!(server.join(), (0x88, vec![0x03, 0xe8]));
}

#[test]
fn output_is_appended_where_that_is_asked_for() {
    let folder = Folder::new();
    let path = folder.file("out", "before\n");
    for (flag, expected) in [(Some("--append"), "before\nhello\n"), (None, "hello\n")] {
        let server = peer::tungstenite(peer::echo_any);
        let args: Vec<&str> = ["connect", "-1", "-o", &path, &server.url].into_iter().chain(flag).collect();
        assert_eq!(run(&args, b"hello\n").code, Some(0));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), expected);
    }
    let outcome = run(&["connect", "--append", "ws://127.0.0.1:1/"], b"");
    assert_eq!(outcome.code, Some(2), "{outcome:?}");
}

#[test]
fn a_dash_in_the_place_of_a_file_is_stdin_or_stdout() {
    let server = Requests::answered(vec![Answer::Open, Answer::Open]);
    let url = server.url();
    run(&["connect", "-H", "@-", &url], b"X-A: b\n").assert("", 0, "peer closed: 1000");
    run(&["connect", "-b", "-", &url], b"Set-Cookie: c=d\n").assert("", 0, "peer closed: 1000");
    let heads = server.all();
    assert!(heads[0].contains("\r\nX-A: b\r\n") && heads[1].contains("\r\nCookie: c=d\r\n"), "{heads:?}");
    let server = peer::opened("", |socket| {
        socket.write_all(b"\x81\x02hi\x88\x02\x03\xe8").unwrap();
        peer::read_to_end(socket);
    });
    run(&["connect", "-n", "-o", "-", "--append", &server.url], b"").assert("hi\n", 0, "peer closed: 1000");
}

#[test]
fn a_file_without_a_name_is_named_as_that() {
    for flags in [["-d", "@"], ["-u", "@"], ["-H", "@"]] {
        let outcome = run(&[&["connect", "-n", "-1", "ws://127.0.0.1:1/"], &flags[..]].concat(), b"");
        outcome.assert("", 2, "the file without a name: No such file or directory");
    }
}
