//! `--record`: what a file says about connections, by docs/recording.md.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::thread;

use rustix::process::Signal;
use serde_json::Value;

use crate::prompt::AtTheTerminal;
use crate::support::files::Folder;
use crate::support::peer::{acceptance, client_frame, open_by_hand, opened, raw, read_frame};
use crate::support::program::{Running, Serving, run};
use crate::support::schema::Schema;

/// The lines of a recording, each by its schema.
fn lines(path: &str) -> Vec<Value> {
    let (events, connections) = (Schema::read("events.schema.json"), Schema::read("recording.schema.json"));
    let text = fs::read_to_string(path).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for line in &lines {
        if line.get("direction").is_some() { &events } else { &connections }.check(line);
    }
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
fn a_client_records_what_went_both_ways_and_nobody_else_may_read_it() {
    let folder = Folder::new();
    let file = folder.path("a.ndjson");
    assert_eq!(asked_and_answered(&["--record", &file]), 7);
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
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
    for kept in ["?token=(masked)&room=1 HTTP/1.1", "Cookie: (masked)", "X-Api-Key: (masked)", "Set-Cookie: (masked)"] {
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
        let expected = ["opened", "received text", "sent text", "received violation", "sent close", "closed"];
        let mut told = types(&of);
        told[3..5].sort();
        assert_eq!(told, expected);
        assert_eq!((&of[0]["role"], &of[1]["text"]), (&"server".into(), &text.into()));
        assert!(of[0]["url"].as_str().unwrap().starts_with("ws://"), "{}", of[0]);
        assert_eq!(of[5]["kind"], "protocol_violation");
    }
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
        thread::yield_now();
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
