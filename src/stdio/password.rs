//! Passwords, asked for at the terminal without showing them.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;
use rustix::io::Errno;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use super::stderr;
use super::terminal::is_without_columns;
use crate::error::Error;
use crate::net::{Signals, process_end};
use crate::peer_text::Escaped;

/// Has the terminal mark what is pasted, and no longer.
const MARK_PASTES: &str = "\x1b[?2004h";
const LEAVE_PASTES: &[u8] = b"\x1b[?2004l";
/// What a paste stands between then.
const PASTE_BEGINS: &[u8] = b"\x1b[200~";
const PASTE_ENDS: &[u8] = b"\x1b[201~";

const INTERRUPT: u8 = 3;
const END: u8 = 4;
const BACKSPACES: [u8; 2] = [8, 127];
/// Ctrl-U and Ctrl-W.
const ERASE_LINE: u8 = 0x15;
const ERASE_WORD: u8 = 0x17;

/// Who can be asked for a secret.
pub(crate) trait AskSecret {
    /// # Errors
    /// When there is no answer.
    fn ask(&self, question: &Question<'_>) -> Result<String, Error>;
}

/// At the terminal, which nobody else reads meanwhile, until a signal comes.
impl AskSecret for Signals {
    fn ask(&self, question: &Question<'_>) -> Result<String, Error> {
        question.ask(self)
    }
}

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
    /// Signals are held meanwhile, for one that ended the process would leave a terminal that shows nothing.
    ///
    /// # Errors
    /// When there is no terminal, or the question is refused: with Ctrl-C or a signal, which interrupts, or with Ctrl-D.
    pub(crate) fn ask(&self, signals: &Signals) -> Result<String, Error> {
        signals.held(|| ask_terminal(self.words, signals)).map_err(|error| self.unanswered(error))
    }

    /// The same on a terminal that is ours alone already, and where somebody else watches for signals.
    ///
    /// # Errors
    /// When the terminal can't be used, or the question is refused with Ctrl-C or Ctrl-D.
    pub(crate) fn ask_on(&self, terminal: &File) -> Result<String, Error> {
        ask_silently(self.words, Dialogue { terminal, signals: None }).map_err(|error| self.unanswered(error))
    }

    fn unanswered(&self, error: io::Error) -> Error {
        match error.kind() {
            io::ErrorKind::Interrupted => Error::Interrupted,
            io::ErrorKind::TimedOut => Error::System { doing: "asking for a password", why: error },
            io::ErrorKind::UnexpectedEof => self.refused(format!("{} was not entered", self.about)),
            io::ErrorKind::InvalidData => self.refused(format!("{} is not UTF-8", self.about)),
            io::ErrorKind::InvalidInput => self.refused(format!("{} was pasted with several lines", self.about)),
            _ => self.refused(format!("no terminal to prompt for {}", self.about)),
        }
    }

    fn refused(&self, what: String) -> Error {
        Error::Usage { what: what.into(), hint: Some(self.otherwise.to_owned().into()) }
    }
}

/// Asks on the terminal, whatever stdin and stderr are.
fn ask_terminal(question: &str, signals: &Signals) -> io::Result<String> {
    // Without blocking: somebody may have stopped its output with Ctrl-S.
    let flags = OFlags::NONBLOCK.bits() as i32;
    let terminal = OpenOptions::new().read(true).write(true).custom_flags(flags).open("/dev/tty")?;
    stderr::flush_briefly();
    ask_silently(question, Dialogue { terminal: &terminal, signals: Some(signals) })
}

fn ask_silently(question: &str, dialogue: Dialogue<'_>) -> io::Result<String> {
    let mut terminal = dialogue.terminal;
    let silence = EchoOff::begin(terminal)?;
    let marks = if is_without_columns() { "" } else { MARK_PASTES };
    let answer = dialogue.write(&format!("{marks}{}: ", Escaped(question))).and_then(|()| dialogue.read_line());
    if !marks.is_empty() {
        let _ = terminal.write(LEAVE_PASTES);
    }
    drop(silence);
    // The line is ended for whoever writes next; one that can't be ended keeps nobody from leaving.
    let _ = terminal.write(b"\n");
    answer
}

/// The terminal and the signals, watched together.
#[derive(Clone, Copy)]
struct Dialogue<'a> {
    terminal: &'a File,
    signals: Option<&'a Signals>,
}

impl Dialogue<'_> {
    fn write(mut self, text: &str) -> io::Result<()> {
        let mut left = text.as_bytes();
        while !left.is_empty() {
            let count = self.once_ready(PollFlags::OUT, |terminal| terminal.write(left))?;
            left = &left[count..];
        }
        Ok(())
    }

    /// Ctrl-C arrives as a byte, so that the terminal is put back on that way out too.
    fn read_line(mut self) -> io::Result<String> {
        let mut answer = TypedAnswer::default();
        let mut byte = [0];
        loop {
            let count = self.once_ready(PollFlags::IN, |terminal| terminal.read(&mut byte))?;
            // A terminal that is gone.
            if count == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if let Some(answered) = answer.take(byte[0]) {
                return answered;
            }
        }
    }

    /// Does what would block before, unless a signal comes: that is `Interrupted`.
    fn once_ready<T>(&mut self, flags: PollFlags, mut work: impl FnMut(&mut &File) -> io::Result<T>) -> io::Result<T> {
        loop {
            let signals = self.signals.map(|signals| PollFd::new(signals, PollFlags::IN));
            let mut watched: Vec<_> = [PollFd::new(self.terminal, flags)].into_iter().chain(signals).collect();
            let left = process_end().map(|end| end.saturating_duration_since(Instant::now()));
            match poll(&mut watched, left.and_then(|left| Timespec::try_from(left).ok()).as_ref()) {
                Err(Errno::INTR) => continue,
                // The terminal has to be as it was before the process ends.
                Ok(0) => return Err(io::ErrorKind::TimedOut.into()),
                polled => polled?,
            };
            if watched.get(1).is_some_and(|signals| !signals.revents().is_empty()) {
                return Err(io::ErrorKind::Interrupted.into());
            }
            match work(&mut self.terminal) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                done => return done,
            }
        }
    }
}

/// What has been typed and pasted so far, by somebody who doesn't see it.
#[derive(Debug, Default)]
struct TypedAnswer {
    line: Vec<u8>,
    /// What may become the mark of a paste.
    mark: Vec<u8>,
    is_pasting: bool,
}

impl TypedAnswer {
    /// The next byte; the answer, once there is one.
    fn take(&mut self, byte: u8) -> Option<io::Result<String>> {
        self.mark.push(byte);
        if [PASTE_BEGINS, PASTE_ENDS].contains(&self.mark.as_slice()) {
            self.is_pasting = self.mark == PASTE_BEGINS;
            self.mark.clear();
            return None;
        }
        if [PASTE_BEGINS, PASTE_ENDS].iter().any(|mark| mark.starts_with(&self.mark)) {
            return None;
        }
        // It is no mark, but may be the beginning of one behind its first byte.
        let no_mark = std::mem::take(&mut self.mark);
        let answered = self.key(no_mark[0]);
        no_mark[1..].iter().fold(answered, |answered, byte| answered.or_else(|| self.take(*byte)))
    }

    fn key(&mut self, byte: u8) -> Option<io::Result<String>> {
        match byte {
            INTERRUPT => return Some(Err(io::ErrorKind::Interrupted.into())),
            // A paste is one answer, whatever is in it.
            byte if self.is_pasting => self.line.push(byte),
            // Whatever was typed before it.
            END => return Some(Err(io::ErrorKind::UnexpectedEof.into())),
            b'\r' | b'\n' => return Some(self.answer()),
            byte if BACKSPACES.contains(&byte) => erase_character(&mut self.line),
            // One that is typed blind is typed anew rather than word by word.
            ERASE_LINE | ERASE_WORD => self.line.clear(),
            byte => self.line.push(byte),
        }
        None
    }

    /// Without the ends of lines that a secret was copied with.
    fn answer(&mut self) -> io::Result<String> {
        let answer = String::from_utf8(std::mem::take(&mut self.line)).map_err(|_| io::ErrorKind::InvalidData)?;
        let answer = answer.trim_matches(['\r', '\n']);
        if answer.contains(['\r', '\n']) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        Ok(answer.to_owned())
    }
}

/// Takes off the last character, which may have several bytes.
fn erase_character(line: &mut Vec<u8>) {
    let is_inside = |byte: u8| byte & 0b1100_0000 == 0b1000_0000;
    while line.pop().is_some_and(is_inside) {}
}

/// A terminal that shows nothing of what is typed, until this is dropped.
struct EchoOff<'a> {
    terminal: &'a File,
    before: Termios,
}

impl<'a> EchoOff<'a> {
    fn begin(terminal: &'a File) -> io::Result<Self> {
        let before = tcgetattr(terminal)?;
        let mut silent = before.clone();
        silent.local_modes &= !(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG);
        tcsetattr(terminal, OptionalActions::Now, &silent)?;
        Ok(Self { terminal, before })
    }
}

impl Drop for EchoOff<'_> {
    fn drop(&mut self) {
        let _ = tcsetattr(self.terminal, OptionalActions::Now, &self.before);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paste_is_one_answer() {
        for (typed, answer) in [
            ("ab\r", Ok("ab")),
            ("a\x1b[200~b\x1b[201~c\r", Ok("abc")),
            ("\x1b[200~\r\nab\n\x1b[201~\n", Ok("ab")),
            ("\x1b[200~\x04\x15\x1b[200\x1b[201~\r", Ok("\x04\x15\x1b[200")),
            ("\x1b[200~a\nb\x1b[201~\n", Err(io::ErrorKind::InvalidInput)),
            ("\x1b[200~a\nb\x1b[201~\x15c\n", Ok("c")),
            ("\x1b[200~a\x03", Err(io::ErrorKind::Interrupted)),
            ("\x1b\x1b[A\r", Ok("\x1b\x1b[A")),
            ("\x1b\x04", Err(io::ErrorKind::UnexpectedEof)),
            ("\x1b\x03", Err(io::ErrorKind::Interrupted)),
        ] {
            let mut taken = TypedAnswer::default();
            let told = typed.bytes().find_map(|byte| taken.take(byte)).unwrap();
            assert_eq!(told.as_deref().map_err(io::Error::kind), answer, "{typed:?}");
        }
    }

    #[test]
    fn a_character_is_erased_whole() {
        let mut line = "a\u{1F600}é".as_bytes().to_vec();
        for left in ["a\u{1F600}", "a", "", ""] {
            erase_character(&mut line);
            assert_eq!(String::from_utf8(line.clone()).as_deref(), Ok(left));
        }
    }
}
