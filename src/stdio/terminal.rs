//! The size of a terminal.

use std::fs::File;
use std::io::{self, IsTerminal};
use std::os::fd::AsFd;

use rustix::process::getpgrp;
use rustix::termios::{Winsize, tcgetpgrp, tcgetwinsize};

/// What a terminal without a size is taken for, or one that is gone.
pub(crate) const USUAL_WIDTH: usize = 80;
pub(crate) const USUAL_HEIGHT: usize = 24;

/// The width of the terminal at this moment.
pub(crate) type Columns = fn() -> usize;

/// Of stdout, where that is a terminal. One that breaks lines by itself, and marks them, has no end of a line.
pub(crate) fn stdout_columns() -> Option<Columns> {
    let columns: Columns =
        if is_without_columns() { || ENDLESS } else { || columns(io::stdout()).unwrap_or(USUAL_WIDTH) };
    io::stdout().is_terminal().then_some(columns)
}

/// More than any line has, and few enough to be added to.
const ENDLESS: usize = usize::MAX / 4;

/// Whether the terminal is an editor's, which shows text as it comes.
pub(crate) fn is_without_columns() -> bool {
    std::env::var("TERM").is_ok_and(|name| ["dumb", "emacs"].contains(&name.as_str()))
}

/// Of the file that output goes to, where that is a terminal: most likely the one of stdout or stderr.
pub(crate) fn file_columns(file: &File) -> Option<Columns> {
    let shared: Columns = || columns(io::stdout()).or_else(|| columns(io::stderr())).unwrap_or(USUAL_WIDTH);
    file.is_terminal().then_some(shared)
}

/// Whether this process is in the foreground of a terminal, or the terminal is one without a foreground.
pub(crate) fn is_in_foreground(terminal: impl AsFd) -> bool {
    tcgetpgrp(terminal).map_or(true, |group| group == getpgrp())
}

/// The width now, in columns, of the terminal that a descriptor leads to; `None` where it leads elsewhere.
pub(crate) fn columns(terminal: impl AsFd) -> Option<usize> {
    size(terminal, |size| size.ws_col, USUAL_WIDTH)
}

/// The height now, likewise.
pub(crate) fn rows(terminal: impl AsFd) -> Option<usize> {
    size(terminal, |size| size.ws_row, USUAL_HEIGHT)
}

fn size(terminal: impl AsFd, side: impl FnOnce(Winsize) -> u16, usual: usize) -> Option<usize> {
    let told = tcgetwinsize(terminal).ok().map(side)?;
    Some(if told == 0 { usual } else { usize::from(told) })
}
