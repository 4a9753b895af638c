//! The page's second socket: what the server sees of the page's first, and of any other connection that it follows.
//!
//! The page makes up a token that nobody can guess, opens the observing socket with it, and gives it along when it
//! connects. It is told of every connection that is open, opens or ends while it looks on, and of the frames of one: its own,
//! until it says `{"follow": NUMBER}`. The frames of a connection are observed from the first time that somebody follows it.
//! At a proxy, what messages say is told too, shortened, and with `{"follow": "all"}` that of all connections, without frames.
//! A page that doesn't take all of it misses some, and is told how much once it takes more (`missed`).

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use crate::http::Secrets;
use crate::net::Peer;
use crate::server::hub::{Hub, Subscription};
use crate::server::inbox::{Flow, Slow};
use crate::server::log::{Ended, Opened, ServerLog, requested_url};
use crate::server::modes::{Behaviour, Declined, OnMessage, Subscriber};
use crate::server::post::Post;
use crate::trace::connection_lines::{ConnectionLine, Milestone};
use crate::ws::handshake::Request;
use crate::ws::{Beginning, Data, prefix};

/// Where the page observes from.
const PATH: &str = "/.wscli/observe";

/// Everything may wait for a page that is busy, but not without end: then it misses some.
const FLOW: Flow = Flow { limit: 4 << 20, slow: Slow::Drop };

/// The longest message that a page has to say, in bytes.
const LONGEST: usize = 1024;

/// Connections that a page is told of at once.
const LISTED: usize = 20;

/// What is told of each text that a client has chosen, in bytes, and of a list the texts: a head may have 64 KiB of them. The
/// path is kept for as long as the connection is open.
const SHOWN: usize = 256;
const SHOWN_OF_A_LIST: usize = 8;

/// Those who look on, and what they can follow.
#[derive(Debug)]
pub(in crate::server) struct Observers {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    hub: Arc<Hub>,
    /// What messages say is told, of all connections if that is wanted.
    tells_messages: bool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The number of each observer, by its token.
    observers: HashMap<String, u64>,
    /// Those that follow all connections.
    of_all: BTreeSet<u64>,
    /// Open connections, by their numbers.
    connections: BTreeMap<u64, Followable>,
}

/// What of a connection is kept for those who come later.
#[derive(Debug)]
struct Followable {
    peer: Peer,
    url: String,
    followers: Arc<Followers>,
}

/// Those who follow one connection.
#[derive(Debug, Default)]
pub(in crate::server) struct Followers {
    /// With whether each sees the frames, too.
    observers: Mutex<BTreeMap<u64, bool>>,
    /// Whether there are any.
    any: AtomicBool,
    /// Whether any of them sees the frames.
    any_of_frames: AtomicBool,
}

/// What a page wants to be told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Followed {
    Nothing,
    One(u64),
    All,
}

impl Followed {
    fn of(said: &Value, may_be_all: bool) -> Self {
        match said.as_u64() {
            Some(number) => Self::One(number),
            None if may_be_all && said == "all" => Self::All,
            None => Self::Nothing,
        }
    }

    /// Whether that is this connection too, and then whether with its frames.
    fn has(self, number: u64) -> Option<bool> {
        match self {
            Self::One(wanted) => (wanted == number).then_some(true),
            Self::All => Some(false),
            Self::Nothing => None,
        }
    }
}

impl Followers {
    /// Set once somebody follows the connection.
    pub(in crate::server) fn any(&self) -> &AtomicBool {
        &self.any
    }

    fn change(&self, change: impl FnOnce(&mut BTreeMap<u64, bool>)) {
        let mut observers = self.observers.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut observers);
        self.any.store(!observers.is_empty(), Ordering::Relaxed);
        self.any_of_frames.store(observers.values().any(|sees_frames| *sees_frames), Ordering::Relaxed);
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has an observer follow this, and nothing else.
    fn follow(&self, observer: u64, wanted: Followed) {
        let mut state = self.lock();
        state.of_all.remove(&observer);
        if wanted == Followed::All {
            state.of_all.insert(observer);
        }
        for (number, Followable { followers, .. }) in &state.connections {
            followers.change(|observers| {
                observers.remove(&observer);
                observers.extend(wanted.has(*number).map(|sees_frames| (observer, sees_frames)));
            });
        }
    }
}

impl Observers {
    /// `tells_messages`: also what messages say, of all connections if that is wanted.
    pub(in crate::server) fn new(log: &Arc<ServerLog>, tells_messages: bool) -> Self {
        let hub = Arc::new(Hub::new(FLOW, Arc::clone(log)));
        Self { shared: Arc::new(Shared { hub, tells_messages, state: Mutex::default() }) }
    }

    /// Whether a request with a token wants to observe.
    pub(in crate::server) fn is_wanted_by(request: &Request) -> bool {
        request.wants_upgrade() && request.path() == PATH
    }

    /// For those who look on at the connection that is opened with this token, or will.
    pub(in crate::server) fn of(&self, number: u64, token: Option<&str>) -> Watcher {
        let page = token.and_then(|token| self.shared.lock().observers.get(token).copied());
        let followers = Arc::<Followers>::default();
        if page.is_some() {
            followers.change(|observers| observers.extend(page.map(|page| (page, true))));
        }
        Watcher { shared: Arc::clone(&self.shared), number, page, followers }
    }

    /// Begins to observe.
    pub(in crate::server) fn begin(&self, number: u64, token: &str) -> Box<dyn Behaviour> {
        let subscription = match self.shared.hub.join(number) {
            Ok(subscription) => subscription,
            Err(error) => return Box::new(Declined::new(format!("can't observe: {error}"))),
        };
        let mut state = self.shared.lock();
        state.observers.insert(token.to_owned(), number);
        let open: Vec<_> = state.connections.iter().map(listed).collect();
        // None at all is a list too.
        for listed in open.chunks(LISTED).chain(open.is_empty().then_some(&open[..])) {
            let mut event = json!({"type": "connections", "open": listed});
            if self.shared.tells_messages {
                event["messages"] = true.into();
            }
            self.shared.hub.post_to(number, &Post::text(&event.to_string()));
        }
        drop(state);
        let (token, shared) = (token.to_owned(), Arc::clone(&self.shared));
        Box::new(Subscriber::new(subscription, Registration { number, token, shared, said: Beginning::new(LONGEST) }))
    }
}

fn listed((number, Followable { peer, url, .. }): (&u64, &Followable)) -> Value {
    json!({"connection": number, "address": peer.to_string(), "url": url})
}

/// Tells those who look on what becomes of one connection.
#[derive(Debug)]
pub(in crate::server) struct Watcher {
    shared: Arc<Shared>,
    number: u64,
    /// The observer whose page has opened the connection.
    page: Option<u64>,
    followers: Arc<Followers>,
}

impl Watcher {
    pub(in crate::server) fn is_page(&self) -> bool {
        self.page.is_some()
    }

    pub(in crate::server) fn followers(&self) -> &Arc<Followers> {
        &self.followers
    }

    /// Whether what messages say is told.
    pub(in crate::server) fn tells_messages(&self) -> bool {
        self.shared.tells_messages
    }

    pub(in crate::server) fn is_followed(&self) -> bool {
        self.followers.any.load(Ordering::Relaxed)
    }

    /// Whether somebody who follows it sees its frames.
    pub(in crate::server) fn shows_frames(&self) -> bool {
        self.followers.any_of_frames.load(Ordering::Relaxed)
    }

    /// Tells all who look on, each whether it is its own, and keeps what those need who come later.
    pub(in crate::server) fn opened(&self, opened: &Opened<'_>) {
        let url = beginning(&requested_url(opened.secure, opened.request, Secrets::Masked));
        let followable = Followable { peer: opened.peer, url, followers: Arc::clone(&self.followers) };
        let mut state = self.shared.lock();
        self.followers.change(|observers| {
            for observer in &state.of_all {
                observers.entry(*observer).or_insert(false);
            }
        });
        state.connections.insert(self.number, followable);
        if state.observers.is_empty() {
            return;
        }
        let mut event = self.line(Milestone::Opened(Box::new(opened.line_without_heads(Secrets::Masked))));
        shorten(&mut event);
        for observer in state.observers.values() {
            event["yours"] = (self.page == Some(*observer)).into();
            self.shared.hub.post_to(*observer, &Post::text(&event.to_string()));
        }
    }

    /// The line that a recording would have of the connection's opening or end.
    fn line(&self, milestone: Milestone) -> Value {
        // Strings and numbers can always be written.
        serde_json::to_value(ConnectionLine::new(Some(self.number), milestone)).unwrap_or_default()
    }

    /// Tells those who follow the connection.
    pub(in crate::server) fn tell(&self, event: &mut Value) {
        event["connection"] = self.number.into();
        let is_of_frame = event["type"] == "frame";
        let posted = Post::text(&event.to_string());
        let observers = self.followers.observers.lock().unwrap_or_else(PoisonError::into_inner);
        for (observer, _) in observers.iter().filter(|(_, sees_frames)| **sees_frames || !is_of_frame) {
            self.shared.hub.post_to(*observer, &posted);
        }
    }

    /// Tells all who look on.
    pub(in crate::server) fn ended(&self, ended: &Ended) {
        if self.shared.lock().observers.is_empty() {
            return;
        }
        let event = self.line(Milestone::Closed(Box::new(ended.closed_line())));
        self.shared.hub.post(&Post::text(&event.to_string()), None);
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.shared.lock().connections.remove(&self.number);
    }
}

/// As much of a text as is told.
fn beginning(text: &str) -> String {
    let shown = prefix(text, SHOWN);
    if shown.len() < text.len() { format!("{shown}…") } else { text.to_owned() }
}

/// Leaves of every text its beginning.
fn shorten(value: &mut Value) {
    match value {
        Value::String(text) => *text = beginning(text),
        Value::Array(values) => {
            values.truncate(SHOWN_OF_A_LIST);
            values.iter_mut().for_each(shorten);
        }
        Value::Object(members) => members.values_mut().for_each(shorten),
        _ => {}
    }
}

/// What the page says on its observing socket; when the socket goes, so does the token.
#[derive(Debug)]
struct Registration {
    number: u64,
    token: String,
    shared: Arc<Shared>,
    said: Beginning,
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.shared.lock().observers.remove(&self.token);
        self.shared.follow(self.number, Followed::Nothing);
    }
}

impl OnMessage for Registration {
    fn missed(&self, count: u64) -> Option<String> {
        Some(json!({"type": "missed", "count": count}).to_string())
    }

    fn message(&mut self, data: &Data<'_>, _speaker: &Subscription) {
        let Some((said, _)) = self.said.push(data) else { return };
        // Anything else means nothing.
        let said: Option<Value> = serde_json::from_slice(&said).ok();
        if let Some(wanted) = said.as_ref().and_then(|said| said.get("follow")) {
            self.shared.follow(self.number, Followed::of(wanted, self.shared.tells_messages));
        }
    }
}
