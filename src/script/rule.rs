//! A condition, and what is done about what meets it.

use super::action::{Action, Instruction};
use super::condition::{Condition, Found};
use super::counter::Counter;
use crate::view::json_pointer::Pointer;

#[derive(Debug)]
pub(super) struct Rule {
    /// By number; `None` is every state.
    pub(super) state: Option<usize>,
    pub(super) counter: Option<Counter>,
    pub(super) condition: Condition,
    pub(super) instructions: Vec<Instruction>,
    /// The state from the next message on.
    pub(super) goto: Option<usize>,
}

impl Rule {
    pub(super) fn pointers(&self) -> impl Iterator<Item = &Pointer> {
        self.condition.pointer().into_iter().chain(self.instructions.iter().flat_map(Instruction::pointers))
    }

    pub(super) fn actions(&self, found: &Found<'_>) -> Vec<Action> {
        self.instructions.iter().filter_map(|instruction| instruction.action(found)).collect()
    }
}
