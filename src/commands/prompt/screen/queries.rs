//! What a person asks to see: made by the editor's thread, printed in pieces, and stopped by whoever has had enough of it.

use super::queue::ScreenEntry;
use super::{STOPPED, Screen};
use crate::commands::prompt::listing::Listing;

/// How far the editor's thread is with what a person wants to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum QueryState {
    #[default]
    None,
    Making,
    /// Nobody wants to see it any more.
    Stopped,
}

impl Screen {
    /// Prints what was asked for, until [`stop_printing`](Self::stop_printing).
    pub(crate) fn list(&self, listing: impl Into<Listing>) {
        self.add(ScreenEntry::listed(listing.into(), self.connection.clone()));
    }

    /// Drops what is still to be printed of what was asked for, and what is still being made of it; where there is nothing of that,
    /// what was gathered at a pause. Returns whether there was any.
    pub(crate) fn stop_printing(&self) -> bool {
        let mut state = self.lock();
        let is_made = state.query == QueryState::Making;
        if is_made {
            state.query = QueryState::Stopped;
        }
        if state.queue.drop_listing() || is_made {
            drop(state);
            self.note("the rest is not shown");
            return true;
        }
        state.queue.drop_gathered(STOPPED, self.paint)
    }

    /// Begins to make what was asked for, which takes its time where it is long: [`stop_printing`](Self::stop_printing) stops it
    /// until the [end](Self::end_query).
    pub(in crate::commands::prompt) fn begin_query(&self) {
        self.lock().query = QueryState::Making;
    }

    /// Whether what is being made isn't wanted any more.
    pub(in crate::commands::prompt) fn is_query_stopped(&self) -> bool {
        self.lock().query == QueryState::Stopped
    }

    /// It is made. Returns whether it is still wanted.
    pub(in crate::commands::prompt) fn end_query(&self) -> bool {
        std::mem::take(&mut self.lock().query) != QueryState::Stopped
    }
}
