//! `serve --script`: the steps of a test file on each client's connection.

use std::net::TcpStream;

use tungstenite::protocol::CloseFrame;
use tungstenite::{Message, WebSocket};

use crate::support::files::Folder;
use crate::support::peer::{open_by_hand, read_frame};
use crate::support::program::{Serving, run};

fn client(serving: &Serving, path: &str) -> WebSocket<TcpStream> {
    let url = format!("ws://{}{path}", serving.address());
    tungstenite::client(url, TcpStream::connect(serving.address()).unwrap()).unwrap().0
}

/// The code and the reason that the server closes with, behind what it sent before.
fn closed(client: &mut WebSocket<TcpStream>) -> (Vec<Message>, u16, String) {
    let mut before = Vec::new();
    loop {
        match client.read().unwrap() {
            Message::Close(Some(CloseFrame { code, reason })) => return (before, code.into(), reason.to_string()),
            message => before.push(message),
        }
    }
}

#[test]
fn a_server_follows_steps_a_run_a_client() {
    let folder = Folder::new();
    folder.file("hello.inc", "expect json /op = \"hello\"\n  capture name = /name\n");
    let steps = "expect path match ^/chat\\?\nsend who are you, ${random}?\ninclude hello.inc\n\
                 repeat 2 {\n  send {\"n\":${index},\"name\":\"${name}\"}\n}\nexpect equals enough within 20s\nclose 4001 bye ${name}\n\
                 expect closed 4001\n";
    let script = folder.file("a.wst", steps);
    let serving = Serving::with(&["--script", &script]);
    let mut clients = ["/chat?a", "/chat?b"].map(|path| client(&serving, path));
    for (client, name) in clients.iter_mut().zip(["ann", "bob"]) {
        assert!(client.read().unwrap().into_text().unwrap().starts_with("who are you, "));
        client.send(Message::text(format!("{{\"op\":\"hello\",\"name\":\"{name}\"}}"))).unwrap();
        for n in 1..=2 {
            assert_eq!(client.read().unwrap(), Message::text(format!("{{\"n\":{n},\"name\":\"{name}\"}}")));
        }
        client.send(Message::text("and so on")).unwrap();
        client.send(Message::text("enough")).unwrap();
        assert_eq!(closed(client), (Vec::new(), 4001, format!("bye {name}")));
    }
}

#[test]
fn a_step_that_fails_closes_the_connection_and_is_told() {
    let folder = Folder::new();
    let script = folder.file("a.wst", "send hi\nexpect equals ho\n");
    let mut serving = Serving::with(&["--script", &script]);
    let mut wrong = client(&serving, "/");
    wrong.send(Message::text("he")).unwrap();
    let told = (vec![Message::text("hi")], 1008, "line 2: expected equals ho".to_owned());
    assert_eq!(closed(&mut wrong), told);
    while wrong.read().is_ok() {}
    drop(wrong);
    let line = serving.running.line_with("closed by the script");
    assert!(line.contains(&format!("{script}:2: expect equals ho: expected equals ho, got he")), "{line}");
    // Whoever leaves in between has failed the script, too.
    let mut gone = client(&serving, "/");
    assert_eq!(gone.read().unwrap(), Message::text("hi"));
    gone.close(None).unwrap();
    while gone.read().is_ok() {}
    drop(gone);
    let line = serving.running.line_with(":2: expect equals ho: expected equals ho, got the connection has ended");
    assert!(line.starts_with("[2] "), "{line}");
}

#[test]
fn a_script_that_is_done_closes_with_1000_and_a_path_may_have_one() {
    let folder = Folder::new();
    let script = folder.file("a.wst", "send that is all\nfinally {\n  send the end\n}\n");
    let serving = Serving::with(&["--route", &format!("/a=script:{script}")]);
    let mut client = client(&serving, "/a");
    let told = ["that is all", "the end"].map(Message::text).to_vec();
    assert_eq!(closed(&mut client), (told, 1000, String::new()));
}

#[test]
fn a_file_that_is_no_script_of_a_server_is_refused() {
    let folder = Folder::new();
    for (steps, says) in [
        ("send hi\nconnect ws://a/\n", "a.wst: line 2, column 1: no step opens a connection here"),
        ("expct any\n", "a.wst: line 1, column 1: \"expct\" is neither a step"),
        ("send ${nope}\n", "a.wst: line 1, column 6: ${nope} has no value here"),
        ("", "a.wst: line 1, column 1: there are no steps"),
    ] {
        let script = folder.file("a.wst", steps);
        run(&["serve", "127.0.0.1:0", "--script", &script], b"").assert("", 2, says);
    }
    let script = folder.file("a.wst", "send hi\n\texpct any\nexpct any\n");
    let outcome = run(&["serve", "127.0.0.1:0", "--script", &script], b"");
    assert!(outcome.stderr.ends_with("\n  3 | expct any\n    | ^\n"), "{outcome:#?}");
}

/// How many threads take steps.
fn threads_of_steps(pid: u32) -> usize {
    let names = std::fs::read_dir(format!("/proc/{pid}/task")).unwrap().flatten();
    names.filter(|task| std::fs::read_to_string(task.path().join("comm")).is_ok_and(|name| name == "script\n")).count()
}

#[test]
fn the_steps_end_with_their_client_also_those_of_the_end() {
    let folder = Folder::new();
    let steps = "send hi\nexpect equals ho within 1h\nfinally {\n  send wait\n  parallel 20 {\n    delay 1h\n  }\n}\n";
    let script = folder.file("a.wst", steps);
    let mut serving = Serving::with(&["--script", &script]);
    let mut gone = client(&serving, "/");
    gone.send(Message::text("he")).unwrap();
    gone.close(None).unwrap();
    while gone.read().is_ok() {}
    drop(gone);
    let line = serving.running.line_with("a.wst:2: ");
    assert!(line.contains("expect equals ho within 1h: expected equals ho, got "), "{line}");
    // The line is told once they have ended.
    assert_eq!(threads_of_steps(serving.running.pid()), 0);
    let mut failed = client(&serving, "/");
    failed.close(None).unwrap();
    serving.running.line_with("[2] ");
}

#[test]
fn the_last_message_stands_behind_its_colon() {
    let folder = Folder::new();
    let script = folder.file("a.wst", "expect json /type = \"hello\" within 300ms\n");
    let mut serving = Serving::with(&["--script", &script]);
    let mut other = client(&serving, "/");
    other.send(Message::text(r#"{"type":"nope"}"#)).unwrap();
    let line = serving.running.line_with("a.wst:1: ");
    assert!(line.contains("the last: {\"type\":\"nope\"}; /type is \"nope\""), "{line}");
}

#[test]
fn a_client_that_leaves_in_a_pause_is_not_waited_for() {
    let folder = Folder::new();
    let script = folder.file("a.wst", "send hi\ndelay 1h\nsend ho\n");
    let mut serving = Serving::with(&["--script", &script]);
    let mut gone = client(&serving, "/");
    assert_eq!(gone.read().unwrap(), Message::text("hi"));
    drop(gone);
    let line = serving.running.line_with("a.wst:3: send ho: expected the connection to be open, got ");
    assert!(line.contains("(1006)"), "{line}");
    assert_eq!(threads_of_steps(serving.running.pid()), 0);
}

#[test]
fn steps_without_end_end_with_their_client() {
    let folder = Folder::new();
    let script = folder.file("a.wst", "send hi\nrepeat 1000000 {\n  repeat 1000000 {\n    let a = 1\n  }\n}\n");
    let mut serving = Serving::with(&["--script", &script]);
    let mut gone = client(&serving, "/");
    assert_eq!(gone.read().unwrap(), Message::text("hi"));
    drop(gone);
    serving.running.line_with("(1006)");
    assert_eq!(threads_of_steps(serving.running.pid()), 0);
}

#[test]
fn what_was_agreed_with_a_client_is_seen_as_it_was_sent() {
    let folder = Folder::new();
    let steps = "expect extension permessage-deflate\nexpect subprotocol chat\nexpect status 101\nclose 4000 yes\n";
    let script = folder.file("a.wst", steps);
    let serving = Serving::with(&["--script", &script, "--subprotocol", "chat"]);
    let offer = "Sec-WebSocket-Extensions: permessage-deflate\r\nSec-WebSocket-Protocol: chat\r\n";
    let (mut socket, head) = open_by_hand(serving.address(), offer);
    assert!(head.contains("permessage-deflate"), "{head}");
    assert_eq!(read_frame(&mut socket), (0x88, b"\x0f\xa0yes".to_vec()));
    // Nothing was offered.
    let (mut socket, _) = open_by_hand(serving.address(), "");
    let (first, payload) = read_frame(&mut socket);
    assert_eq!((first, &payload[2..]), (0x88, &b"line 1: expected the extension permessage-deflate"[..]));
}
