//! How far a long transfer is, for a person who sees stderr while stdout goes elsewhere.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, IsTerminal};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use rustix::fs::tell;

use crate::commands::connect::config::Exchange;
use crate::net::{Sender, Timing};
use crate::stdio::status_line::StatusLine;
use crate::stdio::terminal::{self, USUAL_WIDTH};
use crate::trace::round_trips::RoundTrips;
use crate::view::progress::{Bar, Snapshot};
use crate::ws::{Counters, Data, Item, Observe};

/// A transfer that is over by then is not told about.
const SHOWN_AFTER: Duration = Duration::from_secs(2);

/// From one look of the line to the next.
const PACE: Duration = Duration::from_millis(200);

/// The rate is that of so many looks: two seconds.
const LOOKS: usize = 10;

/// Between our Pings, which measure the round-trip time while the line is shown.
const PING_EVERY: Duration = Duration::from_secs(2);

/// What the line is made from.
#[derive(Debug)]
pub(super) struct Progress {
    line: StatusLine,
    received: Counters,
    /// When it is drawn next, once something has moved on this connection.
    next: Option<Instant>,
    /// Bytes that had moved before this connection.
    before: u64,
    /// Moments, and the bytes of content that had moved by then.
    looks: VecDeque<(Instant, u64)>,
    pings: Option<Pings>,
    /// Of stdin, where it is a file: its size in bytes.
    size: Option<u64>,
}

/// Our own Pings. The engine's have eight bytes, these four.
#[derive(Debug, Default)]
struct Pings {
    number: u32,
    sent: Option<Instant>,
    round_trips: RoundTrips,
    /// The latest one.
    round_trip: Option<Duration>,
}

/// The line for the progress of a long transfer, if it is to be shown: where a person sees stderr and doesn't see stdout.
pub(in super::super) fn status_line(exchange: &Exchange) -> Option<StatusLine> {
    let elsewhere = exchange.writing.file.is_some() || !io::stdout().is_terminal();
    if elsewhere && !exchange.writing.quiet && !exchange.echo { StatusLine::of_terminal() } else { None }
}

impl Progress {
    pub(super) fn new(line: StatusLine, exchange: &Exchange, timing: Timing) -> Self {
        // Where control frames are looked at, or none are wanted, none of ours are added.
        let may_ping = !exchange.writing.show_pings
            && exchange.show_frames.is_none()
            && exchange.observes() == Observe::Nothing
            && timing.ping_interval.is_some();
        Self {
            line,
            received: Counters::default(),
            next: None,
            before: 0,
            looks: VecDeque::new(),
            pings: may_ping.then(Pings::default),
            size: if exchange.sending.no_input { None } else { size_of_stdin() },
        }
    }

    pub(super) fn received(&mut self, data: &Data<'_>) {
        self.received.add(data.bytes.len(), data.last);
    }

    pub(super) fn pong(&mut self, payload: &[u8]) {
        if let Some(pings) = &mut self.pings {
            pings.round_trip = pings.round_trips.answered(payload, Instant::now()).or(pings.round_trip);
        }
    }

    /// Begins to count as soon as something has moved.
    pub(super) fn after_turn(&mut self, sent: Counters, now: Instant) {
        let moved = sent.bytes + self.received.bytes;
        if self.next.is_none() && moved > self.before {
            self.next = Some(now + SHOWN_AFTER);
            self.looks.push_back((now, self.before));
        }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.next
    }

    /// Draws the line if it is time to.
    pub(super) fn draw_when_due(&mut self, sent: Counters, now: Instant, sender: &mut Sender<'_>) {
        if self.next.is_none_or(|next| now < next) {
            return;
        }
        self.next = Some(now + PACE);
        if let Some(pings) = &mut self.pings {
            pings.send_when_due(now, sender);
        }
        let snapshot = Snapshot {
            sent,
            received: self.received,
            rate: self.rate(sent.bytes + self.received.bytes, now),
            round_trip: self.pings.as_ref().and_then(|pings| pings.round_trip),
            bar: self.size.and_then(|size| Some(Bar { done: tell(io::stdin()).ok()?, of: size })),
        };
        self.line.show(snapshot.line(columns()));
    }

    /// The connection or the whole run is over.
    pub(super) fn rest(&mut self) {
        self.line.clear();
        self.next = None;
        self.before = self.looks.drain(..).next_back().map_or(self.before, |(_, moved)| moved);
    }

    /// Bytes a second, of late.
    fn rate(&mut self, bytes: u64, now: Instant) -> f64 {
        if self.looks.len() > LOOKS {
            self.looks.pop_front();
        }
        self.looks.push_back((now, bytes));
        let Some(&(then, before)) = self.looks.front() else { return 0.0 };
        bytes.saturating_sub(before) as f64 / now.duration_since(then).as_secs_f64().max(0.001)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.line.clear();
    }
}

impl Pings {
    fn send_when_due(&mut self, now: Instant, sender: &mut Sender<'_>) {
        if self.sent.is_some_and(|sent| self.round_trips.is_waiting() || now < sent + PING_EVERY) {
            return;
        }
        self.number = self.number.wrapping_add(1);
        // Refused when the connection is closing.
        let payload = self.number.to_be_bytes();
        if sender.send(Item::Ping(&payload)).is_ok() {
            self.sent = Some(now);
            self.round_trips.pinged(&payload, now);
        }
    }
}

fn size_of_stdin() -> Option<u64> {
    let stdin = File::from(io::stdin().as_fd().try_clone_to_owned().ok()?);
    let facts = stdin.metadata().ok()?;
    (facts.is_file() && facts.len() > 0).then_some(facts.len())
}

/// Of the terminal on stderr.
fn columns() -> usize {
    terminal::columns(io::stderr()).unwrap_or(USUAL_WIDTH)
}
