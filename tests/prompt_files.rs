//! Files of the prompt, `/log` and `/save`, whoever reads them.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;

use rustix::fs::{CWD, Mode, OFlags, fcntl_setfl, mkfifoat};
use rustls::{ServerConnection, StreamOwned};
use serde_json::Value;
use tungstenite::Message;

use crate::prompt::{AtTheTerminal, until_closed};
use crate::support::authority::{Issued, good};
use crate::support::files::Folder;
use crate::support::peer;
use crate::support::program::run;

/// More of these than a pipe and a queue hold together.
const MESSAGES: usize = 512;
const LENGTH: usize = 4096;

fn pipe(folder: &Folder) -> PathBuf {
    let path = PathBuf::from(folder.path("pipe"));
    mkfifoat(CWD, &path, Mode::RUSR | Mode::WUSR).unwrap();
    path
}

/// Opens it, which doesn't wait for the writer; reading from it then does.
fn reader(path: &Path) -> File {
    let flags = OFlags::NONBLOCK.bits() as i32;
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path).unwrap();
    fcntl_setfl(&file, OFlags::empty()).unwrap();
    file
}

/// A server that answers one message with many.
fn server() -> peer::Peer<()> {
    peer::opened("", |socket| {
        peer::read_frame(socket);
        let frame = [&[0x82, 126][..], &(LENGTH as u16).to_be_bytes(), &[7; LENGTH]].concat();
        for _ in 0..MESSAGES {
            socket.write_all(&frame).unwrap();
        }
        socket.write_all(b"\x88\x02\x03\xe8").unwrap();
        while peer::read_frame(socket).0 != 0x88 {}
    })
}

#[test]
fn a_log_that_is_read_late_goes_on_and_says_what_is_missing() {
    let folder = Folder::new();
    let (path, server) = (pipe(&folder), server());
    let mut reader = reader(&path);
    let mut prompt = AtTheTerminal::start_with("1", &["--no-compress", &server.url]);
    prompt.type_keys(&format!("/quiet\r/log {}\r", path.display()));
    prompt.wait_for("logging to ");
    prompt.type_keys("hello\r");
    prompt.wait_for("* peer closed: 1000");
    server.join();
    let logged = std::thread::spawn(move || {
        let mut logged = String::new();
        reader.read_to_string(&mut logged).unwrap();
        logged
    });
    prompt.type_keys("/log off\r");
    prompt.wait_for(&format!("* log {} closed", path.display()));
    let logged = logged.join().unwrap();
    prompt.type_keys("/quit\r");
    prompt.left(0);
    let events: Vec<Value> = logged.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let received =
        |kind: &str| events.iter().filter(|event| event["type"] == kind && event["direction"] == "received").count();
    let dropped: u64 = events.iter().filter_map(|event| event["events"].as_u64()).sum();
    assert!(dropped > 0 && received("binary") > 16, "{dropped} dropped, {} written", received("binary"));
    // Of the Closes and what we sent some may be among those that are missing.
    let told = events.iter().filter(|event| event["type"] != "dropped").count() + dropped as usize;
    // Two tell of the connection itself, the second of its end, which the end of the log may have come before.
    assert!((MESSAGES + 4..=MESSAGES + 5).contains(&told), "{told}");
}

#[test]
fn a_file_that_nobody_reads_does_not_keep_the_connection_waiting() {
    let folder = Folder::new();
    let (path, server) = (
        pipe(&folder),
        peer::opened("", |socket| {
            let first = peer::read_frame(socket);
            socket.write_all(b"\x81\x02hi").unwrap();
            let second = peer::read_frame(socket);
            while peer::read_frame(socket).0 != 0x88 {}
            socket.write_all(b"\x88\x02\x03\xe8").unwrap();
            (first.1, second.1)
        }),
    );
    let mut prompt = AtTheTerminal::start_with("1", &["--no-compress", &server.url]);
    prompt.type_keys("first\r");
    prompt.wait_for("< hi");
    prompt.type_keys(&format!("/save {}\r", path.display()));
    prompt.type_keys("second\r/quit\r");
    assert_eq!(server.join(), (b"first".to_vec(), b"second".to_vec()));
    let mut saved = String::new();
    File::open(&path).unwrap().read_to_string(&mut saved).unwrap();
    prompt.left(0);
    let texts = saved.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["text"].clone());
    assert_eq!(texts.filter(Value::is_string).collect::<Vec<_>>(), ["first", "hi"]);
}

#[test]
fn the_end_of_a_log_that_nobody_reads_does_not_keep_the_connection_waiting() {
    let folder = Folder::new();
    let path = pipe(&folder);
    let server = peer::opened("", |socket| {
        peer::read_frame(socket);
        let frame = [&[0x82, 126][..], &(LENGTH as u16).to_be_bytes(), &[7; LENGTH]].concat();
        for _ in 0..MESSAGES {
            socket.write_all(&frame).unwrap();
        }
        while peer::read_frame(socket).1 != b"after" {}
        socket.write_all(b"\x81\x05after").unwrap();
        while peer::read_frame(socket).0 != 0x88 {}
        socket.write_all(b"\x88\x02\x03\xe8").unwrap();
    });
    let _reader = reader(&path);
    let mut prompt = AtTheTerminal::start_with("1", &["--no-compress", &server.url]);
    prompt.type_keys(&format!("/quiet\r/log {}\rgo\r", path.display()));
    prompt.wait_for("[hidden   512] > ");
    prompt.type_keys("/quiet off\r/log off\rafter\r");
    prompt.wait_for("< after");
    assert!(!prompt.seen().contains("is not read"), "{}", prompt.seen());
    prompt.wait_for("is not read: the last events are");
    prompt.type_keys("\x04");
    server.join();
    prompt.left(0);
}

#[test]
fn a_log_that_can_not_be_written_says_so() {
    let server = peer::opened("", |socket| {
        peer::read_frame(socket);
        socket.write_all(b"\x81\x02hi").unwrap();
        while peer::read_frame(socket).0 != 0x88 {}
        socket.write_all(b"\x88\x02\x03\xe8").unwrap();
    });
    let mut prompt = AtTheTerminal::start_with("1", &["--no-compress", &server.url]);
    prompt.type_keys("/log /dev/full\r");
    prompt.wait_for("logging to /dev/full");
    prompt.type_keys("hello\r");
    prompt.wait_for("< hi");
    prompt.type_keys("/log off\r");
    prompt.wait_for("! can't write /dev/full: No space left on device");
    prompt.type_keys("/quit\r");
    server.join();
    prompt.left(0);
}

#[test]
fn a_log_holds_frames_as_they_were_given_and_a_save_what_failed_to_open() {
    let server = peer::opened("", |socket| {
        let frames = [(); 2].map(|()| peer::read_frame(socket));
        while peer::read_frame(socket).0 != 0x88 {}
        socket.write_all(b"\x88\x02\x03\xe8").unwrap();
        frames
    });
    let folder = Folder::new();
    let (log, save) = (folder.path("log"), folder.path("save"));
    let mut prompt = AtTheTerminal::start_with("1", &["--no-compress", &server.url]);
    prompt.type_keys(&format!("/log {log}\r"));
    prompt.type_keys("/frame fin=0 rsv=100 mask=00000000 payload=part\r/frame opcode=0 payload=0xff\r");
    prompt.type_keys("/connect ws://127.0.0.1:1/\r");
    prompt.wait_for("* still connected to ");
    prompt.type_keys(&format!("/save {save}\r"));
    prompt.wait_for("saved 0 messages and 4 other events to ");
    prompt.type_keys("/quit\r");
    assert_eq!(server.join(), [(0x41, b"part".to_vec()), (0x80, b"\xff".to_vec())]);
    prompt.left(0);
    let [log, save] = [log, save].map(|path| std::fs::read_to_string(path).unwrap());
    for lines in [log, save] {
        let events: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(events[0]["type"], "opened");
        let frame = |at: usize| {
            let event = &events[at];
            assert_eq!((&event["type"], &event["direction"]), (&"frame".into(), &"sent".into()), "{event}");
            [&event["opcode"], &event["fin"], &event["rsv"], &event["text"], &event["base64"]].map(Value::to_string)
        };
        assert_eq!(frame(1), ["1", "false", "\"100\"", "\"part\"", "null"]);
        assert_eq!(events[1]["mask"], "00000000");
        assert_eq!(frame(2), ["0", "true", "\"000\"", "null", "\"/w==\""]);
        assert_eq!((&events[3]["type"], &events[3]["url"]), (&"not_opened".into(), &"ws://127.0.0.1:1/".into()));
        assert!(events[3]["why"].as_str().unwrap().starts_with("can't connect to "), "{}", events[3]);
    }
}

#[test]
fn a_recording_of_the_prompt_can_be_sent_again() {
    let folder = Folder::new();
    let save = folder.path("save");
    let server = peer::tungstenite(|socket| {
        socket.send(tungstenite::Message::text("hi")).unwrap();
        until_closed(socket)
    });
    let mut prompt = AtTheTerminal::start(&server.url);
    prompt.wait_for("< hi");
    prompt.type_keys(&format!("/save {save}\r"));
    prompt.wait_for("saved 1 message and 1 other event to ");
    prompt.type_keys("\x04");
    server.join();
    prompt.left(0);
    let server = peer::tungstenite(|socket| (socket.read().unwrap(), until_closed(socket)));
    let outcome = run(&["connect", "--in", "json", "--linger", "0", &server.url], &std::fs::read(save).unwrap());
    outcome.assert("", 0, "closed by us: 1000");
    assert_eq!(server.join(), (tungstenite::Message::text("hi"), Some(1000)));
}

#[test]
fn a_peer_that_does_not_read_is_told_and_what_waits_is_bounded() {
    const SIZE: usize = 30 << 20;
    let (go, gate) = channel::<()>();
    let server = peer::opened("", move |socket| {
        gate.recv().unwrap();
        let mut size = 0;
        loop {
            let (first, payload) = peer::read_frame(socket);
            match first {
                0x88 => break,
                0x02 | 0x80 => size += payload.len(),
                _ => {}
            }
        }
        socket.write_all(b"\x88\x02\x03\xe8").unwrap();
        size
    });
    let folder = Folder::new();
    let path = folder.file("large", vec![0xff; SIZE]);
    let flags = ["--no-compress", "--ping-interval", "0", "--fragment-size", "16MiB", &server.url];
    let mut prompt = AtTheTerminal::start_with("1", &flags);
    prompt.type_keys(&format!("/file {path}\r"));
    prompt.wait_for(" MiB waiting, the peer does not read");
    prompt.type_keys(&format!("/file {path}\r/file {path}\r"));
    prompt.wait_for_each(" MiB waiting, the peer does not read", 3);
    prompt.type_keys(&format!("/file {path}\r"));
    prompt.wait_for("! not sent: ");
    prompt.wait_for(" MiB waits already");
    go.send(()).unwrap();
    prompt.wait_for("* the peer has taken everything that waited");
    prompt.type_keys("\x04");
    assert_eq!(server.join(), 3 * SIZE);
    prompt.left(0);
}

#[test]
fn a_close_to_a_peer_that_does_not_read_ends_in_time() {
    let (go, gate) = channel::<()>();
    let server = peer::opened("", move |_| gate.recv().unwrap());
    let folder = Folder::new();
    let path = folder.file("large", vec![0xff; 16 << 20]);
    let flags = ["--no-compress", "--ping-interval", "0", "--close-timeout", "300ms", &server.url];
    let mut prompt = AtTheTerminal::start_with("1", &flags);
    prompt.type_keys(&format!("/file {path}\r"));
    prompt.wait_for(" MiB waiting, the peer does not read");
    prompt.type_keys(&format!("/file {path}\r/close\rafter\r"));
    prompt.wait_for("! the Close frame has been sent, and nothing may follow it");
    prompt.wait_for("the peer did not take what was sent");
    prompt.wait_for("[not connected] > ");
    go.send(()).unwrap();
    server.join();
    prompt.type_keys("\x04");
    prompt.left(7);
}

#[test]
fn a_log_that_goes_on_says_so() {
    let server = peer::tungstenite(until_closed);
    let folder = Folder::new();
    let (new, old) = (folder.path("new.jsonl"), folder.file("old.jsonl", b"{}\n"));
    let mut prompt = AtTheTerminal::start(&server.url);
    prompt.type_keys(&format!("/log {new}\r/log /nonexistent/a\r/log\r"));
    prompt.wait_for_unfolded(&format!("* logging to {new}; /log off stops"));
    prompt.wait_for("! can't write /nonexistent/a: No such file or directory");
    prompt.type_keys(&format!("/log {old}\r"));
    prompt.wait_for_unfolded(&format!("* logging to {old}, after what is in it already; /log off stops"));
    assert!(!prompt.seen().contains("nothing is logged"), "{}", prompt.seen());
    prompt.type_keys("\x04");
    assert_eq!(server.join(), Some(1000));
    prompt.left(0);
}

/// Whether each message in a file that was saved is marked as unsent.
fn unsent(path: &str) -> Vec<bool> {
    let saved = std::fs::read_to_string(path).unwrap();
    let messages = saved.lines().filter(|line| line.contains("\"length\":"));
    messages.map(|line| line.ends_with(",\"unsent\":true}")).collect()
}

#[test]
fn a_log_is_written_by_one_prompt_at_a_time() {
    let (server, other) = (peer::tungstenite(until_closed), peer::tungstenite(until_closed));
    let folder = Folder::new();
    let log = folder.path("log.jsonl");
    let mut prompt = AtTheTerminal::start(&server.url);
    let mut second = AtTheTerminal::start(&other.url);
    prompt.type_keys(&format!("/log {log}\r"));
    prompt.wait_for_unfolded(&format!("* logging to {log}; /log off stops"));
    second.type_keys(&format!("/log {log}\r"));
    second.wait_for_unfolded(&format!("! can't write {log}: something else is being written to it, by another wscli"));
    prompt.type_keys(&format!("/log {log}\r"));
    prompt.wait_for_unfolded(&format!("* already logging to {log}; /log off stops"));
    assert!(!prompt.seen().contains("closed"), "{}", prompt.seen());
    // What was closed may be begun again at once, as often as one likes.
    prompt.type_keys(&format!("/log off\r/log {log}\r").repeat(20));
    prompt.wait_for_unfolded_each(&format!("* log {log} closed"), 20);
    prompt.wait_for_unfolded_each(&format!("* logging to {log}, after what is in it already; /log off stops"), 20);
    prompt.type_keys("\x04");
    assert_eq!(server.join(), Some(1000));
    prompt.left(0);
    second.type_keys(&format!("/log {log}\r"));
    second.wait_for_unfolded(&format!("* logging to {log}, after what is in it already; /log off stops"));
    second.type_keys("\x04");
    assert_eq!(other.join(), Some(1000));
    second.left(0);
}

#[test]
fn what_never_left_is_told_and_marked() {
    let (go, gate) = channel::<()>();
    let server = peer::opened("", move |socket| {
        assert_eq!(peer::read_frame(socket).1, b"first");
        gate.recv().unwrap();
    });
    let folder = Folder::new();
    let (path, save) = (folder.file("large", vec![0xff; 30 << 20]), folder.path("saved.jsonl"));
    let mut prompt = AtTheTerminal::start_with("1", &["--no-compress", "--ping-interval", "0", &server.url]);
    prompt.type_keys(&format!("first\r/file {path}\r"));
    prompt.wait_for(" MiB waiting, the peer does not read");
    // Also while it waits.
    prompt.type_keys("/stats\r/list\r");
    prompt.wait_for("sent      1 message, 5 B; 1 frame, ");
    prompt.wait_for("waiting   1 message, ");
    prompt.wait_for("  2   30 MiB not sent > ");
    let early = folder.path("early.jsonl");
    prompt.type_keys(&format!("/save {early}\r"));
    prompt.wait_for("saved 2 messages");
    assert_eq!(unsent(&early), [false, true]);
    go.send(()).unwrap();
    server.join();
    prompt.wait_for("! not sent: ");
    prompt.wait_for(" MiB of message 2\r\n");
    prompt.type_keys("/stats\r/list\r");
    prompt.wait_for("not sent  1 message, ");
    prompt.wait_for_each("  1      5 B > first\r\n", 2);
    prompt.wait_for_each("  2   30 MiB not sent > ", 2);
    prompt.type_keys(&format!("/save {save}\r"));
    prompt.wait_for_each("saved 2 messages", 2);
    // What was lost was not taken.
    assert!(!prompt.seen().contains("the peer has taken everything"), "{}", prompt.seen());
    assert_eq!(unsent(&save), [false, true]);
    prompt.type_keys("\x04");
    prompt.left(7);
}

#[test]
fn what_tls_still_holds_has_not_left() {
    let config = Arc::new(Issued::self_signed(&good()).config());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("wss://localhost:{}/", listener.local_addr().unwrap().port());
    let (go, gate) = channel::<()>();
    let server = thread::spawn(move || {
        let (socket, _) = listener.accept().unwrap();
        let stream = StreamOwned::new(ServerConnection::new(config).unwrap(), socket);
        let websocket = tungstenite::accept(stream).unwrap();
        gate.recv().unwrap();
        drop(websocket);
    });
    let mut prompt = AtTheTerminal::start_with("1", &["-k", "--no-compress", "--ping-interval", "0", &url]);
    // The next one goes once the last has left.
    prompt.type_keys(&format!("/repeat 1000000 {}\r", "x".repeat(1000)));
    prompt.wait_for(" waiting, the peer does not read");
    go.send(()).unwrap();
    server.join().unwrap();
    prompt.wait_for("! not sent: ");
    prompt.type_keys("\x04");
    prompt.left(7);
}

#[test]
fn a_connection_that_gives_way_says_what_it_waits_for_and_ctrl_c_drops_that() {
    let (go, gate) = channel::<()>();
    let slow = peer::opened("", move |_| gate.recv().unwrap());
    let next = peer::tungstenite(|socket| (socket.read().unwrap(), until_closed(socket)));
    let folder = Folder::new();
    let path = folder.file("large", vec![0xff; 30 << 20]);
    let mut prompt = AtTheTerminal::start_with("1", &["--no-compress", "--ping-interval", "0", &slow.url]);
    prompt.type_keys(&format!("/file {path}\r"));
    prompt.wait_for(" MiB waiting, the peer does not read");
    prompt.type_keys(&format!("/connect {}\r", next.url));
    prompt.wait_for_unfolded("closing the connection to ");
    prompt.wait_for_unfolded("wait have gone out, within 30 s; Ctrl-C drops them");
    prompt.type_keys("typed meanwhile\r");
    prompt.wait_for("* it is sent on the next connection");
    prompt.type_keys("/reconnect\r");
    prompt.wait_for_unfolded("! the connection is being closed for another already; Ctrl-C drops what still waits");
    prompt.type_keys("\x03");
    prompt.wait_for("! not sent: ");
    prompt.wait_for_each("* connected to ", 2);
    go.send(()).unwrap();
    slow.join();
    prompt.type_keys("\x04");
    assert_eq!(next.join(), (tungstenite::Message::text("typed meanwhile"), Some(1000)));
    prompt.left(0);
}

#[test]
fn a_file_that_has_no_end_is_bounded_and_can_be_left() {
    let folder = Folder::new();
    let path = pipe(&folder);
    let server = peer::tungstenite(|socket| {
        let messages = [(); 2].map(|()| socket.read().unwrap());
        socket.send(tungstenite::Message::text("got it")).unwrap();
        until_closed(socket);
        messages
    });
    let mut prompt = AtTheTerminal::start(&server.url);
    for (file, told) in [
        ("/", "! can't read /: Is a directory"),
        ("/dev/zero", "! /dev/zero is larger than 64 MiB; a pipe takes any size"),
        ("/dev/stdin", "! can't read stdin: it is a terminal"),
    ] {
        prompt.type_keys(&format!("/file {file}\r"));
        prompt.wait_for(told);
    }
    prompt.type_keys(&format!("/file {}\r", path.display()));
    prompt.wait_for(&format!("* reading {}; Ctrl-C stops", path.display()));
    // The prompt is there meanwhile.
    prompt.type_keys("typed\r\x03");
    prompt.wait_for(&format!("* {} is not sent", path.display()));
    prompt.type_keys(&format!("/file {}\r", path.display()));
    prompt.wait_for_each("; Ctrl-C stops", 2);
    std::fs::write(&path, "through a pipe").unwrap();
    let expected = ["typed", "through a pipe"].map(tungstenite::Message::text);
    prompt.wait_for("< got it");
    prompt.type_keys("\x04");
    assert_eq!(server.join(), expected);
    prompt.left(0);
}

/// Events of a client, as `/log` has them.
fn events(lines: &[(&str, &str)]) -> String {
    let text = |(direction, text): &(&str, &str)| {
        format!("{{\"schema\":1,\"direction\":\"{direction}\",\"type\":\"text\",\"text\":\"{text}\"}}\n")
    };
    lines.iter().map(text).collect::<String>()
        + "{\"schema\":1,\"direction\":\"sent\",\"type\":\"close\",\"code\":1000}\n"
}

/// A recording of two connections that nothing went over, and of which something is missing.
const SEVERAL: &str = "{\"schema\":1,\"type\":\"opened\",\"url\":\"ws://a/\"}\n\
    {\"schema\":1,\"type\":\"opened\",\"url\":\"ws://b/\",\"connection\":2}\n{\"schema\":1,\"type\":\"dropped\",\"events\":3}\n";

#[test]
fn a_recording_is_played_on_the_connection_that_is_open() {
    let folder = Folder::new();
    let whole = [("sent", "one"), ("received", "one"), ("sent", "two"), ("received", "two")];
    let whole = folder.file("a.jsonl", events(&whole));
    let endless = [("sent", "four"), ("received", "four"), ("received", "never"), ("sent", "five")];
    let endless = folder.file("b.jsonl", events(&endless));
    let several = folder.file("s.jsonl", SEVERAL);
    let peer = peer::tungstenite(|socket| {
        let mut heard = Vec::new();
        loop {
            match socket.read().unwrap() {
                Message::Text(text) => {
                    heard.push(text.to_string());
                    let answer = if text == "two" { "other" } else { &text };
                    socket.send(Message::text(answer)).unwrap();
                }
                Message::Close(frame) => return (heard.join(" "), frame.map(|frame| u16::from(frame.code))),
                _ => {}
            }
        }
    });
    let mut prompt = AtTheTerminal::start_with("1", &["--ping-interval", "0", &peer.url]);
    prompt.type_keys(&format!("/replay {whole}\r"));
    prompt.wait_for("* playing /");
    prompt.wait_for("differs, the 2nd received, line 4");
    prompt.wait_for("1 mismatch\r\n");
    // What it sends is shown, as nobody has typed it.
    assert!(prompt.seen().contains("> one\r\n") && prompt.seen().contains("< other\r\n"), "{}", prompt.seen());
    prompt.type_keys("three\r");
    prompt.wait_for("< three");
    prompt.type_keys(&format!("/replay {endless}\r"));
    prompt.wait_for("< four");
    prompt.type_keys(&format!("/replay {whole}\r"));
    prompt.wait_for("! still playing /");
    prompt.type_keys("\x03");
    prompt.wait_for("* stopped playing /");
    prompt.wait_for("1 not sent");
    prompt.type_keys("six\r");
    prompt.wait_for("< six");
    for (line, says) in [
        (format!("/replay {}\r", folder.path("none")), "No such file"),
        (format!("/replay {whole} 2\r"), "there is no connection 2 in it, but 1 connection"),
        ("/replay /dev/zero\r".to_owned(), "/dev/zero is not a regular file"),
        (format!("/replay {several}\r"), "s.jsonl: 3 lines could not be written when it was recorded"),
    ] {
        prompt.type_keys(&line);
        prompt.wait_for_unfolded(says);
    }
    prompt.wait_for_unfolded("s.jsonl holds 2 connections: 1 is line 1, opened ws://a/; 2 is line 2, opened ws://b/;");
    prompt.wait_for_unfolded("ws://b/; /replay FILE 1 to 2 chooses one");
    prompt.type_keys("\x04");
    assert_eq!(peer.join(), ("one two three four six".into(), Some(1000)));
    prompt.left(0);
}

#[test]
fn steps_of_a_test_are_taken_on_the_connection_that_is_open() {
    let server = peer::tungstenite(|websocket| {
        let mut read = Vec::new();
        while let Ok(message) = websocket.read() {
            if let Message::Text(text) = &message {
                if text.as_str() == "who" {
                    websocket.send(Message::text("{\"id\":7}")).unwrap();
                }
                read.push(text.to_string());
            }
        }
        read
    });
    let folder = Folder::new();
    let passes = folder.file("a.wst", "send who\nexpect json /id = 7\n  capture id = /id\nsend it is ${id}\n");
    let fails = folder.file("b.wst", "send who\nexpect json /id = 8\nfinally {\n  send at the end\n}\n");
    let waits = folder.file("c.wst", "expect any within 1h\nfinally {\n  delay 1h\n}\n");
    let wrong = folder.file("d.wst", "send hi\nconnect ws://a/\n");
    let mut prompt = AtTheTerminal::start_with("1", &[&server.url]);
    prompt.type_keys(&format!("/run {passes}\r"));
    prompt.wait_for(&format!("took all steps of {passes}"));
    // What it sends is shown, as nobody has typed it, and before that.
    let seen = prompt.seen();
    assert!(seen.find("> it is 7").is_some_and(|at| at < seen.find("took all").unwrap()), "{seen}");
    prompt.type_keys(&format!("/run {fails}\r"));
    prompt.wait_for("b.wst:2: expect json /id = 8");
    prompt.wait_for("/id is 7");
    // One at a time, and Ctrl-C ends it; the connection stays open.
    prompt.type_keys(&format!("/run {waits}\r"));
    prompt.wait_for("taking the steps of ");
    prompt.type_keys(&format!("/run {passes}\r"));
    prompt.wait_for("still taking the steps of ");
    prompt.type_keys("\x03");
    prompt.wait_for(&format!("stopped taking the steps of {waits}"));
    prompt.type_keys(&format!("/run {wrong}\r"));
    prompt.wait_for_unfolded("d.wst: line 2, column 1: no step opens a connection here");
    prompt.type_keys("by hand\r/quit\r");
    prompt.left(0);
    assert_eq!(server.join(), ["who", "it is 7", "who", "at the end", "by hand"]);
}
