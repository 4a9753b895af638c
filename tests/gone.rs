//! Clients that are gone, and those that only have nothing more to say, while there is no room for what they have said.

use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::support::files::Folder;
use crate::support::peer::{self, client_frame, open_by_hand, read_frame};
use crate::support::program::{PATIENCE, Running, Serving};
use crate::support::timing::look_again;

const PINGS: [&str; 4] = ["--ping-interval", "200ms", "--ping-timeout", "200ms"];

/// More than a command's stdin, the server and the kernel hold for a command that reads nothing.
const SURPLUS: usize = 1 << 20;

/// Sends until there is no room for more.
fn stuff(socket: &mut TcpStream) {
    socket.set_write_timeout(Some(Duration::from_millis(300))).unwrap();
    let frame = client_frame(0x82, &[b'x'; 60_000]);
    let mut sent = 0;
    while sent < SURPLUS && socket.write_all(&frame).is_ok() {
        sent += frame.len();
    }
}

/// The process that a command told its number of.
fn process(socket: &mut TcpStream) -> String {
    let (first, number) = read_frame(socket);
    assert_eq!(first, 0x81);
    format!("/proc/{}", String::from_utf8(number).unwrap())
}

#[test]
fn a_command_that_does_not_read_ends_with_its_client() {
    let mut serving = Serving::with(&[&["--exec", "echo $$; exec sleep 600"], &PINGS[..]].concat());
    for close in [true, false] {
        let (mut socket, _) = open_by_hand(serving.address(), "");
        let process = process(&mut socket);
        stuff(&mut socket);
        if close {
            // A Ping that nobody reads any more is answered with a reset.
            drop(socket);
        } else {
            rustix::net::sockopt::set_socket_linger(&socket, Some(Duration::ZERO)).unwrap();
            drop(socket);
        }
        serving.running.line_with(" (1006), before our Close, ");
        assert!(!Path::new(&process).exists(), "{close}");
    }
}

/// Nobody can hear its Pongs, nor would it send any: it has no room even for a Ping.
#[test]
fn a_client_that_takes_nothing_ends_though_its_command_reads_nothing() {
    let command = "echo $$; yes | head -c 50000000; exec sleep 600";
    let mut serving = Serving::with(&[&["--exec", command, "--close-timeout", "200ms"], &PINGS[..]].concat());
    let (mut socket, _) = open_by_hand(serving.address(), "");
    let process = process(&mut socket);
    stuff(&mut socket);
    serving.running.line_with(" (1006), before our Close, ");
    assert!(!Path::new(&process).exists());
}

#[test]
fn no_thread_waits_for_what_a_command_has_left_behind() {
    let (folder, threads) = (Folder::new(), |pid| std::fs::read_dir(format!("/proc/{pid}/task")).unwrap().count());
    let pid = folder.path("pid");
    let command = format!("exec 3<&0; setsid sleep 600 <&3 & echo $! >{pid}; echo $$; exec sleep 600");
    let mut serving = Serving::with(&[&["--exec", &command], &PINGS[..]].concat());
    let before = threads(serving.running.pid());
    let (mut socket, _) = open_by_hand(serving.address(), "");
    process(&mut socket);
    stuff(&mut socket);
    assert!(threads(serving.running.pid()) > before);
    drop(socket);
    serving.running.line_with(" (1006), before our Close, ");
    let start = Instant::now();
    while threads(serving.running.pid()) > before {
        assert!(start.elapsed() < PATIENCE, "{} threads", threads(serving.running.pid()));
        look_again();
    }
    let left = std::fs::read_to_string(pid).unwrap();
    rustix::process::kill_process(rustix::process::Pid::from_raw(left.trim().parse().unwrap()).unwrap(), Signal::KILL)
        .unwrap();
}

#[test]
fn a_rule_that_waits_ends_with_its_client() {
    let folder = Folder::new();
    let rules = folder.file("rules", "any\n  delay 1h\n  reply x\n");
    let mut serving = Serving::with(&[&["--reply", &rules], &PINGS[..]].concat());
    let (mut socket, _) = open_by_hand(serving.address(), "");
    socket.write_all(&client_frame(0x81, b"x").repeat(2000)).unwrap();
    drop(socket);
    serving.running.line_with("dropped: the peer ended the connection without a Close frame");
}

#[test]
fn a_client_of_a_unix_socket_is_missed_at_once() {
    let folder = Folder::new();
    let path = folder.path("socket");
    let command = "echo $$; exec sleep 600";
    let mut serving = Serving::with(&["--exec", command, "--unix", &path, "--ping-interval", "0"]);
    let mut socket = UnixStream::connect(&path).unwrap();
    socket.set_write_timeout(Some(Duration::from_millis(300))).unwrap();
    let head = "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    socket.write_all(head.as_bytes()).unwrap();
    serving.running.line_with("opened /");
    while socket.write_all(&client_frame(0x82, &[b'x'; 60_000])).is_ok() {}
    drop(socket);
    serving.running.line_with("dropped: the peer ended the connection without a Close frame");
}

#[test]
fn a_client_that_only_has_nothing_more_to_say_is_kept() {
    let folder = Folder::new();
    let go = folder.path("go");
    let command = format!("until [ -e {go} ]; do sleep 0.05; done; head -c 60000");
    let mut serving = Serving::with(&[&["--exec", &command], &PINGS[..]].concat());
    let (mut socket, _) = open_by_hand(serving.address(), "");
    stuff(&mut socket);
    socket.shutdown(Shutdown::Write).unwrap();
    // Not for the first Ping, which may have come before, nor for the next, which may have been answered.
    for _ in 0..3 {
        assert_eq!(read_frame(&mut socket).0, 0x89);
    }
    folder.file("go", "");
    let mut text = Vec::new();
    loop {
        match read_frame(&mut socket) {
            (0x89, _) => {}
            (0x88, _) => break,
            (_, part) => text.extend_from_slice(&part),
        }
    }
    assert!(text == [b'x'; 60_000], "{} bytes", text.len());
    serving.running.line_with("the command exited with 0");
}

/// The columns of the kernel's table of TCP sockets: number, local address, remote address, state, queues, and more.
fn sockets() -> Vec<Vec<String>> {
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    table.lines().map(|line| line.split_whitespace().map(str::to_owned).collect()).collect()
}

/// An address as the table has it.
fn in_table(address: SocketAddr) -> String {
    let SocketAddr::V4(address) = address else { unreachable!() };
    format!("{:08X}:{:04X}", u32::from_le_bytes(address.ip().octets()), address.port())
}

/// Whether a socket of this machine has this at its other end.
fn is_connected_to(address: SocketAddr) -> bool {
    let remote = in_table(address);
    sockets().iter().any(|socket| socket[2] == remote)
}

/// Whether the other end has acknowledged all that was written to the socket.
fn is_all_taken(socket: &TcpStream) -> bool {
    let ends = [in_table(socket.local_addr().unwrap()), in_table(socket.peer_addr().unwrap())];
    sockets().iter().any(|socket| socket[1..3] == ends && socket[4].starts_with("00000000:"))
}

fn wait_for(what: &str, mut has_come: impl FnMut() -> bool) {
    let start = Instant::now();
    while !has_come() {
        assert!(start.elapsed() < PATIENCE, "waited for {what}");
        look_again();
    }
}

#[test]
fn a_server_that_is_gone_is_heard_to_the_end() {
    // More than stdout and what waits for it hold, and no more than the kernel holds besides.
    const LINES: usize = 4200;
    let server = peer::opened("", |socket| {
        let line = [&[0x82, 99][..], &[b'y'; 99]].concat();
        socket.write_all(&line.repeat(LINES)).unwrap();
        // What the kernel of a server that is gone has not sent yet, a reset throws away.
        wait_for("that the client has all", || is_all_taken(socket));
        socket.local_addr().unwrap()
    });
    let mut running = Running::start_unread(&[&["connect", "-n", &server.url], &PINGS[..]].concat());
    let stdout = running.take_stdout();
    let address = server.join();
    // It has gone, and a Ping of the client's is answered with a reset.
    wait_for("a reset", || !is_connected_to(address));
    let lines = BufReader::new(stdout).lines().map(Result::unwrap).filter(|line| *line == "y".repeat(99));
    assert_eq!(lines.count(), LINES);
    assert_eq!(running.finish().code, Some(7));
}
