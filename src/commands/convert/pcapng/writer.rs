//! The packets of all connections, in the order in which the recording has them.

use std::collections::HashMap;
use std::io::{self, Write};
use std::time::SystemTime;

use super::block;
use super::conversation::{Conversation, failed};
use super::wire::FrameMaker;
use crate::commands::convert::RecordingTarget;
use crate::stdio::console::Console;
use crate::trace::connection_lines::{ConnectionLine, HandshakeHeads, Milestone, OpenedLine};
use crate::trace::record::Record;
use crate::trace::recording_line::RecordingLine;
use crate::view::amount::Count;

/// Connections that may be open at once. Each takes a few hundred bytes.
const MOST_OPEN: usize = 250_000;

/// Bytes of what is said with one packet.
const LONGEST_REMARK: usize = 16 * 1024;

/// Writes one file.
pub(in crate::commands::convert) struct PcapngWriter<W> {
    out: W,
    console: Console,
    open: HashMap<Option<u64>, Conversation>,
    maker: FrameMaker,
    /// Connections so far.
    count: u64,
    latest: SystemTime,
    /// For the next packet that is of a connection.
    remark: Option<String>,
    /// Others for which there was no room in it.
    unsaid: u64,
    /// Attempts that came to nothing that could be shown.
    unreached: u64,
}

impl<W: Write> PcapngWriter<W> {
    /// # Errors
    /// Of `out`.
    pub(in crate::commands::convert) fn new(mut out: W, console: Console) -> io::Result<Self> {
        block::begin(&mut out)?;
        let (open, maker, latest) = (HashMap::new(), FrameMaker::default(), SystemTime::UNIX_EPOCH);
        Ok(Self { out, console, open, maker, count: 0, latest, remark: None, unsaid: 0, unreached: 0 })
    }

    fn next_number(&mut self) -> u64 {
        self.count += 1;
        self.count - 1
    }

    fn connection(&mut self, line: ConnectionLine) -> io::Result<()> {
        let (comment, told) = (line.milestone.to_string(), line.to_string());
        let ConnectionLine { connection, time, milestone, .. } = line;
        self.latest = time.unwrap_or(self.latest);
        match milestone {
            Milestone::Opened(opened) => self.open(connection, &opened),
            Milestone::NotOpened(line) if line.handshake.heads.request.is_empty() => {
                self.unreached += 1;
                Ok(())
            }
            Milestone::NotOpened(line) => {
                let HandshakeHeads { request, response } = &line.handshake.heads;
                let number = self.next_number();
                failed(&mut self.out, number, [request, response], self.latest, &comment)
            }
            Milestone::Closed(_) => match self.open.remove(&connection) {
                Some(mut conversation) => {
                    conversation.forget(&mut self.maker);
                    conversation.close(&mut self.out, time, &comment)
                }
                None => Ok(()),
            },
            Milestone::Dropped { .. } => {
                self.remark = Some(comment);
                Ok(())
            }
            Milestone::Rule(_) | Milestone::Injected(_) => {
                // It may be of another connection than the next frame is.
                match &mut self.remark {
                    Some(remark) if remark.len() + told.len() > LONGEST_REMARK => self.unsaid += 1,
                    Some(remark) => {
                        remark.push_str("; ");
                        remark.push_str(&told);
                    }
                    None => self.remark = Some(told),
                }
                Ok(())
            }
        }
    }

    /// What is to be said with the next frame, and how much more there was.
    fn take_remark(&mut self) -> Option<String> {
        let remark = self.remark.take()?;
        Some(match std::mem::take(&mut self.unsaid) {
            0 => remark,
            unsaid => format!("{remark}; and {}", Count(unsaid, "more event")),
        })
    }

    fn open(&mut self, connection: Option<u64>, opened: &OpenedLine) -> io::Result<()> {
        let number = self.next_number();
        let remark = self.take_remark();
        let conversation = Conversation::open(&mut self.out, number, opened, self.latest, remark)?;
        if let Some(mut before) = self.open.insert(connection, conversation) {
            before.forget(&mut self.maker);
        }
        match self.open.len() > MOST_OPEN {
            true => Err(io::Error::other("more than 250,000 connections are open at once in the recording")),
            false => Ok(()),
        }
    }

    fn record(&mut self, record: &Record<'_>) -> io::Result<()> {
        self.latest = record.time.unwrap_or(self.latest);
        if !self.open.contains_key(&record.connection) {
            // Events may be written without their connection.
            self.open(record.connection, &OpenedLine::of_url("ws://unknown.invalid/"))?;
        }
        let remark = self.take_remark();
        let Some(conversation) = self.open.get_mut(&record.connection) else { return Ok(()) };
        conversation.record(&mut self.out, &mut self.maker, record, remark)
    }
}

impl<W: Write> RecordingTarget for PcapngWriter<W> {
    fn line(&mut self, line: RecordingLine) -> io::Result<()> {
        match line {
            RecordingLine::Record(record) => self.record(&record),
            RecordingLine::Connection(line) => self.connection(*line),
            RecordingLine::Comment => Ok(()),
        }
    }

    fn finish(&mut self) -> io::Result<()> {
        if let Some(remark) = self.take_remark() {
            self.console.line(remark);
        }
        if self.unreached > 0 {
            let attempts = Count(self.unreached, "attempt");
            self.console.line(format_args!("{attempts} left out: nothing was sent"));
        }
        Ok(())
    }
}
