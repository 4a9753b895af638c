//! Messages that come and go: kept, and shown as the settings have it.

use super::message_view;
use super::screen::Screen;
use super::selection::{MessageSelection, Visible};
use super::status::Status;
use super::transcript::Transcript;
use crate::trace::record::Record;
use crate::view::conversation::LineHead;
use crate::ws::Direction;

/// Clones show on the same screen.
#[derive(Debug, Clone)]
pub(crate) struct MessageDisplay {
    screen: Screen,
    status: Status,
    transcript: Transcript,
    selection: MessageSelection,
}

impl MessageDisplay {
    pub(crate) fn new(screen: Screen, status: Status, transcript: Transcript) -> Self {
        Self { screen, status, transcript, selection: MessageSelection::default() }
    }

    /// What a line about something that happens now begins with.
    pub(crate) fn head(&self, record: &Record<'_>, number: Option<u64>) -> LineHead {
        let size = record.length.and_then(|length| usize::try_from(length).ok()).unwrap_or(usize::MAX);
        let direction = record.direction.unwrap_or(Direction::Received);
        LineHead { time: self.screen.time(), client: record.connection, number, size, direction }
    }

    /// Keeps a message, and shows of it what is to be seen.
    pub(crate) fn message(&self, record: Record<'_>) {
        let (Some(message), Some(direction)) = (record.as_message(), record.direction) else { return };
        let (shown, format) = self.status.settings(|settings| {
            (self.selection.shown(settings, (record.connection, direction), message), settings.format)
        });
        if shown == Visible::Nothing {
            self.transcript.add(record);
            return self.screen.hide();
        }
        let head = self.head(&record, Some(self.transcript.next_number()));
        let record = self.transcript.add(record);
        let paint = self.screen.paint;
        self.screen.offer(match shown {
            Visible::Projection(text) => message_view::projected(head, text, paint),
            Visible::Changes(changes) => message_view::changed(head, changes, paint),
            Visible::All | Visible::Nothing => message_view::deferred(head, record, format, paint),
        });
    }
}
