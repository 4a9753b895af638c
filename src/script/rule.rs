//! A condition, and what is done about what meets it.

use super::action::{Action, Instruction, in_passing};
use super::condition::{Condition, Found};
use super::selector::Selector;
use super::speaker::RuleSpeaker;
use crate::view::json_pointer::Pointer;

#[derive(Debug)]
pub(super) struct Rule {
    /// By number; `None` is every state.
    pub(super) state: Option<usize>,
    /// Whose messages it is for; `None` is anybody's.
    pub(super) speaker: Option<RuleSpeaker>,
    /// Which of those that meet the condition.
    pub(super) selector: Selector,
    pub(super) condition: Condition,
    pub(super) instructions: Vec<Instruction>,
    /// The state from the next message on.
    pub(super) goto: Option<usize>,
}

impl Rule {
    pub(super) fn pointers(&self) -> impl Iterator<Item = &Pointer> {
        self.condition.pointer().into_iter().chain(self.instructions.iter().flat_map(Instruction::pointers))
    }

    pub(super) fn actions(&self, found: &Found<'_, '_>) -> Vec<Action> {
        self.instructions.iter().filter_map(|instruction| instruction.action(found)).collect()
    }

    /// The same of a message that a proxy passes on.
    pub(super) fn actions_in_passing(&self, found: &Found<'_, '_>) -> Vec<Action> {
        in_passing(&self.instructions, found)
    }
}
