//! `wscli bench`: what is sent on how many connections, and what the report says of it.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tungstenite::protocol::CloseFrame;
use tungstenite::{Message, WebSocket};

use crate::support::files::Folder;
use crate::support::peer::{acceptance, one_connection, read_frame, read_head, read_to_end};
use crate::support::program::{NO_CONFIG, Outcome, PATIENCE, Running, run};
use crate::support::terminal::Terminal;

/// tungstenite's WebSocket as a server for several connections, each with a number from 0 in the order of their arrival.
struct Servers<T> {
    url: String,
    thread: JoinHandle<Vec<JoinHandle<T>>>,
}

impl<T: Send + 'static> Servers<T> {
    fn start(count: usize, script: impl Fn(usize, &mut WebSocket<TcpStream>) -> T + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("ws://{}/", listener.local_addr().unwrap());
        let script = Arc::new(script);
        let serve = move |number, socket: TcpStream| {
            let script = Arc::clone(&script);
            thread::spawn(move || {
                socket.set_read_timeout(Some(PATIENCE)).unwrap();
                socket.set_nodelay(true).unwrap();
                let mut websocket = tungstenite::accept(socket).unwrap();
                let outcome = script(number, &mut websocket);
                while websocket.read().is_ok() {}
                outcome
            })
        };
        let accept = move || (0..count).map(|number| serve(number, listener.accept().unwrap().0)).collect();
        Self { url, thread: thread::spawn(accept) }
    }

    fn join(self) -> Vec<T> {
        self.thread.join().unwrap().into_iter().map(|thread| thread.join().unwrap()).collect()
    }
}

/// Echoes messages until the client closes, and returns them.
fn echoed(websocket: &mut WebSocket<TcpStream>) -> Vec<Message> {
    let mut messages = Vec::new();
    while let Ok(message) = websocket.read() {
        if message.is_text() || message.is_binary() {
            websocket.send(message.clone()).unwrap();
            messages.push(message);
        }
    }
    messages
}

fn report(outcome: &Outcome) -> Value {
    serde_json::from_slice(&outcome.stdout).unwrap_or_else(|why| panic!("{why}: {outcome:#?}"))
}

fn bench(args: &[&str], url: &str) -> Outcome {
    run(&[&["bench"], args, &[url]].concat(), b"")
}

fn processors() -> usize {
    thread::available_parallelism().unwrap().get()
}

/// Takes the line of a terminal away.
const ERASE: &str = "\r\x1b[K";

const NORMAL: &str = "closed by us: 1000 (normal closure)";

#[test]
fn a_closed_loop_shares_its_messages_out() {
    let servers = Servers::start(3, |_, websocket| echoed(websocket));
    let args = ["-c", "3", "-n", "31", "--in-flight", "4", "--reply", "echo", "--json", "--no-compress"];
    let outcome = bench(&args, &servers.url);
    let messages = servers.join();
    let mut counts: Vec<_> = messages.iter().map(Vec::len).collect();
    counts.sort_unstable();
    assert_eq!(counts, [10, 10, 11]);
    let first = messages[0][0].clone();
    assert!(first.is_text() && first.len() == 16, "{first:?}");
    assert!(messages.iter().flatten().all(|message| *message == first));
    let report = report(&outcome);
    assert_eq!(report["model"], json!({"loop": "closed", "in_flight": 4}));
    let connections = &report["connections"];
    let counts = ["asked", "opened", "failed", "lost"].map(|key| connections[key].as_u64().unwrap());
    assert_eq!(counts, [3, 3, 0, 0]);
    assert_eq!(connections["endings"], json!({ NORMAL: 3 }));
    assert_eq!(connections["opening"]["opening_handshake"]["count"], 3);
    let messages = &report["messages"];
    for direction in ["sent", "received"] {
        assert_eq!((&messages[direction]["messages"], &messages[direction]["bytes"]), (&json!(31), &json!(31 * 16)));
    }
    // A header of two bytes, one with a masking key, and a Close of each connection.
    assert_eq!(messages["sent"]["wire_bytes"], 31 * (6 + 16) + 3 * 8);
    assert_eq!(messages["received"]["wire_bytes"], 31 * (2 + 16) + 3 * 4);
    assert_eq!((&messages["unanswered"], &messages["unsolicited"]), (&json!(0), &json!(0)));
    assert_eq!(report["round_trips"]["count"], 31);
    assert_eq!((outcome.code, &*outcome.stderr), (Some(0), ""));
}

#[test]
fn the_text_says_which_loop_it_was() {
    let servers = Servers::start(1, |_, websocket| echoed(websocket));
    let outcome = bench(&["-c", "1", "-n", "2"], &servers.url);
    let stdout = outcome.stdout();
    let closed =
        "closed loop: service time, with 1 message in flight per connection (while the server stalls, nothing is sent)";
    for line in
        [closed, "connections  1 opened, 0 failed, 0 lost", "messages     0 unanswered", "round trips  service time"]
    {
        assert!(stdout.lines().any(|told| told == line), "no {line:?} in {stdout}");
    }
    for begin in [&*servers.url, "measured for ", "  opening handshake  p50 ", "  99.99 %    ", "generator    "] {
        assert!(stdout.lines().any(|told| told.starts_with(begin)), "no {begin:?} in {stdout}");
    }
    assert!(stdout.contains(&format!("1 × {NORMAL}\n")) && stdout.contains(" of 2\n"), "{stdout}");
    servers.join();
}

#[test]
fn what_is_no_echo_answers_nothing() {
    let servers = Servers::start(1, |_, websocket| {
        for _ in 0..3 {
            let message = websocket.read().unwrap();
            websocket.send(Message::text("another")).unwrap();
            websocket.send(Message::text(format!("{message}!"))).unwrap();
            websocket.send(message).unwrap();
        }
    });
    let args = ["-c", "1", "-n", "3", "--reply", "echo", "-d", "mine", "--json"];
    let report = report(&bench(&args, &servers.url));
    servers.join();
    let messages = &report["messages"];
    assert_eq!((&messages["unsolicited"], &messages["received"]["messages"]), (&json!(6), &json!(9)));
    assert_eq!((&report["round_trips"]["count"], &messages["unanswered"]), (&json!(3), &json!(0)));
}

#[test]
fn an_answer_that_does_not_come_is_given_up() {
    let servers = Servers::start(2, |number, websocket| {
        let message = websocket.read().unwrap();
        if number == 0 {
            websocket.send(message).unwrap();
            websocket.read().unwrap();
        }
    });
    let outcome = bench(&["-c", "2", "-n", "8", "--timeout", "200ms", "--json"], &servers.url);
    servers.join();
    let report = report(&outcome);
    let messages = ["unanswered", "unsent"].map(|key| report["messages"][key].as_u64().unwrap());
    assert_eq!((messages, &report["round_trips"]["count"]), ([2, 5], &json!(1)));
    assert_eq!((&report["connections"]["lost"], outcome.code), (&json!(0), Some(0)));
}

#[test]
fn connections_that_are_lost_or_never_open_are_told_with_their_reasons() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let (first, _) = listener.accept().unwrap();
        let mut first = tungstenite::accept(first).unwrap();
        let (mut second, _) = listener.accept().unwrap();
        read_head(&mut second);
        second.write_all(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n").unwrap();
        let message = first.read().unwrap();
        first.send(message).unwrap();
        first.read().unwrap();
        first.close(Some(CloseFrame { code: 1011.into(), reason: "bug".into() })).unwrap();
        while first.read().is_ok() {}
    });
    let outcome = bench(&["-c", "2", "--json"], &url);
    server.join().unwrap();
    let report = report(&outcome);
    let connections = &report["connections"];
    let counts = ["asked", "opened", "failed", "lost"].map(|key| connections[key].as_u64().unwrap());
    assert_eq!(counts, [2, 1, 1, 1]);
    assert_eq!(connections["endings"], json!({"peer closed: 1011 (internal error) \"bug\"": 1}));
    let failures = connections["failures"].as_object().unwrap();
    assert!(failures.len() == 1 && failures.keys().all(|why| why.contains("503")), "{failures:?}");
    assert_eq!((&report["messages"]["unanswered"], &report["round_trips"]["count"]), (&json!(1), &json!(1)));
    assert_eq!(outcome.code, Some(0));
}

#[test]
fn a_first_connection_that_does_not_open_is_an_error() {
    let peer = one_connection(|mut socket| {
        read_head(&mut socket);
        socket.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").unwrap();
    });
    bench(&["-c", "5"], &peer.url).assert("", 5, "404");
    peer.join();
}

#[test]
fn what_is_sent_to_warm_up_is_in_no_figure() {
    let servers = Servers::start(1, |_, websocket| echoed(websocket).len());
    let args = ["-c", "1", "-n", "10", "--rate", "100/s", "--warmup", "200ms", "--json", "--no-compress"];
    let report = report(&bench(&args, &servers.url));
    // The first twenty are the warm-up's.
    assert_eq!(servers.join(), [30]);
    assert_eq!((&report["messages"]["sent"]["messages"], &report["round_trips"]["count"]), (&json!(10), &json!(10)));
    assert_eq!((&report["send_delays"]["count"], &report["messages"]["unanswered"]), (&json!(10), &json!(0)));
    // Frames are counted from the opening of the connections on.
    assert_eq!(report["messages"]["sent"]["wire_bytes"], 30 * (6 + 16) + 8);
    assert!(report["seconds"].as_f64().unwrap() >= 0.09, "{report:#}");
}

#[test]
fn nothing_is_an_answer_where_none_is_awaited() {
    let servers = Servers::start(1, |_, websocket| {
        let first = websocket.read().unwrap();
        websocket.send(first).unwrap();
        let mut received = 1;
        while let Ok(message) = websocket.read() {
            received += u32::from(message.is_text());
        }
        received
    });
    let args = ["-c", "1", "-n", "10", "--rate", "20/s", "--reply", "none", "--timeout", "1h", "--json"];
    let outcome = bench(&args, &servers.url);
    assert_eq!((servers.join(), outcome.code), (vec![10], Some(0)));
    let report = report(&outcome);
    let messages = &report["messages"];
    assert_eq!((&messages["sent"]["messages"], &messages["received"]["messages"]), (&json!(10), &json!(1)));
    assert_eq!(
        (&messages["unanswered"], &messages["unsolicited"], &report["round_trips"]),
        (&json!(0), &json!(0), &json!(null))
    );
    assert_eq!((&report["connections"]["lost"], &report["send_delays"]["count"]), (&json!(0), &json!(10)));
}

/// What is told of a peer that reads its request, and nothing more until the client is gone.
fn with_a_peer_that_takes_nothing(args: &[&str]) -> Value {
    let (gone, is_gone) = channel::<()>();
    let peer = one_connection(move |mut socket| {
        let head = read_head(&mut socket);
        socket.write_all(acceptance(&head, "").as_bytes()).unwrap();
        let _ = is_gone.recv();
    });
    let common = ["-c", "1", "--timeout", "200ms", "--close-timeout", "100ms", "--no-compress", "--json"];
    let outcome = bench(&[&common[..], args].concat(), &peer.url);
    drop(gone);
    peer.join();
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    report(&outcome)
}

#[test]
fn a_peer_that_takes_nothing_ends_no_run() {
    // Much more than the buffers of two kernels.
    let open = with_a_peer_that_takes_nothing(&["--size", "1M", "--rate", "100/s", "-z", "500ms"]);
    let count = |report: &Value, key: &str| report["messages"][key].as_u64().unwrap();
    let sent = open["messages"]["sent"]["messages"].as_u64().unwrap();
    assert!(count(&open, "unsent") > 0 && sent + count(&open, "unsent") == 50, "{open:#}");
    assert_eq!((count(&open, "unanswered"), &open["connections"]["lost"]), (sent, &json!(1)), "{open:#}");
    let closed = with_a_peer_that_takes_nothing(&["--size", "16M", "-n", "2"]);
    assert_eq!((count(&closed, "unanswered"), count(&closed, "unsent")), (1, 1), "{closed:#}");
    assert_eq!(closed["round_trips"], json!(null));
}

/// What a server that stalls once for 300 ms makes of 100 messages in a second.
fn with_a_stall(args: &[&str]) -> Value {
    let servers = Servers::start(1, |_, websocket| {
        for number in 0..100 {
            if number == 40 {
                thread::sleep(Duration::from_millis(300));
            }
            let message = websocket.read().unwrap();
            websocket.send(message).unwrap();
        }
    });
    let outcome = bench(&[&["-c", "1", "-n", "100", "--json"], args].concat(), &servers.url);
    servers.join();
    report(&outcome)
}

#[test]
fn a_stall_is_charged_to_every_message_that_was_planned() {
    let report = with_a_stall(&["--rate", "100/s"]);
    assert_eq!(report["model"], json!({"loop": "open", "rate": 100.0, "of_each": false}));
    assert_eq!(report["round_trips"]["count"], 100);
    let percentile = |name: &str| report["round_trips"]["percentiles_ms"][name].as_f64().unwrap();
    // Some thirty were planned within it, and waited for 300 ms down to none.
    assert!(percentile("90") > 100.0 && percentile("99") > 200.0, "{report:#}");
    assert!(report["send_delays"]["count"].as_u64() == Some(100), "{report:#}");
    assert!(report["seconds"].as_f64().unwrap() >= 0.99, "{report:#}");
}

#[test]
fn one_message_has_no_rate() {
    let servers = Servers::start(1, |_, websocket| echoed(websocket));
    let outcome = bench(&["-c", "1", "-n", "1", "-d", "hi"], &servers.url);
    assert!(outcome.stdout().contains("  sent       1, 2 B, "), "{outcome:#?}");
    assert!(outcome.stdout().contains("  received   1, 2 B, "), "{outcome:#?}");
}

#[test]
fn a_message_may_be_any_file() {
    let folder = Folder::new();
    let path = folder.file("message", b"\x00\xff\x80");
    let servers = Servers::start(1, |_, websocket| echoed(websocket));
    let message = format!("@{path}");
    let outcome = bench(&["-c", "1", "-n", "1", "--binary", "-d", &message, "--reply", "echo"], &servers.url);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    assert_eq!(servers.join(), [[Message::binary(b"\x00\xff\x80".to_vec())]]);
    bench(&["-d", &message], "ws://127.0.0.1:1/").assert("", 2, "not UTF-8");
}

#[test]
fn public_servers_are_loaded_on_purpose_only() {
    let proxied = |args: &[&str]| {
        // What its name leads to is only known behind the proxy.
        let proxy = one_connection(|mut socket| {
            assert!(read_head(&mut socket).starts_with("CONNECT example.com:80 "));
            socket.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
            let head = read_head(&mut socket);
            socket.write_all(acceptance(&head, "").as_bytes()).unwrap();
            let first = read_frame(&mut socket);
            socket.write_all(b"\x81\x02ok").unwrap();
            read_to_end(&mut socket);
            first
        });
        let address = proxy.url.trim_start_matches("ws://").to_owned();
        let outcome = bench(&[args, &["-c", "1", "-n", "1", "-d", "hi", "-x", &address]].concat(), "ws://example.com/");
        (outcome, proxy.join())
    };
    let (outcome, frame) = proxied(&[]);
    outcome.assert("", 2, "ws://example.com/ is not on this machine or in a private network");
    assert!(outcome.stderr.contains("--i-may") && frame == (0x88, vec![0x03, 0xe8]), "{outcome:#?} {frame:?}");
    let (outcome, frame) = proxied(&["--i-may", "--close-timeout", "100ms"]);
    assert!(outcome.code == Some(0) && frame == (0x81, b"hi".to_vec()), "{outcome:#?} {frame:?}");
}

#[test]
fn connections_alone_are_kept_for_their_time() {
    let servers = Servers::start(5, |_, websocket| websocket.read().unwrap().is_close());
    let outcome = bench(&["-c", "5", "--connect-only", "-z", "100ms", "--ramp", "100ms"], &servers.url);
    assert_eq!(servers.join(), [true; 5]);
    assert!(
        outcome.stdout().contains("connections only: nothing is sent on them\nmeasured for 0.1 s\n"),
        "{outcome:#?}"
    );
    assert!(!outcome.stdout().contains("round trips"), "{outcome:#?}");
}

#[test]
#[cfg(target_os = "linux")]
fn connections_share_threads() {
    // 32 open connections, and the first thread waits.
    let connections = processors() + 60;
    let (sent, messages) = channel();
    let servers = Servers::start(connections, move |_, websocket| {
        websocket.read().unwrap();
        sent.send(()).unwrap();
        websocket.read().unwrap().is_close()
    });
    let child = Running::start(&["bench", "-c", &connections.to_string(), "-z", "1h", "--json", &servers.url]);
    // Nothing is sent before all are open.
    (0..connections).for_each(|_| messages.recv_timeout(PATIENCE).unwrap());
    let threads = std::fs::read_dir(format!("/proc/{}/task", child.pid())).unwrap().count();
    assert!(threads < connections, "{threads}");
    child.signal(Signal::TERM);
    let outcome = child.finish();
    assert_eq!((servers.join(), outcome.code), (vec![true; connections], Some(143)));
    assert_eq!(report(&outcome)["connections"]["opened"], connections);
}

#[test]
fn a_signal_ends_it_with_what_there_was() {
    let (answered, answers) = channel();
    let servers = Servers::start(2, move |_, websocket| {
        let message = websocket.read().unwrap();
        websocket.send(message).unwrap();
        websocket.read().unwrap();
        answered.send(()).unwrap();
        loop {
            match websocket.read().unwrap() {
                Message::Close(close) => return close.map(|close| u16::from(close.code)),
                _ => continue,
            }
        }
    });
    let child = Running::start(&["bench", "-c", "2", "--json", &servers.url]);
    (0..2).for_each(|_| answers.recv_timeout(PATIENCE).unwrap());
    child.signal(Signal::TERM);
    let outcome = child.finish();
    assert_eq!(servers.join(), [Some(1001); 2]);
    let report = report(&outcome);
    assert_eq!((&report["interrupted"], &report["round_trips"]["count"]), (&json!(true), &json!(2)));
    assert_eq!((&report["connections"]["lost"], outcome.code), (&json!(0), Some(143)));
}

#[test]
fn numbered_answers_come_in_any_order() {
    let servers = Servers::start(1, |_, websocket| {
        let asked = [(); 4].map(|()| websocket.read().unwrap().into_text().unwrap());
        assert_eq!(asked[3], r#"{"op":"get","id":3}"#);
        // The second is lost, the third is answered first, and again.
        for id in [2, 0, 2, 3, 9] {
            websocket.send(Message::text(format!(r#"{{"result":[],"id":"{id}"}}"#))).unwrap();
        }
        websocket.send(Message::text("a notice")).unwrap();
    });
    let message = r#"{"op":"get","id":${counter}}"#;
    let args = ["-c", "1", "-n", "4", "--in-flight", "4", "--template", "-d", message, "--reply", "json:/id"];
    let outcome = bench(&[&args[..], &["--timeout", "300ms", "--json"]].concat(), &servers.url);
    servers.join();
    let report = report(&outcome);
    let counts =
        ["unanswered", "unsolicited", "repeated", "reordered"].map(|key| report["messages"][key].as_u64().unwrap());
    assert_eq!((counts, &report["round_trips"]["count"]), ([1, 2, 1, 1], &json!(3)));
    let refused = |message, says| {
        bench(&["--reply", "json:/id", "--template", "-d", message], "ws://127.0.0.1:1/").assert("", 2, says)
    };
    refused(r#"{"op":1}"#, "the message has no ${counter} at /id, by which its answer is known");
    refused("{\"id\":$1}", "the messages of a load know ${counter}, ${uuid}, ${now}, ${random} and ${env.NAME}");
    bench(&["--reply", "json:/id"], "ws://127.0.0.1:1/").assert("", 2, "--reply json needs --template");
}

#[test]
fn what_is_published_is_followed_to_every_subscriber() {
    let (senders, receivers): (Vec<_>, Vec<_>) = [(); 2].map(|()| channel::<Message>()).into_iter().unzip();
    let receivers: Vec<_> = receivers.into_iter().map(|receiver| Mutex::new(Some(receiver))).collect();
    let senders = Mutex::new(Some(senders));
    let servers = Servers::start(3, move |number, websocket| {
        if let Some(subscriber) = number.checked_sub(1) {
            let receiver = receivers[subscriber].lock().unwrap().take().unwrap();
            receiver.iter().for_each(|message| websocket.send(message).unwrap());
            return;
        }
        let senders = senders.lock().unwrap().take().unwrap();
        for number in 0..10 {
            let message = websocket.read().unwrap();
            assert_eq!(message, Message::text(format!("wscli-bench:{number} hello")));
            let wrapped = Message::text(format!("{{\"said\":\"{message}\"}}"));
            // The first subscriber misses one, the second gets one twice.
            let counts = match number {
                3 => [0, 1],
                5 => [1, 2],
                _ => [1, 1],
            };
            for (sender, count) in senders.iter().zip(counts) {
                (0..count).for_each(|_| sender.send(wrapped.clone()).unwrap());
            }
        }
    });
    let args =
        ["--publish", "1", "--subscribe", "2", "--rate", "200/s", "-n", "10", "-d", "hello", "--timeout", "300ms"];
    let outcome = bench(&[&args[..], &["--json"]].concat(), &servers.url);
    servers.join();
    let report = report(&outcome);
    let messages = &report["messages"];
    assert_eq!((&messages["sent"]["messages"], &messages["received"]["messages"]), (&json!(10), &json!(20)));
    let keys = ["unanswered", "unsent", "unsolicited", "repeated", "reordered"];
    let counts = keys.map(|key| messages[key].as_u64().unwrap());
    assert_eq!((counts, &report["round_trips"]["count"]), ([1, 0, 0, 1, 0], &json!(19)));
    let fan_out = &report["fan_out"];
    assert_eq!((&fan_out["publishers"], &fan_out["subscribers"]), (&json!(1), &json!(2)));
    assert_eq!((&fan_out["first"]["count"], &fan_out["last"]["count"]), (&json!(9), &json!(9)));
    assert_eq!((outcome.code, &report["connections"]["lost"]), (Some(0), &json!(0)));
    let url = "ws://127.0.0.1:1/";
    bench(&["--publish", "1", "--subscribe", "2"], url).assert("", 2, "--rate <RATE>");
    let unfound = ["--publish", "1", "--subscribe", "2", "--rate", "5", "--template", "-d", "${counter}"];
    bench(&unfound, url).assert("", 2, "needs --reply json:/POINTER");
    bench(&["--publish", "1", "--rate", "5"], url).assert("", 2, "--subscribe <N>");
}

#[test]
fn what_is_delivered_late_is_delivered() {
    let (sender, receiver) = channel::<Message>();
    let (sender, receiver) = (Mutex::new(Some(sender)), Mutex::new(Some(receiver)));
    let servers = Servers::start(2, move |number, websocket| {
        if number == 1 {
            let receiver = receiver.lock().unwrap().take().unwrap();
            return receiver.iter().for_each(|message| websocket.send(message).unwrap());
        }
        let sender = sender.lock().unwrap().take().unwrap();
        let published = [(); 4].map(|()| websocket.read().unwrap());
        [0, 2, 1, 1, 3].into_iter().for_each(|number: usize| sender.send(published[number].clone()).unwrap());
    });
    let args = ["--publish", "1", "--subscribe", "1", "--rate", "200/s", "-n", "4", "--json"];
    let report = report(&bench(&args, &servers.url));
    servers.join();
    let counts = ["unanswered", "repeated", "reordered"].map(|key| report["messages"][key].as_u64().unwrap());
    assert_eq!((counts, &report["round_trips"]["count"]), ([0, 1, 1], &json!(4)));
}

#[test]
fn connections_stay_until_the_time_is_over() {
    let servers = Servers::start(1, |_, websocket| echoed(websocket).len());
    // The last is planned for 0.5 s.
    let args = ["-c", "1", "--rate", "2/s", "-z", "900ms", "--reply", "none", "--timeout", "1h", "--json"];
    let report = report(&bench(&args, &servers.url));
    assert_eq!((servers.join(), &report["seconds"]), (vec![2], &json!(0.9)));
}

#[test]
fn round_trips_are_logged_second_by_second() {
    let folder = Folder::new();
    let path = folder.path("round-trips.hlog");
    let servers = Servers::start(1, |_, websocket| echoed(websocket).len());
    let outcome = bench(&["-c", "1", "-z", "1200ms", "--rate", "50/s", "--hlog", &path], &servers.url);
    assert_eq!((outcome.code, servers.join()), (Some(0), vec![60]));
    let log = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<_> = log.lines().collect();
    assert_eq!(lines[0], "#[Histogram log format version 1.3]");
    let header = r#""StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram""#;
    assert!(lines[1].starts_with("#[StartTime: ") && lines[2] == header, "{log}");
    let rows: Vec<Vec<_>> = lines[3..].iter().map(|line| line.split(',').collect()).collect();
    assert_eq!(rows.len(), 2, "{log}");
    // The compressed encoding V2 begins with its number.
    assert!(rows.iter().all(|row| row.len() == 4 && row[3].starts_with("HISTFAAA")), "{log}");
    let starts: Vec<f64> = rows.iter().map(|row| row[0].parse().unwrap()).collect();
    assert!(starts[0] == 0.0 && starts[1] >= 1.0, "{log}");
    bench(&["--hlog", "/nonexistent/a"], "ws://127.0.0.1:1/").assert("", 2, "/nonexistent/a");
}

#[test]
fn a_load_can_be_a_script_for_k6() {
    let load = [
        "--export",
        "k6",
        "-c",
        "10",
        "-z",
        "5s",
        "--rate",
        "20/s",
        "--ramp",
        "2s",
        "--template",
        "-d",
        "{\"id\":${counter}}",
    ];
    let way = ["-k", "-x", "http://localhost:1", "-H", "X-Empty;", "-H", "X-A: a"];
    let request = ["-H", "X-A: b", "-H", "Authorization: Bearer SECRET", "-u", "me:SECRET", "-s", "chat"];
    let conditions = ["--fail", "rtt.p99<50ms", "--fail", "lost<=0"];
    let outcome = bench(&[&load[..], &way, &request, &conditions].concat(), "wss://me:SECRET@example.com/feed");
    assert_eq!((outcome.code, &*outcome.stderr), (Some(0), ""));
    let script = outcome.stdout();
    assert!(!script.contains("SECRET"), "{script}");
    for line in [
        "import { WebSocket } from 'k6/websockets';",
        "const url = \"wss://example.com/feed\";",
        "const protocols = [\"chat\"];",
        "const params = { headers: {\"X-A\":\"b\"}, compression: 'deflate' };",
        "const message = (counter) => \"{\\\"id\\\":\" + String(counter) + \"}\";",
        "const connections = 10;",
        "const interval = 500; // open loop: milliseconds from one message of a connection to the next",
        "const ramp = 2000, warmup = 0;",
        "const duration = 5000, timeout = 10000;",
        "const thresholds = {\"wscli_rtt\":[\"p(99)<50\"]};",
        "// - left out: the header Authorization",
        "// - left out: the proxy",
        "// - left out: the empty header X-Empty",
        "// - left out: all but the last of the headers X-A",
        "const insecure = true;",
        "// - the condition lost<=0 has no metric of k6",
    ] {
        assert!(script.lines().any(|told| told == line), "no {line:?} in {script}");
    }
}

#[test]
fn connections_come_from_the_addresses_that_are_given() {
    let servers = Servers::start(4, |_, websocket| {
        let address = websocket.get_ref().peer_addr().unwrap().ip().to_string();
        echoed(websocket);
        address
    });
    let args = ["-c", "4", "-n", "4", "--source", "127.0.0.2", "--source", "127.0.0.3"];
    let outcome = bench(&args, &servers.url);
    let mut addresses = servers.join();
    addresses.sort_unstable();
    assert_eq!(
        (outcome.code, addresses),
        (Some(0), vec!["127.0.0.2", "127.0.0.2", "127.0.0.3", "127.0.0.3"].into_iter().map(str::to_owned).collect())
    );
    // An address of nobody's here.
    bench(&["--source", "192.0.2.1"], "ws://127.0.0.1:1/").assert("", 3, "requested address");
    bench(&["--source", "::1"], "ws://127.0.0.1:1/").assert("", 3, "Address family");
    bench(&["--source", "localhost"], "ws://127.0.0.1:1/").assert("", 2, "invalid IP address");
}

#[test]
fn round_trips_are_drawn() {
    let servers = Servers::start(1, |_, websocket| echoed(websocket).len());
    let outcome = bench(&["-c", "1", "-n", "3", "--histogram"], &servers.url);
    servers.join();
    let bars: Vec<_> = outcome.stdout().lines().filter(|line| line.starts_with("  ≤ ") && line.contains('█')).collect();
    let counted: u32 = bars.iter().map(|line| line.split_whitespace().nth(4).unwrap().parse::<u32>().unwrap()).sum();
    assert_eq!((outcome.code, counted), (Some(0), 3), "{outcome:#?}");
}

#[test]
fn every_answer_counts_however_soon_it_comes() {
    let servers = Servers::start(64, |_, websocket| echoed(websocket).len());
    let outcome = bench(&["-c", "64", "-n", "64", "--json", "--fail", "rtt.min>0ms"], &servers.url);
    assert_eq!(servers.join(), [1; 64]);
    let report = report(&outcome);
    let counts = ["sent", "received"].map(|way| report["messages"][way]["messages"].as_u64());
    assert_eq!((outcome.code, counts), (Some(0), [Some(64); 2]), "{report:#}");
}

#[test]
fn after_a_storm_all_come_back() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let mut first: Vec<_> = (0..3).map(|_| tungstenite::accept(listener.accept().unwrap().0).unwrap()).collect();
        // Dropped, and not closed.
        for websocket in &mut first {
            let end = websocket.read().unwrap_err();
            assert!(matches!(end, tungstenite::Error::Protocol(_) | tungstenite::Error::Io(_)), "{end}");
        }
        let mut refused = listener.accept().unwrap().0;
        read_head(&mut refused);
        refused.write_all(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n").unwrap();
        drop(refused);
        let mut back: Vec<_> = (0..3).map(|_| tungstenite::accept(listener.accept().unwrap().0).unwrap()).collect();
        back.iter_mut().map(|websocket| websocket.read().unwrap().is_close()).collect::<Vec<_>>()
    });
    let outcome =
        bench(&["-c", "3", "--storm", "-z", "100ms", "--json", "--fail", "back.max<1h", "--fail", "missing<=0"], &url);
    assert_eq!(server.join().unwrap(), [true; 3]);
    let report = report(&outcome);
    assert_eq!(
        (outcome.code, &report["model"], &report["round_trips"]),
        (Some(0), &json!({"loop": "connect_only"}), &json!(null))
    );
    let storm = &report["storm"];
    assert_eq!((&storm["dropped"], &storm["back"], &storm["times"]["count"]), (&json!(3), &json!(3), &json!(3)));
    let within = ["50", "90", "100"].map(|share| storm["back_within_ms"][share].as_f64().unwrap());
    // One was refused, and tried again after 100 ms.
    assert!(within[0] <= within[1] && within[1] <= within[2] && within[2] >= 100.0, "{storm:#}");
    let failures = storm["failures"].as_object().unwrap();
    assert!(failures.len() == 1 && failures.iter().all(|(why, count)| why.contains("503") && *count == 1), "{storm:#}");
    assert_eq!((&report["connections"]["lost"], &report["connections"]["failed"]), (&json!(0), &json!(0)));
}

#[test]
fn who_is_back_answers_pings_while_others_are_not() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let accept = || tungstenite::accept(listener.accept().unwrap().0).unwrap();
        let first = [accept(), accept()];
        for mut websocket in first {
            websocket.read().unwrap_err();
        }
        // Whoever is back first has to answer before the other gets in.
        let mut early = accept();
        early.get_ref().set_read_timeout(Some(PATIENCE)).unwrap();
        early.send(Message::Ping("alive?".into())).unwrap();
        let answer = early.read().unwrap();
        let mut late = accept();
        (answer, [early.read().unwrap(), late.read().unwrap()])
    });
    let outcome = bench(&["-c", "2", "--storm", "-z", "50ms", "--fail", "missing<=0"], &url);
    let (answer, ends) = server.join().unwrap();
    assert_eq!((outcome.code, answer), (Some(0), Message::Pong("alive?".into())), "{outcome:#?}");
    let normal = |end: &Message| matches!(end, Message::Close(Some(frame)) if u16::from(frame.code) == 1000);
    assert!(ends.iter().all(normal), "{ends:?}");
}

#[test]
fn who_does_not_come_back_is_missing() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let mut websocket = tungstenite::accept(listener.accept().unwrap().0).unwrap();
        drop(listener);
        websocket.read().unwrap_err()
    });
    let outcome = bench(&["-c", "1", "--storm", "-z", "50ms", "--timeout", "300ms"], &url);
    server.join().unwrap();
    let told = "storm        1 dropped at once, 0 back, 1 missing\n";
    assert!(outcome.code == Some(0) && outcome.stdout().contains(told), "{outcome:#?}");
    assert!(outcome.stdout().contains("1 × disconnected without waiting for the peer\n"), "{outcome:#?}");
    bench(&["--storm", "-d", "x"], &url).assert("", 2, "cannot be used with");
}

#[test]
fn what_was_planned_for_a_connection_that_is_gone_is_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        // The first is gone before the second opens, and so before the load begins.
        let mut first = tungstenite::accept(listener.accept().unwrap().0).unwrap();
        first.close(None).unwrap();
        while first.read().is_ok() {}
        let mut second = tungstenite::accept(listener.accept().unwrap().0).unwrap();
        echoed(&mut second).len()
    });
    let outcome = bench(&["-c", "2", "-n", "10", "--json"], &url);
    assert_eq!(server.join().unwrap(), 5);
    let report = report(&outcome);
    assert_eq!((&report["messages"]["sent"]["messages"], &report["messages"]["unsent"]), (&json!(5), &json!(5)));
    assert_eq!(report["connections"]["lost"], 1);
}

#[test]
fn a_script_has_the_message_as_it_is_sent() {
    let message = |flags: &[&str]| {
        let outcome = bench(&[&["--export", "k6"], flags].concat(), "ws://127.0.0.1:1/");
        let script = outcome.stdout().to_owned();
        let line = script.lines().find_map(|line| line.strip_prefix("const message = (counter) => "));
        line.unwrap_or_else(|| panic!("{outcome:#?}")).to_owned()
    };
    // Without --template a place is text as any other, and with it $$ is a dollar sign.
    assert_eq!(message(&["-d", "${counter} $$"]), r#""${counter} $$";"#);
    assert_eq!(message(&["--template", "-d", "${counter} $$"]), r#"String(counter) + " $";"#);
    let environment = r#""{\"p\":\"" + JSON.stringify(__ENV["PATH"]).slice(1, -1) + "\"}";"#;
    assert_eq!(message(&["--template", "-d", r#"{"p":${env.PATH}}"#]), environment);
    let binary = r#"encoding.b64decode(encoding.b64encode(crypto.randomUUID()));"#;
    assert_eq!(message(&["--template", "--binary", "-d", "${uuid}"]), binary);
    assert_eq!(message(&["--binary", "-d", "hi"]), r#"encoding.b64decode("aGk=");"#);
    bench(&["--export", "k6", "--unix-socket", "/nowhere"], "ws://x/").assert("", 2, "to a Unix domain socket");
}

#[test]
fn a_load_can_be_a_test_for_artillery() {
    let load = ["--export", "artillery", "-c", "10", "-z", "5s", "--rate", "20/s", "--ramp", "2500ms", "--template"];
    let message = ["-d", r#"{"id":${counter},"of":"{{me}} ${env.PATH}"}"#, "-s", "chat", "-k", "--bearer", "SECRET"];
    let outcome = bench(&[&load[..], &message].concat(), "wss://me:SECRET@example.com/feed");
    assert_eq!((outcome.code, &*outcome.stderr), (Some(0), ""));
    let (comments, rest): (Vec<_>, Vec<_>) = outcome.stdout().lines().partition(|line| line.starts_with('#'));
    let left_out = ["# - left out: the token", "# - left out: the password of the URL"];
    assert!(
        left_out.iter().all(|line| comments.contains(line)) && !outcome.stdout().contains("SECRET"),
        "{outcome:#?}"
    );
    let expected = [
        "config:",
        r#"  target: "wss://example.com/feed""#,
        "  phases:",
        "    - { duration: 3, arrivalCount: 10 }",
        "  ws:",
        "    headers: {}",
        r#"    subprotocols: ["chat"]"#,
        "    perMessageDeflate: true",
        "    handshakeTimeout: 10000",
        "    timeout: 10",
        "  tls: { rejectUnauthorized: false }",
        r#"  variables: {"text0":[",\"of\":\"{{me}} "]}"#,
        "scenarios:",
        "  - engine: ws",
        "    flow:",
        "      - loop:",
        r#"          - send: "{\"id\":{{ $loopCount }}{{ text0 }}{{ $env.PATH }}\"}""#,
        r#"          - think: "500ms""#,
        "        count: 10",
        r#"      - think: "1000ms""#,
    ];
    assert_eq!(rest, expected);
    let refused = |flags: &[&str], says| {
        bench(&[&["--export", "artillery"], flags].concat(), "ws://127.0.0.1:1/").assert("", 2, says);
    };
    refused(&["--binary"], "Artillery sends no binary messages");
    refused(&["-z", "5s"], "it can't end a loop by time");
    refused(&["-n", "5", "--template", "-d", "${now}"], "Artillery has nothing to fill in for ${now}");
}

#[test]
fn a_terminal_shows_how_far_it_is() {
    let servers = Servers::start(1, |_, websocket| echoed(websocket).is_empty());
    let mut terminal = Terminal::open();
    let mut child = Command::new(env!("CARGO_BIN_EXE_wscli"))
        .args(["bench", "-c", "1", "--rate", "100/s", "-z", "1h", &servers.url])
        .envs([("TERM", "xterm"), NO_CONFIG])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(terminal.end())
        .spawn()
        .unwrap();
    terminal.wait_for("  1 connection  > ");
    terminal.wait_for("/s)  p50 ");
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let mut stdout = String::new();
    child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(
        stdout.contains(" s, then interrupted\n") && stdout.contains("round trips  from the planned time\n"),
        "{stdout}"
    );
    // Shown, and taken away.
    terminal.wait_for_each(ERASE, 2);
    assert!(!terminal.seen.contains("000/s"), "{:?}", terminal.seen);
    servers.join();
}

#[test]
fn thresholds_decide_over_the_exit_code() {
    let with = |thresholds: &[&str]| {
        let servers = Servers::start(1, |_, websocket| echoed(websocket).len());
        let flags: Vec<_> = thresholds.iter().flat_map(|threshold| ["--fail", threshold]).collect();
        let outcome = bench(&[&["-c", "1", "-n", "3", "--json"], &flags[..]].concat(), &servers.url);
        servers.join();
        outcome
    };
    let met = with(&["rtt.p99<1h", "open.max > 0ms", "sent>=3", "lost<=0", "received/s>0"]);
    assert_eq!((met.code, &*met.stderr), (Some(0), ""));
    let unmet = with(&["sent > 3", "failed<=0", "send_delay.p99<1s"]);
    assert_eq!(unmet.stderr, "wscli: sent > 3 not met: 3; send_delay.p99<1s not met: nothing was measured\n");
    assert_eq!(unmet.code, Some(1));
    let told = json!([
        {"threshold": "sent > 3", "value": 3.0, "met": false},
        {"threshold": "failed<=0", "value": 0.0, "met": true},
        {"threshold": "send_delay.p99<1s", "value": null, "met": false},
    ]);
    assert_eq!(report(&unmet)["thresholds"], told);
    bench(&["--fail", "rtt.p99<fast"], "ws://127.0.0.1:1/").assert("", 2, "is not a duration");
}

#[test]
fn too_few_descriptors_are_told_beforehand() {
    let servers = Servers::start(1, |_, websocket| websocket.read().is_ok());
    // Each thread that drives connections has three of its own.
    let limit = 64 + 3 * processors().min(50) as u32;
    let child =
        Running::start_with_descriptors(limit, &["bench", "-c", "50", "--connect-only", "-z", "10ms", &servers.url]);
    let outcome = child.finish();
    assert!(
        outcome.stderr.starts_with("the limit on file descriptors has room for about 4 of 50 connections"),
        "{outcome:#?}"
    );
    servers.join();
}

#[test]
fn flags_that_say_nothing_together_are_refused() {
    let url = "ws://127.0.0.1:1/";
    bench(&["--reply", "none"], url).assert("", 2, "--reply none needs --rate");
    bench(&["--rate", "5", "--in-flight", "2"], url).assert("", 2, "cannot be used with");
    bench(&["--rate", "often"], url).assert("", 2, "expected a rate such as 100, 100/s or 0.5/s/connection");
    bench(&["--connect-only", "-d", "a"], url).assert("", 2, "cannot be used with");
    bench(&["-d", "a", "--size", "3"], url).assert("", 2, "cannot be used with");
    run(&["bench"], b"").assert("", 2, "bench needs the URL of a server");
}

/// A thread that finds no room for its stack ends the process.
#[test]
#[cfg(target_os = "linux")]
fn more_connections_than_there_can_be_threads_are_not_begun() {
    let most: u64 = std::fs::read_to_string("/proc/sys/vm/max_map_count").unwrap().trim().parse().unwrap();
    let asked = (most / 4).min(1_000_000).to_string();
    let outcome = run(&["bench", "--storm", "-c", &asked, "ws://127.0.0.1:1/"], b"");
    outcome.assert("", 2, "each connection reconnects on its own thread, and there is room for about ");
}
