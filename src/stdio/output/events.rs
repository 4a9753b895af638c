//! `--out json`: a line of JSON for each message and control frame, both ways (docs/events.md).

use std::collections::VecDeque;
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
    /// What we send, until its last frame has been told.
    leaving: VecDeque<(Kind, Gathered)>,
    leaving_is_open: bool,
    ping: Option<(Vec<u8>, Instant)>,
}

impl Events {
    pub(super) fn new() -> Self {
        Self {
            opened: Instant::now(),
            arriving: Gathered::default(),
            leaving: VecDeque::new(),
            leaving_is_open: false,
            ping: None,
        }
    }

    fn write(opened: Instant, record: Record<'_>, out: &mut Vec<u8>) {
        record.at(SystemTime::now(), opened.elapsed()).write(out);
    }

    fn frame(&mut self, frame: &Frame<'_>, out: &mut Vec<u8>) {
        match (frame.direction, frame.header.opcode) {
            (Direction::Received, opcode) if !opcode.is_control() => self.arriving.frame(frame),
            (Direction::Received, _) => {}
            (Direction::Sent, opcode) if opcode.is_control() => self.control_sent(opcode, &frame.payload, out),
            (Direction::Sent, OpCode::Reserved(_)) => {}
            (Direction::Sent, _) => {
                let Some((kind, message)) = self.leaving.front_mut() else { return };
                message.frame(frame);
                if frame.header.is_final {
                    Self::write(self.opened, message.record(Direction::Sent, *kind), out);
                    self.leaving.pop_front();
                }
            }
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
        self.arriving.add(data.bytes);
        if data.last {
            Self::write(self.opened, self.arriving.record(Direction::Received, data.kind), out);
            self.arriving = Gathered::default();
        }
    }

    fn cut_off(&mut self, _out: &mut Vec<u8>) {
        self.arriving = Gathered::default();
        self.leaving.clear();
        self.leaving_is_open = false;
    }

    fn event(&mut self, event: &Event<'_>, out: &mut Vec<u8>) {
        match event {
            Event::Frame(frame) => self.frame(frame, out),
            Event::Ping(payload) => {
                Self::write(self.opened, Record::control(Direction::Received, "ping", payload), out);
            }
            Event::Pong(payload) => {
                let round_trip = self.round_trip(payload);
                let record = Record::control(Direction::Received, "pong", payload).after(round_trip);
                Self::write(self.opened, record, out);
            }
            Event::Close(close) => Self::write(self.opened, Record::close(Direction::Received, close), out),
            Event::Data(_) | Event::Violation(_) => {}
        }
    }

    fn sent(&mut self, kind: Kind, part: &[u8], last: bool) {
        if !std::mem::replace(&mut self.leaving_is_open, !last) {
            self.leaving.push_back((kind, Gathered::default()));
        }
        if let Some((_, message)) = self.leaving.back_mut() {
            message.add(part);
        }
    }

    fn wants_frames(&self) -> bool {
        true
    }
}
