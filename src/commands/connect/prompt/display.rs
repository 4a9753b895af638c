//! What happened on the connection, told on the screen.

use std::sync::Arc;

use super::Prompt;
use super::connection::SentView;
use crate::commands::connect::ignored;
use crate::commands::prompt::filter::Filter;
use crate::commands::prompt::message_view;
use crate::commands::prompt::settings::Timestamps;
use crate::commands::prompt::transcript::Other;
use crate::net::End;
use crate::trace::record::Record;
use crate::trace::record_type::RecordType;
use crate::trace::recorder::Moment;
use crate::view::amount::Bytes;
use crate::view::control_payload::control_words;
use crate::view::conversation::LineHead;
use crate::view::spans::Style;
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
            self.screen.offer(self.screen.noted(first));
        }
        lines.for_each(|line| self.screen.offer(self.screen.wrapped(Style::Plain, &line)));
    }

    fn tell_record(&mut self, record: Record<'_>, pings: bool) {
        self.write_to_log(&record);
        if record.as_message().is_none() {
            self.transcript.add_other(Other::Record(Arc::new(record.clone().into_owned())));
        }
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
        // What is indented belongs to the line before.
        let is_new = !line.starts_with(' ');
        let screen = &self.screen;
        screen.offer(if is_new { screen.timed(Style::Faint, &line) } else { screen.wrapped(Style::Faint, &line) });
    }

    /// A message of ours is kept, and shown where the typed line doesn't.
    fn sent(&mut self, record: Record<'_>) {
        let timed = self.status.settings(|settings| settings.timestamps != Timestamps::Off);
        let is_hidden = self.is_hidden(Direction::Sent, &record);
        let paint = self.screen.paint;
        let view = self.open.sent_views.pop_front();
        let head = || self.head(&record, Some(self.transcript.next_number()), Direction::Sent);
        match view {
            Some(SentView::Described) if timed || record.kind == RecordType::Binary => {
                self.screen.say(message_view::words(&head(), Style::Faint, record.kind.name(), paint));
            }
            Some(SentView::Whole) if is_hidden => self.open.hidden += 1,
            Some(SentView::Whole) => return self.show_shortly(Direction::Sent, record),
            _ => {}
        }
        self.transcript.add(record);
    }

    /// Keeps a message, and shows it.
    fn show_shortly(&mut self, direction: Direction, record: Record<'_>) {
        let format = self.status.settings(|settings| settings.format);
        let head = self.head(&record, Some(self.transcript.next_number()), direction);
        let record = self.transcript.add(record);
        self.screen.offer(message_view::deferred(head, record, format, self.screen.paint));
    }

    /// What a line about something that happens now begins with.
    fn head(&self, record: &Record<'_>, number: Option<u64>, direction: Direction) -> LineHead {
        let size = record.length.and_then(|length| usize::try_from(length).ok()).unwrap_or(usize::MAX);
        LineHead { time: self.screen.time(), client: None, number, size, direction }
    }

    /// Whether it is only counted.
    fn is_hidden(&self, direction: Direction, record: &Record<'_>) -> bool {
        let shows = |filter: &Filter| record.as_message().is_none_or(|message| filter.shows(direction, message));
        self.status.settings(|settings| {
            let is_quiet = settings.quiet && direction == Direction::Received;
            is_quiet || !settings.filter.as_ref().is_none_or(shows)
        })
    }

    fn received(&mut self, record: Record<'_>) {
        let number = self.transcript.next_number();
        let Some(message) = record.as_message() else { return };
        let hidden = self.is_hidden(Direction::Received, &record);
        let (kept, length) = (Bytes(message.content.len() as u64), Bytes(record.length.unwrap_or_default()));
        let is_cut = record.truncated;
        if hidden {
            self.open.hidden += 1;
            self.transcript.add(record);
        } else {
            self.show_shortly(Direction::Received, record);
        }
        if is_cut {
            let told = format_args!("message {number} is {length}; only the first {kept} are kept");
            self.screen.offer(self.screen.noted(told));
        }
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
        let head = self.head(record, None, direction);
        self.screen.offer(message_view::words(&head, Style::Plain, &words, self.screen.paint));
    }
}
