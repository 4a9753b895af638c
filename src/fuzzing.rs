//! What the fuzz targets reach of the private rooms. In no build but theirs (`--cfg fuzzing`).

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::OwnedFd;

use crate::client::from_curl::FromCurl;
use crate::script::{Rules, Session};
use crate::stdio::input::{self, Mode, Reading, Step};
use crate::trace::record::Record;
use crate::ws::{Kind, Message};

/// A pipe takes as much without a reader, in bytes.
const PIPE: usize = 60 * 1024;

/// A line of `--in json`: no record, or one that is written and read again as the same.
pub fn record(line: &[u8]) {
    let Ok(record) = Record::read(line) else { return };
    let mut written = Vec::new();
    record.write(&mut written);
    assert_eq!(Record::read(&written).as_ref(), Ok(&record), "{}", String::from_utf8_lossy(&written));
}

/// Bytes as stdin, read as one of the modes of `--in`: items to send until the end, or a fault in words.
pub fn stdin(mode: u8, binary: bool, bytes: &[u8]) {
    let (_, mode) = Mode::NAMES[usize::from(mode) % Mode::NAMES.len()];
    let Ok((reader, mut writer)) = io::pipe() else { return };
    let _ = writer.write_all(&bytes[..bytes.len().min(PIPE)]);
    drop(writer);
    let reading = Reading { mode, binary, crlf: bytes.len() % 2 == 1, escapes: bytes.len() % 3 == 1, part: 1024 };
    let mut source = input::from(File::from(OwnedFd::from(reader)), reading);
    let mut told = 0;
    while !source.is_finished() {
        match source.next() {
            Ok(Some(Step::Send(_) | Step::Wait(_))) => told += 1,
            Ok(None) => drop(source.read()),
            Err(fault) => return assert!(!fault.0.is_empty()),
        }
        assert!(told <= 2 * PIPE, "every step takes a byte");
    }
}

/// A rules file and a message to answer: faults have a line, and an answer costs no more than the rules and the message
/// together allow.
pub fn rules(text: &str, is_text: bool, content: &[u8]) {
    match Rules::parse(text) {
        Ok(rules) => {
            let kind = if is_text && str::from_utf8(content).is_ok() { Kind::Text } else { Kind::Binary };
            let mut session = Session::default();
            rules.opening(&mut session);
            rules.answer(Message { kind, content }, &mut session);
        }
        Err(error) => assert!(error.to_string().starts_with("line ")),
    }
}

/// A command as it is copied from a browser.
pub fn curl(text: &str) {
    match FromCurl::parse(text) {
        Ok(command) => assert!(!command.url.is_empty()),
        Err(why) => assert!(!why.is_empty()),
    }
}
