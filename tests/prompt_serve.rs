//! `serve --prompt` on a terminal: the same prompt as `connect`'s, for several clients.

use std::fs::OpenOptions;
use std::io::Write;
use std::net::TcpStream;

use rustix::fs::{CWD, Mode, mkfifoat};
use tungstenite::protocol::CloseFrame;
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Message, WebSocket, connect};

use crate::prompt::AtTheTerminal;
use crate::support::files::Folder;
use crate::support::peer::{client_frame, open_by_hand, read_frame, read_to_end};
use crate::support::program::PATIENCE;
use crate::support::timing::look_again;

pub(crate) type Client = WebSocket<MaybeTlsStream<TcpStream>>;

/// A client, once the prompt knows of it.
pub(crate) fn client(prompt: &mut AtTheTerminal, url: &str, number: usize) -> Client {
    let (client, _) = connect(url).unwrap();
    let MaybeTlsStream::Plain(socket) = client.get_ref() else { panic!("no TLS here") };
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    prompt.wait_for(&format!("[{number}] 127.0.0.1:"));
    client
}

fn text(client: &mut Client) -> String {
    match client.read().unwrap() {
        Message::Text(text) => text.to_string(),
        other => panic!("{other:?}"),
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

fn address(url: &str) -> &str {
    url.trim_start_matches("ws://").trim_end_matches('/')
}

/// Without an end of its own, Ctrl-D ends the server.
fn serve(args: &[&str]) -> (AtTheTerminal, String) {
    AtTheTerminal::serve("/dev/null", args)
}

fn leave(mut prompt: AtTheTerminal) {
    prompt.type_keys("\x04");
    prompt.wait_for("* stopped");
    prompt.left(0);
}

#[test]
fn what_is_typed_is_for_all_or_for_one() {
    let (mut prompt, url) = serve(&[]);
    let mut clients = [client(&mut prompt, &url, 1), client(&mut prompt, &url, 2)];
    prompt.type_keys("to all\r/to 2 to two\r//slash\r");
    assert_eq!([text(&mut clients[0]), text(&mut clients[0])], ["to all", "/slash"]);
    assert_eq!([(); 3].map(|()| text(&mut clients[1])), ["to all", "to two", "/slash"]);
    prompt.type_keys("/use 2\r");
    prompt.wait_for("[2] > ");
    prompt.type_keys("for two\r/json { \"a\": 1 }\r/all\r");
    assert_eq!([text(&mut clients[1]), text(&mut clients[1])], ["for two", "{\"a\":1}"]);
    prompt.type_keys("/clients\r");
    prompt.wait_for("* 2 clients: [1] [2]");
    prompt.wait_for("  [2] 127.0.0.1:");
    prompt.type_keys("/binary 00ff\r/fragment 3 parts\r/frame opcode=pong payload=x\r");
    for client in &mut clients {
        assert_eq!(
            [(); 3].map(|()| client.read().unwrap()),
            [Message::binary(vec![0, 255]), Message::text("parts"), Message::Pong("x".into())]
        );
    }
    leave(prompt);
    clients.iter_mut().for_each(|client| assert_eq!(close(client).0, 1001));
}

#[test]
fn what_clients_say_is_shown_and_can_be_looked_at_again() {
    let (mut prompt, url) = serve(&["-v"]);
    let mut one = client(&mut prompt, &url, 1);
    one.send(Message::text("hello?\u{1b}[2J")).unwrap();
    prompt.wait_for("[1]   1     10 B < hello?\\x1b[2J");
    one.send(Message::text("[1,{\"a\":2}]")).unwrap();
    prompt.wait_for("[1]   2     11 B < [1,{\"a\":2}]");
    prompt.type_keys("/format hex\r/show 1\r");
    prompt.wait_for("[1]   1     10 B < text 68 65 6c 6c 6f 3f");
    prompt.type_keys("/ping are you there\r");
    while !matches!(one.read().unwrap(), Message::Ping(_)) {}
    one.flush().unwrap();
    prompt.wait_for("[1]         13 B < pong \"are you there\", round trip ");
    prompt.type_keys("/ping ");
    prompt.type_keys(&"x".repeat(126));
    prompt.type_keys("\r/stats\r/info\r");
    prompt.wait_for("! a control frame carries at most 125 bytes, not 126");
    prompt.wait_for("open for");
    prompt.wait_for("subprotocol  none");
    assert_eq!(prompt.seen().matches("< hello?").count(), 1, "{}", prompt.seen());
    leave(prompt);
}

#[test]
fn a_ping_that_a_client_does_not_answer_is_told() {
    let (mut prompt, url) = serve(&[]);
    let mut one = client(&mut prompt, &url, 1);
    let two = client(&mut prompt, &url, 2);
    prompt.type_keys("/ping x\r");
    while !matches!(one.read().unwrap(), Message::Ping(_)) {}
    one.flush().unwrap();
    prompt.wait_for("[1]          1 B < pong \"x\", round trip ");
    prompt.wait_for("* [2] no Pong after 5 s: 1 Ping unanswered");
    prompt.type_keys("/use 2\r/stats\r");
    prompt.wait_for("pings     1 sent by /ping, 1 unanswered");
    assert!(!prompt.seen().contains("[1] no Pong"), "{}", prompt.seen());
    drop(two);
    leave(prompt);
}

#[test]
fn a_send_to_nobody_says_so() {
    let (mut prompt, url) = serve(&[]);
    prompt.type_keys("hello\r");
    prompt.wait_for("! no clients: nobody to send it to");
    let mut one = client(&mut prompt, &url, 1);
    prompt.type_keys("/use 1\r");
    prompt.wait_for("[1] > ");
    one.close(Some(CloseFrame { code: CloseCode::Normal, reason: "".into() })).unwrap();
    while one.read().is_ok() {}
    prompt.wait_for("peer closed: 1000");
    prompt.type_keys("hello\r");
    prompt.wait_for("! no client [1]; /clients lists them, /all talks with all of them");
    prompt.wait_for("[1 gone] > ");
    prompt.type_keys("/use 7\r");
    prompt.wait_for("! no client [7]; /clients lists them");
    leave(prompt);
}

#[test]
fn ctrl_c_clears_what_is_typed_and_twice_stops_the_server() {
    let (mut prompt, url) = serve(&[]);
    let mut one = client(&mut prompt, &url, 1);
    prompt.type_keys("not this\x03this\r");
    assert_eq!(text(&mut one), "this");
    prompt.type_keys("\x03");
    prompt.wait_for("* Ctrl-C again stops the server, which closes 1 client with 1001");
    prompt.type_keys("\x03");
    assert_eq!(close(&mut one).0, 1001);
    prompt.wait_for("* stopped");
    prompt.left(0);
}

#[test]
fn a_close_is_logged_with_its_reason() {
    let (mut prompt, url) = serve(&[]);
    let mut one = client(&mut prompt, &url, 1);
    prompt.type_keys("/close 1 4001 enough\r");
    assert_eq!(close(&mut one), (4001, "enough".into()));
    prompt.wait_for("closed by you: 4001 \"enough\"");
    let (mut socket, _) = open_by_hand(address(&url), "");
    prompt.wait_for("[2] 127.0.0.1:");
    prompt.type_keys("/close 4001\r");
    prompt.wait_for("! no client [4001]; ");
    prompt.wait_for("/close N 4001\r\n");
    prompt.type_keys("/use 2\r/close all 4002 all of you\r");
    assert_eq!(read_frame(&mut socket), (0x88, b"\x0f\xa2all of you".to_vec()));
    drop(socket);
    prompt.wait_for("closed by you: 4002 \"all of you\", ");
    leave(prompt);
}

#[test]
fn the_keys_are_the_same() {
    let home = Folder::new();
    let (mut prompt, url) = AtTheTerminal::serve(&home.path(""), &[]);
    let mut one = client(&mut prompt, &url, 1);
    prompt.type_keys("first\rsecond\r\x1b[A\x1b[A\r\x12sec\r/rec\t");
    assert_eq!([(); 4].map(|()| text(&mut one)), ["first", "second", "first", "second"]);
    prompt.type_keys("\x15/us\t1\r");
    prompt.wait_for("[1] > ");
    prompt.type_keys("\x1b[200~two\nlines\x1b[201~\r");
    prompt.wait_for("as one message?");
    prompt.type_keys("\r");
    assert_eq!(text(&mut one), "two\nlines");
    prompt.type_keys("/reconnect\r");
    prompt.wait_for("! /reconnect is a command of a client");
    prompt.type_keys("\x12");
    one.send(Message::text("still shown")).unwrap();
    prompt.wait_for("[1]   6     11 B < still shown");
    prompt.type_keys("\x07");
    leave(prompt);
}

#[test]
fn a_client_forges_no_line_of_the_prompt() {
    let (mut prompt, url) = serve(&[]);
    let forged = "[9] 127.0.0.1:9 opened /";
    for (number, padding) in
        ["x".repeat(60), " ".repeat(72), "\u{1f1e9}".repeat(38), "x\n".repeat(40)].iter().enumerate()
    {
        let agent = padding.replace('\n', " ");
        let (mut socket, _) = open_by_hand(address(&url), &format!("User-Agent: {agent}{forged}\r\n"));
        socket.write_all(&client_frame(0x81, format!("{padding}{forged}").as_bytes())).unwrap();
        let reason = format!("{padding}{forged}");
        let end = (0..=120).rev().find(|at| reason.is_char_boundary(*at)).unwrap();
        socket
            .write_all(&client_frame(0x88, &[b"\x0f\xa0", &reason.as_bytes()[..end.min(reason.len())]].concat()))
            .unwrap();
        read_to_end(&mut socket);
        prompt.wait_for_each("peer closed: 4000", number + 1);
    }
    let columns = |line: &str| line.chars().map(|c| if c < '\u{1f000}' { 1 } else { 2 }).sum::<usize>();
    for line in prompt.seen().split("\r\n").filter(|line| line.contains("opened") || line.contains("[9]")) {
        let line = line.rsplit("\x1b[K").next().unwrap();
        // A word that is longer than a row is left to the terminal, and nothing stands behind it.
        let end_of_row = line.trim_end().rfind(' ').unwrap_or_default();
        assert!(!line.starts_with("[9]") && columns(&line[..end_of_row]) <= 80, "{line:?}");
    }
    leave(prompt);
}

#[test]
fn a_client_forges_no_line_of_a_list() {
    let (mut prompt, url) = serve(&[]);
    let mut socket = TcpStream::connect(address(&url)).unwrap();
    let path = format!("/{}[9]_forged?token=sesame", "x".repeat(77));
    let agent = format!("{} subprotocol  forged", "x".repeat(77));
    let head = format!(
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: {agent}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    socket.write_all(head.as_bytes()).unwrap();
    prompt.wait_for("opened");
    prompt.type_keys("/clients\r/info\r");
    prompt.wait_for("  agent ");
    prompt.wait_for("forged\"\r\n[all] > ");
    assert!(!prompt.seen().contains("sesame"), "{}", prompt.seen());
    // Lines of the log begin at the margin, those of a list behind it.
    let listed = prompt.seen().split("* 1 client: [1]").nth(1).unwrap();
    let forged = ["  [9]", "  subprotocol  forged"];
    for line in listed.split("\r\n") {
        assert!(!forged.iter().any(|forged| line.starts_with(forged)), "{line:?} in {listed}");
    }
    leave(prompt);
}

#[test]
fn a_message_is_repeated_until_all_have_it_or_somebody_stops_it() {
    let (mut prompt, url) = serve(&[]);
    let mut one = client(&mut prompt, &url, 1);
    // More than a client's queue takes at once.
    prompt.type_keys(&format!("/repeat 3000 {}\r", "x".repeat(1000)));
    for _ in 0..3000 {
        assert_eq!(text(&mut one).len(), 1000);
    }
    prompt.wait_for("* sent 3,000 times");
    prompt.type_keys("/repeat 1000 every 1h tick\r");
    assert_eq!(text(&mut one), "tick");
    prompt.wait_for_each("[all] > ", 5);
    prompt.type_keys("\x03");
    prompt.wait_for("* stopped after 1 time");
    leave(prompt);
    assert_eq!(close(&mut one).0, 1001);
}

#[test]
fn what_is_typed_goes_uncompressed_where_that_is_wanted() {
    let (mut prompt, url) = serve(&[]);
    let (mut socket, _) = open_by_hand(address(&url), "Sec-WebSocket-Extensions: permessage-deflate\r\n");
    prompt.wait_for("[1] 127.0.0.1:");
    for (line, first_byte) in
        [("aaaaaaaaaa", 0xc1), ("/compress off\raaaaaaaaaa", 0x81), ("/compress on\raaaaaaaaaa", 0xc1)]
    {
        prompt.type_keys(&format!("{line}\r"));
        assert_eq!(read_frame(&mut socket).0, first_byte, "{line}");
    }
    prompt.wait_for("[compress off]");
    leave(prompt);
    assert_eq!(read_frame(&mut socket).0, 0x88);
}

#[test]
fn what_clients_say_is_logged_and_saved_and_their_heads_are_shown() {
    let folder = Folder::new();
    let (log, save) = (folder.path("log"), folder.path("save"));
    let (mut prompt, url) = serve(&[]);
    let mut one = client(&mut prompt, &url, 1);
    prompt.type_keys("/headers\r");
    prompt.wait_for("< GET / HTTP/1.1");
    prompt.wait_for("< Sec-WebSocket-Version: 13");
    one.send(Message::text("before")).unwrap();
    prompt.wait_for("before");
    prompt.type_keys(&format!("/log {log}\r"));
    prompt.wait_for("* logging to ");
    one.send(Message::text("after")).unwrap();
    prompt.wait_for("after");
    prompt.type_keys("to you\r");
    assert_eq!(text(&mut one), "to you");
    // What has been sent is told behind it.
    while !std::fs::read_to_string(&log).unwrap().contains("to you") {
        look_again();
    }
    prompt.type_keys(&format!("/log off\r/save {save}\r"));
    prompt.wait_for("* saved 3 messages and ");
    let contents = |path: &str| {
        let text = std::fs::read_to_string(path).unwrap();
        let said: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let messages = said.iter().filter(|line| line["type"] == "text");
        messages
            .map(|line| format!("{} {} {}", line["connection"], line["direction"], line["text"]))
            .collect::<Vec<_>>()
    };
    let said = ["1 \"received\" \"before\"", "1 \"received\" \"after\"", "1 \"sent\" \"to you\""];
    assert_eq!(contents(&log), said[1..]);
    assert_eq!(contents(&save), said);
    leave(prompt);
    assert_eq!(close(&mut one).0, 1001);
}

#[test]
fn what_waits_for_a_client_that_does_not_read_is_counted_and_marked() {
    let folder = Folder::new();
    let (path, save) = (folder.file("large", vec![0xff; 30 << 20]), folder.path("saved.jsonl"));
    let (mut prompt, url) = serve(&[]);
    let (socket, _) = open_by_hand(address(&url), "");
    prompt.wait_for("[1] 127.0.0.1:");
    prompt.type_keys(&format!("first\r/file {path}\r"));
    // Until as much is taken as the system takes.
    while !prompt.seen().contains("  waiting   1 message, 2") {
        let asked = prompt.seen().matches("  received  no message yet").count();
        prompt.type_keys("/stats\r");
        prompt.wait_for_each("  received  no message yet", asked + 1);
    }
    prompt.wait_for("  sent      1 message, ");
    drop(socket);
    prompt.wait_for_each("[1] 127.0.0.1:", 2);
    prompt.type_keys(&format!("/save {save}\r"));
    prompt.wait_for("saved 1 message");
    leave(prompt);
}

#[test]
fn the_end_of_a_log_that_nobody_reads_keeps_no_client_waiting() {
    let folder = Folder::new();
    let path = folder.path("pipe");
    mkfifoat(CWD, &path, Mode::RUSR | Mode::WUSR).unwrap();
    let _unread = OpenOptions::new().read(true).write(true).open(&path).unwrap();
    let (mut prompt, url) = serve(&[]);
    let (mut socket, _) = open_by_hand(address(&url), "");
    prompt.wait_for("[1] 127.0.0.1:");
    prompt.type_keys(&format!("/quiet\r/log {path}\r"));
    prompt.wait_for("* logging to ");
    socket.write_all(&client_frame(0x82, &[7; 4096]).repeat(512)).unwrap();
    prompt.wait_for("[hidden   512] > ");
    prompt.type_keys("/quiet off\r/log off\rafter\r");
    assert_eq!(read_frame(&mut socket), (0x81, b"after".to_vec()));
    socket.write_all(&client_frame(0x81, b"and then")).unwrap();
    prompt.wait_for("< and then");
    assert!(!prompt.seen().contains("is not read"), "{}", prompt.seen());
    prompt.wait_for("is not read: the last events are");
    leave(prompt);
}

#[test]
fn every_message_has_a_number_of_its_own() {
    const EACH: usize = 200;
    let (mut prompt, url) = serve(&[]);
    let sockets: Vec<_> = (0..4).map(|_| open_by_hand(address(&url), "").0).collect();
    let senders = sockets.into_iter().map(|mut socket| {
        std::thread::spawn(move || {
            socket.write_all(&client_frame(0x81, b"x").repeat(EACH)).unwrap();
            socket
        })
    });
    let senders: Vec<_> = senders.collect();
    prompt.wait_for_each("B < x\r\n", 4 * EACH);
    let numbers = prompt.seen().split("B < x\r\n").map(|line| {
        let mut words = line.split_whitespace().rev().skip(1);
        words.next().and_then(|word| word.parse::<usize>().ok())
    });
    let mut numbers: Vec<_> = numbers.take(4 * EACH).flatten().collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=4 * EACH).collect::<Vec<_>>());
    leave(prompt);
    senders.into_iter().for_each(|sender| drop(sender.join().unwrap()));
}

#[test]
fn rules_that_are_typed_answer_every_client_from_then_on() {
    let (mut prompt, url) = serve(&[]);
    let mut one = client(&mut prompt, &url, 1);
    prompt.type_keys("/on\r");
    prompt.wait_for("* nothing is answered; /on RULE answers by a rule");
    prompt.type_keys("/on match ^hello\r");
    prompt.wait_for("! /on: ");
    prompt.type_keys("/on match ^ping (.*)$ => reply pong $1\r/on open => reply welcome\r/on\r");
    prompt.wait_for("* this rule answers; /on off drops it");
    prompt.wait_for("* this rule answers before the others; /on shows all of them");
    prompt.wait_for("* the first rule that takes a message answers it:");
    prompt.wait_for("  match ^ping (.*)$ => reply pong $1");
    one.send(Message::text("ping a")).unwrap();
    assert_eq!(text(&mut one), "pong a");
    // What nobody has typed is shown.
    prompt.wait_for("< ping a");
    prompt.wait_for("> pong a");
    let mut two = client(&mut prompt, &url, 2);
    assert_eq!(text(&mut two), "welcome");
    prompt.type_keys("typed\r");
    assert_eq!([text(&mut one), text(&mut two)], ["typed", "typed"]);
    prompt.type_keys("/on off\r/on\r");
    prompt.wait_for_each("* nothing is answered; /on RULE answers by a rule", 2);
    two.send(Message::text("ping b")).unwrap();
    prompt.wait_for("< ping b");
    prompt.type_keys("/on match ^bye => close 4000 so long\r/on\r");
    prompt.wait_for("  match ^bye => close 4000 so long");
    two.send(Message::text("bye")).unwrap();
    assert_eq!(close(&mut two), (4000, "so long".into()));
    // What was typed isn't shown as if it had come.
    assert!(!prompt.seen().contains("> typed\r\n> typed"), "{}", prompt.seen());
    leave(prompt);
}

#[test]
fn files_of_rules_are_read_again_when_that_is_typed() {
    let folder = Folder::new();
    let rules = folder.file("rules", "any => reply old\n");
    let (mut prompt, url) = serve(&["--route", &format!("/mock=reply:{rules}")]);
    let answer = |prompt: &mut AtTheTerminal, number| {
        let mut client = client(prompt, &format!("{url}mock"), number);
        client.send(Message::text("x")).unwrap();
        text(&mut client)
    };
    assert_eq!(answer(&mut prompt, 1), "old");
    folder.file("rules", "any => answer new\n");
    prompt.type_keys("/rules\r");
    prompt.wait_for_unfolded("the rules stay as they are: ");
    folder.file("rules", "any => reply new\n");
    prompt.type_keys("/rules\r");
    prompt.wait_for_unfolded("the rules were read again, for connections from now on: ");
    assert_eq!(answer(&mut prompt, 2), "new");
    leave(prompt);
    let (mut prompt, _) = serve(&[]);
    prompt.type_keys("/rules\r");
    prompt.wait_for("! no file of rules was given at the start");
    leave(prompt);
}
