//! Flags that do nothing at a prompt are refused rather than ignored.

use crate::cli::Connect;
use crate::error::Error;
use crate::stdio::input;

/// # Errors
/// Names the flag, and what it takes for it to act.
pub(super) fn check(args: &Connect) -> Result<(), Error> {
    let refused = [(args.sending.input != input::Mode::Lines).then_some(("--in", "a prompt reads lines"))];
    match refused.into_iter().flatten().next() {
        None => Ok(()),
        Some((flag, why)) => Err(Error::Usage {
            what: format!("{flag} does nothing at a prompt: {why}"),
            hint: Some("add < FILE to send a file's content instead of opening a prompt, or -n to send only -d".into()),
        }),
    }
}
