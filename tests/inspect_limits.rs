//! `wscli inspect --limits`: servers that end connections each in its own way, and what is said of them.

use std::io::ErrorKind;
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::{Value, json};
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tungstenite::{Error, Message, WebSocket};

use crate::support::program::{Running, run};
use crate::support::schema::Schema;

/// What ends a connection that is kept open by nothing.
const LIMIT: Duration = Duration::from_millis(500);

/// Connections are watched for so long, and something is sent on them so often.
const WATCHED: [&str; 5] = ["--quick", "--for", "2s", "--every", "100ms"];

/// Does the same with every connection, for as long as the test runs.
fn each(script: impl Fn(WebSocket<TcpStream>) + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let script = Arc::new(script);
    thread::spawn(move || {
        for socket in listener.incoming().map(Result::unwrap) {
            let script = Arc::clone(&script);
            let config = WebSocketConfig::default().max_message_size(Some(100_000)).max_frame_size(None);
            thread::spawn(move || {
                drop(tungstenite::accept_with_config(socket, Some(config)).map(|socket| script(socket)))
            });
        }
    });
    url
}

/// Closes, and waits until the client is gone, whatever it still sends.
fn close(mut websocket: WebSocket<TcpStream>, code: CloseCode) {
    let _ = websocket.close(Some(CloseFrame { code, reason: "".into() }));
    let _ = websocket.flush();
    let _ = std::io::copy(websocket.get_mut(), &mut std::io::sink());
}

/// The next thing that comes until then.
fn read_until(websocket: &mut WebSocket<TcpStream>, deadline: Instant) -> Option<Result<Message, Error>> {
    let left = deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
    websocket.get_ref().set_read_timeout(Some(left)).unwrap();
    match websocket.read() {
        Err(Error::Io(error)) if error.kind() == ErrorKind::WouldBlock => None,
        other => Some(other),
    }
}

/// Reads, and closes whatever is too large with 1009, until nothing has come for a while that counts.
fn ends_when_idle(mut websocket: WebSocket<TcpStream>, counts: fn(&Message) -> bool) {
    let mut deadline = Instant::now() + LIMIT;
    loop {
        match read_until(&mut websocket, deadline) {
            Some(Ok(message)) if counts(&message) => deadline = Instant::now() + LIMIT,
            Some(Ok(_)) if Instant::now() < deadline => {}
            Some(Err(Error::Capacity(_))) => return close(websocket, CloseCode::Size),
            Some(Err(_)) => return,
            Some(Ok(_)) | None => return close(websocket, CloseCode::from(4000)),
        }
    }
}

/// The part of the report that tells of limits.
fn limits(url: &str, flags: &[&str]) -> Value {
    let outcome = run(&[&["inspect", "--json", "--limits", url], &WATCHED[..], flags].concat(), b"");
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    let report: Value = serde_json::from_slice(&outcome.stdout).unwrap();
    Schema::read("inspect.schema.json").check(&report);
    report["limits"].clone()
}

/// How the connection ended that was kept alive by this, and how long it lived.
fn life<'a>(limits: &'a Value, kept_by: &str) -> (&'a str, f64) {
    let all = limits["lifetimes"].as_array().unwrap();
    let one = all.iter().find(|one| one["kept_by"] == kept_by).unwrap();
    (one["ended_by"].as_str().unwrap(), one["lived_ms"].as_f64().unwrap())
}

/// Without the time, which is checked to be about as long as the limit.
fn verdict(limits: &Value) -> Value {
    let mut verdict = limits["verdict"].clone();
    let after = verdict.as_object_mut().unwrap().remove("after_ms");
    if let Some(after) = after.map(|after| after.as_f64().unwrap()) {
        // The server's clock began before ours; what ends no sooner than it is watched has no such limit.
        assert!((LIMIT.as_secs_f64() * 1000.0 - 100.0..1900.0).contains(&after), "{after}");
    }
    verdict
}

#[test]
fn an_idle_limit_is_told_by_what_keeps_a_connection_open() {
    let limits = limits(&each(|websocket| ends_when_idle(websocket, |_| true)), &[]);
    assert_eq!(
        verdict(&limits),
        json!({"type": "idle", "kept_open_by": ["pings", "pongs", "messages"], "counts": "any_frame"})
    );
    assert_eq!((life(&limits, "silence").0, life(&limits, "pings").0), ("close", "open"));
    assert_eq!(limits["lifetimes"][0]["code"], 4000);
}

#[test]
fn an_idle_limit_may_count_messages_alone() {
    let limits = limits(&each(|websocket| ends_when_idle(websocket, |message| message.is_text())), &[]);
    assert_eq!(verdict(&limits), json!({"type": "idle", "kept_open_by": ["messages"], "counts": "messages"}));
}

#[test]
fn the_largest_message_is_found_exactly_where_it_is_a_round_number() {
    let limits = limits(&each(|websocket| ends_when_idle(websocket, |_| true)), &[]);
    let sizes = limits["message_sizes"].as_array().unwrap();
    let found: Vec<_> = sizes.iter().map(|size| (&size["sent_as"], &size["taken"], &size["refused"])).collect();
    let [(one_frame, taken, refused), (fragments, taken_in_fragments, _)] = found[..] else { panic!("{sizes:#?}") };
    assert_eq!((one_frame, taken), (&json!("one_frame"), &json!(100_000)));
    assert_eq!((&refused["bytes"], &refused["code"]), (&json!(100_001), &json!(1009)), "{refused:#}");
    assert_eq!((fragments, taken_in_fragments), (&json!("fragments"), &json!(100_000)));
    assert_eq!(limits["burst"], json!({"bytes": 16, "taken": 1000, "refused": null}));
}

#[test]
fn as_many_messages_at_once_as_are_taken_are_counted() {
    let url = each(|mut websocket| {
        let mut messages = 0;
        while let Ok(message) = websocket.read() {
            messages += u32::from(message.is_text());
            if messages > 123 {
                return close(websocket, CloseCode::Policy);
            }
        }
    });
    // More than is queued at once, too.
    let long = json!("long ".repeat(2000)).to_string();
    for flags in [&[][..], &["--message", &long]] {
        let limits = limits(&url, flags);
        assert_eq!(limits["burst"]["taken"], json!(123), "{limits:#}");
        assert_eq!(limits["burst"]["refused"]["messages"], json!(124), "{limits:#}");
        assert_eq!(limits["burst"]["refused"]["code"], json!(1008), "{limits:#}");
    }
}

#[test]
fn a_limit_of_the_lifetime_is_told_from_an_idle_one() {
    let limits = limits(
        &each(|mut websocket| {
            let deadline = Instant::now() + LIMIT;
            while Instant::now() < deadline {
                match read_until(&mut websocket, deadline) {
                    Some(Err(Error::Capacity(_))) => return close(websocket, CloseCode::Size),
                    Some(Err(_)) => return,
                    Some(Ok(_)) | None => {}
                }
            }
            // Without a Close.
            drop(websocket);
        }),
        &[],
    );
    assert_eq!(verdict(&limits), json!({"type": "lifetime"}));
}

#[test]
fn who_had_said_something_may_have_waited_for_an_answer() {
    let url = each(|mut websocket| {
        let _ = websocket.send(Message::text("2\x1b[31m\""));
        let deadline = Instant::now() + LIMIT;
        while Instant::now() < deadline {
            match read_until(&mut websocket, deadline) {
                Some(Err(Error::Capacity(_))) => return close(websocket, CloseCode::Size),
                Some(Err(_)) => return,
                Some(Ok(_)) | None => {}
            }
        }
        let _ = websocket.close(Some(CloseFrame { code: CloseCode::from(4408), reason: "login timeout".into() }));
        let _ = std::io::copy(websocket.get_mut(), &mut std::io::sink());
    });
    let outcome = run(&[&["inspect", "--limits", &url], &WATCHED[..]].concat(), b"");
    let report = outcome.stdout();
    assert!(report.contains(": a lifetime limit, or the server waits for an answer or a login\n"), "{report}");
    let last = "               peer closed: 4408 \"login timeout\"; its last message was \"2\\x1b[31m\\\"\"\n";
    assert!(report.contains(last), "{report}");
    let found = limits(&url, &[]);
    assert_eq!(found["verdict"]["type"], "lifetime_or_answer", "{found:#}");
    assert_eq!(found["verdict"]["last_message"], "2\x1b[31m\"", "{found:#}");
}

#[test]
fn who_gives_a_reason_may_have_waited_for_a_login() {
    let url = each(|mut websocket| {
        let deadline = Instant::now() + LIMIT;
        while Instant::now() < deadline {
            match read_until(&mut websocket, deadline) {
                Some(Err(Error::Capacity(_))) => return close(websocket, CloseCode::Size),
                Some(Err(_)) => return,
                Some(Ok(_)) | None => {}
            }
        }
        close(websocket, CloseCode::from(4408));
    });
    let found = limits(&url, &[]);
    let verdict = &found["verdict"];
    assert_eq!((&verdict["type"], &verdict["last_message"]), (&json!("lifetime_or_answer"), &Value::Null), "{found:#}");
}

#[test]
fn a_server_that_misses_our_pongs_is_told_from_one_with_an_idle_limit() {
    let limits = limits(
        &each(|mut websocket| {
            let mut is_answered = true;
            while is_answered {
                if websocket.send(Message::Ping("?".into())).is_err() {
                    return;
                }
                let deadline = Instant::now() + LIMIT / 2;
                is_answered = false;
                while Instant::now() < deadline {
                    match read_until(&mut websocket, deadline) {
                        Some(Ok(Message::Pong(payload))) => is_answered |= *payload == *b"?",
                        Some(Err(Error::Capacity(_))) => return close(websocket, CloseCode::Size),
                        Some(Err(_)) => return,
                        Some(Ok(_)) | None => {}
                    }
                }
            }
        }),
        &[],
    );
    assert_eq!(limits["verdict"]["type"], "unanswered_pings", "{limits:#}");
    assert!(life(&limits, "no_pongs").0 != "open" && life(&limits, "silence").0 == "open", "{limits:#}");
    assert!(limits["lifetimes"][0]["server_ping_interval_ms"].as_f64().unwrap() >= 200.0, "{limits:#}");
}

#[test]
fn a_way_that_goes_quiet_is_found_by_a_ping() {
    let url = each(|mut websocket| {
        let deadline = Instant::now() + LIMIT;
        while Instant::now() < deadline {
            match read_until(&mut websocket, deadline) {
                Some(Err(Error::Capacity(_))) => return close(websocket, CloseCode::Size),
                Some(Err(_)) => return,
                Some(Ok(_)) | None => {}
            }
        }
        // Nothing more is read, nor sent, until the end of the test.
        loop {
            thread::park();
        }
    });
    let limits = limits(&url, &["--ping-timeout", "300ms"]);
    assert_eq!((&limits["verdict"]["type"], &limits["verdict"]["kept_open_by"]), (&json!("silent"), &json!([])));
    assert_eq!(life(&limits, "pings").0, "no_answer");
}

#[test]
fn what_a_server_makes_of_our_message_is_no_limit() {
    let url = each(|mut websocket| {
        while let Ok(message) = websocket.read() {
            if message.is_text() {
                return close(websocket, CloseCode::Unsupported);
            }
        }
    });
    let outcome = run(&[&["inspect", "--limits", &url], &WATCHED[..]].concat(), b"");
    assert_eq!(outcome.code, Some(0));
    let report = outcome.stdout();
    for told in [
        "no message was accepted, not even one of 16 bytes: peer closed: 1003 (unsupported data); sizes can only be tried",
        "  verdict      nothing ends a connection within 2.0 s, except that the server rejects our message\n",
        "               --message TEXT sends another one\n",
    ] {
        assert!(report.contains(told), "{report}");
    }
    assert!(outcome.stderr.contains("watching 6 connections for up to 2s; Ctrl-C reports what is known by then\n"));
}

/// As a framework does whose library answers Pings on another thread.
fn drops_what_is_no_json(mut websocket: WebSocket<TcpStream>) {
    loop {
        match websocket.read() {
            Ok(Message::Text(text)) if serde_json::from_str::<Value>(&text).is_err() => break,
            Ok(_) => {}
            Err(Error::Capacity(_)) => return close(websocket, CloseCode::Size),
            Err(_) => return,
        }
    }
    // The Pong to the Ping that comes behind the message is quicker than what the application thinks of it.
    while websocket.read().is_ok_and(|message| !message.is_ping()) {}
    let _ = websocket.flush();
    thread::sleep(Duration::from_millis(20));
}

#[test]
fn a_message_that_the_application_rejects_later_was_not_accepted() {
    let url = each(drops_what_is_no_json);
    let outcome = run(&[&["inspect", "--limits", &url], &WATCHED[..]].concat(), b"");
    let report = outcome.stdout();
    assert!(report.contains("no message was accepted, not even one of 16 bytes: "), "{report}");
    assert!(report.contains("; sizes can only be tried with a message that it knows: --message TEXT\n"), "{report}");
    assert!(!report.contains("at once"), "{report}");
    let found = limits(&url, &["--message", r#"{"op":"a message of more"}"#]);
    assert_eq!(found["message_sizes"][0]["taken"], json!(100_000), "{found:#}");
    assert_eq!(found["burst"], json!({"bytes": 26, "taken": 1000, "refused": null}), "{found:#}");
}

#[test]
fn what_is_known_is_told_where_a_signal_ends_it() {
    let url = each(|mut websocket| while websocket.read().is_ok() {});
    let mut running = Running::start(&["inspect", "--limits", "--quick", &url]);
    running.line_with("watching 6 connections");
    running.signal(Signal::INT);
    let outcome = running.finish();
    assert_eq!(outcome.code, Some(130), "{outcome:#?}");
    let report = outcome.stdout();
    assert!(report.contains("  kept by      silence       stopped after "), "{report}");
    assert!(report.contains("  verdict      not enough data to say what ends a connection\n"), "{report}");
}

#[test]
fn the_end_of_the_time_is_the_end_of_watching() {
    let url = each(|mut websocket| while websocket.read().is_ok() {});
    let outcome = run(&["inspect", "--limits", "--quick", "-m", "3s", &url], b"");
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    assert!(outcome.stdout().contains("  verdict      nothing ends a connection within "), "{outcome:#?}");
}

/// While it is still being tried how large a message may be: servers that take a little and then nothing any more.
#[test]
fn what_is_known_is_told_whenever_the_time_is_up() {
    let url = each(|mut websocket| {
        while websocket.read().is_ok_and(|message| message.len() < 1000) {}
        std::thread::park_timeout(crate::support::program::PATIENCE);
    });
    for (flags, begins) in [(&[][..], "ws://"), (&["--json"], "{"), (&["--prometheus"], "# HELP wscli_up")] {
        let outcome = run(&[&["inspect", "--limits", "-m", "1500ms", &url], flags].concat(), b"");
        assert!(outcome.code == Some(0) && outcome.stdout().starts_with(begins), "{outcome:#?}");
        assert!(outcome.stderr.contains("stopped by --max-time 1.5s\n"), "{outcome:#?}");
        assert!(!flags.is_empty() || outcome.stdout().contains("accepted up to 16 bytes in one frame"), "{outcome:#?}");
    }
}

#[test]
fn what_belongs_to_limits_needs_them() {
    for flags in [&["--quick"][..], &["--for", "1s"], &["--every", "1s"], &["--message", "x"]] {
        let outcome = run(&[&["inspect", "ws://127.0.0.1:1/"], flags].concat(), b"");
        assert!(outcome.code == Some(2) && outcome.stderr.contains("--limits"), "{outcome:#?}");
    }
}
