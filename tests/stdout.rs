//! stdout and stderr in trouble: gone, full, non-blocking, closed.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::thread;

use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::process::Signal;

use crate::support::files::Folder;
use crate::support::peer;
use crate::support::program::{NO_CONFIG, Running, Serving, run};
use crate::support::terminal::Terminal;
use crate::support::timing::look_again;

#[test]
fn a_reader_who_leaves_a_flood_ends_it_quietly() {
    let server = peer::opened("", |socket| {
        let flood = b"\x81\x05flood".repeat(10_000);
        // Until the client has had enough.
        while socket.write_all(&flood).is_ok() {}
    });
    let mut running = Running::start_unread(&["connect", "-n", "--close-timeout", "100ms", &server.url]);
    let mut stdout = BufReader::new(running.take_stdout());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    assert_eq!(line, "flood\n");
    drop(stdout);
    let outcome = running.finish();
    assert_eq!((outcome.code, outcome.stderr.contains("wscli:")), (Some(0), false), "{outcome:?}");
    server.join();
}

/// As where a window of a terminal program closes whose session isn't ours, so that no signal comes.
#[test]
fn a_terminal_that_is_gone_ends_it_on_a_quiet_feed() {
    let mut serving = Serving::start(&[]);
    let terminal = Terminal::unread();
    let running = Running::start_into(&["connect", "-n", &serving.url], terminal.device.try_clone().unwrap());
    serving.running.line_with("opened");
    drop(terminal);
    assert_eq!(running.finish().code, Some(0));
}

#[test]
fn a_reader_who_leaves_the_frames_ends_it_where_they_are_all_there_is() {
    for flag in ["--frames", "-P"] {
        let server = peer::opened("", |socket| {
            socket.write_all(b"\x89\x01p").unwrap();
            peer::read_to_end(socket);
        });
        let (reader, writer) = io::pipe().unwrap();
        let mut running = Running::start_with_stderr(&["connect", "-n", "--out", "none", flag, &server.url], writer);
        let mut line = String::new();
        BufReader::new(reader).read_line(&mut line).unwrap();
        assert!(line.contains("ping"), "{line}");
        assert_eq!(running.wait().0, Some(0), "{flag}");
        server.join();
    }
}

#[test]
fn a_reader_who_leaves_stderr_takes_nothing_from_stdout() {
    let serving = Serving::start(&[]);
    let (reader, writer) = io::pipe().unwrap();
    let mut running = Running::start_with_stderr(&["connect", "-v", "--frames", &serving.url], writer);
    drop(reader);
    running.feed(b"still\nhere\n".to_vec());
    let outcome = running.finish();
    assert_eq!((outcome.stdout(), outcome.code), ("still\nhere\n", Some(0)));
}

#[test]
fn a_stdout_that_somebody_made_non_blocking_loses_nothing() {
    let serving = Serving::start(&[]);
    let (mut reader, writer) = io::pipe().unwrap();
    fcntl_setfl(&writer, fcntl_getfl(&writer).unwrap() | OFlags::NONBLOCK).unwrap();
    let mut running = Running::start_into(&["connect", &serving.url], writer);
    // Several times what a pipe holds.
    let lines = "a line that takes its place in the pipe\n".repeat(10_000);
    running.feed(lines.clone().into_bytes());
    let mut read = String::new();
    reader.read_to_string(&mut read).unwrap();
    let outcome = running.finish();
    assert!(read == lines, "{} of {} bytes, {outcome:?}", read.len(), lines.len());
    assert_eq!(outcome.code, Some(0));
}

#[test]
fn a_full_disk_is_told() {
    let serving = Serving::start(&[]);
    let full = File::options().write(true).open("/dev/full").unwrap();
    let mut running = Running::start_into(&["connect", &serving.url], full);
    running.feed(b"for nothing\n".to_vec());
    running.finish().assert("", 2, "wscli: can't write to stdout: No space left on device");
    let mut running = Running::start(&["connect", "-o", "/dev/full", &serving.url]);
    running.feed(b"for nothing\n".to_vec());
    running.finish().assert("", 2, "wscli: can't write /dev/full: No space left on device");
    for args in [&["inspect", &serving.url][..], &["inspect", "--json", &serving.url], &["completions", "bash"]] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        Running::start_into(args, full).finish().assert("", 2, "wscli: can't write to stdout: No space left on device");
    }
}

#[test]
fn a_file_that_can_not_be_written_is_named_before_anything_is_sent() {
    run(&["connect", "-o", "/dev/null/replies", "ws://127.0.0.1:1/"], b"").assert("", 2, "/dev/null/replies");
}

#[test]
fn without_stderr_the_work_is_done_all_the_same() {
    let serving = Serving::start(&[]);
    let script = "printf 'still\\nhere\\n' | \"$0\" connect -v \"$1\" 2>&-";
    let mut shell = Command::new("sh");
    shell.args(["-c", script, env!("CARGO_BIN_EXE_wscli"), &serving.url]).envs([NO_CONFIG]);
    let shell = shell.output().unwrap();
    assert_eq!((shell.stdout.as_slice(), shell.status.code()), (&b"still\nhere\n"[..], Some(0)));
}

#[test]
fn a_file_that_keeps_us_waiting_does_not_keep_a_signal_from_ending_it() {
    let folder = Folder::new();
    let fifo = folder.path("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let content = format!("@{fifo}");
    for flags in [["-o", &fifo], ["-d", &content], ["-u", &content], ["-H", &content], ["--cert", &fifo]] {
        let running = Running::start(&[&["connect"], &flags[..], &["ws://127.0.0.1:1/"]].concat());
        // Until it sleeps: there is nothing else to sleep in.
        let stat = format!("/proc/{}/stat", running.pid());
        while !std::fs::read_to_string(&stat).unwrap().contains("(wscli) S ") {
            look_again();
        }
        running.signal(Signal::TERM);
        let outcome = running.finish();
        assert_eq!((outcome.code, outcome.stderr.as_str()), (None, ""));
    }
}

/// The reader leaves while there is no connection whose end could tell: during the wait before a retry, during the opening
/// handshake, and during the wait before the next connection.
#[test]
fn a_reader_who_leaves_while_nothing_is_connected_is_noticed_at_once() {
    let leaves = |args: &[&str], line: &str| {
        let mut running = Running::start_unread(&[&["connect", "-n", "-v"], args].concat());
        running.line_with(line);
        drop(running.take_stdout());
        let outcome = running.finish();
        assert_eq!((outcome.code, outcome.stderr.contains("wscli:")), (Some(0), false), "{outcome:?}");
    };
    // Longer than the test has patience.
    leaves(&["--retry", "1", "--retry-delay", "1h", "ws://127.0.0.1:1/"], "retry 1 of 1");
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", silent.local_addr().unwrap());
    leaves(&["--handshake-timeout", "1h", &url], "> GET / HTTP/1.1");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let dropping = thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let head = peer::read_head(&mut socket);
        socket.write_all(peer::acceptance(&head, "").as_bytes()).unwrap();
        drop(socket);
        listener
    });
    leaves(&["--reconnect", &url], "(attempt 1)");
    let listener = dropping.join().unwrap();
    listener.set_nonblocking(true).unwrap();
    assert_eq!(listener.accept().err().map(|error| error.kind()), Some(io::ErrorKind::WouldBlock));
}

#[test]
fn events_of_a_server_for_a_full_disk_end_with_a_notice() {
    let full = File::options().write(true).open("/dev/full").unwrap();
    let mut running = Running::start_into(&["serve", "127.0.0.1:0", "--out", "json", "--echo"], full);
    let listening = running.line_with("listening on ws://");
    let address = listening.rsplit_once("//").unwrap().1.trim_end_matches('/');
    // It goes on all the same.
    let (mut client, _) = peer::open_by_hand(address, "");
    client.write_all(&peer::client_frame(0x81, b"echo")).unwrap();
    assert_eq!(peer::read_frame(&mut client), (0x81, b"echo".to_vec()));
    running.signal(Signal::TERM);
    let outcome = running.finish();
    assert_eq!(outcome.code, Some(2), "{outcome:?}");
    let notice = "the events end here: can't write to stdout: No space left on device";
    assert_eq!(outcome.stderr.lines().filter(|line| *line == notice).count(), 1, "{outcome:?}");
    assert!(outcome.stderr.ends_with("wscli: can't write to stdout: the events are not whole\n"), "{outcome:?}");
}
