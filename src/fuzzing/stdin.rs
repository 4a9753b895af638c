//! stdin, in every mode.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::OwnedFd;

use crate::stdio::input::{self, Mode, Reading, Step};
use crate::trace::record::Record;
use crate::ws::{Connection, Event, Item, Masking};

/// A pipe takes as much without a reader, in bytes.
pub(super) const PIPE: usize = 60 * 1024;

/// A file that can be read to the end of `bytes`, or to the end of what a pipe holds.
pub(super) fn file_of(bytes: &[u8]) -> Option<File> {
    let (reader, mut writer) = io::pipe().ok()?;
    let _ = writer.write_all(&bytes[..bytes.len().min(PIPE)]);
    Some(File::from(OwnedFd::from(reader)))
}

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
    let Some(file) = file_of(bytes) else { return };
    let reading = Reading { mode, binary, crlf: bytes.len() % 2 == 1, escapes: bytes.len() % 3 == 1, part: 1024 };
    let mut source = input::from(file, reading);
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

/// Lines of `--in json`, sent: what isn't a frame as somebody wants it breaks no rule, and a frame has the payload that it
/// was given.
pub fn sent(lines: &[u8]) {
    let Some(file) = file_of(lines) else { return };
    let reading = Reading { mode: Mode::Json, binary: false, crlf: false, escapes: false, part: 1024 };
    let mut source = input::from(file, reading);
    let mut client = Connection::client(Box::new(|| [1, 2, 3, 4]), None);
    let mut server = Connection::server(None);
    let mut is_lawful = true;
    while !source.is_finished() {
        let Ok(step) = source.next() else { return };
        match step {
            Some(Step::Send(item)) => {
                is_lawful &= match &item {
                    Item::Frame { .. } | Item::Raw(_) => false,
                    Item::Part { bytes, .. } => str::from_utf8(bytes).is_ok(),
                    _ => true,
                };
                let unmasked = match &item {
                    Item::Frame { payload, masking: Masking::Off, .. } => payload.to_vec(),
                    _ => Vec::new(),
                };
                let taken = client.send(item);
                assert!(taken.is_err() || client.pending().ends_with(&unmasked));
            }
            Some(Step::Wait(_)) => {}
            None => drop(source.read()),
        }
        if !is_lawful {
            client.wrote(client.pending().len());
            continue;
        }
        server.receive(client.pending());
        client.wrote(client.pending().len());
        while let Some(event) = server.poll() {
            assert!(!matches!(event, Event::Violation(_)), "{event:?}");
        }
    }
}
