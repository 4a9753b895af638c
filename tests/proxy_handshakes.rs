//! What of a client's request `wscli proxy` asks the target for, and what of the answer the client gets.

use std::io::Write;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use rustix::process::Signal;

use crate::support::authority::{self, Issued, good};
use crate::support::files::Folder;
use crate::support::peer::{
    self, Refusing, acceptance, ask_by_hand, connect, handshake, header, open_by_hand, read_head, read_head_bytes,
    read_to_end,
};
use crate::support::program::{Running, Serving};

/// A server that answers as `answer` says, and returns the head of the request.
fn answers(answer: impl FnOnce(&str) -> String + Send + 'static) -> peer::Peer<String> {
    peer::raw(move |socket, head| {
        socket.write_all(answer(&head).as_bytes()).unwrap();
        head
    })
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// What a client gets for its request, with more headers, until the end.
fn asked(address: &str, headers: &str) -> (String, Vec<u8>) {
    let (mut client, head) = open_by_hand(address, headers);
    (head, read_to_end(&mut client))
}

#[test]
fn the_request_is_the_client_s_and_speaks_of_the_target() {
    let server = answers(|head| acceptance(head, ""));
    let place = server.url.strip_prefix("ws://").unwrap().trim_end_matches('/').to_owned();
    let proxy = Serving::in_front_of(
        &format!("ws://{place}/base?key=1"),
        &["-H", "X-Ours: o", "-H", "X-Both: o", "-H", "Via: 1.1 other"],
    );
    asked(
        proxy.address(),
        "Origin: http://localhost:3000\r\nCookie: a=b\r\nX-Theirs: t\r\nX-Both: t\r\nProxy-Connection: keep-alive\r\n\
         User-Agent: theirs\r\nAuthorization: Bearer t\r\nSec-WebSocket-Protocol: chat, superchat\r\n\
         Sec-WebSocket-Extensions: x-other\r\n",
    );
    let head = server.join();
    assert!(head.starts_with("GET /base/chat?key=1 HTTP/1.1\r\n"), "{head}");
    for (name, value) in [
        ("Host", Some(place.as_str())),
        ("Origin", Some(&*format!("http://{place}"))),
        ("Cookie", Some("a=b")),
        ("X-Theirs", Some("t")),
        ("X-Ours", Some("o")),
        ("X-Both", Some("o")),
        ("Proxy-Connection", None),
        ("User-Agent", Some("theirs")),
        ("Authorization", Some("Bearer t")),
        ("Sec-WebSocket-Protocol", Some("chat, superchat")),
        ("Connection", Some("Upgrade")),
    ] {
        assert_eq!(header(&head, name).as_deref(), value, "{name} in {head}");
        assert!(head.matches(&format!("\r\n{name}:")).count() <= 1, "{name} in {head}");
    }
    assert!(head.contains("\r\nVia: 1.1 wscli-") && head.contains("\r\nVia: 1.1 other\r\n"), "{head}");
    assert!(header(&head, "Sec-WebSocket-Extensions").unwrap().starts_with("permessage-deflate"), "{head}");
    assert_ne!(header(&head, "Sec-WebSocket-Key").unwrap(), "dGhlIHNhbXBsZSBub25jZQ==");
}

#[test]
fn a_target_in_absolute_form_is_told_as_what_it_is_for() {
    for (target, resource) in [("/a?b=1", "/a?b=1"), ("?b=1", "/?b=1"), ("", "/")] {
        let server = answers(|head| acceptance(head, ""));
        let mut proxy = Serving::in_front_of(&server.url, &["--out", "json"]);
        let own = proxy.address().to_owned();
        let mut client = connect(&own);
        client.write_all(handshake(&format!("http://{own}{target}"), &own, "").as_bytes()).unwrap();
        assert!(read_head(&mut client).starts_with("HTTP/1.1 101 "));
        assert!(server.join().starts_with(&format!("GET {resource} HTTP/1.1\r\n")));
        drop(client);
        proxy.running.line_with(&format!(" opened {resource}"));
        proxy.running.signal(Signal::TERM);
        let opened = format!("\"url\":\"ws://{own}{resource}\"");
        let outcome = proxy.running.finish();
        assert!(outcome.stdout().contains(&opened), "{outcome:#?}");
    }
}

#[test]
fn a_client_that_is_gone_is_no_longer_dialed_for() {
    let (arrived, has_arrived) = channel();
    let server = peer::raw(move |socket, _| {
        arrived.send(()).unwrap();
        // Never answered.
        read_to_end(socket)
    });
    let mut proxy = Serving::in_front_of(&server.url, &["--max-connections", "1", "--handshake-timeout", "100s"]);
    let client = ask_by_hand(proxy.address(), "");
    has_arrived.recv().unwrap();
    drop(client);
    assert_eq!(server.join(), b"");
    proxy.running.line_with("the client has gone");
}

#[test]
fn host_and_origin_are_kept_where_that_is_asked_for() {
    let server = answers(|head| acceptance(head, ""));
    let proxy = Serving::in_front_of(&server.url, &["--keep-host", "--keep-origin"]);
    asked(proxy.address(), "Origin: http://localhost:3000\r\n");
    let head = server.join();
    assert_eq!(header(&head, "Host").as_deref(), Some(proxy.address()));
    assert_eq!(header(&head, "Origin").as_deref(), Some("http://localhost:3000"));
    assert_eq!(head.matches("Host:").count(), 1, "{head}");
}

#[test]
fn the_answer_is_the_target_s() {
    let server = peer::raw(|socket, head| {
        let answer = acceptance(&head, "").replace("Connection: Upgrade", "Connection: Upgrade, X-Hop");
        let more = "Sec-WebSocket-Protocol: superchat\r\nSet-Cookie: s=1\r\nX-Hop: h\r\nX-Server: s\r\n\r\n";
        socket.write_all(&[answer.trim_end(), "\r\n", more].concat().into_bytes()).unwrap();
        socket.write_all(b"\x01\x02hi\x80\x00").unwrap();
    });
    let proxy = Serving::in_front_of(&server.url, &[]);
    let (head, rest) = asked(proxy.address(), "Sec-WebSocket-Protocol: chat, superchat\r\n");
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    for (name, value) in [
        ("Sec-WebSocket-Accept", Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")),
        ("Sec-WebSocket-Protocol", Some("superchat")),
        ("Set-Cookie", Some("s=1")),
        ("X-Server", Some("s")),
        ("X-Hop", None),
        ("Sec-WebSocket-Extensions", None),
    ] {
        assert_eq!(header(&head, name).as_deref(), value, "{name} in {head}");
        assert!(head.matches(name).count() <= 1, "{name} in {head}");
    }
    // What came right behind the head, and the end.
    assert_eq!(rest, b"\x01\x02hi\x80\x00");
    server.join();
}

#[test]
fn a_refusal_is_the_target_s_with_its_body() {
    let server = answers(|_| {
        "HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nX-Why: w\r\n\r\n\
         5\r\n{\"a\":\r\n2\r\n1}\r\n0\r\n\r\n"
            .into()
    });
    let mut proxy = Serving::in_front_of(&server.url, &[]);
    let (head, body) = asked(proxy.address(), "");
    assert!(head.starts_with("HTTP/1.1 403 Forbidden\r\n"), "{head}");
    for (name, value) in [
        ("Content-Type", Some("application/json")),
        ("X-Why", Some("w")),
        ("Content-Length", Some("7")),
        ("Transfer-Encoding", None),
        ("Connection", Some("close")),
    ] {
        assert_eq!(header(&head, name).as_deref(), value, "{name} in {head}");
    }
    assert_eq!(body, b"{\"a\":1}");
    proxy.running.line_with("the server answered 403 Forbidden");
    server.join();
}

#[test]
fn a_refusal_s_body_is_passed_on_whole_or_not_at_all() {
    let server = answers(|_| {
        "HTTP/1.1 403 Forbidden\r\nContent-Encoding: br\r\nETag: \"e\"\r\nX-Server: s\r\nContent-Length: 5000\r\n\r\n"
            .to_owned()
            + &"x".repeat(5000)
    });
    let mut proxy = Serving::in_front_of(&server.url, &["--max-body", "1000"]);
    let (head, body) = asked(proxy.address(), "");
    assert!(head.starts_with("HTTP/1.1 403 ") && body.is_empty(), "{head}");
    for (name, value) in
        [("Content-Length", Some("0")), ("Content-Encoding", None), ("ETag", None), ("X-Server", Some("s"))]
    {
        assert_eq!(header(&head, name).as_deref(), value, "{name} in {head}");
    }
    proxy.running.line_with("[2] the refusal's body is too long");
    server.join();
}

#[test]
fn what_came_of_a_refusal_s_body_that_breaks_off_is_passed_on_and_breaks_off() {
    for (framing, came, passed) in [
        ("Content-Length: 10", "abc", "3\r\nabc\r\n"),
        ("Transfer-Encoding: chunked", "3\r\nabc\r\n7\r\nde", "5\r\nabcde\r\n"),
        ("Content-Length: 10", "", ""),
        ("Transfer-Encoding: chunked", "3\r\nabc\r\nzz\r\nde", "9\r\nabczz\r\nde\r\n"),
    ] {
        let server = answers(move |_| format!("HTTP/1.1 403 Forbidden\r\nX-Server: s\r\n{framing}\r\n\r\n{came}"));
        let mut proxy = Serving::in_front_of(&server.url, &[]);
        let (head, body) = asked(proxy.address(), "");
        // Without the last chunk (RFC 9112 §8).
        assert_eq!(String::from_utf8(body).unwrap(), passed, "{head}");
        for (name, value) in [("Transfer-Encoding", Some("chunked")), ("Content-Length", None), ("X-Server", Some("s"))]
        {
            assert_eq!(header(&head, name).as_deref(), value, "{name} in {head}");
        }
        proxy.running.line_with("[2] the refusal's body ");
        server.join();
    }
}

#[test]
fn a_refusal_s_long_body_leaves_at_the_pace_of_who_takes_it() {
    // More than lies between two sockets.
    const LENGTH: usize = 24 << 20;
    let server =
        answers(|_| format!("HTTP/1.1 403 Forbidden\r\nContent-Length: {LENGTH}\r\n\r\n{}", "x".repeat(LENGTH)));
    let proxy = Serving::in_front_of(&server.url, &["--max-body", "none"]);
    let (mut client, _) = open_by_hand(proxy.address(), "");
    // For longer than the end of a connection is waited for.
    thread::sleep(Duration::from_millis(1500));
    assert_eq!(read_to_end(&mut client).len(), LENGTH);
    server.join();
}

#[test]
fn a_refusal_s_reason_phrase_is_the_target_s_where_it_is_one() {
    for (line, passed) in [
        ("HTTP/1.1 403 Gone Fishing", "HTTP/1.1 403 Gone Fishing"),
        ("HTTP/1.0 799 caf\u{e9}", "HTTP/1.1 799 caf\u{e9}"),
        ("HTTP/1.1 403 No\x1bne", "HTTP/1.1 403 Forbidden"),
        ("HTTP/1.1 403", "HTTP/1.1 403 Forbidden"),
    ] {
        let server = answers(move |_| format!("{line}\r\nContent-Length: 0\r\n\r\n"));
        let proxy = Serving::in_front_of(&server.url, &[]);
        let (head, _) = asked(proxy.address(), "");
        assert!(head.starts_with(&format!("{passed}\r\n")), "{head}");
        server.join();
    }
}

#[test]
fn what_is_no_text_in_a_header_goes_on_as_it_came() {
    // In ISO 8859-1, which RFC 9110 §5.5 calls opaque; and what a terminal would obey, in UTF-8.
    const LINES: &[u8] = b"Cookie: name=caf\xe9\r\nX-Other: \xc2\x9b1m \xff\r\n";
    let goes_on = |head: &[u8]| LINES.split_inclusive(|byte| *byte == b'\n').all(|line| contains(head, line));
    for (status, is_plain) in [("101 Switching Protocols", false), ("403 Forbidden", false), ("200 OK", true)] {
        let server = peer::one_connection(move |mut socket| {
            let head = read_head_bytes(&mut socket);
            let accept =
                "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nUpgrade: websocket\r\nConnection: Upgrade";
            let framing = if status.starts_with("101") { accept } else { "Content-Length: 0" };
            let begin = format!("HTTP/1.1 {status}\r\n{framing}\r\n");
            socket.write_all(&[begin.as_bytes(), LINES, b"\r\n"].concat()).unwrap();
            head
        });
        let proxy = Serving::in_front_of(&server.url, &["-H", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]);
        let mut client = connect(proxy.address());
        let plain = format!("GET / HTTP/1.1\r\nHost: {}\r\n", proxy.address());
        let request = if is_plain { plain } else { handshake("/", proxy.address(), "") };
        client.write_all(&[request.trim_end().as_bytes(), b"\r\n", LINES, b"\r\n"].concat()).unwrap();
        let answer = read_head_bytes(&mut client);
        assert!(answer.starts_with(format!("HTTP/1.1 {status}\r\n").as_bytes()), "{}", answer.escape_ascii());
        let heads = [server.join(), answer];
        assert_eq!(heads.each_ref().map(|head| goes_on(head)), [true; 2], "{}", heads.concat().escape_ascii());
    }
}

#[test]
fn a_refusal_s_body_that_is_not_what_its_head_says_is_no_other_one() {
    for (coding, passed, body_passed) in [
        ("Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc", Some("gzip"), &b"abc"[..]),
        ("Transfer-Encoding: gzip, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", None, b""),
    ] {
        let server = answers(move |_| format!("HTTP/1.1 403 Forbidden\r\n{coding}"));
        let proxy = Serving::in_front_of(&server.url, &[]);
        let (head, body) = asked(proxy.address(), "");
        assert_eq!((header(&head, "Content-Encoding").as_deref(), body.as_slice()), (passed, body_passed), "{head}");
        assert_eq!(header(&head, "Transfer-Encoding"), None, "{head}");
        server.join();
    }
}

#[test]
fn what_would_trust_the_target_is_told_in_the_log() {
    let url = authority::serve(Issued::self_signed(&good()).config());
    let mut proxy = Serving::in_front_of(&url, &[]);
    let (head, _) = asked(proxy.address(), "");
    assert!(head.starts_with("HTTP/1.1 502 Bad Gateway\r\n") && !head.contains("--cacert"), "{head}");
    let line = proxy.running.line_with("for the way to the target: ");
    assert!(line.contains("--cacert FILE trusts it"), "{line}");
}

#[test]
fn a_target_that_can_not_be_reached_or_answers_wrongly_is_a_bad_gateway() {
    // Nobody listens there any more.
    let gone = Refusing::new();
    let proxy = Serving::in_front_of(&format!("ws://{gone}/"), &[]);
    let (head, body) = asked(proxy.address(), "");
    assert!(head.starts_with("HTTP/1.1 502 Bad Gateway\r\n"), "{head}");
    assert!(String::from_utf8_lossy(&body).contains(&gone.to_string()), "{body:?}");

    let server = answers(|head| acceptance(head, "").replace("Accept: ", "Accept: x"));
    let proxy = Serving::in_front_of(&server.url, &[]);
    let (head, body) = asked(proxy.address(), "");
    assert!(head.starts_with("HTTP/1.1 502 "), "{head}");
    assert!(String::from_utf8_lossy(&body).contains("Sec-WebSocket-Accept"), "{body:?}");
    server.join();
}

#[test]
fn a_proxy_that_is_its_own_target_is_refused() {
    let folder = Folder::new();
    let socket = folder.path("proxy.sock");
    let target = format!("ws+unix:{socket}:/");
    let mut proxy = Serving::in_front_of(&target, &["--unix", &socket]);
    let (head, body) = asked(proxy.address(), "");
    assert!(head.starts_with("HTTP/1.1 508 Loop Detected\r\n"), "{head}");
    assert_eq!(body, b"the target leads back to this proxy\n");
    proxy.running.line_with("508 Loop Detected");
}

#[test]
fn a_request_that_may_be_read_as_two_reaches_nobody() {
    let gone = Refusing::new();
    let mut proxy = Serving::in_front_of(&format!("ws://{gone}/"), &[]);
    let address = proxy.address().to_owned();
    let whole = |extra: &str, behind: &str| peer::handshake("/chat", &address, extra) + behind;
    for (request, why) in [
        (whole("", "GET /admin HTTP/1.1\r\nHost: a\r\n\r\n"), "the request is followed by something"),
        (whole("Content-Length: 5\r\n", "hello"), "the request has a body"),
        (whole("Transfer-Encoding: chunked\r\n", "0\r\n\r\n"), "the request has a body"),
        (whole("Host: other\r\n", ""), "Host appears twice"),
        (whole("Sec-WebSocket-Version: 8\r\n", ""), "Sec-WebSocket-Version appears twice"),
    ] {
        let mut client = peer::connect(&address);
        client.write_all(request.as_bytes()).unwrap();
        let answer = String::from_utf8(read_to_end(&mut client)).unwrap();
        assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n") && answer.contains(why), "{request}{answer}");
        proxy.running.line_with(why);
    }
}

#[test]
fn who_may_not_come_in_reaches_nobody() {
    let gone = Refusing::new();
    let target = format!("ws://{gone}/");
    let proxy = Serving::in_front_of(&target, &["--auth", "a:b"]);
    assert!(asked(proxy.address(), "").0.starts_with("HTTP/1.1 401 "));
    let known = "Authorization: Basic YTpi\r\n";
    assert!(asked(proxy.address(), known).0.starts_with("HTTP/1.1 502 "));
    let proxy = Serving::in_front_of(&target, &[]);
    assert!(asked(proxy.address(), "Origin: https://evil.example\r\n").0.starts_with("HTTP/1.1 403 "));
}

#[test]
fn an_answer_without_a_body_has_no_length_and_a_426_says_what_is_wanted() {
    for (answer, has, hasnt) in [
        ("HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 204 No Content\r\n", "Content-"),
        ("HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\nContent-Length: 5\r\n\r\n", "ETag: \"x\"\r\n", "Content-"),
        (
            "HTTP/1.1 426 Upgrade Required\r\nUpgrade: h2c\r\nConnection: Upgrade\r\nContent-Length: 2\r\n\r\nno",
            "Upgrade: h2c\r\nConnection: Upgrade, close\r\nContent-Length: 2\r\n\r\nno",
            "websocket",
        ),
    ] {
        let server = answers(move |_| answer.to_owned());
        let proxy = Serving::in_front_of(&server.url, &[]);
        let mut socket = peer::ask_by_hand(proxy.address(), "");
        let answer = String::from_utf8(peer::read_to_end(&mut socket)).unwrap();
        server.join();
        assert!(answer.contains(has) && !answer.contains(hasnt), "{answer}");
    }
}

#[test]
fn what_clients_prove_to_the_proxy_stays_there() {
    let server = answers(|head| acceptance(head, ""));
    let proxy = Serving::in_front_of(&server.url, &["--auth-bearer", "t"]);
    asked(proxy.address(), "Authorization: Bearer t\r\n");
    assert_eq!(header(&server.join(), "Authorization"), None);
}

#[test]
fn what_stands_without_a_flag_is_told_apart() {
    let refused = |args: &[&str], says: &str| {
        Running::start(&[&["proxy"], args].concat()).finish().assert("", 2, says);
    };
    refused(&[], "proxy needs the URL of the server");
    refused(&["localhost", "ws://localhost:1"], "LISTEN, before the target: it has no port");
    refused(&["127.0.0.1:0", "ftp://localhost:1"], "its scheme \"ftp\" is not ws or wss");
    refused(&["ws://localhost:1", "--keep-host", "--host", "a"], "cannot be used with");
    refused(&["ws://localhost:1", "-c", "jar"], "--cookie-jar: the target's cookies belong to each client");
}
