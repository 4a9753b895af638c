//! A value of a JSON document that another takes the place of. All else in the document stays byte for byte what it was.

use super::condition::{Condition, Found};
use super::json_condition;
use super::reply::{Part, Reply};
use super::syntax_error::PieceError;
use super::template::{Surroundings, Template, is_json};
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
        let template = Template::parse(value).map_err(|error| error.behind(at))?;
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
    pub(super) fn check(&self, condition: &Condition) -> Result<(), PieceError> {
        self.value.check(condition).map_err(|error| error.behind(self.at))
    }

    pub(super) fn pointer(&self) -> &Pointer {
        &self.pointer
    }

    pub(super) fn value(&self) -> &Template {
        &self.value
    }

    /// The message with the value in it; `None` where it has nothing there.
    pub(super) fn set_in(&self, found: &Found<'_>) -> Option<Reply> {
        let content = found.content();
        let old = found.value(&self.pointer)?.get().as_bytes();
        let begins = old.as_ptr().addr() - content.as_ptr().addr();
        let (before, behind) = (&content[..begins], &content[begins + old.len()..]);
        let mut parts = vec![Part::quoted(content, before)];
        parts.extend(self.value.fill(found));
        parts.push(Part::quoted(content, behind));
        Some(Reply::new(Kind::Text, parts))
    }
}
