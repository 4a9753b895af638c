//! What went over a connection, counted: messages, bytes, round trips.

use std::fmt;
use std::time::{Duration, Instant};

use super::latencies::Latencies;
use super::rhythm::{self, Rhythm};
use crate::view::amount::{Age, Bytes, Count};
use crate::ws::{Counters, Direction, Event, Frame};

/// The counts of one connection. They need every frame and all content, so both halves have to be observed.
#[derive(Debug)]
pub(crate) struct Stats {
    since: Instant,
    ended: Option<Instant>,
    sent: Traffic,
    received: Traffic,
    latencies: Latencies,
}

/// One direction.
#[derive(Debug, Default)]
struct Traffic {
    totals: Totals,
    rhythm: Rhythm,
}

/// What there was of one direction, from the beginning.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Totals {
    messages: Counters,
    /// Bytes of the frames that carried the messages, headers not counted.
    payload: u64,
    frames: u64,
    /// Bytes of all frames with their headers.
    pub(crate) wire: u64,
}

/// What was given to be sent, and the system hasn't taken: it is not on the wire.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Untaken {
    /// Messages of which at least a part is among it.
    pub(crate) messages: u64,
    /// Of frames, with their headers.
    pub(crate) bytes: u64,
    /// What there is without it.
    pub(crate) sent: Totals,
}

/// What is to be sent and isn't encoded yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct QueuedMessages {
    pub(crate) messages: u64,
    /// Of content.
    pub(crate) bytes: u64,
}

impl Stats {
    pub(crate) fn new(now: Instant) -> Self {
        let (sent, received) = (Traffic::default(), Traffic::default());
        Self { since: now, ended: None, sent, received, latencies: Latencies::default() }
    }

    pub(crate) fn event(&mut self, event: &Event<'_>, now: Instant) {
        match event {
            Event::Frame(frame) => self.traffic(frame.direction).totals.frame(frame),
            Event::Data(data) => {
                let since = self.since;
                let traffic = self.traffic(data.direction);
                traffic.totals.messages.add(data.bytes.len(), data.last);
                if data.last {
                    traffic.rhythm.beat(now.saturating_duration_since(since));
                }
            }
            Event::Ping(_) | Event::Pong(_) | Event::Close(_) | Event::Violation(_) | Event::Raw(_) => {}
        }
    }

    /// A Ping of ours was answered.
    pub(crate) fn answered(&mut self, round_trip: Duration) {
        self.latencies.add(round_trip);
    }

    /// The connection has ended: it gets no older.
    pub(crate) fn end(&mut self, now: Instant) {
        self.ended.get_or_insert(now);
    }

    /// What was given to be sent.
    pub(crate) fn sent(&self) -> Totals {
        self.sent.totals
    }

    fn traffic(&mut self, direction: Direction) -> &mut Traffic {
        match direction {
            Direction::Sent => &mut self.sent,
            Direction::Received => &mut self.received,
        }
    }

    /// As lines for a person, without what is `untaken` among what was sent.
    pub(crate) fn lines(&self, now: Instant, untaken: Option<Untaken>) -> Vec<String> {
        let age = self.ended.unwrap_or(now).saturating_duration_since(self.since);
        // How long ago something was goes on, when the connection has ended too.
        let until_now = now.saturating_duration_since(self.since);
        let seconds = age.as_secs().clamp(1, rhythm::SECONDS);
        let rate = |traffic: &Traffic| traffic.rhythm.rate(age, seconds);
        let (state, untaken_is) = match self.ended {
            Some(_) => ("was open for", "not sent"),
            None => ("open for", "waiting"),
        };
        let sent = untaken.map_or(self.sent.totals, |untaken| untaken.sent);
        let mut lines = vec![format!("{state} {}", Age(age)), format!("sent      {sent}")];
        lines.extend(untaken.map(|untaken| format!("{untaken_is:<8}  {untaken}")));
        lines.extend([
            format!("received  {}", self.received.totals),
            format!("pings     {}", self.latencies),
            format!(
                "rates     sent {:.1}/s, received {:.1}/s in the last {seconds} s",
                rate(&self.sent),
                rate(&self.received)
            ),
            format!("sent      {}", self.sent.rhythm.gap(until_now)),
            format!("received  {}", self.received.rhythm.gap(until_now)),
        ]);
        lines
    }
}

impl fmt::Display for Untaken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", Count(self.messages, "message"), Bytes(self.bytes))
    }
}

impl Totals {
    /// The same, of so many bytes with the headers.
    pub(crate) fn with_wire(self, wire: u64) -> Self {
        Self { wire, ..self }
    }

    fn frame(&mut self, frame: &Frame<'_>) {
        self.frames += 1;
        // Frames are told before they are judged, and a header may claim any length.
        let size = frame.length.saturating_add(frame.header.size(frame.length) as u64);
        self.wire = self.wire.saturating_add(size);
        // A frame that was sent as it was given, payload and all, carries no message.
        if !frame.header.opcode.is_control() && frame.payload.is_empty() {
            self.payload = self.payload.saturating_add(frame.length);
        }
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { messages: Counters { messages, bytes: content }, payload, frames, wire } = *self;
        write!(f, "{}, {}", Count(messages, "message"), Bytes(content))?;
        if payload != content && content > 0 {
            write!(f, " ({} compressed, {:.1} %)", Bytes(payload), payload as f64 * 100.0 / content as f64)?;
        }
        write!(f, "; {}, {} on the wire", Count(frames, "frame"), Bytes(wire))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ws::negotiation::{DeflateParams, MAX_WINDOW_BITS};
    use crate::ws::{Connection, Item, Kind, Observe};

    #[test]
    fn messages_and_bytes_are_counted_each_way() {
        let start = Instant::now();
        let window = MAX_WINDOW_BITS;
        let agreed = DeflateParams {
            server_no_context_takeover: false,
            client_no_context_takeover: false,
            server_max_window_bits: window,
            client_max_window_bits: window,
        };
        let mut client = Connection::client(Box::new(|| [0; 4]), Some(agreed));
        client.set_observe(Observe::FramesAndContent);
        client.send(Item::message(Kind::Text, &[b'a'; 100])).unwrap();
        let compressed = client.pending().len() - 6;
        client.receive(b"\x81\x05hello");
        let mut stats = Stats::new(start);
        while let Some(event) = client.poll() {
            stats.event(&event, start + Duration::from_secs(20));
        }
        stats.end(start + Duration::from_secs(200));
        let lines = stats.lines(start + Duration::from_secs(999), None);
        assert_eq!(lines[0], "was open for 3 min 20 s");
        let sent = format!(
            "sent      1 message, 100 B ({compressed} B compressed, {compressed}.0 %); 1 frame, {} B on the wire",
            compressed + 6
        );
        assert_eq!(lines[1], sent);
        assert_eq!(lines[2], "received  1 message, 5 B; 1 frame, 7 B on the wire");
        assert_eq!(
            lines[3..],
            [
                "pings     none answered yet",
                "rates     sent 0.0/s, received 0.0/s in the last 10 s",
                "sent      last message 16 min 19 s ago (longest gap 0.0 s)",
                "received  last message 16 min 19 s ago (longest gap 0.0 s)",
            ]
        );
    }

    #[test]
    fn what_the_system_has_not_taken_is_not_on_the_wire() {
        let start = Instant::now();
        let mut client = Connection::client(Box::new(|| [0; 4]), None);
        client.set_observe(Observe::FramesAndContent);
        let mut stats = Stats::new(start);
        client.send(Item::message(Kind::Text, &[b'a'; 10])).unwrap();
        while let Some(event) = client.poll() {
            stats.event(&event, start);
        }
        let untaken = Untaken { messages: 1, bytes: 3, sent: Totals::default().with_wire(13) };
        let lines = stats.lines(start, Some(untaken));
        assert_eq!(lines[1], "sent      0 messages, 0 B; 0 frames, 13 B on the wire");
        assert_eq!(lines[2], "waiting   1 message, 3 B");
        stats.end(start);
        assert_eq!(stats.lines(start, Some(untaken))[2], "not sent  1 message, 3 B");
    }

    #[test]
    fn round_trips_are_summed_up() {
        let start = Instant::now();
        let mut stats = Stats::new(start);
        (1..=100).for_each(|millis| stats.answered(Duration::from_millis(millis)));
        let told = "pings     100 answered: min 1.00 ms, mean 50.5 ms, max 100 ms, p99 99.0 ms";
        assert_eq!(stats.lines(start, None)[3], told);
    }
}
