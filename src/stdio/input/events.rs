//! Events as lines of JSON: what `--out json` writes, docs/events.md.

use super::{Fault, Source, Step, WholeLines};
use crate::trace::record::Record;
use crate::values::span;
use crate::ws::{Direction, Item, Kind, OpCode};
use std::fmt;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};

#[derive(Debug)]
pub(super) struct Events {
    lines: WholeLines,
    /// What is being sent, or comes after its delay.
    record: Option<Record<'static>>,
    delayed: bool,
}

impl Events {
    pub(super) fn new(file: File) -> Self {
        Self { lines: WholeLines::new(file), record: None, delayed: false }
    }

    /// What the file is called in messages.
    pub(super) fn called(mut self, origin: &'static str) -> Self {
        self.lines.origin = origin;
        self
    }

    /// The next event that is to be sent. What somebody else sent stays theirs: of a recording, the
    /// received messages go on to the next.
    fn next_record(&mut self) -> Result<Option<Record<'static>>, Fault> {
        let origin = self.lines.origin;
        while let Some((number, line)) = self.lines.next()? {
            let no_event =
                |why: &dyn fmt::Display| Fault(format!("line {number} of {origin} is not an event to send: {why}"));
            let record = Record::read(line).map_err(|why| no_event(&why))?;
            if record.direction != Some(Direction::Sent) {
                check(&record).map_err(|why| no_event(&why))?;
                return Ok(Some(record));
            }
        }
        Ok(None)
    }
}

fn check(record: &Record<'_>) -> Result<(), String> {
    if record.truncated {
        return Err("its content was truncated when it was written".into());
    }
    if record.delay.is_some_and(|delay| span(delay).is_none()) {
        return Err("its \"delay\" is not a number of seconds up to 1e9".into());
    }
    if record.kind == OpCode::Text && record.base64.is_some() {
        return Err("the content of a text message is \"text\"".into());
    }
    item(record).check().map_err(|error| error.to_string())
}

fn item<'a>(record: &'a Record<'_>) -> Item<'a> {
    let content = record.content();
    match record.kind {
        OpCode::Text => Item::message(Kind::Text, content),
        OpCode::Ping => Item::Ping(content),
        OpCode::Pong => Item::Pong(content),
        OpCode::Close => Item::Close(record.as_close()),
        _ => Item::message(Kind::Binary, content),
    }
}

impl Source for Events {
    fn read(&mut self) -> io::Result<()> {
        self.lines.read()
    }

    fn next(&mut self) -> Result<Option<Step<'_>>, Fault> {
        if !std::mem::take(&mut self.delayed) {
            self.record = self.next_record()?;
        }
        let Some(record) = &mut self.record else { return Ok(None) };
        if let Some(delay) = record.delay.take() {
            self.delayed = true;
            // Checked when it was read.
            return Ok(Some(Step::Wait(span(delay).unwrap_or_default())));
        }
        Ok(Some(Step::Send(item(record))))
    }

    fn is_finished(&self) -> bool {
        self.lines.is_finished() && !self.delayed
    }

    fn as_fd(&self) -> BorrowedFd<'_> {
        self.lines.file.as_fd()
    }
}
