//! A mock that answers by rules.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use super::entry::{Argument, ModeEntry, When};
use super::fragments::{ENOUGH, Fragments, ONE_FRAME};
use super::{Behaviour, Client, Mode, ModeEnd};
use crate::error::Error;
use crate::net::{Handler, Sender};
use crate::script::{Action, Reply, Rules};
use crate::stdio::file;
use crate::ws::{Assembler, Event};

pub(super) const ENTRY: ModeEntry = ModeEntry {
    name: "reply",
    argument: Some(Argument::File),
    help: "Answer by the rules in a file; --help describes the grammar",
    stdin: When::Never,
    protected: When::Never,
    open: |argument, _| Ok(Arc::new(read(Path::new(argument))?)),
};

/// Actions that may wait for their delays before the client has to.
const MAX_QUEUED: usize = 1024;

/// Bytes of answers, and of messages that are quoted in them, that may wait here before the client has to.
const MAX_QUEUED_BYTES: usize = 1 << 20;

/// Reads rules.
///
/// # Errors
/// [`Error::File`], with the number of the line that is no rule.
fn read(path: &Path) -> Result<Rules, Error> {
    Rules::parse(&file::text(path)?).map_err(|error| Error::file(path, error))
}

impl Mode for Rules {
    fn begin(self: Arc<Self>, _client: &Client<'_>) -> io::Result<Box<dyn Behaviour>> {
        Ok(Box::new(Mock::new(self)))
    }
}

/// The mock of one connection.
#[derive(Debug)]
struct Mock {
    rules: Arc<Rules>,
    assembler: Assembler,
    /// In order: a delay holds back all that follows.
    queue: VecDeque<Queued>,
    /// Bytes in the queue.
    queued_bytes: usize,
    /// How far the first reply in it is sent.
    progress: Progress,
    /// The outbox is too full for the next action.
    blocked: bool,
    /// The first action's delay ends then.
    due: Option<Instant>,
    cause: Option<ModeEnd>,
}

impl Mock {
    fn new(rules: Arc<Rules>) -> Self {
        let mut mock = Self {
            assembler: Assembler::default(),
            queue: VecDeque::new(),
            queued_bytes: 0,
            progress: Progress::default(),
            blocked: false,
            due: None,
            cause: None,
            rules: Arc::clone(&rules),
        };
        mock.enqueue(rules.opening(), None);
        mock
    }

    /// Of a message that is quoted there is one copy, which is counted with the last action that answers it.
    fn enqueue(&mut self, actions: Vec<Action>, quoted: Option<Vec<u8>>) {
        let quoted = quoted.map(Arc::new);
        let count = actions.len();
        for (number, action) in (1..).zip(actions) {
            let last = quoted.as_ref().filter(|_| number == count);
            let size = action.size() + last.map_or(0, |quoted| quoted.len());
            self.queued_bytes += size;
            self.queue.push_back(Queued { action, quoted: quoted.clone(), size });
        }
    }

    fn perform_queued(&mut self, now: Instant, sender: &mut Sender<'_>) {
        self.blocked = false;
        while let Some(Queued { action, quoted, size }) = self.queue.front() {
            match action {
                Action::Wait(time) if now < *self.due.get_or_insert(now + *time) => return,
                Action::Wait(_) => self.due = None,
                Action::Send(reply) => {
                    let message = quoted.as_ref().map_or(&b""[..], |quoted| quoted);
                    if !self.progress.send(reply, message, sender) {
                        return self.blocked = true;
                    }
                }
                Action::Close(close) => {
                    self.cause = Some(ModeEnd::ClosedBy("a rule"));
                    // Refused when the connection is closing already.
                    let _ = sender.close(close.clone());
                }
            }
            self.queued_bytes -= size;
            self.queue.pop_front();
        }
    }
}

/// What is still to be done.
#[derive(Debug)]
struct Queued {
    action: Action,
    /// The message that it answers, where it quotes that.
    quoted: Option<Arc<Vec<u8>>>,
    /// Bytes that are free once it is done.
    size: usize,
}

/// How far a reply is sent.
#[derive(Debug, Default)]
struct Progress {
    /// Parts that are.
    parts: usize,
    fragments: Fragments,
    /// The text of the next part, where it had to be made.
    made: Option<Vec<u8>>,
}

impl Progress {
    /// Sends what there is room for. Returns whether that was all, and is ready for another reply then.
    fn send(&mut self, reply: &Reply, message: &[u8], sender: &mut Sender<'_>) -> bool {
        let kind = reply.kind();
        // What is in the rules is as long as their author wants it in a frame; what a peer chose isn't.
        if !reply.quotes() || reply.most() <= ONE_FRAME {
            return sender.backlog() < ENOUGH && {
                let whole = reply.parts().iter().map(|part| part.fill(message)).collect::<Vec<_>>().concat();
                // Refused when the connection is closing already.
                let _ = sender.data(kind, &whole, true);
                true
            };
        }
        while let Some(part) = reply.parts().get(self.parts) {
            let text = match self.made.take() {
                Some(made) => Cow::Owned(made),
                None => part.fill(message),
            };
            let ends = self.parts + 1 == reply.parts().len();
            if !self.fragments.send(kind, &text, ends, sender) {
                self.made = if let Cow::Owned(made) = text { Some(made) } else { None };
                return false;
            }
            self.parts += 1;
        }
        *self = Self::default();
        true
    }
}

impl Handler for Mock {
    fn event(&mut self, event: Event<'_>, _sender: &mut Sender<'_>) {
        if let Event::Data(data) = event
            && let Some(message) = self.assembler.push(&data)
        {
            let actions = self.rules.answer(message);
            let quoted = actions.iter().any(Action::quotes).then(|| self.assembler.take(&data));
            self.enqueue(actions, quoted);
        }
    }

    fn after_turn(&mut self, now: Instant, sender: &mut Sender<'_>) {
        self.perform_queued(now, sender);
    }

    fn has_room(&self) -> bool {
        self.queue.len() < MAX_QUEUED && self.queued_bytes < MAX_QUEUED_BYTES
    }

    fn has_more(&self) -> bool {
        self.blocked
    }

    fn deadline(&self) -> Option<Instant> {
        self.due
    }

    fn idle(&mut self) {
        self.assembler.shrink();
    }
}

impl Behaviour for Mock {
    fn cause(&self) -> Option<ModeEnd> {
        self.cause.clone()
    }
}
