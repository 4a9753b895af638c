//! Text with places for what a message had in it.

use std::sync::Arc;

use serde::de::IgnoredAny;

use super::condition::{Condition, Found};
use super::generated::GeneratedVariable;
use super::reply::Part;
use super::surroundings::{LineValue, Surroundings, is_json};
use super::syntax_error::PieceError;
use crate::view::json_nesting::Nesting;
use crate::view::json_pointer::Pointer;

/// A reply before it is filled in: `$1` is a group of the match, `$0` all of it, `${name}` a named
/// group, `${/pointer}` a value of the JSON message, `${uuid}` one that is made anew, `$$` a dollar sign.
///
/// In a template that is JSON but for its places what is filled in keeps it JSON: escaped inside a string, and as a value
/// of its own elsewhere. In any other it is filled in as text.
///
/// What there is to fill in is known by `V`: of a message that is answered, or of a line that is typed (`line_template.rs`).
#[derive(Debug, Clone)]
pub(super) struct Template<V = MessageVariable> {
    pieces: Vec<TemplatePiece<V>>,
    /// Words behind a dollar sign that stands for itself, and where that is: `$name` is written `${name}`.
    words: Vec<(usize, String)>,
}

#[derive(Debug, Clone)]
pub(super) enum TemplatePiece<V> {
    Text(Arc<[u8]>),
    Placeholder(Placeholder<V>),
}

/// A place to fill in.
#[derive(Debug, Clone)]
pub(super) struct Placeholder<V> {
    pub(super) source: V,
    pub(super) surroundings: Surroundings,
    /// In the template as it was written, in bytes.
    pub(super) at: usize,
    pub(super) end: usize,
}

/// What may stand behind a dollar sign.
pub(super) trait Variable: Sized {
    /// `$1`.
    fn numbered(number: usize) -> Self;

    /// What stands between braces, and is no number.
    ///
    /// # Errors
    /// There is nothing of that name.
    fn named(name: &str) -> Result<Self, String>;

    /// `$*`, where it is more than a dollar sign and an asterisk.
    fn all() -> Option<Self> {
        None
    }
}

/// What of a message is filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum MessageVariable {
    Group(usize),
    Name(String),
    Pointer(Pointer),
    /// Unless the match has a group of that name.
    Generated(GeneratedVariable),
}

impl Variable for MessageVariable {
    fn numbered(number: usize) -> Self {
        Self::Group(number)
    }

    fn named(name: &str) -> Result<Self, String> {
        match name.starts_with('/') {
            true => Pointer::parse(name).map(Self::Pointer).map_err(|error| error.why),
            false => Ok(GeneratedVariable::named(name).map_or_else(|| Self::Name(name.to_owned()), Self::Generated)),
        }
    }
}

impl<V: Variable> Template<V> {
    /// # Errors
    /// A brace that isn't closed, or has in it what is nothing.
    pub(super) fn parse(text: &str) -> Result<Self, PieceError> {
        let mut template = Self::read(text)?;
        template.settle_surroundings(false);
        Ok(template)
    }

    /// Reads what stands where JSON has a value, be it one place and nothing else. What isn't JSON once it is filled in is
    /// taken for text.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub(super) fn parse_json(text: &str) -> Result<Self, PieceError> {
        let mut template = Self::read(text)?;
        template.settle_surroundings(true);
        Ok(template)
    }

    fn read(text: &str) -> Result<Self, PieceError> {
        let (mut pieces, mut words) = (Vec::new(), Vec::new());
        let mut plain = String::new();
        let mut rest = text;
        while let Some(dollar) = rest.find('$') {
            plain.push_str(&rest[..dollar]);
            let at = text.len() - rest.len() + dollar;
            let (source, behind) = source(&rest[dollar + 1..]).map_err(|error| error.behind(at))?;
            rest = behind;
            match source {
                Some(source) => {
                    pieces.push(TemplatePiece::Text(std::mem::take(&mut plain).into_bytes().into()));
                    pieces.push(TemplatePiece::Placeholder(Placeholder {
                        source,
                        surroundings: Surroundings::Text,
                        at,
                        end: text.len() - rest.len(),
                    }));
                }
                None => {
                    plain.push('$');
                    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
                    // Behind $$ it is meant.
                    if end > 0 && text.len() - rest.len() == at + 1 {
                        words.push((at, rest[..end].to_owned()));
                    }
                }
            }
        }
        plain.push_str(rest);
        pieces.push(TemplatePiece::Text(plain.into_bytes().into()));
        Ok(Self { pieces, words })
    }

    pub(super) fn has_more_places_than(&self, most: usize) -> bool {
        self.places().nth(most).is_some()
    }

    pub(super) fn places(&self) -> impl Iterator<Item = &Placeholder<V>> {
        self.pieces.iter().filter_map(|piece| match piece {
            TemplatePiece::Placeholder(place) => Some(place),
            TemplatePiece::Text(_) => None,
        })
    }

    pub(super) fn pieces(&self) -> &[TemplatePiece<V>] {
        &self.pieces
    }

    /// Finds out whether the template is JSON once its places are filled in, and where in it they are.
    fn settle_surroundings(&mut self, is_value: bool) {
        let mut json = Vec::new();
        let mut is_inside = false;
        let mut found = Vec::new();
        for piece in &self.pieces {
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
        let is_begun = is_value || matches!(json.trim_ascii_start().first(), Some(b'{' | b'[' | b'"'));
        if !is_begun || serde_json::from_slice::<IgnoredAny>(&json).is_err() {
            return;
        }
        let places = self.pieces.iter_mut().filter_map(|piece| match piece {
            TemplatePiece::Placeholder(place) => Some(place),
            TemplatePiece::Text(_) => None,
        });
        places.zip(found).for_each(|(place, surroundings)| place.surroundings = surroundings);
    }
}

impl Template {
    /// # Errors
    /// A group that the condition doesn't have, one without its braces, or a value of a message where there is none.
    pub(super) fn check(&mut self, condition: &Condition) -> Result<(), PieceError> {
        for piece in &mut self.pieces {
            if let TemplatePiece::Placeholder(place) = piece {
                place.source.prefer_groups(condition);
            }
        }
        if let Some((at, name)) = self.words.iter().find(|(_, name)| condition.has_named_group(name)) {
            let why = format!("the group {name} is written ${{{name}}}, and a dollar sign $$");
            return Err(PieceError::at(*at, why));
        }
        self.places().try_for_each(|place| place.source.check(condition).map_err(|why| PieceError::at(place.at, why)))
    }

    /// That there is nothing yet to fill in its first place with that is of a message.
    pub(super) fn first(&self) -> Option<PieceError> {
        let place = self.places().find(|place| !matches!(place.source, MessageVariable::Generated(_)))?;
        let why = format!("no message has matched yet that {} could be taken from", place.source);
        Some(PieceError::at(place.at, why))
    }

    /// What wasn't found is left out, or null where JSON has a value.
    pub(super) fn fill(&self, found: &Found<'_, '_>) -> Vec<Part> {
        let mut parts = Vec::new();
        for piece in &self.pieces {
            match piece {
                TemplatePiece::Text(text) => parts.push(Part::Literal(Arc::clone(text))),
                TemplatePiece::Placeholder(place) => place.fill(found, &mut parts),
            }
        }
        parts
    }

    /// The first place for which nothing is found, as it is written, and where.
    pub(super) fn missing(&self, found: &Found<'_, '_>) -> Option<PieceError> {
        let mut missing =
            self.places().filter_map(|place| Some(PieceError::at(place.at, place.source.why_missing(found)?)));
        missing.next()
    }

    pub(super) fn pointers(&self) -> impl Iterator<Item = &Pointer> {
        self.places().filter_map(|place| match &place.source {
            MessageVariable::Pointer(pointer) => Some(pointer),
            MessageVariable::Group(_) | MessageVariable::Name(_) | MessageVariable::Generated(_) => None,
        })
    }

    /// What of it no message has.
    pub(super) fn generated(&self) -> impl Iterator<Item = &GeneratedVariable> {
        self.places().filter_map(|place| match &place.source {
            MessageVariable::Generated(variable) => Some(variable),
            _ => None,
        })
    }
}

/// Whether the end of a piece of JSON is inside a string, from whether its beginning is.
fn ends_inside_string(is_inside: bool, text: &[u8]) -> bool {
    let mut nesting = Nesting::inside(is_inside);
    text.iter().for_each(|byte| nesting.push_byte(*byte));
    nesting.in_string()
}

/// What a dollar sign stands for by what is behind it, and the rest; `None` is a dollar sign.
fn source<V: Variable>(text: &str) -> Result<(Option<V>, &str), PieceError> {
    if let Some(rest) = text.strip_prefix('$') {
        return Ok((None, rest));
    }
    if let Some(braced) = text.strip_prefix('{') {
        let (name, rest) = braced.split_once('}').ok_or_else(|| {
            PieceError::at(0, "${ needs a } after it, as in ${name} or ${/pointer}; a dollar sign is written $$")
        })?;
        let source = match name.parse() {
            _ if name.is_empty() => {
                return Err(PieceError::at(0, "${} needs a name, a number or a JSON pointer, as in ${/op}"));
            }
            Ok(number) => V::numbered(number),
            Err(_) => V::named(name).map_err(|why| PieceError::at(0, why))?,
        };
        return Ok((Some(source), rest));
    }
    if let (Some(rest), Some(all)) = (text.strip_prefix('*'), V::all()) {
        return Ok((Some(all), rest));
    }
    let (digits, rest) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let source = match digits.parse() {
        Ok(number) => Some(V::numbered(number)),
        Err(_) if digits.is_empty() => None,
        // There are not so many of anything anywhere.
        Err(_) => Some(V::numbered(usize::MAX)),
    };
    Ok((source, rest))
}

impl MessageVariable {
    /// What has the name of a group of the match is that.
    fn prefer_groups(&mut self, condition: &Condition) {
        if let Self::Generated(variable) = self
            && condition.has_named_group(&variable.name())
        {
            *self = Self::Name(variable.name().into_owned());
        }
    }

    fn check(&self, condition: &Condition) -> Result<(), String> {
        if matches!(self, Self::Generated(_)) {
            return Ok(());
        }
        if !condition.has_content() {
            return Err(format!("{self} has no message to come from: {condition}; a dollar sign is written $$"));
        }
        match self {
            Self::Pointer(_) | Self::Group(0) | Self::Generated(_) => Ok(()),
            Self::Group(number) if *number <= condition.groups() => Ok(()),
            Self::Name(name) if condition.has_named_group(name) => Ok(()),
            // The condition may be one that nobody wrote, and says nothing to a user.
            Self::Group(_) if !condition.is_expression() => Err(format!(
                "{self} is unknown: no match REGEX stands here that could have groups; a dollar sign is written $$"
            )),
            Self::Group(_) => {
                let groups = match condition.groups() {
                    0 => "no groups".to_owned(),
                    1 => "one group, $1".to_owned(),
                    count => format!("{count} groups, $1 to ${count}"),
                };
                Err(format!("{self} is unknown: {condition} has {groups}; a dollar sign is written $$"))
            }
            Self::Name(name) if !condition.is_expression() => Err(format!(
                "${{{name}}} is unknown: a JSON pointer begins with /, as ${{/{name}}}, and no match REGEX stands here that could \
                 have groups; a dollar sign is written $$"
            )),
            Self::Name(name) => Err(format!(
                "${{{name}}} is unknown: {condition} has no group (?<{name}>...); a JSON pointer begins with /, and a \
                 dollar sign is written $$"
            )),
        }
    }

    /// In words; `None` where there is something to fill in.
    fn why_missing(&self, found: &Found<'_, '_>) -> Option<String> {
        let is_missing = match self {
            Self::Group(number) => found.group(*number).is_none(),
            Self::Name(name) => found.named_group(name).is_none(),
            Self::Pointer(pointer) => found.value(pointer).is_none(),
            Self::Generated(variable) => return found.generated(variable).err(),
        };
        is_missing.then(|| format!("the last message that matched has no {self}"))
    }
}

impl std::fmt::Display for MessageVariable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Group(usize::MAX) => f.write_str("a group with such a number"),
            Self::Group(number) => write!(f, "${number}"),
            Self::Name(name) => write!(f, "${{{name}}}"),
            Self::Pointer(pointer) => write!(f, "${{{pointer}}}"),
            Self::Generated(variable) => variable.fmt(f),
        }
    }
}

impl Placeholder<MessageVariable> {
    fn fill(&self, found: &Found<'_, '_>, parts: &mut Vec<Part>) {
        let content = found.content();
        let group = match &self.source {
            MessageVariable::Generated(variable) => {
                return match (self.surroundings, found.generated(variable)) {
                    (surroundings, Ok(value)) => {
                        let value = LineValue::Text(value).inside(surroundings);
                        parts.push(Part::Literal(value.into_bytes().into()));
                    }
                    (Surroundings::JsonValue, Err(_)) => parts.push(null()),
                    (Surroundings::Text | Surroundings::JsonString, Err(_)) => {}
                };
            }
            MessageVariable::Group(number) => found.group(*number),
            MessageVariable::Name(name) => found.named_group(name),
            MessageVariable::Pointer(pointer) => {
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

fn null() -> Part {
    Part::Literal(Arc::from(&b"null"[..]))
}

fn quote() -> Part {
    Part::Literal(Arc::from(&b"\""[..]))
}
