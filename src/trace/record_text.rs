//! A line of a recording in words, as a person reads it. Nothing in it acts on a terminal.

use std::fmt;
use std::time::Duration;

use super::connection_lines::{ConnectionLine, Milestone, OpenedLine, Totals};
use super::raw_frame::masking_name;
use super::record::Record;
use super::record_type::RecordType;
use crate::peer_text::Escaped;
use crate::view::amount::Count;
use crate::view::close_text::CloseText;
use crate::view::control_payload::{ControlPayload, control_words};
use crate::view::message::Shown;

/// A line of a recording in words, with the number of its connection and the seconds since that was opened, as far as they are
/// known.
pub(crate) struct LineText<'a> {
    connection: Option<u64>,
    elapsed: Option<Duration>,
    words: &'a dyn fmt::Display,
}

impl<'a> LineText<'a> {
    pub(crate) fn new(record: &Record<'_>, words: &'a dyn fmt::Display) -> Self {
        Self { connection: record.connection, elapsed: record.elapsed, words }
    }

    pub(crate) fn of_connection(line: &'a ConnectionLine) -> Self {
        let elapsed = match &line.milestone {
            Milestone::Opened(_) => Some(Duration::ZERO),
            Milestone::Closed(closed) => closed.elapsed,
            Milestone::NotOpened(_) | Milestone::Dropped { .. } => None,
        };
        Self { connection: line.connection, elapsed, words: &line.milestone }
    }
}

impl fmt::Display for LineText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.connection.map_or(Ok(()), |number| write!(f, "[{number}] "))?;
        self.elapsed.map_or(Ok(()), |elapsed| write!(f, "{:.3} ", elapsed.as_secs_f64()))?;
        self.words.fmt(f)
    }
}

/// A record without its number and its time: `< hello`, `> ping "p"`.
pub(crate) struct RecordText<'a>(pub(crate) &'a Record<'static>);

impl fmt::Display for RecordText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let record = self.0;
        if let Some(direction) = record.direction {
            f.write_str(if direction == crate::ws::Direction::Sent { "> " } else { "< " })?;
        }
        match record.as_message() {
            Some(message) => {
                let length = record.length.unwrap_or_default().max(message.content.len() as u64);
                Shown { message, length: length as usize }.fmt(f)
            }
            None => self.other(f),
        }
    }
}

impl RecordText<'_> {
    /// What is no message.
    fn other(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let record = self.0;
        let payload = record.content();
        match record.kind {
            RecordType::Ping | RecordType::Pong => {
                f.write_str(&control_words(record.kind.name(), payload, record.round_trip))
            }
            RecordType::Close => write!(f, "close {}", CloseText(&record.as_close())),
            RecordType::Violation => {
                let faults = record.faults.as_deref().unwrap_or_default().join("; ");
                write!(f, "violation: {}", Escaped(&faults))
            }
            RecordType::Frame => {
                write!(f, "frame fin={}", u8::from(record.fin.unwrap_or(true)))?;
                let rsv = record.rsv.unwrap_or_default().map(u8::from);
                write!(f, " rsv={}{}{} opcode={}", rsv[0], rsv[1], rsv[2], record.opcode.unwrap_or_default())?;
                record.mask.map_or(Ok(()), |mask| write!(f, " mask={}", masking_name(mask)))?;
                write!(f, " payload={}", ControlPayload::from(payload))
            }
            // A message is told otherwise.
            RecordType::Text | RecordType::Binary => Ok(()),
        }
    }
}

impl fmt::Display for Milestone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Opened(opened) => opened.fmt(f),
            Self::NotOpened(line) => write!(f, "not opened {}: {}", Escaped(&line.url), Escaped(&line.why)),
            Self::Closed(closed) => {
                write!(f, "closed: {}", Escaped(&closed.why))?;
                for (name, totals) in [("received", closed.received), ("sent", closed.sent)] {
                    totals.map_or(Ok(()), |totals| write!(f, "; {name} {totals}"))?;
                }
                Ok(())
            }
            Self::Dropped { events } => write!(f, "{} could not be written here", Count(*events, "line")),
        }
    }
}

impl fmt::Display for OpenedLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "opened {}", Escaped(&self.url))?;
        self.subprotocol.as_ref().map_or(Ok(()), |name| write!(f, " subprotocol={}", Escaped(name)))?;
        self.extension.as_ref().map_or(Ok(()), |agreed| write!(f, " {}", Escaped(agreed)))
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", Count(self.messages, "message"), Count(self.bytes, "byte"))
    }
}
