//! Which of the messages that come answers which of ours.

use memchr::memmem;

use crate::script;
use crate::view::json_pointer::Pointer;
use crate::ws::Message;

/// What a number stands behind in a message that is no template.
pub(super) const MARK: &str = "wscli-bench:";

/// Of a message that may have a number in it, in bytes.
pub(super) const LOOKED_AT: usize = 1 << 20;

/// Which of the messages that come is the answer to one that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AnswerRule {
    /// The k-th answers the k-th, whatever is in it.
    Fifo,
    /// The same, if it has the content that was sent.
    Echo,
    /// The one that has the number of the message there.
    Json(Pointer),
    /// None.
    Nothing,
}

impl AnswerRule {
    /// Reads `fifo`, `echo`, `json:/POINTER` and `none`.
    ///
    /// # Errors
    /// What it has to be.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        match text.strip_prefix("json:") {
            Some(pointer) => Pointer::parse(pointer).map(Self::Json).map_err(|fault| fault.why),
            None if text == "fifo" => Ok(Self::Fifo),
            None if text == "echo" => Ok(Self::Echo),
            None if text == "none" => Ok(Self::Nothing),
            None => Err("expected fifo, echo, json:/POINTER or none".to_owned()),
        }
    }
}

/// The number of a message that was published, wherever the server has put what was.
pub(super) fn number_in(message: Message<'_>, answers: &AnswerRule) -> Option<u64> {
    if let AnswerRule::Json(pointer) = answers {
        return number_at(message, pointer);
    }
    let at = memmem::find(message.content, MARK.as_bytes())? + MARK.len();
    let digits = message.content[at..].split(|byte| !byte.is_ascii_digit()).next()?;
    str::from_utf8(digits).ok()?.parse().ok()
}

/// The number that a message has there, as a number of JSON or as a string.
pub(super) fn number_at(message: Message<'_>, pointer: &Pointer) -> Option<u64> {
    script::value(message, pointer)?.trim_matches('"').parse().ok()
}
