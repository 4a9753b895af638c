//! Connections that can be reached from other threads, by number.

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::end_reason::ModeEnd;
use super::inbox::{Delivery, Flow, Inbox};
use super::log::ServerLog;
use super::post::{Allowance, Post};
use crate::trace::stats::QueuedMessages;
use crate::ws::Close;

/// The inboxes of connections, by which other threads reach them.
#[derive(Debug)]
pub(crate) struct Hub {
    flow: Flow,
    /// For messages of which one is over the limit of `flow`.
    allowance: Allowance,
    members: Mutex<BTreeMap<u64, Arc<Inbox>>>,
    joined: Condvar,
    /// What is posted goes uncompressed.
    is_plain: AtomicBool,
    log: Arc<ServerLog>,
}

/// A connection's membership, which ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Subscription {
    pub(crate) hub: Arc<Hub>,
    pub(crate) number: u64,
    pub(crate) inbox: Arc<Inbox>,
}

impl Hub {
    pub(crate) fn new(flow: Flow, log: Arc<ServerLog>) -> Self {
        Self {
            flow,
            allowance: Allowance::default(),
            members: Mutex::default(),
            joined: Condvar::new(),
            is_plain: AtomicBool::new(false),
            log,
        }
    }

    /// # Errors
    /// When there are no file descriptors left.
    pub(crate) fn join(self: &Arc<Self>, number: u64) -> io::Result<Subscription> {
        let inbox = Arc::new(Inbox::new(self.flow)?);
        self.lock().insert(number, Arc::clone(&inbox));
        self.joined.notify_all();
        Ok(Subscription { hub: Arc::clone(self), number, inbox })
    }

    /// Sends to everyone but `except`; returns to how many.
    pub(crate) fn post(&self, post: &Post, except: Option<u64>) -> usize {
        let admitted = self.admits(post);
        let (mut reached, mut slow) = (0, Vec::new());
        // Held throughout, so that everyone gets what two threads post in the same order.
        for (&number, inbox) in self.lock().iter().filter(|(number, _)| Some(**number) != except) {
            slow.extend(deliver(inbox, post, admitted).then_some(number));
            reached += 1;
        }
        self.tell_of_slow(slow);
        reached
    }

    /// Sends to one; false if it isn't here.
    pub(crate) fn post_to(&self, number: u64, post: &Post) -> bool {
        let Some(inbox) = self.lock().get(&number).cloned() else { return false };
        let is_slow = deliver(&inbox, post, self.admits(post));
        self.tell_of_slow(is_slow.then_some(number));
        true
    }

    /// Closes one; false if it isn't here.
    pub(crate) fn close(&self, number: u64, close: Close, cause: ModeEnd) -> bool {
        let Some(inbox) = self.lock().get(&number).cloned() else { return false };
        inbox.post_close(close, cause);
        true
    }

    /// Closes everyone; returns how many.
    pub(crate) fn close_all(&self, close: &Close, cause: &ModeEnd) -> usize {
        let members = self.lock();
        members.values().for_each(|inbox| inbox.post_close(close.clone(), cause.clone()));
        members.len()
    }

    /// Has what is posted compressed, where that was negotiated, or not.
    pub(crate) fn set_compress(&self, on: bool) {
        self.is_plain.store(!on, Ordering::Relaxed);
    }

    pub(crate) fn compresses(&self) -> bool {
        !self.is_plain.load(Ordering::Relaxed)
    }

    /// Whether one, or without a number all, have sent what was posted to them.
    pub(crate) fn is_caught_up(&self, number: Option<u64>) -> bool {
        let members = self.lock();
        let mut meant = members.iter().filter(|(member, _)| number.is_none_or(|number| number == **member));
        meant.all(|(_, inbox)| inbox.is_empty())
    }

    /// What waits to be encoded for one.
    pub(crate) fn queued(&self, number: u64) -> QueuedMessages {
        self.lock().get(&number).map(|inbox| inbox.queued()).unwrap_or_default()
    }

    pub(crate) fn numbers(&self) -> Vec<u64> {
        self.lock().keys().copied().collect()
    }

    /// Waits until somebody is here.
    pub(crate) fn wait_for_somebody(&self) {
        let members = self.lock();
        drop(self.joined.wait_while(members, |members| members.is_empty()));
    }

    /// What isn't a message is nobody's but the person's who has typed it.
    fn admits(&self, post: &Post) -> bool {
        match post {
            Post::Message(message) => message.content.len() <= self.flow.limit || self.allowance.admits(message),
            Post::Item(_) | Post::Close(..) => true,
        }
    }

    /// Not while the members are held: the log may have to wait for its reader.
    fn tell_of_slow(&self, slow: impl IntoIterator<Item = u64>) {
        slow.into_iter().for_each(|number| self.log.slow(number, self.flow.slow));
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<Inbox>>> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns whether it is the first that is dropped, since the connection reads too slowly.
fn deliver(inbox: &Inbox, post: &Post, admitted: bool) -> bool {
    let delivery = if admitted { inbox.post(post.clone()) } else { inbox.refuse() };
    delivery == Delivery::FirstDropped
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.hub.lock().remove(&self.number);
    }
}
