//! The page's sockets as the server has them: what they are told, and what others are told of them. `tests/page` drives the
//! page itself in a browser.

use std::io::Write;
use std::net::TcpStream;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::files::Folder;
use crate::support::peer::{client_frame, open_by_hand, read_frame, read_head};
use crate::support::program::{PATIENCE, Serving};

const TOKEN: &str = "wscli-observer=0123456789012345678901";

fn open(serving: &Serving, target: &str) -> TcpStream {
    open_with(serving, target, "")
}

fn open_with(serving: &Serving, target: &str, headers: &str) -> TcpStream {
    let mut socket = TcpStream::connect(serving.address()).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let head = format!(
        "GET {target} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n"
    );
    socket.write_all(head.as_bytes()).unwrap();
    assert!(read_head(&mut socket).starts_with("HTTP/1.1 101 "));
    socket
}

fn observe(serving: &Serving) -> TcpStream {
    open(serving, &format!("/.wscli/observe?{TOKEN}"))
}

/// The next event of this type.
fn event(observer: &mut TcpStream, name: &str) -> Value {
    loop {
        let (first, payload) = read_frame(observer);
        if first & 0xf == 9 {
            continue;
        }
        let event: Value = serde_json::from_slice(&payload).unwrap();
        if event["type"] == name {
            return event;
        }
    }
}

#[test]
fn the_page_s_own_sockets_are_no_clients_of_the_log() {
    let mut serving = Serving::start(&["--out", "json"]);
    let mut observer = observe(&serving);
    assert_eq!(event(&mut observer, "connections")["open"], json!([]));
    let mut own = open(&serving, &format!("/chat?a=b&{TOKEN}"));
    let opened = event(&mut observer, "opened");
    assert_eq!(
        (&opened["connection"], &opened["yours"], &opened["url"]),
        (&json!(2), &json!(true), &json!("ws://localhost/chat?a=b"))
    );
    let line = serving.running.line_with("opened");
    assert!(line.starts_with("[2] ") && line.ends_with(" opened /chat?a=b by the page"), "{line}");
    own.write_all(&client_frame(0x81, b"hi")).unwrap();
    let frame = event(&mut observer, "frame");
    assert_eq!(
        (&frame["connection"], &frame["length"], &frame["direction"]),
        (&json!(2), &json!(2), &json!("received"))
    );
    drop(own);
    assert_eq!(event(&mut observer, "closed")["connection"], 2);
    drop(observer);
    serving.running.signal(Signal::TERM);
    let outcome = serving.running.finish();
    assert!(!outcome.stderr.contains("[1]") && !outcome.stderr.contains("wscli-observer"), "{}", outcome.stderr);
    assert!(!outcome.stdout().contains("\"connection\":1,") && !outcome.stdout().contains("wscli-observer"));
    assert!(outcome.stdout().contains("\"page\":true"));
}

#[test]
fn any_connection_can_be_followed() {
    let serving = Serving::start(&[]);
    // One was there before anybody looked, and has said something.
    let (mut before, _) = open_by_hand(serving.address(), "");
    before.write_all(&client_frame(0x81, b"unheard")).unwrap();
    assert_eq!(read_frame(&mut before), (0x81, b"unheard".to_vec()));
    let mut observer = observe(&serving);
    let listed = event(&mut observer, "connections")["open"].clone();
    let address = before.local_addr().unwrap().to_string();
    assert_eq!(
        listed,
        json!([{"connection": 1, "address": address, "url": format!("ws://{}/chat", serving.address())}])
    );
    let sockets: Vec<_> = (0..2).map(|_| open_by_hand(serving.address(), "").0).collect();
    let [mut one, mut other] = sockets.try_into().unwrap();
    let say = |socket: &mut TcpStream, words: &[u8]| {
        socket.write_all(&client_frame(0x81, words)).unwrap();
        assert_eq!(read_frame(socket), (0x81, words.to_vec()));
    };
    // Each thread tells its own, in any order.
    let mut opened = [(), ()].map(|()| {
        let opened = event(&mut observer, "opened");
        assert_eq!(opened["yours"], false);
        opened["connection"].as_u64().unwrap()
    });
    opened.sort_unstable();
    assert_eq!(opened, [3, 4]);
    // Until it says so, it isn't told what they say.
    say(&mut one, b"unheard");
    for (number, socket, words) in
        [(3, &mut one, &b"first"[..]), (1, &mut before, b"from before"), (4, &mut other, b"second one")]
    {
        observer.write_all(&client_frame(0x81, format!("{{\"follow\":{number}}}").as_bytes())).unwrap();
        // That is heard once its Pong is there.
        observer.write_all(&client_frame(0x89, b"heard")).unwrap();
        while read_frame(&mut observer).0 != 0x8a {}
        say(socket, words);
        let frame = event(&mut observer, "frame");
        assert_eq!((&frame["connection"], &frame["length"]), (&json!(number), &json!(words.len())));
        assert_eq!(event(&mut observer, "frame")["direction"], "sent");
    }
    // The one before isn't followed any more.
    say(&mut one, b"unheard");
    say(&mut before, b"unheard");
    say(&mut other, b"heard");
    assert_eq!(event(&mut observer, "frame")["connection"], 4);
    // Another page sees what can be followed.
    let mut second = open(&serving, "/.wscli/observe?wscli-observer=another-token-of-another");
    let open: Vec<_> = event(&mut second, "connections")["open"]
        .as_array()
        .unwrap()
        .iter()
        .map(|opened| opened["connection"].as_u64().unwrap())
        .collect();
    assert_eq!(open, [1, 3, 4]);
}

/// Whatever serves it, and whoever looks at it already.
#[test]
fn a_connection_from_before_can_be_followed_in_every_mode() {
    let folder = Folder::new();
    let rules = folder.file("rules", "any => echo\n");
    for flags in [&["--broadcast", "--include-sender"][..], &["--reply", &rules], &["--exec", "cat"], &["--echo", "-v"]]
    {
        let serving = Serving::with(flags);
        let (mut before, _) = open_by_hand(serving.address(), "");
        // It is listed once it is served.
        before.write_all(&client_frame(0x81, b"hi")).unwrap();
        assert_eq!(read_frame(&mut before), (0x81, b"hi".to_vec()), "{flags:?}");
        let mut observer = observe(&serving);
        assert_eq!(event(&mut observer, "connections")["open"][0]["connection"], 1, "{flags:?}");
        observer.write_all(&client_frame(0x81, b"{\"follow\":1}")).unwrap();
        observer.write_all(&client_frame(0x89, b"heard")).unwrap();
        while read_frame(&mut observer).0 != 0x8a {}
        before.write_all(&client_frame(0x81, b"hi")).unwrap();
        for direction in ["received", "sent"] {
            let frame = event(&mut observer, "frame");
            assert_eq!((&frame["connection"], &frame["direction"]), (&json!(1), &json!(direction)), "{flags:?}");
        }
        drop(before);
        assert_eq!(event(&mut observer, "closed")["connection"], 1, "{flags:?}");
    }
}

#[test]
fn a_page_is_told_the_beginning_of_what_a_client_says_of_itself() {
    let serving = Serving::start(&[]);
    let mut observer = observe(&serving);
    event(&mut observer, "connections");
    let subprotocols: Vec<_> = (0..300).map(|number| format!("p{number}")).collect();
    let headers =
        format!("User-Agent: {}\r\nSec-WebSocket-Protocol: {}\r\n", "u".repeat(3_000), subprotocols.join(","));
    let clients: Vec<_> = (0..21).map(|_| open_with(&serving, &format!("/?{}", "q".repeat(3_000)), &headers)).collect();
    let mut told = Vec::new();
    while told.len() < clients.len() {
        let opened = event(&mut observer, "opened");
        assert_eq!(opened["user_agent"].as_str().unwrap(), "u".repeat(256) + "…");
        assert_eq!(opened["url"].as_str().unwrap(), format!("ws://localhost/?{}…", "q".repeat(240)));
        assert_eq!(opened["requested_subprotocols"].as_array().unwrap().len(), 8);
        told.push(opened["connection"].as_u64().unwrap());
    }
    told.sort_unstable();
    // Another page is told of all of them, in parts.
    let mut second = open(&serving, "/.wscli/observe?wscli-observer=another-token-of-another");
    let mut listed = Vec::new();
    while listed.len() < clients.len() {
        let part = event(&mut second, "connections");
        let part = part["open"].as_array().unwrap();
        assert!(part.len() <= 20);
        assert_eq!(part[0]["url"].as_str().unwrap(), format!("ws://localhost/?{}…", "q".repeat(240)));
        listed.extend(part.iter().map(|opened| opened["connection"].as_u64().unwrap()));
    }
    assert_eq!(listed, told);
}
