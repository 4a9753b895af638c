//! What `wscli serve` answers besides an echo.

use std::fs;
use std::io::Write;
use std::net::TcpStream;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use tungstenite::protocol::CloseFrame;
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Message, WebSocket, connect};

use crate::support::peer::{client_frame, handshake, open_by_hand, read_frame, read_head};
use crate::support::program::{PATIENCE, Serving, run};

type Client = WebSocket<MaybeTlsStream<TcpStream>>;

fn serve(args: &[&str]) -> Serving {
    Serving::with(args)
}

fn client(url: &str) -> Client {
    let (client, _) = connect(url).unwrap();
    let MaybeTlsStream::Plain(socket) = client.get_ref() else { panic!("no TLS here") };
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    client
}

fn text(client: &mut Client) -> String {
    match client.read().unwrap() {
        Message::Text(text) => text.to_string(),
        other => panic!("not text, {} bytes", other.len()),
    }
}

/// The Close that comes, after it has been answered.
fn close(client: &mut Client) -> (u16, String) {
    let closed = match client.read().unwrap() {
        Message::Close(Some(CloseFrame { code, reason })) => (code.into(), reason.to_string()),
        other => panic!("{other:?}"),
    };
    while client.read().is_ok() {}
    closed
}

/// A file that goes when this does.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str, content: &[u8]) -> Self {
        let path = std::env::temp_dir().join(format!("wscli-test-{}-{name}", std::process::id()));
        fs::write(&path, content).unwrap();
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[test]
fn a_broadcast_goes_to_everyone_else() {
    let serving = serve(&["--broadcast"]);
    let mut clients: Vec<Client> = (0..3).map(|_| client(&serving.url)).collect();
    let large = Message::binary(vec![7; 3 << 20]);
    clients[0].send(Message::text("from the first")).unwrap();
    clients[0].send(large.clone()).unwrap();
    for other in &mut clients[1..] {
        assert_eq!(text(other), "from the first");
        assert!(other.read().unwrap() == large);
    }
    clients[1].send(Message::text("from the second")).unwrap();
    assert_eq!(text(&mut clients[0]), "from the second");
}

#[test]
fn a_broadcast_may_include_its_sender() {
    let serving = serve(&["--broadcast", "--include-sender"]);
    let mut one = client(&serving.url);
    one.send(Message::text("me too")).unwrap();
    assert_eq!(text(&mut one), "me too");
}

#[test]
fn a_client_that_does_not_read_delays_nobody() {
    for (policy, says) in [("close", "limit: client reads too slowly"), ("drop", "for it dropped")] {
        let flags = ["--broadcast", "--slow", policy, "--max-outbox", "64K", "--close-timeout", "200ms"];
        let mut serving = serve(&flags);
        let (stuffed, _) = open_by_hand(serving.address(), "");
        serving.running.line_with("[1] ");
        let mut reader = client(&serving.url);
        let mut sender = client(&serving.url);
        let message = Message::binary(vec![1; 256 << 10]);
        // More than the kernel and the outbox together hold for the one that doesn't read.
        for _ in 0..100 {
            sender.send(message.clone()).unwrap();
            assert!(reader.read().unwrap() == message);
        }
        serving.running.line_with("[1] reads too slowly");
        if policy == "drop" {
            drop(stuffed);
        }
        let line = serving.running.line_with(" [1] ".trim_start());
        assert!(line.contains(says), "{line}");
    }
}

#[test]
fn a_sink_says_nothing() {
    let mut serving = serve(&["--sink"]);
    let (mut socket, _) = open_by_hand(serving.address(), "");
    socket.write_all(&[client_frame(0x81, b"hello"), client_frame(0x89, b"?")].concat()).unwrap();
    assert_eq!(read_frame(&mut socket), (0x8a, b"?".to_vec()));
    socket.write_all(&client_frame(0x88, b"\x03\xe8")).unwrap();
    assert_eq!(read_frame(&mut socket).0, 0x88);
    serving.running.line_with("received 1 message (5 bytes), sent 0 messages (0 bytes)");
}

#[test]
fn each_client_gets_a_file_from_its_beginning() {
    let file = Scratch::new("push", "one\ntwo\n\nfóur".as_bytes());
    let serving = serve(&["--push", file.path()]);
    for _ in 0..2 {
        let mut client = client(&serving.url);
        for line in ["one", "two", "", "fóur"] {
            assert_eq!(text(&mut client), line);
        }
        assert_eq!(close(&mut client), (1000, String::new()));
    }
}

#[test]
fn a_ticker_keeps_its_time_and_begins_again() {
    let file = Scratch::new("ticker", b"tick\ntock\n");
    let serving = serve(&["--push", file.path(), "--every", "50ms", "--loop"]);
    let began = Instant::now();
    let mut client = client(&serving.url);
    for line in ["tick", "tock", "tick", "tock", "tick"] {
        assert_eq!(text(&mut client), line);
    }
    assert!(began.elapsed() >= Duration::from_millis(200), "{:?}", began.elapsed());
}

#[test]
fn a_file_is_pushed_as_fast_as_the_client_reads() {
    let lines: String = (0..20_000).map(|number| format!("line {number:0100}\n")).collect();
    let file = Scratch::new("flood", lines.as_bytes());
    let serving = serve(&["--push", file.path()]);
    let outcome = run(&["connect", "--linger", "20s", &serving.url], b"");
    assert!(outcome.stdout() == lines && outcome.code == Some(0), "{}", outcome.stderr);
}

#[test]
fn stdin_is_pushed_to_all_from_the_first_client_on() {
    let mut serving = serve(&["--push", "-"]);
    serving.running.write(b"one\n");
    let mut first = client(&serving.url);
    assert_eq!(text(&mut first), "one");
    let mut second = client(&serving.url);
    serving.running.line_with("[2] ");
    serving.running.feed(b"two\n".to_vec());
    for client in [&mut first, &mut second] {
        assert_eq!(text(client), "two");
        assert_eq!(close(client).0, 1000);
    }
    serving.running.line_with("end of stdin: closing clients with 1000");
    serving.running.line_with(" end of stdin, closed by us: 1000 (normal closure); received ");
    // Who comes too late is told so.
    assert_eq!(close(&mut client(&serving.url)).0, 1000);
}

#[test]
fn files_that_can_not_be_pushed() {
    let binary = Scratch::new("binary", b"\xff\n");
    let empty = Scratch::new("empty", b"");
    run(&["serve", ":0", "--push", binary.path()], b"").assert("", 2, "is not UTF-8");
    run(&["serve", ":0", "--push", empty.path()], b"").assert("", 2, "has no lines");
    run(&["serve", ":0", "--push", "/nonexistent"], b"").assert("", 2, "can't read /nonexistent");
}

const RULES: &str = r#"
open
  reply welcome
match ^hello (\w+)
  reply Hello, $1!
json /op = "add"
  delay 100ms
  reply {"ok":${/id}}
match ^bytes
  binary 00ff
match ^quiet
  nothing
match ^bye
  close 4001 so long
any
  reply what?
"#;

#[test]
fn a_mock_answers_by_its_rules() {
    let rules = Scratch::new("rules", RULES.as_bytes());
    let mut serving = serve(&["--reply", rules.path()]);
    let mut client = client(&serving.url);
    assert_eq!(text(&mut client), "welcome");
    let began = Instant::now();
    for message in ["hello Ada", r#"{"op":"add","id":7}"#, "quiet", "else", "bytes", "bye"] {
        client.send(Message::text(message)).unwrap();
    }
    assert_eq!(text(&mut client), "Hello, Ada!");
    assert_eq!(text(&mut client), r#"{"ok":7}"#);
    assert!(began.elapsed() >= Duration::from_millis(100));
    assert_eq!(text(&mut client), "what?");
    assert_eq!(client.read().unwrap(), Message::binary(vec![0, 255]));
    assert_eq!(close(&mut client), (4001, "so long".into()));
    serving.running.line_with("closed by a rule: 4001");
}

#[test]
fn a_mock_answers_all_of_a_burst() {
    const COUNT: usize = 8_000;
    for reply in ["ok".to_owned(), "a long answer ".repeat(500)] {
        let rules = Scratch::new("burst", format!("any\n  reply {reply}\n").as_bytes());
        // No Ping wakes it.
        let serving = serve(&["--reply", rules.path(), "--ping-interval", "0"]);
        let (mut socket, _) = open_by_hand(serving.address(), "");
        socket.write_all(&client_frame(0x81, b"x").repeat(COUNT)).unwrap();
        let reply = reply.trim_end();
        for number in 0..COUNT {
            let (first, payload) = read_frame(&mut socket);
            assert!((first, payload.as_slice()) == (0x81, reply.as_bytes()), "answer {number}");
        }
    }
}

#[test]
fn a_mock_with_long_answers_takes_no_more_memory_than_it_can_send() {
    let answer = "x".repeat(1 << 20);
    let rules = Scratch::new("long", format!("any\n  reply {answer}\n").as_bytes());
    // No Ping comes between.
    let serving = serve(&["--reply", rules.path(), "--ping-interval", "0"]);
    let (mut socket, _) = open_by_hand(serving.address(), "");
    socket.write_all(&client_frame(0x81, b"x").repeat(100)).unwrap();
    for _ in 0..100 {
        assert_eq!(read_frame(&mut socket).1.len(), answer.len());
        let resident = serving.running.resident();
        assert!(resident < 32 << 20, "{resident} bytes resident");
    }
}

#[test]
fn a_hang_up_has_the_rules_of_all_paths_read_again() {
    let (one, other) = (Scratch::new("one", b"any => reply 1"), Scratch::new("other", b"any => reply 1"));
    let route = format!("/other=reply:{}", other.path());
    let mut serving = serve(&["--reply", one.path(), "--route", &route]);
    let url = serving.url.clone();
    let answer = |path: &str| {
        let mut client = client(&format!("{url}{path}"));
        client.send(Message::text("a")).unwrap();
        text(&mut client)
    };
    assert_eq!((answer(""), answer("other")), ("1".into(), "1".into()));
    let mut before = client(&url);
    // With the first fault, too, which a proxy has to be started for.
    fs::write(one.path(), "any => reply 2\nopen => fault fragment 1").unwrap();
    fs::write(other.path(), "any => rply 2").unwrap();
    serving.running.signal(Signal::HUP);
    // In the order of the paths.
    let kept = serving.running.line_with("the rules stay as they are: ");
    assert!(kept.contains(other.path()) && kept.contains("line 1, column 8"), "{kept}");
    let read = serving.running.line_with("the rules were read again, for connections from now on: ");
    assert!(read.ends_with(one.path()), "{read}");
    assert_eq!((answer(""), answer("other")), ("2".into(), "1".into()));
    // A connection keeps those that it began with.
    before.send(Message::text("a")).unwrap();
    assert_eq!(text(&mut before), "1");
    serving.running.signal(Signal::TERM);
    assert_eq!(serving.running.wait().0, Some(0));
}

#[test]
fn the_rules_of_the_manual_do_what_it_says() {
    let help = run(&["serve", "--help-rules"], b"");
    assert_eq!((help.stdout(), help.code), (include_str!("../docs/rules.md"), Some(0)));
    for other in ["connect", "proxy"] {
        assert_eq!(run(&[other, "--help-rules"], b"").stdout(), help.stdout());
    }
    let manual = help.stdout();
    let from = manual.find("    # A mock of a feed.").unwrap();
    let to = manual[from..].find("\n\n").unwrap() + from;
    let rules = Scratch::new("manual", &manual.as_bytes()[from..to]);
    let serving = serve(&["--reply", rules.path()]);
    let mut client = client(&serving.url);
    for message in [r#"{"op":"subscribe","channel":"a \"b\""}"#, "nothing of it"] {
        client.send(Message::text(message)).unwrap();
    }
    client.send(Message::binary(vec![255])).unwrap();
    client.send(Message::text("bye")).unwrap();
    assert_eq!(text(&mut client), r#"{"hello":"feed"}"#);
    assert_eq!(text(&mut client), r#"{"subscribed":"a \"b\"","text":"you asked for a \"b\""}"#);
    assert_eq!(client.read().unwrap(), Message::binary(vec![255]));
    assert_eq!(close(&mut client), (4000, "so long".into()));
}

#[test]
fn rules_that_are_none_are_told_with_their_line() {
    let rules = Scratch::new("norules", b"any\n  say hello\n");
    let says = format!("can't read {}: line 2, column 3: \"say\" is neither a condition", rules.path());
    let outcome = run(&["serve", ":0", "--reply", rules.path()], b"");
    outcome.assert("", 2, &says);
    assert!(outcome.stderr.ends_with("\n  2 |   say hello\n    |   ^\n"), "{outcome:?}");
}

#[test]
fn a_mock_counts_and_has_states() {
    let rules = Scratch::new(
        "states",
        b"after 3 any => reply that is all => close 4001 enough\nstate start\n\
        match ^in$ => goto inside => reply welcome\nany => reply {\"you\":\"$0\"}\nstate inside\ntext => echo\n",
    );
    let serving = serve(&["--reply", rules.path()]);
    // Each connection counts for itself.
    for _ in 0..2 {
        let mut client = client(&serving.url);
        for message in ["\"", "in", "x"] {
            client.send(Message::text(message)).unwrap();
        }
        assert_eq!(text(&mut client), r#"{"you":"\""}"#);
        assert_eq!(text(&mut client), "welcome");
        assert_eq!(text(&mut client), "that is all");
        assert_eq!(close(&mut client), (4001, "enough".into()));
    }
}

#[test]
fn a_command_has_its_lines_as_messages() {
    let serving = serve(&["--exec", "cat"]);
    let lines: String = (0..10_000).map(|number| format!("line {number:0100}\n")).collect();
    // However late any of it is, and our Close answered.
    let flags = ["connect", "--count", "10000", "--close-timeout", "1h", &serving.url];
    let outcome = run(&flags, lines.as_bytes());
    assert!(outcome.stdout() == lines && outcome.code == Some(0), "{}", outcome.stderr);
}

#[test]
fn a_command_knows_the_request() {
    let command = "echo $REQUEST_METHOD $PATH_INFO $QUERY_STRING $HTTP_X_TEST $REMOTE_ADDR $SERVER_PORT";
    let serving = serve(&["--exec", command]);
    let port = serving.address().rsplit(':').next().unwrap();
    let (mut socket, _) = open_by_hand(serving.address(), "X-Test: yes\r\n");
    assert_eq!(read_frame(&mut socket), (0x81, format!("GET /chat yes 127.0.0.1 {port}").into_bytes()));
    // RFC 3875 §4.1.15: the port that it has come to, not the one that it names.
    let mut other = std::net::TcpStream::connect(serving.address()).unwrap();
    other.write_all(handshake("/chat", "localhost", "X-Test: yes\r\n").as_bytes()).unwrap();
    read_head(&mut other);
    assert_eq!(read_frame(&mut other), (0x81, format!("GET /chat yes 127.0.0.1 {port}").into_bytes()));
}

#[test]
fn how_a_command_ended_is_told() {
    for (command, code, says) in [
        ("echo hi", 1000, "the command exited with 0, closed by us: 1000"),
        ("echo hi; exit 3", 1011, "the command exited with 3, closed by us: 1011"),
        ("echo hi; kill -9 $$", 1011, "the command was killed by signal 9"),
        ("echo hi; printf '\\377\\n'; sleep 60", 1011, "line 2 of the command's output is not UTF-8"),
    ] {
        let mut serving = serve(&["--exec", command]);
        let mut client = client(&serving.url);
        assert_eq!(text(&mut client), "hi");
        assert_eq!(close(&mut client).0, code, "{command}");
        serving.running.line_with(says);
    }
}

/// The processes that have `mark` in their arguments or environment.
fn processes_with(mark: &str) -> usize {
    let output = Command::new("ps").args(["-eo", "args"]).output().unwrap();
    String::from_utf8_lossy(&output.stdout).lines().filter(|line| line.contains(mark)).count()
}

/// Until so many processes have it.
fn wait_for_processes_with(mark: &str, wanted: RangeInclusive<usize>) {
    let began = Instant::now();
    while !wanted.contains(&processes_with(mark)) {
        assert!(began.elapsed() < PATIENCE, "not {wanted:?} processes with {mark}");
    }
}

#[test]
fn no_process_outlives_its_connection() {
    // One ends at SIGTERM, one ignores it, one leaves a child behind, and one floods a client that doesn't read.
    for (number, command) in
        ["sleep MARK", "trap '' TERM; echo up; sleep MARK; sleep MARK", "sleep MARK & sleep MARK", "yes MARK"]
            .iter()
            .enumerate()
    {
        // Nobody else on this machine has it.
        let mark = &format!("61.{number}{:08}", std::process::id());
        let command = &command.replace("MARK", mark);
        let serving = serve(&["--exec", command]);
        let (socket, _) = open_by_hand(serving.address(), "");
        // The server itself has the mark in its arguments.
        wait_for_processes_with(mark, 2..=usize::MAX);
        drop(socket);
        wait_for_processes_with(mark, 0..=1);
        // A server that stops takes them with it too.
        let (_socket, _) = open_by_hand(serving.address(), "");
        wait_for_processes_with(mark, 2..=usize::MAX);
        serving.running.signal(Signal::TERM);
        serving.running.finish().assert("", 0, "stopped");
        wait_for_processes_with(mark, 0..=0);
    }
}

#[test]
fn a_command_that_does_not_read_makes_its_client_wait() {
    let serving = serve(&["--exec", "sleep 60"]);
    let (mut socket, _) = open_by_hand(serving.address(), "");
    socket.set_write_timeout(Some(Duration::from_millis(300))).unwrap();
    let frame = client_frame(0x82, &vec![0; 1 << 20]);
    while socket.write_all(&frame).is_ok() {}
    let memory = serving.running.resident();
    assert!(memory < 60 << 20, "{memory}");
}

#[test]
fn a_person_answers_one_or_all() {
    let mut serving = serve(&["--prompt"]);
    let mut clients: Vec<Client> = (0..2).map(|_| client(&serving.url)).collect();
    serving.running.line_with("[2] ");
    clients[0].send(Message::text("hello?\u{1b}[2J")).unwrap();
    assert_eq!(serving.running.line_with("[1] <"), "[1] < hello?\\x1b[2J");
    serving.running.write(b"to everyone\n/to 2 to one\n//slash\n/clients\n/to 9 nobody\n");
    assert_eq!(text(&mut clients[0]), "to everyone");
    assert_eq!(text(&mut clients[0]), "/slash");
    for said in ["to everyone", "to one", "/slash"] {
        assert_eq!(text(&mut clients[1]), said);
    }
    assert_eq!(serving.running.line_with("2 clients"), "2 clients: [1] [2]");
    serving.running.line_with("no client [9]; /clients lists them");
    serving.running.write(b"/close 1 4000 so long\n");
    assert_eq!(close(&mut clients[0]), (4000, "so long".into()));
    let line = serving.running.line_with("[1] ");
    assert!(line.contains(" closed by you: 4000 \"so long\"; received 1 message (10 bytes), sent "), "{line}");
    serving.running.write(b"still here\n");
    assert_eq!(text(&mut clients[1]), "still here");
}

#[test]
fn each_path_has_its_mode() {
    let serving = serve(&["--sink", "--route", "/echo=echo", "--route", "/run=exec:echo ran"]);
    let at = |path: &str| format!("{}{path}", serving.url);
    let mut echo = client(&at("echo?query=ignored"));
    echo.send(Message::text("hi")).unwrap();
    assert_eq!(text(&mut echo), "hi");
    assert_eq!(text(&mut client(&at("run"))), "ran");
    let mut sink = client(&at(""));
    sink.send(Message::text("hi")).unwrap();
    sink.close(Some(CloseFrame { code: CloseCode::Normal, reason: "".into() })).unwrap();
    assert_eq!(close(&mut sink).0, 1000);
    let tungstenite::Error::Http(refused) = connect(at("elsewhere")).unwrap_err() else { panic!("not HTTP") };
    assert_eq!(refused.status(), 404);
}

#[test]
fn routes_and_flags_that_make_no_sense() {
    for (args, says) in [
        (&["--echo", "--sink"][..], "cannot be used with"),
        (&["--route", "/a=what"], "is not a mode"),
        (&["--route", "a=echo"], "is not a path"),
        (&["--require-subprotocol"], "--subprotocol"),
        (&["--prompt", "--route", "/a=push:-"], "can have stdin"),
        (&["--auth", "nobody"], "expected USER:PASSWORD"),
        (&["--client-ca", "x"], "--client-ca needs TLS"),
        (&["--static", "/no/such/folder"], "can't read /no/such/folder"),
    ] {
        run(&[&["serve", ":0"], args].concat(), b"").assert("", 2, says);
    }
}
