//! What the README and the guides show is what the program prints, and the commands in them are ones that the program takes.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::files::Folder;
use crate::support::program::{NO_CONFIG, PATIENCE, run};

/// Where what is shown is what is printed.
const PAGES: [&str; 2] = ["README.md", "docs/guides.md"];

fn page(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// A command of a session, and the lines that it printed on a terminal.
struct Step<'a> {
    command: &'a str,
    lines: Vec<&'a str>,
}

/// The steps of each session between the lines "```console" and "```".
fn sessions(text: &str) -> Vec<Vec<Step<'_>>> {
    text.split("```console\n")
        .skip(1)
        .map(|block| {
            let mut steps: Vec<Step> = Vec::new();
            for line in block.split("```").next().unwrap().lines() {
                match line.strip_prefix("$ ") {
                    Some(command) => steps.push(Step { command, lines: Vec::new() }),
                    None => steps.last_mut().expect("a session begins with a command").lines.push(line),
                }
            }
            steps
        })
        .collect()
}

/// Without what differs from run to run: masking keys, times, and ports that nobody has chosen.
fn lasting(line: &str, chosen: &[&str]) -> String {
    let words: Vec<&str> = line.split(' ').collect();
    let at = |index: usize| words.get(index).copied().unwrap_or_default();
    let lasting = words.iter().enumerate().map(|(index, word)| {
        let number = word.trim_start_matches('(');
        let is_number = |text: &str| text.parse::<f64>().is_ok();
        let has_unit = at(index + 1).starts_with("ms") || at(index + 1) == "s)";
        let is_duration = index > 0 && at(index - 1) == "in" && is_number(word.trim_end_matches(['m', 's']));
        let is_elapsed = (index == 0 || line.starts_with("* ") && index == 1) && is_number(word) && word.contains('.');
        match word.split_once('=') {
            Some(("mask", _)) => "mask=…",
            _ if is_number(number) && has_unit || is_duration || is_elapsed => "0.0",
            _ if word.starts_with("127.0.0.1:") && !chosen.iter().any(|address| word.contains(address)) => {
                "127.0.0.1:…"
            }
            _ => word,
        }
    });
    lasting.collect::<Vec<_>>().join(" ")
}

/// A session under way: a folder, and the servers that it has left running.
struct Session {
    folder: Folder,
    path: OsString,
    /// With the port on the page, and the address that it stands for.
    servers: Vec<(String, String, Child)>,
}

impl Session {
    fn new() -> Self {
        let binaries = Path::new(env!("CARGO_BIN_EXE_wscli")).parent().unwrap();
        let path = env::split_paths(&env::var_os("PATH").unwrap()).collect::<Vec<_>>();
        let path = env::join_paths([binaries.to_owned()].into_iter().chain(path)).unwrap();
        Self { folder: Folder::new(), path, servers: Vec::new() }
    }

    fn shell(&self, script: &str) -> Command {
        let mut shell = Command::new("sh");
        shell.args(["-c", script]).env("PATH", &self.path).envs([NO_CONFIG]).stdin(Stdio::null());
        shell.current_dir(self.folder.path(""));
        shell
    }

    /// What is on the page, with the addresses that its ports stand for.
    fn here(&self, text: &str) -> String {
        self.servers
            .iter()
            .fold(text.to_owned(), |text, (port, address, _)| text.replace(&format!("127.0.0.1{port}"), address))
    }

    /// Starts a server on a free port in the place of the one on the page.
    fn leave_running(&mut self, command: &str) {
        let port = command.split(' ').find(|word| word.starts_with(':')).unwrap().to_owned();
        let file = self.folder.path(&format!("port{}", self.servers.len()));
        let command = self.here(command).replace(&port, &format!("127.0.0.1:0 --port-file {file}"));
        let child = self.shell(&format!("exec {command}")).spawn().unwrap();
        let listening = |file: &str| fs::read_to_string(file).ok().filter(|ports| ports.ends_with('\n'));
        let latest = Instant::now() + PATIENCE;
        let ports = loop {
            match listening(&file) {
                Some(ports) => break ports,
                None => assert!(Instant::now() < latest, "{command:?} doesn't listen"),
            }
            thread::sleep(Duration::from_millis(5));
        };
        self.servers.push((port, format!("127.0.0.1:{}", ports.trim()), child));
    }

    /// Runs a command. What is wrong with what it prints, in words.
    fn run(&self, Step { command, lines }: &Step) -> Result<(), String> {
        let printed = self.shell(&self.here(command)).output().unwrap();
        let chosen: Vec<_> = self.servers.iter().map(|(_, address, _)| address.as_str()).collect();
        let streams = [printed.stdout, printed.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        let [mut stdout, mut stderr] =
            streams.each_ref().map(|text| text.lines().map(|line| lasting(line, &chosen)).peekable());
        // On a terminal the lines of the two lie between each other.
        for line in lines.iter().map(|line| lasting(&self.here(line), &chosen)) {
            let found = stdout.next_if_eq(&line).or_else(|| stderr.next_if_eq(&line));
            found.ok_or_else(|| format!("{command:?} doesn't print {line:?} there, but {streams:#?}"))?;
        }
        match (stdout.next(), stderr.next()) {
            (None, None) => Ok(()),
            _ => Err(format!("{command:?} prints more: {streams:#?}")),
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        for (_, _, child) in &mut self.servers {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

#[test]
fn the_sessions_print_what_they_show() {
    for steps in PAGES.map(page).iter().flat_map(|text| sessions(text)) {
        let mut session = Session::new();
        for step in &steps {
            if let Some(server) = step.command.strip_suffix(" &") {
                assert!(step.lines.is_empty());
                session.leave_running(server);
                continue;
            }
            // A log that somebody else writes may not be complete yet.
            let latest = Instant::now() + if step.command.starts_with("cat ") { PATIENCE } else { Duration::ZERO };
            while let Err(why) = session.run(step) {
                assert!(Instant::now() < latest, "{why}");
                thread::sleep(Duration::from_millis(20));
            }
        }
    }
}

#[test]
fn every_command_is_one_that_the_program_takes() {
    let text = PAGES.map(page).join("\n");
    let shown = text.lines().filter_map(|line| line.strip_prefix("    "));
    let in_tables =
        text.lines().filter(|line| line.starts_with('|')).flat_map(|line| line.split('`').skip(1).step_by(2));
    let lines = shown.map(|line| line.trim_start_matches("$ ")).chain(in_tables);
    let mut count = 0;
    for line in lines {
        for command in line.split(" | ").filter_map(|part| part.strip_prefix("wscli ")) {
            let words = words(until_redirected(command));
            let mut args: Vec<&str> = words.iter().map(String::as_str).collect();
            args.push("--help");
            let help = run(&args, b"");
            assert_eq!((help.code, help.stderr.as_str()), (Some(0), ""), "wscli {command}");
            count += 1;
        }
    }
    assert!(count > 20, "only {count} commands were found");
}

/// The command up to what its shell takes from the line, outside of quotes.
fn until_redirected(command: &str) -> &str {
    let mut quote = None;
    let end = command.find(|c| match quote {
        Some(open) => {
            quote = quote.filter(|_| c != open);
            false
        }
        None => {
            quote = Some(c).filter(|c| "'\"".contains(*c));
            ">#&;".contains(c)
        }
    });
    &command[..end.unwrap_or(command.len())]
}

/// As a shell splits them, as far as the README's quotes go.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = command.trim();
    while let Some(first) = rest.chars().next() {
        let (word, behind) = match first {
            '\'' | '"' => rest[1..].split_once(first).unwrap(),
            _ => rest.split_once(' ').unwrap_or((rest, "")),
        };
        words.push(if word == "URL" { "ws://localhost/" } else { word }.to_owned());
        rest = behind.trim_start();
    }
    words
}
