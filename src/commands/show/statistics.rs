//! What a recording comes to, in numbers.

use std::fmt;
use std::time::Duration;

use crate::trace::connection_lines::Milestone;
use crate::trace::record::Record;
use crate::trace::record_type::RecordType;
use crate::view::amount::Count;
use crate::ws::{Counters, Direction};

#[derive(Debug, Default)]
pub(super) struct Statistics {
    connections: u64,
    failed: u64,
    dropped: u64,
    violations: u64,
    rules: u64,
    injected: u64,
    sent: OneWay,
    received: OneWay,
    /// Of the connection that was open for longest.
    longest: Duration,
}

/// What went one way.
#[derive(Debug, Default)]
struct OneWay {
    messages: u64,
    bytes: u64,
    largest: u64,
    /// Payload of their frames, where that is known.
    on_the_wire: u64,
    controls: u64,
}

impl Statistics {
    /// What a recording says of lengths is its writer's word: they stay at what can be counted.
    pub(super) fn add(&mut self, record: &Record<'static>) {
        self.longest = self.longest.max(record.elapsed.unwrap_or_default());
        let way = match record.direction {
            Some(Direction::Sent) => &mut self.sent,
            _ => &mut self.received,
        };
        match record.kind {
            RecordType::Text | RecordType::Binary => {
                let length = record.length.unwrap_or(record.content().len() as u64);
                way.messages += 1;
                way.bytes = way.bytes.saturating_add(length);
                way.largest = way.largest.max(length);
                way.on_the_wire = way.on_the_wire.saturating_add(record.wire_length.unwrap_or(length));
            }
            RecordType::Ping | RecordType::Pong | RecordType::Close => way.controls += 1,
            RecordType::Violation => self.violations += 1,
            RecordType::Frame => {}
        }
    }

    pub(super) fn add_milestone(&mut self, milestone: &Milestone) {
        match milestone {
            Milestone::Opened(_) => self.connections += 1,
            Milestone::NotOpened(_) => self.failed += 1,
            Milestone::Closed(closed) => self.longest = self.longest.max(closed.elapsed.unwrap_or_default()),
            Milestone::Dropped { events } => self.dropped = self.dropped.saturating_add(*events),
            Milestone::Rule(_) => self.rules += 1,
            Milestone::Injected(_) => self.injected += 1,
        }
    }

    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines =
            vec![format!("connections  {}, the longest {:.3} s", self.connections, self.longest.as_secs_f64())];
        lines.push(format!("sent         {}", self.sent));
        lines.push(format!("received     {}", self.received));
        for (count, what) in [
            (self.violations, "violations"),
            (self.rules, "by rules"),
            (self.injected, "injected"),
            (self.failed, "not opened"),
            (self.dropped, "missing"),
        ] {
            lines.extend((count > 0).then(|| format!("{what:<11}  {count}")));
        }
        lines
    }
}

impl fmt::Display for OneWay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let totals = Counters { messages: self.messages, bytes: self.bytes };
        write!(f, "{totals}, the largest {}", Count(self.largest, "byte"))?;
        write!(f, "; {} on the wire; {}", Count(self.on_the_wire, "byte"), Count(self.controls, "control frame"))
    }
}
