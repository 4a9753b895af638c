//! The exit codes.

use std::process::ExitCode;

/// The exit codes of the manual.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    Done = 0,
    No = 1,
    Usage = 2,
    NotReached = 3,
    Tls = 4,
    OpeningHandshake = 5,
    Violation = 6,
    ClosedAbnormally = 7,
    /// As Rust has it for a panic.
    Bug = 101,
    HungUp = 129,
    Interrupted = 130,
    Terminated = 143,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
