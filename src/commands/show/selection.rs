//! Which lines of a recording are shown.

use std::cmp::Ordering;
use std::time::{Duration, SystemTime};

use crate::script::{Condition, value};
use crate::trace::connection_lines::ConnectionLine;
use crate::trace::record::Record;
use crate::view::json_pointer::Pointer;
use crate::view::json_text::compact;
use crate::ws::{Direction, Kind, Message};

/// What is shown. With what is looked for in messages only they are, and none of the lines about connections.
#[derive(Debug, Default)]
pub(crate) struct Selection {
    pub(crate) direction: Option<Direction>,
    pub(crate) condition: Option<Condition>,
    /// Only messages that have a value there (RFC 6901).
    pub(crate) pointer: Option<Pointer>,
    pub(crate) from: Option<ShowTime>,
    pub(crate) to: Option<ShowTime>,
}

/// A time in a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ShowTime {
    /// Since the connection was opened.
    Elapsed(Duration),
    Wall(SystemTime),
}

impl ShowTime {
    /// Whether nothing can be from this time on and up to the other. Times of both kinds can't be told apart.
    pub(crate) fn is_after(self, other: Self) -> bool {
        match (self, other) {
            (Self::Elapsed(one), Self::Elapsed(other)) => one > other,
            (Self::Wall(one), Self::Wall(other)) => one > other,
            (Self::Elapsed(_), Self::Wall(_)) | (Self::Wall(_), Self::Elapsed(_)) => false,
        }
    }

    /// When something happened, beside this; `None` of what has no such time.
    fn order_of(self, elapsed: Option<Duration>, time: Option<SystemTime>) -> Option<Ordering> {
        match self {
            Self::Elapsed(bound) => elapsed.map(|elapsed| elapsed.cmp(&bound)),
            Self::Wall(bound) => time.map(|time| time.cmp(&bound)),
        }
    }
}

impl Selection {
    /// Whether a line about a connection is shown.
    pub(super) fn has_connection_line(&self, line: &ConnectionLine) -> bool {
        self.direction.is_none() && !self.is_of_messages() && self.is_in_time(line.elapsed(), line.time)
    }

    /// Whether something is looked for in messages.
    pub(super) fn is_of_messages(&self) -> bool {
        self.condition.is_some() || self.pointer.is_some()
    }

    fn is_in_time(&self, elapsed: Option<Duration>, time: Option<SystemTime>) -> bool {
        let is_beyond = |bound: Option<ShowTime>, beyond: Ordering| {
            bound.is_some_and(|bound| bound.order_of(elapsed, time).is_none_or(|order| order == beyond))
        };
        !is_beyond(self.from, Ordering::Less) && !is_beyond(self.to, Ordering::Greater)
    }

    /// Whether it went the way that is asked for.
    pub(super) fn is_this_way(&self, record: &Record<'_>) -> bool {
        self.direction.is_none() || record.direction == self.direction
    }

    /// Whether something is looked for in this message.
    pub(super) fn is_looked_at(&self, record: &Record<'_>) -> bool {
        self.is_of_messages() && self.is_this_way(record) && self.is_in_time(record.elapsed, record.time)
    }

    pub(super) fn has(&self, record: &Record<'static>) -> bool {
        if !self.is_this_way(record) || !self.is_in_time(record.elapsed, record.time) {
            return false;
        }
        if !self.is_of_messages() {
            return true;
        }
        let Some(message) = record.as_message() else { return false };
        let is_met = self.condition.as_ref().is_none_or(|condition| condition.is_met_by(message));
        is_met && (self.pointer.is_none() || self.value(record).is_some())
    }

    /// What is shown in the place of the message, where that is asked for: a line of JSON.
    pub(super) fn value(&self, record: &Record<'static>) -> Option<String> {
        let pointer = self.pointer.as_ref()?;
        // Binary messages may be JSON too.
        let message = Message { kind: Kind::Text, ..record.as_message()? };
        value(message, pointer).map(compact)
    }
}
