//! `--out json`: a line of JSON for each message and control frame, both ways (docs/events.md).

use std::time::Instant;

use super::{OutputFormat, Queue};
use crate::stdio::terminal::Columns;
use crate::trace::recorder::{Moment, Recorder};
use crate::ws::{Data, Event};

#[derive(Debug)]
pub(super) struct EventFormat {
    /// What a terminal would act on is written as `\uXXXX`, and no row of it looks like another line.
    terminal: Option<Columns>,
    recorder: Recorder,
    /// The number of the connection, where there may be several.
    connection: Option<u64>,
}

impl EventFormat {
    /// Begun when the connection is opened. With `numbered` others may follow it.
    pub(super) fn new(terminal: Option<Columns>, numbered: bool) -> Self {
        let connection = numbered.then_some(1);
        Self { terminal, recorder: Recorder::new(connection, Instant::now()), connection }
    }
}

impl OutputFormat for EventFormat {
    fn data(&mut self, data: &Data<'_>, out: &mut Queue) {
        self.event(&Event::Data(*data), out);
    }

    fn cut_off(&mut self, _out: &mut Queue) {
        self.connection = self.connection.map(|number| number + 1);
        self.recorder = Recorder::new(self.connection, Instant::now());
    }

    fn event(&mut self, event: &Event<'_>, out: &mut Queue) {
        if let Some(record) = self.recorder.event(event, Moment::now) {
            out.push_record(record, self.terminal);
        }
    }
}
