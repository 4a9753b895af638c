//! Failures that may pass are retried, others never.

use std::io::Write;
use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::support::files::Folder;
use crate::support::peer::{Refusing, open_and_close, read_head};
use crate::support::program::{Running, run};
use crate::support::requests::{Answer, Requests, status};

fn unavailable(retry_after: &str) -> Answer {
    status("503 Service Unavailable", retry_after)
}

#[test]
fn a_server_that_comes_back_is_reached() {
    for passing in [
        "408 Request Timeout",
        "429 Too Many Requests",
        "500 Internal Server Error",
        "502 Bad Gateway",
        "503 Service Unavailable",
        "504 Gateway Timeout",
    ] {
        let server = Requests::answered(vec![status(passing, "Retry-After: 0\r\n"), status(passing, ""), Answer::Open]);
        let outcome = run(&["connect", "--retry", "5", "--retry-delay", "1ms", &server.url()], b"");
        outcome.assert("", 0, "peer closed: 1000");
        outcome.assert("", 0, passing);
        assert_eq!(server.all().len(), 3, "{passing}");
    }
}

#[test]
fn who_has_tried_again_is_not_told_to() {
    for (flags, advice) in [
        (&[][..], "--retry N tries again"),
        (&["--retry", "1", "--retry-delay", "1ms"], "a larger --retry tries again for longer"),
    ] {
        let server = Requests::answered(vec![unavailable(""), unavailable("")]);
        let outcome = run(&[&["connect", &server.url()], flags].concat(), b"");
        outcome.assert("", 5, &format!("       {advice}"));
    }
}

#[test]
fn the_delay_of_retries_is_that_of_reconnecting_too() {
    let server = Requests::answered(vec![Answer::OpenAndDrop, Answer::Open]);
    let flags = ["connect", "-n", "--reconnect=1", "--retry-delay", "7ms", &server.url()];
    run(&flags, b"").assert("", 0, "reconnecting in 7 ms (attempt 1)");
}

#[test]
fn a_flag_that_does_nothing_alone_is_refused() {
    for (flags, why) in [
        (["connect", "--retry-delay", "1s"], "--retry-delay does nothing without --retry or --reconnect"),
        (["inspect", "--retry-max-time", "1s"], "--retry-max-time does nothing without --retry"),
        (["serve", "--every", "1s"], "--every does nothing without --push"),
    ] {
        run(&flags, b"").assert("", 2, &format!("error: {why}"));
    }
    // What a configuration file says is for other runs, and what it turns on counts.
    let folder = Folder::new();
    let server = Requests::answered(vec![Answer::Open, Answer::Open]);
    let (idle, on) = ("[connect]\nretry-delay = '1s'\n", "[connect]\nretry = 1\n");
    let idle = ["connect", "-n", "--config", &folder.file("idle.toml", idle), &server.url()];
    run(&idle, b"").assert("", 0, "peer closed: 1000");
    let on = ["connect", "-n", "--config", &folder.file("on.toml", on), "--retry-delay", "1s", &server.url()];
    run(&on, b"").assert("", 0, "peer closed: 1000");
    // A pasted command may have what nobody here would give.
    let pasted = format!("curl --max-redirs 3 {}", server.url().replace("ws:", "http:"));
    run(&["connect", "-n", "--from-curl", &pasted], b"").assert("", 0, "peer closed: 1000");
}

#[test]
fn what_keeps_a_retry_from_beginning_is_said() {
    for (flags, says) in [
        (["-m", "1s", "--retry-max-time", "2s"], "no further retry: it would start after --max-time expires"),
        (["-m", "2s", "--retry-max-time", "1s"], "no further retry: it would start after --retry-max-time expires"),
    ] {
        let server = Requests::answered(vec![unavailable("")]);
        let url = server.url();
        let flags = [&["connect", "--retry", "9", "--retry-delay", "1h"][..], &flags, &[&url]].concat();
        run(&flags, b"").assert("", 5, says);
    }
}

#[test]
fn retry_after_is_honoured() {
    let server = Requests::answered(vec![unavailable("Retry-After: 1\r\n"), Answer::Open]);
    let start = Instant::now();
    run(&["connect", "--retry", "1", "--retry-delay", "1ms", &server.url()], b"").assert("", 0, "peer closed: 1000");
    assert!(start.elapsed() >= Duration::from_secs(1), "{:?}", start.elapsed());
}

#[test]
fn what_passes_at_a_proxy_is_retried_too() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = listener.local_addr().unwrap().to_string();
    let serving = thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        read_head(&mut socket);
        socket.write_all(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n").unwrap();
        let (mut socket, _) = listener.accept().unwrap();
        read_head(&mut socket);
        socket.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
        let head = read_head(&mut socket);
        open_and_close(&mut socket, &head);
    });
    let flags = ["connect", "-x", &proxy, "--retry", "1", "--retry-delay", "1ms", "ws://server.example/"];
    run(&flags, b"").assert("", 0, "peer closed: 1000");
    serving.join().unwrap();
}

#[test]
fn a_name_may_be_known_to_the_resolver_later() {
    let flags = ["connect", "--retry", "2", "--retry-delay", "1ms"];
    let outcome = run(&[&flags[..], &["ws://nowhere.invalid/"]].concat(), b"");
    outcome.assert("", 3, "can't resolve nowhere.invalid");
    let retries = outcome.stderr.lines().filter(|line| line.contains("; retry ")).count();
    assert_eq!(retries, 2, "{}", outcome.stderr);
    // An address has no other family later.
    let outcome = run(&[&flags[..], &["-6", "ws://127.0.0.1:1/"]].concat(), b"");
    assert!(outcome.code == Some(3) && !outcome.stderr.contains("; retry "), "{outcome:#?}");
}

#[test]
fn after_so_many_it_gives_up() {
    let server = Requests::answered(vec![unavailable("")]);
    run(&["connect", "--retry", "2", "--retry-delay", "1ms", &server.url()], b"").assert("", 5, "wscli: ");
    assert_eq!(server.all().len(), 3, "the first, and two more");
    let server = Requests::answered(vec![unavailable("")]);
    run(&["connect", &server.url()], b"").assert("", 5, "503 Service Unavailable");
    assert_eq!(server.all().len(), 1);
}

#[test]
fn a_wait_past_the_longest_time_is_not_begun() {
    let server = Requests::answered(vec![unavailable("Retry-After: 3600\r\n")]);
    let flags = ["--retry", "3", "--retry-max-time", "5s"];
    run(&[&["connect", &server.url()], &flags[..]].concat(), b"").assert("", 5, "503 Service Unavailable");
    assert_eq!(server.all().len(), 1);
}

#[test]
fn a_wait_longer_than_any_clock_counts_is_no_panic() {
    for retry_after in ["18446744073709551615", "99999999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT", "soon"] {
        let server = Requests::answered(vec![unavailable(&format!("Retry-After: {retry_after}\r\n"))]);
        let flags = ["--retry", "1", "--retry-delay", "1h", "--retry-max-time", "5s"];
        run(&[&["connect", &server.url()], &flags[..]].concat(), b"").assert("", 5, "503 Service Unavailable");
        let mut running = Running::start(&["connect", "--retry", "1", "--retry-delay", "1h", &server.url()]);
        running.line_with("503 Service Unavailable");
        running.signal(Signal::INT);
        let outcome = running.finish();
        assert_eq!(outcome.code, Some(130), "{retry_after}: {outcome:?}");
    }
}

#[test]
fn what_will_not_pass_is_not_retried() {
    for (permanent, code) in [
        (status("401 Unauthorized", ""), 5),
        (status("404 Not Found", "Retry-After: 0\r\n"), 5),
        (status("400 Bad Request", ""), 5),
        (Answer::Http("SSH-2.0\r\n".into(), ""), 5),
    ] {
        let server = Requests::answered(vec![permanent]);
        let outcome = run(&["connect", "--retry", "3", "--retry-delay", "1ms", &server.url()], b"");
        assert_eq!((outcome.code, server.all().len()), (Some(code), 1), "{outcome:?}");
    }
}

#[test]
fn silence_is_retried() {
    let server = Requests::answered(vec![Answer::Silence, Answer::Open]);
    let flags = ["--handshake-timeout", "100ms", "--retry", "1", "--retry-delay", "1ms"];
    let outcome = run(&[&["connect", &server.url()], &flags[..]].concat(), b"");
    // On a machine that is very busy the second answer may be late as well.
    assert!(matches!(outcome.code, Some(0 | 5)), "{outcome:?}");
    assert_eq!(server.all().len(), 2);
}

#[test]
fn a_server_that_is_started_late_is_reached() {
    let late = Refusing::new();
    let mut running =
        Running::start(&["connect", "--retry", "10000", "--retry-delay", "5ms", &format!("ws://{late}/")]);
    running.line_with("onnection refused");
    let server = Requests::on(late.listen(), vec![Answer::Open]);
    running.finish().assert("", 0, "peer closed: 1000");
    assert_eq!(server.all().len(), 1);
}

#[test]
fn the_wait_can_be_interrupted() {
    let server = Requests::answered(vec![unavailable("Retry-After: 3600\r\n")]);
    let mut running = Running::start(&["connect", "--retry", "3", &server.url()]);
    running.line_with("503 Service Unavailable");
    running.signal(Signal::INT);
    let outcome = running.finish();
    assert_eq!(outcome.code, Some(130), "{outcome:?}");
}
