//! `-P`: a line for each Ping and Pong of a connection, both ways.

use std::time::{Instant, SystemTime};

use super::console::Console;
use super::output::Stamp;
use super::time_zone;
use crate::trace::round_trips::RoundTrips;
use crate::view::clock::TimeOfDay;
use crate::view::control_payload::control_words;
use crate::ws::{Direction, Event, OpCode};

/// What is sent has to be [observed](crate::ws::Observe::Frames).
#[derive(Debug)]
pub(crate) struct PingLog {
    console: Console,
    /// How times are written; `None` is the time of day.
    stamp: Option<Stamp>,
    round_trips: RoundTrips,
}

impl PingLog {
    pub(crate) fn new(console: Console, stamp: Option<Stamp>) -> Self {
        Self { console, stamp, round_trips: RoundTrips::default() }
    }

    /// Another connection follows: what was asked on the last one isn't answered any more.
    pub(crate) fn begin_again(&mut self) {
        self.round_trips = RoundTrips::default();
    }

    pub(crate) fn event(&mut self, event: &Event<'_>) {
        let round_trip = self.round_trips.event(event, Instant::now());
        let (arrow, name, payload) = match event {
            Event::Ping(payload) => ('<', "ping", *payload),
            Event::Pong(payload) => ('<', "pong", *payload),
            Event::Frame(frame) if frame.direction == Direction::Sent => match frame.header.opcode {
                OpCode::Ping => ('>', "ping", &*frame.payload),
                OpCode::Pong => ('>', "pong", &*frame.payload),
                _ => return,
            },
            _ => return,
        };
        let now = SystemTime::now();
        let time = self
            .stamp
            .as_ref()
            .map_or_else(|| TimeOfDay(now, time_zone::offset()).to_string(), |stamp| stamp.write(now));
        self.console.log(format_args!("{time} {arrow} {}", control_words(name, payload, round_trip)));
    }
}
