//! Events as lines of JSON, wherever they are written: docs/events.md.

use std::collections::BTreeSet;
use std::io::Write;
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::support::peer::{acceptance, opened, read_frame, read_head};
use crate::support::program::{Running, Serving, run};
use crate::support::schema::Schema;

/// The lines, each by the schema.
fn records(lines: &str) -> Vec<Value> {
    let schema = Schema::read("events.schema.json");
    let records: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    records.iter().for_each(|record| schema.check(record));
    records
}

/// The records of this type that went this way.
fn of<'a>(records: &'a [Value], direction: &str, name: &str) -> Vec<&'a Value> {
    records.iter().filter(|record| record["direction"] == direction && record["type"] == name).collect()
}

fn millis(record: &Value, field: &str) -> f64 {
    record[field].as_f64().unwrap_or_else(|| panic!("no {field} in {record}"))
}

#[test]
fn round_trips_of_automatic_pings_are_those_of_the_wire() {
    let delay = Duration::from_millis(100);
    let server = opened("", move |socket| {
        let (first, payload) = read_frame(socket);
        assert_eq!((first, payload.len()), (0x89, 8));
        // What is tested is that this time is seen.
        thread::sleep(delay);
        socket.write_all(&[&b"\x8a\x08"[..], &payload, b"\x88\x02\x03\xe8"].concat()).unwrap();
        while read_frame(socket).0 != 0x88 {}
    });
    let outcome = run(&["connect", "-n", "--ping-interval", "50ms", "--out", "json", &server.url], b"");
    server.join();
    let records = records(outcome.stdout());
    let (ping, pong) = (of(&records, "sent", "ping")[0], of(&records, "received", "pong")[0]);
    assert_eq!(ping["base64"], pong["base64"]);
    let round_trip = millis(pong, "round_trip_ms");
    assert!(round_trip >= 100.0, "{round_trip}");
    let apart = millis(pong, "elapsed_ms") - millis(ping, "elapsed_ms");
    assert!((apart - round_trip).abs() < 0.01, "{apart} ms apart, and a round trip of {round_trip} ms");
}

#[test]
fn both_ends_write_the_same_records() {
    let serving = Serving::start(&["--out", "json"]);
    let ours = run(&["connect", "--in", "json", "--out", "json", &serving.url], b"{\"type\":\"text\",\"text\":\"hello\"}\n\
        {\"type\":\"binary\",\"base64\":\"/w==\"}\n{\"type\":\"ping\",\"text\":\"p\"}\n{\"type\":\"close\",\"code\":4000,\"reason\":\"r\"}\n");
    serving.running.signal(Signal::TERM);
    let theirs = serving.running.finish();
    let about_messages = |line: &&str| line.contains("\"direction\"");
    let theirs: Vec<&str> = theirs.stdout().lines().filter(about_messages).collect();
    let [ours, theirs] = [ours.stdout(), &theirs.join("\n")].map(records);
    assert!(theirs.iter().all(|record| record["connection"] == 1), "{theirs:?}");
    // The echo sends messages back, but a Pong for a Ping.
    let both = ["text", "binary", "close"].into_iter().flat_map(|name| [("sent", name), ("received", name)]);
    for (direction, name) in both.chain([("sent", "ping"), ("received", "pong")]) {
        let other = if direction == "sent" { "received" } else { "sent" };
        let ([here], [there]) = (&of(&ours, direction, name)[..], &of(&theirs, other, name)[..]) else {
            panic!("{direction} {name}: {ours:#?} {theirs:#?}")
        };
        let names = |record: &Value| record.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
        let differing: Vec<_> = names(here).symmetric_difference(&names(there)).cloned().collect();
        let answered = if name == "pong" { &["connection", "round_trip_ms"][..] } else { &["connection"] };
        assert_eq!(differing, answered, "{here} {there}");
        let mut same = names(here).intersection(&names(there)).cloned().collect::<BTreeSet<_>>();
        same.retain(|name| !["time", "elapsed_ms", "direction"].contains(&&**name));
        same.iter().for_each(|name| assert_eq!(here[name], there[name], "{name} of {here} and {there}"));
    }
}

#[test]
fn connections_that_follow_one_another_are_numbered() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let running = Running::start(&["connect", "-n", "--reconnect=1", "--retry-delay", "200ms", "--out", "json", &url]);
    for farewell in [&b"\x81\x03one"[..], b"\x81\x03two\x88\x02\x03\xe8"] {
        let (mut socket, _) = listener.accept().unwrap();
        let head = read_head(&mut socket);
        socket.write_all(&[acceptance(&head, "").as_bytes(), farewell].concat()).unwrap();
        if farewell.ends_with(b"\xe8") {
            assert_eq!(read_frame(&mut socket).0, 0x88);
        }
    }
    let records = records(running.finish().stdout());
    let texts = of(&records, "received", "text");
    let told: Vec<_> = texts.iter().map(|record| (record["connection"].as_u64(), record["text"].as_str())).collect();
    assert_eq!(told, [(Some(1), Some("one")), (Some(2), Some("two"))]);
    let [first, second] = texts[..] else { panic!("{texts:?}") };
    let at = |record: &Value| OffsetDateTime::parse(record["time"].as_str().unwrap(), &Rfc3339).unwrap();
    let between = (at(second) - at(first)).as_seconds_f64() * 1e3;
    assert!(millis(second, "elapsed_ms") < between, "the second counts from when it was opened itself");
}
