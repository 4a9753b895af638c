//! `proxy --prompt` on a terminal: a person between clients and a server, seen from all three.

use std::io::Write;
use std::net::TcpStream;
use std::process::Command;
use std::sync::mpsc::channel;
use std::time::Duration;

use rustix::net::sockopt::set_socket_linger;
use serde_json::{Value, json};
use tungstenite::protocol::CloseFrame;
use tungstenite::{Message, WebSocket};

use crate::prompt::AtTheTerminal;
use crate::prompt_serve::{Client, client};
use crate::support::files::Folder;
use crate::support::peer::{self, Peer, client_frame, open_by_hand, read_frame, read_to_end};

/// RFC 7692 §7.2.3.1: "Hello", compressed.
const HELLO: [u8; 7] = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];

/// A proxy's prompt in front of a server, and the proxy's URL.
fn proxy(target: &str, args: &[&str]) -> (AtTheTerminal, String) {
    AtTheTerminal::proxy(target, args)
}

/// A server that keeps what it hears, and says each of it again behind "got ".
fn hears() -> Peer<Vec<Message>> {
    peer::tungstenite(|websocket| {
        let mut heard = Vec::new();
        while let Ok(message) = websocket.read() {
            if let Message::Text(text) = &message {
                websocket.send(Message::text(format!("got {text}"))).unwrap();
            }
            heard.push(message);
        }
        heard
    })
}

fn read(client: &mut Client) -> Message {
    client.read().unwrap()
}

fn leave(mut prompt: AtTheTerminal) {
    prompt.type_keys("\x04");
    prompt.wait_for("* stopped");
    prompt.left(0);
}

fn texts(texts: &[&str]) -> Vec<Message> {
    texts.iter().map(|text| Message::text(*text)).collect()
}

/// What a server has heard, without the Close that is the last.
fn messages(mut heard: Vec<Message>) -> Vec<Message> {
    assert!(matches!(heard.pop(), Some(Message::Close(_))), "{heard:?}");
    heard
}

#[test]
fn what_both_sides_say_is_shown_and_either_can_be_sent_more() {
    let server = hears();
    let (mut prompt, url) = proxy(&server.url, &[]);
    let mut client = client(&mut prompt, &url, 1);
    client.send(Message::text("hello\u{1b}[2J")).unwrap();
    assert_eq!(read(&mut client), Message::text("got hello\u{1b}[2J"));
    prompt.wait_for("[1]   1      9 B < hello\\x1b[2J");
    prompt.wait_for("[1]   2     13 B > got hello\\x1b[2J");
    prompt.type_keys("/inject client from me\r");
    prompt.wait_for("* [1] server→client: injected as message 3");
    assert_eq!(read(&mut client), Message::text("from me"));
    prompt.type_keys("/inject server //slash\r/inject client /binary 00ff\r/inject client /ping p\r");
    // The server's answer comes when it comes.
    let mut came = [(); 3].map(|()| read(&mut client)).to_vec();
    came.retain(|message| *message != Message::text("got /slash"));
    assert_eq!(came, [Message::binary(vec![0, 255]), Message::Ping("p".into())]);
    prompt.type_keys("/show 3\r/clients\r/inject client /close\rwho\r/inject me x\r");
    prompt.wait_for("> from me");
    prompt.wait_for("* 1 client");
    prompt.wait_for_unfolded(&format!(" / → {}", server.url));
    prompt.wait_for_unfolded("! /inject: \"/close\" is not a message, nor a Ping or Pong");
    prompt.wait_for("! to whom? /inject client TEXT, or /inject server TEXT");
    prompt.wait_for_unfolded(
        "! /inject: to whom? \"me\" is neither client nor server; usage: /inject client|server TEXT",
    );
    client.close(Some(CloseFrame { code: 4001.into(), reason: "so long".into() })).unwrap();
    while client.read().is_ok() {}
    prompt.wait_for("peer closed: 4001");
    prompt.type_keys("/inject client late\r");
    prompt.wait_for("! no clients: nobody to send it to");
    leave(prompt);
    assert_eq!(messages(server.join())[..2], texts(&["hello\u{1b}[2J", "/slash"]));
}

#[test]
fn one_connection_is_followed_or_all() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let target = format!("ws://{}/", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let each = (0..2).map(|_| {
            let mut websocket = tungstenite::accept(listener.accept().unwrap().0).unwrap();
            std::thread::spawn(move || {
                while matches!(websocket.read(), Ok(Message::Text(_))) {
                    websocket.send(Message::text("ok")).unwrap();
                }
                while websocket.read().is_ok() {}
            })
        });
        each.collect::<Vec<_>>().into_iter().for_each(|each| each.join().unwrap());
    });
    let (mut prompt, url) = proxy(&target, &[]);
    let mut clients = [client(&mut prompt, &url, 1), client(&mut prompt, &url, 3)];
    prompt.type_keys("/inject client x\r/use 3\r");
    prompt.wait_for_unfolded("! on which connection? /use N picks one, /clients lists them");
    prompt.wait_for("[3] > ");
    clients[0].send(Message::text("not shown")).unwrap();
    assert_eq!(read(&mut clients[0]), Message::text("ok"));
    prompt.type_keys("/hold\r");
    prompt.wait_for("* everything of [3] is held");
    clients[0].send(Message::text("shown")).unwrap();
    assert_eq!(read(&mut clients[0]), Message::text("ok"));
    clients[1].send(Message::text("shown")).unwrap();
    prompt.wait_for("* [3] client→server: message 5 is held, 5 B");
    prompt.type_keys("/inject client for three\r/all\r/list\r/use 9\r");
    assert_eq!(read(&mut clients[1]), Message::text("for three"));
    prompt.wait_for("! no client [9]; /clients lists them");
    // In the list.
    prompt.wait_for("B < not shown");
    prompt.wait_for("B > for three");
    assert_eq!(prompt.seen().matches("B < shown").count(), 3, "{}", prompt.seen());
    prompt.type_keys("/close 3 4000 done\r");
    assert_eq!(read(&mut clients[1]), Message::Close(Some(CloseFrame { code: 4000.into(), reason: "done".into() })));
    while clients[1].read().is_ok() {}
    prompt.wait_for_unfolded("closed by you: 4000 \"done\"");
    leave(prompt);
    while clients[0].read().is_ok() {}
    server.join().unwrap();
}

#[test]
fn held_messages_keep_their_order_and_control_frames_pass_them() {
    let server = peer::opened("", |socket| {
        let frames: Vec<_> = (0..5).map(|_| read_frame(socket)).collect();
        read_to_end(socket);
        frames
    });
    let (mut prompt, url) = proxy(&server.url, &[]);
    prompt.type_keys("/hold client ^(a|c|e)\r");
    prompt.wait_for_unfolded(
        "* what matches ^(a|c|e) from the client is held for up to 300s: /pass, /drop, /held, /hold off",
    );
    let (mut socket, _) = open_by_hand(url.trim_start_matches("ws://").trim_end_matches('/'), "");
    for (first, payload) in [(0x81, &b"a"[..]), (0x82, b"b"), (0x01, b"c"), (0x80, b"d"), (0x89, b"ping"), (0x81, b"e")]
    {
        socket.write_all(&client_frame(first, payload)).unwrap();
    }
    for told in ["message 1 is held, 1 B", "message 3 is held, 2 B", "message 4 is held, 1 B"] {
        prompt.wait_for(&format!("* [1] client→server: {told}"));
    }
    prompt.type_keys("/held\r");
    prompt.wait_for("* 3 messages held");
    prompt.wait_for("  1 [1] client→server text, 1 B, held for ");
    prompt.wait_for("\r\n    a\r\n");
    prompt.wait_for("  2 [1] client→server binary, 1 B, waits for what is held before it for ");
    prompt.wait_for("\r\n    62  |b|\r\n");
    prompt.type_keys("/pass 3\r/drop 4\r/pass 2\r");
    prompt.wait_for("* [1] client→server: message 3 is passed, once 1 is passed or dropped");
    prompt.wait_for("* [1] client→server: message 4 is dropped");
    prompt.wait_for("! message 2 is not held; /held lists what is");
    prompt.type_keys("/pass\r/pass\r");
    prompt.wait_for("* [1] client→server: message 1 is passed");
    prompt.wait_for("! nothing is held");
    drop(socket);
    let expected = [(0x89, &b"ping"[..]), (0x81, b"a"), (0x82, b"b"), (0x01, b"c"), (0x80, b"d")];
    assert_eq!(server.join(), expected.map(|(first, payload)| (first, payload.to_vec())));
    leave(prompt);
}

#[test]
fn what_is_injected_splits_no_message() {
    let server = peer::opened("", |socket| {
        let frames: Vec<_> = (0..5).map(|_| read_frame(socket)).collect();
        read_to_end(socket);
        frames
    });
    let (mut prompt, url) = proxy(&server.url, &[]);
    let (mut socket, _) = open_by_hand(url.trim_start_matches("ws://").trim_end_matches('/'), "");
    prompt.wait_for("[1] connected to ws://");
    socket.write_all(&client_frame(0x01, b"be")).unwrap();
    prompt.type_keys("/inject server between\r");
    prompt.wait_for("* [1] client→server: injected as message 1");
    socket.write_all(&client_frame(0x89, b"ping")).unwrap();
    // The next begins at once.
    socket.write_all(&[client_frame(0x80, b"gun"), client_frame(0x01, b"ne")].concat()).unwrap();
    let expected = [(0x01, &b"be"[..]), (0x89, b"ping"), (0x80, b"gun"), (0x81, b"between"), (0x01, b"ne")];
    drop(socket);
    assert_eq!(server.join(), expected.map(|(first, payload)| (first, payload.to_vec())));
    prompt.wait_for("[1] server side: ");
    // The connection behind has no other number here: the person's commands know that of the client.
    assert!(!prompt.seen().contains("[2]"), "{}", prompt.seen());
    leave(prompt);
}

#[test]
fn a_held_message_is_edited_replaced_and_sent_again() {
    let server = hears();
    let folder = Folder::new();
    let recording = folder.path("by-hand.ndjson");
    let (mut prompt, url) = proxy(&server.url, &["--record", &recording]);
    let mut client = client(&mut prompt, &url, 1);
    prompt.type_keys("/hold client\r");
    prompt.wait_for("* everything from the client is held");
    client.send(Message::text("/price 10")).unwrap();
    prompt.wait_for("message 1 is held");
    // The oldest.
    prompt.type_keys("/edit\r");
    prompt.wait_for("/replace 1 //price 10");
    prompt.type_keys("0\r");
    prompt.wait_for("* [1] client→server: message 1 is replaced by message 2");
    assert_eq!(read(&mut client), Message::text("got /price 100"));
    client.send(Message::binary(vec![1, 2])).unwrap();
    prompt.wait_for("message 4 is held");
    prompt.type_keys("/edit -1\r");
    prompt.wait_for("/replace 4 /binary 0102");
    prompt.type_keys("03\r/replace 4 x\r/edit 4\r/edit\r/hold off\r/replay 1\r/show 5\r");
    prompt.wait_for_each("! message 4 is not held; /held lists what is", 2);
    prompt.wait_for("! nothing is held\r\n");
    prompt.wait_for("* nothing is held any more");
    prompt.wait_for("* [1] client→server: injected as message 6");
    prompt.wait_for("B < binary 01 02 03");
    assert_eq!(read(&mut client), Message::text("got /price 10"));
    leave(prompt);
    assert_eq!(
        messages(server.join()),
        [Message::text("/price 100"), Message::binary(vec![1, 2, 3]), Message::text("/price 10")]
    );
    let lines = std::fs::read_to_string(recording).unwrap();
    let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let rules: Vec<_> = lines.filter(|line| line["type"] == "rule").collect();
    let done = |names: &[&str]| (json!("by hand"), json!("client→server"), json!(names));
    let told = rules.iter().map(|line| (line["condition"].clone(), line["way"].clone(), line["done"].clone()));
    assert_eq!(told.collect::<Vec<_>>(), [done(&["hold", "replace"]), done(&["hold", "replace"]), done(&["inject"])]);
}

#[test]
fn what_is_held_goes_before_a_close_an_end_and_the_end_of_the_proxy() {
    for ending in ["close", "end", "reset", "quit"] {
        let server = peer::opened("", |socket| (read_frame(socket), read_frame(socket).1));
        let (mut prompt, url) = proxy(&server.url, &[]);
        prompt.type_keys("/hold\r");
        prompt.wait_for("* everything is held");
        let (mut socket, _) = open_by_hand(url.trim_start_matches("ws://").trim_end_matches('/'), "");
        socket.write_all(&[client_frame(0x81, b"one"), client_frame(0x82, b"two")].concat()).unwrap();
        prompt.wait_for("message 2 is held");
        match ending {
            "close" => socket.write_all(&client_frame(0x88, b"\x03\xe8")).unwrap(),
            "end" => socket.shutdown(std::net::Shutdown::Write).unwrap(),
            "reset" => set_socket_linger(&socket, Some(Duration::ZERO)).unwrap(),
            _ => prompt.type_keys("\x04"),
        }
        let _still_open = (ending != "reset").then_some(socket);
        assert_eq!(server.join(), ((0x81, b"one".to_vec()), b"two".to_vec()), "{ending}");
        prompt.wait_for_unfolded("* [1] client→server: 2 held messages from 1 on are passed: the connection ends");
        match ending {
            "quit" => prompt.left(0),
            _ => leave(prompt),
        }
    }
}

#[test]
fn rules_see_what_is_let_go_in_its_order() {
    let server = hears();
    let folder = Folder::new();
    let rules = folder.file("rules", "client match late => delay 100ms\nclient match heart => drop\n");
    let (mut prompt, url) = proxy(&server.url, &["--rules", &rules]);
    let mut client = client(&mut prompt, &url, 1);
    prompt.type_keys("/hold client\r");
    prompt.wait_for("* everything from the client is held");
    for text in ["late", "heartbeat", "last"] {
        client.send(Message::text(text)).unwrap();
    }
    prompt.wait_for("message 3 is held");
    client.close(None).unwrap();
    let answers = [read(&mut client), read(&mut client)];
    assert_eq!(answers.to_vec(), texts(&["got late", "got last"]));
    while client.read().is_ok() {}
    assert_eq!(messages(server.join()), texts(&["late", "last"]));
    leave(prompt);
}

#[test]
fn what_can_go_to_nobody_any_more_is_said_to_be_lost() {
    let server = peer::opened("", |socket| {
        let first = read_frame(socket);
        set_socket_linger(&*socket, Some(Duration::ZERO)).unwrap();
        first
    });
    let (mut prompt, url) = proxy(&server.url, &[]);
    let (mut socket, _) = open_by_hand(url.trim_start_matches("ws://").trim_end_matches('/'), "");
    prompt.type_keys("/hold held\r");
    prompt.wait_for("* what matches held is held");
    socket.write_all(&client_frame(0x81, b"held")).unwrap();
    prompt.wait_for("message 1 is held");
    prompt.type_keys("/inject server go\r");
    assert_eq!(server.join(), (0x81, b"go".to_vec()));
    read_to_end(&mut socket);
    prompt.wait_for_unfolded("* [1] client→server: message 1 is lost: nobody is there to have it");
    leave(prompt);
}

#[test]
fn what_is_let_go_waits_for_a_peer_that_answers_while_it_reads() {
    const MESSAGES: usize = 24;
    let server = peer::tungstenite(|websocket| {
        while let Ok(message @ Message::Binary(_)) = websocket.read() {
            websocket.send(message).unwrap();
        }
    });
    let (mut prompt, url) = proxy(&server.url, &[]);
    let mut client = client(&mut prompt, &url, 1);
    prompt.type_keys("/quiet\r/hold client\r");
    prompt.wait_for("* everything from the client is held");
    (0..MESSAGES).for_each(|number| client.send(Message::binary(vec![number as u8; 1 << 20])).unwrap());
    prompt.wait_for(&format!("message {MESSAGES} is held"));
    prompt.type_keys("/hold off\r");
    for number in 0..MESSAGES {
        assert_eq!(read(&mut client), Message::binary(vec![number as u8; 1 << 20]));
    }
    leave(prompt);
    while client.read().is_ok() {}
    server.join();
}

#[test]
fn what_is_held_goes_by_the_rules_though_its_peer_is_gone() {
    let server = peer::opened("", |socket| [read_frame(socket), read_frame(socket)]);
    let folder = Folder::new();
    let rules = folder.file("rules", "client match two => replace 2\nclient match zzz => drop\n");
    let (mut prompt, url) = proxy(&server.url, &["--rules", &rules]);
    prompt.type_keys("/hold\r");
    prompt.wait_for("* everything is held");
    let (mut socket, _) = open_by_hand(url.trim_start_matches("ws://").trim_end_matches('/'), "");
    socket.write_all(&[client_frame(0x81, b"one"), client_frame(0x81, b"two")].concat()).unwrap();
    prompt.wait_for("message 2 is held");
    set_socket_linger(&socket, Some(Duration::ZERO)).unwrap();
    drop(socket);
    assert_eq!(server.join(), [(0x81, b"one".to_vec()), (0x81, b"2".to_vec())]);
    leave(prompt);
}

#[test]
fn what_is_held_goes_before_an_end_of_ours() {
    let server = hears();
    let (mut prompt, url) = proxy(&server.url, &["--ping-interval", "300ms", "--ping-timeout", "300ms"]);
    prompt.type_keys("/hold client\r");
    prompt.wait_for("* everything from the client is held");
    // It answers no Ping.
    let (mut socket, _) = open_by_hand(url.trim_start_matches("ws://").trim_end_matches('/'), "");
    socket.write_all(&client_frame(0x81, b"one")).unwrap();
    let mut heard = server.join();
    heard.retain(|message| !message.is_ping());
    assert_eq!(heard[0], Message::text("one"));
    assert!(matches!(&heard[1], Message::Close(Some(close)) if close.code == 1001.into()), "{heard:?}");
    leave(prompt);
}

#[test]
fn what_breaks_the_protocol_stands_behind_what_is_held_and_delayed() {
    let server = peer::opened("", |socket| {
        let frames: Vec<_> = (0..4).map(|_| read_frame(socket)).collect();
        frames
    });
    let folder = Folder::new();
    let rules = folder.file("rules", "client match late => delay 200ms => replace GONE\n");
    let (mut prompt, url) = proxy(&server.url, &["--rules", &rules]);
    prompt.type_keys("/hold client\r");
    prompt.wait_for("* everything from the client is held");
    let (mut socket, _) = open_by_hand(url.trim_start_matches("ws://").trim_end_matches('/'), "");
    let said = [(0x81, &b"late"[..]), (0x81, b"a"), (0x81, b"b"), (0x83, b"bad")];
    socket.write_all(&said.map(|(first, payload)| client_frame(first, payload)).concat()).unwrap();
    let frames = server.join();
    let heard: Vec<_> = frames.iter().map(|(first, payload)| (*first, &payload[..payload.len().min(4)])).collect();
    assert_eq!(heard[..3], [(0x81, &b"GONE"[..]), (0x81, b"a"), (0x81, b"b")]);
    assert_eq!((heard[3].0, &heard[3].1[..2]), (0x88, &1001_u16.to_be_bytes()[..]));
    leave(prompt);
}

/// A client by hand, once the prompt knows of it.
fn client_by_hand(prompt: &mut AtTheTerminal, url: &str) -> TcpStream {
    let (socket, _) = open_by_hand(url.trim_start_matches("ws://").trim_end_matches('/'), "");
    prompt.wait_for("[1] connected to ws://");
    socket
}

#[test]
fn a_close_waits_for_the_end_of_a_frame_and_not_of_a_message() {
    let (begun, has_begun) = channel();
    let server = peer::opened("", move |socket| {
        socket.peek(&mut [0]).unwrap();
        begun.send(()).unwrap();
        [read_frame(socket), read_frame(socket)]
    });
    let (mut prompt, url) = proxy(&server.url, &[]);
    let mut socket = client_by_hand(&mut prompt, &url);
    let frame = client_frame(0x01, b"first part");
    let (begin, end) = frame.split_at(10);
    socket.write_all(begin).unwrap();
    has_begun.recv().unwrap();
    prompt.type_keys("/close 1 4000 done\r/clients\r");
    prompt.wait_for("* 1 client");
    socket.write_all(end).unwrap();
    assert_eq!(read_frame(&mut socket), (0x88, b"\x0f\xa0done".to_vec()));
    assert_eq!(server.join(), [(0x01, b"first part".to_vec()), (0x88, b"\x0f\xa0done".to_vec())]);
    leave(prompt);
}

#[test]
fn a_close_waits_no_longer_than_for_a_closing_handshake() {
    let (begun, has_begun) = channel();
    let server = peer::opened("", move |socket| {
        let first = read_frame(socket);
        begun.send(()).unwrap();
        [first, read_frame(socket)]
    });
    let (mut prompt, url) = proxy(&server.url, &["--close-timeout", "300ms"]);
    let mut socket = client_by_hand(&mut prompt, &url);
    socket.write_all(&client_frame(0x01, b"be")).unwrap();
    has_begun.recv().unwrap();
    prompt.type_keys("/inject server x\r/close 1 4000 done\r");
    assert_eq!(read_frame(&mut socket), (0x88, b"\x0f\xa0done".to_vec()));
    assert_eq!(server.join(), [(0x01, b"be".to_vec()), (0x88, b"\x0f\xa0done".to_vec())]);
    prompt.wait_for("* [1] client→server: message 1 is not injected");
    leave(prompt);
}

#[test]
fn a_message_of_which_not_all_is_there_goes_on_like_the_rest() {
    for ending in ["/hold off", "hold time", "close", "end"] {
        let server = peer::opened("", |socket| [read_frame(socket), read_frame(socket)]);
        let time = if ending == "hold time" { "300ms" } else { "0" };
        let (mut prompt, url) = proxy(&server.url, &["--hold-time", time]);
        prompt.type_keys("/hold zzz\r");
        prompt.wait_for("* what matches zzz is held");
        let mut socket = client_by_hand(&mut prompt, &url);
        socket.write_all(&[client_frame(0x01, b"part1"), client_frame(0x00, b"part2")].concat()).unwrap();
        match ending {
            "/hold off" => prompt.type_keys("/hold off\r"),
            "close" => socket.write_all(&client_frame(0x88, b"\x03\xe8")).unwrap(),
            "end" => socket.shutdown(std::net::Shutdown::Write).unwrap(),
            _ => {}
        }
        assert_eq!(server.join(), [(0x01, b"part1".to_vec()), (0x00, b"part2".to_vec())], "{ending}");
        leave(prompt);
    }
}

#[test]
fn the_beginning_of_a_message_is_listed_as_what_it_is() {
    let (told, has_come) = std::sync::mpsc::channel();
    let server = peer::opened("", move |socket| {
        let ping = read_frame(socket);
        told.send(()).unwrap();
        [ping, read_frame(socket)]
    });
    let (mut prompt, url) = proxy(&server.url, &[]);
    let mut socket = client_by_hand(&mut prompt, &url);
    prompt.type_keys("/hold client\r");
    prompt.wait_for("* everything from the client is held");
    socket.write_all(&[client_frame(0x01, b"begun"), client_frame(0x89, b"")].concat()).unwrap();
    // The Ping passes what stands before it.
    has_come.recv().unwrap();
    prompt.type_keys("/held\r");
    prompt.wait_for("* 0 messages held");
    prompt.wait_for("  part [1] client→server text, 5 B, not all of it has come for ");
    leave(prompt);
    assert_eq!(server.join(), [(0x89, Vec::new()), (0x01, b"begun".to_vec())]);
}

#[test]
fn what_the_other_side_has_said_goes_before_a_rules_close_and_what_came_too_late_is_told() {
    let (said, has_said) = std::sync::mpsc::channel();
    let server = peer::opened("", move |socket| {
        for text in [&b"one"[..], b"two"] {
            socket.write_all(&[&[0x81, 3], text].concat()).unwrap();
        }
        said.send(()).unwrap();
        read_frame(socket)
    });
    let folder = Folder::new();
    let rules = folder.file("rules", "client match bye => close 4001 so long\n");
    let (mut prompt, url) = proxy(&server.url, &["--rules", &rules]);
    prompt.type_keys("/hold\r");
    prompt.wait_for("* everything is held");
    let mut socket = client_by_hand(&mut prompt, &url);
    has_said.recv().unwrap();
    prompt.wait_for("* [1] server→client: message 2 is held, 3 B");
    for (number, text) in [(3, &b"bye"[..]), (4, b"late"), (5, b"later")] {
        socket.write_all(&client_frame(0x81, text)).unwrap();
        prompt.wait_for(&format!("message {number} is held"));
    }
    prompt.type_keys("/pass 3\r");
    prompt.wait_for_unfolded("* [1] server→client: 2 held messages from 1 on are passed: the connection ends");
    prompt.wait_for_unfolded("* [1] client→server: 2 held messages from 4 on are lost: nobody is there to have them");
    let heard = [read_frame(&mut socket), read_frame(&mut socket), read_frame(&mut socket)];
    let close = (0x88, b"\x0f\xa1so long".to_vec());
    assert_eq!(heard, [(0x81, b"one".to_vec()), (0x81, b"two".to_vec()), close.clone()]);
    drop(socket);
    assert_eq!(server.join(), close);
    leave(prompt);
}

#[test]
fn what_is_compressed_inside_a_message_is_looked_at() {
    let server = hears();
    let (mut prompt, url) = proxy(&server.url, &[]);
    let mut client = client(&mut prompt, &url, 1);
    prompt.type_keys("/hold client /op = \"order\"\r");
    prompt.wait_for("* what matches /op = \"order\" from the client is held");
    let gzipped = |text: &str| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        Message::binary(encoder.finish().unwrap())
    };
    let (quote, order) = (gzipped(r#"{"op":"quote"}"#), gzipped(r#"{"op":"order"}"#));
    client.send(quote.clone()).unwrap();
    client.send(order.clone()).unwrap();
    prompt.wait_for("* [1] client→server: message 2 is held");
    prompt.type_keys("/pass\r");
    prompt.wait_for("message 2 is passed");
    client.close(None).unwrap();
    while client.read().is_ok() {}
    leave(prompt);
    assert_eq!(messages(server.join()), [quote, order]);
}

#[test]
fn what_is_held_waits_for_no_delay_at_the_end_of_the_proxy() {
    let server = hears();
    let folder = Folder::new();
    let rules = folder.file("rules", "client any => delay 1h\n");
    let (mut prompt, url) = proxy(&server.url, &["--rules", &rules]);
    prompt.type_keys("/hold client\r");
    prompt.wait_for("* everything from the client is held");
    let mut client = client(&mut prompt, &url, 1);
    for (number, text) in ["one", "two", "three"].into_iter().enumerate() {
        client.send(Message::text(text)).unwrap();
        prompt.wait_for(&format!("message {} is held", number + 1));
    }
    prompt.type_keys("\x04");
    prompt.left(0);
    while client.read().is_ok() {}
    assert_eq!(messages(server.join()), texts(&["one", "two", "three"]));
}

#[test]
fn a_hold_says_what_it_replaces_and_ends_with_its_connection() {
    let server = hears();
    let (mut prompt, url) = proxy(&server.url, &[]);
    let mut client = client(&mut prompt, &url, 1);
    prompt.type_keys("/hold client ^a\r");
    prompt.wait_for("* what matches ^a from the client is held for up to");
    prompt.type_keys("/use 1\r");
    prompt.wait_for("[1] > ");
    prompt.type_keys("/hold !/b\r");
    prompt.wait_for("* what matches !/b of [1] is held for up to");
    prompt.wait_for_unfolded("* it replaces /hold client ^a; what that holds is held on");
    client.close(None).unwrap();
    while client.read().is_ok() {}
    prompt.wait_for_unfolded("* /hold !/b of [1] ends with the connection");
    server.join();
    prompt.type_keys("/hold\r");
    prompt.wait_for_unfolded("! no client [1]; /clients lists them, /all talks with all of them");
    prompt.type_keys("/hold off\r");
    prompt.wait_for("* nothing is held any more");
    leave(prompt);
}

#[test]
fn rules_are_read_again_when_that_is_typed() {
    let target = crate::support::program::Serving::start(&[]);
    let folder = Folder::new();
    let rules = folder.file("rules", "client any => replace old\n");
    let (mut prompt, url) = proxy(&target.url, &["--rules", &rules]);
    let mut first = client(&mut prompt, &url, 1);
    folder.file("rules", "client any => replace new\nclient 50% any => drop\n");
    prompt.type_keys("/rules\r");
    prompt.wait_for_unfolded("the rules stay as they are: ");
    folder.file("rules", "client 50% match zzz => drop\nclient any => replace new\n");
    prompt.type_keys("/rules\r");
    prompt.wait_for_unfolded("the rules were read again, for connections from now on: ");
    prompt.wait_for_unfolded("rules leave something to chance, with the seed ");
    let mut second = client(&mut prompt, &url, 3);
    for (client, answer) in [(&mut first, "old"), (&mut second, "new")] {
        client.send(Message::text("x")).unwrap();
        assert_eq!(read(client), Message::text(answer));
    }
    leave(prompt);
    for client in [&mut first, &mut second] {
        while client.read().is_ok() {}
    }
    let (mut prompt, _) = proxy(&target.url, &[]);
    prompt.type_keys("/rules\r");
    prompt.wait_for("! no file of rules was given at the start");
    leave(prompt);
}

#[test]
fn nobody_is_idle_whose_message_is_held() {
    let server = hears();
    let (mut prompt, url) = proxy(&server.url, &["--idle-timeout", "300ms", "--hold-time", "700ms"]);
    let mut client = client(&mut prompt, &url, 1);
    prompt.type_keys("/hold client\r");
    prompt.wait_for("* everything from the client is held");
    client.send(Message::text("one")).unwrap();
    prompt.wait_for("message 1 is passed: held for 700ms");
    assert_eq!(read(&mut client), Message::text("got one"));
    assert!(matches!(read(&mut client), Message::Close(Some(close)) if close.reason == "idle"));
    while client.read().is_ok() {}
    leave(prompt);
    assert_eq!(messages(server.join()), texts(&["one"]));
}

#[test]
fn a_person_sits_in_the_middle_of_a_forward_proxy_too() {
    let server = hears();
    let (mut prompt, proxy) = AtTheTerminal::forward_proxy();
    let address = server.url.trim_start_matches("ws://").trim_end_matches('/').to_owned();
    let mut socket = peer::connect(proxy.trim_start_matches("http://").trim_end_matches('/'));
    write!(socket, "CONNECT {address} HTTP/1.1\r\nHost: {address}\r\n\r\n").unwrap();
    peer::read_head(&mut socket);
    let (mut client, _) = tungstenite::client(server.url.as_str(), socket).unwrap();
    prompt.type_keys("/hold server\r");
    prompt.wait_for("* everything from the server is held");
    client.send(Message::text("a")).unwrap();
    prompt.wait_for("* [1] server→client: message 2 is held, 5 B");
    prompt.type_keys("/replace 2 other\r");
    assert_eq!(client.read().unwrap(), Message::text("other"));
    leave(prompt);
    while client.read().is_ok() {}
    assert_eq!(messages(server.join()), texts(&["a"]));
}

#[test]
fn compressed_messages_are_held_and_changed() {
    let server = peer::opened("permessage-deflate", |socket| {
        let frames = [read_frame(socket), read_frame(socket)];
        read_to_end(socket);
        frames
    });
    let (mut prompt, url) = proxy(&server.url, &[]);
    prompt.type_keys("/hold Hello\r");
    prompt.wait_for("* what matches Hello is held");
    let extensions = "Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover\r\n";
    let (mut socket, _) = open_by_hand(url.trim_start_matches("ws://").trim_end_matches('/'), extensions);
    let hello = client_frame(0xc1, &HELLO);
    socket.write_all(&[&hello[..], &hello].concat()).unwrap();
    prompt.wait_for("[1]   1      5 B < Hello");
    prompt.wait_for("message 2 is held, 5 B");
    prompt.type_keys("/replace 2 Hello\r/pass all\r");
    let [(first, payload), (second, _)] = {
        prompt.wait_for("* [1] client→server: message 1 is passed");
        drop(socket);
        server.join()
    };
    assert_eq!((first, payload.as_slice(), second), (0xc1, &HELLO[..], 0xc1));
    leave(prompt);
}

#[test]
fn what_is_held_for_too_long_or_is_too_much_passes_and_says_so() {
    let server = peer::tungstenite(|websocket| {
        let mut heard = 0;
        while matches!(websocket.read(), Ok(Message::Text(_))) {
            heard += 1;
        }
        heard
    });
    let folder = Folder::new();
    let recording = folder.path("held.ndjson");
    let (mut prompt, url) = proxy(&server.url, &["--hold-time", "300ms", "--record", &recording]);
    let mut client = client(&mut prompt, &url, 1);
    prompt.type_keys("/hold\r");
    prompt.wait_for("* everything is held for up to 300ms:");
    client.send(Message::text("x")).unwrap();
    prompt.wait_for("* [1] client→server: message 1 is passed: held for 300ms");
    leave(prompt);
    while client.read().is_ok() {}
    assert_eq!(server.join(), 1);
    let lines = std::fs::read_to_string(recording).unwrap();
    let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let told: Vec<_> = lines.filter(|line| line["type"] == "rule").map(|line| line["condition"].clone()).collect();
    assert_eq!(told, [json!("held for 300ms")]);
}

#[test]
fn no_more_than_so_many_messages_are_held() {
    let server = peer::tungstenite(|websocket| {
        let mut heard = 0;
        while matches!(websocket.read(), Ok(Message::Text(_))) {
            heard += 1;
        }
        heard
    });
    let (mut prompt, url) = proxy(&server.url, &["--hold-time", "0"]);
    let mut client = client(&mut prompt, &url, 1);
    prompt.type_keys("/quiet\r/hold\r");
    prompt.wait_for("* everything is held: /pass");
    (0..1001).for_each(|_| client.send(Message::text("x")).unwrap());
    prompt.wait_for_unfolded(
        "* [1] client→server: 1,001 held messages from 1 on are passed: over 1,000 messages or 64 MiB held",
    );
    client.close(None).unwrap();
    while client.read().is_ok() {}
    assert_eq!(server.join(), 1001);
    leave(prompt);
}

#[test]
fn whoever_holds_the_most_makes_room_for_others() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let target = format!("ws://{}/", listener.local_addr().unwrap());
    let servers = std::thread::spawn(move || {
        let heard = |mut websocket: WebSocket<TcpStream>| {
            std::thread::spawn(move || std::iter::from_fn(|| websocket.read().ok()).filter(Message::is_text).count())
        };
        let both = [(); 2].map(|()| heard(tungstenite::accept(listener.accept().unwrap().0).unwrap()));
        both.map(|heard| heard.join().unwrap())
    });
    let (mut prompt, url) = proxy(&target, &["--hold-time", "0"]);
    let mut many = client(&mut prompt, &url, 1);
    let mut one = client(&mut prompt, &url, 3);
    prompt.type_keys("/quiet\r/hold client\r");
    prompt.wait_for("* everything from the client is held: /pass");
    (0..1000).for_each(|_| many.send(Message::text("x")).unwrap());
    prompt.wait_for("message 1000 is held");
    one.send(Message::text("y")).unwrap();
    prompt.wait_for("* [3] client→server: message 1001 is held");
    prompt.wait_for_unfolded("* [1] client→server: 1,000 held messages from 1 on are passed: over 1,000 messages");
    prompt.type_keys("/held\r");
    prompt.wait_for("* 1 message held");
    leave(prompt);
    [many, one].iter_mut().for_each(|client| while client.read().is_ok() {});
    assert_eq!(servers.join().unwrap(), [1000, 1]);
}

#[test]
fn a_proxy_without_a_terminal_has_no_prompt() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wscli"));
    command.args(["proxy", "--prompt", "127.0.0.1:0", "ws://127.0.0.1:1/"]);
    let outcome = command.stdin(std::process::Stdio::null()).output().unwrap();
    let stderr = String::from_utf8(outcome.stderr).unwrap();
    assert_eq!(outcome.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("--prompt needs a terminal to type at"), "{stderr}");
}
