//! What is longer than the screen goes through `$PAGER`, or `less -R`.

use std::env;
use std::io::{self, BufWriter, Write};
use std::process::{Child, ChildStdin, Command, Stdio};

use crate::error::system_words;

/// How `less` behaves where nobody has said it: with colours, and gone at once where all fits the screen.
const LESS: (&str, &str) = ("LESS", "FR");

/// A pager that runs.
#[derive(Debug)]
pub(crate) struct Pager {
    name: String,
    child: Child,
    stdin: Option<BufWriter<ChildStdin>>,
}

impl Pager {
    /// Starts it on a terminal; `None` where nobody wants one.
    ///
    /// # Errors
    /// What failed, in words.
    pub(crate) fn start(terminal: Stdio) -> Result<Option<Self>, String> {
        let Some(name) = command() else { return Ok(None) };
        let mut command = Command::new("sh");
        command.arg("-c").arg(&name).stdin(Stdio::piped()).stdout(terminal);
        if env::var_os(LESS.0).is_none() {
            command.envs([LESS]);
        }
        let run = command.spawn();
        let mut child = run.map_err(|error| format!("can't start {name}: {}", system_words(&error)))?;
        let stdin = child.stdin.take().map(BufWriter::new);
        Ok(Some(Self { name, child, stdin }))
    }

    /// Waits until the person has left it. Returns whether they have seen something: there may be no such program.
    ///
    /// # Errors
    /// What failed, in words.
    pub(crate) fn finish(mut self) -> Result<bool, String> {
        // One that is left early takes no more.
        drop(self.stdin.take());
        let ended = self.child.wait().map_err(|error| format!("{} failed: {}", self.name, system_words(&error)))?;
        // Of a shell that has no such program.
        Ok(ended.code() != Some(127))
    }
}

impl Write for Pager {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stdin.as_mut().map_or(Ok(bytes.len()), |stdin| stdin.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stdin.as_mut().map_or(Ok(()), Write::flush)
    }
}

/// The pager, as a command line; `None` where nobody wants one.
fn command() -> Option<String> {
    match env::var("PAGER") {
        Ok(pager) if pager.trim().is_empty() => None,
        Ok(pager) => Some(pager),
        Err(_) => Some("less -R".to_owned()),
    }
}
