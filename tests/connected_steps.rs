//! `connect --in script`: the steps of a test on the connection, from stdin.

use std::net::TcpListener;

use tungstenite::Message;
use tungstenite::protocol::CloseFrame;

use crate::support::files::Folder;
use crate::support::peer::{opened, tungstenite};
use crate::support::program::{Running, run};

#[test]
fn steps_are_taken_and_what_arrives_is_written() {
    let server = tungstenite(|websocket| {
        websocket.send(Message::text(r#"{"type":"welcome","id":7}"#)).unwrap();
        assert_eq!(websocket.read().unwrap(), Message::text(r#"{"re":7}"#));
        websocket.send(Message::text("bye")).unwrap();
        websocket.close(Some(CloseFrame { code: 4001.into(), reason: "done".into() })).unwrap();
        while websocket.read().is_ok() {}
    });
    let steps = "expect status 101\nexpect json /type = \"welcome\"\n  capture id = /id\nsend {\"re\":${id}}\n\
                 expect equals bye\nexpect closed 4001 done\n";
    let outcome = run(&["connect", "--in", "script", &server.url], steps.as_bytes());
    outcome.assert("{\"type\":\"welcome\",\"id\":7}\nbye\n", 0, "peer closed: 4001 \"done\"");
    server.join();
}

#[test]
fn a_step_that_fails_is_told_and_the_exit_code_is_1() {
    let server = tungstenite(|websocket| {
        websocket.send(Message::text("he\u{1b}[2J")).unwrap();
        // The connection is closed as one of a test is.
        assert!(matches!(websocket.read().unwrap(), Message::Close(Some(close)) if u16::from(close.code) == 1000));
        while websocket.read().is_ok() {}
    });
    let outcome = run(&["connect", "--in", "script", "--out", "none", &server.url], b"expect equals ho\nsend more\n");
    outcome.assert("", 1, "stdin:1: expect equals ho: expected equals ho, got he\\x1b[2J");
    server.join();
    // So is a peer that leaves before the last step.
    let server = tungstenite(|websocket| {
        websocket.close(None).unwrap();
        while websocket.read().is_ok() {}
    });
    let outcome = run(&["connect", "--in", "script", &server.url], b"delay 1h\nexpect any\n");
    outcome.assert("", 1, "stdin:2: expect any: expected any, got the connection has ended");
    server.join();
}

#[test]
fn the_end_of_the_steps_closes_and_finally_is_one() {
    let server = tungstenite(|websocket| {
        let mut read = Vec::new();
        while let Ok(message) = websocket.read() {
            read.push(message);
        }
        read
    });
    let steps = b"send one\nfinally {\n  send two\n}\n";
    run(&["connect", "--in", "script", &server.url], steps).assert("", 0, "closed by us: 1000");
    let [one, two, close] = &server.join()[..] else { panic!("other messages") };
    assert_eq!([one, two], [&Message::text("one"), &Message::text("two")]);
    assert!(matches!(close, Message::Close(Some(close)) if u16::from(close.code) == 1000), "{close:?}");
}

/// The steps take more than waits for them at a time, from a peer that reads nothing.
#[test]
fn room_that_steps_make_is_noticed() {
    const COUNT: usize = 25_000;
    let server = opened("", |socket| {
        let frames: Vec<u8> = (0..COUNT).flat_map(|_| [0x81, 1, b'x']).collect();
        std::io::Write::write_all(socket, &frames).unwrap();
        // Its close comes behind the last that it expects.
        while crate::support::peer::read_frame(socket).0 != 0x88 {}
    });
    let steps = format!("expect {COUNT} equals x\n");
    let outcome = run(&["connect", "--in", "script", "-m", "20s", &server.url], steps.as_bytes());
    assert_eq!((outcome.stdout().len(), outcome.code), (2 * COUNT, Some(0)), "{}", outcome.stderr);
    server.join();
}

#[test]
fn a_signal_ends_the_steps() {
    let server = tungstenite(|websocket| {
        websocket.send(Message::text("hi")).unwrap();
        while websocket.read().is_ok() {}
    });
    let mut running = Running::start(&["connect", "--in", "script", "-v", &server.url]);
    running.feed(b"expect equals hi\nping\ndelay 1h\nfinally {\n  delay 1h\n}\n".to_vec());
    running.line_with("101");
    running.signal(rustix::process::Signal::INT);
    let outcome = running.finish();
    assert_eq!(outcome.code, Some(130), "{}", outcome.stderr);
}

#[test]
fn what_are_no_steps_is_told_before_anything_is_opened() {
    // Nobody accepts.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    for (steps, says) in [
        ("send hi\nexpct any\n", "can't read stdin: line 2, column 1: \"expct\" is neither a step"),
        (
            "connect ${base}\n",
            "line 1, column 1: no step opens a connection here: all are taken on the one that is open",
        ),
        ("\u{feff}", "there are no steps"),
    ] {
        run(&["connect", "--in", "script", &url], steps.as_bytes()).assert("", 2, says);
    }
    for flag in [&["-d", "x"][..], &["--linger", "1s"], &["--reconnect"], &["--close", "4000"]] {
        let outcome = run(&[&["connect", "--in", "script", &url], flag].concat(), b"send hi\n");
        outcome.assert("", 2, &format!("{} does nothing with --in script", flag[0]));
    }
    let folder = Folder::new();
    let requests = folder.file("a.http", "WEBSOCKET ws://localhost:1/\n\nhi\n");
    let says = "a.http: line 1, column 1: a file of requests opens connections of its own, and wscli test runs it";
    run(&["serve", "127.0.0.1:0", "--script", &requests], b"").assert("", 2, says);
}

#[test]
fn steps_send_nothing_inside_an_answer() {
    const LENGTH: usize = 4 << 20;
    let folder = Folder::new();
    let big = folder.file("big", "A".repeat(LENGTH));
    let server = tungstenite(|websocket| {
        let asked = websocket.read().unwrap();
        websocket.send(asked).unwrap();
        let mut lengths = Vec::new();
        while let Ok(message) = websocket.read() {
            match message {
                Message::Close(_) => {}
                Message::Text(text) if text == "hello" => {
                    lengths.push(5);
                    websocket.send(Message::text("hello")).unwrap();
                }
                other => lengths.push(other.len()),
            }
        }
        lengths
    });
    let steps = format!("send file {big}\nexpect any within 60s\nsend hello\nexpect equals hello within 60s\n");
    let flags = ["connect", "--no-compress", "--in", "script", "--out", "none", "--on", "match ^A+$ => reply $0"];
    let outcome = run(&[&flags[..], &[&server.url]].concat(), steps.as_bytes());
    assert_eq!((server.join(), outcome.code), (vec![LENGTH, 5], Some(0)), "{}", outcome.stderr);
}

#[test]
fn what_is_counted_counts_beside_the_steps() {
    let server = tungstenite(|websocket| {
        assert_eq!(websocket.read().unwrap(), Message::text("ask"));
        websocket.send(Message::text("answer")).unwrap();
        websocket.close(Some(CloseFrame { code: 4001.into(), reason: "".into() })).unwrap();
        while websocket.read().is_ok() {}
    });
    let steps = b"send ask\nexpect equals answer\nexpect closed 4001\n";
    let outcome = run(&["connect", "--in", "script", "--count", "5", &server.url], steps);
    outcome.assert("answer\n", 7, "received 1 of 5 messages");
    server.join();
}
