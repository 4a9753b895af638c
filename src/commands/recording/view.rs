//! The lines of a recording, as the prompt shows what comes and goes.

use crate::commands::prompt::message_view;
use crate::trace::connection_lines::ConnectionLine;
use crate::trace::record::Record;
use crate::trace::record_type::RecordType;
use crate::view::amount::Count;
use crate::view::body::Format;
use crate::view::close_text::CloseText;
use crate::view::control_payload::control_words;
use crate::view::conversation::{self, LineHead, Look};
use crate::view::frames::{self, FrameDetail};
use crate::view::spans::{Line, Style};
use crate::ws::{Direction, Frame, FrameHeader, Kind, Masking, Message, OpCode};

/// Columns where there is no terminal: nothing is folded that a program may look for.
pub(in crate::commands) const UNFOLDED: usize = usize::MAX / 4;

/// Lines of a message, at most: each takes many times the memory that its text does.
const LINES: usize = 10_000;

/// Shows one recording.
#[derive(Debug)]
pub(in crate::commands) struct RecordingView {
    columns: usize,
    /// Messages so far, shown or not.
    messages: u64,
}

impl RecordingView {
    pub(in crate::commands) fn new(columns: usize) -> Self {
        Self { columns, messages: 0 }
    }

    /// Counts the messages of a recording, shown or not: their numbers are those of the whole.
    pub(in crate::commands) fn count(&mut self, record: &Record<'_>) {
        self.messages += u64::from(record.as_message().is_some());
    }

    /// A record that was counted; of a message `value`, where that is what is asked for.
    pub(in crate::commands) fn record(&self, record: &Record<'_>, value: Option<&str>) -> Vec<Line> {
        let head = self.head(record);
        let words = |style, words: &str| conversation::words(&head, style, words, self.columns);
        match (record.as_message(), record.kind) {
            (Some(message), _) => self.message(&head, record, message, value),
            (None, kind @ (RecordType::Ping | RecordType::Pong)) => {
                words(Style::Plain, &control_words(kind.name(), record.content(), record.round_trip))
            }
            (None, RecordType::Close) => words(Style::Plain, &format!("close {}", CloseText(&record.as_close()))),
            (None, RecordType::Frame) => words(Style::Plain, &frame_words(record)),
            (None, _) => {
                let faults = record.faults.as_deref().unwrap_or_default().join("; ");
                words(Style::Fault, &format!("violation: {faults}"))
            }
        }
    }

    fn message(&self, head: &LineHead, record: &Record<'_>, message: Message<'_>, value: Option<&str>) -> Vec<Line> {
        let look = Look { format: Format::Auto, columns: self.columns, lines: LINES, shortens: false };
        let shown = value.map_or(message, |value| Message { kind: Kind::Text, content: value.as_bytes() });
        let (mut lines, whole) = message_view::laid_out(head, shown, look);
        let missing = record.length.unwrap_or_default().saturating_sub(message.content.len() as u64);
        if value.is_none() && missing > 0 {
            lines.push(conversation::more(head, &not_shown(missing), self.columns));
        } else if record.more {
            lines.push(conversation::more(head, "… and the message never ended", self.columns));
        } else if !whole {
            lines.push(conversation::more(head, "… and more than that", self.columns));
        }
        lines
    }

    /// What is about a connection, or about the recording.
    pub(in crate::commands) fn milestone(&self, line: &ConnectionLine) -> Vec<Line> {
        let text = format!("* {line}");
        Line::of(Style::Note, text).folded(self.columns, self.columns)
    }

    fn head(&self, record: &Record<'_>) -> LineHead {
        let size = record.length.unwrap_or(record.content().len() as u64);
        LineHead {
            time: record.elapsed.map(|elapsed| format!("{:.3}", elapsed.as_secs_f64())),
            client: record.connection,
            number: record.as_message().map(|_| self.messages),
            size: usize::try_from(size).unwrap_or(usize::MAX),
            latency: None,
            unsent: record.unsent,
            direction: record.direction.unwrap_or(Direction::Received),
        }
    }
}

/// A frame by its header. Of one that another line tells of, that is all.
fn frame_words(record: &Record<'_>) -> String {
    let [rsv1, rsv2, rsv3] = record.rsv.unwrap_or_default();
    let mask = match record.mask {
        Some(Masking::Key(key)) => Some(key),
        _ => None,
    };
    let is_final = record.fin.unwrap_or(true);
    let opcode = OpCode::from(record.opcode.unwrap_or_default() & 0xf);
    let (detail, payload) = match record.of {
        Some(_) => (FrameDetail::Header, &b""[..]),
        None => (FrameDetail::Payload, record.content()),
    };
    let frame = Frame {
        direction: record.direction.unwrap_or(Direction::Received),
        header: FrameHeader { is_final, rsv1, rsv2, rsv3, opcode, mask },
        length: record.length.unwrap_or(record.content().len() as u64),
        payload: payload.into(),
        fragment: None,
        compressed: false,
        content: None,
        as_given: record.of.is_none(),
    };
    format!("frame {}", frames::words(&frame, detail))
}

fn not_shown(bytes: u64) -> String {
    format!("… and {} not shown", Count(bytes, "byte"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_byte_and_two_are_told() {
        assert_eq!(
            (not_shown(1).as_str(), not_shown(2).as_str()),
            ("… and 1 byte not shown", "… and 2 bytes not shown")
        );
    }
}
