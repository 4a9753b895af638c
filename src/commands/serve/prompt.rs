//! `serve --prompt`: the server, and whoever talks with its clients.

use std::io;
use std::sync::Arc;

use super::operator::Operator;
use super::{Config, reading};
use crate::commands::desk::{self, Desk};
use crate::commands::listening::end_log;
use crate::commands::prompt::command_table::PromptRole;
use crate::commands::prompt::options::PromptOptions;
use crate::commands::prompt::terminal::{TerminalGuard, is_capable};
use crate::error::Error;
use crate::exit::Exit;
use crate::net::{Signals, Waker};
use crate::server::Server;

/// Serves, and does what the operator says, until one of them or a signal ends it.
///
/// # Errors
/// When the terminal can't be used.
pub(super) fn run(
    server: Server,
    operator: Operator,
    options: &PromptOptions,
    signals: &Signals,
) -> Result<Exit, Error> {
    let failed = |why| Error::System { doing: "setting up the prompt", why };
    let desk = operator.desk().cloned();
    let log = Arc::clone(&server.log);
    let (stop, stopped) = desk::stop_switch(signals).map_err(failed)?;
    let _guard = listen_to(operator, options, stop).map_err(failed)?;
    let served = server.run(&stopped).and_then(|()| end_log(&log));
    desk.iter().for_each(Desk::end);
    served.map(|()| Exit::Done)
}

/// Whether somebody can answer at a prompt. Events for a program are in nobody's way who reads lines.
pub(super) fn suits(config: &Config) -> bool {
    config.modes.has_operator() && !config.listening.json && is_capable()
}

/// Begins to do what the operator says.
fn listen_to(operator: Operator, options: &PromptOptions, stop: Waker) -> io::Result<Option<TerminalGuard>> {
    match operator.desk().cloned() {
        Some(desk) => desk.begin(operator, PromptRole::Server, options, stop).map(Some),
        None => reading::from_stdin(operator, stop).map(|()| None),
    }
}
