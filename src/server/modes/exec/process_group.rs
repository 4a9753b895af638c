//! The process of a command and what that has started, from its start to its certain end.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, WaitIdStatus, kill_process_group, waitid};

/// From SIGTERM to SIGKILL. Shorter than what a stopping server waits for its clients.
const GRACE_PERIOD: Duration = Duration::from_millis(400);

/// How often a process that is to end is looked at.
const LOOK: Duration = Duration::from_millis(10);

/// A process that leads a group of its own, so that what it starts ends with it.
#[derive(Debug)]
pub(super) struct ProcessGroup {
    leader: Child,
    /// SIGTERM has been sent: when SIGKILL follows.
    terminated: Option<Instant>,
    has_ended: bool,
}

impl ProcessGroup {
    /// # Errors
    /// When the process can't be started.
    pub(super) fn start(mut command: Command) -> io::Result<Self> {
        // The command, which holds the child's ends of pipes, is gone on return.
        Ok(Self { leader: command.process_group(0).spawn()?, terminated: None, has_ended: false })
    }

    /// Its stdin and its stdout, where these are pipes.
    ///
    /// # Errors
    /// Where they aren't.
    pub(super) fn take_pipes(&mut self) -> io::Result<(File, File)> {
        let pipes = self.leader.stdin.take().zip(self.leader.stdout.take());
        let (stdin, stdout) = pipes.ok_or_else(|| io::Error::other("the process has no pipes"))?;
        Ok((OwnedFd::from(stdin).into(), OwnedFd::from(stdout).into()))
    }

    /// Waits for the process to end, and leaves it to be waited for again: until then the number of its group is
    /// nobody else's.
    pub(super) fn wait_until(&self, deadline: Instant) -> Option<WaitIdStatus> {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        loop {
            match waitid(WaitId::Pid(self.id()?), options) {
                Ok(Some(status)) => return Some(status),
                Ok(None) if Instant::now() < deadline => thread::sleep(LOOK),
                Ok(None) | Err(_) => return None,
            }
        }
    }

    /// Asks it to end. Returns until when it may take its time.
    pub(super) fn terminate(&mut self) -> Instant {
        if self.terminated.is_none() {
            self.signal(Signal::TERM);
        }
        *self.terminated.get_or_insert_with(|| Instant::now() + GRACE_PERIOD)
    }

    /// Has it end, and all that it has started.
    pub(super) fn end(&mut self) {
        // From then on the number of its group may be somebody else's.
        if std::mem::replace(&mut self.has_ended, true) {
            return;
        }
        let deadline = self.terminate();
        self.wait_until(deadline);
        // What it started may have stayed.
        self.signal(Signal::KILL);
        let _ = self.leader.wait();
    }

    fn id(&self) -> Option<Pid> {
        i32::try_from(self.leader.id()).ok().and_then(Pid::from_raw)
    }

    fn signal(&self, signal: Signal) {
        if let Some(group) = self.id() {
            // There may be none left.
            let _ = kill_process_group(group, signal);
        }
    }
}

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        self.end();
    }
}
