//! The exit code of `connect`, in a pipe and at the prompt: how the connection ended, who wanted it to, and what
//! was still expected.

use std::time::Duration;

use super::pipe::goals::Goals;
use crate::cli::GoalArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::net::End;

/// After `--max-time`, for the peer to answer our Close.
pub(super) const GRACE: Duration = Duration::from_millis(100);

/// Whether a connection is over for us, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Running,
    /// We have ended it, as was to be.
    Done,
    /// `--max-time` has.
    OutOfTime,
    /// stdout is gone, or something failed.
    GaveUp,
}

/// What the connection's end and the goals come to.
///
/// # Errors
/// What was expected in vain.
pub(super) fn verdict(ending: &End, state: State, goals: &Goals, args: &GoalArgs) -> Result<Exit, Error> {
    let exit = match state {
        // We left as we were told to, or time was up: how the peer took it doesn't matter.
        State::Done if args.no_close || closed_as_we_said(ending) => Exit::Done,
        State::OutOfTime => Exit::Done,
        _ => ending.exit_allowing(args.ok_close.as_ref()),
    };
    match goals.missing() {
        Some(missing) if exit == Exit::Done || missing.contains("--expect") => Err(Error::Unmet(missing)),
        _ => Ok(exit),
    }
}

/// We closed, and the peer answered, which it does with our own code (§5.5.1).
fn closed_as_we_said(ending: &End) -> bool {
    matches!(ending, End::Closed { by_peer: false, .. })
}
