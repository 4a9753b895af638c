//! `wscli convert`: a recording in the formats of other tools, and back.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use rustix::process::Signal;
use serde_json::{Value, json};
use wscli::ws::{Connection, Event};

use crate::support::files::Folder;
use crate::support::program::{Outcome, Running, run};
use crate::support::schema::Schema;
use crate::support::timing::look_again;

/// Two connections at once, with what a HAR can't hold.
const RECORDING: &str = r##"# of a Tuesday
{"connection":1,"schema":1,"time":"2026-01-01T12:00:00Z","type":"opened","role":"client","url":"wss://localhost/a?token=c2VjcmV0","address":"127.0.0.1:443","request":"GET /a?token=c2VjcmV0 HTTP/1.1\r\nHost: localhost\r\nCookie: id=c2VjcmV0; b=2\r\nSec-WebSocket-Protocol: chat\r\n\r\n","response":"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: chat\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n","subprotocol":"chat","extension":"permessage-deflate"}
{"connection":2,"schema":1,"time":"2026-01-01T12:00:00.5Z","type":"opened","role":"server","url":"ws://localhost/","address":"127.0.0.1:4000","request":"","response":""}
{"connection":1,"schema":1,"time":"2026-01-01T12:00:01Z","elapsed_ms":1000,"direction":"sent","type":"text","opcode":1,"length":4,"wire_length":9,"fragments":2,"compressed":true,"text":"é\n\u0000"}
{"connection":2,"schema":1,"time":"2026-01-01T12:00:01.1Z","elapsed_ms":600,"direction":"received","type":"text","opcode":1,"length":3,"text":"two","part":1,"more":true}
{"connection":1,"schema":1,"time":"2026-01-01T12:00:01.2Z","elapsed_ms":1200,"direction":"received","type":"ping","opcode":9,"length":1,"text":"p"}
{"connection":2,"schema":1,"time":"2026-01-01T12:00:01.3Z","elapsed_ms":800,"direction":"received","type":"text","opcode":1,"length":9,"wire_length":9,"fragments":1,"compressed":false,"text":" parts","part":2}
{"connection":1,"schema":1,"time":"2026-01-01T12:00:01.400001Z","elapsed_ms":1400.001,"direction":"received","type":"binary","opcode":2,"length":1,"wire_length":3,"fragments":1,"compressed":true,"base64":"/w=="}
{"connection":1,"schema":1,"time":"2026-01-01T12:00:01.41Z","elapsed_ms":1410,"direction":"received","type":"text","opcode":1,"length":0,"wire_length":0,"fragments":1,"compressed":false,"text":""}
{"connection":1,"schema":1,"time":"2026-01-01T12:00:01.42Z","elapsed_ms":1420,"direction":"sent","type":"frame","opcode":3,"length":2,"fin":true,"rsv":"010","mask":"01020304","text":"hi"}
{"connection":1,"schema":1,"time":"2026-01-01T12:00:01.5Z","elapsed_ms":1500,"direction":"received","type":"violation","opcode":1,"length":2,"faults":["a fault"],"excerpt_of":"message","base64":"/w=="}
{"connection":1,"schema":1,"time":"2026-01-01T12:00:01.6Z","elapsed_ms":1600,"direction":"received","type":"close","opcode":8,"length":6,"code":4000,"reason":"done"}
{"connection":1,"schema":1,"time":"2026-01-01T12:00:01.7Z","type":"closed","kind":"peer_closed","code":4000,"reason":"done","why":"peer closed: 4000 \"done\"","received":{"messages":2,"bytes":1},"sent":{"messages":1,"bytes":4},"elapsed_ms":1700}
{"schema":1,"time":"2026-01-01T12:00:02Z","type":"not_opened","url":"ws://localhost:1/","request":"GET / HTTP/1.1\r\n\r\n","response":"HTTP/1.1 403 Forbidden\r\n\r\n","why":"the server answered 403"}
"##;

/// Converts text; the result is on stdout.
fn convert(text: impl AsRef<[u8]>, name: &str, flags: &[&str]) -> Outcome {
    let folder = Folder::new();
    let file = folder.file(name, text);
    run(&[&["convert", &file], flags].concat(), b"")
}

fn lines(outcome: &Outcome) -> Vec<Value> {
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let schema = Schema::read("recording.schema.json");
    let lines: Vec<Value> = outcome.stdout().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    lines.iter().for_each(|line| schema.check(line));
    lines
}

/// `1 sent text "…" at 1.5` of each.
fn told(lines: &[Value]) -> Vec<String> {
    let part = |line: &Value, name: &str| line.get(name).map(ToString::to_string).unwrap_or_default();
    let of = ["connection", "direction", "type", "text", "base64", "code", "reason", "elapsed_ms"];
    let words = |line| of.map(|name| part(line, name)).into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
    lines.iter().map(|line| words(line).join(" ")).collect()
}

#[test]
fn a_recording_comes_back_from_a_har_but_for_what_that_cannot_hold() {
    let har = convert(RECORDING, "a.ndjson", &["--to", "har", "--har-control"]);
    assert!(har.stderr.contains("2 other lines left out"), "{}", har.stderr);
    let read: Value = serde_json::from_str(har.stdout()).unwrap();
    let entry = &read["log"]["entries"][0];
    assert_eq!((&read["log"]["version"], &entry["_resourceType"]), (&json!("1.2"), &json!("websocket")));
    assert_eq!((&entry["response"]["status"], &entry["serverIPAddress"]), (&json!(101), &json!("127.0.0.1")));
    assert_eq!(entry["request"]["queryString"], json!([{"name": "token", "value": "c2VjcmV0"}]));
    assert_eq!(entry["request"]["cookies"][1], json!({"name": "b", "value": "2"}));
    let times: Vec<_> =
        entry["_webSocketMessages"].as_array().unwrap().iter().map(|message| &message["time"]).collect();
    assert_eq!(times[2], &json!(1_767_268_801.400_001));
    let back = convert(har.stdout(), "a.har", &["--to", "recording"]);
    let expected = [
        r#"1 "opened""#,
        r#"1 "sent" "text" "é\n\u0000" 1000.0"#,
        r#"1 "received" "ping" "p" 1200.0"#,
        r#"1 "received" "binary" "/w==" 1400.001"#,
        r#"1 "received" "text" "" 1410.0"#,
        r#"1 "received" "close" 4000 "done" 1600.0"#,
        r#"1 "closed" 4000 "done" 1700.0"#,
        // What the server has received the client has sent.
        r#"2 "opened""#,
        r#"2 "sent" "text" "two parts" 800.0"#,
        r#"3 "not_opened""#,
    ];
    let lines = lines(&back);
    assert_eq!(told(&lines), expected);
    let original: Value = serde_json::from_str(RECORDING.lines().nth(1).unwrap()).unwrap();
    for name in ["url", "address", "request", "response", "subprotocol", "extension", "time", "role"] {
        assert_eq!(lines[0][name], original[name], "{name}");
    }
    // As browsers have it, where nothing else is asked for.
    let har = convert(RECORDING, "a.ndjson", &["--to", "har"]);
    assert!(har.stderr.contains("2 control frames left out: --har-control"), "{}", har.stderr);
    let read: Value = serde_json::from_str(har.stdout()).unwrap();
    assert_eq!(read["log"]["entries"][0]["_webSocketMessages"].as_array().unwrap().len(), 3);
    let close = json!({"code": 4000, "reason": "done", "timestamp": 1_767_268_801.7});
    assert_eq!(read["log"]["entries"][0]["_webSocketClose"], close);
}

/// A HAR with these entries.
fn har(entries: &[Value]) -> String {
    json!({"log": {"version": "1.2", "creator": {"name": "a", "version": "1"}, "entries": entries}}).to_string()
}

fn entry(scheme: &str, messages: Value) -> Value {
    json!({
        "startedDateTime": "2026-01-01T13:00:00.000+01:00",
        "request": {"method": "GET", "url": format!("{scheme}://a.example/b?c=d"), "headers": [{"name": "Host", "value": "a.example"}]},
        "response": {"status": 101, "statusText": "Switching Protocols", "httpVersion": "HTTP/1.1", "headers": []},
        "_webSocketMessages": messages,
    })
}

#[test]
fn each_dialect_is_read() {
    // Chrome has the messages in front of what they belong to, and of binary ones only base64.
    let other = r#"{"request":{"url":"http://a.example/"},"response":{"status":"200","statusText":null,"content":{"text":"[{\"_webSocketMessages\":[]}]"}}}"#;
    let chrome = r#"{"log":{"pages":[{"id":"page_1"}],"entries":[OTHER,{"_initiator":{"type":"script"},"_resourceType":"websocket",
        "_webSocketMessages":[{"type":"send","time":1767268800.5,"opcode":1,"data":"hi"},
        {"type":"receive","time":1767268800.25,"opcode":2,"data":"/w=="},
        {"type":"error","time":1767268801,"opcode":-1,"data":"gone"}],
        "request":{"method":"GET","url":"wss://a.example/b","httpVersion":"http/1.1","headers":[{"name":"User-Agent","value":"x"},{"name":"Origin","value":"https://a.example"}]},
        "response":{"status":101,"statusText":"Switching Protocols","headers":[],"_transferSize":0},"serverIPAddress":"[::1]",
        "startedDateTime":"2026-01-01T12:00:00.000Z","time":1.5}],"version":"1.2"}}"#;
    let outcome = convert(chrome.replace("OTHER", other), "a.har", &["--to", "recording"]);
    let lines_of_chrome = lines(&outcome);
    // By their times.
    assert_eq!(told(&lines_of_chrome)[1..], [r#"1 "received" "binary" "/w==" 250.0"#, r#"1 "sent" "text" "hi" 500.0"#]);
    assert_eq!(lines_of_chrome[0]["address"], "[::1]:443");
    assert_eq!(lines_of_chrome[0]["request"], "GET /b HTTP/1.1\r\nUser-Agent: x\r\nOrigin: https://a.example\r\n\r\n");
    assert!(
        outcome.stderr.contains("entry 2: message 3 is left out, because it reports an error: gone"),
        "{}",
        outcome.stderr
    );
    assert!(outcome.stderr.contains("without Cookie and Authorization"), "{}", outcome.stderr);
    // mitmproxy has the URL of the handshake, and compresses.
    let messages = json!([{"type": "receive", "time": 1_767_268_800.5, "opcode": 1, "data": "hi"}]);
    let mitmproxy = har(&[entry("https", messages.clone())]);
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::best());
    zlib.write_all(mitmproxy.as_bytes()).unwrap();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(mitmproxy.as_bytes()).unwrap();
    for (name, content) in [
        ("a.har", mitmproxy.clone().into_bytes()),
        ("a.har", [&b"\xef\xbb\xbf"[..], mitmproxy.as_bytes()].concat()),
        ("a.zhar", zlib.finish().unwrap()),
        ("a.har.gz", gzip.finish().unwrap()),
    ] {
        let lines = lines(&convert(&content, name, &["--to", "recording"]));
        assert_eq!(told(&lines), [r#"1 "opened""#, r#"1 "received" "text" "hi" 500.0"#]);
        assert_eq!(lines[0]["url"], "wss://a.example/b?c=d");
    }
    // HTTP Toolkit knows how it ended.
    for (close, closed) in [
        (json!({"code": 4000, "reason": "done", "timestamp": 1_767_268_801.5}), r#"1 "closed" 4000 "done" 1500.0"#),
        (json!("aborted"), r#"1 "closed" 1006 500.0"#),
    ] {
        let mut entry = entry("ws", messages.clone());
        entry["_webSocketClose"] = close;
        let lines = lines(&convert(har(&[entry]), "a.har", &["--to", "recording"]));
        assert_eq!(told(&lines).last().unwrap(), closed);
    }
    // gori has binary messages that are text as text.
    let messages = json!([{"type": "send", "time": 1_767_268_800, "opcode": 2, "data": "not base64"},
        {"type": "send", "time": 1_767_268_800, "opcode": 8, "data": "A+g=", "encoding": "base64"}]);
    let outcome = convert(har(&[entry("ws", messages)]), "a.har", &["--to", "recording"]);
    assert_eq!(
        told(&lines(&outcome))[1..],
        [r#"1 "sent" "binary" "bm90IGJhc2U2NA==" 0.0"#, r#"1 "sent" "close" 1000 "" 0.0"#]
    );
    assert!(outcome.stderr.contains("message 1 is binary, but not base64"), "{}", outcome.stderr);
}

#[test]
fn a_har_that_is_of_no_use_is_named() {
    let plain = json!({"request": {"url": "http://a.example/"}, "response": {}});
    let good = entry("ws", json!([{"type": "send", "time": 1_767_268_800, "opcode": 1, "data": "hi"}]));
    let mut bad = entry("ws", json!([{"type": "send", "time": 1, "opcode": 5, "data": ""}]));
    let whole = har(std::slice::from_ref(&good));
    let cut = &whole[..whole.len() - 3];
    for (text, why) in [
        ("", "it is empty"),
        ("{}", "it is not a HAR file: it has no \"log\" with \"entries\""),
        ("{\"log\":{\"entries\":5}}", "it is not a whole HAR file: line 1, column "),
        (&har(&[]), "it has no entries: a browser includes only those"),
        (&har(&[plain.clone(), plain.clone()]), "none of its 2 entries is a WebSocket: a browser includes only those"),
        (cut, "it is not a whole HAR file: it is cut off at line 1, column "),
        (&har(&[good.clone(), bad.clone()]), "entry 2, message 1: its \"opcode\" is 5"),
    ] {
        let outcome = convert(text, "a.har", &["--to", "txt"]);
        assert_eq!(outcome.code, Some(2), "{text}");
        assert!(outcome.stderr.contains(why), "{}", outcome.stderr);
    }
    bad["request"]["url"] = "ftp://a.example/".into();
    bad["_webSocketMessages"] = json!([]);
    let mixed = har(&[good.clone(), bad, good]);
    for (text, why, connections) in [
        (mixed.as_str(), "entry 2 skipped: its URL has the scheme \"ftp\"", 2),
        (cut, "the rest is skipped: it is cut off", 1),
    ] {
        let outcome = convert(text, "a.har", &["--to", "recording", "--lenient"]);
        assert_eq!(lines(&outcome).len(), connections * 2);
        assert!(outcome.stderr.contains(why), "{}", outcome.stderr);
    }
}

/// As JSON.stringify writes what a page had in a string.
#[test]
fn half_of_a_surrogate_pair_in_a_har_is_a_replacement_character() {
    let messages =
        json!([{"type": "send", "time": 1.0, "opcode": 1, "data": "a?b"}, {"type": "send", "opcode": 1, "data": "c"}]);
    let har = har(&[entry("ws", messages)]).replace("a?b", "a\\ud800b").replacen('{', "{\"comment\":\"\\udfff\",", 1);
    let outcome = convert(har, "a.har", &["--to", "recording"]);
    let texts: Vec<_> = lines(&outcome).iter().filter_map(|line| line["text"].as_str().map(str::to_owned)).collect();
    assert_eq!(texts, ["a\u{fffd}b", "c"]);
    let says =
        "entry 1: message 1 is text with half of a surrogate pair, which no message can have: it is read as U+FFFD\n";
    assert_eq!(outcome.stderr, says);
}

#[test]
fn a_websocket_without_its_messages_is_named() {
    let good = entry("ws", json!([]));
    let mut tagged = entry("http", json!(null));
    tagged.as_object_mut().unwrap().remove("_webSocketMessages");
    let upgrade = json!([{"name": "upgrade", "value": "WebSocket"}]);
    // By its tag, its URL, or its handshake; one that was refused has none anyway.
    let [mut by_url, mut by_handshake] = [tagged.clone(), tagged.clone()];
    tagged["_resourceType"] = "websocket".into();
    by_url["request"]["url"] = "WSS://a.example/".into();
    by_handshake["request"]["headers"] = upgrade;
    let mut refused = by_handshake.clone();
    refused["response"]["status"] = 403.into();
    let plain = json!({"request": {"url": "http://a.example/", "headers": []}, "response": {"status": 101}});
    let all = [good, tagged, by_url, by_handshake.clone(), refused, plain.clone(), by_handshake.clone(), by_handshake];
    let outcome = convert(har(&all), "a.har", &["--to", "recording"]);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    let types: Vec<_> = lines(&outcome).iter().map(|line| line["type"].as_str().unwrap().to_owned()).collect();
    assert_eq!(types, ["opened", "opened", "opened", "opened", "not_opened", "opened", "opened"]);
    let told: Vec<_> = outcome.stderr.lines().filter(|line| line.contains("without its messages")).collect();
    assert_eq!(told.len(), 3, "{outcome:#?}");
    for (line, number) in told.iter().zip([2, 3, 4]) {
        assert!(
            line.contains(&format!(
                "entry {number} is a WebSocket without its messages: the program that wrote the HAR"
            )),
            "{line}"
        );
    }
    assert!(outcome.stderr.contains("2 more connections without messages"), "{outcome:#?}");
    let nothing = convert(har(&[plain]), "a.har", &["--to", "recording"]);
    assert!(nothing.stderr.contains("its only entry is not a WebSocket"), "{nothing:#?}");
}

/// What a HAR of one connection has before and behind its messages.
const BEFORE_MESSAGES: &str = "{\"log\":{\"entries\":[{\"startedDateTime\":\"2026-01-01T12:00:00Z\",\"request\":{\"method\":\"GET\",\
    \"url\":\"ws://a.example/\",\"headers\":[]},\"response\":{\"status\":101},\"_webSocketMessages\":[";
const BEHIND_MESSAGES: &str = "]}]}}";

#[test]
fn a_long_har_is_read_as_a_stream() {
    // tests/large has one of 2 GiB.
    const MESSAGES: usize = 512;
    const LENGTH: usize = 64 << 10;
    let write = |stdin: &mut std::process::ChildStdin| {
        stdin.write_all(BEFORE_MESSAGES.as_bytes()).unwrap();
        let message = json!({"type": "receive", "time": 1_767_268_800, "opcode": 1, "data": "x".repeat(LENGTH)});
        let message = format!("{message},");
        for _ in 1..MESSAGES {
            stdin.write_all(message.as_bytes()).unwrap();
        }
        stdin.write_all(message.trim_end_matches(',').as_bytes()).unwrap();
    };
    let folder = Folder::new();
    let out = folder.path("a.ndjson");
    let flags = ["--from", "har", "-o", &out];
    let (peak, outcome) = peak(&flags, write, BEHIND_MESSAGES.as_bytes());
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""));
    let recording = fs::read_to_string(&out).unwrap();
    assert!(recording.len() > MESSAGES * LENGTH && recording.lines().count() == MESSAGES + 1);
    assert!(peak < 32 << 20, "{peak}");
}

#[test]
fn a_transcript_has_no_secrets() {
    let text = convert(RECORDING, "a.ndjson", &["--to", "txt"]);
    let lines: Vec<_> = text.stdout().lines().collect();
    for line in [
        "* 0.000 [1] opened wss://localhost/a?token=(masked) subprotocol=chat permessage-deflate",
        "    > GET /a?token=(masked) HTTP/1.1",
        "    > Cookie: (masked)",
        "    < HTTP/1.1 101 Switching Protocols",
        "1.000 [1]   1      4 B > é",
        "0.800 [2]   2      9 B < two parts",
        "* 1.700 [1] closed: peer closed: 4000 \"done\"; received 2 messages (1 byte); sent 1 message (4 bytes)",
    ] {
        assert!(lines.contains(&line), "no {line} in {}", text.stdout());
    }
    assert!(!text.stdout().contains("c2VjcmV0"), "{}", text.stdout());
    let markdown = convert(RECORDING, "a.ndjson", &["--to", "md"]);
    let fenced: Vec<_> = markdown.stdout().lines().filter(|line| line.starts_with(['#', '`'])).collect();
    let heading = |heading| [heading, "```text", "```"];
    let headings = ["## Connection 1", "## Connection 2", "## Not opened"].map(heading).concat();
    assert_eq!(fenced, headings);
}

#[test]
fn a_capture_has_the_bytes_of_each_side() {
    let folder = Folder::new();
    let (source, target) = (folder.file("a.ndjson", RECORDING), folder.path("a.pcapng"));
    let outcome = run(&["convert", &source, "-o", &target], b"");
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""));
    let file = fs::read(&target).unwrap();
    assert_eq!(fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o600);
    let mut sides = [Vec::new(), Vec::new()];
    let mut comments = Vec::new();
    let mut rest = &file[..];
    while !rest.is_empty() {
        let number = |at: usize| u32::from_le_bytes(rest[at..at + 4].try_into().unwrap()) as usize;
        let (kind, length) = (number(0), number(4));
        if kind == 6 {
            let captured = number(20);
            let packet = &rest[28..28 + captured];
            let tcp = &packet[20..];
            let port = u16::from_be_bytes([tcp[0], tcp[1]]);
            let (client, server) = (49152, 80);
            let is_first = [tcp[1], tcp[3]].contains(&0) && [tcp[0], tcp[2]].contains(&0xc0);
            if is_first {
                let side = usize::from(port == server);
                assert!(port == client || port == server);
                sides[side].extend_from_slice(&tcp[usize::from(tcp[12] >> 4) * 4..]);
            }
            let options = &rest[28 + captured.next_multiple_of(4)..length - 4];
            if let [1, 0, low, high, text @ ..] = options {
                let length = usize::from(u16::from_le_bytes([*low, *high]));
                comments.push(String::from_utf8(text[..length].to_vec()).unwrap());
            }
        }
        rest = &rest[length..];
    }
    let heads: Value = serde_json::from_str(RECORDING.lines().nth(1).unwrap()).unwrap();
    let frames = |side: usize, head: &str| sides[side].strip_prefix(heads[head].as_str().unwrap().as_bytes()).unwrap();
    let agreed = wscli::ws::negotiation::accept(
        &wscli::ws::extension::parse("permessage-deflate").unwrap()[0],
        wscli::ws::negotiation::DeflateOptions::default(),
    )
    .unwrap();
    let read = |mut connection: Connection, bytes: &[u8]| {
        connection.receive(bytes);
        let (mut told, mut content) = (Vec::new(), Vec::new());
        while let Some((event, _)) = connection.poll_received() {
            match event {
                Event::Data(data) => {
                    content.extend_from_slice(data.bytes);
                    if data.last {
                        told.push(format!("{:?} {:?}", data.kind, std::mem::take(&mut content)));
                    }
                }
                other => told.push(format!("{other:?}")),
            }
        }
        told
    };
    let sent = read(Connection::server(Some(agreed)), frames(0, "request"));
    assert_eq!(sent[0], "Text [195, 169, 10, 0]");
    assert!(sent[1].contains("ReservedOpcode(3)"), "{sent:?}");
    let received = read(Connection::client(Box::new(|| [0; 4]), Some(agreed)), frames(1, "response"));
    assert_eq!(received[..3], ["Ping([112])", "Binary [255]", "Text []"]);
    assert!(received[3].contains("4000") && received[3].contains("done"), "{received:?}");
    assert!(comments[0].starts_with("wscli synthesized this TCP connection; its frames are made from"), "{comments:?}");
    for comment in ["protocol violation by the server: a fault", "closed: peer closed: 4000 \"done\""] {
        assert!(comments.iter().any(|told| told.contains(comment)), "{comments:?}");
    }
}

#[test]
fn what_is_to_be_written_is_told_by_its_name_or_said() {
    let folder = Folder::new();
    let file = folder.file("a.ndjson", RECORDING);
    run(&["convert", &file], b"").assert("", 2, "add --to recording, har, pcapng, txt, md or wst");
    run(&["convert", &file, "-o", &folder.path("b.zip")], b"").assert(
        "",
        2,
        "b.zip: its name does not say which format to write",
    );
    run(&["convert", &file, "--to", "recording", "-o", &file], b"").assert("", 2, "would be converted over itself");
    run(&["convert", "/nonexistent/a", "--to", "txt"], b"").assert("", 2, "can't read /nonexistent/a");
    run(&["convert", &file, "-o", "/nonexistent/a.txt"], b"").assert("", 2, "can't write /nonexistent/a.txt");
    let outcome = run(&["convert", "-", "--from", "har", "--to", "txt"], b"{}");
    outcome.assert("", 2, "can't read stdin: it is not a HAR file");
    // What was there stays until there is something better.
    let target = folder.file("b.txt", "before");
    let bad = folder.file("bad.ndjson", RECORDING.to_owned() + "nonsense\n");
    run(&["convert", &bad, "-o", &target], b"").assert("", 2, "line 15 is not a line of a recording");
    run(&["convert", &bad, "-o", &target], b"").assert("", 2, "--lenient skips it, and reads the rest");
    assert_eq!(fs::read_to_string(&target).unwrap(), "before");
    run(&["convert", "--lenient", &bad, "-o", &target], b"").assert("", 0, "line 15 skipped");
    assert!(fs::read_to_string(&target).unwrap().starts_with("2026-01-01T12:00:00.000000Z\n* 0.000 [1] opened "));
    assert_eq!(fs::read_dir(std::path::Path::new(&target).parent().unwrap()).unwrap().count(), 3);
}

/// Converts what is written to stdin, and measures how much memory that has taken before the end is there.
fn peak(flags: &[&str], write: impl FnOnce(&mut std::process::ChildStdin), end: &[u8]) -> (usize, Outcome) {
    let mut running = Running::start(&[&["convert", "-"], flags].concat());
    let mut stdin = running.hold_stdin().unwrap();
    write(&mut stdin);
    let peak = running.peak();
    stdin.write_all(end).unwrap();
    drop(stdin);
    (peak, running.finish())
}

#[test]
fn a_har_takes_no_memory_for_what_is_long_in_it() {
    const LONG: usize = 24 << 20;
    let good = entry("ws", json!([{"type": "send", "time": 1_767_268_800, "opcode": 1, "data": "hi"}]));
    let [before, behind] = ["{\"log\":{\"entries\":[{\"request\":{\"url\":\"http://a.example/", "\"}},"];
    let flags = ["--from", "har", "--to", "recording"];
    let long = |stdin: &mut std::process::ChildStdin, places: usize| {
        stdin.write_all(before.as_bytes()).unwrap();
        for _ in 0..places {
            stdin.write_all(&vec![b'x'; LONG]).unwrap();
            stdin.write_all(b"\",\"").unwrap();
            stdin.write_all(&vec![b'y'; LONG]).unwrap();
            stdin.write_all(b"\":\"").unwrap();
        }
    };
    let (peak, outcome) = peak(&flags, |stdin| long(stdin, 1), format!("{behind}{good}]}}}}").as_bytes());
    assert_eq!(told(&lines(&outcome)), [r#"1 "opened""#, r#"1 "sent" "text" "hi" 0.0"#]);
    assert!(peak < 20 << 20, "{peak}");
}

#[test]
fn what_is_too_long_in_a_har_is_named() {
    let mut heads = entry("ws", json!([]));
    heads["request"]["headers"][0]["value"] = "x".repeat(600 << 10).into();
    let outcome = convert(har(&[heads]), "a.har", &["--to", "recording"]);
    let why = "entry 1: its opening handshake and its end are longer than 512 KiB";
    assert_eq!(outcome.code, Some(2));
    assert!(outcome.stderr.contains(why), "{}", outcome.stderr);
    let good = json!({"type": "send", "time": 1_767_268_801, "opcode": 1, "data": "hi"});
    let long = json!({"type": "x".repeat(1000), "time": 1_767_268_800, "opcode": 1, "data": ""});
    let outcome = convert(har(&[entry("ws", json!([long, good]))]), "a.har", &["--lenient", "--to", "recording"]);
    assert_eq!(told(&lines(&outcome))[1..], [r#"1 "sent" "text" "hi" 1000.0"#]);
    let why = "entry 1, message 1 skipped: its \"type\" is not one of the allowed words";
    assert!(outcome.stderr.contains(why), "{}", outcome.stderr);
}

#[test]
fn connections_that_do_not_end_take_little_memory() {
    let opened = RECORDING.lines().nth(1).unwrap();
    let part = RECORDING.lines().nth(4).unwrap();
    for (format, told) in [("har", "6,000 messages left out that never ended\n"), ("pcapng", "")] {
        let flags = ["--from", "recording", "--to", format];
        let write = |stdin: &mut std::process::ChildStdin| {
            for number in 1..=6000 {
                let number = format!("\"connection\":{number}");
                let lines = [opened, part].map(|line| line.replacen("\"connection\":2", "\"connection\":1", 1));
                let lines = lines.map(|line| line.replacen("\"connection\":1", &number, 1) + "\n");
                // Whoever converts may have ended, which is told below.
                if stdin.write_all(lines.concat().as_bytes()).is_err() {
                    break;
                }
            }
        };
        let (peak, outcome) = peak(&flags, write, b"");
        assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), told));
        assert!(!outcome.stdout.is_empty() && peak < 24 << 20, "{format}: {peak}");
    }
}

#[test]
fn a_conversion_that_a_signal_ends_leaves_nothing_behind() {
    // In the middle of the work, and while nothing comes.
    for goes_on in [true, false] {
        let folder = Folder::new();
        let out = folder.path("a.har");
        let mut running = Running::start(&["convert", "--from", "recording", "-", "-o", &out]);
        let mut stdin = running.hold_stdin().unwrap();
        stdin.write_all(RECORDING.as_bytes()).unwrap();
        let names =
            || fs::read_dir(folder.path("")).unwrap().map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>();
        while names().is_empty() {
            assert!(running.ended().is_none());
            look_again();
        }
        running.signal(Signal::TERM);
        let line = format!("{}\n", RECORDING.lines().nth(3).unwrap());
        while goes_on && stdin.write_all(line.as_bytes()).is_ok() {}
        let (code, took) = running.wait();
        assert_eq!((code, names()), (Some(143), Vec::new()));
        assert!(took < Duration::from_secs(3), "{took:?}");
    }
}

#[test]
fn a_recording_becomes_a_test() {
    let outcome = convert(RECORDING, "a.ndjson", &["--to", "wst"]);
    let steps = "\
# From a recording. Use let and capture to name values that differ from run to run.
connect c1 wss://localhost/a?token=c2VjcmV0
  subprotocol chat
  no-compress
  header Cookie: id=c2VjcmV0; b=2
  expect subprotocol chat
accept c2 127.0.0.1:0
c1 frame opcode=text payload=0xc3a90a00
c2 expect equals two parts
c1 expect binary ff
c1 expect text and size = 0
c1 frame fin=1 rsv=010 opcode=3 payload=0x6869
# a violation was received
c1 expect closed 4000 done
connect ws://localhost:1/
  no-compress
  expect refused 403
";
    assert_eq!((outcome.stdout(), outcome.code), (steps, Some(0)), "{outcome:#?}");
}

#[test]
fn a_recording_of_a_stranger_adds_no_steps_to_a_test() {
    let opened = json!({
        "schema": 1, "type": "opened", "role": "client",
        "url": "ws://a.example/\u{1b}]0;title\u{7}\nconnect x ws://other.example/${env.HOME}",
        "request": "GET / HTTP/1.1\r\nSec-WebSocket-Protocol: \u{1b}[31m\r\nOrigin: \u{1b}[31m\r\n\r\n",
        "subprotocol": "a\nconnect x ws://other.example/${env.HOME}",
    });
    let outcome = convert(opened.to_string(), "a.ndjson", &["--to", "wst"]);
    let steps = "\
# From a recording. Use let and capture to name values that differ from run to run.
connect ws://a.example/]0;titleconnectxws://other.example/$${env.HOME}
  no-compress
# no test can name this subprotocol: a\\nconnect x ws://other.example/${env.HOME}
";
    assert_eq!((outcome.stdout(), outcome.code), (steps, Some(0)), "{outcome:#?}");
}

/// By HTTP/2 that is how a WebSocket is opened (RFC 8441 §5).
#[test]
fn a_connection_that_was_refused_with_200_stays_refused_in_a_har() {
    let line = r#"{"schema":1,"time":"2026-01-01T12:00:02Z","type":"not_opened","role":"client","url":"ws://localhost:1/","request":"GET / HTTP/1.1\r\n\r\n","response":"HTTP/1.1 200 OK\r\n\r\n","why":"the server answered 200 OK"}"#;
    let har = convert(line, "a.ndjson", &["--to", "har"]);
    let back = lines(&convert(har.stdout(), "a.har", &["--to", "recording"]));
    let types: Vec<_> = back.iter().map(|line| (line["type"].clone(), line["why"].clone())).collect();
    assert_eq!(types, [("not_opened".into(), "the server answered 200 OK".into())]);
}
