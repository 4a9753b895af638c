//! The clients that a person talks with, from the side of that person.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::{ClientTap, ConnectedClient};
use crate::script::Rules;
use crate::server::hub::Hub;

/// How they are reached, who is told of them, and what answers them. Clones are the same clients.
#[derive(Debug, Clone)]
pub(crate) struct OperatorHub {
    pub(crate) hub: Arc<Hub>,
    /// Who is told what they do, where that isn't the log.
    pub(crate) audience: Option<Arc<dyn Audience>>,
    pub(crate) rules: Arc<SharedRules>,
}

/// Who is told of the clients as long as they are there.
pub(crate) trait Audience: fmt::Debug + Send + Sync {
    /// A client has come; what happens on its connection is told to what this gives, which is dropped when it ends.
    fn joined(&self, client: &ConnectedClient<'_>) -> Box<dyn ClientTap>;

    /// So many messages are on their way to a client, behind those before them: what rules answer, or what the person has typed.
    fn sends(&self, number: u64, count: usize, by_rule: bool);
}

/// The rules that answer all clients, and may change while they are there.
#[derive(Debug, Default)]
pub(crate) struct SharedRules {
    rules: Mutex<Arc<Rules>>,
    changes: AtomicU64,
}

impl SharedRules {
    /// They hold for the next message of each client.
    pub(crate) fn set(&self, rules: Arc<Rules>) {
        *self.rules.lock().unwrap_or_else(PoisonError::into_inner) = rules;
        self.changes.fetch_add(1, Ordering::Release);
    }

    /// How often they have been changed.
    pub(super) fn changes(&self) -> u64 {
        self.changes.load(Ordering::Acquire)
    }

    /// Those of this moment, and the number of their change: of an older one, where they are just changing.
    pub(super) fn current(&self) -> (u64, Arc<Rules>) {
        let changes = self.changes();
        (changes, Arc::clone(&self.rules.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}
