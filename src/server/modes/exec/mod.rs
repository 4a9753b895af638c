//! A process for each client: lines of its stdout are messages, messages are lines of its stdin.

mod cgi;
mod child_stderr;
mod process_group;

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::process::WaitIdStatus;

use self::cgi::Environment;
use self::child_stderr::{ChildStderr, Reading};
use self::process_group::ProcessGroup;
use super::entry::{Argument, ModeEntry, Setup, When};
use super::{Behaviour, Client, Mode, ModeEnd};
use crate::net::{Handler, Sender, Watched};
use crate::server::log::ServerLog;
use crate::stdio::input::{self, Fault, Source, Step};
use crate::stdio::writer::Output;
use crate::ws::{Close, Event, StatusCode};

pub(super) const ENTRY: ModeEntry = ModeEntry {
    name: "exec",
    argument: Some(Argument::Command),
    help: "Run a shell command per client: received messages become lines of its stdin, lines of its stdout become messages",
    stdin: When::Never,
    protected: When::Always,
    open: |argument, setup| Ok(Arc::new(Exec::new(argument, &setup))),
};

/// How long a process that has closed its stdout may take to end by itself.
const FAREWELL: Duration = Duration::from_millis(200);

/// The command of every client.
#[derive(Debug)]
struct Exec {
    command: OsString,
    /// Variables that are the same for every client.
    server: Vec<(&'static str, String)>,
    environment: Environment,
    /// Where what it says on stderr goes.
    log: Arc<ServerLog>,
}

impl Exec {
    /// `command` is the shell's to read.
    fn new(command: &OsStr, setup: &Setup<'_>) -> Self {
        let software = concat!("wscli/", env!("CARGO_PKG_VERSION"));
        let server = [("GATEWAY_INTERFACE", "CGI/1.1"), ("SERVER_SOFTWARE", software), ("SERVER_PROTOCOL", "HTTP/1.1")];
        let server = server.map(|(name, value)| (name, value.to_owned())).to_vec();
        let (environment, log) = (Environment::new(setup.credentials), Arc::clone(setup.log));
        Self { command: command.to_owned(), server, environment, log }
    }

    /// # Errors
    /// When the process can't be started.
    fn start(&self, client: &Client<'_>) -> io::Result<Process> {
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(&self.command).envs(self.server.iter().cloned());
        self.environment.give(&mut command, client);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let stderr = ChildStderr::begin(client.number, Arc::clone(&self.log))?;
        command.stderr(stderr.writer);
        let mut group = ProcessGroup::start(command)?;
        let (stdin, stdout) = group.take_pipes();
        let stdout = stdout.map(|stdout| input::lines(File::from(OwnedFd::from(stdout)), "the command's output"));
        let mut process = Process { stdin: None, stdout, group, stderr: stderr.reading, cause: None };
        if let Some(stdin) = stdin {
            // What left the command's group may hold the other end for ever, and nobody is to wait for that.
            rustix::io::ioctl_fionbio(&stdin, true)?;
            process.stdin = Some(Output::to(File::from(OwnedFd::from(stdin)))?);
        }
        Ok(process)
    }
}

impl Mode for Exec {
    fn begin(self: Arc<Self>, client: &Client<'_>) -> io::Result<Box<dyn Behaviour>> {
        Ok(Box::new(self.start(client)?))
    }
}

/// One client's process.
#[derive(Debug)]
struct Process {
    stdin: Option<Output>,
    /// Until it has ended.
    stdout: Option<Box<dyn Source>>,
    group: ProcessGroup,
    stderr: Reading,
    cause: Option<ModeEnd>,
}

impl Process {
    fn finish(&mut self, sender: &mut Sender<'_>, code: StatusCode, why: String) {
        self.stdout = None;
        // Refused when the connection is closing already.
        let _ = sender.close(Close::new(code, if code == StatusCode::NORMAL { "" } else { &why }));
        self.cause.get_or_insert(ModeEnd::Finished(why));
    }

    fn send_lines(&mut self, sender: &mut Sender<'_>) -> Result<(), Fault> {
        let Some(stdout) = &mut self.stdout else { return Ok(()) };
        while let Some(step) = stdout.next()? {
            if let Step::Send(item) = step {
                // Refused after our Close; the engine asks for no more by then.
                let _ = sender.send(item);
            }
        }
        Ok(())
    }

    /// Its stdout has ended: so has the process, or it will in a moment.
    fn reason(&mut self, sender: &mut Sender<'_>) {
        match self.group.wait_until(Instant::now() + FAREWELL) {
            Some(status) if status.exit_status() == Some(0) => {
                self.finish(sender, StatusCode::NORMAL, "the command exited with 0".into());
            }
            Some(status) => self.finish(sender, StatusCode::INTERNAL_ERROR, ended(&status)),
            None => self.finish(sender, StatusCode::NORMAL, "the command closed its stdout".into()),
        }
    }
}

fn ended(status: &WaitIdStatus) -> String {
    match (status.exit_status(), status.terminating_signal()) {
        (Some(code), _) => format!("the command exited with {code}"),
        (None, Some(signal)) => format!("the command was killed by signal {signal}"),
        (None, None) => "the command ended".into(),
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(stdin) = &mut self.stdin {
            stdin.begin_finish();
        }
        self.group.end();
        self.stderr.finish();
    }
}

impl Handler for Process {
    fn event(&mut self, event: Event<'_>, _sender: &mut Sender<'_>) {
        if let (Event::Data(data), Some(stdin)) = (event, &mut self.stdin) {
            stdin.write(|out| {
                out.extend_from_slice(data.bytes);
                if data.last {
                    out.push(b'\n');
                }
            });
        }
    }

    fn after_turn(&mut self, _now: Instant, _sender: &mut Sender<'_>) {
        if let Some(stdin) = &mut self.stdin {
            stdin.hand_over();
        }
    }

    fn has_room(&self) -> bool {
        self.stdin.as_ref().is_none_or(Output::has_room)
    }

    fn watched(&self) -> Watched<'_> {
        Watched {
            source: self.stdout.as_ref().map(|stdout| stdout.as_fd()),
            waker: self.stdin.as_ref().map(AsFd::as_fd),
        }
    }

    fn source_ready(&mut self, sender: &mut Sender<'_>) {
        let Some(stdout) = &mut self.stdout else { return };
        if let Err(error) = stdout.read() {
            return self.finish(
                sender,
                StatusCode::INTERNAL_ERROR,
                format!("reading from the command failed: {error}"),
            );
        }
        if let Err(Fault(why)) = self.send_lines(sender) {
            return self.finish(sender, StatusCode::INTERNAL_ERROR, why);
        }
        if self.stdout.as_ref().is_some_and(|stdout| stdout.is_finished()) {
            self.reason(sender);
        }
    }

    fn woken(&mut self, _sender: &mut Sender<'_>) {
        if let Some(stdin) = &mut self.stdin {
            stdin.woken();
        }
    }

    fn stop(&mut self, sender: &mut Sender<'_>) -> bool {
        self.group.terminate();
        // Refused only when the connection is closing already.
        let _ = sender.close(Close::new(StatusCode::GOING_AWAY, ""));
        false
    }
}

impl Behaviour for Process {
    fn cause(&self) -> Option<ModeEnd> {
        self.cause.clone()
    }
}
