//! What there is to fill in a step with: values that have names, the last message that was expected, the environment, and
//! what is made anew.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::handlers::generated::GeneratedValues;
use crate::script::scenario::{FillFault, LateValue, ReceivedMessage, ScenarioTemplate, ScenarioVariable};
use crate::script::{GeneratedVariable, LineValue};
use crate::view::json_pointer::Pointer;

/// What steps have given names, and what came last.
#[derive(Debug, Clone, Default)]
pub(super) struct ScenarioValues {
    pub(super) named: BTreeMap<String, LineValue>,
    pub(super) last: Option<MatchedMessage>,
}

/// The message that was expected last, and the groups of the match that it met.
#[derive(Debug, Clone)]
pub(super) struct MatchedMessage {
    pub(super) message: ReceivedMessage,
    pub(super) groups: Vec<Option<String>>,
}

/// Fills in one step: in it `${uuid}`, `${now}`, `${counter}` and `${random}` are everywhere the same.
pub(super) struct StepValues<'a> {
    values: &'a ScenarioValues,
    counter: &'a AtomicU64,
    /// What isn't in the environment is empty.
    is_lenient: bool,
    generated: GeneratedValues,
}

impl<'a> StepValues<'a> {
    pub(super) fn new(values: &'a ScenarioValues, counter: &'a AtomicU64) -> Self {
        Self { values, counter, is_lenient: false, generated: GeneratedValues::default() }
    }

    /// The same, where what isn't in the environment is empty.
    pub(super) fn lenient(self) -> Self {
        Self { is_lenient: true, ..self }
    }

    /// # Errors
    /// What there is no value for.
    pub(super) fn fill(&self, template: &ScenarioTemplate) -> Result<String, String> {
        template.fill(&mut |variable| self.get(variable))
    }

    /// # Errors
    /// As of [`fill`](Self::fill), and what is wrong with the value.
    pub(super) fn late<V: Clone>(&self, value: &LateValue<V>) -> Result<V, FillFault> {
        value.get(|template| self.fill(template))
    }

    /// The value of a place.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn get(&self, variable: &ScenarioVariable) -> Result<LineValue, String> {
        let text = match variable {
            ScenarioVariable::Named(name) => {
                let value = self.values.named.get(name);
                return value.cloned().ok_or_else(|| format!("{variable} has no value here"));
            }
            ScenarioVariable::Group(number) => {
                let last =
                    self.values.last.as_ref().ok_or_else(|| format!("{variable}: no message was expected yet"))?;
                let group = last.groups.get(*number).cloned().flatten();
                group.ok_or_else(|| format!("the last match has no {variable}"))?
            }
            ScenarioVariable::Pointer(pointer) => {
                let last =
                    self.values.last.as_ref().ok_or_else(|| format!("{variable}: no message was expected yet"))?;
                return last.value(pointer);
            }
            ScenarioVariable::Generated(variable) => {
                if let Some(value) = self.values.named.get(&*variable.name()) {
                    return Ok(value.clone());
                }
                let value = self.generated.value(variable, || self.counter.fetch_add(1, Ordering::Relaxed) + 1);
                match variable {
                    GeneratedVariable::Environment(_) if self.is_lenient => value.unwrap_or_default(),
                    _ => value?,
                }
            }
        };
        Ok(LineValue::Text(text))
    }
}

impl MatchedMessage {
    /// # Errors
    /// The message has no value there.
    pub(super) fn value(&self, pointer: &Pointer) -> Result<LineValue, String> {
        let value = self.message.value(pointer).map(|value| LineValue::Json(value.to_owned()));
        value.ok_or_else(|| format!("the last message that was expected has no {pointer}"))
    }
}
