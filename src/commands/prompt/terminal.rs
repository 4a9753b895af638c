//! The terminal, given back as it was on every way out, and while we are stopped.

use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::mpsc::channel;
use std::sync::{Arc, LazyLock};
use std::thread;
use std::time::Duration;

use rustix::process::{Signal, getpid, kill_current_process_group, kill_process};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};
use signal_hook::consts::SIGTSTP;
use signal_hook::low_level;

use crate::net::{LastAct, is_ignored, process_end};
use crate::peer_text::Escaped;
use crate::stdio::terminal::{self, USUAL_HEIGHT, USUAL_WIDTH};
use crate::ws::prefix;

/// A terminal that hasn't taken a few bytes by then takes none.
const TAKES_WITHIN: Duration = Duration::from_millis(100);

/// How often it is looked whether the foreground is ours again.
const LOOK: Duration = Duration::from_millis(50);

/// Puts the terminal back as it was, however we leave: the editor may be in the middle of a line.
#[derive(Debug)]
pub(crate) struct TerminalGuard(Original);

/// The terminal that stdin was, and how it was before us; `None` when that can't be known.
#[derive(Debug, Clone)]
pub(crate) struct Original {
    terminal: Arc<File>,
    modes: Option<Termios>,
}

impl TerminalGuard {
    /// Takes note of how the terminal is, has it [give every byte](every_byte), and sees to it that Ctrl-Z stops us only after the
    /// terminal is as it was, and `screen` has given way.
    ///
    /// # Errors
    /// When there are no descriptors or threads left.
    pub(crate) fn new(screen: impl GivesWay + Send + 'static) -> io::Result<Self> {
        let terminal = Arc::new(File::from(io::stdin().as_fd().try_clone_to_owned()?));
        let modes = tcgetattr(&terminal).ok();
        let original = Original { terminal, modes };
        if !is_ignored(SIGTSTP) {
            catch_stops(original.clone(), screen)?;
        }
        if let Some(modes) = &original.modes {
            original.set(&every_byte(modes));
            let last = original.clone();
            // It is done twice where we leave in order.
            LastAct::new(move || last.give_back(THE_LINE));
        }
        Ok(Self(original))
    }

    pub(crate) fn original(&self) -> Original {
        self.0.clone()
    }
}

/// What is on the terminal while another program has it.
pub(crate) trait GivesWay {
    /// What takes it away.
    fn give_way(&self) -> String;

    /// What makes room for it again.
    fn come_back(&self) -> String;

    /// It may be drawn.
    fn resumed(&self);
}

/// Takes the row of the cursor away.
const THE_LINE: &str = "\r\x1b[K";

/// Stops us by a thread, which puts the terminal back before.
fn catch_stops(original: Original, screen: impl GivesWay + Send + 'static) -> io::Result<()> {
    let (mut stops, told) = UnixStream::pair()?;
    low_level::pipe::register(SIGTSTP, told)?;
    let stopping = move || {
        while stops.read(&mut [0]).is_ok_and(|count| count > 0) {
            stop(&original, &screen);
            screen.resumed();
        }
    };
    thread::Builder::new().name("stops".into()).spawn(stopping).map(drop)
}

impl Original {
    pub(crate) fn modes(&self) -> Option<&Termios> {
        self.modes.as_ref()
    }

    /// The terminal itself.
    pub(super) fn device(&self) -> &File {
        &self.terminal
    }

    /// The terminal, to be read or handed on.
    ///
    /// # Errors
    /// When there are no descriptors left.
    pub(crate) fn terminal(&self) -> io::Result<File> {
        self.terminal.try_clone()
    }

    /// Runs what needs the terminal as it was.
    pub(crate) fn lend<T>(&self, run: impl FnOnce() -> T) -> T {
        let ours = tcgetattr(&self.terminal).ok();
        self.modes.iter().for_each(|before| self.set(before));
        let done = run();
        self.modes.as_ref().and(ours).iter().for_each(|modes| self.set(modes));
        done
    }

    /// Runs what sets the terminal itself for what it does, and leaves when a key tells it to. It gets [every byte](every_byte):
    /// no key interrupts it, and us with it, and what is typed ahead is there for the next line.
    pub(crate) fn lend_every_byte<T>(&self, run: impl FnOnce() -> T) -> T {
        let ours = tcgetattr(&self.terminal).ok();
        self.modes.iter().for_each(|before| self.set(&every_byte(before)));
        let done = run();
        self.modes.as_ref().and(ours).iter().for_each(|modes| self.set(modes));
        done
    }

    fn set(&self, modes: &Termios) {
        // A terminal that is gone has nothing to be set.
        let _ = tcsetattr(&self.terminal, OptionalActions::Now, modes);
    }

    /// The prompt's line goes, by what takes it away, and bracketed paste with it. In the background the terminal is somebody
    /// else's.
    fn give_back(&self, away: &str) {
        if let Some(modes) = &self.modes
            && self.is_ours()
        {
            send(format!("{away}\x1b[?2004l"));
            // Last, for nobody is left then who could set it otherwise.
            self.set(modes);
        }
    }

    fn is_ours(&self) -> bool {
        terminal::is_in_foreground(&self.terminal)
    }
}

/// Every byte as it is typed, and nothing done about it: what a line editor needs. What is written is still translated.
fn every_byte(before: &Termios) -> Termios {
    let mut modes = before.clone();
    modes.make_raw();
    modes.output_modes = before.output_modes;
    modes
}

impl Drop for TerminalGuard {
    fn drop(&mut self) {
        self.0.give_back(THE_LINE);
    }
}

/// Stops this process as SIGTSTP would have, with the terminal given back for that time.
fn stop(original: &Original, screen: &impl GivesWay) {
    let editing = tcgetattr(&original.terminal).ok();
    original.give_back(&screen.give_way());
    let _ = low_level::emulate_default_handler(SIGTSTP);
    while !original.is_ours() {
        // Who goes on in the background to be ended may not touch the terminal: it would be stopped for it.
        if process_end().is_some() {
            return;
        }
        thread::sleep(LOOK);
    }
    if let Some(editing) = editing {
        original.set(&editing);
        send(format!("{}\x1b[?2004h", screen.come_back()));
        // What happened to the window in the background was told to somebody else.
        let _ = kill_process(getpid(), Signal::WINCH);
    }
}

/// Sends the terminal a sequence. One that takes nothing, because nobody reads it or somebody has stopped it, does without.
fn send(sequence: String) {
    let (told, taken) = channel();
    let sending = thread::Builder::new().name("terminal".into()).spawn(move || {
        send_now(&sequence);
        let _ = told.send(());
    });
    if sending.is_ok() {
        let _ = taken.recv_timeout(TAKES_WITHIN);
    }
}

/// Sends the terminal a sequence, however long it takes that.
pub(super) fn send_now(sequence: &str) {
    let _ = io::stdout().write_all(sequence.as_bytes()).and_then(|()| io::stdout().flush());
}

/// Bytes of a notification.
const NOTIFIED: usize = 200;

/// What rings the terminal's bell, or has it notify: OSC 9.
pub(super) fn bell(notification: Option<&str>) -> String {
    match notification {
        None => "\x07".to_owned(),
        Some(text) => format!("\x1b]9;wscli: {}\x07", Escaped(prefix(text, NOTIFIED))),
    }
}

/// What Ctrl-Z does on a terminal that isn't being edited on: stops everyone in the foreground.
pub(crate) fn ask_to_stop() {
    let _ = kill_current_process_group(Signal::TSTP);
}

/// Whether a line can be edited here: both ends are a terminal that can move its cursor.
pub(crate) fn is_capable() -> bool {
    is_at_a_terminal() && incapable().is_none()
}

/// The name of a terminal on which no line can be edited, where there is one at both ends.
pub(crate) fn incapable_terminal() -> Option<String> {
    incapable().filter(|_| is_at_a_terminal())
}

/// Whether somebody sits at both ends.
pub(crate) fn is_at_a_terminal() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

fn incapable() -> Option<String> {
    std::env::var("TERM").ok().filter(|name| ["dumb", "cons25", "emacs"].contains(&name.as_str()))
}

/// Whether the terminal breaks what is on it anew when its width changes. All do but the console, and xterm itself.
pub(super) fn breaks_anew() -> bool {
    static BREAKS: LazyLock<bool> = LazyLock::new(|| {
        let is_console = std::env::var("TERM").is_ok_and(|name| name == "linux");
        !is_console && std::env::var_os("XTERM_VERSION").is_none()
    });
    *BREAKS
}

/// The terminal's width now, in columns.
pub(crate) fn columns() -> usize {
    terminal::columns(io::stdout()).unwrap_or(USUAL_WIDTH)
}

/// The terminal's height now.
pub(crate) fn rows() -> usize {
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
        let modes = every_byte(&tcgetattr(&terminal).unwrap());
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
