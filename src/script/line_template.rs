//! Lines that are typed, with places for what is known only when they are sent: `$1` of what is typed behind the name of a saved
//! message, `${uuid}`, `${last./pointer}`.

use std::fmt;

use super::generated::GeneratedVariable;
use super::surroundings::LineValue;
use super::syntax_error::PieceError;
use super::template::{Template, TemplatePiece, Variable};
use crate::view::json_pointer::Pointer;

/// The longest line that is made, in bytes, and the places that it has at most.
const LONGEST: usize = 64 << 20;
const MOST_PLACES: usize = 1000;

/// A line before it is filled in.
#[derive(Debug, Clone)]
pub(crate) struct LineTemplate {
    template: Template<LineVariable>,
    text: String,
}

/// What is filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LineVariable {
    /// One of what is typed behind the name, from 1.
    Argument(usize),
    /// All of that.
    Arguments,
    /// What is neither typed nor received.
    Generated(GeneratedVariable),
    /// A value of the last message that has one there, by its pointer (RFC 6901).
    Last(Pointer),
}

impl Variable for LineVariable {
    fn numbered(number: usize) -> Self {
        Self::Argument(number)
    }

    fn named(name: &str) -> Result<Self, String> {
        match (GeneratedVariable::named(name), name.strip_prefix("last.")) {
            (Some(variable), _) => Ok(Self::Generated(variable)),
            (_, Some(pointer)) if pointer.is_empty() || pointer.starts_with('/') => {
                Pointer::parse(pointer).map(Self::Last).map_err(|error| error.why)
            }
            _ => Err(format!(
                "${{{name}}} is none of ${{1}}, ${{uuid}}, ${{now}}, ${{counter}}, ${{random}}, ${{env.NAME}} and \
                 ${{last./POINTER}}; a \
                 dollar sign is written $$"
            )),
        }
    }

    fn all() -> Option<Self> {
        Some(Self::Arguments)
    }
}

impl fmt::Display for LineVariable {
    /// As it is written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Argument(usize::MAX) => f.write_str("an argument with such a number"),
            Self::Argument(number) => write!(f, "${number}"),
            Self::Arguments => f.write_str("$*"),
            Self::Last(pointer) => write!(f, "${{last.{pointer}}}"),
            Self::Generated(variable) => variable.fmt(f),
        }
    }
}

impl LineTemplate {
    /// # Errors
    /// What isn't closed, or is nothing that could be filled in, with its column.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let template = Template::<LineVariable>::parse(text).map_err(|error| error.told(text))?;
        let zero = template.places().find(|place| place.source == LineVariable::Argument(0));
        if let Some(place) = zero {
            return Err(PieceError::at(place.at, "arguments are counted from $1; $* is all of them").told(text));
        }
        if template.has_more_places_than(MOST_PLACES) {
            return Err(format!("it has over {MOST_PLACES} places to fill in"));
        }
        Ok(Self { template, text: text.to_owned() })
    }

    /// A line with digits where its places are, character by character, so that what else is in it can be looked at as JSON;
    /// `None` where it is no template, or not yet.
    pub(crate) fn with_digits(text: &str) -> Option<String> {
        // Behind the last dollar sign a place may be yet to come.
        let template = Template::<LineVariable>::parse(text).ok().filter(|_| !text.ends_with('$'))?;
        let (mut digits, mut from) = (String::with_capacity(text.len()), 0);
        for place in template.places() {
            digits.push_str(&text[from..place.at]);
            digits.extend(text[place.at..place.end].chars().map(|_| '1'));
            from = place.end;
        }
        Some(digits + &text[from..])
    }

    /// What it has places for.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &LineVariable> {
        self.template.places().map(|place| &place.source)
    }

    /// The line, with what `value` says for each place.
    ///
    /// # Errors
    /// Why there is nothing for a place, with its column; a line that is too long.
    pub(crate) fn fill(
        &self,
        mut value: impl FnMut(&LineVariable) -> Result<LineValue, String>,
    ) -> Result<String, String> {
        fill_places(&self.template, |variable| value(variable)).map_err(|error| error.told(&self.text))
    }
}

/// A template, with what `value` says for each place.
///
/// # Errors
/// Why there is nothing for a place, and where that is; a text that is too long.
pub(super) fn fill_places<V: Variable>(
    template: &Template<V>,
    mut value: impl FnMut(&V) -> Result<LineValue, String>,
) -> Result<String, PieceError> {
    let mut filled = Vec::new();
    for piece in template.pieces() {
        match piece {
            TemplatePiece::Text(text) => filled.extend_from_slice(text),
            TemplatePiece::Placeholder(place) => {
                let value = value(&place.source).map_err(|why| PieceError::at(place.at, why))?;
                filled.extend_from_slice(value.inside(place.surroundings).as_bytes());
            }
        }
        if filled.len() > LONGEST {
            return Err(PieceError::at(0, "filled in it is over 64 MiB"));
        }
    }
    String::from_utf8(filled).map_err(|error| PieceError::at(0, error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &str) -> Result<String, String> {
        LineTemplate::parse(text)?.fill(|variable| match variable {
            LineVariable::Argument(1) => Ok(LineValue::Text("a \"b\"".into())),
            LineVariable::Argument(2) => Ok(LineValue::Text("7".into())),
            LineVariable::Argument(number) => Err(format!("${number} is missing")),
            LineVariable::Last(pointer) if pointer.as_str() == "/half" => Ok(LineValue::Json(r#""x\ud800y""#.into())),
            LineVariable::Last(pointer) if pointer.as_str() == "/s" => Ok(LineValue::Json(r#""x\"\u00e9""#.into())),
            LineVariable::Last(_) => Ok(LineValue::Json("1.50".into())),
            other => Ok(LineValue::Text(format!("<{other}>"))),
        })
    }

    #[test]
    fn what_is_filled_in_keeps_json_json() {
        for (template, line) in [
            ("say $1, $2, $$1 and $", "say a \"b\", 7, $1 and $"),
            (r#"{"s":"$1","n":$2,"v":$1}"#, r#"{"s":"a \"b\"","n":7,"v":"a \"b\""}"#),
            (r#"{"id":${last./n},"s":${last./s},"t":"${last./s}"}"#, r#"{"id":1.50,"s":"x\"\u00e9","t":"x\"é"}"#),
            ("${last./s} ${last./n}", "x\"é 1.50"),
            ("${last./half}", "x\u{fffd}y"),
            (r#"{"s":${last./half},"t":"${last./half}"}"#, "{\"s\":\"x\\ud800y\",\"t\":\"x\u{fffd}y\"}"),
            (
                "$* ${uuid} ${now} ${random} ${counter} ${env.HOME}",
                "<$*> <${uuid}> <${now}> <${random}> <${counter}> <${env.HOME}>",
            ),
            ("${2}x $$*", "7x $*"),
        ] {
            assert_eq!(filled(template).as_deref(), Ok(line), "{template}");
        }
    }

    #[test]
    fn places_can_be_looked_at_as_numbers() {
        let digits = LineTemplate::with_digits(r#"{"é":${last./é},"n":$1$2x,"s":"$* $$3 ${uuid}"}"#);
        assert_eq!(digits.as_deref(), Some(r#"{"é":1111111111,"n":1111x,"s":"11 $$3 1111111"}"#));
        assert_eq!((LineTemplate::with_digits("${uui"), LineTemplate::with_digits("${b}")), (None, None));
        assert_eq!(LineTemplate::with_digits("{\"n\":$"), None);
    }

    #[test]
    fn what_can_not_be_filled_in_has_its_place() {
        for (template, says) in [
            ("a $3", "column 3: $3 is missing"),
            ("a ${b}", "column 3: ${b} is none of "),
            ("a ${/b}", "column 3: ${/b} is none of "),
            ("${env.}", "column 1: ${env.} is none of "),
            ("${", "column 1: ${ needs a }"),
            ("é $0", "column 3: arguments are counted from $1"),
        ] {
            let why = filled(template).unwrap_err();
            assert!(why.starts_with(says), "{template}: {why}");
        }
        assert!(LineTemplate::parse(&"$1".repeat(MOST_PLACES + 1)).is_err());
    }
}
