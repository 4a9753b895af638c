//! The language of mocks, answers and goals: conditions that a message may meet, and actions that answer it.
//! Knows messages and values; no socket, thread, clock or file.
//!
//! [`Condition::matches`] and [`Condition::find`] are the only places where a message is judged:
//! `--reply` and `--expect` mean the same by a regular expression.
//!
//! A new condition is a variant of [`Condition`], with its entry in `condition::CONDITIONS`, which
//! the parser and its errors read; a new action likewise a variant of `action::Instruction`, with its
//! entry in `action::ACTIONS`, or in `action::CHANGES` if only a proxy can do it. docs/rules.md, which `--help-rules` prints, says what each means.

mod action;
mod captured;
mod condition;
mod counter;
mod dice;
mod document_value;
mod fault;
mod generated;
mod goals;
mod json_condition;
mod json_fault;
mod line_template;
mod parser;
mod pointers;
mod projection;
pub(crate) mod raw_frame;
mod regex_limits;
mod reply;
mod rule;
mod rules;
pub(crate) mod scenario;
mod selector;
mod slip;
mod speaker;
mod state;
mod surroundings;
mod syntax_error;
mod template;
mod word;

pub(crate) use action::Action;
pub(crate) use captured::{Captured, fill};
pub(crate) use condition::{Condition, json, regex};
pub(crate) use dice::Dice;
pub(crate) use fault::{
    CertificateFault, ControlFault, Cut, Fault, FaultKind, FrameFault, HandshakeFault, MessageFault, StreamFault,
    fault_list, gateways_that_end_after,
};
pub(crate) use generated::{GeneratedSource, GeneratedVariable};
pub(crate) use goals::{GoalConfig, GoalState, Goals, Unmet};
pub(crate) use line_template::{LineTemplate, LineVariable};
pub(crate) use parser::RuleText;
pub(crate) use projection::{Projection, value};
pub(crate) use reply::{Reply, ReplyPosition};
pub(crate) use rules::{Answer, MANUAL, MOST_MADE, MakesTooMuch, Passage, Rules, RulesProgress, check_rule};
pub(crate) use selector::Selector;
pub(crate) use speaker::RuleSpeaker;
pub(crate) use surroundings::LineValue;
pub(crate) use syntax_error::SyntaxError;
