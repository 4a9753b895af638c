//! What `connect` answers, and what it sends because of what arrives: --on, --pace, --send-after, --fill.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::channel;
use std::time::Duration;

use crate::support::files::Folder;
use crate::support::peer::{acceptance, opened, read_frame, read_head, tungstenite};
use crate::support::program::{Outcome, PATIENCE, Running, Serving, run, run_with};

fn text(socket: &mut TcpStream, text: &str) {
    let length = u8::try_from(text.len()).unwrap();
    assert!(length < 126);
    socket.write_all(&[&[0x81, length], text.as_bytes()].concat()).unwrap();
}

#[track_caller]
fn expect(socket: &mut TcpStream, text: &str) {
    assert_eq!(read_frame(socket), (0x81, text.as_bytes().to_vec()));
}

/// Nothing else has been sent by the time a Ping is answered.
#[track_caller]
fn expect_nothing(socket: &mut TcpStream) {
    socket.write_all(b"\x89\x01?").unwrap();
    assert_eq!(read_frame(socket), (0x8a, b"?".to_vec()));
}

/// Answers the Close that comes, and Pings before it.
#[track_caller]
fn expect_close(socket: &mut TcpStream, code: u16) {
    let (first, payload) = loop {
        match read_frame(socket) {
            (0x89, payload) => {
                let length = u8::try_from(payload.len()).unwrap();
                socket.write_all(&[&[0x8a, length], &payload[..]].concat()).unwrap();
            }
            frame => break frame,
        }
    };
    assert_eq!((first, &payload[..2]), (0x88, &code.to_be_bytes()[..]), "{payload:?}");
    socket.write_all(&[&[0x88, 2], &code.to_be_bytes()[..]].concat()).unwrap();
}

fn start(flags: &[&str], url: &str) -> Running {
    Running::start(&[&["connect", "--no-compress"], flags, &[url]].concat())
}

#[track_caller]
fn ends(outcome: &Outcome, stdout: &str, code: i32) {
    assert_eq!((outcome.stdout(), outcome.code), (stdout, Some(code)), "{outcome:?}");
}

#[test]
fn rules_answer_beside_what_stdin_sends() {
    let folder = Folder::new();
    let file = folder.file("rules", "json /ping\n  reply {\"pong\":${/ping}}\nany\n  nothing\n");
    let server = opened("", |socket| {
        expect(socket, "hello");
        for _ in 0..2 {
            text(socket, "2");
            expect(socket, "3");
        }
        text(socket, "{\"ping\":7}");
        expect(socket, "{\"pong\":7}");
        // --on is looked at before the file.
        text(socket, "20");
        expect(socket, "again");
        text(socket, "else");
        expect_nothing(socket);
        text(socket, "{\"ping\":{\"a\":1}}");
        expect(socket, "{\"pong\":{\"a\":1}}");
        expect_close(socket, 1000);
    });
    let rules = ["--on", "match ^2$ => reply 3", "--on", "once match 2 => reply again", "--on-file", &file];
    let mut running = start(&[&rules[..], &["--count", "6"]].concat(), &server.url);
    running.write(b"hello\n");
    ends(&running.finish(), "2\n2\n{\"ping\":7}\n20\nelse\n{\"ping\":{\"a\":1}}\n", 0);
    server.join();
}

#[test]
fn the_message_that_ends_the_run_is_answered() {
    let server = opened("", |socket| {
        text(socket, "bye");
        expect(socket, "good bye");
        expect_close(socket, 1000);
    });
    ends(&start(&["-n", "--until", "bye", "--on", "any => reply good $0"], &server.url).finish(), "bye\n", 0);
    server.join();
}

#[test]
fn a_rule_closes_and_what_follows_is_not_sent() {
    let server = opened("", |socket| {
        expect(socket, "hi");
        for word in ["a", "b", "c", "d"] {
            text(socket, word);
        }
        expect_close(socket, 4001);
    });
    let rules =
        ["-n", "--on", "match d => reply no", "--on", "after 3 any => close 4001 enough", "--on", "open => reply hi"];
    ends(&start(&rules, &server.url).finish(), "a\nb\nc\nd\n", 0);
    server.join();
}

#[test]
fn each_connection_begins_with_the_first_rule() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let rules = ["-n", "--reconnect", "--on", "open => reply hi", "--on", "once any => reply first"];
    let running = start(&[&rules[..], &["--on", "any => close 4000"]].concat(), &url);
    for ends in [false, true] {
        let (mut socket, _) = listener.accept().unwrap();
        let head = read_head(&mut socket);
        socket.write_all(acceptance(&head, "").as_bytes()).unwrap();
        expect(&mut socket, "hi");
        text(&mut socket, "x");
        expect(&mut socket, "first");
        if ends {
            text(&mut socket, "y");
            expect_close(&mut socket, 4000);
        }
    }
    ends(&running.finish(), "x\nx\ny\n", 0);
}

#[test]
fn an_answer_that_is_delayed_is_waited_for() {
    let server = opened("", |socket| {
        text(socket, "x");
        expect(socket, "late");
        expect_close(socket, 1000);
    });
    // Longer than --linger.
    let rules = ["--linger", "100ms", "--on", "any => delay 500ms => reply late"];
    ends(&start(&rules, &server.url).finish(), "x\n", 0);
    server.join();
}

#[test]
fn long_answers_and_long_lines_stay_apart() {
    const LONG: usize = 3 << 20;
    let server = tungstenite(|websocket| {
        websocket.send(tungstenite::Message::text("a".repeat(LONG))).unwrap();
        let mut lengths = Vec::new();
        while lengths.len() < 3 {
            let message = websocket.read().unwrap();
            let content = message.to_text().unwrap().as_bytes();
            assert!(content.iter().all(|byte| *byte == content[0]), "one message inside the other");
            lengths.push((content[0], content.len()));
        }
        lengths.sort_unstable();
        websocket.close(None).unwrap();
        lengths
    });
    let mut running = start(&["--out", "none", "--on", "any => echo"], &server.url);
    running.feed(format!("{0}\n{0}\n", "b".repeat(LONG)).into_bytes());
    ends(&running.finish(), "", 0);
    assert_eq!(server.join(), [(b'a', LONG), (b'b', LONG), (b'b', LONG)]);
}

/// A message of stdin may be made of frames by hand; an answer between them would break the protocol (RFC 6455 §5.4).
#[test]
fn answers_wait_for_the_end_of_a_message_of_frames_by_hand() {
    let (told, heard) = channel();
    let server = opened("", move |socket| {
        assert_eq!(read_frame(socket), (0x01, b"be".to_vec()));
        text(socket, "ask");
        expect_nothing(socket);
        told.send(()).unwrap();
        // A control frame may stand there, and a fragment in the middle ends nothing.
        assert_eq!(read_frame(socket), (0x89, b"by hand".to_vec()));
        assert_eq!(read_frame(socket), (0x00, b"gin".to_vec()));
        expect_nothing(socket);
        told.send(()).unwrap();
        assert_eq!(read_frame(socket), (0x80, b"ning".to_vec()));
        expect(socket, "answer");
        expect_close(socket, 1000);
    });
    let flags = ["--in", "json", "--on", "any => reply answer", "--ping-interval", "0"];
    let mut running = start(&flags, &server.url);
    let frame = |opcode: &str, fin: bool, text: &str| {
        format!("{{\"type\":\"frame\",\"opcode\":\"{opcode}\",\"fin\":{fin},\"text\":\"{text}\"}}\n")
    };
    running.write(frame("text", false, "be").as_bytes());
    heard.recv_timeout(PATIENCE).unwrap();
    running.write((frame("ping", true, "by hand") + &frame("continuation", false, "gin")).as_bytes());
    heard.recv_timeout(PATIENCE).unwrap();
    running.write(frame("continuation", true, "ning").as_bytes());
    ends(&running.finish(), "ask\n", 0);
    server.join();
}

/// One that never ends keeps nobody waiting.
#[test]
fn an_answer_that_can_not_be_sent_any_more_is_not_waited_for() {
    let server = opened("", |socket| {
        assert_eq!(read_frame(socket), (0x01, b"be".to_vec()));
        text(socket, "ask");
        expect_close(socket, 1000);
    });
    let mut running = start(&["--in", "json", "--on", "any => reply answer", "--linger", "100ms"], &server.url);
    running.feed(b"{\"type\":\"frame\",\"opcode\":\"text\",\"fin\":false,\"text\":\"be\"}\n".to_vec());
    ends(&running.finish(), "ask\n", 0);
    server.join();
}

#[test]
fn answers_to_a_flood_wait_for_room_and_never_grow() {
    let (told, frames) = channel();
    let (go, gate) = channel::<()>();
    let server = opened("", move |socket| {
        let mut other = socket.try_clone().unwrap();
        socket.set_write_timeout(Some(Duration::from_millis(300))).unwrap();
        let frame = [&[0x81, 125][..], &[b'x'; 125]].concat();
        let mut written = 0;
        // Nothing is read, until the client takes nothing more.
        while let Ok(count) = socket.write(&frame[written % frame.len()..]) {
            written += count;
        }
        let frames = written / frame.len();
        for _ in 0..frames {
            let (first, payload) = read_frame(&mut other);
            assert!((first, payload.len()) == (0x81, 1000) && payload.iter().all(|byte| *byte == b'y'), "{first:#x}");
        }
        told.send(frames).unwrap();
        // An error once the test lets go.
        let _ = gate.recv();
    });
    let answer = format!("any => reply {}", "y".repeat(1000));
    let running = start(&["-n", "--out", "none", "--ping-interval", "0", "--on", &answer], &server.url);
    let frames = frames.recv_timeout(PATIENCE).unwrap();
    assert!(frames > 1000, "{frames}");
    let peak = running.peak();
    assert!(peak < 32 << 20, "{peak} bytes for {frames} messages");
    drop(go);
    server.join();
}

#[test]
fn a_paced_line_waits_for_the_answer_to_the_one_before() {
    let server = opened("", |socket| {
        expect(socket, "first");
        expect_nothing(socket);
        // What a rule answers is no answer.
        text(socket, "ping");
        expect(socket, "pong");
        expect_nothing(socket);
        text(socket, "1");
        expect(socket, "second");
        expect_nothing(socket);
        text(socket, "2");
        expect(socket, "third");
        // Longer than the linger is where nothing is waited for.
        std::thread::park_timeout(Duration::from_millis(1300));
        text(socket, "3");
        expect_close(socket, 1000);
    });
    let flags = ["-d", "first", "--pace", "answer", "--on", "match ^ping$ => reply pong"];
    let mut running = start(&flags, &server.url);
    running.feed(b"second\nthird\n".to_vec());
    ends(&running.finish(), "ping\n1\n2\n3\n", 0);
    server.join();
}

#[test]
fn stdin_waits_for_a_message_that_matches() {
    let init = "{\"type\":\"connection_init\"}";
    let server = opened("", move |socket| {
        expect(socket, init);
        text(socket, "{\"type\":\"ka\"}");
        expect_nothing(socket);
        text(socket, "{\"type\":\"connection_ack\"}");
        expect(socket, "one");
        expect(socket, "two");
        expect_close(socket, 1000);
    });
    let mut running = start(&["-d", init, "--send-after", "connection_ack", "--linger", "50ms"], &server.url);
    running.feed(b"one\ntwo\n".to_vec());
    ends(&running.finish(), "{\"type\":\"ka\"}\n{\"type\":\"connection_ack\"}\n", 0);
    server.join();
    // With --pace each line waits for a match.
    let server = opened("", |socket| {
        for line in ["one", "two"] {
            expect_nothing(socket);
            text(socket, "not yet");
            expect_nothing(socket);
            text(socket, "250 ready");
            expect(socket, line);
        }
        expect_nothing(socket);
        text(socket, "250 bye");
        expect_close(socket, 1000);
    });
    let mut running = start(&["--pace", "answer", "--send-after", "^250 ", "--out", "none"], &server.url);
    running.feed(b"one\ntwo\n".to_vec());
    ends(&running.finish(), "", 0);
    server.join();
}

#[test]
fn what_was_never_let_out_is_told() {
    let server = opened("", |socket| {
        text(socket, "no");
        socket.write_all(b"\x88\x02\x03\xe8").unwrap();
        read_frame(socket)
    });
    let outcome = run(&["connect", "--no-compress", "--send-after", "^yes$", &server.url], b"line\n");
    outcome.assert("no\n", 1, "wscli: stdin was not sent: no message matched --send-after ^yes$");
    assert_eq!(server.join().0, 0x88);

    // Another goal that is reached is no reason to say nothing.
    let server = opened("", |socket| {
        text(socket, "no");
        assert_eq!(read_frame(socket).0, 0x88);
        socket.write_all(b"\x88\x02\x03\xe8").unwrap();
    });
    let outcome = run(&["connect", "--no-compress", "--send-after", "^yes$", "-1", &server.url], b"line\n");
    outcome.assert("no\n", 1, "wscli: stdin was not sent: no message matched --send-after ^yes$");
    server.join();
}

#[test]
fn what_is_sent_has_values_of_the_last_match() {
    let server = opened("", |socket| {
        expect(socket, "login");
        text(socket, "{\"token\":\"a\\\"b\",\"n\":1}");
        expect(socket, "{\"auth\":\"a\\\"b\",\"n\":1}");
        text(socket, "{\"n\":2}");
        expect(socket, "token a\"b costs $5");
        expect_close(socket, 1000);
    });
    let flags = ["-d", "login", "--fill", "--send-after", "\"token\"", "--linger", "100ms", "--out", "none"];
    let mut running = start(&flags, &server.url);
    running.feed(b"{\"auth\":\"${/token}\",\"n\":${/n}}\ntoken ${/token} costs $$5\n".to_vec());
    ends(&running.finish(), "", 0);
    server.join();
    let server = opened("", |socket| {
        text(socket, "{\"n\":1}");
        read_frame(socket)
    });
    let outcome =
        run(&["connect", "-q", "--fill", "--send-after", "n", "--out", "none", &server.url], b"x ${/token}\n");
    outcome.assert(
        "",
        2,
        "\"x ${/token}\" can't be filled in: column 3: the last message that matched has no ${/token}",
    );
    assert_eq!(server.join(), (0x88, b"\x03\xe9".to_vec()));
}

/// Of a text that has two of them, with a blank between, that both are the same, and a random UUID.
#[track_caller]
fn expect_uuid_twice(text: &str) {
    let (one, other) = text.split_once(' ').unwrap();
    let lengths: Vec<_> = one.split('-').map(str::len).collect();
    assert_eq!((one, lengths.as_slice(), &one[14..15]), (other, &[8, 4, 4, 4, 12][..], "4"), "{text}");
}

#[test]
fn what_no_message_has_is_filled_in_everywhere() {
    let server = opened("", |socket| {
        text(socket, "go");
        text(socket, "go");
        let mut heard = Vec::new();
        while heard.len() < 4 {
            match read_frame(socket) {
                (0x81, text) => heard.push(String::from_utf8(text).unwrap()),
                (0x89, _) => {}
                frame => panic!("{frame:?}"),
            }
        }
        expect_close(socket, 1000);
        heard
    });
    let rule = "any => reply {\"n\":${counter},\"at\":${env.WHERE}}";
    let flags = ["connect", "-q", "--fill", "--linger", "1s", "--out", "none", "--on", rule, &server.url];
    let outcome = run_with(&[("WHERE", "é")], &flags, "${uuid} ${uuid}\n${counter}: $$1 ${env.WHERE}\n".as_bytes());
    ends(&outcome, "", 0);
    // Answers and stdin have no order.
    let (answers, typed): (Vec<_>, Vec<_>) = server.join().into_iter().partition(|text| text.starts_with('{'));
    assert_eq!(answers, ["{\"n\":1,\"at\":\"é\"}", "{\"n\":2,\"at\":\"é\"}"]);
    expect_uuid_twice(&typed[0]);
    assert_eq!(typed[1], "1: $1 é");
    let peer = opened("", |socket| drop(read_frame(socket)));
    let outcome = run(&["connect", "-q", "--fill", "--out", "none", &peer.url], b"a ${env.NOT_SET}");
    outcome.assert("", 2, "can't be filled in: column 3: NOT_SET is not in the environment, or not UTF-8");
    let outcome = run(&["connect", "--on", "any => reply a ${env.NOT_SET}", "ws://127.0.0.1:1/"], b"");
    outcome.assert("", 2, "column 16: NOT_SET is not in the environment, or not UTF-8");
}

#[test]
fn what_stdin_waits_for_may_come_too_late() {
    let server = opened("", |socket| {
        expect(socket, "x");
        assert_eq!(read_frame(socket).0, 0x88);
        text(socket, "late");
        socket.write_all(b"\x88\x02\x03\xe8").unwrap();
    });
    let flags = ["connect", "-d", "x", "--send-after", "late", "-m", "300ms", "--ping-interval", "0", &server.url];
    let outcome = run(&flags, b"hi\n");
    outcome.assert("late\n", 1, "stdin was not sent: the message that matched --send-after late came too late");
    assert!(!outcome.stderr.contains("no message matched"), "{outcome:?}");
    server.join();
}

#[test]
fn what_is_no_rule_is_refused_before_anything_is_opened() {
    let folder = Folder::new();
    let file = folder.file("rules", "any\n  say hello\n");
    let says = format!("can't read {file}: line 2, column 3: \"say\" is neither a condition");
    for (flags, says) in [
        (
            &["--on", "match ( => echo"][..],
            "invalid value 'match ( => echo' for '--on <RULE>': column 7: unclosed group",
        ),
        (&["--on", "match ^2$ -> reply 3"], "did you mean \"match ^2$ => reply 3\"?"),
        (&["--on", "any => goto there"], "\"any => goto there\" is not a rule: column 13: there is no state"),
        (
            &["--on", "any => echo", "--on", "match a => reply b"],
            "\"match a => reply b\" is not a rule: column 1: this rule never answers: any before it takes every message",
        ),
        (&["--on", "any => echo", "--on-file", &file], says.as_str()),
        (&["--on-file", "/nonexistent"], "can't read /nonexistent"),
        (&["--on", "any => echo", "--echo"], "--on does nothing with --echo"),
        (&["--timestamps", "--out", "raw"], "--timestamps does nothing without --out text"),
        (&["--pace", "answers"], "invalid value 'answers'"),
        (&["-n", "--send-after", "x"], "cannot be used with"),
    ] {
        // Nobody listens there: it would exit with 3.
        run(&[&["connect"], flags, &["ws://127.0.0.1:1/"]].concat(), b"").assert("", 2, says);
    }
    let outcome = run(&["connect", "--on-file", &file, "ws://127.0.0.1:1/"], b"");
    assert!(outcome.stderr.ends_with("\n  2 |   say hello\n    |   ^\n"), "{outcome:?}");
}

/// One engine: what a mock says, and what `connect` answers it.
#[test]
fn a_mock_and_a_client_answer_each_other() {
    let folder = Folder::new();
    let rules = folder.file("rules", "open => reply 0\nafter 4 any => close 4000\nmatch ^(\\d+)$ => reply $1$1\n");
    let serving = Serving::with(&["--reply", &rules]);
    let outcome = run(&["connect", "-n", "--ok-close", "4000", "--on", "text => echo", &serving.url], b"");
    ends(&outcome, "0\n00\n0000\n00000000\n", 0);
}
