//! What templates are filled in with that no message has: the same in rules, tests, saved messages and loads.

use std::borrow::Cow;
use std::fmt;

/// A value that is made anew for each text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum GeneratedVariable {
    Uuid,
    /// Milliseconds since 1970.
    Now,
    /// Texts that have it, counted from 1.
    Counter,
    /// A whole number of nine digits at most.
    Random,
    Environment(String),
}

/// What needs nothing behind it between the braces.
const NAMED: [(&str, GeneratedVariable); 4] = [
    ("uuid", GeneratedVariable::Uuid),
    ("now", GeneratedVariable::Now),
    ("counter", GeneratedVariable::Counter),
    ("random", GeneratedVariable::Random),
];

/// What stands before the name of a variable of the environment.
const ENVIRONMENT: &str = "env.";

/// Whoever knows the clock, chance and the environment.
pub(crate) trait GeneratedSource: fmt::Debug + Send {
    /// Another text begins. Within one each value is the same wherever it stands.
    fn begin(&mut self);

    /// The text that has begun last is used nowhere, and so isn't counted.
    fn take_back(&mut self);

    /// # Errors
    /// In words, that the environment has none.
    fn value(&self, variable: &GeneratedVariable) -> Result<String, String>;
}

impl GeneratedVariable {
    /// That of what stands between braces.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name.strip_prefix(ENVIRONMENT) {
            Some("") => None,
            Some(variable) => Some(Self::Environment(variable.to_owned())),
            None => NAMED.into_iter().find(|(known, _)| *known == name).map(|(_, variable)| variable),
        }
    }

    /// What stands between the braces.
    pub(crate) fn name(&self) -> Cow<'static, str> {
        match self {
            Self::Environment(name) => format!("{ENVIRONMENT}{name}").into(),
            other => NAMED.iter().find(|(_, variable)| variable == other).map_or("", |(name, _)| name).into(),
        }
    }

    /// Whether another run has another value, unless its seed is the same.
    pub(super) fn is_chance(&self) -> bool {
        matches!(self, Self::Uuid | Self::Random)
    }
}

impl fmt::Display for GeneratedVariable {
    /// As it is written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "${{{}}}", self.name())
    }
}

/// Values that show which text they are for.
#[cfg(test)]
#[derive(Debug, Default)]
pub(super) struct FixedValues(u64);

#[cfg(test)]
impl GeneratedSource for FixedValues {
    fn begin(&mut self) {
        self.0 += 1;
    }

    fn take_back(&mut self) {
        self.0 -= 1;
    }

    fn value(&self, variable: &GeneratedVariable) -> Result<String, String> {
        match variable {
            GeneratedVariable::Counter => Ok(self.0.to_string()),
            GeneratedVariable::Environment(name) if name == "NONE" => Err("there is no NONE".to_owned()),
            variable => Ok(format!("{}{}", self.0, variable.name())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_generated_is_read_as_it_is_written() {
        for name in ["uuid", "now", "counter", "random", "env.HOME", "env.a.b"] {
            let variable = GeneratedVariable::named(name).unwrap();
            assert_eq!((&*variable.name(), variable.to_string()), (name, format!("${{{name}}}")));
        }
        assert_eq!([GeneratedVariable::named("env."), GeneratedVariable::named("Uuid")], [None, None]);
    }
}
