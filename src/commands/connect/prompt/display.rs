//! What happened on the connection, told on the screen.

use std::time::{Duration, Instant, SystemTime};

use super::Prompt;
use super::message_view::{self, Look};
use super::terminal;
use crate::view::amount::Latency;
use crate::view::body::INDENT;
use crate::view::clock::TimeOfDay;
use crate::view::control_payload::ControlPayload;
use crate::view::escaped::Escaped;
use crate::view::spans::{Line, Style};
use crate::ws::{Close, Direction, Event, Frame, Message, OpCode};

impl Prompt<'_> {
    pub(super) fn tell(&mut self, event: &Event<'_>) {
        let round_trip = self.open.stats.event(event, Instant::now());
        let (frames, pings) = self.status.settings(|settings| (settings.frames, settings.pings));
        let lines = self.open.frame_lines(event);
        if frames {
            lines.into_iter().for_each(|line| self.tell_frame(line));
        }
        match event {
            Event::Data(data) => {
                let mut assembler = std::mem::take(&mut self.open.assembler);
                if let Some(message) = assembler.push(data) {
                    self.received(message);
                }
                self.open.assembler = assembler;
            }
            Event::Frame(frame) if frame.direction == Direction::Sent => self.sent_control(frame, pings),
            Event::Ping(payload) => {
                self.log_control(Direction::Received, "ping", payload, None);
                if pings {
                    self.tell_control(Direction::Received, "ping", payload, None);
                }
            }
            Event::Pong(payload) => self.pong(payload, round_trip, pings),
            Event::Close(close) => self.log_close(Direction::Received, close),
            Event::Frame(_) | Event::Violation(_) => {}
        }
    }

    pub(super) fn tell_frame(&self, line: String) {
        self.screen.offer(|| self.screen.wrapped(Style::Faint, &line));
    }

    /// A message of ours that the typed line doesn't tell.
    pub(super) fn tell_sent(&self, what: String) {
        let mut line = self.head(Direction::Sent);
        line.push(Style::Faint, what);
        self.screen.say(line.painted(self.screen.paint));
    }

    /// Keeps a message; gives its number.
    pub(super) fn keep(&mut self, direction: Direction, message: Message<'_>) -> u64 {
        self.log_message(direction, message);
        self.transcript.add(direction, message)
    }

    /// A message of ours that nobody has typed.
    pub(super) fn keep_and_show(&mut self, message: Message<'_>) {
        let number = self.keep(Direction::Sent, message);
        let look = self.look();
        self.screen.say(message_view::shortly(number, Direction::Sent, message, &look, self.screen.paint));
    }

    fn look(&self) -> Look {
        let (format, timed) = self.status.settings(|settings| (settings.format, settings.timestamps));
        Look { format, time: timed.then(|| self.time(SystemTime::now())) }
    }

    /// A time, as `--timestamps` has it.
    pub(super) fn time(&self, at: SystemTime) -> String {
        match &self.exchange.writing.timestamps {
            Some(stamp) => Escaped(&stamp.write(at)).to_string(),
            None => TimeOfDay(at).to_string(),
        }
    }

    fn received(&mut self, message: Message<'_>) {
        let number = self.keep(Direction::Received, message);
        let hidden = self.status.settings(|settings| {
            let filtered = settings.filter.as_ref().is_some_and(|filter| !filter.is_match(message.content));
            settings.quiet || filtered
        });
        if hidden {
            self.open.hidden += 1;
            return;
        }
        let paint = self.screen.paint;
        self.screen.offer(|| message_view::shortly(number, Direction::Received, message, &self.look(), paint));
    }

    fn sent_control(&mut self, frame: &Frame<'_>, pings: bool) {
        let name = match frame.header.opcode {
            OpCode::Ping => "ping",
            OpCode::Pong => "pong",
            OpCode::Close => {
                // What was injected needn't be a Close that can be read.
                let close = Close::parse(&frame.payload).unwrap_or_default();
                self.log_close(Direction::Sent, &close);
                return;
            }
            _ => return,
        };
        self.log_control(Direction::Sent, name, &frame.payload, None);
        if pings {
            self.tell_control(Direction::Sent, name, &frame.payload, None);
        }
    }

    /// An answer to a Ping from the keyboard is shown in any case.
    fn pong(&mut self, payload: &[u8], round_trip: Option<Duration>, pings: bool) {
        self.log_control(Direction::Received, "pong", payload, round_trip);
        let asked = self.open.asked.iter().position(|asked| asked == payload);
        if let Some(at) = asked {
            self.open.asked.remove(at);
        }
        if asked.is_some() || pings {
            self.tell_control(Direction::Received, "pong", payload, round_trip);
        }
    }

    fn tell_control(&self, direction: Direction, name: &str, payload: &[u8], round_trip: Option<Duration>) {
        let round_trip = round_trip.map(|time| format!(", round trip {}", Latency(time))).unwrap_or_default();
        let words = if payload.is_empty() { String::new() } else { format!(" {}", ControlPayload::from(payload)) };
        self.screen.offer(|| {
            let mut line = self.head(direction);
            line.push(Style::Plain, format!("{name}{words}{round_trip}"));
            let lines = line.cut(terminal::columns().saturating_sub(INDENT)).into_iter();
            lines.map(|line| line.painted(self.screen.paint)).collect::<Vec<_>>().join("\n  ")
        });
    }

    /// What a line about something that happens now begins with.
    fn head(&self, direction: Direction) -> Line {
        let timed = self.status.settings(|settings| settings.timestamps);
        message_view::head(direction, timed.then(|| self.time(SystemTime::now())))
    }
}
