//! `/pipe N COMMAND`: a command of the person's that gets a message on its stdin. It has no terminal: what it prints may be the
//! peer's, and is shown like everything else.

use std::io::{self, ErrorKind, PipeReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, ioctl_fionread};
use rustix::process::{Pid, Signal, kill_process_group};

/// What is kept of what it prints, in bytes. One that prints more is ended.
const PRINTED: usize = 1 << 20;

/// How often it is looked whether a command has ended that prints no more.
const LOOK: Duration = Duration::from_millis(20);

/// A command that runs. Clones are the same one.
#[derive(Debug, Clone)]
pub(super) struct Running(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    /// Until its number may be another process's.
    child: Option<Child>,
    status: Option<ExitStatus>,
    guard: Guard,
    is_stopped: bool,
}

/// What came of it.
#[derive(Debug)]
pub(super) struct ChildOutput {
    pub(super) printed: Vec<u8>,
    /// It would have printed more.
    pub(super) is_cut: bool,
    pub(super) is_stopped: bool,
    pub(super) status: Option<ExitStatus>,
}

impl Running {
    /// Runs a command by the shell, and `done` on a thread of its own when it has ended.
    ///
    /// # Errors
    /// When it can't be started.
    pub(super) fn start(
        command: &str,
        input: impl AsRef<[u8]> + Send + 'static,
        done: impl FnOnce(ChildOutput) + Send + 'static,
    ) -> io::Result<Self> {
        let (printed, out) = io::pipe()?;
        let guard = Guard::start()?;
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(command).stdin(Stdio::piped()).stdout(out.try_clone()?).stderr(out);
        shell.process_group(guard.group().as_raw_pid());
        let mut child = shell.spawn()?;
        // Both ends that print are the child's alone.
        drop(shell);
        let stdin = child.stdin.take();
        let running = Self(Arc::new(Mutex::new(State { child: Some(child), status: None, guard, is_stopped: false })));
        thread::Builder::new().name("pipe-in".into()).spawn(move || {
            // One that reads no further has what it wants.
            let _ = stdin.map(|mut stdin| stdin.write_all(input.as_ref()));
        })?;
        let ending = running.clone();
        thread::Builder::new().name("pipe-out".into()).spawn(move || done(ending.outcome(printed)))?;
        Ok(running)
    }

    /// Ends it, and whatever it has started. Returns whether it was still running.
    pub(super) fn stop(&self) -> bool {
        let mut state = self.lock();
        state.is_stopped = state.child.is_some();
        if state.is_stopped {
            let _ = kill_process_group(state.guard.group(), Signal::KILL);
        }
        state.is_stopped
    }

    fn outcome(&self, mut printed: PipeReader) -> ChildOutput {
        let mut kept = Vec::new();
        let goes_on = self.read(&mut printed, &mut kept);
        let is_cut = kept.len() > PRINTED;
        kept.truncate(PRINTED);
        if is_cut {
            self.stop();
        } else if goes_on {
            // What it has left behind on purpose isn't ended by what it prints.
            let discard = move || drop(io::copy(&mut printed, &mut io::sink()));
            let _ = thread::Builder::new().name("pipe-rest".into()).spawn(discard);
        }
        while !self.has_ended() {
            thread::sleep(LOOK);
        }
        let state = self.lock();
        ChildOutput { printed: kept, is_cut, is_stopped: state.is_stopped && !is_cut, status: state.status }
    }

    /// Reads what it prints, until it has ended or has printed too much. Returns whether somebody else may print more.
    fn read(&self, printed: &mut PipeReader, kept: &mut Vec<u8>) -> bool {
        let mut buffer = [0; 8192];
        while kept.len() <= PRINTED {
            if self.has_ended() {
                // All that it has printed is there. What it has left behind may print on and on.
                let there = ioctl_fionread(&*printed).unwrap_or_default();
                let _ = printed.take(there).read_to_end(kept);
                return true;
            }
            let mut watched = [PollFd::new(&*printed, PollFlags::IN)];
            let patience = Timespec::try_from(LOOK).ok();
            match poll(&mut watched, patience.as_ref()) {
                Ok(0) | Err(Errno::INTR) => continue,
                Ok(_) => {}
                Err(_) => return false,
            }
            match printed.read(&mut buffer) {
                Ok(0) => return false,
                Ok(count) => kept.extend_from_slice(&buffer[..count]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return false,
            }
        }
        true
    }

    /// Whether it has ended; asking doesn't keep it from being stopped.
    fn has_ended(&self) -> bool {
        let mut state = self.lock();
        let Some(child) = &mut state.child else { return true };
        let ended = child.try_wait();
        if matches!(ended, Ok(None)) {
            return false;
        }
        state.status = ended.ok().flatten();
        state.child = None;
        state.guard.release();
        true
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Leads the process group of a command, and ends it with us: we may be ended at any time, in any way. It waits for the end
/// of a pipe that nobody but we can write to.
#[derive(Debug)]
struct Guard(Child);

impl Guard {
    fn start() -> io::Result<Self> {
        let mut shell = Command::new("sh");
        shell.args(["-c", "read end; kill -KILL 0"]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        shell.process_group(0).spawn().map(Self)
    }

    fn group(&self) -> Pid {
        Pid::from_child(&self.0)
    }

    /// Ends it alone: what the command has left behind on purpose goes on.
    fn release(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.release();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use rustix::process::kill_process;

    use super::*;

    fn run(command: &str, input: &'static [u8]) -> ChildOutput {
        let (told, outcome) = channel();
        Running::start(command, input, move |outcome| told.send(outcome).unwrap()).unwrap();
        outcome.recv().unwrap()
    }

    #[test]
    fn a_command_has_its_input_and_its_output_is_kept() {
        let outcome = run("cat; echo told >&2; exit 3", b"given ");
        assert_eq!(outcome.printed, b"given told\n");
        assert_eq!((outcome.status.unwrap().code(), outcome.is_cut, outcome.is_stopped), (Some(3), false, false));
        let outcome = run("yes", b"");
        assert!(outcome.is_cut && outcome.printed.len() == PRINTED);
    }

    #[test]
    fn what_a_command_leaves_running_is_not_waited_for() {
        // Whether or not it prints on and on.
        for command in ["sleep 3600", "while sleep 0.001; do echo x; done"] {
            let outcome = run(&format!("{command} & echo begun $!"), b"");
            let printed = String::from_utf8(outcome.printed).unwrap();
            let left = printed.lines().find_map(|line| line.strip_prefix("begun ")?.parse().ok());
            kill_process(Pid::from_raw(left.unwrap()).unwrap(), Signal::KILL).unwrap();
            assert_eq!((outcome.status.unwrap().code(), outcome.is_cut, outcome.is_stopped), (Some(0), false, false));
        }
    }

    #[test]
    fn a_command_can_be_stopped() {
        let (told, outcome) = channel();
        let running =
            Running::start("echo begun; sleep 3600", b"", move |outcome| told.send(outcome).unwrap()).unwrap();
        assert!(running.stop());
        assert!(outcome.recv().unwrap().is_stopped);
        assert!(!running.stop());
    }
}
