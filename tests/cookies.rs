//! Cookies that servers set, and the jar that they are kept in.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;

use crate::support::files::Folder;
use crate::support::peer::{self, header};
use crate::support::program::run;
use crate::support::requests::{Answer, Requests, redirection, status};

fn cookies(server: &Requests) -> Vec<Option<String>> {
    server.all().iter().map(|head| header(head, "Cookie")).collect()
}

fn setting(status: &str, headers: &str) -> Answer {
    Answer::Http(format!("HTTP/1.1 {status}\r\n{headers}"), "")
}

#[test]
fn what_a_server_sets_is_sent_to_it_and_written() {
    let folder = Folder::new();
    let jar = folder.path("jar");
    let sets = "Location: /there\r\nSet-Cookie: sid=secret; HttpOnly\r\nSet-Cookie: gone=1; Max-Age=0\r\n\
                Set-Cookie: kept=1; Max-Age=1000000\r\nSet-Cookie: other=1; Domain=example.com\r\n";
    let server = Requests::answered(vec![setting("302 Found", sets), Answer::Open]);
    run(&["connect", "-n", "-L", "-c", &jar, &server.url()], b"").assert("", 0, "peer closed: 1000");
    assert_eq!(cookies(&server), [None, Some("sid=secret; kept=1".to_owned())]);
    let text = fs::read_to_string(&jar).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines[0], "# Netscape HTTP Cookie File");
    assert_eq!(lines[2], "#HttpOnly_127.0.0.1\tFALSE\t/\tFALSE\t0\tsid\tsecret");
    assert!(lines[3].starts_with("127.0.0.1\tFALSE\t/\tFALSE\t") && lines[3].ends_with("\tkept\t1"), "{text}");
    assert_eq!(lines.len(), 4, "{text}");
    assert_eq!(fs::metadata(&jar).unwrap().permissions().mode() & 0o777, 0o600);
    let server = Requests::answered(vec![Answer::Open]);
    run(&["connect", "-n", "-b", &jar, "-b", "typed=1", &server.url()], b"").assert("", 0, "peer closed: 1000");
    assert_eq!(cookies(&server), [Some("sid=secret; kept=1; typed=1".to_owned())]);
}

#[test]
fn an_empty_jar_keeps_what_servers_set_on_the_way() {
    let sets = "Location: /there\r\nSet-Cookie: sid=1\r\n";
    let server = Requests::answered(vec![setting("302 Found", sets), Answer::Open]);
    run(&["connect", "-n", "-L", "-b", "", &server.url()], b"").assert("", 0, "peer closed: 1000");
    assert_eq!(cookies(&server), [None, Some("sid=1".to_owned())]);
}

#[test]
fn a_request_has_one_header_of_cookies_however_many_are_given() {
    let server = Requests::answered(vec![Answer::Open]);
    let headers = ["-H", "Cookie: a=1", "-b", "c=3", "-H", "cookie: b=2"];
    run(&[&["connect", "-n"], &headers[..], &[&server.url()]].concat(), b"").assert("", 0, "peer closed: 1000");
    let [head] = &server.all()[..] else { panic!() };
    let lines: Vec<_> = head.lines().filter(|line| line.to_lowercase().starts_with("cookie:")).collect();
    assert_eq!(lines, ["Cookie: a=1; b=2; c=3"]);
}

#[test]
fn those_of_a_101_and_of_a_refusal_are_kept_too() {
    let folder = Folder::new();
    let jar = folder.path("jar");
    let server = peer::raw(|socket, head| {
        let answer = peer::acceptance(&head, "");
        let answer = format!("{}Set-Cookie: sid=secret\r\n\r\n", answer.strip_suffix("\r\n").unwrap());
        socket.write_all(answer.as_bytes()).unwrap();
        socket.write_all(b"\x88\x02\x03\xe8").unwrap();
        peer::read_to_end(socket);
    });
    let outcome = run(&["connect", "-n", "-v", "-c", &jar, &server.url], b"");
    outcome.assert("", 0, "< Set-Cookie: sid=(masked; --show-secrets shows it)");
    assert!(fs::read_to_string(&jar).unwrap().ends_with("\tsid\tsecret\n"));
    let server = Requests::answered(vec![status("403 Forbidden", "Set-Cookie: why=1\r\n")]);
    run(&["connect", "-n", "-c", &jar, &server.url()], b"").assert("", 5, "403 Forbidden");
    assert!(fs::read_to_string(&jar).unwrap().ends_with("\twhy\t1\n"));
}

#[test]
fn the_jar_is_asked_again_for_another_host() {
    let folder = Folder::new();
    let lines = "127.0.0.1\tFALSE\t/\tFALSE\t9999999999\tfirst\t1\n\
                 other.example\tFALSE\t/\tFALSE\t9999999999\tsecond\t2\n";
    let jar = folder.file("jar", lines);
    let other = Requests::answered(vec![Answer::Open]);
    let port = other.address.port();
    let server = Requests::answered(vec![redirection(&format!("ws://other.example:{port}/"))]);
    let known = format!("other.example:{port}:127.0.0.1");
    let flags = ["-n", "-L", "-b", &jar, "-b", "typed=1", "--resolve", &known];
    run(&[&["connect", &server.url()], &flags[..]].concat(), b"").assert("", 0, "peer closed: 1000");
    assert_eq!(cookies(&server), [Some("first=1; typed=1".to_owned())]);
    assert_eq!(cookies(&other), [Some("second=2".to_owned())]);
}

#[test]
fn without_a_jar_nothing_is_kept() {
    let answer = setting("302 Found", "Location: /there\r\nSet-Cookie: sid=secret\r\n");
    let server = Requests::answered(vec![answer, Answer::Open]);
    run(&["connect", "-n", "-L", &server.url()], b"").assert("", 0, "peer closed: 1000");
    assert_eq!(cookies(&server), [None, None]);
    run(&["connect", "-n", "-c", "ws://127.0.0.1:1/"], b"").assert("", 2, "the URL needs no flag");
    let server = Requests::answered(vec![Answer::Open]);
    let nowhere = "/nonexistent/jar";
    run(&["connect", "-n", "-c", nowhere, &server.url()], b"").assert("", 2, "can't write /nonexistent/jar");
}
