//! What one side has said on a connection: enough of each message to tell whether another is the same, and of some their content.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufReader, Read};
use std::path::Path;

use ring::digest::{Context, SHA256};

use crate::commands::recording::{SpillFile, StrandId, StrandReader};
use crate::error::Error;
use crate::stdio::recording_file::RecordingFile;
use crate::trace::message_difference::{self, MessageExcerpt};
use crate::trace::message_match::{MatchMode, MessageMatch};
use crate::trace::record::Record;
use crate::trace::record_router::RecordRouter;
use crate::trace::record_type::RecordType;
use crate::trace::recorded_connection::ConnectionStart;
use crate::view::close_text::CloseText;
use crate::ws::{Close, Kind, Message, Role};

/// Content of a message that is shown, in bytes.
const SHOWN: usize = 64 << 10;

/// What is the same of messages that are the same.
pub(super) type MessageKey = [u8; 32];

/// A message or a Close, and where it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct SaidMessage {
    pub(super) key: MessageKey,
    pub(super) line: u64,
}

/// Wherever it stands.
impl PartialEq for SaidMessage {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

/// What one side says on one connection.
#[derive(Debug, Clone, Copy)]
struct SaidByOne {
    messages: StrandId,
    count: u64,
    /// The first Close.
    close: Option<SaidMessage>,
}

/// What both sides say on the connections of a recording, gathered while that is read once: how long that takes doesn't depend on
/// how many connections there are.
pub(super) struct SaidInRecording {
    file: RecordingFile,
    pub(super) starts: Vec<ConnectionStart>,
    /// Only one of the connections is looked at.
    is_one: bool,
    spill: SpillFile,
    /// Of each connection, what its client says, and what its server does.
    said: Vec<[SaidByOne; 2]>,
    /// Messages of which only the beginning and the length are compared.
    pub(super) in_part: u64,
}

/// Records, each with the place of its connection and the number of its line; of a message in several lines, that of the last.
type PlacedRecords = Box<dyn Iterator<Item = Result<(usize, u64, Record<'static>), Error>>>;

impl SaidInRecording {
    /// Of the connection with this number, from 1; of all, without one.
    ///
    /// # Errors
    /// What can't be read, or kept.
    pub(super) fn read(file: RecordingFile, number: Option<usize>, matching: &MessageMatch) -> Result<Self, Error> {
        let starts = match number {
            Some(_) => vec![file.connection(number)?],
            None => file.contents()?.connections,
        };
        let mut spill = SpillFile::default();
        let mut silent = || SaidByOne { messages: spill.strand(), count: 0, close: None };
        let said = starts.iter().map(|_| [silent(), silent()]).collect();
        let mut read = Self { file, starts, is_one: number.is_some(), spill, said, in_part: 0 };
        let most = if matching.mode == MatchMode::Count { 0 } else { usize::MAX };
        for next in read.records(&read.file, most) {
            let (connection, line, record) = next?;
            read.add(connection, line, &record, matching)?;
        }
        Ok(read)
    }

    fn records(&self, file: &RecordingFile, most: usize) -> PlacedRecords {
        if self.is_one {
            let records = self.starts.iter().map(|start| file.records(start).joined(most)).collect::<Vec<_>>();
            let placed = records.into_iter().flatten();
            return Box::new(placed.map(|next| next.map(|(line, record)| (0, line, record))));
        }
        let mut router = RecordRouter::new(&self.starts, most);
        Box::new(file.every_line().filter_map(move |next| {
            let place = |(line, read)| router.record(read).map(|(connection, record)| (connection, line, record));
            next.map(place).transpose()
        }))
    }

    fn add(&mut self, at: usize, line: u64, record: &Record<'_>, matching: &MessageMatch) -> Result<(), Error> {
        let side = usize::from(record.direction != Some(self.starts[at].direction_of(Role::Client)));
        let Some(key) = key(record, matching).filter(|_| record.direction.is_some()) else { return Ok(()) };
        let said = &mut self.said[at][side];
        if record.kind == RecordType::Close {
            if matching.mode != MatchMode::Count {
                said.close.get_or_insert(SaidMessage { key, line });
            }
            return Ok(());
        }
        said.count += 1;
        self.in_part += u64::from(record.truncated && matching.mode != MatchMode::Count);
        let kept = self.spill.push(said.messages, |held| {
            held.extend_from_slice(&key);
            held.extend_from_slice(&line.to_le_bytes());
            Ok(())
        });
        kept.map_err(unkept)
    }

    pub(super) fn path(&self) -> &Path {
        self.file.path()
    }

    /// What one side says on the connection in this place.
    ///
    /// # Errors
    /// What can't be read again.
    pub(super) fn messages(&self, at: usize, role: Role) -> Result<SaidMessages<'_>, Error> {
        let SaidByOne { messages, count, close } = self.said[at][usize::from(role == Role::Server)];
        let reader = BufReader::new(self.spill.read(messages).map_err(unkept)?);
        Ok(SaidMessages { reader, left: count, count, close })
    }

    /// The content of what stands in these lines.
    ///
    /// # Errors
    /// What can't be read.
    pub(super) fn content(&self, lines: &BTreeSet<u64>) -> Result<BTreeMap<u64, SaidContent>, Error> {
        let mut said = BTreeMap::new();
        if lines.is_empty() {
            return Ok(said);
        }
        for next in self.records(&self.file.silent(), SHOWN) {
            let (_, line, record) = next?;
            if lines.contains(&line) {
                said.extend(SaidContent::of(&record).map(|found| (line, found)));
            }
            if said.len() == lines.len() {
                break;
            }
        }
        Ok(said)
    }
}

/// What one side says, message after message.
pub(super) struct SaidMessages<'a> {
    reader: BufReader<StrandReader<'a>>,
    left: u64,
    pub(super) count: u64,
    pub(super) close: Option<SaidMessage>,
}

impl SaidMessages<'_> {
    /// The next message.
    ///
    /// # Errors
    /// What can't be read.
    pub(super) fn next(&mut self) -> Result<Option<SaidMessage>, Error> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        let (mut key, mut line) = (MessageKey::default(), [0; 8]);
        self.reader.read_exact(&mut key).and_then(|()| self.reader.read_exact(&mut line)).map_err(unkept)?;
        Ok(Some(SaidMessage { key, line: u64::from_le_bytes(line) }))
    }
}

fn unkept(why: io::Error) -> Error {
    Error::unwritable(&std::env::temp_dir(), &why)
}

/// `None` of what is neither a message nor a Close.
fn key(record: &Record<'_>, matching: &MessageMatch) -> Option<MessageKey> {
    let mut context = Context::new(&SHA256);
    context.update(record.kind.name().as_bytes());
    match (record.as_message(), record.kind) {
        (Some(message), _) => {
            context.update(&matching.normal(message));
            if record.truncated && matching.mode != MatchMode::Count {
                context.update(&record.length.unwrap_or_default().to_le_bytes());
            }
        }
        (None, RecordType::Close) => context.update(&record.as_close().payload()),
        (None, _) => return None,
    }
    context.finish().as_ref().try_into().ok()
}

/// One of them, with its content.
#[derive(Debug)]
pub(super) enum SaidContent {
    Message { kind: Kind, content: Vec<u8>, length: u64 },
    Close(Close),
}

impl SaidContent {
    fn of(record: &Record<'_>) -> Option<Self> {
        let Some(Message { kind, content }) = record.as_message() else {
            return (record.kind == RecordType::Close).then(|| Self::Close(record.as_close()));
        };
        let length = record.length.unwrap_or_default().max(content.len() as u64);
        Some(Self::Message { kind, content: content[..content.len().min(SHOWN)].to_vec(), length })
    }

    pub(super) fn excerpt(&self) -> String {
        match self {
            Self::Message { kind, content, length } => {
                MessageExcerpt { message: Message { kind: *kind, content }, length: *length }.to_string()
            }
            Self::Close(close) => format!("close {}", CloseText(close)),
        }
    }

    /// What differs, line by line.
    pub(super) fn difference(&self, other: &Self, matching: &MessageMatch) -> Vec<String> {
        match (self, other) {
            (Self::Message { kind, content, .. }, Self::Message { kind: other_kind, content: other_content, .. }) => {
                let one = Message { kind: *kind, content };
                let other = Message { kind: *other_kind, content: other_content };
                let mut lines = message_difference::lines(matching, one, other);
                if lines.is_empty() {
                    lines.push("  the difference is after the first 64 KiB, or in the kind of message".to_owned());
                }
                lines
            }
            _ => vec![format!("- {}", self.excerpt()), format!("+ {}", other.excerpt())],
        }
    }
}
