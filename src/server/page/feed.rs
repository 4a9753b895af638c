//! The page's second socket: what the server sees of the page's first, and of any other connection that it follows.
//!
//! The page makes up a token that nobody can guess, opens the observing socket with it, and gives it along when it
//! connects. It is told of every connection that is open, opens or ends while it looks on, and of the frames of one: its own,
//! until it says `{"follow": NUMBER}`. The frames of a connection are observed from the first time that somebody follows it.

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
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The number of each observer, by its token.
    observers: HashMap<String, u64>,
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
    observers: Mutex<BTreeSet<u64>>,
    /// Whether there are any.
    any: AtomicBool,
}

impl Followers {
    /// Set once somebody follows the connection.
    pub(in crate::server) fn any(&self) -> &AtomicBool {
        &self.any
    }

    fn change(&self, change: impl FnOnce(&mut BTreeSet<u64>)) {
        let mut observers = self.observers.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut observers);
        self.any.store(!observers.is_empty(), Ordering::Relaxed);
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has an observer follow this connection, and no other.
    fn follow(&self, observer: u64, wanted: Option<u64>) {
        for (number, Followable { followers, .. }) in &self.lock().connections {
            followers.change(|observers| {
                observers.remove(&observer);
                observers.extend(wanted.filter(|wanted| wanted == number).map(|_| observer));
            });
        }
    }
}

impl Observers {
    pub(in crate::server) fn new(log: &Arc<ServerLog>) -> Self {
        let hub = Arc::new(Hub::new(FLOW, Arc::clone(log)));
        Self { shared: Arc::new(Shared { hub, state: Mutex::default() }) }
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
            followers.change(|observers| observers.extend(page));
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
            let event = json!({"type": "connections", "open": listed});
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

    pub(in crate::server) fn is_followed(&self) -> bool {
        self.followers.any.load(Ordering::Relaxed)
    }

    /// Tells all who look on, each whether it is its own, and keeps what those need who come later.
    pub(in crate::server) fn opened(&self, opened: &Opened<'_>) {
        let url = beginning(&requested_url(opened.secure, opened.request, Secrets::Masked));
        let followable = Followable { peer: opened.peer, url, followers: Arc::clone(&self.followers) };
        let mut state = self.shared.lock();
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
        let posted = Post::text(&event.to_string());
        let observers = self.followers.observers.lock().unwrap_or_else(PoisonError::into_inner);
        for observer in observers.iter() {
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
        self.shared.follow(self.number, None);
    }
}

impl OnMessage for Registration {
    fn message(&mut self, data: &Data<'_>, _speaker: &Subscription) {
        let Some((said, _)) = self.said.push(data) else { return };
        // Anything else means nothing.
        let said: Option<Value> = serde_json::from_slice(&said).ok();
        if let Some(wanted) = said.as_ref().and_then(|said| said.get("follow")) {
            let wanted = wanted.as_u64();
            self.shared.follow(self.number, wanted);
        }
    }
}
