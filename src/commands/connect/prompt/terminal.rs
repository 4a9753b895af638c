//! The terminal, given back as it was on every way out, and while we are stopped.

use std::io::{self, IsTerminal, Read, Write};
use std::os::unix::net::UnixStream;
use std::thread;

use rustix::process::{Signal, kill_current_process_group};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr};
use signal_hook::consts::SIGTSTP;
use signal_hook::low_level;

/// What a terminal without a size is taken for.
const USUAL_WIDTH: usize = 80;
const USUAL_HEIGHT: usize = 24;

/// Puts the terminal back as it was, however we leave: the editor may be in the middle of a line.
#[derive(Debug)]
pub(super) struct TerminalGuard {
    before: Option<Termios>,
}

impl TerminalGuard {
    /// Takes note of how the terminal is, and sees to it that Ctrl-Z stops us only after it is so
    /// again. `resumed` is called when we go on.
    ///
    /// # Errors
    /// When there are no descriptors or threads left.
    pub(super) fn new(resumed: impl Fn() + Send + 'static) -> io::Result<Self> {
        let before = tcgetattr(io::stdin()).ok();
        let (mut stops, told) = UnixStream::pair()?;
        low_level::pipe::register(SIGTSTP, told)?;
        let cooked = before.clone();
        thread::Builder::new().name("stops".into()).spawn(move || {
            while stops.read(&mut [0]).is_ok_and(|count| count > 0) {
                stop(cooked.as_ref());
                resumed();
            }
        })?;
        Ok(Self { before })
    }
}

impl Drop for TerminalGuard {
    fn drop(&mut self) {
        if let Some(before) = &self.before {
            give_back(before);
        }
    }
}

/// The prompt's line goes, and bracketed paste with it.
fn give_back(before: &Termios) {
    let _ = tcsetattr(io::stdin(), OptionalActions::Now, before);
    let _ = io::stdout().write_all(b"\r\x1b[K\x1b[?2004l");
    let _ = io::stdout().flush();
}

/// Stops this process as SIGTSTP would have, with the terminal given back for that time.
fn stop(cooked: Option<&Termios>) {
    let editing = tcgetattr(io::stdin()).ok();
    if let Some(cooked) = cooked {
        give_back(cooked);
    }
    let _ = low_level::emulate_default_handler(SIGTSTP);
    if let Some(editing) = editing {
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &editing);
        let _ = io::stdout().write_all(b"\x1b[?2004h");
        let _ = io::stdout().flush();
    }
}

/// What Ctrl-Z does on a terminal that isn't being edited on: stops everyone in the foreground.
pub(super) fn ask_to_stop() {
    let _ = kill_current_process_group(Signal::TSTP);
}

/// Whether a line can be edited here: both ends are a terminal that can move its cursor.
pub(crate) fn is_capable() -> bool {
    let incapable = |name: &str| ["dumb", "cons25", "emacs"].contains(&name);
    let named = std::env::var("TERM").is_ok_and(|name| incapable(&name));
    io::stdin().is_terminal() && io::stdout().is_terminal() && !named
}

/// The terminal's width now, in columns.
pub(super) fn columns() -> usize {
    match tcgetwinsize(io::stdout()).map(|size| usize::from(size.ws_col)) {
        Ok(columns @ 1..) => columns,
        _ => USUAL_WIDTH,
    }
}

/// The terminal's height now.
pub(super) fn rows() -> usize {
    match tcgetwinsize(io::stdout()).map(|size| usize::from(size.ws_row)) {
        Ok(rows @ 1..) => rows,
        _ => USUAL_HEIGHT,
    }
}
