//! Several connections at one prompt.

use std::io::Write;
use std::net::TcpListener;
use std::sync::mpsc::{Sender, channel};

use rustix::process::Signal;
use tungstenite::Message;

use crate::prompt::{AtTheTerminal, until_closed};
use crate::support::files::Folder;
use crate::support::peer::{self, Peer};

/// A server that answers each message with how many there were, and returns them and the code of the Close.
fn counting(name: &'static str) -> Peer<(Vec<String>, Option<u16>)> {
    peer::tungstenite(move |socket| {
        let mut heard = Vec::new();
        loop {
            match socket.read() {
                Ok(Message::Text(text)) => {
                    heard.push(text.to_string());
                    socket.send(Message::text(format!("{name} {}", heard.len()))).unwrap();
                }
                Ok(Message::Close(frame)) => return (heard, frame.map(|frame| frame.code.into())),
                Ok(_) => {}
                Err(_) => return (heard, None),
            }
        }
    })
}

fn heard(peer: Peer<(Vec<String>, Option<u16>)>) -> (String, Option<u16>) {
    let (messages, code) = peer.join();
    (messages.join(" "), code)
}

#[test]
fn what_is_typed_is_for_the_connection_that_the_prompt_names() {
    let (first, second) = (counting("first"), counting("second"));
    let mut prompt = AtTheTerminal::start(&first.url);
    prompt.type_keys("a\r");
    prompt.wait_for("first 1");
    prompt.type_keys(&format!("/new {}\r", second.url));
    prompt.wait_for(&format!("* connected to {}", second.url));
    prompt.wait_for("[2] [others ");
    prompt.type_keys("b\r");
    prompt.wait_for("second 1");
    prompt.type_keys("/switch 1\r");
    prompt.wait_for("[1] [others ");
    prompt.type_keys("c\r");
    prompt.wait_for("first 2");
    // Each has its own messages.
    prompt.type_keys("/show 1\r/switch 2\r/show 1\r/switch\r");
    prompt.wait_for(&format!("  [1] {}\r\n", first.url));
    prompt.wait_for(&format!("  [2] {}  (here)", second.url));
    prompt.type_keys("/switch 3\r");
    prompt.wait_for("! no connection 3; /switch lists them");
    prompt.type_keys("\x04");
    assert_eq!(heard(first), ("a c".into(), Some(1000)));
    assert_eq!(heard(second), ("b".into(), Some(1000)));
    prompt.left(0);
}

#[test]
fn what_others_send_is_counted_and_kept() {
    let (go, gate) = channel::<()>();
    let feed = peer::tungstenite(move |socket| {
        gate.recv().unwrap();
        (0..30).for_each(|number| socket.send(Message::text(format!("tick {number}"))).unwrap());
        until_closed(socket)
    });
    let second = counting("second");
    let mut prompt = AtTheTerminal::start(&feed.url);
    prompt.type_keys(&format!("/new {}\r", second.url));
    prompt.wait_for("[2] [others ");
    prompt.wait_for(&format!("* connected to {}", second.url));
    go.send(()).unwrap();
    // In its place, with nothing printed.
    prompt.wait_for("[2] [others    30] > ");
    assert!(!prompt.seen().contains("tick"), "{}", prompt.seen());
    let lines = prompt.seen().matches("\r\n").count();
    prompt.type_keys("b\r");
    prompt.wait_for("second 1");
    assert_eq!(prompt.seen().matches("\r\n").count(), lines + 2, "{}", prompt.seen());
    prompt.type_keys("/switch 1\r/show 30\r");
    prompt.wait_for("  30 messages came meanwhile: /list\r\n");
    prompt.wait_for("tick 29");
    prompt.type_keys("\x04");
    assert_eq!(feed.join(), Some(1000));
    assert_eq!(heard(second).1, Some(1000));
    for number in [1, 2] {
        prompt.wait_for(&format!("* [{number}] closed by you: 1000 (normal closure); clean"));
    }
    prompt.left(0);
}

#[test]
fn ctrl_c_says_that_it_closes_all_of_them() {
    let (first, second) = (counting("first"), counting("second"));
    let mut prompt = AtTheTerminal::start(&first.url);
    prompt.type_keys(&format!("/new {}\r", second.url));
    prompt.wait_for(&format!("* connected to {}", second.url));
    prompt.type_keys("\x03");
    prompt.wait_for("* Ctrl-C again closes the 2 connections with 1001 and exits, Ctrl-D with 1000");
    // One that isn't open isn't closed, and the one at hand may be that one.
    prompt.type_keys("/switch 1\r/close\r");
    assert_eq!(heard(first).1, Some(1000));
    prompt.wait_for("[1] [not connected, others ");
    prompt.type_keys("\x03");
    prompt.wait_for("* Ctrl-C again closes connection 2 with 1001 and exits, Ctrl-D with 1000");
    prompt.type_keys("\x03");
    assert_eq!(heard(second).1, Some(1001));
    prompt.left(130);
}

#[test]
fn one_is_closed_and_the_others_go_on() {
    let (first, second, third) = (counting("first"), counting("second"), counting("third"));
    let mut prompt = AtTheTerminal::start(&first.url);
    for (mark, peer) in [("[2] [others     0] > ", &second), ("[3] [1:    0, 2:    0] > ", &third)] {
        prompt.type_keys(&format!("/new {}\r", peer.url));
        prompt.wait_for(mark);
        prompt.wait_for(&format!("* connected to {}", peer.url));
    }
    prompt.type_keys("/close 2 4001 enough\r");
    assert_eq!(heard(second), (String::new(), Some(4001)));
    prompt.wait_for("* [2] closed by you: 4001 \"enough\"; clean");
    prompt.wait_for_each("[others     0] > ", 2);
    // The one at hand: its predecessor is talked with again.
    prompt.type_keys("/close 3\r");
    assert_eq!(heard(third), (String::new(), Some(1000)));
    prompt.wait_for("* what is typed is for connection 1 again");
    prompt.type_keys("x\r");
    prompt.wait_for("first 1");
    // The mark says so, too, whether it was drawn anew, for the only one that is left, or filled in.
    let since = prompt.seen().rsplit("connection 1 again").next();
    assert!(since.is_some_and(|since| !since.contains("[3]")), "{}", prompt.seen());
    prompt.type_keys("\x04");
    assert_eq!(heard(first), ("x".into(), Some(1000)));
    prompt.left(0);
}

#[test]
fn a_line_that_could_not_be_sent_is_not_brought_back_behind_one_that_was() {
    let (first, second) = (counting("first"), counting("second"));
    let mut prompt = AtTheTerminal::start(&first.url);
    prompt.type_keys(&format!("/new {}\r", second.url));
    prompt.wait_for(&format!("* connected to {}", second.url));
    prompt.type_keys("/switch 1\r/close\r");
    assert_eq!(heard(first).1, Some(1000));
    prompt.wait_for("[1] [not connected, others ");
    prompt.type_keys("lost\r");
    prompt.wait_for("! not connected; /reconnect connects again, and brings the line back");
    // What is no message is not brought back.
    prompt.type_keys("/close\r/switch 2\rsent\r");
    prompt.wait_for("! not connected; /reconnect connects again\r\n");
    prompt.wait_for("second 1");
    prompt.type_keys("/reconnect\r");
    assert_eq!(heard(second), ("sent".into(), Some(1000)));
    prompt.wait_for("! can't connect to ");
    prompt.type_keys("another\r");
    prompt.wait_for_each("! not connected; /reconnect connects again, and brings the line back", 2);
    assert!(!prompt.seen().contains("lostanother"), "{}", prompt.seen());
    prompt.type_keys("\x04");
    prompt.left(0);
}

#[test]
fn a_line_that_was_begun_for_one_that_is_gone_is_for_no_other() {
    let first = counting("first");
    let (url, go) = unanswering();
    let mut prompt = AtTheTerminal::start(&first.url);
    prompt.type_keys(&format!("/new {url}\r"));
    prompt.wait_for("[2] [connecting, others ");
    // It isn't lost while it is being opened.
    assert!(!prompt.seen().contains("[not connected]"), "{}", prompt.seen());
    prompt.type_keys("half");
    prompt.wait_for("half");
    go.send(()).unwrap();
    prompt.wait_for("what is typed is for connection 1 again");
    prompt.type_keys("\r");
    prompt.wait_for("! connection 2 is gone, and the line is for another one now");
    prompt.type_keys(" a line\r");
    prompt.wait_for("first 1");
    prompt.type_keys("\x04");
    assert_eq!(heard(first), ("half a line".into(), Some(1000)));
    prompt.left(0);
}

#[test]
fn of_one_in_the_background_it_is_said_how_to_go_on() {
    let first = counting("first");
    let (go, gate) = channel::<()>();
    let second = peer::tungstenite(move |socket| {
        gate.recv().unwrap();
        socket.close(None).unwrap();
        while socket.read().is_ok() {}
    });
    let mut prompt = AtTheTerminal::start(&first.url);
    prompt.type_keys(&format!("/new {}\r", second.url));
    prompt.wait_for(&format!("* connected to {}", second.url));
    prompt.type_keys("/switch 1\r");
    prompt.wait_for("[1] [others ");
    go.send(()).unwrap();
    prompt.wait_for("* [2] peer closed: no status code (1005); clean");
    prompt.wait_for("* [2] /switch 2 and /reconnect to connect again, /close 2 to end it");
    second.join();
    // It is gone once the line is drawn behind a mark for one alone.
    const ALONE: &str = "\r\u{1b}[K> ";
    let before = prompt.seen().matches(ALONE).count();
    prompt.type_keys("/close 2\r");
    prompt.wait_for_each(ALONE, before + 1);
    prompt.type_keys("/switch\r");
    prompt.wait_for(&format!("  [1] {}  (here)\r\n", first.url));
    // It was a connection's number, and is no status code for the one that is left.
    prompt.type_keys("/close 2\r");
    prompt.wait_for("! no connection 2; /switch lists them");
    assert!(!prompt.seen().contains("Ctrl-D to exit"), "{}", prompt.seen());
    prompt.type_keys("\x04");
    assert_eq!(heard(first).1, Some(1000));
    prompt.left(0);
}

#[test]
fn one_that_is_not_reached_leaves_no_trace() {
    let first = counting("first");
    let mut prompt = AtTheTerminal::start(&first.url);
    prompt.type_keys("/new nonsense://a/\r");
    prompt.wait_for("! \"nonsense://a/\" is not a WebSocket URL");
    prompt.wait_for("* what is typed is for connection 1 again");
    prompt.type_keys("\r/switch\r");
    prompt.wait_for(&format!("  [1] {}  (here)", first.url));
    prompt.type_keys("\x04");
    assert_eq!(first.join().1, Some(1000));
    prompt.left(0);
}

#[test]
fn a_signal_and_ctrl_c_end_them_all() {
    for by_key in [false, true] {
        let (first, second) = (counting("first"), counting("second"));
        let mut prompt = AtTheTerminal::start(&first.url);
        prompt.type_keys(&format!("/new {}\r", second.url));
        prompt.wait_for(&format!("* connected to {}", second.url));
        if by_key {
            prompt.type_keys("\x03\x03");
        } else {
            prompt.signal(Signal::TERM);
        }
        assert_eq!((heard(first).1, heard(second).1), (Some(1001), Some(1001)));
        prompt.left(if by_key { 130 } else { 143 });
    }
}

/// A server that accepts a connection, and breaks it off before any answer once it is told to.
fn unanswering() -> (String, Sender<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let (go, gate) = channel::<()>();
    std::thread::spawn(move || {
        let accepted = listener.accept();
        let _ = gate.recv();
        drop(accepted);
    });
    (url, go)
}

#[test]
fn what_is_answered_for_a_connection_that_is_gone_is_for_no_other() {
    for (typed, question, answer) in [
        ("\x1b[200~one\ntwo\x1b[201~\r", "as one message? ", "y\r"),
        ("\x1b[200~\u{ff}\x1b[201~\r", "as a binary message? ", "y\r"),
    ] {
        let first = counting("first");
        let (url, go) = unanswering();
        let mut prompt = AtTheTerminal::start(&first.url);
        prompt.type_keys(&format!("/new {url}\r"));
        prompt.wait_for("[2] [connecting, others ");
        let typed: Vec<u8> = typed.chars().map(|c| c as u8).collect();
        prompt.type_bytes(&typed);
        prompt.wait_for(question);
        go.send(()).unwrap();
        prompt.wait_for("what is typed is for connection 1 again");
        prompt.type_keys(answer);
        prompt.wait_for("! connection 2 is gone, and the line is for another one now");
        prompt.type_keys("\x03\x15after\r");
        prompt.wait_for("first 1");
        prompt.type_keys("\x04");
        assert_eq!(heard(first), ("after".into(), Some(1000)));
        prompt.left(0);
    }
}

#[test]
fn what_was_held_at_a_pause_is_shown_under_its_connection() {
    let (first, second) = (counting("first"), counting("second"));
    let mut prompt = AtTheTerminal::start(&first.url);
    prompt.type_keys(&format!("/new {}\r", second.url));
    prompt.wait_for("[2] [others ");
    prompt.wait_for(&format!("* connected to {}", second.url));
    prompt.type_keys("/pause\rb\r");
    prompt.wait_for("paused     1] > ");
    prompt.type_keys("/switch 1\ra\r");
    prompt.wait_for("paused     2] > ");
    prompt.type_keys("/resume\r");
    prompt.wait_for("< first 1");
    let seen = prompt.seen();
    let order = ["[connection 2]\r\n", "< second 1", "[connection 1]\r\n", "< first 1"];
    let places = order.map(|text| seen.rfind(text).unwrap_or_else(|| panic!("no {text:?} in {seen:?}")));
    assert!(places.is_sorted(), "{seen:?}");
    prompt.type_keys("\x04");
    heard(first);
    heard(second);
    prompt.left(0);
}

#[test]
fn a_reply_in_the_background_is_paired_and_rings() {
    let first = counting("first");
    let (go, gate) = channel::<()>();
    let second = peer::tungstenite(move |socket| {
        socket.read().unwrap();
        gate.recv().unwrap();
        socket.send(Message::text("{\"id\":1,\"result\":2}")).unwrap();
        until_closed(socket)
    });
    let mut prompt = AtTheTerminal::start(&first.url);
    prompt.type_keys(&format!("/bell on\r/new {}\r", second.url));
    prompt.wait_for(&format!("* connected to {}", second.url));
    prompt.type_keys("{\"id\":1,\"method\":\"a\"}\r/switch 1\r");
    prompt.wait_for("[1] [others ");
    let rung = prompt.seen().matches('\x07').count();
    go.send(()).unwrap();
    prompt.wait_for_each("\x07", rung + 1);
    prompt.type_keys("/switch 2\r/stats\r");
    prompt.wait_for("requests  1 answered: ");
    prompt.type_keys("\x04");
    heard(first);
    assert_eq!(second.join(), Some(1000));
    prompt.left(0);
}

#[test]
fn what_was_asked_for_is_told_though_another_is_looked_at() {
    let first = counting("first");
    let (go, gate) = channel::<()>();
    let second = peer::opened("", move |socket| {
        assert_eq!(peer::read_frame(socket), (0x89, b"there?".to_vec()));
        gate.recv().unwrap();
        socket.write_all(b"\x8a\x06there?").unwrap();
        while peer::read_frame(socket).0 != 0x88 {}
        socket.write_all(b"\x88\x02\x03\xe8").unwrap();
    });
    let mut prompt = AtTheTerminal::start_with("1", &["--ping-interval", "0", &first.url]);
    prompt.type_keys(&format!("/new {}\r", second.url));
    prompt.wait_for(&format!("* connected to {}", second.url));
    prompt.type_keys("/ping there?\r/switch 1\r");
    prompt.wait_for("[1] [others     0] > ");
    go.send(()).unwrap();
    prompt.wait_for("[connection 2]\r\n");
    prompt.wait_for("< pong \"there?\", round trip ");
    prompt.type_keys("\x04");
    heard(first);
    second.join();
    prompt.left(0);
}

#[test]
fn two_that_are_logged_to_one_file_are_told_apart() {
    let (first, second) = (counting("first"), counting("second"));
    let folder = Folder::new();
    let log = folder.path("log.jsonl");
    let mut prompt = AtTheTerminal::start(&first.url);
    prompt.type_keys("/log\r");
    prompt.wait_for("* nothing is logged here; /log FILE begins a log");
    prompt.type_keys(&format!("/log {log}\ra\r"));
    prompt.wait_for("< first 1");
    prompt.type_keys("/log\r");
    prompt.wait_for_each("* logging to ", 2);
    prompt.type_keys(&format!("/new {}\r", second.url));
    prompt.wait_for(&format!("* connected to {}", second.url));
    prompt.type_keys("/log off\r");
    prompt.wait_for_unfolded(&format!(
        "! nothing is logged of this connection, but of another to {log}; /switch N to where it is stopped"
    ));
    prompt.type_keys(&format!("/log {log}\rb\r"));
    prompt.wait_for("< second 1");
    prompt.type_keys("/switch 1\rc\r");
    prompt.wait_for("< first 2");
    prompt.type_keys("\x04");
    heard(first);
    heard(second);
    prompt.left(0);
    let text = std::fs::read_to_string(log).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let sent = lines.filter(|line| line["direction"] == "sent" && line["type"] == "text");
    let sent: Vec<_> =
        sent.map(|line| (line["text"].as_str().unwrap().to_owned(), line["connection"].as_u64())).collect();
    assert_eq!(sent, [("a".into(), None), ("b".into(), Some(2)), ("c".into(), None)]);
}

#[test]
fn each_is_recorded_by_a_number_of_its_own() {
    let (first, second) = (counting("first"), counting("second"));
    let folder = Folder::new();
    let file = folder.path("recording.jsonl");
    let mut prompt = AtTheTerminal::start_with("1", &["--record", &file, &first.url]);
    prompt.type_keys(&format!("/new {}\r", second.url));
    prompt.wait_for(&format!("* connected to {}", second.url));
    prompt.type_keys("b\r");
    prompt.wait_for("< second 1");
    prompt.type_keys("/switch 1\ra\r");
    prompt.wait_for("< first 1");
    prompt.type_keys("\x04");
    heard(first);
    heard(second);
    prompt.left(0);
    let text = std::fs::read_to_string(file).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let texts = lines.filter(|line| line["type"] == "text");
    let texts: Vec<_> =
        texts.map(|line| (line["connection"].as_u64().unwrap(), line["text"].as_str().unwrap().to_owned())).collect();
    let expected = [(2, "b"), (2, "second 1"), (1, "a"), (1, "first 1")];
    assert_eq!(texts, expected.map(|(number, text)| (number, text.to_owned())));
}

#[test]
fn what_is_opened_at_once_is_not_said_to_be_connecting() {
    let [first, second, third] = ["first", "second", "third"].map(counting);
    let mut prompt = AtTheTerminal::start(&first.url);
    for (command, peer) in [("new", &second), ("connect", &third)] {
        prompt.type_keys(&format!("/{command} {}\r", peer.url));
        prompt.wait_for(&format!("* connected to {}", peer.url));
    }
    prompt.type_keys("x\r");
    prompt.wait_for("third 1");
    assert!(!prompt.seen().contains("connecting, ") && !prompt.seen().contains("[connecting]"), "{}", prompt.seen());
    prompt.type_keys("\x04");
    assert_eq!(heard(second), (String::new(), Some(1000)));
    assert_eq!(heard(third), ("x".into(), Some(1000)));
    assert_eq!(heard(first), (String::new(), Some(1000)));
    prompt.left(0);
}

#[test]
fn what_is_shown_of_a_connection_is_a_setting_of_that_connection() {
    let (first, second) = (counting("first"), counting("second"));
    let mut prompt = AtTheTerminal::start(&first.url);
    prompt.type_keys(&format!("/new {}\r", second.url));
    prompt.wait_for(&format!("* connected to {}", second.url));
    prompt.wait_for("[2] [others     0] > ");
    prompt.type_keys("/filter received second 2\r");
    prompt.wait_for("[filter received second 2]");
    prompt.type_keys("b\r");
    prompt.wait_for("[2] [others     0, hidden     1] > ");
    prompt.type_keys("/switch 1\r");
    prompt.wait_for("[filter off]");
    prompt.type_keys("a\r");
    prompt.wait_for("first 1");
    prompt.wait_for("[1] [others     0] > ");
    // What is of the screen is so for all.
    prompt.type_keys("/format hex\r");
    prompt.wait_for("[format hex]");
    prompt.type_keys("/switch 2\r");
    prompt.wait_for("[filter received second 2]");
    prompt.wait_for("[2] [others     0, hidden     1] > ");
    prompt.type_keys("c\r");
    prompt.wait_for("73 65 63 6f 6e 64 20 32");
    assert!(!prompt.seen().contains("second 1"), "{}", prompt.seen());
    prompt.type_keys("\x04");
    assert_eq!((heard(first).0, heard(second).0), ("a".into(), "b c".into()));
    prompt.left(0);
}
