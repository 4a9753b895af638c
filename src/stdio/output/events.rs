//! `--out json`: a line of JSON for each message and control frame, both ways (docs/events.md).

use std::time::{Duration, Instant, SystemTime};

use super::Format;
use crate::trace::record::{Extent, Record};
use crate::ws::{Close, Data, Direction, Event, Frame, Kind, OpCode};

/// Content of a message that is kept, in bytes: as much as the default limit lets through.
const KEPT: usize = 64 << 20;

/// What has been told of a message so far.
#[derive(Debug, Default)]
struct Gathered {
    content: Vec<u8>,
    length: u64,
    extent: Extent,
}

impl Gathered {
    fn add(&mut self, bytes: &[u8]) {
        self.length += bytes.len() as u64;
        let room = KEPT.saturating_sub(self.content.len()).min(bytes.len());
        self.content.extend_from_slice(&bytes[..room]);
    }

    fn frame(&mut self, frame: &Frame<'_>) {
        self.extent.wire_length += frame.length;
        self.extent.fragments += 1;
        self.extent.compressed = frame.compressed;
    }

    fn record(&self, direction: Direction, kind: Kind) -> Record<'_> {
        Record::message(direction, kind, &self.content, self.length, Some(self.extent))
    }
}

#[derive(Debug)]
pub(super) struct Events {
    opened: Instant,
    arriving: Gathered,
    leaving: Gathered,
    ping: Option<(Vec<u8>, Instant)>,
}

impl Events {
    pub(super) fn new() -> Self {
        Self { opened: Instant::now(), arriving: Gathered::default(), leaving: Gathered::default(), ping: None }
    }

    fn gathered(&mut self, direction: Direction) -> &mut Gathered {
        match direction {
            Direction::Sent => &mut self.leaving,
            Direction::Received => &mut self.arriving,
        }
    }

    fn write(opened: Instant, record: Record<'_>, out: &mut Vec<u8>) {
        record.at(SystemTime::now(), opened.elapsed()).write(out);
    }

    fn frame(&mut self, frame: &Frame<'_>, out: &mut Vec<u8>) {
        let opcode = frame.header.opcode;
        match frame.direction {
            // What was injected belongs to no message.
            direction if !opcode.is_control() && frame.payload.is_empty() => self.gathered(direction).frame(frame),
            Direction::Sent if opcode.is_control() => self.control_sent(opcode, &frame.payload, out),
            _ => {}
        }
    }

    fn control_sent(&mut self, opcode: OpCode, payload: &[u8], out: &mut Vec<u8>) {
        let record = match opcode {
            OpCode::Ping => {
                self.ping = Some((payload.to_vec(), Instant::now()));
                Record::control(Direction::Sent, "ping", payload)
            }
            OpCode::Pong => Record::control(Direction::Sent, "pong", payload),
            OpCode::Close => {
                let close = Close::parse(payload).unwrap_or_default();
                return Self::write(self.opened, Record::close(Direction::Sent, &close), out);
            }
            _ => return,
        };
        Self::write(self.opened, record, out);
    }

    /// How long the Pong that answers our last Ping took.
    fn round_trip(&mut self, payload: &[u8]) -> Option<Duration> {
        self.ping.take_if(|(sent, _)| sent == payload).map(|(_, since)| since.elapsed())
    }
}

impl Format for Events {
    fn data(&mut self, data: &Data<'_>, out: &mut Vec<u8>) {
        let opened = self.opened;
        let gathered = self.gathered(data.direction);
        gathered.add(data.bytes);
        if data.last {
            let message = std::mem::take(gathered);
            Self::write(opened, message.record(data.direction, data.kind), out);
        }
    }

    fn cut_off(&mut self, _out: &mut Vec<u8>) {
        (self.arriving, self.leaving) = Default::default();
    }

    fn event(&mut self, event: &Event<'_>, out: &mut Vec<u8>) {
        match event {
            Event::Frame(frame) => self.frame(frame, out),
            Event::Data(data) => self.data(data, out),
            Event::Ping(payload) => {
                Self::write(self.opened, Record::control(Direction::Received, "ping", payload), out);
            }
            Event::Pong(payload) => {
                let round_trip = self.round_trip(payload);
                let record = Record::control(Direction::Received, "pong", payload).after(round_trip);
                Self::write(self.opened, record, out);
            }
            Event::Close(close) => Self::write(self.opened, Record::close(Direction::Received, close), out),
            Event::Violation(_) => {}
        }
    }
}
