//! The language of mocks and goals: conditions that a message may meet, and actions that answer it.
//! Knows messages and values; no socket, thread, clock or file.
//!
//! [`Condition::matches`] and [`Condition::find`] are the only places where a message is judged:
//! `--reply` and `--expect` mean the same by a regular expression.
//!
//! A new condition is a variant of [`Condition`], with its entry in `condition::CONDITIONS`, which
//! the parser, its errors and `--help` read; a new action likewise a variant of `action::Instruction`,
//! with its entry in `action::ACTIONS`.

mod action;
mod condition;
mod goals;
mod pointers;
mod reply;
mod rules;
mod template;
mod word;

pub(crate) use action::Action;
pub(crate) use condition::{Condition, regex};
pub(crate) use goals::{GoalConfig, GoalState, Goals, Unmet};
pub(crate) use reply::Reply;
pub(crate) use rules::{Rules, manual};
