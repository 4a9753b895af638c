//! Each reason for which a server's connection can end, produced by a raw client and read back from the JSON log.

use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::peer::{client_frame, open_by_hand, read_frame, read_to_end};
use crate::support::program::{PATIENCE, Running, run};

/// A server whose JSON log is read.
struct Logging {
    running: Running,
    address: String,
    log: Receiver<String>,
}

impl Logging {
    fn start(flags: &[&str]) -> Self {
        let mut running = Running::start_unread(&[&["serve", "127.0.0.1:0", "--out", "json"], flags].concat());
        let (told, log) = channel();
        let stdout = BufReader::new(running.take_stdout());
        // A log that nobody reads would make the server wait.
        thread::spawn(move || stdout.lines().map_while(Result::ok).try_for_each(|line| told.send(line)));
        let line = running.line_with("listening on ws://");
        let address = line.split('/').nth(2).unwrap().to_owned();
        Self { running, address, log }
    }

    fn open(&self) -> TcpStream {
        open_by_hand(&self.address, "").0
    }

    fn next_event(&mut self) -> Value {
        let line = self.log.recv_timeout(PATIENCE).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    /// The next event of this name.
    fn event(&mut self, name: &str) -> Value {
        loop {
            let event = self.next_event();
            if event["type"] == name {
                return event;
            }
        }
    }

    /// How the next connection ends: kind, code, reason.
    fn closed(&mut self) -> (String, u64, String) {
        let event = self.event("closed");
        // What is empty isn't there.
        assert_ne!(event["reason"], "");
        let text = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
        (text("kind"), event["code"].as_u64().unwrap(), text("reason"))
    }
}

fn ending(kind: &str, code: u64, reason: &str) -> (String, u64, String) {
    (kind.to_owned(), code, reason.to_owned())
}

#[test]
fn the_peer_closed() {
    let mut server = Logging::start(&[]);
    let mut socket = server.open();
    socket.write_all(&[client_frame(0x81, b"hello"), client_frame(0x88, b"\x10\xe1enough")].concat()).unwrap();
    read_to_end(&mut socket);
    let opened = server.event("opened");
    assert_eq!((&opened["url"], &opened["connection"]), (&json!(format!("ws://{}/chat", server.address)), &json!(1)));
    for direction in ["received", "sent"] {
        let message = server.event("text");
        let told = (&message["direction"], &message["text"], &message["connection"]);
        assert_eq!(told, (&json!(direction), &json!("hello"), &json!(1)));
    }
    for direction in ["received", "sent"] {
        let close = server.event("close");
        assert_eq!((&close["direction"], &close["code"]), (&json!(direction), &json!(4321)));
    }
    let closed = server.event("closed");
    assert_eq!(
        (&closed["kind"], &closed["code"], &closed["reason"]),
        (&json!("peer_closed"), &json!(4321), &json!("enough"))
    );
    assert_eq!(
        (&closed["received"], &closed["sent"]),
        (&json!({"messages": 1, "bytes": 5}), &json!({"messages": 1, "bytes": 5}))
    );
    // A close without a code.
    let mut socket = server.open();
    socket.write_all(&client_frame(0x88, b"")).unwrap();
    assert_eq!(server.closed(), ending("peer_closed", 1005, ""));
}

#[test]
fn reading_failed() {
    let mut server = Logging::start(&[]);
    let socket = server.open();
    socket.shutdown(Shutdown::Write).unwrap();
    assert_eq!(server.closed(), ending("read_failed", 1006, ""));
    // A reset: closed over what was sent and not read.
    let mut socket = server.open();
    socket.write_all(&client_frame(0x81, b"reset")).unwrap();
    let mut peeked = [0];
    while socket.peek(&mut peeked).unwrap() == 0 {}
    drop(socket);
    assert_eq!(server.closed().0, "read_failed");
}

#[test]
fn writing_failed() {
    let flags = ["--broadcast", "--slow", "drop", "--close-timeout", "100ms"];
    let mut server = Logging::start(&flags);
    let (mut reader, mut sender) = (server.open(), server.open());
    // With a window that no acknowledgement can open far enough for what waits.
    rustix::net::sockopt::set_socket_recv_buffer_size(&reader, 4096).unwrap();
    let message = client_frame(0x82, &[0; 60_000]);
    // More than the sockets and the outbox take, so that nothing flows any more.
    let mut is_slow = false;
    for _ in 0..150 {
        sender.write_all(&message).unwrap();
        let mut told = std::iter::repeat_with(|| server.next_event());
        let event = told.find(|event| event["type"] == "slow" || event["direction"] == "received").unwrap();
        is_slow |= event["type"] == "slow";
    }
    assert!(is_slow);
    reader.write_all(&client_frame(0x88, b"\x03\xe8")).unwrap();
    // Our Close waits behind what the reader doesn't take.
    let closed = server.event("closed");
    assert_eq!((&closed["kind"], &closed["connection"]), (&json!("write_failed"), &json!(1)));
    assert_eq!(closed["why"], "write failed: the peer did not take what was sent (1006)");
}

#[test]
fn the_keepalive_failed() {
    let mut server = Logging::start(&["--ping-interval", "50ms", "--ping-timeout", "50ms", "--close-timeout", "50ms"]);
    let _socket = server.open();
    assert_eq!(server.closed(), ending("keepalive_failed", 1011, ""));
}

#[test]
fn the_protocol_was_violated() {
    let mut server = Logging::start(&[]);
    let mut socket = server.open();
    socket.write_all(b"\x81\x01x").unwrap();
    read_to_end(&mut socket);
    let closed = server.event("closed");
    assert_eq!((&closed["kind"], &closed["code"]), (&json!("protocol_violation"), &json!(1002)));
    assert_eq!(closed["faults"], json!(["a client's frame is not masked (RFC 6455 §5.1)"]));
}

#[test]
fn it_was_idle() {
    let mut server = Logging::start(&["--idle-timeout", "50ms", "--close-timeout", "50ms"]);
    let mut socket = server.open();
    assert_eq!(read_frame(&mut socket).0, 0x88);
    assert_eq!(server.closed().0, "idle");
}

#[test]
fn it_met_a_limit() {
    let mut server = Logging::start(&["--max-message-size", "100", "--max-connections", "1"]);
    let mut socket = server.open();
    let (_, refused) = open_by_hand(&server.address, "");
    assert!(refused.starts_with("HTTP/1.1 503 "), "{refused}");
    let event = server.event("refused");
    assert_eq!((&event["status"], &event["kind"]), (&json!(503), &json!("limit")));
    socket.write_all(&client_frame(0x82, &[0; 101])).unwrap();
    read_to_end(&mut socket);
    assert_eq!(server.closed(), ending("limit", 1009, ""));
}

#[test]
fn a_status_that_was_injected_is_no_limit() {
    let mut server = Logging::start(&["--fault", "status 503"]);
    let (_, refused) = open_by_hand(&server.address, "");
    assert!(refused.starts_with("HTTP/1.1 503 "), "{refused}");
    let event = server.event("refused");
    assert_eq!((&event["status"], &event["kind"]), (&json!(503), &json!("not_opened")));
}

#[test]
fn the_server_stopped() {
    let mut server = Logging::start(&[]);
    let mut socket = server.open();
    server.event("opened");
    server.running.signal(Signal::TERM);
    assert_eq!(read_frame(&mut socket).0, 0x88);
    socket.write_all(&client_frame(0x88, b"\x03\xe9")).unwrap();
    assert_eq!(server.closed(), ending("server_stopping", 1001, ""));
}

#[test]
fn the_mode_closed() {
    let mut server = Logging::start(&["--exec", "exit 3"]);
    let mut socket = server.open();
    let (_, payload) = read_frame(&mut socket);
    assert_eq!(payload[..2], 1011u16.to_be_bytes());
    socket.write_all(&client_frame(0x88, &payload[..2])).unwrap();
    let closed = server.event("closed");
    assert_eq!((&closed["kind"], &closed["code"]), (&json!("closed"), &json!(1011)));
    assert!(closed["why"].as_str().unwrap().starts_with("the command exited with 3"), "{closed}");
}

#[test]
fn only_json_goes_to_stdout() {
    run(&["serve", "127.0.0.1:0", "--out", "yaml"], b"").assert("", 2, "invalid value 'yaml'");
}
