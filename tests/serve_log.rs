//! What `wscli serve` logs of its clients.

use std::io::Write;
use std::net::TcpStream;

use rustix::process::Signal;

use crate::support::peer::{client_frame, header, open_by_hand, read_frame, read_to_end};
use crate::support::program::{Running, Serving, run};

#[test]
fn verbose_shows_every_message_both_ways() {
    let mut serving = Serving::start(&["-v"]);
    let (mut socket, _) = open_by_hand(serving.address(), "");
    for (opcode, content, shown) in [
        (0x81, &b"hello\x1b[2J\nforged"[..], "hello\\x1b[2J\\nforged"),
        (0x82, b"\x00\x01", "binary, 2 bytes"),
        (0x81, b"", ""),
    ] {
        socket.write_all(&client_frame(opcode, content)).unwrap();
        assert_eq!(read_frame(&mut socket), (opcode, content.to_vec()));
        for arrow in ["<", ">"] {
            assert_eq!(serving.running.line_with(&format!("[1] {arrow} {shown}")), format!("[1] {arrow} {shown}"));
        }
    }
    // Of a message in fragments there is one line, and of a large one its beginning.
    socket.write_all(&[client_frame(0x01, b"one "), client_frame(0x80, b"two")].concat()).unwrap();
    serving.running.line_with("[1] < one two");
    socket.write_all(&client_frame(0x81, &[b'x'; 70_000])).unwrap();
    assert!(serving.running.line_with("[1] < xxx").ends_with("xxx … and 4,464 bytes more"));
}

#[test]
fn a_person_at_the_prompt_sees_each_message_once() {
    let serving = Serving::with(&["--prompt", "-v"]);
    let (mut socket, _) = open_by_hand(serving.address(), "");
    socket.write_all(&[client_frame(0x81, b"hello"), client_frame(0x88, b"\x03\xe8")].concat()).unwrap();
    assert_eq!(read_frame(&mut socket).0, 0x88);
    serving.running.signal(Signal::TERM);
    let outcome = serving.running.finish();
    assert_eq!(outcome.stderr.matches("[1] < hello").count(), 1, "{}", outcome.stderr);
}

#[test]
fn the_line_of_a_connection_tells_where_it_is_from_and_what_it_wanted() {
    let mut serving = Serving::start(&["--subprotocol", "chat"]);
    for (headers, told) in [
        (
            "Origin: http://localhost:3000\r\nX-Forwarded-For: 192.0.2.1, 192.0.2.2\r\nX-Forwarded-For: 192.0.2.3\r\n",
            " forwarded-for=\"192.0.2.1, 192.0.2.2, 192.0.2.3\" origin=http://localhost:3000",
        ),
        (
            "X-Forwarded-For: 192.0.2.9\r\nForwarded: for=192.0.2.1;proto=http, For=\"[2001:db8::1]:47\"\r\nForwarded: by=a\r\n",
            " forwarded-for=\"192.0.2.1, [2001:db8::1]:47\"",
        ),
        ("X-Real-IP: 192.0.2.4\r\n", " forwarded-for=\"192.0.2.4\""),
        (
            "Sec-WebSocket-Protocol: mqtt, v1\r\n",
            " subprotocol=none (requested: mqtt, v1; --subprotocol NAME accepts one)",
        ),
        (
            "Sec-WebSocket-Protocol: access_token, c2VjcmV0\r\n",
            " subprotocol=none (requested: (masked), (masked); --subprotocol NAME accepts one)",
        ),
        ("Sec-WebSocket-Protocol: mqtt, chat\r\n", " subprotocol=chat"),
        ("", ""),
    ] {
        let _socket = open_by_hand(serving.address(), headers);
        let line = serving.running.line_with("opened");
        assert!(line.ends_with(&format!(" opened /chat{told}")), "{line}");
    }
}

#[test]
fn an_asterisk_takes_the_client_s_first_subprotocol_and_tokens_stay_masked() {
    for (flags, shown) in [(&[][..], "(masked)"), (&["--show-secrets"], "Bearer.c2VjcmV0")] {
        let mut serving = Serving::start(&[&["--subprotocol", "*", "--out", "json"], flags].concat());
        let (_socket, head) = open_by_hand(serving.address(), "Sec-WebSocket-Protocol: mqtt, v1\r\n");
        assert_eq!(header(&head, "Sec-WebSocket-Protocol").as_deref(), Some("mqtt"));
        assert!(serving.running.line_with("opened").ends_with(" subprotocol=mqtt"));
        let (_socket, head) = open_by_hand(serving.address(), "Sec-WebSocket-Protocol: Bearer.c2VjcmV0, v1\r\n");
        assert_eq!(header(&head, "Sec-WebSocket-Protocol").as_deref(), Some("Bearer.c2VjcmV0"));
        assert!(serving.running.line_with("opened").ends_with(&format!(" subprotocol={shown}")));
        let (_socket, head) = open_by_hand(serving.address(), "");
        assert_eq!(header(&head, "Sec-WebSocket-Protocol"), None);
        serving.running.signal(Signal::TERM);
        let outcome = serving.running.finish();
        let mut events = outcome.stdout().lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let opened = events.find(|event| event["type"] == "opened" && event["connection"] == 2).unwrap();
        assert_eq!(opened["subprotocol"], shown);
        assert_eq!(opened["requested_subprotocols"], serde_json::json!([shown, "v1"]));
        assert_eq!(outcome.stdout().contains("c2VjcmV0"), flags.contains(&"--show-secrets"));
    }
}

#[test]
fn a_client_is_told_that_its_subprotocol_was_not_accepted() {
    let serving = Serving::start(&[]);
    let outcome = run(&["connect", "-n", "-s", "mqtt", "-s", "v1", "-d", "hi", "-1", &serving.url], b"");
    outcome.assert("hi\n", 0, "the server accepted no subprotocol (requested: mqtt, v1)");
    let outcome = run(&["connect", "-n", "-q", "-s", "mqtt", "-d", "hi", "-1", &serving.url], b"");
    assert_eq!((outcome.stderr.as_str(), outcome.code), ("", Some(0)));
}

#[test]
fn a_request_is_shown_whatever_it_gets() {
    let mut serving = Serving::start(&["-v", "--auth", "a:b"]);
    let (_, head) = open_by_hand(serving.address(), "Authorization: Basic Yzpk\r\n");
    assert!(head.starts_with("HTTP/1.1 401 "));
    for line in [
        "[1] < GET /chat HTTP/1.1",
        "[1] < Authorization: (masked; --show-secrets shows it)",
        "[1] > HTTP/1.1 401 Unauthorized",
        "[1] > WWW-Authenticate: Basic realm=\"wscli\", charset=\"UTF-8\"",
    ] {
        assert_eq!(serving.running.line_with(line), line);
    }
}

#[test]
fn quiet_leaves_out_what_needs_nobody() {
    let port_file = crate::support::files::Folder::new();
    let path = port_file.path("port");
    let running = Running::start(&["serve", "-q", "-p", "0", "--port-file", &path]);
    let port = loop {
        if let Ok(port) = std::fs::read_to_string(&path) {
            break port;
        }
    };
    let (mut socket, _) = open_by_hand(&format!("127.0.0.1:{}", port.trim()), "");
    socket.write_all(&client_frame(0x81, b"hi")).unwrap();
    assert_eq!(read_frame(&mut socket), (0x81, b"hi".to_vec()));
    running.signal(Signal::TERM);
    let outcome = running.finish();
    assert_eq!((outcome.stderr.as_str(), outcome.stdout(), outcome.code), ("", "", Some(0)));
}

#[test]
fn programs_are_told_where_the_server_listens() {
    let folder = crate::support::files::Folder::new();
    let socket = folder.path("ws.sock");
    let mut running = Running::start(&["serve", "-p", "0", "--unix", &socket, "--out", "json"]);
    let url = running.line_with("listening on ws://").rsplit(' ').next().unwrap().to_owned();
    running.line_with(&format!("listening on {socket}"));
    running.signal(Signal::TERM);
    let outcome = running.finish();
    let events: Vec<serde_json::Value> =
        outcome.stdout().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let address = url.strip_prefix("ws://").unwrap().trim_end_matches('/');
    let port: u16 = address.rsplit(':').next().unwrap().parse().unwrap();
    let [tcp, unix] = &events[..] else { panic!("{events:?}") };
    for (event, fields) in [
        (tcp, serde_json::json!({"type": "listening", "url": url, "address": address, "port": port, "schema": 1})),
        (
            unix,
            serde_json::json!({"type": "listening", "url": format!("ws+unix:{socket}"), "address": socket, "port": null, "schema": 1}),
        ),
    ] {
        let mut event = event.clone();
        assert!(event["time"].take().is_string());
        event.as_object_mut().unwrap().remove("time");
        assert_eq!(event, fields);
    }
}

/// A request that can't be read is shown with -v as one that can.
#[test]
fn the_head_of_a_request_that_can_not_be_read_is_logged() {
    for (request, status, lines) in [
        (
            "POST /x HTTP/1.1\r\nHost: a\r\nX-Auth: s\r\n\r\n",
            "405",
            &["< POST /x HTTP/1.1", "< Host: a", "< X-Auth: (masked"][..],
        ),
        ("GET / HTTP/1.1\r\nX-Key : s\r\n\r\n", "400", &["< GET / HTTP/1.1", "< X-Key: (masked"]),
        ("GET / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", "400", &["< GET / HTTP/1.1", "< Content-Length: 3"]),
        ("what?\r\n\r\n", "400", &["< what?"]),
    ] {
        let mut serving = Serving::start(&["-v"]);
        let mut socket = TcpStream::connect(serving.address()).unwrap();
        socket.write_all(request.as_bytes()).unwrap();
        read_to_end(&mut socket);
        for line in lines {
            let told = serving.running.line_with("[1] <");
            assert!(told.starts_with(&format!("[1] {line}")), "{told:?} instead of {line:?}");
        }
        let answer = serving.running.line_with("[1] ");
        assert!(answer.starts_with(&format!("[1] > HTTP/1.1 {status} ")), "{answer}");
    }
}
