//! Text of a step, with places for what is known only when the step is taken.

use std::fmt;

use super::super::generated::GeneratedVariable;
use super::super::json_fault;
use super::super::line_template::fill_places;
use super::super::surroundings::{LineValue, Surroundings, is_json};
use super::super::syntax_error::PieceError;
use super::super::template::{Template, Variable};
use crate::view::json_nesting::Nesting;
use crate::view::json_pointer::Pointer;

/// The places that a text has at most.
const MOST_PLACES: usize = 1000;

/// A text before it is filled in.
#[derive(Debug, Clone)]
pub(crate) struct ScenarioTemplate {
    template: Template<ScenarioVariable>,
    source: String,
}

/// What is filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ScenarioVariable {
    /// What `let`, `capture`, `for` or the command line has given a name.
    Named(String),
    /// A group of the last match, of which 0 is all of it.
    Group(usize),
    /// A value of the last message that was expected and came.
    Pointer(Pointer),
    /// Unless a group of a match has that name.
    Generated(GeneratedVariable),
}

impl Variable for ScenarioVariable {
    fn numbered(number: usize) -> Self {
        Self::Group(number)
    }

    fn named(name: &str) -> Result<Self, String> {
        if name.starts_with('/') {
            return Pointer::parse(name).map(Self::Pointer).map_err(|error| error.why);
        }
        match GeneratedVariable::named(name) {
            Some(variable) => Ok(Self::Generated(variable)),
            _ if name.split('.').all(is_name) => Ok(Self::Named(name.to_owned())),
            _ => Err(format!("${{{name}}} is not a name, a JSON pointer or env.NAME; a dollar sign is written $$")),
        }
    }
}

impl fmt::Display for ScenarioVariable {
    /// As it is written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => write!(f, "${{{name}}}"),
            Self::Group(number) => write!(f, "${number}"),
            Self::Pointer(pointer) => write!(f, "${{{pointer}}}"),
            Self::Generated(variable) => variable.fmt(f),
        }
    }
}

/// Whether something may be called that: letters, digits, `-` and `_`, and no digit in front.
pub(crate) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

/// Whether `${name}` is something else already.
pub(super) fn is_generated(name: &str) -> bool {
    name == "env" || GeneratedVariable::named(name).is_some()
}

impl ScenarioTemplate {
    /// # Errors
    /// What isn't closed, or is nothing that could be filled in.
    pub(super) fn parse(text: &str) -> Result<Self, PieceError> {
        Self::of(Template::parse(text)?, text)
    }

    /// Reads a JSON value, in which places may stand for values and in strings.
    ///
    /// # Errors
    /// What isn't JSON either way.
    pub(super) fn parse_json(text: &str) -> Result<Self, PieceError> {
        let template = Template::parse_json(text)?;
        let has_places = template.places().next().is_some();
        let stays_json = has_places && template.places().all(|place| place.surroundings != Surroundings::Text);
        if !stays_json && !is_json(text.as_bytes()) {
            let places = template.places().map(|place| place.at).collect::<Vec<_>>();
            let why = || PieceError::at(0, format!("{text:?} is not JSON; a text is written in double quotes"));
            return Err(json_fault::find(&without_places(text, &places)).unwrap_or_else(why));
        }
        Self::of(template, text)
    }

    fn of(template: Template<ScenarioVariable>, text: &str) -> Result<Self, PieceError> {
        match template.has_more_places_than(MOST_PLACES) {
            true => Err(PieceError::at(0, format!("it has over {MOST_PLACES} places to fill in"))),
            false => Ok(Self { template, source: text.to_owned() }),
        }
    }

    /// What it has places for, and where.
    pub(super) fn places(&self) -> impl Iterator<Item = (&ScenarioVariable, usize)> {
        self.template.places().map(|place| (&place.source, place.at))
    }

    /// # Errors
    /// What there is no value for, in words, and a text that is too long.
    pub(crate) fn fill(
        &self,
        value: &mut dyn FnMut(&ScenarioVariable) -> Result<LineValue, String>,
    ) -> Result<String, String> {
        fill_places(&self.template, value).map_err(|error| error.why)
    }
}

/// A text of the same length that has a value of JSON, or part of a string, wherever there is a place to fill in.
fn without_places(text: &str, places: &[usize]) -> String {
    let (mut plain, mut nesting) = (String::new(), Nesting::default());
    let mut behind = 0;
    for at in places {
        text[behind..*at].chars().for_each(|c| nesting.push(c));
        plain.push_str(&text[behind..*at]);
        let rest = &text[at + 1..];
        let length = match rest.starts_with('{') {
            true => rest.find('}').map_or(rest.len(), |end| end + 1),
            false => rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len()),
        };
        let (first, fill) = if nesting.in_string() { ('x', "x") } else { ('0', " ") };
        plain.push(first);
        plain.push_str(&fill.repeat(length));
        behind = at + 1 + length;
    }
    plain.push_str(&text[behind..]);
    plain
}

impl fmt::Display for ScenarioTemplate {
    /// As it is written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)
    }
}
