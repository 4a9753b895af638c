//! `/show`: a message that is still there, in full.

use super::Prompt;
use crate::commands::prompt::message_view;
use crate::view::conversation::Head;

impl Prompt<'_> {
    /// All of a message.
    pub(super) fn show(&self, number: u64) {
        let Some(entry) = self.transcript.get(number) else {
            return self.screen.fault(format_args!("no message {number}: discarded, or not received yet"));
        };
        let (Some(direction), Some(message)) = (entry.direction, entry.as_message()) else { return };
        let format = self.status.settings(|settings| settings.format);
        let time = entry.time.map(|at| self.screen.times(|times| times.write(at)));
        let size = message.content.len();
        let head = Head { time, client: None, number: Some(number), size, direction };
        let (pieces, whole) = message_view::in_full(&head, message, format, self.screen.paint);
        pieces.into_iter().for_each(|piece| self.screen.say(piece));
        if !whole {
            self.screen.note(format_args!("… and more than that: /save FILE writes all of it"));
        }
    }
}
