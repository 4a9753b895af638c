//! Plain HTTP through `wscli proxy`: Socket.IO, SignalR and others use one URL for it and for their WebSockets.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use rustix::net::sockopt::set_socket_linger;
use rustix::process::Signal;

use crate::bounds::wait_until_at_rest;
use crate::support::authority::{self, Issued, good};
use crate::support::files::Folder;
use crate::support::peer::{self, Refusing, connect, connect_with_little_room, header, read_head, read_to_end};
use crate::support::program::Serving;

const OK: &str = "HTTP/1.1 200 Fine\r\nContent-Length: 2\r\nConnection: close\r\nX-Hop: kept\r\n\r\nhi";

/// HOST:PORT of a peer.
fn place<T>(server: &peer::Peer<T>) -> String {
    server.url.trim_start_matches("ws://").trim_end_matches('/').to_owned()
}

/// A server that answers one request, and returns its head and what comes behind.
fn answers(answer: &'static str) -> peer::Peer<(String, Vec<u8>)> {
    peer::raw(move |socket, head| {
        socket.write_all(answer.as_bytes()).unwrap();
        socket.shutdown(Shutdown::Write).unwrap();
        (head, read_to_end(socket))
    })
}

fn ask(address: &str, request: &str, body: &[u8]) -> TcpStream {
    let mut client = connect(address);
    client.write_all(&[request.as_bytes(), body].concat()).unwrap();
    client
}

/// All that a client gets for a request of which this is the beginning.
fn asked(proxy: &Serving, line: &str, headers: &str) -> String {
    let request = format!("{line} HTTP/1.1\r\nHost: {}\r\n{headers}\r\n", proxy.address());
    String::from_utf8(read_to_end(&mut ask(proxy.address(), &request, b""))).unwrap()
}

#[test]
fn a_request_speaks_of_the_target_and_the_answer_is_untouched() {
    let server = answers(OK);
    let place = place(&server);
    let target = format!("ws://{place}/base?key=1");
    let mut proxy = Serving::in_front_of(&target, &["-H", "X-Ours: o", "-H", "X-Both: o", "-u", "me:pw"]);
    let headers = "Origin: http://localhost:3000\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: 5\r\n\
                   Upgrade: h2c\r\nTE: trailers\r\nX-Both: t\r\nCookie: a=b\r\nUser-Agent: theirs\r\n";
    assert_eq!(asked(&proxy, "GET /socket.io/?EIO=4&t=x", headers), OK);
    let (head, behind) = server.join();
    let via = header(&head, "Via").unwrap();
    assert!(via.starts_with("1.1 wscli-"), "{head}");
    let mut lines: Vec<_> = head.trim_end().split("\r\n").collect();
    assert_eq!(lines.remove(0), "GET /base/socket.io/?key=1&EIO=4&t=x HTTP/1.1");
    lines.sort_unstable();
    let (host, origin, via) = (format!("Host: {place}"), format!("Origin: http://{place}"), format!("Via: {via}"));
    let expected = [
        "Authorization: Basic bWU6cHc=",
        "Connection: close",
        "Cookie: a=b",
        &host,
        &origin,
        "User-Agent: theirs",
        &via,
        "X-Both: o",
        "X-Ours: o",
    ];
    assert_eq!(lines, expected);
    assert_eq!(behind, b"");
    proxy.running.line_with(&format!(" GET /socket.io/?EIO=4&t=x to {place}"));
    let sent = head.len();
    proxy.running.line_with(&format!(
        "GET /socket.io/?EIO=4&t=x to {place} answered 200 OK; {sent} bytes to the server, {} bytes from it",
        OK.len()
    ));
}

#[test]
fn what_is_kept_for_websockets_is_kept_for_plain_http() {
    let server = answers(OK);
    let proxy = Serving::in_front_of(&server.url, &["--keep-host", "--keep-origin", "--auth-bearer", "t"]);
    let headers = "Origin: http://localhost:3000\r\nAuthorization: Bearer t\r\n";
    assert_eq!(asked(&proxy, "DELETE /a", headers), OK);
    let (head, _) = server.join();
    assert!(head.starts_with("DELETE /a HTTP/1.1\r\n"), "{head}");
    assert_eq!(header(&head, "Host").as_deref(), Some(proxy.address()));
    assert_eq!(head.matches("Host:").count(), 1, "{head}");
    assert_eq!(header(&head, "Origin").as_deref(), Some("http://localhost:3000"));
    assert_eq!(header(&head, "Authorization"), None);
}

#[test]
fn a_body_goes_on_as_it_comes_and_nothing_behind_it_does() {
    let chunked = b"2;x=y\r\nab\r\n0\r\nX: trailer\r\n\r\n";
    for (framing, body) in [("Content-Length: 5", &b"hello"[..]), ("Transfer-Encoding: chunked", chunked)] {
        let length = body.len();
        let server = peer::raw(move |socket, head| {
            // The second half is sent only once the first has been answered.
            let mut received = vec![0; length];
            let (first, second) = received.split_at_mut(2);
            socket.read_exact(first).unwrap();
            socket.write_all(b"HTTP/1.1 103 Early Hints\r\n\r\n").unwrap();
            socket.read_exact(second).unwrap();
            socket.write_all(OK.as_bytes()).unwrap();
            socket.shutdown(Shutdown::Write).unwrap();
            (head, received, read_to_end(socket))
        });
        let proxy = Serving::in_front_of(&server.url, &[]);
        let request = format!("POST /poll HTTP/1.1\r\nHost: {}\r\n{framing}\r\n\r\n", proxy.address());
        let mut client = ask(proxy.address(), &request, &body[..2]);
        assert_eq!(read_head(&mut client), "HTTP/1.1 103 Early Hints\r\n\r\n");
        client.write_all(&[&body[2..], b"GET /admin HTTP/1.1\r\nHost: a\r\n\r\n"].concat()).unwrap();
        assert_eq!(String::from_utf8(read_to_end(&mut client)).unwrap(), OK);
        drop(client);
        let (head, received, behind) = server.join();
        assert!(head.contains(&format!("\r\n{framing}\r\n")), "{head}");
        assert_eq!((received.as_slice(), behind.as_slice()), (body, &b""[..]));
    }
}

#[test]
fn a_client_without_a_name_stays_without_one_unless_it_is_given_one() {
    // The last is what a request of the proxy's own has.
    let own = concat!("wscli/", env!("CARGO_PKG_VERSION"));
    for (args, agent) in [(&[][..], None), (&["-A", "ours"], Some("ours")), (&["-A", own], Some(own))] {
        let server = answers(OK);
        let proxy = Serving::in_front_of(&server.url, args);
        assert_eq!(asked(&proxy, "GET /", ""), OK);
        assert_eq!(header(&server.join().0, "User-Agent").as_deref(), agent);

        let server = answers(OK);
        let proxy = Serving::in_front_of(&server.url, args);
        drop(peer::open_by_hand(proxy.address(), ""));
        assert_eq!(header(&server.join().0, "User-Agent").as_deref(), agent);
    }
}

#[test]
fn a_head_and_an_error_are_the_target_s() {
    for (line, answer) in [
        ("HEAD /", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\n"),
        ("GET /none", "HTTP/1.0 404 Gone Fishing\r\nContent-Type: text/x\r\n\r\nnot here"),
        ("OPTIONS *", "HTTP/1.1 204 No Content\r\nAccess-Control-Allow-Origin: *\r\n\r\n"),
    ] {
        let server = answers(answer);
        let proxy = Serving::in_front_of(&server.url, &[]);
        assert_eq!(asked(&proxy, line, ""), answer);
        let (head, _) = server.join();
        assert!(head.starts_with(&format!("{line} HTTP/1.1\r\n")), "{head}");
    }
}

#[test]
fn a_client_of_http_1_0_gets_an_answer_for_it() {
    let server = answers(OK);
    let proxy = Serving::in_front_of(&server.url, &[]);
    let answer = read_to_end(&mut ask(proxy.address(), "GET / HTTP/1.0\r\n\r\n", b""));
    assert_eq!(String::from_utf8(answer).unwrap(), OK);
    assert!(server.join().0.starts_with("GET / HTTP/1.0\r\nHost: "));
}

#[test]
fn who_may_not_come_in_or_is_not_understood_reaches_nobody() {
    let gone = Refusing::new();
    let target = format!("ws://{gone}/");
    let mut proxy = Serving::in_front_of(&target, &[]);
    for (line, headers, status, why) in [
        ("GET /", "", "502 Bad Gateway", &*gone.to_string()),
        ("GET /", "Origin: https://evil.example\r\n", "403 Forbidden", "evil.example"),
        ("GET /a.js", "Sec-Fetch-Site: cross-site\r\n", "403 Forbidden", ""),
        ("GET /", "Sec-WebSocket-Key: a\r\n", "426 Upgrade Required", "no Upgrade header: has a proxy removed it?"),
        ("GET /", "Host: other\r\n", "400 Bad Request", "Host appears twice"),
        ("POST /", "Content-Length: 1\r\nContent-Length: 2\r\n", "400 Bad Request", "can't be told"),
        ("POST /", "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", "400 Bad Request", "in two ways"),
        ("CONNECT a:1", "", "405 Method Not Allowed", "takes this server for a proxy"),
    ] {
        let answer = asked(&proxy, line, headers);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}\r\n")) && answer.contains(why), "{headers}{answer}");
        let allowed = line.starts_with("CONNECT").then_some("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, TRACE");
        assert_eq!(header(&answer, "Allow").as_deref(), allowed, "{answer}");
        proxy.running.line_with(&format!("refused with {status}: "));
    }
    let proxy = Serving::in_front_of(&target, &["--auth", "a:b"]);
    assert!(asked(&proxy, "POST /", "Content-Length: 0\r\n").starts_with("HTTP/1.1 401 "));
    assert!(asked(&proxy, "POST /", "Authorization: Basic YTpi\r\n").starts_with("HTTP/1.1 502 "));
}

#[test]
fn a_proxy_that_is_its_own_target_is_refused() {
    let folder = Folder::new();
    let socket = folder.path("proxy.sock");
    let proxy = Serving::in_front_of(&format!("ws+unix:{socket}:/"), &["--unix", &socket]);
    let answer = asked(&proxy, "GET /", "");
    assert!(answer.starts_with("HTTP/1.1 508 Loop Detected\r\n"), "{answer}");
    assert!(answer.ends_with("the target leads back to this proxy\n"), "{answer}");
}

#[test]
fn the_way_is_that_of_websockets() {
    let ok = |proxy: &Serving| {
        let answer = asked(proxy, "GET /healthz", "");
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("\r\n\r\nok\n"), "{answer}");
    };
    let secure = Serving::start(&["--tls"]);
    ok(&Serving::in_front_of(&secure.url, &["-k"]));
    let plain = Serving::start(&[]);
    let mut other = Serving::forward(&[]);
    ok(&Serving::in_front_of(&plain.url, &["-x", &format!("http://{}", other.address())]));
    other.running.line_with(&format!("tunnel to {}", plain.address()));
    ok(&Serving::in_front_of(
        "ws://far.example/",
        &["--connect-to", &format!("::{}", plain.address()), "--host", "a.test"],
    ));

    let url = authority::serve(Issued::self_signed(&good()).config());
    let mut proxy = Serving::in_front_of(&url, &[]);
    let answer = asked(&proxy, "GET /", "");
    assert!(answer.starts_with("HTTP/1.1 502 Bad Gateway\r\n") && !answer.contains("--cacert"), "{answer}");
    proxy.running.line_with("for the way to the target: ");
}

#[test]
fn a_target_that_comes_late_is_waited_for_where_that_is_asked_for() {
    let late = Refusing::new();
    let mut proxy = Serving::in_front_of(&format!("ws://{late}/"), &["--retry", "1000", "--retry-delay", "10ms"]);
    let request = format!("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", proxy.address());
    let mut client = ask(proxy.address(), &request, b"");
    proxy.running.line_with("retry 1 of 1000 in ");
    let (mut socket, _) = late.listen().accept().unwrap();
    read_head(&mut socket);
    socket.write_all(OK.as_bytes()).unwrap();
    drop(socket);
    assert_eq!(String::from_utf8(read_to_end(&mut client)).unwrap(), OK);
}

#[test]
fn faults_and_recordings_are_of_websockets_and_programs_are_told() {
    let server = answers(OK);
    let folder = Folder::new();
    let recording = folder.path("r.ndjson");
    let faulty = ["--fault", "status 503", "--record", &recording, "--out", "json"];
    let mut proxy = Serving::in_front_of(&server.url, &faulty);
    assert_eq!(asked(&proxy, "GET /?token=c2VjcmV0", ""), OK);
    let place = place(&server);
    server.join();
    proxy.running.line_with("GET /?token=(masked) to ");
    proxy.running.line_with("answered 200 OK; ");
    proxy.running.signal(Signal::TERM);
    let outcome = proxy.running.finish();
    let events: Vec<serde_json::Value> =
        outcome.stdout().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let types: Vec<_> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["listening", "tunnel_opened", "tunnel_closed"]);
    assert_eq!((&events[1]["target"], &events[1]["connection"]), (&place.as_str().into(), &1.into()));
    for event in &events[1..] {
        assert_eq!((&event["method"], &event["path"]), (&"GET".into(), &"/?token=(masked)".into()));
    }
    assert_eq!((&events[2]["status"], &events[2]["why"]), (&200.into(), &"ended".into()));
    assert!(!std::fs::read_to_string(&recording).unwrap().contains("refused"));
}

/// Small servers do that, although each request says that the connection ends behind it.
#[test]
fn a_client_that_asks_again_where_the_target_goes_on_has_to_connect_anew() {
    let server = peer::raw(move |socket, _| {
        socket.write_all(OK.as_bytes()).unwrap();
        read_to_end(socket)
    });
    let proxy = Serving::in_front_of(&server.url, &[]);
    let request = format!("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", proxy.address());
    let mut client = ask(proxy.address(), &request, b"");
    let mut answer = vec![0; OK.len()];
    client.read_exact(&mut answer).unwrap();
    assert_eq!(answer, OK.as_bytes());
    client.write_all(request.as_bytes()).unwrap();
    assert!(matches!(client.read(&mut [0]), Ok(0) | Err(_)));
    assert_eq!(server.join(), b"");
}

#[test]
fn what_a_client_goes_on_asking_costs_it_nothing_of_its_answer() {
    const LENGTH: usize = 1 << 20;
    let server = peer::raw(|socket, _| {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {LENGTH}\r\n\r\n");
        socket.write_all(&[head.as_bytes(), &[b'x'; LENGTH]].concat()).unwrap();
        read_to_end(socket)
    });
    let proxy = Serving::in_front_of(&server.url, &[]);
    let request = format!("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", proxy.address());
    let mut client = ask(proxy.address(), &request.repeat(2), b"");
    // It is told the end behind the answer, and most of that is still in a kernel.
    assert_eq!(server.join(), b"");
    client.write_all(request.as_bytes()).unwrap();
    wait_until_at_rest(&proxy.running);
    assert!(read_to_end(&mut client).len() > LENGTH);
}

#[test]
fn an_answer_that_ends_with_its_connection_has_all_the_time_that_it_takes() {
    let server = peer::raw(|socket, _| {
        socket.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhalf").unwrap();
        // Longer than anybody would wait for what comes next.
        thread::sleep(Duration::from_millis(1500));
        socket.write_all(b" and half").unwrap();
    });
    let proxy = Serving::in_front_of(&server.url, &[]);
    let request = format!("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", proxy.address());
    let mut client = ask(proxy.address(), &request.repeat(2), b"");
    assert!(read_to_end(&mut client).ends_with(b"\r\n\r\nhalf and half"));
    server.join();
}

#[test]
fn what_comes_behind_a_request_cuts_no_answer() {
    const HINTS: &str = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
    for behind in ["\r\n", "GET /second HTTP/1.1\r\nHost: a\r\n\r\n"] {
        let (go_on, may_go_on) = channel::<()>();
        let server = peer::raw(move |socket, _| {
            let (half, rest) = OK.split_at(OK.len() - 1);
            socket.write_all(HINTS.as_bytes()).unwrap();
            may_go_on.recv().unwrap();
            socket.write_all(half.as_bytes()).unwrap();
            socket.write_all(rest.as_bytes()).unwrap();
            read_to_end(socket)
        });
        let proxy = Serving::in_front_of(&server.url, &[]);
        let mut client = ask(proxy.address(), &format!("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", proxy.address()), b"");
        let mut hints = vec![0; HINTS.len()];
        client.read_exact(&mut hints).unwrap();
        client.write_all(behind.as_bytes()).unwrap();
        wait_until_at_rest(&proxy.running);
        go_on.send(()).unwrap();
        let mut answer = vec![0; OK.len()];
        client.read_exact(&mut answer).unwrap();
        assert_eq!(answer, OK.as_bytes(), "{behind:?}");
        client.shutdown(Shutdown::Write).unwrap();
        assert_eq!(server.join(), b"", "{behind:?}");
    }
}

#[test]
fn a_client_that_says_no_more_than_its_request_gets_the_answer() {
    let server = answers(OK);
    let proxy = Serving::in_front_of(&server.url, &[]);
    // The end is there before the target is reached.
    proxy.running.signal(Signal::STOP);
    let mut client = ask(proxy.address(), &format!("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", proxy.address()), b"");
    client.shutdown(Shutdown::Write).unwrap();
    proxy.running.signal(Signal::CONT);
    assert_eq!(read_to_end(&mut client), OK.as_bytes());
    server.join();
}

#[test]
fn what_a_client_was_given_of_an_answer_it_may_read_though_the_proxy_stops() {
    const GIVEN: usize = 100_000;
    let server = peer::raw(|socket, _| {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", 5 * GIVEN);
        socket.write_all(&[head.as_bytes(), &[b'x'; GIVEN]].concat()).unwrap();
        read_to_end(socket)
    });
    let mut proxy = Serving::in_front_of(&server.url, &[]);
    let mut client = connect_with_little_room(proxy.address());
    client.write_all(format!("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", proxy.address()).as_bytes()).unwrap();
    read_head(&mut client);
    wait_until_at_rest(&proxy.running);
    proxy.running.signal(Signal::TERM);
    let (mut received, mut piece) = (0, [0; 2000]);
    let end = loop {
        match client.read(&mut piece) {
            Ok(count @ 1..) => received += count,
            end => break end.map_err(|error| error.kind()),
        }
        // Not at once.
        thread::sleep(Duration::from_millis(1));
    };
    assert_eq!((received, end), (GIVEN, Err(ErrorKind::ConnectionReset)));
    assert_eq!((server.join(), proxy.running.wait().0), (Vec::new(), Some(0)));
}

#[test]
fn a_client_that_is_slower_than_the_target_has_time_for_what_it_was_given_too() {
    let server = peer::raw(|socket, _| {
        socket.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
        while socket.write_all(&[b'x'; 65536]).is_ok() {}
    });
    let mut proxy = Serving::in_front_of(&server.url, &[]);
    let mut client = ask(proxy.address(), &format!("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", proxy.address()), b"");
    let head = read_head(&mut client);
    wait_until_at_rest(&proxy.running);
    proxy.running.signal(Signal::TERM);
    let (mut received, mut piece) = (head.len(), vec![0; 65536]);
    let end = loop {
        match client.read(&mut piece) {
            Ok(count @ 1..) => received += count,
            end => break end.map_err(|error| error.kind()),
        }
        thread::sleep(Duration::from_millis(1));
    };
    assert_eq!(end, Err(ErrorKind::ConnectionReset));
    let line = proxy.running.line_with(" bytes from it").replace(',', "");
    assert!(line.contains(&format!("server {received} bytes from it")), "{received}: {line}");
    server.join();
}

#[test]
fn an_answer_that_the_proxy_cuts_does_not_look_whole() {
    for stops in [false, true] {
        let server = peer::raw(|socket, _| {
            socket.write_all(b"HTTP/1.1 200 OK\r\n\r\nand so").unwrap();
            read_to_end(socket)
        });
        let mut proxy = Serving::in_front_of(&server.url, if stops { &[] } else { &["--idle-timeout", "1s"] });
        let mut client = ask(proxy.address(), &format!("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", proxy.address()), b"");
        read_head(&mut client);
        client.read_exact(&mut [0; "and so".len()]).unwrap();
        if stops {
            proxy.running.signal(Signal::TERM);
        }
        let end = client.read(&mut [0]).map_err(|error| error.kind());
        assert_eq!(end, Err(ErrorKind::ConnectionReset), "{stops}");
        proxy.running.line_with(if stops { "200 OK, the proxy is stopping" } else { "200 OK, idle for too long" });
        assert_eq!(server.join(), b"");
    }
}

#[test]
fn a_body_that_turns_bad_behind_an_interim_response_is_refused_with_the_reason() {
    const CONTINUE: &str = "HTTP/1.1 100 Continue\r\n\r\n";
    let server = peer::raw(move |socket, _| {
        socket.write_all(CONTINUE.as_bytes()).unwrap();
        while socket.read(&mut [0; 16]).is_ok_and(|count| count > 0) {}
    });
    let proxy = Serving::in_front_of(&server.url, &[]);
    let head = format!(
        "POST / HTTP/1.1\r\nHost: {}\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n",
        proxy.address()
    );
    let mut client = ask(proxy.address(), &head, b"");
    client.read_exact(&mut [0; CONTINUE.len()]).unwrap();
    client.write_all(b"zz\r\n").unwrap();
    let answer = String::from_utf8(read_to_end(&mut client)).unwrap();
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("isn't in chunks"), "{answer}");
    server.join();
}

#[test]
fn an_answer_that_a_reset_follows_reaches_a_client_that_takes_its_time() {
    const LENGTH: usize = 1 << 20;
    let (go_on, may_go_on) = channel::<()>();
    let server = peer::raw(move |socket, _| {
        set_socket_linger(&*socket, Some(Duration::ZERO)).unwrap();
        socket.write_all(&[b'x'; LENGTH]).unwrap();
        may_go_on.recv().unwrap();
    });
    let mut proxy = Serving::in_front_of(&server.url, &[]);
    let request = format!("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", proxy.address());
    let mut client = ask(proxy.address(), &request, b"");
    wait_until_at_rest(&proxy.running);
    go_on.send(()).unwrap();
    server.join();
    // For longer than a client that is still sending is given.
    thread::sleep(Duration::from_millis(1500));
    client.read_exact(&mut vec![0; LENGTH]).unwrap();
    assert_eq!(client.read(&mut [0]).map_err(|error| error.kind()), Err(ErrorKind::ConnectionReset));
    proxy.running.line_with("reset by the server");
}

/// A server that doesn't want a body answers, and closes over what it hasn't read of that: a reset.
#[test]
fn an_answer_that_a_reset_follows_reaches_a_client_that_is_still_sending() {
    const REFUSED: &str = "HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno";
    for ends_before in [false, true] {
        let ((begun, has_begun), (go_on, may_go_on)) = (channel(), channel::<()>());
        let server = peer::raw(move |socket, _| {
            socket.peek(&mut [0]).unwrap();
            begun.send(()).unwrap();
            may_go_on.recv().unwrap();
            socket.write_all(REFUSED.as_bytes()).unwrap();
            if ends_before {
                socket.shutdown(Shutdown::Write).unwrap();
            }
        });
        let mut proxy = Serving::in_front_of(&server.url, &[]);
        let request = format!("PUT / HTTP/1.1\r\nHost: {}\r\nContent-Length: 99999999\r\n\r\n", proxy.address());
        let mut client = ask(proxy.address(), &request, b"the first of it");
        has_begun.recv().unwrap();
        // The proxy finds all of it at once.
        proxy.running.signal(Signal::STOP);
        client.write_all(&[0; 1000]).unwrap();
        go_on.send(()).unwrap();
        server.join();
        proxy.running.signal(Signal::CONT);
        let mut answer = vec![0; REFUSED.len()];
        client.read_exact(&mut answer).unwrap();
        assert_eq!(answer, REFUSED.as_bytes());
        // Nobody takes this any more, and yet it breaks nothing.
        client.write_all(&[0; 1000]).unwrap();
        let end = client.read(&mut [0]).map_err(|error| error.kind());
        assert_eq!(end, if ends_before { Ok(0) } else { Err(ErrorKind::ConnectionReset) });
        proxy.running.line_with("reset by the server");
    }
}

#[test]
fn a_body_that_is_not_in_chunks_is_refused_with_the_reason() {
    const WHY: &str = "the request's body isn't in chunks as its head says";
    let gone = Refusing::new();
    let proxy = Serving::in_front_of(&format!("ws://{gone}/"), &[]);
    let request =
        |proxy: &Serving| format!("POST / HTTP/1.1\r\nHost: {}\r\nTransfer-Encoding: chunked\r\n\r\n", proxy.address());
    let refused = |answer: Vec<u8>| {
        let answer = String::from_utf8(answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n") && answer.contains(WHY), "{answer}");
    };
    for body in ["3x\r\nabc\r\n", "3;a=\nb\r\nabc\r\n", "-3\r\nabc\r\n", "3\r\nabcd\r\n", "12345678901234567\r\n"] {
        refused(read_to_end(&mut ask(proxy.address(), &request(&proxy), body.as_bytes())));
    }

    let (begun, has_begun) = channel();
    let server = peer::raw(move |socket, _| {
        socket.read_exact(&mut [0; 8]).unwrap();
        begun.send(()).unwrap();
        socket.read(&mut [0]).map_err(|error| error.kind())
    });
    let mut proxy = Serving::in_front_of(&server.url, &[]);
    let mut client = ask(proxy.address(), &request(&proxy), b"3\r\nabc\r\n");
    has_begun.recv().unwrap();
    client.write_all(b"3x\r\nabc\r\n").unwrap();
    refused(read_to_end(&mut client));
    assert_eq!(server.join(), Err(ErrorKind::ConnectionReset));
    drop(client);
    proxy.running.line_with(WHY);
}
