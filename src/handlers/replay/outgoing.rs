//! What of a recording is to be sent, one thing after the other, and what had come before it.

use std::borrow::Cow;
use std::num::NonZeroUsize;
use std::time::Duration;

use super::Recorded;
use super::timeline::Timeline;
use crate::error::Error;
use crate::trace::record::Record;
use crate::trace::record_type::RecordType;
use crate::trace::recorded_connection::ConnectionRecords;
use crate::ws::{Close, FrameHeader, Kind, MAX_FRAGMENTS, Masking, OpCode, OwnedItem};

/// Pings of theirs that weren't answered when it was recorded and are remembered.
const MOST_PINGS: usize = 64;

/// The next thing that is sent.
#[derive(Debug)]
pub(super) struct ReplayStep {
    /// Messages that had come before it.
    pub(super) heard: u64,
    /// When it is played, from the beginning.
    pub(super) at: Duration,
    /// The time that had passed since what was sent before it, where that is known.
    pub(super) gap: Option<Duration>,
    /// Of the recording; at its end there is none.
    pub(super) line: Option<u64>,
    pub(super) what: What,
}

impl ReplayStep {
    /// Whether the connection ends with it.
    pub(super) fn is_end(&self) -> bool {
        matches!(self.what, What::Item(OwnedItem::Close(_)) | What::PeerCloses(_) | What::End(_))
    }
}

#[derive(Debug)]
pub(super) enum What {
    Message {
        kind: Kind,
        content: Vec<u8>,
        shape: MessageShape,
    },
    /// Of a message that is recorded in several lines; the first of them has its shape.
    Part {
        kind: Kind,
        content: Vec<u8>,
        begins: Option<MessageShape>,
        last: bool,
    },
    /// Anything but a message.
    Item(OwnedItem),
    /// The peer closes, and this was the answer.
    PeerCloses(Option<Close>),
    /// The connection ends, and no Close is recorded, but perhaps what it said (as in a HAR).
    End(Option<Close>),
}

/// What a message was on the wire, as far as that is known.
#[derive(Debug, Clone, Default)]
pub(super) struct MessageShape {
    pub(super) fragments: Option<NonZeroUsize>,
    /// Bytes of payload in each of its frames.
    pub(super) lengths: Vec<u64>,
    /// Bytes of content, of all of it.
    pub(super) length: u64,
    /// Bytes of payload in its frames.
    pub(super) wire_length: Option<u64>,
    pub(super) compressed: Option<bool>,
}

impl MessageShape {
    /// By the record of a message, or of its last part, and what it has in all of content.
    fn of(record: &Record<'_>, length: u64) -> Self {
        // The number is its writer's word.
        let fragments = record.fragments.map(|count| usize::try_from(count).unwrap_or(usize::MAX).min(MAX_FRAGMENTS));
        Self {
            fragments: fragments.and_then(NonZeroUsize::new),
            lengths: record
                .fragment_lengths
                .clone()
                .filter(|lengths| lengths.len() <= MAX_FRAGMENTS)
                .unwrap_or_default(),
            length,
            wire_length: record.wire_length,
            compressed: record.compressed,
        }
    }
}

#[derive(Debug)]
pub(super) struct ReplaySteps {
    recorded: Recorded,
    records: ConnectionRecords,
    /// Reads ahead, to the end of a message that is recorded in several lines: what it was on the wire is said there.
    scout: Option<ConnectionRecords>,
    timeline: Timeline,
    /// When what was sent last was recorded.
    sent_after: Duration,
    heard: u64,
    /// Payloads of Pings that came and weren't answered yet: a Pong that does is the engine's.
    pings: Vec<Vec<u8>>,
    peer_has_closed: bool,
    is_over: bool,
    next: Option<ReplayStep>,
    /// The record of ours before was a frame: a violation that follows is about the same.
    was_frame: bool,
    /// Frames and violations that can't be sent again.
    pub(super) left_out: u64,
}

impl ReplaySteps {
    pub(super) fn new(recorded: Recorded, timeline: Timeline) -> Self {
        Self {
            records: recorded.records(),
            recorded,
            scout: None,
            timeline,
            sent_after: Duration::ZERO,
            heard: 0,
            pings: Vec::new(),
            peer_has_closed: false,
            is_over: false,
            next: None,
            was_frame: false,
            left_out: 0,
        }
    }

    /// The next thing to send; `None` once there is nothing more.
    ///
    /// # Errors
    /// What can't be read, or sent.
    pub(super) fn peek(&mut self) -> Result<Option<&ReplayStep>, Error> {
        while self.next.is_none() && !self.is_over {
            self.next = match self.records.next() {
                Some(next) => {
                    let (line, record) = next?;
                    self.step(line, record)?
                }
                None => {
                    self.is_over = true;
                    let what = match self.peer_has_closed {
                        true => What::PeerCloses(None),
                        false => What::End(self.records.closed().cloned()),
                    };
                    Some(self.step_of((None, None), what))
                }
            };
        }
        Ok(self.next.as_ref())
    }

    pub(super) fn take(&mut self) -> Option<ReplayStep> {
        self.next.take()
    }

    /// It couldn't be sent yet.
    pub(super) fn put_back(&mut self, step: ReplayStep) {
        self.next = Some(step);
    }

    /// How many messages are left.
    pub(super) fn count_rest(&mut self) -> Result<u64, Error> {
        let mut count = 0;
        while let Some(step) = self.peek()? {
            count += u64::from(matches!(step.what, What::Message { .. } | What::Part { last: true, .. }));
            self.next = None;
        }
        Ok(count)
    }

    fn step(&mut self, line: u64, record: Record<'static>) -> Result<Option<ReplayStep>, Error> {
        if record.direction != Some(self.recorded.ours) {
            self.note_theirs(&record);
            return Ok(None);
        }
        let is_told_twice = record.kind == RecordType::Violation && std::mem::take(&mut self.was_frame);
        self.was_frame = record.kind == RecordType::Frame;
        if is_told_twice {
            return Ok(None);
        }
        if record.truncated && self.was_frame {
            self.left_out += 1;
            return Ok(None);
        }
        if record.truncated {
            let why =
                format!("line {line}: only the beginning of the message is there, so that it can't be sent again");
            return Err(Error::file(&self.recorded.path, why));
        }
        let elapsed = record.elapsed;
        let Some(what) = self.what(line, record)? else { return Ok(None) };
        self.is_over |= matches!(what, What::Item(OwnedItem::Close(_)) | What::PeerCloses(_));
        Ok(Some(self.step_of((Some(line), elapsed), what)))
    }

    /// By where it stands, and when it was recorded.
    fn step_of(&mut self, (line, elapsed): (Option<u64>, Option<Duration>), what: What) -> ReplayStep {
        let at = self.timeline.advance(elapsed);
        let gap = elapsed.map(|elapsed| elapsed.saturating_sub(self.sent_after));
        self.sent_after = elapsed.unwrap_or(self.sent_after);
        ReplayStep { heard: self.heard, at, gap, line, what }
    }

    fn note_theirs(&mut self, record: &Record<'_>) {
        self.timeline.advance(record.elapsed);
        match record.kind {
            RecordType::Text | RecordType::Binary => self.heard += u64::from(!record.more),
            RecordType::Ping if self.pings.len() < MOST_PINGS => self.pings.push(record.content().to_vec()),
            RecordType::Close => self.peer_has_closed = true,
            RecordType::Ping | RecordType::Pong | RecordType::Frame | RecordType::Violation => {}
        }
    }

    /// What a record of ours comes to, if it is anything that we send.
    fn what(&mut self, line: u64, record: Record<'static>) -> Result<Option<What>, Error> {
        Ok(Some(match record.kind {
            RecordType::Text => self.message(line, Kind::Text, record)?,
            RecordType::Binary => self.message(line, Kind::Binary, record)?,
            RecordType::Ping => What::Item(OwnedItem::Ping(content(record))),
            RecordType::Pong => {
                if let Some(at) = self.pings.iter().position(|ping| ping == record.content()) {
                    self.pings.drain(..=at);
                    return Ok(None);
                }
                What::Item(OwnedItem::Pong(content(record)))
            }
            RecordType::Close if self.peer_has_closed => What::PeerCloses(Some(record.as_close())),
            RecordType::Close => What::Item(OwnedItem::Close(record.as_close())),
            // Who is at the other end masks in another way (RFC 6455 §5.3).
            RecordType::Frame if self.recorded.side != self.recorded.role => {
                frame(Record { mask: Some(Masking::AsUsual), ..record })
            }
            RecordType::Frame => frame(record),
            RecordType::Violation => {
                self.left_out += 1;
                return Ok(None);
            }
        }))
    }

    fn message(&mut self, line: u64, kind: Kind, record: Record<'static>) -> Result<What, Error> {
        let Some(number) = record.part else {
            let shape = MessageShape::of(&record, record.content().len() as u64);
            return Ok(What::Message { kind, shape, content: content(record) });
        };
        let begins = if number == 1 { Some(self.shape_ahead(line)?) } else { None };
        Ok(What::Part { kind, begins, last: !record.more, content: content(record) })
    }

    /// What the message in several lines that begins at `line` was on the wire.
    fn shape_ahead(&mut self, line: u64) -> Result<MessageShape, Error> {
        let (recorded, ours) = (&self.recorded, self.recorded.ours);
        let scout = self.scout.get_or_insert_with(|| recorded.records());
        let mut length = 0;
        for next in scout {
            let (number, record) = next?;
            if number >= line && record.direction == Some(ours) && record.part.is_some() && is_message(record.kind) {
                length += record.content().len() as u64;
                if !record.more {
                    return Ok(MessageShape::of(&record, length));
                }
            }
        }
        Ok(MessageShape { length, ..MessageShape::default() })
    }
}

fn is_message(kind: RecordType) -> bool {
    matches!(kind, RecordType::Text | RecordType::Binary)
}

fn content(record: Record<'static>) -> Vec<u8> {
    match (record.text, record.base64) {
        (Some(text), _) => text.into_owned().into_bytes(),
        (None, bytes) => bytes.map(Cow::into_owned).unwrap_or_default(),
    }
}

fn frame(record: Record<'static>) -> What {
    let mut header = FrameHeader::new(OpCode::from(record.opcode.unwrap_or_default()));
    header.is_final = record.fin.unwrap_or(true);
    [header.rsv1, header.rsv2, header.rsv3] = record.rsv.unwrap_or_default();
    let masking = record.mask.unwrap_or(Masking::AsUsual);
    What::Item(OwnedItem::Frame { header, masking, payload: content(record) })
}
