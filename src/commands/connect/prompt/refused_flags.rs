//! Flags that do nothing at a prompt are refused rather than ignored.

use crate::commands::connect::Exchange;
use crate::error::Error;
use crate::stdio::input;

/// # Errors
/// Names the flag, and what it takes for it to act.
pub(super) fn check(exchange: &Exchange) -> Result<(), Error> {
    let other_input = exchange.sending.input != input::Mode::Lines;
    let refused = [
        other_input.then_some(("--in", "a prompt reads lines")),
        exchange.ending.linger.map(|_| ("--linger", "it stays until you leave")),
    ];
    let Some((flag, why)) = refused.into_iter().flatten().next() else { return Ok(()) };
    Err(Error::Usage {
        what: format!("{flag} does nothing at a prompt: {why}"),
        hint: Some("to send a file's content instead of opening a prompt, add < FILE".into()),
    })
}
