//! Single values of a message, by their pointers (RFC 6901).

use super::pointers::Pointers;
use crate::ws::{Kind, Message};

/// The value of a text message that is JSON where the pointer leads, as it is written there.
pub(crate) fn value<'a>(message: Message<'a>, pointer: &str) -> Option<&'a str> {
    let pointers = Pointers::of([pointer]);
    let values = (message.kind == Kind::Text).then(|| pointers.find(message.content)).flatten()?;
    pointers.value(&values, pointer).map(|value| value.get())
}
