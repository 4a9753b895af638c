//! An attempt to connect, on a thread of its own: the connection that is open goes on meanwhile, and the keyboard is heard.

use std::io;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::connect_facts::Facts;
use crate::client::Client;
use crate::commands::prompt::command::ConnectTarget;
use crate::error::Error;
use crate::net::{Dialed, Interrupt, Timing, Waker};

/// The client, and the attempt that it makes.
#[derive(Debug)]
pub(super) struct ConnectThread {
    /// Whoever makes an attempt holds it.
    client: Arc<Mutex<Client>>,
    under_way: Option<CurrentAttempt>,
    /// Wakes whoever awaits the outcome.
    waker: Waker,
}

#[derive(Debug)]
struct CurrentAttempt {
    url: String,
    cancel: Waker,
    is_cancelled: bool,
    outcome: Receiver<ConnectOutcome>,
}

/// What has come of an attempt.
#[derive(Debug)]
pub(super) struct ConnectOutcome {
    /// Where it led, behind all redirects.
    pub(super) url: String,
    pub(super) facts: Facts,
    pub(super) dialed: Result<(Dialed, Timing), Error>,
}

/// An attempt that has begun.
#[derive(Debug)]
pub(super) struct Begun {
    pub(super) url: String,
    /// Secrets stay behind that were given for another origin.
    pub(super) withholds: bool,
}

impl ConnectThread {
    pub(super) fn new(client: Client, waker: Waker) -> Self {
        Self { client: Arc::new(Mutex::new(client)), under_way: None, waker }
    }

    /// Begins an attempt, where none is under way: to another URL, or to the same again.
    ///
    /// # Errors
    /// What is no WebSocket URL, and when there are no descriptors or threads left.
    pub(super) fn begin(&mut self, to: Option<&ConnectTarget>) -> Result<Begun, Error> {
        let mut client = lock(&self.client);
        let withholds = to.map(|to| client.retarget(&to.url, to.keep_credentials)).transpose()?.unwrap_or_default();
        let url = client.url();
        drop(client);
        self.under_way = Some(self.set_out(url.clone()).map_err(|why| Error::System { doing: "connecting", why })?);
        Ok(Begun { url, withholds })
    }

    fn set_out(&self, url: String) -> io::Result<CurrentAttempt> {
        let (cancel, cancelled) = Waker::pair()?;
        let (told, outcome) = channel();
        let (client, waker) = (Arc::clone(&self.client), self.waker.clone());
        let dial = move || {
            let mut client = lock(&client);
            let mut facts = Facts::default();
            let dialed = client.connect(Some(Interrupt::by(&cancelled)), &mut |step| facts.note(step));
            let (url, timing) = (client.last_url(), client.settings().timing);
            drop(client);
            // Nobody asks any more where the program is leaving.
            let _ = told.send(ConnectOutcome { url, facts, dialed: dialed.map(|dialed| (dialed, timing)) });
            waker.wake();
        };
        thread::Builder::new().name("dial".into()).spawn(dial)?;
        Ok(CurrentAttempt { url, cancel, is_cancelled: false, outcome })
    }

    pub(super) fn is_under_way(&self) -> bool {
        self.under_way.is_some()
    }

    /// Where the attempt leads that is under way and wanted.
    pub(super) fn url(&self) -> Option<&str> {
        self.under_way.as_ref().filter(|attempt| !attempt.is_cancelled).map(|attempt| attempt.url.as_str())
    }

    /// Ends the attempt that is under way; its outcome is still to come.
    pub(super) fn cancel(&mut self) {
        if let Some(attempt) = &mut self.under_way {
            attempt.is_cancelled = true;
            attempt.cancel.wake();
        }
    }

    /// What has come of the attempt, once.
    pub(super) fn take_outcome(&mut self) -> Option<ConnectOutcome> {
        let attempt = self.under_way.as_ref()?;
        let mut outcome = attempt.outcome.try_recv().ok()?;
        if attempt.is_cancelled {
            // It may have been too late for that.
            outcome.dialed = Err(Error::Interrupted);
        }
        self.under_way = None;
        Some(outcome)
    }

    /// Leads where it did before the last attempt, from now on.
    pub(super) fn turn_back(&mut self) {
        if self.under_way.is_none() {
            lock(&self.client).turn_back();
        }
    }
}

fn lock(client: &Mutex<Client>) -> MutexGuard<'_, Client> {
    client.lock().unwrap_or_else(PoisonError::into_inner)
}
