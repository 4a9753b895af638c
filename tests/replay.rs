//! `wscli replay` and `serve --replay`: recordings played again, by docs/replay.md.

use std::fs;
use std::io::{Read, Write};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;

use crate::support::files::Folder;
use crate::support::peer::{
    acceptance, client_frame, echo_any, header, open_by_hand, opened, raw, read_frame, read_to_end, tungstenite,
};
use crate::support::program::{Outcome, Running, Serving, run};

/// A recording: a client's connection to `url`, with these lines after a time each, and the closing handshake.
fn recording(url: &str, lines: &[&str]) -> String {
    let request =
        "GET / HTTP/1.1\\r\\nHost: recorded\\r\\nSec-WebSocket-Key: x\\r\\nVia: 1.1 x\\r\\nX-Kept: yes\\r\\n\\r\\n";
    let mut text = format!(
        r#"{{"connection":1,"schema":1,"type":"opened","role":"client","url":"{url}","request":"{request}","response":""}}"#
    );
    let closes =
        [r#""sent","type":"close","code":1000,"reason":"""#, r#""received","type":"close","code":1000,"reason":"""#];
    for line in lines.iter().chain(&closes) {
        text.push_str(&format!("\n{{\"connection\":1,\"schema\":1,\"direction\":{line}}}"));
    }
    text + "\n{\"connection\":1,\"schema\":1,\"type\":\"closed\",\"kind\":\"closed\",\"code\":1000,\"why\":\"closed by us\"}\n"
}

fn text(direction: &str, content: &str) -> String {
    format!(r#""{direction}","type":"text","text":{}"#, Value::from(content))
}

/// Plays a recording of the lines to the URL.
fn replay(url: &str, lines: &[&str], flags: &[&str]) -> Outcome {
    let folder = Folder::new();
    let file = folder.file("a.ndjson", recording("ws://recorded/", lines));
    run(&[&["replay", &file, url], flags].concat(), b"")
}

#[test]
fn the_end_of_the_time_is_no_interruption() {
    for (flags, code) in [(&["-m", "300ms", "--on-mismatch", "warn"][..], 0), (&["-m", "300ms"], 1)] {
        let server = opened("", |socket| drop(read_to_end(socket)));
        let outcome = replay(&server.url, &[&text("received", "never")], flags);
        assert_eq!(outcome.code, Some(code), "{outcome:?}");
        assert!(outcome.stderr.contains("stopped by --max-time 300ms\n"), "{outcome:?}");
        server.join();
    }
}

#[test]
fn what_comes_where_a_recording_breaks_off_is_no_mismatch() {
    let server = tungstenite(echo_any);
    let folder = Folder::new();
    let whole = recording("ws://recorded/", &[&text("sent", "a"), &text("received", "b"), &text("sent", "c")]);
    let cut = whole.lines().filter(|line| !line.contains("\"type\":\"close")).collect::<Vec<_>>().join("\n");
    let file = folder.file("a.ndjson", cut);
    let outcome = run(&["replay", &file, &server.url], b"");
    server.join();
    let summary =
        "sent 2 messages, received 2, 0 as recorded; 1 not compared, for the recording breaks off; 1 mismatch\n";
    let told = String::from_utf8(outcome.stdout.clone()).unwrap();
    assert!(told.ends_with(summary), "{outcome:?}");
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
}

/// As what was a HAR has it: who had closed isn't in one.
#[test]
fn where_only_the_end_has_a_code_the_connection_ends_with_it() {
    let (folder, server) = (
        Folder::new(),
        opened("", |socket| {
            let frame = read_frame(socket);
            socket.write_all(b"\x88\x05\x0f\xa1bye").unwrap();
            frame
        }),
    );
    let whole = recording("ws://recorded/", &[]).replace(r#""code":1000,"why""#, r#""code":4001,"reason":"bye","why""#);
    let lines: Vec<_> = whole.lines().filter(|line| !line.contains("\"type\":\"close\"")).collect();
    let file = folder.file("a.ndjson", lines.join("\n"));
    let outcome = run(&["replay", &file, &server.url], b"");
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert_eq!(server.join(), (0x88, b"\x0f\xa1bye".to_vec()));
}

#[test]
fn a_recorded_server_answers_a_close_as_it_did() {
    let folder = Folder::new();
    let closes = [
        r#""sent","type":"close","code":4001,"reason":"bye""#,
        r#""received","type":"close","code":4001,"reason":"so long""#,
    ];
    let lines = [text("sent", "a"), closes[0].into(), text("received", "b"), text("received", "c"), closes[1].into()];
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let whole = recording("ws://recorded/", &lines);
    let file = folder.file("a.ndjson", whole);
    let serving = Serving::with(&["--replay", &file]);
    for (code, reason, answer) in [(4001_u16, "bye", &b"\x0f\xa1so long"[..]), (4002, "", b"\x0f\xa2")] {
        let (mut client, _) = open_by_hand(serving.address(), "");
        let close = [&code.to_be_bytes()[..], reason.as_bytes()].concat();
        client.write_all(&[client_frame(0x81, b"a"), client_frame(0x88, &close)].concat()).unwrap();
        let frames = [(); 3].map(|()| read_frame(&mut client));
        let expected = [(0x81, &b"b"[..]), (0x81, b"c"), (0x88, answer)];
        assert_eq!(frames, expected.map(|(first, payload)| (first, payload.to_vec())), "{code}");
    }
    // One that closes before it has said all gets nothing that stands behind what it didn't say.
    let (mut client, _) = open_by_hand(serving.address(), "");
    client.write_all(&client_frame(0x88, b"\x0f\xa1")).unwrap();
    assert_eq!(read_frame(&mut client), (0x88, b"\x0f\xa1".to_vec()));
}

#[test]
fn a_server_is_sent_the_same_twice() {
    let folder = Folder::new();
    let (client, server) = (folder.path("client.ndjson"), folder.path("server.ndjson"));
    let serving = Serving::start(&["--record", &server, "--subprotocol", "chat"]);
    let events = "{\"type\":\"text\",\"text\":\"a text that is long enough, long enough to be compressed\"}\n\
                  {\"type\":\"binary\",\"base64\":\"/wA=\"}\n{\"type\":\"text\",\"text\":\"\"}\n{\"type\":\"ping\",\"text\":\"p\"}\n";
    let args = [
        "connect",
        "--in",
        "json",
        "--count",
        "3",
        "-s",
        "chat",
        "--close",
        "4001:bye",
        "--record",
        &client,
        "--record-frames",
    ];
    let recorded = run(&[&args[..], &["--fragment-size", "20", "-A", "me", &serving.url]].concat(), events.as_bytes());
    assert_eq!(recorded.code, Some(0), "{}", recorded.stderr);
    let replayed = run(&["replay", &client], b"");
    replayed.assert("sent 3 messages, received 3, 3 as recorded\n", 0, "closed by us: 4001 \"bye\"");
    serving.running.signal(Signal::TERM);
    assert_eq!(serving.running.finish().code, Some(0));
    let text = fs::read_to_string(&server).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let [first, second] = [1, 2].map(|number| {
        let of: Vec<_> = lines.iter().filter(|line| line["connection"] == number).cloned().collect();
        let keyless = |line: &&str| !line.starts_with("Sec-WebSocket-Key");
        let request = of[0]["request"].as_str().unwrap().lines().filter(keyless).collect::<Vec<_>>().join("\n");
        let mut said: Vec<_> = of.into_iter().filter(|line| line["direction"] == "received").collect();
        for line in &mut said {
            let fields = line.as_object_mut().unwrap();
            ["connection", "time", "elapsed_ms"].iter().for_each(|name| drop(fields.remove(*name)));
        }
        (request, said)
    });
    assert!(first.1.len() >= 5, "{first:?}");
    assert_eq!(first, second);
}

#[test]
fn the_number_of_fragments_is_not_believed_without_a_limit() {
    let server = opened("", |socket| {
        let frames = std::iter::from_fn(|| Some(read_frame(socket)).filter(|(first, _)| *first != 0x88)).count();
        socket.write_all(b"\x88\x02\x03\xe8").unwrap();
        frames
    });
    let line = format!(r#""sent","type":"text","text":"ab","fragments":{}"#, u64::MAX);
    // Frames of a byte or none take a slow peer longer to read than an answer to our Close is waited for.
    let outcome = replay(&server.url, &[&line], &["--close-timeout", "1m"]);
    assert_eq!(server.join(), 100_000);
    outcome.assert("sent 1 message, received 0\n", 0, "closed by us: 1000");
}

#[test]
fn no_length_of_a_frame_is_believed_either() {
    let serving = Serving::start(&[]);
    let part = |number: u32, rest: &str| format!(r#""sent","type":"text","text":"ab","part":{number},{rest}"#);
    let whole = r#""length":4,"compressed":true,"fragment_lengths":[1000000000000000]"#;
    let parts = [part(1, r#""length":2,"more":true"#), part(2, whole)];
    let outcome = replay(&serving.url, &[&parts[0], &parts[1]], &["--match", "any"]);
    outcome.assert("sent 1 message, received 1\n", 0, "closed by us: 1000");
}

#[test]
fn what_is_no_regular_expression_is_told_where_it_does_not_match() {
    let server = opened("", |socket| {
        socket.write_all(b"\x81\x01(\x81\x01x").unwrap();
        while read_frame(socket).0 != 0x88 {}
        socket.write_all(b"\x88\x02\x03\xe8").unwrap();
    });
    let lines = [text("received", "("), text("received", "(")];
    let outcome = replay(&server.url, &[&lines[0], &lines[1]], &["--match", "regex"]);
    server.join();
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    let told: Vec<_> = outcome.stderr.lines().filter(|line| line.contains("not a regular expression")).collect();
    let [told] = told[..] else { panic!("{outcome:#?}") };
    assert!(told.contains("what line 3 has is not a regular expression: "), "{told}");
}

#[test]
fn frames_are_sent_as_they_were_recorded_and_answers_are_the_engine_s() {
    let server = opened("", |socket| {
        let mut frames = vec![read_frame(socket)];
        socket.write_all(b"\x89\x01q").unwrap();
        frames.push(read_frame(socket));
        socket.write_all(b"\x81\x01a").unwrap();
        while frames.last().unwrap().0 != 0x88 {
            frames.push(read_frame(socket));
        }
        socket.write_all(b"\x88\x02\x03\xe8").unwrap();
        frames
    });
    let lines = [
        r#""sent","type":"text","text":"one","fragments":1,"compressed":false"#,
        r#""received","type":"ping","text":"q""#,
        r#""sent","type":"pong","text":"q""#,
        r#""received","type":"text","text":"a""#,
        r#""sent","type":"text","text":"in three","fragments":3"#,
        r#""sent","type":"text","text":"uneven","fragments":3,"fragment_lengths":[1,0,5]"#,
        r#""sent","type":"binary","base64":"""#,
        r#""sent","type":"ping","text":"p""#,
        r#""sent","type":"pong","text":"unasked""#,
        r#""sent","type":"text","text":"abcd","part":1,"more":true"#,
        r#""sent","type":"text","text":"efgh","part":2,"length":8,"fragments":4,"compressed":false"#,
        r#""sent","type":"text","text":"ijkl","part":1,"more":true"#,
        r#""sent","type":"text","text":"mn","part":2,"length":6,"fragments":2,"fragment_lengths":[1,5],"compressed":false"#,
        r#""sent","type":"frame","opcode":1,"fin":false,"text":"f","mask":"01020304""#,
        r#""sent","type":"frame","opcode":0,"fin":true,"text":"g","mask":"01020304""#,
        r#""sent","type":"frame","opcode":11,"fin":true,"text":"illegal","mask":"01020304""#,
    ];
    let outcome = replay(&server.url, &lines, &[]);
    let told: Vec<_> = server
        .join()
        .into_iter()
        .map(|(first, payload)| (first, String::from_utf8_lossy(&payload).into_owned()))
        .collect();
    let told: Vec<_> = told.iter().map(|(first, payload)| (*first, payload.as_str())).collect();
    let expected = [
        (0x81, "one"),
        (0x8a, "q"),
        (0x01, "in"),
        (0x00, " th"),
        (0x80, "ree"),
        (0x01, "u"),
        (0x00, ""),
        (0x80, "neven"),
        (0x82, ""),
        (0x89, "p"),
        (0x8a, "unasked"),
        (0x01, "ab"),
        (0x00, "cd"),
        (0x00, "ef"),
        (0x80, "gh"),
        (0x01, "i"),
        (0x80, "jklmn"),
        (0x01, "f"),
        (0x80, "g"),
    ];
    assert_eq!(&told[..expected.len()], &expected, "{}", outcome.stderr);
    assert_eq!(told.len(), expected.len() + 1);
    outcome.assert(
        "sent 7 messages, received 1, 1 as recorded\n",
        0,
        "not sent: 1 frame that the protocol forbids; --exact sends such frames",
    );
}

#[test]
fn what_the_protocol_forbids_is_sent_where_that_is_asked_for() {
    let server = opened("", |socket| {
        let frame = read_frame(socket);
        socket.write_all(b"\x88\x02\x03\xea").unwrap();
        frame
    });
    let lines = [r#""sent","type":"frame","opcode":11,"rsv":"100","fin":true,"text":"illegal","mask":"none""#];
    let outcome = replay(&server.url, &lines, &["--exact", "--match", "count"]);
    assert_eq!(server.join(), (0xcb, b"illegal".to_vec()));
    assert_eq!(outcome.code, Some(7), "{outcome:?}");
}

const DIFFERS: &str = "\
message 1 received, line 3 of the recording, differs:
  {
-   \"n\": 2
-   \"ts\": 9
+   \"n\": 1
+   \"ts\": 5
  }

message  line  what     recorded        received
1        3     differs  {\"n\":2,\"ts\":9}  {\"n\":1,\"ts\":5}
sent 2 messages, received 2, 1 as recorded; 1 mismatch
";

#[test]
fn what_comes_is_compared_with_what_came() {
    let serving = Serving::start(&[]);
    let lines = [
        &*text("sent", r#"{"n":1,"ts":5}"#),
        &text("received", r#"{"n":2,"ts":9}"#),
        &text("sent", "same"),
        &text("received", "same"),
    ];
    let played = |flags: &[&str]| replay(&serving.url, &lines, flags);
    let says = "a message differs, the 1st received, line 3 of the recording; recorded: {\"n\":2,\"ts\":9}; received: ";
    played(&[]).assert(DIFFERS, 1, says);
    played(&["--on-mismatch", "warn"]).assert(DIFFERS, 0, says);
    let only_n = DIFFERS.replace("\"n\": 2,", "\"n\": 2").replace("\"n\": 1,", "\"n\": 1");
    let only_n: String = only_n.split_inclusive('\n').filter(|line| !line.contains("\"ts\": ")).collect();
    played(&["--ignore", "/ts"]).assert(&only_n, 1, says);
    let met = "sent 2 messages, received 2, 2 as recorded\n";
    played(&["--ignore", "/ts", "--ignore", "/n"]).assert(met, 0, "closed by us: 1000");
    played(&["--match", "count"]).assert(met, 0, "closed by us: 1000");
    played(&["--match", "any"]).assert("sent 2 messages, received 2\n", 0, "closed by us: 1000");
    let stopped = played(&["--on-mismatch", "stop"]);
    assert!(stopped.stdout().ends_with("\nsent 1 message, received 1, 0 as recorded; 1 mismatch\n"), "{stopped:?}");
    stopped.assert(stopped.stdout(), 1, "closed by us: 1000 (normal closure) \"not as recorded\"");
}

#[test]
fn what_does_not_come_is_missing_and_what_comes_besides_is_more() {
    let serving = Serving::start(&[]);
    let [sent, came] = ["sent", "received"].map(|direction| text(direction, "a"));
    let missing = replay(&serving.url, &[&sent, &came, &came, &sent], &["--wait", "50ms"]);
    let table = "message  line  what     recorded  received\n-        4     missing  a\n\
                 sent 1 message, received 1, 1 as recorded; 1 not sent; 1 mismatch\n";
    missing.assert(table, 1, "a message did not come within 50ms");
    let warned = replay(&serving.url, &[&sent, &came, &came, &sent], &["--wait", "50ms", "--on-mismatch", "warn"]);
    assert!(warned.stdout().contains("missing  a\n2        -     extra              a\nsent 2 messages"), "{warned:?}");
    assert_eq!(warned.code, Some(0));
    // The last message is answered before the Close is, and nobody was to answer it.
    let more = replay(&serving.url, &[&sent], &[]);
    let table = "message  line  what   recorded  received\n1        -     extra            a\n\
                 sent 1 message, received 1, 0 as recorded; 1 mismatch\n";
    more.assert(table, 1, "there is a message more, the 1st received; received: a");
}

#[test]
fn the_pace_decides_what_is_waited_for() {
    let [sent, came] = ["sent", "received"].map(|direction| text(direction, "a"));
    let late = |count: usize| {
        opened("", move |socket| {
            (0..count).for_each(|_| assert_eq!(read_frame(socket), (0x81, b"a".to_vec())));
            socket.write_all(b"\x81\x01a").unwrap();
            let next = read_frame(socket).0;
            socket.write_all(b"\x88\x02\x03\xe8").unwrap();
            next
        })
    };
    let server = late(2);
    replay(&server.url, &[&sent, &came, &sent], &["--pace", "none"]).assert(
        "sent 2 messages, received 1, 1 as recorded\n",
        0,
        "",
    );
    assert_eq!(server.join(), 0x88);
    let server = late(1);
    replay(&server.url, &[&sent, &came, &sent], &[]).assert("sent 2 messages, received 1, 1 as recorded\n", 0, "");
    assert_eq!(server.join(), 0x81);
}

#[test]
fn recorded_times_are_kept_to() {
    let server = raw(|socket, head| {
        // Before the client knows that it is connected.
        let begun = Instant::now();
        socket.write_all(acceptance(&head, "").as_bytes()).unwrap();
        for _ in 0..3 {
            read_frame(socket);
        }
        let elapsed = begun.elapsed();
        socket.write_all(b"\x88\x02\x03\xe8").unwrap();
        elapsed
    });
    let at = |millis: u64| format!("{},\"elapsed_ms\":{millis}", text("sent", "a"));
    let lines = [at(1), at(51), at(10_051)];
    let flags = ["--pace", "time", "--max-gap", "100ms", "--speed", "0.5"];
    let outcome = replay(&server.url, &lines.each_ref().map(String::as_str), &flags);
    // 2 ms, 100 ms and 200 ms.
    let elapsed = server.join();
    assert!(elapsed >= Duration::from_millis(302) && elapsed < Duration::from_secs(15), "{elapsed:?}");
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
}

#[test]
fn a_client_that_waits_for_what_the_recorded_one_did_not_is_not_waited_for_without_end() {
    let at = |line: &str, millis: u64| format!("{line},\"elapsed_ms\":{millis}");
    let lines = [at(&text("sent", "ask"), 1), at(&text("received", "hello"), 2), at(&text("received", "answer"), 3)];
    let folder = Folder::new();
    let file = folder.file("a.ndjson", recording("ws://a/", &lines.each_ref().map(String::as_str)));
    let mut serving = Serving::with(&["--replay", &file, "--wait", "2s"]);
    let (mut socket, _) = open_by_hand(serving.address(), "");
    assert_eq!(read_frame(&mut socket), (0x81, b"hello".to_vec()));
    serving.running.line_with(
        "[1] replay: a message did not come within 2s: continuing at line 3 of the recording, still expecting",
    );
    socket.write_all(&client_frame(0x81, b"ask")).unwrap();
    assert_eq!(read_frame(&mut socket), (0x81, b"answer".to_vec()));
    socket.write_all(&client_frame(0x88, b"\x03\xe8")).unwrap();
    assert_eq!(read_frame(&mut socket).0, 0x88);
    let line = serving.running.line_with("[1] 127.0.0.1:");
    assert!(line.contains("replay: sent 2 messages, received 1, 1 as recorded"), "{line}");
    assert!(!line.contains("mismatch"), "{line}");
}

#[test]
fn pings_do_not_prolong_the_wait_for_a_message() {
    let server = opened("", |socket| {
        loop {
            socket.write_all(b"\x89\x01p").unwrap();
            if read_frame(socket).0 == 0x88 {
                return socket.write_all(b"\x88\x02\x03\xe8").unwrap();
            }
        }
    });
    let outcome = replay(&server.url, &[&text("received", "a"), &text("sent", "b")], &["--wait", "50ms"]);
    server.join();
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert!(outcome.stderr.contains("a message did not come within 50ms"), "{outcome:?}");
}

#[test]
fn a_replay_is_recorded_itself() {
    let serving = Serving::start(&[]);
    let folder = Folder::new();
    let lines = [&*text("sent", "one"), &text("received", "one"), r#""sent","type":"binary","base64":"/w==""#];
    // Behind the recording that is played.
    let file = folder.file("a.ndjson", recording("ws://recorded/", &lines));
    let outcome = run(&["replay", "--record", &file, "--match", "any", &file, &serving.url], b"");
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let again = run(&["replay", "--connection", "2", "--match", "exact", &file, &serving.url], b"");
    again.assert("sent 2 messages, received 2, 2 as recorded\n", 0, "closed by us: 1000");
    run(&["replay", "--record", &file, &file, "ws://127.0.0.1:9/", "--connection", "2"], b"").assert("", 3, "");
    let text = fs::read_to_string(&file).unwrap();
    let last: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    assert_eq!((&last["type"], &last["url"]), (&"not_opened".into(), &"ws://127.0.0.1:9/".into()));
}

#[test]
fn a_value_that_comes_stands_for_the_recorded_one() {
    let server = tungstenite(|websocket| {
        websocket.send(r#"{"session":"live\"1","n":7}"#.into()).unwrap();
        let asked = websocket.read().unwrap().into_text().unwrap();
        websocket.send(r#"{"of":"live\"1"}"#.into()).unwrap();
        asked.to_string()
    });
    let lines = [
        &*text("received", r#"{"session":"old","n":7}"#),
        &text("sent", r#"{"path":"/of/old","older":"old"}"#),
        &text("received", r#"{"of":"old"}"#),
    ];
    let outcome = replay(&server.url, &lines, &["--capture", "id=/session"]);
    outcome.assert(
        "sent 1 message, received 2, 2 as recorded\n",
        0,
        r#"id is "live\"1" where the recording has "old""#,
    );
    assert_eq!(server.join(), r#"{"path":"/of/live\"1","older":"live\"1"}"#);
}

#[test]
fn recorded_headers_are_sent_and_secrets_to_no_other_server() {
    let asked = |recorded_url: Option<&str>, flags: &[&str]| {
        let server = raw(|socket, head| {
            socket.write_all(acceptance(&head, "").as_bytes()).unwrap();
            while read_frame(socket).0 != 0x88 {}
            socket.write_all(b"\x88\x02\x03\xe8").unwrap();
            head
        });
        let url = recorded_url.unwrap_or(&server.url);
        let secrets = "X-Kept: yes\\r\\nCookie: id=1\\r\\nAuthorization: (masked)\\r\\nOrigin: http://a";
        let folder = Folder::new();
        let file = folder.file("a.ndjson", recording(url, &[]).replace("X-Kept: yes", secrets));
        let given = recorded_url.map(|_| server.url.as_str());
        let args = [&["replay", &file][..], given.as_slice(), flags].concat();
        let outcome = run(&args, b"");
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        (server.join(), outcome.stderr)
    };
    let values = |head: &str| ["X-Kept", "Origin", "Cookie", "Authorization"].map(|name| header(head, name));
    let some = |value: &str| Some(value.to_owned());
    let (head, stderr) = asked(None, &[]);
    assert_eq!(values(&head), [some("yes"), some("http://a"), some("id=1"), None]);
    assert_ne!(header(&head, "Host"), some("recorded"));
    assert_eq!((header(&head, "Sec-WebSocket-Extensions"), header(&head, "Via")), (None, None));
    let masked = "not sent, since they are masked in the recording: Authorization; -H 'Name: value' sends them";
    assert!(stderr.contains(masked), "{stderr}");
    let (head, stderr) = asked(Some("ws://elsewhere/"), &["-H", "Authorization: mine", "--origin", "http://b"]);
    assert_eq!(values(&head), [some("yes"), some("http://b"), None, some("mine")]);
    assert!(
        stderr.contains("not sent, since they were recorded for another server: Cookie, Authorization;"),
        "{stderr}"
    );
}

#[test]
fn a_recording_that_cannot_be_played_is_told() {
    let folder = Folder::new();
    let one = recording("ws://127.0.0.1:9/?token=(masked)", &[]);
    let file = |text: &str| folder.file("a.ndjson", text);
    let refused = |text: &str, says: &str| run(&["replay", &file(text)], b"").assert("", 2, says);
    refused(&one, "the recorded URL has masked secrets: ws://127.0.0.1:9/?token=(masked)");
    refused("", "it holds no record");
    refused("hello\n", "a.ndjson: line 1 is not a line of a recording: ");
    refused(
        "# later\n{\"schema\":2,\"type\":\"opened\",\"url\":\"ws://a/\"}\n",
        "line 2 is not a line of a recording: its \"schema\" is 2",
    );
    refused(r#"{"direction":"sent","type":"text","text":"a"}"#, "the recording doesn't name the server");
    let marked = format!("\u{feff}{}", recording("ws://127.0.0.1:9/?token=(masked)", &[]).replace('\n', "\r\n"));
    refused(&marked, "the recorded URL has masked secrets: ws://127.0.0.1:9/?token=(masked)");
    let two = format!("{one}{}", recording("ws://b/", &[]));
    refused(
        &two,
        "holds 2 connections: 1 is line 1, opened ws://127.0.0.1:9/?token=(masked); 2 is line 5, opened ws://b/",
    );
    run(&["replay", "--connection", "3", &file(&two)], b"").assert(
        "",
        2,
        "there is no connection 3 in it, but 2 connections",
    );
    let server = opened("", |socket| while read_frame(socket).0 != 0x88 {});
    let cut = recording("ws://a/", &[&text("sent", "a"), r#""sent","type":"text","text":"b","truncated":true"#]);
    run(&["replay", "-", &server.url], cut.as_bytes()).assert(
        "",
        2,
        "line 3: only the beginning of the message is there",
    );
    server.join();
}

#[test]
fn a_servers_side_is_played_to_another_server() {
    let server = opened("", |socket| {
        let fed = [read_frame(socket), read_frame(socket)];
        socket.write_all(b"\x81\x04more\x88\x02\x03\xe8").unwrap();
        while read_frame(socket).0 != 0x88 {}
        fed
    });
    let frame = r#""received","type":"frame","opcode":9,"fin":true,"rsv":"000","mask":"none","text":"p""#;
    let lines = [&text("received", "feed"), frame, &text("sent", "more")];
    let outcome = replay(&server.url, &lines, &["--role", "server"]);
    assert_eq!(server.join(), [(0x81, b"feed".to_vec()), (0x89, b"p".to_vec())]);
    outcome.assert("sent 1 message, received 1, 1 as recorded\n", 0, "");
}

#[test]
fn the_time_of_a_run_is_limited() {
    // The client may be gone before it has read anything.
    let server = opened("", |socket| drop(socket.read_to_end(&mut Vec::new())));
    let outcome = replay(&server.url, &[&text("received", "a")], &["-m", "500ms"]);
    server.join();
    let table = "message  line  what     recorded               received\n-        2     missing  a\n\
                 -        4     close    1000 (normal closure)  none\n\
                 sent 0 messages, received 0, 0 as recorded; 2 mismatches\n";
    outcome.assert(table, 1, "--max-time");
}

#[test]
fn what_is_passed_over_is_told_once() {
    let folder = Folder::new();
    let serving = Serving::start(&[]);
    let whole = recording("ws://recorded/", &[&text("sent", "a"), &text("received", "a")]);
    let lines: Vec<&str> = whole.lines().collect();
    let [opened, sent, received, ..] = lines[..] else { panic!("{whole}") };
    for (cut, flags, told) in [
        // In the last line, which is read by nobody who plays.
        (whole[..whole.len() - 40].to_owned(), &[][..], "line 6 was cut off and is skipped\n"),
        (format!("{opened}\n{sent}\n{received}\n{}", &lines[3][..30]), &[], "line 4 was cut off and is skipped\n"),
        (
            format!("{opened}\n{sent}\nnonsense\n{received}\n"),
            &["--lenient"],
            "line 3 skipped: it is not JSON: expected ident",
        ),
    ] {
        let file = folder.file("a.ndjson", cut);
        let outcome = run(&[&["replay", &file, &serving.url], flags].concat(), b"");
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        assert_eq!(outcome.stderr.matches(told).count(), 1, "{outcome:?}");
        assert_eq!(outcome.stderr.matches("skipped").count(), 1, "{outcome:?}");
    }
}

#[test]
fn a_close_that_answers_ours_is_not_what_was_recorded() {
    let server = tungstenite(|_| ());
    let outcome = replay(&server.url, &[&text("received", "a")], &["-m", "500ms"]);
    server.join();
    let line = "-        4     close    1000 (normal closure)  none\n";
    assert!(outcome.stdout().contains(line), "{outcome:?}");
}

#[test]
fn a_server_plays_its_side_to_each_client() {
    let folder = Folder::new();
    let opened = r#""subprotocol":"chat","response":"#;
    let lines =
        [&*text("received", "hello"), &text("sent", "ask"), &text("received", "answer"), &text("received", "more")];
    let file = folder.file("a.ndjson", recording("ws://a/", &lines).replace(r#""response":"#, opened));
    let mut serving = Serving::with(&["--replay", &file]);
    for _ in 0..2 {
        let played = run(&["replay", "-s", "chat", &file, &serving.url], b"");
        played.assert("sent 1 message, received 3, 3 as recorded\n", 0, "closed by us: 1000");
        assert!(!played.stderr.contains("no subprotocol"), "{}", played.stderr);
    }
    let (mut socket, _) = open_by_hand(serving.address(), "");
    assert_eq!(read_frame(&mut socket), (0x81, b"hello".to_vec()));
    socket.write_all(&client_frame(0x81, b"else")).unwrap();
    assert_eq!(read_frame(&mut socket), (0x81, b"answer".to_vec()));
    serving.running.line_with(
        "[3] replay: a message differs, the 1st received, line 3 of the recording; recorded: ask; received: else",
    );
    drop(socket);
    let line = serving.running.line_with("[3] 127.0.0.1:");
    assert!(line.contains("replay: sent 3 messages, received 1, 0 as recorded; 2 mismatches"), "{line}");
    let serving = Serving::with(&["--route", &format!("/p=replay:{file}"), "--on-mismatch", "stop", "--sink"]);
    let played = run(&["replay", "-s", "chat", &file, &format!("{}p", serving.url)], b"");
    played.assert("sent 1 message, received 3, 3 as recorded\n", 0, "closed by us: 1000");
    let asks = text("sent", "else");
    let stopped = replay(&format!("{}p", serving.url), &[&asks], &["--match", "any", "--pace", "none"]);
    let summary = "sent 1 message, received 1\n";
    stopped.assert(summary, 7, "the peer answered 1008 (policy violation) \"not as recorded\"");
}

#[test]
fn a_server_names_the_place_where_a_long_message_differs() {
    let folder = Folder::new();
    let query = |count: u32| format!(r#"{{"id":"1","payload":{{"query":"subscription{{count(n:{count})}}"}}}}"#);
    let file = folder.file("a.ndjson", recording("ws://a/", &[&text("sent", &query(3))]));
    let mut serving = Serving::with(&["--replay", &file]);
    let (mut socket, _) = open_by_hand(serving.address(), "");
    socket.write_all(&client_frame(0x81, query(4).as_bytes())).unwrap();
    let told = serving.running.line_with("a message differs");
    let both = "; recorded: /payload/query is \"subscription{count(n:3)}\"; received: /payload/query is \"subscription{count(n:4)}\"";
    assert!(told.ends_with(both), "{told}");
}

#[test]
fn a_recorded_message_of_any_size_is_played_in_bounded_memory() {
    const PARTS: usize = 160;
    let folder = Folder::new();
    let part = "x".repeat(256 << 10);
    let mut lines = Vec::new();
    for direction in ["sent", "received"] {
        for number in 1..=PARTS {
            let end = match number {
                PARTS => format!(r#""length":{},"fragments":1,"compressed":false"#, part.len() * PARTS),
                _ => r#""more":true"#.to_owned(),
            };
            lines.push(format!(r#""{direction}","type":"text","text":"{part}","part":{number},{end}"#));
        }
    }
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let file = folder.file("a.ndjson", recording("ws://a/", &lines));
    let (all_but_the_end, came) = channel();
    let (measured, go_on) = channel::<()>();
    let server = opened("", move |socket| {
        while read_frame(socket).0 & 0x80 == 0 {}
        let header = |first: u8| [&[first, 127][..], &(part.len() as u64).to_be_bytes()].concat();
        for number in 1..=PARTS {
            if number == PARTS {
                all_but_the_end.send(()).unwrap();
                go_on.recv().unwrap();
            }
            socket.write_all(&header(u8::from(number == 1) | if number == PARTS { 0x80 } else { 0 })).unwrap();
            socket.write_all(part.as_bytes()).unwrap();
        }
        while read_frame(socket).0 != 0x88 {}
        socket.write_all(b"\x88\x02\x03\xe8").unwrap();
    });
    let running = Running::start(&["replay", "--max-message-size", "none", &file, &server.url]);
    came.recv().unwrap();
    let peak = running.peak();
    measured.send(()).unwrap();
    running.finish().assert("sent 1 message, received 1, 1 as recorded\n", 0, "");
    server.join();
    assert!(peak < 18 << 20, "{peak}");
}
