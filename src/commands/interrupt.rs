//! Signals that end a subcommand.

use std::io;

use crate::error::Error;
use crate::exit::Exit;
use crate::net::{Signal, Signals, enforce_process_end};

/// From here on signals end the subcommand, not the process.
///
/// # Errors
/// When there are no file descriptors left.
pub(crate) fn catch_signals() -> Result<Signals, Error> {
    Signals::catch().map_err(uncaught)
}

/// The same, but for SIGHUP, by which files are read again.
///
/// # Errors
/// When there are no file descriptors left.
pub(crate) fn catch_signals_but_hang_ups() -> Result<Signals, Error> {
    Signals::catch_but_hang_ups().map_err(uncaught)
}

/// The same, where what the subcommand does may take too long to heed one: the process ends in time all the same.
///
/// # Errors
/// When there are no file descriptors or threads left.
pub(crate) fn catch_signals_for_sure() -> Result<Signals, Error> {
    let signals = catch_signals()?;
    enforce_process_end(&signals, Signal::exit).map_err(uncaught)?;
    Ok(signals)
}

fn uncaught(why: io::Error) -> Error {
    Error::System { doing: "catching signals", why }
}

/// The exit code of a process that a signal has ended.
pub(crate) fn exit_of(signals: &Signals) -> Exit {
    signals.latest().exit()
}
