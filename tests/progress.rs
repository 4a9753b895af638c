//! The progress line: where a person sees stderr and not stdout, and nowhere else.

use std::fs::File;
use std::io::{Read, Write};
use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tungstenite::Message;

use crate::support::files::Folder;
use crate::support::peer::{self, read_frame};
use crate::support::program::{NO_CONFIG, Running};
use crate::support::terminal::Terminal;

/// Takes the line away.
const ERASE: &str = "\r\x1b[K";

/// A server that answers the first of two messages, and then only pings until the client closes.
fn one_answer_for_two() -> peer::Peer<()> {
    peer::tungstenite(|socket| {
        assert_eq!(socket.read().unwrap(), Message::text("one"));
        assert_eq!(socket.read().unwrap(), Message::text("two"));
        socket.send(Message::text("three")).unwrap();
        while socket.read().is_ok() {}
    })
}

#[test]
fn a_long_transfer_has_a_line_that_goes_when_it_ends() {
    let server = one_answer_for_two();
    let mut terminal = Terminal::open();
    let folder = Folder::new();
    let input = File::open(folder.file("input", "one\ntwo\n")).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_wscli"))
        .args(["connect", "--linger", "1h", &server.url])
        .envs([("TERM", "xterm"), NO_CONFIG])
        .stdin(Stdio::from(input))
        .stdout(Stdio::piped())
        .stderr(terminal.end())
        .spawn()
        .unwrap();
    terminal.wait_for("> 2 messages, 6 B  < 1 message, 5 B");
    terminal.wait_for("B/s  [##########] 100 %");
    terminal.wait_for("  rtt 0.");
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    terminal.wait_for(&format!("{ERASE}closed by us: 1001 (going away)\r\n"));
    let mut stdout = String::new();
    child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
    assert_eq!((child.wait().unwrap().code(), stdout.as_str()), (Some(143), "three\n"));
    // Shown once more below that, and then taken away for good.
    let above = terminal.seen.split_once("(going away)").unwrap().0.matches(ERASE).count();
    terminal.wait_for_each(ERASE, above + 1);
    assert!(terminal.seen.ends_with(ERASE), "{:?}", terminal.seen);
    let widest = terminal.seen.split(['\r', '\n']).map(|line| line.trim_start_matches("\x1b[K").len()).max();
    assert!(widest < Some(80), "{widest:?} columns: {:?}", terminal.seen);
}

#[test]
fn there_is_no_line_where_nobody_looks() {
    // The program's third Ping tells that more than two seconds have gone by.
    let server = peer::opened("", |socket| {
        let mut pings = 0;
        while pings < 3 {
            let (first, payload) = read_frame(socket);
            if first == 0x89 {
                pings += 1;
                socket.write_all(&[&[0x8a, payload.len() as u8], &payload[..]].concat()).unwrap();
            }
        }
        socket.write_all(b"\x88\x02\x03\xe8").unwrap();
        read_frame(socket);
    });
    let args = ["connect", "--no-compress", "--linger", "1h", "--ping-interval", "1s", &server.url];
    let mut running = Running::start(&args);
    running.feed(b"one\n".to_vec());
    let outcome = running.finish();
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), "peer closed: 1000 (normal closure)\n"));
    server.join();
}

#[test]
fn a_run_of_tests_has_a_line_below_its_results() {
    let mut terminal = Terminal::open();
    let folder = Folder::new();
    folder.file("a.wst", "connect ws://127.0.0.1:1/\n");
    folder.file("b.wst", "delay 1s\ndelay 600s\n");
    let child = Command::new(env!("CARGO_BIN_EXE_wscli"))
        .args(["test", "--jobs", "2", &folder.path("")])
        .envs([("TERM", "xterm"), NO_CONFIG])
        .stdin(Stdio::null())
        .stdout(terminal.end())
        .stderr(terminal.end())
        .spawn()
        .unwrap();
    terminal.wait_for("FAIL  ");
    terminal.wait_for(&format!("{ERASE}1 of 2 done, 1 failed  "));
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    terminal.wait_for("0 passed, 1 failed, 1 interrupted (");
    // The line is gone before the summary.
    let (_, last) = terminal.seen.rsplit_once(ERASE).unwrap();
    assert!(last.starts_with("0 passed, 1 failed"), "{:?}", terminal.seen);
    drop(child);
}
