//! An attempt to connect, on a thread of its own: the connection that is open goes on meanwhile, and the keyboard is heard.

use std::io;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::{Prepared, prepare};
use crate::advice;
use crate::client::{Answers, Client, ConnectFacts, NextCredentials, RequestChange};
use crate::commands::connect::config::{Config, Exchange};
use crate::commands::connect::lines::{CommandLines, ConnectLine};
use crate::commands::prompt::command::ConnectRequest;
use crate::commands::prompt::command_table;
use crate::commands::prompt::questions::Nobody;
use crate::error::Error;
use crate::http::Secrets;
use crate::net::target::Target;
use crate::net::{Dialed, Interrupt, Timing, Waker, Woken};
use crate::stdio::console::Console;
use crate::stdio::password::AskSecret;

/// The client, and the attempt that it makes.
#[derive(Debug)]
pub(super) struct ConnectThread {
    setup: ConnectSetup,
    /// Whoever makes an attempt holds it. There is none before the first line could be read.
    client: Option<Arc<Mutex<Client>>>,
    /// What requests are to say otherwise, where the client is busy.
    changes: Vec<RequestChange>,
    /// Where it leads.
    destination: Option<Target>,
    /// The one that led where the connection is that is open.
    before: Option<Arc<Mutex<Client>>>,
    under_way: Option<CurrentAttempt>,
    /// Wakes whoever awaits the outcome.
    waker: Waker,
}

/// What every way is found with.
#[derive(Debug, Clone)]
pub(in crate::commands::connect) struct ConnectSetup {
    /// What reads lines.
    pub(in crate::commands::connect) lines: Arc<dyn CommandLines>,
    pub(super) console: Console,
    pub(super) answers: Answers,
    /// The end of every attempt.
    pub(super) latest: Option<Instant>,
}

#[derive(Debug)]
struct CurrentAttempt {
    cancel: Waker,
    is_cancelled: bool,
    outcome: Receiver<ConnectOutcome>,
}

/// What has come of an attempt.
#[derive(Debug)]
pub(super) struct ConnectOutcome {
    /// Where it led, behind all redirects.
    pub(super) url: String,
    pub(super) facts: ConnectFacts,
    pub(super) dialed: Result<(Dialed, Timing), Error>,
    /// How the connection is talked on, where that was asked for anew.
    pub(super) manner: Option<Box<Manner>>,
    /// The client of a line.
    client: Option<Arc<Mutex<Client>>>,
}

/// How a connection is talked on.
#[derive(Debug)]
pub(super) struct Manner {
    pub(super) exchange: Exchange,
    pub(super) prepared: Prepared,
    pub(super) secrets: Secrets,
}

/// A line, as far as it comes before anything is connected.
struct Planned {
    client: Client,
    manner: Box<Manner>,
    /// What was given before and isn't sent there, in words.
    withheld: Vec<String>,
}

impl ConnectThread {
    pub(super) fn new(setup: ConnectSetup, client: Option<Client>, waker: Waker) -> Self {
        let destination = client.as_ref().map(|client| client.destination().clone());
        let client = client.map(|client| Arc::new(Mutex::new(client)));
        Self { setup, client, changes: Vec::new(), destination, before: None, under_way: None, waker }
    }

    /// Begins an attempt, where none is under way: by a line, or to the same again. `is_announced`: where it leads is said first.
    ///
    /// # Errors
    /// When there are no descriptors or threads left.
    pub(super) fn begin(&mut self, to: Option<ConnectRequest>, is_announced: bool) -> Result<(), Error> {
        self.make_changes();
        let begun = self.set_out(to, is_announced).map_err(|why| Error::System { doing: "connecting", why })?;
        self.under_way = Some(begun);
        Ok(())
    }

    fn set_out(&self, mut to: Option<ConnectRequest>, is_announced: bool) -> io::Result<CurrentAttempt> {
        if let Some(path) = to.as_mut().and_then(ConnectRequest::path)
            && let Some(destination) = &self.destination
        {
            *path = destination.url_of(path);
        }
        let (cancel, cancelled) = Waker::pair()?;
        let (told, outcome) = channel();
        let (setup, same, waker) = (self.setup.clone(), self.client.clone(), self.waker.clone());
        let dial = move || {
            let interrupt = Interrupt::by(&cancelled);
            let attempted = match to.map(|request| setup.plan(request, &cancelled)) {
                None => match same {
                    Some(same) => setup.dial(&same, interrupt, is_announced, &[]),
                    None => ConnectOutcome::not_planned(Error::Interrupted),
                },
                Some(Err(error)) => ConnectOutcome::not_planned(error),
                Some(Ok(Planned { client, manner, withheld })) => {
                    let client = Arc::new(Mutex::new(client));
                    ConnectOutcome {
                        manner: Some(manner),
                        client: Some(Arc::clone(&client)),
                        ..setup.dial(&client, interrupt, is_announced, &withheld)
                    }
                }
            };
            // Nobody asks any more where the program is leaving.
            let _ = told.send(attempted);
            waker.wake();
        };
        thread::Builder::new().name("dial".into()).spawn(dial)?;
        Ok(CurrentAttempt { cancel, is_cancelled: false, outcome })
    }

    pub(super) fn is_under_way(&self) -> bool {
        self.under_way.is_some()
    }

    /// Whether the attempt that is under way is wanted.
    pub(super) fn is_wanted(&self) -> bool {
        self.under_way.as_ref().is_some_and(|attempt| !attempt.is_cancelled)
    }

    /// Ends the attempt that is under way; its outcome is still to come.
    pub(super) fn cancel(&mut self) {
        if let Some(attempt) = &mut self.under_way {
            attempt.is_cancelled = true;
            attempt.cancel.wake();
        }
    }

    /// What has come of an attempt that was cancelled, once it has ended; `None` where there is none, or it goes on for longer.
    pub(super) fn await_cancelled(&mut self, patience: Duration) -> Option<ConnectOutcome> {
        let outcome = self.under_way.take()?.outcome.recv_timeout(patience).ok()?;
        // It may have been too late for that.
        Some(ConnectOutcome { dialed: outcome.dialed.and(Err(Error::Interrupted)), ..outcome })
    }

    /// What has come of the attempt, once. A line that could be gone by leads on from now on.
    pub(super) fn take_outcome(&mut self) -> Option<ConnectOutcome> {
        let attempt = self.under_way.as_ref()?;
        let mut outcome = attempt.outcome.try_recv().ok()?;
        if attempt.is_cancelled {
            // It may have been too late for that.
            outcome.dialed = Err(Error::Interrupted);
        }
        self.under_way = None;
        // Where nothing was planned there is nothing to turn back from, nor from an earlier attempt.
        self.before = match outcome.client.take() {
            Some(client) => {
                self.destination = Some(lock(&client).destination().clone());
                self.client.replace(client)
            }
            None => None,
        };
        Some(outcome)
    }

    /// Leads where it did before the last attempt, from now on.
    pub(super) fn turn_back(&mut self) {
        if let Some(before) = self.before.take() {
            self.destination = Some(lock(&before).destination().clone());
            self.client = Some(before);
        }
    }

    /// Why the first connection could not be opened.
    pub(super) fn never_opened(&self, exchange: &Exchange, error: Error) -> Error {
        match &self.client {
            Some(client) if !self.is_under_way() => exchange.never_opened(error, &lock(client)),
            _ => error,
        }
    }

    /// Has requests say something otherwise from the next one on, here and wherever it may be said.
    pub(super) fn change(&mut self, change: RequestChange) {
        if let Some(destination) = &self.destination {
            self.setup.lines.give(&change, destination);
        }
        self.changes.push(change);
        self.make_changes();
    }

    fn make_changes(&mut self) {
        if let Some(client) = self.client.as_ref().filter(|_| !self.is_under_way()) {
            let mut client = lock(client);
            self.changes.drain(..).for_each(|change| client.change(change));
        }
    }

    /// The headers of the next request, as in its head; `None` while one is under way.
    pub(super) fn header_lines(&self) -> Option<Vec<u8>> {
        self.client.as_ref().filter(|_| !self.is_under_way()).map(|client| lock(client).header_lines())
    }

    /// Who the next request says we are; `None` while one is under way.
    pub(super) fn credentials(&self) -> Option<NextCredentials> {
        self.client.as_ref().filter(|_| !self.is_under_way()).map(|client| lock(client).credentials())
    }
}

impl ConnectSetup {
    /// What a line leads to. Nobody is asked any more once this has returned.
    fn plan(&self, request: ConnectRequest, cancelled: &Woken) -> Result<Planned, Error> {
        let ConnectRequest { command, words, keep_credentials, asks } = request;
        let asks: &dyn AskSecret = asks.as_ref().map_or(&Nobody, |asks| asks);
        let ConnectLine { config, notes, withheld } = self
            .lines
            .read(&words, keep_credentials, cancelled)
            .map_err(|why| Error::usage(command_table::fault(command, why)))?;
        notes.iter().for_each(|note| self.console.note(note));
        let Config { destination, client, exchange, .. } = config;
        let destination = destination.ok_or(Error::Interrupted)?;
        let client = Client::another(client, destination, self.console.clone(), asks, self.answers.clone());
        let mut client = client.map_err(|error| match error {
            Error::Interrupted => Error::usage("no password was given"),
            error => error,
        })?;
        client.end_by(self.latest);
        let secrets = client.secrets();
        let prepared = prepare(&exchange, &self.console)?;
        Ok(Planned { client, manner: Box::new(Manner { exchange, prepared, secrets }), withheld })
    }

    fn dial(
        &self,
        client: &Mutex<Client>,
        interrupt: Interrupt<'_>,
        is_announced: bool,
        withheld: &[String],
    ) -> ConnectOutcome {
        let mut client = lock(client);
        if is_announced {
            self.console.note(format_args!("connecting to {}", client.url()));
        }
        if !withheld.is_empty() {
            self.console.note(advice::secrets_stay(withheld));
        }
        let mut facts = ConnectFacts::default();
        let dialed = client.connect(Some(interrupt), &mut |step| facts.note(step));
        let (url, timing) = (client.last_url(), client.settings().timing);
        ConnectOutcome { url, facts, dialed: dialed.map(|dialed| (dialed, timing)), manner: None, client: None }
    }
}

impl ConnectOutcome {
    /// There was nothing to connect to.
    fn not_planned(error: Error) -> Self {
        Self { url: String::new(), facts: ConnectFacts::default(), dialed: Err(error), manner: None, client: None }
    }

    /// Whether anything was connected to, or tried to.
    pub(super) fn was_tried(&self) -> bool {
        !self.url.is_empty()
    }
}

fn lock(client: &Mutex<Client>) -> MutexGuard<'_, Client> {
    client.lock().unwrap_or_else(PoisonError::into_inner)
}
