//! How far a transfer is, on one line.

use std::fmt;
use std::time::Duration;

use super::amount::{Count, Latency, Size};
use crate::ws::Counters;

/// A transfer at one moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Snapshot {
    pub(crate) sent: Counters,
    pub(crate) received: Counters,
    /// Bytes of content a second, both ways together.
    pub(crate) rate: f64,
    pub(crate) round_trip: Option<Duration>,
    /// Where it is known how much there is to send.
    pub(crate) bar: Option<Bar>,
}

/// Bytes of the input.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bar {
    pub(crate) done: u64,
    pub(crate) of: u64,
}

/// Between the brackets, in columns.
const BAR_WIDTH: u64 = 10;

impl Snapshot {
    /// As much of it as fits, the most important first; one column stays free for the cursor.
    pub(crate) fn line(&self, columns: usize) -> String {
        let direction = |sign, counters: Counters| {
            format!("{sign} {}, {}", Count(counters.messages, "message"), Size(counters.bytes as f64))
        };
        let pieces = [
            Some(direction('>', self.sent)),
            Some(direction('<', self.received)),
            Some(format!("{}/s", Size(self.rate))),
            self.bar.map(|bar| bar.to_string()),
            self.round_trip.map(|time| format!("rtt {}", Latency(time))),
        ];
        let mut line = String::new();
        for piece in pieces.into_iter().flatten() {
            let gap = if line.is_empty() { "" } else { "  " };
            if line.len() + gap.len() + piece.len() < columns {
                line += gap;
                line += &piece;
            }
        }
        line
    }
}

impl fmt::Display for Bar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let done = u128::from(self.done.min(self.of));
        let of = u128::from(self.of.max(1));
        let filled = (done * u128::from(BAR_WIDTH) / of) as usize;
        let percent = done * 100 / of;
        write!(f, "[{:<width$}] {percent} %", "#".repeat(filled), width = BAR_WIDTH as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot() -> Snapshot {
        Snapshot {
            sent: Counters { messages: 1, bytes: 3 << 20 },
            received: Counters { messages: 1234, bytes: 900 },
            rate: 1536.0,
            round_trip: Some(Duration::from_micros(310)),
            bar: Some(Bar { done: 45, of: 100 }),
        }
    }

    #[test]
    fn a_line_says_all_that_it_has_room_for() {
        let whole = "> 1 message, 3.0 MiB  < 1,234 messages, 900 B  1.5 KiB/s  [####      ] 45 %  rtt 0.31 ms";
        assert_eq!(snapshot().line(200), whole);
        assert_eq!(snapshot().line(whole.len() + 1), whole);
        let without_round_trip = whole.split("  rtt").next().unwrap();
        assert_eq!(snapshot().line(whole.len()), without_round_trip);
        assert_eq!(snapshot().line(50), "> 1 message, 3.0 MiB  < 1,234 messages, 900 B");
        assert_eq!(snapshot().line(10), "1.5 KiB/s");
        assert_eq!(snapshot().line(0), "");
    }

    #[test]
    fn a_bar_never_leaves_its_brackets() {
        let bar = |done, of| Bar { done, of }.to_string();
        assert_eq!(bar(0, 10), "[          ] 0 %");
        assert_eq!(bar(10, 10), "[##########] 100 %");
        assert_eq!(bar(11, 10), bar(10, 10), "the file has grown");
        assert_eq!(bar(u64::MAX, u64::MAX), bar(10, 10));
        assert_eq!(bar(0, 0), "[          ] 0 %");
    }
}
