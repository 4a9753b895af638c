//! More at the prompt than anybody can see.

use std::sync::mpsc::channel;

use rustix::fs::{CWD, Mode, mkfifoat};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, waitid};
use tungstenite::Message;
use tungstenite::protocol::CloseFrame;

use crate::prompt::{AtTheTerminal, until_closed};
use crate::support::files::Folder;
use crate::support::peer;

/// A line that is taller than the screen: nothing is printed above it.
fn tall() -> String {
    format!("\x1b[200~{}and so on\x1b[201~", "tall ".repeat(400))
}

#[test]
fn of_a_burst_the_newest_is_shown_before_a_close() {
    let (go, gate) = channel::<()>();
    let peer = peer::tungstenite(move |socket| {
        gate.recv().unwrap();
        for number in 0..5000 {
            socket.write(Message::text(format!("number {number}"))).unwrap();
        }
        socket.close(Some(CloseFrame { code: 4000.into(), reason: "".into() })).unwrap();
        assert_eq!(until_closed(socket), Some(4000));
    });
    let mut prompt = AtTheTerminal::start(&peer.url);
    prompt.type_keys(&tall());
    prompt.wait_for("(row 26 of 26; what arrives is held until the line fits the screen)");
    go.send(()).unwrap();
    peer.join();
    prompt.type_keys("\x03");
    prompt.wait_for("[not connected]");
    let seen = prompt.seen();
    let number = |line: &str| line.split_once("< number ").map(|(_, number)| number.trim().parse::<u32>().unwrap());
    let shown: Vec<_> = seen.lines().filter(|line| number(line).is_some() || line.starts_with("* ")).collect();
    let missing = shown.iter().position(|line| line.contains("not shown: ")).unwrap();
    let closed = shown.iter().position(|line| line.starts_with("* peer closed: 4000")).unwrap();
    assert_eq!(
        shown[missing].trim_end(),
        "* 2,900 messages not shown: the line was taller than the screen (/list, /show)"
    );
    let numbers: Vec<u32> = shown[missing + 1..closed].iter().filter_map(|line| number(line)).collect();
    assert_eq!(numbers, (4900..5000).collect::<Vec<_>>());
    prompt.type_keys("\x04");
    prompt.left(7);
}

#[test]
fn what_comes_while_another_program_has_the_terminal_is_shown_behind_it() {
    let (go, gate) = channel::<()>();
    let (took, taken) = channel::<()>();
    let peer = peer::tungstenite(move |socket| {
        gate.recv().unwrap();
        for number in 0..5000 {
            socket.write(Message::text(format!("number {number}"))).unwrap();
        }
        socket.send(Message::Ping("p".into())).unwrap();
        while !matches!(socket.read().unwrap(), Message::Pong(_)) {}
        took.send(()).unwrap();
        until_closed(socket)
    });
    let folder = Folder::new();
    let [begun, ends] = ["begun", "ends"].map(|name| folder.path(name));
    for path in [&begun, &ends] {
        mkfifoat(CWD, path, Mode::RUSR | Mode::WUSR).unwrap();
    }
    let editor = format!("sh {}", folder.file("editor", format!("echo > {begun}\nread end < {ends}\n")));
    let mut prompt = AtTheTerminal::start_in(&[("EDITOR", &editor), ("VISUAL", "")], &[&peer.url]);
    prompt.type_keys("/edit\r");
    std::fs::read(&begun).unwrap();
    go.send(()).unwrap();
    taken.recv().unwrap();
    std::fs::write(&ends, "\n").unwrap();
    prompt.wait_for("< number 1999\r\n* 2,900 messages not shown: the terminal was in use (/list, /show)\r\n");
    prompt.wait_for("< number 4999\r\n");
    prompt.type_keys("\x04");
    assert_eq!(peer.join(), Some(1000));
    prompt.left(0);
}

#[test]
fn a_line_that_is_taller_than_the_screen_is_there_again_once_the_program_goes_on() {
    let peer = peer::tungstenite(until_closed);
    let mut prompt = AtTheTerminal::start(&peer.url);
    prompt.type_keys(&tall());
    let row = "(row 26 of 26; what arrives is held until the line fits the screen)";
    prompt.wait_for(row);
    prompt.signal(Signal::TSTP);
    let stopped = waitid(WaitId::Pid(Pid::from_child(&prompt.child)), WaitIdOptions::STOPPED).unwrap().unwrap();
    assert!(stopped.stopped());
    prompt.wait_for("\x1b[?2004l");
    let before = prompt.seen().matches(row).count();
    prompt.signal(Signal::CONT);
    // Without a key.
    prompt.wait_for_each(row, before + 1);
    prompt.type_keys("\x03\x04");
    assert_eq!(peer.join(), Some(1000));
    prompt.left(0);
}

#[test]
fn ctrl_c_ends_a_long_show_alone() {
    let peer = peer::tungstenite(|socket| {
        let lines: String = (0..9000).map(|number| format!("line {number}\n{}\n", "x".repeat(70))).collect();
        socket.send(Message::text(lines)).unwrap();
        until_closed(socket)
    });
    let mut prompt = AtTheTerminal::start_in(&[("PAGER", "")], &[&peer.url]);
    prompt.wait_for("/show 1 shows all of it");
    prompt.type_keys("/show 1\r");
    prompt.wait_for("| line 100\r");
    prompt.type_keys("\x03");
    prompt.wait_for("* the rest is not shown");
    prompt.type_keys("on\r\x04");
    assert_eq!(peer.join(), Some(1000));
    assert!(!prompt.seen().contains("| line 4990\r"));
    prompt.left(0);
}

#[test]
fn ctrl_c_ends_a_show_that_is_still_being_made_and_one_of_a_single_line() {
    const LENGTH: usize = 6 << 20;
    let peer = peer::tungstenite(|socket| {
        socket.send(Message::text("x".repeat(LENGTH))).unwrap();
        until_closed(socket)
    });
    let mut prompt = AtTheTerminal::start_in(&[("PAGER", "")], &[&peer.url]);
    prompt.wait_for("/show 1 shows all of it");
    prompt.type_keys("/show 1\r");
    // Some of it, or nothing yet: whatever it is, there is no other that Ctrl-C could be for.
    prompt.type_keys("\x03");
    prompt.wait_for("* the rest is not shown");
    prompt.type_keys("on\r\x04");
    assert_eq!(peer.join(), Some(1000));
    let seen = prompt.seen();
    assert!(!seen.contains("Ctrl-C again"), "{}", &seen[seen.len() - 2000..]);
    assert!(seen.len() < 600_000, "{}", seen.len());
    prompt.left(0);
}
