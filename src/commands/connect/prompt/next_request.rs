//! `/header` and `/auth`: what the next opening handshake says.

use super::Prompt;
use crate::client::RequestChange;
use crate::view::head;

impl Prompt<'_> {
    /// Changes it, or shows it.
    pub(super) fn change_request(&mut self, change: Option<RequestChange>) {
        match change {
            Some(change) => {
                self.connecting.thread.change(change);
                // Not that of another server, which an attempt has been made to reach.
                let url = self.open.url();
                let with = if self.open.was_opened() { format!(" with {url}") } else { String::new() };
                self.screen.note(format_args!("changed for the next opening handshake{with}; /reconnect starts one"));
            }
            None => match self.connecting.thread.header_lines() {
                Some(lines) => {
                    let heading = "the next opening handshake has, besides the required headers:".to_owned();
                    let lines = head::lines('>', &lines, &lines, self.secrets);
                    self.say_lines([heading].into_iter().chain(lines).collect());
                }
                None => self.screen.note("an opening handshake is under way; /headers shows the last one"),
            },
        }
    }
}
