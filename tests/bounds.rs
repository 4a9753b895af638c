//! Memory and time are bounded whatever the peer, stdin or an observer does.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::time::{Duration, Instant};

use crate::support::peer::{self, client_frame, open_by_hand, read_frame, read_to_end};
use crate::support::program::{Outcome, PATIENCE, Running, Serving, run};
use crate::support::timing::{look_again, within};

/// Memory of a client or server that holds nothing it shouldn't, in bytes.
const BOUND: usize = 32 << 20;

/// Until every thread of the process sleeps, or it has ended: whatever could move has moved.
pub(crate) fn wait_until_at_rest(running: &Running) {
    let (since, mut looks_in_a_row) = (Instant::now(), 0);
    while looks_in_a_row < 100 {
        assert!(since.elapsed() < PATIENCE, "it comes to no rest");
        let tasks = std::fs::read_dir(format!("/proc/{}/task", running.pid())).unwrap();
        let is_asleep = |task: std::fs::DirEntry| {
            let stat = std::fs::read_to_string(task.path().join("stat")).unwrap_or_default();
            stat.rsplit_once(')').is_some_and(|(_, rest)| rest.trim_start().starts_with(['S', 'Z']))
        };
        looks_in_a_row = if tasks.flatten().all(is_asleep) { looks_in_a_row + 1 } else { 0 };
        look_again();
    }
}

#[test]
fn what_is_sent_and_can_not_be_told_holds_stdin_back() {
    let lines = format!("{}\n", "y".repeat(1999)).repeat(12_000);
    for flags in [&["--out", "json"][..], &["--out", "json", "--frames"]] {
        let serving = Serving::with(&["--sink"]);
        let mut running = Running::start_unread(&[&["connect"], flags, &[&serving.url]].concat());
        running.feed(lines.clone().into_bytes());
        wait_until_at_rest(&running);
        let resident = running.resident();
        assert!(resident < BOUND, "{flags:?}: {resident} bytes");
        // Then all of it comes out.
        let mut records = String::new();
        running.take_stdout().read_to_string(&mut records).unwrap();
        // Behind its head a line is long.
        let head = |line: &str| line.get(..200).unwrap_or(line).to_owned();
        let is_sent = |line: &&str| head(line).contains("\"direction\":\"sent\",\"type\":\"text\"");
        let sent = records.lines().filter(is_sent).count();
        assert_eq!((sent, running.finish().code), (12_000, Some(0)));
    }
}

#[test]
fn a_client_that_reads_only_when_it_has_sent_its_message_gets_its_echo() {
    // No Ping comes between.
    let serving = Serving::with(&["--echo", "--ping-interval", "0"]);
    let (mut socket, _) = open_by_hand(serving.address(), "");
    let block: Vec<u8> = (0..=250).collect();
    let content = block.repeat((63 << 20) / block.len());
    socket.write_all(&client_frame(0x82, &content)).unwrap();
    let mut echo = Vec::new();
    loop {
        let (first, payload) = read_frame(&mut socket);
        echo.extend_from_slice(&payload);
        if first & 0x80 != 0 {
            break;
        }
    }
    assert!(echo == content, "{} of {} bytes", echo.len(), content.len());
}

#[test]
fn a_server_that_ignores_our_close_and_goes_on_sending_is_left() {
    within(Duration::from_secs(5), || {
        let server = peer::opened("", |socket| {
            let flood = b"\x81\x05flood".repeat(10_000);
            while socket.write_all(&flood).is_ok() {}
        });
        let begun = Instant::now();
        let outcome = run(&["connect", "-n", "-m", "300ms", "--close-timeout", "300ms", &server.url], b"");
        let took = begun.elapsed();
        let Outcome { stdout, stderr, code } = outcome;
        assert!(stdout.starts_with(b"flood\n") && code == Some(0), "{stderr} {code:?}");
        assert!(took >= Duration::from_millis(300), "{took:?}");
        server.join();
        (took, ())
    });
}

#[test]
fn a_server_that_is_still_at_what_it_got_before_our_close_has_more_time() {
    let server = peer::opened("", |socket| {
        while read_frame(socket).0 != 0x88 {}
        // Longer than the client waits for one that is silent, and never so long in silence.
        for _ in 0..8 {
            std::thread::sleep(Duration::from_millis(100));
            socket.write_all(b"\x81\x04more").unwrap();
        }
        socket.write_all(b"\x88\x02\x03\xe8").unwrap();
        read_to_end(socket);
    });
    let flags = ["connect", "--linger", "0", "--close-timeout", "500ms", "--ping-interval", "0", &server.url];
    run(&flags, b"hello\n").assert(&"more\n".repeat(8), 0, "closed by us: 1000");
    server.join();
}

#[test]
fn an_unanswered_close_is_waited_for_once() {
    within(Duration::from_millis(1900), || {
        let server = peer::opened("", |socket| {
            // The text and our Close are read, and not answered, until we leave.
            while socket.read(&mut [0; 1024]).is_ok_and(|count| count > 0) {}
            let _ = socket.shutdown(Shutdown::Both);
        });
        let begun = Instant::now();
        // No Pong is waited for, which would be one more wait.
        let flags = ["connect", "--linger", "100ms", "--close-timeout", "1s", "--ping-interval", "0", &server.url];
        run(&flags, b"hello\n").assert("", 7, "the peer did not answer our Close (1006)");
        let took = begun.elapsed();
        assert!(took >= Duration::from_millis(1100), "{took:?}");
        server.join();
        (took, ())
    });
}
