//! Readers of stdout, stderr and the terminal that are stopped: a signal and `-m` end the process all the same. And stdin
//! and stdout as other programs leave them.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use rustix::fs::{CWD, Mode, mkfifoat};
use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::{Action, tcflow};
use serde_json::Value;

use crate::bounds::wait_until_at_rest;
use crate::support::files::{Folder, full_pipe, make_nonblocking};
use crate::support::peer::{self, Peer, client_frame, open_by_hand, read_frame};
use crate::support::program::{NO_CONFIG, PATIENCE, Running};
use crate::support::terminal::Terminal;
use crate::support::timing::{look_again, within};

/// From a signal to the end. The promise is two seconds; a machine that is busy may be late.
const SOON: Duration = Duration::from_millis(3400);

/// More than waits anywhere between a server and a reader who has stopped.
const FLOOD: usize = 16 << 20;

/// A server that sends without end. It says when the client takes nothing more.
fn flood() -> (Peer<()>, Receiver<()>) {
    let (told, stuck) = channel();
    let server = peer::opened("", move |socket| {
        socket.set_write_timeout(Some(Duration::from_millis(500))).unwrap();
        let messages = [&[0x81, 100][..], &[b'y'; 100]].concat().repeat(1000);
        let mut sent = 0;
        while sent < FLOOD && socket.write_all(&messages).is_ok() {
            sent += messages.len();
        }
        let _ = told.send(());
        peer::read_to_end(socket);
    });
    (server, stuck)
}

/// What is run ends with this code, and soon.
#[track_caller]
fn assert_ends(code: i32, mut run: impl FnMut() -> (Option<i32>, Duration)) {
    let ended = within(SOON, || {
        let (code, took) = run();
        (took, code)
    });
    assert_eq!(ended, Some(code));
}

#[test]
fn a_client_whose_stdout_is_not_read() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130), (Signal::HUP, 129)] {
        assert_ends(code, || {
            let (_reader, writer) = full_pipe();
            let (server, stuck) = flood();
            let mut running = Running::start_into(&["connect", "-n", &server.url], writer);
            stuck.recv_timeout(PATIENCE).unwrap();
            running.signal(signal);
            let ended = running.wait();
            server.join();
            ended
        });
    }
}

#[test]
fn a_client_whose_stderr_is_not_read() {
    assert_ends(130, || {
        let (_reader, writer) = full_pipe();
        let (server, stuck) = flood();
        let mut running = Running::start_with_stderr(&["connect", "-n", "--frames", &server.url], writer);
        stuck.recv_timeout(PATIENCE).unwrap();
        running.signal(Signal::INT);
        let ended = running.wait();
        server.join();
        ended
    });
}

#[test]
fn max_time_where_nothing_is_read() {
    let code = within(Duration::from_secs(1) + SOON / 2, || {
        let [(_out, stdout), (_err, stderr)] = [full_pipe(), full_pipe()];
        let (server, _stuck) = flood();
        let begun = Instant::now();
        let flags = ["connect", "-n", "--frames", "-m", "1s", &server.url];
        let (code, _) = Running::start_unseen(&flags, stdout, stderr).wait();
        let took = begun.elapsed();
        server.join();
        (took, code)
    });
    assert_eq!(code, Some(0));
}

#[test]
fn a_server_whose_log_and_events_are_not_read() {
    // Their lines are more than may wait.
    const MESSAGES: usize = 8000;
    assert_ends(0, || {
        let folder = Folder::new();
        let file = folder.path("port");
        let [(_out, stdout), (_err, stderr)] = [full_pipe(), full_pipe()];
        let flags = ["serve", "127.0.0.1:0", "--out", "json", "--frames", "--ping-interval", "0", "--port-file", &file];
        let mut running = Running::start_unseen(&flags, stdout, stderr);
        let port = wait_for_port(&file);
        let (mut socket, _) = open_by_hand(&format!("127.0.0.1:{port}"), "");
        // The client never answers our Close.
        socket.write_all(&client_frame(0x81, b"hi").repeat(MESSAGES)).unwrap();
        for _ in 0..MESSAGES {
            assert_eq!(read_frame(&mut socket), (0x81, b"hi".to_vec()));
        }
        running.signal(Signal::TERM);
        running.wait()
    });
}

fn wait_for_port(file: &str) -> u16 {
    let start = Instant::now();
    loop {
        if let Ok(port) = std::fs::read_to_string(file).unwrap_or_default().trim().parse() {
            return port;
        }
        assert!(start.elapsed() < PATIENCE, "no port");
        look_again();
    }
}

/// A process that doesn't outlive its test.
struct AtTheTerminal(Child);

impl Drop for AtTheTerminal {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn at_the_terminal(terminal: &Terminal, url: &str) -> AtTheTerminal {
    let child = Command::new(env!("CARGO_BIN_EXE_wscli"))
        .args(["connect", "--close-timeout", "1h", url])
        .envs([("TERM", "xterm"), ("HOME", "/dev/null"), NO_CONFIG])
        .env_remove("XDG_STATE_HOME")
        .stdin(terminal.end())
        .stdout(terminal.end())
        .stderr(terminal.end())
        .spawn();
    AtTheTerminal(child.unwrap())
}

/// How it ended by a signal, and how long that took.
fn end(prompt: AtTheTerminal) -> (Option<i32>, Duration) {
    end_by(Signal::TERM, prompt)
}

fn end_by(signal: Signal, mut prompt: AtTheTerminal) -> (Option<i32>, Duration) {
    let AtTheTerminal(child) = &mut prompt;
    kill_process(Pid::from_child(child), signal).unwrap();
    let since = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return (status.code(), since.elapsed());
        }
        assert!(since.elapsed() < PATIENCE, "it did not end");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_prompt_whose_terminal_is_not_read() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130)] {
        assert_ends(code, || {
            let (server, stuck) = flood();
            let terminal = Terminal::unread();
            let child = at_the_terminal(&terminal, &server.url);
            stuck.recv_timeout(PATIENCE).unwrap();
            let ended = end_by(signal, child);
            server.join();
            ended
        });
    }
}

#[test]
fn a_prompt_whose_terminal_is_stopped() {
    assert_ends(143, || {
        let (go, gate) = channel();
        let server = peer::opened("", move |socket| {
            gate.recv_timeout(PATIENCE).unwrap();
            let mut socket: &TcpStream = socket;
            let _ = socket.write_all(&[&[0x81, 100][..], &[b'y'; 100]].concat().repeat(100));
            peer::read_to_end(&mut socket);
        });
        let mut terminal = Terminal::open();
        let child = at_the_terminal(&terminal, &server.url);
        terminal.wait_for("connected to");
        terminal.wait_for("\x1b[?2004h");
        // As Ctrl-S does.
        tcflow(&terminal.device, Action::OOff).unwrap();
        go.send(()).unwrap();
        let ended = end(child);
        server.join();
        ended
    });
}

#[test]
fn a_prompt_whose_log_is_not_read() {
    assert_ends(143, || {
        let folder = Folder::new();
        let path = folder.path("fifo");
        mkfifoat(CWD, &path, Mode::RUSR | Mode::WUSR).unwrap();
        let server = peer::opened("", |socket| drop(peer::read_to_end(socket)));
        let mut terminal = Terminal::open();
        let prompt = at_the_terminal(&terminal, &server.url);
        terminal.wait_for("connected to");
        write!(terminal.controller, "/log {path}\r").unwrap();
        terminal.wait_for("it is a pipe that nobody reads");
        let ended = end(prompt);
        server.join();
        ended
    });
}

/// Whether a process ignores a signal, and whether it catches it.
fn disposition(pid: u32, signal: Signal) -> (bool, bool) {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let has = |name: &str| {
        let mask = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        u64::from_str_radix(mask.trim(), 16).unwrap() >> (signal.as_raw() - 1) & 1 == 1
    };
    (has("SigIgn:"), has("SigCgt:"))
}

#[test]
fn what_was_ignored_stays_ignored() {
    for (name, ignored) in [("HUP", Signal::HUP), ("INT", Signal::INT)] {
        let mut running = Running::start_ignoring(name, &["serve", "127.0.0.1:0"]);
        running.line_with("listening on ");
        for signal in [Signal::HUP, Signal::INT, Signal::TERM] {
            let is_ignored = signal == ignored;
            assert_eq!(disposition(running.pid(), signal), (is_ignored, !is_ignored), "{name}: {signal:?}");
        }
        running.signal(ignored);
        running.signal(Signal::TERM);
        assert_eq!(running.finish().code, Some(0));
    }
}

#[test]
fn an_operator_whose_stdin_can_not_be_read() {
    let args = ["serve", "127.0.0.1:0", "--prompt"];
    let mut running = Running::start_from(&args, File::open("/").unwrap());
    let line = running.line_with("listening on ");
    let (mut socket, _) = open_by_hand(line.split('/').nth(2).unwrap(), "");
    socket.write_all(&client_frame(0x81, b"still served")).unwrap();
    running.line_with("still served");
    running.signal(Signal::TERM);
    let log = running.finish().stderr;
    let mut told = log.lines().filter(|line| line.starts_with("reading stdin failed"));
    assert_eq!((told.next(), told.count()), (Some("reading stdin failed: Is a directory"), 0));
}

#[test]
fn a_stdin_that_does_not_wait_is_waited_for() {
    for mode in [&["--prompt"][..], &["--push", "-"]] {
        let (reader, mut writer) = io::pipe().unwrap();
        make_nonblocking(&reader);
        let mut running = Running::start_from(&[&["serve", "127.0.0.1:0"], mode].concat(), reader);
        let line = running.line_with("listening on ");
        let (mut socket, _) = open_by_hand(line.split('/').nth(2).unwrap(), "");
        running.line_with("opened");
        writer.write_all(b"a li").unwrap();
        // One that asks again and again never comes to rest.
        wait_until_at_rest(&running);
        writer.write_all(b"ne\n").unwrap();
        assert_eq!(read_frame(&mut socket), (0x81, b"a line".to_vec()), "{mode:?}");
        running.signal(Signal::TERM);
        assert!(!running.finish().stderr.contains("reading stdin failed"), "{mode:?}");
    }
}

#[test]
fn events_wait_for_a_reader_who_is_late() {
    const REQUESTS: usize = 400;
    let (reader, writer) = io::pipe().unwrap();
    make_nonblocking(&writer);
    let mut running = Running::start_into(&["serve", "127.0.0.1:0", "--out", "json"], writer);
    let line = running.line_with("listening on ");
    let address = line.split('/').nth(2).unwrap();
    for _ in 0..REQUESTS {
        let mut socket = TcpStream::connect(address).unwrap();
        let head = format!("GET /{} HTTP/1.1\r\nHost: {address}\r\n\r\n", "a".repeat(400));
        socket.write_all(head.as_bytes()).unwrap();
        peer::read_to_end(&mut socket);
    }
    for _ in 0..REQUESTS {
        running.line_with("] 127.0.0.1:");
    }
    running.signal(Signal::TERM);
    let outcome = running.finish();
    assert_eq!((outcome.code, outcome.stderr.contains("events are lost")), (Some(0), false));
    let events = BufReader::new(reader).lines().map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap());
    // One of them, the first, tells where the server listens.
    assert_eq!(events.filter(|event| event["schema"] == 1).count(), REQUESTS + 1);
}

#[test]
fn events_that_are_lost_are_told() {
    let (reader, writer) = full_pipe();
    let mut running = Running::start_into(&["serve", "127.0.0.1:0", "--out", "json"], writer);
    let line = running.line_with("listening on ");
    // Larger than a pipe can be.
    let (mut socket, _) = open_by_hand(line.split('/').nth(2).unwrap(), "");
    socket.write_all(&client_frame(0x82, &vec![0; 2 << 20])).unwrap();
    running.line_with("opened");
    while read_frame(&mut socket).0 & 0x80 == 0 {}
    running.signal(Signal::TERM);
    let outcome = running.finish();
    assert!(outcome.stderr.ends_with("stdout was not read: the last events are lost\nstopped\n"), "{}", outcome.stderr);
    drop(reader);
}

#[test]
fn a_served_unix_socket_is_removed_though_nothing_is_read() {
    assert_ends(0, || {
        let folder = Folder::new();
        let path = folder.path("socket");
        let (_reader, writer) = full_pipe();
        let mut running = Running::start_with_stderr(&["serve", "127.0.0.1:0", "--unix", &path], writer);
        let start = Instant::now();
        while !Path::new(&path).exists() {
            assert!(start.elapsed() < PATIENCE, "no socket");
            look_again();
        }
        running.signal(Signal::TERM);
        let ended = running.wait();
        assert!(!Path::new(&path).exists());
        ended
    });
}

/// A client that is in the middle of the search of a large message, which outlasts the test.
fn searching(flags: &[&str]) -> (Running, Peer<()>) {
    let (server, arrived) = peer::long_to_search();
    let mut running =
        Running::start(&[&["connect", "-n", "--ping-interval", "0"], flags, &[server.url.as_str()]].concat());
    arrived.recv_timeout(PATIENCE).unwrap();
    // What is in buffers of the kernel is read in a moment, and then nothing but the search takes time.
    let before = running.cpu_time();
    while running.cpu_time() < before + Duration::from_millis(300) {
        assert_eq!(running.ended(), None, "it was too fast for this test");
        look_again();
    }
    (running, server)
}

#[test]
fn a_client_in_the_middle_of_a_long_search() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130), (Signal::HUP, 129)] {
        assert_ends(code, || {
            let (mut running, server) = searching(&["--until", peer::SEARCHED]);
            running.signal(signal);
            let ended = running.wait();
            server.join();
            ended
        });
    }
}

#[test]
fn max_time_in_the_middle_of_a_long_search() {
    let rule = format!("match {} => reply found", peer::SEARCHED);
    let unknown = "stopped by --max-time 1s\nwscli: a message was still being searched\n";
    for (flags, code, told) in [
        (["--until", peer::SEARCHED], 1, unknown),
        (["--reject", peer::SEARCHED], 1, unknown),
        (["--on", &rule], 0, "stopped by --max-time 1s\n"),
    ] {
        let outcome = within(Duration::from_secs(1) + SOON, || {
            let (server, _arrived) = peer::long_to_search();
            let always = ["connect", "-n", "--ping-interval", "0", "-m", "1s", &server.url];
            let begun = Instant::now();
            let outcome = Running::start(&[&always[..], &flags].concat()).finish();
            let took = begun.elapsed();
            server.join();
            (took, outcome)
        });
        assert_eq!(outcome.code, Some(code), "{flags:?}");
        assert!(outcome.stderr.ends_with(told), "{flags:?}: {}", outcome.stderr);
    }
}

#[test]
fn max_time_while_a_file_is_waited_for() {
    let folder = Folder::new();
    let path = folder.path("fifo");
    mkfifoat(CWD, &path, Mode::RUSR | Mode::WUSR).unwrap();
    let at = format!("@{path}");
    let commanding = folder.file("config.toml", "[connect]\nbearer = { command = \"exec sleep 3600\" }\n");
    let flags = [
        &["--on-file", path.as_str()][..],
        &["-H", &at],
        &["-u", &at],
        &["--bearer", &at],
        &["-b", &path],
        &["--cert", &path],
        &["-x", "http://127.0.0.1:1", "-U", &at],
        &["--config", &path],
        &["--config", &commanding],
    ];
    let outcomes = within(SOON, || {
        let begun = Instant::now();
        let start = |flags: &&[&str]| Running::start(&[&["connect", "-m", "1s", "ws://127.0.0.1:1"], *flags].concat());
        let replay = Running::start(&["replay", "-m", "1s", &path, "ws://127.0.0.1:1"]);
        let running: Vec<_> = flags.iter().map(start).chain([replay]).collect();
        let outcomes: Vec<_> = running.into_iter().map(Running::finish).collect();
        (begun.elapsed(), outcomes)
    });
    for (number, outcome) in outcomes.iter().enumerate() {
        let flags = flags.get(number);
        assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(3), "stopped by --max-time 1s\n"), "{flags:?}");
    }
}

#[test]
fn a_client_that_is_stopped_while_it_ends_has_its_exit_code() {
    // By then it has to have ended, whether anybody heeds the signal or not.
    const OVER: Duration = Duration::from_millis(2200);
    let has_been_stopped = || {
        let (reader, writer) = full_pipe();
        let (server, stuck) = flood();
        let mut running = Running::start_into(&["connect", "-n", &server.url], writer);
        stuck.recv_timeout(PATIENCE).unwrap();
        let begun = Instant::now();
        running.signal(Signal::TERM);
        // It waits for the reader of its stdout.
        wait_until_at_rest(&running);
        running.signal(Signal::STOP);
        let is_in_time = running.ended().is_none();
        // Of one that has ended nobody else may have the number by now.
        if is_in_time {
            std::thread::sleep(OVER.saturating_sub(begun.elapsed()));
            running.signal(Signal::CONT);
        }
        assert_eq!(running.wait().0, Some(143));
        server.join();
        drop(reader);
        is_in_time
    };
    // On a machine that is very busy it may end before it can be stopped.
    assert!((0..5).any(|_| has_been_stopped()));
}

#[test]
fn max_time_that_ends_while_the_client_is_stopped() {
    let (server, opened) = silent();
    let running = Running::start(&["connect", "-n", "-m", "2s", "--expect", "x", &server.url]);
    opened.recv_timeout(PATIENCE).unwrap();
    wait_for_sleep(running.pid());
    running.signal(Signal::STOP);
    std::thread::sleep(Duration::from_millis(2500));
    running.signal(Signal::CONT);
    let outcome = running.finish();
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert_eq!(outcome.stderr.matches("stopped by").count(), 1, "{outcome:?}");
    assert!(!outcome.stderr.contains("still being searched"), "{outcome:?}");
    server.join();
}

/// Waits until the main thread of a process waits for something.
fn wait_for_sleep(pid: u32) {
    let is_asleep = || {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        stat.rsplit(')').next().unwrap().trim_start().starts_with('S')
    };
    let begun = Instant::now();
    let mut seen = 0;
    while seen < 5 {
        seen = if is_asleep() { seen + 1 } else { 0 };
        assert!(begun.elapsed() < PATIENCE, "it doesn't wait");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A server that says nothing, and tells when it is open.
fn silent() -> (peer::Peer<()>, std::sync::mpsc::Receiver<()>) {
    let (told, opened) = std::sync::mpsc::channel();
    let server = peer::opened("", move |socket| {
        told.send(()).unwrap();
        drop(peer::read_to_end(socket));
    });
    (server, opened)
}
