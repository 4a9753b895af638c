//! Where a value comes from: it stands in the file, or in the environment, or a command prints it, so that secrets needn't
//! stand in the file.

use std::env;
use std::io::{self, ErrorKind, Read};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::net::{LastAct, Woken, is_readable, wait_either};

/// A value, or where it is to be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct ConfigSource {
    /// What stands before it in what a flag is given: the name of a header.
    pub(super) before: String,
    pub(super) origin: ValueOrigin,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) enum ValueOrigin {
    Given(String),
    /// A variable of the environment.
    Variable(String),
    /// A command for the shell, which prints it on its first line.
    Command(String),
}

impl ConfigSource {
    pub(in crate::cli) fn given(text: impl Into<String>) -> Self {
        Self { before: String::new(), origin: ValueOrigin::Given(text.into()) }
    }

    /// Whether it is known without asking anybody.
    pub(in crate::cli) fn is_given(&self) -> bool {
        matches!(self.origin, ValueOrigin::Given(_))
    }

    /// What stands in the file, where it does.
    pub(in crate::cli) fn text(&self) -> Option<&str> {
        match &self.origin {
            ValueOrigin::Given(text) => Some(text),
            ValueOrigin::Variable(_) | ValueOrigin::Command(_) => None,
        }
    }

    /// The value. A command is ended once it is `cancelled`.
    ///
    /// # Errors
    /// Why there is none, in words.
    pub(in crate::cli) fn resolve(&self, cancelled: Option<&Woken>) -> Result<String, String> {
        let value = match &self.origin {
            ValueOrigin::Given(text) => text.clone(),
            ValueOrigin::Variable(name) => env::var(name).map_err(|error| match error {
                env::VarError::NotPresent => format!("{name} is not in the environment"),
                env::VarError::NotUnicode(_) => format!("{name} in the environment is not UTF-8"),
            })?,
            ValueOrigin::Command(command) => first_line(command, cancelled)?,
        };
        Ok(format!("{}{value}", self.before))
    }
}

/// What a command may print, in bytes.
const PRINTED: u64 = 64 * 1024;

/// The first line that a command prints. It may ask on the terminal, and stderr is its own.
fn first_line(command: &str, cancelled: Option<&Woken>) -> Result<String, String> {
    let run = Command::new("sh").args(["-c", command]).stdin(Stdio::inherit()).stdout(Stdio::piped()).spawn();
    let run = run.and_then(|mut child| printed(&mut child, cancelled));
    let (printed, status) = run.map_err(|error| format!("the command couldn't be run: {error}"))?;
    if cancelled.is_some_and(Woken::is_raised) {
        return Err("the command was ended".to_owned());
    }
    if printed.len() as u64 > PRINTED {
        return Err("the command printed more than 64 KiB".to_owned());
    }
    if !status.success() {
        return Err(format!("the command ended with {status}"));
    }
    let printed = String::from_utf8(printed).map_err(|_| "the command printed what is not UTF-8".to_owned())?;
    match printed.lines().next() {
        Some(line) if !line.is_empty() => Ok(line.to_owned()),
        _ => Err("the command printed nothing".into()),
    }
}

/// What it prints, up to a byte more than it may, and how it ended. It ends with us, where our time is up, and once it is
/// `cancelled`.
fn printed(child: &mut Child, cancelled: Option<&Woken>) -> io::Result<(Vec<u8>, ExitStatus)> {
    let shell = Pid::from_child(child);
    let last = LastAct::new(move || {
        // It may have ended by itself.
        let _ = kill_process(shell, Signal::TERM);
    });
    let mut printed = Vec::new();
    let read = child.stdout.take().map_or(Ok(()), |stdout| read_unless(stdout, cancelled, &mut printed));
    if printed.len() as u64 > PRINTED || cancelled.is_some_and(Woken::is_raised) {
        child.kill()?;
    }
    let status = child.wait();
    // The number may be another process's from now on. Where our end has ended it, that is no fault of its.
    last.withdraw();
    read?;
    Ok((printed, status?))
}

/// Reads a byte more than it may print, or up to its end, or until it is `cancelled`.
fn read_unless(stdout: ChildStdout, cancelled: Option<&Woken>, printed: &mut Vec<u8>) -> io::Result<()> {
    let mut rest = stdout.take(PRINTED + 1);
    let mut piece = [0; 4096];
    loop {
        if let Some(cancelled) = cancelled {
            wait_either(rest.get_ref(), cancelled, None);
            if cancelled.is_raised() {
                return Ok(());
            }
            if !is_readable(rest.get_ref()) {
                continue;
            }
        }
        match rest.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(count) => printed.extend_from_slice(&piece[..count]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::Waker;

    fn command(text: &str) -> Result<String, String> {
        ConfigSource { before: "X: ".into(), origin: ValueOrigin::Command(text.into()) }.resolve(None)
    }

    #[test]
    fn a_command_prints_the_value_on_its_first_line() {
        assert_eq!(command("echo secret; echo more"), Ok("X: secret".into()));
        assert_eq!(command("printf secret"), Ok("X: secret".into()));
        assert_eq!(command("true"), Err("the command printed nothing".into()));
        assert_eq!(command("exit 3"), Err("the command ended with exit status: 3".into()));
        assert_eq!(command("yes"), Err("the command printed more than 64 KiB".into()));
        assert_eq!(command("printf '\\377'"), Err("the command printed what is not UTF-8".into()));
    }

    #[test]
    fn a_command_ends_once_nobody_waits_for_it() {
        let (waker, cancelled) = Waker::pair().unwrap();
        let waiting = std::thread::spawn(move || {
            let origin = ValueOrigin::Command("exec sleep 3600".into());
            ConfigSource { before: String::new(), origin }.resolve(Some(&cancelled))
        });
        waker.wake();
        assert_eq!(waiting.join().unwrap(), Err("the command was ended".into()));
    }
}
