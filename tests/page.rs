//! The page's sockets as the server has them: what they are told, and what others are told of them. `tests/page` drives the
//! page itself in a browser.

use std::io::Write;
use std::net::TcpStream;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::peer::{client_frame, open_by_hand, read_frame, read_head};
use crate::support::program::{PATIENCE, Serving};

const TOKEN: &str = "wscli-observer=0123456789012345678901";

fn open(serving: &Serving, target: &str) -> TcpStream {
    let mut socket = TcpStream::connect(serving.address()).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let head = format!(
        "GET {target} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
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
        (&opened["connection"], &opened["yours"], &opened["path"]),
        (&json!(2), &json!(true), &json!("/chat?a=b"))
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
fn any_connection_that_opens_meanwhile_can_be_followed() {
    let serving = Serving::start(&[]);
    let mut observer = observe(&serving);
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
    assert_eq!(opened, [2, 3]);
    // Until it says so, it isn't told what they say.
    say(&mut one, b"unheard");
    for (number, socket, words) in [(2, &mut one, &b"first"[..]), (3, &mut other, b"second one")] {
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
    say(&mut other, b"heard");
    assert_eq!(event(&mut observer, "frame")["connection"], 3);
    // Another page sees what can be followed.
    let mut second = open(&serving, "/.wscli/observe?wscli-observer=another-token-of-another");
    let open: Vec<_> = event(&mut second, "connections")["open"]
        .as_array()
        .unwrap()
        .iter()
        .map(|opened| opened["connection"].as_u64().unwrap())
        .collect();
    assert_eq!(open, [2, 3]);
}
