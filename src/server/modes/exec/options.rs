//! How commands are run.

use super::close_rules::CloseRule;
use super::framing::Framing;

/// The same for every command of a server.
#[derive(Debug, Clone)]
pub(crate) struct ExecOptions {
    pub(crate) framing: Framing,
    /// On a terminal instead of pipes.
    pub(crate) pty: bool,
    pub(crate) closes: Vec<CloseRule>,
}
