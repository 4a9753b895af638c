//! What is known of the line that is edited, beside its text: shared by its keys (`keys.rs`), by what helps with it
//! (`completion.rs`), and by who reads it (`line_reader.rs`).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::child_command::Running;
use super::history::History;
use super::key_bindings::KeyBindings;
use super::recall::Recall;
use super::search::Search;
use super::undo_trail::UndoTrail;
use super::vi_keys::ViKeys;
use super::{continuation, line_text};
use crate::view::amount::Count;

/// Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct LineState(Arc<Mutex<State>>);

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) search: Option<Search>,
    pub(super) undo: UndoTrail,
    /// Lines are being brought back.
    pub(super) recall: Option<Recall>,
    /// How often the next key comes.
    pub(super) count: Option<u8>,
    /// A key that waits for another.
    pub(super) prefix: Option<Prefix>,
    /// The line to take this one's place, and the cursor in it.
    pub(super) replacement: Option<(String, usize)>,
    /// The commands of `/pipe`, the latest last, each of which may have ended.
    pub(super) running: Vec<Running>,
    /// The connection that was looked at when something stood in the line first.
    pub(super) begun_for: Option<u64>,
    /// Something was pasted.
    pub(super) pasted: bool,
    /// And all of it behind the name of a command that was typed, whose argument it is.
    pub(super) pasted_as_argument: bool,
    /// What a peer has said was put into it.
    pub(super) quotes_peer: bool,
    /// The line, which is to be written on in another editor.
    pub(super) to_edit: Option<String>,
    /// What stands before the cursor and behind it, in a line that goes on behind another mark.
    pub(super) to_go_on_with: Option<(String, String)>,
    /// The line answers a question.
    pub(super) answering: bool,
    /// A bracket and the one that belongs to it are shown.
    pub(super) matched: bool,
    /// The line is drawn for the last time, as it stays.
    pub(super) is_left: bool,
    /// There was no room for its end when it was drawn last.
    pub(super) is_cut: bool,
    /// The last key begins another line of the same text.
    pub(super) is_continued: bool,
    /// The last key was Ctrl-C on an empty line.
    pub(super) interrupted: bool,
    /// What the line was before a newline that is no part of it: Enter found it unfinished and added one, or a paste ended with
    /// one.
    pub(super) without_newline: Option<String>,
    pub(super) history: History,
    pub(super) bindings: KeyBindings,
    /// Where the keys are vi's.
    pub(super) vi: Option<ViKeys>,
}

/// A key that waits for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Prefix {
    /// Ctrl-X.
    Extended,
    /// Ctrl-], for a character ahead.
    Find,
    /// Alt-Ctrl-], for one behind.
    FindBackward,
}

impl LineState {
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Another line begins.
    pub(super) fn begin(&self) {
        let mut state = self.lock();
        let (history, mut vi) = (std::mem::take(&mut state.history), state.vi.take());
        vi.iter_mut().for_each(ViKeys::begin);
        let (running, bindings) = (std::mem::take(&mut state.running), std::mem::take(&mut state.bindings));
        *state = State { history, vi, running, bindings, ..State::default() };
    }
}

impl State {
    /// Ends the command that was started last of those that are running. Returns whether there was one.
    pub(super) fn stop_running(&mut self) -> bool {
        while let Some(running) = self.running.pop() {
            if running.stop() {
                return true;
            }
        }
        false
    }

    /// Whether the line's last newline is no part of it.
    pub(super) fn has_another_newline(&self, line: &str) -> bool {
        self.without_newline.is_some() && self.without_newline.as_deref() == line.strip_suffix('\n')
    }

    /// Whether what ends the line now only ends one of several.
    pub(super) fn goes_on(&self, line: &str) -> bool {
        self.is_continued || (!self.has_another_newline(line) && continuation::is_unfinished(line))
    }

    /// The message that the line makes.
    pub(super) fn message(&self, line: &str) -> String {
        let is_more = self.has_another_newline(line);
        let message = continuation::message(line, is_more);
        // Where lines end in CR LF, the last does so, too.
        let carriage_return = line_text::stand_in(b'\r');
        match message.strip_suffix(carriage_return).filter(|_| is_more && self.pasted) {
            Some(message) => message.to_owned(),
            None => message,
        }
    }

    /// What is shown behind the line about its keys.
    pub(super) fn hint(&self) -> Option<String> {
        let count = || self.count.map(|count| format!("  ({})", Count(count.into(), "time")));
        let recall = || self.recall.as_ref().and_then(Recall::hint);
        self.search.as_ref().map(Search::hint).or_else(recall).or_else(count)
    }
}
