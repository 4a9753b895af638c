//! The binary as a child process.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::process::{Child, ChildStderr, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Once};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGTSTP};

/// Nothing here takes this long unless it hangs, not even in a debug build on a machine that does ten other things.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// What a run left behind.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
    pub(crate) code: Option<i32>,
}

impl Outcome {
    pub(crate) fn stdout(&self) -> &str {
        str::from_utf8(&self.stdout).unwrap()
    }

    /// Asserts the whole of stdout, the exit code, and that stderr has a line with `says` in it.
    pub(crate) fn assert(&self, stdout: &str, code: i32, says: &str) {
        assert!(self.stdout == stdout.as_bytes() && self.code == Some(code), "{self:#?}");
        assert!(self.stderr.lines().any(|line| line.contains(says)), "no {says:?} in {:#?}", self.stderr);
    }
}

/// What the environment of whoever runs the tests may say, and no test means.
const UNWANTED: [&str; 12] = [
    "WSS_PROXY",
    "wss_proxy",
    "WS_PROXY",
    "ws_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
];

/// For the environment of our children: the configuration of whoever runs the tests means none of them.
pub(crate) const NO_CONFIG: (&str, &str) = ("XDG_CONFIG_HOME", "/nonexistent");

/// Sees to it that our children heed signals which were ignored when the tests began, as under nohup or in the background of a
/// script: a signal that is caught here is at its default there.
pub(crate) fn heed_signals() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
        for signal in [SIGHUP, SIGINT, SIGTERM, SIGTSTP] {
            if ignored >> (signal - 1) & 1 == 1 {
                signal_hook::flag::register(signal, Arc::default()).unwrap();
            }
        }
    });
}

fn command(args: &[&str]) -> Command {
    heed_signals();
    let mut command = Command::new(env!("CARGO_BIN_EXE_wscli"));
    for name in UNWANTED {
        command.env_remove(name);
    }
    command.envs([NO_CONFIG]).args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs to the end, with `stdin` fed and closed.
pub(crate) fn run(args: &[&str], stdin: &[u8]) -> Outcome {
    let mut running = Running::start(args);
    running.feed(stdin.to_vec());
    running.finish()
}

/// The same, with these variables in its environment.
pub(crate) fn run_with(environment: &[(&str, &str)], args: &[&str], stdin: &[u8]) -> Outcome {
    let mut command = command(args);
    command.envs(environment.iter().copied());
    let mut running = Running::spawn(command).collecting();
    running.feed(stdin.to_vec());
    running.finish()
}

/// The same with arguments and variables that needn't be UTF-8.
pub(crate) fn run_with_bytes(environment: &[(&str, &[u8])], args: &[&[u8]]) -> Outcome {
    let mut command = command(&[]);
    command.envs(environment.iter().map(|(name, value)| (name, OsStr::from_bytes(value))));
    command.args(args.iter().map(|argument| OsStr::from_bytes(argument)));
    let mut running = Running::spawn(command).collecting();
    running.feed(Vec::new());
    running.finish()
}

/// A server on a free port, with these variables in its environment.
pub(crate) fn serve_with(environment: &[(&str, &str)], args: &[&str]) -> Serving {
    let mut command = command(&[&["serve", "127.0.0.1:0"], args].concat());
    command.envs(environment.iter().copied());
    Serving::of(Running::spawn(command).collecting())
}

/// A run under way.
pub(crate) struct Running {
    child: Child,
    stdout: Option<Receiver<Vec<u8>>>,
    lines: Receiver<String>,
    seen: String,
}

impl Running {
    /// Starts with stdout collected; stdin stays open until [`feed`](Self::feed).
    pub(crate) fn start(args: &[&str]) -> Self {
        Self::start_unread(args).collecting()
    }

    pub(crate) fn collecting(mut self) -> Self {
        let mut stdout = self.child.stdout.take().unwrap();
        let (sender, receiver) = channel();
        self.stdout = Some(receiver);
        thread::spawn(move || {
            let mut read = Vec::new();
            stdout.read_to_end(&mut read).unwrap();
            // The test may not wait for the end.
            let _ = sender.send(read);
        });
        self
    }

    /// Starts with stdout left to the test.
    pub(crate) fn start_unread(args: &[&str]) -> Self {
        Self::spawn(command(args))
    }

    /// Starts with stdout going elsewhere.
    pub(crate) fn start_into(args: &[&str], stdout: impl Into<Stdio>) -> Self {
        let mut command = command(args);
        command.stdout(stdout);
        Self::spawn(command)
    }

    /// Starts with stdout collected, and stderr going elsewhere.
    pub(crate) fn start_with_stderr(args: &[&str], stderr: impl Into<Stdio>) -> Self {
        let mut command = command(args);
        command.stderr(stderr);
        Self::spawn(command).collecting()
    }

    /// Starts with stdin coming from elsewhere, and stdout collected.
    pub(crate) fn start_from(args: &[&str], stdin: impl Into<Stdio>) -> Self {
        let mut command = command(args);
        command.stdin(stdin);
        Self::spawn(command).collecting()
    }

    /// Starts with stdout and stderr going elsewhere.
    pub(crate) fn start_unseen(args: &[&str], stdout: impl Into<Stdio>, stderr: impl Into<Stdio>) -> Self {
        let mut command = command(args);
        command.stdout(stdout).stderr(stderr);
        Self::spawn(command)
    }

    /// Starts as a shell does that ignores a signal, with stdout collected.
    pub(crate) fn start_ignoring(signal: &str, args: &[&str]) -> Self {
        let program = command(args);
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", &format!("trap '' {signal}; exec \"$@\""), "sh"]).arg(program.get_program());
        shell.args(program.get_args()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Self::spawn(shell).collecting()
    }

    /// Starts with no more than so many descriptors, and with stdout collected.
    pub(crate) fn start_with_descriptors(limit: u32, args: &[&str]) -> Self {
        Self::start_in_shell(&format!("ulimit -n {limit}"), args)
    }

    /// Starts with files that may have no more than so many blocks of 512 bytes, and with stdout collected.
    pub(crate) fn start_with_short_files(limit: u32, args: &[&str]) -> Self {
        Self::start_in_shell(&format!("ulimit -f {limit}"), args)
    }

    /// Starts in a shell that has done something before.
    fn start_in_shell(before: &str, args: &[&str]) -> Self {
        let program = command(args);
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", &format!("{before}; exec \"$@\""), "sh"]).arg(program.get_program());
        shell.args(program.get_args()).envs([NO_CONFIG]);
        shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Self::spawn(shell).collecting()
    }

    pub(crate) fn spawn(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let (told, lines) = channel();
        if let Some(stderr) = child.stderr.take() {
            thread::spawn(move || forward_lines(stderr, &told));
        }
        Self { child, stdout: None, lines, seen: String::new() }
    }

    /// Writes stdin in the background, then closes it.
    pub(crate) fn feed(&mut self, bytes: Vec<u8>) {
        let mut stdin = self.child.stdin.take().unwrap();
        // The program may end before it has read everything.
        thread::spawn(move || drop(stdin.write_all(&bytes)));
    }

    /// Writes to stdin and leaves it open.
    pub(crate) fn write(&mut self, bytes: &[u8]) {
        self.child.stdin.as_mut().unwrap().write_all(bytes).unwrap();
    }

    /// Keeps stdin open for as long as what is returned lives.
    pub(crate) fn hold_stdin(&mut self) -> Option<ChildStdin> {
        self.child.stdin.take()
    }

    pub(crate) fn take_stdout(&mut self) -> std::process::ChildStdout {
        self.child.stdout.take().unwrap()
    }

    /// The next line of stderr that has `text` in it.
    pub(crate) fn line_with(&mut self, text: &str) -> String {
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => {
                    self.seen.push_str(&line);
                    self.seen.push('\n');
                    if line.contains(text) {
                        return line;
                    }
                }
                Err(error) => panic!("no line with {text:?} ({error}); there was:\n{}", self.seen),
            }
        }
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Memory in use, in bytes, without what is mapped from its own file: that is large where it is unoptimised, and no memory of
    /// what is done.
    pub(crate) fn resident(&self) -> usize {
        self.memory("VmRSS:").saturating_sub(self.memory("RssFile:"))
    }

    /// The most that it has ever had in use, in the same way.
    pub(crate) fn peak(&self) -> usize {
        self.memory("VmHWM:").saturating_sub(self.memory("RssFile:"))
    }

    fn memory(&self, name: &str) -> usize {
        memory(self.pid(), name)
    }

    /// Time that processors have spent on it.
    pub(crate) fn cpu_time(&self) -> Duration {
        cpu_time(self.pid())
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// Waits for the process to end, and returns its exit code and how long that took.
    pub(crate) fn wait(&mut self) -> (Option<i32>, Duration) {
        let since = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return (status.code(), since.elapsed());
            }
            assert!(since.elapsed() < PATIENCE, "it did not end");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits for the end.
    pub(crate) fn finish(mut self) -> Outcome {
        drop(self.child.stdin.take());
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => {
                    self.seen.push_str(&line);
                    self.seen.push('\n');
                }
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    panic!("it did not end; stderr was:\n{}", self.seen);
                }
            }
        }
        let stdout = self.stdout.take().map(|read| read.recv_timeout(PATIENCE).expect("it did not end"));
        let stdout = stdout.unwrap_or_default();
        let code = self.child.wait().unwrap().code();
        Outcome { stdout, stderr: std::mem::take(&mut self.seen), code }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What /proc says of a process's memory under this name, in bytes.
pub(crate) fn memory(pid: u32, name: &str) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 1024
}

/// Time that processors have spent on a process.
pub(crate) fn cpu_time(pid: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    // Behind the name, which may hold blanks, utime and stime are the fields 12 and 13, in hundredths of a second.
    let (_, fields) = stat.rsplit_once(") ").unwrap();
    let ticks: u64 = fields.split(' ').skip(11).take(2).map(|ticks| ticks.parse::<u64>().unwrap()).sum();
    Duration::from_millis(10 * ticks)
}

fn forward_lines(stderr: ChildStderr, told: &Sender<String>) {
    for line in BufReader::new(stderr).lines().map_while(Result::ok) {
        if told.send(line).is_err() {
            return;
        }
    }
}

/// `wscli serve` on a free port.
pub(crate) struct Serving {
    pub(crate) running: Running,
    pub(crate) url: String,
}

impl Serving {
    /// With an echo.
    pub(crate) fn start(args: &[&str]) -> Self {
        Self::with(&[&["--echo"], args].concat())
    }

    pub(crate) fn with(args: &[&str]) -> Self {
        Self::of(Running::start(&[&["serve", "127.0.0.1:0"], args].concat()))
    }

    /// `wscli proxy` in front of a server, on a free port.
    pub(crate) fn in_front_of(target: &str, args: &[&str]) -> Self {
        Self::of(Running::start(&[&["proxy", "127.0.0.1:0", target], args].concat()))
    }

    /// `wscli proxy --forward` on a free port.
    pub(crate) fn forward(args: &[&str]) -> Self {
        Self::forward_with(&[], args)
    }

    /// The same, with these variables in its environment.
    pub(crate) fn forward_with(environment: &[(&str, &str)], args: &[&str]) -> Self {
        let mut command = command(&[&["proxy", "--forward", "127.0.0.1:0"], args].concat());
        command.envs(environment.iter().copied());
        Self::of(Running::spawn(command).collecting())
    }

    fn of(mut running: Running) -> Self {
        let line = running.line_with("listening on ");
        let url = line.rsplit(' ').next().unwrap().to_owned();
        Self { running, url }
    }

    /// `127.0.0.1:PORT`.
    pub(crate) fn address(&self) -> &str {
        self.url.split('/').nth(2).unwrap()
    }
}
