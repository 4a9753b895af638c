//! Passwords, asked for at the terminal without showing them.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use crate::error::Error;
use crate::peer_text::Escaped;
use crate::stdio::stderr;

const INTERRUPT: u8 = 3;
const END: u8 = 4;
const BACKSPACES: [u8; 2] = [8, 127];

/// Asks for a secret; where there is no terminal to ask on, `otherwise` is the advice.
///
/// # Errors
/// When there is no terminal, or the question is refused with Ctrl-C or Ctrl-D.
pub(super) fn ask(question: &str, otherwise: &str) -> Result<String, Error> {
    ask_terminal(question).map_err(|error| match error.kind() {
        io::ErrorKind::Interrupted => Error::Interrupted,
        _ => {
            Error::Usage { what: format!("no terminal to prompt for the {question}"), hint: Some(otherwise.to_owned()) }
        }
    })
}

/// Asks on the terminal, whatever stdin and stderr are.
fn ask_terminal(question: &str) -> io::Result<String> {
    let mut terminal = OpenOptions::new().read(true).write(true).open("/dev/tty")?;
    stderr::flush_briefly();
    let silence = Silence::begin(&terminal)?;
    write!(&terminal, "{}: ", Escaped(question))?;
    let answer = read_line(&terminal);
    drop(silence);
    writeln!(terminal)?;
    answer
}

/// Ctrl-C arrives as a byte, so that the terminal is put back on that way out too.
fn read_line(mut terminal: &File) -> io::Result<String> {
    let mut line = Vec::new();
    let mut byte = [0];
    loop {
        if terminal.read(&mut byte)? == 0 || [INTERRUPT, END].contains(&byte[0]) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        match byte[0] {
            b'\r' | b'\n' => return String::from_utf8(line).map_err(|_| io::ErrorKind::InvalidData.into()),
            byte if BACKSPACES.contains(&byte) => drop(line.pop()),
            byte => line.push(byte),
        }
    }
}

/// A terminal that shows nothing of what is typed, until this is dropped.
struct Silence<'a> {
    terminal: &'a File,
    before: Termios,
}

impl<'a> Silence<'a> {
    fn begin(terminal: &'a File) -> io::Result<Self> {
        let before = tcgetattr(terminal)?;
        let mut silent = before.clone();
        silent.local_modes &= !(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG);
        tcsetattr(terminal, OptionalActions::Now, &silent)?;
        Ok(Self { terminal, before })
    }
}

impl Drop for Silence<'_> {
    fn drop(&mut self) {
        let _ = tcsetattr(self.terminal, OptionalActions::Now, &self.before);
    }
}
