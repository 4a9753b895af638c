//! What of a recording is shown.

use serde_json::Value;

use crate::peer_text::Escaped;
use crate::script::Condition;
use crate::trace::record::Record;
use crate::ws::Direction;

/// What of a recording is shown: all of it, or messages alone.
#[derive(Debug)]
pub(crate) struct Selection {
    /// What went this way.
    pub(crate) direction: Option<Direction>,
    /// Messages that meet it.
    pub(crate) condition: Option<Condition>,
    /// Of messages that are JSON, what stands there (RFC 6901).
    pub(crate) pointer: Option<String>,
}

impl Selection {
    /// Whether nothing is left out.
    pub(super) fn has_all(&self) -> bool {
        self.direction.is_none() && !self.is_of_messages()
    }

    fn is_of_messages(&self) -> bool {
        self.condition.is_some() || self.pointer.is_some()
    }

    pub(super) fn has(&self, record: &Record<'static>) -> bool {
        if self.direction.is_some() && record.direction != self.direction {
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
        let pointer = self.pointer.as_deref()?;
        let message: Value = serde_json::from_slice(record.as_message()?.content).ok()?;
        message.pointer(pointer).map(|value| Escaped(&value.to_string()).to_string())
    }
}
