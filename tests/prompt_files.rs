//! Files of the prompt, `/log` and `/save`, whoever reads them.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, Mode, OFlags, fcntl_setfl, mkfifoat};
use serde_json::Value;

use crate::prompt::AtTheTerminal;
use crate::support::peer;

/// More of these than a pipe and a queue hold together.
const MESSAGES: usize = 512;
const LENGTH: usize = 4096;

fn pipe(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("wscli-{name}-{}", std::process::id()));
    mkfifoat(CWD, &path, Mode::RUSR | Mode::WUSR).unwrap();
    path
}

/// Opens it, which doesn't wait for the writer; reading from it then does.
fn reader(path: &Path) -> File {
    let flags = OFlags::NONBLOCK.bits() as i32;
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path).unwrap();
    fcntl_setfl(&file, OFlags::empty()).unwrap();
    file
}

/// A server that answers one message with many.
fn server() -> peer::Peer<()> {
    peer::opened("", |socket| {
        peer::read_frame(socket);
        let frame = [&[0x82, 126][..], &(LENGTH as u16).to_be_bytes(), &[7; LENGTH]].concat();
        for _ in 0..MESSAGES {
            socket.write_all(&frame).unwrap();
        }
        socket.write_all(b"\x88\x02\x03\xe8").unwrap();
        while peer::read_frame(socket).0 != 0x88 {}
    })
}

#[test]
fn a_log_that_is_read_late_goes_on_and_says_what_is_missing() {
    let (path, server) = (pipe("late-log"), server());
    let mut reader = reader(&path);
    let mut prompt = AtTheTerminal::start_with("1", &["--no-compress", &server.url]);
    prompt.type_keys(&format!("/quiet\r/log {}\r", path.display()));
    prompt.wait_for("logging to ");
    prompt.type_keys("hello\r");
    prompt.wait_for("* peer closed: 1000");
    server.join();
    let logged = std::thread::spawn(move || {
        let mut logged = String::new();
        reader.read_to_string(&mut logged).unwrap();
        logged
    });
    prompt.type_keys("/log off\r");
    prompt.wait_for(&format!("* log {} closed", path.display()));
    let logged = logged.join().unwrap();
    std::fs::remove_file(&path).unwrap();
    prompt.type_keys("/quit\r");
    prompt.left(0);
    let events: Vec<Value> = logged.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let received =
        |kind: &str| events.iter().filter(|event| event["type"] == kind && event["direction"] == "received").count();
    let dropped: u64 = events.iter().filter_map(|event| event["events"].as_u64()).sum();
    assert!(dropped > 0 && received("binary") > 16, "{dropped} dropped, {} written", received("binary"));
    // Of the Closes and what we sent some may be among those that are missing.
    let told = events.iter().filter(|event| event["type"] != "dropped").count() + dropped as usize;
    assert_eq!(told, MESSAGES + 3);
}

#[test]
fn a_file_that_nobody_reads_does_not_keep_the_connection_waiting() {
    let (path, server) = (
        pipe("unread-save"),
        peer::opened("", |socket| {
            let first = peer::read_frame(socket);
            socket.write_all(b"\x81\x02hi").unwrap();
            let second = peer::read_frame(socket);
            while peer::read_frame(socket).0 != 0x88 {}
            socket.write_all(b"\x88\x02\x03\xe8").unwrap();
            (first.1, second.1)
        }),
    );
    let mut prompt = AtTheTerminal::start_with("1", &["--no-compress", &server.url]);
    prompt.type_keys("first\r");
    prompt.wait_for("< hi");
    prompt.type_keys(&format!("/save {}\r", path.display()));
    prompt.type_keys("second\r/quit\r");
    assert_eq!(server.join(), (b"first".to_vec(), b"second".to_vec()));
    let mut saved = String::new();
    File::open(&path).unwrap().read_to_string(&mut saved).unwrap();
    std::fs::remove_file(&path).unwrap();
    prompt.left(0);
    let texts = saved.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["text"].clone());
    assert_eq!(texts.collect::<Vec<_>>(), ["first", "hi"]);
}

#[test]
fn a_log_that_can_not_be_written_says_so() {
    let server = peer::opened("", |socket| {
        peer::read_frame(socket);
        socket.write_all(b"\x81\x02hi").unwrap();
        while peer::read_frame(socket).0 != 0x88 {}
        socket.write_all(b"\x88\x02\x03\xe8").unwrap();
    });
    let mut prompt = AtTheTerminal::start_with("1", &["--no-compress", &server.url]);
    prompt.type_keys("/log /dev/full\r");
    prompt.wait_for("logging to /dev/full");
    prompt.type_keys("hello\r");
    prompt.wait_for("< hi");
    prompt.type_keys("/log off\r");
    prompt.wait_for("! can't write /dev/full: No space left on device");
    prompt.type_keys("/quit\r");
    server.join();
    prompt.left(0);
}
