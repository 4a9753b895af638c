//! Text that a peer has chosen never does anything to a terminal, and never makes a line that looks like one of ours.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tungstenite::Message;

use crate::prompt::AtTheTerminal;
use crate::support::authority::{self, Issued, named};
use crate::support::files::Folder;
use crate::support::peer::{self, client_frame, open_by_hand};
use crate::support::program::{NO_CONFIG, Running, Serving, run};
use crate::support::terminal::Terminal;

/// What a terminal acts on: C0, DEL, C1, bidirectional controls, line separators.
const HOSTILE: &str = "a\u{1b}]0;x\u{7}\u{7f}\u{9b}2J\u{202e}\u{2066}\u{2028}z";

/// The same, as it is shown.
const SHOWN: &str = "a\\x1b]0;x\\x07\\x7f\\x9b2J\\u{202e}\\u{2066}\\u{2028}z";

/// The same, as JSON on a terminal has it.
const JSON: &str = "a\\u001b]0;x\\u0007\\u007f\\u009b2J\\u202e\\u2066\\u2028z";

/// Asserts that a terminal was sent nothing but text, our line breaks and what takes a progress line away.
fn assert_harmless(seen: &str) {
    let text = seen.replace("\r\n", "").replace("\r\u{1b}[K", "");
    let found = text.chars().find(|&c| {
        c.is_control() || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2028}' | '\u{2029}' | '\u{2066}'..='\u{2069}')
    });
    assert_eq!(found, None, "{seen:?}");
}

/// A run whose stdout or stderr may be a terminal of 80 columns.
fn start(args: &[&str], stdout: Stdio, stderr: Stdio) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wscli"));
    // A prompt is no part of this: stdin is none.
    command.args(args).stdin(Stdio::null()).stdout(stdout).stderr(stderr).envs([("TERM", "xterm"), NO_CONFIG]);
    command.spawn().unwrap()
}

fn end(mut child: Child) {
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    child.wait().unwrap();
}

#[test]
fn what_a_server_says_instead_of_http() {
    for (greeting, says) in [
        (format!("SSH-2.0-{HOSTILE}\r\n"), format!("it is an SSH server (it says \"SSH-2.0-{SHOWN}\")")),
        (format!("220 {HOSTILE}\n220 more\n"), format!("it is an SMTP or FTP server (it says \"220 {SHOWN}\")")),
        ("\u{9b}2J\n".to_owned(), "it sent \"\\xc2\\x9b2J\\n\"".to_owned()),
    ] {
        for scheme in ["ws", "wss"] {
            let greeting = greeting.clone();
            let server = peer::one_connection(move |mut socket| {
                socket.write_all(greeting.as_bytes()).unwrap();
                peer::read_to_end(&mut socket);
            });
            let address = server.url.trim_start_matches("ws://").to_owned();
            let outcome = run(&["connect", "-k", &format!("{scheme}://{address}")], b"");
            assert_harmless(&outcome.stderr.replace('\n', ""));
            let says = match scheme {
                "ws" => format!("did not respond to the opening handshake with HTTP: {says}"),
                _ if greeting_is_known(&says) => format!("failed: the peer does not speak TLS: {says}"),
                _ => "failed: what the server sent is not TLS".to_owned(),
            };
            assert!(outcome.stderr.contains(&says), "no {says:?} in {:?}", outcome.stderr);
            server.join();
        }
    }
}

fn greeting_is_known(says: &str) -> bool {
    says.starts_with("it is ")
}

#[test]
fn names_in_a_certificate() {
    let issued = Issued::self_signed(&named(HOSTILE, &["other.test"]));
    let folder = Folder::new();
    let cacert = folder.file("ca.pem", &issued.pem);
    let url = authority::serve(issued.config());
    let outcome = run(&["connect", &url], b"");
    assert_harmless(&outcome.stderr.replace('\n', ""));
    assert!(outcome.stderr.contains(&format!("the certificate of {SHOWN} is self-signed")), "{:?}", outcome.stderr);
    for args in [&["connect", "-v", "-k", &url][..], &["connect", "-v", "--cacert", &cacert, &url]] {
        let outcome = run(args, b"");
        assert_harmless(&outcome.stderr.replace('\n', ""));
        let says = format!("* certificate 0: {SHOWN}, issued by {SHOWN}\n");
        assert!(outcome.stderr.contains(&says), "no {says:?} in {:?}", outcome.stderr);
    }
    let outcome = run(&["inspect", "-k", &url], b"");
    assert_harmless(&outcome.stdout().replace('\n', ""));
    assert!(outcome.stdout().contains(&format!("  certificate  {SHOWN}, issued by {SHOWN}\n")), "{}", outcome.stdout());
    // Exact in a pipe.
    let outcome = run(&["inspect", "--json", "-k", &url], b"");
    let report: serde_json::Value = serde_json::from_slice(&outcome.stdout).unwrap();
    assert_eq!(report["tls"]["certificates"][0]["subject"], HOSTILE);
    assert!(outcome.stdout().contains('\u{9b}'));
}

#[test]
fn alternative_names_in_a_certificate() {
    // They are ASCII (RFC 5280 §4.2.1.6).
    let forged = "a\n* certificate 1: forged\r\u{1b}[2J\u{7f}";
    let shown = "a\\n* certificate 1: forged\\r\\x1b[2J\\x7f";
    let issued = Issued::self_signed(&named("plain", &[forged, "other.test"]));
    let folder = Folder::new();
    let cacert = folder.file("ca.pem", &issued.pem);
    let url = authority::serve(issued.config());
    let (names, host) = (format!("{shown}, other.test"), url.split('/').nth(2).unwrap().split(':').next().unwrap());
    let outcome = run(&["connect", "-v", "--cacert", &cacert, &url], b"");
    assert_harmless(&outcome.stderr.replace('\n', ""));
    for line in
        [format!("*   for {names}\n"), format!("failed: the certificate was issued for {names}, not for {host}\n")]
    {
        assert!(outcome.stderr.contains(&line), "no {line:?} in {:?}", outcome.stderr);
    }
    let outcome = run(&["inspect", "-k", &url], b"");
    assert_harmless(&outcome.stdout().replace('\n', ""));
    assert!(!outcome.stdout().contains("\n* certificate 1"), "{}", outcome.stdout());
    let outcome = run(&["inspect", "--json", "-k", &url], b"");
    let report: serde_json::Value = serde_json::from_slice(&outcome.stdout).unwrap();
    assert_eq!(report["tls"]["certificates"][0]["names"], serde_json::json!([forged, "other.test"]));
}

#[test]
fn headers_of_an_answer() {
    let server = peer::raw(|socket, head| {
        let answer = peer::acceptance(&head, "x\u{9b}2J");
        let answer = answer.replace("\r\n\r\n", "\r\nSec-WebSocket-Protocol: \u{9b}2J\u{202e}\r\n\r\n");
        socket.write_all(answer.as_bytes()).unwrap();
        peer::read_to_end(socket);
    });
    let outcome = run(&["connect", "-v", "-s", "a", &server.url], b"");
    assert_harmless(&outcome.stderr.replace('\n', ""));
    assert_eq!(outcome.code, Some(5), "{outcome:?}");
    assert!(outcome.stderr.contains("< Sec-WebSocket-Protocol: \\x9b2J\\u{202e}\n"), "{:?}", outcome.stderr);
    server.join();
}

#[test]
fn bodies_of_servers_and_of_proxies() {
    let refuse = |socket: &mut TcpStream, status: &str| {
        let answer = format!("HTTP/1.1 {status}\r\nConnection: close\r\n\r\n{HOSTILE}\nwscli: forged\n");
        socket.write_all(answer.as_bytes()).unwrap();
    };
    let server = peer::raw(move |socket, _| refuse(socket, "404 \u{9b}2J"));
    let outcome = run(&["connect", &server.url], b"");
    let shown = format!("\n  {SHOWN}\n  wscli: forged\n");
    assert_harmless(&outcome.stderr.replace('\n', ""));
    assert!(outcome.stderr.ends_with(&shown), "{:?}", outcome.stderr);
    server.join();
    let proxy = peer::raw(move |socket, _| refuse(socket, "502 \u{9b}2J"));
    let outcome = run(&["connect", "-x", &proxy.url.replace("ws://", "http://"), "ws://a.test/"], b"");
    assert_harmless(&outcome.stderr.replace('\n', ""));
    assert!(outcome.stderr.ends_with(&shown), "{:?}", outcome.stderr);
    proxy.join();
}

/// Status code 1000 and a reason.
fn close(reason: &str) -> Vec<u8> {
    [&[0x88, 2 + reason.len() as u8, 3, 0xe8], reason.as_bytes()].concat()
}

#[test]
fn close_reasons_pings_and_messages() {
    let server = peer::opened("", |socket| {
        let payload = HOSTILE.as_bytes();
        socket.write_all(&[&[0x89, payload.len() as u8], payload, &close(HOSTILE)].concat()).unwrap();
        peer::read_to_end(socket);
    });
    let outcome = run(&["connect", "-n", "-P", "--frames", &server.url], b"");
    assert_harmless(&outcome.stderr.replace('\n', ""));
    assert!(
        outcome.stderr.ends_with(&format!("peer closed: 1000 (normal closure) \"{SHOWN}\"\n")),
        "{:?}",
        outcome.stderr
    );
    server.join();
}

/// Messages and a Close whose texts reach past the terminal's width, and there begin as lines of ours do.
fn padded() -> peer::Peer<()> {
    peer::tungstenite(|socket| {
        socket.send(Message::text(format!("{HOSTILE}{}peer closed: 1000", " ".repeat(100)))).unwrap();
        let reason = format!("{}wscli: forged", "x".repeat(80));
        socket.close(Some(tungstenite::protocol::CloseFrame { code: 1000.into(), reason: reason.into() })).unwrap();
    })
}

/// Asserts that no row of a terminal of 80 columns begins with a text that was sent as part of another line, and that none that the
/// terminal has begun has a blank in it, unless one that is written comes first.
fn assert_unforged(seen: &str, forged: &str) {
    for line in seen.split("\r\n") {
        let shown: Vec<char> = line.trim_start_matches("\r\u{1b}[K").chars().collect();
        for (number, row) in shown.chunks(80).enumerate() {
            let row: String = row.iter().collect();
            assert!(!row.starts_with(forged), "{row:?} in {seen:?}");
            let first = row.trim_end().split(' ').next().unwrap();
            assert!(number == 0 || first == row.trim_end() || first.contains("\\u0020"), "{row:?} in {seen:?}");
        }
    }
}

#[test]
fn messages_on_a_terminal_are_folded() {
    for format in ["text", "null"] {
        folded(format);
    }
}

fn folded(format: &str) {
    let server = padded();
    let mut terminal = Terminal::open();
    let args = ["connect", "-n", "-q", "--out", format, "--timestamps=%H:%M", &server.url];
    let mut child = start(&args, terminal.end(), Stdio::null());
    child.wait().unwrap();
    terminal.wait_for("closed: 1000\r\n");
    assert_harmless(&terminal.seen);
    assert_unforged(&terminal.seen, "peer closed");
    assert_eq!(terminal.seen.matches("\r\n  ").count(), 2, "{:?}", terminal.seen);
    server.join();
}

#[test]
fn a_message_that_might_be_a_line_of_ours_has_a_mark_where_those_are_shown_too() {
    let messages = ["wscli: forged", "peer closed: 1000", "* forged", "reconnected", "{\"a\": 1}", "plain"];
    let server = || {
        peer::tungstenite(move |socket| {
            messages.iter().for_each(|text| socket.send(Message::text(*text)).unwrap());
            socket.close(None).unwrap();
        })
    };
    let shared = server();
    let mut terminal = Terminal::open();
    let mut child = start(&["connect", "-n", &shared.url], terminal.end(), terminal.end());
    child.wait().unwrap();
    terminal.wait_for("peer closed: no status code");
    let marked = "| wscli: forged\r\n| peer closed: 1000\r\n| * forged\r\n| reconnected\r\n{\"a\": 1}\r\nplain\r\n";
    assert!(terminal.seen.contains(marked), "{:?}", terminal.seen);
    shared.join();
    // Nothing of ours is shown there.
    let alone = server();
    let mut terminal = Terminal::open();
    let mut child = start(&["connect", "-n", &alone.url], terminal.end(), Stdio::null());
    child.wait().unwrap();
    terminal.wait_for("plain\r\n");
    assert!(terminal.seen.starts_with("wscli: forged\r\npeer closed: 1000\r\n"), "{:?}", terminal.seen);
    alone.join();
    let piped = server();
    let outcome = run(&["connect", "-n", &piped.url], b"");
    assert_eq!(outcome.stdout(), messages.map(|text| format!("{text}\n")).concat());
    piped.join();
}

#[test]
fn lines_of_stderr_on_a_terminal_are_folded() {
    let server = padded();
    let mut terminal = Terminal::open();
    let mut child = start(&["connect", "-n", &server.url], Stdio::null(), terminal.end());
    child.wait().unwrap();
    terminal.wait_for("forged\"\r\n");
    assert_harmless(&terminal.seen);
    assert_unforged(&terminal.seen, "wscli: forged");
    server.join();
}

#[test]
fn events_on_a_terminal_have_what_it_would_act_on_in_the_escapes_of_json() {
    let server = padded();
    let mut terminal = Terminal::open();
    let mut child = start(&["connect", "-n", "-q", "--out", "json", &server.url], terminal.end(), Stdio::null());
    child.wait().unwrap();
    terminal.wait_for_each("}\r\n", 2);
    server.join();
    assert_harmless(&terminal.seen);
    assert_unforged(&terminal.seen, "wscli: forged");
    // What was folded is the same event.
    let seen = terminal.seen.replace("\r\n  ", "");
    assert!(seen.contains(&format!("\"text\":\"{JSON}")), "{seen:?}");
    let first: serde_json::Value = serde_json::from_str(seen.split("\r\n").next().unwrap()).unwrap();
    assert!(first["text"].as_str().unwrap().starts_with(HOSTILE));
    // Exact in a pipe.
    let server = padded();
    let outcome = run(&["connect", "-n", "-q", "--out", "json", &server.url], b"");
    assert!(outcome.stdout().contains("\u{7f}\u{9b}2J\u{202e}\u{2066}\u{2028}z"), "{:?}", outcome.stdout());
    server.join();
}

#[test]
fn a_report_on_a_terminal() {
    let issued = Issued::self_signed(&named(&format!("{HOSTILE}{}  close  forged", "x".repeat(80)), &["localhost"]));
    let url = authority::serve(issued.config());
    let mut terminal = Terminal::open();
    let mut child = start(&["inspect", "--json", "-k", &url], terminal.end(), Stdio::null());
    child.wait().unwrap();
    terminal.wait_for("\r\n}\r\n");
    assert_harmless(&terminal.seen);
    assert_unforged(&terminal.seen, "  close  forged");
    let unfolded: String = terminal.seen.split("\r\n").map(str::trim_start).collect();
    let report: serde_json::Value = serde_json::from_str(&unfolded).unwrap();
    assert!(report["tls"]["certificates"][0]["subject"].as_str().unwrap().starts_with(HOSTILE));
    let mut terminal = Terminal::open();
    let mut child = start(&["inspect", "-k", &url], terminal.end(), Stdio::null());
    child.wait().unwrap();
    terminal.wait_for("client_max_window_bits=10");
    assert_harmless(&terminal.seen);
    assert_unforged(&terminal.seen, "  close  forged");
}

#[test]
fn a_log_on_a_terminal() {
    let mut terminal = Terminal::open();
    let server = start(&["serve", "127.0.0.1:0", "-v", "--sink"], Stdio::null(), terminal.end());
    terminal.wait_for("listening on ws://");
    terminal.wait_for("/\r\n");
    let address = terminal.seen.split("ws://").nth(1).unwrap().split('/').next().unwrap().to_owned();
    let forged = "[9] 127.0.0.1:9 opened /";
    for padding in ["x".repeat(60), " ".repeat(60), "x".repeat(200)] {
        let agent = format!("User-Agent: {padding}{forged}\r\nX-Raw: \u{9b}2J\u{202e}\r\n");
        let (mut socket, _) = open_by_hand(&address, &agent);
        let payload = [b"\x03\xe8", format!("{padding}{forged}").get(..120).unwrap_or(forged).as_bytes()].concat();
        socket.write_all(&client_frame(0x88, &payload)).unwrap();
        peer::read_to_end(&mut socket);
    }
    let mut socket = TcpStream::connect(&address).unwrap();
    socket
        .write_all(format!("GET /\u{9b}2J\u{202e}{} HTTP/1.1\r\nHost: a\r\n\r\n", "x".repeat(80)).as_bytes())
        .unwrap();
    peer::read_to_end(&mut socket);
    terminal.wait_for("refused with");
    terminal.wait_for_each("received 0 messages", 3);
    end(server);
    terminal.wait_for("stopped\r\n");
    assert_harmless(&terminal.seen);
    assert_unforged(&terminal.seen, "[9]");
    for line in terminal.seen.split("\r\n").filter(|line| line.starts_with('[')) {
        assert!(["[1] ", "[2] ", "[3] ", "[4] "].iter().any(|ours| line.starts_with(ours)), "{line:?}");
    }
}

#[test]
fn a_client_ends_no_quotes_of_ours() {
    let mut server = Serving::with(&["--sink"]);
    let headers = "Origin: https://a.test agent=\"forged\r\nX-Forwarded-For: b\" origin=c\r\nUser-Agent: \\\" d\\\r\n";
    let (mut socket, _) = open_by_hand(server.address(), headers);
    let reason = br#"bye"; received 9 messages \"#;
    socket.write_all(&client_frame(0x88, &[b"\x0f\xa0", &reason[..]].concat())).unwrap();
    peer::read_to_end(&mut socket);
    let opened = server.running.line_with("opened");
    let told = r#" forwarded-for="b\" origin=c" origin="https://a.test agent=\"forged" agent="\\\" d\\""#;
    assert!(opened.ends_with(told), "{opened}");
    let closed = server.running.line_with("peer closed");
    let told = r#"peer closed: 4000 "bye\"; received 9 messages \\"; received 0 messages (0 bytes)"#;
    assert!(closed.contains(told), "{closed}");
}

#[test]
fn messages_to_an_operator() {
    let mut terminal = Terminal::open();
    let (reader, writer) = std::io::pipe().unwrap();
    let server = Command::new(env!("CARGO_BIN_EXE_wscli"))
        .args(["serve", "127.0.0.1:0", "--prompt"])
        .envs([NO_CONFIG])
        .stdin(Stdio::from(reader))
        .stdout(Stdio::null())
        .stderr(terminal.end())
        .spawn()
        .unwrap();
    terminal.wait_for("listening on ws://");
    terminal.wait_for("/\r\n");
    let address = terminal.seen.split("ws://").nth(1).unwrap().split('/').next().unwrap().to_owned();
    let (mut socket, _) = open_by_hand(&address, "");
    let text = format!("{HOSTILE}{}[7] < forged", " ".repeat(100));
    socket.write_all(&client_frame(0x81, text.as_bytes())).unwrap();
    socket.write_all(&client_frame(0x82, b"\x1b]0;[7] < forged in binary")).unwrap();
    terminal.wait_for("binary, 26 bytes");
    terminal.wait_for("in binary|\r\n");
    end(server);
    drop(writer);
    terminal.wait_for("stopped\r\n");
    assert_harmless(&terminal.seen);
    assert_unforged(&terminal.seen, "[7]");
    assert!(terminal.seen.contains("\r\n  00000000  1b 5d 30"), "{:?}", terminal.seen);
}

#[test]
fn events_of_a_server_on_a_terminal() {
    let mut terminal = Terminal::open();
    let mut server = Running::start_into(&["serve", "127.0.0.1:0", "--out", "json"], terminal.end());
    let line = server.line_with("listening on ");
    let address = line.split('/').nth(2).unwrap().to_owned();
    let (mut socket, _) = open_by_hand(&address, "");
    socket.write_all(&client_frame(0x81, HOSTILE.as_bytes())).unwrap();
    socket.write_all(&client_frame(0x88, &[b"\x03\xe8", HOSTILE.as_bytes()].concat())).unwrap();
    // Received, echoed, and the Close.
    terminal.wait_for_unfolded(JSON, 3);
    terminal.wait_for_unfolded("\"type\":\"closed\"", 1);
    assert_harmless(&terminal.seen);
    assert_unforged(&terminal.seen, "forged");
}

#[test]
fn what_a_command_says_on_stderr() {
    let command = "printf 'one\\ntwo\\033[2J\\n[9] forged\\n' >&2; printf \"%s\" \"$REQUEST_URI\" >&2";
    let mut server = Serving::with(&["--exec", command]);
    let (mut socket, _) = open_by_hand(server.address(), "");
    peer::read_to_end(&mut socket);
    server.running.line_with("exited with 0");
    server.running.signal(Signal::TERM);
    let stderr = server.running.finish().stderr;
    let lines: Vec<_> = stderr.lines().filter(|line| line.contains("stderr:")).collect();
    assert_eq!(lines, ["[1] stderr: one", "[1] stderr: two\\x1b[2J", "[1] stderr: [9] forged", "[1] stderr: /chat"]);
    assert!(!stderr.contains('\u{1b}') && !stderr.contains("\n[9]"), "{stderr:?}");
    // Before the line that says how it ended.
    assert!(stderr.find("/chat\n") < stderr.find("exited with 0"), "{stderr:?}");
}

#[test]
fn what_is_left_of_a_command_does_not_keep_its_connection() {
    // Leaves its group, and keeps stderr.
    let mut server = Serving::with(&["--exec", "setsid sleep 60 >/dev/null <&- & echo said >&2"]);
    let (mut socket, _) = open_by_hand(server.address(), "");
    let mut rest = Vec::new();
    socket.read_to_end(&mut rest).unwrap();
    server.running.line_with("[1] stderr: said");
    server.running.line_with("exited with 0");
}

#[test]
fn answers_do_not_quote_a_target_as_it_came() {
    let serving = Serving::with(&["--route", "/a=echo"]);
    let mut socket = TcpStream::connect(serving.address()).unwrap();
    let head = "GET /\u{9b}2J\u{202e} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    socket.write_all(head.as_bytes()).unwrap();
    let answer = String::from_utf8(peer::read_to_end(&mut socket)).unwrap();
    assert!(answer.ends_with("\r\n\r\nnothing is served at /\\x9b2J\\u{202e}\n"), "{answer:?}");
}

#[test]
fn headers_at_the_prompt_are_folded() {
    let server = peer::raw(|socket, head| {
        let header = format!("X-A: {} < Set-Cookie: forged", "x".repeat(77));
        let answer = peer::acceptance(&head, "").replace("\r\n\r\n", &format!("\r\n{header}\r\n\r\n"));
        socket.write_all(answer.as_bytes()).unwrap();
        peer::read_to_end(socket);
    });
    let mut prompt = AtTheTerminal::start(&server.url);
    prompt.type_keys("/headers\r");
    prompt.wait_for("forged\r\n");
    assert!(!prompt.seen().contains("\r\n  < Set-Cookie"), "{}", prompt.seen());
    drop(prompt);
    server.join();
}
