//! A process for each client: lines of its stdout are messages, messages are lines of its stdin.

mod cgi;
mod child_stderr;
mod close_rules;
mod framing;
pub(super) mod options;
mod process_group;
mod terminal;

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::AsFd;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::process::WaitIdStatus;

use self::cgi::Environment;
use self::child_stderr::{ChildStderr, StderrReader};
pub(crate) use self::close_rules::CloseRule;
use self::close_rules::close_for;
pub(crate) use self::framing::Framer;
pub(crate) use self::framing::Framing;
use self::options::ExecOptions;
use self::process_group::ProcessGroup;
use super::entry::{Argument, ModeEntry, Setup, When};
use super::{Behaviour, ConnectedClient, Mode, ModeEnd};
use crate::advice;
use crate::net::{Handler, Sender, Watched};
use crate::server::log::ServerLog;
use crate::stdio::input::{InputFault, Source, Step};
use crate::stdio::writer::Output;
use crate::values::PRODUCT;
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
    options: Arc<ExecOptions>,
    /// Variables that are the same for every client.
    server: Vec<(&'static str, String)>,
    environment: Environment,
    /// Where what it says on stderr goes.
    log: Arc<ServerLog>,
}

impl Exec {
    /// `command` is the shell's to read.
    fn new(command: &OsStr, setup: &Setup<'_>) -> Self {
        let server = [("GATEWAY_INTERFACE", "CGI/1.1"), ("SERVER_SOFTWARE", PRODUCT), ("SERVER_PROTOCOL", "HTTP/1.1")];
        let server = server.map(|(name, value)| (name, value.to_owned())).to_vec();
        let (environment, log) = (Environment::new(setup.credentials), Arc::clone(setup.log));
        let options = Arc::new(setup.options.exec.clone());
        Self { command: command.to_owned(), options, server, environment, log }
    }

    /// # Errors
    /// When the process can't be started.
    fn start(&self, client: &ConnectedClient<'_>) -> io::Result<Process> {
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(&self.command).envs(self.server.iter().cloned());
        self.environment.give(&mut command, client);
        let stderr = ChildStderr::begin(client.number, Arc::clone(&self.log))?;
        command.stderr(stderr.writer);
        let (group, stdin, stdout) = if self.options.pty {
            let (ours, device) = terminal::open()?;
            // A program that asks the terminal what it can do would send it more than lines.
            command.stdin(device.try_clone()?).stdout(device).env("TERM", "dumb");
            (ProcessGroup::start(command)?, ours.try_clone()?, ours)
        } else {
            command.stdin(Stdio::piped()).stdout(Stdio::piped());
            let mut group = ProcessGroup::start(command)?;
            let (stdin, stdout) = group.take_pipes()?;
            (group, stdin, stdout)
        };
        // What left the command's group may hold the other end for ever, and nobody is to wait for that.
        rustix::io::ioctl_fionbio(&stdin, true)?;
        Ok(Process {
            number: client.number,
            stdin: Output::to(stdin)?,
            framer: Framer::new(self.options.framing),
            divided: false,
            stdout: Some(self.options.framing.source(stdout)),
            resting_until: None,
            group,
            stderr: stderr.reading,
            options: Arc::clone(&self.options),
            log: Arc::clone(&self.log),
            cause: None,
        })
    }
}

impl Mode for Exec {
    fn begin(self: Arc<Self>, client: &ConnectedClient<'_>) -> io::Result<Box<dyn Behaviour>> {
        Ok(Box::new(self.start(client)?))
    }
}

/// One client's process.
#[derive(Debug)]
struct Process {
    number: u64,
    stdin: Output,
    framer: Framer,
    /// A message has become several, which was told.
    divided: bool,
    /// Until it has ended.
    stdout: Option<Box<dyn Source>>,
    /// What the command wants sent next is to wait until then.
    resting_until: Option<Instant>,
    group: ProcessGroup,
    stderr: StderrReader,
    options: Arc<ExecOptions>,
    log: Arc<ServerLog>,
    cause: Option<ModeEnd>,
}

impl Process {
    fn finish(&mut self, sender: &mut Sender<'_>, close: Close, why: String) {
        self.stdout = None;
        // Refused when the connection is closing already.
        let _ = sender.close(close);
        self.cause.get_or_insert(ModeEnd::Finished(why));
    }

    fn fail(&mut self, sender: &mut Sender<'_>, why: String) {
        self.finish(sender, Close::new(StatusCode::INTERNAL_ERROR, &why), why);
    }

    /// Sends what has come from the command, and ends the connection when that has ended.
    fn send(&mut self, sender: &mut Sender<'_>) {
        match self.send_items(sender) {
            Err(fault) => self.fail(sender, fault.into_words()),
            Ok(()) if self.stdout.as_ref().is_some_and(|stdout| stdout.is_finished()) => self.reason(sender),
            Ok(()) => {}
        }
    }

    fn send_items(&mut self, sender: &mut Sender<'_>) -> Result<(), InputFault> {
        let Some(stdout) = &mut self.stdout else { return Ok(()) };
        while self.resting_until.is_none()
            && let Some(step) = stdout.next()?
        {
            match step {
                // Refused after our Close; the engine asks for no more by then.
                Step::Send(item) => drop(sender.send(item)),
                Step::Wait(time) => self.resting_until = Some(Instant::now() + time),
            }
        }
        Ok(())
    }

    /// Its stdout has ended: so has the process, or it will in a moment.
    fn reason(&mut self, sender: &mut Sender<'_>) {
        match self.group.wait_until(Instant::now() + FAREWELL) {
            Some(status) => {
                let why = ended(&status);
                self.finish(sender, close_for(&self.options.closes, &status, &why), why);
            }
            None => self.finish(sender, Close::new(StatusCode::NORMAL, ""), "the command closed its stdout".into()),
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
        self.stdin.begin_finish();
        self.group.end();
        self.stderr.finish();
    }
}

impl Handler for Process {
    fn event(&mut self, event: Event<'_>, _sender: &mut Sender<'_>) {
        let Event::Data(data) = event else { return };
        if !self.divided && self.framer.divides(&data) {
            self.divided = true;
            self.log.line(format_args!("[{}] {}", self.number, advice::DIVIDED_MESSAGE));
        }
        let Self { stdin, framer, .. } = self;
        stdin.write(|out| framer.push(&data, out));
    }

    fn after_turn(&mut self, now: Instant, sender: &mut Sender<'_>) {
        self.stderr.opened();
        self.stdin.hand_over();
        if self.resting_until.is_some_and(|until| until <= now) {
            self.resting_until = None;
            self.send(sender);
        }
    }

    fn has_room(&self) -> bool {
        self.stdin.has_room()
    }

    fn waits_for_source(&self) -> bool {
        !self.stdin.has_room()
    }

    fn watched(&self) -> Watched<'_> {
        let stdout = self.stdout.as_ref().filter(|_| self.resting_until.is_none());
        Watched { source: stdout.map(|stdout| stdout.as_fd()), waker: Some(self.stdin.as_fd()) }
    }

    fn source_ready(&mut self, sender: &mut Sender<'_>) {
        let Some(stdout) = &mut self.stdout else { return };
        match stdout.read() {
            Ok(()) => self.send(sender),
            Err(error) => self.fail(sender, format!("reading from the command failed: {error}")),
        }
    }

    fn woken(&mut self, _sender: &mut Sender<'_>) {
        self.stdin.woken();
    }

    fn deadline(&self) -> Option<Instant> {
        self.resting_until
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
