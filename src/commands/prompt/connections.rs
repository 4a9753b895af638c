//! The connections of a prompt: each has a number, messages of its own, and a thread that does what is asked of it. What is typed is
//! for one of them.

use std::collections::BTreeMap;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::command::ConnectRequest;
use super::command_queue::{self, CommandReceiver, CommandSender, Input};
use super::current::FIRST;
use super::screen::Screen;
use super::status::Status;
use super::transcript::Transcript;

/// There can be so many. Each has threads, and a part of what is kept of messages.
const MOST: usize = 16;

/// Clones are the same connections.
#[derive(Debug, Clone)]
pub(crate) struct Connections {
    shared: Arc<Mutex<Registry>>,
    status: Status,
    /// What the keyboard says, to the connection that it is for.
    keyboard: CommandSender,
}

#[derive(Debug)]
struct Registry {
    members: BTreeMap<u64, PromptConnection>,
    /// The highest number so far.
    last: u64,
    /// Who opens more of them, where there can be more.
    opener: Option<Sender<Opening>>,
}

#[derive(Debug)]
struct PromptConnection {
    sender: CommandSender,
    transcript: Transcript,
    /// The one that was current before this one.
    before: u64,
}

/// A connection that is to be opened.
#[derive(Debug)]
pub(crate) struct Opening {
    pub(crate) number: u64,
    pub(crate) request: ConnectRequest,
    pub(crate) receiver: CommandReceiver,
    pub(crate) transcript: Transcript,
    pub(crate) status: Status,
}

impl Connections {
    /// With the first one, which `keyboard` speaks to.
    pub(super) fn new(keyboard: CommandSender, transcript: Transcript, status: Status) -> Self {
        let first = PromptConnection { sender: keyboard.alone(), transcript, before: FIRST };
        let registry = Registry { members: [(FIRST, first)].into(), last: FIRST, opener: None };
        Self { shared: Arc::new(Mutex::new(registry)), status, keyboard }
    }

    /// From now on there can be more of them.
    pub(crate) fn set_opener(&self, opener: Sender<Opening>) {
        self.lock().opener = Some(opener);
    }

    /// What the prompt shows of them, and its settings.
    pub(super) fn status(&self) -> &Status {
        &self.status
    }

    /// The number of the one that what is typed is for.
    pub(super) fn current(&self) -> u64 {
        self.status.current()
    }

    /// The messages of that one.
    pub(super) fn transcript(&self) -> Transcript {
        let (registry, current) = (self.lock(), self.current());
        let found = registry.members.get(&current).or_else(|| registry.members.values().next());
        found.map(|member| member.transcript.clone()).unwrap_or_default()
    }

    /// Whether there are several.
    pub(super) fn are_several(&self) -> bool {
        self.lock().members.len() > 1
    }

    pub(super) fn has(&self, number: u64) -> bool {
        self.lock().members.contains_key(&number)
    }

    /// Begins to open another one, which what is typed is for from then on.
    ///
    /// # Errors
    /// Why there can be no more, in words.
    pub(super) fn open(&self, request: ConnectRequest) -> Result<(), String> {
        let before = self.current();
        let mut registry = self.lock();
        if registry.members.len() >= MOST {
            return Err(format!("there are {MOST} connections already; /close N closes one"));
        }
        let (sender, receiver) = command_queue::pair().map_err(|why| why.to_string())?;
        let number = registry.last + 1;
        let transcript =
            registry.members.values().next().map_or_else(Transcript::default, |one| one.transcript.beside());
        let status = self.status.of(number);
        let opening = Opening { number, request, receiver, transcript: transcript.clone(), status };
        let opener = registry.opener.as_ref().ok_or("there can be no more connections")?;
        opener.send(opening).map_err(|_| "the program is leaving")?;
        registry.last = number;
        registry.members.insert(number, PromptConnection { sender, transcript, before });
        drop(registry);
        self.switch(number);
        Ok(())
    }

    /// What is typed is for this one from now on. Returns whether there is one of that number.
    pub(crate) fn switch(&self, number: u64) -> bool {
        let registry = self.lock();
        let Some(member) = registry.members.get(&number) else { return false };
        self.keyboard.switch_to(&member.sender);
        self.status.switch(number);
        true
    }

    /// Says something to one of them.
    pub(crate) fn send(&self, number: u64, input: Input) {
        if let Some(member) = self.lock().members.get(&number) {
            member.sender.send(input);
        }
    }

    /// One is gone. Returns the one that what is typed is for instead, where it was for that one.
    pub(crate) fn remove(&self, number: u64) -> Option<u64> {
        let mut registry = self.lock();
        let member = registry.members.remove(&number)?;
        let is_there = registry.members.contains_key(&member.before);
        let next = Some(member.before).filter(|_| is_there).or_else(|| registry.members.keys().next().copied());
        drop(registry);
        let was_current = self.current() == number;
        let next = next.filter(|_| was_current);
        if let Some(next) = next {
            self.switch(next);
        }
        self.status.remove(number);
        next
    }

    /// Shows which of them is looked at.
    pub(crate) fn show_current(&self, screen: &Screen) {
        self.status.count_others(screen);
        self.status.show_connection(screen);
    }

    /// Their numbers, in order.
    pub(crate) fn numbers(&self) -> Vec<u64> {
        self.lock().members.keys().copied().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Registry> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
