//! What the prompt's state line tells, shared by the two threads.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::current::{CurrentConnection, FIRST};
use super::saved_messages::target_of;
use super::screen::Screen;
use super::settings::{Setting, SettingScope, Settings, USUAL};
use super::unshown::{self, OfOthers};
use crate::peer_text::Escaped;
use crate::view::amount::{Count, Size};
use crate::view::spans::Style;

/// The settings, and whether there are connections. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Status {
    shared: Arc<Mutex<State>>,
    current: CurrentConnection,
    /// Whose status it is; `None` follows the keyboard.
    connection: Option<u64>,
}

#[derive(Debug)]
struct State {
    /// Those that a connection begins with.
    initial: Arc<Settings>,
    /// How often settings have changed.
    changes: u64,
    connections: BTreeMap<u64, ConnectionState>,
    /// There is another than the first, or was.
    were_several: bool,
    /// Whom what is typed is for, where there are several.
    addressee: Option<String>,
    /// Which settings differed when that was told last.
    told: [Option<String>; USUAL.len()],
    /// What the mark said of the connection when it was asked for last.
    marked: Option<&'static str>,
    /// And which others it had.
    marked_others: Vec<u64>,
}

/// What the line that is typed says of a connection that isn't open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum ConnectionMark {
    /// It is about to be opened.
    #[default]
    None,
    /// It is being opened, and that takes its time.
    Connecting,
    NotConnected,
}

/// What is told of one connection.
#[derive(Debug, Default)]
struct ConnectionState {
    /// Whoever looks at messages by them holds them so long, not the state.
    settings: Arc<Settings>,
    url: String,
    /// What saved messages are for.
    target: String,
    connected: bool,
    /// What the line that is typed says while it isn't connected.
    mark: ConnectionMark,
    /// Messages that came and went while another one was looked at, and their bytes.
    unseen: (u64, u64),
}

impl Status {
    pub(crate) fn new(settings: Settings) -> Self {
        let initial = Arc::new(settings);
        let first = ConnectionState { connected: true, ..ConnectionState::new(&initial) };
        let connections = [(FIRST, first)].into();
        let state = State {
            initial,
            changes: 0,
            connections,
            were_several: false,
            addressee: None,
            told: Default::default(),
            marked: None,
            marked_others: Vec::new(),
        };
        Self { shared: Arc::new(Mutex::new(state)), current: CurrentConnection::default(), connection: None }
    }

    /// That of one connection, which there is from now on.
    pub(crate) fn of(&self, number: u64) -> Self {
        let mut state = self.lock();
        state.were_several |= number != FIRST;
        let State { connections, initial, .. } = &mut *state;
        connections.entry(number).or_insert_with(|| ConnectionState::new(initial));
        drop(state);
        Self { connection: Some(number), ..self.clone() }
    }

    /// Which connection what is typed is for.
    pub(crate) fn current_connection(&self) -> &CurrentConnection {
        &self.current
    }

    /// Its number.
    pub(super) fn current(&self) -> u64 {
        self.current.get()
    }

    /// What is typed is for this one from now on.
    pub(super) fn switch(&self, number: u64) {
        self.current.set(number);
        self.change_connection(number, |connection| connection.unseen = (0, 0));
    }

    /// There is no such connection any more.
    pub(super) fn remove(&self, number: u64) {
        self.lock().connections.remove(&number);
    }

    /// Changes a setting, of this connection or of all, as it is of the one or the others.
    pub(crate) fn set(&self, setting: Setting) {
        let number = self.number();
        let mut state = self.lock();
        state.changes += 1;
        let State { connections, initial, .. } = &mut *state;
        match setting.scope() {
            SettingScope::Connection => {
                connections.get_mut(&number).into_iter().for_each(|connection| connection.set(setting.clone()));
            }
            SettingScope::Prompt => {
                connections.values_mut().for_each(|connection| connection.set(setting.clone()));
                Arc::make_mut(initial).set(setting);
            }
        }
    }

    /// How often settings have changed.
    pub(crate) fn changes(&self) -> u64 {
        self.lock().changes
    }

    /// The number of the connection that this is the status of.
    pub(crate) fn number(&self) -> u64 {
        self.connection.unwrap_or_else(|| self.current())
    }

    fn change_connection(&self, number: u64, change: impl FnOnce(&mut ConnectionState)) {
        if let Some(connection) = self.lock().connections.get_mut(&number) {
            change(connection);
        }
    }

    pub(crate) fn set_connected(&self, connected: bool) {
        self.change_connection(self.number(), |connection| {
            connection.connected = connected;
            if connected {
                connection.mark = ConnectionMark::None;
            }
        });
    }

    /// What is to be said of the connection while it isn't open.
    pub(crate) fn set_mark(&self, mark: ConnectionMark) {
        self.change_connection(self.number(), |connection| connection.mark = mark);
    }

    /// Has the line that is being typed say whether the connection that it is for is open.
    pub(crate) fn show_connection(&self, screen: &Screen) {
        let state = self.lock();
        if self.connection_word(&state) != state.marked || self.others(&state) != state.marked_others {
            screen.renew_mark();
        }
    }

    fn connection_word(&self, state: &State) -> Option<&'static str> {
        let connection = state.connections.get(&self.current()).filter(|connection| !connection.connected)?;
        match connection.mark {
            ConnectionMark::None => None,
            ConnectionMark::Connecting => Some("connecting"),
            // The first attempt is over before anybody could read of it.
            ConnectionMark::NotConnected => (!connection.url.is_empty()).then_some("not connected"),
        }
    }

    /// Where the connection leads, for lists of them.
    pub(crate) fn set_url(&self, url: String) {
        self.change_connection(self.number(), |connection| connection.url = url);
    }

    /// What tells this connection from others, where there are any, or were.
    pub(crate) fn mark_among_several(&self) -> Option<String> {
        self.lock().were_several.then(|| format!("[{}] ", self.number()))
    }

    /// Whether another connection is looked at.
    pub(crate) fn is_in_background(&self) -> bool {
        self.number() != self.current()
    }

    /// Shows which connection is looked at, and how many messages the others have.
    pub(crate) fn count_others(&self, screen: &Screen) {
        // Whoever counts last shows it last.
        let state = self.lock();
        screen.set_current(self.current(), self.unseen_elsewhere(&state));
    }

    /// How many messages of this connection were not shown, since another one is looked at.
    pub(super) fn unseen(&self, number: u64) -> u64 {
        self.lock().connections.get(&number).map_or(0, |connection| connection.unseen.0)
    }

    fn unseen_elsewhere(&self, state: &State) -> OfOthers {
        let current = self.current();
        let others = state.connections.iter().filter(|(number, _)| **number != current);
        others.map(|(number, other)| (*number, other.unseen.0)).collect()
    }

    /// The numbers of the others, where there are any.
    fn others(&self, state: &State) -> Vec<u64> {
        let current = self.current();
        if state.connections.len() < 2 {
            return Vec::new();
        }
        state.connections.keys().copied().filter(|number| *number != current).collect()
    }

    /// A message of so many bytes was not shown, since another connection is looked at.
    pub(crate) fn add_unseen(&self, bytes: u64) {
        self.change_connection(self.number(), |ConnectionState { unseen: (messages, all), .. }| {
            *messages += 1;
            *all += bytes;
        });
    }

    pub(crate) fn set_addressee(&self, addressee: String) {
        self.lock().addressee = Some(addressee);
    }

    /// What is typed is for nobody any more, if it was for this one.
    pub(crate) fn client_left(&self, number: u64) {
        let addressee = &mut self.lock().addressee;
        if addressee.as_deref() == Some(&format!("[{number}]")) {
            *addressee = Some(format!("[{number} gone]"));
        }
    }

    pub(crate) fn set_target(&self, url: &str) {
        self.change_connection(self.number(), |connection| connection.target = target_of(url));
    }

    /// What saved messages are for.
    pub(super) fn target(&self) -> String {
        let number = self.number();
        self.lock().connections.get(&number).map(|connection| connection.target.clone()).unwrap_or_default()
    }

    pub(crate) fn is_connected(&self) -> bool {
        let number = self.number();
        self.lock().connections.get(&number).is_some_and(|connection| connection.connected)
    }

    /// Which connections are open.
    pub(crate) fn connected(&self) -> Vec<u64> {
        let state = self.lock();
        state.connections.iter().filter(|(_, connection)| connection.connected).map(|(number, _)| *number).collect()
    }

    /// The connections, a line each.
    pub(super) fn list(&self) -> Vec<String> {
        let current = self.current();
        let state = self.lock();
        let line = |(number, connection): (&u64, &ConnectionState)| {
            let mark = if *number == current { "here" } else { "" };
            let words = match connection.connected {
                true => "",
                false if connection.url.is_empty() => "connecting",
                false => "not connected",
            };
            let unseen = connection.unseen_words().unwrap_or_default();
            let said: Vec<_> = [mark, words, &unseen].into_iter().filter(|words| !words.is_empty()).collect();
            let said = if said.is_empty() { String::new() } else { format!("({})", said.join(", ")) };
            let url = Escaped(&connection.url).to_string();
            let space = if url.is_empty() || said.is_empty() { "" } else { "  " };
            format!("[{number}] {url}{space}{said}")
        };
        state.connections.iter().map(line).collect()
    }

    /// Runs `read` with the settings of this connection as they are now.
    pub(crate) fn settings<T>(&self, read: impl FnOnce(&Settings) -> T) -> T {
        let number = self.number();
        // What is read by them may be a large message: the keyboard and other connections don't wait for that.
        let settings = Arc::clone(self.lock().settings_of(number));
        read(&settings)
    }

    /// Changes a setting, and tells what it has come to.
    pub(crate) fn change(&self, setting: Setting, screen: &Screen) {
        let hidden = if setting.selects() && !self.is_in_background() { screen.take_hidden() } else { 0 };
        self.set(setting);
        screen.set_paused(self.settings(|settings| settings.paused));
        screen.times(|times| times.set(self.settings(|settings| settings.timestamps)));
        self.tell(screen);
        if hidden > 0 {
            screen.note(format_args!("{} not shown so far", Count(hidden, "message")));
        }
    }

    /// Shows the state line of the connection that is looked at, if it is another than the last.
    pub(crate) fn tell(&self, screen: &Screen) {
        if let Some(line) = self.news() {
            screen.say(screen.wrapped(Style::Faint, &line));
        }
    }

    /// The state line, where it is another than the one that was told last.
    fn news(&self) -> Option<String> {
        let mut state = self.lock();
        let now = state.settings_of(self.current()).differing();
        let before = std::mem::replace(&mut state.told, now.clone());
        if before == now {
            return None;
        }
        // What is as in the beginning is told when it has become so.
        let changed = before.iter().zip(&now).zip(USUAL);
        let changed = changed.filter_map(|((before, now), usual)| now.as_deref().or(before.as_ref().map(|_| usual)));
        let words: Vec<&str> = changed.collect();
        (!words.is_empty()).then(|| format!("[{}]", words.join(", ")))
    }

    /// The mark that a line is typed behind, with places for what isn't shown.
    pub(crate) fn prompt(&self) -> String {
        let mut state = self.lock();
        state.marked = self.connection_word(&state);
        state.marked_others = self.others(&state);
        let several = state.connections.len() > 1;
        let addressee = match (&state.addressee, state.connections.last_key_value()) {
            (Some(addressee), _) => format!("{addressee} "),
            (None, Some((highest, _))) if several => unshown::place_of_current(*highest),
            _ => String::new(),
        };
        let settings = state.settings_of(self.current());
        let (paused, hides) = (settings.paused, settings.hides());
        format!("{addressee}{}> ", unshown::places(state.marked, &state.marked_others, paused, hides))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Those of a connection; of one that has just gone, what it began with.
    fn settings_of(&self, number: u64) -> &Arc<Settings> {
        self.connections.get(&number).map_or(&self.initial, |connection| &connection.settings)
    }
}

impl ConnectionState {
    fn new(settings: &Arc<Settings>) -> Self {
        Self { settings: Arc::clone(settings), ..Self::default() }
    }

    fn set(&mut self, setting: Setting) {
        Arc::make_mut(&mut self.settings).set(setting);
    }

    fn unseen_words(&self) -> Option<String> {
        let (messages, bytes) = self.unseen;
        (messages > 0).then(|| format!("{}, {}", Count(messages, "message"), Size(bytes as f64)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_is_told_where_it_has_changed() {
        let status = Status::new(Settings::default());
        status.set_url("ws://a/".into());
        assert_eq!(status.news(), None);
        let told = |setting| {
            status.set(setting);
            status.news()
        };
        assert_eq!(told(Setting::Pings(true)).as_deref(), Some("[pings on]"));
        assert_eq!(told(Setting::Pings(true)), None);
        assert_eq!(told(Setting::Pings(false)).as_deref(), Some("[pings off]"));
    }

    #[test]
    fn the_mark_says_whether_the_connection_is_open() {
        let status = Status::new(Settings::default());
        status.set_connected(false);
        assert_eq!(status.prompt(), "> ");
        status.set_mark(ConnectionMark::Connecting);
        assert_eq!(status.prompt(), "[connecting] > ");
        status.set_url("ws://a/".into());
        status.set_connected(true);
        assert_eq!(status.prompt(), "> ");
        status.set_connected(false);
        // Another one may be there at once.
        assert_eq!(status.prompt(), "> ");
        status.set_mark(ConnectionMark::NotConnected);
        assert_eq!(status.prompt(), "[not connected] > ");
    }

    #[test]
    fn nobody_waits_for_who_looks_at_messages_by_the_settings() {
        let status = Status::new(Settings::default());
        let other = status.clone();
        let (told, heard) = std::sync::mpsc::channel();
        let is_heard = status.settings(|_| {
            std::thread::spawn(move || told.send(other.is_connected()));
            heard.recv_timeout(std::time::Duration::from_secs(20))
        });
        assert_eq!(is_heard, Ok(true));
    }

    #[test]
    fn what_others_have_is_counted_until_they_are_looked_at() {
        let status = Status::new(Settings::default());
        let second = status.of(2);
        let others = |status: &Status| status.prompt().matches('\u{2006}').count();
        assert_eq!((others(&status), status.is_connected(), second.is_connected()), (5, true, false));
        // While it is opened nothing is lost.
        status.switch(2);
        assert_eq!(status.news(), None);
        status.switch(1);
        second.set_connected(true);
        second.set_url("ws://b/".into());
        second.add_unseen(7);
        second.add_unseen(3);
        assert_eq!((status.news(), status.unseen_elsewhere(&status.lock())), (None, [(2, 2)].into_iter().collect()));
        assert_eq!(status.list(), ["[1] (here)", "[2] ws://b/  (2 messages, 10 B)"]);
        status.switch(2);
        assert_eq!(
            (second.is_in_background(), status.unseen_elsewhere(&status.lock())),
            (false, [(1, 0)].into_iter().collect())
        );
        assert!(status.prompt().starts_with("[\u{2005}] [others "));
        assert_eq!(status.list(), ["[1] ", "[2] ws://b/  (here)"]);
        status.switch(1);
        status.remove(2);
        assert_eq!(status.prompt(), "> ");
    }
}
