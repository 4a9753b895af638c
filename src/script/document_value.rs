//! A value of a JSON document that another takes the place of. All else in the document stays byte for byte what it was.

use super::condition::{Condition, Found};
use super::json_condition;
use super::reply::{Part, Reply};
use super::surroundings::{Surroundings, is_json};
use super::syntax_error::PieceError;
use super::template::Template;
use crate::view::json_pointer::Pointer;
use crate::ws::Kind;

/// `/POINTER VALUE`.
#[derive(Debug)]
pub(super) struct DocumentValue {
    pointer: Pointer,
    value: Template,
    /// Where the value stands, in bytes from the beginning.
    at: usize,
}

impl DocumentValue {
    /// # Errors
    /// A pointer that is none (RFC 6901), or a value that would not be JSON.
    pub(super) fn parse(text: &str) -> Result<Self, PieceError> {
        let (pointer, value) = json_condition::pointer_and_rest(text)?;
        let at = text.len() - value.len();
        let template = Template::parse_json(value).map_err(|error| error.behind(at))?;
        let has_places = template.places().next().is_some();
        let stays_json = has_places && template.places().all(|place| place.surroundings != Surroundings::Text);
        if !stays_json && !is_json(value.as_bytes()) {
            let why = format!("{value:?} is not a JSON value: a string stands in double quotes");
            return Err(PieceError::at(at, why));
        }
        Ok(Self { pointer, value: template, at })
    }

    /// # Errors
    /// As those of a reply.
    pub(super) fn check(&mut self, condition: &Condition) -> Result<(), PieceError> {
        self.value.check(condition).map_err(|error| error.behind(self.at))
    }

    pub(super) fn pointer(&self) -> &Pointer {
        &self.pointer
    }

    pub(super) fn value(&self) -> &Template {
        &self.value
    }

    /// Whether one of the two places is in the other.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        self.pointer.is_within(&other.pointer) || other.pointer.is_within(&self.pointer)
    }

    /// The message with the values in it, of which none overlaps another; `None` where it has nothing in any of their places.
    pub(super) fn set_in(values: &[&Self], found: &Found<'_, '_>) -> Option<Reply> {
        let content = found.content();
        let place = |value: &Self| {
            let old = found.value(&value.pointer)?.get().as_bytes();
            let begins = old.as_ptr().addr() - content.as_ptr().addr();
            Some(begins..begins + old.len())
        };
        let mut places: Vec<_> = values.iter().filter_map(|value| Some((place(value)?, *value))).collect();
        places.sort_by_key(|(place, _)| place.start);
        let mut parts = Vec::new();
        let mut behind = 0;
        for (place, value) in &places {
            parts.push(Part::quoted(content, &content[behind..place.start]));
            parts.extend(value.value.fill(found));
            behind = place.end;
        }
        parts.push(Part::quoted(content, &content[behind..]));
        (!places.is_empty()).then(|| Reply::new(Kind::Text, parts))
    }
}
