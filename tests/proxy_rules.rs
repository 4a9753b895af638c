//! `wscli proxy --rules`: what becomes of messages on their way, seen from both ends.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;
use tungstenite::{Bytes, Message, WebSocket};

use crate::bounds::wait_until_at_rest;
use crate::support::files::Folder;
use crate::support::peer::{self, Peer, client_frame, open_by_hand, read_frame, read_to_end};
use crate::support::program::{Serving, run};

/// RFC 7692 §7.2.3.1: "Hello", compressed.
const HELLO: [u8; 7] = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];

/// A proxy with these rules.
fn proxy(folder: &Folder, rules: &str, target: &str, more: &[&str]) -> Serving {
    let file = folder.path("rules");
    std::fs::write(&file, rules).unwrap();
    Serving::in_front_of(target, &[&["--rules", &file], more].concat())
}

/// A server that keeps what it hears, sends `sends` first, and ends with the connection.
fn hears(sends: Vec<Message>) -> Peer<Vec<Message>> {
    peer::tungstenite(move |websocket| {
        sends.into_iter().for_each(|message| websocket.send(message).unwrap());
        let mut heard = Vec::new();
        while let Ok(message) = websocket.read() {
            heard.push(message);
        }
        heard
    })
}

/// The first byte of a frame, and its payload.
type Frame = (u8, Vec<u8>);

/// A server that ends its message only when it has heard two frames. It keeps those, and all that comes behind.
fn hears_two_frames_inside_its_message() -> Peer<([Frame; 2], Vec<u8>)> {
    peer::opened("", |socket| {
        socket.write_all(&[0x01, 1, b'x']).unwrap();
        let heard = [read_frame(socket), read_frame(socket)];
        socket.write_all(&[0x80, 1, b'y']).unwrap();
        (heard, read_to_end(socket))
    })
}

fn client(proxy: &Serving) -> WebSocket<TcpStream> {
    let socket = TcpStream::connect(proxy.address()).unwrap();
    tungstenite::client(proxy.url.as_str(), socket).unwrap().0
}

/// Sends all, closes, and returns what came.
fn says(proxy: &Serving, messages: &[&str]) -> Vec<Message> {
    let mut client = client(proxy);
    messages.iter().for_each(|text| client.send(Message::text(*text)).unwrap());
    client.close(None).unwrap();
    let mut heard = Vec::new();
    while let Ok(message) = client.read() {
        heard.push(message);
    }
    heard
}

fn texts(texts: &[&str]) -> Vec<Message> {
    texts.iter().map(|text| Message::text(*text)).chain([Message::Close(None)]).collect()
}

#[test]
fn what_rules_leave_to_chance_happens_again_with_the_same_seed() {
    let folder = Folder::new();
    let heard = |seed: &str| {
        let server = peer::tungstenite(|websocket| {
            let mut heard = String::new();
            while let Ok(Message::Text(text)) = websocket.read() {
                heard.push_str(&text);
            }
            heard
        });
        let mut proxy = proxy(&folder, "50% any => drop", &server.url, &["--seed", seed]);
        proxy.running.line_with(&format!("rules leave something to chance, with the seed {seed}"));
        says(&proxy, &["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p"]);
        server.join()
    };
    let first = heard("1");
    assert_eq!(first, heard("1"));
    assert_ne!(first, heard("2"));
    assert!(!first.is_empty() && first.len() < 16, "{first}");
}

#[test]
fn what_is_generated_is_the_same_again_with_the_same_seed() {
    let folder = Folder::new();
    let heard = |seed: &str| {
        let server = hears(Vec::new());
        let rules = "match ^a => replace ${uuid} => reply ${random}\nany => inject ${uuid} => replace json /id ${uuid}";
        let mut proxy = proxy(&folder, rules, &server.url, &["--seed", seed]);
        proxy.running.line_with(&format!("rules leave something to chance, with the seed {seed}"));
        let answers = says(&proxy, &["a", "{\"id\":0}"]);
        (answers, server.join())
    };
    let (answers, messages) = heard("1");
    assert_eq!((answers, messages.clone()), heard("1"));
    assert_ne!(messages, heard("2").1);
    let texts: Vec<_> = messages.iter().filter_map(|message| message.to_text().ok()).collect();
    assert!(texts[2] == format!("{{\"id\":\"{}\"}}", texts[1]) && texts[0] != texts[1], "{texts:?}");
}

#[test]
fn each_action_does_what_it_says_at_both_ends() {
    for (rules, said, server_hears, client_hears) in [
        ("match ^a => drop", &["a", "b"][..], &["b"][..], &[][..]),
        ("match ^(a)(.*) => replace <$2>", &["a=>x", "b"], &["<=>x>", "b"], &[]),
        ("any => replace", &["a"], &[""], &[]),
        ("match a => duplicate", &["a", "b"], &["a", "a", "b"], &[]),
        ("match a => reply you said $0", &["a", "b"], &["b"], &["you said a"]),
        ("match a => pass => reply and it goes on", &["a"], &["a"], &["and it goes on"]),
        ("match a => inject before", &["a"], &["before", "a"], &[]),
        ("match a => pass => inject behind", &["a"], &["a", "behind"], &[]),
        ("match a => drop => inject instead", &["a"], &["instead"], &[]),
        ("match a => replace b => replace c", &["a"], &["b", "c"], &[]),
        ("match a => delay 1ms => nothing", &["a", "b"], &["a", "b"], &[]),
        ("server any => drop", &["a"], &["a"], &[]),
        ("client any => drop", &["a"], &[], &[]),
        ("every 2nd any => drop", &["a", "b", "c", "d"], &["a", "c"], &[]),
        ("match go => goto x\nstate x\nany => drop", &["a", "go", "b"], &["a", "go"], &[]),
        (
            "json /n => replace json /n {\"was\":${/n}}",
            &[r#"{ "n" : [1, 2],"m":1 }"#, r#"{"m":1}"#],
            &[r#"{ "n" : {"was":[1, 2]},"m":1 }"#, r#"{"m":1}"#],
            &[],
        ),
        (
            "json => replace json /b ${/a} => replace json /c 0 => replace json /a [${/b}]",
            &[r#"{ "a":1, "b":2 }"#, r#"{"c":1}"#, "[]"],
            &[r#"{ "a":[2], "b":1 }"#, r#"{"c":0}"#, "[]"],
            &[],
        ),
        ("json => replace json /a/1 \"x\"", &[r#"{"a":[0,1]}"#, "{}"], &[r#"{"a":[0,"x"]}"#, "{}"], &[]),
        ("json => replace json \"/a b\" null", &[r#"{"a b":0}"#], &[r#"{"a b":null}"#], &[]),
    ] {
        let (folder, server) = (Folder::new(), hears(Vec::new()));
        let proxy = proxy(&folder, rules, &server.url, &[]);
        assert_eq!(says(&proxy, said), texts(client_hears), "{rules}");
        assert_eq!(server.join(), texts(server_hears), "{rules}");
    }
}

/// Frames: the first byte of each, and the payload.
type Frames = Vec<(u8, Vec<u8>)>;

/// All of a peer's frames. A Close is answered with the same by a server.
fn all_frames(socket: &mut TcpStream, is_server: bool) -> Frames {
    let mut frames = Vec::new();
    while socket.peek(&mut [0]).is_ok_and(|count| count > 0) {
        let (first, payload) = read_frame(socket);
        if is_server && first == 0x88 {
            socket.write_all(&[&[0x88, payload.len() as u8][..], &payload].concat()).unwrap();
        }
        frames.push((first, payload));
    }
    frames
}

/// What a server and its client get of what the client says.
fn frames_through(rules: &str, said: &[(u8, &[u8])]) -> (Frames, Frames) {
    let server = peer::opened("", |socket| all_frames(socket, true));
    let folder = Folder::new();
    let proxy = proxy(&folder, rules, &server.url, &[]);
    let (mut client, _) = open_by_hand(proxy.address(), "");
    said.iter().for_each(|(first, payload)| client.write_all(&client_frame(*first, payload)).unwrap());
    client.shutdown(Shutdown::Write).unwrap();
    let heard = all_frames(&mut client, false);
    (server.join(), heard)
}

#[test]
fn control_frames_are_chosen_by_their_opcode() {
    const PING: (u8, &[u8]) = (0x89, b"p");
    const PONG: (u8, &[u8]) = (0x8a, b"p");
    const TEXT: (u8, &[u8]) = (0x81, b"t");
    const CLOSE: (u8, &[u8]) = (0x88, b"\x0f\xa1bye");
    let all = [PING, TEXT, PONG, CLOSE];
    for (rules, server_hears, client_hears) in [
        ("any => drop", &[PING, PONG, CLOSE][..], &[CLOSE][..]),
        ("opcode text => drop", &[PING, PONG, CLOSE], &[CLOSE]),
        ("client opcode ping => drop", &[TEXT, PONG, CLOSE], &[CLOSE]),
        ("server opcode ping => drop", &all, &[CLOSE]),
        ("opcode pong => duplicate", &[PING, TEXT, PONG, PONG, CLOSE], &[CLOSE]),
        ("opcode ping => delay 50ms", &all, &[CLOSE]),
        ("every 2nd opcode ping => drop", &all, &[CLOSE]),
        ("opcode ping => goto on\nstate on\ntext => drop", &[PING, PONG, CLOSE], &[CLOSE]),
        ("opcode ping => reply it says $0", &[TEXT, PONG, CLOSE], &[(0x81, b"it says p"), CLOSE]),
        ("opcode ping => inject binary 00 FF", &[(0x82, b"\0\xff"), PING, TEXT, PONG, CLOSE], &[CLOSE]),
        ("client opcode close => inject \"$0\"", &[PING, TEXT, PONG, (0x81, b"\"4001 bye\""), CLOSE], &[CLOSE]),
        (
            "client opcode close => close 4002 other",
            &[PING, TEXT, PONG, (0x88, b"\x0f\xa2other")],
            &[(0x88, b"\x0f\xa2other")],
        ),
        // Then the end of the transport is all that there is of it.
        ("client opcode close => drop", &[PING, TEXT, PONG], &[]),
        ("any => replace binary 00ff", &[PING, (0x82, b"\0\xff"), PONG, CLOSE], &[CLOSE]),
        ("any => inject binary => drop", &[PING, (0x81, b"binary"), PONG, CLOSE], &[CLOSE]),
    ] {
        let owned = |frames: &[(u8, &[u8])]| frames.iter().map(|(first, bytes)| (*first, bytes.to_vec())).collect();
        assert_eq!(frames_through(rules, &all), (owned(server_hears), owned(client_hears)), "{rules}");
    }
}

#[test]
fn a_control_frame_is_judged_inside_a_message_and_that_streams_where_no_rule_needs_it() {
    let server = peer::opened("", |socket| {
        let begun = read_frame(socket);
        socket.write_all(b"\x81\x05go on").unwrap();
        (begun, all_frames(socket, true))
    });
    let folder = Folder::new();
    let proxy = proxy(&folder, "opcode ping => drop", &server.url, &[]);
    let (mut client, _) = open_by_hand(proxy.address(), "");
    client.write_all(&client_frame(0x01, b"be")).unwrap();
    assert_eq!(read_frame(&mut client), (0x81, b"go on".to_vec()));
    client.write_all(&[client_frame(0x89, b"p"), client_frame(0x80, b"gun")].concat()).unwrap();
    drop(client);
    assert_eq!(server.join(), ((0x01, b"be".to_vec()), vec![(0x80, b"gun".to_vec())]));
    // One that is held is whole before another one goes out.
    let said: [(u8, &[u8]); 3] = [(0x01, b"be"), (0x89, b"p"), (0x80, b"gun")];
    let (heard, _) = frames_through("opcode ping => pass => inject between", &said);
    let expected: [(u8, &[u8]); 4] = [(0x89, b"p"), (0x81, b"between"), (0x01, b"be"), (0x80, b"gun")];
    assert_eq!(heard, expected.map(|(first, payload)| (first, payload.to_vec())));
}

#[test]
fn what_the_server_says_is_changed_and_states_are_of_both() {
    let rules = "client match ^begin => goto on\nstate on\nserver match ^tick => replace tock\nserver binary => drop";
    let server = peer::tungstenite(|websocket| {
        websocket.send(Message::text("tick")).unwrap();
        assert_eq!(websocket.read().unwrap(), Message::text("begin"));
        for message in [Message::text("tick"), Message::binary(Bytes::from_static(b"\xff")), Message::text("end")] {
            websocket.send(message).unwrap();
        }
        while websocket.read().is_ok() {}
    });
    let folder = Folder::new();
    let proxy = proxy(&folder, rules, &server.url, &[]);
    let mut client = client(&proxy);
    assert_eq!(client.read().unwrap(), Message::text("tick"));
    client.send(Message::text("begin")).unwrap();
    assert_eq!(client.read().unwrap(), Message::text("tock"));
    assert_eq!(client.read().unwrap(), Message::text("end"));
    drop(client);
    server.join();
}

#[test]
fn a_hang_up_that_is_ignored_is_said_to_reload_nothing() {
    let folder = Folder::new();
    let rules = folder.file("rules", "any => echo");
    let mut command = std::process::Command::new("nohup");
    command.args([env!("CARGO_BIN_EXE_wscli"), "serve", "127.0.0.1:0", "--reply", &rules]);
    command
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let mut serving = crate::support::program::Running::spawn(command).collecting();
    serving.line_with("SIGHUP is ignored, as nohup has it, and reloads no rules");
}

#[test]
fn a_hang_up_has_the_rules_read_again_and_wrong_ones_leave_the_old() {
    let (folder, target) = (Folder::new(), Serving::start(&[]));
    let mut proxy = proxy(&folder, "client any => replace one", &target.url, &[]);
    let says = |proxy: &Serving, echoed: &str| {
        let mut client = client(proxy);
        client.send(Message::text("a")).unwrap();
        assert_eq!(client.read().unwrap(), Message::text(echoed));
    };
    says(&proxy, "one");
    std::fs::write(folder.path("rules"), "client any => replace two").unwrap();
    proxy.running.signal(Signal::HUP);
    proxy.running.line_with("the rules were read again, for connections from now on");
    says(&proxy, "two");
    std::fs::write(folder.path("rules"), "any => drop\nany => dorp").unwrap();
    proxy.running.signal(Signal::HUP);
    let line = proxy.running.line_with("the rules stay as they are: ");
    assert!(line.contains("line 2, column 8: "), "{line}");
    says(&proxy, "two");
    std::fs::write(folder.path("rules"), "any => fault reset").unwrap();
    proxy.running.signal(Signal::HUP);
    proxy.running.line_with("with their first fault the proxy has to start anew");
    proxy.running.signal(Signal::TERM);
    assert_eq!(proxy.running.wait().0, Some(0));
}

/// Whatever the rules are in between.
#[test]
fn rules_may_be_read_again_with_a_fault_where_the_proxy_began_without_compression() {
    let (folder, target) = (Folder::new(), Serving::start(&[]));
    for (rules, more) in [
        ("any => fault duplicate", &[][..]),
        ("any => drop", &["--no-compress"]),
        ("any => drop", &["--lenient"]),
        ("any => drop", &["--fault", "client message 9 drop"]),
    ] {
        let mut proxy = proxy(&folder, rules, &target.url, more);
        for rules in ["client any => replace one", "client any => fault duplicate"] {
            std::fs::write(folder.path("rules"), rules).unwrap();
            proxy.running.signal(Signal::HUP);
            proxy.running.line_with("the rules were read again, for connections from now on");
        }
        assert_eq!(says(&proxy, &["a"]), texts(&["a", "a"]), "{more:?}");
    }
}

#[test]
fn the_seed_is_told_once_rules_leave_something_to_chance() {
    let (folder, target) = (Folder::new(), Serving::start(&[]));
    let mut proxy = proxy(&folder, "any => drop", &target.url, &["--seed", "7"]);
    for _ in 0..2 {
        std::fs::write(folder.path("rules"), "50% any => drop").unwrap();
        proxy.running.signal(Signal::HUP);
        proxy.running.line_with("the rules were read again");
    }
    proxy.running.signal(Signal::TERM);
    let stderr = proxy.running.finish().stderr;
    assert_eq!(stderr.matches("rules leave something to chance, with the seed 7\n").count(), 1, "{stderr}");
}

#[test]
fn nothing_is_delayed_any_more_once_the_proxy_stops() {
    let (folder, server) = (Folder::new(), hears(Vec::new()));
    let mut proxy = proxy(&folder, "client any => delay 1h", &server.url, &[]);
    let mut client = client(&proxy);
    client.send(Message::text("late")).unwrap();
    proxy.running.line_with("[1] client→server: any: delay");
    client.send(Message::text("behind it")).unwrap();
    proxy.running.signal(Signal::TERM);
    while client.read().is_ok() {}
    assert_eq!(server.join()[..1], texts(&["late"])[..1]);
}

#[test]
fn a_rule_closes_both_connections() {
    let server = hears(Vec::new());
    let folder = Folder::new();
    let proxy = proxy(&folder, "match bye => close 4001 so long", &server.url, &[]);
    let mut client = client(&proxy);
    client.send(Message::text("hello")).unwrap();
    client.send(Message::text("bye")).unwrap();
    client.send(Message::text("too late")).unwrap();
    let close = Message::Close(Some(tungstenite::protocol::CloseFrame { code: 4001.into(), reason: "so long".into() }));
    assert_eq!(client.read().unwrap(), close);
    assert!(client.read().is_err());
    assert_eq!(server.join(), [Message::text("hello"), close]);
}

#[test]
fn compressed_messages_are_changed_and_go_on_compressed() {
    let server = peer::opened("permessage-deflate", |socket| {
        let changed = read_frame(socket);
        socket.write_all(&[&[0xc1, 7][..], &HELLO].concat()).unwrap();
        let frames = [changed, read_frame(socket)];
        read_to_end(socket);
        frames
    });
    let folder = Folder::new();
    let rules = "client match ^Hello$ => replace Hello\nserver match ^Hello$ => reply Hello => pass";
    let proxy = proxy(&folder, rules, &server.url, &[]);
    let (mut client, _) = open_by_hand(proxy.address(), "");
    client.write_all(&client_frame(0x81, b"Hello")).unwrap();
    assert_eq!(read_frame(&mut client), (0x81, b"Hello".to_vec()));
    drop(client);
    let [(first, payload), (again, _)] = server.join();
    assert_eq!((first, payload.as_slice(), again), (0xc1, &HELLO[..], 0xc1));
}

#[test]
fn a_delay_holds_back_what_follows_that_way_and_nothing_else() {
    let server = peer::opened("", |socket| {
        let frames = [read_frame(socket), read_frame(socket), read_frame(socket)];
        read_to_end(socket);
        frames
    });
    let folder = Folder::new();
    let proxy = proxy(&folder, "client match late => delay 300ms", &server.url, &[]);
    let (mut client, _) = open_by_hand(proxy.address(), "");
    let since = Instant::now();
    for (first, payload) in [(0x81, &b"late"[..]), (0x89, b"ping"), (0x82, b"next")] {
        client.write_all(&client_frame(first, payload)).unwrap();
    }
    client.shutdown(Shutdown::Write).unwrap();
    let mut rest = Vec::new();
    client.read_to_end(&mut rest).unwrap();
    assert!(since.elapsed() >= Duration::from_millis(300));
    let expected = [(0x81, b"late".to_vec()), (0x89, b"ping".to_vec()), (0x82, b"next".to_vec())];
    assert_eq!(server.join(), expected);
}

#[test]
fn a_message_may_go_on_in_fragments() {
    let (heard, _) = frames_through("client match cut => fragment 2", &[(0x81, b"cut"), (0x81, b"on"), (0x88, b"")]);
    let fragments = [(0x01, &b"cu"[..]), (0x80, b"t"), (0x81, b"on"), (0x88, b"")];
    assert_eq!(heard, fragments.map(|(first, payload)| (first, payload.to_vec())));
}

#[test]
fn where_nothing_is_replaced_the_log_says_so() {
    let (folder, server) = (Folder::new(), hears(Vec::new()));
    let mut proxy = proxy(&folder, "json => replace json /b 1", &server.url, &[]);
    says(&proxy, &[r#"{"a":1}"#, r#"{"b":2}"#]);
    assert_eq!(server.join(), texts(&[r#"{"a":1}"#, r#"{"b":1}"#]));
    proxy.running.line_with("json: replace (nothing there)");
    assert!(proxy.running.line_with("json: replace").ends_with("replace"));
}

#[test]
fn what_no_rule_takes_keeps_its_fragments() {
    let server = peer::opened("", |socket| {
        let frames: Vec<_> = (0..4).map(|_| read_frame(socket)).collect();
        read_to_end(socket);
        frames
    });
    let folder = Folder::new();
    let proxy = proxy(&folder, "match nothing of this => drop", &server.url, &[]);
    let (mut client, _) = open_by_hand(proxy.address(), "");
    let frames = [(0x01, &b"ab"[..]), (0x00, b""), (0x80, b"c"), (0x82, b"d")];
    frames.iter().for_each(|(first, payload)| client.write_all(&client_frame(*first, payload)).unwrap());
    drop(client);
    let heard = server.join();
    assert_eq!(heard, frames.map(|(first, payload)| (first, payload.to_vec())));
}

#[test]
fn a_message_that_is_too_long_goes_on_without_rules_and_says_so() {
    const LENGTH: usize = (16 << 20) + 1000;
    let server = peer::opened("", |socket| {
        let (first, payload) = read_frame(socket);
        read_to_end(socket);
        (first, payload.len(), payload.iter().all(|byte| *byte == 7))
    });
    let folder = Folder::new();
    let mut proxy = proxy(&folder, "any => drop", &server.url, &[]);
    let (mut client, _) = open_by_hand(proxy.address(), "");
    client.write_all(&client_frame(0x82, &vec![7; LENGTH])).unwrap();
    proxy.running.line_with("client→server: a message over 16 MiB goes on without the rules");
    drop(client);
    assert_eq!(server.join(), (0x82, LENGTH, true));
}

#[test]
fn of_a_message_of_which_the_rules_would_make_too_much_they_make_nothing() {
    // 60 MiB come of the first, 65 of the second.
    for (length, times) in [(12 << 20, 5), (13 << 20, 1)] {
        let server = peer::opened("", move |socket| {
            let (mut first, mut payload) = read_frame(socket);
            let kind = first & 0x0f;
            while first & 0x80 == 0 {
                let (next, more) = read_frame(socket);
                first = next;
                payload.extend(more);
            }
            (kind, payload.len(), payload.iter().all(|byte| *byte == b'x'))
        });
        let folder = Folder::new();
        let mut proxy = proxy(&folder, "match (.*) => replace $1$1$1$1$1", &server.url, &[]);
        let (mut client, _) = open_by_hand(proxy.address(), "");
        client.write_all(&client_frame(0x81, &vec![b'x'; length])).unwrap();
        assert_eq!(server.join(), (1, length * times, true));
        proxy.running.line_with(if times > 1 {
            "client→server: match (.*): replace"
        } else {
            "client→server: the rules would make more than 64 MiB of a message: it goes on as it came"
        });
    }
}

#[test]
fn a_rule_that_would_make_too_much_has_taken_nothing() {
    const RULES: &str =
        "times 1 match (?s)^(x.*)$ => replace ${counter}$1$1$1$1$1 => goto behind\nstate behind\nany => drop\n";
    const TOO_MUCH: usize = 13 << 20;
    let server = peer::opened("", |socket| {
        let (whole, made) = (read_frame(socket).1.len(), read_frame(socket).1);
        (whole, made, read_to_end(socket))
    });
    let folder = Folder::new();
    let proxy = proxy(&folder, RULES, &server.url, &[]);
    let (mut client, _) = open_by_hand(proxy.address(), "");
    // The second is the one time and leads to the other state, not the first.
    for text in [vec![b'x'; TOO_MUCH], b"xyz".to_vec(), b"xyz".to_vec()] {
        client.write_all(&client_frame(0x81, &text)).unwrap();
    }
    client.shutdown(Shutdown::Write).unwrap();
    assert_eq!(server.join(), (TOO_MUCH, format!("1{}", "xyz".repeat(5)).into_bytes(), Vec::new()));
}

#[test]
fn a_reply_waits_for_the_end_of_the_message_that_it_would_split() {
    let server = peer::opened("", |socket| {
        socket.write_all(&[0x01, 1, b'x']).unwrap();
        assert_eq!(read_frame(socket), (0x81, b"go on".to_vec()));
        socket.write_all(&[0x80, 1, b'y']).unwrap();
        read_to_end(socket);
    });
    let folder = Folder::new();
    let proxy = proxy(&folder, "client match ask => reply answer => inject go on", &server.url, &[]);
    let (mut client, _) = open_by_hand(proxy.address(), "");
    assert_eq!(read_frame(&mut client), (0x01, b"x".to_vec()));
    client.write_all(&client_frame(0x81, b"go on")).unwrap();
    client.write_all(&client_frame(0x81, b"ask")).unwrap();
    assert_eq!(read_frame(&mut client), (0x80, b"y".to_vec()));
    assert_eq!(read_frame(&mut client), (0x81, b"answer".to_vec()));
    drop(client);
    server.join();
}

#[test]
fn a_reply_has_its_place_between_two_messages_that_come_at_once() {
    for behind in [&b"\x01\x01z"[..], b"\x88\x02\x03\xe8"] {
        let server = peer::opened("", move |socket| {
            socket.write_all(&[0x01, 1, b'x']).unwrap();
            assert_eq!(read_frame(socket), (0x81, b"go on".to_vec()));
            socket.write_all(&[&[0x80, 1, b'y'], behind].concat()).unwrap();
            read_to_end(socket);
        });
        let folder = Folder::new();
        let proxy = proxy(&folder, "client match ask => reply answer => inject go on", &server.url, &[]);
        let (mut client, _) = open_by_hand(proxy.address(), "");
        assert_eq!(read_frame(&mut client), (0x01, b"x".to_vec()));
        client.write_all(&client_frame(0x81, b"ask")).unwrap();
        assert_eq!(read_frame(&mut client), (0x80, b"y".to_vec()));
        assert_eq!(read_frame(&mut client), (0x81, b"answer".to_vec()));
        assert_eq!(read_frame(&mut client), (behind[0], behind[2..].to_vec()));
        drop(client);
        server.join();
    }
}

#[test]
fn a_reply_that_waits_for_its_place_leaves_a_message_whole_that_comes_meanwhile() {
    let server = hears_two_frames_inside_its_message();
    let folder = Folder::new();
    let proxy = proxy(&folder, "client match ask => reply answer", &server.url, &[]);
    let (mut client, _) = open_by_hand(proxy.address(), "");
    assert_eq!(read_frame(&mut client), (0x01, b"x".to_vec()));
    let (ask, begin, end) = (client_frame(0x81, b"ask"), client_frame(0x01, b"be"), client_frame(0x80, b"gun"));
    client.write_all(&[ask, begin].concat()).unwrap();
    wait_until_at_rest(&proxy.running);
    client.write_all(&end).unwrap();
    assert_eq!(read_frame(&mut client), (0x80, b"y".to_vec()));
    assert_eq!(read_frame(&mut client), (0x81, b"answer".to_vec()));
    drop(client);
    assert_eq!(server.join(), ([(0x01, b"be".to_vec()), (0x80, b"gun".to_vec())], Vec::new()));
}

#[test]
fn a_close_of_a_rule_has_its_place_between_two_frames_that_come_at_once() {
    const LENGTH: usize = 100_000;
    let server = peer::opened("", |socket| {
        let frame = [&[0x82, 127][..], &(LENGTH as u64).to_be_bytes(), &[b'x'; LENGTH]].concat();
        let (begin, end) = frame.split_at(LENGTH);
        socket.write_all(begin).unwrap();
        assert_eq!(read_frame(socket), (0x81, b"go on".to_vec()));
        socket.write_all(&[end, begin].concat()).unwrap();
        read_frame(socket)
    });
    let folder = Folder::new();
    let rules = "client match ^bye$ => inject go on => close 4000";
    let proxy = proxy(&folder, rules, &server.url, &["--close-timeout", "60s"]);
    let (mut client, _) = open_by_hand(proxy.address(), "");
    client.read_exact(&mut [0; 80_000]).unwrap();
    client.write_all(&client_frame(0x81, b"bye")).unwrap();
    client.read_exact(&mut [0; LENGTH + 10 - 80_000]).unwrap();
    assert_eq!(read_frame(&mut client), (0x88, b"\x0f\xa0".to_vec()));
    assert_eq!(server.join(), (0x88, b"\x0f\xa0".to_vec()));
}

#[test]
fn a_reply_that_has_no_place_yet_holds_nothing_else_back() {
    let server = hears_two_frames_inside_its_message();
    let folder = Folder::new();
    let proxy = proxy(&folder, "client match (.*)ask => reply $1answer", &server.url, &[]);
    let (mut client, _) = open_by_hand(proxy.address(), "");
    assert_eq!(read_frame(&mut client), (0x01, b"x".to_vec()));
    let said = [client_frame(0x81, b"1 ask"), client_frame(0x89, b"p"), client_frame(0x81, b"other")];
    client.write_all(&said.concat()).unwrap();
    assert_eq!(read_frame(&mut client), (0x80, b"y".to_vec()));
    assert_eq!(read_frame(&mut client), (0x81, b"1 answer".to_vec()));
    client.write_all(&client_frame(0x81, b"2 ask")).unwrap();
    assert_eq!(read_frame(&mut client), (0x81, b"2 answer".to_vec()));
    drop(client);
    assert_eq!(server.join(), ([(0x89, b"p".to_vec()), (0x81, b"other".to_vec())], Vec::new()));
}

#[test]
fn a_reply_before_a_close_waits_for_its_place_no_longer_than_a_closing_handshake_takes() {
    let server = peer::opened("", |socket| {
        socket.write_all(&[0x01, 1, b'x']).unwrap();
        read_frame(socket)
    });
    let folder = Folder::new();
    let rules = "client match ^bye$ => reply bye => close 4000";
    let mut proxy = proxy(&folder, rules, &server.url, &["--close-timeout", "300ms"]);
    let (mut client, _) = open_by_hand(proxy.address(), "");
    assert_eq!(read_frame(&mut client), (0x01, b"x".to_vec()));
    client.write_all(&client_frame(0x81, b"bye")).unwrap();
    assert_eq!(read_frame(&mut client), (0x88, b"\x0f\xa0".to_vec()));
    assert_eq!(server.join(), (0x88, b"\x0f\xa0".to_vec()));
    proxy
        .running
        .line_with("client→server: a reply of the rules is lost: the message that it would stand in has not ended");
}

#[test]
fn a_close_of_a_rule_waits_for_the_end_of_a_frame_on_either_side() {
    const LENGTH: usize = 300_000;
    let folder = Folder::new();
    let whole = [&[0x82, 127][..], &(LENGTH as u64).to_be_bytes(), &[b'x'; LENGTH]].concat();
    for ends in [true, false] {
        let (rest, may_end) = channel::<()>();
        let frame = whole.clone();
        let server = peer::opened("", move |socket| {
            let (begin, end) = frame.split_at(100_000);
            socket.write_all(begin).unwrap();
            may_end.recv().unwrap();
            if ends {
                socket.write_all(end).unwrap();
            }
            read_frame(socket)
        });
        let timeout = if ends { "60s" } else { "300ms" };
        let mut proxy = proxy(&folder, "client match ^bye$ => close 4000", &server.url, &["--close-timeout", timeout]);
        let (mut client, _) = open_by_hand(proxy.address(), "");
        client.read_exact(&mut vec![0; 80_000]).unwrap();
        client.write_all(&client_frame(0x81, b"bye")).unwrap();
        proxy.running.line_with("match ^bye$: close");
        rest.send(()).unwrap();
        if ends {
            let mut received = vec![0; whole.len() - 80_000 + 4];
            client.read_exact(&mut received).unwrap();
            assert!(received.ends_with(b"x\x88\x02\x0f\xa0"));
        } else {
            // There was no place for a Close.
            assert_eq!(read_to_end(&mut client).len(), 100_000 - 80_000);
        }
        assert_eq!(server.join(), (0x88, b"\x0f\xa0".to_vec()));
    }
}

#[test]
fn what_a_rule_did_is_told_to_people_and_programs() {
    let server = hears(Vec::new());
    let folder = Folder::new();
    let mut proxy = proxy(&folder, "client match ^a => delay 1ms => drop", &server.url, &["--out", "json"]);
    assert_eq!(says(&proxy, &["a"]), texts(&[]));
    proxy.running.line_with("[1] client→server: match ^a: delay, drop");
    proxy.running.signal(rustix::process::Signal::TERM);
    let outcome = proxy.running.finish();
    let events = outcome.stdout().lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let rule = events.into_iter().find(|event| event["type"] == "rule").unwrap();
    assert_eq!(rule["connection"], 1);
    assert_eq!((&rule["way"], &rule["condition"]), (&"client→server".into(), &"match ^a".into()));
    assert_eq!(rule["done"], serde_json::json!(["delay", "drop"]));
    server.join();
}

/// What the manual shows at its end, with a Ping for each of those that it lets through.
#[test]
fn the_example_of_the_manual_does_what_it_says() {
    let manual = include_str!("../docs/rules.md");
    let begins = manual.find("    # Heartbeats don't arrive").unwrap();
    let rules = manual[begins..].split("\n\n").next().unwrap();
    let folder = Folder::new();
    let target = hears(vec![Message::text(r#"{"type":"heartbeat"}"#), Message::text(r#"{"type":"news"}"#)]);
    let proxy = proxy(&folder, rules, &target.url, &[]);
    let heard = says(&proxy, &["ping", r#"{"id":1,"user":{"name":"a"},"x":2}"#]);
    assert_eq!(heard[..2].iter().filter(|message| **message == Message::text(r#"{"type":"news"}"#)).count(), 1);
    assert!(heard.contains(&Message::text("pong")) && !heard.contains(&Message::text(r#"{"type":"heartbeat"}"#)));
    assert_eq!(target.join()[..1], [Message::text(r#"{"id":1,"from":{"name":"a"},"x":2}"#)]);
}

#[test]
fn what_is_wrong_in_a_file_is_told_before_anybody_is_listened_to() {
    for (rules, says) in [
        ("open => reply hi", "line 1, column 1: open is not a message that a proxy can pass on"),
        ("client after 3 server any => drop", "the direction is given already"),
        ("client\n", "a condition has to follow, as in: client any"),
        ("any => drop => pass", "pass can't follow drop"),
        ("any => duplicate => drop", "drop can't follow duplicate"),
        ("any => replace json /a 1 => replace json /b 2 => replace json /a/c 2", "replace can't follow replace"),
        ("any => replace json /a 1 => replace x", "replace can't follow replace"),
        ("\njson => replace json /a x", "is not a JSON value"),
        ("client any => drop\nclient match x => drop", "never answers"),
        ("client opcode ping => drop\nclient opcode ping => pass", "never answers"),
        ("opcode pang => drop", "\"pang\" is not an opcode: expected text, binary, ping, pong or close"),
        ("client close => drop", "did you mean opcode close?"),
        ("opcode ping => echo", "echo has no message to send back: opcode ping"),
        ("opcode close => replace x", "replace has no message to take the place of: opcode close"),
        ("any => fragment 0", "line 1, column 17: "),
        ("any => inject binary 0", "line 1, column 22: "),
        ("any => inject binary\t0", "line 1, column 22: "),
        (
            "any => replace json foo 1",
            "line 1, column 21: \"foo\" is not a JSON pointer: it does not begin with /, as in /op or /items/0/id",
        ),
        ("any => replace json\tfoo 1", "line 1, column 21: \"foo\" is not a JSON pointer"),
    ] {
        let folder = Folder::new();
        std::fs::write(folder.path("rules"), rules).unwrap();
        let outcome = run(&["proxy", "127.0.0.1:0", "ws://127.0.0.1:1/", "--rules", &folder.path("rules")], b"");
        assert_eq!(outcome.code, Some(2), "{rules}: {outcome:#?}");
        assert!(outcome.stderr.contains(says), "{rules}: {outcome:#?}");
        assert!(outcome.stderr.ends_with("^\n"), "{rules}: {outcome:#?}");
    }
    let outcome = run(&["connect", "--on", "any => drop", "ws://127.0.0.1:1/"], b"");
    assert!(outcome.stderr.contains("drop is for the rules of a proxy"), "{outcome:#?}");
    assert_eq!(outcome.code, Some(2));
    let outcome = run(&["connect", "--on", "opcode ping => reply x", "ws://127.0.0.1:1/"], b"");
    assert!(outcome.stderr.contains("opcode ping is for the rules of a proxy"), "{outcome:#?}");
    assert_eq!(outcome.code, Some(2));
}
