//! Ctrl-C in every phase before the connection is open, and the deadlines of these phases.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Instant;

use rustix::net::{AddressFamily, SocketType, bind, getsockname, listen, socket};
use rustix::process::Signal;

use crate::support::peer;
use crate::support::program::{Outcome, PATIENCE, Running, run};
use crate::support::requests::{Answer, Requests};
use crate::support::timing::look_again;

#[track_caller]
fn interrupted(outcome: &Outcome) {
    assert!(outcome.code == Some(130) && outcome.stdout.is_empty(), "{outcome:#?}");
}

#[test]
fn in_the_opening_handshake() {
    for subcommand in ["connect", "inspect"] {
        for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
            let server = Requests::answered(vec![Answer::Silence]);
            let running = Running::start(&[subcommand, "--handshake-timeout", "1h", &server.url()]);
            server.next();
            running.signal(signal);
            assert_eq!(running.finish().code, Some(code), "{subcommand}");
        }
    }
}

#[test]
fn in_the_body_of_a_refusal() {
    let (told, heard) = channel();
    let server = peer::raw(move |socket, _| {
        socket.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 67108864\r\n\r\n").unwrap();
        // More than lies about in the kernel: the client is reading it.
        socket.write_all(&vec![b'x'; 32 << 20]).unwrap();
        told.send(()).unwrap();
        peer::read_to_end(socket);
    });
    let flags = ["--handshake-timeout", "1h", "--max-body", "64M"];
    let running = Running::start(&[&["connect", &server.url], &flags[..]].concat());
    heard.recv_timeout(PATIENCE).unwrap();
    running.signal(Signal::INT);
    let outcome = running.finish();
    assert_eq!(outcome.code, Some(130), "{} bytes on stderr", outcome.stderr.len());
    server.join();
}

/// A server that reads the first bytes of every connection and says nothing. Sends a word for each.
fn mute() -> (SocketAddr, std::sync::mpsc::Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (told, heard) = channel();
    thread::spawn(move || {
        for socket in listener.incoming() {
            let (mut socket, told) = (socket.unwrap(), told.clone());
            thread::spawn(move || {
                let mut bytes = [0; 4096];
                if socket.read(&mut bytes).is_ok_and(|count| count > 0) {
                    let _ = told.send(());
                }
                while socket.read(&mut bytes).is_ok_and(|count| count > 0) {}
            });
        }
    });
    (address, heard)
}

#[test]
fn in_the_tls_handshake() {
    let (address, asked) = mute();
    let running = Running::start(&["connect", "--connect-timeout", "1h", &format!("wss://{address}/")]);
    asked.recv_timeout(PATIENCE).unwrap();
    running.signal(Signal::INT);
    interrupted(&running.finish());
}

#[test]
fn at_a_proxy() {
    for scheme in ["http", "https", "socks5", "socks5h"] {
        let (address, asked) = mute();
        let proxy = format!("{scheme}://{address}");
        let running = Running::start(&["connect", "--connect-timeout", "1h", "-x", &proxy, "ws://127.0.0.1:1/"]);
        asked.recv_timeout(PATIENCE).unwrap();
        running.signal(Signal::INT);
        interrupted(&running.finish());
    }
}

/// A socket whose queue is full: the kernel answers no further connection.
struct Full {
    address: SocketAddr,
    _listener: rustix::fd::OwnedFd,
    _waiting: Vec<TcpStream>,
}

impl Full {
    fn new() -> Self {
        let listener = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
        bind(&listener, &SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        listen(&listener, 0).unwrap();
        let address = SocketAddr::try_from(getsockname(&listener).unwrap()).unwrap();
        // A backlog of none still holds one.
        let waiting = vec![TcpStream::connect(address).unwrap()];
        Self { address, _listener: listener, _waiting: waiting }
    }

    /// Whether somebody waits for an answer to their SYN.
    fn is_asked(&self) -> bool {
        let SocketAddr::V4(address) = self.address else { unreachable!() };
        let remote = format!("{:08X}:{:04X}", u32::from_le_bytes(address.ip().octets()), address.port());
        let table = fs::read_to_string("/proc/net/tcp").unwrap();
        // sl, local address, remote address, state: 02 is SYN_SENT.
        table.lines().any(|line| {
            let mut columns = line.split_whitespace().skip(2);
            columns.next() == Some(&remote) && columns.next() == Some("02")
        })
    }
}

#[test]
fn in_connect() {
    let server = Full::new();
    let running = Running::start(&["connect", "--connect-timeout", "1h", &format!("ws://{}/", server.address)]);
    let start = Instant::now();
    while !server.is_asked() {
        assert!(start.elapsed() < PATIENCE, "nobody connects");
        look_again();
    }
    running.signal(Signal::INT);
    interrupted(&running.finish());
}

#[test]
fn every_phase_has_its_deadline() {
    let full = Full::new();
    let connect =
        |flags: &[&str], url: &str| run(&[&["connect", "--connect-timeout", "100ms", url], flags].concat(), b"");
    connect(&[], &format!("ws://{}/", full.address)).assert("", 3, "after 100ms");
    let (mute, _) = mute();
    connect(&[], &format!("wss://{mute}/")).assert("", 4, "TLS");
    connect(&[], &format!("wss://{mute}/")).assert("", 4, "after 100ms");
    for (scheme, code) in [("http", 3), ("https", 4), ("socks5", 3), ("socks5h", 3)] {
        let outcome = connect(&["-x", &format!("{scheme}://{mute}")], "ws://127.0.0.1:1/");
        outcome.assert("", code, "after 100ms");
        outcome.assert("", code, "proxy");
    }
}

#[test]
fn an_address_that_does_not_answer_does_not_hold_up_the_next() {
    let full = Full::new();
    let port = full.address.port();
    let server = Requests::on(TcpListener::bind(("127.0.0.2", port)).unwrap(), vec![Answer::Open]);
    let known = ["127.0.0.1", "127.0.0.2"].map(|address| format!("chat.example:{port}:{address}"));
    let url = format!("ws://chat.example:{port}/");
    let flags = ["--connect-timeout", "1h", "--resolve", &known[0], "--resolve", &known[1]];
    run(&[&["connect", "-v", &url], &flags[..]].concat(), b"").assert("", 0, &format!("connected to 127.0.0.2:{port}"));
    assert!(server.next().contains(&format!("Host: chat.example:{port}")));
}
