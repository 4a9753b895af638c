//! The states that a connection goes through, by name.

use super::syntax_error::PieceError;

/// Where a connection begins. It is there whether or not a rule names it.
pub(super) const START: &str = "start";

/// # Errors
/// What isn't one word.
pub(super) fn check(name: &str) -> Result<(), PieceError> {
    match name.find(char::is_whitespace) {
        Some(at) => Err(PieceError::at(at, "the name of a state is one word, such as logged-in")),
        None => Ok(()),
    }
}
