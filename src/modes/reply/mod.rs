//! A mock that answers by rules.

mod rules;
mod template;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

pub(crate) use rules::Rules;

use self::rules::Step;
use super::{Behaviour, Cause};
use crate::net::{Handler, Outlet};
use crate::ws::{Assembler, Event};

/// Steps that may wait for their delays before the client has to.
const ENOUGH: usize = 1024;

/// The mock of one connection.
#[derive(Debug)]
pub(super) struct Mock {
    rules: Arc<Rules>,
    assembler: Assembler,
    /// In order: a delay holds back all that follows.
    steps: VecDeque<Step>,
    /// The first step's delay ends then.
    due: Option<Instant>,
    cause: Option<Cause>,
}

impl Mock {
    pub(super) fn new(rules: Arc<Rules>) -> Self {
        let steps = rules.opening().into();
        Self { rules, assembler: Assembler::default(), steps, due: None, cause: None }
    }

    fn act(&mut self, now: Instant, outlet: &mut Outlet<'_>) {
        while let Some(step) = self.steps.front() {
            // Refused when the connection is closing already.
            let _ = match step {
                Step::Wait(time) if now < *self.due.get_or_insert(now + *time) => return,
                Step::Wait(_) => {
                    self.due = None;
                    Ok(())
                }
                Step::Send(kind, bytes) => outlet.data(*kind, bytes, true),
                Step::Close(close) => {
                    self.cause = Some(Cause::Finished("a rule says close".into()));
                    outlet.close(close)
                }
            };
            self.steps.pop_front();
        }
    }
}

impl Handler for Mock {
    fn event(&mut self, event: Event<'_>, _outlet: &mut Outlet<'_>) {
        if let Event::Data(data) = event
            && let Some(message) = self.assembler.push(&data)
        {
            self.steps.extend(self.rules.answer(message));
        }
    }

    fn settled(&mut self, now: Instant, outlet: &mut Outlet<'_>) {
        self.act(now, outlet);
    }

    fn has_room(&self) -> bool {
        self.steps.len() < ENOUGH
    }

    fn deadline(&self) -> Option<Instant> {
        self.due
    }

    fn idle(&mut self) {
        self.assembler.shrink();
    }
}

impl Behaviour for Mock {
    fn cause(&self) -> Option<Cause> {
        self.cause.clone()
    }
}
