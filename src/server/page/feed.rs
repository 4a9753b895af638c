//! The page's second socket: what the server sees of the page's first.
//!
//! The page makes up a token that nobody can guess, opens the observing socket with it, and gives it along when it
//! connects; whoever doesn't know the token sees nothing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use crate::server::hub::{Hub, Subscription};
use crate::server::inbox::{Flow, Posted, Slow};
use crate::server::log::ServerLog;
use crate::server::modes::{Behaviour, Declined, OnMessage, Subscriber};
use crate::ws::Data;
use crate::ws::handshake::Request;

/// Where the page observes from.
const PATH: &str = "/.wscli/observe";

/// The parameter of a query that names the observer.
const PARAMETER: &str = "wscli-observer=";

/// A token that can be guessed is none.
const SHORTEST_TOKEN: usize = 22;

/// Everything may wait for a page that is busy, but not without end: then it misses some.
const FLOW: Flow = Flow { limit: 4 << 20, slow: Slow::Drop };

type Tokens = Arc<Mutex<HashMap<String, u64>>>;

/// Those who observe, by token.
#[derive(Debug)]
pub(in crate::server) struct Observers {
    hub: Arc<Hub>,
    tokens: Tokens,
}

/// Somebody who wants to see a connection.
#[derive(Debug)]
pub(in crate::server) struct Watcher {
    hub: Arc<Hub>,
    number: u64,
}

impl Observers {
    pub(in crate::server) fn new(log: &Arc<ServerLog>) -> Self {
        Self { hub: Arc::new(Hub::new(FLOW, Arc::clone(log))), tokens: Tokens::default() }
    }

    /// The token of a request that wants to observe.
    pub(in crate::server) fn token(&self, request: &Request) -> Option<String> {
        let observes = request.wants_upgrade() && request.path() == PATH;
        parameter(request).filter(|_| observes).map(str::to_owned)
    }

    /// Who observes the connection that this request opens.
    pub(in crate::server) fn of(&self, request: &Request) -> Option<Watcher> {
        let number = *lock(&self.tokens).get(parameter(request)?)?;
        Some(Watcher { hub: Arc::clone(&self.hub), number })
    }

    /// Begins to observe.
    pub(in crate::server) fn begin(&self, number: u64, token: &str) -> Box<dyn Behaviour> {
        match self.hub.join(number) {
            Err(error) => Box::new(Declined::new(format!("can't observe: {error}"))),
            Ok(subscription) => {
                lock(&self.tokens).insert(token.to_owned(), number);
                let registration = Registration { token: token.to_owned(), tokens: Arc::clone(&self.tokens) };
                Box::new(Subscriber::new(subscription, registration))
            }
        }
    }
}

fn parameter(request: &Request) -> Option<&str> {
    let parameters = request.query()?.split('&');
    let mut tokens = parameters.filter_map(|parameter| parameter.strip_prefix(PARAMETER));
    tokens.next().filter(|token| token.len() >= SHORTEST_TOKEN)
}

fn lock(tokens: &Tokens) -> std::sync::MutexGuard<'_, HashMap<String, u64>> {
    tokens.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Watcher {
    pub(in crate::server) fn tell(&self, event: &Value) {
        self.hub.post_to(self.number, &Posted::text(&event.to_string()));
    }
}

/// What the page says on its observing socket counts for nothing; when the socket goes, so does the token.
#[derive(Debug)]
struct Registration {
    token: String,
    tokens: Tokens,
}

impl Drop for Registration {
    fn drop(&mut self) {
        lock(&self.tokens).remove(&self.token);
    }
}

impl OnMessage for Registration {
    fn message(&mut self, _data: &Data<'_>, _speaker: &Subscription) {}
}
