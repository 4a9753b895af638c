//! -v: what happened on the way, and the heads as they were on the wire.

use std::io::{Read, Write};

use rustix::process::Signal;

use crate::support::faults;
use crate::support::peer::{self, acceptance};
use crate::support::program::{Outcome, Running, run};

/// Runs against a server that opens and closes. Returns both heads as they were on the wire.
fn run_verbosely(flags: &[&str]) -> (String, String, Outcome) {
    let server = peer::raw(|socket, request| {
        let more = "\r\nset-cookie: id=server-secret\r\nX-Odd:  spaces  kept \r\n\r\n";
        let response = acceptance(&request, "permessage-deflate; server_no_context_takeover").replace("\r\n\r\n", more);
        socket.write_all(response.as_bytes()).unwrap();
        socket.write_all(b"\x88\x02\x03\xe8").unwrap();
        let _ = socket.read(&mut [0; 64]);
        (request, response)
    });
    let url = format!("{}path?query", server.url);
    let outcome = run(&[&["connect", "-v", &url], flags].concat(), b"");
    outcome.assert("", 0, "peer closed: 1000");
    let (request, response) = server.join();
    (request, response, outcome)
}

/// The lines that begin with `mark`, without it.
fn marked<'a>(outcome: &'a Outcome, mark: &str) -> Vec<&'a str> {
    outcome
        .stderr
        .lines()
        .filter_map(|line| line.strip_prefix(mark))
        .map(|line| line.strip_prefix(' ').unwrap_or(line))
        .collect()
}

fn lines(head: &str) -> Vec<&str> {
    head.split("\r\n").take_while(|line| !line.is_empty()).collect()
}

/// The lines of a head up to the empty line that ends it.
fn head(lines: Vec<&str>) -> Vec<&str> {
    lines.into_iter().take_while(|line| !line.is_empty()).collect()
}

#[test]
fn heads_are_shown_as_they_were_on_the_wire() {
    let (request, response, outcome) = run_verbosely(&["--show-secrets", "-H", "x-lower: 1"]);
    assert_eq!(head(marked(&outcome, ">")), lines(&request));
    assert_eq!(head(marked(&outcome, "<")), lines(&response));
}

const SECRETS: [&str; 8] = [
    "-H",
    "authorization: Bearer very-secret",
    "-b",
    "sid=very-secret",
    "-H",
    "Proxy-Authorization: Basic very-secret",
    "-H",
    "X-Plain: not-hidden",
];

#[test]
fn secrets_are_masked_unless_asked_for() {
    let (request, _, outcome) = run_verbosely(&SECRETS);
    assert!(request.contains("very-secret"));
    assert!(!outcome.stderr.contains("very-secret") && !outcome.stderr.contains("server-secret"), "{}", outcome.stderr);
    for shown in
        ["> authorization: ", "> Cookie: ", "> Proxy-Authorization: ", "> X-Plain: not-hidden", "< set-cookie: "]
    {
        assert!(outcome.stderr.contains(shown), "no {shown} in {}", outcome.stderr);
    }
    let (_, _, outcome) = run_verbosely(&[&SECRETS[..], &["--show-secrets"]].concat());
    for shown in ["> authorization: Bearer very-secret", "> Cookie: sid=very-secret", "< set-cookie: id=server-secret"]
    {
        assert!(outcome.stderr.contains(shown), "no {shown} in {}", outcome.stderr);
    }
}

#[test]
fn the_way_there_is_told() {
    let (_, _, outcome) = run_verbosely(&[]);
    for said in
        ["127.0.0.1:", "permessage-deflate", "resolving took ", "connecting took ", "the opening handshake took "]
    {
        assert!(outcome.stderr.contains(said), "no {said:?} in {}", outcome.stderr);
    }
}

#[test]
fn a_refusal_shows_each_head_once() {
    let outcome = run(&["connect", "-v", &faults::url("/404")], b"");
    outcome.assert("", 5, "< HTTP/1.1 404 Not Found");
    assert_eq!(outcome.stderr.matches("Content-Type: application/json").count(), 1, "{}", outcome.stderr);
    let body = "  {\"error\":\"no such room\"}\n";
    assert_eq!(outcome.stderr.matches(body).count(), 1, "{}", outcome.stderr);
}

#[test]
fn the_head_of_a_refusal_does_not_wait_for_its_body() {
    let mut running = Running::start(&["connect", "-v", "--handshake-timeout", "1h", &faults::url("/stalled")]);
    running.line_with("< HTTP/1.1 404 Not Found");
    running.signal(Signal::INT);
    assert_eq!(running.finish().code, Some(130));
}

#[test]
fn the_request_is_told_though_nobody_answers() {
    let outcome = run(&["connect", "-v", "--handshake-timeout", "200ms", &faults::url("/silent")], b"");
    outcome.assert("", 5, "> GET /silent HTTP/1.1");
}

#[test]
fn without_it_a_success_is_quiet() {
    let outcome = run(&["connect", &faults::url("/ok")], b"");
    assert_eq!((outcome.stdout(), outcome.stderr.lines().count()), ("open\n", 1), "{}", outcome.stderr);
}
