//! A server with one path a fault: each has its exit code, one line that names it, and its body shown.

use std::io::Write;

use crate::support::faults::{self, GZIPPED};
use crate::support::peer::{open_and_close, raw};
use crate::support::program::{Outcome, run};

/// With a deadline that no test outlives: what is recognised must not wait for it.
fn connect(path: &str, flags: &[&str]) -> Outcome {
    run(&[&["connect", "--handshake-timeout", "1h", &faults::url(path)], flags].concat(), b"")
}

/// Asserts the exit code, that nothing is on stdout, and that the one error line has all of `names` in it.
fn fails(outcome: &Outcome, code: i32, names: &[&str]) {
    assert!(outcome.stdout.is_empty() && outcome.code == Some(code), "{outcome:#?}");
    let errors: Vec<_> = outcome.stderr.lines().filter(|line| line.starts_with("wscli: ")).collect();
    assert_eq!(errors.len(), 1, "{outcome:#?}");
    for name in names {
        assert!(errors[0].contains(name), "no {name:?} in {:?}", errors[0]);
    }
    let harmful = |c: char| c.is_control() && c != '\n';
    assert!(!outcome.stderr.contains(harmful), "{:?}", outcome.stderr);
}

#[track_caller]
fn shows(outcome: &Outcome, text: &str) {
    assert!(outcome.stderr.contains(text), "no {text:?} in {:#?}", outcome.stderr);
}

#[track_caller]
fn hides(outcome: &Outcome, text: &str) {
    assert!(!outcome.stderr.contains(text), "{text:?} in {:#?}", outcome.stderr);
}

#[test]
fn a_right_answer_has_no_fault() {
    connect("/ok", &[]).assert("open\n", 0, "peer closed: 1000");
}

#[test]
fn what_is_not_an_answer_is_named() {
    for (path, names) in [
        ("/closes", &["closed the connection without an answer"][..]),
        ("/cut-off", &["closed the connection in mid-response"]),
        ("/garbage", &["HTTP"]),
        ("/ssh", &["an SSH server", "SSH-2.0-OpenSSH_9.2p1 Debian-2"]),
        ("/smtp", &["SMTP", "220 mail.example ESMTP Postfix"]),
        ("/http2", &["HTTP/2"]),
        ("/tls", &["TLS"]),
        ("/endless", &["64 KiB"]),
        ("/many-headers", &["headers"]),
        ("/hostile-head", &[]),
    ] {
        fails(&connect(path, &[]), 5, names);
    }
    shows(&connect("/http2", &[]), "opens WebSockets over HTTP/1.1 only (RFC 6455 §4.1), and this port expects HTTP/2");
}

#[test]
fn another_protocol_is_not_sent_to_tls() {
    for says in [&b"-NOAUTH Authentication required.\r\n"[..], b"\x4a\0\0\0\x0a8.0.32\0", b"\x01unknown"] {
        let server = raw(move |socket, _| socket.write_all(says).unwrap());
        let outcome = run(&["connect", "-n", &server.url], b"");
        outcome.assert("", 5, "is the port right? The service there doesn't speak HTTP");
        hides(&outcome, "wss");
    }
    let server = raw(|socket, _| socket.write_all(b"http/1.1 403 No\r\n\r\n").unwrap());
    run(&["connect", "-n", &server.url], b"").assert(
        "",
        5,
        "its status line is not HTTP/1's (RFC 9112 §4): \"http/1.1 403",
    );
}

#[test]
fn silence_has_a_deadline() {
    for path in ["/silent", "/half-a-head"] {
        let outcome = run(&["connect", "--handshake-timeout", "200ms", &faults::url(path)], b"");
        fails(&outcome, 5, &["opening handshake", "after 200ms"]);
        let arrived = outcome.stderr.contains(", in the middle of its response: \"HTTP/1.1 ");
        assert_eq!(arrived, path == "/half-a-head", "{}", outcome.stderr);
    }
}

#[test]
fn an_answer_other_than_101_is_shown_with_its_headers_and_its_body() {
    for (path, status, header, body) in [
        ("/401", "401 Unauthorized", "WWW-Authenticate: Basic realm=\"rooms\"", "{\"error\":\"who are you?\"}"),
        ("/403", "403 Forbidden", "Content-Length: 19", "origin not allowed"),
        ("/404", "404 Not Found", "Content-Type: application/json", "{\"error\":\"no such room\"}"),
        ("/426", "426 Upgrade Required", "Sec-WebSocket-Version: 7, 8", "version 13?"),
        ("/400", "400 Bad Request", "Sec-WebSocket-Protocol: graphql-transport-ws", "unsupported subprotocol"),
        ("/500", "500 Internal Server Error", "", "it broke"),
        ("/503", "503 Service Unavailable", "Retry-After: 120", "restarting"),
        ("/200", "200 OK", "Content-Type: text/html", "  hello"),
        ("/302", "302 Found", "Location: /ok", ""),
        ("/chunked", "500 Internal Server Error", "Transfer-Encoding: chunked", "the database is on fire"),
        ("/gzip", "404 Not Found", "Content-Encoding: gzip", GZIPPED.trim_end()),
        ("/chunked-gzip", "404 Not Found", "Content-Encoding: gzip", GZIPPED.trim_end()),
        ("/until-the-end", "404 Not Found", "", "ended by the connection"),
    ] {
        let outcome = connect(path, &[]);
        fails(&outcome, 5, &[status]);
        shows(&outcome, header);
        shows(&outcome, body);
    }
}

#[test]
fn a_status_comes_with_advice() {
    for (path, advice) in [
        ("/401", "-u "),
        ("/403", "--origin"),
        ("/404", "path"),
        ("/426", "7, 8"),
        ("/302", "-L"),
        ("/400", "--subprotocol "),
        ("/503", "--retry"),
    ] {
        let outcome = connect(path, &[]);
        let (_, behind) = outcome.stderr.split_once("wscli: ").unwrap();
        let (_, behind) = behind.split_once('\n').unwrap();
        assert!(behind.contains(advice), "no {advice:?} in {behind:?}");
    }
}

#[test]
fn a_page_of_html_is_shown_as_text_and_with_v_as_it_came() {
    let shown = connect("/200", &[]);
    assert!(shown.stderr.ends_with("\n  hello\n… the text of an HTML page; -v shows its source\n"), "{}", shown.stderr);
    let source = connect("/200", &["-v"]);
    assert!(source.stderr.ends_with("\n  <h1>hello</h1>\n"), "{}", source.stderr);
}

#[test]
fn a_broken_answer_hides_nothing_of_itself() {
    for (answer, shown) in [
        (
            &b"HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\ntoken expired\r\n"[..],
            &["  token expired", "its chunked coding is malformed"][..],
        ),
        (
            b"HTTP/1.1 9999 No\r\nX: y\r\n\r\nwhy",
            &["the status line \"HTTP/1.1 9999 No\" is malformed", "< X: y", "  why"],
        ),
        (b"HTTP/1.1 40 No\r\nX: y\r\n\r\nwhy", &["the status line \"HTTP/1.1 40 No\" is malformed", "< X: y", "  why"]),
        (
            b"HTTP/1.1 403 No\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\nd\xe9fendu",
            &["403 Forbidden: \"d\u{e9}fendu\"", "  d\u{e9}fendu"],
        ),
        (
            b"HTTP/1.1 403 No\r\nContent-Type: text/html; charset=windows-1252\r\n\r\n<p>d\xe9fendu",
            &["  d\u{e9}fendu", "the text of an HTML page"],
        ),
    ] {
        let server = raw(move |socket, _| socket.write_all(answer).unwrap());
        let outcome = run(&["connect", "-n", &server.url], b"");
        assert_eq!(outcome.code, Some(5), "{outcome:?}");
        shown.iter().for_each(|text| shows(&outcome, text));
    }
}

#[test]
fn a_body_that_stalls_is_shown_as_far_as_it_came() {
    let outcome = run(&["connect", "--handshake-timeout", "300ms", &faults::url("/stalled")], b"");
    fails(&outcome, 5, &["404 Not Found"]);
    shows(&outcome, "the first words");
    // A stream of events never ends, and nobody waits for it as long as for an answer.
    shows(&connect("/events", &[]), "data: the first event");
}

#[test]
fn a_long_body_is_cut_where_max_body_says() {
    let outcome = connect("/long", &[]);
    fails(&outcome, 5, &["404 Not Found"]);
    shows(&outcome, "89abcdef0123456789abcdef");
    hides(&outcome, "past the first 4 KiB");
    shows(&outcome, "--max-body");
    shows(&connect("/long", &["--max-body", "1M"]), "past the first 4 KiB");
    let short = connect("/long", &["--max-body", "20"]);
    shows(&short, "0123456789abcdef0123");
    hides(&short, "0123456789abcdef01234");
}

#[test]
fn a_body_is_safe_to_look_at() {
    let outcome = connect("/hostile", &[]);
    // Neither an escape sequence nor a line of ours.
    fails(&outcome, 5, &["500 Internal Server Error"]);
    shows(&outcome, "\\x1b]0;owned\\x07\\x1b[2J");
    shows(&outcome, "wscli: forged");
    fails(&connect("/binary", &[]), 5, &["404 Not Found"]);
}

#[test]
fn a_101_that_breaks_the_protocol_is_refused_for_every_fault() {
    let accept = "Sec-WebSocket-Accept is \"AAAAAAAAAAAAAAAAAAAAAAAAAAA=\" instead of \"";
    for (path, names) in [
        ("/wrong-accept", &[accept][..]),
        ("/two", &["Upgrade is missing", accept]),
        ("/extension", &["the extension \"x-webkit-deflate-frame\" was not offered"]),
        ("/subprotocol", &["the subprotocol \"graphql-ws\" was not requested"]),
    ] {
        let outcome = connect(path, &[]);
        fails(&outcome, 5, names);
        shows(&outcome, "--no-check");
    }
}

#[test]
fn no_check_goes_on_and_says_what_it_overlooks() {
    for (path, fault) in [
        ("/wrong-accept", "Sec-WebSocket-Accept"),
        ("/two", "Upgrade is missing"),
        ("/extension", "x-webkit-deflate-frame"),
        ("/subprotocol", "graphql-ws"),
    ] {
        connect(path, &["--no-check"]).assert("open\n", 0, fault);
    }
    // There is nothing to go on with.
    fails(&connect("/404", &["--no-check"]), 5, &["404 Not Found"]);
}

/// RFC 9110 §15.2.
#[test]
fn interim_answers_are_passed_over() {
    let server = raw(|socket, head| {
        socket.write_all(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n").unwrap();
        open_and_close(socket, &head);
    });
    run(&["connect", &server.url], b"").assert("", 0, "peer closed: 1000");
}

/// Answers as real servers give them, and the advice for each.
#[test]
fn advice_follows_what_the_answer_says() {
    let tls = "the port speaks TLS: wss:// instead of ws://";
    let dropped = "a proxy in between may not forward Upgrade and Connection";
    let spoken = "a proxy in front may speak HTTP/1.0 to the server; in nginx, proxy_http_version 1.1; fixes that";
    let html = "<html><head><title>400 The plain HTTP request was sent to HTTPS port</title></head></html>";
    for (status, headers, body, flags, advice) in [
        ("400 Bad Request", "", html, &[][..], tls),
        ("400 Bad Request", "", "Reason: You're speaking plain HTTP to an SSL-enabled server port.<br />", &[], tls),
        ("400 Bad Request", "", "Client sent an HTTP request to an HTTPS server.\n", &[], tls),
        ("400 Bad", "", "Bad Request\r\nThis combination of host and port requires TLS.\r\n", &[], tls),
        ("400 Bad Request", "", "This web server is running in SSL mode. Try the URL https://x/ instead.", &[], tls),
        ("403 Forbidden", "", "The page is secured with Secure Sockets Layer (SSL).", &[], tls),
        ("426 Upgrade Required", "Upgrade: websocket\r\n", "Failed: missing Connection header.\n", &[], dropped),
        ("400 Bad Request", "", "Can \"Upgrade\" only to \"WebSocket\".", &[], dropped),
        ("400 Bad Request", "", "Handshake failed due to invalid Upgrade header: null", &[], dropped),
        ("400 Bad Request", "", "Not a WebSocket Upgrade request", &[], dropped),
        ("400 Bad Request", "", "Expected a WebSocket request", &[], dropped),
        ("426 Upgrade Required", "", "Expected Upgrade: websocket", &[], dropped),
        ("400 Bad Request", "", "request isn't trying to upgrade to websocket.", &[], dropped),
        ("400 Bad Request", "", "{\"message\":\"Upgrade request required\"}", &[], dropped),
        ("505 HTTP Version Not Supported", "", "unsupported HTTP version", &[], spoken),
        ("505 HTTP Version Not Supported", "", "", &[], spoken),
        ("403 Forbidden", "", "{\"message\":\"the original URL has expired\"}", &[], "the server may want credentials"),
        ("400 Bad Request", "", "no room (request originates from 1.2.3.4)", &[], "the server may want another path"),
        ("403 Forbidden", "", "Blocked. The origin server refused.", &[], "the server may want credentials"),
        ("403 Forbidden", "", "Invalid CORS request", &["--origin", "http://a"], "does not allow this Origin"),
        ("403 Forbidden", "", "Invalid Host header", &[], "--host NAME"),
        ("403 Forbidden", "", "Blocked request. This host (\"x\") is not allowed.\nTo allow", &[], "--host NAME"),
        ("400 Bad Request", "", "<h1>DisallowedHost at /</h1>", &[], "--host NAME"),
        ("421 Misdirected Request", "", "", &[], "--host NAME"),
        ("400 Bad Request", "", "{\"code\":5,\"message\":\"Unsupported protocol version\"}", &[], "?EIO=4"),
        ("200 OK", "", "Welcome to SockJS!\n", &[], "/websocket"),
        (
            "400 Bad Request",
            "",
            "unable to negotiate protocol: client supports [], server accepts [v4.channel.k8s.io]",
            &[],
            "--subprotocol v4.channel.k8s.io requests one",
        ),
        ("302 Found", "Location: https://auth.example.com/login?rd=x\r\n", "", &[], "redirects to a login"),
        (
            "407 Proxy Authentication Required",
            "Proxy-Authenticate: Basic realm=\"x\"\r\n",
            "",
            &[],
            "-x URL -U NAME:PASSWORD connect",
        ),
        ("400 Bad Request", "", "<title>400 Request Header Or Cookie Too Large</title>", &[], "cookies (-b)"),
        ("426 Upgrade Required", "", "Upgrade Required", &[], dropped),
        (
            "400 Bad Request",
            "Sec-Websocket-Version: 13\r\n",
            "Bad Request\n",
            &[],
            "a proxy in between may not forward",
        ),
        (
            "400 Bad Request",
            "",
            "<title>400 No required SSL certificate was sent</title>",
            &[],
            "the server demands a client certificate, which takes wss://",
        ),
        ("400 Bad Request", "", "Transport unknown", &[], "?EIO=4&transport=websocket"),
        ("400 Bad Request", "", "{\"code\":1,\"message\":\"Session ID unknown\"}", &[], "the sid in the URL"),
        ("404 Not Found", "", "No Connection with that ID", &[], "a POST to this path with /negotiate"),
        ("400 Bad Request", "", "invalid extensions\n", &[], "--no-compress offers none"),
        (
            "500 Internal Server Error",
            "",
            "Host header is specified and is not an IP address or localhost.",
            &[],
            "--host NAME",
        ),
        ("426 Upgrade Required", "Sec-WebSocket-Version: 8, 7\r\n", "", &[], "supports versions 8, 7 of the protocol"),
        (
            "401 Unauthorized",
            "WWW-Authenticate: NTLM\r\nWWW-Authenticate: Negotiate\r\n",
            "",
            &[],
            "wants NTLM or Negotiate",
        ),
        (
            "401 Unauthorized",
            "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", algorithm=MD4\r\n",
            "",
            &["-u", "a:b"],
            "the server's Digest challenge can't be answered",
        ),
        ("400 Bad Request", "", "incorrect Origin header", &["--origin", "http://x.example"], "not allow this Origin"),
        ("400 Bad Request", "", "unsupported permessage-deflate parameter", &[], "--no-compress"),
        (
            "400 Bad Request",
            "",
            "{\"message\":\"Bad request\"}\n",
            &[],
            "its response, below, may say why; it may want another",
        ),
        ("400 Bad Request", "", "{\"message\":\"no such market\"}", &[], "the server may want another path or query"),
        (
            "400 Bad Request",
            "",
            "{\"error\":{\"message\":\"Missing API key\"}}",
            &[],
            "-u NAME:PASSWORD or --bearer TOKEN",
        ),
        ("403 Forbidden", "", "not logged in\n", &["-u", "a:b"], "the server does not accept these credentials"),
        (
            "400 Bad Request",
            "",
            "",
            &[],
            "path or query or an Origin (--origin URL) or a subprotocol (--subprotocol NAME)",
        ),
        ("400 Bad Request", "", "", &["-s", "a"], "does not say what is wrong with the request"),
        ("400 Bad Request", "", "Subprotocol required", &[], "the server requires a subprotocol: --subprotocol NAME"),
        ("426 Upgrade Required", "Upgrade: h2c\r\nSec-WebSocket-Version: 13\r\n", "", &[], "an upgrade to h2c"),
        ("403 Forbidden", "", "", &[], "credentials (-u, --bearer, -b), an Origin (--origin URL), or another path"),
        ("403 Forbidden", "", "", &["--origin", "http://x.example"], "another Origin, or another path"),
        ("403 Forbidden", "", "", &["--bearer", "x"], "other credentials"),
        (
            "401 Unauthorized",
            "WWW-Authenticate: Digest realm=\"cam\"\r\n",
            "",
            &[],
            "-u NAME:PASSWORD sends credentials",
        ),
        ("401 Unauthorized", "WWW-Authenticate: Negotiate\r\nWWW-Authenticate: NTLM\r\n", "", &[], "Negotiate or NTLM"),
        ("401 Unauthorized", "WWW-Authenticate: Bearer\r\n", "", &[], "--bearer TOKEN sends a token"),
        ("401 Unauthorized", "WWW-Authenticate: Basic\r\n", "", &["-u", "a:b"], "does not accept these credentials"),
        (
            "401 Unauthorized",
            "WWW-Authenticate: Bearer\r\n",
            "",
            &["-u", "a:b"],
            "wants Bearer credentials, not Basic: --bearer TOKEN sends a token",
        ),
        (
            "401 Unauthorized",
            "WWW-Authenticate: Basic realm=\"x\"\r\n",
            "",
            &["--bearer", "t"],
            "wants Basic credentials, not Bearer: -u NAME:PASSWORD sends those",
        ),
        ("403 Forbidden", "Cf-Mitigated: challenge\r\n", "", &[], "Cloudflare wants a challenge solved first"),
        (
            "403 Forbidden",
            "",
            "{\"message\":\"Missing Authentication Token\"}",
            &[],
            "a path or stage that it does not have",
        ),
        ("511 Network Authentication Required", "", "", &[], "the network wants a login first (RFC 6585 §6)"),
        ("426 Upgrade Required", "", "", &["-H", "Upgrade:"], "the request lacks Upgrade or Connection"),
        ("426 Upgrade Required", "Sec-WebSocket-Version: 13, 8\r\n", "", &[], "may not forward Upgrade and Connection"),
        ("400 Bad Request", "Sec-WebSocket-Version: 13, 8\r\n", "", &[], "may not forward Upgrade and Connection"),
        ("304 Not Modified", "Location: ws://127.0.0.1:1/\r\n", "", &["-L"], "this redirect can't be followed"),
    ] {
        let answer = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len());
        let server = raw(move |socket, _| socket.write_all(answer.as_bytes()).unwrap());
        let outcome = run(&[&["connect", "-n", &server.url], flags].concat(), b"");
        outcome.assert("", 5, status);
        let line = outcome.stderr.lines().nth(1).unwrap();
        assert!(line.starts_with("       ") && line.contains(advice), "no {advice:?} in {line:?}");
        if let Some(flag) = flags.first().filter(|flag| **flag != "--origin") {
            assert!(!line.contains(flag), "{flag} was given: {line:?}");
        }
    }
}

#[test]
fn what_the_url_has_is_not_advised() {
    for (path, status, body) in [
        ("?EIO=4&transport=websocket", "400 Bad Request", "{\"code\":0,\"message\":\"Transport unknown\"}"),
        ("echo/websocket", "200 OK", "Welcome to SockJS!\n"),
    ] {
        let answer = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        let server = raw(move |socket, _| socket.write_all(answer.as_bytes()).unwrap());
        let outcome = run(&["connect", "-n", &format!("{}{path}", server.url)], b"");
        outcome.assert("", 5, status);
        assert!(!outcome.stderr.contains("add "), "{outcome:#?}");
    }
}

#[test]
fn what_a_refusal_says_is_in_the_error() {
    let refused = |body: &str| format!("HTTP/1.1 403 Forbidden\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    for (body, said) in [
        ("{\"detail\":[{\"msg\":\"no seat \\u001b[2J\\nleft\"}]}", ": \"no seat \\x1b[2J\\nleft\""),
        ("no seat left\n", ": \"no seat left\""),
        ("{\"message\":\"Forbidden\"}", ""),
        ("<p>no seat left</p>", ""),
        ("", ""),
    ] {
        let answer = refused(body);
        let server = raw(move |socket, _| socket.write_all(answer.as_bytes()).unwrap());
        let outcome = run(&["connect", "-n", &server.url], b"");
        let expected = format!("failed: the server answered 403 Forbidden{said}");
        assert!(outcome.stderr.lines().next().unwrap().ends_with(&expected), "{expected} in {}", outcome.stderr);
        let answer = refused(body);
        let proxy = raw(move |socket, _| socket.write_all(answer.as_bytes()).unwrap());
        let outcome = run(&["connect", "-n", "-x", &proxy.url.replace("ws://", "http://"), "ws://a.example/"], b"");
        let expected = format!("refused: it responded with 403 Forbidden{said}");
        assert!(outcome.stderr.lines().next().unwrap().ends_with(&expected), "{expected} in {}", outcome.stderr);
    }
}

#[test]
fn credentials_that_a_proxy_has_got_are_not_asked_for() {
    for (user, challenge, advice) in [
        ("", "Basic realm=\"r\"", "-U NAME:PASSWORD sends credentials to the proxy"),
        ("", "Negotiate", "the proxy wants Negotiate authentication, which wscli does not speak"),
        ("a:b@", "Negotiate", "the proxy wants Negotiate authentication, which wscli does not speak"),
        ("a:b@", "Basic realm=\"r\"", "the proxy does not accept these credentials"),
    ] {
        let answer = format!("HTTP/1.1 407 No\r\nProxy-Authenticate: {challenge}\r\nContent-Length: 0\r\n\r\n");
        let proxy = raw(move |socket, _| socket.write_all(answer.as_bytes()).unwrap());
        let url = proxy.url.replace("ws://", &format!("http://{user}"));
        run(&["connect", "-x", &url, "ws://a.example/"], b"").assert("", 3, advice);
    }
}
