//! Messages that come and go: kept, and shown as the settings have it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::bell::Bell;
use super::message_view::{self, SeenMessage};
use super::pending_requests::PendingRequests;
use super::screen::Screen;
use super::selection::{MessageSelection, Visible};
use super::settings::Settings;
use super::status::Status;
use super::transcript::Transcript;
use crate::trace::record::Record;
use crate::view::conversation::LineHead;
use crate::ws::{Direction, Kind, Message};

/// Clones show on the same screen.
#[derive(Debug, Clone)]
pub(crate) struct MessageDisplay {
    screen: Screen,
    status: Status,
    transcript: Transcript,
    selection: MessageSelection,
    requests: Arc<Mutex<PendingRequests>>,
}

impl MessageDisplay {
    pub(crate) fn new(screen: Screen, status: Status, transcript: Transcript) -> Self {
        let requests = Arc::default();
        Self { screen, status, transcript, selection: MessageSelection::default(), requests }
    }

    /// What a line about something that happens now begins with.
    pub(crate) fn head(&self, record: &Record<'_>, number: Option<u64>) -> LineHead {
        record.line_head(number, self.screen.time())
    }

    /// A new connection: what was asked for on the last one isn't answered any more.
    pub(crate) fn begin_again(&self) {
        self.requests().begin_again();
    }

    /// What `/stats` says of requests.
    pub(crate) fn requests_line(&self) -> Option<String> {
        self.requests().line(Instant::now())
    }

    /// Keeps a message that is on the screen already: it was typed there, or that nobody looks at.
    /// Returns its number.
    pub(crate) fn keep(&self, record: Record<'_>) -> u64 {
        self.latency(&record);
        self.transcript.add(record).0
    }

    /// Keeps a message of a connection that nobody looks at.
    pub(crate) fn keep_unseen(&self, record: Record<'_>) {
        let bell = self.status.settings(|settings| {
            let seen = seen(settings, &record);
            let message = seen.as_ref().map(SeenMessage::as_message);
            let is_shown = settings.filter.as_ref().is_none_or(|filter| {
                message.zip(record.direction).is_some_and(|(message, way)| filter.shows(way, message))
            });
            bell(settings, message, record.direction, is_shown)
        });
        self.ring(bell, &record);
        self.keep(record);
    }

    fn ring(&self, bell: Option<bool>, record: &Record<'_>) {
        if let Some((notifies, message)) = bell.zip(record.as_message()) {
            self.screen.ring(notifies.then(|| notification(message)));
        }
    }

    /// How long a request waited for this, which is its reply.
    fn latency(&self, record: &Record<'_>) -> Option<Duration> {
        let (message, direction) = (record.as_message()?, record.direction?);
        self.status.settings(|settings| {
            let whose = (record.connection, direction);
            self.requests().message(settings.correlation.as_ref()?, whose, message, Instant::now())
        })
    }

    fn requests(&self) -> MutexGuard<'_, PendingRequests> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a message, and shows of it what is to be seen. Returns its number, if it is one.
    pub(crate) fn message(&self, record: Record<'_>) -> Option<u64> {
        let latency = self.latency(&record);
        let direction = record.direction?;
        let selected = self.status.settings(|settings| {
            let seen = seen(settings, &record)?;
            let message = seen.as_message();
            let shown = self.selection.shown(settings, (record.connection, direction), message);
            let is_shown = shown != Visible::Nothing || settings.quiet;
            Some((shown, settings.format, bell(settings, Some(message), record.direction, is_shown)))
        });
        let (shown, format, bell) = selected?;
        self.ring(bell, &record);
        if shown == Visible::Nothing {
            let (number, _) = self.transcript.add(record);
            self.screen.hide();
            return Some(number);
        }
        let time = self.screen.time();
        let (number, record) = self.transcript.add(record);
        let head = LineHead { latency, ..record.line_head(Some(number), time) };
        let paint = self.screen.paint;
        self.screen.offer(match shown {
            Visible::Projection(text) => message_view::projected(head, text, paint),
            Visible::Changes { of, changes } => message_view::changed(head, of.as_deref(), changes, paint),
            Visible::All | Visible::Nothing => message_view::deferred(head, record, format, paint),
        });
        Some(number)
    }
}

/// The message that settings look at: as it came where none looks at what messages say.
fn seen<'a>(settings: &Settings, record: &'a Record<'_>) -> Option<SeenMessage<'a>> {
    let of = if settings.look_at_content() { SeenMessage::of } else { SeenMessage::as_it_came };
    record.as_message().map(of)
}

/// Whether a message rings, and then whether by a notification.
fn bell(settings: &Settings, message: Option<Message<'_>>, way: Option<Direction>, is_shown: bool) -> Option<bool> {
    let message = message.filter(|_| way == Some(Direction::Received))?;
    settings.bell.as_ref().filter(|bell| bell.rings(message, is_shown)).map(Bell::notifies)
}

/// What a notification says of a message.
fn notification(message: Message<'_>) -> String {
    match message.kind {
        Kind::Text => String::from_utf8_lossy(message.content).into_owned(),
        Kind::Binary => "a binary message".to_owned(),
    }
}
