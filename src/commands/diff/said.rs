//! What one side has said on a connection: enough of each message to tell whether another is the same, and of some their content.

use std::collections::BTreeMap;

use ring::digest::{Context, SHA256};

use crate::error::Error;
use crate::stdio::recording_file::RecordingFile;
use crate::trace::message_difference::{self, MessageExcerpt};
use crate::trace::message_match::{MatchMode, MessageMatch};
use crate::trace::record::Record;
use crate::trace::record_type::RecordType;
use crate::trace::recorded_connection::ConnectionStart;
use crate::view::close_text::CloseText;
use crate::ws::{Close, Direction, Kind, Message, Role};

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

/// What one side says, message after message.
pub(super) struct SaidMessages<'a> {
    records: Box<dyn Iterator<Item = Result<(u64, Record<'static>), Error>>>,
    direction: Direction,
    matching: &'a MessageMatch,
    /// So far.
    pub(super) messages: u64,
    /// The first Close, once all has been read.
    pub(super) close: Option<SaidMessage>,
}

impl<'a> SaidMessages<'a> {
    pub(super) fn new(file: &RecordingFile, start: &ConnectionStart, role: Role, matching: &'a MessageMatch) -> Self {
        let records = Box::new(file.records(start).joined());
        Self { records, direction: start.direction_of(role), matching, messages: 0, close: None }
    }

    /// The next message.
    ///
    /// # Errors
    /// What can't be read.
    pub(super) fn next(&mut self) -> Result<Option<SaidMessage>, Error> {
        for next in &mut self.records {
            let (line, record) = next?;
            let Some(key) = key(&record, self.matching).filter(|_| record.direction == Some(self.direction)) else {
                continue;
            };
            let said = SaidMessage { key, line };
            if record.kind != RecordType::Close {
                self.messages += 1;
                return Ok(Some(said));
            }
            if self.matching.mode != MatchMode::Count {
                self.close.get_or_insert(said);
            }
        }
        Ok(None)
    }
}

/// `None` of what is neither a message nor a Close.
fn key(record: &Record<'_>, matching: &MessageMatch) -> Option<MessageKey> {
    let mut context = Context::new(&SHA256);
    context.update(record.kind.name().as_bytes());
    match (record.as_message(), record.kind) {
        (Some(message), _) => {
            context.update(&matching.normal(message));
            context.update(
                &record.length.unwrap_or(message.content.len() as u64).to_le_bytes()
                    [..usize::from(record.truncated) * 8],
            );
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
    /// Those in these lines.
    ///
    /// # Errors
    /// What can't be read.
    pub(super) fn read(
        file: &RecordingFile,
        start: &ConnectionStart,
        lines: &[u64],
    ) -> Result<BTreeMap<u64, Self>, Error> {
        let mut said = BTreeMap::new();
        if lines.is_empty() {
            return Ok(said);
        }
        for next in file.records(start).joined() {
            let (line, record) = next?;
            if lines.contains(&line) {
                said.extend(Self::of(&record).map(|found| (line, found)));
            }
            if said.len() == lines.len() {
                break;
            }
        }
        Ok(said)
    }

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
                    lines.push("  what differs is behind the first 64 KiB, or the kind of message".to_owned());
                }
                lines
            }
            _ => vec![format!("- {}", self.excerpt()), format!("+ {}", other.excerpt())],
        }
    }
}
