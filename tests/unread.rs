//! stdout and stderr that nobody reads: what is told is dropped and counted, and the work goes on.

use std::io::{self, BufRead, BufReader, PipeWriter, Read, Write};
use std::net::TcpStream;
use std::time::Instant;

use rustix::process::Signal;
use serde_json::Value;
use tungstenite::{Message, connect};

use crate::support::files::{Folder, full_pipe};
use crate::support::peer::{self, client_frame, open_by_hand, read_frame};
use crate::support::program::{PATIENCE, Running, Serving, run};
use crate::support::timing::look_again;

/// Pings of a flood: what is told about them is many times what may wait.
const PINGS: usize = 30_000;

/// More than a program takes that keeps nothing which grows.
const MODEST: usize = 32 << 20;

/// Without Pings of its own among the answers.
const SERVE: [&str; 5] = ["serve", "127.0.0.1:0", "--echo", "--ping-interval", "0s"];

/// Sends the flood and reads every answer, each of which is `answer` bytes long.
fn flood(mut socket: TcpStream, ping: &[u8], answer: usize) -> TcpStream {
    let mut writer = socket.try_clone().unwrap();
    let pings = ping.repeat(PINGS);
    let writing = std::thread::spawn(move || writer.write_all(&pings).unwrap());
    socket.read_exact(&mut vec![0; PINGS * answer]).unwrap();
    writing.join().unwrap();
    socket
}

fn flood_server(address: &str) {
    let (socket, _) = open_by_hand(address, "");
    let mut socket = flood(socket, &client_frame(0x89, b""), 2);
    socket.write_all(&client_frame(0x88, b"\x03\xe8")).unwrap();
    assert_eq!(read_frame(&mut socket).0, 0x88);
}

fn assert_echoes(address: &str) {
    let (mut client, _) = connect(format!("ws://{address}/")).unwrap();
    client.send(Message::text("still here")).unwrap();
    assert_eq!(client.read().unwrap(), Message::text("still here"));
}

/// `wscli serve` whose stderr goes into a pipe; its address is told in a file.
fn serving_into(stderr: PipeWriter, flags: &[&str]) -> (Running, String) {
    let folder = Folder::new();
    let file = folder.path("port");
    let args = [&SERVE[..], &["--port-file", &file], flags].concat();
    let running = Running::start_with_stderr(&args, stderr);
    let start = Instant::now();
    loop {
        if let Ok(port) = std::fs::read_to_string(&file).unwrap_or_default().trim().parse::<u16>() {
            return (running, format!("127.0.0.1:{port}"));
        }
        assert!(start.elapsed() < PATIENCE, "no port");
        look_again();
    }
}

/// The number in the line that tells how many were dropped.
fn dropped(line: &str) -> Option<usize> {
    line.strip_prefix("[log] ")?.strip_suffix(" lines dropped: stderr was not read")?.replace(",", "").parse().ok()
}

#[test]
fn a_server_serves_on_and_tells_what_is_missing_once_it_is_read() {
    let (reader, writer) = io::pipe().unwrap();
    let (running, address) = serving_into(writer, &["--frames"]);
    flood_server(&address);
    assert_echoes(&address);
    assert!(running.resident() < MODEST, "{} bytes", running.resident());
    let mut lines = BufReader::new(reader).lines().map(Result::unwrap);
    let (mut pings, mut missing) = (0, 0);
    while missing == 0 {
        let line = lines.next().unwrap();
        pings += usize::from(line.starts_with("[1] ") && line.contains("ping"));
        missing = dropped(&line).unwrap_or(0);
    }
    assert!(pings < PINGS && pings + missing > PINGS, "{pings} and {missing}");
    // From here on nothing is missing.
    assert_echoes(&address);
    running.signal(Signal::TERM);
    let rest: Vec<_> = lines.collect();
    assert!(rest.iter().any(|line| line.starts_with("[3] ") && line.contains(" opened /")), "{rest:#?}");
    assert_eq!(rest.last().map(String::as_str), Some("stopped"));
    assert_eq!(running.finish().code, Some(0));
}

#[test]
fn a_server_ends_on_a_signal() {
    let (reader, writer) = full_pipe();
    let (running, address) = serving_into(writer, &["--frames"]);
    flood_server(&address);
    running.signal(Signal::TERM);
    assert_eq!(running.finish().code, Some(0));
    drop(reader);
}

#[test]
fn events_are_dropped_and_counted() {
    let (reader, writer) = io::pipe().unwrap();
    let mut running = Running::start_into(&[&SERVE[..], &["--out", "json"]].concat(), writer);
    let line = running.line_with("listening on ");
    let address = line.split('/').nth(2).unwrap();
    flood_server(address);
    running.line_with("[1] ");
    assert_echoes(address);
    assert!(running.resident() < MODEST, "{} bytes", running.resident());
    let lines = BufReader::new(reader).lines().map(Result::unwrap);
    let mut events = lines.map(|line| serde_json::from_str::<Value>(&line).unwrap());
    let notice = events.find(|event| event["type"] == "dropped").unwrap();
    assert!(notice["events"].as_u64().unwrap() > 1 && notice["time"].is_string() && notice["schema"] == 1, "{notice}");
    assert_echoes(address);
    running.signal(Signal::TERM);
    assert!(events.any(|event| event["type"] == "opened" && event["connection"] == 3));
    assert_eq!(running.finish().code, Some(0));
}

#[test]
fn a_server_ends_on_a_signal_whose_events_are_not_read() {
    let (reader, writer) = full_pipe();
    let mut running = Running::start_into(&[&SERVE[..], &["--out", "json"]].concat(), writer);
    let line = running.line_with("listening on ");
    flood_server(line.split('/').nth(2).unwrap());
    running.signal(Signal::TERM);
    let outcome = running.finish();
    assert_eq!((outcome.code, outcome.stderr.lines().last()), (Some(0), Some("stopped")));
    drop(reader);
}

#[test]
fn a_client_answers_pings_and_closes() {
    for flag in ["--frames", "-P"] {
        let server = peer::opened("", |socket| {
            let socket = &mut flood(socket.try_clone().unwrap(), b"\x89\x00", 6);
            socket.write_all(b"\x88\x02\x03\xe8").unwrap();
            assert_eq!(read_frame(socket).0, 0x88);
        });
        let (mut reader, writer) = io::pipe().unwrap();
        let running =
            Running::start_with_stderr(&["connect", "-n", "--ping-interval", "0s", flag, &server.url], writer);
        server.join();
        assert_eq!(running.finish().code, Some(0), "{flag}");
        let mut told = String::new();
        reader.read_to_string(&mut told).unwrap();
        assert!(told.len() < 128 * 1024, "{flag}: {} bytes", told.len());
    }
}

#[test]
fn how_it_ended_is_told_behind_what_was_dropped() {
    let server = peer::opened("", |socket| {
        let socket = &mut flood(socket.try_clone().unwrap(), b"\x89\x00", 6);
        socket.write_all(b"\x88\x02\x03\xe8").unwrap();
        assert_eq!(read_frame(socket).0, 0x88);
    });
    let (mut reader, writer) = io::pipe().unwrap();
    let running =
        Running::start_with_stderr(&["connect", "-n", "--ping-interval", "0s", "--frames", &server.url], writer);
    server.join();
    let mut told = String::new();
    reader.read_to_string(&mut told).unwrap();
    assert_eq!(running.finish().code, Some(0));
    let lines: Vec<_> = told.lines().collect();
    let [.., notice, end] = lines[..] else { panic!("{lines:?}") };
    assert!(dropped(notice).is_some() && end == "peer closed: 1000 (normal closure)", "{notice}, {end}");
}

#[test]
fn a_long_answer_is_told_whole() {
    let server = peer::raw(|socket, _| {
        let body = "a line of the refusal's body\n".repeat(100_000);
        let head = format!("HTTP/1.1 404 Not Found\r\nContent-Length: {}\r\n\r\n", body.len());
        // Reading ends with the body.
        let _ = socket.write_all(head.as_bytes()).and_then(|()| socket.write_all(body.as_bytes()));
    });
    let outcome = run(&["connect", "--max-body", "64M", &server.url], b"");
    assert_eq!(outcome.stderr.matches("a line of the refusal's body").count(), 100_000);
    server.join();
}

#[test]
fn a_report_that_is_not_read_does_not_keep_a_signal_from_ending_it() {
    let mut serving = Serving::start(&[]);
    let (reader, writer) = full_pipe();
    let running = Running::start_into(&["inspect", &serving.url], writer);
    // The last of the probes.
    serving.running.line_with("[6] 127.0.0.1:");
    serving.running.line_with("[6] 127.0.0.1:");
    running.signal(Signal::TERM);
    assert_eq!(running.finish().code, Some(143));
    drop(reader);
}
