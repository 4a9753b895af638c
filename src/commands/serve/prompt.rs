//! `serve --prompt`: the server, and whoever talks with its clients.

use std::io::{self, IsTerminal};
use std::os::fd::AsFd;
use std::sync::Arc;

use super::operator::Operator;
use super::{Config, reading};
use crate::commands::listening::end_log;
use crate::commands::prompt::ConnectWords;
use crate::commands::prompt::options::PromptOptions;
use crate::commands::prompt::screen::Screen;
use crate::commands::prompt::terminal::{TerminalGuard, is_capable};
use crate::commands::prompt::{CommandWords, Seat};
use crate::error::Error;
use crate::exit::Exit;
use crate::net::{Signals, Waker};
use crate::server::Server;
use crate::stdio::console::Console;
use crate::view::spans::Style;
use crate::ws::Role;

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
    let desk = operator.desk().map(|desk| (desk.screen.clone(), desk.clients.clone()));
    let log = Arc::clone(&server.log);
    let (stop, stopped) = stop_switch(signals).map_err(failed)?;
    let _guard = listen_to(operator, options, stop).map_err(failed)?;
    let served = server.run(&stopped).and_then(|()| end_log(&log));
    if let Some((screen, clients)) = desk {
        clients.finish();
        screen.finish();
    }
    served.map(|()| Exit::Done)
}

/// Whether somebody can answer at a prompt. Events for a program are in nobody's way who reads lines.
pub(super) fn suits(config: &Config) -> bool {
    config.modes.has_operator() && !config.listening.json && is_capable()
}

/// Where the log goes: above the prompt, unless it is wanted elsewhere.
pub(super) fn console(screen: Option<&Screen>) -> Console {
    match screen.filter(|_| io::stderr().is_terminal()) {
        Some(screen) => screen.console(|screen, line| screen.wrapped(Style::Note, line)),
        None => Console::stderr(),
    }
}

/// What ends the server: signals do, and whoever has the waker.
fn stop_switch(signals: &Signals) -> io::Result<(Waker, impl AsFd + use<>)> {
    let (stop, stopped) = Waker::pair()?;
    signals.wake(&stop)?;
    if signals.have_come() {
        stop.wake();
    }
    Ok((stop, stopped))
}

/// Begins to do what the operator says.
fn listen_to(operator: Operator, options: &PromptOptions, stop: Waker) -> io::Result<Option<TerminalGuard>> {
    let Some(desk) = operator.desk() else { return reading::from_stdin(operator, stop).map(|()| None) };
    let transcript = desk.clients.transcript();
    let commands = CommandWords { role: Role::Server, url: None, connect: ConnectWords::default() };
    let seat = Seat::take(&desk.screen, &desk.status, transcript, commands, options)?;
    let Seat { guard, receiver, editor, .. } = seat;
    desk.screen.note("/help lists the commands, Ctrl-D stops the server");
    editor.start()?;
    reading::at_the_prompt(operator, receiver, stop)?;
    Ok(Some(guard))
}
