//! A mock that answers by rules.

mod rules;
mod template;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

pub(crate) use rules::Rules;

use self::rules::Step;
use super::{Behaviour, ModeEnd};
use crate::net::{Handler, Sender};
use crate::ws::{Assembler, Event};

/// Steps that may wait for their delays before the client has to.
const ENOUGH: usize = 1024;

/// Bytes of answers that may wait here before the client has to, and bytes of them in the outbox
/// before those here do.
const ENOUGH_BYTES: usize = 1 << 20;

/// The mock of one connection.
#[derive(Debug)]
pub(super) struct Mock {
    rules: Arc<Rules>,
    assembler: Assembler,
    /// In order: a delay holds back all that follows.
    steps: VecDeque<Step>,
    /// Bytes in those steps.
    held: usize,
    /// The outbox is too full for the next step.
    blocked: bool,
    /// The first step's delay ends then.
    due: Option<Instant>,
    cause: Option<ModeEnd>,
}

impl Mock {
    pub(super) fn new(rules: Arc<Rules>) -> Self {
        let mut mock = Self {
            assembler: Assembler::default(),
            steps: VecDeque::new(),
            held: 0,
            blocked: false,
            due: None,
            cause: None,
            rules: Arc::clone(&rules),
        };
        mock.plan(rules.opening());
        mock
    }

    fn plan(&mut self, steps: Vec<Step>) {
        self.held += steps.iter().map(Step::size).sum::<usize>();
        self.steps.extend(steps);
    }

    fn act(&mut self, now: Instant, sender: &mut Sender<'_>) {
        self.blocked = false;
        while let Some(step) = self.steps.front() {
            if sender.backlog() >= ENOUGH_BYTES {
                return self.blocked = true;
            }
            // Refused when the connection is closing already.
            let _ = match step {
                Step::Wait(time) if now < *self.due.get_or_insert(now + *time) => return,
                Step::Wait(_) => {
                    self.due = None;
                    Ok(())
                }
                Step::Send(kind, bytes) => sender.data(*kind, bytes, true),
                Step::Close(close) => {
                    self.cause = Some(ModeEnd::Finished("a rule says close".into()));
                    sender.close(close.clone())
                }
            };
            self.held -= step.size();
            self.steps.pop_front();
        }
    }
}

impl Handler for Mock {
    fn event(&mut self, event: Event<'_>, _sender: &mut Sender<'_>) {
        if let Event::Data(data) = event
            && let Some(message) = self.assembler.push(&data)
        {
            let steps = self.rules.answer(message);
            self.plan(steps);
        }
    }

    fn after_turn(&mut self, now: Instant, sender: &mut Sender<'_>) {
        self.act(now, sender);
    }

    fn has_room(&self) -> bool {
        self.steps.len() < ENOUGH && self.held < ENOUGH_BYTES
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
