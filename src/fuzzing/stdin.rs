//! stdin, in every mode.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::OwnedFd;

use crate::stdio::input::{self, InputMode, Reading, Step};
use crate::trace::record::Record;
use crate::ws::{Close, Connection, Event, Item, Kind, Masking};

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
    let (_, mode) = InputMode::NAMES[usize::from(mode) % InputMode::NAMES.len()];
    let Some(file) = file_of(bytes) else { return };
    let reading = Reading { mode, binary, crlf: bytes.len() % 2 == 1, escapes: bytes.len() % 3 == 1, part: 1024 };
    let mut source = input::from(file, reading);
    let mut told = 0;
    while !source.is_finished() {
        match source.next() {
            Ok(Some(Step::Send(_) | Step::Wait(_))) => told += 1,
            Ok(None) => drop(source.read()),
            Err(fault) => return assert!(!fault.into_words().is_empty()),
        }
        assert!(told <= 2 * PIPE, "every step takes a byte");
    }
}

/// Lines of `--in json`, sent: what isn't a frame as somebody wants it breaks no rule and arrives as it was, and a frame has
/// the payload that it was given.
pub fn sent(lines: &[u8]) {
    let Some(file) = file_of(lines) else { return };
    let reading = Reading { mode: InputMode::Json, binary: false, crlf: false, escapes: false, part: 1024 };
    let mut source = input::from(file, reading);
    let mut client = Connection::client(Box::new(|| KEY), None);
    let mut server = Connection::server(None);
    let (mut is_lawful, mut sent, mut arrived) = (true, Vec::new(), Vec::new());
    while !source.is_finished() {
        let Ok(step) = source.next() else { return };
        match step {
            Some(Step::Send(item)) => {
                is_lawful &= !matches!(item, Item::Frame { .. } | Item::Raw(_));
                let (told, payload) = (Said::of(&item), masked_payload(&item));
                if client.send(item).is_ok() {
                    sent.extend(told);
                    assert!(client.pending().ends_with(&payload));
                }
            }
            Some(Step::Wait(_)) => {}
            None => drop(source.read()),
        }
        if is_lawful {
            server.receive(client.pending());
            while let Some(event) = server.poll() {
                Said::add(&mut arrived, &event);
            }
            assert_eq!(arrived, sent);
        }
        client.wrote(client.pending().len());
    }
}

/// With which the client masks.
const KEY: [u8; 4] = [1, 2, 3, 4];

/// What a frame that is sent as it is given ends with on the wire.
fn masked_payload(item: &Item<'_>) -> Vec<u8> {
    let Item::Frame { payload, masking, .. } = item else { return Vec::new() };
    let key = match masking {
        Masking::Off => [0; 4],
        Masking::AsUsual => KEY,
        Masking::Key(key) => *key,
    };
    payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key).collect()
}

/// What one side says, and the other has to hear.
#[derive(Debug, PartialEq)]
enum Said {
    Message(Kind, Vec<u8>),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(Close),
}

impl Said {
    /// Each line of stdin is a whole message.
    fn of(item: &Item<'_>) -> Option<Self> {
        Some(match item {
            Item::Part { kind, bytes, .. } => Self::Message(*kind, bytes.to_vec()),
            Item::Ping(payload) => Self::Ping(payload.to_vec()),
            Item::Pong(payload) => Self::Pong(payload.to_vec()),
            Item::Close(close) => Self::Close(close.clone()),
            Item::Fragmented { .. } | Item::FragmentedAs { .. } | Item::Frame { .. } | Item::Raw(_) => return None,
        })
    }

    fn add(told: &mut Vec<Self>, event: &Event<'_>) {
        match (event, told.last_mut()) {
            (Event::Data(data), Some(Self::Message(_, content))) if !data.first => {
                content.extend_from_slice(data.bytes)
            }
            (Event::Data(data), _) => told.push(Self::Message(data.kind, data.bytes.to_vec())),
            (Event::Ping(payload), _) => told.push(Self::Ping(payload.to_vec())),
            (Event::Pong(payload), _) => told.push(Self::Pong(payload.to_vec())),
            (Event::Close(close), _) => told.push(Self::Close(close.clone())),
            (other, _) => unreachable!("{other:?}"),
        }
    }
}
