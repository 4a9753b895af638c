//! A mock that answers by rules.

use std::collections::VecDeque;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use super::entry::{Argument, ModeEntry, When};
use super::{Behaviour, Client, Mode, ModeEnd};
use crate::error::{Error, system_words};
use crate::net::{Handler, Sender};
use crate::script::{Action, Rules};
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

/// Bytes of answers that may wait here before the client has to, and bytes of them in the outbox
/// before those here do.
const MAX_QUEUED_BYTES: usize = 1 << 20;

/// Reads rules.
///
/// # Errors
/// [`Error::File`], with the number of the line that is no rule.
fn read(path: &Path) -> Result<Rules, Error> {
    let failed = |why| Error::File { path: path.to_owned(), why };
    let text = fs::read_to_string(path).map_err(|error| failed(system_words(&error)))?;
    Rules::parse(&text).map_err(|error| failed(error.to_string()))
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
    queue: VecDeque<Action>,
    /// Bytes in the queue.
    queued_bytes: usize,
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
            blocked: false,
            due: None,
            cause: None,
            rules: Arc::clone(&rules),
        };
        mock.enqueue(rules.opening());
        mock
    }

    fn enqueue(&mut self, actions: Vec<Action>) {
        self.queued_bytes += actions.iter().map(Action::size).sum::<usize>();
        self.queue.extend(actions);
    }

    fn perform_queued(&mut self, now: Instant, sender: &mut Sender<'_>) {
        self.blocked = false;
        while let Some(action) = self.queue.front() {
            if sender.backlog() >= MAX_QUEUED_BYTES {
                return self.blocked = true;
            }
            // Refused when the connection is closing already.
            let _ = match action {
                Action::Wait(time) if now < *self.due.get_or_insert(now + *time) => return,
                Action::Wait(_) => {
                    self.due = None;
                    Ok(())
                }
                Action::Send(kind, bytes) => sender.data(*kind, bytes, true),
                Action::Close(close) => {
                    self.cause = Some(ModeEnd::Finished("a rule says close".into()));
                    sender.close(close.clone())
                }
            };
            self.queued_bytes -= action.size();
            self.queue.pop_front();
        }
    }
}

impl Handler for Mock {
    fn event(&mut self, event: Event<'_>, _sender: &mut Sender<'_>) {
        if let Event::Data(data) = event
            && let Some(message) = self.assembler.push(&data)
        {
            let actions = self.rules.answer(message);
            self.enqueue(actions);
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
