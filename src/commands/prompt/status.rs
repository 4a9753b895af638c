//! What the prompt's state line tells, shared by the two threads.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::settings::{Setting, Settings};

/// The settings, and whether there is a connection. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Status(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    settings: Settings,
    connected: bool,
    /// Whom what is typed is for, where there are several.
    addressee: Option<String>,
}

impl Status {
    pub(crate) fn new(settings: Settings) -> Self {
        Self(Arc::new(Mutex::new(State { settings, connected: true, addressee: None })))
    }

    pub(crate) fn set(&self, setting: Setting) {
        self.lock().settings.set(setting);
    }

    pub(crate) fn set_connected(&self, connected: bool) {
        self.lock().connected = connected;
    }

    pub(crate) fn set_addressee(&self, addressee: String) {
        self.lock().addressee = Some(addressee);
    }

    /// Runs `read` with the settings as they are now.
    pub(crate) fn settings<T>(&self, read: impl FnOnce(&Settings) -> T) -> T {
        read(&self.lock().settings)
    }

    /// The mark that a line is typed behind, below the state line if there is anything to tell.
    pub(crate) fn prompt(&self) -> String {
        let state = self.lock();
        let connection = if state.connected { "" } else { "not connected" };
        let settings = state.settings.to_string();
        let told: Vec<&str> = [connection, &settings].into_iter().filter(|words| !words.is_empty()).collect();
        let mark = state.addressee.as_ref().map_or_else(|| "> ".to_owned(), |addressee| format!("{addressee} > "));
        if told.is_empty() { mark } else { format!("[{}]\n{mark}", told.join(", ")) }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
