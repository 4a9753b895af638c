//! What went over a connection, counted: messages, bytes, round trips.

use std::collections::VecDeque;
use std::fmt;
use std::time::{Duration, Instant};

use crate::view::amount::{Bytes, Count, Latency};
use crate::ws::{Direction, Event, Frame, OpCode};

/// Pings that may be unanswered at once; the oldest is forgotten over that.
const OUTSTANDING: usize = 64;

/// Round trips that the 99th percentile is taken of, the latest ones.
const SAMPLES: usize = 10_000;

/// The counts of one connection. They need every frame, so both halves have to be observed.
#[derive(Debug)]
pub(crate) struct Stats {
    since: Instant,
    ended: Option<Instant>,
    sent: Counters,
    received: Counters,
    round_trips: RoundTrips,
    /// Pings of ours without an answer yet.
    pings: VecDeque<(Vec<u8>, Instant)>,
}

/// One direction.
#[derive(Debug, Default)]
struct Counters {
    messages: u64,
    /// Bytes of messages, before compression.
    content: u64,
    /// Bytes of the frames that carried them, headers not counted.
    payload: u64,
    frames: u64,
    /// Bytes of all frames with their headers.
    wire: u64,
}

#[derive(Debug, Default)]
struct RoundTrips {
    count: u32,
    sum: Duration,
    min: Duration,
    max: Duration,
    latest: VecDeque<Duration>,
}

impl Stats {
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            since: now,
            ended: None,
            sent: Counters::default(),
            received: Counters::default(),
            round_trips: RoundTrips::default(),
            pings: VecDeque::new(),
        }
    }

    /// Counts an event. For a Pong that answers a Ping of ours, gives the round trip.
    pub(crate) fn event(&mut self, event: &Event<'_>, now: Instant) -> Option<Duration> {
        match event {
            Event::Frame(frame) => self.frame(frame, now),
            Event::Data(data) => {
                self.received.content += data.bytes.len() as u64;
                self.received.messages += u64::from(data.last);
            }
            Event::Pong(payload) => return self.pong(payload, now),
            Event::Ping(_) | Event::Close(_) | Event::Violation(_) => {}
        }
        None
    }

    /// The connection has ended: it gets no older.
    pub(crate) fn end(&mut self, now: Instant) {
        self.ended.get_or_insert(now);
    }

    fn frame(&mut self, frame: &Frame<'_>, now: Instant) {
        let sent = frame.direction == Direction::Sent;
        let counters = if sent { &mut self.sent } else { &mut self.received };
        counters.frames += 1;
        counters.wire += frame.length.saturating_add(frame.header.size(frame.length) as u64);
        match frame.header.opcode {
            opcode if !opcode.is_control() => {
                counters.payload += frame.length;
                if sent {
                    // What is received is counted as it comes out.
                    counters.content += frame.content.unwrap_or(frame.length);
                    counters.messages += u64::from(frame.header.is_final);
                }
            }
            OpCode::Ping if sent => {
                self.pings.push_back((frame.payload.to_vec(), now));
                if self.pings.len() > OUTSTANDING {
                    self.pings.pop_front();
                }
            }
            _ => {}
        }
    }

    fn pong(&mut self, payload: &[u8], now: Instant) -> Option<Duration> {
        let at = self.pings.iter().position(|(sent, _)| sent == payload)?;
        let (_, sent) = self.pings.remove(at)?;
        let round_trip = now.saturating_duration_since(sent);
        self.round_trips.add(round_trip);
        Some(round_trip)
    }

    /// As lines for a person.
    pub(crate) fn lines(&self, now: Instant) -> Vec<String> {
        let age = self.ended.unwrap_or(now).saturating_duration_since(self.since);
        let state = if self.ended.is_some() { "was open for" } else { "open for" };
        vec![
            format!("{state} {}", Age(age)),
            format!("sent      {}", self.sent),
            format!("received  {}", self.received),
            format!("pings     {}", self.round_trips),
        ]
    }
}

impl fmt::Display for Counters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { messages, content, payload, frames, wire } = *self;
        write!(f, "{}, {}", Count(messages, "message"), Bytes(content))?;
        if payload != content && content > 0 {
            write!(f, " ({} compressed, {:.1} %)", Bytes(payload), payload as f64 * 100.0 / content as f64)?;
        }
        write!(f, "; {}, {} on the wire", Count(frames, "frame"), Bytes(wire))
    }
}

impl RoundTrips {
    fn add(&mut self, round_trip: Duration) {
        self.min = if self.count == 0 { round_trip } else { self.min.min(round_trip) };
        self.max = self.max.max(round_trip);
        self.sum += round_trip;
        self.count += 1;
        self.latest.push_back(round_trip);
        if self.latest.len() > SAMPLES {
            self.latest.pop_front();
        }
    }

    /// The smallest sample that at least 99 of 100 don't exceed.
    fn p99(&self) -> Duration {
        let mut sorted: Vec<Duration> = self.latest.iter().copied().collect();
        sorted.sort_unstable();
        let rank = (sorted.len() * 99).div_ceil(100);
        sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
    }
}

impl fmt::Display for RoundTrips {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.count == 0 {
            return f.write_str("none answered yet");
        }
        let (min, mean, max) = (Latency(self.min), Latency(self.sum / self.count), Latency(self.max));
        let p99 = Latency(self.p99());
        write!(f, "{} answered: min {min}, mean {mean}, max {max}, p99 {p99}", self.count)
    }
}

/// How long something has lasted: the two largest units.
struct Age(Duration);

impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        match seconds {
            0..60 => write!(f, "{:.1} s", self.0.as_secs_f64()),
            60..3600 => write!(f, "{} min {} s", seconds / 60, seconds % 60),
            _ => write!(f, "{} h {} min", seconds / 3600, seconds % 3600 / 60),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::ws::{Data, FrameHeader, Kind};

    fn frame(direction: Direction, opcode: OpCode, payload: &[u8], content: Option<u64>) -> Event<'_> {
        let mask = (direction == Direction::Sent).then_some([0; 4]);
        let header = FrameHeader { mask, ..FrameHeader::new(opcode) };
        let (length, payload) = (payload.len() as u64, Cow::Borrowed(payload));
        let compressed = content.is_some();
        Event::Frame(Box::new(Frame { direction, header, length, payload, fragment: None, compressed, content }))
    }

    #[test]
    fn messages_and_bytes_are_counted_each_way() {
        let start = Instant::now();
        let mut stats = Stats::new(start);
        let text = OpCode::Text;
        stats.event(&frame(Direction::Sent, text, &[0; 25], Some(100)), start);
        stats.event(&frame(Direction::Received, text, b"hello", None), start);
        let data = Data {
            direction: Direction::Received,
            kind: Kind::Text,
            first: true,
            last: true,
            ends_frame: true,
            bytes: b"hello",
            to_come: 0,
        };
        stats.event(&Event::Data(data), start);
        stats.end(start + Duration::from_secs(200));
        let lines = stats.lines(start + Duration::from_secs(999));
        assert_eq!(lines[0], "was open for 3 min 20 s");
        assert_eq!(lines[1], "sent      1 message, 100 B (25 B compressed, 25.0 %); 1 frame, 31 B on the wire");
        assert_eq!(lines[2], "received  1 message, 5 B; 1 frame, 7 B on the wire");
        assert_eq!(lines[3], "pings     none answered yet");
    }

    #[test]
    fn round_trips_are_those_of_our_own_pings() {
        let start = Instant::now();
        let mut stats = Stats::new(start);
        assert_eq!(stats.event(&Event::Pong(b"unasked"), start), None);
        for (number, millis) in (0..100u8).zip(1..) {
            stats.event(&frame(Direction::Sent, OpCode::Ping, &[number], None), start);
            let answered = stats.event(&Event::Pong(&[number]), start + Duration::from_millis(millis));
            assert_eq!(answered, Some(Duration::from_millis(millis)));
        }
        let told = "pings     100 answered: min 1.00 ms, mean 50.5 ms, max 100 ms, p99 99.0 ms";
        assert_eq!(stats.lines(start)[3], told);
    }
}
