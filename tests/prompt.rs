//! The prompt on a pseudo-terminal: the terminal is as it was after every way out.

use std::io::Write;
use std::net::TcpListener;
use std::process::{Child, Command};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::{Termios, tcgetattr};
use tungstenite::protocol::{CloseFrame, Role};
use tungstenite::{Message, WebSocket};

use crate::support::files::Folder;
use crate::support::peer;
use crate::support::program::{NO_CONFIG, PATIENCE, cpu_time};
use crate::support::terminal::Terminal;
use crate::support::timing::look_again;

/// What the editor begins each line with: bracketed paste, in raw mode.
pub(crate) const EDITING: &str = "\x1b[?2004h";

/// A pseudo-terminal with the program on it.
pub(crate) struct AtTheTerminal {
    terminal: Terminal,
    before: Termios,
    pub(crate) child: Child,
}

impl AtTheTerminal {
    pub(crate) fn start(url: &str) -> Self {
        Self::start_with("1", &[url])
    }

    pub(crate) fn start_with(no_color: &str, args: &[&str]) -> Self {
        let mut running = Self::spawn(no_color, args);
        running.wait_for("connected to");
        running.wait_for(EDITING);
        assert_ne!(words(&running.before), words(&tcgetattr(&running.terminal.device).unwrap()), "the prompt edits");
        running
    }

    /// Starts the program, and doesn't wait for its prompt.
    pub(crate) fn spawn(no_color: &str, args: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wscli"));
        command.args(["connect", "--close-timeout", "1h"]).args(args);
        Self::of(command, no_color)
    }

    /// The same for somebody who has a home.
    pub(crate) fn start_at_home(home: &str, args: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wscli"));
        command.args(["connect", "--close-timeout", "1h"]).args(args);
        let mut running = Self::of_home(command, "1", home, "xterm");
        running.wait_for("connected to");
        running.wait_for(EDITING);
        running
    }

    /// The same in another environment.
    pub(crate) fn start_in(environment: &[(&str, &str)], args: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wscli"));
        command.args(["connect", "--close-timeout", "1h"]).args(args).env_remove("PAGER");
        command.envs(environment.iter().copied());
        let mut running = Self::of(command, "1");
        running.wait_for("connected to");
        running.wait_for(EDITING);
        running
    }

    /// A server's prompt, and the server's URL.
    pub(crate) fn serve(home: &str, args: &[&str]) -> (Self, String) {
        Self::listen(home, &[&["serve", "127.0.0.1:0", "--prompt"], args].concat())
    }

    /// A proxy's prompt in front of a server, and the proxy's URL.
    pub(crate) fn proxy(target: &str, args: &[&str]) -> (Self, String) {
        Self::listen("/dev/null", &[&["proxy", "127.0.0.1:0", target, "--prompt"], args].concat())
    }

    /// The same of a proxy to everywhere.
    pub(crate) fn forward_proxy() -> (Self, String) {
        Self::listen("/dev/null", &["proxy", "--forward", "127.0.0.1:0", "--prompt"])
    }

    fn listen(home: &str, args: &[&str]) -> (Self, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wscli"));
        command.args(args);
        let mut running = Self::of_home(command, "1", home, "xterm");
        running.wait_for("/\r\n");
        running.wait_for("[all] > ");
        let url = running.terminal.seen.split("listening on ").nth(1).unwrap().split_whitespace().next().unwrap();
        let url = url.to_owned();
        (running, url)
    }

    /// What the terminal was sent so far.
    pub(crate) fn seen(&self) -> &str {
        &self.terminal.seen
    }

    /// Starts the program on a terminal of that name.
    fn spawn_on(name: &str, args: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wscli"));
        command.args(["connect", "--linger", "0"]).args(args);
        Self::of_home(command, "1", "/dev/null", name)
    }

    /// Starts the program in a session of its own, for which the terminal is /dev/tty.
    fn spawn_in_a_session(args: &[&str]) -> Self {
        let mut command = Command::new("setsid");
        command.args(["--ctty", env!("CARGO_BIN_EXE_wscli")]).args(args);
        Self::of(command, "1")
    }

    fn of(command: Command, no_color: &str) -> Self {
        Self::of_home(command, no_color, "/dev/null", "xterm")
    }

    fn of_home(mut command: Command, no_color: &str, home: &str, name: &str) -> Self {
        let terminal = Terminal::open();
        let before = tcgetattr(&terminal.device).unwrap();
        let child = command
            .env("TERM", name)
            .env("NO_COLOR", no_color)
            .envs([("HOME", home), NO_CONFIG])
            .env_remove("XDG_STATE_HOME")
            .stdin(terminal.end())
            .stdout(terminal.end())
            .stderr(terminal.end())
            .spawn()
            .unwrap();
        Self { terminal, before, child }
    }

    pub(crate) fn type_keys(&mut self, keys: &str) {
        self.type_bytes(keys.as_bytes());
    }

    pub(crate) fn type_bytes(&mut self, keys: &[u8]) {
        self.terminal.controller.write_all(keys).unwrap();
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Whether the terminal is sent this text within two seconds.
    pub(crate) fn shows(&mut self, text: &str) -> bool {
        self.terminal.shows(text, Duration::from_secs(2))
    }

    /// Until the terminal has been sent this text.
    pub(crate) fn wait_for(&mut self, text: &str) {
        self.terminal.wait_for(text);
    }

    /// Until the terminal has been sent this text, folded wherever that is.
    pub(crate) fn wait_for_unfolded(&mut self, text: &str) {
        self.terminal.wait_for_unfolded(text, 1);
    }

    /// The same, so many times.
    pub(crate) fn wait_for_unfolded_each(&mut self, text: &str, times: usize) {
        self.terminal.wait_for_unfolded(text, times);
    }

    /// Until the terminal has been sent this text so many times.
    pub(crate) fn wait_for_each(&mut self, text: &str, times: usize) {
        self.terminal.wait_for_each(text, times);
    }

    /// The program's process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asserts the exit code, and that the terminal is as it was.
    pub(crate) fn left(mut self, code: i32) {
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
pub(crate) fn until_closed(socket: &mut WebSocket<std::net::TcpStream>) -> Option<u16> {
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
    prompt.wait_for("* closed by you: 1000 (normal closure); clean");
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
fn ctrl_c_says_what_leaves_and_then_closes_with_1001() {
    let peer = peer::tungstenite(until_closed);
    let mut prompt = AtTheTerminal::start(&peer.url);
    prompt.type_keys("cleared\x03\x03");
    prompt.wait_for("* Ctrl-C again closes the connection with 1001 and exits, Ctrl-D with 1000");
    prompt.type_keys("\x03");
    assert_eq!(peer.join(), Some(1001));
    prompt.left(130);
}

#[test]
fn ctrl_c_three_times_leaves_at_once() {
    let (go, gate) = channel::<()>();
    let peer = peer::opened("", move |socket| {
        let close = peer::read_frame(socket);
        let _ = gate.recv();
        close
    });
    let mut prompt = AtTheTerminal::start(&peer.url);
    prompt.type_keys("\x03\x03\x03");
    prompt.wait_for("* disconnected without waiting for the peer; not clean");
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
    prompt.left(143);
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
fn a_peer_that_leaves_tcp_open_behind_its_close_has_closed() {
    let (tells, told) = channel();
    let (go, gate) = channel::<()>();
    let peer = peer::opened("", move |socket| {
        socket.write_all(b"\x88\x08\x0f\xa1enough").unwrap();
        assert_eq!(peer::read_frame(socket).0, 0x88);
        // Our end comes a while behind our Close, and then theirs is waited for.
        assert_eq!(peer::read_to_end(socket), b"");
        tells.send(()).unwrap();
        gate.recv().is_err()
    });
    let mut prompt = AtTheTerminal::start(&peer.url);
    told.recv().unwrap();
    assert!(prompt.terminal.shows("* peer closed: 4001 \"enough\"; clean", Duration::from_millis(500)));
    prompt.type_keys("late\r");
    prompt.wait_for("! not connected; /reconnect connects again, and brings the line back");
    prompt.wait_for("[not connected]");
    assert_eq!(prompt.seen().matches("peer closed").count(), 1);
    prompt.type_keys("\x04");
    prompt.left(7);
    drop(go);
    assert!(peer.join());
}

#[test]
fn an_empty_line_is_not_sent() {
    let peer = peer::tungstenite(|socket| {
        let messages = [(); 2].map(|()| socket.read().unwrap());
        (messages, until_closed(socket))
    });
    let mut prompt = AtTheTerminal::start(&peer.url);
    prompt.type_keys("\r\rsomething\r/text\r");
    prompt.wait_for("* an empty line is not sent; /text alone sends an empty message");
    prompt.wait_for_each(EDITING, 5);
    prompt.type_keys("\x04");
    assert_eq!(peer.join(), (["something", ""].map(Message::text), Some(1000)));
    assert_eq!(prompt.seen().matches("an empty line").count(), 1);
    prompt.left(0);
}

#[test]
fn times_from_line_to_line_can_be_asked_for_in_the_configuration_file() {
    let folder = Folder::new();
    let file = folder.file("config.toml", "[prompt]\ntimestamps = 'delta'\n");
    let peer = peer::tungstenite(|socket| {
        socket.send(Message::text("welcome")).unwrap();
        until_closed(socket)
    });
    let mut prompt = AtTheTerminal::start_with("1", &["--config", &file, &peer.url]);
    prompt.wait_for("< welcome");
    let line = prompt.seen().split("\r\n").find(|line| line.ends_with("< welcome")).unwrap().to_owned();
    assert!(line.contains(" s   1      7 B < welcome") && line.contains("+0."), "{line:?}");
    prompt.type_keys("\x04");
    assert_eq!(peer.join(), Some(1000));
    prompt.left(0);
}

#[test]
fn a_log_tells_what_out_json_tells() {
    let (ends, to_be_ended) = channel();
    let peer = peer::opened("", move |socket| {
        let asked = peer::read_frame(socket);
        socket.write_all(b"\x01\x03one\x80\x04 two\x89\x01p\x88\x02\x03\xe8").unwrap();
        while peer::read_frame(socket).0 != 0x88 {}
        to_be_ended.recv_timeout(PATIENCE).unwrap();
        asked
    });
    let file = std::env::temp_dir().join(format!("wscli-log-{}", std::process::id()));
    let path = file.display();
    let peer_url = peer.url.clone();
    let mut prompt = AtTheTerminal::start_with("1", &["--no-compress", &peer.url]);
    prompt.type_keys(&format!("/log {path}\r"));
    prompt.wait_for("logging to ");
    prompt.type_keys("hello\r");
    prompt.wait_for("* peer closed: 1000");
    // The transport is still there, and the log's last line is yet to come.
    prompt.type_keys("/log off\r/stats\r");
    prompt.wait_for("received  1 message");
    ends.send(()).unwrap();
    assert_eq!(peer.join(), (0x81, b"hello".to_vec()));
    prompt.wait_for(&format!("* log {path} closed"));
    let logged = std::fs::read_to_string(&file).unwrap();
    // What is there is overwritten only if that is wanted.
    prompt.type_keys(&format!("/save {path}\r"));
    prompt.wait_for("overwrite it? [y]es, [N]o: ");
    prompt.type_keys("\r");
    prompt.wait_for("* nothing is saved");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), logged);
    prompt.type_keys(&format!("/save {path}\r"));
    prompt.wait_for_each("overwrite it? [y]es, [N]o: ", 2);
    prompt.type_keys("y\r");
    prompt.wait_for("saved 2 messages and 6 other events to ");
    prompt.type_keys("/show 1\r");
    prompt.wait_for("  1      5 B > hello");
    let saved = std::fs::read_to_string(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    prompt.type_keys("/quit\r");
    prompt.left(0);
    let told = |lines: &str| -> Vec<String> {
        let events: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        // The connection's own lines are around the rest.
        let [opened, events @ .., closed] = &events[..] else { panic!("{events:?}") };
        assert!(opened["type"] == "opened" && opened["url"] == peer_url, "{opened}");
        assert!(opened["request"].as_str().unwrap().starts_with("GET / HTTP/1.1\r\n"), "{opened}");
        assert!(opened["response"].as_str().unwrap().starts_with("HTTP/1.1 101 "), "{opened}");
        assert_eq!((closed["type"].as_str(), closed["code"].as_u64()), (Some("closed"), Some(1000)));
        let words = |event: serde_json::Value| {
            assert!(event["elapsed_ms"].is_number() && event["time"].is_string(), "{event}");
            let content = if event["type"] == "close" { &event["code"] } else { &event["text"] };
            let wire = if event["wire_length"].is_null() { "" } else { &format!(" {}", event["wire_length"]) };
            let fragments = if event["fragments"].is_null() { "" } else { &format!(" in {}", event["fragments"]) };
            format!("{} {} {content}{wire}{fragments}", event["direction"], event["type"]).replace('"', "")
        };
        events.iter().cloned().map(words).collect()
    };
    let messages = ["sent text hello 5 in 1", "received text one two 7 in 2"];
    let control = ["received ping p", "sent pong p", "received close 1000", "sent close 1000"];
    for lines in [logged, saved] {
        let mut in_order = told(&lines);
        // What answers a frame is told behind it, and before or after what follows that.
        in_order.sort_by_key(|line| messages.iter().chain(&control).position(|known| known == line));
        assert_eq!(in_order, [&messages[..], &control].concat());
    }
}

#[test]
fn a_close_of_ours_that_is_answered_with_another_code_is_no_success() {
    for (typed, answer, code) in [
        ("/close 4000\r", b"\x88\x02\x0f\xa0", 0),
        ("/close 4000\r", b"\x88\x02\x0f\xa1", 7),
        ("/frame opcode=close payload=0x0fa0\r", b"\x88\x02\x0f\xa0", 0),
        ("/quit\r", b"\x88\x02\x03\xf0", 7),
    ] {
        let peer = peer::opened("", move |socket| {
            assert_eq!(peer::read_frame(socket).0, 0x88);
            socket.write_all(answer).unwrap();
        });
        let mut prompt = AtTheTerminal::start(&peer.url);
        prompt.type_keys(typed);
        prompt.wait_for("closed by you: ");
        peer.join();
        prompt.type_keys("\x04");
        prompt.left(code);
    }
}

/// With these flags, and one message a connection from the peer, which then waits for the Close.
fn answering(args: &[&str], answer: &'static str) -> (AtTheTerminal, peer::Peer<Option<u16>>) {
    let peer = peer::tungstenite(move |socket| {
        socket.send(Message::text(answer)).unwrap();
        until_closed(socket)
    });
    let prompt = AtTheTerminal::spawn("1", &[args, &[&peer.url]].concat());
    (prompt, peer)
}

#[test]
fn data_is_sent_first_and_shown() {
    let peer = peer::tungstenite(|socket| {
        let messages = [(); 3].map(|()| socket.read().unwrap());
        socket.send(Message::text("welcome")).unwrap();
        (messages, until_closed(socket))
    });
    let mut prompt = AtTheTerminal::start_with("1", &["-d", "first", "-d", "{\"op\":1}", &peer.url]);
    prompt.wait_for("> first");
    prompt.wait_for("  2      8 B > {\"op\":1}");
    prompt.type_keys("typed\r");
    prompt.wait_for("< welcome");
    prompt.type_keys("\x04");
    assert_eq!(peer.join(), (["first", "{\"op\":1}", "typed"].map(Message::text), Some(1000)));
    prompt.left(0);
}

#[test]
fn goals_end_the_prompt_with_their_exit_codes() {
    for (args, code, closed_with, told) in [
        (&["-1"][..], 0, 1000, "< the answer"),
        (&["--count", "1"], 0, 1000, "< the answer"),
        (&["--until", "answer"], 0, 1000, "< the answer"),
        (&["--expect", "^the"], 0, 1000, "< the answer"),
        (&["--expect", "^the", "--close", "4000:enough"], 0, 4000, "closed by you: 4000 \"enough\"; clean"),
        (&["--reject", "answer"], 1, 1001, "wscli: a message matched --reject answer"),
        (&["--expect", "question", "-m", "1s"], 1, 1001, "wscli: no message matched --expect question"),
        (&["--count", "2", "-m", "1s"], 1, 1001, "1 of 2 messages"),
        (&["-m", "1s"], 0, 1001, "< the answer"),
    ] {
        let (mut prompt, peer) = answering(args, "the answer");
        prompt.wait_for("; clean");
        prompt.wait_for(told);
        assert_eq!(peer.join(), Some(closed_with), "{args:?}");
        prompt.left(code);
    }
}

#[test]
fn what_is_expected_is_still_missed_after_ctrl_d() {
    let (mut prompt, peer) = answering(&["--expect", "question"], "the answer");
    prompt.wait_for("< the answer");
    prompt.wait_for(EDITING);
    prompt.type_keys("\x04");
    assert_eq!(peer.join(), Some(1000));
    prompt.wait_for("wscli: no message matched --expect question");
    prompt.left(1);
}

#[test]
fn what_arrives_after_ctrl_d_counts() {
    for (flag, code) in [("--expect", 0), ("--until", 0), ("--reject", 1)] {
        let peer = peer::opened("", |socket| {
            assert_eq!(peer::read_frame(socket), (0x88, b"\x03\xe8".to_vec()));
            socket.write_all(b"\x81\x04late\x88\x02\x03\xe8").unwrap();
            peer::read_to_end(socket);
        });
        let mut prompt = AtTheTerminal::start_with("1", &[flag, "late", &peer.url]);
        prompt.type_keys("\x04");
        prompt.wait_for("< late");
        prompt.left(code);
    }
}

#[test]
fn a_goal_that_the_peers_close_puts_out_of_reach_ends_the_prompt() {
    let peer = peer::tungstenite(|socket| socket.close(None).unwrap());
    let mut prompt = AtTheTerminal::spawn("1", &["--until", "never", &peer.url]);
    peer.join();
    prompt.wait_for("wscli: no message matched --until never");
    prompt.left(1);
}

#[test]
fn the_time_is_up_after_the_connections_end_too() {
    let peer = peer::tungstenite(|socket| {
        socket.close(Some(CloseFrame { code: 4001.into(), reason: "".into() })).unwrap();
    });
    let mut prompt = AtTheTerminal::spawn("1", &["-m", "1s", &peer.url]);
    peer.join();
    prompt.wait_for("/reconnect to connect again");
    prompt.left(7);
}

#[test]
fn lines_are_binary_messages_where_that_is_asked_for() {
    let peer = peer::tungstenite(|socket| {
        let messages = [(); 2].map(|()| socket.read().unwrap());
        (messages, until_closed(socket))
    });
    let mut prompt = AtTheTerminal::start_with("1", &["--binary", "-d", "data", &peer.url]);
    prompt.type_keys("line\r\x04");
    assert_eq!(peer.join(), ([&b"data"[..], b"line"].map(Message::binary), Some(1000)));
    prompt.left(0);
}

#[test]
fn times_are_shown_from_the_start_in_their_format() {
    let (mut prompt, peer) = answering(&["--timestamps=at-%Y", "-1"], "now");
    prompt.wait_for("at-20");
    prompt.wait_for(" < now");
    peer.join();
    prompt.left(0);
    let (mut prompt, peer) = answering(&["--timestamps", "-1"], "now");
    prompt.wait_for("Z   1      3 B < now");
    peer.join();
    prompt.left(0);
}

#[test]
fn pings_are_shown_from_the_start() {
    let peer = peer::tungstenite(|socket| {
        socket.send(Message::Ping("alive".into())).unwrap();
        until_closed(socket)
    });
    let mut prompt = AtTheTerminal::start_with("1", &["-P", "--ping-interval", "100ms", &peer.url]);
    prompt.wait_for("< ping \"alive\"");
    prompt.wait_for("> pong \"alive\"");
    prompt.wait_for(", round trip ");
    // As in a pipe: each has its time, though messages have none.
    for told in ["< ping \"alive\"", "> pong \"alive\"", "> ping", ", round trip "] {
        let shown = &prompt.terminal.seen;
        let line = shown.split("\r\n").find(|line| line.contains(told)).unwrap();
        let before = &line[..line.find(told).unwrap()];
        let mut words = before.split(|c: char| !(c.is_ascii_digit() || ":.".contains(c)));
        assert!(words.any(|word| word.len() == "12:34:56.789".len() && word.matches(':').count() == 2), "{line:?}");
    }
    prompt.type_keys("\x04");
    peer.join();
    prompt.left(0);
}

#[test]
fn ctrl_d_closes_as_asked_for() {
    let peer = peer::opened("", |socket| {
        let close = peer::read_frame(socket);
        socket.write_all(&[&[0x88, close.1.len() as u8], &close.1[..]].concat()).unwrap();
        close
    });
    let mut prompt = AtTheTerminal::start_with("1", &["--close", "4000:enough", &peer.url]);
    prompt.type_keys("\x04");
    assert_eq!(peer.join(), (0x88, b"\x0f\xa0enough".to_vec()));
    prompt.left(0);
}

#[test]
fn without_a_closing_handshake_ctrl_d_leaves_at_once() {
    let peer = peer::opened("", |socket| {
        let line = peer::read_frame(socket);
        (line, peer::read_to_end(socket))
    });
    let mut prompt = AtTheTerminal::start_with("1", &["--no-close", &peer.url]);
    prompt.type_keys("line\r\x04");
    assert_eq!(peer.join(), ((0x81, b"line".to_vec()), Vec::new()));
    prompt.left(0);
}

#[test]
fn messages_are_sent_no_faster_than_asked_for() {
    let peer = peer::tungstenite(|socket| {
        let at = [(); 5].map(|()| {
            socket.read().unwrap();
            Instant::now()
        });
        (at, until_closed(socket))
    });
    let begun = Instant::now();
    let mut prompt = AtTheTerminal::start_with("1", &["--delay", "100ms", "-d", "one", &peer.url]);
    prompt.type_keys("two\rthree\r/repeat 2 tick\r");
    prompt.wait_for("sent 2 times");
    prompt.type_keys("\x04");
    let (at, closed) = peer.join();
    // None is read before it is sent, however late the one before it was read.
    for (number, at) in (0..).zip(at) {
        assert!(at - begun >= number * Duration::from_millis(100), "{number}: {:?}", at - begun);
    }
    assert_eq!(closed, Some(1000));
    prompt.left(0);
}

#[test]
fn a_lost_connection_is_followed_by_another() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        [0, 1, 2].map(|number| {
            let mut socket = tungstenite::accept(listener.accept().unwrap().0).unwrap();
            let data = socket.read().unwrap();
            match number {
                0 => {
                    socket.close(Some(CloseFrame { code: 1012.into(), reason: "".into() })).unwrap();
                    while socket.read().is_ok() {}
                }
                // The socket is dropped.
                1 => {}
                _ => while socket.read().is_ok() {},
            }
            data
        })
    });
    let mut prompt = AtTheTerminal::start_with("1", &["--reconnect", "-d", "hello", &url]);
    prompt.wait_for("(attempt 2)");
    prompt.wait_for_each("connected to", 3);
    prompt.wait_for_each("> hello", 3);
    prompt.type_keys("\x04");
    assert_eq!(server.join().unwrap(), [(); 3].map(|()| Message::text("hello")));
    prompt.left(0);
}

#[test]
fn the_wait_before_an_attempt_can_be_left() {
    let peer =
        peer::tungstenite(|socket| socket.close(Some(CloseFrame { code: 1012.into(), reason: "".into() })).unwrap());
    let mut prompt = AtTheTerminal::start_with("1", &["--reconnect", &peer.url]);
    peer.join();
    // Every attempt fails, and the waits grow.
    prompt.wait_for("attempt 1 failed: can't connect");
    prompt.type_keys("\x04");
    prompt.left(7);
}

#[test]
fn the_last_attempt_gives_the_prompt_back() {
    let peer =
        peer::tungstenite(|socket| socket.close(Some(CloseFrame { code: 1012.into(), reason: "".into() })).unwrap());
    let mut prompt = AtTheTerminal::start_with("1", &["--reconnect=1", &peer.url]);
    peer.join();
    prompt.wait_for("attempt 1 failed: can't connect");
    prompt.wait_for("/reconnect to connect again, Ctrl-D to exit");
    prompt.type_keys("\x04");
    prompt.left(7);
}

#[test]
fn flags_that_do_nothing_at_a_prompt_are_refused() {
    for (flag, value, why) in
        [("--in", "whole", "a prompt reads lines"), ("--linger", "2s", "it stays until you leave")]
    {
        let mut prompt = AtTheTerminal::spawn("1", &[flag, value, "ws://127.0.0.1:1/"]);
        prompt.wait_for(&format!("wscli: {flag} does nothing at a prompt: {why}"));
        prompt.wait_for("add < FILE");
        prompt.left(2);
    }
}

#[test]
fn every_signal_has_its_exit_code() {
    for (signal, code) in [(Signal::HUP, 129), (Signal::INT, 130), (Signal::TERM, 143)] {
        let peer = peer::tungstenite(until_closed);
        let prompt = AtTheTerminal::start(&peer.url);
        kill_process(Pid::from_child(&prompt.child), signal).unwrap();
        assert_eq!(peer.join(), Some(1001), "{signal:?}");
        prompt.left(code);
        let peer = peer::tungstenite(|socket| socket.close(None).unwrap());
        let mut prompt = AtTheTerminal::start(&peer.url);
        peer.join();
        prompt.wait_for("/reconnect to connect again");
        kill_process(Pid::from_child(&prompt.child), signal).unwrap();
        prompt.left(code);
    }
}

#[test]
fn the_time_is_up_whether_or_not_the_peer_answers() {
    let (go, gate) = channel::<()>();
    let peer = peer::opened("", move |socket| {
        let close = peer::read_frame(socket);
        let _ = gate.recv();
        close
    });
    let begun = Instant::now();
    // The prompt's --close-timeout is an hour.
    let mut prompt = AtTheTerminal::spawn("1", &["-m", "1s", &peer.url]);
    prompt.wait_for("* disconnected without waiting for the peer; not clean");
    prompt.left(0);
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    drop(go);
    assert_eq!(peer.join(), (0x88, b"\x03\xe9".to_vec()));
}

#[test]
fn the_time_is_up_on_the_way_to_another_server_too() {
    let first = peer::tungstenite(until_closed);
    let (go, gate) = channel::<()>();
    let silent = peer::raw(move |_, _| gate.recv().is_err());
    let args = ["-m", "10s", "--handshake-timeout", "1h", &first.url];
    let mut prompt = AtTheTerminal::start_with("1", &args);
    prompt.type_keys(&format!("/connect {}\r", silent.url));
    prompt.wait_for(&format!("connecting to {}", silent.url));
    prompt.wait_for("stopped by --max-time 10s");
    prompt.left(0);
    drop(go);
    assert_eq!(first.join(), Some(1001));
    assert!(silent.join());
}

#[test]
fn a_password_is_asked_for_once() {
    let (first, second) = (asked_for_credentials(), asked_for_credentials());
    let mut prompt = AtTheTerminal::spawn_in_a_session(&["connect", "-u", "me", &first.url]);
    prompt.wait_for("password for me: ");
    prompt.type_keys("sesame\r");
    prompt.wait_for("connected to");
    prompt.wait_for(EDITING);
    prompt.type_keys(&format!("/connect --keep-credentials {}\r", second.url));
    prompt.wait_for(&format!("* connected to {}", second.url));
    prompt.type_keys("\x04");
    assert_eq!(prompt.terminal.seen.matches("password for").count(), 1, "{}", prompt.terminal.seen);
    prompt.left(0);
    // me:sesame
    for server in [first, second] {
        assert_eq!(server.join().as_deref(), Some("Basic bWU6c2VzYW1l"));
    }
}

/// A server that takes one connection to its end. It returns the request's credentials.
fn asked_for_credentials() -> peer::Peer<Option<String>> {
    peer::raw(|socket, head| {
        socket.write_all(peer::acceptance(&head, "").as_bytes()).unwrap();
        let mut websocket = WebSocket::from_raw_socket(socket, Role::Server, None);
        while websocket.read().is_ok() {}
        peer::header(&head, "Authorization")
    })
}

#[test]
fn a_signal_at_a_question_gives_the_terminal_back() {
    for command in ["connect", "inspect"] {
        for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130), (Signal::HUP, 129)] {
            let mut asking = AtTheTerminal::spawn_in_a_session(&[command, "-u", "me", "ws://127.0.0.1:1/"]);
            asking.wait_for("password for me: ");
            assert_ne!(words(&asking.before), words(&tcgetattr(&asking.terminal.device).unwrap()));
            kill_process(Pid::from_child(&asking.child), signal).unwrap();
            asking.left(code);
        }
    }
}

#[test]
fn a_question_that_is_not_answered_is_told_as_what_it_is() {
    for (keys, told, code) in [
        (&b"se\xff\r"[..], "wscli: the password of -u is not UTF-8", 2),
        (b"\x04", "wscli: the password of -u was not entered", 2),
        (b"\x03", "", 130),
    ] {
        let mut asking = AtTheTerminal::spawn_in_a_session(&["connect", "-u", "me", "ws://127.0.0.1:1/"]);
        asking.wait_for("password for me: ");
        asking.terminal.controller.write_all(keys).unwrap();
        asking.wait_for(told);
        asking.left(code);
    }
    // The terminal is given back before the time is over.
    let mut asking = AtTheTerminal::spawn_in_a_session(&["connect", "-m", "500ms", "-u", "me", "ws://127.0.0.1:1/"]);
    asking.wait_for("password for me: ");
    asking.wait_for("wscli: asking for a password failed: timed out");
    asking.left(3);
}

#[test]
fn messages_over_the_fragment_size_are_sent_as_fragments() {
    let peer = peer::opened("", |socket| {
        let frames = [(); 4].map(|()| peer::read_frame(socket));
        socket.write_all(b"\x88\x02\x03\xe8").unwrap();
        frames
    });
    let mut prompt = AtTheTerminal::start_with("1", &["--fragment-size", "2", "-d", "abc", &peer.url]);
    prompt.type_keys("de\r\x04");
    let frames = [(0x01, &b"ab"[..]), (0x80, b"c"), (0x81, b"de"), (0x88, b"\x03\xe8")];
    assert_eq!(peer.join(), frames.map(|(first, payload)| (first, payload.to_vec())));
    prompt.left(0);
}

#[test]
fn steps_on_the_way_are_marked_once() {
    let again = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", again.local_addr().unwrap());
    let second = thread::spawn(move || drop(again.accept().unwrap()));
    let server = peer::opened("", |socket| {
        while peer::read_frame(socket).0 != 0x88 {}
        socket.write_all(b"\x88\x02\x03\xe8").unwrap();
    });
    let mut prompt = AtTheTerminal::start_with("1", &["-v", "--no-compress", &server.url]);
    // Before that it would take the place of the attempt.
    prompt.wait_for(&format!("* connected to {}", server.url));
    prompt.type_keys(&format!("/connect {url}\r"));
    prompt.wait_for(&format!("* connecting to {url}"));
    second.join().unwrap();
    prompt.wait_for("! ");
    // The first connection is told before there is a prompt, the second at it.
    for line in ["* connected to 127.0.0.1:", "> GET / HTTP/1.1"] {
        prompt.wait_for_each(line, 2);
    }
    let twice = ["* * ", "* > ", "* < "].into_iter().find(|twice| prompt.terminal.seen.contains(twice));
    assert_eq!(twice, None, "{}", prompt.terminal.seen);
    prompt.type_keys("/quit\r");
    server.join();
    prompt.left(0);
}

#[test]
fn what_is_compressed_in_a_message_is_shown() {
    let peer = peer::tungstenite(|socket| {
        let gzip =
            b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xabV*\xc9L\xceV\xb22\xac\x05\x00\x08\x1c\xbc\xdc\n\x00\x00\x00";
        socket.send(Message::binary(&gzip[..])).unwrap();
        assert_eq!(socket.read().unwrap(), Message::text("go"));
        socket.send(Message::binary(&gzip[..])).unwrap();
        until_closed(socket)
    });
    let mut prompt = AtTheTerminal::start_with("1", &[&peer.url]);
    let shown = "  1     30 B < gzip of 10 B {\"tick\":1}\r\n";
    prompt.wait_for(shown);
    // It is found as it is shown, and picked from.
    prompt.type_keys("/grep tick\r");
    prompt.wait_for_each(shown, 2);
    prompt.wait_for("* 1 of 1 message matches tick");
    prompt.type_keys("/filter /tick = 1\r/pick /tick\rgo\r");
    prompt.wait_for("  3     30 B < 1\r\n");
    prompt.type_keys("/pipe 1 wc -c\r");
    prompt.wait_for("* the command gets message 1 as it came, gzip; to unpack it: /pipe 1 gunzip | \r\n  wc -c\r\n");
    prompt.wait_for("  30\r\n");
    prompt.type_keys("\x04");
    peer.join();
    prompt.left(0);
}

#[test]
fn escapes_can_be_typed() {
    let peer = peer::tungstenite(|socket| {
        let messages = [(); 3].map(|()| socket.read().unwrap());
        until_closed(socket);
        messages
    });
    let mut prompt = AtTheTerminal::start_with("1", &["--escapes", "-d", "\\x1e", &peer.url]);
    prompt.type_keys("a\\0\r/escape b\\r\\n\r\\d\r");
    prompt.wait_for("\\d is not an escape");
    prompt.type_keys("\x04");
    assert_eq!(peer.join(), ["\u{1e}", "a\0", "b\r\n"].map(Message::text));
    prompt.left(0);
}

#[test]
fn what_a_violating_frame_held_is_shown() {
    let peer = peer::opened("", |socket| {
        socket.write_all(b"\x81\x03ab\xff").unwrap();
        peer::read_to_end(socket);
    });
    let mut prompt = AtTheTerminal::start_with("1", &[&peer.url]);
    prompt.wait_for("the message, its first 3 bytes, not UTF-8 from offset 2 (0xff):");
    prompt.wait_for("61 62 ff");
    peer.join();
    prompt.type_keys("\x04");
    prompt.left(6);
}

#[test]
fn rules_answer_at_the_prompt_and_are_shown() {
    let peer = peer::tungstenite(|socket| {
        let text = |text: &str| Message::text(text);
        assert_eq!(socket.read().unwrap(), text("hi"));
        socket.send(text("2")).unwrap();
        assert_eq!(socket.read().unwrap(), text("3"));
        assert_eq!(socket.read().unwrap(), text("typed"));
        socket.send(text("2")).unwrap();
        assert_eq!(socket.read().unwrap(), text("4"));
        assert_eq!(socket.read().unwrap(), text("off"));
        socket.send(text("2")).unwrap();
        assert_eq!(socket.read().unwrap(), text("last"));
        until_closed(socket)
    });
    let mut prompt =
        AtTheTerminal::start_with("1", &["--on", "open => reply hi", "--on", "match ^2$ => reply 3", &peer.url]);
    prompt.wait_for("> 3");
    prompt.type_keys("/on say\r");
    prompt.wait_for("/on: column 1: ");
    prompt.type_keys("/on match 2 => reply 4\r");
    prompt.wait_for("* this rule answers before the others; /on shows all of them");
    prompt.type_keys("/on\r");
    prompt.wait_for("  match ^2$ => reply 3");
    prompt.type_keys("typed\r");
    prompt.wait_for("> 4");
    prompt.type_keys("/on off\r/on\r");
    prompt.wait_for("* no rule answers any more");
    prompt.wait_for("nothing is answered");
    prompt.type_keys("off\r");
    prompt.wait_for_each("< 2", 3);
    prompt.type_keys("last\r");
    prompt.type_keys("\x04");
    assert_eq!(peer.join(), Some(1000));
    prompt.left(0);
}

#[test]
fn a_signal_that_comes_in_a_long_search_gives_the_terminal_back() {
    let (server, arrived) = peer::long_to_search();
    let flags = ["--ping-interval", "0", "--until", peer::SEARCHED, &server.url];
    let running = AtTheTerminal::start_with("1", &flags);
    arrived.recv().unwrap();
    let before = cpu_time(running.pid());
    while cpu_time(running.pid()) < before + Duration::from_millis(300) {
        look_again();
    }
    kill_process(Pid::from_child(&running.child), Signal::TERM).unwrap();
    running.left(143);
    server.join();
}

#[test]
fn time_that_is_up_in_a_long_search_gives_the_terminal_back() {
    let (server, _arrived) = peer::long_to_search();
    let flags = ["--ping-interval", "0", "-m", "2s", "--until", peer::SEARCHED, &server.url];
    let mut running = AtTheTerminal::start_with("1", &flags);
    running.wait_for("stopped by --max-time 2s");
    running.wait_for("a message was still being searched");
    running.left(1);
    server.join();
}

#[test]
fn words_that_other_programs_take_for_commands_are_asked_about() {
    let peer = peer::tungstenite(|socket| {
        let messages = [(); 2].map(|()| socket.read().unwrap());
        (messages, until_closed(socket))
    });
    let mut prompt = AtTheTerminal::start_in(&[("PAGER", "")], &[&peer.url]);
    prompt.type_keys("help\r");
    prompt.wait_for("list the commands? [Y]es, [s]end \"help\" as a message: ");
    prompt.type_keys("\r");
    prompt.wait_for("/fragment N TEXT");
    prompt.wait_for_each(EDITING, 3);
    prompt.type_keys("quit\r");
    prompt.wait_for("leave? [Y]es, [s]end \"quit\" as a message: ");
    prompt.type_keys("s\r");
    // Once it is known, it is sent unasked.
    prompt.wait_for_each(EDITING, 5);
    prompt.type_keys("quit\r");
    prompt.wait_for_each(EDITING, 6);
    prompt.type_keys("\\q\r");
    prompt.wait_for("leave? [Y]es, [s]end \"\\q\" as a message: ");
    prompt.type_keys("\r");
    assert_eq!(peer.join(), ([Message::text("quit"), Message::text("quit")], Some(1000)));
    prompt.left(0);
}

#[test]
fn letters_that_everybody_tries_are_commands() {
    for leaves in ["/q\r", "/exit\r"] {
        let peer = peer::tungstenite(until_closed);
        let mut prompt = AtTheTerminal::start_in(&[("PAGER", "")], &[&peer.url]);
        for helps in ["/h\r", "/?\r"] {
            prompt.type_keys(helps);
        }
        prompt.wait_for_each("/fragment N TEXT", 2);
        prompt.type_keys(leaves);
        assert_eq!(peer.join(), Some(1000));
        prompt.left(0);
    }
}

#[test]
fn every_line_has_its_time() {
    let peer = peer::tungstenite(|socket| {
        let asked = socket.read().unwrap();
        socket.send(Message::Ping("p".into())).unwrap();
        socket.send(Message::text("now")).unwrap();
        socket.close(None).unwrap();
        asked
    });
    let args = ["--timestamps=at-%Y", "--frames", "-P", &peer.url];
    let mut prompt = AtTheTerminal::start_with("1", &args);
    prompt.type_keys("typed\r");
    peer.join();
    prompt.wait_for("* /reconnect to connect again");
    let shown = prompt.terminal.seen.clone();
    let lines: Vec<&str> = shown.split("\r\n").map(|line| line.rsplit("\x1b[").next().unwrap()).collect();
    for told in [
        "* connected to",
        "> text FIN",
        "> (text)",
        "< ping FIN",
        "< ping \"p\"",
        "> pong",
        "< now",
        "< close FIN",
        "* peer closed",
    ] {
        let told_of = |line: &&&str| line.contains(told);
        let line = lines.iter().find(told_of).unwrap_or_else(|| panic!("no {told:?} in {lines:#?}"));
        assert!(line.contains("at-20"), "{line:?}");
    }
    prompt.type_keys("/timestamps delta\r");
    prompt.wait_for("[pings on, frames on, timestamps delta]");
    prompt.type_keys("/log /nowhere/at/all\r");
    prompt.wait_for(" s ! can't");
    prompt.type_keys("\x04");
    prompt.left(0);
}

#[test]
fn the_state_is_told_when_it_changes() {
    let peer = peer::tungstenite(|socket| {
        let first = socket.read().unwrap();
        socket.close(None).unwrap();
        while socket.read().is_ok() {}
        first
    });
    let mut prompt = AtTheTerminal::start(&peer.url);
    prompt.type_keys("/pings on\r/pings on\r/frames on\r/frames off\r/pings off\r");
    prompt.wait_for("[pings on, frames off]");
    prompt.wait_for("[pings off]");
    prompt.type_keys("go\r");
    peer.join();
    // Without a key being pressed.
    prompt.wait_for("[not connected]");
    let seen = &prompt.terminal.seen;
    for told in ["[pings on]", "[pings on, frames off]", "[pings on, frames on]"] {
        assert_eq!(seen.matches(told).count(), 1, "{told} in {seen:?}");
    }
    prompt.type_keys("\x04");
    prompt.left(0);
}

#[test]
fn a_flag_that_turns_the_prompt_off_says_so() {
    let folder = Folder::new();
    let file = folder.path("out");
    for (args, flag) in [(&["-q"][..], "-q"), (&["-o", &file], "-o"), (&["--out", "json"], "--out")] {
        let peer = peer::tungstenite(|socket| (socket.read().unwrap(), until_closed(socket)));
        let mut typed = AtTheTerminal::spawn_on("xterm", &[args, &[&peer.url]].concat());
        typed.wait_for(&format!("{flag} turns the prompt off: every line is a message, none is a command\r\n"));
        typed.type_keys("/help\n\x04");
        assert_eq!(peer.join(), (Message::text("/help"), Some(1000)));
        typed.left(0);
    }
}

#[test]
fn a_terminal_that_edits_no_line_says_once_what_lines_are() {
    const TOLD: &str = "TERM=dumb edits no lines: every line is a message, none is a command";
    let peer = peer::tungstenite(|socket| {
        socket.send(Message::text("long ".repeat(40))).unwrap();
        let messages = [(); 2].map(|()| socket.read().unwrap());
        (messages, until_closed(socket))
    });
    let mut dumb = AtTheTerminal::spawn_on("dumb", &[&peer.url]);
    dumb.wait_for(TOLD);
    dumb.wait_for(&format!("connected to {}; Ctrl-D closes\r\n", peer.url));
    // Whatever breaks lines there does that by itself, and shows it.
    dumb.wait_for(&format!("< {}\r\n", "long ".repeat(40)));
    dumb.type_keys("/help\nhello\n\x04");
    assert_eq!(peer.join(), (["/help", "hello"].map(Message::text), Some(1000)));
    assert_eq!(dumb.seen().matches(TOLD).count(), 1, "{}", dumb.seen());
    dumb.left(0);
}
