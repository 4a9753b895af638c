//! The action `fault` of rules.

use std::io::{ErrorKind, Read, Write};

use rustix::process::Signal;
use serde_json::Value;

use crate::support::files::Folder;
use crate::support::peer::{self, client_frame, open_by_hand, read_frame, read_to_end};
use crate::support::program::{Serving, run};

#[test]
fn a_mock_breaks_something_where_a_rule_says_so() {
    let folder = Folder::new();
    let rules = folder.file(
        "rules",
        "match ^bits => fault frame rsv 2 => reply after\nmatch ^cut => fault fragment 2 => reply abc\n\
         match ^die => fault reset\nmatch ^bye => fault close 1006\nany => echo",
    );
    let mut server = Serving::with(&["--reply", &rules, "--out", "json"]);
    let (mut socket, _) = open_by_hand(server.address(), "");
    let mut said = |text: &str, answer: &[u8]| {
        socket.write_all(&client_frame(0x81, text.as_bytes())).unwrap();
        let mut bytes = vec![0; answer.len()];
        socket.read_exact(&mut bytes).unwrap();
        assert_eq!(bytes, answer, "{text}");
    };
    said("a", b"\x81\x01a");
    said("bits", b"\xa1\x05fault\x81\x05after");
    said("cut", b"\x01\x02ab\x80\x01c");
    said("b", b"\x81\x01b");
    said("bye", b"\x88\x02\x03\xee");
    drop(socket);
    let (mut socket, _) = open_by_hand(server.address(), "");
    socket.write_all(&client_frame(0x81, b"die")).unwrap();
    assert_eq!(socket.read(&mut [0]).map_err(|error| error.kind()), Err(ErrorKind::ConnectionReset));
    server.running.line_with("[2] injected: reset");
    server.running.line_with("[2] 127.0.0.1");
    server.running.signal(Signal::TERM);
    let outcome = server.running.finish();
    let events = outcome.stdout().lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let injected: Vec<_> = events.filter(|event| event["type"] == "injected").collect();
    let told: Vec<_> = injected.iter().map(|event| event["fault"].as_str().unwrap()).collect();
    assert_eq!(told, ["frame rsv 2", "fragment 2", "close 1006", "reset"]);
    assert_eq!(injected[0]["way"], "server→client");
}

#[test]
fn a_proxy_breaks_what_a_rule_takes() {
    let folder = Folder::new();
    let rules = folder.file(
        "rules",
        "client match cut => fault fragment 2\nclient match bits => fault frame rsv 3\n\
         client match back => fault server frame rsv 2\nserver match die => fault reset",
    );
    let target = peer::opened("", |socket| {
        let frames: Vec<_> = (0..5).map(|_| read_frame(socket)).collect();
        socket.write_all(b"\x81\x03die").unwrap();
        (frames, read_to_end(socket))
    });
    let proxy = Serving::in_front_of(&target.url, &["--rules", &rules]);
    let (mut socket, _) = open_by_hand(proxy.address(), "");
    for text in ["cut", "bits", "back"] {
        socket.write_all(&client_frame(0x81, text.as_bytes())).unwrap();
    }
    assert_eq!(read_frame(&mut socket), (0xa1, b"fault".to_vec()));
    let mut rest = Vec::new();
    assert_eq!(socket.read_to_end(&mut rest).map_err(|error| error.kind()), Err(ErrorKind::ConnectionReset));
    let (frames, _) = target.join();
    let texts = |opcode: u8, text: &str| (opcode, text.as_bytes().to_vec());
    let passed = [texts(0x01, "cu"), texts(0x80, "t"), texts(0x91, "fault"), texts(0x81, "bits"), texts(0x81, "back")];
    assert_eq!(frames, passed);
}

#[test]
fn a_fault_that_no_rule_can_inject_is_told_with_its_place() {
    let folder = Folder::new();
    for (rule, why) in [
        ("any => fault at 1s reset", "column 14: when a fault of a rule is injected is said by its condition"),
        ("any => fault refuse 2", "column 14: the connection is open already where a rule takes a message"),
        ("any => fault client drop", "column 14: a server sends no client frames"),
        ("any => fault latncy 1s", "column 14: \"latncy\" is not a fault; did you mean latency?"),
        ("any => fault", "fault needs an argument: fault SPEC"),
    ] {
        let file = folder.file("rules", rule);
        run(&["serve", "0", "--reply", &file], b"").assert("", 2, why);
    }
    let why = "fault is for the rules of a server or a proxy";
    run(&["connect", "-n", "--on", "any => fault reset", "ws://127.0.0.1:9"], b"").assert("", 2, why);
}

#[test]
fn behind_a_cut_nothing_more_is_injected() {
    let folder = Folder::new();
    let rules = folder.file("rules", "any => fault reset");
    let mut server = Serving::with(&["--reply", &rules, "--out", "json"]);
    let (mut socket, _) = open_by_hand(server.address(), "");
    socket.write_all(&client_frame(0x81, b"die").repeat(3)).unwrap();
    assert_eq!(socket.read(&mut [0]).map_err(|error| error.kind()), Err(ErrorKind::ConnectionReset));
    server.running.line_with("[1] 127.0.0.1");
    server.running.line_with("(1006)");
    server.running.signal(Signal::TERM);
    let outcome = server.running.finish();
    assert_eq!(outcome.stdout().matches("\"injected\"").count(), 1, "{}", outcome.stdout());
}

#[test]
fn what_happens_on_both_connections_is_recorded_in_order() {
    let folder = Folder::new();
    let (rules, file) = (
        folder.file("rules", "client match cut => fault fragment 2\nserver match rsv => fault frame rsv 3"),
        folder.path("r"),
    );
    let target = peer::opened("", |socket| {
        (0..3).for_each(|_| drop(read_frame(socket)));
        socket.write_all(b"\x81\x03rsv").unwrap();
        read_to_end(socket);
    });
    let proxy = Serving::in_front_of(&target.url, &["--rules", &rules, "--record", &file]);
    let (mut client, _) = open_by_hand(proxy.address(), "");
    // All of them are found at once.
    client.write_all(&[client_frame(0x81, b"a"), client_frame(0x81, b"cut")].concat()).unwrap();
    (0..2).for_each(|_| drop(read_frame(&mut client)));
    drop(client);
    target.join();
    proxy.running.signal(Signal::TERM);
    proxy.running.finish();
    let recorded = std::fs::read_to_string(&file).unwrap();
    let lines = recorded.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let told: Vec<_> = lines
        .filter(|line| ["text", "rule", "injected"].iter().any(|kind| line["type"] == *kind))
        .map(|line| format!("{} {}", line["connection"], line["text"].as_str().or(line["type"].as_str()).unwrap()))
        .collect();
    let expected = ["1 a", "2 a", "1 cut", "1 rule", "2 injected", "2 cut", "2 rsv", "1 rule", "1 injected", "1 rsv"];
    assert_eq!(told, expected);
}
