//! `--record`: what a file says about connections, by docs/recording.md.

use std::fs::{self, Permissions};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::thread;

use rustix::fs::{CWD, Mode, mkfifoat};
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::prompt::AtTheTerminal;
use crate::support::files::Folder;
use crate::support::peer::{acceptance, client_frame, open_by_hand, opened, raw, read_frame, read_head, read_to_end};
use crate::support::program::{Running, Serving, run};
use crate::support::schema::Schema;
use crate::support::timing::look_again;

/// The lines of a recording, each by its schema.
fn lines(path: &str) -> Vec<Value> {
    lines_of(&fs::read_to_string(path).unwrap())
}

fn lines_of(text: &str) -> Vec<Value> {
    let schema = Schema::read("recording.schema.json");
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    lines.iter().for_each(|line| schema.check(line));
    lines
}

fn types(lines: &[Value]) -> Vec<String> {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    lines.iter().map(|line| format!("{} {}", word(&line["direction"]), word(&line["type"])).trim().to_owned()).collect()
}

/// A server that has been asked answers with a Ping, fragments, bytes and a Close.
fn asked_and_answered(args: &[&str]) -> i32 {
    let server = raw(|socket, head| {
        let cookie = "101 Switching Protocols\r\nSet-Cookie: id=c2VjcmV0";
        let answer = acceptance(&head, "").replace("101 Switching Protocols", cookie);
        socket.write_all(answer.as_bytes()).unwrap();
        assert_eq!(read_frame(socket), (0x81, b"question".to_vec()));
        socket.write_all(b"\x89\x01p\x01\x02an\x80\x04swer\x82\x01\xff\x88\x06\x0f\xa0done").unwrap();
        // Pings of ours may come before.
        while read_frame(socket) != (0x8a, b"p".to_vec()) {}
        while read_frame(socket).0 != 0x88 {}
    });
    let url = format!("{}?token=c2VjcmV0&room=1", server.url);
    let cookie = ["-b", "id=c2VjcmV0", "-H", "X-Api-Key: c2VjcmV0"];
    let outcome = run(&[&["connect", "--out", "none"], &cookie[..], args, &[&url]].concat(), b"question\n");
    server.join();
    outcome.code.unwrap()
}

#[test]
fn a_frame_of_no_kind_is_recorded_as_one_and_belongs_to_no_message() {
    let folder = Folder::new();
    let file = folder.path("a.ndjson");
    let server = opened("", |socket| {
        socket.write_all(b"\x83\x03abc\x81\x02hi\x88\x02\x03\xe8").unwrap();
        read_frame(socket)
    });
    let flags = ["--no-check", "--no-compress", "--record", &file, "--record-frames"];
    run(&[&["connect", "-n"], &flags[..], &[&server.url]].concat(), b"").assert("hi\n", 0, "ignored (--no-check)");
    server.join();
    let lines = lines(&file);
    let frame = lines.iter().find(|line| line["type"] == "frame" && line["opcode"] == 3).unwrap();
    assert_eq!((&frame["text"], &frame["length"]), (&json!("abc"), &json!(3)));
    let text = lines.iter().find(|line| line["type"] == "text").unwrap();
    assert_eq!((&text["text"], &text["wire_length"]), (&json!("hi"), &json!(2)));
    assert!(text.get("fragments").is_none_or(|count| *count == 1), "{text}");
}

#[test]
fn a_client_records_what_went_both_ways_and_nobody_else_may_read_it() {
    let folder = Folder::new();
    let file = folder.path("a.ndjson");
    assert_eq!(asked_and_answered(&["--record", &file]), 7);
    // One that was there before becomes so.
    let other = folder.file("b.ndjson", "");
    fs::set_permissions(&other, Permissions::from_mode(0o666)).unwrap();
    asked_and_answered(&["--record", &other]);
    for file in [&file, &other] {
        let mode = fs::metadata(file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    let lines = lines(&file);
    let expected = [
        "opened",
        "sent text",
        "received ping",
        "sent pong",
        "received text",
        "received binary",
        "received close",
        "sent close",
        "closed",
    ];
    let mut told = types(&lines);
    // A Ping of ours asks whether all has arrived. What is sent because of what came is told beside what came with it.
    told.retain(|line| line != "sent ping");
    told.sort();
    let mut all = expected;
    all.sort_unstable();
    assert_eq!(told, all);
    let find = |name: &str| lines.iter().find(|line| types(std::slice::from_ref(line)) == [name]).unwrap();
    let (opened, closed) = (&lines[0], lines.last().unwrap());
    assert_eq!((&opened["type"], &closed["type"]), (&Value::from("opened"), &Value::from("closed")));
    assert!(lines.iter().all(|line| line["connection"] == 1));
    assert_eq!(opened["role"], "client");
    assert!(opened["request"].as_str().unwrap().ends_with("\r\n\r\n"), "{opened}");
    assert!(opened["response"].as_str().unwrap().starts_with("HTTP/1.1 101 "), "{opened}");
    assert_eq!(find("received text")["text"], "answer");
    assert_eq!(find("received text")["fragments"], 2);
    assert_eq!(find("received binary")["base64"], "/w==");
    assert_eq!(find("received close")["code"], 4000);
    assert_eq!(
        (&closed["code"], &closed["reason"], &closed["kind"]),
        (&4000.into(), &"done".into(), &"peer_closed".into())
    );
    assert_eq!((&closed["sent"]["messages"], &closed["received"]["bytes"]), (&1.into(), &7.into()));
}

#[test]
fn secrets_of_the_handshake_are_recorded_only_when_that_is_asked_for() {
    let folder = Folder::new();
    let file = folder.path("a.ndjson");
    asked_and_answered(&["--record", &file]);
    let text = fs::read_to_string(&file).unwrap();
    assert!(!text.contains("c2VjcmV0"), "{text}");
    for kept in
        ["?token=(masked)&room=1 HTTP/1.1", "Cookie: (masked)", "X-Api-Key: (masked)", "Set-Cookie: id=(masked)"]
    {
        assert!(text.contains(kept), "no {kept} in {text}");
    }
    let file = folder.path("b.ndjson");
    asked_and_answered(&["--record", &file, "--record-secrets"]);
    assert_eq!(fs::read_to_string(&file).unwrap().matches("c2VjcmV0").count(), 5);
}

#[test]
fn a_recording_is_appended_to_behind_a_line_that_was_cut_off() {
    let folder = Folder::new();
    let file = folder.file("a.ndjson", "# mine\n{\"type\":\"te");
    asked_and_answered(&["--record", &file]);
    let text = fs::read_to_string(&file).unwrap();
    let rest = text.strip_prefix("# mine\n{\"type\":\"te\n{\"connection\":1,").unwrap();
    assert!(rest.ends_with("}\n"), "{rest}");
}

#[test]
fn an_attempt_that_fails_is_recorded() {
    let folder = Folder::new();
    let file = folder.path("a.ndjson");
    let server = raw(|socket, _| {
        socket.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n").unwrap();
    });
    let outcome = run(&["connect", "-n", "--record", &file, &server.url], b"");
    server.join();
    outcome.assert("", 5, "403");
    let lines = lines(&file);
    assert_eq!(types(&lines), ["not_opened"]);
    assert!(lines[0]["response"].as_str().unwrap().starts_with("HTTP/1.1 403 Forbidden\r\n"), "{lines:?}");
    assert!(lines[0]["why"].as_str().unwrap().contains("403"), "{lines:?}");
}

#[test]
fn a_file_that_cannot_be_written_is_told_before_anything_is_sent() {
    let outcome = run(&["connect", "-n", "--record", "/nonexistent/a", "ws://127.0.0.1:9/"], b"");
    outcome.assert("", 2, "can't write /nonexistent/a: No such file or directory");
}

#[test]
fn what_is_no_recording_is_not_added_to() {
    let folder = Folder::new();
    for content in ["notes\n", "{\n  \"log\": {}\n}\n", "\u{1f}\u{8b}"] {
        let file = folder.file("a.ndjson", content);
        let outcome = run(&["connect", "-n", "--record", &file, "ws://127.0.0.1:9/"], b"");
        let says = format!("can't write {file}: what is in it is neither a recording nor a log; choose another file");
        outcome.assert("", 2, &says);
        assert_eq!(fs::read_to_string(&file).unwrap(), content);
    }
    for content in ["", "\n# of a Tuesday", "{\"schema\":1,\"ty"] {
        let file = folder.file("b.ndjson", content);
        run(&["connect", "-n", "--record", &file, "ws://127.0.0.1:9/"], b"").assert("", 3, "can't connect");
    }
}

#[test]
fn a_full_disk_ends_the_recording_and_not_the_connection() {
    let outcome = {
        let server = opened("", |socket| {
            assert_eq!(read_frame(socket), (0x81, b"question".to_vec()));
            socket.write_all(b"\x81\x06answer\x88\x02\x03\xe8").unwrap();
            while read_frame(socket).0 != 0x88 {}
        });
        let outcome = run(&["connect", "--record", "/dev/full", &server.url], b"question\n");
        server.join();
        outcome
    };
    outcome.assert("answer\n", 2, "can't write /dev/full: the recording is not whole");
    let ends = "the recording ends here: can't write /dev/full: No space left on device";
    assert!(outcome.stderr.contains(ends), "{}", outcome.stderr);
}

#[test]
fn a_file_that_can_grow_no_more_ends_the_recording_and_not_the_connection() {
    let folder = Folder::new();
    let file = folder.path("a.ndjson");
    let server = opened("", |socket| {
        let message = [&[0x81, 126, 4, 0][..], &[b'x'; 1024]].concat();
        socket.write_all(&message.repeat(64)).unwrap();
        socket.write_all(b"\x88\x02\x03\xe8").unwrap();
        while read_frame(socket).0 != 0x88 {}
    });
    let flags = ["connect", "-n", "--record", &file, &server.url];
    let outcome = Running::start_with_short_files(16, &flags).finish();
    server.join();
    assert_eq!((outcome.stdout.len(), outcome.code), (64 * 1025, Some(2)), "{}", outcome.stderr);
    let ends = format!("the recording ends here: can't write {file}: File too large");
    assert_eq!(outcome.stderr.matches(&ends).count(), 1, "{}", outcome.stderr);
    assert!(fs::metadata(&file).unwrap().len() <= 16 * 1024);
}

#[test]
fn a_server_records_each_connection_by_its_number() {
    let folder = Folder::new();
    let file = folder.path("a.ndjson");
    let serving = Serving::with(&["--record", &file]);
    let mut sockets = ["one", "two"].map(|_| open_by_hand(serving.address(), "Authorization: Basic c2VjcmV0\r\n").0);
    for (socket, text) in sockets.iter_mut().zip(["one", "two"]) {
        socket.write_all(&client_frame(0x81, text.as_bytes())).unwrap();
        assert_eq!(read_frame(socket), (0x81, text.into()));
    }
    for socket in &mut sockets {
        // A frame that is not masked belongs to no message.
        socket.write_all(b"\x81\x01a").unwrap();
        while read_frame(socket).0 != 0x88 {}
    }
    drop(sockets);
    serving.running.signal(Signal::TERM);
    assert_eq!(serving.running.finish().code, Some(0));
    let lines = lines(&file);
    assert!(!fs::read_to_string(&file).unwrap().contains("c2VjcmV0"));
    for (number, text) in [(1, "one"), (2, "two")] {
        let of: Vec<_> = lines.iter().filter(|line| line["connection"] == number).cloned().collect();
        let mut told = types(&of);
        // Our Close goes out because of the frame that is refused, and is told beside it.
        told.retain(|line| line != "sent close");
        let expected = ["opened", "received text", "sent text", "received frame", "received violation", "closed"];
        assert_eq!(told, expected);
        assert_eq!((&of[0]["role"], &of[1]["text"]), (&"server".into(), &text.into()));
        assert!(of[0]["url"].as_str().unwrap().starts_with("ws://"), "{}", of[0]);
        let frame = of.iter().find(|line| line["type"] == "frame").unwrap();
        let told = ["opcode", "fin", "rsv", "mask", "text"].map(|name| frame[name].clone());
        assert_eq!(told, [json!(1), json!(true), json!("000"), json!("none"), json!("a")]);
        assert_eq!(of.last().unwrap()["kind"], "protocol_violation");
    }
}

/// What a program is told of a connection's opening and end is the same line wherever it is told.
#[test]
fn the_events_of_a_server_are_the_lines_of_its_recording() {
    let folder = Folder::new();
    let file = folder.path("a.ndjson");
    let serving = Serving::with(&["--record", &file, "--out", "json", "--subprotocol", "chat"]);
    let headers = "User-Agent: me\r\nOrigin: http://localhost\r\nX-Forwarded-For: 192.0.2.1\r\n\
                   Cookie: id=c2VjcmV0\r\nSec-WebSocket-Protocol: chat, v1\r\n";
    let (mut socket, _) = open_by_hand(serving.address(), headers);
    socket.write_all(&[client_frame(0x81, b"hi"), client_frame(0x88, b"\x10\xe1enough")].concat()).unwrap();
    read_to_end(&mut socket);
    serving.running.signal(Signal::TERM);
    let outcome = serving.running.finish();
    // Each has its own clocks.
    let without_times = |mut line: Value| {
        line.as_object_mut().unwrap().retain(|name, _| name != "time" && name != "elapsed_ms");
        line
    };
    let told = outcome.stdout().lines().map(|line| serde_json::from_str(line).unwrap()).map(without_times);
    let told: Vec<_> = told.filter(|line| line["type"] != "listening").collect();
    let recorded: Vec<_> = lines(&file).into_iter().map(without_times).collect();
    assert_eq!(told.len(), 6, "{told:#?}");
    assert_eq!(told, recorded);
    let opened = &told[0];
    assert_eq!(
        (&opened["role"], &opened["user_agent"], &opened["page"]),
        (&json!("server"), &json!("me"), &json!(null))
    );
    assert_eq!(opened["requested_subprotocols"], json!(["chat", "v1"]));
    assert_eq!((&opened["origin"], &opened["forwarded_for"]), (&json!("http://localhost"), &json!("192.0.2.1")));
    assert!(!outcome.stdout().contains("c2VjcmV0"));
}

#[test]
fn a_server_records_whom_it_refused_and_what_tls_agreed_on() {
    let folder = Folder::new();
    let file = folder.path("a.ndjson");
    let serving = Serving::with(&["--record", &file, "--tls", "--allow-origin", "https://a.example"]);
    let address = serving.address().to_owned();
    let ask = |request: &str| {
        let mut socket = TcpStream::connect(&address).unwrap();
        socket.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).unwrap();
        answer
    };
    let foreign = "Host: a\r\nOrigin: https://b.example\r\nCookie: id=c2VjcmV0\r\n";
    let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    assert!(ask(&format!("GET /x HTTP/1.1\r\n{foreign}{upgrade}")).starts_with("HTTP/1.1 403 "));
    assert!(ask("nonsense\r\n\r\n").starts_with("HTTP/1.1 400 "));
    run(&["connect", "-1", "-k", &format!("wss://{address}/")], b"hello\n").assert("hello\n", 0, "");
    serving.running.signal(Signal::TERM);
    assert_eq!(serving.running.finish().code, Some(0));
    let lines = lines(&file);
    assert_eq!(types(&lines)[..3], ["not_opened", "not_opened", "opened"]);
    let refused = &lines[0];
    assert_eq!(
        (&refused["role"], &refused["connection"], &refused["url"]),
        (&json!("server"), &json!(1), &json!("ws://a/x"))
    );
    assert!(refused["request"].as_str().unwrap().contains("Cookie: (masked)\r\n"), "{refused}");
    assert!(refused["response"].as_str().unwrap().starts_with("HTTP/1.1 403 "), "{refused}");
    assert!(refused["why"].as_str().unwrap().starts_with("refused with 403"), "{refused}");
    assert_eq!(lines[1]["request"], "nonsense\r\n\r\n");
    let tls = &lines[2]["tls"];
    assert_eq!((&tls["version"], lines[2]["url"].as_str().unwrap().starts_with("wss://")), (&json!("TLS 1.3"), true));
    assert!(tls["cipher_suite"].as_str().unwrap().starts_with("TLS13_"), "{tls}");
}

#[test]
fn every_frame_is_recorded_where_that_is_asked_for() {
    let folder = Folder::new();
    let (ours, theirs) = (folder.path("a.ndjson"), folder.path("b.ndjson"));
    let serving = Serving::with(&["--record", &theirs, "--record-frames"]);
    let url = format!("ws://{}/", serving.address());
    let text = "compressed ".repeat(20);
    let flags = ["--record", &ours, "--record-frames", "--count", "2"];
    let outcome = run(&[&["connect"], &flags[..], &[&url]].concat(), format!("short\n{text}\n").as_bytes());
    outcome.assert(&format!("short\n{text}\n"), 0, "");
    serving.running.signal(Signal::TERM);
    serving.running.finish();
    let [ours, theirs] = [&ours, &theirs].map(|file| lines(file));
    assert_eq!((&ours[0]["frames"], &theirs[0]["frames"]), (&json!(true), &json!(true)));
    // Each frame, by who has sent it, and what it says.
    let frames = |lines: &[Value], by_us: &str| {
        let frames =
            lines.iter().filter(|line| line["type"] == "frame" && line["of"] != "ping" && line["of"] != "pong");
        let of = ["opcode", "fin", "rsv", "mask", "length", "text", "base64", "of"];
        let frame = |line: &Value| (line["direction"] == by_us, of.map(|name| line[name].clone()));
        let (mut client, mut server): (Vec<_>, Vec<_>) = frames.map(frame).partition(|(is_clients, _)| *is_clients);
        client.append(&mut server);
        client
    };
    let sent = frames(&ours, "sent");
    assert_eq!(sent, frames(&theirs, "received"));
    let opcodes: Vec<_> =
        sent.iter().map(|(is_clients, frame)| (*is_clients, frame[0].clone(), frame[2].clone())).collect();
    let expected = [(1, "100"), (1, "100"), (8, "000")].map(|(opcode, rsv)| (json!(opcode), json!(rsv)));
    let both = [true, false].map(|is_clients| expected.clone().map(|(opcode, rsv)| (is_clients, opcode, rsv))).concat();
    assert_eq!(opcodes, both);
    assert_eq!(sent[0].1[7], "text");
    let keys: Vec<_> = sent.iter().map(|(_, frame)| frame[3].as_str().unwrap().len()).collect();
    assert_eq!(keys, [8, 8, 8, 4, 4, 4]);
    let packed = sent[1].1[6].as_str().or(sent[1].1[5].as_str()).unwrap();
    assert!(packed.len() < text.len(), "{packed}");
    // What frames carry isn't sent a second time.
    let recorded = fs::read(folder.path("a.ndjson")).unwrap();
    run(&["connect", "--in", "json"], &recorded).assert(&format!("short\n{text}\n"), 0, "");
}

#[test]
fn attempts_to_reconnect_are_recorded() {
    let folder = Folder::new();
    let file = folder.path("a.ndjson");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        for answer in ["", "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", "close"] {
            let (mut socket, _) = listener.accept().unwrap();
            let head = read_head(&mut socket);
            if answer.starts_with("HTTP") {
                socket.write_all(answer.as_bytes()).unwrap();
                continue;
            }
            socket.write_all(acceptance(&head, "").as_bytes()).unwrap();
            if !answer.is_empty() {
                socket.write_all(b"\x88\x02\x03\xe8").unwrap();
                while read_frame(&mut socket).0 != 0x88 {}
            }
        }
    });
    let outcome = run(&["connect", "-n", "--reconnect", "5", "--record", &file, &url], b"");
    server.join().unwrap();
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let lines = lines(&file);
    let mut told = types(&lines);
    told.retain(|line| !line.ends_with(" close") && !line.ends_with(" ping"));
    assert_eq!(told, ["opened", "closed", "not_opened", "opened", "closed"]);
    let failed = lines.iter().find(|line| line["type"] == "not_opened").unwrap();
    assert!(failed["response"].as_str().unwrap().starts_with("HTTP/1.1 503 "), "{failed}");
}

#[test]
fn a_long_message_is_recorded_in_parts() {
    let folder = Folder::new();
    let file = folder.path("a.ndjson");
    let fragment = [&[0, 127][..], &(1u64 << 20).to_be_bytes(), "é".repeat(1 << 19).as_bytes()].concat();
    let server = opened("", move |socket| {
        socket.write_all(b"\x01\x01a").unwrap();
        for _ in 0..4 {
            // A Ping may stand between fragments, and its line between parts.
            socket.write_all(&[&fragment[..], b"\x89\0"].concat()).unwrap();
        }
        socket.write_all(b"\x80\x01b\x88\x02\x03\xe8").unwrap();
        while read_frame(socket).0 != 0x88 {}
    });
    let outcome = run(&["connect", "-n", "--out", "none", "--record", &file, &server.url], b"");
    server.join();
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let parts: Vec<_> = lines(&file).into_iter().filter(|line| line["type"] == "text").collect();
    let content: String = parts.iter().map(|line| line["text"].as_str().unwrap()).collect();
    assert!(content == format!("a{}b", "é".repeat(2 << 20)));
    let last = parts.last().unwrap();
    assert_eq!((&last["length"], &last["fragments"]), (&content.len().into(), &6.into()));
    assert!(parts.len() > 10 && parts.iter().zip(1..).all(|(line, number)| line["part"] == number));
    assert!(parts.iter().rev().skip(1).all(|line| line["more"] == true) && last.get("more").is_none());
    let shown = run(&["show", "--only", "received", "--grep", "^a", "--stats", &file], b"");
    let received = "received     1 message (4,194,306 bytes), the largest 4,194,306 bytes";
    assert!(shown.stdout().lines().any(|line| line.starts_with(received)), "{}", shown.stdout());
}

#[test]
fn a_message_that_is_sent_at_once_is_recorded_in_parts_too() {
    let folder = Folder::new();
    let file = folder.path("a.ndjson");
    let content = "é\"".repeat(1 << 19);
    let sent = content.clone();
    let server = opened("", move |socket| {
        assert!(read_frame(socket) == (0x81, sent.into_bytes()));
        socket.write_all(b"\x88\x02\x03\xe8").unwrap();
        while read_frame(socket).0 != 0x88 {}
    });
    let event = json!({"type": "text", "text": content}).to_string();
    let flags = ["--record", &file, "--record-frames", "--fragment-size", "4M", "--in", "json", &server.url];
    let outcome = run(&[&["connect", "--out", "none", "--no-compress"][..], &flags].concat(), event.as_bytes());
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    server.join();
    assert!(fs::read_to_string(&file).unwrap().lines().all(|line| line.len() < 1 << 20));
    let lines = lines(&file);
    for kind in ["text", "frame"] {
        let is_part = |line: &&Value| line["type"] == kind && line["direction"] == "sent" && line.get("part").is_some();
        let parts: Vec<_> = lines.iter().filter(is_part).collect();
        let said: String = parts.iter().map(|line| line["text"].as_str().unwrap_or("?")).collect();
        assert!(kind == "frame" || said == content);
        assert!(parts.len() > 3 && parts.iter().zip(1..).all(|(line, number)| line["part"] == number));
        assert_eq!(parts.iter().position(|line| line.get("more").is_none()), Some(parts.len() - 1));
    }
}

#[test]
fn the_prompt_records_each_of_its_connections() {
    let folder = Folder::new();
    let file = folder.path("a.ndjson");
    let server = opened("", |socket| {
        assert_eq!(read_frame(socket), (0x81, b"hello".to_vec()));
        socket.write_all(b"\x88\x02\x03\xe8").unwrap();
        while read_frame(socket).0 != 0x88 {}
    });
    let mut prompt = AtTheTerminal::start_with("1", &["--record", &file, &server.url]);
    prompt.type_keys("hello\r");
    prompt.wait_for("* peer closed: 1000");
    server.join();
    prompt.type_keys("/quit\r");
    prompt.left(0);
    let mut told = types(&lines(&file));
    told[2..4].sort();
    assert_eq!(told, ["opened", "sent text", "received close", "sent close", "closed"]);
}

#[test]
fn what_is_shown_is_recorded_though_the_process_is_killed_then() {
    for _ in 0..5 {
        let folder = Folder::new();
        let file = folder.path("a.ndjson");
        let server = opened("", |socket| {
            socket.write_all(b"\x81\x05hello\x81\x05again").unwrap();
            read_to_end(socket);
        });
        let mut running = Running::start_unread(&["connect", "-n", "--record", &file, &server.url]);
        let mut shown = [0; 12];
        running.take_stdout().read_exact(&mut shown).unwrap();
        running.signal(Signal::KILL);
        running.wait();
        server.join();
        assert_eq!((&shown, types(&lines(&file)).len()), (b"hello\nagain\n", 3));
    }
}

#[test]
fn whoever_is_killed_leaves_whole_lines() {
    let folder = Folder::new();
    let file = folder.path("a.ndjson");
    let server = opened("", |socket| {
        let messages = b"\x81\x05hello".repeat(1000);
        // Until the client is gone.
        while socket.write_all(&messages).is_ok() {}
    });
    let mut running = Running::start(&["connect", "-n", "--out", "none", "--record", &file, &server.url]);
    let recorded = || fs::metadata(&file).map_or(0, |metadata| metadata.len());
    while recorded() < 1 << 20 {
        assert_eq!(running.ended(), None);
        look_again();
    }
    running.signal(Signal::KILL);
    running.wait();
    server.join();
    let text = fs::read_to_string(&file).unwrap();
    let whole = &text[..=text.rfind('\n').unwrap()];
    let records = whole.lines().filter(|line| serde_json::from_str::<Value>(line).is_ok()).count();
    assert_eq!(records, whole.lines().count());
    let outcome = run(&["show", &file], b"");
    assert_eq!((outcome.code, outcome.stdout().lines().count()), (Some(0), records));
}

#[test]
fn what_rules_and_faults_have_done_stands_behind_what_they_did_it_to() {
    let folder = Folder::new();
    let (file, rules) = (folder.path("a.ndjson"), folder.file("rules", "client match ^a => drop\nserver any => pass"));
    let target = Serving::start(&[]);
    let flags =
        ["--rules", &rules, "--fault", "server message 1 corrupt", "--fault", "once bytewise", "--record", &file];
    let mut proxy = Serving::in_front_of(&target.url, &flags);
    let (mut client, _) = open_by_hand(proxy.address(), "");
    client.write_all(&[client_frame(0x81, b"a"), client_frame(0x81, b"b"), client_frame(0x88, b"")].concat()).unwrap();
    assert_eq!(read_frame(&mut client).1.len(), 1);
    read_to_end(&mut client);
    proxy.running.line_with("[1] 127.0.0.1");
    proxy.running.signal(Signal::TERM);
    assert_eq!(proxy.running.wait().0, Some(0));
    let lines = lines(&file);
    let of = |number: u64| {
        let lines: Vec<_> = lines.iter().filter(|line| line["connection"] == number).cloned().collect();
        types(&lines)
    };
    let expected = [
        "injected",
        "opened",
        "received text",
        "rule",
        "received text",
        "received close",
        // Of the other side's connection, with the number of the client's.
        "rule",
        "sent text",
        "injected",
        "sent close",
        "closed",
    ];
    let sorted = |mut types: Vec<String>| {
        types.sort();
        types
    };
    assert_eq!(sorted(of(1)), sorted(expected.map(str::to_owned).to_vec()), "{lines:#?}");
    let place = |is_it: &dyn Fn(&Value) -> bool| lines.iter().position(is_it).unwrap();
    let dropped = place(&|line| line["type"] == "rule" && line["way"] == "client→server");
    assert_eq!(lines[dropped - 1]["text"], "a", "{lines:#?}");
    assert_eq!((&lines[dropped]["condition"], &lines[dropped]["done"]), (&json!("match ^a"), &json!(["drop"])));
    let passed = place(&|line| line["type"] == "rule" && line["way"] == "server→client");
    assert_eq!((&lines[passed - 1]["text"], &lines[passed - 1]["connection"]), (&json!("b"), &json!(2)), "{lines:#?}");
    let fault = place(&|line| line["fault"] == "server message 1 corrupt");
    assert_eq!(lines[fault]["way"], "server→client");
    let opening = place(&|line| line["fault"] == "once bytewise");
    assert_eq!((&lines[opening]["way"], opening < place(&|line| line["type"] == "opened")), (&Value::Null, true));
    // All that reads a recording knows them.
    let shown = run(&["show", &file], b"");
    let says = |text: &str| assert!(shown.stdout().contains(text), "no {text} in {shown:#?}");
    says("[1] client→server: match ^a: drop\n");
    says("[1] injected: server message 1 corrupt\n");
    let sums = run(&["show", "--stats", &file], b"");
    assert!(sums.stdout().contains("by rules     2\ninjected     2\n"), "{sums:#?}");
    for format in ["har", "pcapng", "txt", "md"] {
        let other = folder.path(format);
        assert_eq!(run(&["convert", &file, "--to", format, "-o", &other], b"").code, Some(0), "{format}");
    }
}

#[test]
fn a_recording_into_a_pipe_that_nobody_reads_loses_lines_and_the_connection_goes_on() {
    const COUNT: usize = 3000;
    let folder = Folder::new();
    let fifo = folder.path("fifo");
    mkfifoat(CWD, &fifo, Mode::RUSR | Mode::WUSR).unwrap();
    let serving = Serving::start(&[]);
    // Without a reader there is nothing to be written into.
    run(&["connect", "--record", &fifo, &serving.url], b"").assert(
        "",
        2,
        "it is a pipe that nobody reads yet: its reader has to be there first",
    );
    let mut reader = fs::OpenOptions::new().read(true).write(true).open(&fifo).unwrap();
    let mut client = Running::start_unread(&["connect", "--record", &fifo, &serving.url]);
    let (mut stdin, mut stdout) = (client.hold_stdin().unwrap(), client.take_stdout());
    let said: String = (0..COUNT).map(|number| format!("{number} {}\n", "x".repeat(1000))).collect();
    let sent = said.clone();
    let sending = thread::spawn(move || {
        stdin.write_all(sent.as_bytes()).unwrap();
        stdin
    });
    let mut heard = vec![0; said.len()];
    stdout.read_exact(&mut heard).unwrap();
    assert!(heard == said.as_bytes());
    // What is read from now on says that lines are missing, and ends with the end.
    let ending = thread::spawn(move || {
        drop(sending.join().unwrap());
        client.wait().0
    });
    let mut recording = Vec::new();
    while !recording.ends_with(b"}\n")
        || lines_of(str::from_utf8(&recording).unwrap()).last().unwrap()["type"] != "closed"
    {
        let mut piece = vec![0; 1 << 20];
        let count = reader.read(&mut piece).unwrap();
        recording.extend_from_slice(&piece[..count]);
    }
    assert_eq!(ending.join().unwrap(), Some(0));
    let lines = lines_of(str::from_utf8(&recording).unwrap());
    let missing: u64 =
        lines.iter().filter(|line| line["type"] == "dropped").map(|line| line["events"].as_u64().unwrap()).sum();
    let texts = lines.iter().filter(|line| line["type"] == "text").count() as u64;
    assert!(missing > 0 && missing + texts >= 2 * COUNT as u64, "{texts} and {missing}");
}

#[test]
fn a_file_that_is_being_recorded_to_is_refused_until_that_ends() {
    let folder = Folder::new();
    let file = folder.path("a.ndjson");
    let serving = Serving::start(&[]);
    let mut first = Running::start_unread(&["connect", "--record", &file, &serving.url]);
    let stdin = first.hold_stdin();
    while !fs::read_to_string(&file).is_ok_and(|text| text.ends_with('\n')) {
        look_again();
    }
    let says = format!(
        "can't write {file}: something else is being written to it, by another wscli or by --record, -o or /log of this one; \
         choose another file"
    );
    for subcommand in [&["connect", "-n", "-1"][..], &["serve", "-p", "0"], &["replay"]] {
        let given = if subcommand == ["replay"] { vec![file.as_str(), &serving.url] } else { vec![] };
        let given = if subcommand[0] == "connect" { vec![serving.url.as_str()] } else { given };
        run(&[subcommand, &["--record", &file], &given].concat(), b"").assert("", 2, &says);
    }
    let recorded = fs::read_to_string(&file).unwrap();
    let other = folder.file("b.ndjson", &recorded);
    run(&["convert", &other, "-o", &file], b"").assert("", 2, &says);
    for flags in [&["-o", &file][..], &["-o", &file, "--append"]] {
        run(&[&["connect", "-n", &serving.url], flags].concat(), b"").assert("", 2, &says);
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), recorded);
    drop(stdin);
    assert_eq!(first.wait().0, Some(0));
    run(&["connect", "-n", "--record", &file, "-o", &file, &serving.url], b"").assert("", 2, &says);
    run(&["connect", "-1", "--record", &file, &serving.url], b"again\n").assert("again\n", 0, "");
    let told = types(&lines(&file));
    assert_eq!(told.iter().filter(|line| *line == "opened").count(), 2, "{told:?}");
}

#[test]
fn one_process_keeps_its_recording_apart_from_its_log_and_what_it_saves() {
    let folder = Folder::new();
    let (file, log) = (folder.path("a.ndjson"), folder.path("b.ndjson"));
    let serving = Serving::start(&[]);
    let mut prompt = AtTheTerminal::start_with("1", &["--record", &file, &serving.url]);
    prompt.type_keys(&format!("/log {file}\r"));
    prompt.wait_for("! can't write ");
    prompt.type_keys(&format!("/save {file}\r"));
    prompt.wait_for("overwrite it?");
    prompt.type_keys("y\r");
    prompt.wait_for("! can't write ");
    // A log may begin anew where it was.
    for _ in 0..3 {
        prompt.type_keys(&format!("/log {log}\r"));
        prompt.wait_for("logging to ");
    }
    prompt.type_keys("/log off\r");
    prompt.wait_for("closed");
    prompt.type_keys("/quit\r");
    prompt.left(0);
    assert_eq!(types(&lines(&file)).first().unwrap(), "opened");
}

#[test]
fn a_recording_on_stdout_is_whole_in_a_file_and_in_a_pipe() {
    let folder = Folder::new();
    let file = folder.path("a.ndjson");
    let serving = Serving::start(&[]);
    let expected = ["opened", "sent text", "received text", "sent close", "received close", "closed"];
    let check = |text: &str, name: &str| {
        let mut told = types(&lines_of(text));
        told.retain(|line| !["sent ping", "received pong"].contains(&line.as_str()));
        assert_eq!(told, expected, "{name}");
    };
    let messages = folder.path("messages");
    for name in ["-", "/dev/stdout", "/proc/self/fd/1", &file] {
        for elsewhere in [&["--out", "none"][..], &["-o", &messages]] {
            let words = [&["connect", "-1", "-q", "--record", name], elsewhere, &[&serving.url]].concat();
            let mut running = Running::start_into(&words, fs::File::create(&file).unwrap());
            running.feed(b"hello\n".to_vec());
            assert_eq!(running.wait().0, Some(0), "{name}");
            check(&fs::read_to_string(&file).unwrap(), name);
        }
        assert_eq!(fs::read_to_string(&messages).unwrap(), "hello\n");
        if name != file {
            let outcome = run(&["connect", "-1", "--out", "none", "--record", name, &serving.url], b"hello\n");
            check(outcome.stdout(), name);
        }
    }
}

#[test]
fn a_recording_is_not_mixed_with_what_else_stdout_has() {
    let folder = Folder::new();
    let recording = folder.file("a.ndjson", "{\"type\":\"text\",\"direction\":\"sent\",\"text\":\"a\"}\n");
    let url = "ws://127.0.0.1:9/";
    for name in ["-", "/dev/stdout", "/proc/self/fd/1"] {
        for (words, with) in [
            (&["connect", "-n", url][..], "messages"),
            (&["connect", "-n", "--out", "json", url], "messages"),
            (&["serve", "-p", "0", "--out", "json"], "the events of --out json"),
            (&["proxy", "--out", "json", "0", url], "the events of --out json"),
            (&["replay", &recording, url], "the report"),
        ] {
            let says = format!("--record to stdout would mix the recording with {with}");
            run(&[words, &["--record", name]].concat(), b"").assert("", 2, &says);
        }
    }
}

/// Whoever validates a recording needs one schema alone: what it says of events is what the schema of events says.
#[test]
fn the_schema_of_recordings_has_that_of_events_in_it() {
    let read = |name: &str| -> Value {
        let path = format!("{}/docs/{name}", env!("CARGO_MANIFEST_DIR"));
        serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
    };
    let rules = |mut schema: Value| {
        schema.as_object_mut().unwrap().retain(|name, _| !["$schema", "title", "description"].contains(&name.as_str()));
        schema
    };
    let whole = read("recording.schema.json");
    let mut of_records = rules(whole["oneOf"][0].clone());
    let mut of_events = rules(read("events.schema.json"));
    // Of what happens now the time is known.
    of_records["properties"]["time"].as_object_mut().unwrap().remove("description");
    of_events["required"].as_array_mut().unwrap().retain(|name| name != "time");
    assert_eq!(of_records, of_events);
}
