//! Events as lines of JSON: what `--out json` writes, docs/events.md.

use super::whole_lines::WholeLines;
use super::{InputFault, Reader, Source, Step};
use crate::trace::connection_lines::is_about_connection;
use crate::trace::no_record::NoRecord;
use crate::trace::record::{Record, SCHEMA};
use crate::trace::record_type::RecordType;
use crate::values::{span, utf16};
use crate::view::amount::Count;
use crate::ws::{Close, Direction, FrameHeader, Item, Kind, Masking, OpCode, SendError};
use std::fmt;
use std::fs::File;
use std::io;

#[derive(Debug)]
pub(super) struct EventSource {
    lines: WholeLines,
    /// What is being sent, or comes after its delay.
    record: Option<Record<'static>>,
    delayed: bool,
}

impl EventSource {
    pub(super) fn new(file: File) -> Self {
        Self { lines: WholeLines::new(file), record: None, delayed: false }
    }

    /// What the file is called in messages.
    pub(super) fn called(mut self, origin: &'static str) -> Self {
        self.lines.origin = origin;
        self
    }

    /// The next event that is to be sent. What somebody else sent stays theirs: of a recording, the
    /// received messages go on to the next, and what was no message doesn't.
    fn next_record(&mut self) -> Result<Option<Record<'static>>, InputFault> {
        let (origin, is_utf16) = (self.lines.origin, self.lines.reader.is_utf16());
        while let Some((number, line)) = self.lines.next()? {
            let no_event = |why: &dyn fmt::Display| match is_utf16 {
                true => InputFault::Other(utf16(origin)),
                false => InputFault::Other(format!("line {number} of {origin} is not an event to send: {why}")),
            };
            let record = match Record::read(line) {
                Ok(record) => record,
                Err(NoRecord::OtherType(name)) if is_about_connection(&name) => continue,
                Err(why @ NoRecord::OtherType(_)) => {
                    return Err(no_event(&format_args!("{why}, none of text, binary, ping, pong, close and frame")));
                }
                Err(why) => return Err(no_event(&why)),
            };
            // What a frame carries is sent as the message that another line has.
            let is_told_twice = record.of.is_some();
            if record.direction != Some(Direction::Sent) && record.kind != RecordType::Violation && !is_told_twice {
                check(&record).map_err(|why| no_event(&why))?;
                return Ok(Some(record));
            }
        }
        Ok(None)
    }
}

/// What a record has to be to be sent.
fn check(record: &Record<'_>) -> Result<(), String> {
    if record.part.is_some() || record.more {
        return Err("it is part of a message that was recorded in several lines".into());
    }
    if record.truncated {
        return Err("its content was truncated when it was written".into());
    }
    if record.schema != SCHEMA {
        return Err(format!("its \"schema\" is {}, and this version reads {SCHEMA}", record.schema));
    }
    if record.delay.is_some_and(|delay| span(delay).is_none()) {
        return Err("its \"delay\" is not a number of seconds up to 1e9".into());
    }
    if let Some(key) = out_of_place(record) {
        return Err(format!("a {} has no {key:?}", record.kind.name()));
    }
    if record.text.is_some() && record.base64.is_some() {
        return Err("its content is there twice, as \"text\" and as \"base64\"".into());
    }
    let expected = record.kind.opcode().map(u8::from);
    if let (Some(expected), Some(opcode)) = (expected, record.opcode)
        && expected != opcode
    {
        return Err(format!("its \"opcode\" is {opcode}, but that of a {} is {expected}", record.kind.name()));
    }
    if record.kind == RecordType::Frame && record.opcode.is_none() {
        return Err("a frame needs an \"opcode\"".into());
    }
    let length = content_length(record);
    if let Some(told) = record.length.filter(|told| *told != length) {
        return Err(format!("its \"length\" is {told}, but its content has {}", Count(length, "byte")));
    }
    match item(record).map(|item| item.check()) {
        Some(Err(why @ SendError::CloseCode(_))) => Err(format!("{why}; a \"frame\" can carry it")),
        Some(Err(why)) => Err(why.to_string()),
        Some(Ok(())) | None => Ok(()),
    }
}

/// Bytes of what a record carries: of a Close, its status code and its reason.
fn content_length(record: &Record<'_>) -> u64 {
    let bytes = match record.kind {
        RecordType::Close => {
            record.code.map_or(0, |_| size_of::<u16>()) + record.reason.as_deref().unwrap_or_default().len()
        }
        _ => record.content().len(),
    };
    bytes as u64
}

/// A key that says nothing about such a record: it would be left out in silence.
fn out_of_place(record: &Record<'_>) -> Option<&'static str> {
    use RecordType::{Binary, Close, Frame, Pong, Text};
    let kind = record.kind;
    let is_message = matches!(kind, Text | Binary);
    let keys = [
        ("text", record.text.is_some() && kind == Close),
        ("base64", record.base64.is_some() && kind == Close),
        ("code", record.code.is_some() && kind != Close),
        ("reason", record.reason.is_some() && kind != Close),
        ("fragments", record.fragments.is_some() && !is_message),
        ("fragment_lengths", record.fragment_lengths.is_some() && !is_message),
        ("compressed", record.compressed.is_some() && !is_message),
        ("wire_length", record.wire_length.is_some() && !is_message),
        ("round_trip_ms", record.round_trip.is_some() && kind != Pong),
        ("fin", record.fin.is_some() && kind != Frame),
        ("rsv", record.rsv.is_some() && kind != Frame),
        ("mask", record.mask.is_some() && kind != Frame),
        ("faults", record.faults.is_some()),
        ("excerpt_of", record.excerpt_of.is_some()),
        ("offset", record.offset.is_some()),
        ("bad_offset", record.bad_offset.is_some()),
        ("ignored", record.ignored),
    ];
    keys.into_iter().find(|(_, is_there)| *is_there).map(|(key, _)| key)
}

/// What a record is sent as; `None` for one that isn't sent.
fn item<'a>(record: &'a Record<'_>) -> Option<Item<'a>> {
    let content = record.content();
    Some(match record.kind {
        RecordType::Text => Item::message(Kind::Text, content),
        RecordType::Binary => Item::message(Kind::Binary, content),
        RecordType::Ping => Item::Ping(content),
        RecordType::Pong => Item::Pong(content),
        // All of its reason, so that one that is too long is refused and not cut.
        RecordType::Close => {
            let reason = record.reason.as_deref().unwrap_or_default().to_owned();
            Item::Close(Close { reason, ..record.as_close() })
        }
        RecordType::Frame => frame(record),
        RecordType::Violation => return None,
    })
}

/// The frame that a record describes; what it doesn't say is as in other frames of ours.
fn frame<'a>(record: &'a Record<'_>) -> Item<'a> {
    let mut header = FrameHeader::new(OpCode::from(record.opcode.unwrap_or_default()));
    header.is_final = record.fin.unwrap_or(true);
    [header.rsv1, header.rsv2, header.rsv3] = record.rsv.unwrap_or_default();
    Item::Frame { header, payload: record.content(), masking: record.mask.unwrap_or(Masking::AsUsual) }
}

impl Source for EventSource {
    fn read(&mut self) -> io::Result<()> {
        self.lines.read()
    }

    fn next(&mut self) -> Result<Option<Step<'_>>, InputFault> {
        if !std::mem::take(&mut self.delayed) {
            self.record = self.next_record()?;
        }
        let Some(record) = &mut self.record else { return Ok(None) };
        if let Some(delay) = record.delay.take() {
            self.delayed = true;
            // Checked when it was read.
            return Ok(Some(Step::Wait(span(delay).unwrap_or_default())));
        }
        // A violation was passed over when it was read.
        Ok(item(record).map(Step::Send))
    }

    fn is_finished(&self) -> bool {
        self.lines.is_finished() && !self.delayed
    }

    fn reader(&self) -> &Reader {
        &self.lines.reader
    }

    fn reader_mut(&mut self) -> &mut Reader {
        &mut self.lines.reader
    }
}
