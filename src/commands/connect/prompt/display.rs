//! What happened on the connection, told on the screen.

use std::time::{Instant, SystemTime};

use super::Prompt;
use super::connection::SentView;
use crate::commands::connect::ignored;
use crate::commands::prompt::message_view;
use crate::commands::prompt::screen::whole_columns;
use crate::commands::prompt::settings::Timestamps;
use crate::net::End;
use crate::trace::record::Record;
use crate::trace::record_type::RecordType;
use crate::trace::recorder::Moment;
use crate::view::amount::Bytes;
use crate::view::control_payload::control_words;
use crate::view::spans::Style;
use crate::view::violating_frame;
use crate::ws::{Direction, Event, ViolatingFrame};

impl Prompt<'_> {
    pub(super) fn tell(&mut self, event: &Event<'_>) {
        let (frames, pings) = self.status.settings(|settings| (settings.frames, settings.pings));
        let lines = self.open.frame_lines(event, frames.unwrap_or_default());
        if frames.is_some() && !self.status.is_in_background() {
            lines.into_iter().for_each(|line| self.tell_frame(line));
        }
        if let Event::Violation(frame) = event
            && frame.tolerated
        {
            self.tell_ignored(frame);
        }
        self.open.counts.event(event, Instant::now());
        if let Some(record) = self.open.recorder.event(event, Moment::now) {
            self.tell_record(record, pings);
        }
    }

    /// What was in the frame that ended the connection, unless it is among the frames.
    pub(super) fn tell_violating_frame(&self, ending: &End) {
        if let End::Violation(frame) = ending
            && self.status.settings(|settings| settings.frames.is_none())
            && !frame.only_exceeds_limit()
        {
            violating_frame::lines(frame, whole_columns())
                .iter()
                .for_each(|line| self.screen.say(self.screen.whole(Style::Plain, line)));
        }
    }

    fn tell_ignored(&self, frame: &ViolatingFrame) {
        let mut lines = ignored::lines(frame, whole_columns()).into_iter();
        if let Some(first) = lines.next() {
            self.screen.offer(self.screen.noted(first));
        }
        lines.for_each(|line| self.screen.offer(self.screen.whole(Style::Plain, &line)));
    }

    fn tell_record(&mut self, mut record: Record<'_>, pings: bool) {
        self.archive.record(&mut record, &self.screen);
        if record.direction == Some(Direction::Sent) && record.as_message().is_some() {
            self.open.counts.sent_message(Some(self.archive.transcript.next_number()));
        }
        if self.status.is_in_background() {
            return self.keep_unseen(record);
        }
        if record.as_message().is_none() {
            self.archive.other(record.clone());
        }
        let Some(direction) = record.direction else { return };
        match (record.kind, direction) {
            (RecordType::Text | RecordType::Binary, Direction::Sent) => self.sent(record),
            (RecordType::Text | RecordType::Binary, Direction::Received) => self.received(record),
            (RecordType::Pong, Direction::Received) => self.pong(&record, pings),
            (RecordType::Ping | RecordType::Pong, _) if pings => self.tell_control(&record, pings),
            _ => {}
        }
    }

    /// Another connection is looked at: what happens here is kept, and messages are counted.
    fn keep_unseen(&mut self, record: Record<'_>) {
        if (record.kind, record.direction) == (RecordType::Pong, Some(Direction::Received)) {
            self.pong(&record, false);
        }
        if record.as_message().is_none() {
            return self.archive.other(record);
        }
        if record.direction == Some(Direction::Sent) {
            self.open.sent_views.pop_front();
        }
        self.status.add_unseen(record.length.unwrap_or_default());
        self.status.count_others(&self.screen);
        self.messages.keep_unseen(record);
    }

    pub(super) fn tell_frame(&self, line: String) {
        // What is indented belongs to the line before.
        let is_new = !line.starts_with(' ');
        let screen = &self.screen;
        screen.offer(if is_new { screen.timed(Style::Faint, &line) } else { screen.whole(Style::Faint, &line) });
    }

    /// A message of ours is kept, and shown where the typed line doesn't.
    fn sent(&mut self, record: Record<'_>) {
        let timed = self.status.settings(|settings| settings.timestamps != Timestamps::Off);
        match self.open.sent_views.pop_front() {
            Some(SentView::Whole) => {
                self.messages.message(record);
                return;
            }
            Some(view @ (SentView::Described | SentView::OfFile))
                if timed || record.kind == RecordType::Binary || view == SentView::OfFile =>
            {
                let head = self.messages.head(&record, Some(self.archive.transcript.next_number()));
                // In brackets: it is no message of that text.
                let words = format!("({})", record.kind.name());
                self.screen.say(message_view::words(&head, Style::Faint, &words, self.screen.paint));
            }
            _ => {}
        }
        self.messages.keep(record);
    }

    fn received(&mut self, record: Record<'_>) {
        let number = self.archive.transcript.next_number();
        let (kept, length) = (Bytes(record.content().len() as u64), Bytes(record.length.unwrap_or_default()));
        let is_cut = record.truncated;
        self.messages.message(record);
        if is_cut {
            let told = format_args!("message {number} is {length}; only the first {kept} are kept");
            self.screen.offer(self.screen.noted(told));
        }
    }

    /// An answer to a Ping from the keyboard is shown in any case.
    fn pong(&mut self, record: &Record<'_>, pings: bool) {
        if let Some(round_trip) = record.round_trip {
            self.open.counts.answered(round_trip);
        }
        if self.open.asked.answer(record.content()) || pings {
            self.tell_control(record, pings);
        }
    }

    /// Where `-P` or `/pings` shows all of them, each has its time, as in a pipe.
    fn tell_control(&self, record: &Record<'_>, is_timed: bool) {
        let words = control_words(record.kind.name(), record.content(), record.round_trip);
        let mut head = self.messages.head(record, None);
        if is_timed && head.time.is_none() {
            head.time = Some(self.screen.times(|times| times.write(SystemTime::now())));
        }
        self.screen.offer(message_view::words(&head, Style::Plain, &words, self.screen.paint));
    }
}
