//! What the prompt's state line tells, shared by the two threads.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::saved_messages::target_of;
use super::screen::Screen;
use super::settings::{Setting, Settings};
use super::unshown;
use crate::view::amount::Count;
use crate::view::spans::Style;

/// The settings, and whether there is a connection. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Status(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    settings: Settings,
    connected: bool,
    /// Whom what is typed is for, where there are several.
    addressee: Option<String>,
    /// What saved messages are for.
    target: String,
    /// What was told last, of the connection and of the settings.
    told: (String, String),
}

impl Status {
    pub(crate) fn new(settings: Settings) -> Self {
        let told = Default::default();
        Self(Arc::new(Mutex::new(State { settings, connected: true, addressee: None, target: String::new(), told })))
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

    pub(crate) fn set_target(&self, url: &str) {
        self.lock().target = target_of(url);
    }

    pub(super) fn target(&self) -> String {
        self.lock().target.clone()
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.lock().connected
    }

    /// Runs `read` with the settings as they are now.
    pub(crate) fn settings<T>(&self, read: impl FnOnce(&Settings) -> T) -> T {
        read(&self.lock().settings)
    }

    /// Changes a setting, and tells what it has come to.
    pub(crate) fn change(&self, setting: Setting, screen: &Screen) {
        let hidden = screen.take_hidden();
        self.set(setting);
        screen.set_paused(self.settings(|settings| settings.paused));
        screen.times(|times| times.set(self.settings(|settings| settings.timestamps)));
        self.tell(screen);
        if hidden > 0 {
            screen.note(format_args!("{} not shown so far", Count(hidden, "message")));
        }
    }

    /// Shows the state line, if it is another than before.
    pub(crate) fn tell(&self, screen: &Screen) {
        if let Some(line) = self.news() {
            screen.say(screen.wrapped(Style::Faint, &line));
        }
    }

    /// The state line, where it is another than the one that was told last.
    fn news(&self) -> Option<String> {
        let mut state = self.lock();
        let connection = if state.connected { "" } else { "not connected" };
        let settings = state.settings.to_string();
        let now = (connection.to_owned(), settings);
        let before = std::mem::replace(&mut state.told, now.clone());
        let changed_back = now.1.is_empty() && !before.1.is_empty();
        let words = [now.0.as_str(), if changed_back { "default settings" } else { &now.1 }];
        let words: Vec<&str> = words.into_iter().filter(|words| !words.is_empty()).collect();
        (before != now && !words.is_empty()).then(|| format!("[{}]", words.join(", ")))
    }

    /// The mark that a line is typed behind, with places for what isn't shown.
    pub(crate) fn prompt(&self) -> String {
        let state = self.lock();
        let addressee = state.addressee.as_ref().map_or_else(String::new, |addressee| format!("{addressee} "));
        format!("{addressee}{}> ", unshown::places(state.settings.paused, state.settings.hides()))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_is_told_where_it_has_changed() {
        let status = Status::new(Settings::default());
        assert_eq!(status.news(), None);
        let told = |setting| {
            status.set(setting);
            status.news()
        };
        assert_eq!(told(Setting::Pings(true)).as_deref(), Some("[pings on]"));
        assert_eq!(told(Setting::Pings(true)), None);
        status.set_connected(false);
        assert_eq!(status.news().as_deref(), Some("[not connected, pings on]"));
        assert_eq!(told(Setting::Pings(false)).as_deref(), Some("[not connected, default settings]"));
        status.set_connected(true);
        assert_eq!(status.news(), None);
    }
}
