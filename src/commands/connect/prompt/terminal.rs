//! The terminal, given back as it was on every way out, and while we are stopped.

use std::io::{self, IsTerminal, Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use rustix::process::{Signal, getpgrp, kill_current_process_group};
use rustix::termios::{InputModes, LocalModes, OptionalActions, Termios, tcgetattr, tcgetpgrp, tcsetattr};
use signal_hook::consts::SIGTSTP;
use signal_hook::low_level;

use crate::net::{is_ignored, process_end, set_last_act};
use crate::stdio::terminal::{self, USUAL_HEIGHT, USUAL_WIDTH};

/// A terminal that hasn't taken a few bytes by then takes none.
const TAKES_WITHIN: Duration = Duration::from_millis(100);

/// How often it is looked whether the foreground is ours again.
const LOOK: Duration = Duration::from_millis(50);

/// Puts the terminal back as it was, however we leave: the editor may be in the middle of a line.
#[derive(Debug)]
pub(super) struct TerminalGuard(Original);

/// How the terminal was before us; `None` when that can't be known.
#[derive(Debug, Clone)]
pub(super) struct Original(Option<Termios>);

impl TerminalGuard {
    /// Takes note of how the terminal is, has it [keep keys](between_lines) for the editor, and sees to it that Ctrl-Z
    /// stops us only after the terminal is as it was. `resumed` is called when we go on.
    ///
    /// # Errors
    /// When there are no descriptors or threads left.
    pub(super) fn new(resumed: impl Fn() + Send + 'static) -> io::Result<Self> {
        let before = tcgetattr(io::stdin()).ok();
        if !is_ignored(SIGTSTP) {
            catch_stops(before.clone(), resumed)?;
        }
        if let Some(before) = &before {
            set(&between_lines(before));
            let original = before.clone();
            set_last_act(move || give_back(&original));
        }
        Ok(Self(Original(before)))
    }

    pub(super) fn original(&self) -> Original {
        self.0.clone()
    }
}

/// Stops us by a thread, which puts the terminal back before and calls `resumed` behind it.
fn catch_stops(before: Option<Termios>, resumed: impl Fn() + Send + 'static) -> io::Result<()> {
    let (mut stops, told) = UnixStream::pair()?;
    low_level::pipe::register(SIGTSTP, told)?;
    let stopping = move || {
        while stops.read(&mut [0]).is_ok_and(|count| count > 0) {
            stop(before.as_ref());
            resumed();
        }
    };
    thread::Builder::new().name("stops".into()).spawn(stopping).map(drop)
}

impl Original {
    /// Runs what needs the terminal as it was.
    pub(super) fn lend<T>(&self, run: impl FnOnce() -> T) -> T {
        let ours = tcgetattr(io::stdin()).ok();
        self.0.as_ref().inspect(|before| set(before));
        let done = run();
        self.0.as_ref().and(ours).inspect(set);
        done
    }
}

/// While no line is edited, keys wait for the next one as they were pressed. A terminal that gathers lines by itself
/// takes Ctrl-D for its own, and forgets it when the editor begins. Ctrl-C goes on to be a signal.
fn between_lines(before: &Termios) -> Termios {
    let mut modes = before.clone();
    modes.local_modes &= !(LocalModes::ICANON | LocalModes::ECHO);
    modes.input_modes &= !InputModes::ICRNL;
    modes
}

fn set(modes: &Termios) {
    // A terminal that is gone has nothing to be set.
    let _ = tcsetattr(io::stdin(), OptionalActions::Now, modes);
}

impl Drop for TerminalGuard {
    fn drop(&mut self) {
        if let Some(before) = &self.0.0 {
            give_back(before);
        }
    }
}

/// The prompt's line goes, and bracketed paste with it. In the background the terminal is somebody else's.
fn give_back(before: &Termios) {
    if is_ours() {
        send(b"\r\x1b[K\x1b[?2004l");
        // Last, for nobody is left then who could set it otherwise.
        set(before);
    }
}

/// Stops this process as SIGTSTP would have, with the terminal given back for that time.
fn stop(cooked: Option<&Termios>) {
    let editing = tcgetattr(io::stdin()).ok();
    if let Some(cooked) = cooked {
        give_back(cooked);
    }
    let _ = low_level::emulate_default_handler(SIGTSTP);
    while !is_ours() {
        // Who goes on in the background to be ended may not touch the terminal: it would be stopped for it.
        if process_end().is_some() {
            return;
        }
        thread::sleep(LOOK);
    }
    if let Some(editing) = editing {
        set(&editing);
        send(b"\x1b[?2004h");
    }
}

/// Whether we are in the foreground of the terminal, or it is one without a foreground.
fn is_ours() -> bool {
    tcgetpgrp(io::stdin()).map_or(true, |group| group == getpgrp())
}

/// Sends the terminal a sequence. One that takes nothing, because nobody reads it or somebody has stopped it, does without.
fn send(sequence: &'static [u8]) {
    let (told, taken) = channel();
    let sending = thread::Builder::new().name("terminal".into()).spawn(move || {
        let _ = io::stdout().write_all(sequence).and_then(|()| io::stdout().flush());
        let _ = told.send(());
    });
    if sending.is_ok() {
        let _ = taken.recv_timeout(TAKES_WITHIN);
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
    terminal::columns(io::stdout()).unwrap_or(USUAL_WIDTH)
}

/// The terminal's height now.
pub(super) fn rows() -> usize {
    terminal::rows(io::stdout()).unwrap_or(USUAL_HEIGHT)
}

#[cfg(test)]
mod tests {
    use std::fs::{File, OpenOptions};

    use rustix::event::{PollFd, PollFlags, poll};
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

    use super::*;

    #[test]
    fn keys_pressed_between_two_lines_are_there_for_the_next() {
        let keyboard = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&keyboard).and_then(|()| unlockpt(&keyboard)).unwrap();
        let name = ptsname(&keyboard, Vec::new()).unwrap();
        let mut terminal = OpenOptions::new().read(true).write(true).open(name.to_str().unwrap()).unwrap();
        let modes = between_lines(&tcgetattr(&terminal).unwrap());
        tcsetattr(&terminal, OptionalActions::Now, &modes).unwrap();
        let mut keyboard = File::from(keyboard);
        keyboard.write_all(b"next\r\x04").unwrap();
        let mut pressed = [PollFd::new(&terminal, PollFlags::IN)];
        poll(&mut pressed, None).unwrap();
        let mut editing = modes;
        editing.make_raw();
        tcsetattr(&terminal, OptionalActions::Now, &editing).unwrap();
        let mut keys = [0; 6];
        terminal.read_exact(&mut keys).unwrap();
        assert_eq!(&keys, b"next\r\x04");
    }
}
