//! `wscli ping`: which Pings and messages were answered, how long that took, and what the exit code says of it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::peer::{echo_any, opened, read_frame, read_to_end, tungstenite};
use crate::support::program::{Outcome, Running, Serving, run};

/// What stdout says, with T in the place of each time, and without the lines that tell of the way there.
fn told(outcome: &Outcome) -> Vec<String> {
    let lines = outcome.stdout().lines().filter(|line| !line.is_empty());
    let steady = |line: &str| {
        let words: Vec<_> = line.split(' ').filter(|word| !word.is_empty()).collect();
        let is_time = |at: usize| words.get(at + 1).is_some_and(|unit| unit.starts_with("ms"));
        let words = words.iter().enumerate().map(|(at, word)| if is_time(at) { "T" } else { word });
        words.collect::<Vec<_>>().join(" ")
    };
    lines.skip(3).map(steady).collect()
}

/// Answers a Ping with a Pong of this payload.
fn pong(socket: &mut TcpStream, payload: &[u8]) {
    socket.write_all(&[&[0x8a, payload.len() as u8][..], payload].concat()).unwrap();
}

/// The payload of the Ping that comes next.
fn ping(socket: &mut TcpStream) -> Vec<u8> {
    let (first, payload) = read_frame(socket);
    assert_eq!(first, 0x89);
    payload
}

/// Answers the Close that comes next.
fn close(socket: &mut TcpStream) {
    let (first, payload) = read_frame(socket);
    assert_eq!(first, 0x88);
    socket.write_all(&[&[0x88, payload.len() as u8][..], &payload].concat()).unwrap();
    read_to_end(socket);
}

const SUMMARY: &str = "min T ms, mean T ms, median T ms, p99 T ms, max T ms, mdev T ms";

#[test]
fn pings_and_messages_stand_side_by_side() {
    let peer = tungstenite(echo_any);
    let outcome = run(&["ping", "-c", "2", "-i", "0", "--message", "hi", &peer.url], b"");
    let lines = told(&outcome);
    let mut rounds = lines[..4].to_vec();
    rounds.sort_unstable();
    assert_eq!(rounds, ["message 1 T ms", "message 2 T ms", "ping 1 T ms", "ping 2 T ms"]);
    let counts = "2 sent, 2 answered, 0 lost (0 %)";
    assert_eq!(lines[4..], [&format!("pings {counts}"), SUMMARY, &format!("messages {counts}"), SUMMARY]);
    assert_eq!((outcome.code, &*outcome.stderr), (Some(0), "closed by us: 1000 (normal closure)\n"));
    let head: Vec<_> = outcome.stdout().lines().take(3).collect();
    assert_eq!(head[0], peer.url);
    assert!(head[1].starts_with("address  127.0.0.1:"), "{head:?}");
    assert!(head[2].starts_with("times    resolve ") && head[2].contains(" ms, opening handshake "), "{head:?}");
    peer.join();
}

#[test]
fn a_pong_that_is_withheld_is_lost_once_a_later_one_comes() {
    let peer = opened("", |socket| {
        for number in 1..=3 {
            let payload = ping(socket);
            if number != 2 {
                pong(socket, &payload);
            }
        }
        close(socket);
    });
    let outcome = run(&["ping", "-c", "3", "-i", "10ms", &peer.url], b"");
    let lost = "ping 2 no pong: a later ping was answered first";
    let summary = "pings 3 sent, 2 answered, 1 lost (33.3 %)";
    assert_eq!(told(&outcome), ["ping 1 T ms", "ping 3 T ms", lost, summary, SUMMARY]);
    assert_eq!(outcome.code, Some(1));
    peer.join();
}

#[test]
fn a_ping_is_given_up_and_its_late_pong_is_named() {
    let peer = opened("", |socket| {
        let first = ping(socket);
        let second = ping(socket);
        for payload in [&first[..], &b"never asked"[..], b"\x1b]", &second, &second] {
            pong(socket, payload);
        }
        ping(socket);
        close(socket);
    });
    let outcome = run(&["ping", "-c", "3", "-i", "0", "-W", "200ms", "-s", "4", &peer.url], b"");
    let expected = [
        "ping 1 no pong within 200ms",
        "a late or duplicate Pong for ping 1",
        "an unsolicited Pong: \"never asked\"",
        "an unsolicited Pong: 0x1b5d",
        "ping 2 T ms",
        "a late or duplicate Pong for ping 2",
        "ping 3 no pong within 200ms",
        "pings 3 sent, 1 answered, 2 lost (66.7 %)",
        SUMMARY,
    ];
    assert_eq!(told(&outcome), expected);
    assert_eq!(outcome.code, Some(1));
    peer.join();
}

#[test]
fn a_payload_is_its_number_in_as_many_bytes_as_are_asked_for() {
    for (size, payloads) in [("0", ["".to_owned(), "".to_owned()]), ("125", ["1", "2"].map(|n| format!("{n:0>125}")))] {
        let peer = opened("", |socket| {
            let asked = [ping(socket), ping(socket)];
            asked.iter().for_each(|payload| pong(socket, payload));
            close(socket);
            asked
        });
        let outcome = run(&["ping", "-c", "2", "-i", "1ms", "-s", size, &peer.url], b"");
        assert_eq!(outcome.code, Some(0), "{outcome:#?}");
        assert_eq!(peer.join().map(|payload| String::from_utf8(payload).unwrap()), payloads);
    }
}

#[test]
fn the_answer_to_a_message_may_be_any_that_matches() {
    let peer = opened("", |socket| {
        assert_eq!(read_frame(socket), (0x89, b"00000001".to_vec()));
        assert_eq!(read_frame(socket), (0x81, b"what time is it".to_vec()));
        socket.write_all(b"\x81\x05hello\x01\x02ti\x80\x06me: 12").unwrap();
        pong(socket, b"00000001");
        close(socket);
    });
    let message = ["--message", "what time is it", "--answer", "^time: \\d+$"];
    let outcome = run(&[&["ping", "-c", "1", &peer.url][..], &message].concat(), b"");
    assert_eq!(told(&outcome)[..2], ["message 1 T ms", "ping 1 T ms"]);
    assert_eq!(outcome.code, Some(0));
    peer.join();
}

#[test]
fn quiet_tells_only_the_summary() {
    let serving = Serving::start(&[]);
    for flags in [&["-q"][..], &["--quiet", "--json"]] {
        let outcome = run(&[&["ping", "-c", "3", "-i", "0"], flags, &[&serving.url]].concat(), b"");
        let told = outcome.stdout();
        let is_there = told.contains("pings    3 sent, 3 answered") || told.contains(r#""sent":3,"answered":3"#);
        assert!(is_there && !told.contains("ping     1") && !told.contains("round_trip_ms"), "{told}");
        assert_eq!(outcome.code, Some(0));
    }
}

#[test]
fn json_says_the_same() {
    let peer = opened("", |socket| {
        for number in 1..=3 {
            let payload = ping(socket);
            if number != 2 {
                pong(socket, &payload);
            }
        }
        pong(socket, b"x");
        close(socket);
    });
    let outcome = run(&["ping", "--json", "-c", "3", "-i", "1ms", &peer.url], b"");
    let mut lines: Vec<Value> = outcome.stdout().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for line in &mut lines {
        for (key, value) in line.as_object_mut().unwrap() {
            if key.ends_with("_ms") && value.is_f64() {
                *value = json!("T");
            }
        }
    }
    let opened = lines.remove(0);
    assert_eq!((&opened["type"], &opened["url"]), (&json!("opened"), &json!(peer.url)));
    assert!(opened["times_ms"]["opening_handshake"].as_f64().unwrap() > 0.0, "{opened}");
    let pong = |number: u64| json!({"type": "answered", "to": "ping", "number": number, "round_trip_ms": "T"});
    let expected = [
        pong(1),
        pong(3),
        json!({"type": "lost", "to": "ping", "number": 2}),
        json!({"type": "summary", "pings": lines.iter().find_map(|line| line.get("pings")).unwrap()}),
        json!({"type": "closed", "ending": "closed by us: 1000 (normal closure)"}),
    ];
    // The last Pong may come behind our Close.
    lines.retain(|line| line["type"] != "unsolicited_pong");
    assert_eq!(lines, expected);
    let pings = &lines[3]["pings"];
    let counts = ["sent", "answered", "lost", "awaited", "loss_percent"].map(|key| pings[key].as_f64().unwrap());
    assert_eq!(counts, [3.0, 2.0, 1.0, 0.0, 33.3]);
    for key in ["min_ms", "mean_ms", "median_ms", "p99_ms", "max_ms", "mdev_ms"] {
        assert!(pings[key].as_f64().is_some(), "{pings}");
    }
    assert_eq!(outcome.code, Some(1));
    peer.join();
}

#[test]
fn a_connection_that_goes_takes_its_pings_along() {
    let peer = opened("", |socket| {
        let payload = ping(socket);
        pong(socket, &payload);
        ping(socket);
    });
    let outcome = run(&["ping", "-c", "5", "-i", "0", &peer.url], b"");
    let lines = told(&outcome);
    assert_eq!(lines[0], "ping 1 T ms");
    assert_eq!(lines[1], "pings 2 sent, 1 answered, 1 lost (50 %)");
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    peer.join();
    // Where nothing was lost, how the connection ended counts.
    let peer = opened("", |socket| {
        let payload = ping(socket);
        pong(socket, &payload);
    });
    let outcome = run(&["ping", "-c", "5", "-i", "1h", &peer.url], b"");
    assert_eq!(told(&outcome)[1], "pings 1 sent, 1 answered, 0 lost (0 %)");
    assert_eq!(outcome.code, Some(7), "{outcome:#?}");
    peer.join();
}

/// As with ping(8): a ping just before the end of the time is no failure, but a server that answers none is, and one that answers
/// fewer than were asked for.
#[test]
fn the_end_of_the_time_makes_no_success_of_what_was_not_answered() {
    for (flags, answers) in [(&[][..], 0), (&["-c", "3"], 2)] {
        let peer = opened("", move |socket| {
            for _ in 0..answers {
                let payload = ping(socket);
                pong(socket, &payload);
            }
            read_to_end(socket);
        });
        let outcome = run(&[&["ping", "-i", "0", "-m", "1s", &peer.url], flags].concat(), b"");
        let summary = format!("{} sent, {answers} answered, 0 lost (0 %), 1 still awaited", answers + 1);
        assert!(told(&outcome).iter().any(|line| line.contains(&summary)), "{outcome:#?}");
        assert_eq!(outcome.code, Some(1), "{outcome:#?}");
        peer.join();
    }
}

#[test]
fn the_end_of_the_time_loses_nothing() {
    let peer = opened("", |socket| {
        let payload = ping(socket);
        pong(socket, &payload);
        assert_eq!(read_frame(socket).0, 0x89);
        assert_eq!(read_frame(socket), (0x88, vec![0x03, 0xe9]));
        socket.write_all(b"\x88\x02\x03\xe9").unwrap();
        read_to_end(socket);
    });
    let outcome = run(&["ping", "-i", "0", "-m", "1s", &peer.url], b"");
    assert_eq!(told(&outcome), ["ping 1 T ms", "pings 2 sent, 1 answered, 0 lost (0 %), 1 still awaited", SUMMARY]);
    assert_eq!(outcome.stderr, "stopped by --max-time 1s\nclosed by us: 1001 (going away)\n");
    assert_eq!(outcome.code, Some(0));
    peer.join();
}

#[test]
fn ctrl_c_closes_and_tells_what_there_was() {
    let peer = opened("", |socket| {
        let payload = ping(socket);
        pong(socket, &payload);
        close(socket);
    });
    let mut child = Running::start_unread(&["ping", "-i", "1h", &peer.url]);
    let mut stdout = BufReader::new(child.take_stdout());
    let mut line = String::new();
    while !line.starts_with("ping ") {
        line.clear();
        stdout.read_line(&mut line).unwrap();
    }
    child.signal(Signal::INT);
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    assert!(rest.starts_with("\npings    1 sent, 1 answered, 0 lost (0 %)\n"), "{rest}");
    let outcome = child.finish();
    assert_eq!(outcome.code, Some(130));
    peer.join();
}
