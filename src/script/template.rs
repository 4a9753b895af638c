//! Text with places for what a message had in it.

use std::sync::Arc;

use serde::de::IgnoredAny;

use super::condition::{Condition, Found};
use super::fault::Fault;
use super::reply::Part;

/// A reply before it is filled in: `$1` is a group of the match, `$0` all of it, `${name}` a named
/// group, `${/pointer}` a value of the JSON message, `$$` a dollar sign.
///
/// In a template that is JSON but for its places what is filled in keeps it JSON: escaped inside a string, and as a value
/// of its own elsewhere. In any other it is filled in as text.
#[derive(Debug, Clone)]
pub(super) struct Template(Vec<TemplatePiece>);

#[derive(Debug, Clone)]
enum TemplatePiece {
    Text(Arc<[u8]>),
    Placeholder(Placeholder),
}

/// A place to fill in.
#[derive(Debug, Clone)]
struct Placeholder {
    source: Variable,
    surroundings: Surroundings,
    /// In the template as it was written, in bytes.
    at: usize,
}

/// What is filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Variable {
    Group(usize),
    Name(String),
    Pointer(String),
}

/// Where it is filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Surroundings {
    Text,
    /// Between the quotes of a JSON string.
    JsonString,
    /// Where JSON has a value.
    JsonValue,
}

impl Template {
    /// # Errors
    /// A brace that isn't closed, or has nothing in it.
    pub(super) fn parse(text: &str) -> Result<Self, Fault> {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(dollar) = rest.find('$') {
            plain.push_str(&rest[..dollar]);
            let at = text.len() - rest.len() + dollar;
            let (source, behind) = source(&rest[dollar + 1..]).map_err(|fault| fault.behind(at))?;
            rest = behind;
            match source {
                Some(source) => {
                    pieces.push(TemplatePiece::Text(std::mem::take(&mut plain).into_bytes().into()));
                    pieces.push(TemplatePiece::Placeholder(Placeholder {
                        source,
                        surroundings: Surroundings::Text,
                        at,
                    }));
                }
                None => plain.push('$'),
            }
        }
        plain.push_str(rest);
        pieces.push(TemplatePiece::Text(plain.into_bytes().into()));
        let mut template = Self(pieces);
        template.settle_surroundings();
        Ok(template)
    }

    /// # Errors
    /// A group that the condition doesn't have, or a value of a message where there is none.
    pub(super) fn check(&self, condition: &Condition) -> Result<(), Fault> {
        self.places().try_for_each(|place| place.source.check(condition).map_err(|why| Fault::at(place.at, why)))
    }

    /// That there is nothing yet to fill in its first place with.
    pub(super) fn first(&self) -> Option<Fault> {
        let place = self.places().next()?;
        let why = format!("no message has matched yet that {} could be taken from", place.source);
        Some(Fault::at(place.at, why))
    }

    pub(super) fn has_more_places_than(&self, most: usize) -> bool {
        self.places().nth(most).is_some()
    }

    /// What wasn't found is left out, or null where JSON has a value.
    pub(super) fn fill(&self, found: &Found<'_>) -> Vec<Part> {
        let mut parts = Vec::new();
        for piece in &self.0 {
            match piece {
                TemplatePiece::Text(text) => parts.push(Part::Literal(Arc::clone(text))),
                TemplatePiece::Placeholder(place) => place.fill(found, &mut parts),
            }
        }
        parts
    }

    /// The first place for which nothing is found, as it is written, and where.
    pub(super) fn missing(&self, found: &Found<'_>) -> Option<Fault> {
        let place = self.places().find(|place| place.source.is_missing(found))?;
        Some(Fault::at(place.at, format!("the last message that matched has no {}", place.source)))
    }

    pub(super) fn pointers(&self) -> impl Iterator<Item = &str> {
        self.places().filter_map(|place| match &place.source {
            Variable::Pointer(pointer) => Some(pointer.as_str()),
            Variable::Group(_) | Variable::Name(_) => None,
        })
    }

    fn places(&self) -> impl Iterator<Item = &Placeholder> {
        self.0.iter().filter_map(|piece| match piece {
            TemplatePiece::Placeholder(place) => Some(place),
            TemplatePiece::Text(_) => None,
        })
    }

    /// Finds out whether the template is JSON once its places are filled in, and where in it they are.
    fn settle_surroundings(&mut self) {
        let mut json = Vec::new();
        let mut is_inside = false;
        let mut found = Vec::new();
        for piece in &self.0 {
            match piece {
                TemplatePiece::Text(text) => {
                    is_inside = ends_inside_string(is_inside, text);
                    json.extend_from_slice(text);
                }
                TemplatePiece::Placeholder(_) if is_inside => found.push(Surroundings::JsonString),
                TemplatePiece::Placeholder(_) => {
                    found.push(Surroundings::JsonValue);
                    json.extend_from_slice(b"null");
                }
            }
        }
        // A place and nothing else is no JSON of the author's.
        let is_begun = matches!(json.trim_ascii_start().first(), Some(b'{' | b'[' | b'"'));
        if !is_begun || serde_json::from_slice::<IgnoredAny>(&json).is_err() {
            return;
        }
        let places = self.0.iter_mut().filter_map(|piece| match piece {
            TemplatePiece::Placeholder(place) => Some(place),
            TemplatePiece::Text(_) => None,
        });
        places.zip(found).for_each(|(place, surroundings)| place.surroundings = surroundings);
    }
}

/// Whether the end of a piece of JSON is inside a string, from whether its beginning is.
fn ends_inside_string(mut is_inside: bool, text: &[u8]) -> bool {
    let mut is_escaped = false;
    for byte in text {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_inside => is_escaped = true,
            b'"' => is_inside = !is_inside,
            _ => {}
        }
    }
    is_inside
}

/// What a dollar sign stands for by what is behind it, and the rest; `None` is a dollar sign.
fn source(text: &str) -> Result<(Option<Variable>, &str), Fault> {
    if let Some(rest) = text.strip_prefix('$') {
        return Ok((None, rest));
    }
    if let Some(braced) = text.strip_prefix('{') {
        let (name, rest) = braced.split_once('}').ok_or_else(|| {
            Fault::at(0, "${ needs a } behind it, as in ${name} or ${/pointer}; a dollar sign is written $$")
        })?;
        let source = match name.parse() {
            _ if name.is_empty() => {
                return Err(Fault::at(0, "${} needs a name, a number or a JSON pointer, as in ${/op}"));
            }
            Ok(number) => Variable::Group(number),
            Err(_) if name.starts_with('/') => Variable::Pointer(name.to_owned()),
            Err(_) => Variable::Name(name.to_owned()),
        };
        return Ok((Some(source), rest));
    }
    let (digits, rest) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let source = match digits.parse() {
        Ok(number) => Some(Variable::Group(number)),
        Err(_) if digits.is_empty() => None,
        // There are not so many groups anywhere.
        Err(_) => Some(Variable::Group(usize::MAX)),
    };
    Ok((source, rest))
}

impl Variable {
    fn check(&self, condition: &Condition) -> Result<(), String> {
        if !condition.has_message() {
            return Err(format!("{self} has no message to come from: {condition}; a dollar sign is written $$"));
        }
        match self {
            Self::Pointer(_) | Self::Group(0) => Ok(()),
            Self::Group(number) if *number <= condition.groups() => Ok(()),
            Self::Name(name) if condition.has_named_group(name) => Ok(()),
            Self::Group(_) => {
                let groups = match condition.groups() {
                    0 => "no groups".to_owned(),
                    1 => "one group, $1".to_owned(),
                    count => format!("{count} groups, $1 to ${count}"),
                };
                Err(format!("{self} is unknown: {condition} has {groups}; a dollar sign is written $$"))
            }
            Self::Name(name) => Err(format!(
                "${{{name}}} is unknown: {condition} has no group (?<{name}>...); a JSON pointer begins with /, and a \
                 dollar sign is written $$"
            )),
        }
    }

    fn is_missing(&self, found: &Found<'_>) -> bool {
        match self {
            Self::Group(number) => found.group(*number).is_none(),
            Self::Name(name) => found.named_group(name).is_none(),
            Self::Pointer(pointer) => found.value(pointer).is_none(),
        }
    }
}

impl std::fmt::Display for Variable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Group(usize::MAX) => f.write_str("a group with such a number"),
            Self::Group(number) => write!(f, "${number}"),
            Self::Name(name) => write!(f, "${{{name}}}"),
            Self::Pointer(pointer) => write!(f, "${{{pointer}}}"),
        }
    }
}

impl Placeholder {
    fn fill(&self, found: &Found<'_>, parts: &mut Vec<Part>) {
        let content = found.content();
        let group = match &self.source {
            Variable::Group(number) => found.group(*number),
            Variable::Name(name) => found.named_group(name),
            Variable::Pointer(pointer) => {
                let value = found.value(pointer);
                return match (self.surroundings, value) {
                    (Surroundings::Text, Some(value)) => parts.push(Part::json(content, value)),
                    (Surroundings::JsonString, Some(value)) => parts.push(Part::json_in_a_string(content, value)),
                    (Surroundings::JsonValue, Some(value)) => parts.push(Part::quoted(content, value.get().as_bytes())),
                    (Surroundings::JsonValue, None) => parts.push(null()),
                    (Surroundings::Text | Surroundings::JsonString, None) => {}
                };
            }
        };
        match (self.surroundings, group) {
            (Surroundings::Text, Some(group)) => parts.push(Part::quoted(content, group)),
            (Surroundings::JsonString, Some(group)) => parts.push(Part::escaped(content, group)),
            (Surroundings::JsonValue, Some(group)) if is_json(group) => parts.push(Part::quoted(content, group)),
            (Surroundings::JsonValue, Some(group)) => {
                parts.extend([quote(), Part::escaped(content, group), quote()]);
            }
            (Surroundings::JsonValue, None) => parts.push(null()),
            (Surroundings::Text | Surroundings::JsonString, None) => {}
        }
    }
}

fn is_json(text: &[u8]) -> bool {
    str::from_utf8(text).is_ok() && serde_json::from_slice::<IgnoredAny>(text).is_ok()
}

fn null() -> Part {
    Part::Literal(Arc::from(&b"null"[..]))
}

fn quote() -> Part {
    Part::Literal(Arc::from(&b"\""[..]))
}
