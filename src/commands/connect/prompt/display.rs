//! What happened on the connection, told on the screen.

use std::time::SystemTime;

use super::Prompt;
use super::connection::SentView;
use crate::commands::connect::ignored;
use crate::commands::prompt::message_view::{self, Look};
use crate::commands::prompt::terminal;
use crate::net::End;
use crate::stdio::time_zone;
use crate::trace::record::Record;
use crate::trace::record_type::RecordType;
use crate::trace::recorder::Moment;
use crate::view::amount::Bytes;
use crate::view::body::described;
use crate::view::clock::TimeOfDay;
use crate::view::control_payload::control_words;
use crate::view::spans::{INDENT, Line, Painted, Style};
use crate::view::violating_frame;
use crate::ws::{Direction, Event, ViolatingFrame};

impl Prompt<'_> {
    pub(super) fn tell(&mut self, event: &Event<'_>) {
        let (frames, pings) = self.status.settings(|settings| (settings.frames, settings.pings));
        let lines = self.open.frame_lines(event);
        if frames {
            lines.into_iter().for_each(|line| self.tell_frame(line));
        }
        if let Event::Violation(frame) = event
            && frame.tolerated
        {
            self.tell_ignored(frame);
        }
        self.open.stats.event(event);
        if let Some(record) = self.open.recorder.event(event, Moment::now) {
            self.tell_record(record, pings);
        }
    }

    /// What was in the frame that ended the connection, unless it is among the frames.
    pub(super) fn tell_violating_frame(&self, ending: &End) {
        if let End::Violation(frame) = ending
            && !self.status.settings(|settings| settings.frames)
        {
            violating_frame::lines(frame)
                .iter()
                .for_each(|line| self.screen.say(self.screen.wrapped(Style::Plain, line)));
        }
    }

    fn tell_ignored(&self, frame: &ViolatingFrame) {
        let mut lines = ignored::lines(frame).into_iter();
        if let Some(first) = lines.next() {
            self.screen.offer(|| self.screen.wrapped(Style::Note, &format!("* {first}")));
        }
        lines.for_each(|line| self.screen.offer(|| self.screen.wrapped(Style::Plain, &line)));
    }

    fn tell_record(&mut self, record: Record<'_>, pings: bool) {
        self.write_to_log(&record);
        let Some(direction) = record.direction else { return };
        match (record.kind, direction) {
            (RecordType::Text | RecordType::Binary, Direction::Sent) => self.sent(record),
            (RecordType::Text | RecordType::Binary, Direction::Received) => self.received(record),
            (RecordType::Pong, Direction::Received) => self.pong(&record, pings),
            (RecordType::Ping | RecordType::Pong, _) if pings => self.tell_control(direction, &record),
            _ => {}
        }
    }

    pub(super) fn tell_frame(&self, line: String) {
        self.screen.offer(|| self.screen.wrapped(Style::Faint, &line));
    }

    /// A message of ours is kept, and shown where the typed line doesn't.
    fn sent(&mut self, record: Record<'_>) {
        let timed = self.status.settings(|settings| settings.timestamps);
        match self.open.sent_views.pop_front() {
            Some(SentView::Described) if timed || record.kind == RecordType::Binary => {
                let mut line = self.head(Direction::Sent);
                line.push(Style::Faint, described(record.kind.name(), record.content().len()));
                self.screen.say(line.painted(self.screen.paint));
            }
            Some(SentView::Whole) => {
                let (number, look) = (self.transcript.next_number(), self.look());
                if let Some(message) = record.as_message() {
                    let shown = message_view::shortly(number, Direction::Sent, message, &look, self.screen.paint);
                    self.screen.say(shown);
                }
            }
            _ => {}
        }
        self.transcript.add(record);
    }

    fn look(&self) -> Look {
        let (format, timed) = self.status.settings(|settings| (settings.format, settings.timestamps));
        Look { format, time: timed.then(|| self.time(SystemTime::now())) }
    }

    /// A time, as `--timestamps` has it.
    pub(super) fn time(&self, at: SystemTime) -> String {
        match &self.exchange.writing.timestamps {
            Some(stamp) => stamp.write(at),
            None => TimeOfDay(at, time_zone::offset()).to_string(),
        }
    }

    fn received(&mut self, record: Record<'_>) {
        let record = record.into_owned();
        let number = self.transcript.next_number();
        let Some(message) = record.as_message() else { return };
        let hidden = self.status.settings(|settings| {
            let filtered = settings.filter.as_ref().is_some_and(|filter| !filter.is_met_by(message));
            settings.quiet || filtered
        });
        if hidden {
            self.open.hidden += 1;
        } else {
            let paint = self.screen.paint;
            self.screen.offer(|| message_view::shortly(number, Direction::Received, message, &self.look(), paint));
        }
        if record.truncated {
            let (kept, length) = (Bytes(message.content.len() as u64), Bytes(record.length.unwrap_or_default()));
            self.screen.note(format_args!("message {number} is {length}; only the first {kept} are kept"));
        }
        self.transcript.add(record);
    }

    /// An answer to a Ping from the keyboard is shown in any case.
    fn pong(&mut self, record: &Record<'_>, pings: bool) {
        if let Some(round_trip) = record.round_trip {
            self.open.stats.answered(round_trip);
        }
        let asked = self.open.asked.iter().position(|asked| asked == record.content());
        if let Some(at) = asked {
            self.open.asked.remove(at);
        }
        if asked.is_some() || pings {
            self.tell_control(Direction::Received, record);
        }
    }

    fn tell_control(&self, direction: Direction, record: &Record<'_>) {
        let words = control_words(record.kind.name(), record.content(), record.round_trip);
        self.screen.offer(|| {
            let mut line = self.head(direction);
            line.push(Style::Plain, words);
            let lines = line.cut(terminal::columns().saturating_sub(INDENT)).into_iter();
            Painted::lines(lines.map(|line| line.painted(self.screen.paint)), INDENT)
        });
    }

    /// What a line about something that happens now begins with.
    fn head(&self, direction: Direction) -> Line {
        let timed = self.status.settings(|settings| settings.timestamps);
        message_view::head(direction, timed.then(|| self.time(SystemTime::now())))
    }
}
