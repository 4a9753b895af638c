//! Passwords, asked for at the terminal without showing them.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use super::stderr;
use crate::error::Error;
use crate::peer_text::Escaped;

const INTERRUPT: u8 = 3;
const END: u8 = 4;
const BACKSPACES: [u8; 2] = [8, 127];

/// A secret that is asked for.
#[derive(Debug)]
pub(crate) struct Question<'a> {
    /// As the terminal has it, where only the person sees it.
    pub(crate) words: &'a str,
    /// As an error has it, with nothing that may be a secret itself.
    pub(crate) about: &'a str,
    /// What to do instead, where there is no terminal.
    pub(crate) otherwise: &'a str,
}

impl Question<'_> {
    /// # Errors
    /// When there is no terminal, or the question is refused with Ctrl-C or Ctrl-D.
    pub(crate) fn ask(&self) -> Result<String, Error> {
        ask_terminal(self.words).map_err(|error| match error.kind() {
            io::ErrorKind::Interrupted => Error::Interrupted,
            _ => Error::Usage {
                what: format!("no terminal to prompt for {}", self.about),
                hint: Some(self.otherwise.to_owned()),
            },
        })
    }
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
