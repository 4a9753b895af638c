//! The page's sockets as the server has them: what they are told, and what others are told of them. `tests/page` drives the
//! page itself in a browser.

use std::io::Write;
use std::net::TcpStream;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::files::Folder;
use crate::support::peer::{self, client_frame, open_by_hand, read_frame, read_head, read_to_end};
use crate::support::program::{PATIENCE, Serving, run};

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

/// What a client that asks for this without an Upgrade gets.
fn answer(serving: &Serving, target: &str) -> String {
    let mut socket = TcpStream::connect(serving.address()).unwrap();
    write!(socket, "GET {target} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", serving.address()).unwrap();
    String::from_utf8(read_to_end(&mut socket)).unwrap()
}

#[test]
fn a_proxy_has_a_page_that_shows_what_goes_through_where_it_is_asked_to() {
    let target = Serving::start(&["--out", "json"]);
    let mut proxy = Serving::in_front_of(&target.url, &["--page"]);
    let place = format!("http://{}/.wscli/", proxy.address());
    assert_eq!(proxy.running.line_with("page "), format!("page {place}"));
    for path in ["/.wscli/", "/.wscli"] {
        assert!(answer(&proxy, path).contains("<title>wscli</title>"), "{path}");
    }
    let refused = answer(&proxy, "/");
    assert!(refused.starts_with("HTTP/1.1 426 ") && refused.contains("wscli proxy --forward"), "{refused}");
    // One was there before anybody looked.
    let (mut before, _) = open_by_hand(proxy.address(), "");
    let say = |socket: &mut TcpStream, words: &[u8]| {
        socket.write_all(&client_frame(0x81, words)).unwrap();
        assert_eq!(read_frame(socket), (0x81, words.to_vec()));
    };
    say(&mut before, b"unheard");
    let mut observer = observe(&proxy);
    let listed = event(&mut observer, "connections");
    let number = listed["open"][0]["connection"].as_u64().unwrap();
    observer.write_all(&client_frame(0x81, format!("{{\"follow\":{number}}}").as_bytes())).unwrap();
    observer.write_all(&client_frame(0x89, b"heard")).unwrap();
    while read_frame(&mut observer).0 != 0x8a {}
    say(&mut before, b"heard");
    for direction in ["received", "sent"] {
        let frame = event(&mut observer, "frame");
        let seen = (&frame["connection"], &frame["direction"], &frame["length"]);
        assert_eq!(seen, (&json!(number), &json!(direction), &json!(5)));
    }
    drop(before);
    assert_eq!(event(&mut observer, "closed")["connection"], number);
    // One that the page opens itself is its own, and the target hears nothing of its token.
    let mut own = open(&proxy, &format!("/chat?a=b&{TOKEN}"));
    assert_eq!(event(&mut observer, "opened")["yours"], true);
    say(&mut own, b"mine");
    assert_eq!(event(&mut observer, "frame")["length"], 4);
    drop((own, observer));
    proxy.running.signal(Signal::TERM);
    proxy.running.wait();
    target.running.signal(Signal::TERM);
    let outcome = target.running.finish();
    assert!(outcome.stdout().contains("/chat?a=b"), "{}", outcome.stdout());
    assert!(!outcome.stdout().contains("observe"), "{}", outcome.stdout());
}

/// Has this observer follow something, and waits until that is known.
fn follow(observer: &mut TcpStream, what: &str) {
    observer.write_all(&client_frame(0x81, format!("{{\"follow\":{what}}}").as_bytes())).unwrap();
    observer.write_all(&client_frame(0x89, b"heard")).unwrap();
    while read_frame(observer).0 != 0x8a {}
}

#[test]
fn a_page_of_a_proxy_shows_what_is_said_on_all_connections() {
    let target = Serving::start(&[]);
    let proxy = Serving::in_front_of(&target.url, &["--page"]);
    let say = |socket: &mut TcpStream, first: u8, content: &[u8]| {
        socket.write_all(&client_frame(first, content)).unwrap();
        assert_eq!(read_frame(socket), (first, content.to_vec()));
    };
    let (mut before, _) = open_by_hand(proxy.address(), "");
    say(&mut before, 0x81, b"unheard");
    let mut observer = observe(&proxy);
    let listed = event(&mut observer, "connections");
    assert_eq!(listed["messages"], true);
    let first = listed["open"][0]["connection"].clone();
    follow(&mut observer, "\"all\"");
    say(&mut before, 0x81, "größer\u{202e}\n".as_bytes());
    let of_first = [(); 2].map(|()| event(&mut observer, "message"));
    let (mut later, _) = open_by_hand(proxy.address(), "");
    let second = event(&mut observer, "opened")["connection"].clone();
    assert_ne!(first, second);
    say(&mut later, 0x82, &[7; 100]);
    let long = format!("{}ö{}", "x".repeat(1023), "y".repeat(1000));
    say(&mut later, 0x81, long.as_bytes());
    drop(later);
    let mut told = Vec::new();
    loop {
        let (first, payload) = read_frame(&mut observer);
        assert_eq!(first, 0x81);
        let event: Value = serde_json::from_slice(&payload).unwrap();
        match event["type"].as_str().unwrap() {
            "message" => told.push(event),
            "closed" => break,
            other => assert_ne!(other, "frame"),
        }
    }
    let message = |connection: &Value, kind: &str, length: usize, text: &str, whole: bool| {
        ["received", "sent"].map(|direction| {
            json!({"type": "message", "connection": connection, "direction": direction, "kind": kind, "length": length,
                   "text": text, "whole": whole})
        })
    };
    assert_eq!(of_first, message(&first, "text", 12, "größer\\u{202e}\\n", true));
    let expected = [
        message(&second, "binary", 100, &format!("0x{}", "07".repeat(64)), false),
        message(&second, "text", long.len(), &"x".repeat(1023), false),
    ];
    assert_eq!(told, expected.concat());
    // Of one alone there are frames, too.
    follow(&mut observer, &first.to_string());
    say(&mut before, 0x81, b"both");
    assert_eq!(event(&mut observer, "frame")["length"], 4);
    assert_eq!(event(&mut observer, "message")["text"], "both");
}

#[test]
fn a_page_sees_what_is_said_on_a_connection_that_has_gone_on_compressed_before() {
    /// "Hello" stored, and a second time as a repetition of the first (RFC 7692 §7.2.3).
    const STORED: [u8; 11] = [0x00, 0x05, 0x00, 0xfa, 0xff, b'H', b'e', b'l', b'l', b'o', 0x00];
    const AGAIN: [u8; 5] = [0xf2, 0x00, 0x11, 0x00, 0x00];
    let server = peer::opened("permessage-deflate", |socket| {
        let answer = |frame: &[u8]| [&[0xc1, frame.len() as u8][..], frame].concat();
        socket.write_all(&answer(&STORED)).unwrap();
        let heard = read_frame(socket);
        socket.write_all(&answer(&AGAIN)).unwrap();
        socket.write_all(&answer(&AGAIN)).unwrap();
        (heard, read_frame(socket))
    });
    let proxy = Serving::in_front_of(&server.url, &["--page"]);
    let (mut client, _) = open_by_hand(proxy.address(), "Sec-WebSocket-Extensions: permessage-deflate\r\n");
    assert_eq!(read_frame(&mut client), (0xc1, STORED.to_vec()));
    let mut observer = observe(&proxy);
    event(&mut observer, "connections");
    follow(&mut observer, "\"all\"");
    client.write_all(&client_frame(0xc1, &STORED)).unwrap();
    // What is told of from now on is compressed here: it refers to nothing that was said before.
    let fresh = vec![0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    assert_eq!(read_frame(&mut client), (0xc1, fresh));
    assert_eq!(read_frame(&mut client), (0xc1, vec![0x02, 0x13, 0x00, 0x00]));
    for direction in ["received", "sent", "sent"] {
        let told = event(&mut observer, "message");
        assert_eq!((&told["direction"], &told["text"]), (&json!(direction), &json!("Hello")));
    }
    client.write_all(&client_frame(0xc1, &AGAIN)).unwrap();
    drop(client);
    // The server's side is seen by nobody.
    assert_eq!(server.join(), ((0xc1, STORED.to_vec()), (0xc1, AGAIN.to_vec())));
}

#[test]
fn a_page_that_does_not_read_is_told_how_much_it_has_missed() {
    const MESSAGES: u64 = 12_000;
    let target = Serving::with(&["--sink"]);
    let mut proxy = Serving::in_front_of(&target.url, &["--page"]);
    let mut observer = observe(&proxy);
    event(&mut observer, "connections");
    follow(&mut observer, "\"all\"");
    let (mut socket, _) = open_by_hand(proxy.address(), "");
    let before = proxy.running.peak();
    for _ in 0..MESSAGES {
        socket.write_all(&client_frame(0x81, &[b'x'; 1100])).unwrap();
    }
    proxy.running.line_with("[1] reads too slowly: dropping messages until it catches up");
    let (mut shown, mut missed) = (0, 0);
    loop {
        let (_, payload) = read_frame(&mut observer);
        let event: Value = serde_json::from_slice(&payload).unwrap();
        match event["type"].as_str().unwrap() {
            "message" => shown += 1,
            "missed" => missed += event["count"].as_u64().unwrap(),
            _ => {}
        }
        if missed > 0 && shown + missed == MESSAGES {
            break;
        }
    }
    assert!(proxy.running.peak() - before < 24 << 20, "{} of {before}", proxy.running.peak());
}

#[test]
fn without_being_asked_to_a_proxy_has_no_page() {
    let target = Serving::start(&[]);
    let proxy = Serving::in_front_of(&target.url, &[]);
    assert!(answer(&proxy, "/.wscli/").starts_with("HTTP/1.1 426 "));
    // What is asked for there is the target's, which has one of its own.
    let mut observer = observe(&proxy);
    assert_eq!(event(&mut observer, "connections")["type"], "connections");
}

#[test]
fn a_page_of_a_proxy_is_for_loopback() {
    let beyond = ["proxy", "0.0.0.0:0", "ws://127.0.0.1:1", "--page"];
    run(&beyond, b"").assert("", 2, "is not loopback, and --page shows everything that goes through this proxy");
    run(&["proxy", "--forward", ":0", "--page"], b"").assert("", 2, "cannot be used with");
    let target = Serving::start(&[]);
    let proxy = Serving::in_front_of(&target.url, &["--page"]);
    let mut socket = TcpStream::connect(proxy.address()).unwrap();
    // A name that somebody has had resolve to this address.
    socket.write_all(b"GET /.wscli/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n").unwrap();
    assert!(read_to_end(&mut socket).starts_with(b"HTTP/1.1 403 "));
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
