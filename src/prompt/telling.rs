//! What happened on the connection, told on the screen.

use std::time::{Duration, Instant};

use super::Prompt;
use super::showing::{self, Look};
use crate::view::amount::Latency;
use crate::view::safe::Safe;
use crate::view::spans::Style;
use crate::ws::{Control, Direction, Event, Frame, Message, OpCode};

impl Prompt<'_> {
    pub(super) fn tell(&mut self, event: &Event<'_>) {
        let round_trip = self.open.stats.event(event, Instant::now());
        let (frames, pings) = self.status.toggles(|toggles| (toggles.frames, toggles.pings));
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
            Event::Frame(frame) if pings => self.tell_sent_ping(frame),
            Event::Ping(payload) if pings => self.tell_control("<", Style::Received, "ping", payload, None),
            Event::Pong(payload) => self.pong(payload, round_trip, pings),
            Event::Frame(_) | Event::Ping(_) | Event::Close(_) | Event::Violation(_) => {}
        }
    }

    pub(super) fn tell_frame(&self, line: String) {
        self.screen.offer(|| self.screen.wrapped(Style::Faint, &line));
    }

    /// A message of ours that the typed line doesn't tell.
    pub(super) fn tell_sent(&self, what: &str) {
        let mark = self.screen.paint.paint(Style::Sent, ">");
        self.screen.say(format!("{mark} {}", self.screen.paint.paint(Style::Faint, what)));
    }

    /// Keeps a message; gives its number.
    pub(super) fn keep(&mut self, direction: Direction, message: Message<'_>) -> u64 {
        self.transcript.add(direction, message)
    }

    fn received(&mut self, message: Message<'_>) {
        let number = self.keep(Direction::Received, message);
        let (hidden, look) = self.status.toggles(|toggles| {
            let filtered = toggles.filter.as_ref().is_some_and(|filter| !filter.is_match(message.content));
            (toggles.quiet || filtered, Look { format: toggles.format, timestamps: toggles.timestamps })
        });
        if hidden {
            self.open.hidden += 1;
            return;
        }
        let paint = self.screen.paint;
        self.screen.offer(|| showing::received(number, message, look, paint));
    }

    fn tell_sent_ping(&self, frame: &Frame<'_>) {
        if frame.direction == Direction::Sent
            && let OpCode::Control(control @ (Control::Ping | Control::Pong)) = frame.header.opcode
        {
            let name = if control == Control::Ping { "ping" } else { "pong" };
            self.tell_control(">", Style::Sent, name, &frame.payload, None);
        }
    }

    /// An answer to a Ping from the keyboard is shown in any case.
    fn pong(&mut self, payload: &[u8], round_trip: Option<Duration>, pings: bool) {
        let asked = self.open.asked.iter().position(|asked| asked == payload);
        if let Some(at) = asked {
            self.open.asked.remove(at);
        }
        if asked.is_some() || pings {
            self.tell_control("<", Style::Received, "pong", payload, round_trip);
        }
    }

    fn tell_control(&self, mark: &str, style: Style, name: &str, payload: &[u8], round_trip: Option<Duration>) {
        let paint = self.screen.paint;
        let round_trip = round_trip.map(|time| format!(", round trip {}", Latency(time))).unwrap_or_default();
        let words = match str::from_utf8(payload) {
            _ if payload.is_empty() => String::new(),
            Ok(text) if !text.contains(char::is_control) => format!(" \"{}\"", Safe(text)),
            _ => format!(" 0x{}", data_encoding::HEXLOWER.encode(payload)),
        };
        let told = self.screen.wrapped(Style::Plain, &format!("{name}{words}{round_trip}"));
        self.screen.offer(|| format!("{} {told}", paint.paint(style, mark)));
    }
}
