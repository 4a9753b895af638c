//! `wscli serve --exec`: how messages reach a command and come back, and how its end becomes a Close.

use std::io::Write;

use crate::support::peer::{client_frame, open_by_hand, read_frame};
use crate::support::program::Serving;

#[test]
fn messages_with_newlines_stay_whole_with_null_and_json() {
    for framing in ["null", "json"] {
        let serving = Serving::with(&["--exec", "cat", "--exec-framing", framing]);
        let (mut socket, _) = open_by_hand(serving.address(), "");
        for content in ["one\ntwo\n", "", "\n", "a\r\nb"] {
            socket.write_all(&client_frame(0x81, content.as_bytes())).unwrap();
            assert_eq!(read_frame(&mut socket), (0x81, content.as_bytes().to_vec()), "{framing}");
        }
        if framing == "json" {
            socket.write_all(&client_frame(0x82, b"\0\xff\n")).unwrap();
            assert_eq!(read_frame(&mut socket), (0x82, b"\0\xff\n".to_vec()));
        }
    }
}

#[test]
fn a_message_whose_client_reads_only_behind_it_comes_back() {
    let content = vec![b'a'; 24 << 20];
    for framing in ["lines", "null"] {
        let serving = Serving::with(&["--exec", "cat", "--exec-framing", framing]);
        let (mut socket, _) = open_by_hand(serving.address(), "");
        socket.write_all(&client_frame(0x81, &content)).unwrap();
        let mut back = Vec::new();
        while back.len() < content.len() {
            back.extend(read_frame(&mut socket).1);
        }
        assert!(back == content, "{framing}");
    }
}

#[test]
fn what_a_command_says_at_once_is_logged_behind_its_connection() {
    let mut serving = Serving::with(&["--exec", "echo early >&2; exec cat"]);
    for number in 1..6 {
        let (socket, _) = open_by_hand(serving.address(), "");
        let line = serving.running.line_with(&format!("[{number}] "));
        assert!(line.contains(" opened /"), "{line}");
        drop(socket);
    }
}

#[test]
fn a_message_that_becomes_several_lines_is_told_once() {
    let mut serving = Serving::with(&["--exec", "cat"]);
    let (mut socket, _) = open_by_hand(serving.address(), "");
    for _ in 0..2 {
        socket.write_all(&client_frame(0x81, b"one\ntwo")).unwrap();
        for line in [b"one", b"two"] {
            assert_eq!(read_frame(&mut socket), (0x81, line.to_vec()));
        }
    }
    socket.write_all(&client_frame(0x88, b"\x03\xe8")).unwrap();
    assert_eq!(read_frame(&mut socket).0, 0x88);
    let line = serving.running.line_with("newline");
    assert_eq!(
        line,
        "[1] a message with a newline in it became more than one line of the command's stdin; \
         --exec-framing null or json keeps it one"
    );
    assert!(serving.running.line_with("[1]").contains("peer closed: 1000"));
}

#[test]
fn a_command_can_send_events() {
    let command = r#"printf '{"type":"ping","text":"hi"}\n{"type":"binary","base64":"AP8="}\n'
        printf '{"type":"text","text":"late","delay":0.05}\n{"type":"close","code":4001,"reason":"enough"}\n'; cat"#;
    let serving = Serving::with(&["--exec", command, "--exec-framing", "json"]);
    let (mut socket, _) = open_by_hand(serving.address(), "");
    for expected in [
        (0x89, b"hi".to_vec()),
        (0x82, vec![0, 0xff]),
        (0x81, b"late".to_vec()),
        (0x88, [&4001u16.to_be_bytes()[..], b"enough"].concat()),
    ] {
        assert_eq!(read_frame(&mut socket), expected);
    }
}

#[test]
fn what_is_no_event_is_named_as_the_command_s() {
    let mut serving = Serving::with(&["--exec", "echo nonsense; cat", "--exec-framing", "json"]);
    let (mut socket, _) = open_by_hand(serving.address(), "");
    assert_eq!(read_frame(&mut socket).1[..2], 1011u16.to_be_bytes());
    serving.running.line_with("line 1 of the command's output is not an event to send: ");
}

#[test]
fn on_a_terminal_lines_come_at_once_and_nothing_is_echoed() {
    // What it is on tells it how to write; the message it reads tells that it is still there.
    let command = "test -t 0 && test -t 1 && echo terminal $TERM; read line; printf 'got %s' \"$line\"";
    let serving = Serving::with(&["--exec", command, "--pty"]);
    let (mut socket, _) = open_by_hand(serving.address(), "");
    assert_eq!(read_frame(&mut socket), (0x81, b"terminal dumb".to_vec()));
    // Longer than a line that a terminal would edit, and with what it would act on.
    let line = format!("\x03\x04{}", "x".repeat(10_000));
    socket.write_all(&client_frame(0x81, line.as_bytes())).unwrap();
    assert_eq!(read_frame(&mut socket), (0x81, format!("got {line}").into_bytes()));
    assert_eq!(read_frame(&mut socket), (0x88, 1000u16.to_be_bytes().to_vec()));
}

#[test]
fn an_exit_status_can_be_a_status_code() {
    let rules = ["--exec-close", "3=4003", "--exec-close", "*=1013:later", "--exec-close", "0=4000:all done"];
    for (command, code, reason) in [
        ("exit 3", 4003u16, &b""[..]),
        ("exit 0", 4000, b"all done"),
        ("exit 4", 1013, b"later"),
        ("kill -9 $$", 1013, b"later"),
    ] {
        let mut serving = Serving::with(&[&["--exec", command], &rules[..]].concat());
        let (mut socket, _) = open_by_hand(serving.address(), "");
        assert_eq!(read_frame(&mut socket), (0x88, [&code.to_be_bytes()[..], reason].concat()), "{command}");
        socket.write_all(&client_frame(0x88, &code.to_be_bytes())).unwrap();
        serving.running.line_with(&format!("closed by us: {code}"));
    }
}

#[test]
fn the_help_says_why_a_command_s_output_may_be_late() {
    let outcome = crate::support::program::run(&["serve", "--help"], b"");
    assert!(outcome.stdout().contains("--pty or unbuffered\n(stdbuf -oL COMMAND, python -u,"));
}
