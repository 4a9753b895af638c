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
