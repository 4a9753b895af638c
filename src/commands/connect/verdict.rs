//! The exit code of `connect`, in a pipe and at the prompt: how the connection ended, who wanted it to, and what
//! was still expected.

use super::config::Ending;
use crate::error::Error;
use crate::exit::Exit;
use crate::net::End;
use crate::script::{Goals, Unmet};

/// Whether a connection is over for us, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RunState {
    Running,
    /// We have ended it, as was to be.
    Done,
    /// `--max-time` has.
    OutOfTime,
    /// stdout is gone, or something failed.
    GaveUp,
}

/// What a run comes to where nobody reads what arrives any more.
///
/// # Errors
/// What was expected in vain.
pub(super) fn without_a_reader(goals: &Goals) -> Result<Exit, Error> {
    goals.missing().map_or(Ok(Exit::Done), |missing| Err(Error::Unmet(missing.to_string())))
}

/// What the connection's end and the goals come to.
///
/// # Errors
/// What was expected in vain.
pub(super) fn verdict(ending: &End, state: RunState, goals: &Goals, config: &Ending) -> Result<Exit, Error> {
    let exit = match state {
        // What the peer did say counts, whoever was about to leave.
        _ if matches!(ending, End::Closed { .. } | End::Violation(_)) => ending.exit_allowing(config.ok_close.as_ref()),
        // We left as we were told to, whatever the peer was about to do.
        RunState::Done if config.no_close => Exit::Done,
        // The peer had no time to finish.
        RunState::OutOfTime => Exit::Done,
        _ => ending.exit_allowing(config.ok_close.as_ref()),
    };
    match goals.missing() {
        // What was expected is what the run was for; a count that a failure cut short is the failure's.
        Some(missing) if exit == Exit::Done || matches!(missing, Unmet::Expect { .. }) => {
            Err(Error::Unmet(missing.to_string()))
        }
        _ => Ok(exit),
    }
}
