//! `wscli inspect`: every field of its report, and its JSON against the schema.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::authority::{Authority, good, serve};
use crate::support::faults;
use crate::support::files::Folder;
use crate::support::peer::{Refusing, acceptance, opened, read_frame, read_head, read_to_end};
use crate::support::program::{Outcome, Serving, run};
use crate::support::schema::Schema;

/// The report as JSON, held against the schema, and the run that printed it.
fn inspect(flags: &[&str]) -> (Value, Outcome) {
    let outcome = run(&[&["inspect", "--json"], flags].concat(), b"");
    let report: Value = serde_json::from_slice(&outcome.stdout).unwrap_or_else(|error| panic!("{error}: {outcome:#?}"));
    Schema::read("inspect.schema.json").check(&report);
    (report, outcome)
}

/// Asserts a successful run, and takes what differs from run to run out of the report.
fn steady((mut report, outcome): (Value, Outcome)) -> Value {
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""), "{outcome:#?}");
    for phase in ["connect", "opening_handshake"] {
        assert!(report["times_ms"][phase].as_f64().unwrap() > 0.0, "{report:#}");
    }
    for key in ["request", "response", "times_ms", "addresses", "address", "url"] {
        report.as_object_mut().unwrap().remove(key);
    }
    if let Some(ping) = report["ping"].as_object_mut() {
        assert_eq!(ping["round_trip_ms"].as_f64().is_some_and(|time| time > 0.0), ping["answered"] == true);
        ping.remove("round_trip_ms");
    }
    report
}

fn probes(all: &str) -> Value {
    json!({
        "permessage_deflate": all, "server_no_context_takeover": all, "client_no_context_takeover": all,
        "server_max_window_bits": all, "client_max_window_bits": all,
    })
}

fn clean_report(compression: Value, probes: Value) -> Value {
    json!({
        "schema": 1, "open": true, "error": null, "unreachable": [], "proxy": null, "tls": null, "status": 101,
        "faults": [],
        "subprotocol": null, "compression": compression, "ping": {"answered": true},
        "close": {"finished": true, "code": 1000, "reason": "", "ending": "closed by us: 1000 (normal closure)"},
        "probes": probes, "ping_between_fragments": null, "echo_difference": null,
        "expectation": null,
        "limits": null,
    })
}

#[test]
fn our_own_server_in_every_field() {
    let serving = Serving::start(&[]);
    let (report, outcome) = inspect(&[&serving.url]);
    assert_eq!(report["url"], serving.url);
    assert_eq!((&report["address"], &report["addresses"]), (&json!(serving.address()), &json!([serving.address()])));
    assert_eq!(report["times_ms"]["proxy"], Value::Null);
    assert_eq!(report["times_ms"]["tls"], Value::Null);
    let request = report["request"].as_str().unwrap();
    assert!(request.starts_with("GET / HTTP/1.1\r\n") && request.ends_with("\r\n\r\n"), "{request:?}");
    let response = report["response"].as_str().unwrap();
    assert!(
        response.starts_with("HTTP/1.1 101 Switching Protocols\r\n") && response.ends_with("\r\n\r\n"),
        "{response:?}"
    );
    let compression = json!({
        "server_no_context_takeover": false, "client_no_context_takeover": false,
        "server_max_window_bits": 15, "client_max_window_bits": 15,
    });
    assert_eq!(steady((report, outcome)), clean_report(compression, probes("agreed")));
}

#[test]
fn a_server_without_compression() {
    let serving = Serving::start(&["--no-compress"]);
    assert_eq!(steady(inspect(&[&serving.url])), clean_report(Value::Null, probes("declined")));
}

#[test]
fn tls_and_its_certificates() {
    let (folder, root) = (Folder::new(), Authority::new("Root of Trust"));
    let intermediate = root.intermediate("In Between");
    let issued = intermediate.issue(&good()).with(&intermediate);
    let url = serve(issued.config());
    let (report, outcome) = inspect(&["--cacert", &folder.file("root.pem", root.pem()), &url]);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    let tls = &report["tls"];
    assert_eq!((&tls["version"], &tls["cipher_suite"]), (&json!("TLS 1.3"), &json!("TLS13_AES_256_GCM_SHA384")));
    assert_eq!(tls["key_exchange"], "X25519");
    let digest = ring::digest::digest(&ring::digest::SHA256, &issued.chain[0]);
    let fingerprint: Vec<_> = digest.as_ref().iter().map(|byte| format!("{byte:02X}")).collect();
    let own = json!({
        "subject": "the good server", "issuer": "In Between", "not_before": "1975-01-01T00:00:00Z",
        "not_after": "4096-01-01T00:00:00Z", "names": ["localhost", "127.0.0.1"], "sha256": fingerprint.join(":"),
    });
    assert_eq!(tls["certificates"][0], own);
    assert_eq!(tls["certificates"][1]["subject"], "In Between");
    assert_eq!(tls["certificates"][1]["issuer"], "Root of Trust");
    assert_eq!(tls["certificates"].as_array().unwrap().len(), 2);
    assert!(report["times_ms"]["tls"].as_f64().unwrap() > 0.0);
}

#[test]
fn a_refused_certificate_is_in_the_report_of_the_failure() {
    let url = serve(Authority::new("Root of Trust").issue(&good()).config());
    let (report, outcome) = inspect(&[&url]);
    assert_eq!((outcome.code, &report["open"], &report["error"]["exit_code"]), (Some(4), &json!(false), &json!(4)));
    assert!(report["error"]["message"].as_str().unwrap().contains("unknown issuer"));
    assert!(report["error"]["advice"].as_str().unwrap().contains("--cacert"));
    assert_eq!(report["tls"]["certificates"][0]["subject"], "the good server");
    for unknown in ["status", "request", "response", "ping", "close", "probes", "compression"] {
        assert_eq!(report[unknown], Value::Null, "{unknown}");
    }
}

#[test]
fn plain_http() {
    let (report, outcome) = inspect(&[&faults::url("/404")]);
    assert_eq!((outcome.code, &report["open"], &report["status"]), (Some(5), &json!(false), &json!(404)));
    assert!(report["error"]["message"].as_str().unwrap().contains("404 Not Found"));
    assert_eq!(report["error"]["exit_code"], 5);
    assert!(report["response"].as_str().unwrap().contains("Content-Type: application/json"));
    assert_eq!((&report["ping"], &report["close"], &report["probes"]), (&Value::Null, &Value::Null, &Value::Null));
}

#[test]
fn nobody_there() {
    let address = Refusing::new();
    let (report, outcome) = inspect(&[&format!("ws://{address}/")]);
    assert_eq!((outcome.code, &report["address"], &report["request"]), (Some(3), &Value::Null, &Value::Null));
    assert_eq!(report["unreachable"], json!([{"address": address.to_string(), "why": "Connection refused"}]));
}

#[test]
fn secrets_are_left_out() {
    let serving = Serving::start(&[]);
    let url = serving.url.replace("ws://", "ws://user:secret@");
    for flags in [&["--json"][..], &[], &["-v"]] {
        let outcome = run(&[&["inspect", "-b", "sid=secret", &url], flags].concat(), b"");
        let shown = String::from_utf8_lossy(&outcome.stdout) + outcome.stderr.as_str();
        assert_eq!(outcome.code, Some(0), "{outcome:#?}");
        for secret in ["=secret", ":secret", "user:", "dXNlcjpzZWNyZXQ="] {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
    }
}

#[test]
fn a_report_for_people() {
    let serving = Serving::start(&["--window-bits", "11"]);
    let outcome = run(&["inspect", &serving.url], b"");
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""), "{outcome:#?}");
    for said in [
        serving.url.as_str(),
        serving.address(),
        "permessage-deflate",
        "11 window bits",
        "ping",
        "1000",
        "opening handshake",
    ] {
        assert!(outcome.stdout().contains(said), "no {said:?} in {}", outcome.stdout());
    }
    let outcome = run(&["inspect", &faults::url("/404")], b"");
    assert_eq!(outcome.code, Some(5));
    assert!(outcome.stderr.contains("404 Not Found") && outcome.stderr.contains("no such room"), "{outcome:#?}");
    run(&["inspect"], b"").assert("", 2, "URL");
}

/// A server that opens every connection and then does with frames as `script` says.
fn scripted(more: &'static str, script: impl Fn(&mut std::net::TcpStream) + Send + Sync + Copy + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    thread::spawn(move || {
        for socket in listener.incoming() {
            thread::spawn(move || {
                let mut socket = socket.unwrap();
                let head = read_head(&mut socket);
                let answer = acceptance(&head, "").replace("\r\n\r\n", &format!("\r\n{more}\r\n"));
                socket.write_all(answer.as_bytes()).unwrap();
                script(&mut socket);
            });
        }
    });
    url
}

#[test]
fn every_fault_of_a_101_is_in_the_report() {
    let url = scripted("Content-Length: 0\r\nSec-WebSocket-Accept: nope\r\n", |socket| {
        while read_frame(socket).0 != 0x88 {}
        socket.write_all(b"\x88\x02\x03\xe8").unwrap();
    });
    let faults = json!(["Content-Length may not be in a 101 (RFC 9110 §8.6)", "Sec-WebSocket-Accept appears twice"]);
    let (report, outcome) = inspect(&[&url]);
    assert_eq!((outcome.code, &report["open"], &report["faults"]), (Some(5), &json!(false), &faults), "{outcome:#?}");
    let (report, outcome) = inspect(&["--no-check", "--handshake-timeout", "300ms", &url]);
    assert_eq!((outcome.code, &report["open"], &report["faults"]), (Some(0), &json!(true), &faults), "{outcome:#?}");
    let outcome = run(&["inspect", &url], b"");
    assert!(outcome.stdout().contains("faults"), "{outcome:#?}");
    assert!(outcome.stdout().contains("Sec-WebSocket-Accept appears twice"), "{outcome:#?}");
}

#[test]
fn a_server_that_answers_no_ping() {
    let url = scripted("Sec-WebSocket-Protocol: chat\r\n", |socket| {
        // Whatever comes: only the Close is answered.
        while read_frame(socket).0 != 0x88 {}
        socket.write_all(b"\x88\x05\x03\xe8bye").unwrap();
    });
    let (report, outcome) = inspect(&["-s", "chat", "--handshake-timeout", "300ms", &url]);
    assert_eq!((outcome.code, &report["open"]), (Some(0), &json!(true)), "{outcome:#?}");
    assert_eq!(report["ping"], json!({"answered": false, "round_trip_ms": null}));
    assert_eq!((&report["close"]["finished"], &report["close"]["reason"]), (&json!(true), &json!("bye")));
    assert_eq!(report["subprotocol"], "chat");
    assert_eq!(report["probes"], probes("declined"));
}

#[test]
fn a_server_that_does_not_finish_the_closing_handshake() {
    let url = scripted("", |socket| {
        let (first, payload) = read_frame(socket);
        if first == 0x89 {
            socket.write_all(&[&[0x8a, payload.len() as u8], &payload[..]].concat()).unwrap();
        }
        let _ = socket.read_to_end(&mut Vec::new());
    });
    let (report, outcome) = inspect(&["--close-timeout", "100ms", &url]);
    assert_eq!((outcome.code, &report["ping"]["answered"]), (Some(0), &json!(true)), "{outcome:#?}");
    assert_eq!((&report["close"]["finished"], &report["close"]["code"]), (&json!(false), &Value::Null));
    assert!(report["close"]["ending"].as_str().unwrap().contains("1006"), "{report:#}");
}

#[test]
fn what_the_server_says_in_between_is_no_answer() {
    let url = scripted("", |socket| {
        socket.write_all(b"\x81\x05hello\x8a\x03odd\x89\x00").unwrap();
        loop {
            match read_frame(socket) {
                (0x89, payload) => {
                    socket.write_all(&[&[0x8a, payload.len() as u8], &payload[..]].concat()).unwrap();
                }
                (0x88, _) => return socket.write_all(b"\x88\x02\x03\xe8").unwrap(),
                _ => {}
            }
        }
    });
    let (report, _) = inspect(&[&url]);
    assert_eq!((&report["ping"]["answered"], &report["close"]["code"]), (&json!(true), &json!(1000)), "{report:#}");
}

/// A server that agrees to compression, and answers a message's last fragment with a text of its own; a Ping between its
/// fragments ends it where that `is_fatal`.
fn answering(text: &'static [u8], is_fatal: bool) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    thread::spawn(move || {
        for socket in listener.incoming() {
            let mut socket = socket.unwrap();
            let head = read_head(&mut socket);
            socket.write_all(acceptance(&head, "permessage-deflate").as_bytes()).unwrap();
            let mut inside = false;
            loop {
                match read_frame(&mut socket) {
                    (0x41, _) => inside = true,
                    (0x89, _) if inside && is_fatal => socket.write_all(b"\x88\x02\x03\xea").unwrap(),
                    (0x89, payload) => {
                        socket.write_all(&[&[0x8a, payload.len() as u8], &payload[..]].concat()).unwrap();
                    }
                    (0x88, _) => {
                        let _ = socket.write_all(b"\x88\x02\x03\xe8");
                        break;
                    }
                    (_, payload) => {
                        assert_eq!(payload, b"lo\0");
                        let _ = socket.write_all(&[&[0x81, text.len() as u8], text].concat());
                    }
                }
            }
        }
    });
    url
}

#[test]
fn an_echo_is_tried_with_a_ping_between_fragments_where_that_is_asked_for() {
    let told = |url: &str| inspect(&["--echo-probe", url]).0["ping_between_fragments"].clone();
    let serving = Serving::start(&[]);
    assert_eq!(told(&serving.url), "intact");
    let silent = Serving::with(&["--sink"]);
    assert_eq!(told(&silent.url), "unanswered");
    let plain = Serving::start(&["--no-compress"]);
    assert_eq!(told(&plain.url), "not_tried");
    let greeting = Serving::with(&["--exec", "printf 'hello\\0'; exec cat", "--exec-framing", "null"]);
    assert_eq!(told(&greeting.url), "intact");
    assert_eq!(told(&answering(b"Hel?", false)), "changed");
    assert_eq!(told(&answering(b"", true)), "refused");
    let page = run(&["inspect", "--echo-probe", &serving.url], b"").stdout;
    let line = "a compressed message with a Ping between its fragments came back intact\n";
    assert!(String::from_utf8(page).unwrap().contains(line));
}

#[test]
fn an_echo_that_is_corrupted_is_told_byte_by_byte_with_what_it_suggests() {
    let inflates_no_further =
        "the server decompresses nothing after the Ping, like wsproto 1.3; --no-compress avoids it";
    for (text, difference, told, suggested) in [
        // What wsproto 1.3 hands on: the rest of the payload as it came.
        (&b"Hello\0"[..], json!([6, 5, 5]), "6 of 5 bytes, not as sent from byte 6 on", inflates_no_further),
        (b"Hel", json!([3, 5, 3]), "3 of 5 bytes, not as sent from byte 4 on", inflates_no_further),
        // Text that isn't UTF-8 ends the connection.
        (b"Hel\xc9\xc9\x07\0", json!([7, 5, 3]), "7 of 5 bytes, not as sent from byte 4 on", inflates_no_further),
        (
            b"welcome",
            json!([7, 5, 0]),
            "7 of 5 bytes, not as sent from byte 1 on",
            "the server may not be an echo server, and this may be an answer or a greeting",
        ),
    ] {
        let url = answering(text, false);
        let report = inspect(&["--echo-probe", &url]).0;
        let [bytes, expected, first] =
            ["bytes", "expected_bytes", "first_difference"].map(|key| report["echo_difference"][key].clone());
        assert_eq!(
            (&report["ping_between_fragments"], json!([bytes, expected, first])),
            (&json!("changed"), difference)
        );
        let page = String::from_utf8(run(&["inspect", "--echo-probe", &url], b"").stdout).unwrap();
        let line = format!("a compressed message with a Ping between its fragments came back changed: {told}\n");
        assert!(page.contains(&line) && page.contains(&format!("{suggested}\n")), "{page}");
    }
}

#[test]
fn the_end_of_the_time_reports_what_is_known() {
    let server = opened("", |socket| drop(read_to_end(socket)));
    let start = Instant::now();
    let (report, outcome) = inspect(&["-m", "300ms", &server.url]);
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    assert_eq!((&report["open"], &report["ping"]["answered"]), (&json!(true), &json!(false)));
    assert_eq!(report["probes"]["permessage_deflate"], "failed");
    assert_eq!(outcome.stderr, "stopped by --max-time 300ms\n");
    server.join();
}

#[test]
fn what_every_connection_shows_is_said_once() {
    let server = Serving::start(&["--echo"]);
    let (report, outcome) = inspect(&["--subprotocol", "nope", &server.url]);
    assert_eq!(report["probes"]["permessage_deflate"], "agreed");
    assert_eq!(outcome.stderr, "the server accepted no subprotocol (requested: nope)\n");
}

/// The samples of a page of metrics: names with their labels, and values. Every family has its help and its type before it.
fn samples(page: &str) -> Vec<(String, f64)> {
    let mut found = Vec::new();
    let mut family = String::new();
    for line in page.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            family = help.split(' ').next().unwrap().to_owned();
        } else if let Some(kind) = line.strip_prefix("# TYPE ") {
            assert_eq!(kind, format!("{family} gauge"));
        } else {
            let (name, value) = line.rsplit_once(' ').unwrap();
            assert!(name.starts_with(&format!("{family}{{url=\"")) && name.ends_with('}'), "{line}");
            found.push((name.to_owned(), value.parse().unwrap()));
        }
    }
    found
}

#[test]
fn metrics_say_what_the_report_says() {
    let serving = Serving::start(&[]);
    let outcome = run(&["inspect", "--prometheus", &serving.url], b"");
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""), "{outcome:#?}");
    let samples = samples(outcome.stdout());
    let url = format!("{{url=\"{}\"", serving.url);
    let of =
        |name: &str| samples.iter().find(|(found, _)| found == name).unwrap_or_else(|| panic!("{name}: {samples:?}")).1;
    assert_eq!((of(&format!("wscli_up{url}}}")), of(&format!("wscli_http_status{url}}}"))), (1.0, 101.0));
    assert_eq!(of(&format!("wscli_close_code{url}}}")), 1000.0);
    assert!(of(&format!("wscli_phase_seconds{url},phase=\"connect\"}}")) > 0.0);
    assert!((0.0..60.0).contains(&of(&format!("wscli_ping_round_trip_seconds{url}}}"))));
}

#[test]
fn metrics_of_what_is_down_are_metrics_too() {
    let nobody = Refusing::new();
    let outcome = run(&["inspect", "--prometheus", &format!("ws://{nobody}/a\"b")], b"");
    assert_eq!(outcome.code, Some(3), "{outcome:#?}");
    let url = format!("ws://{nobody}/a\\\"b");
    let up =
        format!("# HELP wscli_up Whether the connection opened.\n# TYPE wscli_up gauge\nwscli_up{{url=\"{url}\"}} 0\n");
    assert!(outcome.stdout().starts_with(&up), "{outcome:#?}");
    assert!(!outcome.stdout().contains("wscli_close_code"), "{outcome:#?}");
}

/// What `inspect` says of a server that sends a message by itself and answers one, on the second of its connections.
fn expecting(args: &[&str]) -> Outcome {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        for number in 0..2 {
            let mut websocket = tungstenite::accept(listener.accept().unwrap().0).unwrap();
            if number == 1 {
                websocket.send("hello".into()).unwrap();
            }
            while let Ok(message) = websocket.read() {
                if message.is_text() {
                    websocket.send(format!("you said {message}").into()).unwrap();
                }
            }
        }
    });
    let outcome = run(&[&["inspect", "--prometheus", &url], args].concat(), b"");
    server.join().unwrap();
    outcome
}

#[test]
fn a_health_check_expects_messages() {
    let outcome = expecting(&["--message", "ping", "--expect", "^hel", "--expect", "said ping$"]);
    assert_eq!((outcome.code, &*outcome.stderr), (Some(0), ""), "{outcome:#?}");
    let of = |outcome: &Outcome, name: &str| {
        let named =
            samples(outcome.stdout()).into_iter().find(|(found, _)| found.starts_with(&format!("wscli_{name}{{")));
        named.map(|(_, value)| value)
    };
    assert_eq!((of(&outcome, "up"), of(&outcome, "expected")), (Some(1.0), Some(1.0)));
    assert_eq!((of(&outcome, "messages_received"), of(&outcome, "message_age_seconds")), (Some(2.0), Some(0.0)));
    assert!(of(&outcome, "expected_seconds").is_some_and(|seconds| seconds > 0.0), "{outcome:#?}");

    let outcome = expecting(&["--expect", "^hel", "--expect", "said", "--expect-timeout", "300ms"]);
    assert_eq!((outcome.code, &*outcome.stderr), (Some(1), "wscli: no message matched --expect said (2 of 2)\n"));
    assert_eq!((of(&outcome, "expected"), of(&outcome, "expected_seconds")), (Some(0.0), None));
    assert!(of(&outcome, "message_age_seconds").is_some_and(|age| age > 0.1), "{outcome:#?}");
}

#[test]
fn what_was_expected_is_in_every_report() {
    let serving = Serving::start(&[]);
    let report = |args: &[&str]| run(&[&["inspect", &serving.url, "--message", "hi"], args].concat(), b"");
    let text = report(&["--expect", "hi"]);
    assert!(text.code == Some(0) && text.stdout().contains("\n  expected     arrived within "), "{text:#?}");
    let json = report(&["--expect", "ho", "--expect-timeout", "200ms", "--json"]);
    let value: Value = serde_json::from_slice(&json.stdout).unwrap();
    Schema::read("inspect.schema.json").check(&value);
    let expectation = &value["expectation"];
    assert_eq!((json.code, &expectation["met"], &expectation["took_ms"]), (Some(1), &json!(false), &json!(null)));
    assert_eq!(
        (&expectation["messages"], &expectation["missing"]),
        (&json!(1), &json!("no message matched --expect ho"))
    );
    assert_eq!(
        (&expectation["ending"], &value["error"]),
        (&json!("closed by us: 1000 (normal closure)"), &json!(null))
    );
    report(&[]).assert("", 2, "--expect <REGEX>");
}
