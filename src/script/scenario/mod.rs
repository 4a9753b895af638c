//! Tests of WebSocket services: steps that are taken one after the other, on connections by name. docs/test-files.md has
//! the grammar.
//!
//! A text becomes lines that belong together (`layout.rs`), those become [`ScenarioStep`]s (`parser.rs`), and whoever has
//! connections takes them. Conditions, templates and closes are those of rules.

mod check;
mod clauses;
mod expectation;
mod filled_json;
mod formatting;
mod http_file;
mod json_schema;
mod judgement;
mod known_names;
mod late_value;
mod layout;
mod opening_clauses;
mod opening_steps;
mod operator;
mod parser;
mod predicate;
mod sending;
mod source;
mod step;
mod table;
mod template;
#[cfg(test)]
mod tests;

pub(crate) use check::{FilledCheck, MessageCheck};
pub(crate) use expectation::{CaptureSource, Expectation, HandshakeCheck, ScenarioCapture};
pub(crate) use formatting::formatted;
pub(crate) use http_file::is_one as is_http_file;
pub(crate) use judgement::ReceivedMessage;
pub(crate) use late_value::{FillFault, LateValue};
pub(crate) use operator::Relation;
pub(crate) use parser::{parse, parse_on_connection, parse_with_any};
pub(crate) use source::{ScenarioError, ScenarioFiles, ScenarioSource, StepPlace};
pub(crate) use step::{AcceptStep, ConnectStep, Scenario, ScenarioStep, SentContent, SkipCondition, StepAction};
pub(crate) use template::{ScenarioTemplate, ScenarioVariable, is_name};
