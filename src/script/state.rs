//! The states that a connection goes through, by name.

use super::fault::Fault;

/// Where a connection begins. It is there whether or not a rule names it.
pub(super) const START: &str = "start";

/// # Errors
/// What isn't one word.
pub(super) fn check(name: &str) -> Result<(), Fault> {
    match name.find(char::is_whitespace) {
        Some(at) => Err(Fault::at(at, "the name of a state is one word, such as logged-in")),
        None => Ok(()),
    }
}
