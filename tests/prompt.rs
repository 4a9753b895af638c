//! The prompt on a pseudo-terminal: the terminal is as it was after every way out.

use std::io::Write;
use std::process::{Child, Command};
use std::sync::mpsc::channel;

use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::{Termios, tcgetattr};
use tungstenite::protocol::CloseFrame;
use tungstenite::{Message, WebSocket};

use crate::support::peer;
use crate::support::terminal::Terminal;

/// What the editor begins each line with: bracketed paste, in raw mode.
const EDITING: &str = "\x1b[?2004h";

/// A pseudo-terminal with the program on it.
struct AtTheTerminal {
    terminal: Terminal,
    before: Termios,
    child: Child,
}

impl AtTheTerminal {
    fn start(url: &str) -> Self {
        Self::start_with("1", &[url])
    }

    fn start_with(no_color: &str, args: &[&str]) -> Self {
        let terminal = Terminal::open();
        let before = tcgetattr(&terminal.device).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_wscli"))
            .args(["connect", "--close-timeout", "1h"])
            .args(args)
            .env("TERM", "xterm")
            .env("NO_COLOR", no_color)
            .env("HOME", "/dev/null")
            .env_remove("XDG_STATE_HOME")
            .stdin(terminal.end())
            .stdout(terminal.end())
            .stderr(terminal.end())
            .spawn()
            .unwrap();
        let mut running = Self { terminal, before, child };
        running.wait_for("connected to");
        running.wait_for(EDITING);
        assert_ne!(words(&running.before), words(&tcgetattr(&running.terminal.device).unwrap()), "the prompt edits");
        running
    }

    fn type_keys(&mut self, keys: &str) {
        self.terminal.controller.write_all(keys.as_bytes()).unwrap();
    }

    /// Until the terminal has been sent this text.
    fn wait_for(&mut self, text: &str) {
        self.terminal.wait_for(text);
    }

    /// Until the terminal has been sent this text so many times.
    fn wait_for_each(&mut self, text: &str, times: usize) {
        self.terminal.wait_for_each(text, times);
    }

    /// Asserts the exit code, and that the terminal is as it was.
    fn left(mut self, code: i32) {
        assert_eq!(self.child.wait().unwrap().code(), Some(code));
        assert_eq!(words(&self.before), words(&tcgetattr(&self.terminal.device).unwrap()));
    }
}

impl Drop for AtTheTerminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Everything that `stty -a` tells.
fn words(termios: &Termios) -> String {
    format!("{termios:?}")
}

/// Reads up to the client's Close, which is answered.
fn until_closed(socket: &mut WebSocket<std::net::TcpStream>) -> Option<u16> {
    loop {
        match socket.read() {
            Ok(Message::Close(frame)) => return frame.map(|frame| frame.code.into()),
            Ok(_) => {}
            Err(_) => return None,
        }
    }
}

#[test]
fn ctrl_d_closes_with_1000() {
    let peer = peer::tungstenite(|socket| (socket.read().unwrap(), until_closed(socket)));
    let mut prompt = AtTheTerminal::start(&peer.url);
    prompt.type_keys("hello\r");
    // The next line is being edited.
    prompt.wait_for_each(EDITING, 2);
    prompt.type_keys("\x04");
    assert_eq!(peer.join(), (Message::text("hello"), Some(1000)));
    prompt.wait_for("* we closed: 1000 (normal closure); clean");
    prompt.left(0);
}

#[test]
fn colours_are_asked_for_or_not() {
    for (no_color, color, coloured) in
        [("", "auto", true), ("1", "auto", false), ("1", "always", true), ("", "never", false), ("", "always", true)]
    {
        let peer = peer::tungstenite(until_closed);
        let mut prompt = AtTheTerminal::start_with(no_color, &["--color", color, &peer.url]);
        assert_eq!(prompt.terminal.seen.contains("\x1b[36m* connected to"), coloured, "{no_color:?} {color}");
        prompt.type_keys("\x04");
        assert_eq!(peer.join(), Some(1000));
        prompt.left(0);
    }
}

#[test]
fn what_is_typed_ahead_is_not_lost() {
    let peer = peer::tungstenite(|socket| {
        let messages = ["one", "two", "three"].map(|_| socket.read().unwrap());
        (messages, until_closed(socket))
    });
    let mut prompt = AtTheTerminal::start(&peer.url);
    prompt.type_keys("one\rtwo\rthree\r\x04");
    assert_eq!(peer.join(), (["one", "two", "three"].map(Message::text), Some(1000)));
    prompt.left(0);
}

#[test]
fn ctrl_c_closes_with_1001() {
    let peer = peer::tungstenite(until_closed);
    let mut prompt = AtTheTerminal::start(&peer.url);
    prompt.type_keys("cleared\x03\x03");
    assert_eq!(peer.join(), Some(1001));
    prompt.left(130);
}

#[test]
fn ctrl_c_twice_leaves_at_once() {
    let (go, gate) = channel::<()>();
    let peer = peer::opened("", move |socket| {
        let close = peer::read_frame(socket);
        let _ = gate.recv();
        close
    });
    let mut prompt = AtTheTerminal::start(&peer.url);
    prompt.type_keys("\x03\x03");
    prompt.wait_for("* left without waiting for the peer; not clean");
    prompt.left(130);
    drop(go);
    assert_eq!(peer.join(), (0x88, b"\x03\xe9".to_vec()));
}

#[test]
fn sigterm_in_the_middle_of_a_line_closes_with_1001() {
    let peer = peer::tungstenite(until_closed);
    let mut prompt = AtTheTerminal::start(&peer.url);
    prompt.type_keys("half a line");
    prompt.wait_for("line");
    kill_process(Pid::from_child(&prompt.child), Signal::TERM).unwrap();
    assert_eq!(peer.join(), Some(1001));
    prompt.left(130);
}

#[test]
fn the_exit_code_is_that_of_the_peers_close() {
    let peer = peer::tungstenite(|socket| {
        let close = CloseFrame { code: 4001.into(), reason: "enough".into() };
        socket.close(Some(close)).unwrap();
    });
    let mut prompt = AtTheTerminal::start(&peer.url);
    prompt.wait_for("* peer closed: 4001 \"enough\"; clean");
    peer.join();
    prompt.type_keys("/quit\r");
    prompt.left(7);
}

#[test]
fn a_log_tells_what_out_json_tells() {
    let peer = peer::opened("", |socket| {
        let asked = peer::read_frame(socket);
        socket.write_all(b"\x01\x03one\x80\x04 two\x89\x01p\x88\x02\x03\xe8").unwrap();
        while peer::read_frame(socket).0 != 0x88 {}
        asked
    });
    let file = std::env::temp_dir().join(format!("wscli-log-{}", std::process::id()));
    let path = file.display();
    let mut prompt = AtTheTerminal::start_with("1", &["--no-compress", &peer.url]);
    prompt.type_keys(&format!("/log {path}\r"));
    prompt.wait_for("everything from now on");
    prompt.type_keys("hello\r");
    prompt.wait_for("* peer closed: 1000");
    assert_eq!(peer.join(), (0x81, b"hello".to_vec()));
    prompt.type_keys("/log off\r");
    prompt.wait_for("is complete");
    let logged = std::fs::read_to_string(&file).unwrap();
    prompt.type_keys(&format!("/save {path}\r"));
    prompt.wait_for("2 messages in");
    prompt.type_keys("/show 1\r");
    prompt.wait_for("> text, 5 B");
    let saved = std::fs::read_to_string(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    prompt.type_keys("/quit\r");
    prompt.left(0);
    let told = |lines: &str| -> Vec<String> {
        let events = lines.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let words = |event: serde_json::Value| {
            assert!(event["elapsed_ms"].is_number() && event["time"].is_string(), "{event}");
            let content = if event["type"] == "close" { &event["code"] } else { &event["text"] };
            let wire = if event["wire_length"].is_null() { "" } else { &format!(" {}", event["wire_length"]) };
            let fragments = if event["fragments"].is_null() { "" } else { &format!(" in {}", event["fragments"]) };
            format!("{} {} {content}{wire}{fragments}", event["direction"], event["type"]).replace('"', "")
        };
        events.map(words).collect()
    };
    let messages = ["sent text hello 5 in 1", "received text one two 7 in 2"];
    let control = ["received ping p", "sent pong p", "received close 1000", "sent close 1000"];
    let mut in_order = told(&logged);
    // What answers a frame is told behind it, and before or after what follows that.
    in_order.sort_by_key(|line| messages.iter().chain(&control).position(|known| known == line));
    assert_eq!(in_order, [&messages[..], &control].concat());
    assert_eq!(told(&saved), messages);
}
