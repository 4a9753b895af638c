//! What the prompt's state line tells, shared by the two threads.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::settings::{Toggle, Toggles};

/// The settings, and whether there is a connection. Clones share it.
#[derive(Debug, Clone)]
pub(super) struct Status(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    toggles: Toggles,
    connected: bool,
}

impl Status {
    pub(super) fn new(toggles: Toggles) -> Self {
        Self(Arc::new(Mutex::new(State { toggles, connected: true })))
    }

    pub(super) fn set(&self, toggle: Toggle) {
        self.lock().toggles.set(toggle);
    }

    pub(super) fn set_connected(&self, connected: bool) {
        self.lock().connected = connected;
    }

    /// Runs `read` with the settings as they are now.
    pub(super) fn toggles<T>(&self, read: impl FnOnce(&Toggles) -> T) -> T {
        read(&self.lock().toggles)
    }

    /// The mark that a line is typed behind, below the state line if there is anything to tell.
    pub(super) fn prompt(&self) -> String {
        let state = self.lock();
        let connection = if state.connected { "" } else { "not connected" };
        let toggles = state.toggles.to_string();
        let told: Vec<&str> = [connection, &toggles].into_iter().filter(|words| !words.is_empty()).collect();
        if told.is_empty() { "> ".into() } else { format!("[{}]\n> ", told.join(", ")) }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
