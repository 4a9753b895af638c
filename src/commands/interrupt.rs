//! Signals that end a subcommand.

use crate::exit::Exit;
use crate::net::Signals;

/// The exit code of a process that a signal has ended.
pub(crate) fn exit_of(signals: &Signals) -> Exit {
    signals.latest().exit()
}
