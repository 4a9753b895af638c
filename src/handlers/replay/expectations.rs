//! What the peer had said when it was recorded, message by message, beside what it says now.

use crate::error::Error;
use crate::trace::message_match::JSON_LIMIT;
use crate::trace::record::Record;
use crate::trace::record_type::RecordType;
use crate::trace::recorded_connection::ConnectionRecords;
use crate::ws::{Close, Direction, Kind, Message};

/// Content of a message that is kept, in bytes: of what is longer, every byte is compared as it comes.
pub(super) const KEPT: usize = JSON_LIMIT;

/// What is to come, in order.
#[derive(Debug)]
pub(super) struct Expectations {
    records: ConnectionRecords,
    theirs: Direction,
    is_over: bool,
    /// What the peer said behind the end of the recording isn't known.
    pub(super) breaks_off: bool,
    /// The peer's Close, once all before it was looked at.
    pub(super) close: Option<(u64, Close)>,
    /// The message that is coming.
    open: Option<OpenExpectation>,
}

/// A message that is to come, as far as it has been read.
#[derive(Debug)]
struct OpenExpectation {
    kind: Kind,
    line: u64,
    /// What was read of it last, and how much of that has come.
    part: Vec<u8>,
    compared: usize,
    /// More of it is to be read.
    more: bool,
    /// Nothing else has come so far.
    is_same: bool,
    kept: Vec<u8>,
    length: u64,
}

/// A message that was to come.
#[derive(Debug)]
pub(super) struct Expected {
    pub(super) line: u64,
    pub(super) kind: Kind,
    /// The beginning of its content.
    pub(super) kept: Vec<u8>,
    pub(super) length: u64,
    /// Its content has come byte for byte.
    pub(super) is_same: bool,
}

impl Expected {
    /// All of it, unless it is too long.
    pub(super) fn whole(&self) -> Option<Message<'_>> {
        (self.kept.len() as u64 == self.length).then(|| self.beginning())
    }

    pub(super) fn beginning(&self) -> Message<'_> {
        Message { kind: self.kind, content: &self.kept }
    }
}

impl Expectations {
    pub(super) fn new(records: ConnectionRecords, theirs: Direction) -> Self {
        Self { records, theirs, is_over: false, breaks_off: false, close: None, open: None }
    }

    /// A message begins to come.
    ///
    /// # Errors
    /// What can't be read.
    pub(super) fn begin(&mut self) -> Result<(), Error> {
        self.open = self.next_record()?.map(OpenExpectation::new);
        Ok(())
    }

    /// The next bytes of it have come.
    ///
    /// # Errors
    /// What can't be read.
    pub(super) fn push(&mut self, mut bytes: &[u8]) -> Result<(), Error> {
        while !bytes.is_empty() && self.open.as_ref().is_some_and(|open| open.is_same) {
            if self.open.as_ref().is_some_and(OpenExpectation::wants_more) {
                self.read_more()?;
            } else if let Some(open) = &mut self.open {
                bytes = open.compare(bytes);
            }
        }
        Ok(())
    }

    /// It has come to its end. `None` where none was to come.
    ///
    /// # Errors
    /// What can't be read.
    pub(super) fn finish(&mut self) -> Result<Option<Expected>, Error> {
        while self.open.as_ref().is_some_and(|open| open.more) {
            self.read_more()?;
        }
        Ok(self.open.take().map(OpenExpectation::finish))
    }

    /// The next message, which hasn't come.
    ///
    /// # Errors
    /// What can't be read.
    pub(super) fn skip(&mut self) -> Result<Option<Expected>, Error> {
        self.begin()?;
        self.finish()
    }

    fn read_more(&mut self) -> Result<(), Error> {
        let next = self.next_record()?;
        let Some(open) = &mut self.open else { return Ok(()) };
        match next {
            Some((_, record)) => open.read(record),
            // The recording ends inside the message.
            None => open.more = false,
        }
        Ok(())
    }

    /// The next line of theirs that is a message or part of one.
    fn next_record(&mut self) -> Result<Option<(u64, Record<'static>)>, Error> {
        while !self.is_over {
            let Some(next) = self.records.next() else {
                (self.is_over, self.breaks_off) = (true, self.records.breaks_off());
                break;
            };
            let (line, record) = next?;
            match record.kind {
                _ if record.direction != Some(self.theirs) => {}
                RecordType::Text | RecordType::Binary => return Ok(Some((line, record))),
                RecordType::Close => {
                    self.close = Some((line, record.as_close()));
                    self.is_over = true;
                }
                RecordType::Ping | RecordType::Pong | RecordType::Frame | RecordType::Violation => {}
            }
        }
        Ok(None)
    }
}

impl OpenExpectation {
    fn new((line, record): (u64, Record<'static>)) -> Self {
        let kind = if record.kind == RecordType::Text { Kind::Text } else { Kind::Binary };
        let mut open =
            Self { kind, line, part: Vec::new(), compared: 0, more: false, is_same: true, kept: Vec::new(), length: 0 };
        open.read(record);
        open
    }

    fn read(&mut self, record: Record<'static>) {
        // What is missing behind the content can't come byte for byte.
        self.is_same &= self.compared == self.part.len() && !record.truncated;
        self.more = record.more;
        self.part = record.content().to_vec();
        self.compared = 0;
        let room = self.part.len().min(KEPT - self.kept.len());
        self.kept.extend_from_slice(&self.part[..room]);
        // What a truncated part says of its length is the file's word.
        self.length = self.length.saturating_add(self.part.len() as u64);
        if record.truncated {
            self.length = record.length.unwrap_or(self.length);
        }
    }

    fn wants_more(&self) -> bool {
        self.more && self.compared == self.part.len()
    }

    /// Returns what is behind.
    fn compare<'b>(&mut self, bytes: &'b [u8]) -> &'b [u8] {
        let expected = &self.part[self.compared..];
        let (now, behind) = bytes.split_at(bytes.len().min(expected.len()));
        self.is_same &= now == &expected[..now.len()] && (!now.is_empty());
        self.compared += now.len();
        behind
    }

    fn finish(self) -> Expected {
        let Self { kind, line, kept, length, .. } = self;
        let is_same = self.is_same && self.compared == self.part.len();
        Expected { line, kind, kept, length, is_same }
    }
}
